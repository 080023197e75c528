"""`course status`: how far each assignment is."""

from collections import Counter
from pathlib import Path
from typing import Any

from course.coursedir import assignments
from course.grading import gradebook
from course.grading.export import rows
from course.grading.verdict import STATUSES


def overview(root: Path) -> list[dict[str, Any]]:
    """Return, for each assignment, how many submissions there are, were marked, and have feedback."""
    return [{
        "assignment": name,
        "released": any((root / "exercises" / name).glob("*.ipynb")),
        "submissions": _count(root, "submitted", name),
        "marked": _count(root, "autograded", name),
        "feedback": _count(root, "feedback", name),
        **_statuses(root, name),
    } for name in assignments(root)]


def _count(root: Path, folder: str, assignment: str) -> int:
    return sum(path.is_dir() for path in (root / folder).glob(f"[!.]*/{assignment}"))


def _statuses(root: Path, assignment: str) -> dict[str, int]:
    """Return how many submissions have each status, as marking left them; nothing is asked of the gradebook."""
    found = [gradebook.read_json(path) for path in (root / "grading" / assignment).glob("*.json")]
    counted = Counter(report["status"] for report in found if isinstance(report, dict) and "status" in report)
    return {status: counted[status] for status in STATUSES}


def students(root: Path, assignment: str) -> list[dict[str, Any]]:
    """Return a row for each student, with the points and the status that they have now."""
    keys = ("student_id", "score", "max_score", "status", "reason")
    return [{key: row[key] for key in keys} for row in rows(root, [assignment])]
