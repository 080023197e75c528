"""The ledger of claims on the site: its page, the marks beside checked equations, and the tests' source to read.

`tests/claims/ledger.json` holds what was measured (see `course.ledger`). A numbered equation or a theorem without
an entry is a warning of the build, and so is an entry without its equation; a warning makes the build fail.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from docutils import nodes
from docutils.parsers.rst.states import Inliner
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from course import ledger
from course.paths import ROOT

PAGE = "chapters/ledger"
CLAIMS_GO_HERE = "% ledger of claims"
SOURCES = "claims"

logger = logging.getLogger(__name__)

_EQUATION = re.compile(r"^ *\$\$\n(?P<latex>(?:(?!^ *\$\$).*\n)*?) *\$\$ \((?P<label>eq-[\w-]+)\)$", re.MULTILINE)
_STATEMENT = re.compile(
    r"^ *[:`]{3,}\{prf:(?P<kind>\w+)\} ?(?P<title>.*)\n *:label: (?P<label>(?:thm|def)-[\w-]+)$", re.MULTILINE)
_NUMBER = re.compile(
    r'(<span class="eqno">)(\([\d.]+\)<a class="headerlink" href="#equation-(?P<label>eq-[\w-]+)")')
_TITLE = re.compile(
    r'(id="(?P<label>thm-[\w-]+)">\s*<p class="admonition-title"><span class="caption-number">[^<]*</span>)')


class Labelled(NamedTuple):
    """A numbered equation, a theorem or a definition: its label, its formula or title, and where it is."""

    label: str
    text: str
    position: tuple[int, int]


def labelled(notebook: Path) -> list[Labelled]:
    """Return the numbered equations, theorems and definitions of a chapter, in their order."""
    found = []
    for place, cell in enumerate(json.loads(notebook.read_text("utf-8"))["cells"]):
        text = "".join(cell["source"]) if cell["cell_type"] == "markdown" else ""
        found += [Labelled(m["label"], m["latex"].strip(), (place, m.start())) for m in _EQUATION.finditer(text)]
        found += [Labelled(m["label"], m["title"], (place, m.start())) for m in _STATEMENT.finditer(text)]
    return sorted(found, key=lambda item: item.position)


def title(notebook: Path) -> str:
    """Return the first heading of a chapter."""
    return next(line for cell in json.loads(notebook.read_text("utf-8"))["cells"]
                for line in "".join(cell["source"]).splitlines() if line.startswith("# ")).removeprefix("# ")


def _by_label(entries: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    claims: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        for label in entry["labels"]:
            claims.setdefault(label, []).append(entry)
    return claims


def _word(array: dict[str, Any]) -> str:
    """Return the hypothesis on an array in a word; without one, its shape says what is drawn."""
    sizes = array["shape"].split(",")
    free = "any vector" if len(sizes) != 2 else "any square matrix" if sizes[0] == sizes[1] else "any matrix"
    return array["hypothesis"] or free


def _input(array: dict[str, Any]) -> str:
    shape = "×".join(part.replace("+", " + ") for part in array["shape"].split(",")) or "a number"
    return f"`{array['name']}` ({_word(array)}, {shape})"


def words(entries: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the definition list of the words for inputs: what is drawn for each, as MyST."""
    kinds = {_word(array): array["kinds"] for entry in entries for array in entry["inputs"]}
    for word in sorted(kinds, key=lambda word: (not word.startswith("any"), word)):
        yield from (word, f": {', '.join(kinds[word])}", "")


def _outcome(entry: dict[str, Any]) -> str:
    if entry["error"] is None:
        return f"It held in all {entry['cases']} cases."
    if entry["error"] == 0:
        return f"{entry['cases']} cases, without any difference."
    exponent = round(float(f"{entry['error']:e}".partition("e")[2]))
    return f"{entry['cases']} cases, largest relative error below $10^{{{exponent}}}$."


def _check(entry: dict[str, Any]) -> Iterator[str]:
    inputs = ", ".join(map(_input, entry["inputs"])) or "none"
    statement = entry["statement"][:1].upper() + entry["statement"][1:]
    yield f"{{claim-source}}`{statement} <{entry['file']}#{entry['function']}>`. {_outcome(entry)}"
    yield f"Drawn: {inputs}. Refuted when broken: {'; '.join(entry['mutants'])}."
    yield ""


def _claim(item: Labelled, entries: list[dict[str, Any]]) -> Iterator[str]:
    yield from (f"(claim-{item.label})=", ":::{div} claim", "")
    if item.label.startswith("eq-"):
        yield from (f"{{eq}}`{item.label}`", "", "$$", item.text, "$$", "")
    else:
        yield from (f"{{prf:ref}}`{item.label}`: {item.text}", "")
    for entry in entries:
        yield from _check(entry)
    yield from (":::", "")


