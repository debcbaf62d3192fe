"""A good example of each verb of the set-up."""

from typing import Any

MEMBERS: list[dict[str, Any]] = [
    {"name": "myrec1", "addresses": ["192.0.2.11", "10.0.0.1"]},
    {"name": "myrec2", "addresses": ["192.0.2.12", "10.0.0.2"]},
]
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
KEY = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n"
WORD = "a" * 43
SET_UP: dict[str, dict[str, Any]] = {
    "database-copy": {"address": "192.0.2.11"},
    "database-create": {},
    "database-files": {"members": MEMBERS, "certificate": PEM, "authority": PEM, "key": KEY, "password": WORD},
    "database-make-way": {},
    "database-others": {},
    "database-roles": {"password": WORD},
    "database-server": {"action": "start"},
    "database-take": {"part": "aside"},
    "drbd-config": {"members": MEMBERS, "device": "/dev/drbd0", "disk": "/dev/sdb1", "secret": WORD},
    "drbd-create": {"disk": "/dev/sdb1"},
    "drbd-device": {"action": "up"},
    "drbd-first": {},
    "hosts": {"members": MEMBERS},
    "pacemaker-first": {},
    "redis": {},
    "resources": {
        "members": MEMBERS,
        "floating": "192.0.2.10",
        "prefix": 24,
        "interface": "eth0",
        "device": "/dev/drbd0",
        "mode": "async",
    },
    "set-up-look": {"what": "disk", "name": "/dev/sdb1"},
    "switch": {"members": MEMBERS, "floating": "192.0.2.10"},
    "undo-copy": {},
    "undo-database": {},
    "undo-drbd": {"disk": "/dev/sdb1"},
    "undo-drbd-config": {},
    "undo-hosts": {"name": "myrec1"},
    "undo-make-way": {},
    "undo-redis": {},
    "undo-ring": {},
    "undo-stop": {},
    "undo-switch": {},
    "volume": {"device": "/dev/drbd0", "action": "mount"},
    "volume-make": {"device": "/dev/drbd0"},
}
