"""What stands in the examiner's interpreter for the things that a student defined.

A test cell calls ``gradient(x)``; what it calls is a function made here, which sends `x` to the student's
process and returns the numbers that come back. It has the name, the signature, the documentation and the source
text of the student's function, raises what that raised, prints what it printed, and changes the arguments that
it changed. Values that are plain data arrive as such, of the exact built-in types; all other objects stay where
they are, and a `RemoteObject` passes every operation on.
"""

import builtins
import functools
import inspect
import io
import keyword
import linecache
import operator
import os
import pickle
import re
import select
import signal
import sys
import time
import types
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from course.grading.shell import Output
from course.grading.student import mutable_leaves
from course.grading.wire import LIMIT, Channel, ChannelClosedError, Tree, Unpacker

_LAST_LINE = 100_000
_GRACE = 2.0  # seconds in which an interrupted process has to answer
_PACKAGES = str(Path(np.__file__).parents[1])
_CELL_NAME = re.compile(r"<[\w .-]{1,80}>")
_COMPLAINTS = ("divide by zero", "overflow", "underflow", "invalid value")  # of numpy, on the way to a result
_SAFE_NAME = re.compile(r"[\w.<>]{1,200}")


class StudentGoneError(RuntimeError):
    """The student's process has ended, or had to be ended.

    Attributes
    ----------
    kind : str
        ``"crashed"`` or ``"timed out"``.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Watch:
    """Ends what takes too long, or too much memory.

    Parameters
    ----------
    channel : Channel
        What is waited for.
    streams : int
        Where the standard streams of the student's process arrive.
    interrupt, kill : callable
        What to do when time is over, and when that does not help.
    overdrawn : callable
        Returns whether the student's processes use too much memory.
    on_text : callable
        Takes what arrives on the standard streams.
    """

    def __init__(self, channel: Channel, streams: int, interrupt: Callable[[], None], kill: Callable[[], None],
                 overdrawn: Callable[[], bool], on_text: Callable[[str], None]) -> None:
        self.interrupt, self.kill, self.overdrawn, self.on_text = interrupt, kill, overdrawn, on_text
        self.streams, self.connection = streams, channel.connection
        self.poll = select.poll()
        self.poll.register(channel.connection, select.POLLIN)
        self.poll.register(streams, select.POLLIN)
        self.deadline = float("inf")
        self.seconds = 0.0
        self.interrupted = False

    def set(self, seconds: float) -> None:
        """Start the clock."""
        self.seconds, self.deadline, self.interrupted = seconds, time.monotonic() + seconds, False

    def wait(self) -> None:
        """Return when a message can be read; raise StudentGoneError when time is over for good."""
        while True:
            left = self.deadline - time.monotonic()
            ready = dict(self.poll.poll(max(0.0, min(left, 0.25)) * 1000))
            if self.streams in ready:
                self._read_streams()
            if self.connection.fileno() in ready:
                return
            if left <= 0:
                self._time_is_over()
            elif not ready and self.overdrawn():
                self.kill()
                raise StudentGoneError("crashed", "used more memory than is allowed")

    def _read_streams(self) -> None:
        text = os.read(self.streams, 2**16)
        if text:
            self.on_text(text.decode(errors="replace"))
        else:
            self.poll.unregister(self.streams)

    def _time_is_over(self) -> None:
        if self.interrupted:
            self.kill()
            raise StudentGoneError("timed out",
                                   f"took longer than {self.seconds:g} s and could not be interrupted")
        self.interrupted = True
        self.deadline = time.monotonic() + _GRACE
        self.interrupt()


class Link:
    """The examiner's end of the line to a student's process.

    Parameters
    ----------
    channel : Channel
        The line.
    watch : Watch
        Ends what takes too long.
    on_output : callable
        Takes the outputs that appear in the student's process, one by one.
    """

    def __init__(self, channel: Channel, watch: Watch, on_output: Callable[[Output], None]) -> None:
        self.channel, self.watch, self.on_output = channel, watch, on_output
        self.lent: list[Callable[..., Any]] = []
        self.gone: StudentGoneError | None = None

    def ask(self, message: dict[str, Tree],
            buffers: tuple[bytes, ...] = ()) -> tuple[dict[str, Tree], list[bytes]]:
        """Send a request and return the answer; outputs and calls back are dealt with on the way."""
        try:
            self.channel.send(message, buffers)
            while True:
                reply, received = self.channel.receive(self.watch.wait, LIMIT)
                if "output" in reply:
                    self.on_output(reply["output"])
                elif "callback" in reply:
                    self._call_back(reply, received)
                else:
                    return reply, received
        except (ChannelClosedError, OSError) as error:
            raise self._lost("crashed", str(error)) from error
        except StudentGoneError as error:
            self.gone = self.gone or error
            raise

    def _lost(self, kind: str, message: str) -> StudentGoneError:
        """Note that the process cannot be used any more; a test cell may catch the exception that says so."""
        self.gone = self.gone or StudentGoneError(kind, message)
        return self.gone

    # --- requests ----------------------------------------------------------------------------------------------

    def run(self, source: str) -> tuple[str | None, list[str]]:
        """Run a cell; return the name of the exception that ended it, and the names that it has bound."""
        reply, _ = self.ask({"do": "run", "source": source})
        error, bound = reply.get("error"), reply.get("bound", [])
        if not isinstance(bound, list) or not all(isinstance(name, str) for name in bound):
            raise self._lost("crashed", "something that is not a message")
        return error if isinstance(error, str) else None, bound

    def values(self, names: list[str]) -> dict[str, Any]:
        """Return the values of those of the names that the student has bound."""
        reply, buffers = self.ask({"do": "values", "names": names})
        values = reply.get("values")
        if not isinstance(values, dict):
            raise self._lost("crashed", "something that is not a message")
        unpacker = self._unpacker(buffers)
        return {name: self._unpack(unpacker, values[name]) for name in names if name in values}

    def call(self, function: Any, args: tuple, kwargs: dict[str, Any]) -> Any:
        """Call a function in the student's process; do, print and raise here what it does, prints and raises."""
        __tracebackhide__ = True
        if self.watch.interrupted:
            raise TimeoutError(f"no time is left of {self.watch.seconds:g} s")
        leaves = list(mutable_leaves([*args, *kwargs.values()]))
        call_back = np.geterrcall()  # for what numpy met on the way
        message = {"do": "call", "errstate": np.geterr(), "warnings": _blanket_filter(),
                   "met": call_back is not None,
                   "read_only": [n for n, leaf in enumerate(leaves)
                                 if isinstance(leaf, np.ndarray) and not leaf.flags.writeable]}
        reply, buffers = self.ask(message, (self._pickle((function, args, kwargs)),))
        unpacker = self._unpacker(buffers, leaves)
        met = reply.get("met")
        for what in met if isinstance(met, list) and call_back is not None else []:
            if what in _COMPLAINTS:
                call_back(what, 0)
        for number, tree in reply.get("changed") or []:
            _change(leaves[number], self._unpack(unpacker, tree))
        if self.watch.interrupted:
            raise TimeoutError(f"it took longer than {self.watch.seconds:g} s")
        if "raised" in reply:
            raise self._exception(reply["raised"], unpacker)
        return self._unpack(unpacker, reply.get("returned"))

    def _call_back(self, message: dict[str, Tree], buffers: list[bytes]) -> None:
        """Call one of the examiner's own functions for the student's process."""
        unpacker = self._unpacker(buffers)
        function = self._mine(message.get("callback"))
        try:
            args, kwargs = (self._unpack(unpacker, message.get(part)) for part in ("args", "kwargs"))
            answer, raised = function(*args, **kwargs), False
        except StudentGoneError:
            raise
        except Exception as error:
            answer, raised = error, True
        try:
            data = self._pickle(answer)
        except Exception:
            data, raised = pickle.dumps(RuntimeError(f"{type(answer).__name__}: {answer}")), True
        self.channel.send({"do": "answer", "raised": raised}, (data,))

    # --- values ------------------------------------------------------------------------------------------------

    def _unpacker(self, buffers: list[bytes], arguments: list[Any] = ()) -> Unpacker:
        return Unpacker(buffers, self._stand_in, self._mine, arguments)

    def _unpack(self, unpacker: Unpacker, tree: Tree) -> Any:
        try:
            return unpacker.unpack(tree)
        except ChannelClosedError as error:
            raise self._lost("crashed", str(error)) from error

    def _mine(self, number: Any) -> Callable[..., Any]:
        if not isinstance(number, int) or not 0 <= number < len(self.lent):
            raise self._lost("crashed", "something that is not a message")
        return self.lent[number]

    def lend(self, function: Callable[..., Any]) -> tuple[str, int, str]:
        """Return what stands for one of the examiner's functions on the other side."""
        if function not in self.lent:
            self.lent.append(function)
        return "lent", self.lent.index(function), getattr(function, "__name__", type(function).__name__)

    def _pickle(self, value: Any) -> bytes:
        file = io.BytesIO()
        _Pickler(file, self).dump(value)
        return file.getvalue()

    def _stand_in(self, description: dict[str, Tree]) -> Any:
        if description["function"]:
            return _remote_function(self, description)
        kind = type(_word(description["type"], "object"), (RemoteObject,), {"__module__": str(description["of"])})
        return kind(self, description)

    def _exception(self, told: dict[str, Tree], unpacker: Unpacker) -> BaseException:
        """Return an exception like the student's, with the student's lines in its traceback."""
        try:
            error = _rebuild(told["classes"], self._unpack(unpacker, told["args"]), str(told["text"]))
            return error.with_traceback(_traceback(told["frames"]))
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as wrong:
            raise self._lost("crashed", "something that is not a message") from wrong


