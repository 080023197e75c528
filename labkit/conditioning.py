"""How much errors grow: condition numbers of functions and matrices, backward and forward error, four solvers."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from labkit._arrays import Array, as_array, as_matrix, as_square, as_vector, check_same_shape, make_rng
from labkit.foundations import EPS, _count_above, _ldexp, _positive, _scaled_tolerance, _split, exact_rank, rank
from labkit.gradcheck import richardson
from labkit.norms import _p_norm, dual_vector, induced_norm

Function = Callable[[Array], ArrayLike]
_NORM_NAMES = {1: "1", 2: "2", np.inf: "inf", "fro": "F"}


def _check_norm(p: float | str, allowed: tuple[float | str, ...]) -> float | str:
    """Return p if it names one of the allowed norms."""
    if p not in allowed:
        raise ValueError(f"p must be one of {', '.join(map(str, allowed))}; it is {p!r}")
    return p


# --- functions -------------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class FunctionCondition:
    """The relative condition number of a function at a point, and the three numbers it is made of.

    Attributes
    ----------
    value : float
        κ = ‖J‖‖x‖/‖f(x)‖.
    jacobian_norm, x_norm, f_norm : float
        The induced p-norm of the Jacobian, and the p-norms of x and f(x).
    p : float
        1, 2 or inf.
    """

    value: float
    jacobian_norm: float
    x_norm: float
    f_norm: float
    p: float

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        return (f"κ = ‖J‖‖x‖/‖f(x)‖ = {self.jacobian_norm:.4g} · {self.x_norm:.4g} / {self.f_norm:.4g} "
                f"= {self.value:.4g} ({_NORM_NAMES[self.p]}-norm)")


def relative_condition(f: Function, x: ArrayLike, jacobian: Function | ArrayLike | None = None,
                       p: float = 2) -> FunctionCondition:
    r"""Return :math:`\kappa_f(x) = \|J(x)\|_p\,\|x\|_p / \|f(x)\|_p` of a differentiable function.

    Equation ``eq-conditioning-jacobian``. It is the limit, as ε → 0, of the worst ratio of the relative change of
    f to a relative change of x of size ε, ``eq-conditioning-function``.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of x; returns a scalar or a vector.
    x : array_like, a scalar or a vector
        Not zero: a relative change of zero has no meaning.
    jacobian : callable or array_like, optional
        The Jacobian (gradient for scalar f), or a function of x that returns it, such as automatic differentiation
        gives. Shape: that of f(x) followed by that of x. By default it is computed from differences of f,
        `labkit.gradcheck.richardson`.
    p : {1, 2, inf}
        The vector norm.

    Returns
    -------
    FunctionCondition
        Infinite where f(x) = 0 and J ≠ 0; zero where J = 0.

    Raises
    ------
    ValueError
        If x is zero, p is another number, the Jacobian has the wrong shape, or a number is NaN or infinite.

    Examples
    --------
    >>> float(relative_condition(np.sqrt, 4.0, jacobian=lambda x: 0.5 / np.sqrt(x)))
    0.5
    >>> print(relative_condition(lambda x: x[0] - x[1], [1.0, 0.999], jacobian=[1, -1], p=float("inf")))
    κ = ‖J‖‖x‖/‖f(x)‖ = 2 · 1 / 0.001 = 2000 (inf-norm)
    """
    _check_norm(p, (1, 2, np.inf))
    x = _nonzero(x)
    y = as_array(f(x), "f(x)", (0, 1))
    given = richardson(f, x) if jacobian is None else jacobian(x) if callable(jacobian) else jacobian
    J = as_array(given, "the Jacobian")
    if J.shape != y.shape + x.shape:
        raise ValueError(f"the Jacobian must have the shape of f(x) followed by that of x, {y.shape + x.shape}; "
                         f"its shape is {J.shape}")
    size, x_norm, f_norm = induced_norm(J.reshape(y.size, x.size), p).value, _p_norm(x, p), _p_norm(y, p)
    return FunctionCondition(_quotient(size, x_norm, f_norm), size, x_norm, f_norm, float(p))


def _nonzero(x: ArrayLike) -> Array:
    """Return x as a scalar or vector array, or say that it is zero."""
    x = as_array(x, "x", (0, 1))
    if not x.any():
        raise ValueError("x must not be zero: a relative change of zero has no meaning")
    return x


def _quotient(a: float, b: float, c: float) -> float:
    """Return ab/c without overflow on the way; 0 if a = 0, else inf if c = 0."""
    if a == 0 or c == 0:
        return 0.0 if a == 0 else np.inf
    (a, i), (b, j), (c, k) = np.frexp(a), np.frexp(b), np.frexp(c)
    return float(_ldexp(np.float64(a * b / c), int(i) + int(j) - int(k)))


@dataclass(frozen=True, eq=False)
class SampledCondition:
    """The worst amplification that an experiment with random perturbations has found.

    Attributes
    ----------
    value : float
        The largest ratio seen: a lower bound for κ, up to terms of the order of the perturbation.
    perturbation : ndarray, the shape of x
        The h that gave it.
    ratios : ndarray
        The ratios of all samples.
    """

    value: float
    perturbation: Array
    ratios: Array

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        return f"worst of {len(self.ratios)} perturbations: {self.value:.4g} (median {np.median(self.ratios):.4g})"


def sampled_condition(f: Function, x: ArrayLike, size: float = 1e-6, samples: int = 1000, p: float = 2,
                      seed: int | np.random.Generator | None = 0) -> SampledCondition:
    r"""Return the worst :math:`\frac{\|f(x+h)-f(x)\|/\|f(x)\|}{\|h\|/\|x\|}` over random h of one length.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of x; returns a scalar or a vector.
    x : array_like, a scalar or a vector
        Not zero.
    size : float
        ‖h‖/‖x‖, between the rounding error, which it must exceed by far, and 1.
    samples : int
        How many h, at least 1.
    p : {1, 2, inf}
        The vector norm.
    seed : int, Generator or None
        For h.

    Returns
    -------
    SampledCondition
        Infinite where f(x) = 0 and some f(x + h) is not.

    Raises
    ------
    ValueError
        If x is zero, `size` is not between 1e-14 and 1, `samples` < 1, or f is not finite at a sampled point.

    Examples
    --------
    >>> found = sampled_condition(lambda x: x[0] - x[1], [1.0, 0.999], p=float("inf"))
    >>> 1500 < found.value <= 2000.01                     # κ = 2000
    True
    """
    _check_norm(p, (1, 2, np.inf))
    x = _nonzero(x)
    if not (1e-14 <= size < 1 and samples >= 1):
        raise ValueError(f"size must be between 1e-14 and 1, samples at least 1; they are {size} and {samples}")
    y, x_norm, rng = as_array(f(x), "f(x)", (0, 1)), _p_norm(x, p), make_rng(seed)
    ratios, best = np.empty(samples), np.zeros(x.shape)
    for k in range(samples):
        direction = rng.standard_normal(x.shape)
        moved = x + np.asarray(direction) * (size * x_norm / _p_norm(np.asarray(direction), p))
        h = moved - x  # what was added after rounding
        there, here = _split(np.array([as_array(f(moved), "f(x + h)", y.ndim), y]))[0]
        ratios[k] = _quotient(_p_norm(there - here, p), x_norm / _p_norm(h, p), _p_norm(here, p))
        if ratios[k] >= ratios[:k + 1].max():
            best = h
    return SampledCondition(float(ratios.max()), best, ratios)


def root_condition(coefficients: ArrayLike, root: complex) -> float:
    r"""Return :math:`\sum_k |c_k z^{n-k}| / |z\,p'(z)|`: how a root moves when coefficients change relatively.

    Parameters
    ----------
    coefficients : array_like, shape (n + 1,)
        Of the polynomial, the highest power first as in `numpy.roots`; real or complex.
    root : complex
        A root z ≠ 0 of it. (That it is one is not checked: in floating point p(z) is hardly ever 0.)

    Returns
    -------
    float
        Infinite for a multiple root.

    Raises
    ------
    ValueError
        If z = 0 or the coefficients are not a vector of finite numbers with at least two entries.

    Notes
    -----
    ``eq-conditioning-root``: differentiating p(z) = 0 by c_k gives dz/dc_k = -z^{n-k}/p'(z) (Gautschi 1973).

    Examples
    --------
    >>> root_condition([1, -3, 2], 2.0)                  # x² - 3x + 2
    6.0
    >>> f"{root_condition(np.poly(range(1, 21)), 15):.0e}"     # Wilkinson's polynomial
    '5e+13'
    """
    c = as_vector(coefficients, "coefficients", allow_complex=True)
    if len(c) < 2 or root == 0:
        raise ValueError(f"a nonzero root and at least 2 coefficients are needed; given {root} and {len(c)}")
    slope = abs(root * np.polyval(np.polyder(c), root))
    return _quotient(float(np.polyval(np.abs(c), abs(root))), 1.0, float(slope))


# --- matrices --------------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class ConditionNumber:
    """A condition number of a matrix; `float()` gives `value`.

    Attributes
    ----------
    value : float
        κ; infinite for a singular matrix.
    p : float or str
        The norm: 1, 2, inf or "fro".
    meaning : str
        What was computed.
    reliable : bool
        False where the computed value exceeds 1/eps = 4.5e15: rounding then cannot tell A from a singular matrix,
        and the number says only that κ is that large or larger.
    """

    value: float
    p: float | str
    meaning: str
    reliable: bool

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        text = f"κ_{_NORM_NAMES[self.p]} = {self.value:.4g} ({self.meaning})"
        return text if self.reliable else text + "; unreliable, beyond 1/eps"


def condition_number(A: ArrayLike, p: float | str = 2) -> ConditionNumber:
    r"""Return :math:`\kappa_p(A) = \|A\|_p\|A^{-1}\|_p`, or :math:`\|A\|_p\|A^{+}\|_p` if A is not square.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real, not empty.
    p : {1, 2, inf, "fro"}
        The norm.

    Returns
    -------
    ConditionNumber
        Infinite if A, exactly as stored, has rank less than min(m, n).

    Raises
    ------
    ValueError
        If `A` is empty or not a matrix of finite numbers, or p is something else.

    See Also
    --------
    pseudo_condition : ‖A‖‖A⁺‖ from the nonzero singular values, finite for a rank-deficient A.
    map_condition : the conditioning of x ↦ Ax, infinite for a wide A.

    Notes
    -----
    ``eq-conditioning-sigma`` for p = 2; 1/κ is the relative distance to the singular matrices,
    ``eq-conditioning-distance``. κ does not change when A is multiplied by a number, so it is computed at a scale
    where nothing overflows. Whether a matrix with a very large computed κ is singular is decided by arithmetic
    without rounding, `labkit.foundations.exact_rank`.

    Examples
    --------
    >>> condition_number([[1, 1], [1, 1]]).value        # np.linalg.cond gives 5.96e16
    inf
    >>> condition_number(1e-310 * np.eye(3)).value      # np.linalg.cond in the 1-norm gives nan
    1.0
    >>> print(condition_number(hilbert(14)))
    κ_2 = ...e+17 (‖A‖‖A⁻¹‖); unreliable, beyond 1/eps
    """
    A = _nonempty(A)
    _check_norm(p, (1, 2, np.inf, "fro"))
    B, _ = _split(A)
    value, square = _condition_at_full_rank(B, p), A.shape[0] == A.shape[1]
    if _is_deficient(A, value):
        return ConditionNumber(np.inf, p, "singular" if square else "rank-deficient", True)
    return ConditionNumber(value, p, "‖A‖‖A⁻¹‖" if square else "‖A‖‖A⁺‖", value * EPS < 1)


def _nonempty(A: ArrayLike) -> Array:
    """Return A as a matrix that has a largest entry."""
    A = as_matrix(A, "A")
    if A.size == 0:
        raise ValueError(f"an empty matrix has no condition number; the shape of A is {A.shape}")
    return A


def _condition_at_full_rank(B: Array, p: float | str) -> float:
    """Return ‖B‖‖B⁺‖, or inf where it exceeds the largest double or rounding has made a pivot zero."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        if p == 2:
            s = np.linalg.svd(B, compute_uv=False)
            value = s[0] / s[-1]
        elif p == "fro":
            s = np.linalg.svd(B, compute_uv=False)
            value = np.linalg.norm(s) * np.linalg.norm(s[-1] / s) / s[-1]
        else:
            value = np.linalg.norm(B, p) * np.linalg.norm(_inverse(B), p)
    return _at_least(float(value), p, min(B.shape)) if np.isfinite(value) else np.inf


