"""Checking a gradient against a numerical derivative, and naming what is wrong with it."""

import inspect
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from labkit._arrays import Array, as_array
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
    equal,
    factor_between,
    floats,
    indented,
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
from labkit.gradcheck import ComplexStepError, complex_step, richardson

_ROUNDING = 1e-9  # of |f| / max|x|: what rounding in f leaves of a gradient that is zero


def gradient(answer: Function, *, of: Function, by: str | Sequence[str],
             at: Sequence[Mapping[str, ArrayLike]], only: str | None = None) -> None:
    """Check that `answer` is the gradient of a scalar function, and say in what way it is not.

    `answer` is called with the same arguments, in the same order, as `of`. The gradient by a variable has the
    variable's shape (denominator layout).

    Parameters
    ----------
    answer : callable
        The student's function. It returns the gradient, or a tuple of gradients where `by` names several.
    of : callable
        The scalar function. The names of its parameters are those used in messages. A ``def`` in
        the cell of the check takes its name from a student's helper of the same name: prefer a ``lambda``.
    by : str or sequence of str
        The parameter, or parameters, that the gradient is taken by.
    at : sequence of mappings
        The inputs to try, one value for each parameter of `of`, small and readable ones first: the first on which
        something is wrong is shown, unless another tells more. Lists become float arrays, numbers floats; arrays
        are passed with the type they have.
    only : str, optional
        Judge only the gradient by this one of the variables, so that each can have marks of its own.

    Raises
    ------
    WrongAnswerError
        If `answer` is not right on one of the inputs, changes what it is given, or is taken from `labkit`.
    ValueError
        If `by`, `only` or `at` does not fit the parameters of `of`, or `of` has no finite value there.

    Examples
    --------
    >>> def f(x):
    ...     return x @ x
    >>> gradient(lambda x: 2 * x, of=f, by="x", at=[{"x": [1, 2]}, {"x": [3]}])
    ✓ <lambda>: right on all 2 inputs.
    >>> gradient(lambda x: -2 * x, of=f, by="x", at=[{"x": [1, 2]}])
    Traceback (most recent call last):
        ...
    labkit.checks.WrongAnswerError: ✗ <lambda>: the sign is wrong. Every entry should have the opposite sign.
    <BLANKLINE>
    Tried with
        x = [1 2]
    Your result
        [-2 -4]
    If only x[1] moves, by a tiny h, then f changes by 4 h; your entry there is -4.
    """
    variables = (by,) if isinstance(by, str) else tuple(by)
    judged = variables if only is None else (only,)
    cases = _cases(of, variables, judged, at)
    name = require_function(answer)
    require_own_work(answer, name)
    trials = [_Trial(answer, case, of, variables, judged) for case in cases]
    for trial in trials:
        trial.run()
    failed = most_telling(trials)
    if failed is not None:
        kind, sentence = _seen_over_all(failed, trials)
        taken = taken_name(answer, of, cell=sys._getframe(1).f_code.co_filename)
        raise WrongAnswerError(kind, f"✗ {name}: {failed.prefix}{sentence}{taken}{failed.evidence()}")
    which = f" by {only}" if only else ""
    print(passed(f"{name}{which}", at))


def is_gradient(candidate: ArrayLike, *, of: Function, at: ArrayLike) -> bool:
    """Return whether `candidate` is the gradient of the scalar function `of` at one point, up to rounding.

    Parameters
    ----------
    candidate : array_like
        The claimed gradient; another shape than that of `at` makes the answer no.
    of : callable
        A scalar function of one array.
    at : array_like
        The point.

    Raises
    ------
    TypeError, ValueError
        If `candidate` or `at` does not hold real numbers, `at` is not finite, or `of` is not scalar there.

    Examples
    --------
    >>> is_gradient([2, 4], of=lambda x: x @ x, at=[1, 2]), is_gradient([1, 2], of=lambda x: x @ x, at=[1, 2])
    (True, False)
    """
    point, candidate = as_array(at, "at"), as_array(candidate, "candidate", finite=False)
    reference, tolerance = _derivative_and_tolerance(of, point)
    return candidate.shape == point.shape and equal(candidate, reference, tolerance)


