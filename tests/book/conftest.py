"""The site, built once for all workers, and a browser to read it with."""

import functools
import http.server
import os
import shutil
import threading
from pathlib import Path

import pytest
from filelock import FileLock
from playwright.sync_api import sync_playwright

from course.book import build_site

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# No sandbox, because tests often run as root in a container; and no request of the browser's own.
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"]
SUB_PATH = "/teaching/course/"


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """Return the folder of a site that was built from scratch, with every warning an error."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    output, verdict = shared / "site", shared / "site-verdict"
    with FileLock(shared / "site.lock"):
        if not verdict.exists():
            verdict.write_text("failed")
            build_site(output, fresh=True, quiet=True)
            verdict.write_text("built")
    if verdict.read_text() != "built":
        pytest.fail("the site does not build; the first test that needed it shows why")
    return output / "_build" / "html"


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves the site below SUB_PATH, as a web server does that holds other things too."""

    def translate_path(self, path):
        return super().translate_path(path.removeprefix(SUB_PATH.rstrip("/")))

    def do_GET(self):
        if self.path.startswith(SUB_PATH):
            super().do_GET()
        else:
            self.send_error(404)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address(site):
    """Return where the site is served on this machine."""
    handler = functools.partial(_QuietHandler, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}{SUB_PATH}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser():
    """Return the system's Chromium, without a window."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        message = "no Chromium was found, so the pages were not opened; install one, or name it in CHROMIUM"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        yield chromium
        chromium.close()
