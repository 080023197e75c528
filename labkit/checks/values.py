"""Checking a function against a reference, and naming what is wrong with what it returns."""

import inspect
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from labkit._arrays import Array
from labkit.checks.answers import (
    NEARLY,
    RELATIVE,
    RELATIVE_SINGLE,
    WITHOUT_EVIDENCE,
    Function,
    WrongAnswerError,
    as_given,
    call,
    call_on_copies,
    copies,
    factor_between,
    floats,
    indented,
    listed,
    named,
    number,
    numbers,
    off_by,
    passed,
    quiet,
    require_function,
    require_own_work,
    shape_hint,
    shown,
    some_wrong,
    split,
    taken_name,
    tried_with,
    why_not_finite,
)
from labkit.checks.inputs import Trial, most_telling, same_for_both, with_all_seen

Mistake = tuple[str, str, Function]


def value(answer: Function, *, like: Function, at: Sequence[Mapping[str, ArrayLike]],
          returns: Sequence[str] = ("result",), mistakes: Sequence[Mistake] = (), rtol: float = RELATIVE) -> None:
    """Check that `answer` computes what `like` computes, and say in what way it does not.

    `answer` is called with the same arguments, in the same order, as `like`.

    Parameters
    ----------
    answer : callable
        The student's function. It returns a number or an array, or a tuple of them where `returns` names several.
    like : callable
        The reference; its arguments are floats throughout. The names of its parameters are those used in messages.
        A ``def`` in the cell of the check takes its name from a student's helper of the same name: prefer a
        ``lambda``, or a name that no student will choose.
    at : sequence of mappings
        The inputs to try, one value for each parameter of `like`, small and readable ones first. Lists become
        float arrays; arrays and plain numbers are passed with the type they have, so that a whole number can count
        or be an index.
    returns : sequence of str
        The names of what is returned, where that is more than one thing.
    mistakes : sequence of (str, str, callable)
        Usual mistakes: a kind, a sentence that names it, and the wrong formula, a function of the same arguments.
    rtol : float
        How much an entry may differ, relative to the largest of its array.

    Raises
    ------
    WrongAnswerError
        If `answer` is not right on one of the inputs, changes what it is given, or is taken from `labkit`.
    ValueError
        If `at` does not fit the parameters of `like`.

    Examples
    --------
    >>> def mean(x):
    ...     return np.mean(x)
    >>> value(lambda x: sum(x) / len(x), like=mean, at=[{"x": [1, 2]}, {"x": [3]}])
    ✓ <lambda>: right on all 2 inputs.
    >>> value(lambda x: sum(x), like=mean, at=[{"x": [1, 2]}])
    Traceback (most recent call last):
        ...
    labkit.checks.WrongAnswerError: ✗ <lambda>: off by a factor. It is twice what it should be.
    <BLANKLINE>
    Tried with
        x = [1 2]
    Your result
        3
    """
    parameters = list(inspect.signature(like).parameters)
    for case in at or [{}]:
        if set(case) != set(parameters) or not at:
            raise ValueError(f"every input in `at` must give {parameters}; one gives {list(case)}")
    name = require_function(answer)
    require_own_work(answer, name)
    trials = [_Trial(answer, {parameter: as_given(case[parameter]) for parameter in parameters},
                     like, tuple(returns), tuple(mistakes), rtol) for case in at]
    for trial in trials:
        trial.run()
    failed = most_telling(trials)
    if failed is not None:
        kind, sentence = _seen_over_all(failed, trials)
        taken = taken_name(answer, like, cell=sys._getframe(1).f_code.co_filename)
        raise WrongAnswerError(kind, f"✗ {name}: {failed.prefix}{sentence}{taken}{failed.evidence()}")
    print(passed(name, at))


