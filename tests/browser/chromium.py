"""How Chromium is started: headless, without the network that it looks for at every start."""

import os
import shutil

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def program() -> str:
    """The path of Chromium; empty when there is none."""
    return os.environ.get("APRESA_TEST_CHROMIUM") or shutil.which("chromium") or ""
