"""The Chromium of this machine, without a window: it prints the book, and the tests read the pages with it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "no Chromium was found; install one, or name its program in the environment variable CHROMIUM"

# No sandbox, because builds and tests often run as root in a container; and no request of the browser's own.
SWITCHES = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync")


def find_program() -> str | None:
    """Return the path of Chromium: what the variable CHROMIUM says, or the first known name that is installed."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def chromium() -> "Iterator[Browser]":
    """Start the browser, and end it with the block.

    Raises
    ------
    click.ClickException
        If no Chromium is installed.
    """
    program = find_program()
    if program is None:
        raise click.ClickException(MISSING)
    from playwright.sync_api import sync_playwright  # takes half a second, which an absent browser need not cost

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        try:
            yield browser
        finally:
            browser.close()
