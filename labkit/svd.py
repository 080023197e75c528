"""The singular value decomposition and what it is good for: rank, truncation, pseudoinverse, skeletons, PCA.

Real and complex matrices are welcome (PCA is for real data); Aᵀ in a formula then means the conjugate transpose.
Every function brings its argument to entries of size one by a power of two first. That costs no accuracy, and it
is why matrices with entries like 1e-200 or 1e200 need no special care from the caller. A result that lies
beyond the largest double is an OverflowError, never infinity.
"""

import operator
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from labkit._arrays import Array, as_array, as_matrix, as_vector

__all__ = ["PCA", "SVD", "MinimumNormSolution", "PivotedQR", "Skeleton", "Truncation", "compact_svd", "cur",
           "full_svd", "maxvol", "min_norm_solution", "numerical_rank", "pca", "penrose_residuals", "pivoted_qr",
           "pseudoinverse", "skeleton", "thin_svd", "truncated_svd"]

EPS = float(np.finfo(np.float64).eps)


# ---------------------------------------------------------------------------------------------------- scaling

def times_power_of_two(A: Array, exponent: int | Array, name: str = "the result") -> Array:
    """Return 2**exponent · A, exact but for underflow; OverflowError if an entry exceeds the largest double."""
    return check_finite(_shift_exponent(A, exponent), name)


def _shift_exponent(A: Array, exponent: int | Array) -> Array:
    with np.errstate(over="ignore", under="ignore"):
        if np.ndim(exponent) == 0 and -1022 <= exponent <= 1023:
            return A * 2.0**exponent                      # what ldexp does where 2**exponent is a normal double
        if np.iscomplexobj(A):
            return np.ldexp(A.real, exponent) + 1j * np.ldexp(A.imag, exponent)
        return np.ldexp(A, exponent)


def check_finite(A: Array, name: str) -> Array:
    """Return a computed A, or raise OverflowError if an entry has exceeded the largest double."""
    if not np.isfinite(A).all():
        raise OverflowError(f"{name} has entries beyond the largest double, 1.8e308")
    return A


def to_unit_scale(A: Array, axis: int | None = None) -> tuple[Array, int | Array]:
    """Return A · 2**-e and the integer e that brings the largest entry into [½, 1); e = 0 if all entries are 0.

    With an axis, each slice along it (each column for axis 0) gets an exponent of its own, and keeps the axis.
    """
    largest = _largest(A.real, axis)
    if np.iscomplexobj(A):
        largest = np.maximum(largest, _largest(A.imag, axis))
    exponent = np.frexp(largest)[1]
    exponent = int(exponent) if axis is None else exponent
    return _shift_exponent(A, -exponent), exponent


def _largest(A: Array, axis: int | None) -> Array:
    """Return max |a| along an axis, which is kept, without an array of all |a|."""
    along = {"axis": axis, "keepdims": axis is not None, "initial": 0.0}
    return np.maximum(A.max(**along), -A.min(**along))


def norms(A: Array, axis: int) -> Array:
    """Return the 2-norms of the columns (axis 0) or rows (axis 1), also where their squares would underflow."""
    scaled, exponent = to_unit_scale(A, axis)
    return times_power_of_two(np.linalg.norm(scaled, axis=axis), np.squeeze(exponent, axis), "a norm")


# -------------------------------------------------------------------------------------------- the decomposition

@dataclass(frozen=True, eq=False, repr=False)
class SVD:
    """The factors of A = U Σ Vᵀ; they unpack as ``U, s, V = thin_svd(A)``.

    Attributes
    ----------
    U : ndarray, shape (m, p)
        Left singular vectors as columns: eigenvectors of AAᵀ.
    s : ndarray, shape (q,)
        Singular values, descending.
    V : ndarray, shape (n, p')
        Right singular vectors as columns (not rows, as numpy returns them): eigenvectors of AᵀA.
    """

    U: Array
    s: Array
    V: Array

    def __iter__(self) -> Iterator[Array]:
        return iter((self.U, self.s, self.V))

    @property
    def Sigma(self) -> Array:
        """The matrix Σ with the singular values on its diagonal, of the shape that fits between U and Vᵀ."""
        Sigma = np.zeros((self.U.shape[1], self.V.shape[1]))
        np.fill_diagonal(Sigma, self.s)
        return Sigma

    def matrix(self) -> Array:
        """Return UΣVᵀ = Σᵢ sᵢ uᵢ vᵢᵀ."""
        q = len(self.s)
        s, exponent = to_unit_scale(self.s)
        return times_power_of_two((self.U[:, :q] * s) @ self.V[:, :q].conj().T, exponent, "UΣVᵀ")

    def __repr__(self) -> str:
        values = ", ".join(f"{value:.4g}" for value in self.s[:6]) + (", …" if len(self.s) > 6 else "")
        return f"SVD of a {self.U.shape[0]}×{self.V.shape[0]} matrix, singular values {values or 'none'}"


