"""Instant feedback on answers to assignments: what kind of thing is wrong, shown on a small example.

A check calls the student's function on a few inputs and compares what it returns with a *numerical* derivative, so
an assignment that uses it carries no answer. When something is wrong, the check says of which kind it is (nothing
returned, transposed, sign, factor, a missing term, right for square matrices only, overflow, …), shows the first
input on which it happens, and stops with `WrongAnswerError`. When all is right it prints one line.

Warnings and output on stderr that come out of the student's function are kept quiet: they are no mistakes.
"""

import inspect
import io
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from labkit._arrays import Array, as_array
from labkit.gradcheck import ComplexStepError, complex_step, richardson

__all__ = ["WrongAnswerError", "gradient", "is_gradient", "witness"]

Function = Callable[..., Any]

_RELATIVE = 1e-6  # of the largest entry: far above the error of the reference, far below any mistake in a formula
_RELATIVE_SINGLE = 1e-3  # for answers in single precision, which carry seven digits and lose some on the way
_NEARLY = 1e-3  # of the largest entry: an answer within this is an approximation, not another formula
_ROUNDING = 1e-9  # of |f| / max|x|: what rounding in f leaves of a gradient that is zero
_PRINTED_ENTRIES = 16
_PRODUCT_HINT = ("\nThe shapes in a product do not fit. Vectors have one axis: u @ v is the number uᵀv, and the "
                 "matrix uvᵀ is np.outer(u, v).")
_WITHOUT_EVIDENCE = ("not written", "arguments", "parts")  # wrong whatever the input


