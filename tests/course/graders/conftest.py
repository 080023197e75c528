"""Run an assignment's own test cells on other answers than the solution, and count which wrong ones survive."""

import ast
import contextlib
import io
import linecache
import textwrap
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_output
from nbgrader.utils import determine_grade, is_grade, is_solution

ROOT = Path(__file__).resolve().parents[3]
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


@dataclass(frozen=True)
class Mark:
    """What one test cell gave, and why."""

    points: float
    out_of: float
    kind: str
    message: str


class Grader:
    """The source notebook of one assignment with an answer put in the place of a solution.

    Cells run in this process, one namespace for each answer; points are decided by nbgrader's own rule from the
    outputs that a kernel would have stored.
    """

    def __init__(self, path: Path) -> None:
        self.cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        # A figure is there to be looked at; drawing it again for every answer would take most of the time.
        self.given = [c for c in self.cells if not is_grade(c) and not is_solution(c) and c.id != "figure"]

    @property
    def tasks(self) -> list[str]:
        """The ids of the cells that students answer in code and that a test cell marks."""
        return [cell.id for cell in self.cells if is_solution(cell) and self.tests_of(cell.id)]

    def tests_of(self, task: str) -> list[nbformat.NotebookNode]:
        """The test cells between the answer to `task` and the next answer."""
        following = self.cells[[cell.id for cell in self.cells].index(task) + 1:]
        stop = next((i for i, cell in enumerate(following) if is_solution(cell)), len(following))
        return [cell for cell in following[:stop] if is_grade(cell)]

    def solution(self, task: str) -> str:
        return next(cell.source for cell in self.cells if cell.id == task)

    def with_body(self, task: str, answer: str) -> str:
        """The answer cell as a student leaves it: a new body, or a whole new cell if `answer` defines the name."""
        answer = textwrap.dedent(answer).strip("\n")
        if _defined(self.solution(task)) & _defined(answer):
            return answer
        before, rest = self.solution(task).split(BEGIN)
        indent = before.rsplit("\n", 1)[1]
        return before.removesuffix(indent) + textwrap.indent(answer, indent) + rest.split(END)[1]

    def marks(self, task: str, answer: str) -> dict[str, Mark]:
        """Mark an answer: one entry for each test cell of the task."""
        namespace = {"__name__": "__main__"}
        for cell in self.given:
            _run(cell.id, cell.source, namespace)
        _run(task, self.with_body(task, answer), namespace)
        return {cell.id: _mark(cell, namespace) for cell in self.tests_of(task)}


def _defined(source: str) -> set[str]:
    """The names that a cell gives a value at its top level."""
    body = ast.parse(source).body
    functions = {node.name for node in body if isinstance(node, ast.FunctionDef)}
    return functions | {t.id for node in body if isinstance(node, ast.Assign) for t in node.targets
                        if isinstance(t, ast.Name)}


def _run(name: str, source: str, namespace: dict) -> object:
    """Execute a cell as a notebook does; return the value of a last expression."""
    filename = f"<cell {name}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    body = ast.parse(source, filename).body
    last = ast.Expression(body.pop().value) if body and isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), filename, "exec"), namespace)
    return eval(compile(last, filename, "eval"), namespace) if last else None


def _mark(cell: nbformat.NotebookNode, namespace: dict) -> Mark:
    """Run a test cell and let nbgrader decide what its outputs are worth."""
    cell, kind, message = nbformat.from_dict(cell), "", ""
    cell.outputs, stderr, stdout = [], io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        try:
            value = _run(cell.id, cell.source, namespace)
        except Exception as error:
            kind, message = getattr(error, "kind", type(error).__name__), str(error)
            cell.outputs.append(new_output("error", ename=type(error).__name__, evalue=message, traceback=[]))
        else:
            if value is not None:
                cell.outputs.append(new_output("execute_result", {"text/plain": repr(value)}, execution_count=1))
    if stderr.getvalue():
        cell.outputs.insert(0, new_output("stream", name="stderr", text=stderr.getvalue()))
    points, out_of = determine_grade(cell)
    return Mark(points, out_of, kind, message)


@pytest.fixture(scope="session")
def graders() -> dict[str, Grader]:
    """The graders of all assignments, by the name of the notebook."""
    return {path.stem: Grader(path) for path in sorted((ROOT / "solutions").glob("*/*.ipynb"))}


def pytest_generate_tests(metafunc) -> None:
    """Give the tests of an assignment their answers."""
    if metafunc.cls is None:
        return
    for sort, name in (("right", "answer"), ("wrong", "wrong")):
        if name in metafunc.fixturenames:
            metafunc.parametrize(("task", name), metafunc.cls.cases(sort))
    for name in ("slip", "ladder", "damage"):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, metafunc.cls.cases(name))


# --- the table of kills ----------------------------------------------------------------------------------------

def pytest_terminal_summary(terminalreporter) -> None:
    """Print how many wrong answers each task refused, and how many right ones it took."""
    rows = defaultdict(lambda: defaultdict(list))
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", []):
                if name == "verdict" and report.when == "call":
                    task, sort, outcome = value
                    rows[task][sort].append(outcome)
    if not rows:
        return
    terminalreporter.section("graders: wrong answers killed")
    line = "{:<18}{:>6}{:>7}{:>7}{:>8}{:>9}  {}".format
    terminalreporter.line(line("task", "right", "taken", "wrong", "killed", "survive", "kinds of mistake"))
    for task, found in rows.items():
        right, wrong = found["right"], found["wrong"]
        killed = [kind for kind in wrong if kind]
        kinds = ", ".join(dict.fromkeys(killed))
        numbers = len(right), sum(right), len(wrong), len(killed), len(wrong) - len(killed)
        terminalreporter.line(line(task, *numbers, kinds))
