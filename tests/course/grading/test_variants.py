"""Numbers of one's own: drawn from the name under which the work was collected, if the course wants it so."""

import json

import numpy as np
import pytest
from click import ClickException
from nbformat.v4 import new_code_cell, new_notebook

from course import coursedir
from course.grading.mark import Task, mark
from course.grading.notebook import read_cells
from course.grading.sheet import Sheet, SheetCell, data_files, load_sheets
from course.grading.verdict import BY_HAND, OK
from course.paths import ROOT
from labkit import checks

SOURCES = {
    "mine": "from labkit import checks\nmine = int(checks.random_numbers('0-test', STUDENT).integers(1, 10**9))",
    "answer": "twice = 2 * mine",
    "test": "assert twice == 2 * mine, 'the double of your own number'",
}


def number_of(student):
    return int(checks.random_numbers("0-test", student).integers(1, 10**9))


def points(*work, **setting):
    """Return the points for the work of a student."""
    return marked(*work, **setting).notebooks[0].marks[0].points


def marked(student, written_name, answer, own_numbers):
    """Mark the work of a student who has written a name and an answer into the notebook."""
    cells = tuple(
        SheetCell(name, role, "code", False, float(role == "test"), source, source, name, {"grade_id": name})
        for (name, source), role in zip(SOURCES.items(), ("given", "answer", "test"), strict=True))
    sheet = Sheet("0-test", "test", cells, ("twice",))
    sources = {"name": f"STUDENT = {written_name!r}"} | SOURCES | {"answer": answer}
    notebook = new_notebook(cells=[
        new_code_cell(source, id=name, metadata={"nbgrader": {"grade_id": name}} if name in SOURCES else {})
        for name, source in sources.items()])
    data = json.dumps(notebook).encode()
    assert len(read_cells(data)[0]) == 4
    return mark(Task("0-test", student, [sheet], {"test.ipynb": data}, own_numbers=own_numbers))


@pytest.mark.parametrize("written_name", ["", "ada", "grace"])
def test_a_formula_is_right_whoever_is_named(sandboxed, written_name):
    assert points("ada", written_name, SOURCES["answer"], own_numbers=True) == 1
    assert points("ada", written_name, SOURCES["answer"], own_numbers=False) == 1


def test_a_number_is_right_for_its_owner_alone(sandboxed):
    assert points("ada", "ada", f"twice = {2 * number_of('ada')}", own_numbers=True) == 1
    for written_name in ("ada", "grace", ""):
        copied = f"import os\nos.environ['LABKIT_STUDENT'] = 'grace'\ntwice = {2 * number_of('grace')}"
        assert points("ada", written_name, copied, own_numbers=True) == 0


@pytest.mark.parametrize(("written_name", "said"), [
    ("ada", ""), (" ADA ", ""), ("grace", "The notebook has the numbers of 'grace'"),
    ("Ada Lovelace", "The notebook has the numbers of 'Ada Lovelace'"), ("", "the numbers that everybody shares"),
])
def test_another_name_in_the_notebook_is_told(sandboxed, written_name, said):
    told = marked("ada", written_name, SOURCES["answer"], own_numbers=True).reason
    assert (said in told and "collected as 'ada'" in told) if said else told == ""
    assert marked("ada", written_name, SOURCES["answer"], own_numbers=False).reason == ""


def test_without_the_setting_the_notebook_decides(sandboxed):
    shared = f"twice = {2 * number_of('')}"
    assert points("ada", "", shared, own_numbers=False) == 1
    assert points("ada", "ada", shared, own_numbers=False) == 0
    assert points("ada", "ada", f"twice = {2 * number_of('ada')}", own_numbers=False) == 1


def test_names_draw_different_numbers():
    drawn = {(assignment, name): tuple(checks.random_numbers(assignment, name).integers(0, 2**60, 3))
             for assignment in coursedir.assignments() for name in ("", *map("student-{}".format, range(200)))}
    assert len(set(drawn.values())) == len(drawn)


@pytest.mark.parametrize("name", [None, 7, np.str_])
def test_a_name_is_a_text(name):
    with pytest.raises(TypeError, match="between quotation marks"):
        checks.random_numbers("0-test", name)


def test_one_line_of_the_settings_turns_it_on(tmp_path):
    settings = (ROOT / coursedir.CONFIG).read_text("utf-8")
    assert not coursedir.own_numbers(ROOT)
    (tmp_path / coursedir.CONFIG).write_text(settings.replace("own_numbers = False", "own_numbers = True"))
    assert coursedir.own_numbers(tmp_path)
    (tmp_path / coursedir.CONFIG).write_text(settings.replace("own_numbers = False", "own_numbers = 'True'"))
    with pytest.raises(ClickException, match="True or False, without quotation marks; it is 'True'"):
        coursedir.own_numbers(tmp_path)


@pytest.mark.parametrize("assignment", coursedir.assignments())
def test_the_solution_is_right_with_anybodys_numbers(sandboxed, assignment):
    sheets = load_sheets(ROOT, assignment)
    notebooks = {path.name: path.read_bytes() for path in (ROOT / "solutions" / assignment).glob("*.ipynb")}
    assert any("checks.random_numbers" in cell.source for sheet in sheets for cell in sheet.cells)
    for student in ("émilie", "student-0123"):
        verdict = mark(Task(assignment, student, sheets, notebooks, own_numbers=True,
                            files=data_files(ROOT / "solutions" / assignment)))
        assert verdict.status in (OK, BY_HAND), (student, verdict.reason)
        lost = {mark.grade_id: mark.message for notebook in verdict.notebooks for mark in notebook.marks
                if mark.points not in (mark.out_of, None)}
        assert lost == {}, student