# --- one input -------------------------------------------------------------------------------------------------

@dataclass
class _Trial(Trial):
    """One call of the student's function, what it returned, and what is wrong with that."""

    of: Function
    variables: tuple[str, ...]
    judged: tuple[str, ...]
    prefix: str = field(default="", kw_only=True)
    result: Array | None = field(default=None, kw_only=True)
    reference: Array | None = field(default=None, kw_only=True)

    def judge(self) -> None:
        parts = split(call_on_copies(self.answer, self.inputs), self.variables)
        for variable in self.judged:
            self._judge_one(variable, parts[variable])

    def _judge_one(self, variable: str, value: Any) -> None:
        several = len(self.variables) > 1
        self.part, self.prefix, self.result, self.reference = variable, "", None, None
        self.result = numbers(value, f"the gradient by {variable}" if several else "what it returns")
        self.prefix = f"by {variable}: " if several else ""
        self.reference, tolerance = _reference(self.of, self.inputs, variable)
        if self.result.dtype != np.float64:
            tolerance *= RELATIVE_SINGLE / RELATIVE
        self.result = self.result.astype(np.float64)
        if self.result.shape == self.reference.shape and equal(self.result, self.reference, tolerance):
            self.ratios |= {variable: 1.0} if self.reference.any() else {}
            return
        self._require_order()
        _require_shape(self.result, self.reference, variable, tolerance)
        if not np.isfinite(self.result).all():
            what = "NaN" if np.isnan(self.result).any() else "infinite"
            raise WrongAnswerError("not finite", f"your result has entries that are {what}. "
                                                 f"{why_not_finite(self.answer, self.inputs)}")
        raise WrongAnswerError(*_diagnose(self, tolerance))

    def _require_order(self) -> None:
        """Raise WrongAnswerError if this is the derivative by another of the variables."""
        for other in self.variables:
            if other == self.part or np.shape(self.inputs[other]) != self.result.shape or self.result.size == 1:
                continue
            reference, tolerance = _reference(self.of, self.inputs, other)
            if reference.any() and equal(self.result, reference, tolerance):
                raise WrongAnswerError("order", f"this is the derivative by {other}. Return them in the order "
                                                f"{', '.join(self.variables)}.")

    def returns_for(self, inputs: dict[str, Any]) -> tuple[Array, Array, float] | None:
        """Return what the answer gives for other inputs, with reference and tolerance; None if no such array."""
        try:
            returned = call(self.answer, copies(inputs))
            result = numbers(split(returned, self.variables)[self.part], "").astype(np.float64)
        except WrongAnswerError:
            return None
        reference, tolerance = _reference(self.of, inputs, self.part)
        usable = result.shape == reference.shape and np.isfinite(result).all()
        return (result, reference, tolerance) if usable else None

    def evidence(self) -> str:
        """Show the input, the result, and at what rate f really changes with one entry."""
        if self.failure.kind in WITHOUT_EVIDENCE:
            return ""
        lines = ["", "", *tried_with(self.inputs)]
        if self.result is not None and self.failure.kind != "mutates":
            lines += ["Your result", indented(shown(self.result))]
            if self.reference is not None and self.result.shape == self.reference.shape:
                lines.append(self._one_entry())
        return "\n".join(lines)

    def _one_entry(self) -> str:
        """Compare the worst entry with the rate at which f really changes."""
        with np.errstate(all="ignore"):
            gap = np.abs(self.result - self.reference)
        worst = np.unravel_index(np.argmax(np.where(np.isfinite(gap), gap, np.inf)), gap.shape)
        entry = f"{self.part}[{', '.join(str(int(i)) for i in worst)}]" if worst else self.part
        return (f"If only {entry} moves, by a tiny h, then f changes by {number(self.reference[worst])} h; "
                f"your entry there is {number(self.result[worst])}.")


