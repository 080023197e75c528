"""The one place that writes marks: nbgrader's gradebook, and the marked notebooks that its formgrader shows."""

import contextlib
import json
import shutil
import warnings
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from course.coursedir import config_of, find_alembic
from course.grading.sheet import Sheet
from course.grading.verdict import NotebookVerdict, Verdict

NO_RESPONSE = "No response."


def read_timestamp(folder: Path) -> datetime | None:
    """Return when a submission was handed in, from nbgrader's `timestamp.txt`; None if that says nothing."""
    from nbgrader.utils import parse_utc

    path = folder / "timestamp.txt"
    if not path.exists():
        return None
    try:
        return parse_utc(path.read_text("utf-8-sig").strip() or None)
    except (ValueError, OverflowError):
        return None


class GradebookWriter:
    """Writes verdicts, one after another, each in one transaction.

    Parameters
    ----------
    root : Path
        The folder of the course.
    """

    def __init__(self, root: Path) -> None:
        from nbgrader.api import Gradebook
        from nbgrader.coursedir import CourseDirectory
        from nbgrader.plugins import LateSubmissionPlugin
        from sqlalchemy.exc import SAWarning

        # nbgrader fills its own tables in an order that SQLAlchemy frowns upon; the result is right.
        warnings.filterwarnings("ignore", category=SAWarning, module=r"nbgrader\.")
        find_alembic()
        config = config_of(root)
        course = CourseDirectory(config=config)
        self.root = root
        self.late = LateSubmissionPlugin(config=config)
        self.book = Gradebook(course.db_url, course.course_id)
        self._names: dict[str, dict[str, str]] = {}

    def __enter__(self) -> "GradebookWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self.book.close()

    def require_released(self, assignment: str, sheets: list[Sheet]) -> None:
        """Raise ClickException unless the gradebook knows each cell of the assignment, with its points."""
        from nbgrader.api import MissingEntry

        for sheet in sheets:
            try:
                notebook = self.book.find_notebook(sheet.name, assignment)
            except MissingEntry:
                known = None
            else:
                known = {cell.name: cell.max_score for cell in [*notebook.grade_cells, *notebook.task_cells]}
            if known != {cell.grade_id: cell.points for cell in sheet.cells if cell.marked}:
                raise click.ClickException(f"the gradebook does not know {assignment} as it is in solutions/; "
                                           f"run: course release {assignment}")

    def add_student(self, student: str, **details: str) -> None:
        """Enter a student, or change what the gradebook says about one."""
        self.book.update_or_create_student(student, **details)

    def scores(self, assignment: str, student: str) -> dict[tuple[str, str], float | None] | None:
        """Return what marking has given each cell, by notebook and cell; None if nothing was ever entered."""
        from nbgrader.api import MissingEntry

        try:
            submission = self.book.find_submission(assignment, student)
        except MissingEntry:
            return None
        return {(notebook.name, grade.name): grade.auto_score
                for notebook in submission.notebooks for grade in notebook.grades}

    def standing(self, assignment: str, student: str) -> tuple[float, int]:
        """Return the points that a student has now, and how many cells a person has to look at.

        A mark that was given for another text does not count until somebody has looked at this one.
        """
        return standing_of(self.book.find_submission(assignment, student))

    def write(self, verdict: Verdict, timestamp: datetime | None,
              new: Iterable[tuple[str, str]] = ()) -> tuple[float, int]:
        """Enter a verdict, and return the `standing`; marks and comments by hand stay as they are.

        Those of the cells in `new`, by notebook and cell, were given for another text: a person looks again.
        """
        when = {} if timestamp is None else {"timestamp": timestamp}
        found = {notebook.name: notebook for notebook in verdict.notebooks}
        with self._one_transaction():
            self.book.update_or_create_student(verdict.student)
            submission = self.book.update_or_create_submission(verdict.assignment, verdict.student, **when)
            names = self._names_of_cells(submission.assignment)
            for notebook in submission.notebooks:
                _enter(notebook, found[notebook.name], names, set(new))
                notebook.late_submission_penalty = None
            if submission.total_seconds_late > 0:
                self.book.db.flush()
                self.book.db.expire_all()  # the scores are sums that the database makes, and has to make anew
                for notebook in submission.notebooks:
                    notebook.late_submission_penalty = self._penalty(submission, notebook, verdict.student)
            return standing_of(submission)

    @contextlib.contextmanager
    def _one_transaction(self) -> Iterator[None]:
        """Keep all that is entered, or nothing of it, although nbgrader commits each of its steps by itself."""
        session = self.book.db()
        session.commit, commit = session.flush, session.commit
        try:
            yield
            commit()
        finally:
            del session.commit
            session.rollback()  # nothing is left to undo, unless there was an error

    def _names_of_cells(self, assignment: Any) -> dict[str, str]:
        # Asked for once: nbgrader would look up the name of each cell anew for each student.
        if assignment.name not in self._names:
            self._names[assignment.name] = {
                cell.id: cell.name for notebook in assignment.notebooks
                for cell in (*notebook.grade_cells, *notebook.solution_cells, *notebook.task_cells)}
        return self._names[assignment.name]

    def _penalty(self, submission: Any, notebook: Any, student: str) -> float | None:
        """Return what lateness costs, by the plug-in that the settings name; never more than was earned."""
        penalty = self.late.late_submission_penalty(student, notebook.score, submission.total_seconds_late)
        return None if penalty is None else min(max(penalty, 0.0), notebook.score)