class _Pickler(pickle.Pickler):
    """Writes what goes to the student: their objects by number, and functions that are only here as calls back."""

    def __init__(self, file: io.BytesIO, link: Link) -> None:
        super().__init__(file, protocol=5)
        self.link = link

    def persistent_id(self, value: Any) -> tuple | None:
        """Return the number of what the other side has, or gets a way to call; None for what is copied."""
        if isinstance(value, RemoteObject):
            return "kept", value.__remote__[1]["number"]
        if isinstance(value, types.FunctionType) and "number" in value.__dict__.get("__remote__", {}):
            return "kept", value.__remote__["number"]
        if isinstance(value, (types.FunctionType, types.MethodType, functools.partial)) and not _importable(value):
            return self.link.lend(value)
        return None


def _importable(function: Any) -> bool:
    """Whether the student's process finds the same function under the same name."""
    module, name = getattr(function, "__module__", None), getattr(function, "__qualname__", "<")
    if not isinstance(module, str) or module == "__main__" or module.split(".")[0] == "course" or "<" in name:
        return False
    found = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found is function


def _blanket_filter() -> str | None:
    """Return what the test cell does with every warning, if it treats all alike."""
    action, message, category, module, _ = warnings.filters[0] if warnings.filters else (None,) * 5
    return action if message is None and module is None and category is Warning else None