def full_svd(A: ArrayLike) -> SVD:
    r"""Return the full singular value decomposition, with square orthogonal U and V.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real or complex; m or n may be 0.

    Returns
    -------
    SVD
        `U` (m, m), `s` (min(m, n),), `V` (n, n). In each column of V (and in the columns of U without a partner)
        the entry of largest modulus is positive, so that the result does not depend on the LAPACK in use; only
        a repeated singular value, or 0, leaves a choice.

    Raises
    ------
    TypeError, ValueError
        If `A` is not a matrix of finite numbers.
    OverflowError
        If the largest singular value exceeds the largest double.

    Notes
    -----
    Equation ``eq-svd-full``: :math:`A = U\Sigma V^T`; Golub and Van Loan, *Matrix Computations* (4th ed., 2013),
    Theorem 2.4.1.

    Examples
    --------
    >>> full_svd([[3, 0], [0, -2], [0, 0]]).Sigma
    array([[3., 0.],
           [0., 2.],
           [0., 0.]])
    """
    return _svd(as_matrix(A, "A", allow_complex=True), full=True)


def thin_svd(A: ArrayLike) -> SVD:
    """Return the thin decomposition: the first p = min(m, n) columns of U and V, all that A needs.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real or complex; m or n may be 0.

    Returns
    -------
    SVD
        `U` (m, p), `s` (p,), `V` (n, p), with the signs of `full_svd`.

    Raises
    ------
    TypeError, ValueError, OverflowError
        As `full_svd`.

    Notes
    -----
    Golub and Van Loan (2013), section 2.4.3.

    Examples
    --------
    >>> U, s, V = thin_svd([[3, 0], [0, -2], [0, 0]])
    >>> U.shape, s, V.shape
    ((3, 2), array([3., 2.]), (2, 2))
    """
    return _svd(as_matrix(A, "A", allow_complex=True), full=False)


def compact_svd(A: ArrayLike, rtol: float | None = None) -> SVD:
    r"""Return the compact decomposition: only the r nonzero singular values and their vectors.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real or complex.
    rtol : float, optional
        As in `numerical_rank`, which decides what counts as nonzero.

    Returns
    -------
    SVD
        `U` (m, r), `s` (r,), `V` (n, r); r = 0 for the zero matrix.

    Raises
    ------
    TypeError, ValueError, OverflowError
        As `full_svd` and `numerical_rank`.

    Notes
    -----
    Equation ``eq-svd-sum``: :math:`A = \sum_{i=1}^{r} \sigma_i u_i v_i^T` with :math:`\sigma_r > 0`.

    Examples
    --------
    >>> compact_svd([[1, 1], [1, 1]])
    SVD of a 2×2 matrix, singular values 2
    """
    A = as_matrix(A, "A", allow_complex=True)
    svd = _svd(A, full=False)
    # At unit scale, so that rtol · σ₁ does not underflow.
    return _first_terms(svd, _count_above(to_unit_scale(svd.s)[0], A.shape, rtol))


def _svd(A: Array, full: bool) -> SVD:
    """Return the SVD of a checked matrix with the sign convention of `full_svd`."""
    scaled, exponent = to_unit_scale(A)
    U, s, Vh = np.linalg.svd(scaled, full_matrices=full)
    V = np.conjugate(Vh, out=Vh).T
    q = len(s)
    turn = _signs(V)
    V *= turn
    U[:, :q] *= turn[:q]                   # uᵢvᵢᵀ does not change when both are multiplied by the same sign
    U[:, q:] *= _signs(U[:, q:])
    return SVD(U, times_power_of_two(s, exponent, "the vector of singular values"), V)


def _signs(V: Array) -> Array:
    """Return for each column the sign (or phase) that makes its entry of largest modulus positive."""
    if V.size == 0:
        return np.ones(V.shape[1])
    modulus = np.abs(V)
    # Entries that differ by rounding alone count as equal, and the first wins: else BLAS would choose the sign.
    lead = (modulus > (1 - 1e-6) * modulus.max(axis=0)).argmax(axis=0)
    entry = np.take_along_axis(V, lead[None, :], axis=0)[0]
    return entry.conj() / np.abs(entry)


def _first_terms(svd: SVD, k: int) -> SVD:
    return SVD(svd.U[:, :k], svd.s[:k], svd.V[:, :k])


# -------------------------------------------------------------------------------------------------------- rank

def numerical_rank(A: ArrayLike, rtol: float | None = None) -> int:
    r"""Return the number of singular values above rtol · σ₁.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real or complex.
    rtol : float, optional
        A number in [0, 1). The default, max(m, n) · 2.2e-16, is what rounding the entries of A can do to its
        singular values. If the entries are known to fewer digits, say so here: the rank is then smaller.

    Returns
    -------
    int
        0 for the zero matrix and for an empty one.

    Raises
    ------
    TypeError, ValueError
        If `A` is not a matrix of finite numbers or `rtol` is not in [0, 1).

    Notes
    -----
    Equation ``eq-svd-numerical-rank``; Golub and Van Loan (2013), section 5.4.1.

    Examples
    --------
    >>> A = [[1, 1], [1, 1 + 1e-13]]
    >>> numerical_rank(A), numerical_rank(A, rtol=1e-10)
    (2, 1)
    """
    A = as_matrix(A, "A", allow_complex=True)
    return _count_above(np.linalg.svd(to_unit_scale(A)[0], compute_uv=False), A.shape, rtol)


