"""The secret key: from the settings, else made once into a file that only this node's user reads."""

import secrets

from apresa.env import Settings, SettingsError
from apresa.shared.files import create_once

SHORTEST = 32


def secret_key(settings: Settings) -> str:
    """The key. Raises SettingsError when the named file is no key, or the data directory cannot hold one."""
    if settings.secret_key:
        return _long_enough(settings.secret_key.get_secret_value(), "secret_key")
    path = settings.secret_key_file or settings.data / "secret_key"
    try:
        if not settings.secret_key_file and not path.exists():
            create_once(path, secrets.token_urlsafe(48).encode(), mode=0o600)
        return _long_enough(path.read_text(encoding="ascii").strip(), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The secret key {path} cannot be read or made: {error}.") from None


def database_password(settings: Settings) -> str:
    """The password of the database's parts, or "". Raises SettingsError."""
    if settings.database_password:
        return settings.database_password.get_secret_value()
    if not settings.database_password_file:
        return ""
    try:
        return settings.database_password_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The password file {settings.database_password_file} cannot be read: {error}.") from None


def _long_enough(key: str, name: str) -> str:
    if len(key) < SHORTEST:
        raise SettingsError(f"The secret key of {name} is shorter than {SHORTEST} characters; make a longer one.")
    return key
