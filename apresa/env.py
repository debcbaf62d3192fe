"""Settings from the environment (APRESA_*) and one TOML file (APRESA_CONFIG). They refuse to guess."""

import ipaddress
import os
import sys
import tomllib
import zoneinfo
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.sources import InitSettingsSource

PREFIX = "APRESA_"
PROJECT = Path(__file__).resolve().parent.parent
LANGUAGES = ("en", "nl")
# Read by the launchers and the tests, before or beside the settings.
NOT_SETTINGS = ("APRESA_CONFIG",)
TEST_PREFIX = "APRESA_TEST_"
SECOND_FILE = "cluster.toml"
ADDED = "allowed_hosts"  # of both files; every other setting of the second one wins


class SettingsError(ValueError):
    """The settings are wrong; the text is one sentence per fault, for the person who wrote them."""


class Settings(BaseSettings):
    """Every setting of one node that must be known before its databases are open; frozen."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, env_ignore_empty=False)

    data: Path = PROJECT / "var"
    mode: Literal["embedded", "full"] = "embedded"
    installed_for: Literal["single", "cluster"] = "single"
    debug: bool = False
    secret_key: SecretStr | None = None
    secret_key_file: Path | None = None
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    trusted_origins: Annotated[tuple[str, ...], NoDecode] = ()
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    https: bool = False
    language: Literal["en", "nl"] = "en"
    time_zone: str = "UTC"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "json", "console"] = "auto"

    database_url: SecretStr | None = None
    database_host: str = ""
    database_port: int | None = Field(default=None, ge=1, le=65535)
    database_name: str = ""
    database_user: str = ""
    database_password: SecretStr | None = None
    database_password_file: Path | None = None
    redis_url: SecretStr | None = None
    spool_keys: Path = Path("/run/apresa/spool-keys")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- the signature is pydantic's
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings, env_settings, InitSettingsSource(settings_cls, _from_file()))

    @field_validator("allowed_hosts", "trusted_origins", "trusted_proxies", mode="before")
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("data", "secret_key_file", "database_password_file", "spool_keys")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value.absolute() if value else value

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for address in value:
            if address != "unix":
                ipaddress.ip_address(address)
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in zoneinfo.available_timezones():
            raise ValueError(f"{value!r} is no time zone; write a name such as Europe/Amsterdam")
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis_scheme(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("the address must begin with redis://, rediss:// or unix://")
        return value

    @model_validator(mode="after")
    def _whole(self) -> "Settings":
        if self.secret_key and self.secret_key_file:
            raise ValueError("give secret_key or secret_key_file, not both")
        if self.database_password and self.database_password_file:
            raise ValueError("give database_password or database_password_file, not both")
        parts = (self.database_host, self.database_name, self.database_user)
        if self.database_url and any(parts):
            raise ValueError("give database_url or its parts (database_host, …), not both")
        if self.mode == "full" and not self.database_url and not self.database_name:
            raise ValueError("full mode needs PostgreSQL: set database_url, or database_name and the other parts")
        if self.mode == "full" and not self.redis_url:
            raise ValueError("full mode needs Redis: set redis_url")
        if self.mode == "embedded" and (self.database_url or any(parts) or self.redis_url):
            raise ValueError(
                "embedded mode uses no server: remove the database and redis settings, or set mode to full"
            )
        return self

    @cached_property
    def default_database(self) -> Path:
        return self.data / "default.sqlite3"

    @cached_property
    def node_database(self) -> Path:
        return self.data / "node.sqlite3"

    @cached_property
    def spool(self) -> Path:
        return self.data / "spool"

    @cached_property
    def library(self) -> Path:
        return self.data / "library"

    @cached_property
    def run(self) -> Path:
        """Sockets, the embedded broker, pid files: nothing that must outlive a boot."""
        return self.data / "run"

    @cached_property
    def broker(self) -> Path:
        return self.run / "broker"


def load() -> Settings:
    """Read the settings of this process. Raises SettingsError, one sentence per fault."""
    _refuse_unknown_variables()
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(fault) for fault in error.errors())) from None


def load_or_exit() -> Settings:
    """As `load`, for entry points: a wrong setting ends the process with its sentence and exit code 2."""
    try:
        return load()
    except SettingsError as error:
        _exit(str(error))


def _exit(sentences: str) -> NoReturn:
    sys.stderr.write(f"{sentences}\n")
    raise SystemExit(2)


def second_file() -> Path:
    """What the set-up of a cluster wrote beside the administrator's own file. Without the one there is no other."""
    name = os.environ.get("APRESA_CONFIG")
    return Path(name).with_name(SECOND_FILE) if name else Path(os.devnull) / SECOND_FILE


def _from_file() -> dict[str, Any]:
    name = os.environ.get("APRESA_CONFIG")
    if not name:
        return {}
    first, second = _read(name), _read(str(second_file())) if second_file().exists() else {}
    both = {**first, **second}
    if ADDED in first and ADDED in second:
        both[ADDED] = [*_listed(first[ADDED]), *_listed(second[ADDED])]
    return both


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else list[object](str(value).split(","))


def _read(name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(Path(name).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {name} cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The settings file {name} is no valid TOML: {error}.") from None


def _refuse_unknown_variables() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields} | set(NOT_SETTINGS)
    unknown = sorted(
        name
        for name in os.environ
        if name.startswith(PREFIX) and name not in known and not name.startswith(TEST_PREFIX)
    )
    if unknown:
        raise SettingsError(f"No setting is called {', '.join(unknown)}; docs/settings.md lists them all.")


def _sentence(fault: Any) -> str:
    message = fault["msg"].removeprefix("Value error, ")
    if not fault["loc"]:
        return f"The settings do not fit together: {message}."
    name = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"No setting is called {name}; docs/settings.md lists them all."
    return f"The setting {name} ({PREFIX}{name.upper()}) is wrong: {message}."
