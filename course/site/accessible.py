"""What readers with a screen reader need and the theme's pages lack."""

import re
from typing import Any

from sphinx.application import Sphinx

# sphinxcontrib-bibtex marks its lists with roles that ARIA has withdrawn, and with links between the entries.
_WITHDRAWN = re.compile(r' role="(?:doc-biblioentry|doc-backlink)"')
_LIST_WITH_LINKS = re.compile(r'<div role="list" class="citation-list">')


def mended(body: str) -> str:
    """Return the HTML of a page without roles that mislead.

    Examples
    --------
    >>> mended('<div role="list" class="citation-list"><div class="citation" role="doc-biblioentry">')
    '<div class="citation-list"><div class="citation">'
    """
    return _LIST_WITH_LINKS.sub('<div class="citation-list">', _WITHDRAWN.sub("", body))


def _mend_page(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    if "body" in context:
        context["body"] = mended(context["body"])


def register(app: Sphinx) -> None:
    """Mend each page's body after it was written."""
    app.connect("html-page-context", _mend_page)