class WrongAnswerError(AssertionError):
    """An answer is not right yet; the message says in what way.

    Notebooks show the message alone, without the calls that led to it.

    Attributes
    ----------
    kind : str
        One word or two for what is wrong, such as ``"sign"`` or ``"transposed"``.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind

    def _render_traceback_(self) -> list[str]:
        # IPython prints these lines instead of a traceback.
        return str(self).splitlines()


# --- gradients -------------------------------------------------------------------------------------------------

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
        The scalar function. The names of its parameters are those used in messages.
    by : str or sequence of str
        The parameter, or parameters, that the gradient is taken by.
    at : sequence of mappings
        The inputs to try, one value for each parameter of `of`, small and readable ones first: the first on which
        something is wrong is shown. Lists become float arrays; arrays are passed with the type they have.
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
    name = _require_function(answer)
    _require_own_work(answer, name)
    trials = [_Trial(answer, of, variables, judged, case) for case in cases]
    for trial in trials:
        trial.run()
    failed = next((trial for trial in trials if trial.failure), None)
    if failed is not None:
        kind, sentence = _seen_over_all(failed, trials)
        raise WrongAnswerError(kind, f"✗ {name}: {sentence}{failed.evidence()}")
    which = f" by {only}" if only else ""
    print(f"✓ {name}{which}: right on {f'all {len(trials)} inputs' if len(trials) > 1 else 'this input'}.")


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
    return candidate.shape == point.shape and _equal(candidate, reference, tolerance)


# --- examples and counterexamples ------------------------------------------------------------------------------

def witness(answer: Function, *, shapes: Mapping[str, tuple[int, ...]], must: Sequence[tuple[str, Function]],
            whole_numbers_to: int | None = None) -> None:
    """Check an example or counterexample that the student gives: any that does what it should is right.

    Parameters
    ----------
    answer : callable
        The student's function; it takes nothing and returns the example, a tuple where `shapes` has several names.
    shapes : mapping from str to tuple of int
        The name and the shape of each part, in the order in which they are returned.
    must : sequence of (str, callable)
        What the example must do: a sentence that reads on after "it should be true that", and a function of the
        parts that returns whether it is so.
    whole_numbers_to : int, optional
        If given, the entries must be whole numbers of at most this size, so that rounding plays no part.

    Raises
    ------
    WrongAnswerError
        If the parts are not arrays of these shapes, or the first of `must` that does not hold.

    Examples
    --------
    >>> singular = [("A is not zero", lambda A: A.any()), ("det A = 0", lambda A: np.linalg.det(A) == 0)]
    >>> witness(lambda: [[1, 0], [0, 0]], shapes={"A": (2, 2)}, must=singular)
    ✓ <lambda>: your example does what it should.
    >>> witness(lambda: [[1, 0], [0, 1]], shapes={"A": (2, 2)}, must=singular)
    Traceback (most recent call last):
        ...
    labkit.checks.WrongAnswerError: ✗ <lambda>: this is not such an example. It should be true that det A = 0.
    <BLANKLINE>
    Your example
        A = [[1 0]
             [0 1]]
    """
    name = _require_function(answer)
    try:
        returned = _split(_call(answer, {}), tuple(shapes))
        parts = {part: _part(value, part, shapes[part], whole_numbers_to) for part, value in returned.items()}
    except WrongAnswerError as failure:
        raise WrongAnswerError(failure.kind, f"✗ {name}: {failure}") from None
    for sentence, holds in must:
        if not holds(*parts.values()):
            shown = "\n".join(_named(part, value) for part, value in parts.items())
            raise WrongAnswerError("no example", f"✗ {name}: this is not such an example. It should be true that "
                                                 f"{sentence}.\n\nYour example\n{shown}")
    print(f"✓ {name}: your example does what it should.")


def _part(value: Any, name: str, shape: tuple[int, ...], whole_numbers_to: int | None) -> Array:
    """Return one part of an example as an array, or say why it cannot be one."""
    part = _numbers(value, name)
    if part.shape != shape:
        raise WrongAnswerError("shape", f"{name} has shape {part.shape}; it should have shape {shape}.")
    if not np.isfinite(part).all():
        raise WrongAnswerError("not finite", f"{name} has entries that are NaN or infinite.")
    if whole_numbers_to is not None and (np.abs(part) > whole_numbers_to).any() | (part != np.round(part)).any():
        raise WrongAnswerError("whole numbers", f"the entries of {name} should be whole numbers between "
                                                f"{-whole_numbers_to} and {whole_numbers_to}.\n\n"
                                                f"{_named(name, part)}")
    return part


# --- one input -------------------------------------------------------------------------------------------------

@dataclass
class _Trial:
    """One call of the student's function, what it returned, and what is wrong with that."""

    answer: Function
    of: Function
    variables: tuple[str, ...]
    judged: tuple[str, ...]
    inputs: dict[str, Any]
    failure: WrongAnswerError | None = None
    variable: str = ""
    result: Array | None = None
    reference: Array | None = None

    def run(self) -> None:
        try:
            self._judge()
        except WrongAnswerError as failure:
            self.failure = failure

    def _judge(self) -> None:
        given = _copies(self.inputs)
        returned = _call(self.answer, given)
        changed = [name for name in given if not _same(given[name], self.inputs[name])]
        if changed:
            name = changed[0]
            raise WrongAnswerError("mutates", f"it changes its argument {name}, which belongs to the caller. Work "
                                              f"on a copy ({name}.copy()), and mind +=, *= and the like.")
        parts = _split(returned, self.variables)
        for variable in self.judged:
            self._judge_one(variable, parts[variable])

    def _judge_one(self, variable: str, value: Any) -> None:
        self.variable, self.result, self.reference = variable, None, None
        prefix = f"by {variable}, " if len(self.variables) > 1 else ""
        self.result = _numbers(value, f"the gradient by {variable}" if prefix else "what it returns")
        self.reference, tolerance = _reference(self.of, self.inputs, variable)
        if self.result.dtype != np.float64:
            tolerance *= _RELATIVE_SINGLE / _RELATIVE
        self.result = self.result.astype(np.float64)
        _require_shape(self.result, self.reference, variable, tolerance, prefix)
        if not np.isfinite(self.result).all():
            raise WrongAnswerError("not finite", f"{prefix}{_not_finite(self.result)}")
        if not _equal(self.result, self.reference, tolerance):
            kind, sentence = _diagnose(self, tolerance)
            raise WrongAnswerError(kind, prefix + sentence)

    def returns_for(self, inputs: dict[str, Any]) -> tuple[Array, Array, float] | None:
        """Return what the answer gives for other inputs, with reference and tolerance; None if no such array."""
        try:
            returned = _call(self.answer, _copies(inputs))
            result = _numbers(_split(returned, self.variables)[self.variable], "").astype(np.float64)
        except WrongAnswerError:
            return None
        reference, tolerance = _reference(self.of, inputs, self.variable)
        usable = result.shape == reference.shape and np.isfinite(result).all()
        return (result, reference, tolerance) if usable else None

    def evidence(self) -> str:
        """Show the input, the result, and at what rate f really changes with one entry."""
        if self.failure.kind in _WITHOUT_EVIDENCE:
            return ""
        lines = ["", "", "Tried with", *(_named(name, value) for name, value in self.inputs.items())]
        if self.result is not None and self.failure.kind != "mutates":
            lines += ["Your result", _indented(_shown(self.result))]
            if self.reference is not None and self.result.shape == self.reference.shape:
                lines.append(self._one_entry())
        return "\n".join(lines)

    def _one_entry(self) -> str:
        """Compare the worst entry with the rate at which f really changes."""
        with np.errstate(all="ignore"):
            gap = np.abs(self.result - self.reference)
        worst = np.unravel_index(np.argmax(np.where(np.isfinite(gap), gap, np.inf)), gap.shape)
        entry = f"{self.variable}[{', '.join(str(int(i)) for i in worst)}]" if worst else self.variable
        return (f"If only {entry} moves, by a tiny h, then f changes by {_number(self.reference[worst])} h; "
                f"your entry there is {_number(self.result[worst])}.")