def _at_least(value: float, p: float | str, r: int) -> float:
    """Return the value, or the least that ‖A‖‖A⁺‖ can be at rank r > 0 where rounding took it below."""
    return max(value, float(r) if p == "fro" else 1.0)


def _inverse(B: Array) -> Array:
    """Return B⁻¹, or B⁺ for a B that is not square; infinite where elimination meets a zero pivot."""
    if B.shape[0] != B.shape[1]:
        return _pseudoinverse(B, min(B.shape))
    try:
        return np.linalg.inv(B)
    except np.linalg.LinAlgError:
        return np.full(B.shape, np.inf)


def _pseudoinverse(B: Array, r: int) -> Array:
    """Return V_r Σ_r⁻¹ U_rᵀ from the r largest singular values."""
    U, s, Vt = np.linalg.svd(B, full_matrices=False)
    return (Vt[:r].T / s[:r]) @ U[:, :r].T


def _is_deficient(A: Array, kappa: float) -> bool:
    """Whether A has not full rank, asked of exact arithmetic only if the computed κ makes it possible."""
    return kappa * EPS * 64 * max(A.shape) >= 1 and exact_rank(A) < min(A.shape)


def pseudo_condition(A: ArrayLike, p: float | str = 2, tolerance: float | None = None) -> ConditionNumber:
    r"""Return :math:`\|A\|_p\|A^{+}\|_p`; for p = 2 it is :math:`\sigma_1/\sigma_r`, with the least nonzero σ.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real, not empty, of any rank.
    p : {1, 2, inf, "fro"}
        The norm.
    tolerance : float, optional
        Singular values up to this size count as zero; by default as in `labkit.foundations.rank`.

    Returns
    -------
    ConditionNumber
        At least 1 and finite; 0 for A = 0, as 0⁺ = 0.

    Raises
    ------
    ValueError
        As `condition_number`, and if the tolerance is negative.

    Notes
    -----
    For the least-norm solution of least squares at fixed rank; ``eq-conditioning-minimum-norm`` for a wide A. It
    is not continuous: a perturbation that raises the rank by a singular value ε raises it to σ₁/ε.

    Examples
    --------
    >>> print(pseudo_condition([[1, 1], [1, 1]]))
    κ_2 = 1 (‖A‖‖A⁺‖ at rank 1 of 2)
    """
    A = _nonempty(A)
    _check_norm(p, (1, 2, np.inf, "fro"))
    B, e = _split(A)
    s = np.linalg.svd(B, compute_uv=False)
    r = _count_above(s, A.shape, _scaled_tolerance(tolerance, e))[0]
    if r == 0:
        value = 0.0
    elif p == 2:
        value = s[0] / s[r - 1]
    elif p == "fro":
        value = np.linalg.norm(s) * np.linalg.norm(s[r - 1] / s[:r]) / s[r - 1]
    else:
        value = np.linalg.norm(B, p) * np.linalg.norm(_pseudoinverse(B, r), p)
    value = _at_least(float(value), p, r) if r else 0.0
    return ConditionNumber(value, p, f"‖A‖‖A⁺‖ at rank {r} of {min(A.shape)}", value * EPS < 1)