def _count_above(s: Array, shape: tuple[int, int], rtol: float | None) -> int:
    """Return how many of the descending singular values `s` of a matrix of this shape exceed rtol · s[0]."""
    rtol = check_rtol(rtol, max(shape) * EPS)
    return int((s > rtol * s[:1]).sum()) if len(s) else 0


def check_rtol(rtol: float | None, default: float) -> float:
    """Return a relative tolerance in [0, 1), or the default where none was given."""
    if rtol is None:
        return default
    if not 0 <= rtol < 1:
        raise ValueError(f"rtol must be a number in [0, 1), relative to the largest value; it is {rtol}")
    return float(rtol)


# -------------------------------------------------------------------------------------------------- truncation

@dataclass(frozen=True, eq=False, repr=False)
class Truncation:
    """The best approximation of A of rank at most k, as factors, with its exact errors.

    Attributes
    ----------
    svd : SVD
        The k terms that are kept.
    error_2, error_fro : float
        ‖A − A_k‖ in the spectral and in the Frobenius norm.
    norm_fro : float
        ‖A‖_F, to compare with.
    """

    svd: SVD
    error_2: float
    error_fro: float
    norm_fro: float

    @property
    def rank(self) -> int:
        """The number k of terms that are kept."""
        return len(self.svd.s)

    @property
    def relative_error(self) -> float:
        """‖A − A_k‖_F / ‖A‖_F, or 0 if A = 0."""
        return self.error_fro / self.norm_fro if self.norm_fro else 0.0

    @property
    def storage(self) -> int:
        """How many numbers the factors take: k(m + n + 1), against mn for A."""
        return self.rank * (self.svd.U.shape[0] + self.svd.V.shape[0] + 1)

    def matrix(self) -> Array:
        """Return A_k, the sum of the k leading terms σᵢ uᵢ vᵢᵀ."""
        return self.svd.matrix()

    def __repr__(self) -> str:
        m, n = self.svd.U.shape[0], self.svd.V.shape[0]
        return (f"rank {self.rank} of a {m}×{n} matrix: error {self.error_2:.4g} (2-norm), {self.error_fro:.4g} "
                f"(Frobenius, {100 * self.relative_error:.3g} %), {self.storage} numbers instead of {m * n}")


def truncated_svd(A: ArrayLike, k: int) -> Truncation:
    r"""Return the sum of the first k terms of the SVD, and how far it is from A.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real or complex.
    k : int
        The number of terms, from 0 to min(m, n).

    Returns
    -------
    Truncation
        Factors and errors; no matrix of rank k or less comes closer to A in either norm.

    Raises
    ------
    TypeError, ValueError, OverflowError
        As `full_svd`; also if k is not an integer from 0 to min(m, n).

    Notes
    -----
    Equations ``eq-svd-truncated`` and ``eq-svd-eckart-young``: :math:`\|A - A_k\|_2 = \sigma_{k+1}` and
    :math:`\|A - A_k\|_F^2 = \sum_{i>k}\sigma_i^2`; Eckart and Young (1936), and Mirsky (1960) for every unitarily
    invariant norm.

    Examples
    --------
    >>> truncated_svd([[3, 0, 0], [0, 2, 0], [0, 0, 1]], 1)
    rank 1 of a 3×3 matrix: error 2 (2-norm), 2.236 (Frobenius, 59.8 %), 7 numbers instead of 9
    """
    svd = thin_svd(A)
    k = check_count(k, "k", 0, len(svd.s))
    s, exponent = to_unit_scale(svd.s)
    tail = np.append(s[k:], 0.0)
    errors = np.array([tail[0], np.linalg.norm(tail), np.linalg.norm(s)])
    return Truncation(_first_terms(svd, k), *times_power_of_two(errors, exponent, "‖A‖_F").tolist())


def check_count(value: int, name: str, low: int, high: int) -> int:
    """Return `value` as an int, or say that it is not an integer in the range."""
    try:
        count = operator.index(value)
    except TypeError as error:
        raise TypeError(f"{name} must be an integer, not {value!r}") from error
    if not low <= count <= high:
        raise ValueError(f"{name} must be from {low} to {high}; it is {count}")
    return count


# ----------------------------------------------------------------------------- pseudoinverse and linear systems

