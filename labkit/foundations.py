"""Vectors, matrices, maps: rank and subspaces, projection, determinant and volume, the matrix exponential."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from labkit._arrays import Array, as_array, as_matrix, as_square, check_same_shape

EPS = float(np.finfo(float).eps)
"""The gap between 1 and the next double, 2⁻⁵² ≈ 2.2e-16; the unit roundoff is half of it."""

# Primes just below 2³¹: the product of two residues still fits a 64-bit integer.
_PRIMES = (2147483647, 2147483629, 2147483587)


def split_exponent(A: ArrayLike) -> tuple[Array, int]:
    r"""Return B and e with :math:`A = 2^{e} B` and the largest entry of B between 1/2 and 1 in absolute value.

    A power of two changes no digit, so what is computed from B can be carried back to A without a rounding error.
    It is how this package squares entries of 1e200 and divides by entries of 1e-200.

    Parameters
    ----------
    A : array_like, any shape
        Real or complex numbers; of a complex array the larger of real and imaginary part counts.

    Returns
    -------
    B : ndarray, the shape of A
        Entries more than 1e308 times smaller than the largest one become zero.
    e : int
        The exponent; 0 for an empty or zero array.

    Raises
    ------
    TypeError, ValueError
        If `A` is not numeric, or has NaN or infinite entries.

    Examples
    --------
    >>> B, e = split_exponent([3e200, -4e200])
    >>> (B, e)
    (array([ 0.4899..., -0.6532...]), 667)
    >>> np.ldexp(B, e)
    array([ 3.e+200, -4.e+200])
    """
    return _split(as_array(A, "A", allow_complex=True))


def _split(A: Array) -> tuple[Array, int]:
    """Do what `split_exponent` does, for an array that has been checked."""
    parts = (A.real, A.imag) if A.dtype.kind == "c" else (A,)
    e = int(np.frexp(max(max(part.max(initial=0.0), -part.min(initial=0.0)) for part in parts))[1])
    return (_ldexp(A, -e), e) if e else (A.copy(), e)


def _ldexp(A: Array, e: int) -> Array:
    """Return 2^e A, for complex A too; a result too large is infinite without a warning."""
    with np.errstate(over="ignore", under="ignore"):
        if abs(e) <= 1000:  # the power is a normal double, and multiplying is faster than ldexp
            return A * 2.0 ** e
        if A.dtype.kind != "c":
            return np.ldexp(A, e)
        return np.ldexp(A.real, e) + 1j * np.ldexp(A.imag, e)


def _positive(V: Array) -> Array:
    """Return V with the sign (phase) of each column such that its largest entry is positive.

    Among entries that are equally large up to rounding the first one counts, so that (1, -1)/√2 has one sign too.
    """
    if V.size == 0:
        return V
    size = np.abs(V)
    first = (size >= (1 - 1e-6) * size.max(axis=0)).argmax(axis=0)
    leading = np.take_along_axis(V, first[None], axis=0)
    return V * (np.abs(leading) / leading)


def one_hot(i: int, n: int) -> Array:
    """Return the standard basis vector of length n that is 1 at index `i` (counted from 0) and 0 elsewhere.

    Parameters
    ----------
    i : int
        The index, 0 ≤ i < n.
    n : int
        The length.

    Returns
    -------
    ndarray, shape (n,)

    Raises
    ------
    ValueError
        If `i` is not an index of a vector of length `n`.

    Examples
    --------
    >>> one_hot(1, 3)
    array([0., 1., 0.])
    """
    if not 0 <= i < n:
        raise ValueError(f"i must be an index of a vector of length {n}, from 0 to {n - 1}; it is {i}")
    e = np.zeros(n)
    e[i] = 1.0
    return e


def banded(diagonals: dict[int, float | Sequence[float]], n: int) -> Array:
    """Return the n × n matrix with the given diagonals and zeros elsewhere.

    Parameters
    ----------
    diagonals : dict
        Maps an offset k (0 the main diagonal, positive above it) to a number, or to the n - |k| numbers there.
    n : int
        The order of the matrix.

    Returns
    -------
    ndarray, shape (n, n)

    Raises
    ------
    ValueError
        If an offset lies outside the matrix or a diagonal has the wrong length.

    Examples
    --------
    >>> banded({0: 2, 1: -1, -1: -1}, 3)
    array([[ 2., -1.,  0.],
           [-1.,  2., -1.],
           [ 0., -1.,  2.]])
    """
    A = np.zeros((n, n))
    for k, entries in diagonals.items():
        if abs(k) >= n:
            raise ValueError(f"a {n} × {n} matrix has diagonals {1 - n} to {n - 1}; {k} was given")
        values = as_array(entries, f"diagonal {k}", (0, 1))
        if values.ndim == 1 and len(values) != n - abs(k):
            raise ValueError(f"diagonal {k} of a {n} × {n} matrix has {n - abs(k)} entries, not {len(values)}")
        A += np.diag(np.broadcast_to(values, n - abs(k)), k)
    return A


def block_diagonal(*blocks: ArrayLike) -> Array:
    """Return the matrix with the given blocks along its diagonal and zeros elsewhere.

    Parameters
    ----------
    *blocks : array_like, two axes each
        Matrices of any shape, empty ones included; they need not be square.

    Returns
    -------
    ndarray, shape (sum of the numbers of rows, sum of the numbers of columns)

    Raises
    ------
    ValueError
        If a block is not a matrix.

    Examples
    --------
    >>> block_diagonal([[1, 2]], [[3], [4]])
    array([[1., 2., 0.],
           [0., 0., 3.],
           [0., 0., 4.]])
    """
    matrices = [as_matrix(block, f"block {k}") for k, block in enumerate(blocks)]
    A = np.zeros(np.sum([B.shape for B in matrices], axis=0, dtype=int) if matrices else (0, 0))
    row = column = 0
    for B in matrices:
        A[row:row + B.shape[0], column:column + B.shape[1]] = B
        row, column = row + B.shape[0], column + B.shape[1]
    return A


def inner(X: ArrayLike, Y: ArrayLike) -> float:
    r"""Return the inner product :math:`\langle X, Y\rangle = \operatorname{tr}(X^{T}Y) = \sum_{ij} x_{ij}y_{ij}`.

    ``eq-foundations-inner``.

    Parameters
    ----------
    X, Y : array_like, equal shapes
        Vectors, matrices, or arrays with any number of axes.

    Returns
    -------
    float
        0 for empty arrays; infinite only if the inner product itself exceeds the largest double.

    Raises
    ------
    ValueError
        If the shapes differ or an entry is NaN or infinite.

    Examples
    --------
    >>> inner([[1, 2], [3, 4]], [[1, 0], [0, 1]])       # tr(Xᵀ I) = tr(X)
    5.0
    >>> inner([1e200, 1e200], [1e200, -1e200])          # np.dot gives nan
    0.0
    """
    X, Y = as_array(X, "X"), as_array(Y, "Y")
    check_same_shape(X, "X", Y, "Y")
    (B, e), (C, f) = _split(X), _split(Y)
    return float(_ldexp((B * C).sum(), e + f))


def rank_tolerance(shape: tuple[int, int], largest: float) -> float:
    """Return max(m, n) · eps · σ₁: singular values up to this size may be nothing but rounding.

    ``eq-foundations-tolerance``.

    Parameters
    ----------
    shape : (int, int)
        m and n.
    largest : float
        σ₁, the largest singular value.

    Returns
    -------
    float

    Notes
    -----
    LAPACK's singular values are those of a matrix A + E with ‖E‖₂ of this order, and by Weyl's inequality none of
    them is off by more than ‖E‖₂ (Golub and Van Loan, *Matrix Computations*, 4th ed., sections 5.4.1 and 8.6.2).

    Examples
    --------
    >>> rank_tolerance((4, 3), 1.0) == 4 * EPS
    True
    """
    return max(shape) * EPS * largest


def _count_above(s: Array, shape: tuple[int, int], tolerance: float | None) -> tuple[int, float]:
    """Return how many of the descending singular values exceed the tolerance, and the tolerance used."""
    limit = rank_tolerance(shape, s[0] if s.size else 0.0) if tolerance is None else tolerance
    return int(np.count_nonzero(s > limit)), limit


def _scaled_tolerance(tolerance: float | None, e: int) -> float | None:
    """Return the tolerance for a matrix that was divided by 2^e, after checking it."""
    if tolerance is None:
        return None
    if not tolerance >= 0:
        raise ValueError(f"tolerance must be a number that is at least 0; it is {tolerance}")
    return float(_ldexp(np.float64(tolerance), -e))


def rank(A: ArrayLike, tolerance: float | None = None) -> int:
    """Return the numerical rank: the number of singular values greater than a tolerance.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real or complex.
    tolerance : float, optional
        An absolute size; `rank_tolerance` by default, max(m, n) · eps · σ₁.

    Returns
    -------
    int
        Between 0 and min(m, n); 0 for an empty matrix.

    Raises
    ------
    ValueError
        If `A` is not a matrix of finite numbers or the tolerance is negative or NaN.

    See Also
    --------
    exact_rank : the rank of the matrix exactly as it is stored, without a tolerance.
    fundamental_subspaces : the same decision with the singular values and bases it rests on.

    Examples
    --------
    >>> rank([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    2
    >>> rank([[1, 0], [0, 1e-17]]), rank([[1, 0], [0, 1e-17]], tolerance=0)
    (1, 2)
    """
    A = as_matrix(A, "A", allow_complex=True)
    B, e = _split(A)
    s = np.linalg.svd(B, compute_uv=False)
    return _count_above(s, A.shape, _scaled_tolerance(tolerance, e))[0]


def exact_rank(A: ArrayLike) -> int:
    """Return the rank of a real matrix exactly as it is stored, every double being the dyadic rational it is.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real.

    Returns
    -------
    int
        The rank; 0 for an empty matrix.

    Raises
    ------
    TypeError, ValueError
        If `A` is complex, not a matrix, or has NaN or infinite entries.

    Notes
    -----
    Gaussian elimination modulo a prime makes no rounding error. The rank modulo a prime never exceeds the rank, so
    min(m, n) modulo one prime proves full rank. Less than that could only mean that the prime divides all the
    decisive minors; the largest of three ranks modulo three primes near 2³¹ is returned, so a wrong answer would
    need an integer that is a multiple of all three. It costs O(mn min(m, n)) integer operations and says nothing
    about nearness to a matrix of lower rank: that is what `rank` is for.

    Examples
    --------
    >>> exact_rank([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    2
    >>> A = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]]) / 10      # as stored, no row combines the others
    >>> exact_rank(A), rank(A)
    (3, 2)
    """
    A = as_matrix(A, "A")
    found = 0
    for prime in _PRIMES:
        found = max(found, _rank_modulo(_residues(A, prime), prime))
        if found == min(A.shape):
            break
    return found


def _residues(A: Array, prime: int) -> Array:
    """Return A times a power of two, an integer matrix, modulo a prime."""
    mantissa, exponent = np.frexp(A)
    digits = np.ldexp(mantissa, 53).astype(np.int64) % prime
    powers, where = np.unique(exponent, return_inverse=True)
    two_to = np.array([pow(2, int(k), prime) for k in powers], dtype=np.int64)
    return digits * two_to[where].reshape(A.shape) % prime


def _rank_modulo(M: Array, prime: int) -> int:
    """Return the rank of an integer matrix over the field with `prime` elements, by Gaussian elimination."""
    found = 0
    for j in range(M.shape[1]):
        candidates = np.flatnonzero(M[found:, j])
        if not candidates.size:
            continue
        pivot = found + candidates[0]
        M[[found, pivot]] = M[[pivot, found]]
        row = M[found, j:] * pow(int(M[found, j]), -1, prime) % prime
        M[found + 1:, j:] = (M[found + 1:, j:] - M[found + 1:, j, None] * row) % prime
        found += 1
    return found


@dataclass(frozen=True, eq=False)
class FundamentalSubspaces:
    """Orthonormal bases, as columns, of the four subspaces that belong to an m × n matrix A of rank r.

    Attributes
    ----------
    column_space : ndarray, shape (m, r)
        A basis of {Ax}, the range.
    left_nullspace : ndarray, shape (m, m - r)
        A basis of {y : Aᵀy = 0}, the orthogonal complement of the range.
    row_space : ndarray, shape (n, r)
        A basis of {Aᵀy}.
    nullspace : ndarray, shape (n, n - r)
        A basis of {x : Ax = 0}, the orthogonal complement of the row space.
    singular_values : ndarray
        All min(m, n) of them, descending.
    tolerance : float
        Singular values up to this size counted as zero.
    """

    column_space: Array
    left_nullspace: Array
    row_space: Array
    nullspace: Array
    singular_values: Array
    tolerance: float

    @property
    def rank(self) -> int:
        """The number of singular values above the tolerance."""
        return self.column_space.shape[1]

    def __str__(self) -> str:
        m, n, r = len(self.column_space), len(self.row_space), self.rank
        s = self.singular_values
        kept = f"smallest singular value kept {s[r - 1]:.2e}" if r else "no singular value kept"
        dropped = f", largest dropped {s[r]:.2e}" if r < len(s) else ""
        return (f"{m} × {n} matrix of rank {r} (tolerance {self.tolerance:.2e}; {kept}{dropped})\n"
                f"column space {r} + left nullspace {m - r} = {m};  row space {r} + nullspace {n - r} = {n}")


def fundamental_subspaces(A: ArrayLike, tolerance: float | None = None) -> FundamentalSubspaces:
    """Return orthonormal bases of range, nullspace, and of both for the transpose, from one SVD.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real.
    tolerance : float, optional
        As in `rank`.

    Returns
    -------
    FundamentalSubspaces

    Raises
    ------
    ValueError
        As `rank`.

    Notes
    -----
    With A = UΣVᵀ the first r columns of U span the range and the last n - r columns of V the nullspace, its
    orthogonal complement in ``eq-foundations-complement``. The largest entry of each basis vector is made
    positive.

    Examples
    --------
    >>> print(fundamental_subspaces([[1, 0, 1], [0, 1, 1]]))
    2 × 3 matrix of rank 2 (tolerance 1.15e-15; smallest singular value kept 1.00e+00)
    column space 2 + left nullspace 0 = 2;  row space 2 + nullspace 1 = 3
    """
    A = as_matrix(A, "A")
    B, e = _split(A)
    U, s, Vt = np.linalg.svd(B, full_matrices=True)
    r, limit = _count_above(s, A.shape, _scaled_tolerance(tolerance, e))
    U, V = _positive(U), _positive(Vt.T)
    return FundamentalSubspaces(U[:, :r], U[:, r:], V[:, :r], V[:, r:], _ldexp(s, e),
                                float(_ldexp(np.float64(limit), e)))


def range_basis(A: ArrayLike, tolerance: float | None = None) -> Array:
    """Return an orthonormal basis of {Ax} as the columns of an m × r matrix; see `fundamental_subspaces`.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real.
    tolerance : float, optional
        As in `rank`.

    Returns
    -------
    ndarray, shape (m, r)

    Raises
    ------
    ValueError
        As `rank`.

    Examples
    --------
    >>> range_basis([[3, 6], [4, 8]])
    array([[0.6],
           [0.8]])
    """
    return fundamental_subspaces(A, tolerance).column_space


def nullspace_basis(A: ArrayLike, tolerance: float | None = None) -> Array:
    """Return an orthonormal basis of {x : Ax = 0} as the columns of an n × (n - r) matrix.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real.
    tolerance : float, optional
        As in `rank`.

    Returns
    -------
    ndarray, shape (n, n - r)
        No columns if only x = 0 solves Ax = 0.

    Raises
    ------
    ValueError
        As `rank`.

    Examples
    --------
    >>> nullspace_basis([[1, 2, 3], [4, 5, 6], [7, 8, 9]]).shape
    (3, 1)
    >>> nullspace_basis(np.eye(2)).shape
    (2, 0)
    """
    return fundamental_subspaces(A, tolerance).nullspace


def _unit_columns(A: Array) -> tuple[Array, Array, Array]:
    """Return A with its nonzero columns scaled to length one, and the lengths as digits and exponents of two."""
    # Each column has a scale of its own: one of 1e-200 beside one of 1e200 must not vanish.
    exponent = np.frexp(np.abs(A).max(axis=0, initial=0.0))[1]
    B = np.ldexp(A, -exponent)
    length = np.linalg.norm(B, axis=0)
    return B / np.where(length > 0, length, 1.0), length, exponent


def _span(A: Array) -> Array:
    """Return an orthonormal basis of the span of the columns of A: Householder QR, and the SVD of its small R."""
    Q, R = np.linalg.qr(_unit_columns(A)[0])
    if _is_far_from_singular(R, rank_tolerance(A.shape, float(np.linalg.norm(R)))):
        return Q
    U, s, _ = np.linalg.svd(R)
    return Q @ U[:, :_count_above(s, A.shape, None)[0]]


def _is_far_from_singular(R: Array, distance: float) -> bool:
    """Whether a matrix is square with a σ_min above `distance`, by a test that is cheaper than the SVD.

    ‖R⁻¹z‖ for a Gaussian z is less than ‖R⁻¹‖₂/1000 with probability below 1/1000; for three of them at once, with
    probability below 1e-9. A refusal is no proof of the contrary.
    """
    if R.shape[0] != R.shape[1]:
        return False
    probes = np.random.default_rng(0).standard_normal((len(R), 3))
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            return bool(1000 * np.linalg.norm(np.linalg.solve(R, probes)) * distance < 1)
    except np.linalg.LinAlgError:
        return False


def project(y: ArrayLike, A: ArrayLike) -> Array:
    r"""Return the orthogonal projection of y onto the span of the columns of A, :math:`QQ^{T}y` with A = QR.

    Parameters
    ----------
    y : array_like, shape (m,) or (m, k)
        A vector, or k vectors as columns.
    A : array_like, shape (m, n)
        Its columns span the subspace. They may depend on one another, and their lengths do not matter.

    Returns
    -------
    ndarray, the shape of y
        The point of the span that is nearest to y; zero if `A` has no columns or is zero.

    Raises
    ------
    ValueError
        If y and A have different numbers of rows, or NaN or infinite entries.

    Notes
    -----
    ``eq-foundations-projection``. For independent columns this is :math:`A(A^{T}A)^{-1}A^{T}y`, but that formula
    squares the condition number: at κ(A) = 1e8 it has hardly a correct digit left, while QQᵀy loses about half of
    them, as many as rounding the entries of A may cost. Columns are scaled to length one, then directions that the
    others supply up to rounding (`rank_tolerance`) are left out.

    Examples
    --------
    >>> project([1.0, 2.0, 3.0], [[1, 1], [0, 1], [0, 0]])
    array([1., 2., 0.])
    """
    y, A = as_array(y, "y", (1, 2)), as_matrix(A, "A")
    if len(y) != len(A):
        raise ValueError(f"y and A must have the same number of rows; their shapes are {y.shape} and {A.shape}")
    Q = _span(A)
    z, e = _split(y)
    return _ldexp(Q @ (Q.T @ z), e)


def projector(A: ArrayLike) -> Array:
    r"""Return the matrix :math:`P = QQ^{T}` that projects onto the span of the columns of A.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Its columns span the subspace; as in `project`.

    Returns
    -------
    ndarray, shape (m, m)
        Symmetric, with P² = P and trace equal to the dimension of the span: ``eq-foundations-projector``.

    Raises
    ------
    ValueError
        If `A` is not a matrix of finite numbers.

    Examples
    --------
    >>> projector([[3], [4]])
    array([[0.36, 0.48],
           [0.48, 0.64]])
    """
    Q = _span(as_matrix(A, "A"))
    return Q @ Q.T


@dataclass(frozen=True)
class Determinant:
    """A determinant that cannot overflow, with the condition number that says whether to believe it.

    Attributes
    ----------
    sign : float
        1, -1, or 0 for a singular matrix.
    log_abs : float
        The logarithm of |det A|; -inf for a singular matrix.
    value : float
        det A itself: infinite or zero where it lies outside the range of doubles.
    condition : float
        κ₂ of A with its rows scaled by powers of two to comparable size: it bounds, up to the factor n, how much
        a relative change of the rows changes det A.
    reliable : bool
        False where rounding cannot tell A from a singular matrix, so that sign and size may be noise. True for a
        matrix that is singular exactly as stored.
    """

    sign: float
    log_abs: float
    value: float
    condition: float
    reliable: bool

    def __str__(self) -> str:
        text = f"det A = {self.value:.6g}, log|det A| = {self.log_abs:.6g}, condition {self.condition:.2e}"
        return text if self.reliable else text + "; unreliable: A is singular to working precision"


def determinant(A: ArrayLike) -> Determinant:
    """Return det A as a number and as sign and logarithm, and whether rounding has left anything of it.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Real.

    Returns
    -------
    Determinant
        Sign 0 and logarithm -inf if A, exactly as stored, is singular. The empty matrix has determinant 1.

    Raises
    ------
    ValueError
        If `A` is not a square matrix of finite numbers.

    Notes
    -----
    By LU factorisation with partial pivoting (``eq-foundations-determinant``, ``eq-foundations-triangular``),
    after each row was scaled by a power of two, which multiplies the determinant by a known power. To first order
    det(A + E) = det A · (1 + tr(A⁻¹E)), and |tr(A⁻¹E)| ≤ n κ₂(A) ‖E‖₂/‖A‖₂. A small determinant does not mean that
    A is nearly singular: the condition number does.

    Examples
    --------
    >>> print(determinant([[1, 2], [3, 4]]))
    det A = -2, log|det A| = 0.693147, condition 1.12e+01
    >>> print(determinant(0.1 * np.eye(400)))
    det A = 0, log|det A| = -921.034, condition 1.00e+00
    >>> determinant([[1, 2, 3], [4, 5, 6], [7, 8, 9]]).sign       # rounding alone may leave 6.66e-16
    0.0
    """
    A = as_square(A, "A")
    n = len(A)
    exponent = np.frexp(np.abs(A).max(axis=1, initial=0.0))[1]
    B, e = np.ldexp(A, -exponent[:, None]), int(exponent.sum())
    s = np.linalg.svd(B, compute_uv=False)
    if n and s[-1] <= 8 * rank_tolerance(B.shape, s[0]) and exact_rank(A) < n:
        return Determinant(0.0, -np.inf, 0.0, np.inf, reliable=True)
    sign, log_scaled = np.linalg.slogdet(B)
    log_abs = float(log_scaled + e * np.log(2.0))
    with np.errstate(over="ignore", under="ignore", divide="ignore"):
        condition = float(s[0] / s[-1]) if n else 1.0
        # exp loses as many digits as its argument has before the point, so the known power of two stays outside
        # it, unless what is left underflows.
        value = _ldexp(sign * np.exp(log_scaled), e) if log_scaled > -700 else sign * np.exp(log_abs)
    return Determinant(float(sign), log_abs, float(value), condition, reliable=condition * EPS < 1)


def volume(A: ArrayLike) -> float:
    r"""Return the volume of the parallelepiped whose edges are the columns of A, :math:`\prod_i |r_{ii}|`.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Its columns are the edges.

    Returns
    -------
    float
        √det(AᵀA); |det A| if A is square; 0 if the columns are dependent up to rounding, which more columns than
        rows always are; 1 for no columns, as an empty product.

    Raises
    ------
    ValueError
        If `A` is not a matrix of finite numbers.

    Notes
    -----
    ``eq-foundations-volume``. With A = QR, Q keeps volumes and det(AᵀA) = det(R)². The columns are scaled to
    length one first, so that the verdict "dependent" does not hang on their lengths.

    Examples
    --------
    >>> volume([[3, 0], [4, 0], [0, 2]])                # a 5 × 2 rectangle in space
    10.0
    >>> volume([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    0.0
    """
    A = as_matrix(A, "A")
    if A.shape[1] == 0:
        return 1.0
    B, length, exponent = _unit_columns(A)
    R = np.linalg.qr(B, mode="r")
    if _count_above(np.linalg.svd(R, compute_uv=False), A.shape, None)[0] < A.shape[1]:
        return 0.0
    # The exponents are added, so that the product of 1e200 and 1e-200 overflows nowhere on the way.
    digits, power = 1.0, int(exponent.sum())
    for factor in np.concatenate([np.abs(np.diag(R)), length]):
        digits, carry = np.frexp(digits * factor)
        power += int(carry)
    return float(_ldexp(np.float64(digits), power))


@dataclass(frozen=True, eq=False)
class ExponentialSeries:
    """A partial sum of the series of e^A and what summing it cost.

    Attributes
    ----------
    value : ndarray, shape (n, n)
        The sum of the first `terms` terms.
    terms : int
        Their number, the identity included.
    largest_term, last_term : float
        The greatest and the final 1-norm of a term.
    """

    value: Array
    terms: int
    largest_term: float
    last_term: float

    @property
    def digits_lost(self) -> float:
        """log₁₀ of the largest term over the sum: each digit counted here is lost by cancellation."""
        size = np.abs(self.value).sum(axis=0).max(initial=0.0)
        return float(np.log10(max(self.largest_term / size, 1.0))) if size else 0.0

    def __str__(self) -> str:
        return (f"{self.terms} terms, the largest {self.largest_term:.1e}, the last {self.last_term:.1e}; "
                f"about {self.digits_lost:.0f} digits lost")


def exponential_series(A: ArrayLike, terms: int | None = None) -> ExponentialSeries:
    r"""Return a partial sum of :math:`e^{A} = \sum_k A^{k}/k!`, term by term as the definition has it.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Real.
    terms : int, optional
        How many terms to add, at least 1; by default until a term no longer changes any entry of the sum.

    Returns
    -------
    ExponentialSeries

    Raises
    ------
    ValueError
        If `A` is not a square matrix of finite numbers, or `terms` is less than 1.
    OverflowError
        If a term exceeds the largest double, as happens beyond ‖A‖ ≈ 700; `matrix_exponential` may still succeed.

    Notes
    -----
    ``eq-foundations-exponential``. The series converges for every A, yet rounding can spoil the sum: the terms of
    e⁻³⁰ grow to 1e12 before they cancel down to 1e-13 (Moler and Van Loan 2003, method 1). `digits_lost` measures
    it.

    Examples
    --------
    >>> print(exponential_series([[-30.0]]))
    120 terms, the largest 7.8e+11, the last 1.1e-21; about 16 digits lost
    >>> exponential_series([[0, 1], [0, 0]], terms=2).value
    array([[1., 1.],
           [0., 1.]])
    """
    A = as_square(A, "A")
    if terms is not None and terms < 1:
        raise ValueError(f"terms must be at least 1; it is {terms}")
    total = term = np.eye(len(A))
    largest = last = float(len(A) > 0)
    k = 1
    while terms is None or k < terms:
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            term = term @ A / k
        last = float(np.abs(term).sum(axis=0).max(initial=0.0))
        if not np.isfinite(last):
            raise OverflowError(f"term {k} of the series exceeds the largest double; use matrix_exponential")
        largest = max(largest, last)
        previous, total, k = total, total + term, k + 1
        if terms is None and np.array_equal(total, previous):
            break
    return ExponentialSeries(total, k, largest, last)


def matrix_exponential(A: ArrayLike) -> Array:
    r"""Return :math:`e^{A} = (e^{A/2^{s}})^{2^{s}}`: the series where it converges fast, then s squarings.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Real.

    Returns
    -------
    ndarray, shape (n, n)
        Accurate relative to its norm, not entry by entry. The empty matrix gives itself.

    Raises
    ------
    ValueError
        If `A` is not a square matrix of finite numbers.
    OverflowError
        If the exponential, or a power on the way to it, exceeds the largest double.

    Notes
    -----
    ``eq-foundations-squaring``, with the Taylor polynomial of degree 16, evaluated with six matrix products
    (Paterson and Stockmeyer 1973). The number s makes α = max(‖A³‖^{1/3}, ‖A⁴‖^{1/4}) at most 1/2 after scaling,
    where the remainder is below 1e-19; α instead of ‖A‖ avoids scaling too far when A is far from normal (Al-Mohy
    and Higham 2009).

    Examples
    --------
    >>> matrix_exponential([[0, 1e3], [0, 0]])
    array([[   1., 1000.],
           [   0.,    1.]])
    >>> X, Y = np.array([[0, 1], [0, 0]]), np.array([[0, 0], [1, 0]])           # XY ≠ YX
    >>> bool(np.allclose(matrix_exponential(X + Y), matrix_exponential(X) @ matrix_exponential(Y)))
    False
    """
    A = as_square(A, "A")
    B, e = _split(A)
    powers = [np.eye(len(B)), B, B @ B]
    powers += [powers[2] @ B, powers[2] @ powers[2]]
    alpha = max(np.abs(powers[k]).sum(axis=0).max(initial=0.0) ** (1 / k) for k in (3, 4))
    s = max(0, int(np.frexp(alpha)[1]) + e + 1) if alpha else 0
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        E = _taylor_16([_ldexp(P, k * (e - s)) for k, P in enumerate(powers)])
        for _ in range(s):
            E = E @ E
    if not np.isfinite(E).all():
        raise OverflowError(f"the exponential of A exceeds the largest double; the largest |entry| of A is "
                            f"{np.abs(A).max():.3g}")
    return E


def _taylor_16(powers: list[Array]) -> Array:
    """Return Σ A^k/k! for k = 0 … 16 from the powers I, A, …, A⁴: four cubic polynomials, nested in A⁴."""
    factorial = np.cumprod([1.0, *range(1, 17)])
    E = powers[4] / factorial[16]
    for j in (12, 8, 4, 0):
        block = sum(P / factorial[j + k] for k, P in enumerate(powers[:4]))
        E = block + (E if j == 12 else powers[4] @ E)
    return E