def _call(answer: Function, inputs: Mapping[str, Any]) -> Any:
    """Call the student's function quietly; say what it raised or that it returned nothing."""
    try:
        inspect.signature(answer).bind(*inputs.values())
    except TypeError:
        wanted = f"takes the arguments ({', '.join(inputs)}), in this order" if inputs else "takes no arguments"
        raise WrongAnswerError("arguments", f"the function asked for {wanted}; yours cannot be called so. Look at "
                                            "its first line, `def …`.") from None
    except ValueError:  # some built-in functions do not tell their arguments; calling them will
        pass
    try:
        with _quiet():
            returned = answer(*inputs.values())
    except NotImplementedError:
        raise WrongAnswerError("not written", "not written yet. Replace the line `raise NotImplementedError` by "
                                              "your answer.") from None
    except Exception as error:
        raise WrongAnswerError("exception", f"it stopped with {_told(error)}") from None
    if returned is None:
        raise WrongAnswerError("returns None", "it returned None. Is there a `return`?")
    return returned


@contextmanager
def _quiet():
    """Keep numpy's warnings, other warnings and stderr of the student's function from the reader."""
    with warnings.catch_warnings(), np.errstate(all="ignore"), redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


def _told(error: Exception) -> str:
    """Quote the student's own error, with the line of their code on which it came up."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    own = [frame for frame in frames if "site-packages" not in frame.filename]
    at = f"\n    in the line  {own[-1].line}" if own and own[-1].line else ""
    return f"{type(error).__name__}: {error}{at}{_PRODUCT_HINT if 'matmul' in str(error) else ''}"


def _split(returned: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Give each part of what was returned its name."""
    if len(names) == 1:
        return {names[0]: returned}
    several = isinstance(returned, (tuple, list))
    if not several or len(returned) != len(names):
        kind = type(returned).__name__.replace("ndarray", "array")
        got = f"{len(returned)} things" if several else f"one {kind}"
        raise WrongAnswerError("parts", f"it should return {len(names)} arrays, for {' and '.join(names)} in this "
                                        f"order, but it returned {got}.")
    return dict(zip(names, returned, strict=True))


def _numbers(value: Any, called: str) -> Array:
    """Return what the student gave as an array of real numbers (single precision stays so)."""
    if value is None:
        raise WrongAnswerError("returns None", f"{called} is None. Did a function that you used return nothing?")
    try:
        array = as_array(value, called, finite=False, allow_complex=True)
    except TypeError as error:
        raise WrongAnswerError("type", f"{error}.") from None
    if array.dtype.kind == "c":
        raise WrongAnswerError("type", f"{called} is complex; everything is real here.")
    original = getattr(value, "dtype", array.dtype)
    return array.astype(original) if original in (np.float16, np.float32) else array