def pseudoinverse(A: ArrayLike, rtol: float | None = None) -> Array:
    r"""Return the Moore–Penrose inverse A⁺, inverting the nonzero singular values only.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real or complex, of any rank, a non-square diagonal matrix included.
    rtol : float, optional
        As in `numerical_rank`. Nothing depends on A more abruptly than A⁺ on this choice: where the rank drops,
        A⁺ jumps.

    Returns
    -------
    ndarray, shape (n, m)

    Raises
    ------
    TypeError, ValueError
        As `numerical_rank`.
    OverflowError
        If an entry of A⁺ exceeds the largest double, as for 1e-310 · I.

    Notes
    -----
    Equations ``eq-svd-pseudoinverse`` and ``eq-svd-pseudoinverse-norm``: :math:`A^+ = V_r\Sigma_r^{-1}U_r^T`, and
    :math:`\|A^+\|_2 = 1/\sigma_r` with the smallest *nonzero* singular value; Penrose (1955); Golub and Van Loan
    (2013), section 5.5.

    Examples
    --------
    >>> pseudoinverse([[2e-200, 0, 0], [0, 0, 0]])
    array([[5.e+199, 0.e+000],
           [0.e+000, 0.e+000],
           [0.e+000, 0.e+000]])
    """
    scaled, exponent = to_unit_scale(as_matrix(A, "A", allow_complex=True))
    U, s, V = compact_svd(scaled, rtol)
    return times_power_of_two((V / s) @ U.conj().T, -exponent, "A⁺")


def penrose_residuals(A: ArrayLike, X: ArrayLike) -> Array:
    r"""Return how far X is from each of the four conditions that single out A⁺.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real or complex.
    X : array_like, shape (n, m)
        The candidate.

    Returns
    -------
    ndarray, shape (4,)
        :math:`\|AXA-A\|/\|A\|`, :math:`\|XAX-X\|/\|X\|`, :math:`\|(AX)^T-AX\|/\|AX\|`,
        :math:`\|(XA)^T-XA\|/\|XA\|` in the Frobenius norm, with 0/0 read as 0. In floating point A⁺ itself
        has residuals of the size κ(A) · 1e-16.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    OverflowError
        If X is so far from A⁺ that AX or XA exceeds the largest double.

    Notes
    -----
    Equation ``eq-svd-penrose``; Penrose (1955).

    Examples
    --------
    >>> A = [[1, 2]]
    >>> bool(penrose_residuals(A, pseudoinverse(A)).max() < 1e-15)
    True
    >>> penrose_residuals(A, [[1], [0]]).round(2)   # an inverse from the right, and still not A⁺
    array([0.  , 0.  , 0.  , 1.26])
    """
    A, X = as_matrix(A, "A", allow_complex=True), as_matrix(X, "X", allow_complex=True)
    if X.shape != A.shape[::-1]:
        raise ValueError(f"X must have the shape of Aᵀ, {A.shape[::-1]}; its shape is {X.shape}")
    (A, a), (X, x) = to_unit_scale(A), to_unit_scale(X)
    AX, XA = times_power_of_two(A @ X, a + x, "AX"), times_power_of_two(X @ A, a + x, "XA")
    pairs = [(AX @ A, A), (XA @ X, X), (AX.conj().T, AX), (XA.conj().T, XA)]
    norm = np.linalg.norm
    return np.array([norm(left - right) / (norm(right) or 1.0) for left, right in pairs])


@dataclass(frozen=True, eq=False, repr=False)
class MinimumNormSolution:
    """The shortest of all x that minimise ‖Ax − b‖.

    Attributes
    ----------
    x : ndarray, shape (n,)
    residual_norm : float
        ‖Ax − b‖₂.
    rank : int
        The numerical rank of A that was used.
    unique : bool
        Whether no other x does as well: the rank is n.
    consistent : bool
        Whether Ax = b holds but for rounding; if not, x is a least-squares solution only.
    """

    x: Array
    residual_norm: float
    rank: int
    unique: bool
    consistent: bool

    def __repr__(self) -> str:
        kind = "solution" if self.consistent else "least-squares solution"
        which = f"the {kind}" if self.unique else f"the shortest of infinitely many {kind}s"
        x = np.array2string(self.x, precision=6, threshold=8)
        return f"{which}, x = {x}, residual {self.residual_norm:.3g}"


def min_norm_solution(A: ArrayLike, b: ArrayLike, rtol: float | None = None) -> MinimumNormSolution:
    r"""Return :math:`x = A^+b`: it minimises ‖Ax − b‖₂, and is the shortest vector that does.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real or complex, of any rank.
    b : array_like, shape (m,)
        The right-hand side.
    rtol : float, optional
        As in `numerical_rank`.

    Returns
    -------
    MinimumNormSolution

    Raises
    ------
    ValueError
        If the shapes do not fit, or as `numerical_rank`.
    OverflowError
        If an entry of x exceeds the largest double.

    Notes
    -----
    Equation ``eq-svd-minimum-norm``: :math:`x = \sum_{i\le r} (u_i^T b/\sigma_i)\, v_i`; Golub and Van Loan
    (2013), section 5.5. The system counts as consistent if the residual is at most
    max(m, n) · 2.2e-16 · (‖A‖_F‖x‖ + ‖b‖), which is what rounding can cause.

    Examples
    --------
    >>> min_norm_solution([[3, 4]], [25]).x.round(12)
    array([3., 4.])
    """
    A, b = as_matrix(A, "A", allow_complex=True), as_vector(b, "b", allow_complex=True)
    if len(b) != A.shape[0]:
        raise ValueError(f"A has {A.shape[0]} rows and b has {len(b)} entries; they must agree")
    (scaled, a), (rhs, e) = to_unit_scale(A), to_unit_scale(b)
    U, s, V = compact_svd(scaled, rtol)
    x = V @ ((U.conj().T @ rhs) / s)
    norm = np.linalg.norm
    residual = float(norm(scaled @ x - rhs))
    rounding = max(A.shape) * EPS * (norm(scaled) * norm(x) + norm(rhs))
    return MinimumNormSolution(times_power_of_two(x, e - a, "x"),
                               float(times_power_of_two(np.array(residual), e, "the residual")),
                               len(s), len(s) == A.shape[1], bool(residual <= rounding))


