"""Ways to check a derivative: difference quotients, the complex step, Taylor slopes, random inner products.

Every function takes `f` as a function of one array `x`. The derivative of a scalar-valued `f` has the shape of
`x` (denominator layout); the derivative of an array-valued `f` has shape ``f(x).shape + x.shape``.

Default steps are relative to each entry of `x`. Where an entry is so small beside the other quantities in `f` that
such a step would not move `f` at all (``1 + x`` at ``x = 1e-200``), the step grows until it does. A step given by
the caller is absolute and used exactly as given.
"""

import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labkit._arrays import Array, as_array, as_vector, check_same_shape, make_rng

__all__ = [
    "CheckReport", "ComplexStepError", "GradientReport", "TaylorTest", "central_difference", "check_derivatives",
    "check_gradient", "check_jvp", "check_vjp", "complex_step", "forward_difference", "richardson", "taylor_test",
]

Function = Callable[[Any], ArrayLike]
_EPS = float(np.finfo(np.float64).eps)
_SMALLEST_SCALE = 1e-285  # 1e-20 of it, the complex step, is still a normal number


# --- difference quotients --------------------------------------------------------------------------------------

def forward_difference(f: Function, x: ArrayLike, step: float | None = None, *, batched: bool = False) -> Array:
    """Return the derivative of `f` at `x` by one-sided differences, (f(x + h eᵢ) − f(x)) / h.

    The error is O(h) + O(u/h), with u the unit roundoff: equation ``eq-matcalc-forward-error``. The default step
    √(2u)·|xᵢ| balances the two, which leaves about half of the digits.

    Parameters
    ----------
    f : callable
        Takes an array of x's shape, returns a scalar or an array.
    x : array_like
        Any shape, also a scalar or empty.
    step : float, optional
        Absolute step for every entry. Where it is so small that xᵢ + h is rounded to xᵢ, the result is NaN.
    batched : bool
        Whether `f` takes a stack of points along a new first axis and returns the stack of its values. All
        points are then passed in one call.

    Returns
    -------
    ndarray
        Of shape ``f(x).shape + x.shape``; for scalar `f` that is the shape of `x`.

    Raises
    ------
    ValueError
        If `x` is not finite, `step` is not positive, or `f` is not finite at a point that is needed.
    TypeError
        If `x` or `f(x)` is not real.

    Examples
    --------
    >>> bool(abs(forward_difference(np.exp, 0.0) - 1) < 1e-7)
    True
    """
    x = as_array(x, "x")
    at_x = _value(f, x, batched)
    return _arrange(_scaled_slopes(f, x, step, _EPS ** 0.5, batched, at_x)[0], x, at_x)


def central_difference(f: Function, x: ArrayLike, step: float | None = None, *, batched: bool = False) -> Array:
    """Return the derivative of `f` at `x` by symmetric differences, (f(x + h eᵢ) − f(x − h eᵢ)) / (2h).

    The error is O(h²) + O(u/h): equation ``eq-matcalc-central-error``. The default step ∛(2u)·|xᵢ| leaves about
    two thirds of the digits. Parameters, result and errors are those of `forward_difference`. At a kink the
    result is the mean of the two one-sided derivatives.

    Examples
    --------
    >>> A = np.array([[2.0, 1.0], [0.0, 3.0]])
    >>> central_difference(lambda x: x @ A @ x, [1.0, 2.0]).round(8)
    array([ 6., 13.])
    """
    x = as_array(x, "x")
    like = _value(f, x, batched) if x.size == 0 else None
    return _arrange(_scaled_slopes(f, x, step, _EPS ** (1 / 3), batched, None)[0], x, like)


def richardson(f: Function, x: ArrayLike, *, batched: bool = False) -> Array:
    """Return the derivative of `f` at `x` by central differences extrapolated to step zero.

    The central difference has an error expansion in even powers of h, so differences for h, h/2, h/4, … can be
    combined until rounding takes over [1]_. The entry of the tableau with the smallest estimated error is
    returned, entry by entry; ten to twelve digits are usual. Parameters, result and errors are those of
    `forward_difference`, with 16 evaluations for each entry of `x`.

    References
    ----------
    .. [1] C. J. F. Ridders, "Accurate computation of F′(x) and F′(x)F″(x)", Advances in Engineering
       Software 4 (1982), 75–76.

    Examples
    --------
    >>> bool(abs(richardson(np.exp, 1.0) - np.e) < 1e-11)
    True
    """
    return _richardson(f, x, batched)[0]


def _richardson(f: Function, x: ArrayLike, batched: bool = False, levels: int = 8) -> tuple[Array, Array]:
    """Return the extrapolated derivative and the estimate of its error."""
    x = as_array(x, "x")
    like = _value(f, x, batched) if x.size == 0 else None
    first, h = _scaled_slopes(f, x, None, 0.05, batched, None)
    row, best, error = [first], first, np.full(first.shape, np.inf)
    for level in range(1, levels):
        new = [_slopes(f, x, np.arange(x.size), h / 2**level, batched, None)[0]]
        for k, older in enumerate(row):
            new.append(new[k] + (new[k] - older) / (4.0 ** (k + 1) - 1))
            change = np.maximum(np.abs(new[k + 1] - new[k]), np.abs(new[k + 1] - older))
            best, error = np.where(change < error, new[k + 1], best), np.minimum(change, error)
        row = new
    return _arrange(best, x, like), _arrange(error, x, like)