def _require_shape(result: Array, reference: Array, variable: str, tolerance: float) -> None:
    """Raise WrongAnswerError unless the gradient has the shape of its variable."""
    if result.shape == reference.shape:
        return
    wanted = f"{variable} has shape {reference.shape}, so its gradient has that shape too"
    if result.shape == reference.shape[::-1]:
        right = " The numbers are right." if equal(result.T, reference, tolerance) else ""
        raise WrongAnswerError("transposed", f"your result is transposed: {wanted}; yours has "
                                             f"{result.shape}.{right}", misfit=True)
    raise WrongAnswerError("shape", f"the shape is wrong: {wanted}; yours has {result.shape}."
                                    f"{shape_hint(reference, result)}", misfit=True)


# --- what kind of mistake it is --------------------------------------------------------------------------------

def _diagnose(trial: _Trial, tolerance: float) -> tuple[str, str]:
    """Name the mistake of a finite result that has the right shape but wrong numbers."""
    result, reference, variable = trial.result, trial.reference, trial.part
    integers = _integers_only(trial)
    if integers:
        return "integers", integers
    if not result.any():
        return "zero", f"every entry of your result is zero, but f does change with {variable}."
    size = np.abs(reference).max(initial=0.0)
    if equal(result, reference, NEARLY * size):
        off = np.abs(result - reference).max() / size
        return "inexact", (f"nearly right, but off by {off:.0e} of the largest entry. A formula is exact up to "
                           "rounding. Is something approximated, or a small number added?")
    factor = factor_between(result, reference, tolerance)
    if factor is not None:
        trial.ratios[variable] = factor
        kind, sentence = off_by(factor, result.size)
        opposite = " Every entry should have the opposite sign." if kind == "sign" and result.size > 1 else ""
        return kind, sentence + opposite
    square = result.ndim == 2 and result.shape[0] == result.shape[1]
    if square:
        factor = factor_between(result, reference.T, tolerance)
        if factor is not None:
            also = "" if factor == 1 else " The sign is wrong too." if factor == -1 else " A factor is off, too."
            return "transposed", (f"your result is transposed: entry (i, j) should be the derivative by "
                                  f"{variable}[i, j], yours is the one by {variable}[j, i].{also}")
        if equal(result, _symmetric_gradient(reference), tolerance):
            return _symmetric_convention(variable)
    return _symmetric_only(trial) or ("numbers", some_wrong(~(np.abs(result - reference) <= tolerance)))


def _integers_only(trial: _Trial) -> str | None:
    """Say so if the answer is right for the same numbers as floats."""
    integers = [name for name, value in trial.inputs.items() if np.asarray(value).dtype.kind in "iu"]
    returned = trial.returns_for(floats(trial.inputs)) if integers else None
    if returned is None or not equal(*returned):
        return None
    return (f"right for floats, wrong for the same numbers as integers: {', '.join(integers)} of integer type. An "
            "array made with that type (np.zeros_like, np.empty_like, a copy) cuts off the fractions.")


def _symmetric_only(trial: _Trial) -> tuple[str, str] | None:
    """Say so if the answer would be right with some matrices symmetric, and name the fewest."""
    inputs = floats(trial.inputs)
    crooked = [name for name, value in inputs.items() if np.ndim(value) == 2
               and value.shape[0] == value.shape[1] and not np.array_equal(value, value.T)]
    for names in (some for k in range(1, len(crooked) + 1) for some in combinations(crooked, k)):
        returned = trial.returns_for(inputs | {name: (inputs[name] + inputs[name].T) / 2 for name in names})
        if returned is None:
            continue
        result, reference, tolerance = returned
        if trial.part in names and equal(result, _symmetric_gradient(reference), tolerance):
            return _symmetric_convention(trial.part)
        factor = factor_between(result, reference, tolerance)
        if factor in (1, 0.5):
            up_to = "" if factor == 1 else " up to the factor ½"
            are = "they are" if len(names) > 1 else "it is"
            return "symmetric only", (f"your formula would be right{up_to} if {' and '.join(names)} were "
                                      f"symmetric, but {are} not. Is a transpose or one of two terms missing?")
    return None