# ------------------------------------------------------------------------------------------------ skeletons (CUR)

@dataclass(frozen=True, eq=False, repr=False)
class PivotedQR:
    """The factors of A P = Q R, where column j of AP is column `pivots[j]` of A.

    Attributes
    ----------
    Q : ndarray, shape (m, k)
        Orthonormal columns.
    R : ndarray, shape (k, n)
        Upper triangular (trapezoidal), with diagonal entries of falling modulus.
    pivots : ndarray of int, shape (n,)
    """

    Q: Array
    R: Array
    pivots: Array

    def __iter__(self) -> Iterator[Array]:
        return iter((self.Q, self.R, self.pivots))

    def __repr__(self) -> str:
        return f"QR with column pivoting of a {self.Q.shape[0]}×{self.R.shape[1]} matrix, pivots {self.pivots}"


def pivoted_qr(A: ArrayLike, k: int | None = None) -> PivotedQR:
    r"""Return AP = QR by Householder reflections, each step taking the longest remaining column.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real or complex.
    k : int, optional
        Stop after k columns (default min(m, n)); then AP ≈ QR, and the first k columns of AP equal those of QR.

    Returns
    -------
    PivotedQR
        Of equally long columns the first is taken.

    Raises
    ------
    TypeError, ValueError
        If `A` is not a matrix of finite numbers or k is not an integer from 0 to min(m, n).
    OverflowError
        If an entry of R, the length of a column of A, exceeds the largest double.

    Notes
    -----
    Businger and Golub (1965); Golub and Van Loan (2013), algorithm 5.4.1. The lengths are computed afresh in
    each step; the usual update of them is faster and loses digits when columns are nearly dependent.

    Examples
    --------
    >>> Q, R, pivots = pivoted_qr([[1, 0, 2], [0, 3, 0]])
    >>> pivots, abs(R).round(12)
    (array([1, 2, 0]), array([[3., 0., 0.],
           [0., 2., 1.]]))
    """
    A = as_matrix(A, "A", allow_complex=True)
    k = min(A.shape) if k is None else check_count(k, "k", 0, min(A.shape))
    scaled, exponent = to_unit_scale(A)
    R, pivots, reflectors = scaled.copy(), np.arange(A.shape[1]), []
    for j in range(k):
        longest = j + int(norms(R[j:, j:], axis=0).argmax())
        R[:, [j, longest]], pivots[[j, longest]] = R[:, [longest, j]], pivots[[longest, j]]
        v = _householder(R[j:, j])
        R[j:, j:] -= 2 * np.outer(v, v.conj() @ R[j:, j:])
        R[j + 1:, j] = 0
        reflectors.append(v)
    Q = np.eye(A.shape[0], k, dtype=R.dtype)
    for j, v in reversed(list(enumerate(reflectors))):
        Q[j:, j:] -= 2 * np.outer(v, v.conj() @ Q[j:, j:])
    return PivotedQR(Q, times_power_of_two(R[:k], exponent, "R"), pivots)


def _householder(x: Array) -> Array:
    """Return the unit vector v for which (I − 2vvᵀ)x is a multiple of e₁; 0 if x = 0."""
    v, _ = to_unit_scale(x)
    v = v / (np.linalg.norm(v) or 1.0)
    if v.any():
        # The sign that adds: x₁ and ‖x‖ never cancel.
        v[0] += v[0] / abs(v[0]) if v[0] != 0 else 1.0
        v /= np.linalg.norm(v)
    return v