def _require_shape(result: Array, reference: Array, variable: str, tolerance: float, prefix: str) -> None:
    """Raise WrongAnswerError unless the gradient has the shape of its variable."""
    if result.shape == reference.shape:
        return
    wanted = f"{variable} has shape {reference.shape}, so its gradient has that shape too"
    if result.shape == reference.shape[::-1]:
        right = " The numbers are right." if _equal(result.T, reference, tolerance) else ""
        raise WrongAnswerError("transposed", f"{prefix}your result is transposed: {wanted}; yours has "
                                             f"{result.shape}.{right}")
    axes = ""
    if reference.ndim == 1 and result.size == reference.size and result.ndim == 2:
        axes = " Vectors have one axis in this course: neither a row nor a column."
    raise WrongAnswerError("shape", f"{prefix}the shape is wrong: {wanted}; yours has {result.shape}.{axes}")


def _not_finite(result: Array) -> str:
    what = "NaN" if np.isnan(result).any() else "infinite"
    return (f"your result has entries that are {what}. Somewhere on the way a number overflowed (exp(710) does) "
            "or was divided by zero. Can the formula be arranged so that every step stays in range?")


# --- what kind of mistake it is --------------------------------------------------------------------------------

def _diagnose(trial: _Trial, tolerance: float) -> tuple[str, str]:
    """Name the mistake of a finite result that has the right shape but wrong numbers."""
    result, reference, variable = trial.result, trial.reference, trial.variable
    integers = _integers_only(trial)
    if integers:
        return "integers", integers
    if not result.any():
        return "zero", f"every entry of your result is zero, but f does change with {variable}."
    size = np.abs(reference).max(initial=0.0)
    if _equal(result, reference, _NEARLY * size):
        off = np.abs(result - reference).max() / size
        return "inexact", (f"nearly right, but off by {off:.0e} of the largest entry. A formula is exact up to "
                           "rounding. Is something approximated, or a small number added?")
    factor = _factor(result, reference, tolerance)
    if factor == -1:
        return "sign", "the sign is wrong. Every entry should have the opposite sign."
    if factor is not None:
        return "factor", f"off by a factor. Every entry is {_times(factor)} what it should be."
    square = result.ndim == 2 and result.shape[0] == result.shape[1]
    if square:
        factor = _factor(result, reference.T, tolerance)
        if factor is not None:
            also = "" if factor == 1 else " The sign is wrong too." if factor == -1 else " A factor is off, too."
            return "transposed", (f"your result is transposed: entry (i, j) should be the derivative by "
                                  f"{variable}[i, j], yours is the one by {variable}[j, i].{also}")
        if _equal(result, _symmetric_gradient(reference), tolerance):
            return _symmetric_convention(variable)
    return _symmetric_only(trial) or ("numbers", _which_entries(result, reference, tolerance))


def _integers_only(trial: _Trial) -> str | None:
    """Say so if the answer is right for the same numbers as floats."""
    integers = [name for name, value in trial.inputs.items() if np.asarray(value).dtype.kind in "iu"]
    returned = trial.returns_for(_floats(trial.inputs)) if integers else None
    if returned is None or not _equal(*returned):
        return None
    return (f"right for floats, wrong for the same numbers as integers: {', '.join(integers)} of integer type. An "
            "array made with that type (np.zeros_like, np.empty_like, a copy) cuts off the fractions.")


def _symmetric_only(trial: _Trial) -> tuple[str, str] | None:
    """Say so if the answer would be right with some matrices symmetric, and name the fewest."""
    inputs = _floats(trial.inputs)
    crooked = [name for name, value in inputs.items() if np.ndim(value) == 2
               and value.shape[0] == value.shape[1] and not np.array_equal(value, value.T)]
    for names in (some for k in range(1, len(crooked) + 1) for some in combinations(crooked, k)):
        returned = trial.returns_for(inputs | {name: (inputs[name] + inputs[name].T) / 2 for name in names})
        if returned is None:
            continue
        result, reference, tolerance = returned
        if trial.variable in names and _equal(result, _symmetric_gradient(reference), tolerance):
            return _symmetric_convention(trial.variable)
        factor = _factor(result, reference, tolerance)
        if factor in (1, 0.5):
            up_to = "" if factor == 1 else " up to the factor ½"
            are = "they are" if len(names) > 1 else "it is"
            return "symmetric only", (f"your formula would be right{up_to} if {' and '.join(names)} were "
                                      f"symmetric, but {are} not. Is a transpose or one of two terms missing?")
    return None


