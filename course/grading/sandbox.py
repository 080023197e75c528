"""A closed room for one submission: bubblewrap makes it, and a forked process moves in.

`Sandbox` starts bubblewrap with nothing in it but `cat`, which waits. The namespaces of that process are the
room: the system and the environment read-only, no home, no network, empty folders to write to that are limited
in size, and process numbers of its own. A process that has numpy in memory already enters with `enter`, which
costs milliseconds where a new Python would cost most of a second, and gives up every right with `restrict`. When
the owner closes the sandbox, or dies, the kernel kills everything inside, whatever it has started.
"""

import contextlib
import ctypes
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

if sys.platform != "win32":  # elsewhere this module can be imported, and says that there is no sandbox
    import fcntl
    import resource

MB = 2**20
WORK = "/assignment"

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SETTINGS = ("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives", "/etc/fonts")
_NAMESPACES = ("ipc", "uts", "net", "cgroup", "pid", "mnt", "user")
_NS_GET_USERNS = 0xB701
_FIRST_USER, _USERS = 60_001, 4_999
_PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 4, 24, 38
_CAPABILITY_VERSION_3 = 0x20080522


class SandboxError(RuntimeError):
    """Bubblewrap is missing, or cannot make a sandbox here."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes
    ----------
    cell : float
        Seconds for a cell, including the calls that a test cell makes.
    total : float
        Seconds for the whole submission; also the processor time of each process.
    memory : int
        Bytes, for each process beyond what an empty notebook uses, and for all of them together.
    disk : int
        Bytes of files, in memory.
    processes : int
        Processes and threads at one time.
    output : int
        Characters that a cell may print; what it shows otherwise may have forty times as many.
    """

    cell: float = 60
    total: float = 600
    memory: int = 1024 * MB
    disk: int = 128 * MB
    processes: int = 64
    output: int = 100_000


def find_bubblewrap() -> str:
    """Return the path of bubblewrap.

    Raises
    ------
    SandboxError
        If this is not Linux, or bubblewrap is not installed.
    """
    if sys.platform != "linux":
        raise SandboxError("the sandbox needs Linux; on Windows, use the Windows Subsystem for Linux")
    path = shutil.which("bwrap", path=os.environ.get("PATH", "") + ":/usr/bin:/usr/local/bin")
    if path is None:
        raise SandboxError("bubblewrap (the program bwrap) is not installed")
    return path


def visible_folders() -> list[Path]:
    """Return what of this machine is seen inside, beside the system: the Python environment and labkit."""
    import labkit

    folders = {Path(sys.base_prefix), Path(sys.prefix), Path(labkit.__file__).parent}
    folders |= {folder.resolve() for folder in folders}
    system = [Path(name) for name in _SYSTEM]
    return sorted(folder for folder in folders if not any(folder.is_relative_to(s) for s in system))


def require_hidden(folder: Path) -> None:
    """Raise SandboxError if `folder` lies in one that is seen inside the sandbox."""
    for visible in [*visible_folders(), *map(Path, _SYSTEM)]:
        if folder.resolve().is_relative_to(visible):
            raise SandboxError(f"the course lies in {visible}, which every submission can read; move it elsewhere")


def _mounts(limits: Limits) -> Iterator[str]:
    for name in _SYSTEM:
        if Path(name).is_symlink():
            yield from ("--symlink", str(Path(name).readlink()), name)
        elif Path(name).is_dir():
            yield from ("--ro-bind", name, name)
    yield from ("--proc", "/proc", "--dev", "/dev")
    for folder, size in ((WORK, limits.disk), ("/tmp", limits.disk), ("/dev/shm", limits.disk)):
        yield from ("--size", str(size), "--perms", "1777", "--tmpfs", folder)
    shown = [*map(Path, _SETTINGS), *visible_folders()]
    for folder in sorted({parent for path in shown for parent in path.parents if parent != parent.parent}):
        yield from ("--perms", "0755", "--dir", str(folder))  # else only the superuser could pass through
    for path in shown:
        yield from ("--ro-bind-try", str(path), str(path))
    yield from ("--remount-ro", "/", "--chdir", WORK)


