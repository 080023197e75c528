"""One process imports what takes long; copies of it are forked in milliseconds.

A `ForkServer` starts that process, which loads modules and then waits. For each call of `fork` it forks a child
that runs one function and ends. The child starts from memory in which nothing but imports has happened: what one
child does, no other ever sees. Everything goes over socket pairs, so there is no name by which a stranger could
ask for a child. When the connection of a child is closed, the child and its process group are killed; when all
holders of the server's socket are gone, the server ends.

Only Linux is served: on macOS, forking after system libraries were used is not safe, and Windows cannot fork.
"""

import contextlib
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

_READY = b"ready\n"
_MOST_FDS = 16


def can_fork() -> bool:
    """Return whether this system can fork a process that has imported numpy and matplotlib."""
    return sys.platform == "linux"


class Child:
    """A forked process, as its owner sees it: the part of `subprocess.Popen` that waits, polls and signals.

    Attributes
    ----------
    pid : int
        The process, which leads a process group of its own.
    returncode : int or None
        As for `subprocess.Popen`: negative for a signal, None while the process runs.
    """

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lines = connection.makefile("rb")
        self.returncode: int | None = None
        self.pid: int = self._next_line()["pid"]

    def _next_line(self) -> dict[str, int]:
        line = self._lines.readline()
        if not line:
            raise ForkServerError("the fork server ended")
        return json.loads(line)

    def poll(self) -> int | None:
        """Return the exit status if the process has ended, else None."""
        return self._status(0)

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit status when the process has ended; raise `subprocess.TimeoutExpired` if it does not."""
        status = self._status(timeout)
        if status is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        return status

    def _status(self, timeout: float | None) -> int | None:
        if self.returncode is None:
            with selectors.DefaultSelector() as selector:
                selector.register(self._connection, selectors.EVENT_READ)
                if selector.select(timeout):
                    try:
                        self.returncode = self._next_line()["status"]
                    except (ForkServerError, ConnectionError):
                        self.returncode = -signal.SIGKILL
                    self.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to the process group, unless the process has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def kill(self) -> None:
        """Kill the process and all of its group."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the process to end."""
        self.send_signal(signal.SIGTERM)

    def close(self) -> None:
        """Give the process up; if it still runs, the server kills it."""
        self._lines.close()
        self._connection.close()


class ForkServerError(RuntimeError):
    """The process that forks could not be started, or has ended."""


