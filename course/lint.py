"""`python -m course lint`: what a notebook of the course must satisfy before anybody reads or marks it.

Each rule is a function that yields pairs (where, what is wrong) for one notebook. A rule refuses and explains; the
cure is named in the message.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import click
import nbformat
from nbformat import NotebookNode

from course.notebooks import KERNELSPEC, LANGUAGE_INFO, MAY_RAISE, normalise, read
from course.paths import find_notebooks, shown

Faults = Iterator[tuple[str, str]]

EQUATION_LABEL = re.compile(r"eq-(?P<chapter>[a-z0-9]+)-[a-z0-9]+(-[a-z0-9]+)*")
_DOLLAR_LABEL = re.compile(r"\$\$[ \t]*\((?P<label>[^)\s]+)\)[ \t]*$", re.MULTILINE)
_MATH_BLOCK = re.compile(r"^(?P<fence>`{3,}|:{3,})\{math\}[^\n]*\n(?P<body>.*?)^(?P=fence)",
                         re.MULTILINE | re.DOTALL)
_MATH_LABEL = re.compile(r"^:label:[ \t]*(?P<label>\S+)", re.MULTILINE)
_HAND_NUMBERED = re.compile(r"\\(tag\*?|label)\{")
_STATEMENT = re.compile(
    r"^(?P<fence>`{3,}|:{3,})\{prf:(?P<kind>theorem|lemma|proposition|corollary|definition)\}[^\n]*\n(?P<body>.*?)"
    r"^(?P=fence)", re.MULTILINE | re.DOTALL)
_EMPTY_ALT = re.compile(r"!\[\s*\]\(|<img(?![^>]*\balt\s*=\s*[\"'][^\"'])[^>]*>")
_CODE_SPAN = re.compile(r"(?P<ticks>`+)(?!`|\{).+?(?<!`)(?P=ticks)(?!`)", re.DOTALL)
_MACHINE = re.compile(r"\bat 0x[0-9a-fA-F]{6,}"
                      r"|(?<![\w/.])/(?:home|Users|root|tmp|private|work)/\w|\b[A-Z]:\\Users\\")


class Fault(NamedTuple):
    """One thing that is wrong: in which notebook, where in it, and what."""

    path: Path
    where: str
    message: str

    def __str__(self) -> str:
        return f"{shown(self.path)}, {self.where}: {self.message}"


def code_cells(notebook: NotebookNode) -> Iterator[tuple[str, NotebookNode]]:
    """Yield (name for messages, cell) for every code cell."""
    yield from ((_name(place, cell), cell) for place, cell in enumerate(notebook.cells)
                if cell.cell_type == "code")


def markdown_cells(notebook: NotebookNode) -> Iterator[tuple[str, NotebookNode]]:
    """Yield (name for messages, cell) for every Markdown cell."""
    yield from ((_name(place, cell), cell) for place, cell in enumerate(notebook.cells)
                if cell.cell_type == "markdown")


def _name(place: int, cell: NotebookNode) -> str:
    return f"cell {cell['id']}" if cell.get("id") else f"cell number {place + 1}"


def check_format(notebook: NotebookNode, path: Path) -> Faults:
    """Format 4.5, the first whose cells have ids."""
    version = (notebook.nbformat, notebook.nbformat_minor)
    if version != (4, 5):
        yield "format", f"has format {version[0]}.{version[1]}, not 4.5; run: python -m course notebooks"


def check_ids(notebook: NotebookNode, path: Path) -> Faults:
    """Every cell has an id of its own: nbgrader's releases are reproducible only with them."""
    counts = Counter(cell.get("id") for cell in notebook.cells)
    for place, cell in enumerate(notebook.cells):
        if not cell.get("id"):
            yield f"cell number {place + 1}", "has no id; run: python -m course notebooks"
    for cell_id, count in counts.items():
        if cell_id and count > 1:
            yield f"cell {cell_id}", f"{count} cells have this id; give the copies another"


def check_kernel(notebook: NotebookNode, path: Path) -> Faults:
    """Check that the kernel is `python3` and that no version of Python is recorded."""
    if notebook.metadata.get("kernelspec") != KERNELSPEC:
        yield "kernelspec", f"is {notebook.metadata.get('kernelspec')}, not {KERNELSPEC}"
    if notebook.metadata.get("language_info") != LANGUAGE_INFO:
        yield "language_info", "records a version or differs otherwise; run: python -m course notebooks"


def check_times(notebook: NotebookNode, path: Path) -> Faults:
    """No cell records when it was run."""
    for place, cell in enumerate(notebook.cells):
        for key in ("execution", "ExecuteTime"):
            if key in cell.metadata:
                yield _name(place, cell), f"records times (metadata {key!r}); run: python -m course notebooks"


def check_run(notebook: NotebookNode, path: Path) -> Faults:
    """Every code cell was run, in order, from a fresh kernel: a cell that was not run is never compared."""
    for count, (where, cell) in enumerate(code_cells(notebook), start=1):
        if not cell.source.strip():
            yield where, "is empty; delete it"
        elif cell.get("execution_count") is None:
            yield where, "was not run; run: python -m course notebooks"
        elif cell.execution_count != count:
            yield where, f"has the count {cell.execution_count}, not {count}; run: python -m course notebooks"


def check_outputs(notebook: NotebookNode, path: Path) -> Faults:
    """No error that is not meant, nothing on stderr, nothing that differs on another machine."""
    for where, cell in code_cells(notebook):
        for output in cell.outputs:
            if output.output_type == "error" and MAY_RAISE not in cell.metadata.get("tags", []):
                yield where, f"shows {output.ename}: {output.evalue} (tag the cell {MAY_RAISE!r} if it is meant)"
            if output.get("name") == "stderr":
                yield where, f"writes to stderr: {output.text.strip()[:80]}"
            found = _MACHINE.search(_text(output))
            if found:
                yield where, f"its output names a folder or an address of one machine: {found[0]!r}"


