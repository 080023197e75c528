"""Mark one submission: bytes in, verdict out. Nothing here knows a gradebook, so that it can run anywhere."""

import atexit
import os
import pickle
import re
import select
import socket
import sys
import sysconfig
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course.grading import sandbox
from course.grading.notebook import Cell, UnreadableError, read_cells
from course.grading.outputs import Output, message_of, without_paths
from course.grading.paper import Paper, Step, arrange
from course.grading.sandbox import Limits
from course.grading.sheet import Sheet
from course.grading.verdict import CRASHED, TIMED_OUT, Mark, NotebookVerdict, Verdict
from course.grading.wire import Channel, ChannelClosedError
from course.kernels.forkserver import ForkServer
from course.paths import ROOT

_PRELOAD = ("numpy", "matplotlib.pyplot", "matplotlib.backends.backend_agg", "labkit.checks", "labkit.plots",
            "course.grading.examiner", "course.grading.student", "course.grading.shell:prepare")
_NAME_OF_STUDENT = re.compile(r"""^STUDENT\s*=\s*(?P<quote>["'])(?P<name>.*?)(?P=quote)""", re.MULTILINE)
_SLACK = 30.0  # seconds that the examiner may take beyond what the student may


@dataclass
class Task:
    """One submission and all that it takes to mark it.

    Attributes
    ----------
    notebooks : dict from str to bytes
        The notebooks that were handed in, by file name.
    extra : dict from str to bytes
        Other files that were handed in.
    files : dict from str to bytes
        The assignment's own files; they replace those of the same name in `extra`.
    sandboxed : bool
        False only if somebody asked for it in words that warn.
    own_numbers : bool
        Whether the student's name decides what `labkit.checks.random_numbers` draws, whatever the notebook says.
    """

    assignment: str
    student: str
    sheets: list[Sheet]
    notebooks: dict[str, bytes]
    extra: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    sandboxed: bool = True
    own_numbers: bool = False


def mark(task: Task) -> Verdict:
    """Mark a submission.

    Raises
    ------
    SandboxError
        If there is no sandbox here, and none was not asked for.
    ForkServerError
        If this system cannot fork.
    """
    began = time.monotonic()
    verdict = Verdict(task.assignment, task.student, [])
    chosen = choose_notebooks(task, verdict)
    verdict.notebooks = [_mark_notebook(task, sheet, chosen[sheet.name], verdict) for sheet in task.sheets]
    verdict.seconds = round(time.monotonic() - began, 2)
    return verdict


def choose_notebooks(task: Task, verdict: Verdict) -> dict[str, bytes | None]:
    """Return, for each notebook of the assignment, the file that is it; note in the verdict what is not clear.

    A file of another name that has most of the cells may be it, too. Of several the one is taken in which most was
    answered, or else that with the right name; that there were several is a doubt, which a person should resolve.
    """
    left = dict(task.notebooks)
    chosen: dict[str, bytes | None] = {}
    for sheet in task.sheets:
        right = f"{sheet.name}.ipynb"
        others = {f"{other.name}.ipynb" for other in task.sheets} - {right}
        if left.keys() - others <= {right}:  # nearly always, and nothing has to be read for it
            chosen[sheet.name] = left.pop(right, None)
            continue
        answered = {name: count for name in sorted(left.keys() - others)
                    if (count := _answered(sheet, left[name])) is not None}
        if right in left:
            answered.setdefault(right, 0)
        best = max(answered, key=lambda name: (answered[name], name == right, name), default=right)
        chosen[sheet.name] = left.pop(best, None)
        copies = sorted(answered.keys() - {best})
        if copies:
            verdict.doubts.append(f"Several files look like {right}: {best!r} was marked, and not "
                                  f"{', '.join(map(repr, copies))}.")
        elif best != right and chosen[sheet.name] is not None:
            verdict.notes.append(f"{right} is missing; {best!r} was taken for it.")
        for name in copies:
            del left[name]
    if left:
        verdict.notes.append(f"Not asked for, and not marked: {', '.join(map(repr, sorted(left)))}.")
    return chosen


