"""A small assignment, and a class of students who hand in everything that can be handed in."""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field

NAME = "9-warm-up"
NOTEBOOK = "warm-up"
DATA = b"1.5\n2.5\n4.0\n"
POINTS = {"double-check": 2, "double-hidden": 3, "gradient-check": 2, "steps": 4, "mean-check": 2, "essay": 5}
SECRET = "forty-two-in-disguise"  # stands in a hidden test and nowhere else


def _cell(kind: str, name: str, source: str, **flags) -> dict:
    grading = {
        "grade_id": name,
        "grade": False,
        "solution": False,
        "locked": False,
        "task": False,
        "schema_version": 3,
        **flags,
    }
    cell = {"cell_type": kind, "id": name, "metadata": {"nbgrader": grading}, "source": source}
    return cell | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def given(name: str, source: str, kind: str = "code") -> dict:
    return _cell(kind, name, source, locked=True)


def answer(name: str, stub: str, solution: str) -> dict:
    indented = "\n".join(f"    {line}" for line in solution.splitlines())
    return _cell(
        "code", name, f"{stub}\n    ### BEGIN SOLUTION\n{indented}\n    ### END SOLUTION", solution=True
    )


def test_cell(name: str, source: str) -> dict:
    return _cell("code", name, source, grade=True, locked=True, points=POINTS[name])


def source_notebook() -> dict:
    """The notebook that goes into `solutions/`."""
    cells = [
        given("title", "# Warm-up", "markdown"),
        given("setup", "import numpy as np\n\nfrom labkit import checks\n\ndata = np.loadtxt('data.csv')"),
        answer("double", "def double(x):", "return 2 * x"),
        test_cell(
            "double-check",
            "known = {1: 2, 5: 10}\nfor x, y in known.items():\n"
            "    assert double(x) == y, f'double({x}) should be {y}'",
        ),
        test_cell(
            "double-hidden",
            "# More numbers when this is marked.\n### BEGIN HIDDEN TESTS\n"
            f"disguise = '{SECRET}'\nassert double(21) == 42, 'double fails for a larger number'\n"
            "np.testing.assert_allclose(double(np.array([0.5, -1.0])), [1.0, -2.0])\n### END HIDDEN TESTS",
        ),
        answer("gradient", "def gradient(x):", "return 2 * x"),
        test_cell(
            "gradient-check",
            "checks.gradient(gradient, of=lambda x: x @ x, by='x', at=[{'x': [1, 2]}, {'x': [3]}])",
        ),
        test_cell(
            "steps",
            "# A point for each of four.\n### BEGIN HIDDEN TESTS\n"
            "def attempt(k):\n    try:\n        return bool(double(k) == 2 * k)\n"
            "    except Exception:\n        return False\n\n\nsum(attempt(k) for k in range(4))\n"
            "### END HIDDEN TESTS",
        ),
        answer("mean", "def mean_of(values):", "return sum(values) / len(values)"),
        test_cell("mean-check", "assert abs(mean_of(data) - data.mean()) < 1e-12"),
        _cell(
            "markdown",
            "essay",
            "<!-- BEGIN SOLUTION -->\nBecause.\n<!-- END SOLUTION -->",
            grade=True,
            solution=True,
            points=POINTS["essay"],
        ),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells}


RIGHT = {
    "double": "def double(x):\n    return 2 * x",
    "gradient": "def gradient(x):\n    return 2 * x",
    "mean": "def mean_of(values):\n    return sum(values) / len(values)",
    "essay": "Because it is twice as much.",
}
ALL = {name: points for name, points in POINTS.items() if name != "essay"}
NONE = dict.fromkeys(ALL, 0)
NO_DOUBLE = ALL | {"double-check": 0, "double-hidden": 0, "steps": 0}


def own(source: str, kind: str = "code") -> dict:
    """A cell that a student adds."""
    cell = {"cell_type": kind, "id": f"own-{abs(hash(source)) % 10**8}", "metadata": {}, "source": source}
    return cell | ({"outputs": [], "execution_count": None} if kind == "code" else {})


