"""Processes are forked from one that has its imports behind it, and none outlives whoever asked for it."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from course.kernels.forkserver import ForkServer, ForkServerError, can_fork

pytestmark = pytest.mark.skipif(not can_fork(), reason="fresh processes are forked on Linux only")


@pytest.fixture(scope="module")
def server():
    with ForkServer(["json", "fractions"], {"GREETING": "hello"}) as server:
        yield server


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until(condition, seconds=5):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


def test_status_and_signals_are_told(server):
    assert server.fork("os:_exit", 7).wait(5) == 7
    child = server.fork("time:sleep", 60)
    assert child.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(0.05)
    child.terminate()
    assert child.wait(5) == -signal.SIGTERM
    assert not is_running(child.pid)


def test_modules_are_loaded_and_the_environment_is_the_given_one(server):
    code = ("import os, sys; loaded = 'fractions' in sys.modules\n"
            "os._exit(loaded + 2 * (os.environ.get('GREETING') == 'hello' and 'HOME' not in os.environ))")
    assert server.fork("builtins:exec", code).wait(5) == 3


def test_children_know_nothing_of_each_other(server):
    code = "import json; before = hasattr(json, 'mark'); json.mark = 1; import os; os._exit(before)"
    assert [server.fork("builtins:exec", code).wait(5) for _ in range(3)] == [0, 0, 0]


def test_a_child_dies_with_its_connection_and_takes_its_group_along(server):
    read, write = os.pipe()
    code = "import os, time\npid = os.fork()\nif pid: os.write(FD, b'%d ' % pid)\ntime.sleep(60)"
    child = server.fork("tests.course.kernels.test_forkserver:run_with_fd", code, fds=[write])
    os.close(write)
    grandchild = int(os.read(read, 20))
    os.close(read)
    child.close()
    assert wait_until(lambda: not is_running(child.pid))
    assert wait_until(lambda: not is_running(grandchild) or _is_zombie(grandchild))


def run_with_fd(code, fds):
    exec(code, {"FD": fds[0]})


def _is_zombie(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def test_an_exception_is_status_1(capfd):
    with ForkServer(["json"], {}) as server:
        assert server.fork("builtins:exec", "raise ValueError('what now?')").wait(5) == 1
    assert "what now?" in capfd.readouterr().err


def test_many_threads_may_fork_at_once():
    with ForkServer(["json"], {}) as server:
        found = []
        threads = [threading.Thread(target=lambda: found.append(server.fork("os:_exit", 5).wait(20)))
                   for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert found == [5] * 8


def test_a_server_that_cannot_start_says_so(capfd):
    with ForkServer(["no_such_module"], {}) as server, pytest.raises(ForkServerError):
        server.fork("os:_exit", 0)
    assert "no_such_module" in capfd.readouterr().err


def test_the_server_ends_with_its_owner():
    code = ("from course.kernels.forkserver import ForkServer\nimport os\ns = ForkServer(['json'], {})\n"
            "c = s.fork('time:sleep', 60)\nprint(s._process.pid, c.pid, flush=True)\nos._exit(0)")
    pids = map(int, subprocess.check_output([sys.executable, "-c", code], timeout=30).split())
    for pid in pids:
        assert wait_until(lambda pid=pid: not is_running(pid) or _is_zombie(pid))


@pytest.mark.parametrize("seconds", [0, 0.02, 0.3])
@pytest.mark.parametrize("leave", ["s.close()", "os._exit(0)", "os.kill(os.getpid(), 9)"])
def test_a_server_that_nobody_asked_for_anything_ends_without_a_word(leave, seconds):
    """Whether its owner leaves before or after the modules are loaded: it then has not read that they are."""
    code = ("from course.kernels.forkserver import ForkServer\nimport os, time\ns = ForkServer(['json'], {})\n"
            f"print(s._process.pid, flush=True)\ntime.sleep({seconds})\n{leave}")
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    assert found.stderr == ""  # it is complete when the server, which holds the pipe too, has ended
    assert wait_until(lambda: not is_running(int(found.stdout)) or _is_zombie(int(found.stdout)))
