"""No page asks another host for anything: scripts and styles from elsewhere are left out of every page.

Jupyter Book always loads an extension whose script names the address of thebe (live code cells), which this book
does not use; dropping it also spares every reader a request.
"""

import re
from typing import Any

from sphinx.application import Sphinx

_FOREIGN = re.compile(r"https?://|^//")
_UNUSED = ("sphinx-thebe",)


def _is_unwanted(asset: Any) -> bool:
    address = str(getattr(asset, "filename", asset) or "")
    body = getattr(asset, "attributes", {}).get("body") or ""
    return any(name in address for name in _UNUSED) or bool(_FOREIGN.search(address)) or "THEBE_JS_URL" in body


def drop_foreign_assets(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any],
                        doctree: Any) -> None:
    """Leave out of a page's context the scripts and styles that would be loaded from another host."""
    for kind in ("script_files", "css_files"):
        context[kind] = [asset for asset in context.get(kind, []) if not _is_unwanted(asset)]


def register(app: Sphinx) -> None:
    """Filter each page's assets after all extensions have added theirs."""
    app.connect("html-page-context", drop_foreign_assets, priority=900)
