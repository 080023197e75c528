"""Checking what a student constructs: any example, counterexample or factorisation that does what it should."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from labkit._arrays import Array
from labkit.checks.answers import (
    Function,
    WrongAnswerError,
    as_given,
    call,
    call_on_copies,
    named,
    numbers,
    passed,
    require_function,
    require_own_work,
    split,
    tried_with,
    why_not_finite,
)

Shape = tuple[int, ...]
Property = tuple[str, Function] | tuple[str, Function, Function]


def witness(answer: Function, *, shapes: Mapping[str, tuple[int, ...]], must: Sequence[Property],
            whole_numbers_to: int | None = None, called: str = "") -> None:
    """Check an example or counterexample that the student gives: any that does what it should is right.

    Parameters
    ----------
    answer : callable
        The student's function; it takes nothing and returns the example, a tuple where `shapes` has several names.
    shapes : mapping from str to tuple of int
        The name and the shape of each part, in the order in which they are returned.
    must : sequence of (str, callable) or (str, callable, callable)
        What the example must do: a sentence that reads on after "it should be true that", and a function of the
        parts that returns whether it is so; perhaps a second one that returns a text with numbers, for where it is
        not so, which reads on after "here".
    whole_numbers_to : int, optional
        If given, the entries must be whole numbers of at most this size, so that rounding plays no part.
    called : str, optional
        What to call it: ``"example"``, or ``"answer"`` where there is but one; that is the default for numbers.

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
    name = require_function(answer)
    try:
        returned = split(call(answer, {}), tuple(shapes))
        parts = {part: _part(value, part, shapes[part], whole_numbers_to) for part, value in returned.items()}
    except WrongAnswerError as failure:
        raise WrongAnswerError(failure.kind, f"✗ {name}: {failure}") from None
    found = called or ("answer" if set(shapes.values()) == {()} else "example")
    for sentence, holds, *numbers_of in must:
        if not holds(*parts.values()):
            here = "".join(_here(tell(*parts.values())) for tell in numbers_of)
            shown = "\n".join(named(part, value, _closely) for part, value in parts.items())
            no = "this is not such an example. It" if found == "example" else "this is not right yet. It"
            raise WrongAnswerError("no example", f"✗ {name}: {no} should be true that {sentence}.{here}\n\n"
                                                 f"Your {found}\n{shown}")
    print(f"✓ {name}: your {found} does what it should.")


def _closely(value: float) -> str:
    """Return a number in ten digits: an example may depend on the last of them."""
    return f"{float(value) + 0.0:.10g}"


def _part(value: Any, name: str, shape: tuple[int, ...], whole_numbers_to: int | None) -> Array:
    """Return one part of an example as an array, or say why it cannot be one."""
    part = numbers(value, name)
    if part.shape != shape:
        raise WrongAnswerError("shape", f"{name} has shape {part.shape}; it should have shape {shape}.")
    if not np.isfinite(part).all():
        raise WrongAnswerError("not finite", f"{name} has entries that are NaN or infinite.")
    if whole_numbers_to is not None and (np.abs(part) > whole_numbers_to).any() | (part != np.round(part)).any():
        what = (f"the entries of {name} should be whole numbers" if part.ndim else
                f"{name} should be a whole number")
        raise WrongAnswerError("whole numbers", f"{what} between {-whole_numbers_to} and {whole_numbers_to}.\n\n"
                                                f"{named(name, part, lambda value: repr(float(value)))}")
    return part


def construction(answer: Function, *, at: Sequence[Mapping[str, ArrayLike]],
                 shapes: Mapping[str, Shape | Callable[..., Shape]],
                 must: Sequence[Property], without: Sequence[str] = ()) -> None:
    """Check what a student's function constructs from given arrays, by what it should do and not by its numbers.

    Parameters
    ----------
    answer : callable
        The student's function of the arrays in `at`, in their order; it returns the parts that `shapes` names.
    at : sequence of mappings
        The inputs to try, small and readable ones first. Lists become float arrays; arrays and plain numbers are
        passed with the type they have.
    shapes : mapping from str to shape
        The name of each part that is returned, in its order, and its shape, or a function of the inputs (by name)
        that gives it.
    must : sequence of (str, callable) or (str, callable, callable)
        What the parts must do: a sentence that reads on after "it should be true that", and a function of inputs
        and parts, by their names, that returns whether it is so; perhaps a second one that returns a text with
        numbers, for where it is not so, which reads on after "here".
    without : sequence of str
        Names of functions of numpy's that the answer may not use, because they would do the task.

    Raises
    ------
    WrongAnswerError
        If the function fails, changes its input, is taken from `labkit`, uses what it may not, or returns parts
        that do not do this.

    Examples
    --------
    >>> unit = [("v has length 1", lambda v: abs(v @ v - 1) < 1e-12),
    ...         ("v is a positive multiple of x", lambda x, v: abs(x @ v - np.sqrt(x @ x)) < 1e-9)]
    >>> construction(lambda x: x / np.sqrt(x @ x), at=[{"x": [3, 4]}], shapes={"v": lambda x: x.shape}, must=unit)
    ✓ <lambda>: what it constructs does what it should, on this input.
    >>> construction(lambda x: x / max(x), at=[{"x": [3, 4]}], shapes={"v": (2,)}, must=unit)
    Traceback (most recent call last):
        ...
    labkit.checks.WrongAnswerError: ✗ <lambda>: it should be true that v has length 1.
    <BLANKLINE>
    Tried with
        x = [3 4]
    Your result
        v = [0.75 1]
    """
    name = require_function(answer)
    require_own_work(answer, name, without=without)
    cases = [{k: as_given(v) for k, v in case.items()} for case in at]
    for case in cases:
        _construct_once(answer, name, case, shapes, must)
    print(passed(name, cases, "what it constructs does what it should,"))


def _construct_once(answer: Function, name: str, case: dict[str, Any],
                    shapes: Mapping[str, Shape | Callable[..., Shape]],
                    must: Sequence[Property]) -> None:
    parts: dict[str, Array] = {}
    try:
        for part, value in split(call_on_copies(answer, case), tuple(shapes)).items():
            shape = shapes[part]
            parts[part] = _part(value, part, _by_name(shape, case) if callable(shape) else shape, None)
        for sentence, holds, *numbers_of in must:
            if not _by_name(holds, case | parts):
                here = "".join(_here(_by_name(tell, case | parts)) for tell in numbers_of)
                raise WrongAnswerError("no example", f"it should be true that {sentence}.{here}")
    except WrongAnswerError as failure:
        why = f" {why_not_finite(answer, case)}" if failure.kind == "not finite" else ""
        result = ["Your result", *(named(k, v) for k, v in parts.items())] if parts else []
        evidence = ["", "", *tried_with(case), *result] if failure.kind != "not written" else []
        raise WrongAnswerError(failure.kind, f"✗ {name}: {failure}{why}" + "\n".join(evidence)) from None


def _here(text: str) -> str:
    return f" Here {text}{'' if text.endswith('?') else '.'}"


def _by_name(function: Function, values: Mapping[str, Any]) -> Any:
    """Call a function with those of the values that its parameters name."""
    return function(**{parameter: values[parameter] for parameter in inspect.signature(function).parameters})