def _change(leaf: Any, content: Any) -> None:
    """Do to an argument here what the student's function has done to it there."""
    if isinstance(leaf, np.ndarray):
        if isinstance(content, np.ndarray) and content.shape == leaf.shape and content.dtype == leaf.dtype \
                and leaf.flags.writeable:
            leaf[...] = content
    elif isinstance(leaf, list) and isinstance(content, list):
        leaf[:] = content
    elif isinstance(leaf, dict) and isinstance(content, dict):
        leaf.clear()
        leaf.update(content)
    elif isinstance(leaf, np.random.Generator) and isinstance(content, dict):
        leaf.bit_generator.state = content


# --- functions -------------------------------------------------------------------------------------------------

def _remote_function(link: Link, description: dict[str, Tree]) -> types.FunctionType:
    """Return a function that calls the student's, and looks like it to whoever inspects it."""
    def stand_in(*args, **kwargs):
        __tracebackhide__ = True
        return link.call(stand_in, args, kwargs)

    name = _word(description.get("__name__"), "function")
    file, line, text = description["source"]
    uses = {str(used): str(module) for used, module in description["uses"].items()}
    code = stand_in.__code__.replace(
        co_name=name, co_filename=_file(file, text), co_firstlineno=max(1, int(line)),
        co_names=(*stand_in.__code__.co_names, *uses))
    # Whoever looks up a name in the function's globals finds from which module the student's comes.
    known = {used: types.ModuleType(module) for used, module in uses.items() if module}
    # The defaults are missing: only the other side applies them.
    function = types.FunctionType(code, known, name, None, stand_in.__closure__)
    stand_in.__closure__[_cell_of(stand_in, "stand_in")].cell_contents = function
    function.__doc__ = description.get("__doc__")
    function.__module__ = "__main__"
    function.__remote__ = {"number": int(description["number"])}
    _sign(function, description.get("signature"))
    return function


def _cell_of(function: types.FunctionType, name: str) -> int:
    return function.__code__.co_freevars.index(name)


def _sign(function: Any, parameters: Tree) -> None:
    if parameters is None:
        return
    empty = inspect.Parameter.empty
    function.__signature__ = inspect.Signature([
        inspect.Parameter(name, inspect._ParameterKind(kind), default=... if has_default else empty)
        for name, kind, has_default in parameters])


def _word(text: Tree, otherwise: str) -> str:
    safe = isinstance(text, str) and _SAFE_NAME.fullmatch(text) and not keyword.iskeyword(text)
    return text if safe else otherwise


