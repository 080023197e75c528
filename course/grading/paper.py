"""What a student handed in, put in order: every cell of the assignment at its place, and what had to be mended.

Cells are recognised by nbgrader's name for them, else by their id, else by their text, else by their place between
others that were recognised. Given cells and tests are those of the assignment, whatever the student's copy says. A
test comes after the answers that it needs, and a given cell before those that need it.
"""

from dataclasses import dataclass, field

from course.grading.notebook import Cell, same_text, unique_ids
from course.grading.sheet import Sheet, SheetCell, bound_names

_FLAGS = ("grade", "solution", "locked", "task", "points")



@dataclass
class Step:
    """A cell of the notebook that is marked.

    Attributes
    ----------
    role : str
        As in `SheetCell`, or ``"own"`` for a cell that the student has added.
    cell : SheetCell or None
        What the assignment says about it; None for one of the student's own.
    """

    role: str
    kind: str
    source: str
    cell: SheetCell | None
    id: str
    attachments: dict = field(default_factory=dict)

    @property
    def answered(self) -> bool:
        """Whether it holds something other than what was handed out."""
        return self.cell is not None and not same_text(self.source, self.cell.release)

    @property
    def name(self) -> str:
        """What to call it in a message."""
        return f"cell {self.cell.grade_id!r}" if self.cell else "a cell of the student's own"


@dataclass
class Paper:
    """A notebook in order, and notes on what was out of order."""

    sheet: Sheet
    steps: list[Step]
    notes: list[str]


def arrange(sheet: Sheet, cells: list[Cell], notes: list[str] = ()) -> Paper:
    """Put the cells of a submission in order.

    Parameters
    ----------
    sheet : Sheet
        What the assignment asks for.
    cells : list of Cell
        What was handed in.
    notes : list of str
        What reading had to mend.
    """
    notes = list(notes)
    places = _recognise(sheet, cells, notes)
    owners = {place: cell for cell, place in zip(sheet.cells, places, strict=True) if place is not None}
    steps = [_step(cells[n], owners.get(n), notes) for n in range(len(cells))
             if not _superfluous(n, cells, owners, sheet)]
    _restore(sheet, steps, notes)
    _order(sheet, steps, notes)
    for step, own in zip(steps, unique_ids(step.id for step in steps), strict=True):
        step.id = own
    return Paper(sheet, steps, notes)


# --- which cell is which ---------------------------------------------------------------------------------------

def _recognise(sheet: Sheet, cells: list[Cell], notes: list[str]) -> list[int | None]:
    """Return, for each cell of the sheet, the number of the student's cell that is it."""
    free = set(range(len(cells)))
    places: list[int | None] = [None] * len(sheet.cells)

    def take(number: int, place: int | None) -> None:
        if place is not None:
            places[number] = place
            free.discard(place)

    for number, cell in enumerate(sheet.cells):
        take(number, _by_name(cell, cells, notes))
    unmarked = [number for number, place in enumerate(places) if place is None]
    for find in (_by_id, _by_text):
        for number in unmarked:
            if places[number] is None:
                take(number, find(sheet.cells[number], cells, free))
    for number in unmarked:
        if places[number] is None and sheet.cells[number].role == "answer":
            take(number, _by_place(sheet.cells[number], cells, _between(number, places, free, len(cells))))
    mended = [sheet.cells[number].grade_id for number in unmarked if places[number] is not None]
    if mended:
        notes.append(f"nbgrader's labels were missing from {_listed(mended)}; the cells were recognised without "
                     "them.")
    return places


def _by_name(cell: SheetCell, cells: list[Cell], notes: list[str]) -> int | None:
    """Return the cell with nbgrader's name; of several answers the last that was written."""
    found = [n for n, own in enumerate(cells) if own.grade_id == cell.grade_id]
    if len(found) > 1:
        which = "the last answer counts" if cell.role == "answer" else "it counts once"
        notes.append(f"Cell {cell.grade_id!r} is there {len(found)} times; {which}.")
    if cell.role == "answer":
        written = [n for n in found if not same_text(cells[n].source, cell.release)]
        return (written or found or [None])[-1]
    return found[0] if found else None


def _by_id(cell: SheetCell, cells: list[Cell], free: set[int]) -> int | None:
    return next((n for n in sorted(free)
                 if cell.id and cells[n].id == cell.id and cells[n].kind == cell.kind), None)


def _by_text(cell: SheetCell, cells: list[Cell], free: set[int]) -> int | None:
    return next((n for n in sorted(free) if same_text(cells[n].source, cell.release)), None)


def _between(number: int, places: list[int | None], free: set[int], size: int) -> list[int]:
    """Return the cells that lie between the neighbours, in the sheet, of cell `number`."""
    before = [place for place in places[:number] if place is not None]
    after = [place for place in places[number + 1:] if place is not None]
    low, high = max(before, default=-1), min((p for p in after if p > max(before, default=-1)), default=size)
    return [n for n in range(low + 1, high) if n in free]


