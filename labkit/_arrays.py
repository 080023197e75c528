"""What the whole package does with its input: one stated behaviour, in one place.

Real numbers in any form numpy can read become float64 arrays. Complex numbers are refused unless a function
says that it takes them, in which case they become complex128. NaN and infinity are refused, because every later
number would be silently wrong. Wrong shapes are refused with both shapes in the message. Empty arrays are passed
on: each function documents what an empty sum, product or maximum means for it. The input is never written to.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.floating]

_SHAPE_WORDS = {0: "a scalar", 1: "a vector (one axis)", 2: "a matrix (two axes)"}


def as_array(value: ArrayLike, name: str, ndim: int | Iterable[int] | None = None, *,
             finite: bool = True, allow_complex: bool = False) -> Array:
    """Return `value` as a float64 (or complex128) array, or say what is wrong with it.

    Parameters
    ----------
    value : array_like
        Numbers: nested sequences, arrays, scalars.
    name : str
        What the caller calls this argument, used in messages.
    ndim : int or iterable of int, optional
        The numbers of axes that are accepted; any if omitted.
    finite : bool
        Refuse NaN and infinity (the default).
    allow_complex : bool
        Accept complex numbers; they become complex128.

    Returns
    -------
    ndarray
        The same memory as `value` where no conversion was needed.

    Raises
    ------
    TypeError
        If `value` is ragged, not numeric, or complex where complex numbers have no meaning.
    ValueError
        If it has the wrong number of axes, or NaN or infinite entries.

    Examples
    --------
    >>> as_array([[1, 2], [3, 4]], "A", 2)
    array([[1., 2.],
           [3., 4.]])
    >>> as_array([1, float("nan")], "x")
    Traceback (most recent call last):
        ...
    ValueError: x has 1 entry that is NaN or infinite, the first at index (1,); remove or replace it
    """
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise TypeError(f"{name} must be a regular array of numbers; its rows differ in length") from error
    if array.dtype.kind == "c" and not allow_complex:
        raise TypeError(f"{name} is complex; this function is defined for real numbers only")
    if array.dtype.kind not in "biufc":
        raise TypeError(f"{name} must hold numbers, not {type(value).__name__} of dtype {array.dtype}")
    array = array.astype(np.complex128 if array.dtype.kind == "c" else np.float64, copy=False)
    allowed = None if ndim is None else {ndim} if isinstance(ndim, int) else set(ndim)
    if allowed is not None and array.ndim not in allowed:
        wanted = " or ".join(_SHAPE_WORDS.get(k, f"an array with {k} axes") for k in sorted(allowed))
        raise ValueError(f"{name} must be {wanted}; its shape is {array.shape}")
    if finite and not np.isfinite(array).all():
        bad = np.argwhere(~np.isfinite(array))
        count = f"{len(bad)} entries that are" if len(bad) > 1 else "1 entry that is"
        first = tuple(int(i) for i in bad[0])
        raise ValueError(
            f"{name} has {count} NaN or infinite, the first at index {first}; remove or replace "
            f"{'them' if len(bad) > 1 else 'it'}")
    return array


def as_vector(value: ArrayLike, name: str, **options: bool) -> Array:
    """Return `value` as an array with one axis; see `as_array`."""
    return as_array(value, name, 1, **options)


def as_matrix(value: ArrayLike, name: str, **options: bool) -> Array:
    """Return `value` as an array with two axes; see `as_array`."""
    return as_array(value, name, 2, **options)


def as_square(value: ArrayLike, name: str, **options: bool) -> Array:
    """Return `value` as a matrix with as many rows as columns; see `as_array`."""
    matrix = as_matrix(value, name, **options)
    if matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"{name} must be square; its shape is {matrix.shape}")
    return matrix


def check_same_shape(a: Array, a_name: str, b: Array, b_name: str) -> None:
    """Raise ValueError with both shapes in the message unless `a` and `b` have the same shape."""
    if a.shape != b.shape:
        raise ValueError(f"{a_name} and {b_name} must have the same shape; they have {a.shape} and {b.shape}")


def make_rng(seed: int | np.random.Generator | None) -> np.random.Generator:
    """Return a random generator from a seed; a Generator is passed through, so that a caller can share one."""
    return np.random.default_rng(seed)
