"""Attempts to get marks for nothing, and to reach what is not theirs, from inside a submission.

Each attempt is also made where it works, without the sandbox or in one interpreter with the tests: an attack
that fails everywhere would prove nothing.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from course.grading import gradebook
from course.grading.mark import Task, mark, start_server
from course.grading.sandbox import MB, Limits, visible_folders
from course.grading.sheet import data_files, load_sheets
from course.kernels.forkserver import can_fork
from tests.course.grading.assignment import NAME, NONE, NOTEBOOK, Student, inserted, text
from tests.course.grading.attacks import FORGED_MESSAGES, FORGERIES, INTRUSIONS

pytestmark = pytest.mark.skipif(not can_fork(), reason="submissions are marked on Linux only")
LIMITS = Limits(cell=5, total=60, memory=512 * MB)
WRONG = {"double": "def double(x):\n    return None"}


def marks_of(root, files, *, sandboxed=True):
    data = data_files(root / "solutions" / NAME)
    return mark(Task(NAME, "eve", load_sheets(root, NAME), files, {}, data, LIMITS, sandboxed))


def points_of(verdict):
    return {found.grade_id: found.points for found in verdict.notebooks[0].marks if found.grade_id != "essay"}


def forged(release, name):
    """A notebook in which an attack follows a wrong answer."""
    source = (FORGERIES | FORGED_MESSAGES)[name]
    student = Student("eve", WRONG, honest=False, change=inserted(source, before="double-check"))
    return student.hand_in(release)


def shown(verdict):
    """All that the student's own cells have shown."""
    cells = [cell for cell in verdict.notebooks[0].notebook["cells"] if not cell["metadata"]]
    return json.dumps([cell.get("outputs") for cell in cells])


@pytest.mark.parametrize("name", [*FORGERIES, *FORGED_MESSAGES])
def test_forgeries_earn_nothing(sandboxed, released, release, name):
    verdict = marks_of(released, forged(release, name))
    assert points_of(verdict) == NONE, verdict.reason


@pytest.mark.parametrize("name", FORGERIES)
def test_the_same_forgeries_earn_marks_in_one_interpreter_with_the_tests(released, release, tmp_path, name):
    notebook = json.loads(forged(release, name)[f"{NOTEBOOK}.ipynb"])
    source = json.loads((released / "solutions" / NAME / f"{NOTEBOOK}.ipynb").read_text("utf-8"))
    tests = {cell["id"]: cell["source"] for cell in source["cells"] if cell["metadata"]["nbgrader"]["grade"]}
    for cell in notebook["cells"]:
        cell["source"] = tests.get(cell["id"], cell["source"])
    (tmp_path / "in.json").write_text(text(notebook).replace("'data.csv'", repr(str(
        released / "solutions" / NAME / "data.csv"))), "utf-8")
    child = start_server().fork("tests.course.grading.attacks:run_in_one_interpreter", str(tmp_path / "in.json"),
                                str(tmp_path / "out.json"))
    child.wait(30)
    points = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert sum(points.values()) > 0


@pytest.fixture(scope="module")
def outside(released, tmp_path_factory):
    """A machine with things on it that a submission must not reach."""
    root = tmp_path_factory.mktemp("outside") / "course"
    keepsake = next(path.name for path in Path.home().iterdir()
                    if not any(folder.is_relative_to(path) for folder in visible_folders()))
    shutil.copytree(released, root)
    other = root / "submitted" / "other" / NAME
    other.mkdir(parents=True)
    (other / f"{NOTEBOOK}.ipynb").write_text("mine")
    with gradebook.GradebookWriter(root), socket.create_server(("127.0.0.1", 0)) as server, \
            socket.socket(socket.AF_UNIX) as abstract, tempfile.NamedTemporaryFile("w", dir="/tmp") as temporary, \
            subprocess.Popen([sys.executable, "-c", "input()", "a-process-outside"],
                             stdin=subprocess.PIPE) as process:
        abstract.bind(f"\0course-{os.getpid()}")
        abstract.listen()
        temporary.write("something")
        temporary.flush()
        yield root, {"ROOT": str(root), "PORT": str(server.getsockname()[1]), "ABSTRACT": f"course-{os.getpid()}",
                     "PID": str(process.pid), "PROCESS": "a-process-outside", "TEMPORARY": temporary.name,
                     "HOME": str(Path.home()), "KEEPSAKE": keepsake}
        process.communicate(b"\n")


def attempt(release, outside, name, *, sandboxed):
    root, places = outside
    source = INTRUSIONS[name] + "\nprint('SUCC' + 'EEDED')"
    for word, place in places.items():
        source = source.replace(word, place)
    student = Student("eve", change=inserted(source))
    return marks_of(root, student.hand_in(release), sandboxed=sandboxed)