@dataclass(frozen=True, eq=False)
class MapCondition:
    """The worst conditioning of x ↦ Ax over all x, with the x and δx that attain it.

    Attributes
    ----------
    value : float
        sup over x and δx of (‖Aδx‖/‖Ax‖)/(‖δx‖/‖x‖); infinite if Ax = 0 for some x ≠ 0.
    case : str
        "square", "tall" (both of full column rank), "wide" or "rank-deficient".
    x, dx : ndarray, shape (n,)
        Unit vectors that attain it: x is shrunk the most, dx is stretched the most.
    p : float
        The norm.
    reliable : bool
        As in `ConditionNumber`.
    """

    value: float
    case: str
    x: Array
    dx: Array
    p: float
    reliable: bool

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        reason = {"square": "‖A‖‖A⁻¹‖", "tall": "‖A‖‖A⁺‖", "wide": "more columns than rows: Ax = 0 for some x ≠ 0",
                  "rank-deficient": "dependent columns: Ax = 0 for some x ≠ 0"}[self.case]
        text = f"x ↦ Ax has κ_{_NORM_NAMES[self.p]} = {self.value:.4g} ({reason})"
        return text if self.reliable else text + "; unreliable, beyond 1/eps"


def map_condition(A: ArrayLike, p: float = 2) -> MapCondition:
    r"""Return the condition number of the *map* x ↦ Ax at the worst x, and the x and δx that show it.

    Three cases, which must be kept apart: A square and invertible, κ = ‖A‖‖A⁻¹‖, ``eq-conditioning-square``; A
    tall with independent columns, κ = ‖A‖‖A⁺‖, ``eq-conditioning-tall``; A wide or rank-deficient, κ = ∞,
    ``eq-conditioning-wide``, since some x ≠ 0 has Ax = 0 while A(x + δx) ≠ 0 — although ‖A‖‖A⁺‖ stays finite, see
    `pseudo_condition`.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real, not empty.
    p : {1, 2, inf}
        The norm. A tall A needs p = 2: in other norms sup ‖x‖/‖Ax‖ can be less than ‖A⁺‖.

    Returns
    -------
    MapCondition

    Raises
    ------
    ValueError
        If `A` is empty or not a matrix of finite numbers, p is another number, or p ≠ 2 for a tall A of full rank.

    Examples
    --------
    >>> print(map_condition([[3, 0], [0, 1]]))
    x ↦ Ax has κ_2 = 3 (‖A‖‖A⁻¹‖)
    >>> wide = map_condition([[1.0, 2.0]])
    >>> wide.value, bool(abs(np.array([1.0, 2.0]) @ wide.x) < 1e-15)
    (inf, True)
    """
    A = _nonempty(A)
    _check_norm(p, (1, 2, np.inf))
    m, n = A.shape
    B, _ = _split(A)
    _, s, Vt = np.linalg.svd(B, full_matrices=m < n)
    kappa = _quotient(s[0], 1.0, s[-1]) if s[0] else np.inf
    V = _positive(Vt.T)
    shrunk, stretched = V[:, -1] / _p_norm(V[:, -1], p), V[:, 0]
    if p != 2:
        stretched = induced_norm(B, p, maximiser=True).maximiser
    if m < n or _is_deficient(A, kappa):
        return MapCondition(np.inf, "wide" if m < n else "rank-deficient", shrunk, stretched, float(p), True)
    if m > n and p != 2:
        raise ValueError(f"for a tall A only p = 2 is offered; p is {p:g} and the shape of A is {A.shape}")
    if p != 2 and np.isfinite(kappa):
        inverse = _pseudoinverse(B, n)
        x = inverse @ induced_norm(inverse, p, maximiser=True).maximiser
        shrunk = x / _p_norm(x, p)
        kappa = _at_least(float(np.linalg.norm(B, p) * np.linalg.norm(inverse, p)), p, n)
    return MapCondition(kappa, "square" if m == n else "tall", shrunk, stretched, float(p), kappa * EPS < 1)