def _which_entries(result: Array, reference: Array, tolerance: float) -> str:
    wrong = ~(np.abs(result - reference) <= tolerance)
    if wrong.all():
        return "the numbers are wrong."
    return f"{wrong.sum()} of the {wrong.size} entries are wrong; the others are right."


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
    if kind in (*_WITHOUT_EVIDENCE, "returns None", "mutates"):
        return kind, sentence
    twin = next((trial for trial in trials if _same_answer_elsewhere(failed, trial)), None)
    if twin is not None:
        differ = [name for name in failed.inputs if not _same(failed.inputs[name], twin.inputs[name])]
        return "constant", ("it returns the same numbers for two inputs that differ in "
                            f"{', '.join(differ)}. Does it use {'them' if len(differ) > 1 else 'it'}?")
    passed = [trial for trial in trials if not trial.failure]
    if passed and not _all_square(failed) and all(map(_all_square, passed)) and any(map(_has_matrix, passed)):
        return "square only", f"right for square matrices, but not for others. Here {sentence}"
    return kind, sentence


def _same_answer_elsewhere(failed: _Trial, other: _Trial) -> bool:
    """Whether another input, with another gradient, got the very same answer."""
    if other is failed or failed.result is None or other.result is None or other.variable != failed.variable:
        return False
    if not failed.result.any() or not np.array_equal(failed.result, other.result):
        return False
    here, tolerance = _reference(failed.of, failed.inputs, failed.variable)
    there, _ = _reference(other.of, other.inputs, other.variable)
    return here.shape != there.shape or not _equal(here, there, tolerance)


def _all_square(trial: _Trial) -> bool:
    return all(np.shape(value)[0] == np.shape(value)[1] for value in trial.inputs.values() if np.ndim(value) == 2)


def _has_matrix(trial: _Trial) -> bool:
    return any(np.ndim(value) == 2 and np.size(value) > 1 for value in trial.inputs.values())


def _factor(result: Array, reference: Array, tolerance: float) -> float | None:
    """Return the constant c with result = c · reference, if there is one that deserves to be called a factor."""
    size = np.abs(reference).max(initial=0.0)
    if size <= tolerance or not np.isfinite(result).all():
        return None
    unit, scaled = reference / size, result / size
    factor = float((unit * scaled).sum() / (unit * unit).sum())
    if factor == 0 or not np.isfinite(factor) or not _equal(scaled, factor * unit, abs(factor) * tolerance / size):
        return None
    nice = [c for c in (1, 2, 3, 4, 0.5, 1 / 3, 0.25) for c in (c, -c) if abs(factor / c - 1) <= tolerance / size]
    # One number alone is a multiple of any other.
    several = np.count_nonzero(np.abs(unit) > 1e-3) > 1
    return float(nice[0]) if nice else factor if several else None


def _times(factor: float) -> str:
    words = {2.0: "twice", 0.5: "half of", 3.0: "three times", 1 / 3: "a third of"}
    return words.get(factor, f"{_number(factor)} times")


# --- the reference ---------------------------------------------------------------------------------------------

def _derivative(f: Function, x: Array) -> Array:
    """Differentiate by the complex step where f allows it, by extrapolated differences elsewhere."""
    try:
        return complex_step(f, x)
    except (ComplexStepError, ValueError):  # ValueError: f overflows at complex points; at real ones it may not
        return richardson(f, x)


def _reference(of: Function, inputs: Mapping[str, Any], variable: str) -> tuple[Array, float]:
    """Return the numerical gradient by one variable, and by how much an answer may differ from it."""
    floats = _floats(inputs)

    def f(value: Any) -> Any:
        return of(*(floats | {variable: value}).values())

    x = floats[variable]
    return _derivative_and_tolerance(f, x)