@dataclass
class Student:
    """What somebody hands in, and what should come of it.

    Attributes
    ----------
    answers : dict
        Cell → source, on top of the right answers where `honest`, except those in `leave`.
    change : callable
        Changes the notebook that was handed out and filled in.
    files : callable
        Makes the files from the notebook; by default the notebook under its right name.
    marks : dict
        Cell → points, by machine.
    status, reason, note : str
        The status, and what the reason and the notes contain.
    messages : dict
        Cell → what the message contains.
    like_nbgrader : bool
        Whether nbgrader gives the same marks, so that both can be compared.
    """

    name: str
    answers: dict = field(default_factory=dict)
    honest: bool = True
    leave: tuple = ()
    change: Callable[[dict], None] = lambda notebook: None
    files: Callable[[dict], dict] = lambda notebook: {f"{NOTEBOOK}.ipynb": text(notebook)}
    marks: dict = field(default_factory=lambda: dict(ALL))
    status: str = "needs marking by hand"
    reason: str = ""
    note: str = ""
    messages: dict = field(default_factory=dict)
    like_nbgrader: bool = True

    def hand_in(self, release: dict) -> dict[str, bytes]:
        notebook = copy.deepcopy(release)
        right = {name: source for name, source in RIGHT.items() if self.honest and name not in self.leave}
        written = right | self.answers
        for cell in notebook["cells"]:
            cell["source"] = written.get(cell["id"], cell["source"])
        self.change(notebook)
        return {
            name: content.encode() if isinstance(content, str) else content
            for name, content in self.files(notebook).items()
        }


def text(notebook: dict) -> str:
    return json.dumps(notebook, ensure_ascii=False, indent=1)


def find(notebook: dict, name: str) -> int:
    return next(n for n, cell in enumerate(notebook["cells"]) if cell["id"] == name)


def inserted(source: str, before: str = "double") -> Callable[[dict], None]:
    """A change: a cell of the student's own before another cell."""
    return lambda notebook: notebook["cells"].insert(find(notebook, before), own(source))


def removed(name: str) -> Callable[[dict], None]:
    return lambda notebook: notebook["cells"].pop(find(notebook, name))


def replaced(name: str, source: str) -> Callable[[dict], None]:
    return lambda notebook: notebook["cells"][find(notebook, name)].update(source=source)


def flagged(name: str, **flags) -> Callable[[dict], None]:
    return lambda notebook: notebook["cells"][find(notebook, name)]["metadata"]["nbgrader"].update(flags)


def twice(name: str, source: str | None = None, *, before: bool = True) -> Callable[[dict], None]:
    """A change: a second copy of a cell, with its metadata, perhaps with another text."""

    def change(notebook: dict) -> None:
        place = find(notebook, name)
        extra = copy.deepcopy(notebook["cells"][place])
        extra["source"] = source if source is not None else extra["source"]
        extra["id"] = f"{name}-copy"
        notebook["cells"].insert(place if before else place + 1, extra)

    return change


def tests_first(notebook: dict) -> None:
    notebook["cells"].sort(key=lambda cell: not cell["metadata"]["nbgrader"]["grade"])


def setup_last(notebook: dict) -> None:
    notebook["cells"].append(notebook["cells"].pop(find(notebook, "setup")))


def stripped(notebook: dict) -> None:
    for cell in notebook["cells"]:
        cell["metadata"] = {}


def anonymous(notebook: dict) -> None:
    stripped(notebook)
    for cell in notebook["cells"]:
        del cell["id"]
    notebook["nbformat_minor"] = 4


def old_format(notebook: dict) -> dict[str, bytes]:
    cells = []
    for cell in notebook["cells"]:
        old = {"cell_type": cell["cell_type"], "metadata": cell["metadata"]}
        if cell["cell_type"] == "code":
            old |= {
                "input": cell["source"].splitlines(keepends=True),
                "outputs": [],
                "language": "python",
                "collapsed": False,
                "prompt_number": 1,
            }
        else:
            old["source"] = cell["source"]
        cells.append(old)
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [{"cells": cells, "metadata": {}}],
    }
    return {f"{NOTEBOOK}.ipynb": json.dumps(old)}


def as_file(content: str | bytes) -> Callable[[dict], dict]:
    return lambda notebook: {f"{NOTEBOOK}.ipynb": content}


INVALID = {"marks": NONE | {"essay": 0}, "status": "invalid", "like_nbgrader": False}
OTHER = {"like_nbgrader": False}
IGNORES_INTERRUPTS = """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
while True:
    pass
"""

