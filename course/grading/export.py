"""`course export`: marks as a table, with a status that says which of them a person should look at first."""

import csv
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TextIO

import click

from course import coursedir
from course.grading import gradebook
from course.grading.run import handed_in
from course.grading.verdict import OK, status_now

COLUMNS = ("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score",
           "late_submission_penalty", "score", "max_score",  # so far nbgrader's own
           "hours_late", "to_mark", "status", "reason")
NOTHING = "no submission"
NOT_YET = "not marked yet"
AGAIN = "handed in again"
WAITING = (NOT_YET, AGAIN)  # for `course grade`


def rows(root: Path, assignments: Sequence[str] = (), students: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return a row for each student and assignment, with the columns of nbgrader's own export and our own.

    Raises
    ------
    click.ClickException
        If there is no such assignment or student.
    """
    with gradebook.GradebookWriter(root) as writer:
        book = writer.book
        released = sorted((known for known in book.assignments if known.notebooks),
                          key=lambda known: coursedir.in_order(known.name))
        known = {student.id: student for student in book.students}
        for folder in sorted((root / "submitted").glob("[!.]*")):
            known.setdefault(folder.name, SimpleNamespace(id=folder.name, last_name=None, first_name=None,
                                                          email=None))
        for name in assignments:
            coursedir.require_assignment(root, name)
        for name in students:
            if name not in known:
                raise click.ClickException(f"there is no student {name!r} in the gradebook or in submitted/")
        return [_row(root, book, assignment, known[student])
                for assignment in released if not assignments or assignment.name in assignments
                for student in sorted(known) if not students or student in students]


def _row(root: Path, book: Any, assignment: Any, student: Any) -> dict[str, Any]:
    from nbgrader.api import MissingEntry

    row = {"assignment": assignment.name, "duedate": assignment.duedate, "student_id": student.id,
           "last_name": student.last_name, "first_name": student.first_name, "email": student.email,
           "max_score": assignment.max_score, "timestamp": None, "raw_score": 0.0, "hours_late": 0.0,
           "late_submission_penalty": 0.0, "score": 0.0, "to_mark": 0, "status": NOTHING, "reason": ""}
    folder = root / "submitted" / student.id / assignment.name
    try:
        submission = book.find_submission(assignment.name, student.id)
    except MissingEntry:
        return row | ({"status": NOT_YET} if folder.is_dir() else {})
    report = gradebook.read_json(gradebook.reports(root) / assignment.name / f"{student.id}.json") or {}
    penalty = submission.late_submission_penalty
    _, to_mark = gradebook.standing_of(submission)
    row |= {"timestamp": submission.timestamp, "raw_score": submission.score, "late_submission_penalty": penalty,
            "hours_late": round(max(0.0, submission.total_seconds_late) / 3600, 2),
            "score": max(0.0, submission.score - penalty), "reason": report.get("reason", ""), "to_mark": to_mark,
            "status": status_now(report.get("status", OK), to_mark)}
    if folder.is_dir() and report.get("handed_in") not in (None, handed_in(folder)):
        row |= {"status": AGAIN, "reason": "the marks are those of the work that was handed in before"}
    return row


def write_csv(table: list[dict[str, Any]], file: TextIO) -> None:
    """Write the rows as CSV; a text that a spreadsheet would take for a formula is quoted so that it is none.

    Times are those of the gradebook, in UTC, and say so.
    """
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in table:
        times = {key: f"{row[key]}+00:00" for key in ("duedate", "timestamp") if row[key] is not None}
        writer.writerow({key: "" if value is None else _harmless(value) for key, value in (row | times).items()})


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t") else value


def waiting(table: Sequence[dict[str, Any]]) -> list[str]:
    """Return one sentence for each assignment in which something was collected since it was marked."""
    found: dict[str, int] = {}
    for row in table:
        if row["status"] in WAITING:
            found[row["assignment"]] = found.get(row["assignment"], 0) + 1
    return [f"{count} submission{'s were' if count > 1 else ' was'} collected since the last marking: "
            f"course grade {assignment}" for assignment, count in found.items()]
