"""`course grade`: mark every submission of an assignment, several at a time, and enter the marks one by one."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

from course import coursedir
from course.grading import gradebook
from course.grading.mark import Task, mark, notebook_of, require_sandbox, start_server
from course.grading.notebook import LARGEST
from course.grading.paper import arrange
from course.grading.sandbox import Limits, SandboxError
from course.grading.sheet import Sheet, data_files, digest, load_sheets
from course.grading.verdict import STATUSES, Mark, NotebookVerdict, Verdict, status_now
from course.kernels.forkserver import ForkServerError

_MOST_FILES = 64 * 2**20


@dataclass(frozen=True)
class Submission:
    """What one student handed in for one assignment."""

    student: str
    folder: Path


@dataclass
class Summary:
    """What a run has done.

    Attributes
    ----------
    rows : list of dict
        For each submission what its report says, and under ``"done"`` whether it was marked in this run.
    """

    assignment: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    def count(self, status: str) -> int:
        """Return how many submissions have a status."""
        return sum(row["status"] == status for row in self.rows)

    @property
    def to_mark(self) -> int:
        """In how many submissions a person has something to mark."""
        return sum(row["to_mark"] > 0 for row in self.rows)

    def as_json(self) -> dict[str, Any]:
        """Return the whole as plain data."""
        return {"assignment": self.assignment, "seconds": round(self.seconds, 2),
                "counts": {status: self.count(status) for status in STATUSES}, "submissions": self.rows}


def find_submissions(root: Path, assignment: str, students: Sequence[str] = ()) -> list[Submission]:
    """Return the submissions in `submitted/`, sorted by student.

    Raises
    ------
    click.ClickException
        If there are none, or one of `students` has handed in nothing.
    """
    found = {folder.parent.name: Submission(folder.parent.name, folder)
             for folder in sorted((root / "submitted").glob(f"*/{assignment}")) if folder.is_dir()}
    missing = sorted(set(students) - set(found))
    if missing:
        raise click.ClickException(f"no submission of {assignment} by {', '.join(missing)}")
    if not found:
        raise click.ClickException(f"no submissions of {assignment}; collect them first: "
                                   f"course collect {assignment} …")
    return [found[name] for name in (sorted(set(students)) or found)]


def make_task(submission: Submission, assignment: str, sheets: list[Sheet], files: dict[str, bytes],
              limits: Limits, sandboxed: bool, own_numbers: bool = False) -> Task:
    """Read a submission; nothing of it is changed, and links are not followed."""
    notebooks = {path.name: _read(path) for path in sorted(submission.folder.glob("*.ipynb"))
                 if path.is_file() and not path.is_symlink()}
    extra = data_files(submission.folder)
    extra.pop("timestamp.txt", None)
    if sum(map(len, extra.values())) > _MOST_FILES:
        extra = {}
    return Task(assignment, submission.student, sheets, notebooks, extra, files, limits, sandboxed,
                own_numbers)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def fingerprint(task: Task) -> str:
    """Return a digest of all that the marks of a task depend on, the code that gives them included."""
    return digest(task.sheets, task.notebooks, task.extra, task.files, task.limits, task.sandboxed,
                  task.own_numbers, _code())


def handed_in(folder: Path) -> str:
    """Return a digest of what a student handed in, with which to see whether it is what was marked."""
    return digest(sorted((path.relative_to(folder).as_posix(), path.read_bytes()) for path in folder.rglob("*")
                         if path.is_file() and not path.is_symlink()))


def _code() -> str:
    import labkit

    folders = (Path(labkit.__file__).parent, Path(__file__).parent)
    files = sorted(path for folder in folders for path in folder.rglob("*.py"))
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def grade(root: Path, assignment: str, *, students: Sequence[str] = (), workers: int | None = None,
          limits: Limits | None = None, again: bool = False, unsafe: bool = False, scheduler: str | None = None,
          told: Callable[[dict[str, Any], int], None] = lambda row, total: None) -> Summary:
    """Mark the submissions of an assignment and enter the marks.

    Parameters
    ----------
    root : Path
        The folder of the course.
    assignment : str
        Its name.
    students : sequence of str
        Whose work to mark; by default everybody's.
    workers : int, optional
        How many submissions to mark at the same time; by default as many as there are processors.
    limits : Limits, optional
        What one submission may use.
    again : bool
        Mark what has been marked before, too, although nothing has changed.
    unsafe : bool
        Run the submissions without a sandbox.
    scheduler : str, optional
        The address of a Dask scheduler, or ``"local"``; by default the work is done by this machine alone.
    told : callable
        Called after each submission with its row of the summary and the number of submissions.

    Raises
    ------
    click.ClickException
        If there is nothing to mark, or no safe place to do it.
    """
    began = time.monotonic()
    limits = limits or Limits()
    sheets = load_sheets(root, assignment)
    submissions = find_submissions(root, assignment, students)
    try:
        if scheduler is None:
            start_server()  # it loads its modules while the gradebook is opened
            if not unsafe:
                require_sandbox(root)
        with gradebook.only_writer(root), gradebook.GradebookWriter(root) as writer:
            writer.require_released(assignment, sheets)
            run = _Run(root, assignment, sheets, limits, not unsafe, coursedir.own_numbers(root), writer,
                       Summary(assignment), told, len(submissions))
            tasks = run.skip_unchanged(submissions, again)
            with _marker(scheduler, workers or len(os.sched_getaffinity(0))) as start:
                _mark_all(tasks, start, run.enter)
            run.summary.rows.sort(key=lambda row: row["student"])
            run.summary.seconds = time.monotonic() - began
            gradebook.write_json(gradebook.reports(root) / f"{assignment}.json", run.summary.as_json())
            return run.summary
    except (SandboxError, ForkServerError) as error:
        raise click.ClickException(f"{error}. Submissions are programs by strangers: they are not run without a "
                                   "sandbox. To run them all the same, where there is nothing to lose, add "
                                   "--unsafe.") from error


@dataclass
class _Run:
    """One run: what it marks, and where the verdicts go."""

    root: Path
    assignment: str
    sheets: list[Sheet]
    limits: Limits
    sandboxed: bool
    own_numbers: bool
    writer: gradebook.GradebookWriter
    summary: Summary
    told: Callable[[dict[str, Any], int], None]
    total: int

    def report_path(self, student: str) -> Path:
        return gradebook.reports(self.root) / self.assignment / f"{student}.json"

    def skip_unchanged(self, submissions: list[Submission], again: bool) -> Iterator[Task]:
        """Yield, for each submission that has to be marked, its task; tell about the others."""
        files = data_files(self.root / "solutions" / self.assignment)
        for submission in submissions:
            task = make_task(submission, self.assignment, self.sheets, files, self.limits, self.sandboxed,
                             self.own_numbers)
            report = None if again else self._unchanged(task)
            if report is None:
                yield task
            else:
                self._tell({**report, "done": False}, self.writer.standing(self.assignment, submission.student))

    def _unchanged(self, task: Task) -> dict[str, Any] | None:
        """Return the report of an earlier run, if it still holds and the gradebook agrees with it."""
        report = gradebook.read_json(self.report_path(task.student))
        if not isinstance(report, dict) or report.get("fingerprint") != fingerprint(task):
            return None
        entered = {(notebook["name"], mark["grade_id"]): mark["points"]
                   for notebook in report["notebooks"] for mark in notebook["marks"]}
        marked = self.root / "autograded" / task.student / self.assignment
        if not all((marked / f"{sheet.name}.ipynb").exists() for sheet in self.sheets):
            return None
        return report if self.writer.scores(self.assignment, task.student) == entered else None

    def enter(self, task: Task, found: Verdict | Exception) -> None:
        """Write a verdict: the notebooks, the gradebook, and last the report, which says that it is done."""
        verdict = found if isinstance(found, Verdict) else _without_marks(task, found)
        folder = self.root / "submitted" / task.student / self.assignment
        self.report_path(task.student).unlink(missing_ok=True)
        new = gradebook.new_texts(verdict, self.root)
        gradebook.write_marked(verdict, folder, self.root)
        standing = self.writer.write(verdict, gradebook.read_timestamp(folder), new)
        report = {**verdict.report(), "fingerprint": fingerprint(task) if found is verdict else "",
                  "handed_in": handed_in(folder),
                  "marked": datetime.now(UTC).isoformat(timespec="seconds")}
        gradebook.write_json(self.report_path(task.student), report)
        self._tell({**report, "done": True}, standing)

    def _tell(self, report: dict[str, Any], standing: tuple[float, int]) -> None:
        points, to_mark = standing
        row = {key: report[key] for key in ("student", "reason", "out_of", "seconds", "done")}
        row |= {"points": points, "to_mark": to_mark, "status": status_now(report["status"], to_mark)}
        self.summary.rows.append(row)
        self.told(row, self.total)


def _without_marks(task: Task, error: Exception) -> Verdict:
    """Return a verdict for a submission whose marking failed for a reason that is not the student's."""
    problem = f"could not be marked: {type(error).__name__}: {error}"
    notebooks = [NotebookVerdict(sheet.name, problem, marks=[
        Mark(cell.grade_id, 0.0, cell.points) for cell in sheet.cells if cell.marked],
        notebook=_empty_notebook(sheet, problem)) for sheet in task.sheets]
    return Verdict(task.assignment, task.student, notebooks)