def _scaled_slopes(f: Function, x: Array, step: float | None, relative: float, batched: bool,
                   at_x: Array | None) -> tuple[Array, Array]:
    """Return the slopes along the axes, one row for each entry of x, and the steps that were used.

    Differences are one-sided where f(x) is given as `at_x`, else symmetric.
    """
    every = np.arange(x.size)
    if x.size == 0:
        return np.zeros(0), np.zeros(0)
    if step is not None:
        h = np.full(x.size, _positive(step))
        return _slopes(f, x, every, h, batched, at_x)[0], h
    scale = _scale(x)
    h = relative * scale
    slopes, change = _slopes(f, x, every, h, batched, at_x)
    # A step that changes f a thousand times less than x is too short: rounding would eat the difference.
    hidden, reach, unit = change < 1e-3 * relative, h.copy(), np.maximum(scale, 1.0)
    ladder = [np.minimum(scale * 10**k, unit) for k in (2, 4, 6)]
    for longer in (*ladder, unit, np.maximum(scale, np.abs(x).max())):
        again = np.flatnonzero(hidden & (relative * longer > reach))
        if again.size:
            reach[again] = relative * longer[again]
            tried, change = _slopes(f, x, again, reach[again], batched, at_x, strict=False)
            seen = again[change >= 1e-3 * relative]
            slopes[seen], h[seen], hidden[seen] = tried[change >= 1e-3 * relative], reach[seen], False
    return slopes, h


def _slopes(f: Function, x: Array, indices: NDArray, h: Array, batched: bool, at_x: Array | None, *,
            strict: bool = True) -> tuple[Array, Array]:
    """Return the difference quotients at flat `indices` and the relative changes of `f` (0 where not finite)."""
    flat = x.reshape(-1)[indices]
    plus = _moved(f, x, indices, h, batched, strict)
    minus = _moved(f, x, indices, -h, batched, strict) if at_x is None else np.broadcast_to(at_x, plus.shape)
    # The step that rounding really left, so that the quotient is free of the error of x + h.
    width = (flat + h) - (flat - h if at_x is None else flat)
    axes = tuple(range(1, plus.ndim))
    with np.errstate(invalid="ignore", over="ignore"):
        difference = plus - minus
        size = np.maximum(np.abs(plus), np.abs(minus)).max(axis=axes, initial=0.0)
        change = np.abs(difference).max(axis=axes, initial=0.0) / np.where(size > 0, size, 1.0)
        slopes = difference / width.reshape(-1, *(1,) * len(axes))
    return slopes, np.where(np.isfinite(size), change, 0.0)


def _moved(f: Function, x: Array, indices: NDArray, offsets: Array, batched: bool, strict: bool) -> Array:
    """Return f(x + offset·eᵢ), stacked, for each flat index and its offset."""
    def points() -> Iterator[Array]:
        for index, offset in zip(indices, offsets, strict=True):
            point = x.flatten()
            point[index] += offset
            yield point.reshape(x.shape)

    values = _evaluate(f, points(), batched, x.shape)
    if strict and not np.isfinite(values).all():
        row = int(np.argwhere(~np.isfinite(values))[0][0])
        where = tuple(int(i) for i in np.unravel_index(indices[row], x.shape))
        raise ValueError(f"f is NaN or infinite where entry {where} of x is moved by {offsets[row]:.3g}; "
                         "give a smaller `step`, or a point further inside the domain of f")
    return values


def _evaluate(f: Function, points: Iterable[Array], batched: bool, shape: tuple[int, ...]) -> Array:
    """Return the values of f, stacked; each call gets memory of its own, so that f cannot change x."""
    if batched:
        stack = np.array(list(points)).reshape(-1, *shape)
        values = as_array(f(stack.copy()), "f(stack of points)", finite=False)
        if values.shape[:1] != stack.shape[:1]:
            raise ValueError(f"a batched f must return one value for each of the {len(stack)} points along its "
                             f"first axis; the shape of its result is {values.shape}")
        return values
    return np.array([as_array(f(point.copy()[()]), "f(x)", finite=False) for point in points])


def _value(f: Function, x: Array, batched: bool) -> Array:
    """Return f(x), which must be real and finite."""
    value = _evaluate(f, [x], batched, x.shape)[0]
    if not np.isfinite(value).all():
        raise ValueError("f(x) itself is NaN or infinite; there is no derivative at this x")
    return value


def _scale(x: Array) -> Array:
    """Return the magnitude of each entry of the flattened x; a zero takes that of its neighbours, at most 1.

    It is never so small that a step made from it would be a subnormal number, which has few digits, or 0.
    """
    size = np.abs(x.reshape(-1))
    typical = min(size.max(initial=0.0), 1.0) or 1.0
    return np.maximum(np.where(size == 0, typical, size), _SMALLEST_SCALE)


def _arrange(rows: Array, x: Array, like: Array | None) -> Array:
    """Turn one row for each entry of x into the shape of f followed by the shape of x."""
    shape = rows.shape[1:] if like is None else like.shape
    return np.moveaxis(rows.reshape(x.size, *shape), 0, -1).reshape((*shape, *x.shape))[()]


def _positive(step: float) -> float:
    value = float(as_array(step, "step", 0))
    if value <= 0:
        raise ValueError(f"step must be positive; it is {value}")
    return value


# --- the complex step ------------------------------------------------------------------------------------------

class ComplexStepError(TypeError):
    """The function is not one that the complex step can differentiate; `central_difference` can."""