CLASS = [
    # --- honest work ---
    Student("complete"),
    Student("untouched", honest=False, marks=NONE | {"essay": 0}, status="ok"),
    Student("without-essay", leave=("essay",), marks=ALL | {"essay": 0}, status="ok"),
    Student("essay-only", {"essay": "I only know why."}, honest=False, marks=NONE),
    Student(
        "wrong",
        {"double": "def double(x):\n    return x + 2"},
        marks=NO_DOUBLE | {"steps": 1},
        messages={"double-check": "double(1) should be 2", "double-hidden": "double fails for a larger number"},
    ),
    Student(
        "partly",
        {"double": "def double(x):\n    return 2 * x if np.all(x != 3) else 7"},
        marks=ALL | {"steps": 3},
    ),
    Student(
        "wrong-sign",
        {"gradient": "def gradient(x):\n    return -2 * x"},
        marks=ALL | {"gradient-check": 0},
        messages={"gradient-check": "the sign is wrong"},
    ),
    Student(
        "single-precision", {"gradient": "def gradient(x):\n    return np.float32(2) * x.astype(np.float32)"}
    ),
    Student(
        "other-way", {"double": "double = lambda x: x + x", "mean": "from statistics import fmean as mean_of"}
    ),
    Student(
        "in-a-class",
        {"double": "class Doubler:\n    def __call__(self, x):\n        return x * 2\n\n\ndouble = Doubler()"},
    ),
    Student(
        "figures", change=inserted("import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])")
    ),
    Student(
        "magics",
        change=inserted("%timeit -n1 -r1 1 + 1\n!echo from the shell\nawait __import__('asyncio').sleep(0)"),
    ),
    Student(
        "uses-visible-test", change=inserted("assert double(5) == known[5]\nseen = known", before="gradient")
    ),
    Student(
        "later-version",
        change=inserted("def double(x):\n    return 2 * x", before="double-check"),
        answers={"double": "def double(x):\n    return 3 * x"},
    ),
    Student(
        "own-module",
        {"double": "from helper import double"},
        files=lambda nb: {f"{NOTEBOOK}.ipynb": text(nb), "helper.py": "def double(x):\n    return 2 * x\n"},
    ),
    Student(
        "shadows-names",
        {"mean": "import math\nabs = len = 3\n\n\ndef mean_of(values):\n    return math.fsum(values) / 3"},
        **OTHER,
    ),
    Student("Zoë Größe-Ærø 李"),
    # --- warnings, input, output, time ---
    Student(
        "warns",
        {
            "double": "import sys, warnings\n\n\ndef double(x):\n    print('thinking', file=sys.stderr)\n"
            "    warnings.warn('careful')\n    return 2 * x"
        },
        **OTHER,
    ),
    Student(
        "strict-numpy",
        {
            "gradient": "np.seterr(all='raise')\n\n\ndef gradient(x):\n"
            "    return 2 * x + 0 * np.log(np.zeros(1))[0] * 0 if False else 2 * x"
        },
    ),
    Student(
        "slow",
        {
            "mean": "import time\n\n\ndef mean_of(values):\n    time.sleep(1.2)\n"
            "    return sum(values) / len(values)"
        },
    ),
    Student("asks", change=inserted("name = input('Who are you?')")),
    Student(
        "asks-in-answer",
        {"double": "def double(x):\n    return x * int(input('factor?'))"},
        marks=NO_DOUBLE,
        messages={"double-check": "nobody to ask"},
    ),
    Student("talkative", change=inserted("for _ in range(20 * 2**10):\n    print('x' * 1023)"), **OTHER),
    Student(
        "talkative-answer", {"double": "def double(x):\n    print('x' * 20 * 2**20)\n    return 2 * x"}, **OTHER
    ),
    Student("leaves-politely", change=inserted("import sys\nsys.exit(0)")),
    Student("quits", change=inserted("quit()"), **OTHER),
    Student(
        "syntax-error",
        {"double": "def double(x)\n    return 2 * x"},
        marks=NO_DOUBLE,
        messages={"double-check": "name 'double' is not defined"},
    ),
    Student(
        "own-exception",
        {"double": "class Puzzled(ValueError):\n    pass\n\n\ndef double(x):\n    raise Puzzled('how?')"},
        marks=NO_DOUBLE,
        messages={"double-check": "Puzzled: how?"},
    ),
    # --- programs that do not come to an end, or come to a bad one ---
    Student(
        "endless-cell",
        change=inserted("while True:\n    pass"),
        status="timed out",
        reason="took longer than",
        **OTHER,
    ),
    Student(
        "endless-answer",
        {"double": "def double(x):\n    while True:\n        pass"},
        marks=NO_DOUBLE,
        status="timed out",
        reason="Cell 'double-check' took longer than",
        **OTHER,
    ),
    Student(
        "stubborn-cell",
        change=inserted(IGNORES_INTERRUPTS),
        status="timed out",
        reason="could not be interrupted",
        **OTHER,
    ),
    Student(
        "exits-hard",
        change=inserted("import os\nos._exit(3)"),
        status="crashed",
        reason="ended the interpreter (exit status 3)",
        **OTHER,
    ),
    Student(
        "exits-hard-in-answer",
        {"double": "import os\n\n\ndef double(x):\n    os._exit(0)"},
        marks=NO_DOUBLE,
        status="crashed",
        reason="Cell 'double-check' ended the interpreter",
        **OTHER,
    ),
    Student(
        "kills-itself",
        change=inserted("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)"),
        status="crashed",
        reason="SIGSEGV",
        **OTHER,
    ),
    Student("hungry", change=inserted("hoard = [bytearray(2**28) for _ in range(100)]"), **OTHER),
    Student(
        "hungry-answer",
        {"double": "def double(x):\n    return np.ones(2**34)"},
        marks=NO_DOUBLE,
        messages={"double-check": "MemoryError"},
        **OTHER,
    ),
    Student("fork-bomb", change=inserted("import os\nwhile True:\n    os.fork()"), status=None, **OTHER),
    Student(
        "leaves-a-process",
        change=inserted(
            "import subprocess\nleft = subprocess.Popen(['sleep', '86399'], start_new_session=True)"
        ),
        **OTHER,
    ),
    Student(
        "threads",
        change=inserted(
            "import threading, time\n\n\ndef tick():\n    while True:\n        time.sleep(0.01)"
            "\n\n\nthreading.Thread(target=tick).start()"
        ),
        **OTHER,
    ),
    # --- files that are none, or not the right ones ---
    Student(
        "not-json", files=as_file('{"cells": [{"cell_type": "code", "sour'), reason="is not JSON", **INVALID
    ),
    Student("empty", files=as_file(b""), reason="is empty", **INVALID),
    Student("some-json", files=as_file('{"a": 1}'), reason="not a notebook", **INVALID),
    Student("binary", files=as_file(b"PK\x03\x04\xff\xfe\x00"), reason="is not text in UTF-8", **INVALID),
    Student(
        "no-notebook",
        files=lambda nb: {"readme.txt": "It is on my other computer."},
        reason="is missing",
        **INVALID,
    ),
    Student("renamed", files=lambda nb: {"Final version.ipynb": text(nb)}, note="was taken for it", **OTHER),
    Student(
        "extra-notebook",
        files=lambda nb: {f"{NOTEBOOK}.ipynb": text(nb), "scratch.ipynb": "{}"},
        note="Not asked for, and not marked: 'scratch.ipynb'",
    ),
    Student("old-format", files=old_format, note="old format 3", **OTHER),
    Student(
        "byte-order-mark",
        files=lambda nb: {f"{NOTEBOOK}.ipynb": b"\xef\xbb\xbf" + text(nb).encode()},
        note="byte-order mark",
        **OTHER,
    ),
    Student(
        "wide-characters",
        files=lambda nb: {f"{NOTEBOOK}.ipynb": text(nb).encode("utf-16")},
        note="byte-order mark",
        **OTHER,
    ),
    # --- notebooks that were taken apart ---
    Student(
        "answer-twice",
        change=twice("double", "def double(x):\n    return 0"),
        note="'double' is there 2 times",
        **OTHER,
    ),
    Student("test-twice", change=twice("double-check"), note="'double-check' is there 2 times", **OTHER),
    Student("test-deleted", change=removed("double-check"), note="put back: 'double-check'"),
    Student("answer-deleted", change=removed("double"), marks=NO_DOUBLE, note="no answer cell 'double'"),
    Student(
        "essay-deleted",
        change=removed("essay"),
        marks=ALL | {"essay": 0},
        status="ok",
        note="no answer cell 'essay'",
        **OTHER,
    ),
    Student(
        "test-edited",
        {"double": "def double(x):\n    return 0"},
        change=replaced("double-check", "assert True"),
        marks=NO_DOUBLE | {"steps": 1},
        note="Cell 'double-check' was changed",
    ),
    Student(
        "setup-edited",
        change=replaced("setup", "import numpy as np\nchecks = data = None"),
        note="Cell 'setup' was changed",
    ),
    Student("tests-first", change=tests_first, note="another order", **OTHER),
    Student("setup-last", change=setup_last, note="another order", **OTHER),
    Student("labels-stripped", change=stripped, note="labels were missing", **OTHER),
    Student("labels-and-ids-stripped", change=anonymous, note="labels were missing", **OTHER),
    Student(
        "flag-flipped",
        change=flagged("double-check", grade=False),
        note="labels on cell 'double-check'",
        **OTHER,
    ),
    Student(
        "points-raised",
        {"double": "def double(x):\n    return 0"},
        change=flagged("steps", points=400),
        marks=NO_DOUBLE | {"steps": 1},
        note="labels on cell 'steps'",
        **OTHER,
    ),
    Student(
        "test-as-text",
        change=lambda nb: nb["cells"][find(nb, "double-check")].update(cell_type="markdown"),
        note="labels on cell 'double-check'",
        **OTHER,
    ),
    Student(
        "no-cells",
        change=lambda nb: nb["cells"].clear(),
        marks=NONE | {"essay": 0},
        status="ok",
        note="no answer cell",
        **OTHER,
    ),
]