def skeel_condition(A: ArrayLike, x: ArrayLike | None = None) -> ConditionNumber:
    r"""Return :math:`\||A^{-1}||A|\|_\infty`, or :math:`\||A^{-1}||A||x|\|_\infty/\|x\|_\infty` at a given x.

    It measures the effect of changing each *entry* of A relatively. Scaling the rows of A does not change it, so
    it is never more, and can be far less, than κ_∞.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Real, not empty.
    x : array_like, shape (n,), optional
        The solution at which to measure; not zero.

    Returns
    -------
    ConditionNumber
        Infinite if A, exactly as stored, is singular.

    Raises
    ------
    ValueError
        If `A` is empty, not square or not finite, or x is zero or has the wrong length.

    Notes
    -----
    ``eq-conditioning-skeel`` at x, ``eq-conditioning-skeel-rows`` at the worst x. Skeel (1979); Higham, *Accuracy
    and Stability of Numerical Algorithms*, 2nd ed., section 7.2.

    Examples
    --------
    >>> print(skeel_condition([[1, 0], [0, 1e-10]]))    # κ_∞ is 1e10
    κ_inf = 1 (componentwise, Skeel)
    """
    A = _nonempty(as_square(A, "A"))
    weights = np.ones(len(A)) if x is None else np.abs(_split(_nonzero(x))[0])
    if weights.shape != A.shape[:1]:
        raise ValueError(f"x must have {len(A)} entries, as A has columns; its shape is {weights.shape}")
    B = np.ldexp(A, -np.frexp(np.abs(A).max(axis=1, keepdims=True))[1])
    kappa = _condition_at_full_rank(B, np.inf)
    if _is_deficient(A, kappa):
        return ConditionNumber(np.inf, np.inf, "singular", True)
    value = np.inf
    if np.isfinite(kappa):
        value = max(float((np.abs(np.linalg.inv(B)) @ (np.abs(B) @ weights)).max() / weights.max()), 1.0)
    return ConditionNumber(value, np.inf, "componentwise, Skeel", kappa * EPS < 1)


# --- errors of a computed solution -----------------------------------------------------------------------------

def _two_product(a: Array, b: float) -> tuple[Array, Array]:
    """Return the rounded product and its rounding error, by Dekker's splitting into halves of 26 digits."""
    p = a * b
    a_high, b_high = (a * 134217729.0 - (a * 134217729.0 - a), b * 134217729.0 - (b * 134217729.0 - b))
    a_low, b_low = a - a_high, b - b_high
    return p, ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low


