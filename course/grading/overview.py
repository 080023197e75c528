"""`course status`: how far each assignment is."""

from collections import Counter
from pathlib import Path
from typing import Any

from course.coursedir import assignments, require_assignment
from course.grading.export import NOTHING, WAITING, rows
from course.grading.verdict import STATUSES
from course.release import is_in_gradebook


def overview(root: Path) -> list[dict[str, Any]]:
    """Return, for each assignment, what was released and handed in, and how far its marking is."""
    table = rows(root)
    return [_line(root, name, [row for row in table if row["assignment"] == name]) for name in assignments(root)]


def _line(root: Path, assignment: str, table: list[dict[str, Any]]) -> dict[str, Any]:
    handed_in = [row for row in table if row["status"] != NOTHING]
    counted = Counter(row["status"] for row in handed_in)
    due = next((row["duedate"] for row in table if row["duedate"]), None)
    return {
        "assignment": assignment,
        "released": is_in_gradebook(root, assignment),
        "due": f"{due}+00:00" if due else "",
        "submissions": len(handed_in),
        "to grade": sum(counted[status] for status in WAITING),
        "feedback": sum(path.is_dir() for path in (root / "feedback").glob(f"[!.]*/{assignment}")),
        **{status: counted[status] for status in STATUSES},
    }


def students(root: Path, assignment: str) -> list[dict[str, Any]]:
    """Return a row for each student, with the points and the status that they have now.

    Raises
    ------
    click.ClickException
        If there is no such assignment.
    """
    require_assignment(root, assignment)
    keys = ("student_id", "score", "max_score", "to_mark", "status", "reason")
    return [{key: row[key] for key in keys} for row in rows(root, [assignment])]