class ForkServer:
    """The owner's end of a process that forks copies of itself.

    Parameters
    ----------
    preload : sequence of str
        Modules that the process imports before it forks; ``"module:name"`` calls that function too.
    environment : mapping
        The environment of the process; each child starts with it.

    Raises
    ------
    ForkServerError
        If this system cannot fork, or a module of `preload` cannot be imported.

    Examples
    --------
    >>> with ForkServer(["math"], {}) as server:
    ...     server.fork("os:_exit", 3).wait()
    3
    """

    def __init__(self, preload: Sequence[str], environment: Mapping[str, str]) -> None:
        if not can_fork():
            raise ForkServerError("fresh processes are forked on Linux only")
        self.control, theirs = socket.socketpair()
        # `-c` and not `-m`: the folder in which the caller happens to be must not come first in the search path.
        command = [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; "
                   "from course.kernels.forkserver import serve; serve(int(sys.argv[1]), sys.argv[2:])",
                   str(theirs.fileno()), *preload]
        self._process = subprocess.Popen(command, env=dict(environment), pass_fds=[theirs.fileno()],
                                         stdin=subprocess.DEVNULL, start_new_session=True)
        theirs.close()
        self._started = False
        self._starting = threading.Lock()

    def wait_until_ready(self) -> None:
        """Return when all modules are loaded; `fork` calls this by itself."""
        with self._starting:  # several threads may want their first child at the same time
            if not self._started and self.control.recv(len(_READY), socket.MSG_WAITALL) != _READY:
                raise ForkServerError("the process that forks could not be started; see the message above")
            self._started = True

    def fork(self, function: str, *arguments: Any, fds: Sequence[int] = ()) -> Child:
        """Run a function in a fresh copy of the process.

        Parameters
        ----------
        function : str
            ``"module:name"``. Its return value is the exit status; None counts as 0.
        *arguments
            What JSON can carry.
        fds : sequence of int
            Open files that the child gets; the function finds them as its last argument, a list.
        """
        self.wait_until_ready()
        return fork(self.control, function, *arguments, fds=fds)

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the process and all of its children."""
        self.control.close()
        self._process.wait()

    def __enter__(self) -> "ForkServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def fork(control: socket.socket, function: str, *arguments: Any, fds: Sequence[int] = ()) -> Child:
    """Ask the server behind `control` for a child; a child that was given the socket can do so too."""
    ours, theirs = socket.socketpair()
    request = json.dumps({"function": function, "arguments": arguments}).encode() + b"\n"
    with theirs:
        try:
            socket.send_fds(control, [b"+"], [theirs.fileno(), *fds])
            ours.sendall(request)
        except OSError as error:
            ours.close()
            raise ForkServerError("the fork server ended") from error
    return Child(ours)


# --- inside the process that forks -----------------------------------------------------------------------------

def serve(control_fd: int, preload: Sequence[str]) -> None:
    """Load modules, then fork a child for each request, until nobody holds the other end of the socket."""
    for name in preload:
        module, _, function = name.partition(":")
        module = importlib.import_module(module)
        if function:
            getattr(module, function)()
    gc.collect()
    gc.freeze()  # what was loaded is never collected, so that its pages stay shared
    control = socket.socket(fileno=control_fd)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the owner's business
    _Server(control).run()


class _Server:
    """The loop: requests come in, children end, owners go away."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.children: dict[int, socket.socket] = {}
        self.selector = selectors.DefaultSelector()
        self.selector.register(control, selectors.EVENT_READ)
        ended, self.wakeup = os.pipe()
        for end in (ended, self.wakeup):
            os.set_blocking(end, False)
        self.ended = ended
        self.selector.register(ended, selectors.EVENT_READ)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.wakeup, warn_on_full_buffer=False)

    def run(self) -> None:
        with contextlib.suppress(ConnectionError):  # nobody waits any more; the loop will notice
            self.control.sendall(_READY)
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is self.control:
                    if not self._accept():
                        self._kill_all()
                        return
                elif key.fileobj == self.ended:
                    self._reap()
                else:
                    self._drop(key.data)

    def _accept(self) -> bool:
        try:
            byte, fds, _, _ = socket.recv_fds(self.control, 1, _MOST_FDS)
        except ConnectionResetError:  # the owners have gone, and none of them had read that the modules are loaded
            return False
        if not byte:
            return False
        connection, *passed = fds
        connection = socket.socket(fileno=connection)
        with connection.makefile("rb") as lines:
            line = lines.readline()
        if line:
            self._fork(json.loads(line), connection, passed)
        for fd in passed:
            os.close(fd)
        return True

    def _fork(self, request: dict[str, Any], connection: socket.socket, fds: list[int]) -> None:
        pid = os.fork()
        if pid == 0:
            self._forget(connection)
            _run(request, fds)
        _lead_a_group(pid)
        self.children[pid] = connection
        self.selector.register(connection, selectors.EVENT_READ, data=pid)
        self._tell(connection, {"pid": pid})

    def _forget(self, connection: socket.socket) -> None:
        """Close, in the child, everything that belongs to the server or to other children."""
        signal.set_wakeup_fd(-1)
        self.selector.close()
        os.close(self.ended)
        os.close(self.wakeup)
        for other in (self.control, connection, *self.children.values()):
            other.close()
        self.children.clear()

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while os.read(self.ended, 4096):
                pass
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                connection = self.children.pop(pid, None)
                if connection is not None:
                    self.selector.unregister(connection)
                    self._tell(connection, {"status": os.waitstatus_to_exitcode(status)})
                    connection.close()

    def _drop(self, pid: int) -> None:
        """Kill a child whose owner has closed the connection."""
        connection = self.children.pop(pid, None)
        if connection is not None:
            self.selector.unregister(connection)
            connection.close()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)

    def _kill_all(self) -> None:
        for pid in list(self.children):
            self._drop(pid)

    @staticmethod
    def _tell(connection: socket.socket, message: dict[str, int]) -> None:
        with contextlib.suppress(OSError):  # the owner may have gone; the loop will notice
            connection.sendall(json.dumps(message).encode() + b"\n")


def _lead_a_group(pid: int) -> None:
    # Both sides do it, so that whichever comes first can already signal the group.
    with contextlib.suppress(OSError):
        os.setpgid(pid, pid)


def _run(request: dict[str, Any], fds: list[int]) -> None:
    """Become the child: run the function and end, without ever returning to the server's loop."""
    status = 1
    try:
        _lead_a_group(0)
        for number in (signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        module, name = request["function"].split(":")
        function = getattr(importlib.import_module(module), name)
        status = function(*request["arguments"], *([fds] if fds else [])) or 0
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)