def _derivative_and_tolerance(f: Function, x: Array) -> tuple[Array, float]:
    with _quiet():
        value, reference = np.asarray(f(x)), _derivative(f, x)
    if value.ndim:
        raise ValueError(f"a gradient needs a scalar function; the value of `of` has shape {value.shape}")
    size = float(np.abs(x).max(initial=0.0)) or 1.0
    return reference, _RELATIVE * float(np.abs(reference).max(initial=0.0)) + _ROUNDING * abs(float(value)) / size


def _equal(result: Array, reference: Array, tolerance: float) -> bool:
    with np.errstate(all="ignore"):
        return bool((np.abs(result - reference) <= tolerance).all())


# --- the task and the function ---------------------------------------------------------------------------------

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
    return [{name: case[name] if isinstance(case[name], np.ndarray) else _as_float(case[name]) for name in names}
            for case in at]


def _require_function(answer: Any) -> str:
    """Return the name of the student's function."""
    if not callable(answer):
        raise WrongAnswerError("not callable", f"✗ your answer should be a function; here it is a "
                                               f"{type(answer).__name__}. Is its name used for something else?")
    return getattr(answer, "__name__", type(answer).__name__)


def _require_own_work(answer: Function, name: str) -> None:
    """Refuse an answer that lets labkit do the work."""
    borrowed = _from_labkit(answer, set())
    if borrowed:
        raise WrongAnswerError("labkit", f"✗ {name}: it lets labkit do the work ({borrowed}). Please write the "
                                         "formula yourself, with numpy alone.")


def _from_labkit(value: Any, seen: set[CodeType]) -> str | None:
    """Return the name under which labkit appears: `value` itself, or what its code uses, however deep."""
    if _is_labkit(_module_of(value)):
        return getattr(value, "__name__", type(value).__name__)
    if not isinstance(value, FunctionType) or value.__code__ in seen:
        return None
    seen.add(value.__code__)
    for name in _names_in(value.__code__):
        if _is_labkit(name) or _from_labkit(value.__globals__.get(name), seen):
            return name
    return None


def _module_of(value: Any) -> str:
    """Return the module that a module, function, class or other object comes from."""
    if isinstance(value, ModuleType):
        return value.__name__
    if isinstance(value, FunctionType):  # its __module__ is whatever the namespace said in which it was made
        inside = Path(__file__).parent in Path(value.__code__.co_filename).parents
        return "labkit" if inside else ""
    return (value if isinstance(value, type) else type(value)).__module__


def _names_in(code: CodeType) -> list[str]:
    inner = [name for part in code.co_consts if isinstance(part, CodeType) for name in _names_in(part)]
    return [*code.co_names, *inner]


def _is_labkit(module: str) -> bool:
    return module == "labkit" or module.startswith("labkit.")


# --- values ----------------------------------------------------------------------------------------------------

def _as_float(value: Any) -> Any:
    """Return a float64 array of its own; a plain number stays one."""
    return float(value) if np.isscalar(value) else np.array(value, dtype=np.float64)


def _floats(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _as_float(value) for name, value in inputs.items()}


def _copies(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in inputs.items()}


def _same(a: Any, b: Any) -> bool:
    a, b = np.asarray(a), np.asarray(b)
    return a.dtype == b.dtype and np.array_equal(a, b)


def _number(value: float) -> str:
    return f"{float(value) + 0.0:.4g}"  # adding 0.0 turns -0.0 into 0.0


def _shown(value: Any) -> str:
    """Write out a small array; give the shape of a large one."""
    array = np.asarray(value)
    if array.size > _PRINTED_ENTRIES:
        return f"(shape {array.shape}, too large to print)"
    return np.array2string(array, formatter={"all": _number}, max_line_width=100)


def _named(name: str, value: Any) -> str:
    head = f"    {name} = "
    return head + _shown(value).replace("\n", "\n" + " " * len(head))


def _indented(text: str) -> str:
    return "    " + text.replace("\n", "\n    ")