def _enter(notebook: Any, verdict: NotebookVerdict, names: dict[str, str], new: set[tuple[str, str]]) -> None:
    marks = {mark.grade_id: mark for mark in verdict.marks}
    for grade in notebook.grades:
        name = names[grade.cell_id]
        points = marks[name].points
        grade.auto_score = points
        # What a person has marked is looked at again if it has changed; nbgrader would ask for it each time.
        again = grade.needs_manual_grade or (verdict.name, name) in new
        grade.needs_manual_grade = again if grade.manual_score is not None else points is None
    for comment in notebook.comments:
        comment.auto_comment = NO_RESPONSE if names[comment.cell_id] in verdict.unanswered else None


def standing_of(submission: Any) -> tuple[float, int]:
    """Return the points, and how many cells a person has to look at; `submission` is nbgrader's."""
    grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
    points = sum(_points(grade) for grade in grades if is_marked(grade) or grade.manual_score is None)
    return points, sum(not is_marked(grade) for grade in grades)


def _points(grade: Any) -> float:
    """Return what nbgrader calls the score of a cell."""
    given = grade.auto_score if grade.manual_score is None else grade.manual_score
    return (given or 0.0) + (grade.extra_credit or 0.0)


def is_marked(grade: Any) -> bool:
    """Whether a cell has its points, from a test or from a person who has seen its text; `grade` is nbgrader's."""
    return not grade.needs_manual_grade and (grade.auto_score is not None or grade.manual_score is not None)


def new_texts(verdict: Verdict, root: Path) -> list[tuple[str, str]]:
    """Return the marked cells, by notebook and cell, whose text is not the one that was marked before.

    A test stands for all answers of its notebook.
    """
    found = []
    for notebook in verdict.notebooks:
        path = root / "autograded" / verdict.student / verdict.assignment / f"{notebook.name}.ipynb"
        before, now = _answers(read_json(path)), _answers(notebook.notebook)
        found += [(notebook.name, mark.grade_id) for mark in notebook.marks
                  if (before.get(mark.grade_id) != now[mark.grade_id] if mark.grade_id in now else before != now)]
    return found


def _answers(notebook: Any) -> dict[str, str]:
    """Return what was answered, by cell."""
    cells = notebook.get("cells", []) if isinstance(notebook, dict) else []
    return {grading["grade_id"]: "".join(cell["source"]) for cell in cells
            if (grading := cell["metadata"].get("nbgrader")) and (grading.get("solution") or grading.get("task"))}


def write_marked(verdict: Verdict, submitted: Path, root: Path) -> None:
    """Write the marked notebooks to `autograded/`, in place of what is there; all of them or none."""
    target = root / "autograded" / verdict.student / verdict.assignment
    fresh = target.with_name(f".{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for notebook in verdict.notebooks:
        text = json.dumps(notebook.notebook, ensure_ascii=False, indent=1) + "\n"
        (fresh / f"{notebook.name}.ipynb").write_text(text, encoding="utf-8", newline="\n")
    if (submitted / "timestamp.txt").exists():
        shutil.copyfile(submitted / "timestamp.txt", fresh / "timestamp.txt")
    if target.exists():
        _make_removable(target)
        shutil.rmtree(target)
    fresh.rename(target)


def _make_removable(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)


@contextlib.contextmanager
def only_writer(root: Path) -> Iterator[None]:
    """Hold the right to write to the gradebook and to `autograded/`.

    Raises
    ------
    click.ClickException
        If another program has it.
    """
    import filelock

    folder = reports(root)
    lock = filelock.FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise click.ClickException("another `course` is writing to the gradebook; wait until it is done") from None
    try:
        yield
    finally:
        lock.release()


def reports(root: Path) -> Path:
    """Return the folder for reports, which git ignores: they hold names and marks."""
    folder = root / "grading"
    folder.mkdir(exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    return folder


def write_json(path: Path, content: Any) -> None:
    """Write a report, all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    fresh.replace(path)


def read_json(path: Path) -> Any:
    """Return a report, or None if there is none that can be read."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
