"""A kernel provisioner that forks: notebooks start in milliseconds, and no program that runs them has to change.

`jupyter_client` asks a provisioner to start the process of a kernel. This one asks a `ForkServer` that has
imported ipykernel, numpy, matplotlib and labkit, so that only the kernel's own start is left. It is registered as
``course-forked`` and named by the kernelspec in `course/kernels/share`; nbclient, nbconvert, nbgrader and nbval
take it as they take any kernel. Where it cannot fork, or is asked for another Python or program, it does what
`jupyter_client` would have done without it.
"""

import asyncio
import atexit
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

from course.kernels.forkserver import Child, ForkServer, can_fork

# What every kernel imports while it starts, and what the first figure needs. Not the inline backend itself: it
# looks for a running shell when it is imported.
PRELOAD = (
    "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.debugger", "IPython.core.completerlib",
    "IPython.core.pylabtools", "IPython.extensions.storemagic", "sqlite3", "psutil", "pydoc",
    "matplotlib.pyplot", "matplotlib.backends.backend_agg", "PIL.JpegImagePlugin",
    "labkit.checks", "labkit.plots",
)
_LAUNCHER = ["-m", "ipykernel_launcher"]
_STREAMS = {"stdin": None, "stdout": 1, "stderr": 2}  # what a kernel inherits; none reads what is typed here
# Read by Python or by a library while it starts: a kernel with other values needs another server.
_READ_AT_START = ("PYTHON", "LD_", "MPL", "MATPLOTLIB", "OPENBLAS_", "OMP_", "MKL_", "BLIS_", "VECLIB_", "HOME",
                  "JUPYTER", "IPYTHON", "LANG", "LC_")
# As in a kernel that starts by itself; and the debugger, which is only loaded here, need not warn that it would
# miss break points in the standard library.
_AT_START = {"MPLBACKEND": "module://matplotlib_inline.backend_inline", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
_servers: dict[frozenset, ForkServer] = {}
_lock = threading.Lock()


class ForkedProvisioner(LocalProvisioner):
    """Start a kernel as a copy of a process that has the imports behind it."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel: forked if it can be, as a new program if not."""
        if not _can_fork_this(cmd, kwargs):
            return await super().launch_kernel(cmd, **kwargs)
        self.process = _fork_kernel(cmd, kwargs)
        self.pid = self.pgid = self.process.pid
        self.cwd = kwargs.get("cwd") or Path.cwd()
        return self.connection_info

    async def wait(self) -> int | None:
        """Wait until the kernel has ended, without the pauses between two looks that a program needs."""
        if not isinstance(self.process, Child):
            return await super().wait()
        # The caller has asked the kernel to end, or has killed it: what is left takes milliseconds.
        while (status := self.process.poll()) is None:
            await asyncio.sleep(0.005)
        self.process = None
        return status


def _can_fork_this(cmd: list[str], kwargs: dict[str, Any]) -> bool:
    """Whether the command is this Python's own ipykernel, with files that can be passed on."""
    same_python = Path(cmd[0]).absolute() == Path(sys.executable).absolute()
    open_files = all(kwargs.get(name) not in (subprocess.PIPE, subprocess.STDOUT) for name in _STREAMS)
    return can_fork() and same_python and cmd[1:3] == _LAUNCHER and open_files


def _fork_kernel(cmd: list[str], kwargs: dict[str, Any]) -> Child:
    environment = dict(kwargs.get("env") or os.environ)
    folder = str(kwargs.get("cwd") or Path.cwd())
    nothing = os.open(os.devnull, os.O_RDWR)
    try:
        files = [_number(kwargs.get(name), nothing, inherited) for name, inherited in _STREAMS.items()]
        return _server(environment).fork("course.kernels.provisioner:run_kernel", cmd[3:], environment, folder,
                                         fds=files)
    finally:
        os.close(nothing)


def _number(file: Any, nothing: int, inherited: int | None) -> int:
    """Return the descriptor of what `subprocess` would take for a standard stream."""
    if file is None:
        return nothing if inherited is None else inherited
    if file == subprocess.DEVNULL:
        return nothing
    return file if isinstance(file, int) else file.fileno()


def _server(environment: dict[str, str]) -> ForkServer:
    """Return the server whose children may have this environment; start it if need be."""
    fixed = {name: value for name, value in environment.items() if name.startswith(_READ_AT_START)}
    with _lock:
        server = _servers.get(frozenset(fixed.items()))
        if server is None or not server.alive:
            server = _servers[frozenset(fixed.items())] = ForkServer(PRELOAD, _AT_START | environment)
            atexit.register(server.close)
    return server




def run_kernel(arguments: list[str], environment: dict[str, str], folder: str, fds: list[int]) -> None:
    """Become a kernel; runs in the forked process and ends with it."""
    for target, source in enumerate(fds):
        os.dup2(source, target)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["ipykernel_launcher", *arguments]

    import numpy as np
    from ipykernel import kernelapp

    np.random.seed()  # noqa: NPY002 - each kernel draws its own numbers, as if it had imported numpy itself
    # The kernel ends when its parent does. (ipykernel reads the parent from the environment when it is imported.)
    kernelapp.launch_new_instance(argv=[*arguments, f"--IPKernelApp.parent_handle={os.getppid()}"])
