"""The course's own assignments: their solutions earn every point, and what is handed out earns none."""

import pytest

from course import coursedir
from course.grading.mark import Task, mark
from course.grading.sheet import data_files, load_sheets
from course.grading.verdict import BY_HAND, OK
from course.paths import ROOT


def marked(assignment, folder):
    sheets = load_sheets(ROOT, assignment)
    notebooks = {path.name: path.read_bytes() for path in (ROOT / folder / assignment).glob("*.ipynb")}
    return mark(Task(assignment, "x", sheets, notebooks, files=data_files(ROOT / "solutions" / assignment)))


@pytest.mark.parametrize("assignment", coursedir.assignments())
def test_solutions_earn_all_points_and_the_release_none(sandboxed, assignment):
    verdict = marked(assignment, "solutions")
    lost = {mark.grade_id: mark.message for notebook in verdict.notebooks for mark in notebook.marks
            if mark.points not in (mark.out_of, None)}
    assert lost == {}
    assert verdict.status in (OK, BY_HAND), verdict.reason
    verdict = marked(assignment, "exercises")
    earned = {mark.grade_id: mark.points for notebook in verdict.notebooks for mark in notebook.marks
              if mark.points}
    assert earned == {}
    assert verdict.status == OK, verdict.reason
    assert [notebook.notes for notebook in verdict.notebooks] == [[]] * len(verdict.notebooks)
