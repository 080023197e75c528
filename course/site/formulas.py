r"""Room for formulas: how wide or high each will be, so that the text does not jump when they are set.

A browser shows the page first and sets its formulas afterwards. Until then each stands there as TeX, which takes
more lines; here it gets a box of the right size, as `--width` or `--height` in em, and `course.css` uses it.
"""

import html
import re
from typing import Any

from sphinx.application import Sphinx

from course.site.mathjax import SCALE
from course.site.widths import width

_INLINE = re.compile(r'<span class="math notranslate nohighlight">\\\((?P<tex>.*?)\\\)</span>'
                     r"(?P<end>[.,;:!?)’”]*)", re.DOTALL)
_DISPLAY = re.compile(r'(?P<start><div class="[^"]*\bmath notranslate nohighlight"[^>]*)>(?P<tex>.*?)</div>',
                      re.DOTALL)
_PRINTED = re.compile(r'<(?P<tag>table|section) class="tex2jax_process">.*?</(?P=tag)>', re.DOTALL)
_BARE = re.compile(r"\\\((?P<tex>[^<]*?)\\\)")
_TALL = re.compile(r"\\[dt]?frac|\\sum|\\int|\\prod|\\sqrt|\\max|\\min|\\sup|\\inf|\\lim|\\overline|\\underbrace")


def height(tex: str) -> float:
    r"""Return roughly how high a displayed formula is set, in em, without the margins around it.

    Examples
    --------
    >>> height("a = b") < height(r"\frac{b}{c}") < height(r"\begin{aligned} a &= b \\ c &= d \end{aligned}")
    True
    """
    rows = re.split(r"\\\\", tex)
    return SCALE * sum(2.2 if _TALL.search(row) else 1.25 for row in rows)


def with_room(body: str) -> str:
    r"""Return the HTML of a page whose formulas say how much room they will take; so do those that a cell printed.

    Examples
    --------
    >>> with_room(r'<span class="math notranslate nohighlight">\(x\)</span>')
    '<span style="--width: 0.69em" class="math notranslate nohighlight">\\(x\\)</span>'

    What ends a sentence stays on the line of its formula; a browser may break a line before it otherwise.

    >>> with_room(r'<span class="math notranslate nohighlight">\(x\)</span>, y').partition("\\(")[0]
    '<span class="with-its-end"><span style="--width: 0.69em" class="math notranslate nohighlight">'
    """
    def inline(match: re.Match[str]) -> str:
        box = f'style="--width: {SCALE * width(html.unescape(match["tex"])):.2f}em"'
        formula = match[0].replace("<span ", f"<span {box} ", 1)
        return f'<span class="with-its-end">{formula}</span>' if match["end"] else formula

    def display(match: re.Match[str]) -> str:
        formula = match["tex"].rpartition("</span>")[2]  # after its number
        return f'{match["start"]} style="--height: {height(formula):.1f}em">{match["tex"]}</div>'

    def printed(match: re.Match[str]) -> str:
        return _BARE.sub(r'<span class="math notranslate nohighlight">\g<0></span>', match[0])

    return _DISPLAY.sub(display, _INLINE.sub(inline, _PRINTED.sub(printed, body)))


def _mend_page(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    if "body" in context:
        context["body"] = with_room(context["body"])


def register(app: Sphinx) -> None:
    """Mend each page's body after the marks of the ledger were set."""
    app.connect("html-page-context", _mend_page, priority=800)