@pytest.mark.parametrize("name", INTRUSIONS)
def test_a_submission_reaches_nothing_outside(sandboxed, release, outside, name):
    verdict = attempt(release, outside, name, sandboxed=True)
    assert "SUCCEEDED" not in shown(verdict)
    assert "Error" in shown(verdict)


@pytest.mark.parametrize("name", INTRUSIONS)
def test_without_the_sandbox_it_reaches_everything(release, outside, name):
    assert "SUCCEEDED" in shown(attempt(release, outside, name, sandboxed=False))


def test_a_submission_has_no_rights_and_cannot_gain_any(sandboxed, release, outside):
    source = ("import os, subprocess\nprint('uid', os.getuid(), open('/proc/self/status').read())\n"
              "print([os.access(p, os.W_OK) for p in ('/', '/usr', '/etc', np.__file__, checks.__file__)])\n"
              "print(sorted(os.environ))")
    verdict = marks_of(outside[0], Student("eve", change=inserted(source)).hand_in(release))
    told = shown(verdict)
    assert "[False, False, False, False, False]" in told
    for line in ("CapEff:\\\\t0000000000000000", "CapBnd:\\\\t0000000000000000", "NoNewPrivs:\\\\t1"):
        assert line.replace("\\\\t", "\\t") in told
    assert "uid 0" not in told


def test_a_submission_sees_no_secret_of_the_environment(sandboxed, release, outside, monkeypatch):
    monkeypatch.setenv("COURSE_SECRET", "do-not-tell")
    source = "import os\nprint(os.environ)\nprint(open('/proc/self/environ').read())"
    files = Student("eve", change=inserted(source)).hand_in(release)
    assert "do-not-tell" not in shown(marks_of(outside[0], files))


def test_disk_and_memory_outside_are_safe(sandboxed, release, outside):
    source = ("import os\nfor folder in ('.', '/tmp', '/dev/shm'):\n    try:\n"
              "        with open(f'{folder}/large', 'wb') as f:\n            for _ in range(600):\n"
              "                f.write(bytes(2**20))\n        print('SUCC' + 'EEDED')\n"
              "    except OSError as error:\n        print(error)")
    told = shown(marks_of(outside[0], Student("eve", change=inserted(source)).hand_in(release)))
    assert "SUCCEEDED" not in told
    assert told.count("[Errno") == 3


SCRIPT = "<script>alert('eve')</script>"


def _markdown(path):
    return [cell["source"] for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] != "code"]


def test_hidden_tests_do_not_appear_in_what_a_student_gets(sandboxed, released, release, tmp_path):
    from course.grading.feedback import write_feedback
    from course.grading.run import grade
    from tests.course.grading.assignment import SECRET

    root = tmp_path / "course"
    shutil.copytree(released, root)
    students = {"right": Student("right"), "blank": Student("blank", honest=False),
                "sly": Student("sly", {"essay": SCRIPT}, change=inserted(
                    f"from IPython.display import HTML, Markdown, SVG, display\nfor kind in (HTML, Markdown):\n"
                    f"    display(kind({SCRIPT!r}))\n{SCRIPT!r}")),
                "invalid": Student("invalid", files=lambda nb: {f"{NOTEBOOK}.ipynb": "{"})}
    for name, student in students.items():
        folder = root / "submitted" / name / NAME
        folder.mkdir(parents=True)
        for file, content in student.hand_in(release).items():
            (folder / file).write_bytes(content)
    grade(root, NAME, limits=LIMITS)
    assert SECRET in (root / "autograded" / "blank" / NAME / f"{NOTEBOOK}.ipynb").read_text("utf-8")
    write_feedback(root, NAME, [])
    for name in students:
        page = (root / "feedback" / name / NAME / f"{NOTEBOOK}.html").read_text("utf-8")
        for hidden in (SECRET, "HIDDEN", "attempt", str(root), str(Path.home()), "site-packages"):
            assert hidden not in page, (name, hidden)
        assert not [other for other in students if other != name and f"{other}</" in page]
        assert SCRIPT not in page, "nothing of a student's runs in the browser of whoever looks"
        assert SCRIPT not in "".join(_markdown(root / "autograded" / name / NAME / f"{NOTEBOOK}.ipynb"))
    blank = (root / "feedback" / "blank" / NAME / f"{NOTEBOOK}.html").read_text("utf-8")
    assert "not written yet" in blank
    assert "NotImplementedError" in blank
    assert "is not JSON" in (root / "feedback" / "invalid" / NAME / f"{NOTEBOOK}.html").read_text("utf-8")
