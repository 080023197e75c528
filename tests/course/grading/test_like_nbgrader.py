"""Where nbgrader is right, `course grade` gives the marks that nbgrader gives."""

import shutil

import pytest
from nbgrader.api import Gradebook

from course import coursedir
from course.grading.run import grade
from course.kernels.forkserver import can_fork
from course.kernels.testing import KERNEL
from tests.course.grading.assignment import CLASS, NAME, NOTEBOOK

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own
ALIKE = [student for student in CLASS if student.like_nbgrader]


def marks(root):
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
        return {submission.student.id: {mark.name: mark.auto_score for mark in submission.notebooks[0].grades}
                for submission in book.assignment_submissions(NAME)}


@pytest.fixture(scope="module")
def both(sandboxed, released, release, tmp_path_factory):
    """The marks of those submissions by nbgrader, and by this course."""
    theirs, ours = (tmp_path_factory.mktemp(name) / "course" for name in ("nbgrader", "course"))
    shutil.copytree(released, theirs)
    for student in ALIKE:
        folder = theirs / "submitted" / student.name / NAME
        folder.mkdir(parents=True)
        for name, content in student.hand_in(release).items():
            (folder / name).write_bytes(content)
    shutil.copytree(theirs, ours)
    grade(ours, NAME)
    api = coursedir.open_course(theirs)
    if can_fork():
        api.config.Execute.kernel_name = KERNEL
    for student in ALIKE:
        coursedir.require_success(api.autograde(NAME, student.name), f"marking {student.name}")
    return marks(theirs), marks(ours)


def test_there_are_many_to_compare():
    assert len(ALIKE) >= 25
    assert NOTEBOOK in {name.removesuffix(".ipynb") for student in ALIKE for name in student.files({"cells": []})}


@pytest.mark.parametrize("name", [student.name for student in ALIKE])
def test_the_marks_are_nbgraders(both, name):
    theirs, ours = both
    assert ours[name] == theirs[name]
