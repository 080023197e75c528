"""Docstrings of `labkit` on the site.

They are written to be read in a terminal too. Here the equations that they name become links, bars are bars
(Sphinx would take |x| for a substitution), and the references of each function are a list of their own.
"""

import re
from typing import Any

from sphinx.application import Sphinx

_LITERAL = re.compile(r"(``.*?``|`[^`]*`)")
_EQUATION = re.compile(r"``(eq-[a-z0-9-]+)``")
_CITED = re.compile(r"\[(\d+)\]_")
_CITATION = re.compile(r"^(\s*)\.\. \[(\d+)\] ")


def _outside_literals(line: str) -> str:
    parts = _LITERAL.split(line)
    parts[::2] = [_CITED.sub(r"[\1]", part).replace("|", r"\|") for part in parts[::2]]
    return "".join(parts)


def as_page(lines: list[str]) -> list[str]:
    r"""Return a docstring's lines as they are set on the page; examples are left as they are.

    Examples
    --------
    >>> as_page(["Equation ``eq-matcalc-softmax``, for |x| < 1 [1]_.", "", ".. [1] A. Author, 2020.", ">>> a | b"])
    ['Equation :eq:`eq-matcalc-softmax`, for \\|x\\| < 1 [1].', '', '1. A. Author, 2020.', '>>> a | b']
    """
    page = []
    in_example = False
    for line in lines:
        in_example = line.lstrip().startswith(">>>") or (in_example and bool(line.strip()))
        if not in_example:
            line = _outside_literals(_CITATION.sub(r"\1\2. ", line))
            line = _EQUATION.sub(r":eq:`\1`", line)
        page.append(line)
    return page


def _process(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    lines[:] = as_page(lines)


def _name_source_page(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Tell a module's source from its reference, which has the module's name as its title."""
    if pagename.startswith("_modules/labkit"):
        context["title"] = f"Source of {context['title']}"


def register(app: Sphinx) -> None:
    """Run before napoleon reads the docstring; an equation that does not exist is a warning of the build."""
    app.connect("html-page-context", _name_source_page)
    app.connect("autodoc-process-docstring", _process, priority=400)
