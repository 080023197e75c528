"""The Sphinx extension of the site: what Jupyter Book does not do by itself.

`accessible` mends roles that mislead a screen reader, `mathjax` serves the site's own copy of MathJax, `privacy`
keeps other hosts out of the pages, `numbering` numbers chapters by their files' names, `downloads` packs the
assignments, `index` puts the index into the navigation, `ledger` says which claims were checked, `reference`
writes the pages about `labkit` from its docstrings.
"""

import zlib
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from course.site import accessible, downloads, index, ledger, mathjax, numbering, privacy, reference

STATIC = Path(__file__).parent / "static"


def _add_static_files(app: Sphinx) -> None:
    app.config.html_static_path.append(str(STATIC))


def _code_version() -> int:
    """Return a number that changes with this package's code: Sphinx then reads and writes every page again."""
    code = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    return zlib.crc32(code)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the parts of the extension."""
    app.connect("builder-inited", _add_static_files)
    app.add_css_file("course.css", priority=900)  # after the theme's, which it amends
    for script in ("course.js", "moving.js"):
        app.add_js_file(script, loading_method="defer")
    for part in (accessible, downloads, index, ledger, mathjax, numbering, privacy, reference):
        part.register(app)
    return {"version": "1", "env_version": _code_version(),
            "parallel_read_safe": True, "parallel_write_safe": True}