def complex_step(f: Function, x: ArrayLike, step: float | None = None, *, batched: bool = False) -> Array:
    """Return the derivative of `f` at `x` by the complex step, Im f(x + i·h eᵢ) / h.

    Nothing is subtracted, so nothing cancels. The error is O(h²) by equation ``eq-matcalc-complex-step``, and h
    may be as small as 10⁻²⁰·|xᵢ| (the default), so the result is exact to rounding [1]_. `f` must be real on the
    real axis and built from operations that continue analytically to complex numbers. Absolute values, norms,
    conjugation, comparisons, maxima, real parts, and factorizations that conjugate do not; they are refused, by
    two independent means. The point that `f` gets is an array that knows it must not meet such an operation. And
    whatever escapes that (``np.asarray`` forgets it) is found by comparing the complex step with real difference
    quotients along a random direction, kinks included.

    Parameters and result are those of `forward_difference`.

    Raises
    ------
    ComplexStepError
        If `f` uses an operation without analytic continuation, or is not differentiable at `x`. It is a TypeError.
    ValueError
        If `x` is not finite, `step` is not positive, or `f` is not finite at a point that is needed.

    References
    ----------
    .. [1] W. Squire and G. Trapp, "Using complex variables to estimate derivatives of real functions",
       SIAM Review 40 (1998), 110–112.

    Examples
    --------
    >>> bool(complex_step(np.exp, 1.0) == np.e)
    True
    >>> complex_step(lambda x: np.abs(x).sum(), [1.0, -2.0])
    Traceback (most recent call last):
        ...
    labkit.gradcheck.ComplexStepError: f uses np.absolute, which has no complex derivative; use central_difference
    """
    x = as_array(x, "x")
    like = _value(f, x, batched)
    _require_analytic(f, x, batched, like)
    h = np.full(x.size, _positive(step)) if step is not None else 1e-20 * _scale(x)
    h = np.maximum(h, np.finfo(np.float64).tiny)
    rows = np.zeros((x.size, *like.shape))
    for chunk in [np.arange(x.size)] if batched else np.arange(x.size)[:, None]:
        offsets = np.zeros((len(chunk), *x.shape))
        offsets.reshape(len(chunk), -1)[np.arange(len(chunk)), chunk] = h[chunk]
        if len(chunk):
            rows[chunk] = _imaginary_part(f, x, offsets, batched, like)
    return _arrange(rows / h.reshape(-1, *(1,) * like.ndim), x, like)


def _imaginary_part(f: Function, x: Array, offsets: Array, batched: bool, like: Array,
                    watched: bool = False) -> Array:
    """Return Im f(x + i·offset) for a stack of offsets, or say why f has no such value.

    To watch which operations f uses slows it down. Once is enough: all points have the same real part.
    """
    points = (x + 1j * offsets).view(_ComplexPoint if watched else np.ndarray)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            values = np.asarray(f(points) if batched else [np.asarray(f(p)) for p in points])
    except ComplexStepError:
        raise
    except (TypeError, ValueError, AttributeError, np.exceptions.ComplexWarning) as error:
        raise ComplexStepError("f accepts this x but not complex numbers near it "
                               f"({type(error).__name__}: {error}); use central_difference") from error
    if values.shape != (len(offsets), *like.shape):
        raise ValueError(f"f(x) has shape {like.shape} at a real x and {values.shape[1:]} at a complex one")
    if not np.isfinite(values).all():
        raise ValueError("f is NaN or infinite at a complex point beside x; use central_difference")
    return values.imag


def _require_analytic(f: Function, x: Array, batched: bool, at_x: Array) -> None:
    """Raise ComplexStepError unless f behaves like an analytic function along a random direction.

    The complex step is compared with central differences whose error is estimated from two step lengths; the two
    one-sided differences must approach each other as the step shrinks (they do not at a kink). Agreement at one
    step length is enough, because a function may oscillate faster than the others resolve.
    """
    if x.size == 0:
        return
    direction = _scale(x).reshape(x.shape) * _direction(x.shape)
    exact = _imaginary_part(f, x, 1e-20 * direction[None], batched, at_x, watched=True)[0] / 1e-20
    agrees = np.zeros(at_x.shape, dtype=bool)
    for h in (1e-5, 1e-7, 1e-9, 1e-11):
        points = (x + t * direction for t in (h, -h, h / 2, -h / 2))
        with np.errstate(invalid="ignore", over="ignore"):
            a, b, c, d = _evaluate(f, points, batched, x.shape)
            coarse, fine = (a - b) / (2 * h), (c - d) / h
            gap, half_gap = np.abs(a - 2 * at_x + b) / h, np.abs(c - 2 * at_x + d) / (h / 2)
            rounding = 20 * _EPS * np.maximum(np.abs(at_x), np.abs(a)) / h
            size = np.maximum(np.abs(exact), np.abs(fine))
            kink = (half_gap > 0.75 * gap) & (half_gap > 1e-3 * size + 10 * rounding)
            close = np.abs(exact - fine) <= 1e-8 * size + 10 * np.abs(coarse - fine) + rounding
        agrees |= close & ~kink & ((rounding <= 1e-6 * size) | (h == 1e-5))
        if agrees.all():
            return
    raise ComplexStepError(
        "along a random direction the complex step and difference quotients of f disagree: f has a kink at this x "
        "or uses an operation with no complex derivative (abs, norm, conjugation, a comparison, a real part); use "
        "central_difference")


def _direction(shape: tuple[int, ...], seed: int | np.random.Generator = 20) -> Array:
    """Return a random direction with entries of magnitude between 1/2 and 1."""
    rng = make_rng(seed)
    return rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.5, 1.0, size=shape)


def _names(module: Any, names: str) -> frozenset[Any]:
    """Return the named functions of a module of numpy, as far as this numpy has them."""
    return frozenset(getattr(module, name) for name in names.split() if hasattr(module, name))


_NOT_ANALYTIC = (
    _names(np, """
        absolute fabs conjugate sign maximum minimum fmax fmin greater greater_equal less less_equal equal
        not_equal rint floor ceil trunc heaviside copysign arctan2 hypot vecdot vecmat vdot angle real imag sort
        argsort argmax argmin nanmax nanmin median percentile quantile partition argpartition searchsorted unique
        round around clip cov corrcoef nan_to_num real_if_close isreal iscomplex nonzero flatnonzero argwhere
        count_nonzero isclose allclose array_equal select digitize piecewise sinc i0 unwrap interp trim_zeros
        histogram""")
    | _names(np.linalg, """
        norm vector_norm matrix_norm slogdet svd svdvals eigh eigvalsh cholesky qr cond matrix_rank pinv lstsq
        vecdot"""))


def _refusal(name: str) -> ComplexStepError:
    return ComplexStepError(f"f uses {name}, which has no complex derivative; use central_difference")