def _answered(sheet: Sheet, data: bytes) -> int | None:
    """Return how many of the answer cells hold an answer; None if this is not a copy of the sheet."""
    try:
        cells, _ = read_cells(data)
    except UnreadableError:
        return None
    known = {cell.grade_id for cell in sheet.cells} | {cell.id for cell in sheet.cells}
    found = {cell.grade_id or cell.id for cell in cells} & known
    if 2 * len(found) <= len(sheet.cells):
        return None
    return sum(step.role == "answer" and step.answered for step in arrange(sheet, cells).steps)


def _check_name(task: Task, cells: list[Cell], verdict: Verdict) -> None:
    """Note in the verdict if the notebook's numbers are not those of the student under whose name it came."""
    names = [found["name"] for cell in cells if cell.kind == "code"
             for found in _NAME_OF_STUDENT.finditer(cell.source)]
    if not task.own_numbers or not names or names[-1].strip().casefold() == task.student.strip().casefold():
        return
    whose = f"the numbers of {names[-1].strip()!r}" if names[-1].strip() else "the numbers that everybody shares"
    verdict.doubts.append(f"The notebook has {whose}, but the work was collected as {task.student!r}, and was "
                          "marked with the numbers of that name.")


def _mark_notebook(task: Task, sheet: Sheet, data: bytes | None, whole: Verdict) -> NotebookVerdict:
    verdict = NotebookVerdict(sheet.name)
    try:
        if data is None:
            raise UnreadableError("is missing")
        cells, notes = read_cells(data)
    except UnreadableError as problem:
        verdict.problem = str(problem)
        paper = arrange(sheet, [])
        results: dict[int, dict[str, Any]] = {}
        verdict.marks = [Mark(cell.grade_id, 0.0, cell.points, False) for cell in sheet.cells if cell.marked]
    else:
        _check_name(task, cells, whole)
        paper = arrange(sheet, cells, [*notes, *whole.notes, *whole.doubts])
        results = _examine(task, paper, verdict)
        verdict.marks = [found for n, step in enumerate(paper.steps) if (found := _mark_of(step, results.get(n)))]
    verdict.notes = paper.notes if data is not None and not verdict.problem else []
    verdict.unanswered = [step.cell.grade_id for step in paper.steps
                          if step.role == "answer" and not step.answered]
    verdict.notebook = notebook_of(paper, results, verdict)
    return verdict


def _mark_of(step: Step, result: dict[str, Any] | None) -> Mark | None:
    """Return the points for a cell, or None if there are none to be had."""
    cell = step.cell
    if cell is None or not cell.marked:
        return None
    if cell.by_hand:
        answered = cell.role != "answer" or step.answered
        return Mark(cell.grade_id, None if answered else 0.0, cell.points, answered)
    if result is None:
        return Mark(cell.grade_id, 0.0, cell.points, message="not reached")
    message = result["fault"] or message_of(result["outputs"])
    return Mark(cell.grade_id, result["points"], cell.points, message=message)


# --- the run ---------------------------------------------------------------------------------------------------

_lock = threading.Lock()
_server: ForkServer | None = None


def start_server() -> ForkServer:
    """Return the process that forks examiners and students; start it if it does not run yet."""
    global _server
    with _lock:
        if _server is None or not _server.alive:
            _server = ForkServer(_PRELOAD, _environment())
            atexit.register(_server.close)
        return _server


def _environment() -> dict[str, str]:
    """Return what of this process's environment a student's code may know."""
    kept = {name: os.environ[name] for name in ("HOME", "XDG_CACHE_HOME", "MPLCONFIGDIR", "LD_LIBRARY_PATH")
            if name in os.environ}
    threads = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM")}
    path = os.pathsep.join([sysconfig.get_path("scripts"), "/usr/local/bin", "/usr/bin", "/bin"])
    return kept | threads | {
        "PATH": path, "LANG": "C.UTF-8", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline", "NBGRADER_EXECUTION": "autograde",
    }


def _examine(task: Task, paper: Paper, verdict: NotebookVerdict) -> dict[int, dict[str, Any]]:
    """Run the notebook; return what each cell gave, and add to the verdict what went wrong."""
    server = start_server()
    server.wait_until_ready()
    ours, theirs = socket.socketpair()
    with ours, tempfile.TemporaryDirectory(prefix="marking-", ignore_cleanup_errors=True) as folder:
        with theirs:
            child = server.fork("course.grading.examiner:serve", task.sandboxed,
                                task.student if task.own_numbers else "", folder,
                                fds=[theirs.fileno(), server.control.fileno()])
        channel = Channel(ours)
        channel.send({}, (pickle.dumps((paper, task.files, task.extra, task.limits)),))
        try:
            return _collect(channel, paper, task.limits, verdict)
        finally:
            child.kill()
            child.wait()