def _text(output: NotebookNode) -> str:
    if output.output_type == "stream":
        return output.text
    if output.output_type == "error":
        return "\n".join([output.evalue, *output.traceback])
    return "\n".join(str(value) for kind, value in output.data.items() if kind.startswith("text/"))


def check_images(notebook: NotebookNode, path: Path) -> Faults:
    """Every image has a text for those who do not see it, and a figure of a chapter has a caption."""
    for where, cell in code_cells(notebook):
        kinds = [kind for output in cell.outputs for kind in output.get("data", {}) if kind.startswith("image/")]
        options = cell.metadata.get("mystnb", {})
        if kinds and not str(options.get("image", {}).get("alt") or "").strip():
            yield where, "shows an image without alt text; say what to see in its metadata mystnb.image.alt"
        if kinds and "chapters" in path.parts and not str(options.get("figure", {}).get("caption") or "").strip():
            yield where, "shows an image without a caption; give it one in its metadata mystnb.figure.caption"
    for where, cell in markdown_cells(notebook):
        if _EMPTY_ALT.search(_CODE_SPAN.sub("", cell.source)):
            yield where, "shows an image without alt text"


def check_grading(notebook: NotebookNode, path: Path) -> Faults:
    """No cell has metadata that nbgrader refuses, and no two cells share a `grade_id`."""
    from nbgrader.nbgraderformat import MetadataValidator, ValidationError  # nbgrader takes a second to import

    ids = Counter()
    for place, cell in enumerate(notebook.cells):
        if "nbgrader" not in cell.metadata:
            continue
        ids[cell.metadata.nbgrader.get("grade_id")] += 1
        try:
            MetadataValidator().validate_cell(cell)
        except (ValidationError, KeyError) as error:
            yield _name(place, cell), f"nbgrader refuses its metadata: {error}"
    for grade_id, count in ids.items():
        if count > 1:
            yield f"grade_id {grade_id}", f"{count} cells have it; nbgrader would refuse the whole assignment"


def equation_labels(text: str) -> list[str]:
    r"""Return the labels of the numbered equations in MyST Markdown, in no particular order.

    Examples
    --------
    >>> equation_labels("$$\nx = 1\n$$ (eq-demo-one)\n\n```{math}\n:label: two\nx = 2\n```\n")
    ['eq-demo-one', 'two']
    """
    labels = [match["label"] for match in _DOLLAR_LABEL.finditer(text)]
    return labels + [label["label"] for block in _MATH_BLOCK.finditer(text)
                     for label in _MATH_LABEL.finditer(block["body"])]


def check_labels(notebook: NotebookNode, path: Path) -> Faults:
    """Numbered equations are called eq-<chapter>-<name>, each once, and theorems have labels too."""
    seen = Counter()
    chapters = set()
    for where, cell in markdown_cells(notebook):
        text = cell.source
        if _HAND_NUMBERED.search(_CODE_SPAN.sub("", text)):
            yield where, r"numbers an equation by \tag or \label; put (eq-<chapter>-<name>) behind its closing $$"
        for label in equation_labels(text):
            seen[label] += 1
            match = EQUATION_LABEL.fullmatch(label)
            if match is None:
                yield where, f"the equation label {label!r} is not of the form eq-<chapter>-<name>"
            else:
                chapters.add(match["chapter"])
        for statement in _STATEMENT.finditer(text):
            if not _MATH_LABEL.search(statement["body"]):
                yield where, f"a {statement['kind']} has no :label:"
    yield from ((f"equation {label}", "is labelled twice") for label, count in seen.items() if count > 1)
    if len(chapters) > 1:
        yield "equations", f"are labelled for several chapters: {', '.join(sorted(chapters))}"


def check_normal_form(notebook: NotebookNode, path: Path) -> Faults:
    """Check that the file is, byte for byte, what `python -m course notebooks` writes."""
    try:
        text = nbformat.writes(normalise(notebook)).rstrip("\n") + "\n"
    except nbformat.ValidationError as error:
        yield "format", f"is not a valid notebook: {str(error).splitlines()[0]}"
        return
    if path.read_bytes() != text.encode():
        yield "format", "is not in the course's normal form; run: python -m course notebooks --no-execute"


RULES: tuple[Callable[[NotebookNode, Path], Faults], ...] = (
    check_format, check_ids, check_kernel, check_times, check_run, check_outputs, check_images, check_grading,
    check_labels,
)


def lint(path: Path) -> list[Fault]:
    """Return everything that is wrong with a notebook; its normal form is checked when all else is right."""
    try:
        notebook = read(path)
    except click.ClickException as error:
        return [Fault(path, "file", error.message)]
    faults = [Fault(path, *fault) for rule in RULES for fault in rule(notebook, path)]
    return faults or [Fault(path, *fault) for fault in check_normal_form(notebook, path)]


@click.command("lint")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def command(paths: tuple[Path, ...]) -> None:
    """Check the stored form of notebooks (default: all in chapters/ and solutions/)."""
    notebooks = find_notebooks(paths)
    faults = [fault for path in notebooks for fault in lint(path)]
    for fault in faults:
        click.echo(fault)
    if faults:
        raise click.ClickException(f"{len(faults)} fault{'s' * (len(faults) > 1)} in {len(notebooks)} notebooks")
    click.echo(f"{len(notebooks)} notebooks are as they should be.")
