"""What each page costs its reader, beside the same text built by Jupyter Book without any setting of ours.

    python tests/benchmarks/bench_site.py [--rounds 3] [--width 1280] [page …]

Both books are built from the same notebooks and Markdown files, served by this machine, and read in turn, page by
page, in a fresh tab with an empty cache. The bare book gets its MathJax from the address that it names, and is
served the very file at once: it is not charged for another host's distance. Columns: kilobytes over the wire,
compressed, when the first screen is set and after reading to the end; requests; milliseconds from the start of the
navigation until all formulas are set (median over the rounds), and their ratio; the sum of all layout shifts.
"""

import argparse
import functools
import http.server
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Route

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from course.book import build_site  # noqa: E402
from course.browser import chromium  # noqa: E402
from course.site import ledger, mathjax  # noqa: E402
from tests.book.pages import PAGES  # noqa: E402
from tests.book.weight import Weight, weigh  # noqa: E402

# What the syntax of the pages needs, and nothing that changes how they look or load.
BARE = """\
title: bare
execute: {execute_notebooks: "off"}
only_build_toc_files: true
parse:
  myst_enable_extensions: [amsmath, attrs_block, attrs_inline, colon_fence, deflist, dollarmath, fieldlist,
                           smartquotes, substitution, tasklist]
bibtex_bibfiles: [chapters/references.bib]
sphinx:
  extra_extensions: [sphinx_proof, sphinx_exercise, sphinx.ext.autodoc, sphinx.ext.napoleon]
"""
_OWN_SYNTAX = re.compile(r"\{(?:claim-source|assignment)\}`([^`<]*?)\s*(?:<[^`]*>)?`")
_OWN_TABLE = re.compile(r":::\{assignment-table\}\n:::\n")
_CDN = re.compile(r"https://cdn\.jsdelivr\.net/npm/mathjax@\d[\w.]*/es5/(?P<file>[^?]*)")


def bare_sources(folder: Path) -> None:
    """Copy the book's text to `folder`, with the ledger written out and without the roles of our own extension."""
    for name in ("index.md", "_toc.yml", "CHANGELOG.md", "CONTRIBUTING.md", "chapters"):
        origin = ROOT / name
        (shutil.copytree if origin.is_dir() else shutil.copy)(origin, folder / name)
    page = folder / "chapters" / "ledger.md"
    page.write_text(page.read_text("utf-8").replace(ledger.CLAIMS_GO_HERE, ledger.page()), "utf-8")
    for path in folder.rglob("*.md"):
        text = _OWN_TABLE.sub("", path.read_text("utf-8"))
        path.write_text(_OWN_SYNTAX.sub(r"\1", text), "utf-8")
    (folder / "_config.yml").write_text(BARE, "utf-8")


def build_bare(folder: Path) -> Path:
    """Build the bare book below `folder`, and return the folder with its pages."""
    bare_sources(folder)
    program = "from jupyter_book.cli.main import main; main()"
    log = subprocess.run([sys.executable, "-c", program, "build", "-q", str(folder)], cwd=folder, check=False,
                         capture_output=True, text=True)
    pages = folder / "_build" / "html"
    if not (pages / "index.html").is_file():
        raise SystemExit(f"the bare book was not built:\n{log.stderr}")
    return pages


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine; yield its address."""
    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    handler = functools.partial(Handler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def bring(route: Route) -> None:
    """Answer for other hosts: MathJax from the wheel; anything else is counted and not answered."""
    if route.request.url.startswith("http://127.0.0.1"):
        route.continue_()
    elif found := _CDN.match(route.request.url):
        route.fulfill(path=mathjax.source() / found["file"], headers={"Access-Control-Allow-Origin": "*"})
    else:
        route.abort()


def row(name: str, ours: list[Weight], bare: list[Weight]) -> str:
    """Return one line of the table."""
    mine, other = ours[0], bare[0]
    times = [statistics.median(weight.typeset_ms for weight in weights if weight.typeset_ms is not None)
             if weights[0].typeset_ms is not None else None for weights in (ours, bare)]
    cells = [f"{name:<46}", *(f"{one.first_bytes / 1000:6.0f} {one.bytes / 1000:6.0f}" for one in (mine, other)),
             f"{mine.requests:4d} {other.requests:4d}"]
    cells.append(f"{times[0]:6.0f} {times[1]:6.0f} {times[0] / times[1]:5.2f}" if None not in times
                 else f"{'no formulas':>19}")
    shifts = [max(weight.shift for weight in weights) for weights in (ours, bare)]
    return "  ".join([*cells, f"{shifts[0]:6.3f} {shifts[1]:6.3f}"])


def main() -> None:
    """Build both books, read them page by page, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", help="pages as in the address, for instance chapters/04-norms.html")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--site", type=Path, help="a folder with the pages of our book, if it is built already")
    parser.add_argument("--bare", type=Path, help="the same for the bare book")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, chromium() as browser:
        site = options.site or build_site(Path(scratch) / "site", quiet=True)
        bare = options.bare or build_bare(_made(Path(scratch) / "bare"))
        print(f"{'page, ours and bare':<46}  {'kB':>6} {'whole':>6}  {'kB':>6} {'whole':>6}  {'requests':>9}  "
              f"{'ms':>6} {'ms':>6} {'ratio':>5}  {'shift':>6} {'shift':>6}")
        with served(site) as here, served(bare) as there:
            for page in options.pages or PAGES:
                ours, others = [], []
                for _ in range(options.rounds):
                    ours.append(weigh(browser, here + page, options.width))
                    others.append(weigh(browser, there + page, options.width, bring))
                print(row(page.removesuffix(".html"), ours, others), flush=True)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    main()
