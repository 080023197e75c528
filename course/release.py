"""`course release`: write what students receive, and enter the assignment into the gradebook."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from course import coursedir
from course.exercises import files_below
from course.grading import gradebook


def release(root: Path, assignment: str, due: datetime | None = None, no_due: bool = False) -> dict[str, Any]:
    """Release an assignment; releasing it again changes nothing but what changed in the source.

    Parameters
    ----------
    root : Path
        The folder of the course.
    assignment : str
        Its name.
    due : datetime, optional
        The deadline, in local time; without it a deadline that was set before stands.
    no_due : bool
        Take the deadline away.

    Raises
    ------
    click.ClickException
        If there is no such assignment, or nbgrader refuses the source, with its log.
    """
    coursedir.require_assignment(root, assignment)
    folder = root / "exercises" / assignment
    before = files_below(folder) if folder.exists() else {}
    with gradebook.only_writer(root):
        points_before = _points(root, assignment)
        coursedir.require_success(coursedir.open_course(root).generate_assignment(assignment, force=True),
                                  f"releasing {assignment}")
        with gradebook.GradebookWriter(root) as writer:
            if due is not None or no_due:
                deadline = due.astimezone().isoformat() if due else None
                writer.book.update_or_create_assignment(assignment, duedate=deadline)
            standing = writer.book.find_assignment(assignment).duedate
    after = files_below(folder)
    points = _points(root, assignment)
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    report = {"assignment": assignment, "files": sorted(after), "changed": changed,
              "entered": not points_before, "points_changed": bool(points_before) and points_before != points,
              "due": standing.replace(tzinfo=UTC).astimezone().isoformat() if standing else None}
    gradebook.write_json(gradebook.reports(root) / f"{assignment}-released.json", report)
    return report


def is_in_gradebook(root: Path, assignment: str) -> bool:
    """Return whether the gradebook knows the notebooks of an assignment."""
    return bool(_points(root, assignment))


def _points(root: Path, assignment: str) -> dict[tuple[str, str], float]:
    """Return the points of each cell in the gradebook, by notebook and cell; empty if it does not know them."""
    from nbgrader.api import MissingEntry

    with gradebook.GradebookWriter(root) as writer:
        try:
            notebooks = writer.book.find_assignment(assignment).notebooks
        except MissingEntry:
            return {}
        return {(notebook.name, cell.name): cell.max_score for notebook in notebooks
                for cell in (*notebook.grade_cells, *notebook.task_cells)}
