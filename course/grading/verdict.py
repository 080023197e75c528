"""What marking found: for each submission a status, and for each test its points and the reason."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

OK = "ok"
BY_HAND = "needs marking by hand"
CRASHED = "crashed"
TIMED_OUT = "timed out"
INVALID = "invalid"
STATUSES = (OK, BY_HAND, CRASHED, TIMED_OUT, INVALID)  # each worse than the one before


def status_now(found: str, to_mark: int) -> str:
    """Return the status now: what marking found, unless a person has done since what was left to do.

    Examples
    --------
    >>> status_now("needs marking by hand", 0), status_now("ok", 2), status_now("crashed", 2)
    ('ok', 'needs marking by hand', 'crashed')
    """
    return found if found not in (OK, BY_HAND) else BY_HAND if to_mark else OK


@dataclass
class Mark:
    """The points for one cell.

    Attributes
    ----------
    points : float or None
        What was earned; None where a person has to decide.
    answered : bool
        For a cell that is marked by hand: whether there is anything in it.
    message : str
        Why points were lost.
    """

    grade_id: str
    points: float | None
    out_of: float
    answered: bool = True
    message: str = ""


@dataclass
class NotebookVerdict:
    """What was found in one notebook.

    Attributes
    ----------
    problem : str
        Why it could not be marked; empty if it could.
    notes : list of str
        What was out of order and had to be mended.
    incidents : list of [str, str, str]
        Status, cell and reason, for each cell that ended the interpreter or was ended.
    unanswered : list of str
        The answer cells in which nothing was written.
    notebook : dict
        The notebook as it was marked, with outputs, in nbformat 4.5.
    """

    name: str
    problem: str = ""
    notes: list[str] = field(default_factory=list)
    incidents: list[list[str]] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    notebook: dict[str, Any] = field(default_factory=dict)


@dataclass
class Verdict:
    """What was found in one submission.

    Attributes
    ----------
    notes : list of str
        What was out of order with the files.
    doubts : list of str
        What a person should look at, although the work could be marked.
    """

    assignment: str
    student: str
    notebooks: list[NotebookVerdict]
    notes: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def status(self) -> str:
        """The worst that was found."""
        found = {OK}
        for notebook in self.notebooks:
            found |= {INVALID} if notebook.problem else set()
            found |= {kind for kind, _, _ in notebook.incidents}
            found |= {BY_HAND} if any(mark.points is None for mark in notebook.marks) else set()
        return max(found, key=STATUSES.index)

    @property
    def reason(self) -> str:
        """Why the status is what it is, in a sentence or two; empty if all is well."""
        problems = [f"{n.name}.ipynb {n.problem}." for n in self.notebooks if n.problem]
        incidents = [f"{where} {reason}." for n in self.notebooks for _, where, reason in n.incidents]
        faults = [f"{m.grade_id}: {m.message}." for n in self.notebooks for m in n.marks
                  if m.points is None and m.message]
        sentences = dict.fromkeys(problems + self.doubts + incidents + faults)
        return " ".join(s[0].upper() + s[1:] if s.startswith(("cell", "a cell")) else s for s in sentences)

    @property
    def points(self) -> float:
        """The points that were earned so far, without those that a person gives."""
        return sum(mark.points or 0.0 for notebook in self.notebooks for mark in notebook.marks)

    @property
    def out_of(self) -> float:
        """All points."""
        return sum(mark.out_of for notebook in self.notebooks for mark in notebook.marks)

    def report(self) -> dict[str, Any]:
        """Return everything but the notebooks, as plain data."""
        plain = asdict(replace(self, notebooks=[replace(notebook, notebook={}) for notebook in self.notebooks]))
        for notebook in plain["notebooks"]:
            del notebook["notebook"]
        return {"status": self.status, "reason": self.reason, "points": self.points, "out_of": self.out_of,
                **plain}