def _by_place(cell: SheetCell, cells: list[Cell], between: list[int]) -> int | None:
    """Return the cell of the right kind there: one that defines what is asked for, if there is one."""
    fitting = [n for n in between if cells[n].kind == cell.kind and cells[n].source.strip()]
    wanted = bound_names(cell.release)
    return next((n for n in fitting if wanted & bound_names(cells[n].source)), fitting[0] if fitting else None)


def _superfluous(n: int, cells: list[Cell], owners: dict[int, SheetCell], sheet: Sheet) -> bool:
    """Whether a cell is no more than a second copy of one that was handed out."""
    copies = [cell for cell in sheet.cells if cell.grade_id == cells[n].grade_id]
    return n not in owners and bool(copies) and same_text(cells[n].source, copies[0].release)


# --- what it says ----------------------------------------------------------------------------------------------

def _step(own: Cell, cell: SheetCell | None, notes: list[str]) -> Step:
    if cell is None:
        return Step("own", own.kind, own.source, None, own.id, own.attachments)
    _note_changes(own, cell, notes)
    if cell.role == "answer":
        return Step("answer", cell.kind, own.source, cell, own.id or cell.id, own.attachments)
    if cell.role == "task":
        return Step("task", cell.kind, own.source, cell, own.id or cell.id, own.attachments)
    return Step(cell.role, cell.kind, cell.source, cell, own.id or cell.id)


def _note_changes(own: Cell, cell: SheetCell, notes: list[str]) -> None:
    flags = {flag: value for flag, value in own.grading.items() if flag in _FLAGS}
    right = {flag: cell.metadata.get(flag) for flag in flags}
    if own.grading and (flags != right or own.kind != cell.kind):
        notes.append(f"nbgrader's labels on cell {cell.grade_id!r} were changed; the original ones are used.")
    original = any(same_text(own.source, text) for text in (cell.release, cell.source))
    if cell.role in ("given", "test") and not original:
        notes.append(f"Cell {cell.grade_id!r} is that of an earlier edition; the present one is used."
                     if own.as_released else f"Cell {cell.grade_id!r} was changed; the original is used.")


# --- what is missing, and what comes too early -----------------------------------------------------------------

def _restore(sheet: Sheet, steps: list[Step], notes: list[str]) -> None:
    """Put back what was deleted, behind the cell that precedes it in the sheet; answers stay away."""
    there = {step.cell.grade_id for step in steps if step.cell}
    gone = [cell for cell in sheet.cells if cell.grade_id not in there]
    for cell in gone:
        if cell.role != "answer" or cell.by_hand:
            number = sheet.cells.index(cell)
            before = {c.grade_id for c in sheet.cells[:number]}
            place = max((n for n, step in enumerate(steps) if step.cell and step.cell.grade_id in before),
                        default=-1)
            source = cell.release if cell.role in ("answer", "task") else cell.source
            steps.insert(place + 1, Step(cell.role, cell.kind, source, cell, cell.id))
    answers = [cell.grade_id for cell in gone if cell.role == "answer"]
    others = [cell.grade_id for cell in gone if cell.role != "answer" and (cell.kind == "code" or cell.by_hand)]
    if answers:
        notes.append(f"There is no answer cell {_listed(answers)}.")
    if others:
        notes.append(f"Deleted, and put back: {_listed(others)}.")


def _order(sheet: Sheet, steps: list[Step], notes: list[str]) -> None:
    """Move tests behind the answers that they need, and given code before what needs it."""
    rank = {cell.grade_id: number for number, cell in enumerate(sheet.cells)}
    moved = []
    movable = [s for s in steps if s.cell and s.kind == "code" and s.role in ("given", "test")]
    for step in sorted(movable, key=lambda s: s.role):  # what is given first
        place, own = steps.index(step), rank[step.cell.grade_id]
        others = [(n, rank[s.cell.grade_id], s) for n, s in enumerate(steps) if s.cell and s.kind == "code"]
        if step.role == "test":
            target = max((n for n, other, s in others if other < own and s.role != "test"), default=place)
            if target > place:
                steps.insert(target, steps.pop(place))
                moved.append(step.cell.grade_id)
        else:
            target = min((n for n, other, s in others if other > own), default=place)
            if target < place:
                steps.insert(target, steps.pop(place))
                moved.append(step.cell.grade_id)
    if moved:
        notes.append(f"The cells are in another order; moved to where they can work: {_listed(moved)}.")


def _listed(names: list[str]) -> str:
    """Return names in quotes, the first few of many.

    Examples
    --------
    >>> _listed(["a"]), _listed(list("abcdef"))
    ("'a'", "'a', 'b', 'c', 'd' and 2 more")
    """
    first = ", ".join(repr(name) for name in names[:4])
    return first if len(names) <= 4 else f"{first} and {len(names) - 4} more"