@dataclass
class _Trial(Trial):
    """One call of the student's function, what it returned, and what is wrong with that."""

    like: Function
    names: tuple[str, ...]
    mistakes: tuple[Mistake, ...]
    rtol: float
    results: dict[str, Array] = field(default_factory=dict, kw_only=True)
    whole: frozenset[str] = field(default=frozenset(), kw_only=True)  # the parts that are single whole numbers

    @property
    def prefix(self) -> str:
        """The name of the part that is wrong, where there are several."""
        return f"{self.part}: " if self.part and len(self.names) > 1 else ""

    def judge(self) -> None:
        parts = split(call_on_copies(self.answer, self.inputs), self.names)
        called = {name: name if len(self.names) > 1 else "what it returns" for name in self.names}
        self.results = {name: numbers(parts[name], called[name]) for name in self.names}
        right = _called(self.like, self.inputs, self.names)
        self.whole = frozenset(name for name, part in right.items()
                               if isinstance(part, (int, np.integer)) and not isinstance(part, bool))
        for name in self.names:
            self.part = name
            self._compare(name, np.asarray(right[name], dtype=np.float64))

    def _compare(self, name: str, wanted: Array) -> None:
        result = self.results[name]
        rtol = self.rtol if result.dtype == np.float64 else max(self.rtol, RELATIVE_SINGLE)
        _require_shape(result, wanted, rtol)
        if agrees(result, wanted, rtol):
            self.ratios |= {name: 1.0} if wanted.any() else {}
            return
        for kind, sentence, wrong in self.mistakes:
            usual = self._usual(wrong, name)
            if usual is not None and usual.shape == result.shape and agrees(result, usual, rtol):
                raise WrongAnswerError(kind, sentence)
        with quiet():
            diagnosis = self._diagnosis(name, result, wanted, rtol)
        raise WrongAnswerError(*diagnosis)

    def _usual(self, wrong: Function, name: str) -> Array | None:
        """Return what a usual mistake gives here; None where it has no value."""
        try:
            return reference(wrong, self.inputs, self.names)[name]
        except (ArithmeticError, ValueError, np.linalg.LinAlgError):
            return None

    def _diagnosis(self, name: str, result: Array, wanted: Array, rtol: float) -> tuple[str, str]:
        """Name the mistake of a result that has the right shape but wrong numbers."""
        if not np.isfinite(result[np.isfinite(wanted)]).all():
            what = "NaN" if np.isnan(result).any() else "infinite"
            return "not finite", (f"the result is {what} where it should be finite. "
                                  f"{why_not_finite(self.answer, self.inputs)}")
        if not np.isfinite(wanted).all():
            return "numbers", "the number is wrong: it should be infinite here (np.inf)."
        if self._right_for_floats(name, wanted, rtol):
            return "integers", ("right for floats, wrong for the same numbers as integers. An array made with "
                                "that type (np.zeros_like, np.empty_like, a copy) cuts off the fractions.")
        if wanted.any() and not result.any():
            return "zero", "the result is zero, and should not be."
        size = np.abs(wanted).max(initial=0.0)
        if name in self.whole and result != -wanted:
            return "numbers", (f"the number is wrong, too {'large' if result > wanted else 'small'} by "
                               f"{number(abs(result - wanted))}.")
        if size and agrees(result, wanted, NEARLY):
            off = np.abs(result - wanted).max() / size
            return "inexact", (f"nearly right, but off by {off:.0e} of the largest entry. Is something "
                               "approximated or rounded, or are digits lost on the way?")
        factor = factor_between(result, wanted, rtol * size)
        if factor is not None:
            self.ratios[name] = factor
            kind, sentence = off_by(factor, result.size)
            return kind, (sentence if kind == "factor" or result.ndim == 0 else
                          "the sign is wrong; up to its sign the result is right.")
        if result.ndim == 2 and result.shape[0] == result.shape[1] and agrees(result, wanted.T, rtol):
            return "transposed", "your result is transposed."
        flipped = _flipped(result, wanted, rtol)
        if flipped:
            return "sign", f"the sign is wrong in {flipped}; up to such signs the result is right."
        return "numbers", some_wrong(~(np.abs(result - wanted) <= rtol * size))

    def _right_for_floats(self, name: str, wanted: Array, rtol: float) -> bool:
        if not any(np.asarray(v).dtype.kind in "iu" for v in self.inputs.values()):
            return False
        plain = {name: value for name, value in self.inputs.items() if np.isscalar(value)}  # perhaps a count
        return any(self._right_for(floats(self.inputs) | kept, name, wanted, rtol) for kept in ({}, plain))

    def _right_for(self, inputs: dict[str, Any], name: str, wanted: Array, rtol: float) -> bool:
        try:
            result = numbers(split(call(self.answer, copies(inputs)), self.names)[name], name)
        except WrongAnswerError:
            return False
        return result.shape == wanted.shape and agrees(result, wanted, rtol)

    def evidence(self) -> str:
        """Show the input and the result."""
        if self.failure.kind in WITHOUT_EVIDENCE:
            return ""
        lines = ["", "", *tried_with(self.inputs)]
        if self.results and self.failure.kind != "mutates":
            lines += ["Your result"]
            lines += ([indented(shown(self.results[self.names[0]]))] if len(self.names) == 1 else
                      [named(name, result) for name, result in self.results.items()])
        return "\n".join(lines)


