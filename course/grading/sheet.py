"""What an assignment asks for: the cells of its source, what students received of them, and the points."""

import re
import symtable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import click

from course.coursedir import require_assignment
from course.grading.notebook import Cell, UnreadableError, read_cells
from course.paths import shown

SKIPPED = (".ipynb_checkpoints", "__pycache__")


@dataclass(frozen=True)
class SheetCell:
    """A cell that nbgrader knows.

    Attributes
    ----------
    role : str
        ``"given"`` (locked), ``"answer"``, ``"test"`` or ``"task"`` (marked by hand as a whole).
    by_hand : bool
        Whether a person gives the points.
    source : str
        The whole text, with hidden tests; for an answer the solution.
    release : str
        What students received.
    """

    grade_id: str
    role: str
    kind: str
    by_hand: bool
    points: float
    source: str
    release: str
    id: str
    metadata: dict = field(hash=False)

    @property
    def marked(self) -> bool:
        """Whether there are points for it."""
        return self.role == "test" or self.by_hand


@dataclass(frozen=True)
class Sheet:
    """One notebook of an assignment.

    Attributes
    ----------
    names : tuple of str
        What the solutions define, sorted: the names that students are asked for.
    """

    assignment: str
    name: str
    cells: tuple[SheetCell, ...]
    names: tuple[str, ...]


def load_sheets(root: Path, assignment: str) -> list[Sheet]:
    """Return the notebooks of an assignment, from `solutions/` and `exercises/`.

    Raises
    ------
    click.ClickException
        If there is no such assignment, or it has not been released since a cell was added.
    """
    require_assignment(root, assignment)
    sources = sorted((root / "solutions" / assignment).glob("*.ipynb"))
    return [_load(path, root / "exercises" / assignment / path.name, assignment) for path in sources]


def _load(source: Path, release: Path, assignment: str) -> Sheet:
    released = {cell.grade_id: cell for cell in _cells(release)} if release.exists() else {}
    cells, names = [], set()
    for cell in _cells(source):
        if not cell.grade_id:
            continue
        if cell.grade_id not in released:
            raise click.ClickException(f"cell {cell.grade_id!r} of {shown(source)} is not in {shown(release)}; "
                                       f"run: python -m course release {assignment}")
        cells.append(_sheet_cell(cell, released[cell.grade_id]))
        if cells[-1].role == "answer" and cell.kind == "code":
            names |= bound_names(cell.source)
    return Sheet(assignment, source.stem, tuple(cells), tuple(sorted(names)))


def _cells(path: Path) -> list[Cell]:
    try:
        return read_cells(path.read_bytes())[0]
    except UnreadableError as error:
        raise click.ClickException(f"{shown(path)} {error}") from error


def _sheet_cell(cell: Cell, released: Cell) -> SheetCell:
    grading = cell.grading
    if grading.get("task"):
        role = "task"
    elif grading.get("solution"):
        role = "answer"
    elif grading.get("grade") and cell.kind == "code":
        role = "test"
    else:
        role = "given"
    points = float(grading.get("points", 0)) if grading.get("grade") or grading.get("task") else 0.0
    by_hand = role == "task" or (bool(grading.get("grade")) and role != "test")
    return SheetCell(cell.grade_id, role, cell.kind, by_hand, points, cell.source, released.source, cell.id,
                     released.grading)


def bound_names(source: str) -> set[str]:
    r"""Return the names that a cell binds at its top level; none if it is not Python.

    Examples
    --------
    >>> sorted(bound_names("import numpy as np\ndef f(x):\n    y = x\n    return y\nz, w = 1, 2"))
    ['f', 'np', 'w', 'z']
    """
    try:
        table = symtable.symtable(source, "<cell>", "exec")
    except (SyntaxError, ValueError):
        return set()
    return {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}


def used_names(source: str) -> set[str]:
    r"""Return the names that a cell, or a function in it, may look up in the notebook's namespace.

    Examples
    --------
    >>> sorted(used_names("def f(x):\n    return x + y\n\nf(z)"))
    ['f', 'y', 'z']
    """
    try:
        table = symtable.symtable(source, "<cell>", "exec")
    except (SyntaxError, ValueError):  # a magic, perhaps: every word may be a name
        return set(re.findall(r"[^\W\d]\w*", source))
    return _looked_up(table)


def _looked_up(table: symtable.SymbolTable) -> set[str]:
    own = {symbol.get_name() for symbol in table.get_symbols()
           if symbol.is_referenced() and (symbol.is_global() or table.get_type() == "module")}
    return own.union(*map(_looked_up, table.get_children()))


def data_files(folder: Path) -> dict[str, bytes]:
    """Return path and content of the files of a folder that are no notebooks; links are not followed."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and path.suffix != ".ipynb"
        and not any(part in SKIPPED or part.startswith(".") for part in path.relative_to(folder).parts)
    }


def digest(*parts: object) -> str:
    """Return a fingerprint of what a mark depends on."""
    return sha256(repr(parts).encode()).hexdigest()
