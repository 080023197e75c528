"""What a test cell may expect of things that a student defined: one notebook, one cell for each."""

import pytest

from course.grading.mark import Task, mark
from course.grading.sandbox import Limits
from course.grading.sheet import Sheet, SheetCell
from tests.course.grading.assignment import own, text

ANSWER = '''
import sys
import warnings
from dataclasses import dataclass

import numpy as np

import labkit.norms


def area(width, height=2.0, *, unit="m"):
    """Return the area."""
    return width * height


def spoil(x, items, rng):
    x[0] = 99
    items.append(len(items))
    return rng.normal()


def own_argument(x):
    return x


def fail(x):
    y = x + 1
    return y / 0


def apply_twice(f, x):
    return f(f(x))


def chatty():
    print("said")
    print("complained", file=sys.stderr)
    warnings.warn("warned")
    return np.log(np.zeros(1))


def logistic(z):
    return np.exp(z) / (1 + np.exp(z))


def weighted(x):
    return np.outer(x, x) @ x


def count_to(n):
    yield from range(n)


def borrowing(x):
    return helper(x)


def solved(X):
    return np.linalg.lstsq(X, X[0])[0]


def solved_by_a_helper(X):
    return solved(X)


def helper(x):
    return labkit.norms.__name__


class Thing:
    def __init__(self, size):
        self.size = size

    def double(self):
        return Thing(2 * self.size)


@dataclass
class Point:
    x: float


def make_adder(n):
    return lambda x: x + n


table = {"a": [1, 2], "b": np.eye(2)}
picky = np.linalg.inv
'''
TESTS = {
    "signature": """
import inspect
assert str(inspect.signature(area)) == '(width, height=Ellipsis, *, unit=Ellipsis)'
assert (area.__name__, area.__doc__) == ('area', 'Return the area.')
""",
    "source": """
import inspect
assert inspect.getsource(area).startswith('def area(width')
""",
    "defaults": """
assert area(3) == 6 and area(3, height=5) == 15
""",
    "wrong call": """
try:
    area()
except TypeError as error:
    assert 'width' in str(error)
else:
    assert False
""",
    "changed arguments": """
x, items, rng = np.zeros(3), ['a'], np.random.default_rng(1)
assert spoil(x, items, rng) == np.random.default_rng(1).normal()
assert x.tolist() == [99, 0, 0] and items == ['a', 1]
again = np.random.default_rng(1); again.normal()
assert rng.normal() == again.normal()
""",
    "read-only arguments": """
x = np.zeros(3)
x.flags.writeable = False
try:
    spoil(x, [], None)
except ValueError as error:
    assert 'read-only' in str(error)
else:
    assert False
""",
    "its own argument": """
x = np.ones(2)
assert own_argument(x) is x
""",
    "exceptions": """
try:
    fail(1)
except ZeroDivisionError as error:
    import traceback
    assert traceback.extract_tb(error.__traceback__)[-1].line == 'return y / 0'
else:
    assert False
""",
    "numpy's exceptions": """
try:
    picky(np.zeros((2, 2)))
except np.linalg.LinAlgError:
    pass
else:
    assert False
""",
    "functions as arguments": """
assert apply_twice(lambda x: 3 * x, 2) == 18 and apply_twice(np.sqrt, 16.0) == 2
""",
    "functions as results": """
assert make_adder(2)(3) == 5 and apply_twice(make_adder(1), 0) == 2
""",
    "errors in functions that are lent": """
try:
    apply_twice(lambda x: [][x], 0)
except IndexError:
    pass
else:
    assert False
""",
    "streams": """
import io
from contextlib import redirect_stdout, redirect_stderr
out, err = io.StringIO(), io.StringIO()
with redirect_stdout(out), redirect_stderr(err):
    value = chatty()
assert out.getvalue() == 'said\\n' and value == -np.inf
assert 'complained' in err.getvalue() and 'warned' in err.getvalue() and 'divide' in err.getvalue()
""",
    "warnings and numpy's state": """
import io, warnings
from contextlib import redirect_stderr
err = io.StringIO()
with warnings.catch_warnings(), np.errstate(all='ignore'), redirect_stderr(err):
    warnings.simplefilter('ignore')
    chatty()
assert err.getvalue() == 'complained\\n'
with np.errstate(all='raise'):
    try:
        chatty()
    except FloatingPointError:
        pass
    else:
        assert False
""",
    "what numpy complains of on the way": """
met = []
with np.errstate(all='call', call=lambda what, flag: met.append(what)):
    assert logistic(0.0) == 0.5 and not met
    logistic(np.array([1000.0]))
assert met == ['overflow', 'invalid value'], met
""",
    "why a result is not finite": """
try:
    checks.value(logistic, like=lambda z: 1 / (1 + np.exp(-z)), at=[{'z': [0.0, 1.0]}, {'z': [1000.0]}])
except AssertionError as error:
    assert 'Somewhere on the way a number overflowed' in str(error), error
else:
    assert False
""",
    "more memory than there is": """
try:
    checks.value(weighted, like=lambda x: (x @ x) * x, at=[{'x': [3.0]}, {'x': np.ones(5_000_000)}])
except AssertionError as error:
    for part in ('for an array of shape (5000000, 5000000)', 'where vectors would do'):
        assert part in str(error), error
else:
    assert False
checks.value(lambda x: (x @ x) * x, like=lambda x: (x @ x) * x, at=[{'x': np.ones(5_000_000)}])
""",
    "generators": """
assert list(count_to(3)) == [0, 1, 2]
""",
    "objects": """
thing = Thing(3)
assert thing.size == 3 and thing.double().size == 6
assert isinstance(thing, Thing) and not isinstance(3, Thing)
thing.size = 4
assert thing.size == 4
assert type(Point(1)).__name__ == 'Point' and Point(2.5).x == 2.5
""",
    "data": """
assert table['a'] == [1, 2] and (table['b'] == np.eye(2)).all()
""",
    "objects equal nothing": """
assert not Thing(3) == Thing(3) and not Point(1) == Point(1)
""",
    "where it comes from": """
from labkit.checks import WrongAnswerError
try:
    checks.gradient(borrowing, of=lambda x: x @ x, by='x', at=[{'x': [1.0]}])
except WrongAnswerError as error:
    assert 'lets labkit do the work (labkit)' in str(error)
else:
    assert False
for answer in (solved, solved_by_a_helper):
    try:
        checks.construction(answer, at=[{'X': np.eye(2)}], shapes={'b': (2,)}, must=[], without=('lstsq',))
    except WrongAnswerError as error:
        assert 'it lets lstsq do the work' in str(error)
    else:
        assert False
checks.construction(solved_by_a_helper, at=[{'X': np.eye(2)}], shapes={'b': (2,)}, must=[], without=('solved',))
""",
    "no secrets": """
try:
    fail(1)
except ZeroDivisionError as error:
    names = [f.filename for f in __import__('traceback').extract_tb(error.__traceback__)]
assert names[-1].startswith('<student')
""",
}


@pytest.fixture(scope="module")
def marks(sandboxed):
    def cell(name, role, source, points=0.0):
        grading = {"grade_id": name, "grade": role == "test", "solution": role == "answer", "task": False,
                   "locked": role != "answer", "points": points, "schema_version": 3}
        return SheetCell(name, role, "code", False, points, source, source, name, grading)

    cells = [cell("setup", "given", "import numpy as np\n\nfrom labkit import checks"),
             cell("answer", "answer", ""),
             *(cell(name, "test", source, 1.0) for name, source in TESTS.items())]
    submitted = [{**own(ANSWER if c.role == "answer" else c.source), "id": f"cell-{n}",
                  "metadata": {"nbgrader": c.metadata}} for n, c in enumerate(cells)]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": submitted}
    sheet = Sheet("features", "features", tuple(cells), ("Thing",))
    files = {"features.ipynb": text(notebook).encode()}
    verdict = mark(Task("features", "x", [sheet], files, limits=Limits(cell=20)))
    assert verdict.status == "ok", verdict.reason
    return {found.grade_id: found for found in verdict.notebooks[0].marks}


@pytest.mark.parametrize("name", TESTS)
def test_feature(marks, name):
    assert marks[name].points == 1, marks[name].message
