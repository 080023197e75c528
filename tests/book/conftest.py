"""The site, built once for all workers, and a browser to read it with."""

import functools
import http.server
import os
import sys
import threading
from pathlib import Path

import pytest
from filelock import FileLock

from course.book import build_site
from course.browser import MISSING, chromium, find_program

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

    def send_error(self, code, message=None, explain=None):
        """Answer with the site's own page where there is no file."""
        if code != 404 or not self.path.startswith(SUB_PATH):
            super().send_error(code, message, explain)
            return
        page = (Path(self.directory) / "404.html").read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(page)

    def do_HEAD(self):
        if self.path.startswith(SUB_PATH):
            super().do_HEAD()
        else:
            self.send_error(404)

    def log_message(self, *_):
        pass


class _QuietServer(http.server.ThreadingHTTPServer):
    """Does not mind a tab that is closed before all has arrived."""

    def handle_error(self, request, client_address):
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@pytest.fixture(scope="module")
def address(site):
    """Return where the site is served on this machine."""
    handler = functools.partial(_QuietHandler, directory=str(site))
    server = _QuietServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}{SUB_PATH}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser():
    """Return the system's Chromium, without a window."""
    if find_program() is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with chromium() as started:
        yield started