def _system(A: ArrayLike, x: ArrayLike, b: ArrayLike) -> tuple[Array, Array, Array, int]:
    """Return A, x, b divided by powers of two that keep b - Ax in proportion, and the exponent taken from b."""
    A, x, b = as_matrix(A, "A"), as_vector(x, "x"), as_vector(b, "b")
    if A.shape != (len(b), len(x)):
        raise ValueError(f"A {A.shape}, x {x.shape} and b {b.shape} do not fit: A must be (m, n), x (n,), b (m,)")
    (_, e), (z, f), (_, g) = _split(A), _split(x), _split(b)
    g = max(e + f, g) if b.any() else e + f
    return _ldexp(A, f - g), z, _ldexp(b, -g), g


def residual(A: ArrayLike, x: ArrayLike, b: ArrayLike) -> Array:
    r"""Return :math:`r = b - Ax`, computed as if with twice the working precision.

    Parameters
    ----------
    A : array_like, shape (m, n)
    x : array_like, shape (n,)
    b : array_like, shape (m,)

    Returns
    -------
    ndarray, shape (m,)

    Raises
    ------
    ValueError
        If the shapes do not fit or an entry is NaN or infinite.

    Notes
    -----
    Near a solution b and Ax agree in nearly all digits, so that a plain ``b - A @ x`` would be mostly rounding
    error. Products and sums are therefore split into a rounded number and its error (Ogita, Rump and Oishi 2005).

    Examples
    --------
    >>> A, x, b = [[1e16, 1.0, -1e16]], [1.0, 1.0, 1.0], [0.0]
    >>> residual(A, x, b), np.subtract(b, np.dot(A, x))
    (array([-1.]), array([0.]))
    """
    A, x, b, g = _system(A, x, b)
    return _ldexp(_scaled_residual(A, x, b), g)


def _scaled_residual(A: Array, x: Array, b: Array) -> Array:
    """Return b - Ax for entries near 1: the sum of the rounded parts plus the sum of all the errors."""
    total, error = b.copy(), np.zeros(len(b))
    for column, factor in zip(A.T, x, strict=True):
        product, product_error = _two_product(-column, factor)
        new = total + product
        part = new - total
        error += (total - (new - part)) + (product - part) + product_error
        total = new
    return total + error


def backward_error(A: ArrayLike, x: ArrayLike, b: ArrayLike, p: float = 2, *,
                   componentwise: bool = False) -> float:
    r"""Return the least η for which the computed x solves a system (A + ΔA)x = b + Δb exactly.

    Normwise, with ‖ΔA‖ ≤ η‖A‖ and ‖Δb‖ ≤ η‖b‖, it is :math:`\|r\|/(\|A\|\|x\| + \|b\|)`; componentwise, with
    |ΔA| ≤ η|A| and |Δb| ≤ η|b|, it is :math:`\max_i |r_i|/(|A||x| + |b|)_i`.

    Parameters
    ----------
    A : array_like, shape (m, n)
    x : array_like, shape (n,)
        The computed solution.
    b : array_like, shape (m,)
    p : {1, 2, inf}
        The norm, for the normwise error.
    componentwise : bool
        Which of the two.

    Returns
    -------
    float
        0 for an exact solution. Componentwise it is infinite if a residual cannot be explained so, because its row
        of A and its entry of b are zero wherever it matters.

    Raises
    ------
    ValueError
        If the shapes do not fit, p is another number, or an entry is NaN or infinite.

    See Also
    --------
    nearest_system : ΔA and Δb that attain the normwise error.

    Notes
    -----
    ``eq-conditioning-backward``: Rigal and Gaches (1967); componentwise: Oettli and Prager (1964).

    Examples
    --------
    >>> backward_error([[1, 0], [0, 1]], [1, 1.5], [1, 1], p=float("inf"))
    0.2
    """
    _check_norm(p, (1, 2, np.inf))
    A, x, b, _ = _system(A, x, b)
    r = np.abs(_scaled_residual(A, x, b))
    if componentwise:
        allowed = np.abs(A) @ np.abs(x) + np.abs(b)
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(np.where(r == 0, 0.0, r / allowed).max(initial=0.0))
    return _quotient(_p_norm(r, p), 1.0, induced_norm(A, p).value * _p_norm(x, p) + _p_norm(b, p))


def nearest_system(A: ArrayLike, x: ArrayLike, b: ArrayLike, p: float = 2) -> tuple[Array, Array]:
    """Return ΔA and Δb, the smallest changes that make x an exact solution: (A + ΔA)x = b + Δb.

    Equation ``eq-conditioning-nearest``.

    Parameters
    ----------
    A : array_like, shape (m, n)
    x : array_like, shape (n,)
        The computed solution.
    b : array_like, shape (m,)
    p : {1, 2, inf}
        The norm in which ‖ΔA‖ = η‖A‖ and ‖Δb‖ = η‖b‖ with η the `backward_error`.

    Returns
    -------
    ndarray, shape (m, n), and ndarray, shape (m,)

    Raises
    ------
    ValueError
        As `backward_error`.

    Examples
    --------
    >>> nearest_system([[1, 0], [0, 1]], [1, 1.5], [1, 1], p=float("inf"))
    (array([[ 0. ,  0. ],
           [ 0. , -0.2]]), array([0. , 0.2]))
    """
    _check_norm(p, (1, 2, np.inf))
    exponent = _split(as_vector(x, "x"))[1]
    A, x, b, g = _system(A, x, b)
    if A.size == 0:
        return A, _ldexp(-b, g)
    r, a_norm, b_norm = _scaled_residual(A, x, b), induced_norm(A, p).value, _p_norm(b, p)
    total = a_norm * _p_norm(x, p) + b_norm or 1.0
    dA, db = np.outer(r, dual_vector(x, p)) * (a_norm / total), r * (-b_norm / total)
    return _ldexp(dA, g - exponent) + 0.0, _ldexp(db, g) + 0.0  # + 0.0 turns -0 into 0