def _file(name: Tree, text: Tree) -> str:
    """Return a name under which the text of a student's cell can be looked up, and no file of this machine.

    The environment's own files are the same for everybody, and stay what they are.
    """
    name = str(name)
    if Path(name).is_absolute() and ".." not in name and name.startswith(_package_folders()):
        return name
    own = f"<student {name[1:-1]}>" if _CELL_NAME.fullmatch(name) else "<student>"
    if isinstance(text, str) and text:
        linecache.cache[own] = (len(text), None, text.splitlines(keepends=True), own)
    return own


@functools.cache
def _package_folders() -> tuple[str, ...]:
    import labkit

    return f"{_PACKAGES}{os.sep}", f"{Path(labkit.__file__).parent}{os.sep}"


# --- exceptions ------------------------------------------------------------------------------------------------

def _rebuild(classes: list[str], args: Any, text: str) -> BaseException:
    """Return an exception of the first class that is known here, or of a class derived from it."""
    known = next(kind for kind in map(_known_exception, classes) if kind is not None)
    name = _word(str(classes[0]).rsplit(".", 1)[-1], "Exception")
    kind = known if known.__name__ == name else type(name, (known,), {"__module__": "__main__"})
    for attempt in (args, (text,)):
        try:
            return kind(*attempt)
        except Exception:
            continue
    return RuntimeError(f"{name}: {text}")


def _known_exception(name: str) -> type[BaseException] | None:
    module, _, short = str(name).rpartition(".")
    found = {"builtins": builtins, "numpy.linalg": np.linalg, "numpy.exceptions": np.exceptions}.get(module)
    kind = getattr(found, short, None) if found else None
    return kind if isinstance(kind, type) and issubclass(kind, BaseException) else None


def _traceback(frames: list[list[Tree]]) -> types.TracebackType | None:
    """Return a traceback that leads through the student's lines, for messages that quote them."""
    chain = None
    for name, line, function, text in reversed(frames):
        line = min(max(1, int(line)), _LAST_LINE)
        file = _file(name, "")
        if text and file.startswith("<") and not linecache.getline(file, line):
            lines = linecache.cache.get(file, (0, None, [], file))[2]
            lines += ["\n"] * (line - len(lines))
            lines[line - 1] = f"{text}\n"
            linecache.cache[file] = (1, None, lines, file)
        space: dict[str, Any] = {"look": sys._getframe}
        exec(compile("\n" * (line - 1) + "frame = look()", file, "exec").replace(
            co_name=_word(function, "function")), space)
        chain = types.TracebackType(chain, space["frame"], space["frame"].f_lasti, line)
    return chain


# --- other objects ---------------------------------------------------------------------------------------------

class RemoteObject:
    """An object that stays in the student's process: it can be called, and asked for attributes and items.

    It is equal to nothing, and nothing can be added to it: an object that were asked whether it is equal to the
    right result would say yes.
    """

    def __init__(self, link: Link, description: dict[str, Tree]) -> None:
        object.__setattr__(self, "__remote__", (link, description))
        if description.get("__name__"):
            object.__setattr__(self, "__name__", str(description["__name__"]))
        _sign_object(self, description)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):  # what Python asks by itself is asked of this object
            raise AttributeError(name)
        return _there(self, getattr, self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        _there(self, setattr, self, name, value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the object where it is."""
        return self.__remote__[0].call(self, args, kwargs)

    def __iter__(self) -> Iterator[Any]:
        iterator = _there(self, iter, self)
        while True:
            try:
                item = _there(self, next, iterator)
            except StopIteration:
                return
            yield item

    def __getitem__(self, key: Any) -> Any:
        return _there(self, operator.getitem, self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        _there(self, operator.setitem, self, key, value)

    def __len__(self) -> int:
        return _there(self, len, self)

    def __float__(self) -> float:
        return _there(self, float, self)

    def __int__(self) -> int:
        return _there(self, int, self)

    def __bool__(self) -> bool:
        return True

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(instance, RemoteObject) and _there(self, isinstance, instance, self)

    def __repr__(self) -> str:
        return str(_there(self, repr, self))


def _there(remote: RemoteObject, function: Callable[..., Any], *args: Any) -> Any:
    return remote.__remote__[0].call(function, args, {})


def _sign_object(remote: RemoteObject, description: dict[str, Tree]) -> None:
    parameters = description.get("signature")
    if parameters is not None:
        holder = types.SimpleNamespace()
        _sign(holder, parameters)
        object.__setattr__(remote, "__signature__", holder.__signature__)


def interrupt(pid: int) -> None:
    """Interrupt a process, if it is still there."""
    try:
        os.kill(pid, signal.SIGINT)
    except ProcessLookupError:
        return
