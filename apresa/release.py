"""Which release this is: what two nodes compare."""

import tomllib
from functools import cache

from apresa.env import PROJECT


@cache
def release() -> str:
    """The version that pyproject.toml names."""
    with (PROJECT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])