def forward_error(computed: ArrayLike, exact: ArrayLike, p: float = 2) -> float:
    r"""Return the relative error :math:`\|\hat{x} - x\|_p/\|x\|_p`.

    Parameters
    ----------
    computed, exact : array_like, shape (n,)
        The computed and the exact solution.
    p : float
        At least 1.

    Returns
    -------
    float
        0 if they agree; infinite if only the exact one is zero.

    Raises
    ------
    ValueError
        If the shapes differ, or an entry is NaN or infinite.

    Examples
    --------
    >>> forward_error([1.0, 2.5], [1.0, 2.0], p=float("inf"))
    0.25
    """
    y, x = as_vector(computed, "computed"), as_vector(exact, "exact")
    check_same_shape(y, "computed", x, "exact")
    y, x = _split(np.array([y, x]))[0]
    return _quotient(_p_norm(y - x, p), 1.0, _p_norm(x, p))


def forward_error_bound(kappa: float, eta: float) -> float:
    r"""Return :math:`2\kappa\eta/(1 - \kappa\eta)`, which a forward error with backward error η cannot exceed.

    Parameters
    ----------
    kappa : float
        κ(A) = ‖A‖‖A⁻¹‖, at least 1.
    eta : float
        The normwise backward error in the same norm, at least 0.

    Returns
    -------
    float
        Infinite if κη ≥ 1: A + ΔA may then be singular, and nothing can be said.

    Raises
    ------
    ValueError
        If κ < 1 or η < 0, or one of them is NaN.

    Notes
    -----
    ``eq-conditioning-forward``; Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed., theorem 7.2
    with E = A and f = b, and ‖b‖ ≤ ‖A‖‖x‖. The rule of thumb "forward error ≤ κ × backward error" is its
    first-order form for changes of A alone or b alone; when both may change, the factor 2 is needed.

    Examples
    --------
    >>> forward_error_bound(1e6, 1e-16)
    2.0000000002...e-10
    >>> forward_error_bound(1e17, 1e-16)
    inf
    """
    if not (kappa >= 1 and eta >= 0):
        raise ValueError(f"kappa must be at least 1 and eta at least 0; they are {kappa} and {eta}")
    if eta == 0:
        return 0.0
    return float(2 * kappa * eta / (1 - kappa * eta)) if kappa * eta < 1 else np.inf


# --- solving Ax = b --------------------------------------------------------------------------------------------

def back_substitution(R: ArrayLike, b: ArrayLike) -> Array:
    r"""Return the solution of Rx = b for upper triangular R, last unknown first.

    Parameters
    ----------
    R : array_like, shape (n, n)
        Upper triangular, no zero on its diagonal.
    b : array_like, shape (n,) or (n, k)
        One right-hand side, or k as columns.

    Returns
    -------
    ndarray, the shape of b

    Raises
    ------
    ValueError
        If R is not upper triangular or singular, or the shapes do not fit.

    Notes
    -----
    :math:`x_i = (b_i - \sum_{j>i} r_{ij}x_j)/r_{ii}`. Its backward error is small for every R, and often the
    forward error is far smaller than κ(R) suggests (Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd
    ed., chapter 8).

    Examples
    --------
    >>> back_substitution([[2, 1], [0, 4]], [4, 8])
    array([1., 2.])
    """
    R, b = as_square(R, "R"), as_array(b, "b", (1, 2))
    if len(b) != len(R):
        raise ValueError(f"R and b must have the same number of rows; their shapes are {R.shape} and {b.shape}")
    if np.tril(R, -1).any():
        raise ValueError("R must be upper triangular; it has a nonzero entry below the diagonal")
    if not np.diag(R).all():
        raise ValueError("R has a zero on its diagonal: it is singular")
    x = np.zeros(b.shape)
    for i in reversed(range(len(R))):
        x[i] = (b[i] - R[i, i + 1:] @ x[i + 1:]) / R[i, i]
    return x


def _solve_by_inverse(A: Array, B: Array) -> Array:
    return np.linalg.inv(A) @ B


def _solve_by_qr(A: Array, B: Array) -> Array:
    Q, R = np.linalg.qr(A)
    if not np.diag(R).all():
        raise np.linalg.LinAlgError("R has a zero on its diagonal")
    return back_substitution(R, Q.T @ B)


def _solve_by_svd(A: Array, B: Array) -> Array:
    U, s, Vt = np.linalg.svd(A)
    return Vt.T @ ((U.T @ B) / s[:, None])


_SOLVERS: dict[str, Callable[[Array, Array], Array]] = {
    "inverse": _solve_by_inverse, "lu": np.linalg.solve, "qr": _solve_by_qr, "svd": _solve_by_svd}


