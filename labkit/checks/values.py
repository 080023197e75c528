"""Checking a function against a reference, and naming what is wrong with what it returns."""

import inspect
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
    as_float,
    call,
    call_on_copies,
    copies,
    factor_between,
    floats,
    indented,
    named,
    numbers,
    quiet,
    require_function,
    require_own_work,
    right_for_square_only,
    shown,
    split,
    times,
)

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
        The reference. The names of its parameters are those used in messages.
    at : sequence of mappings
        The inputs to try, one value for each parameter of `like`, small and readable ones first. Lists become
        float arrays, numbers floats; arrays are passed with the type they have.
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
    labkit.checks.WrongAnswerError: ✗ <lambda>: off by a factor. Every entry is twice what it should be.
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
    trials = [_Trial(answer, like, tuple(returns), tuple(mistakes), rtol, {
        parameter: case[parameter] if isinstance(case[parameter], np.ndarray) else as_float(case[parameter])
        for parameter in parameters}) for case in at]
    for trial in trials:
        trial.run()
    failed = next((trial for trial in trials if trial.failure), None)
    if failed is not None:
        kind, sentence = _seen_over_all(failed, trials)
        raise WrongAnswerError(kind, f"✗ {name}: {sentence}{failed.evidence()}")
    print(f"✓ {name}: right on {f'all {len(trials)} inputs' if len(trials) > 1 else 'this input'}.")


@dataclass
class _Trial:
    """One call of the student's function, what it returned, and what is wrong with that."""

    answer: Function
    like: Function
    names: tuple[str, ...]
    mistakes: tuple[Mistake, ...]
    rtol: float
    inputs: dict[str, Any]
    failure: WrongAnswerError | None = None
    results: dict[str, Array] = field(default_factory=dict)

    def run(self) -> None:
        try:
            self._judge()
        except WrongAnswerError as failure:
            self.failure = failure

    def _judge(self) -> None:
        parts = split(call_on_copies(self.answer, self.inputs), self.names)
        called = {name: name if len(self.names) > 1 else "what it returns" for name in self.names}
        self.results = {name: numbers(parts[name], called[name]) for name in self.names}
        for name, wanted in reference(self.like, self.inputs, self.names).items():
            self._compare(name, wanted, f"{name}: " if len(self.names) > 1 else "")

    def _compare(self, name: str, wanted: Array, prefix: str) -> None:
        result = self.results[name]
        rtol = self.rtol if result.dtype == np.float64 else max(self.rtol, RELATIVE_SINGLE)
        _require_shape(result, wanted, rtol, prefix)
        if agrees(result, wanted, rtol):
            return
        for kind, sentence, wrong in self.mistakes:
            usual = self._usual(wrong, name)
            if usual is not None and usual.shape == result.shape and agrees(result, usual, rtol):
                raise WrongAnswerError(kind, prefix + sentence)
        kind, sentence = self._diagnosis(name, result, wanted, rtol)
        raise WrongAnswerError(kind, prefix + sentence)

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
            return "not finite", (f"the result is {what} where it should be finite. Somewhere on the way a number "
                                  "overflowed or was divided by zero. Can the formula be arranged so that every "
                                  "step stays in range?")
        if not np.isfinite(wanted).all():
            return "numbers", "the number is wrong: it should be infinite here (np.inf)."
        if self._right_for_floats(name, wanted, rtol):
            return "integers", ("right for floats, wrong for the same numbers as integers. An array made with "
                                "that type (np.zeros_like, np.empty_like, a copy) cuts off the fractions.")
        if wanted.any() and not result.any():
            return "zero", "the result is zero, and should not be."
        size = np.abs(wanted).max(initial=0.0)
        if size and agrees(result, wanted, NEARLY):
            off = np.abs(result - wanted).max() / size
            return "inexact", (f"nearly right, but off by {off:.0e} of the largest entry. Is something "
                               "approximated or rounded, or are digits lost on the way?")
        factor = factor_between(result, wanted, rtol * size)
        if factor == -1:
            return "sign", "the sign is wrong."
        if factor is not None:
            return "factor", f"off by a factor. Every entry is {times(factor)} what it should be."
        if result.ndim == 2 and result.shape[0] == result.shape[1] and agrees(result, wanted.T, rtol):
            return "transposed", "your result is transposed."
        return "numbers", _which_entries(result, wanted, rtol)

    def _right_for_floats(self, name: str, wanted: Array, rtol: float) -> bool:
        if not any(np.asarray(v).dtype.kind in "iu" for v in self.inputs.values()):
            return False
        try:
            returned = split(call(self.answer, copies(floats(self.inputs))), self.names)
            result = numbers(returned[name], name)
        except WrongAnswerError:
            return False
        return result.shape == wanted.shape and agrees(result, wanted, rtol)

    def evidence(self) -> str:
        """Show the input and the result."""
        if self.failure.kind in WITHOUT_EVIDENCE:
            return ""
        lines = ["", "", "Tried with", *(named(name, value) for name, value in self.inputs.items())]
        if self.results and self.failure.kind != "mutates":
            lines += ["Your result"]
            lines += ([indented(shown(self.results[self.names[0]]))] if len(self.names) == 1 else
                      [named(name, result) for name, result in self.results.items()])
        return "\n".join(lines)


