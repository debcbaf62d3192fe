"""How Chromium is started: headless, without the network that it looks for at every start."""

import os
import shutil
import time

from playwright.sync_api import Page

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


def until(page: Page, expression: str, patience: float = 20.0) -> None:
    """Wait until a JavaScript expression is true. (`wait_for_function` needs eval, which the pages' policy forbids.)"""
    deadline = time.monotonic() + patience
    while not page.evaluate(expression):
        if time.monotonic() > deadline:
            raise AssertionError(f"not true within {patience} seconds: {expression}")
        page.wait_for_timeout(50)