def maxvol(A: ArrayLike, threshold: float = 1.01) -> Array:
    r"""Return r rows of a tall matrix whose r×r submatrix has locally maximal volume \|det\|.

    Parameters
    ----------
    A : array_like, shape (m, r)
        Real or complex with m ≥ r and full column rank.
    threshold : float
        Rows are exchanged while an exchange multiplies the volume by more than this; at least 1.0001.

    Returns
    -------
    ndarray of int, shape (r,)
        Ascending row numbers. Every entry of A · A[rows]⁻¹ has modulus at most `threshold`.

    Raises
    ------
    ValueError
        If A has more columns than rows, is rank-deficient, or the threshold is below 1.0001 (exchanges that gain
        no more than rounding might never end).

    Notes
    -----
    Goreinov, Oseledets, Savostyanov, Tyrtyshnikov and Zamarashkin (2010), *How to find a good submatrix*:
    entry (i, j) of :math:`B = A\hat A^{-1}` is the factor by which the determinant changes when row i of A
    takes the place of row j of the submatrix. The start is a QR factorization of Aᵀ with pivoting.

    Examples
    --------
    >>> maxvol([[1, 0], [0, 1], [5, 1], [1, 4]])
    array([2, 3])
    """
    A = as_matrix(A, "A", allow_complex=True)
    r = A.shape[1]
    if not threshold >= 1.0001:
        raise ValueError(f"threshold must be at least 1.0001; it is {threshold}")
    rank = numerical_rank(A)
    if rank < r:
        raise ValueError(f"A {A.shape} must have independent columns; its rank is {rank}")
    A, _ = to_unit_scale(A)
    rows = pivoted_qr(A.T, r).pivots[:r]
    B = _divide(A, A[rows])
    while r and np.abs(B).max() > threshold:
        i, j = np.unravel_index(np.abs(B).argmax(), B.shape)
        change = B[i].copy()
        change[j] -= 1
        B -= np.outer(B[:, j] / B[i, j], change)
        rows[j] = i
    return np.sort(rows)


def _divide(A: Array, B: Array) -> Array:
    """Return AB⁻¹ without forming the inverse."""
    return np.linalg.solve(B.T, A.T).T


@dataclass(frozen=True, eq=False, repr=False)
class Skeleton:
    """A ≈ C Â⁻¹ R: columns and rows of A itself, joined by the inverse of the core where they cross.

    Attributes
    ----------
    rows, columns : ndarray of int, shape (k,)
        Which rows and columns of A were taken.
    C : ndarray, shape (m, k)
        The columns of A.
    core : ndarray, shape (k, k)
        Â = A[rows][:, columns], invertible.
    R : ndarray, shape (k, n)
        The rows of A.
    error_2 : float
        ‖A − CÂ⁻¹R‖₂ as measured.
    bound_2 : float
        An upper bound of that error from the theorem in `skeleton`, in exact arithmetic.
    best_2 : float
        σ_{k+1}: no matrix of rank k comes closer to A.
    """

    rows: Array
    columns: Array
    C: Array
    core: Array
    R: Array
    error_2: float
    bound_2: float
    best_2: float

    @property
    def storage(self) -> int:
        """How many numbers of A are stored: k(m + n) − k², as the core lies in C and in R."""
        k = len(self.rows)
        return k * (self.C.shape[0] + self.R.shape[1]) - k * k

    def matrix(self) -> Array:
        """Return CÂ⁻¹R."""
        (C, c), (core, e), (R, r) = map(to_unit_scale, (self.C, self.core, self.R))
        return times_power_of_two(_divide(C, core) @ R, c - e + r, "CÂ⁻¹R")

    def __repr__(self) -> str:
        m, n = self.C.shape[0], self.R.shape[1]
        return (f"skeleton of a {m}×{n} matrix with {len(self.rows)} rows and columns: error {self.error_2:.3g}, "
                f"bound {self.bound_2:.3g}, best possible {self.best_2:.3g} (2-norm)")


def skeleton(A: ArrayLike, rows: ArrayLike, columns: ArrayLike) -> Skeleton:
    r"""Return the skeleton (CUR) approximation of A by given rows I and columns J.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real or complex.
    rows, columns : array_like of int, shape (k,)
        Distinct, from 0 up, k ≥ 1 of each.

    Returns
    -------
    Skeleton
        Exact, up to rounding, if A has rank k.

    Raises
    ------
    TypeError, ValueError
        If the numbers are no valid choice of rows and columns; or if the core is singular: its smallest singular
        value is at most max(m, n) · 2.2e-16 · σ₁(A), which is what rounding the entries of A can do to it.

    Notes
    -----
    Equation ``eq-svd-skeleton``; Goreinov, Tyrtyshnikov and Zamarashkin (1997), *A theory of pseudoskeleton
    approximations*. With :math:`U_k, V_k` the leading singular vectors, the bound is

    .. math:: \|A - C\hat A^{-1}R\|_2 \le \sigma_{k+1}\,\min\bigl(
       \|C\hat A^{-1}\|_2\,\|V_k[J,:]^{-1}\|_2,\ \|\hat A^{-1}R\|_2\,\|U_k[I,:]^{-1}\|_2\bigr),

    where :math:`\|A\|_2` takes the place of :math:`\sigma_{k+1}` times the inverse if that is smaller.

    Proof of the first half. Let :math:`S_I, S_J` be the columns of the unit matrix that pick the rows I and the
    columns J. :math:`P = C\hat A^{-1}S_I^T` is a projector onto range(C), so with the orthogonal projector
    :math:`\Pi_C` the error is :math:`(E-P)A = (E-P)(E-\Pi_C)A` for the unit matrix E, and
    :math:`\|E-P\| = \|P\| = \|C\hat A^{-1}\|` unless P is 0 or E. With the projector
    :math:`Q = S_J(V_k^TS_J)^{-1}V_k^T`, the columns of AQ lie in range(C), and :math:`V_k^T(E-Q) = 0`. So
    :math:`(E-\Pi_C)A = (E-\Pi_C)A(E-Q) = (E-\Pi_C)(A-A_k)(E-Q)`, whose norm is at most
    :math:`\sigma_{k+1}\|Q\|` (Sorensen and Embree, 2016). The second half is the first for Aᵀ.

    Examples
    --------
    >>> A = np.outer([1, 2, 3], [4, 5])
    >>> skeleton(A, [0], [1]).matrix()
    array([[ 4.,  5.],
           [ 8., 10.],
           [12., 15.]])
    """
    A = as_matrix(A, "A", allow_complex=True)
    rows, columns = _indices(rows, "rows", A.shape[0]), _indices(columns, "columns", A.shape[1])
    k = len(rows)
    if k != len(columns):
        raise ValueError(f"a core must be square; {k} rows and {len(columns)} columns were given")
    scaled, exponent = to_unit_scale(A)
    U, s, V = _svd(scaled, full=False)
    C, core, R = scaled[:, columns], scaled[np.ix_(rows, columns)], scaled[rows]
    smallest = np.linalg.svd(core, compute_uv=False)[-1]
    if smallest <= max(A.shape) * EPS * s[0]:
        raise ValueError(
            f"the core A[rows][:, columns] is singular to working precision: its smallest singular value is "
            f"{smallest / (s[0] or 1.0):.1e} · σ₁(A). A has numerical rank {_count_above(s, A.shape, None)}; "
            f"choose other rows and columns, or fewer (see `cur`)")
    left, right = _divide(C, core), np.linalg.solve(core, R)
    best = s[k] if k < len(s) else 0.0
    bound = min(np.linalg.norm(left, 2) * _distance_bound(best, V[columns, :k], s[0]),
                np.linalg.norm(right, 2) * _distance_bound(best, U[rows, :k], s[0]))
    errors = np.array([np.linalg.norm(scaled - left @ R, 2), bound, best])
    return Skeleton(rows, columns, A[:, columns], A[np.ix_(rows, columns)], A[rows],
                    *times_power_of_two(errors, exponent, "the error bound").tolist())