def reference(like: Function, inputs: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Array]:
    """Return what the reference gives, by name, as float arrays."""
    return {name: np.asarray(part, dtype=np.float64) for name, part in _called(like, inputs, names).items()}


def _called(like: Function, inputs: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    with quiet():
        returned = like(*copies(floats(inputs)).values())
    return dict(zip(names, returned if len(names) > 1 else (returned,), strict=True))


def agrees(result: Array, wanted: Array, rtol: float) -> bool:
    """Return whether all entries agree, relative to the largest finite one; infinite ones must be the same."""
    finite = np.isfinite(wanted)
    size = np.abs(wanted[finite]).max(initial=0.0)
    with np.errstate(all="ignore"):
        close = np.abs(result.astype(np.float64) - wanted) <= rtol * size
    return bool(np.where(finite, close, result == wanted).all())


def _require_shape(result: Array, wanted: Array, rtol: float) -> None:
    if result.shape == wanted.shape:
        return
    if result.ndim == 2 and result.shape == wanted.shape[::-1]:
        right = " The numbers are right." if agrees(result.T, wanted, rtol) else ""
        raise WrongAnswerError("transposed", f"your result is transposed: its shape should be {wanted.shape}; it "
                                             f"is {result.shape}.{right}", misfit=True)
    should = "be a number" if wanted.ndim == 0 else f"have shape {wanted.shape}"
    raise WrongAnswerError("shape", f"the shape is wrong: the result should {should}; yours has {result.shape}."
                                    f"{shape_hint(wanted, result)}", misfit=True)


def _flipped(result: Array, wanted: Array, rtol: float) -> str:
    """Return the columns or rows of a matrix that have the wrong sign, where nothing else is wrong with it."""
    if wanted.ndim != 2:
        return ""
    for lines, given, right in (("column", result.T, wanted.T), ("row", result, wanted)):
        signs = np.where((np.sign(given) * np.sign(right)).sum(axis=1) < 0, -1, 1)
        if agrees(signs[:, None] * given, right, rtol):
            wrong = [str(i) for i in np.flatnonzero(signs < 0)]
            return f"{lines}{'s' if len(wrong) > 1 else ''} {listed(wrong)}"
    return ""


def _seen_over_all(failed: _Trial, trials: list[_Trial]) -> tuple[str, str]:
    """Add what only a comparison of all inputs shows: right for square matrices only, or the same for all."""
    kind, sentence = failed.failure.kind, str(failed.failure)
    if kind in (*WITHOUT_EVIDENCE, "returns None", "mutates", *(kind for kind, _, _ in failed.mistakes)):
        return kind, sentence
    others = [trial for trial in trials if trial is not failed and trial.results and failed.results]
    twin = next((trial for trial in others if _same_answer(failed, trial)), None)
    always = all(np.array_equal(trial.results[failed.part], failed.results[failed.part]) for trial in others)
    by_accident = failed.part in failed.whole and not always  # whole numbers are easily the same twice
    if twin is None or kind == "not finite" or by_accident:
        return with_all_seen(failed, trials)
    return same_for_both(failed, twin, "results")


def _same_answer(failed: _Trial, other: _Trial) -> bool:
    def equal(one: Mapping[str, Array], two: Mapping[str, Array]) -> bool:
        return all(np.array_equal(one[name], two[name]) for name in failed.names)

    nothing = not any(result.any() for result in failed.results.values())
    return not nothing and equal(failed.results, other.results) and not equal(
        reference(failed.like, failed.inputs, failed.names), reference(other.like, other.inputs, other.names))
