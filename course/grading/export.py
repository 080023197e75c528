"""`course export`: marks as a table, with a status that says which of them a person should look at first."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from course.grading import gradebook
from course.grading.verdict import BY_HAND, OK

COLUMNS = ("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score",
           "late_submission_penalty", "score", "max_score", "status", "reason")  # the last two are not nbgrader's
NOTHING = "no submission"


def rows(root: Path, assignments: Sequence[str] = (), students: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return a row for each student and assignment in the gradebook, with the columns of nbgrader's own export."""
    with gradebook.GradebookWriter(root) as writer:
        book = writer.book
        return [_row(root, book, assignment, student)
                for assignment in book.assignments if not assignments or assignment.name in assignments
                for student in book.students if not students or student.id in students]


def _row(root: Path, book: Any, assignment: Any, student: Any) -> dict[str, Any]:
    from nbgrader.api import MissingEntry

    row = {"assignment": assignment.name, "duedate": assignment.duedate, "student_id": student.id,
           "last_name": student.last_name, "first_name": student.first_name, "email": student.email,
           "max_score": assignment.max_score, "timestamp": None, "raw_score": 0.0,
           "late_submission_penalty": 0.0, "score": 0.0, "status": NOTHING, "reason": ""}
    try:
        submission = book.find_submission(assignment.name, student.id)
    except MissingEntry:
        return row
    report = gradebook.read_json(gradebook.reports(root) / assignment.name / f"{student.id}.json") or {}
    penalty = submission.late_submission_penalty
    row |= {"timestamp": submission.timestamp, "raw_score": submission.score, "late_submission_penalty": penalty,
            "score": max(0.0, submission.score - penalty), "reason": report.get("reason", ""),
            "status": status(report.get("status"), submission.needs_manual_grade)}
    return row


def status(reported: str | None, needs_hand: bool) -> str:
    """Return the status now: what marking found, unless a person has done since what was left to do.

    Examples
    --------
    >>> status("needs marking by hand", False), status("ok", True), status("crashed", True), status(None, False)
    ('ok', 'needs marking by hand', 'crashed', 'ok')
    """
    if reported not in (None, OK, BY_HAND):
        return reported
    return BY_HAND if needs_hand else OK


def write_csv(table: list[dict[str, Any]], file: TextIO) -> None:
    """Write the rows as CSV; a text that a spreadsheet would take for a formula is quoted so that it is none."""
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in table:
        writer.writerow({key: "" if value is None else _harmless(value) for key, value in row.items()})


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t") else value