def solve(A: ArrayLike, b: ArrayLike, method: str = "lu") -> Array:
    r"""Return the solution of Ax = b by one of four methods.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Real and invertible.
    b : array_like, shape (n,)
        The right-hand side.
    method : {"lu", "qr", "svd", "inverse"}
        Gaussian elimination with partial pivoting; Householder QR and back substitution; x = VΣ⁻¹Uᵀb; or the
        inverse times b, which costs more and is less accurate, and is here to show that.

    Returns
    -------
    ndarray, shape (n,)

    Raises
    ------
    ValueError
        If A is singular exactly as stored, the shapes do not fit, or the method is unknown. Whether the system has
        no or many solutions then is told by `solvability`.

    See Also
    --------
    compare_solvers : all four, with their errors.
    condition_number : how far to trust the solution if A is nearly singular.

    Notes
    -----
    A second right-hand side of random numbers is solved along: it almost surely meets the direction in which A⁻¹
    stretches the most, so its solution shows at no cost whether A could be singular. Only then is that decided,
    by `labkit.foundations.exact_rank`.

    Examples
    --------
    >>> solve([[2, 1], [1, 3]], [3, 5])
    array([0.8, 1.4])
    """
    A, b = as_square(A, "A"), as_vector(b, "b")
    if len(b) != len(A):
        raise ValueError(f"A and b must have the same number of rows; their shapes are {A.shape} and {b.shape}")
    if method not in _SOLVERS:
        raise ValueError(f"method must be one of {', '.join(_SOLVERS)}; it is {method!r}")
    (c, f), size = _split(b), float(max(A.max(initial=0.0), -A.min(initial=0.0)))
    # Far from the ends of the range a scaled copy of A would only cost time.
    B, e = (A, 0) if 1e-100 < size < 1e100 else _split(A)
    probe = np.random.default_rng(0).standard_normal(len(A))
    try:
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            X = _SOLVERS[method](B, np.column_stack([c, probe]))
        stretch = float(np.abs(X).max(initial=0.0)) * (size if B is A else 1.0)
    except np.linalg.LinAlgError:  # an exact zero as pivot, which is not yet a proof that A is singular
        stretch = np.inf
    if not stretch * EPS * 64 * len(A) ** 2 < 1 and exact_rank(A) < len(A):
        raise ValueError(f"A is singular: its rank is less than its order {len(A)}; solvability(A, b) says more")
    if not np.isfinite(stretch):
        raise ValueError(f"the method {method!r} breaks down: A is not singular, but rounding cannot tell")
    return _ldexp(X[:, 0], f - e)


@dataclass(frozen=True, eq=False)
class SolverResult:
    """One method's solution of Ax = b and its errors, in the 2-norm.

    Attributes
    ----------
    method : str
        As in `solve`.
    x : ndarray, shape (n,)
        The computed solution.
    residual : float
        ‖b - Ax‖₂.
    backward_error : float
        The normwise backward error.
    forward_error : float or None
        The relative error, if the exact solution was given.
    bound : float
        What the forward error cannot exceed, by `forward_error_bound`.
    """

    method: str
    x: Array = field(repr=False)
    residual: float
    backward_error: float
    forward_error: float | None
    bound: float


@dataclass(frozen=True, eq=False)
class SolverComparison:
    """Four methods for one system side by side; printing it gives a table.

    Attributes
    ----------
    condition : ConditionNumber
        κ₂(A).
    results : tuple of SolverResult
        In the order inverse, LU, QR, SVD.
    """

    condition: ConditionNumber
    results: tuple[SolverResult, ...]

    def __getitem__(self, method: str) -> SolverResult:
        return next(result for result in self.results if result.method == method)

    def __str__(self) -> str:
        rows = [("method", "residual", "backward", "forward", "bound")]
        for r in self.results:
            forward = "" if r.forward_error is None else f"{r.forward_error:.1e}"
            rows.append((r.method, f"{r.residual:.1e}", f"{r.backward_error:.1e}", forward, f"{r.bound:.1e}"))
        lines = [f"{row[0]:<8}" + "".join(f"{cell:>11}" for cell in row[1:]) for row in rows]
        return "\n".join([str(self.condition), *lines])


def compare_solvers(A: ArrayLike, b: ArrayLike, x: ArrayLike | None = None) -> SolverComparison:
    """Solve Ax = b by inverse, LU, QR and SVD and measure residual, backward and forward error.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Real and invertible.
    b : array_like, shape (n,)
        The right-hand side; not empty.
    x : array_like, shape (n,), optional
        The exact solution of the system as stored. (If b was computed as A times x, it has an error of its own.)

    Returns
    -------
    SolverComparison

    Raises
    ------
    ValueError
        As `solve`.

    Examples
    --------
    >>> A = hilbert(8) * 360360                          # integers, so b below is exact
    >>> table = compare_solvers(A, A.sum(axis=1), np.ones(8))
    >>> table["lu"].backward_error < 1e-16 < table["lu"].forward_error < 1e-5
    True
    """
    condition = condition_number(A)
    results = []
    for method in _SOLVERS:
        y = solve(A, b, method)
        eta = backward_error(A, y, b)
        error = None if x is None else forward_error(y, x)
        results.append(SolverResult(method, y, _p_norm(residual(A, y, b), 2), eta, error,
                                    forward_error_bound(condition.value, eta)))
    return SolverComparison(condition, tuple(results))


@dataclass(frozen=True)
class Solvability:
    """Whether Ax = b has solutions, and how many.

    Attributes
    ----------
    verdict : {"unique", "infinitely many", "none"}
        The number of solutions.
    rank, augmented_rank : int
        The ranks of A and of [A b].
    unknowns : int
        n, the number of columns of A.
    """

    verdict: str
    rank: int
    augmented_rank: int
    unknowns: int

    def __str__(self) -> str:
        free = self.unknowns - self.rank
        tail = f", a family with {free} free parameter{'s' if free > 1 else ''}" if self.verdict[0] == "i" else ""
        return (f"{self.verdict} (rank A = {self.rank}, rank [A b] = {self.augmented_rank}, "
                f"{self.unknowns} unknowns{tail})")


