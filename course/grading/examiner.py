"""The process that marks one notebook: it has the tests, and a line to the process that has the answers.

It is forked from a process in which nothing but imports has happened, and runs test cells and given cells in an
interpreter of its own. Code of a student never runs here. What a cell shows is sent on as soon as the cell is
done, so that nothing is lost if this process has to be ended.
"""

import builtins
import contextlib
import os
import pickle
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from course.grading import sandbox
from course.grading.outputs import Outputs, error_output, score
from course.grading.paper import Step
from course.grading.remote import Link, RemoteObject, StudentGoneError, Watch, interrupt
from course.grading.sandbox import Limits
from course.grading.sheet import bound_names, used_names
from course.grading.shell import Output, prepare
from course.grading.wire import ENDED, Channel
from course.kernels.forkserver import Child, fork
from labkit.checks.variants import STUDENT

_STARTS = 5  # so often a student's process is started anew after it has ended; then the rest earns nothing
_WORD = re.compile(r"[^\W\d]\w*")


def serve(sandboxed: bool, whose: str, folder: str, fds: list[int]) -> None:
    """Mark the notebook that comes over the first channel; runs in a forked process.

    `whose` is the student whose numbers are drawn, or empty to leave that to the notebook; in `folder` files may
    be written, and whoever wants the marks removes it, because this process is killed when it is no longer needed;
    `fds` are the channel to whoever wants the marks, and the fork server's socket.
    """
    os.environ[STUDENT] = whose
    channel, control = (socket.socket(fileno=fd) for fd in fds)
    channel = Channel(channel)
    _, (job,) = channel.receive()
    paper, files, extra, limits = pickle.loads(job)
    here = Path(folder, "examiner")
    _write(here, files)
    os.chdir(here)
    sys.path.insert(0, "")
    try:
        with Candidate(control, extra | files, limits, None if sandboxed else folder) as candidate:
            Examiner(paper.steps, paper.sheet.names, candidate, limits, channel).run()
    except sandbox.SandboxError as error:
        channel.send({"failed": str(error)})


