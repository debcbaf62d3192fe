"""A key ring as JSON: for where it is kept, and for its backup. What it tells without a passphrase is public."""

import json
from dataclasses import replace

from apresa.shared.sealing.errors import SealingError
from apresa.shared.sealing.keyring import Keyring, Pair
from apresa.shared.sealing.wraps import Cost, Kind, Wrap

FORMAT = 1


def dump(keyring: Keyring) -> str:
    """JSON, for the key table and its backup."""
    pairs = [{"public": pair.public.hex(), "wraps": [_wrap_facts(one) for one in pair.wraps]} for pair in keyring.pairs]
    return json.dumps({"format": FORMAT, "pairs": pairs})


def load(text: str) -> Keyring:
    """Raises SealingError."""
    try:
        found = json.loads(text)
        if found["format"] != FORMAT:
            raise SealingError("The key table is of another version of Apresa.")
        pairs = tuple(_pair(one) for one in found["pairs"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SealingError("The key table cannot be read: it was changed.") from None
    if not pairs:
        raise SealingError("The key table holds no key.")
    return Keyring(pairs)


def _wrap_facts(one: Wrap) -> dict[str, object]:
    return {
        "kind": one.kind.value,
        "name": one.name,
        "cost": [one.cost.passes, one.cost.lanes, one.cost.memory],
        "salt": one.salt.hex(),
        "nonce": one.nonce.hex(),
        "sealed": one.sealed.hex(),
    }


def _pair(found: dict[str, object]) -> Pair:
    public, wraps = found["public"], found["wraps"]
    if not isinstance(public, str) or not isinstance(wraps, list):
        raise TypeError
    pair = Pair(bytes.fromhex(public), ())
    name = pair.name
    return replace(pair, wraps=tuple(_wrap(one, name) for one in wraps))


def _wrap(found: dict[str, object], key_pair: bytes) -> Wrap:
    texts = {field: found[field] for field in ("kind", "name", "salt", "nonce", "sealed")}
    if not all(isinstance(one, str) for one in texts.values()):
        raise TypeError
    salt, nonce, sealed = (bytes.fromhex(str(texts[field])) for field in ("salt", "nonce", "sealed"))
    return Wrap(Kind(str(texts["kind"])), str(texts["name"]), key_pair, _cost(found["cost"]), salt, nonce, sealed)


def _cost(found: object) -> Cost:
    if not isinstance(found, list) or len(found) != 3 or not all(isinstance(one, int) for one in found):
        raise TypeError
    return Cost(*found)