class Sandbox:
    """A closed room that a forked process can enter.

    Parameters
    ----------
    limits : Limits
        Sizes of the folders that can be written to.

    Raises
    ------
    SandboxError
        If bubblewrap is missing or cannot make the room, with its own words.
    """

    def __init__(self, limits: Limits) -> None:
        read, write = os.pipe()
        command = [find_bubblewrap(), "--die-with-parent", "--new-session", "--clearenv", "--hostname", "sandbox",
                   "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
                   "--cap-drop", "ALL", *_mounts(limits), "--info-fd", str(write), "--", "cat"]
        # An empty environment: what bubblewrap itself has can be read inside by whoever has its user number.
        self._holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, pass_fds=[write], env={}, bufsize=0)
        os.close(write)
        with os.fdopen(read) as info:
            text = info.read()
        try:
            self.pid: int = json.loads(text)["child-pid"]
            # The first process is there before its folders are. When `cat` answers, all is in place.
            self._holder.stdin.write(b"\n")
            if self._holder.stdout.read(1) != b"\n":
                raise ValueError
        except (ValueError, KeyError, OSError):
            self._holder.kill()
            reason = self._holder.communicate()[1].decode(errors="replace").strip()
            raise SandboxError(f"bubblewrap cannot make a sandbox here: {reason}") from None

    @contextlib.contextmanager
    def namespaces(self) -> Iterator[list[int]]:
        """Yield descriptors of the namespaces that differ from this process's own, in the order to enter them."""
        with contextlib.ExitStack() as stack:
            inside = Path(f"/proc/{self.pid}/ns")
            fds = {name: os.open(inside / name, os.O_RDONLY | os.O_CLOEXEC) for name in _NAMESPACES}
            for fd in fds.values():
                stack.callback(os.close, fd)
            # Who is not the superuser gets the right to enter in the user namespace that owns the others.
            # Bubblewrap puts its own process into a second one, which has no rights over them: that comes last.
            owner = fcntl.ioctl(fds["mnt"], _NS_GET_USERNS)
            stack.callback(os.close, owner)
            order = [owner, *(fds[name] for name in _NAMESPACES if name != "user"), fds["user"]]
            seen = {_identity(f"/proc/self/ns/{name}") for name in _NAMESPACES}
            entered = []
            for fd in order:
                if _identity(fd) not in seen:
                    seen.add(_identity(fd))
                    entered.append(fd)
            yield entered

    def memory(self) -> int:
        """Return how many bytes the processes inside use together, beyond what they share with their parent."""
        room = Path(f"/proc/{self.pid}/ns/pid").readlink()
        pages = 0
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # it may have ended in the meantime
                if (process / "ns" / "pid").readlink() == room:
                    _, resident, shared, *_ = (process / "statm").read_text().split()
                    pages += int(resident) - int(shared)
        return pages * resource.getpagesize()

    def close(self) -> None:
        """End everything inside."""
        self._holder.kill()
        self._holder.communicate()

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _identity(namespace: str | int) -> tuple[int, int]:
    found = os.fstat(namespace) if isinstance(namespace, int) else Path(namespace).stat()
    return found.st_dev, found.st_ino


# --- in the process that moves in ------------------------------------------------------------------------------

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def enter(namespaces: Sequence[int]) -> None:
    """Move this process into a sandbox; its *children* will have the sandbox's process numbers."""
    for fd in namespaces:
        _check(_libc.setns(fd, 0), "setns")
        os.close(fd)


def restrict(limits: Limits, user: int | None) -> None:
    """Give up every right and set the limits, for this process and all that it will start.

    A process of the superuser becomes one of `user`, a number that owns nothing; any other keeps its number,
    which in the sandbox's own user namespace has no rights either.
    """
    _limit(limits)
    for capability in range(64):
        _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    header, nothing = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)()
    _check(_libc.capset(header, nothing), "capset")
    _libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)  # so that the process may look at its own entries in /proc
    os.umask(0o077)


def user_number(pid: int) -> int | None:
    """Return a user number for the sandbox that process `pid` makes: none owns a file, and no two run at once.

    None if this process is not the superuser's, and can take no other number.
    """
    return _FIRST_USER + pid % _USERS if os.geteuid() == 0 else None


def limit_only(limits: Limits) -> None:
    """Set the limits without a sandbox, except for the number of processes, which counts all of a user."""
    _limit(limits, processes=False)


def _limit(limits: Limits, *, processes: bool = True) -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if sys.platform == "linux" else 0
    seconds = int(limits.total) + 5
    sizes = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: limits.disk,
        resource.RLIMIT_NOFILE: 256,
        resource.RLIMIT_AS: pages * resource.getpagesize() + limits.memory,
    }
    if processes:
        sizes[resource.RLIMIT_NPROC] = limits.processes
    for what, size in sizes.items():
        _, hard = resource.getrlimit(what)
        size = size if hard == resource.RLIM_INFINITY else min(size, hard)
        resource.setrlimit(what, (size, size))