def solvability(A: ArrayLike, b: ArrayLike) -> Solvability:
    """Tell whether Ax = b has one solution, infinitely many, or none, from the ranks of A and [A b].

    Neither more equations than unknowns nor fewer decides it: only the ranks do.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real.
    b : array_like, shape (m,)
        The right-hand side.

    Returns
    -------
    Solvability
        With no unknowns the empty vector solves the system if and only if b = 0.

    Raises
    ------
    ValueError
        If the shapes do not fit or an entry is NaN or infinite.

    Notes
    -----
    ``eq-conditioning-solvable``: a solution exists if and only if rank [A b] = rank A, and is unique if moreover
    rank A = n. Ranks are numerical, with the tolerance of `labkit.foundations.rank`; b is scaled to the length of
    A, which changes no rank.

    Examples
    --------
    >>> print(solvability([[1, 1], [1, 1]], [1, 2]))
    none (rank A = 1, rank [A b] = 2, 2 unknowns)
    >>> print(solvability([[1, 1], [1, 1]], [2, 2]))
    infinitely many (rank A = 1, rank [A b] = 1, 2 unknowns, a family with 1 free parameter)
    >>> print(solvability([[1, 0], [0, 1], [1, 1]], [1, 1, 2]).verdict)     # overdetermined, yet solvable
    unique
    """
    A, b = as_matrix(A, "A"), as_vector(b, "b")
    if len(A) != len(b):
        raise ValueError(f"A and b must have the same number of rows; their shapes are {A.shape} and {b.shape}")
    B, c = _split(A)[0], _split(b)[0]
    s = np.linalg.svd(B, compute_uv=False)
    r = _count_above(s, A.shape, None)[0]
    length = _p_norm(c, 2)
    c = c * ((s[0] if r else 1.0) / length) if length else c
    augmented = rank(np.column_stack([B, c]))
    verdict = "none" if augmented > r else "unique" if r == A.shape[1] else "infinitely many"
    return Solvability(verdict, r, augmented, A.shape[1])


# --- famous matrices -------------------------------------------------------------------------------------------

def _check_order(n: int) -> None:
    if n < 1:
        raise ValueError(f"n must be at least 1; it is {n}")


def hilbert(n: int) -> Array:
    r"""Return the Hilbert matrix, :math:`h_{ij} = 1/(i + j - 1)`, positive definite with κ growing like e^{3.5n}.

    Parameters
    ----------
    n : int
        The order, at least 1.

    Returns
    -------
    ndarray, shape (n, n)

    Raises
    ------
    ValueError
        If n < 1.

    Examples
    --------
    >>> hilbert(2)
    array([[1.        , 0.5       ],
           [0.5       , 0.33333333]])
    """
    _check_order(n)
    i = np.arange(1, n + 1)
    return 1.0 / (i[:, None] + i - 1)


def vandermonde(points: ArrayLike, n: int | None = None) -> Array:
    r"""Return the Vandermonde matrix with columns :math:`x^0, x^1, \dots, x^{n-1}`.

    Parameters
    ----------
    points : array_like, shape (m,)
        The nodes; the columns are dependent if fewer than n of them differ.
    n : int, optional
        How many columns, at least 1; m by default.

    Returns
    -------
    ndarray, shape (m, n)

    Raises
    ------
    ValueError
        If the points are not a vector of finite numbers, or n < 1.
    OverflowError
        If a power exceeds the largest double.

    Examples
    --------
    >>> vandermonde([1, 2, 3])
    array([[1., 1., 1.],
           [1., 2., 4.],
           [1., 3., 9.]])
    """
    x = as_vector(points, "points")
    n = len(x) if n is None else n
    _check_order(n)
    with np.errstate(over="ignore", under="ignore"):
        V = x[:, None] ** np.arange(n)
    if not np.isfinite(V).all():
        raise OverflowError(f"a power up to {n - 1} of {np.abs(x).max():g} exceeds the largest double")
    return V


def kahan(n: int, theta: float = 1.2) -> Array:
    r"""Return Kahan's matrix: triangular, nearly singular, though no diagonal entry is small.

    Parameters
    ----------
    n : int
        The order, at least 1.
    theta : float
        With s = sin θ and c = cos θ the rows are :math:`s^{i-1}(0, …, 0, 1, -c, …, -c)`.

    Returns
    -------
    ndarray, shape (n, n)

    Raises
    ------
    ValueError
        If n < 1.

    Notes
    -----
    Kahan (1966): pivoted QR leaves it as it is, and its last diagonal entry overestimates σ_min by far.

    Examples
    --------
    >>> K = kahan(60)
    >>> bool(K[-1, -1] > 1e5 * np.linalg.svd(K, compute_uv=False)[-1])
    True
    """
    _check_order(n)
    s, c = np.sin(theta), np.cos(theta)
    return s ** np.arange(n)[:, None] * (np.eye(n) - c * np.triu(np.ones((n, n)), 1))


def wilkinson(n: int) -> Array:
    r"""Return Wilkinson's matrix on which partial pivoting lets the entries grow to :math:`2^{n-1}`.

    Parameters
    ----------
    n : int
        The order, at least 1.

    Returns
    -------
    ndarray, shape (n, n)
        Ones on the diagonal and in the last column, -1 below the diagonal.

    Raises
    ------
    ValueError
        If n < 1.

    Notes
    -----
    Wilkinson, *The Algebraic Eigenvalue Problem* (1965). It is well conditioned, κ₂ ≈ 0.45 n, yet Gaussian
    elimination loses every digit at n = 60: an unstable algorithm for a well-conditioned problem. QR has no such
    trouble.

    Examples
    --------
    >>> wilkinson(3)
    array([[ 1.,  0.,  1.],
           [-1.,  1.,  1.],
           [-1., -1.,  1.]])
    """
    _check_order(n)
    A = np.eye(n) - np.tril(np.ones((n, n)), -1)
    A[:, -1] = 1.0
    return A