class _ComplexPoint(np.ndarray):
    """A complex array that refuses the operations that are not analytic."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        traced = [isinstance(value, _ComplexPoint) for value in inputs]
        if ufunc in _NOT_ANALYTIC and any(
                value.dtype.kind == "c" for value, yes in zip(inputs, traced, strict=True) if yes):
            raise _refusal(f"np.{ufunc.__name__}")
        if "out" in kwargs:
            kwargs["out"] = tuple(_plain(value) for value in kwargs["out"])
        result = getattr(ufunc, method)(*(_plain(value) for value in inputs), **kwargs)
        return _remember(result)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func in _NOT_ANALYTIC and self.dtype.kind == "c":
            raise _refusal(f"np.{'linalg.' if 'linalg' in func.__module__ else ''}{func.__name__}")
        return _remember(super().__array_function__(func, types, args, kwargs))

    def __getitem__(self, key: Any) -> Any:
        return _remember(super().__getitem__(key))

    def _real_only(self, name: str) -> np.ndarray:
        if self.dtype.kind == "c":
            raise _refusal(name)
        return getattr(_plain(self), name.removeprefix("x."))

    @property
    def real(self) -> np.ndarray:
        """The real part, refused."""
        return self._real_only("x.real")

    @property
    def imag(self) -> np.ndarray:
        """The imaginary part, refused."""
        return self._real_only("x.imag")


def _refusing_method(name: str) -> Callable[..., Any]:
    def method(self: _ComplexPoint, *args: Any, **kwargs: Any) -> Any:
        return self._real_only(f"x.{name}")(*args, **kwargs)
    return method


for _name in ("argmax", "argmin", "argsort", "argpartition", "sort", "partition", "searchsorted", "round",
              "nonzero", "clip", "conj", "conjugate"):
    setattr(_ComplexPoint, _name, _refusing_method(_name))
del _name


def _plain(value: Any) -> Any:
    return value.view(np.ndarray) if isinstance(value, _ComplexPoint) else value


def _remember(result: Any) -> Any:
    """Return complex results as points that refuse too, and all others as they are."""
    if isinstance(result, tuple):
        return tuple(_remember(part) for part in result) if type(result) is tuple else result
    if isinstance(result, (np.ndarray, np.complexfloating)):
        array = np.asarray(result)
        return array.view(_ComplexPoint) if array.dtype.kind == "c" else array[()]
    return result


# --- a claimed gradient ----------------------------------------------------------------------------------------

@dataclass(frozen=True, eq=False)
class GradientReport:
    """What `check_gradient` found; true in a boolean context when the claim is right.

    Attributes
    ----------
    ok : bool
        Whether every entry of the claim is right.
    reason : str
        One sentence: why the claim passes or fails.
    suggestions : tuple of str
        Changes that make the claim right: each was applied and checked.
    wrong : ndarray of bool
        Which entries are wrong, in the shape of x; empty if the claim cannot be compared entry by entry.
    claimed, expected : ndarray
        The claim and the numerical derivative.
    factors : ndarray
        claimed / expected, entry by entry; NaN where expected is 0.
    method : str
        The function that gave `expected`.
    """

    ok: bool
    reason: str
    suggestions: tuple[str, ...]
    wrong: NDArray[np.bool_]
    claimed: Array
    expected: Array
    factors: Array
    method: str

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        lines = [self.reason]
        for index in np.argwhere(self.wrong)[:_SHOWN]:
            at = tuple(int(i) for i in index)
            factor = f", a factor {self.factors[at]:.6g}" if np.isfinite(self.factors[at]) else ""
            lines.append(f"  entry {at}: claimed {self.claimed[at]:.6g}, expected {self.expected[at]:.6g}{factor}")
        if self.wrong.sum() > _SHOWN:
            lines.append(f"  … and {int(self.wrong.sum()) - _SHOWN} more")
        return "\n".join(lines + [f"  Suggestion: {line}" for line in self.suggestions])

    __repr__ = __str__  # what a notebook shows for the last line of a cell


_SHOWN = 6


def check_gradient(f: Function, grad: Function | ArrayLike, x: ArrayLike, *, rtol: float = 1e-6) -> GradientReport:
    """Compare a claimed gradient of a scalar-valued `f` at `x` with a numerical one, entry by entry.

    The reference is `complex_step`, or `richardson` where the complex step refuses `f`. An entry is wrong if it
    differs by more than `rtol` of its own size, beyond what rounding in the gradient's own terms and the error of
    the reference explain. At a kink the reference is the mean of the one-sided derivatives. When something is
    wrong, common slips are undone one after another: a transpose, the sign, a constant factor, a missing symmetric
    part, a missing term. A slip is named only if undoing it makes the claim right.

    Parameters
    ----------
    f : callable
        Takes an array of x's shape, returns a scalar.
    grad : callable or array_like
        The claimed gradient, or a function of `x` that returns it.
    x : array_like
        The point, of any shape. An empty `x` has an empty gradient, which passes.
    rtol : float
        Relative tolerance for each entry.

    Returns
    -------
    GradientReport
        A claim with NaN or of the wrong shape fails, and the reason says so.

    Raises
    ------
    ValueError
        If `x` or f near `x` is not finite, or `f` is not scalar-valued (use `check_vjp` or `check_jvp`).
    TypeError
        If `x` or `f(x)` is not real.

    Examples
    --------
    >>> A = np.array([[2.0, 1.0], [0.0, 3.0]])
    >>> print(check_gradient(lambda x: x @ A @ x, lambda x: 2 * A @ x, [1.0, 2.0]))
    2 of 2 entries are wrong.
      entry (0,): claimed 8, expected 6, a factor 1.33333
      entry (1,): claimed 12, expected 13, a factor 0.923077
      Suggestion: half of the symmetric part is missing: with J the Jacobian of the claim, ½(J + Jᵀ)x is right.
    """
    x = as_array(x, "x")
    value = _value(f, x, False)
    if value.ndim:
        raise ValueError(f"check_gradient needs a scalar-valued f; f(x) has shape {value.shape}. "
                         "Use check_vjp or check_jvp for array-valued functions")
    expected, error, method = _reference(f, x)
    given = grad(x.copy()[()]) if callable(grad) else grad
    try:
        claimed = as_array(given, "the claimed gradient", finite=False)
    except TypeError as problem:
        return _failed(str(problem), x, np.full(x.shape, np.nan), expected, method)

    def right(claim: Array, room: Array | float = 10 * error) -> NDArray[np.bool_]:
        largest = np.abs(expected).max(initial=0.0)
        size = np.maximum(np.abs(claim), np.abs(expected))
        return np.abs(claim - expected) <= rtol * (size + 1e-3 * largest) + room

    if claimed.shape == x.shape and not right(claimed).all():
        right = partial(right, room=10 * error + _rounding(f, x, expected))
    return _judge(x, claimed, expected, method, right, grad if callable(grad) else None)


def _reference(f: Function, x: Array) -> tuple[Array, Array, str]:
    """Return the best numerical gradient, an estimate of its error, and the name of the method."""
    try:
        gradient = np.asarray(complex_step(f, x))
        return gradient, np.zeros_like(gradient), "complex_step"
    except (ComplexStepError, ValueError):  # a ValueError may come from complex points alone; else it comes again
        gradient, error = _richardson(f, x)
        return np.asarray(gradient), np.asarray(error), "richardson"


def _rounding(f: Function, x: Array, gradient: Array) -> Array:
    """Return how far rounding may move each entry of a gradient that is computed without mistake.

    Near a minimiser the gradient is a small difference of large terms. By how much it changes when x changes by a
    thousandth shows their size.
    """
    terms = np.zeros_like(gradient)
    for seed in (20, 21):
        shift = 1e-3 * _scale(x).reshape(x.shape) * _direction(x.shape, seed)
        try:
            terms = np.maximum(terms, np.abs(_reference(f, x + shift)[0] - gradient) / 1e-3)
        except ValueError:  # x lies at the edge of the domain of f: no allowance from this direction
            continue
    return 1e3 * _EPS * terms


def _failed(reason: str, x: Array, claimed: Array, expected: Array, method: str,
            suggestions: tuple[str, ...] = ()) -> GradientReport:
    """Return the report of a claim that cannot be compared entry by entry."""
    nothing = np.zeros((0,) * x.ndim, dtype=bool)
    return GradientReport(False, reason, suggestions, nothing, claimed, expected, np.zeros(0), method)


def _judge(x: Array, claimed: Array, expected: Array, method: str, right: Callable[[Array], NDArray[np.bool_]],
           grad: Function | None) -> GradientReport:
    """Compare entry by entry; where something is wrong, look for the slip."""
    if claimed.shape != x.shape:
        told = ()
        if claimed.T.shape == x.shape and right(claimed.T).all():
            told = ("its transpose is right.",)
        elif claimed.size == x.size and right(claimed.reshape(x.shape)).all():
            told = (f"the numbers are right: reshape them to {x.shape}.",)
        return _failed(f"The claimed gradient has shape {claimed.shape}; it must have that of x, {x.shape}.",
                       x, claimed, expected, method, told)
    with np.errstate(divide="ignore", invalid="ignore"):
        factors = np.where(expected == 0, np.nan, claimed / expected)
    finite = np.isfinite(claimed)
    wrong = ~right(np.where(finite, claimed, 0.0)) | ~finite
    if not wrong.any():
        loose = np.abs(claimed - expected) > 1e-3 * np.maximum(np.abs(claimed), np.abs(expected))
        note = "" if not loose.any() else (
            f" ({int(loose.sum())} of them only within what rounding in f leaves visible)")
        return GradientReport(True, f"All {x.size} entries are right{note}; reference: {method}.", (),
                              wrong, claimed, expected, factors, method)
    if not finite.all():
        first = tuple(int(i) for i in np.argwhere(~finite)[0])
        reason = f"The claimed gradient is NaN or infinite at {int((~finite).sum())} of {x.size} entries, " \
                 f"the first at {first}."
        return GradientReport(False, reason, (), wrong, claimed, expected, factors, method)
    reason = f"{int(wrong.sum())} of {x.size} {'entry is' if x.size == 1 else 'entries are'} wrong."
    return GradientReport(False, reason, _suggestions(x, claimed, expected, right, grad), wrong, claimed, expected,
                          factors, method)


def _suggestions(x: Array, claimed: Array, expected: Array, right: Callable[[Array], NDArray[np.bool_]],
                 grad: Function | None) -> tuple[str, ...]:
    """Name the first slip whose undoing makes the claim right, the simplest slips first."""
    for build in (_as_it_is, _transposed, _other_order, _symmetric_part, _symmetric_convention):
        for candidate, words in build(claimed):
            if right(candidate).all():
                return (f"{words} is right.",)
            factor = _common_factor(candidate, expected, x.shape)
            if factor and right(candidate / factor).all():
                return (f"{words} is {_factor_in_words(factor, x.shape)}.",)
    return _missing_term(x, claimed, expected, right) or _missing_symmetric_part(x, claimed, right, grad)


def _as_it_is(claim: Array) -> list[tuple[Array, str]]:
    return [(claim, "the claim")]


def _transposed(claim: Array) -> list[tuple[Array, str]]:
    square = claim.ndim == 2 and claim.shape[0] == claim.shape[1]
    return [(claim.T, "the transpose of the claim")] if square else []


def _other_order(claim: Array) -> list[tuple[Array, str]]:
    reordered = claim.reshape(-1, order="F").reshape(claim.shape)
    rewritten = claim.reshape(-1).reshape(claim.shape, order="F")
    return [(reordered, "the claim with its entries read column by column instead of row by row"),
            (rewritten, "the claim with its entries written column by column instead of row by row")]


def _symmetric_part(claim: Array) -> list[tuple[Array, str]]:
    square = claim.ndim == 2 and claim.shape[0] == claim.shape[1]
    return [(claim + claim.T, "the claim plus its transpose")] if square else []


def _symmetric_convention(claim: Array) -> list[tuple[Array, str]]:
    """Undo G + Gᵀ − G∘I, the derivative by the independent entries of a symmetric matrix."""
    if claim.ndim != 2 or claim.shape[0] != claim.shape[1]:
        return []
    return [((claim + np.diag(np.diag(claim))) / 2,
             "with off-diagonal entries halved (they count each pair of a symmetric matrix once) the claim")]


def _common_factor(claim: Array, expected: Array, shape: tuple[int, ...]) -> float | None:
    """Return claimed/expected if it can be one constant; from a single entry only a well-known constant."""
    large = np.abs(expected) > 1e-6 * np.abs(expected).max(initial=0.0)
    if not large.any():
        return None
    largest = np.abs(expected).argmax()
    factor = float(claim.flat[largest] / expected.flat[largest])
    if not np.isfinite(factor) or factor == 0:
        return None
    known = any(abs(abs(factor) - number) <= 1e-5 * number for number in _known_factors(shape))
    return factor if known or large.sum() > 1 else None


def _known_factors(shape: tuple[int, ...]) -> dict[float, str]:
    names = {1.0: "1", 2.0: "2"}
    names |= {float(n): f"n = {n} (the length of an axis of x)" for n in shape if n > 2}
    if len(shape) > 1 and (total := int(np.prod(shape))) > 2:
        names[float(total)] = f"n = {total} (the number of entries of x)"
    return names | {1 / n: f"1/{words}" for n, words in names.items() if n != 1}


def _factor_in_words(factor: float, shape: tuple[int, ...]) -> str:
    number, words = abs(factor), f"{abs(factor):.6g}"
    for known, name in _known_factors(shape).items():
        if abs(number - known) <= 1e-5 * known:
            number, words = known, name
    if factor < 0:
        return "the gradient with the wrong sign" + ("" if number == 1 else f" and a factor of {words}")
    return f"the gradient times {words}"


def _missing_term(x: Array, claimed: Array, expected: Array,
                  right: Callable[[Array], NDArray[np.bool_]]) -> tuple[str, ...]:
    """Look for a term λx (a quadratic penalty) or a constant that is missing or too much."""
    if x.size < 3:
        return ()
    gap = expected - claimed
    for term, words in ((x, "x (the gradient of ½λ‖x‖²)"), (np.ones_like(x), "1 (the same in every entry)"),
                        (np.sign(x), "sign(x) (the gradient of λ‖x‖₁)")):
        square = float(np.vdot(term, term))
        weight = float(np.vdot(term, gap)) / square if square > 0 else 0.0
        if weight and right(claimed + weight * term).all():
            return (f"the claim lacks a term {weight:.6g}·{words}; with it, it is right.",)
    return ()


def _missing_symmetric_part(x: Array, claimed: Array, right: Callable[[Array], NDArray[np.bool_]],
                            grad: Function | None) -> tuple[str, ...]:
    """Look at the Jacobian of the claim, which for a gradient is a Hessian and so symmetric.

    The gradient of xᵀAx is (A + Aᵀ)x. A claim Ax has Jacobian A, a claim 2Ax has 2A: adding Jᵀx to Jx, or taking
    the mean of the two, gives the gradient back.
    """
    if grad is None or x.ndim != 1:
        return ()
    try:
        J = central_difference(grad, x)
    except (TypeError, ValueError):
        return ()
    if J.shape != (x.size, x.size) or not np.allclose(J @ x, claimed, rtol=1e-6, atol=1e-9 * np.abs(J).max()):
        return ()
    for candidate, formula in (((J + J.T) @ x, "(J + Jᵀ)x"), ((J + J.T) @ x / 2, "½(J + Jᵀ)x")):
        if right(candidate).all():
            return ("half of the symmetric part is missing: with J the Jacobian of the claim, "
                    f"{formula} is right.",)
    return ()


# --- Taylor slopes ---------------------------------------------------------------------------------------------

@dataclass(frozen=True, eq=False)
class TaylorTest:
    """The errors of first-order Taylor expansion along a line; true in a boolean context when they fall as t².

    Attributes
    ----------
    steps : ndarray
        The step lengths t, falling.
    errors : ndarray
        abs(f(x + t v) − f(x) − t⟨g, v⟩).
    slope : float
        The slope of log error against log t where the error is above rounding: 2 for a right gradient (more where
        the second derivative along v vanishes), 1 for a wrong one, NaN if fewer than three errors are above
        rounding, as for a linear function.
    ok : bool
        Slope above 1.9, or nothing above rounding.
    floor : float
        The size of the rounding errors in f; errors below it are not used.
    """

    steps: Array
    errors: Array
    slope: float
    ok: bool
    floor: float

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        if np.isnan(self.slope):
            return f"{'right' if self.ok else 'undecided'}: fewer than three errors are above rounding"
        return f"{'right' if self.ok else 'wrong'}: the error falls with slope {self.slope:.2f}, to be 2"

    def plot(self, ax: Any = None) -> Any:
        """Draw error against step, both axes logarithmic, beside lines of slope 1 and 2; return the Axes."""
        from labkit.plots import PALETTE
        if ax is None:
            import matplotlib.pyplot as plt
            ax = plt.figure().add_subplot()
        seen = self.errors > 0
        ax.loglog(self.steps[seen], self.errors[seen], "o", color=PALETTE["blue"], label="error")
        for power, style in ((1, ":"), (2, "--")):
            line = self.errors.max(initial=0.0) * (self.steps / self.steps[0]) ** power
            ax.loglog(self.steps, line, style, color=PALETTE["grey"], label=f"slope {power}")
        ax.axhline(self.floor, linewidth=1, color=PALETTE["orange"], label="rounding")
        ax.set(xlabel="step t", ylabel="error of the first-order expansion")
        ax.legend()
        return ax


def taylor_test(f: Function, grad: Function | ArrayLike, x: ArrayLike, *, direction: ArrayLike | None = None,
                steps: ArrayLike | None = None, seed: int | np.random.Generator | None = 0) -> TaylorTest:
    """Check a gradient by the rate at which the first-order Taylor error falls.

    If g = ∇f(x) and f is twice differentiable at x, then f(x + tv) − f(x) − t⟨g, v⟩ = O(t²), equation
    ``eq-matcalc-taylor``: in a log-log plot the error has slope 2. Any other g leaves a term of
    first order, hence slope 1 (unless the mistake is orthogonal to v, which for a random v has probability 0).

    Parameters
    ----------
    f : callable
        Takes an array of x's shape, returns a scalar.
    grad : callable or array_like
        The claimed gradient, or a function of `x` that returns it.
    x : array_like
        The point.
    direction : array_like, optional
        v, of x's shape; a random direction with entries of the size of those of `x` if omitted.
    steps : array_like, optional
        The step lengths t; 25 from 10⁻¹ down to 10⁻⁷ if omitted.
    seed : int, Generator or None
        For the random direction.

    Raises
    ------
    ValueError
        If the gradient or direction has not x's shape, or something is not finite.

    Examples
    --------
    >>> test = taylor_test(lambda x: np.exp(x).sum(), np.exp, [0.5, -1.0])
    >>> round(test.slope, 1), test.ok
    (2.0, True)
    """
    x = as_array(x, "x")
    g = as_array(grad(x.copy()[()]) if callable(grad) else grad, "the claimed gradient")
    check_same_shape(g, "the claimed gradient", x, "x")
    if direction is None:
        v = _scale(x).reshape(x.shape) * make_rng(seed).standard_normal(x.shape)
    else:
        v = as_array(direction, "direction")
        check_same_shape(v, "direction", x, "x")
    t = np.geomspace(1e-1, 1e-7, 25) if steps is None else np.sort(as_vector(steps, "steps"))[::-1]
    if t.size == 0 or t[-1] <= 0:
        raise ValueError("steps must be positive, at least one of them")
    value = _value(f, x, False)
    if value.ndim:
        raise ValueError(f"taylor_test needs a scalar-valued f; f(x) has shape {value.shape}")
    values = _evaluate(f, (x + s * v for s in t), False, x.shape)
    if not np.isfinite(values).all():
        raise ValueError(f"f is NaN or infinite at a step of {t[np.argmin(np.isfinite(values))]:g}; "
                         "give smaller `steps`")
    slope_along_v = float(np.vdot(g, v))
    errors = np.abs(values - value - t * slope_along_v)
    floor = 4 * _EPS * float(np.abs(values).max() + abs(value) + t[0] * np.vdot(np.abs(g), np.abs(v)))
    slope = _slope(t, errors, 250 * floor)
    ok = slope > 1.9 if np.isfinite(slope) else bool((errors <= 250 * floor).all())
    return TaylorTest(t, errors, slope, ok, floor)


def _slope(t: Array, errors: Array, floor: float) -> float:
    """Fit the slope to the (at most eight) smallest steps whose error is well above rounding."""
    used = np.flatnonzero(errors > floor)
    # Errors that are above the floor only after one that is below it are rounding too.
    used = used[: int(np.argmin(np.append(errors > floor, False)))][-8:]
    if len(used) < 3:
        return float("nan")
    return float(np.polyfit(np.log(t[used]), np.log(errors[used]), 1)[0])


# --- Jacobian products -----------------------------------------------------------------------------------------

@dataclass(frozen=True)
class CheckReport:
    """Whether a product with a Jacobian is right; true in a boolean context when it is.

    Attributes
    ----------
    ok : bool
        Whether all trials agree.
    reason : str
        What was compared, and the two numbers of the first disagreement.
    error : float
        The largest relative difference seen; NaN if a comparison was impossible.
    """

    ok: bool
    reason: str
    error: float

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        return self.reason


def check_jvp(f: Function, jvp: Callable[[Any, Any], ArrayLike], x: ArrayLike, *, trials: int = 3,
              rtol: float = 1e-6, seed: int | np.random.Generator | None = 0) -> CheckReport:
    """Check a Jacobian-vector product: ``jvp(x, v)`` against the derivative of t ↦ f(x + tv) at 0.

    Parameters
    ----------
    f : callable
        Takes an array of x's shape, returns a scalar or an array.
    jvp : callable
        Takes `x` and a direction `v` of x's shape, returns Jv, of f(x)'s shape.
    x : array_like
        The point.
    trials : int
        The number of random directions.
    rtol : float
        Tolerance relative to the size of the product.
    seed : int, Generator or None
        For the directions.

    Raises
    ------
    TypeError, ValueError
        If `x` or `f` near it is not real and finite.

    Examples
    --------
    >>> print(check_jvp(np.sin, lambda x, v: np.cos(x) * v, [0.5, 1.0]))
    The products agree in 3 trials.
    """
    x, rng = as_array(x, "x"), make_rng(seed)
    value, cases = _value(f, x, False), []
    for _ in range(trials):
        v, u = _scale(x).reshape(x.shape) * _direction(x.shape, rng), rng.standard_normal(value.shape)
        claim = as_array(jvp(x.copy()[()], v.copy()[()]), "jvp(x, v)", finite=False)
        cases.append(_Case(claim, value.shape, "jvp(x, v)", "f(x)", lambda claim, u=u: float(np.vdot(u, claim)),
                           *_directional(f, x, v, u)))
    return _compare(cases, rtol)


def check_vjp(f: Function, vjp: Callable[[Any, Any], ArrayLike], x: ArrayLike, *, trials: int = 3,
              rtol: float = 1e-6, seed: int | np.random.Generator | None = 0) -> CheckReport:
    """Check a vector-Jacobian product by random inner products: ⟨vjp(x, u), v⟩ = ⟨u, Jv⟩, ``eq-autodiff-duality``.

    Jv is the derivative of t ↦ f(x + tv) at 0, found by extrapolated differences, so two evaluations of a
    directional derivative check all of the product at once: for a wrong product, equality for random u and v has
    probability 0.

    Parameters
    ----------
    f : callable
        Takes an array of x's shape, returns a scalar or an array.
    vjp : callable
        Takes `x` and a cotangent `u` of f(x)'s shape, returns Jᵀu, of x's shape.
    x, trials, rtol, seed
        As in `check_jvp`, with the same errors.

    Examples
    --------
    >>> A = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    >>> print(check_vjp(lambda x: A @ x, lambda x, u: A.T @ u, [1.0, 1.0]))
    The products agree in 3 trials.
    """
    x, rng = as_array(x, "x"), make_rng(seed)
    value, cases = _value(f, x, False), []
    for _ in range(trials):
        v, u = _scale(x).reshape(x.shape) * _direction(x.shape, rng), rng.standard_normal(value.shape)
        claim = as_array(vjp(x.copy()[()], u.copy()[()]), "vjp(x, u)", finite=False)
        cases.append(_Case(claim, x.shape, "vjp(x, u)", "x", lambda claim, v=v: float(np.vdot(claim, v)),
                           *_directional(f, x, v, u)))
    return _compare(cases, rtol)


def check_derivatives(f: Function, x: ArrayLike, *, vjp: Callable[..., Any], jvp: Callable[..., Any],
                      order: int = 2, trials: int = 2, rtol: float = 1e-6, seed: int = 0) -> CheckReport:
    """Check an automatic differentiator on `f` at `x`, to the given order.

    To first order, its forward mode is compared with differences and its reverse mode with its forward mode by
    the inner product ⟨Jᵀu, v⟩ = ⟨u, Jv⟩. To second order the same is asked of the two maps x ↦ J(x)v and
    x ↦ J(x)ᵀu, differentiated by the same differentiator, so all four ways to nest the modes are met.

    Parameters
    ----------
    f : callable
        Takes an array of x's shape, returns an array or a scalar, with operations that the differentiator knows.
    x : array_like
        The point.
    vjp : callable
        ``vjp(f, x)`` returns f(x) and the function u ↦ Jᵀu.
    jvp : callable
        ``jvp(f, x, v)`` returns f(x) and Jv.
    order : int
        How many times to differentiate.
    trials : int
        The number of random directions for each comparison.
    rtol : float
        Relative tolerance.
    seed : int
        For the directions.

    Raises
    ------
    ValueError
        If `order` is less than 1, or `f` is not finite near `x`.

    Examples
    --------
    >>> from labkit import autodiff
    >>> f = lambda x: np.sin(x) * x[0]
    >>> print(check_derivatives(f, [0.5, 1.0], vjp=autodiff.vjp, jvp=autodiff.jvp))
    Forward and reverse mode agree to order 2.
    """
    if order < 1:
        raise ValueError(f"order must be at least 1; it is {order}")
    x = as_array(x, "x")
    options = {"trials": trials, "rtol": rtol}
    reports = [check_jvp(f, lambda x, v: jvp(f, x, v)[1], x, seed=seed, **options),
               check_vjp(f, lambda x, u: vjp(f, x)[1](u), x, seed=seed, **options)]
    if order > 1:
        rng = make_rng(seed + 1)
        v, u = rng.standard_normal(x.shape), rng.standard_normal(_value(f, x, False).shape)
        for derivative in (lambda x: jvp(f, x, v)[1], lambda x: vjp(f, x)[1](u)):
            reports.append(check_derivatives(derivative, x, vjp=vjp, jvp=jvp, order=order - 1, seed=seed + 2,
                                             **options))
    names = ["forward mode", "reverse mode", "the derivative of Jv", "the derivative of Jᵀu"]
    for name, report in zip(names, reports, strict=False):
        if not report:
            return CheckReport(False, f"{name}: {report.reason}", report.error)
    return CheckReport(True, f"Forward and reverse mode agree to order {order}.", max(r.error for r in reports))


@dataclass(frozen=True)
class _Case:
    """One comparison: a claimed product, its proper shape, and the number that pairing it must give."""

    claim: Array
    shape: tuple[int, ...]
    name: str
    like: str
    pair: Callable[[Array], float]
    expected: float
    uncertainty: float
    size: float


def _directional(f: Function, x: Array, v: Array, u: Array) -> tuple[float, float, float]:
    """Return ⟨u, Jv⟩ by extrapolated differences, an estimate of its error, and the size of its terms."""
    if x.size == 0 or u.size == 0:
        return 0.0, 0.0, 0.0
    # At t = 1 a relative step in t moves each entry of x by at most that part of its size.
    slope, error = _richardson(lambda t: f((x + (t - 1) * v)[()]), 1.0)
    return float(np.vdot(u, slope)), float(np.vdot(np.abs(u), error)), float(np.vdot(np.abs(u), np.abs(slope)))


def _compare(cases: list[_Case], rtol: float) -> CheckReport:
    worst = 0.0
    for case in cases:
        if case.claim.shape != case.shape:
            return CheckReport(False, f"{case.name} has shape {case.claim.shape}; {case.like} has {case.shape}.",
                               float("nan"))
        if not np.isfinite(case.claim).all():
            return CheckReport(False, f"{case.name} has NaN or infinite entries.", float("nan"))
        got = case.pair(case.claim)
        gap, size = abs(got - case.expected), max(abs(got), case.size)
        if gap > rtol * size + 10 * case.uncertainty:
            return CheckReport(False, f"{case.name} paired with a random vector gives {got:.10g}; differences of "
                                      f"f give {case.expected:.10g}.", gap / size)
        worst = max(worst, gap / size if size else 0.0)
    return CheckReport(True, f"The products agree in {len(cases)} trials.", worst)
