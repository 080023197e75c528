"""Norms of vectors and matrices: p-norms, Schatten and induced norms, estimates from matrix-vector products."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from labkit._arrays import Array, as_matrix, as_square, as_vector, make_rng
from labkit.foundations import EPS, _ldexp, _positive, _split

ENUMERATION_LIMIT = 20
"""Up to this many signs the norms that need an enumeration of sign vectors are computed exactly."""


def _check_exponent(p: float, name: str, least: float) -> float:
    """Return p as a float, or say why no norm belongs to it."""
    p = float(p)
    if not p >= least:
        reason = "below 1 the triangle inequality fails" if least == 1 else "a zero entry would have no power"
        raise ValueError(f"{name} must be at least {least:g} (inf included), not {p:g}: {reason}")
    return p


def dual_exponent(p: float) -> float:
    r"""Return p* with :math:`1/p + 1/p^{*} = 1`: the exponent of the dual norm.

    Parameters
    ----------
    p : float
        At least 1, inf included.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If p < 1.

    Examples
    --------
    >>> dual_exponent(1), dual_exponent(2), dual_exponent(float("inf")), dual_exponent(4)
    (inf, 2.0, 1.0, 1.3333333333333333)
    """
    p = _check_exponent(p, "p", 1)
    if p == 1:
        return np.inf
    return 1.0 if p == np.inf else p / (p - 1)


def vector_norm(x: ArrayLike, p: float = 2) -> float:
    r"""Return :math:`\|x\|_p = (\sum_i |x_i|^p)^{1/p}`, its limit for p = ∞, or the count of nonzeros for p = 0.

    Parameters
    ----------
    x : array_like, shape (n,)
        Real or complex.
    p : float
        At least 0. For 0 < p < 1 the result is only a quasi-norm (‖x + y‖ ≤ 2^{1/p-1}(‖x‖ + ‖y‖)); for p = 0 it
        is not a norm of any kind, as ‖2x‖₀ = ‖x‖₀.

    Returns
    -------
    float
        0 for the empty vector. Infinite only where the norm itself exceeds the largest double.

    Raises
    ------
    ValueError
        If p is negative or NaN, or `x` is not a vector of finite numbers.

    Notes
    -----
    Equations ``eq-norms-p``, ``eq-norms-max`` and ``eq-norms-zero``. The largest entry is divided out first, so
    that no power overflows and none that matters underflows.

    Examples
    --------
    >>> vector_norm([3e200, 4e200]) / 1e200             # np.linalg.norm gives inf
    5.0
    >>> vector_norm([1, 1, 0], p=0.5), vector_norm([1, 1, 0], p=0), vector_norm([1, 2, -3], p=float("inf"))
    (4.0, 2.0, 3.0)
    """
    return _p_norm(as_vector(x, "x", allow_complex=True), _check_exponent(p, "p", 0))


def _p_norm(x: Array, p: float) -> float:
    """Return the p-norm of all entries of an array of any shape, p ≥ 0."""
    if p == 0:
        return float(np.count_nonzero(x))
    if x.size == 0:
        return 0.0
    B, e = _split(x)
    size = np.abs(B)
    largest = float(size.max())
    if largest == 0:
        return 0.0
    if p == np.inf:
        return float(_ldexp(np.float64(largest), e))
    if p == 2:
        return float(_ldexp(np.sqrt((size * size).sum()), e))
    if p >= 1:
        with np.errstate(under="ignore"):
            return float(_ldexp(np.float64(largest * ((size / largest) ** p).sum() ** (1 / p)), e))
    return _quasi_norm(np.abs(x), p)


def _quasi_norm(size: Array, p: float) -> float:
    """Return the p-"norm" for 0 < p < 1, where even an entry 1e-400 times the largest one may count."""
    top = int(size.argmax())
    (digit, power), (digits, powers) = np.frexp(size[top]), np.frexp(np.delete(size, top))
    with np.errstate(under="ignore", over="ignore"):
        others = ((digits / digit) ** p * np.exp2(p * (powers - float(power)))).sum()
        logarithm = np.log1p(others) / (p * np.log(2.0))  # of (1 + others)^(1/p), to base 2
        whole = min(np.floor(logarithm), 2200.0)
        return float(_ldexp(digit * np.exp2(min(logarithm - whole, 1.0)), int(power) + int(whole)))


def norm_equivalence(p: float, q: float, n: int) -> float:
    r"""Return :math:`n^{\max(0, 1/p-1/q)}`, the least c with :math:`\|x\|_p \le c\,\|x\|_q` for all x of length n.

    Parameters
    ----------
    p, q : float
        Positive exponents, inf included.
    n : int
        The length, at least 1. For Schatten norms of m × n matrices the same holds with min(m, n).

    Returns
    -------
    float
        Attained by the vector of ones if p < q, and by a one-hot vector otherwise: ``eq-norms-equivalence``.

    Raises
    ------
    ValueError
        If an exponent is not positive or n < 1.

    Examples
    --------
    >>> norm_equivalence(1, 2, 9), norm_equivalence(2, 1, 9)
    (3.0, 1.0)
    """
    if not (p > 0 and q > 0 and n >= 1):
        raise ValueError(f"p and q must be positive and n at least 1; they are {p}, {q} and {n}")
    return float(n ** max(0.0, 1 / p - 1 / q))


def frobenius_norm(A: ArrayLike) -> float:
    r"""Return :math:`\|A\|_F = \sqrt{\sum_{ij}|a_{ij}|^2} = \sqrt{\operatorname{tr}A^{T}A}`, the 2-norm of vec A.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real or complex; if complex, read the conjugate transpose in place of Aᵀ.

    Returns
    -------
    float
        0 for an empty matrix.

    Raises
    ------
    ValueError
        If `A` is not a matrix of finite numbers.

    Examples
    --------
    >>> frobenius_norm([[1e-200, 2e-200], [2e-200, 0]])     # the squares underflow
    3e-200
    """
    return _p_norm(as_matrix(A, "A", allow_complex=True), 2.0)


def elementwise_norm(A: ArrayLike, p: float = 2) -> float:
    r"""Return :math:`(\sum_{ij} |a_{ij}|^p)^{1/p}`: the p-norm of vec A.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real or complex.
    p : float
        As in `vector_norm`. For p = ∞, the largest entry, ‖AB‖ ≤ ‖A‖‖B‖ fails: try two matrices of ones.

    Returns
    -------
    float
        0 for an empty matrix.

    Raises
    ------
    ValueError
        As `vector_norm`.

    Examples
    --------
    >>> elementwise_norm([[1, -2], [3, 4]], p=1), elementwise_norm([[1, -2], [3, 4]], p=float("inf"))
    (10.0, 4.0)
    """
    return _p_norm(as_matrix(A, "A", allow_complex=True), _check_exponent(p, "p", 0))


def schatten_norm(A: ArrayLike, p: float = 2) -> float:
    r"""Return :math:`(\sum_i \sigma_i^p)^{1/p}`: the p-norm of the vector of singular values.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real or complex.
    p : float
        At least 1: 1 is the nuclear norm, 2 the Frobenius norm, ∞ the spectral norm.

    Returns
    -------
    float
        0 for an empty matrix. Unchanged when A is multiplied by orthogonal (unitary) matrices:
        ``eq-norms-invariance``.

    Raises
    ------
    ValueError
        If p < 1 (p → 0 would be the rank, see `labkit.foundations.rank`) or `A` is not a matrix of finite numbers.

    Examples
    --------
    >>> schatten_norm([[3, 0], [0, -4]], 1), schatten_norm([[3, 0], [0, -4]], 2)
    (7.0, 5.0)
    """
    A, p = as_matrix(A, "A", allow_complex=True), _check_exponent(p, "p", 1)
    B, e = _split(A)
    return float(_ldexp(np.float64(_p_norm(np.linalg.svd(B, compute_uv=False), p)), e))


def nuclear_norm(A: ArrayLike) -> float:
    r"""Return :math:`\|A\|_* = \sum_i \sigma_i = \operatorname{tr}\sqrt{A^{T}A}`, the convex stand-in for rank.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real or complex; if complex, read the conjugate transpose in place of Aᵀ.

    Returns
    -------
    float
        0 for an empty matrix.

    Raises
    ------
    ValueError
        If `A` is not a matrix of finite numbers.

    Notes
    -----
    On the matrices with ‖A‖₂ ≤ 1 it is the largest convex function that is nowhere above the rank (Fazel 2002; the
    proof is ``eq-norms-envelope``).

    Examples
    --------
    >>> nuclear_norm([[3, 0], [0, -4]])
    7.0
    """
    return schatten_norm(A, 1)


def spectral_norm(A: ArrayLike) -> float:
    r"""Return :math:`\|A\|_2 = \max_{\|x\|_2=1}\|Ax\|_2 = \sigma_{\max} = \sqrt{\lambda_{\max}(A^{T}A)}`.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real or complex; if complex, read the conjugate transpose in place of Aᵀ.

    Returns
    -------
    float
        0 for an empty matrix.

    Raises
    ------
    ValueError
        If `A` is not a matrix of finite numbers.

    Examples
    --------
    >>> spectral_norm([[0, 2], [0, 0]])                 # the eigenvalues are both 0
    2.0
    """
    return schatten_norm(A, np.inf)


@dataclass(frozen=True, eq=False)
class InducedNorm:
    """The induced norm ‖A‖_{p→q}, or bounds that enclose it; `float()` gives `value`.

    Attributes
    ----------
    value : float
        The norm if `exact`, else the lower bound that `maximiser` attains.
    upper : float
        A number that the norm does not exceed, up to rounding; equal to `value` if `exact`.
    p, q : float
        The exponents.
    exact : bool
        Whether `value` is the norm up to rounding. False means that only value ≤ ‖A‖_{p→q} ≤ upper is known.
    method : str
        The formula or algorithm that was used.
    maximiser : ndarray of shape (n,), or None
        A vector with ‖x‖_p = 1 and ‖Ax‖_q = value, where it was asked for.
    """

    value: float
    upper: float
    p: float
    q: float
    exact: bool
    method: str
    maximiser: Array | None = field(default=None, repr=False)

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        name = f"‖A‖_{{{self.p:g}→{self.q:g}}}"
        if self.exact:
            return f"{name} = {self.value:.6g} ({self.method})"
        return f"{self.value:.6g} ≤ {name} ≤ {self.upper:.6g} ({self.method})"


def dual_vector(x: ArrayLike, p: float = 2) -> Array:
    r"""Return y with :math:`\|y\|_{p^{*}} = 1` and :math:`y^{T}x = \|x\|_p`: equality in Hölder's inequality.

    Parameters
    ----------
    x : array_like, shape (n,)
        Real.
    p : float
        At least 1, inf included.

    Returns
    -------
    ndarray, shape (n,)
        For p = 1 the signs of x (1 where it is zero); for p = ∞ one-hot at the first largest entry, with its sign.
        For x = 0 any unit vector will do: one-hot at index 0 unless p = 1.

    Raises
    ------
    ValueError
        If p < 1, or `x` is not a vector of finite numbers, or it is empty.

    Examples
    --------
    >>> dual_vector([3, -4], 2), dual_vector([3, -4], 1), dual_vector([3, -4], float("inf"))
    (array([ 0.6, -0.8]), array([ 1., -1.]), array([ 0., -1.]))
    """
    x, p = as_vector(x, "x"), _check_exponent(p, "p", 1)
    if x.size == 0:
        raise ValueError("x must have at least one entry: no vector of length 0 has norm 1")
    return _dual_columns(x[:, None], p)[:, 0]


def _dual_columns(X: Array, p: float) -> Array:
    """Return the dual vector of each column."""
    sign, size = np.where(X < 0, -1.0, 1.0), np.abs(X)
    if p == 1:
        return sign
    largest = size.argmax(axis=0)
    one_hot = np.arange(len(X))[:, None] == largest
    if p == np.inf:
        return sign * one_hot
    peak = size.max(axis=0)
    with np.errstate(under="ignore"):
        Y = np.where(peak > 0, size / np.where(peak > 0, peak, 1.0), one_hot) ** (p - 1)
    return sign * Y / _column_norms(Y, dual_exponent(p))


def induced_norm(A: ArrayLike, p: float = 2, q: float | None = None, *, maximiser: bool = False,
                 starts: int = 20, seed: int | np.random.Generator | None = 0) -> InducedNorm:
    r"""Return :math:`\|A\|_{p\to q} = \max_{\|x\|_p = 1}\|Ax\|_q`, exactly where that is possible.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real. (Over the complex numbers the maximum may be larger, so complex input is refused.)
    p, q : float
        At least 1, inf included; q = p by default.
    maximiser : bool
        Also return an x that attains the value.
    starts : int
        In the hard cases: from how many starting vectors the lower bound is improved.
    seed : int, Generator or None
        For those starting vectors.

    Returns
    -------
    InducedNorm
        For an empty matrix the norm is 0, without a maximiser if there is no column.

    Raises
    ------
    TypeError, ValueError
        If `A` is complex or not a matrix of finite numbers, an exponent is below 1, or `starts` is below 1.

    Notes
    -----
    The closed forms: 1→q (the largest q-norm of a column, ``eq-norms-column``), p→∞ (the largest p*-norm of a row,
    ``eq-norms-row``), 2→2 (σ_max, ``eq-norms-spectral``), rank one (‖u‖_q ‖v‖_{p*} for A = uvᵀ), diagonal (by
    Hölder's inequality), and for A ≥ 0 entry by entry ∞→q (x is all ones) and its dual p→1. Otherwise ∞→q is the
    maximum of a convex function over a cube, attained at a corner (``eq-norms-cube``): the 2ⁿ⁻¹ corners are
    enumerated up to n = `ENUMERATION_LIMIT`, and p→1 is reduced to that by ``eq-norms-transpose``. For the other
    pairs no method is known that is fast for every matrix, and for many of them the problem is NP-hard, as for p→p
    with any other rational p (Hendrickx and Olshevsky 2010). There the power method of Boyd (1974, Linear Algebra
    Appl. 9, 95–101) climbs to a lower bound, Hölder's inequality and Riesz–Thorin interpolation give an upper
    bound, and the result says that it is no more than that.

    Examples
    --------
    >>> print(induced_norm([[1, 2], [3, -4]], 1))
    ‖A‖_{1→1} = 6 (largest 1-norm of a column)
    >>> print(induced_norm([[1, 2], [3, -4]], float("inf"), 1))
    ‖A‖_{inf→1} = 8 (enumeration of sign vectors)
    >>> print(induced_norm([[1, 2], [3, -4]], 3))
    5.59389 ≤ ‖A‖_{3→3} ≤ 5.68012 (power method from 20 starts)
    """
    A, p = as_matrix(A, "A"), _check_exponent(p, "p", 1)
    q = p if q is None else _check_exponent(q, "q", 1)
    if starts < 1:
        raise ValueError(f"starts must be at least 1; it is {starts}")
    if A.size == 0:
        x = dual_vector(np.zeros(A.shape[1]), dual_exponent(p)) if maximiser and A.shape[1] else None
        return InducedNorm(0.0, 0.0, p, q, True, "empty matrix", x)
    B, e = _split(A)
    found = _closed_form(B, p, q, maximiser) or _enumeration(B, p, q)
    if found is not None:
        value, x, method = found
        upper, exact = value, True
    else:
        value, x = _power_method(B, p, q, starts, make_rng(seed))
        upper, exact, method = _upper_bound(B, p, q), False, f"power method from {starts} starts"
    value, upper = float(_ldexp(np.float64(value), e)), float(_ldexp(np.float64(max(value, upper)), e))
    return InducedNorm(value, upper, p, q, exact, method, x if maximiser else None)


_Found = tuple[float, Array | None, str]


def _closed_form(A: Array, p: float, q: float, maximiser: bool) -> _Found | None:
    """Return value, maximiser and name of the closed form that applies to ‖A‖_{p→q}, or None."""
    if p == 1:
        lengths = _column_norms(A, q)
        j = int(lengths.argmax())
        return float(lengths[j]), np.eye(1, A.shape[1], j)[0], f"largest {q:g}-norm of a column"
    if q == np.inf:
        dual = dual_exponent(p)
        lengths = _column_norms(A.T, dual)
        i = int(lengths.argmax())
        return float(lengths[i]), dual_vector(A[i], dual), f"largest {dual:.4g}-norm of a row"
    if p == q == 2:
        if not maximiser:
            return float(np.linalg.svd(A, compute_uv=False)[0]), None, "largest singular value"
        _, s, Vt = np.linalg.svd(A, full_matrices=False)
        return float(s[0]), _positive(Vt[:1].T)[:, 0], "largest singular value"
    return _rank_one(A, p, q) or _diagonal(A, p, q) or _nonnegative(A, p, q)


def _column_norms(A: Array, p: float) -> Array:
    """Return the p-norm of each column of a matrix whose entries are at most 1 in absolute value."""
    size = np.abs(A)
    if p in (1, np.inf):
        return size.sum(axis=0) if p == 1 else size.max(axis=0)
    peak = size.max(axis=0)
    scale = np.where(peak > 0, peak, 1.0)
    with np.errstate(under="ignore"):
        return peak * ((size / scale) ** p).sum(axis=0) ** (1 / p)


def _rank_one(A: Array, p: float, q: float) -> _Found | None:
    """‖uvᵀ‖_{p→q} = ‖u‖_q ‖v‖_{p*}, where A is an outer product up to rounding; this includes A = 0."""
    i, j = np.unravel_index(int(np.abs(A).argmax()), A.shape)
    u, v = A[:, j], A[i] / (A[i, j] or 1.0)
    if (np.abs(A - np.outer(u, v)) > 4 * EPS * np.abs(A)).any():
        return None
    dual = dual_exponent(p)
    return _p_norm(u, q) * _p_norm(v, dual), dual_vector(v, dual), "rank one: ‖u‖_q ‖v‖_{p*}"


def _diagonal(A: Array, p: float, q: float) -> _Found | None:
    """Max |d_i| if p ≤ q, and otherwise ‖d‖_r with 1/r = 1/q - 1/p, by Hölder's inequality."""
    d = np.diag(A)
    if np.count_nonzero(A) > np.count_nonzero(d):
        return None
    size, x = np.abs(d), np.zeros(A.shape[1])
    if p <= q:
        x[int(size.argmax())] = 1.0
        return float(size.max()), x, "diagonal: largest |d_i|"
    r = q / (1 - q / p)
    with np.errstate(under="ignore"):
        x[:len(d)] = (size / size.max()) ** (r / p)
    return _p_norm(d, r), x / _p_norm(x, p), f"diagonal: ‖d‖_r with r = {r:.4g}"


def _nonnegative(A: Array, p: float, q: float) -> _Found | None:
    """‖A1‖_q for ∞→q and ‖Aᵀ1‖_{p*} for p→1, where no two entries of A have opposite signs."""
    if (p != np.inf and q != 1) or (A.min() < 0 < A.max()):
        return None
    if p == np.inf:
        return _p_norm(A.sum(axis=1), q), np.ones(A.shape[1]), "nonnegative: x is all ones"
    sums, dual = np.abs(A.sum(axis=0)), dual_exponent(p)
    return _p_norm(sums, dual), dual_vector(sums, dual), "nonnegative: ‖Aᵀ1‖_{p*}"


def _enumeration(A: Array, p: float, q: float) -> _Found | None:
    """‖A‖_{∞→q} or ‖A‖_{p→1} over all sign vectors, if there are few enough of them."""
    m, n = A.shape
    rows, columns = (m if q == 1 else np.inf), (n if p == np.inf else np.inf)
    if min(rows, columns) > ENUMERATION_LIMIT:
        return None
    if columns <= rows:
        value, x = _best_signs(A, q)
    else:
        # ‖A‖_{p→1} = max over signs s of ‖Aᵀs‖_{p*}, and the x dual to Aᵀs attains it.
        value, s = _best_signs(A.T, dual_exponent(p))
        x = dual_vector(A.T @ s, dual_exponent(p))
    return value, x, "enumeration of sign vectors"


def _best_signs(A: Array, q: float) -> tuple[float, Array]:
    """Return max ‖As‖_q over the sign vectors s with last entry 1 (s and -s give the same), and that s."""
    best, best_s = -1.0, np.ones(A.shape[1])
    for S in _sign_blocks(A.shape[1]):
        lengths = _column_norms(A @ S, q)
        k = int(lengths.argmax())
        if lengths[k] > best:
            best, best_s = float(lengths[k]), S[:, k]
    return best, best_s


def _sign_blocks(n: int) -> Iterator[Array]:
    """Yield all sign vectors of length n whose last entry is 1, as columns, at most 4096 at a time."""
    for start in range(0, 2 ** (n - 1), 4096):
        codes = np.arange(start, min(start + 4096, 2 ** (n - 1)))
        yield 1.0 - 2.0 * (codes >> np.arange(n)[:, None] & 1)


def _power_method(A: Array, p: float, q: float, starts: int, rng: np.random.Generator) -> tuple[float, Array]:
    """Return the best ‖Ax‖_q/‖x‖_p that Boyd's power method finds from several starts at once, and its x."""
    n, dual = A.shape[1], dual_exponent(p)
    column, row = _column_norms(A, q).argmax(), _column_norms(A.T, dual).argmax()
    fixed = np.array([np.eye(n)[column], _dual_columns(A[[row]].T, dual)[:, 0]])
    X = np.vstack([fixed, rng.standard_normal((starts, n))])[:starts].T
    return _climb(A, X / _column_norms(X, p), p, q)


def _climb(A: Array, X: Array, p: float, q: float, steps: int = 200) -> tuple[float, Array]:
    """Alternate x → y dual to Ax → x dual to Aᵀy, for each column x of X, until no ‖Ax‖_q grows any more."""
    values = _column_norms(A @ X, q)
    for _ in range(steps):
        candidates = _dual_columns(A.T @ _dual_columns(A @ X, q), dual_exponent(p))
        new = _column_norms(A @ candidates, q)
        better = new > values * (1 + 4 * EPS)
        if not better.any():
            break
        X, values = np.where(better, candidates, X), np.where(better, new, values)
    k = int(values.argmax())
    return float(values[k]), X[:, k]


def _upper_bound(A: Array, p: float, q: float) -> float:
    """Return the least of the upper bounds for ‖A‖_{p→q} that Hölder's inequality and interpolation give."""
    m, n = A.shape
    sigma = float(np.linalg.svd(A, compute_uv=False)[0])
    bounds = [_p_norm(_column_norms(A.T, dual_exponent(p)), q),
              _p_norm(_column_norms(A, q), dual_exponent(p)),
              norm_equivalence(2, p, n) * sigma * norm_equivalence(q, 2, m)]
    if p == q:
        end = 1 if p < 2 else np.inf
        weight = 2 / p - 1 if p < 2 else 1 - 2 / p
        sums = float(np.abs(A).sum(axis=0 if end == 1 else 1).max())
        bounds.append(sums ** weight * sigma ** (1 - weight))
    return min(bounds)


@dataclass(frozen=True, eq=False)
class PowerIteration:
    """An estimate of σ_max from below, with the way it was reached.

    Attributes
    ----------
    value : float
        The largest ‖Ax‖₂ seen, a lower bound for σ_max.
    vector : ndarray, shape (n,)
        The unit x that attains it, an approximate right singular vector; its largest entry is positive.
    history : ndarray
        ‖Ax‖₂ after each step; it never decreases but for rounding.
    converged : bool
        Whether the last step changed it by no more than the tolerance.
    """

    value: float
    vector: Array
    history: Array
    converged: bool

    def __str__(self) -> str:
        state = "converged" if self.converged else "not converged"
        return f"σ_max ≥ {self.value:.10g} after {len(self.history)} steps, {state}"


def estimate_spectral_norm(A: ArrayLike, tolerance: float = 1e-12, max_iterations: int = 1000,
                           seed: int | np.random.Generator | None = 0) -> PowerIteration:
    """Return σ_max by power iteration on AᵀA, which is never formed: x ← Aᵀ(Ax), normalised.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real.
    tolerance : float
        Stop when a step changes the estimate by at most this fraction of it.
    max_iterations : int
        At least 1.
    seed : int, Generator or None
        For the starting vector.

    Returns
    -------
    PowerIteration
        For a zero or empty matrix the estimate is 0.

    Raises
    ------
    ValueError
        If `A` is not a matrix of finite numbers or `max_iterations` is less than 1.

    Notes
    -----
    The error of the estimate shrinks by (σ₂/σ₁)⁴ a step (``eq-norms-power``): the vector's by (σ₂/σ₁)², and the
    value's is its square.
    A small change is not yet a small error when σ₂ is close to σ₁; a lower bound it always is.

    Examples
    --------
    >>> print(estimate_spectral_norm([[3, 0], [0, 1]]))
    σ_max ≥ 3 after ... steps, converged
    """
    A = as_matrix(A, "A")
    if max_iterations < 1:
        raise ValueError(f"max_iterations must be at least 1; it is {max_iterations}")
    B, e = _split(A)
    x = make_rng(seed).standard_normal(A.shape[1])
    x /= np.linalg.norm(x) if x.size else 1.0
    history: list[float] = []
    best, vector, converged = -1.0, x, False
    while not converged and len(history) < max_iterations:
        y = B @ x
        value = float(np.linalg.norm(y))
        converged = value == 0 or (bool(history) and abs(value - history[-1]) <= tolerance * value)
        history.append(value)
        if value > best:
            best, vector = value, x
        z = B.T @ y
        x = z / (np.linalg.norm(z) or 1.0)
    vector = _positive(vector[:, None])[:, 0]
    return PowerIteration(float(_ldexp(np.float64(best), e)), vector, _ldexp(np.array(history), e), converged)


MatVec = Callable[[Array], Array]


@dataclass(frozen=True, eq=False)
class TraceEstimate:
    """A random estimate of a trace or of ‖A‖_F²; `float()` gives `value`.

    Attributes
    ----------
    value : float
        The estimate. Its expectation is the exact number.
    standard_error : float
        The estimated standard deviation of `value`; 0 where nothing random is left.
    products : int
        How many products of A with a vector were used.
    method : str
        Estimator and distribution.
    """

    value: float
    standard_error: float
    products: int
    method: str

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        return f"{self.value:.6g} ± {self.standard_error:.2g} ({self.method}, {self.products} products)"


def _operator(A: ArrayLike | MatVec, n: int | None, square: bool) -> tuple[MatVec, int]:
    """Return the map Z → AZ, whose result is checked, and the number of columns of A."""
    if callable(A):
        if n is None or n < 1:
            raise ValueError(f"for a function, n must tell the length of its argument, at least 1; it is {n}")
        function, columns = A, n
    else:
        matrix = as_square(A, "A") if square else as_matrix(A, "A")
        function, columns = matrix.__matmul__, matrix.shape[1]
        if n not in (None, columns):
            raise ValueError(f"n is {n}, but A has shape {matrix.shape}; for a matrix leave n out")

    def product(Z: Array) -> Array:
        with np.errstate(over="ignore", invalid="ignore"):
            Y = as_matrix(function(Z), "the product of A with a block of vectors")
        if Y.shape[1] != Z.shape[1] or (square and Y.shape != Z.shape):
            wanted = "the same shape" if square else "as many columns"
            raise ValueError(f"A must map a block of shape {Z.shape} to {wanted}; it returned {Y.shape}")
        return Y

    return product, columns


def _random_block(n: int, k: int, distribution: str, rng: np.random.Generator) -> Array:
    """Return k random vectors as columns, independent entries of mean 0 and variance 1."""
    if distribution == "rademacher":
        return rng.choice([-1.0, 1.0], size=(n, k))
    if distribution == "gaussian":
        return rng.standard_normal((n, k))
    raise ValueError(f"distribution must be 'rademacher' or 'gaussian'; it is {distribution!r}")


def _mean_estimate(samples: Array, e: int, shift: float, products: int, method: str) -> TraceEstimate:
    """Return shift + 2^e · mean(samples) with its standard error."""
    error = samples.std(ddof=1) / np.sqrt(len(samples))
    value, error = _ldexp(np.array([samples.mean(), error]), e)
    return TraceEstimate(shift + float(value), float(error), products, method)


def hutchinson_trace(A: ArrayLike | MatVec, samples: int = 100, distribution: str = "rademacher", *,
                     n: int | None = None, seed: int | np.random.Generator | None = None) -> TraceEstimate:
    r"""Return the mean of :math:`z^{T}Az` over random z, an unbiased estimate of tr(A).

    Parameters
    ----------
    A : array_like of shape (n, n), or function
        A real matrix, or a function that maps a block Z of shape (n, k) to AZ.
    samples : int
        How many vectors z, at least 2 (one would leave the standard error unknown).
    distribution : {"rademacher", "gaussian"}
        Signs, or normal entries. Signs have the smaller variance; see `hutchinson_variance`.
    n : int, optional
        The order, needed if A is a function.
    seed : int, Generator or None
        For z.

    Returns
    -------
    TraceEstimate

    Raises
    ------
    ValueError
        If `samples` < 2, the distribution is unknown, or shapes do not fit.

    Notes
    -----
    E zzᵀ = I gives E zᵀAz = tr(A E zzᵀ) = tr(A), ``eq-norms-hutchinson`` (Girard 1989; Hutchinson 1990).

    Examples
    --------
    >>> print(hutchinson_trace(np.diag([1.0, 2.0, 3.0]), samples=10))     # exact for diagonal matrices
    6 ± 0 (Hutchinson, rademacher, 10 products)
    """
    product, n = _operator(A, n, square=True)
    if samples < 2:
        raise ValueError(f"samples must be at least 2, to estimate a standard error; it is {samples}")
    Z = _random_block(n, samples, distribution, make_rng(seed))
    Y, e = _split(product(Z))
    return _mean_estimate((Z * Y).sum(axis=0), e, 0.0, samples, f"Hutchinson, {distribution}")


def hutchinson_frobenius(A: ArrayLike | MatVec, samples: int = 100, distribution: str = "rademacher", *,
                         n: int | None = None, seed: int | np.random.Generator | None = None) -> TraceEstimate:
    r"""Return the mean of :math:`\|Az\|_2^2` over random z, an unbiased estimate of :math:`\|A\|_F^2`.

    Parameters
    ----------
    A : array_like of shape (m, n), or function
        A real matrix, or a function that maps a block Z of shape (n, k) to AZ.
    samples, distribution, n, seed
        As in `hutchinson_trace`.

    Returns
    -------
    TraceEstimate

    Raises
    ------
    ValueError
        As `hutchinson_trace`.

    Notes
    -----
    It is Hutchinson's estimator for tr(AᵀA), without forming AᵀA.

    Examples
    --------
    >>> print(hutchinson_frobenius([[3, 0], [0, 4]], samples=5))
    25 ± 0 (Hutchinson for ‖A‖_F², rademacher, 5 products)
    """
    product, n = _operator(A, n, square=False)
    if samples < 2:
        raise ValueError(f"samples must be at least 2, to estimate a standard error; it is {samples}")
    Y, e = _split(product(_random_block(n, samples, distribution, make_rng(seed))))
    return _mean_estimate((Y * Y).sum(axis=0), 2 * e, 0.0, samples, f"Hutchinson for ‖A‖_F², {distribution}")


def hutchinson_variance(A: ArrayLike, distribution: str = "rademacher") -> float:
    r"""Return the variance of :math:`z^{T}Az` for one random z, exactly.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Real. (For `hutchinson_frobenius` pass AᵀA.)
    distribution : {"rademacher", "gaussian"}
        As in `hutchinson_trace`.

    Returns
    -------
    float
        With S = (A + Aᵀ)/2: 2‖S‖_F² for Gaussian z, and 2(‖S‖_F² - Σ s_ii²) for signs, which is never more.

    Raises
    ------
    ValueError
        If `A` is not a square matrix of finite numbers or the distribution is unknown.

    Notes
    -----
    Equation ``eq-norms-variance-cases``; Avron and Toledo (2011). A need not be symmetric since zᵀAz = zᵀSz.

    Examples
    --------
    >>> hutchinson_variance([[1, 2], [0, 3]], "gaussian"), hutchinson_variance([[1, 2], [0, 3]])
    (24.0, 4.0)
    """
    if distribution not in ("rademacher", "gaussian"):
        raise ValueError(f"distribution must be 'rademacher' or 'gaussian'; it is {distribution!r}")
    B, e = _split(as_square(A, "A"))
    S = (B + B.T) / 2
    if distribution == "rademacher":
        np.fill_diagonal(S, 0.0)
    return float(_ldexp(2 * (S * S).sum(), 2 * e))


def hutch_plus_plus(A: ArrayLike | MatVec, products: int = 99, distribution: str = "rademacher", *,
                    n: int | None = None, seed: int | np.random.Generator | None = None) -> TraceEstimate:
    r"""Return an estimate of tr(A) that takes the dominant part exactly and samples only the rest (Hutch++).

    Parameters
    ----------
    A : array_like of shape (n, n), or function
        As in `hutchinson_trace`. The gain is proved for positive semi-definite A; unbiased it is for every A.
    products : int
        How many products with A may be used, at least 6: a third for a sketch, a third for the exact part, a
        third for the samples.
    distribution, n, seed
        As in `hutchinson_trace`.

    Returns
    -------
    TraceEstimate
        With standard error 0 when the sketch spans the whole space, as the trace is then exact but for rounding.

    Raises
    ------
    ValueError
        If `products` < 6, the distribution is unknown, or shapes do not fit.

    Notes
    -----
    Meyer, Musco, Musco and Woodruff (2021), algorithm 1: with Q an orthonormal basis of the range of AS,
    tr(A) = tr(QᵀAQ) + tr((I - QQᵀ)A(I - QQᵀ)), ``eq-norms-hutchpp``. For relative error ε of a positive
    semi-definite A it needs O(1/ε) products where Hutchinson's estimator needs O(1/ε²).

    Examples
    --------
    >>> u = np.arange(1.0, 101.0)
    >>> print(hutch_plus_plus(np.outer(u, u), products=30, seed=0))       # rank one: nothing is left to sample
    338350 ± ... (Hutch++, rademacher, 30 products)
    """
    product, n = _operator(A, n, square=True)
    if products < 6:
        raise ValueError(f"products must be at least 6, two for each part; it is {products}")
    rng, third = make_rng(seed), products // 3
    Q, _ = np.linalg.qr(_split(product(_random_block(n, min(third, n), distribution, rng)))[0])
    dominant = float((Q * product(Q)).sum())
    if Q.shape[1] == n:
        return TraceEstimate(dominant, 0.0, 2 * n, "Hutch++, the sketch spans everything")
    G = _random_block(n, third, distribution, rng)
    G -= Q @ (Q.T @ G)
    Y, e = _split(product(G))
    return _mean_estimate((G * Y).sum(axis=0), e, dominant, 2 * Q.shape[1] + third, f"Hutch++, {distribution}")


_NAMES = ("1", "2", "inf", "F", "max")


@dataclass(frozen=True, eq=False)
class NormConstants:
    """The sharp constants between five norms of m × n matrices.

    Attributes
    ----------
    shape : (int, int)
        m and n.
    names : tuple of str
        The order of rows and columns: "1", "2", "inf" (induced norms), "F" and "max" (the largest |a_ij|).
    table : ndarray, shape (5, 5)
        table[i, j] is the smallest c with ‖A‖_i ≤ c ‖A‖_j for all A.
    """

    shape: tuple[int, int]
    names: tuple[str, ...]
    table: Array

    def __getitem__(self, pair: tuple[str, str]) -> float:
        a, b = pair
        return float(self.table[self.names.index(a), self.names.index(b)])

    def __str__(self) -> str:
        head = f"‖A‖_row ≤ c ‖A‖_column for {self.shape[0]} × {self.shape[1]} matrices\n"
        lines = [" " * 5 + "".join(f"{name:>9}" for name in self.names)]
        lines += [f"{name:<5}" + "".join(f"{c:9.4g}" for c in row)
                  for name, row in zip(self.names, self.table, strict=True)]
        return head + "\n".join(lines)

    def extremal(self, a: str, b: str) -> Array:
        """Return a matrix that attains ‖A‖_a = c ‖A‖_b.

        Parameters
        ----------
        a, b : str
            Two of `names`.

        Returns
        -------
        ndarray, shape (m, n)
            One of: a single 1, a column of ones, a row of ones, all ones, the identity.
        """
        m, n = self.shape
        one_row, one_column = np.eye(m, 1) @ np.ones((1, n)), np.ones((m, 1)) @ np.eye(1, n)
        candidates = [one_row * one_column, one_row, one_column, np.ones((m, n)), np.eye(m, n)]
        return max(candidates, key=lambda A: _NORMS[a](A) / _NORMS[b](A))


_NORMS: dict[str, Callable[[Array], float]] = {
    "1": lambda A: float(np.abs(A).sum(axis=0).max()),
    "2": spectral_norm,
    "inf": lambda A: float(np.abs(A).sum(axis=1).max()),
    "F": frobenius_norm,
    "max": lambda A: float(np.abs(A).max()),
}


def matrix_norm_constants(m: int, n: int) -> NormConstants:
    """Return the smallest c with ‖A‖_a ≤ c ‖A‖_b for all m × n matrices, as a table over five norms.

    Parameters
    ----------
    m, n : int
        At least 1.

    Returns
    -------
    NormConstants

    Raises
    ------
    ValueError
        If m or n is less than 1.

    Notes
    -----
    Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed., chapter 6. Between Schatten norms the
    constants are those of `norm_equivalence` with min(m, n), by applying it to the singular values.

    Examples
    --------
    >>> print(matrix_norm_constants(4, 9))
    ‖A‖_row ≤ c ‖A‖_column for 4 × 9 matrices
                1        2      inf        F      max
    1           1        2        4        2        4
    2           3        1        2        1        6
    inf         9        3        1        3        9
    F           3        2        2        1        6
    max         1        1        1        1        1
    >>> matrix_norm_constants(4, 9)["1", "inf"]
    4.0
    """
    if m < 1 or n < 1:
        raise ValueError(f"m and n must be at least 1; they are {m} and {n}")
    table = np.array([
        [1, m ** 0.5, m, m ** 0.5, m],
        [n ** 0.5, 1, m ** 0.5, 1, (m * n) ** 0.5],
        [n, n ** 0.5, 1, n ** 0.5, n],
        [n ** 0.5, min(m, n) ** 0.5, m ** 0.5, 1, (m * n) ** 0.5],
        [1, 1, 1, 1, 1]])
    return NormConstants((m, n), _NAMES, table)