def page(root: Path = ROOT) -> str:
    """Return the ledger of all chapters, as MyST: each labelled statement with the checks that it passed."""
    entries = ledger.read(root)
    claims = _by_label(entries)
    lines = ["## What is drawn", "", *words(entries)]
    for notebook in sorted((root / "chapters").glob("[0-9]*.ipynb")):
        items = labelled(notebook)
        definitions = [item.label for item in items if item.label.startswith("def-")]
        lines += [f"## Chapter {int(notebook.stem[:2])}: {title(notebook)}", ""]
        for item in items:
            if item.label in claims:
                lines += _claim(item, claims[item.label])
        if definitions:
            listed = ", ".join(f"{{prf:ref}}`{label}`" for label in definitions)
            lines += [f"Not checked, because a definition is neither true nor false: {listed}.", ""]
    return "\n".join(lines)


def _write_page(app: Sphinx, docname: str, source: list[str]) -> None:
    if docname == PAGE:
        app.env.note_dependency(str(ROOT / ledger.LEDGER))
        for notebook in (ROOT / "chapters").glob("[0-9]*.ipynb"):
            app.env.note_dependency(str(notebook))
        source[0] = source[0].replace(CLAIMS_GO_HERE, page())


def _outdated(app: Sphinx, env: BuildEnvironment, added: set, changed: set, removed: set) -> list[str]:
    """Return all pages after the ledger has changed, for their marks come from it."""
    before, env.checked_labels = getattr(env, "checked_labels", None), sorted(checked_labels())
    return [] if before == env.checked_labels else sorted(env.found_docs)


def checked_labels() -> set[str]:
    """Return the labels that at least one claim names."""
    return {label for entry in ledger.read() for label in entry["labels"]}


def _compare(app: Sphinx, env: BuildEnvironment) -> None:
    equations = {label: where[0] for label, where in env.get_domain("math").equations.items()}
    statements = {label: where["docname"] for label, where in getattr(env, "proof_list", {}).items()
                  if label.startswith("thm-")}
    book, checked = equations | statements, checked_labels()
    for label in sorted(book.keys() - checked):
        logger.warning("%s is numbered, and no claim in tests/claims checks it", label, location=book[label])
    for label in sorted(checked - book.keys()):
        logger.warning("a claim in tests/claims checks %s, which is not in the book", label, location=PAGE)


def _mark(label: str, link: str) -> str:
    return (f'<a class="checked" href="{link}#claim-{label}" title="Checked numerically: see the ledger">'
            '<span aria-hidden="true">✓</span><span class="visually-hidden">checked numerically</span></a>')


def with_marks(body: str, checked: set[str], link: str) -> str:
    """Return the HTML of a page with a mark beside each number of a checked equation or theorem.

    Examples
    --------
    >>> number = '<span class="eqno">(2.1)<a class="headerlink" href="#equation-eq-a-b"></a></span>'
    >>> "checked numerically" in with_marks(number, {"eq-a-b"}, "ledger.html")
    True
    >>> with_marks(number, set(), "ledger.html") == number
    True
    """
    def beside_number(match: re.Match[str]) -> str:
        return match[1] + _mark(match["label"], link) + match[2] if match["label"] in checked else match[0]

    def beside_title(match: re.Match[str]) -> str:
        return match[1] + _mark(match["label"], link) if match["label"] in checked else match[0]

    return _TITLE.sub(beside_title, _NUMBER.sub(beside_number, body))


def _mark_page(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    if doctree is not None and "body" in context:
        link = app.builder.get_relative_uri(pagename, PAGE)
        context["body"] = with_marks(context["body"], checked_labels(), link)


class ClaimSource(SphinxRole):
    """The role ``{claim-source}`statement <file.py#function>` ``, a link to the test that the site carries."""

    inliner: Inliner

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Make the link."""
        title, _, target = self.text.rstrip(">").rpartition(" <")
        name, _, function = target.partition("#")
        uri = f"../{SOURCES}/{name.removesuffix('.py')}.html#{function}"
        return [nodes.reference(self.rawtext, title, refuri=uri, internal=True)], []


def _with_anchors(source: str, highlighted: str) -> str:
    lines = highlighted.splitlines()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1
            lines[first] = f'<span id="{node.name}"></span>' + lines[first]
    return "\n".join(lines)


def _source_pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    folder = ROOT / "tests" / "claims"
    for path in sorted(folder.glob("*.py")):
        source = path.read_text("utf-8")
        highlighted = app.builder.highlighter.highlight_block(source, "python", linenos=False)
        title = f"tests/claims/{path.name}"
        body = f"<h1>{title}</h1>\n{_with_anchors(source, highlighted)}"
        yield f"{SOURCES}/{path.stem}", {"title": title, "body": body}, "page.html"


def register(app: Sphinx) -> None:
    """Write the page, compare it with the book, set the marks, and carry the tests' source."""
    app.add_role("claim-source", ClaimSource())
    app.connect("env-get-outdated", _outdated)
    app.connect("source-read", _write_page)
    app.connect("env-check-consistency", _compare)
    app.connect("html-page-context", _mark_page)
    app.connect("html-collect-pages", _source_pages)