def reference(like: Function, inputs: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Array]:
    """Return what the reference gives, by name."""
    with quiet():
        returned = like(*copies(floats(inputs)).values())
    parts = returned if len(names) > 1 else (returned,)
    return {name: np.asarray(part, dtype=np.float64) for name, part in zip(names, parts, strict=True)}


def agrees(result: Array, wanted: Array, rtol: float) -> bool:
    """Return whether all entries agree, relative to the largest finite one; infinite ones must be the same."""
    finite = np.isfinite(wanted)
    size = np.abs(wanted[finite]).max(initial=0.0)
    with np.errstate(all="ignore"):
        close = np.abs(result.astype(np.float64) - wanted) <= rtol * size
    return bool(np.where(finite, close, result == wanted).all())


def _require_shape(result: Array, wanted: Array, rtol: float, prefix: str) -> None:
    if result.shape == wanted.shape:
        return
    if result.ndim == 2 and result.shape == wanted.shape[::-1]:
        right = " The numbers are right." if agrees(result.T, wanted, rtol) else ""
        raise WrongAnswerError("transposed", f"{prefix}your result is transposed: its shape should be "
                                             f"{wanted.shape}; it is {result.shape}.{right}")
    axes = ""
    if wanted.ndim == 1 and result.size == wanted.size and result.ndim == 2:
        axes = " Vectors have one axis in this course: neither a row nor a column."
    should = "be a number" if wanted.ndim == 0 else f"have shape {wanted.shape}"
    raise WrongAnswerError("shape", f"{prefix}the shape is wrong: the result should {should}; yours has "
                                    f"{result.shape}.{axes}")


def _which_entries(result: Array, wanted: Array, rtol: float) -> str:
    if wanted.ndim == 0:
        return "the number is wrong."
    wrong = ~(np.abs(result - wanted) <= rtol * np.abs(wanted).max(initial=0.0))
    if wrong.all():
        return "the numbers are wrong."
    return f"{wrong.sum()} of the {wrong.size} entries are wrong; the others are right."


def _seen_over_all(failed: _Trial, trials: list[_Trial]) -> tuple[str, str]:
    """Add what only a comparison of all inputs shows: right for square matrices only, or the same for all."""
    kind, sentence = failed.failure.kind, str(failed.failure)
    if kind in (*WITHOUT_EVIDENCE, "returns None", "mutates", *(kind for kind, _, _ in failed.mistakes)):
        return kind, sentence
    others = (trial for trial in trials if trial is not failed and trial.results and failed.results)
    if kind != "not finite" and any(_same_answer(failed, trial) for trial in others):
        return "constant", "it returns the same for two inputs with different results. Does it use its arguments?"
    if right_for_square_only(failed.inputs, [trial.inputs for trial in trials if not trial.failure]):
        return "square only", f"right for square matrices, but not for others. Here {sentence}"
    return kind, sentence


def _same_answer(failed: _Trial, other: _Trial) -> bool:
    def equal(one: Mapping[str, Array], two: Mapping[str, Array]) -> bool:
        return all(np.array_equal(one[name], two[name]) for name in failed.names)

    nothing = not any(result.any() for result in failed.results.values())
    return not nothing and equal(failed.results, other.results) and not equal(
        reference(failed.like, failed.inputs, failed.names), reference(other.like, other.inputs, other.names))