def _distance_bound(best: float, block: Array, norm: float) -> float:
    """Return σ_{k+1}‖block⁻¹‖ or ‖A‖, whichever is less: the distance of A from the span of the columns taken."""
    smallest = np.linalg.svd(block, compute_uv=False)[-1]
    return min(best / max(smallest, 1e-300), norm)


def _indices(value: ArrayLike, name: str, size: int) -> Array:
    """Return distinct indices from 0 to size − 1 as an integer array, at least one."""
    given = as_array(value, name, 1)
    if (given % 1 != 0).any():
        raise TypeError(f"{name} must be integers; they are {given}")
    if len(given) == 0 or given.min() < 0 or given.max() >= size or len(np.unique(given)) < len(given):
        raise ValueError(f"{name} must be one or more distinct numbers from 0 to {size - 1}; they are {given}")
    return given.astype(np.intp)


def cur(A: ArrayLike, k: int, method: str = "maxvol") -> Skeleton:
    """Choose k rows and columns of A and return the skeleton approximation that they give.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real or complex.
    k : int
        From 1 to the numerical rank of A.
    method : {"maxvol", "qr"}
        ``"qr"`` takes the first k pivots of a QR factorization of A with column pivoting, then those of the
        chosen columns transposed. ``"maxvol"`` starts there and exchanges rows and columns in turn while the
        volume of the core grows.

    Returns
    -------
    Skeleton

    Raises
    ------
    TypeError, ValueError
        If k exceeds the numerical rank (the core would be singular), or the method is unknown.

    Notes
    -----
    A core of globally maximal volume gives an error of at most (k + 1)σ_{k+1} in every entry, equation
    ``eq-svd-maxvol`` (Goreinov and Tyrtyshnikov, 2001). `maxvol` finds a local maximum, so the result carries a
    bound of its own.

    Examples
    --------
    >>> A = 1.0 / (np.arange(1, 7)[:, None] + np.arange(6))         # a Hilbert matrix
    >>> cur(A, 3).rows
    array([0, 1, 5])
    """
    A = as_matrix(A, "A", allow_complex=True)
    k = check_count(k, "k", 1, max(1, min(A.shape)))
    rank = numerical_rank(A)
    if k > rank:
        raise ValueError(f"A {A.shape} has numerical rank {rank}: every core of size {k} is singular; "
                         f"choose k of at most {rank}")
    if method not in ("maxvol", "qr"):
        raise ValueError(f"method must be 'maxvol' or 'qr'; it is {method!r}")
    scaled, _ = to_unit_scale(A)
    columns = pivoted_qr(scaled, k).pivots[:k]
    rows = pivoted_qr(scaled[:, columns].T, k).pivots[:k]
    if method == "maxvol":
        rows, columns = _alternate(scaled, rows, columns)
    return skeleton(A, np.sort(rows), np.sort(columns))


