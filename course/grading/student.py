"""The process that runs what a student wrote.

It is forked from one that has imported numpy and IPython, moves into the sandbox, gives up its rights, and then
does what the examiner asks: run a cell, tell a value, call a function. Nothing here is trusted by the examiner:
the code of a student can change all of it, and would change nothing but its own answers.
"""

import builtins
import contextlib
import inspect
import io
import linecache
import os
import pickle
import signal
import socket
import sys
import traceback
import types
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from course.grading import sandbox
from course.grading.shell import Output, Shell, prepare
from course.grading.wire import Channel, ChannelClosedError, Packer, Tree

_MOST_OUTPUT = 40  # times the characters that a cell may print: what leaves this process before it is cut off
_MOST_FRAMES = 30


def start(settings: dict[str, Any], fds: list[int]) -> int:
    """Move into the sandbox and serve; runs in a forked process, and returns the status of the one inside.

    Parameters
    ----------
    settings : dict
        ``"limits"``, the fields of `sandbox.Limits`; ``"user"``, the number to become; ``"environment"``,
        variables to set; ``"folder"``, where to work without a sandbox.
    fds : list of int
        The channel to the examiner, where to report the process number, what the standard streams write to, and
        the namespaces of the sandbox; none of these for no sandbox.
    """
    channel, report, streams, *namespaces = fds
    limits = sandbox.Limits(**settings["limits"])
    os.environ.update(settings["environment"])
    sandbox.enter(namespaces)
    pid = os.fork()
    if pid:
        os.write(report, f"{pid}\n".encode())
        for fd in (channel, report, streams):
            os.close(fd)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        return code if code >= 0 else 128 - code
    os.close(report)
    if namespaces:
        sandbox.restrict(limits, settings["user"])
        _move_to(sandbox.WORK)
    else:
        sandbox.limit_only(limits)
        _move_to(settings["folder"])
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, nothing), (1, streams), (2, streams)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(streams)
    Student(Channel(socket.socket(fileno=channel)), limits).serve()
    return 0


def _move_to(folder: str) -> None:
    os.chdir(folder)
    os.environ.update(HOME=folder, MPLCONFIGDIR=folder, TMPDIR="/tmp")
    os.environ.pop("IPYTHONDIR", None)
    sys.path.insert(0, "")


