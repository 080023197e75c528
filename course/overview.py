"""What the assignments ask: tasks with their points, minutes and kinds, and the topics that they practise.

Subjects, points and minutes are read from the notebooks in `solutions/`; kinds and topics, which no notebook says,
from `solutions/overview.yml`.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from course import coursedir
from course.paths import ROOT

KINDS = {"derive", "compute", "choose", "counterexample", "explain", "own numbers"}
FILE = "overview.yml"

_HEADING = re.compile(r"^## Task (?P<task>\d+) · (?P<subject>.+?)(?: \([^()]*\))?$", re.MULTILINE)
_ROW = re.compile(r"^\| (?P<task>\d+) \|.*\| (?P<points>\d+) \| (?P<minutes>\d+) \|$", re.MULTILINE)


@dataclass(frozen=True)
class Task:
    """One task of an assignment.

    Attributes
    ----------
    promised : int
        The points that the table at the beginning of the assignment names.
    by_machine, by_hand : float
        The points that its cells give.
    kinds : tuple of str
        Some of `KINDS`.
    rows : tuple of str
        The topics that it practises, by their letter and number on the page "Sources and coverage".
    """

    number: int
    subject: str
    promised: int
    minutes: int
    by_machine: float
    by_hand: float
    kinds: tuple[str, ...]
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Assignment:
    """An assignment and its tasks, in their order."""

    name: str
    title: str
    tasks: tuple[Task, ...]


def assignments(root: Path = ROOT) -> list[Assignment]:
    """Return all assignments, in the order of their chapters.

    Raises
    ------
    ValueError
        If `solutions/overview.yml` and the notebooks do not name the same tasks.
    """
    described = yaml.safe_load((root / "solutions" / FILE).read_text("utf-8"))
    return [_read(root, name, described.get(name, {})) for name in coursedir.assignments(root)]


def _read(root: Path, name: str, described: dict) -> Assignment:
    cells = [cell for path in sorted((root / "solutions" / name).glob("*.ipynb"))
             for cell in json.loads(path.read_text("utf-8"))["cells"]]
    texts = ["".join(cell["source"]) if cell["cell_type"] == "markdown" else "" for cell in cells]
    subjects = {int(match["task"]): match["subject"] for match in map(_HEADING.search, texts) if match}
    table = {int(match["task"]): match for text in texts for match in _ROW.finditer(text)}
    points = _points(cells, texts)
    asked = {task for task in subjects if sum(points[task])}  # a heading without points need not be in the table
    if not asked <= table.keys() <= subjects.keys() == described.keys():
        raise ValueError(f"{name}: the headings name the tasks {sorted(subjects)}, the table at its beginning "
                         f"{sorted(table)}, and solutions/{FILE} {sorted(described)}; they must agree")
    tasks = tuple(
        Task(number, subject, int(table[number]["points"]), int(table[number]["minutes"]), *points[number],
             tuple(described[number]["kind"]), tuple(described[number]["rows"]))
        for number, subject in sorted(subjects.items()) if number in table)
    title = next(text for text in texts if text.startswith("# ")).splitlines()[0].removeprefix("# ")
    return Assignment(name, title, tasks)


def _points(cells: list[dict], texts: list[str]) -> dict[int, tuple[float, float]]:
    """Return the points of each task, by machine and by hand: those of the cells up to the next heading."""
    found: dict[int, tuple[float, float]] = {}
    task = 0
    for cell, text in zip(cells, texts, strict=True):
        heading = _HEADING.search(text)
        task = int(heading["task"]) if heading else task
        grading = cell["metadata"].get("nbgrader", {})
        by_hand = grading.get("task") or (grading.get("grade") and grading.get("solution"))
        machine, hand = found.get(task, (0.0, 0.0))
        points = grading.get("points", 0.0)
        found[task] = (machine, hand + points) if by_hand else (machine + points, hand)
    return found