def _symmetric_gradient(gradient: Array) -> Array:
    """Return the gradient by a matrix whose entries (i, j) and (j, i) move together."""
    return gradient + gradient.T - np.diag(np.diag(gradient))


def _symmetric_convention(variable: str) -> tuple[str, str]:
    return "symmetric convention", (f"off the diagonal your entries count {variable}[i, j] and {variable}[j, i] "
                                    f"together, as if {variable} had to stay symmetric. Here every entry moves by "
                                    "itself.")


def _seen_over_all(failed: _Trial, trials: list[_Trial]) -> tuple[str, str]:
    """Add what only a comparison of all inputs shows: right for square matrices only, or the same for all."""
    kind, sentence = failed.failure.kind, str(failed.failure)
    if kind in (*WITHOUT_EVIDENCE, "returns None", "mutates"):
        return kind, sentence
    twin = next((trial for trial in trials if _same_answer_elsewhere(failed, trial)), None)
    return with_all_seen(failed, trials) if twin is None else same_for_both(failed, twin, "gradients")


def _same_answer_elsewhere(failed: _Trial, other: _Trial) -> bool:
    """Whether another input, with another gradient, got the very same answer."""
    if other is failed or failed.result is None or other.result is None or other.part != failed.part:
        return False
    if not failed.result.any() or not np.array_equal(failed.result, other.result):
        return False
    here, tolerance = _reference(failed.of, failed.inputs, failed.part)
    there, _ = _reference(other.of, other.inputs, other.part)
    return here.shape != there.shape or not equal(here, there, tolerance)


# --- the reference ---------------------------------------------------------------------------------------------

def _derivative(f: Function, x: Array) -> Array:
    """Differentiate by the complex step where f allows it, by extrapolated differences elsewhere."""
    try:
        return complex_step(f, x)
    except (ComplexStepError, ValueError):  # ValueError: f overflows at complex points; at real ones it may not
        return richardson(f, x)


def _reference(of: Function, inputs: Mapping[str, Any], variable: str) -> tuple[Array, float]:
    """Return the numerical gradient by one variable, and by how much an answer may differ from it."""
    given = floats(inputs)

    def f(value: Any) -> Any:
        return of(*(given | {variable: value}).values())

    x = given[variable]
    return _derivative_and_tolerance(f, x)


def _derivative_and_tolerance(f: Function, x: Array) -> tuple[Array, float]:
    with quiet():
        value, reference = np.asarray(f(x)), _derivative(f, x)
    if value.ndim:
        raise ValueError(f"a gradient needs a scalar function; the value of `of` has shape {value.shape}")
    size = float(np.abs(x).max(initial=0.0)) or 1.0
    return reference, RELATIVE * float(np.abs(reference).max(initial=0.0)) + _ROUNDING * abs(float(value)) / size


def _cases(of: Function, variables: tuple[str, ...], judged: tuple[str, ...],
           at: Sequence[Mapping[str, ArrayLike]]) -> list[dict[str, Any]]:
    """Return the inputs, each in the order of the parameters of `of`, or say what does not fit."""
    names = list(inspect.signature(of).parameters)
    if not set(variables) <= set(names):
        raise ValueError(f"`by` names {list(variables)}, but the parameters of `of` are {names}")
    if not set(judged) <= set(variables):
        raise ValueError(f"`only` names {judged[0]!r}, but `by` names {list(variables)}")
    if not at:
        raise ValueError("`at` must hold at least one input")
    for case in at:
        if set(case) != set(names):
            raise ValueError(f"every input in `at` must give {names}; one gives {list(case)}")
    return [{name: case[name] if isinstance(case[name], np.ndarray) else as_float(case[name]) for name in names}
            for case in at]