def _empty_notebook(sheet: Sheet, problem: str) -> dict[str, Any]:
    return notebook_of(arrange(sheet, []), {}, NotebookVerdict(sheet.name, problem))


# --- several at a time -----------------------------------------------------------------------------------------

def _marker(scheduler: str | None, workers: int) -> Any:
    """Return a context in which tasks can be started: on threads of this machine, or on a cluster."""
    if scheduler is None:
        return _Threads(workers)
    from course.grading.cluster import Cluster

    return Cluster(scheduler, workers)


class _Threads:
    """Starts tasks on threads; each thread waits for the processes that do the work."""

    def __init__(self, workers: int) -> None:
        self.pool = ThreadPoolExecutor(workers, thread_name_prefix="marking")
        self.ahead = 2 * workers

    def __enter__(self) -> "_Threads":
        return self

    def __call__(self, task: Task) -> "Future[Verdict]":
        return self.pool.submit(mark, task)

    def __exit__(self, *_: object) -> None:
        self.pool.shutdown(wait=False, cancel_futures=True)


def _mark_all(tasks: Iterator[Task], start: Any, enter: Callable[[Task, Verdict | Exception], None]) -> None:
    """Mark tasks, a few ahead of what is entered, so that a large class need not be in memory at once."""
    running: dict[Any, Task] = {}
    exhausted = False
    while running or not exhausted:
        while not exhausted and len(running) < start.ahead:
            task = next(tasks, None)
            if task is None:
                exhausted = True
            else:
                running[start(task)] = task
        if running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                task = running.pop(future)
                error = future.exception()
                if isinstance(error, (SandboxError, ForkServerError)):
                    raise error
                enter(task, error or future.result())

