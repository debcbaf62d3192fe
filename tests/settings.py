"""Settings of the tests: the product's own, with a data directory of this process and cheap passwords."""

import atexit
import os
import shutil
import tempfile

for _name in [name for name in os.environ if name.startswith("APRESA_") and not name.startswith("APRESA_TEST_")]:
    del os.environ[_name]
_data = tempfile.mkdtemp(prefix="apresa-tests-")
atexit.register(shutil.rmtree, _data, ignore_errors=True)
os.environ["APRESA_DATA"] = _data
os.environ["APRESA_LOG_LEVEL"] = "warning"
_full = {}
if "APRESA_TEST_DATABASE_URL" in os.environ:  # the same tests on PostgreSQL and Redis
    _full = {name: os.environ[f"APRESA_TEST_{name}"] for name in ("DATABASE_URL", "REDIS_URL")} | {"MODE": "full"}
os.environ |= {f"APRESA_{name}": value for name, value in _full.items()}

from apresa.settings import *  # noqa: E402, F403 -- after the variables it reads

HOST_NAMES = [*HOST_NAMES, "testserver"]  # noqa: F405 -- of the star above
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
for _name in _full:
    del os.environ[f"APRESA_{_name}"]
# What a test starts as a process of its own runs with the product's settings, in the same data directory.
os.environ["DJANGO_SETTINGS_MODULE"] = "apresa.settings"