def _write(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir()
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


class Candidate:
    """The student's process: started, ended, and started anew where it was lost.

    It works in a sandbox, or without one in a new folder below `unsafe`.

    Attributes
    ----------
    link : Link
        The line to it.
    """

    def __init__(self, control: socket.socket, files: dict[str, bytes], limits: Limits,
                 unsafe: str | None) -> None:
        self.control, self.files, self.limits, self.unsafe = control, files, limits, unsafe
        self.on_output: Any = None
        self._stack = contextlib.ExitStack()
        self.child: Child | None = None
        self.pid = 0

    def __enter__(self) -> "Candidate":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process, and everything that it has started."""
        self._stack.close()

    def start(self) -> None:
        """Start a process in which nothing has happened yet."""
        self.stop()
        self._stack = stack = contextlib.ExitStack()
        room = stack.enter_context(sandbox.Sandbox(self.limits)) if self.unsafe is None else None
        settings = {"limits": asdict(self.limits), "user": sandbox.user_number(os.getpid()),
                    "environment": {STUDENT: os.environ[STUDENT]}}
        if room is None:
            settings["folder"] = tempfile.mkdtemp(prefix="student-", dir=self.unsafe)
        ours, theirs = socket.socketpair()
        stack.callback(ours.close)
        (reported, report), (streams, their_streams) = os.pipe(), os.pipe()
        stack.callback(os.close, streams)
        with room.namespaces() if room else contextlib.nullcontext([]) as namespaces, os.fdopen(reported) as lines:
            self.child = fork(self.control, "course.grading.student:start", settings,
                              fds=[theirs.fileno(), report, their_streams, *namespaces])
            stack.callback(self.child.close)
            for end in (report, their_streams):
                os.close(end)
            theirs.close()
            self.pid = int(lines.readline() or 0)
        if not self.pid:
            raise sandbox.SandboxError("a process could not be moved into the sandbox")
        ours.settimeout(self.limits.cell)
        self._connect(Channel(ours), streams, room)

    def _connect(self, channel: Channel, streams: int, room: sandbox.Sandbox | None) -> None:
        watch = Watch(channel, streams, lambda: interrupt(self.pid), self.kill, self._overdrawn(room),
                      lambda text: self.on_output({"output_type": "stream", "name": "stdout", "text": text}))
        self.link = Link(channel, watch, lambda output: self.on_output(output))
        watch.set(self.limits.cell)
        self.link.ask({"do": "files", "names": list(self.files)}, tuple(self.files.values()))

    def _overdrawn(self, room: sandbox.Sandbox | None) -> Any:
        if room is None:
            return lambda: False
        at_first = room.memory()
        return lambda: room.memory() > at_first + self.limits.memory + at_first

    def kill(self) -> None:
        """End the process at once."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def epitaph(self) -> str:
        """Return how the process ended, for a person to read; end it if it has not."""
        told = str(self.link.gone)
        if told != ENDED:  # too long, too much, or not a message: it was lost without an end of its own
            self.kill()
            return told if told.startswith(("took", "used")) else f"sent {told} to the process that marks it"
        try:
            status = self.child.wait(2)
        except subprocess.TimeoutExpired:
            self.kill()
            return "broke its connection to the process that marks it"
        if status == 128 + signal.SIGXCPU:
            return f"used more than {self.limits.total:g} s of processor time"
        if status > 128:
            return f"was ended by the signal {_signal_name(status - 128)}"
        return f"ended the interpreter (exit status {status})"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


class Examiner:
    """Goes through the cells of one notebook.

    Parameters
    ----------
    steps : list of Step
        The cells in their order.
    names : sequence of str
        What the solutions define; a student may define them whatever they are called.
    candidate : Candidate
        The student's process.
    limits : Limits
        Times and sizes.
    channel : Channel
        Where to send what each cell has shown.
    """

    def __init__(self, steps: list[Step], names: Sequence[str], candidate: Candidate, limits: Limits,
                 channel: Channel) -> None:
        self.steps, self.names, self.candidate = steps, set(names), candidate
        self.limits, self.channel = limits, channel
        self.shell = prepare()
        self.shell.newly_bound()
        self.theirs: set[str] = set()  # names that the student has bound last
        self.given: set[str] = set()  # names that given cells bind, and no solution does
        self.fetched: set[str] = set()  # names whose present value is in this interpreter
        self.words: set[str] = set()  # all words in the cells that ran here
        self.lost: set[int] = set()  # steps that ended the student's process
        self.needed_there = _needed_there(steps)
        self.last_test = max((number for number, step in enumerate(steps) if step.role == "test"), default=-1)
        self.starts = 0
        self.outputs = Outputs(limits.output)
        self.in_call = False
        candidate.on_output = self._take

    def run(self) -> None:
        """Mark the notebook, cell by cell."""
        if self._restart(0):
            for number, step in enumerate(self.steps):
                if step.kind == "code" and not self._step(number, step):
                    return
        self.channel.send({"done": True})

    def _step(self, number: int, step: Step) -> bool:
        """Run one cell and report; return whether it makes sense to go on."""
        self.outputs = Outputs(self.limits.output)
        report: dict[str, Any] = {"step": number}
        watch = self.candidate.link.watch
        watch.set(self.limits.cell)
        try:
            if step.role == "test":
                self._run_here(step)
            else:
                self._run_there(step, needed_here=number < self.last_test)
            gone = self.candidate.link.gone
        except StudentGoneError as error:
            gone = error
        if gone is not None:
            report["incident"] = [gone.kind, self.candidate.epitaph()]
            self.outputs.kept = [o for o in self.outputs.kept if o["output_type"] != "error"]
            self.outputs.add(error_output("Stopped", f"the code {report['incident'][1]}"))
            self.lost.add(number)
        elif watch.interrupted:
            report["incident"] = ["timed out", f"took longer than {self.limits.cell:g} s"]
            if step.role != "test":
                self.outputs.add(error_output("Stopped", f"the code took longer than {self.limits.cell:g} s"))
        if step.role == "test":
            report["points"], report["fault"] = score(self.outputs.kept, step.cell.points)
        report["outputs"] = self.outputs.kept
        self.channel.send(report)
        if gone is None and not watch.interrupted and number in self.needed_there:
            gone = self._try_there(step.cell.release)
        return gone is None or self._restart(number + 1)

    def _try_there(self, source: str) -> StudentGoneError | None:
        """Run in the student's process what nobody has to see; return why that ended the process, if it did."""
        self.outputs = Outputs(self.limits.output)
        self.candidate.link.watch.set(self.limits.cell)
        try:
            self.candidate.link.run(source)
        except StudentGoneError as error:
            return error
        return None

    def _restart(self, until: int) -> bool:
        """Start the student's process, and bring it to where it was, without the cells that had ended it."""
        while self.starts < _STARTS:
            self.starts += 1
            self.candidate.start()
            self.theirs, self.fetched = set(), set()
            if all(self._replay(number, step) for number, step in enumerate(self.steps[:until])):
                return True
        self.channel.send({"done": True, "gave_up": True})
        return False

    def _replay(self, number: int, step: Step) -> bool:
        """Run a cell in a new process as in the one before; return whether the process is still there."""
        if step.kind != "code" or number in self.lost or (step.role == "test" and number not in self.needed_there):
            return True
        self.outputs = Outputs(self.limits.output)
        self.candidate.link.watch.set(self.limits.cell)
        try:
            _, bound = self.candidate.link.run(step.cell.release if step.role == "test" else step.source)
        except StudentGoneError:
            self.lost.add(number)
            return False
        if step.role != "test":
            self._note_bindings(bound, step)
        return True

    # --- in the student's process ------------------------------------------------------------------------------

    def _run_there(self, step: Step, *, needed_here: bool) -> None:
        _, bound = self.candidate.link.run(step.source)
        self._note_bindings(bound, step)
        if step.role == "given" and needed_here:
            shown, self.outputs = self.outputs, Outputs(self.limits.output)
            self._run_here(step)
            self.outputs = shown

    def _note_bindings(self, bound: list[str], step: Step) -> None:
        """Remember whose each name is: that of whoever has bound it last, if it was theirs to bind."""
        if step.role == "given":
            return
        for name in bound:
            allowed = name in self.names or (name not in self.given and not hasattr(builtins, name))
            if allowed:
                self.theirs.add(name)
                self.fetched.discard(name)

    # --- in this process ---------------------------------------------------------------------------------------

    def _run_here(self, step: Step) -> None:
        """Run a test, or a given cell, with the student's names at hand."""
        self.words |= set(_WORD.findall(step.source))
        self._fetch()
        self.shell.newly_bound()
        if step.role == "given":
            self.shell.execute_unseen(step.source)
        else:
            self.shell.execute(step.source, self.outputs.add, store_history=False)
        bound = set(self.shell.newly_bound())
        self.theirs -= bound
        if step.role == "given":
            self.given |= bound - self.names

    def _fetch(self) -> None:
        """Bring the student's values here, those that cells may mention and that may have changed."""
        names = sorted((self.theirs & self.words) - self.fetched)
        values = self.candidate.link.values(names)
        for name in names:
            if name in values:
                self.shell.user_ns[name] = values[name]
                if callable(values[name]) and not isinstance(values[name], RemoteObject):
                    self.fetched.add(name)
            else:
                self.shell.user_ns.pop(name, None)

    def _take(self, output: Output) -> None:
        """Take what the student's process shows: into the streams of a running test, or as it is."""
        if sys.stdout in self.shell.streams or sys.stdout is not sys.__stdout__:
            if isinstance(output, dict) and output.get("output_type") == "stream":
                stream = sys.stderr if output.get("name") == "stderr" else sys.stdout
                stream.write(str(output.get("text")))
                return
            self.shell.flush_streams()
            if isinstance(output, dict) and output.get("output_type") != "display_data":
                return
        self.outputs.add(output)


def _needed_there(steps: list[Step]) -> set[int]:
    """Return the tests whose visible part defines something that the student's own code may use later on."""
    needed, used = set(), set()
    for number, step in reversed(list(enumerate(steps))):
        if step.kind == "code" and step.role in ("answer", "own"):
            used |= used_names(step.source)
        elif step.role == "test" and bound_names(step.cell.release) & used:
            needed.add(number)
    return needed
