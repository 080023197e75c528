"""The overview of the assignments says what the notebooks do, and names topics that exist."""

import re
import shutil

import pytest

from course import overview
from course.paths import ROOT
from course.site.overview import tasks, topics

COVERAGE = (ROOT / "chapters" / "sources-and-coverage.md").read_text("utf-8")
ROWS = set(re.findall(r"^\| ([A-Z]\d+) \|", COVERAGE, re.MULTILINE))
ASSIGNMENTS = overview.assignments()
NOT_PRACTISED = set()


@pytest.mark.parametrize("assignment", ASSIGNMENTS, ids=lambda assignment: assignment.name)
class TestAssignment:
    def test_points_are_those_that_the_table_promises_and_make_a_hundred(self, assignment):
        assert [task.by_machine + task.by_hand for task in assignment.tasks] == \
            [task.promised for task in assignment.tasks]
        assert sum(task.promised for task in assignment.tasks) == 100

    def test_all_kinds_of_task_occur(self, assignment):
        kinds = {kind for task in assignment.tasks for kind in task.kinds}
        assert kinds == overview.KINDS

    def test_a_person_marks_a_part_and_the_machine_most(self, assignment):
        by_hand = sum(task.by_hand for task in assignment.tasks)
        assert by_hand == 47 if "capstone" in assignment.name else 10 <= by_hand <= 25

    def test_topics_exist(self, assignment):
        for task in assignment.tasks:
            assert set(task.rows) <= ROWS, task

    def test_the_time_is_that_of_an_assignment(self, assignment):
        most = 600 if "capstone" in assignment.name else 360
        assert 150 <= sum(task.minutes for task in assignment.tasks) <= most

    def test_its_table_is_on_the_page(self, assignment):
        page = "\n".join(tasks())
        assert f"## {assignment.title}" in page
        for task in assignment.tasks:
            assert re.search(rf"^\| {task.number} \| {re.escape(task.subject)} \|.*\| {task.minutes} \|", page,
                             re.MULTILINE)


def test_the_topics_that_nobody_practises_are_known():
    practised = {row for assignment in ASSIGNMENTS for task in assignment.tasks for row in task.rows}
    assert ROWS - practised == NOT_PRACTISED
    page = "\n".join(topics())
    assert re.findall(r"^\| ([A-Z]\d+) \|", page, re.MULTILINE) == sorted(
        practised, key=lambda row: ("FCANKOSDR".index(row[0]), int(row[1:])))


def test_a_task_that_is_not_described_is_an_error(tmp_path):
    name = ASSIGNMENTS[0].name
    shutil.copytree(ROOT / "solutions" / name, tmp_path / "solutions" / name)
    (tmp_path / "solutions" / overview.FILE).write_text(f"{name}: {{1: {{kind: [compute], rows: [F2]}}}}", "utf-8")
    with pytest.raises(ValueError, match="they must agree"):
        overview.assignments(tmp_path)