class Student:
    """Answers the examiner's requests, one after another."""

    def __init__(self, channel: Channel, limits: sandbox.Limits) -> None:
        self.channel, self.limits = channel, limits
        self.shell: Shell = prepare()
        self.kept: list[Any] = []
        self.shell.newly_bound()
        self._sent = 0
        self._busy = False
        signal.signal(signal.SIGINT, self._interrupt)
        os.register_at_fork(after_in_child=self._disconnect)

    def _interrupt(self, number: int, frame: types.FrameType | None) -> None:
        if self._busy:
            raise KeyboardInterrupt

    def _disconnect(self) -> None:
        # A process that a cell has forked must not answer in the name of this one.
        self.channel.connection.close()

    def serve(self) -> None:
        """Do what is asked until the examiner closes the channel."""
        np.random.seed(0)  # noqa: NPY002 - the same numbers each time the work is marked
        with contextlib.suppress(ChannelClosedError, OSError):
            while True:
                self._serve_one(*self.channel.receive())
        os._exit(0)

    def _serve_one(self, message: dict[str, Tree], buffers: list[bytes]) -> None:
        self._sent = 0
        getattr(self, f"_do_{message['do']}")(message, buffers)

    def _emit(self, output: Output) -> None:
        if "text" in output:  # one character more than is kept, so that the examiner sees that there was more
            output = output | {"text": output["text"][:self.limits.output + 1]}
        self._sent += len(output.get("text", "")) or len(str(output))
        if self._sent <= _MOST_OUTPUT * self.limits.output:
            self.channel.send({"output": output})

    @contextlib.contextmanager
    def _interruptible(self) -> Any:
        self._busy = True
        try:
            yield
        finally:
            self._busy = False

    # --- what can be asked -------------------------------------------------------------------------------------

    def _do_files(self, message: dict[str, Tree], buffers: list[bytes]) -> None:
        """Write the files of the assignment."""
        for name, content in zip(message["names"], buffers, strict=True):
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self.channel.send({"done": True})

    def _do_run(self, message: dict[str, Tree], buffers: list[bytes]) -> None:
        """Run a cell; tell which names it has bound."""
        with self._interruptible():
            error = self.shell.execute(message["source"], self._emit, store_history=True)
        self.channel.send({"error": error, "bound": self.shell.newly_bound()})

    def _do_values(self, message: dict[str, Tree], buffers: list[bytes]) -> None:
        """Tell the values of names, as far as there are any."""
        packer = Packer(self._describe, {})
        values = {name: packer.pack(self.shell.user_ns[name]) for name in message["names"]
                  if name in self.shell.user_ns}
        self.channel.send({"values": values}, packer.buffers)

    def _do_call(self, message: dict[str, Tree], buffers: list[bytes]) -> None:
        """Call a function with arguments from the examiner; tell what came back, and what it did to them."""
        lent: dict[int, Tree] = {}
        function, args, kwargs = _Unpickler(io.BytesIO(buffers[0]), self, lent).load()
        leaves = list(mutable_leaves([*args, *kwargs.values()]))
        for number in message["read_only"]:
            leaves[number].flags.writeable = False
        before = [pickle.dumps(leaf) for leaf in leaves]
        packer = Packer(self._describe, lent | {id(leaf): {"argument": n} for n, leaf in enumerate(leaves)})
        met: list[str] = []
        try:
            with self._as_in_the_test(message, met):
                result = function(*args, **kwargs)
            reply = {"returned": packer.pack(result)}
        except BaseException as error:
            reply = {"raised": self._told(error, packer)}
        reply["met"] = list(dict.fromkeys(met))
        packer.known = lent
        reply["changed"] = [[n, packer.pack(_content(leaf))] for n, leaf in enumerate(leaves)
                            if pickle.dumps(leaf) != before[n]]
        self.channel.send(reply, packer.buffers)

    @contextlib.contextmanager
    def _as_in_the_test(self, message: dict[str, Tree], met: list[str]) -> Any:
        """Print to the examiner, and treat warnings as the test cell does; note in `met` numpy's complaints."""
        outer = sys.stdout, sys.stderr
        emit, self.shell.emit = self.shell.emit, self._emit
        sys.stdout, sys.stderr = self.shell.streams
        try:
            with contextlib.ExitStack() as stack, self._interruptible():
                noted = {"call": lambda what, _flag: met.append(what)} if message["met"] else {}
                stack.enter_context(np.errstate(**message["errstate"], **noted))
                if message["warnings"]:
                    stack.enter_context(warnings.catch_warnings())
                    warnings.simplefilter(message["warnings"])
                yield
        finally:
            self.shell.flush_streams()
            sys.stdout, sys.stderr = outer
            self.shell.emit = emit

    # --- objects that stay here --------------------------------------------------------------------------------

    def _describe(self, value: Any) -> Tree:
        """Keep an object here, and tell the examiner what there is to know about it."""
        self.kept.append(value)
        kind = type(value)
        description = {"number": len(self.kept) - 1, "type": kind.__name__, "of": str(kind.__module__),
                       "callable": callable(value), "function": isinstance(value, types.FunctionType)}
        if callable(value):
            for name in ("__name__", "__qualname__", "__doc__"):
                text = getattr(value, name, None)
                description[name] = text if isinstance(text, str) else None
            description["signature"] = _signature(value)
        if isinstance(value, types.FunctionType):
            description["uses"] = _uses(value, set())
            description["source"] = _source(value)
        return description

    def lend(self, number: int, name: str) -> Callable[..., Any]:
        """Return a function that is the examiner's: to call it is to ask there."""
        def lent(*args: Any, **kwargs: Any) -> Any:
            packer = Packer(self._describe, {})
            message = {"callback": number, "args": packer.pack(list(args)), "kwargs": packer.pack(kwargs)}
            self.shell.flush_streams()
            self.channel.send(message, packer.buffers)
            while True:
                reply, buffers = self.channel.receive()
                if reply["do"] == "answer":
                    break
                self._serve_one(reply, buffers)
            result = _Unpickler(io.BytesIO(buffers[0]), self, {}).load()
            if reply["raised"]:
                raise result
            return result

        lent.__name__ = lent.__qualname__ = name
        return lent

    def _told(self, error: BaseException, packer: Packer) -> Tree:
        """Describe an exception: its classes, its arguments and where it came up in the student's code."""
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
        try:
            text = str(error)
        except Exception:
            text = ""
        return {
            "classes": [f"{c.__module__}.{c.__qualname__}" for c in type(error).__mro__],
            "args": packer.pack(tuple(error.args)), "text": text,
            "frames": [[f.filename, f.lineno, f.name, f.line] for f in frames[-_MOST_FRAMES:]],
        }