def _collect(channel: Channel, paper: Paper, limits: Limits,
             verdict: NotebookVerdict) -> dict[int, dict[str, Any]]:
    results: dict[int, dict[str, Any]] = {}
    deadline = time.monotonic() + limits.total
    poll = select.poll()
    poll.register(channel.connection, select.POLLIN)

    def wait() -> None:
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise TimeoutError

    try:
        while True:
            message, _ = channel.receive(wait)
            if message.get("failed"):
                raise sandbox.SandboxError(message["failed"])
            if message.get("done"):
                if message.get("gave_up"):
                    verdict.incidents.append([CRASHED, "the notebook", "ended the interpreter again and again; "
                                              "the cells after that were not run"])
                return results
            number = message.pop("step")
            results[number] = message
            message["outputs"] = without_paths(message["outputs"], _machine_folders())
            if "incident" in message:
                kind, reason = message["incident"]
                verdict.incidents.append([kind, paper.steps[number].name, reason])
    except TimeoutError:
        reason = f"took longer than {limits.total:g} s in all; the cells after that were not run"
        verdict.incidents.append([TIMED_OUT, "the notebook", reason])
    except ChannelClosedError:
        verdict.incidents.append([CRASHED, "the notebook", "ended the process that marks it"])
    return results


def _machine_folders() -> dict[str, str]:
    """Return what to write in place of folders of this machine, longest first."""
    import labkit

    names = {sysconfig.get_path("purelib"): "site-packages", sysconfig.get_path("stdlib"): "python",
             str(Path(labkit.__file__).parent): "labkit", sys.prefix: "environment", sys.base_prefix: "python",
             str(ROOT): "course", tempfile.gettempdir(): "/tmp", str(Path.home()): "~"}
    return {folder: names[folder] for folder in sorted(names, key=len, reverse=True) if len(folder) > 1}


# --- the notebook as it was marked -----------------------------------------------------------------------------

def notebook_of(paper: Paper, results: dict[int, dict[str, Any]], verdict: NotebookVerdict) -> dict[str, Any]:
    """Return the notebook with its outputs, and with what was found in a cell before the others."""
    cells = [_cell(step, results.get(n)) for n, step in enumerate(paper.steps)]
    told = [verdict.problem and f"{verdict.name}.ipynb {verdict.problem}.", *verdict.notes,
            *(f"{where} {reason}." for _, where, reason in verdict.incidents)]
    told = [line[0].upper() + line[1:] for line in told if line]
    if told:
        text = "**When this notebook was marked**\n\n" + "\n".join(f"- {line}" for line in told)
        cells.insert(0, {"cell_type": "markdown", "id": "course-notes", "metadata": {}, "source": text})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells}


# Text by a student is shown to others as HTML: what could be a tag becomes plain text, so that nothing in it
# runs in the browser of whoever marks it.
_HTML = re.compile(r"<(?=[A-Za-z/!?])")


def _cell(step: Step, result: dict[str, Any] | None) -> dict[str, Any]:
    by_student = step.role in ("own", "answer") and step.kind != "code"
    source = _HTML.sub("&lt;", step.source) if by_student else step.source
    cell: dict[str, Any] = {"cell_type": step.kind, "id": step.id, "metadata": {}, "source": source}
    if step.cell is not None:
        cell["metadata"]["nbgrader"] = dict(step.cell.metadata)
    if step.attachments and step.kind != "code":
        cell["attachments"] = step.attachments
    if step.kind == "code":
        cell["outputs"] = _stored(result["outputs"]) if result else []
        cell["execution_count"] = None
    return cell


def _stored(outputs: list[Output]) -> list[Output]:
    return [{**output, "execution_count": None} if output["output_type"] == "execute_result" else output
            for output in outputs]


def require_sandbox(root: Path) -> None:
    """Raise SandboxError if submissions cannot be locked in here, or could see the course in `root`."""
    sandbox.require_hidden(root)
    with sandbox.Sandbox(Limits()):
        pass
