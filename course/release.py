"""`course release`: write what students receive, and enter the assignment into the gradebook."""

from datetime import datetime
from pathlib import Path

import click

from course import coursedir
from course.exercises import files_below
from course.grading import gradebook


def release(root: Path, assignment: str, due: datetime | None = None) -> dict:
    """Release an assignment; releasing it again changes nothing but what changed in the source.

    Raises
    ------
    click.ClickException
        If there is no such assignment, or nbgrader refuses the source, with its log.
    """
    known = coursedir.assignments(root)
    if assignment not in known:
        raise click.ClickException(f"there is no assignment {assignment!r}; "
                                   f"there are: {', '.join(known) or 'none'}")
    folder = root / "exercises" / assignment
    before = files_below(folder) if folder.exists() else {}
    with gradebook.only_writer(root):
        entered = not _in_gradebook(root, assignment)
        coursedir.require_success(coursedir.open_course(root).generate_assignment(assignment, force=True),
                                  f"releasing {assignment}")
        if due is not None:
            with gradebook.GradebookWriter(root) as writer:
                writer.book.update_or_create_assignment(assignment, duedate=due.astimezone().isoformat())
    after = files_below(folder)
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    report = {"assignment": assignment, "files": sorted(after), "changed": changed, "entered": entered,
              "due": due.astimezone().isoformat() if due else None}
    gradebook.write_json(gradebook.reports(root) / f"{assignment}-released.json", report)
    return report


def _in_gradebook(root: Path, assignment: str) -> bool:
    from nbgrader.api import MissingEntry

    with gradebook.GradebookWriter(root) as writer:
        try:
            return bool(writer.book.find_assignment(assignment).notebooks)
        except MissingEntry:
            return False
