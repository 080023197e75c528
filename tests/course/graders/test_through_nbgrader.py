"""Assignments through nbgrader itself: release, autograde, gradebook."""

import os
import re
import shutil
import sys
from pathlib import Path

import nbformat
import pytest

from course import coursedir, paths
from course.kernels.forkserver import can_fork
from course.kernels.testing import KERNEL

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own

ROOT = Path(__file__).resolve().parents[3]
NOISY = '''
import sys
import warnings

import numpy as np

warnings.warn("a warning in the answer's own cell")
np.seterr(all="raise")
warnings.simplefilter("error")


def linear_gradient(x, c):
    print("on stderr", file=sys.stderr)
    warnings.warn("from inside")
    return c + 0 * np.log(np.zeros(len(x)) + 1) + np.exp(-np.inf)
'''
TRUNCATING = '''
def elementwise_gradient(X, A, B):
    G = np.zeros_like(X)
    G[:] = A * B * np.cos(X)
    return G
'''
LEAVING = "def logdet_gradient(X):\n    raise SystemExit"


def _submit(root: Path, student: str, notebook: Path, changes: dict[str, str]) -> None:
    """Put a notebook with some cells changed where nbgrader looks for submissions."""
    content = nbformat.read(notebook, as_version=4)
    for cell in content.cells:
        cell.source = changes.get(cell.id, cell.source)
    folder = root / "submitted" / student / notebook.parent.name
    folder.mkdir(parents=True)
    nbformat.write(content, folder / notebook.name)


@pytest.fixture(scope="module")
def marked(tmp_path_factory):
    """A course in which every assignment was released and marked for a few students."""
    root = tmp_path_factory.mktemp("a course")
    # nbgrader starts `alembic` by its bare name, which is found only where the environment is activated.
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    shutil.copy(ROOT / coursedir.CONFIG, root)
    shutil.copytree(ROOT / "solutions", root / "solutions", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    api = coursedir.open_course(root)
    if can_fork():
        api.config.Execute.kernel_name = KERNEL  # twenty kernels that import numpy would take a minute
    for assignment in coursedir.assignments(root):
        coursedir.require_success(api.generate_assignment(assignment), "release")
        for source in (root / "solutions" / assignment).glob("*.ipynb"):
            _submit(root, "solution", source, {})
            _submit(root, "blank", root / "exercises" / assignment / source.name, {})
            if assignment == "2-gradients":
                _submit(root, "mixed", root / "exercises" / assignment / source.name,
                        {"linear": NOISY, "elementwise": TRUNCATING, "logdet": LEAVING})
        for student in api.get_submitted_students(assignment):
            coursedir.require_success(api.autograde(assignment, student), f"marking {student}")
    yield root, api
    monkeypatch.undo()


def _grades(marked, assignment: str, student: str) -> dict:
    with marked[1].gradebook as gradebook:
        notebooks = gradebook.find_submission(assignment, student).notebooks
        return {grade.name: grade.to_dict() for notebook in notebooks for grade in notebook.grades}


@pytest.mark.parametrize("assignment", coursedir.assignments(paths.ROOT))
def test_the_solution_earns_every_point(marked, assignment):
    grades = _grades(marked, assignment, "solution")
    by_machine = {name: grade for name, grade in grades.items() if grade["cell_type"] == "code"}
    by_hand = {name: grade for name, grade in grades.items() if grade["cell_type"] == "markdown"}
    assert {name: grade["auto_score"] for name, grade in by_machine.items()} == \
        {name: grade["max_score"] for name, grade in by_machine.items()}
    assert all(grade["needs_manual_grade"] for grade in by_hand.values())
    with marked[1].gradebook as gradebook:
        submission = gradebook.find_submission(assignment, "solution")
        for notebook in submission.notebooks:
            for grade in notebook.grades:
                if grade.name in by_hand:
                    grade.manual_score = grade.max_score
        gradebook.db.commit()
        assert (submission.score, submission.max_score) == (100, 100)


@pytest.mark.parametrize("assignment", coursedir.assignments(paths.ROOT))
def test_the_untouched_release_earns_nothing(marked, assignment):
    grades = _grades(marked, assignment, "blank")
    assert {name: grade["auto_score"] for name, grade in grades.items()} == dict.fromkeys(grades, 0)
    assert not any(grade["needs_manual_grade"] for grade in grades.values())


def test_warnings_and_stderr_cost_nothing_and_partial_answers_earn_their_part(marked):
    grades = _grades(marked, "2-gradients", "mixed")
    earned = {name: grade["auto_score"] for name, grade in grades.items() if grade["auto_score"]}
    assert earned == {"linear-check": 2, "linear-hidden": 2, "elementwise-hidden": 3}


def test_the_message_is_all_that_a_student_sees(marked):
    root, _ = marked
    notebook = nbformat.read(root / "autograded" / "mixed" / "2-gradients" / "gradients.ipynb", as_version=4)
    outputs = {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}
    [told] = outputs["squares-check"]
    assert told.traceback == [
        "✗ squares_gradient: not written yet. Replace the line `raise NotImplementedError` by your answer."]
    [told] = outputs["elementwise-check"]
    assert told.traceback[0].startswith("✗ elementwise_gradient: right for floats, wrong for the same numbers")
    assert not re.search(r"labkit/checks|File |-->", "\n".join(told.traceback))


@pytest.mark.parametrize("assignment", coursedir.assignments(paths.ROOT))
def test_the_release_holds_no_answer_and_no_rubric(marked, assignment):
    root, _ = marked
    for source in (root / "solutions" / assignment).glob("*.ipynb"):
        release = (root / "exercises" / assignment / source.name).read_text(encoding="utf-8")
        for word in ("BEGIN SOLUTION", "HIDDEN TESTS", "Marking scheme", "| points | for |"):
            assert word in source.read_text(encoding="utf-8")
            assert word not in release
        assert not any(cell.get("outputs") for cell in nbformat.reads(release, as_version=4).cells)
