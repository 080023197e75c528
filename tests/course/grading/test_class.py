"""A whole class is marked: every mark, status and message, whatever was handed in."""

import hashlib
import json
import shutil
import time
from pathlib import Path

import pytest

from course.grading import gradebook
from course.grading.run import grade
from course.grading.sandbox import MB, Limits
from tests.course.grading.assignment import CLASS, NAME, NOTEBOOK, POINTS

LIMITS = Limits(cell=4, total=60, memory=256 * MB)
BY_NAME = {student.name: student for student in CLASS}


def digest_of(folder):
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def course(sandboxed, released, release, tmp_path_factory):
    root = tmp_path_factory.mktemp("class") / "course"
    shutil.copytree(released, root)
    for student in CLASS:
        folder = root / "submitted" / student.name / NAME
        folder.mkdir(parents=True)
        for name, content in student.hand_in(release).items():
            (folder / name).write_bytes(content)
    return root


@pytest.fixture(scope="module")
def marked(course):
    before = digest_of(course / "submitted")
    summary = grade(course, NAME, limits=LIMITS, workers=2)
    return summary, before


@pytest.fixture(scope="module")
def reports(course, marked):
    return {name: gradebook.read_json(course / "grading" / NAME / f"{name}.json") for name in BY_NAME}


def test_the_class_is_large_enough():
    assert len(CLASS) == len(BY_NAME) >= 40


def test_everybody_is_marked(marked):
    assert {row["student"] for row in marked[0].rows} == set(BY_NAME)


def test_no_submission_is_changed(course, marked):
    assert digest_of(course / "submitted") == marked[1]


@pytest.mark.parametrize("name", BY_NAME)
def test_marks_status_and_messages(reports, name):
    student, report = BY_NAME[name], reports[name]
    [notebook] = report["notebooks"]
    points = {mark["grade_id"]: mark["points"] for mark in notebook["marks"]}
    messages = {mark["grade_id"]: mark["message"] for mark in notebook["marks"]}
    notes = " ".join([*report["notes"], *notebook["notes"]])
    if student.status is not None:
        assert points == {"essay": None} | student.marks, (messages, report["reason"])
        assert report["status"] == student.status, report["reason"]
    assert student.reason in report["reason"]
    assert student.note in notes
    assert student.note or not notes
    for cell, message in student.messages.items():
        assert message in messages[cell]


def test_the_gradebook_says_what_the_reports_say(course, reports):
    with gradebook.GradebookWriter(course) as writer:
        for name, report in reports.items():
            [notebook] = report["notebooks"]
            assert writer.scores(NAME, name) == {(NOTEBOOK, mark["grade_id"]): mark["points"]
                                                 for mark in notebook["marks"]}
            submission = writer.book.find_submission(NAME, name)
            assert submission.max_score == sum(POINTS.values())
            assert submission.needs_manual_grade == any(mark["points"] is None for mark in notebook["marks"])


def test_nothing_outlives_its_submission(marked):
    time.sleep(0.2)
    left = [path for path in Path("/proc").glob("[0-9]*/cmdline") if b"86399" in _read(path)]
    assert left == []


def _read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_output_is_limited(course, marked):
    for name in ("talkative", "talkative-answer"):
        path = course / "autograded" / name / NAME / f"{NOTEBOOK}.ipynb"
        assert path.stat().st_size < 1_000_000
        assert "the rest of the output is left out" in path.read_text("utf-8")


def test_marked_notebooks_are_valid_and_hold_the_original_tests(course, marked):
    import nbformat

    for name in BY_NAME:
        notebook = nbformat.read(course / "autograded" / name / NAME / f"{NOTEBOOK}.ipynb", as_version=4)
        nbformat.validate(notebook)
        cells = {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}
        assert "assert double(21) == 42" in cells["double-hidden"].source
        assert cells["double-check"].metadata.nbgrader.points == 2


def test_marking_again_marks_nothing_and_changes_nothing(course, marked, reports):
    again = grade(course, NAME, limits=LIMITS, workers=2)
    assert not any(row["done"] for row in again.rows)
    assert [row["status"] for row in again.rows] == [row["status"] for row in marked[0].rows]
    assert {name: gradebook.read_json(course / "grading" / NAME / f"{name}.json") for name in BY_NAME} == reports


def test_a_new_submission_replaces_the_mark_and_marks_by_hand_survive(course, marked, release):
    with gradebook.GradebookWriter(course) as writer:
        grade_by_hand = writer.book.find_grade("essay", NOTEBOOK, NAME, "complete")
        grade_by_hand.manual_score, grade_by_hand.needs_manual_grade = 4, False
        writer.book.find_comment("essay", NOTEBOOK, NAME, "complete").manual_comment = "Nearly."
        writer.book.db.commit()
    path = course / "submitted" / "complete" / NAME / f"{NOTEBOOK}.ipynb"
    whole = path.read_bytes()
    for content, points, status in ((whole[:-100], 0, "invalid"), (whole, 13, "needs marking by hand")):
        path.write_bytes(content)
        summary = grade(course, NAME, limits=LIMITS, students=["complete"])
        assert [(row["points"], row["status"], row["done"]) for row in summary.rows] == [(points, status, True)]
        with gradebook.GradebookWriter(course) as writer:
            submission = writer.book.find_submission(NAME, "complete")
            assert submission.score == points + 4
            assert submission.needs_manual_grade, "somebody looks again at what was marked by hand"
            assert writer.book.find_comment("essay", NOTEBOOK, NAME, "complete").comment == "Nearly."


def test_the_report_of_the_run_lists_everybody(course, marked):
    report = json.loads((course / "grading" / f"{NAME}.json").read_text("utf-8"))
    assert sum(report["counts"].values()) == len(report["submissions"]) > 0
