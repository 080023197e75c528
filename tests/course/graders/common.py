"""What the tests of all graders share: right answers keep their marks, usual mistakes lose them and are named."""

from dataclasses import dataclass, field

import pytest

# What the student reads for each kind of mistake.
SAYS = {
    "arguments": "Look at its first line",
    "constant": "the same",
    "exception": "it stopped with",
    "factor": "off by a factor",
    "inexact": "nearly right",
    "integers": "wrong for the same numbers as integers",
    "labkit": "yourself, with numpy alone",
    "mutates": "it changes its argument",
    "no example": "t should be true that",
    "not callable": "should be a function",
    "not finite": "",
    "not written": "yet",
    "numbers": "wrong",
    "parts": "in this order",
    "returns None": "None",
    "shape": "shape",
    "sign": "the sign is wrong",
    "square only": "right for square matrices, but not for others",
    "symmetric convention": "as if X had to stay symmetric",
    "symmetric only": "were symmetric, but",
    "transposed": "your result is transposed",
    "type": "",
    "whole numbers": "should be whole numbers",
    "zero": "result is zero",
}


@dataclass(frozen=True)
class Wrong:
    """A mistake, the kind that should be named, a phrase of the message, and the marks that it keeps."""

    name: str
    answer: str
    kind: str
    says: str = ""
    keeps: float = 0


@dataclass(frozen=True)
class Task:
    """The answers to one cell: a body for the function, or a whole cell."""

    right: dict[str, str]
    wrong: list[Wrong] = field(default_factory=list)


class AssignmentTests:
    """The tests of one assignment: subclass it, and name the notebook and the answers to each task."""

    notebook: str
    tasks: dict[str, Task]

    @classmethod
    def cases(cls, sort: str) -> list:
        if sort == "right":
            return [pytest.param(task, answer, id=f"{task}: {name}")
                    for task, tried in cls.tasks.items() for name, answer in tried.right.items()]
        return [pytest.param(task, wrong, id=f"{task}: {wrong.name}")
                for task, tried in cls.tasks.items() for wrong in tried.wrong]

    @pytest.fixture
    def grader(self, graders):
        return graders[self.notebook]

    def test_other_right_answers_get_full_marks(self, grader, record_property, task, answer):
        marks = grader.marks(task, answer)
        lost = {cell: mark.message for cell, mark in marks.items() if mark.points < mark.out_of}
        record_property("verdict", (task, "right", not lost))
        assert not lost

    def test_wrong_answers_lose_the_marks_and_are_told_why(self, grader, record_property, task, wrong):
        marks = grader.marks(task, wrong.answer)
        failed = [mark for mark in marks.values() if mark.points < mark.out_of]
        record_property("verdict", (task, "wrong", failed[0].kind if failed else ""))
        assert sum(mark.points for mark in marks.values()) == wrong.keeps
        assert failed[0].kind == wrong.kind, failed[0].message
        assert SAYS.get(wrong.kind, "") in failed[0].message
        assert wrong.says in failed[0].message

    def test_every_task_is_tried_with_enough_answers(self, grader):
        assert set(self.tasks) == set(grader.tasks)
        assert {task: len(tried.right) for task, tried in self.tasks.items() if len(tried.right) < 3} == {}
        assert {task: len(tried.wrong) for task, tried in self.tasks.items() if len(tried.wrong) < 6} == {}