def _alternate(A: Array, rows: Array, columns: Array) -> tuple[Array, Array]:
    """Improve rows for fixed columns and columns for fixed rows while the volume of the core grows."""
    volume = -np.inf
    while (grown := np.linalg.slogdet(A[np.ix_(rows, columns)])[1]) > volume + 1e-9:
        volume = grown
        rows = maxvol(A[:, columns])
        columns = maxvol(A[rows].T)
    return rows, columns


# ------------------------------------------------------------------------------------ principal component analysis

@dataclass(frozen=True, eq=False, repr=False)
class PCA:
    """The k directions along which samples vary most.

    Attributes
    ----------
    mean : ndarray, shape (n,)
        The mean of the samples.
    components : ndarray, shape (n, k)
        Orthonormal columns; in each, the entry of largest modulus is positive.
    standard_deviations : ndarray, shape (k,)
        Of the samples along each component, with the divisor m − 1.
    explained_ratio : ndarray, shape (k,)
        The share of the total variance along each component.
    """

    mean: Array
    components: Array
    standard_deviations: Array
    explained_ratio: Array

    @property
    def explained_variance(self) -> Array:
        """The variance along each component: an eigenvalue of the covariance matrix."""
        s, exponent = to_unit_scale(self.standard_deviations)
        return times_power_of_two(s * s, 2 * exponent, "the variance")

    def encode(self, X: ArrayLike) -> Array:
        """Return the coordinates (m, k) of samples (m, n), or (k,) of one sample (n,): componentsᵀ(x − mean)."""
        X = as_array(X, "X", (1, 2))
        if X.shape[-1] != len(self.mean):
            raise ValueError(f"samples must have {len(self.mean)} entries; the shape of X is {X.shape}")
        with np.errstate(over="ignore", invalid="ignore"):
            return check_finite((X - self.mean) @ self.components, "the code")

    def decode(self, Z: ArrayLike) -> Array:
        """Return the samples (m, n) with the coordinates Z (m, k), or (n,) for (k,): components · z + mean."""
        Z = as_array(Z, "Z", (1, 2))
        if Z.shape[-1] != self.components.shape[1]:
            raise ValueError(f"codes must have {self.components.shape[1]} entries; the shape of Z is {Z.shape}")
        with np.errstate(over="ignore", invalid="ignore"):
            return check_finite(Z @ self.components.T + self.mean, "the decoded sample")

    def __repr__(self) -> str:
        shares = ", ".join(f"{100 * share:.3g} %" for share in self.explained_ratio[:6])
        more = ", …" if len(self.explained_ratio) > 6 else ""
        n, k = self.components.shape
        return f"PCA with {k} of {n} components, explaining {shares}{more} of the variance"


def centre(X: Array) -> tuple[Array, Array]:
    """Return X − 1·meanᵀ and the column means, both accurate when the mean is far larger than the spread."""
    rough = X.mean(axis=0)
    centred = X - rough
    # The mean was rounded; what the centred columns still share is that rounding error, and it is now visible.
    correction = centred.mean(axis=0)
    return centred - correction, rough + correction


def pca(X: ArrayLike, k: int | None = None) -> PCA:
    r"""Return the principal components of samples, from the SVD of the centred data.

    Parameters
    ----------
    X : array_like, shape (m, n)
        One sample a row, m ≥ 2; real.
    k : int, optional
        The number of components, from 1 to min(m − 1, n), which is the default: m centred samples span at
        most m − 1 dimensions.

    Returns
    -------
    PCA

    Raises
    ------
    TypeError, ValueError
        If there are fewer than two samples or no column, if all samples are equal (no direction is then better
        than another), or if k is out of range.
    OverflowError
        If the means or standard deviations exceed the largest double.

    Notes
    -----
    Equation ``eq-svd-pca``. The components are eigenvectors of the covariance matrix
    :math:`\frac{1}{m-1}X_c^TX_c`, equation ``eq-svd-covariance``; Jolliffe, *Principal Component Analysis* (2nd
    ed., 2002), chapter 1. Taking them from the SVD of :math:`X_c` avoids squaring its condition number. The data
    are not rescaled: do so first if the columns have different units.

    Examples
    --------
    >>> X = np.array([[3.0, 0.0], [-3.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    >>> pca(X + 1e8)
    PCA with 2 of 2 components, explaining 90 %, 10 % of the variance
    """
    X = as_matrix(X, "X")
    if X.shape[0] < 2 or X.shape[1] < 1:
        raise ValueError(f"PCA needs at least two samples (rows) and one column; the shape of X is {X.shape}")
    k = min(X.shape[0] - 1, X.shape[1]) if k is None else check_count(k, "k", 1, min(X.shape[0] - 1, X.shape[1]))
    scaled, exponent = to_unit_scale(X)
    centred, mean = centre(scaled)
    if not centred.any():
        raise ValueError(f"all {len(X)} samples are equal: they vary in no direction")
    _, s, V = thin_svd(centred)
    relative, _ = to_unit_scale(s)
    ratio = relative**2 / (relative**2).sum()
    deviations = times_power_of_two(s[:k] / np.sqrt(len(X) - 1), exponent, "the standard deviations")
    return PCA(times_power_of_two(mean, exponent, "the mean"), V[:, :k], deviations, ratio[:k])
