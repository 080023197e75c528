"""What the tests of all graders share: right answers keep their marks, usual mistakes lose them and are named."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

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
    "order": "Return them in the order",
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


@dataclass(frozen=True)
class Slip:
    """A derivation with a slip in it, or an unfinished one, and the points that its right lines keep."""

    task: str
    lines: list[str]
    keeps: float


@dataclass(frozen=True)
class Break:
    """A part of a check, what to put in its place, and a wrong answer that earns more then."""

    module: ModuleType
    part: str
    broken: Callable[..., Any]
    task: str
    answer: str


class AssignmentTests:
    """The tests of one assignment: subclass it, and name the notebook and the answers to each task.

    `kinds` are the phrases of mistakes that the assignment names itself; `breaks` show that the checks are needed.
    """

    notebook: str
    tasks: dict[str, Task]
    breaks: list[Break]
    kinds: dict[str, str] = {}

    @classmethod
    def cases(cls, sort: str) -> list:
        if sort == "slip":
            return [pytest.param(slip, id=f"{slip.task}: {len(slip.lines)} lines, {slip.keeps:g} points")
                    for slip in cls.slips]
        if sort == "ladder":
            return [pytest.param(ladder, id=ladder[0]) for ladder in cls.ladders.items()]
        if sort == "damage":
            return [pytest.param(damage, id=f"{damage.task}: {damage.part}") for damage in cls.breaks]
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
        assert (SAYS | self.kinds).get(wrong.kind, "") in failed[0].message
        assert wrong.says in failed[0].message

    def test_every_task_is_tried_with_enough_answers(self, grader):
        assert set(self.tasks) == set(grader.tasks)
        assert {task: len(tried.right) for task, tried in self.tasks.items() if len(tried.right) < 3} == {}
        assert {task: len(tried.wrong) for task, tried in self.tasks.items() if len(tried.wrong) < 6} == {}

    def test_wrong_answers_earn_more_from_a_broken_check(self, grader, monkeypatch, damage):
        def points():
            return sum(mark.points for mark in grader.marks(damage.task, damage.answer).values())

        before = points()
        assert before < sum(mark.out_of for mark in grader.marks(damage.task, damage.answer).values())
        monkeypatch.setattr(damage.module, damage.part, damage.broken)
        assert points() > before


def ladder(first: str, second: str, G: str) -> list[list[str]]:
    """Return derivations from a right one of three lines to one worth nothing, each with a line broken or dropped.

    A line is broken by the sign of its first term.
    """
    other_sign = [line.replace("= -", "= ") if "= -" in line else line.replace("= ", "= -")
                  for line in (second, G)]
    return [[first, second, G], [first, other_sign[0], G], [first, *other_sign],
            [first, other_sign[0], "G = 0"], [other_sign[0], "G = 0"]]


class DerivationTests:
    """For an assignment with derivations: what their right lines are worth beside a wrong one."""

    slips: list[Slip]
    ladders: dict[str, list[list[str]]]  # by task, derivations from one that is right to one worth nothing

    def test_a_worse_derivation_never_earns_more(self, grader, ladder):
        task, derivations = ladder
        marks = [list(grader.marks(task, f"return {lines!r}").values()) for lines in derivations]
        earned = [sum(mark.points for mark in each) for each in marks]
        assert earned == sorted(earned, reverse=True)
        assert (earned[0], earned[-1]) == (sum(mark.out_of for mark in marks[0]), 0)

    def test_a_slip_costs_its_line(self, grader, slip):
        marks = grader.marks(slip.task, f"return {slip.lines!r}")
        assert sum(mark.points for mark in marks.values()) == slip.keeps
