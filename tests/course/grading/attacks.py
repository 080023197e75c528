"""What students might try: to get marks for nothing, and to reach what is not theirs."""

import json
from pathlib import Path

from course.grading.outputs import Outputs, score
from course.grading.shell import prepare

# Each of these goes before the tests; `double` is wrong in all of them.
FORGERIES = {
    "strip asserts from the tests": """
import ast


class Strip(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()


get_ipython().ast_transformers.append(Strip())
""",
    "empty the tests before they run": """
get_ipython().input_transformers_cleanup.append(lambda lines: ["4\\n"] if any("attempt" in l for l in lines) else
[])
""",
    "replace what runs a cell": """
shell = get_ipython()
shell.run_cell_async = shell.run_cell = lambda *a, **k: __import__("types").SimpleNamespace(
    error_before_exec=None, error_in_exec=None, success=True)
""",
    "answers that equal everything": """
class Yes:
    def __eq__(self, other):
        return True
    def __sub__(self, other):
        return 0
    __rsub__ = __sub__
    def __array__(self, *a, **k):
        return np.array([1.0, -2.0])


def double(x):
    return Yes()
""",
    "patched sum": "import builtins\nbuiltins.sum = lambda *a: 4.0",
    "patched assertion error": """
import builtins


class Quiet(BaseException):
    def __new__(cls, *a):
        raise KeyboardInterrupt


get_ipython().showtraceback = lambda *a, **k: None
get_ipython()._showtraceback = lambda *a, **k: None
""",
    "patched checks": "checks.gradient = lambda *a, **k: None\ngradient = None",
    "patched labkit": """
import labkit.checks
labkit.checks.gradient.__code__ = (lambda *args, **kwargs: None).__code__
""",
    "patched numpy.testing": """
np.testing.assert_allclose = lambda *a, **k: None
double = lambda x: 42 if isinstance(x, int) and x == 21 else -x - 1
""",
    "look at the caller": """
import sys


def double(x):
    frame = sys._getframe(1)
    while frame:
        if "y" in frame.f_locals and "known" in frame.f_globals:
            return frame.f_locals["y"]
        frame = frame.f_back
    return None
""",
    "search memory for hidden tests": """
import gc, linecache


def double(x):
    secret = "".join(reversed("esiugsid-ni-owt-ytrof"))
    texts = [str(v) for v in linecache.cache.values()] + [str(In), str(dir())]
    texts += [t for t in map(str, gc.get_objects()[-20000:]) if len(t) < 10**5]
    if any(secret in t for t in texts):
        return {21: 42}.get(x if isinstance(x, int) else None, 2 * x)
    return None
""",
    "rebind what the tests define": """
def double(x):
    get_ipython().user_ns["attempt"] = lambda k: True
    return None
""",
    "a number that shows itself as another": """
class Much(float):
    def __repr__(self):
        return "4.0"
    def __eq__(self, other):
        return True
    def __radd__(self, other):
        return self
    __hash__ = float.__hash__


def double(x):
    return Much(0)
""",
}
# These speak to the process that marks, in its own language; there is nothing like them in a single interpreter.
FORGED_MESSAGES = {
    "write to every file that is open": """
import json, os, struct
told = json.dumps({"step": 3, "points": 4.0, "fault": "", "outputs": [], "returned": 42, "done": True, "buffers":
[]}).encode() for fd in range(3, 64):
    try:
        os.write(fd, struct.pack("!Q", len(told)) + told)
    except OSError:
        pass
""",
    "answer every question with what was lent": """
import course.grading.wire as wire
wire.Packer.pack = lambda self, value, depth=0: {"mine": 0}
""",
    "answer with rubbish": """
import course.grading.wire as wire
wire.Packer.pack = lambda self, value, depth=0: {"array": ["|O", [2**40], "C", 0]}
""",
    "name a file of the examiner": """
def double(x):
    raise ValueError
double.__code__ = double.__code__.replace(co_filename="/etc/passwd", co_firstlineno=1)
""",
    "an answer without end": """
def double(x):
    return list(range(10**9))
""",
}


def run_in_one_interpreter(source: str, target: str) -> None:
    """Run all cells of a notebook in one shell, tests included, as nbgrader does, and write the points."""
    notebook, points = json.loads(Path(source).read_text("utf-8")), {}
    shell = prepare()
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            outputs = Outputs(10_000)
            shell.execute(cell["source"], outputs.add, store_history=True)
            grading = cell["metadata"].get("nbgrader", {})
            if grading.get("grade"):
                points[grading["grade_id"]] = score(outputs.kept, grading["points"])[0]
    Path(target).write_text(json.dumps(points), "utf-8")


# What code under test may not reach; each prints SUCCEEDED if it does. The words in capitals are filled in.
INTRUSIONS = {
    "read the solutions": "print(open('ROOT/solutions/9-warm-up/warm-up.ipynb').read()[:20])",
    "read the gradebook": "print(open('ROOT/gradebook.db', 'rb').read(16))",
    "write to the gradebook": "import sqlite3\nwith sqlite3.connect('ROOT/gradebook.db') as book:\n"
                              "    book.execute('create table if not exists mine (x integer)')",
    "read another student's work": "print(open('ROOT/submitted/other/9-warm-up/warm-up.ipynb').read()[:9])",
    "reach the network": "import socket\nsocket.create_connection(('127.0.0.1', PORT), timeout=2)",
    "reach a socket without a file": "import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect('\\0ABSTRACT')",
    "signal a process outside": "import os\nos.kill(PID, 0)",
    "see processes outside": "import os\nassert os.path.exists('/proc/PID/cmdline') and 'PROCESS' in "
                             "open('/proc/PID/cmdline').read()",
    "leave a file behind": "open('ROOT/left-behind', 'w').write('x')",
    "read the temporary folder": "print(open('TEMPORARY').read())",
    "see the home folder": "import os\nassert 'KEEPSAKE' in os.listdir('HOME')",
}
