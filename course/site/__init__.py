"""The Sphinx extension of the site: what Jupyter Book does not do by itself.

`accessible` mends roles that mislead a screen reader, `assets` makes one style sheet and one script of many,
`images` sizes and compresses figures, `formulas` keeps room for formulas, `mathjax` serves the site's own copy of
MathJax, `privacy` keeps other hosts out of the pages, `numbering` numbers chapters by their files' names,
`downloads` packs the assignments, `index` puts the index into the navigation, `ledger` says which claims were
checked, `reference` writes the pages about `labkit` from its docstrings, `metadata` describes the pages to search
engines, `missing` is the page for an address that does not exist, `overview` the tables of all tasks.
"""

import zlib
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from course.site import (
    accessible,
    assets,
    downloads,
    formulas,
    images,
    index,
    ledger,
    mathjax,
    metadata,
    missing,
    numbering,
    overview,
    privacy,
    reference,
)

STATIC = Path(__file__).parent / "static"
_KINDS = {".py", ".html", ".css", ".js"}
_PARTS = (accessible, assets, downloads, formulas, images, index, ledger, mathjax, metadata, missing, numbering,
          overview, privacy, reference)


def _add_static_files(app: Sphinx) -> None:
    app.config.html_static_path.append(str(STATIC))


def _code_version() -> int:
    """Return a number that changes with this package's files: Sphinx then reads and writes every page again."""
    files = (path for path in sorted(Path(__file__).parent.rglob("*")) if path.suffix in _KINDS)
    return zlib.crc32(b"".join(path.read_bytes() for path in files))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the parts of the extension."""
    app.connect("builder-inited", _add_static_files)
    for part in _PARTS:
        part.register(app)
    return {"version": "1", "env_version": _code_version(),
            "parallel_read_safe": True, "parallel_write_safe": True}