class _Unpickler(pickle.Unpickler):
    """Reads what the examiner sends; its numbers for objects of this side, and its own functions, are resolved."""

    def __init__(self, file: io.BytesIO, student: Student, lent: dict[int, Tree]) -> None:
        super().__init__(file)
        self.student, self.lent = student, lent

    def persistent_load(self, pid: tuple) -> Any:
        kind, *rest = pid
        if kind == "kept":
            return self.student.kept[rest[0]]
        number, name = rest
        function = self.student.lend(number, name)
        self.lent[id(function)] = {"mine": number}
        self.student.kept.append(function)  # as long as it lives, nothing else has its id
        return function


# --- arguments that can be changed -----------------------------------------------------------------------------

def mutable_leaves(arguments: Iterable[Any]) -> Iterable[Any]:
    """Yield what a function can change in its arguments, in an order that both sides share."""
    for value in arguments:
        if type(value) in (list, tuple):
            yield from mutable_leaves(value)
        elif type(value) is dict:
            yield from mutable_leaves(value.values())
        if type(value) in (list, dict, np.ndarray) or isinstance(value, np.random.Generator):
            yield value


def _content(leaf: Any) -> Any:
    """Return what to tell about a changed argument: a new object, which is not taken for the argument."""
    if isinstance(leaf, np.random.Generator):
        return leaf.bit_generator.state
    return leaf.copy()


# --- what there is to know about a function --------------------------------------------------------------------

def _signature(function: Callable[..., Any]) -> Tree:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (ValueError, TypeError):
        return None
    return [[str(p.name), int(p.kind), p.default is not p.empty] for p in parameters]


def _source(function: types.FunctionType) -> Tree:
    """Return the file, the first line and the text in which a function is written."""
    code = function.__code__
    text = "".join(linecache.getlines(code.co_filename)) if code.co_filename.startswith("<") else ""
    return [code.co_filename, code.co_firstlineno, text]


def _uses(function: types.FunctionType, seen: set[types.CodeType]) -> dict[str, str]:
    """Return the names that a function and its helpers use, however deep, and the module from which each comes."""
    if function.__code__ in seen:
        return {}
    seen.add(function.__code__)
    found, inner = {}, {}
    for name in _names_in(function.__code__):
        value = function.__globals__.get(name, getattr(builtins, name, None))
        found[name] = _module_of(value)
        if isinstance(value, types.FunctionType) and value.__globals__ is function.__globals__:
            inner |= _uses(value, seen)
    return inner | found


def _names_in(code: types.CodeType) -> list[str]:
    inner = [name for part in code.co_consts if isinstance(part, types.CodeType) for name in _names_in(part)]
    return [*code.co_names, *inner]


def _module_of(value: Any) -> str:
    if isinstance(value, types.ModuleType):
        return value.__name__
    if isinstance(value, (types.FunctionType, type)):
        return str(value.__module__)
    return str(type(value).__module__)
