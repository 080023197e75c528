"""What readers with a screen reader need and the theme's pages lack."""

import re
from typing import Any

from sphinx.application import Sphinx

# sphinxcontrib-bibtex marks its lists with roles that ARIA has withdrawn, and with links between the entries.
_WITHDRAWN = re.compile(r' role="(?:doc-biblioentry|doc-backlink)"')
_LIST_WITH_LINKS = re.compile(r'<div role="list" class="citation-list">')
# The arrow that shows the pages below a page is an icon, and has no name.
_ARROW = re.compile(r'<summary>(?=<span class="toctree-toggle")')


def mended(body: str) -> str:
    """Return the HTML of a page without roles that mislead.

    Examples
    --------
    >>> mended('<div role="list" class="citation-list"><div class="citation" role="doc-biblioentry">')
    '<div class="citation-list"><div class="citation">'
    """
    return _LIST_WITH_LINKS.sub('<div class="citation-list">', _WITHDRAWN.sub("", body))


def with_named_arrows(navigation: str) -> str:
    """Return the HTML of a table of contents whose arrows have a name.

    Examples
    --------
    >>> with_named_arrows('<summary><span class="toctree-toggle"></span></summary>')
    '<summary aria-label="Pages below"><span class="toctree-toggle"></span></summary>'
    """
    return _ARROW.sub('<summary aria-label="Pages below">', navigation)


def _mend_page(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    if "body" in context:
        context["body"] = mended(context["body"])
    if "generate_toctree_html" in context:
        generate = context["generate_toctree_html"]
        context["generate_toctree_html"] = lambda *how, **more: with_named_arrows(str(generate(*how, **more)))


def register(app: Sphinx) -> None:
    """Mend each page's body after it was written."""
    app.connect("html-page-context", _mend_page, priority=900)  # after the theme has added its functions
