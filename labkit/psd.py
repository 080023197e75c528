"""Positive semi-definite matrices: verdicts with a witness, square roots, Gram matrices, the attention kernel.

A matrix is called positive semi-definite (PSD) here if it is real, symmetric and xᵀAx ≥ 0 for every x. Symmetry is
part of the definition, as in most of the literature, and it is checked: entries a_ij and a_ji may differ by
rounding, n · 2.2e-16 · max|a|, and are then averaged. Anything more is refused, unless the symmetric part is asked
for: xᵀAx depends on that part alone. An empty matrix is refused. Complex matrices are refused.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from labkit._arrays import Array, as_array, as_matrix, as_square, check_same_shape
from labkit.regression import softmax
from labkit.svd import EPS, centre, check_finite, check_rtol, times_power_of_two, to_unit_scale

__all__ = ["Definiteness", "NearestPSD", "NotPositiveDefiniteError", "ScaledKernel", "attention_weights",
           "cholesky", "cholesky_logdet", "covariance_matrix", "definiteness", "exponential_kernel",
           "gershgorin_bounds", "gram_matrix", "nearest_psd", "principal_minors", "psd_sqrt", "row_kronecker",
           "schur_product", "shifted_gram_condition", "symmetric_part", "verdict_by_cholesky", "verdict_by_minors"]

POSITIVE_DEFINITE = "positive definite"
POSITIVE_SEMIDEFINITE = "positive semi-definite"
NEGATIVE_DEFINITE = "negative definite"
NEGATIVE_SEMIDEFINITE = "negative semi-definite"
INDEFINITE = "indefinite"
ZERO = "zero"

# ----------------------------------------------------------------------------------------------------- symmetry


def symmetric_part(A: ArrayLike) -> Array:
    """Return (A + Aᵀ)/2, the only part of A that xᵀAx depends on, ``eq-psd-symmetric-part``.

    Parameters
    ----------
    A : array_like, shape (n, n)

    Returns
    -------
    ndarray, shape (n, n)
        Exactly symmetric.

    Raises
    ------
    TypeError, ValueError
        If `A` is not a square matrix of finite real numbers.

    Examples
    --------
    >>> symmetric_part([[1, 1], [-1, 1]])
    array([[1., 0.],
           [0., 1.]])
    """
    A, exponent = to_unit_scale(as_square(A, "A"))
    return times_power_of_two((A + A.T) / 2, exponent)


def _as_symmetric(A: ArrayLike, name: str, symmetrize: bool = False) -> Array:
    """Return A as an exactly symmetric, non-empty matrix, or say where it is not symmetric."""
    A = as_square(A, name)
    if A.size == 0:
        raise ValueError(f"{name} must have at least one row; its shape is {A.shape}")
    if (A == A.T).all():
        return A
    scaled, _ = to_unit_scale(A)
    difference = np.abs(scaled - scaled.T)
    if not symmetrize and difference.max() > len(A) * EPS * np.abs(scaled).max():
        i, j = map(int, np.unravel_index(difference.argmax(), A.shape))
        raise ValueError(f"{name} must be symmetric; {name}[{i}, {j}] is {A[i, j]:.6g} and {name}[{j}, {i}] is "
                         f"{A[j, i]:.6g} (its symmetric part is (A + Aᵀ)/2)")
    return symmetric_part(A)


# ---------------------------------------------------------------------------------------------------- the verdict


@dataclass(frozen=True, eq=False, repr=False)
class Definiteness:
    """What kind of quadratic form A is, with unit vectors that prove it.

    Attributes
    ----------
    verdict : str
        "positive definite", "positive semi-definite", "negative definite", "negative semi-definite",
        "indefinite" or "zero".
    lowest, highest : float
        The smallest and largest eigenvalue: the range of xᵀAx over unit vectors.
    lowest_vector, highest_vector : ndarray, shape (n,)
        Unit vectors where it attains them.
    tolerance : float
        Eigenvalues of modulus up to this count as zero.
    """

    verdict: str
    lowest: float
    highest: float
    lowest_vector: Array
    highest_vector: Array
    tolerance: float

    @property
    def is_pd(self) -> bool:
        """Whether A is positive definite."""
        return self.verdict == POSITIVE_DEFINITE

    @property
    def is_psd(self) -> bool:
        """Whether A is positive semi-definite; a positive definite matrix and zero are."""
        return self.verdict in (POSITIVE_DEFINITE, POSITIVE_SEMIDEFINITE, ZERO)

    @property
    def borderline(self) -> bool:
        """Whether the verdict hangs on the tolerance: an extreme eigenvalue is within it of zero."""
        return min(abs(self.lowest), abs(self.highest)) <= self.tolerance

    @property
    def witness(self) -> Array | None:
        """A unit vector x with xᵀAx < 0, or = 0 within the tolerance, so that A is not PD; None if A is PD."""
        return None if self.is_pd else self.lowest_vector

    @property
    def critical_point(self) -> str:
        """What a point with gradient 0 and this Hessian is, by the second-derivative test."""
        return {POSITIVE_DEFINITE: "strict local minimum", NEGATIVE_DEFINITE: "strict local maximum",
                INDEFINITE: "saddle point"}.get(self.verdict, "undecided")

    def __repr__(self) -> str:
        text = f"{self.verdict}: xᵀAx/xᵀx from {self.lowest:.6g} to {self.highest:.6g}"
        if self.borderline:
            text += f" (borderline: up to {self.tolerance:.1e} counts as 0)"
        if self.witness is not None:
            x = np.array2string(self.witness, precision=4, threshold=8)
            text += f"\n  witness x = {x} with xᵀAx = {self.lowest:.6g}"
        return text


def definiteness(A: ArrayLike, *, rtol: float | None = None, symmetrize: bool = False) -> Definiteness:
    r"""Decide whether a symmetric matrix is positive (semi-)definite, negative (semi-)definite or indefinite.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Symmetric, n ≥ 1.
    rtol : float, optional
        Eigenvalues of modulus up to rtol · max\|λ\| count as zero; default n · 2.2e-16, which is what rounding
        the entries of A can do to them.
    symmetrize : bool
        Judge the symmetric part of a matrix that is not symmetric, instead of refusing it.

    Returns
    -------
    Definiteness
        With the eigenvectors of the smallest and largest eigenvalue as witnesses.

    Raises
    ------
    TypeError, ValueError
        If `A` is not square, empty or not symmetric, or rtol is not in [0, 1).
    OverflowError
        If an eigenvalue exceeds the largest double.

    Notes
    -----
    A symmetric A is PSD if and only if its eigenvalues are non-negative, ``eq-psd-spectral``, because of
    :math:`\lambda_{\min} \le x^TAx/x^Tx \le \lambda_{\max}`; Horn and Johnson, *Matrix Analysis* (2nd ed., 2013),
    chapters 4 and 7. What rounding can do to an eigenvalue is bounded by ``eq-psd-weyl``.

    Examples
    --------
    >>> definiteness([[4, 3], [3, 2]]).verdict                # positive entries prove nothing
    'indefinite'
    >>> definiteness([[2, -1], [-1, 2]])
    positive definite: xᵀAx/xᵀx from 1 to 3
    """
    A = _as_symmetric(A, "A", symmetrize)
    scaled, exponent = to_unit_scale(A)
    eigenvalues, Q = np.linalg.eigh(scaled)
    largest = np.abs(eigenvalues).max()
    tolerance = check_rtol(rtol, len(A) * EPS) * largest
    low, high, bar = times_power_of_two(np.array([eigenvalues[0], eigenvalues[-1], tolerance]), exponent,
                                        "the spectrum").tolist()
    return Definiteness(_verdict(eigenvalues, tolerance), low, high, Q[:, 0], Q[:, -1], bar)


def _verdict(values: Array, tolerance: float) -> str:
    """Return the verdict that eigenvalues give when those up to the tolerance count as zero."""
    positive, negative = (values > tolerance), (values < -tolerance)
    if positive.any() and negative.any():
        return INDEFINITE
    if positive.any():
        return POSITIVE_DEFINITE if positive.all() else POSITIVE_SEMIDEFINITE
    if negative.any():
        return NEGATIVE_DEFINITE if negative.all() else NEGATIVE_SEMIDEFINITE
    return ZERO


def verdict_by_cholesky(A: ArrayLike, *, rtol: float | None = None, symmetrize: bool = False) -> str:
    """Return the verdict of `definiteness` without eigenvalues: by which shifts of A have a Cholesky factor.

    Parameters
    ----------
    A, rtol, symmetrize
        As in `definiteness`; but the tolerance t is rtol · ‖A‖_F, since the largest eigenvalue is not known, and
        it must be positive: no Cholesky factorization can tell that an eigenvalue is exactly 0.

    Returns
    -------
    str

    Raises
    ------
    TypeError, ValueError
        As `definiteness`; also if rtol is 0.

    Notes
    -----
    A − tI has a Cholesky factor if and only if every eigenvalue exceeds t; A + tI if and only if every one exceeds
    −t. The same for −A decides the rest.

    Examples
    --------
    >>> verdict_by_cholesky([[1, 1], [1, 1]]), verdict_by_cholesky([[1, 2], [2, 1]])
    ('positive semi-definite', 'indefinite')
    """
    scaled, _ = to_unit_scale(_as_symmetric(A, "A", symmetrize))
    rtol = check_rtol(rtol, len(scaled) * EPS)
    if rtol == 0:
        raise ValueError("rtol must be positive: Cholesky cannot tell that an eigenvalue is exactly 0")
    shift = rtol * np.linalg.norm(scaled) * np.eye(len(scaled))
    if not scaled.any():
        return ZERO
    for sign, strict, weak in ((1, POSITIVE_DEFINITE, POSITIVE_SEMIDEFINITE),
                               (-1, NEGATIVE_DEFINITE, NEGATIVE_SEMIDEFINITE)):
        if _cholesky_or_none(sign * scaled - shift) is not None:
            return strict
        if _cholesky_or_none(sign * scaled + shift) is not None:
            return weak
    return INDEFINITE


def _cholesky_or_none(A: Array) -> Array | None:
    try:
        return np.linalg.cholesky(A)
    except np.linalg.LinAlgError:
        return None


def principal_minors(A: ArrayLike, *, leading: bool = False,
                     symmetrize: bool = False) -> dict[tuple[int, ...], float]:
    """Return the determinants of the submatrices on the same rows and columns.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Symmetric, 1 ≤ n; n ≤ 12 unless only leading minors are wanted.
    leading : bool
        Only the n minors of the first rows and columns instead of all 2ⁿ − 1.
    symmetrize : bool
        As in `definiteness`.

    Returns
    -------
    dict
        From the indices, counted from 0, to the minor.

    Raises
    ------
    TypeError, ValueError
        As `definiteness`, or if there are too many minors.
    OverflowError
        If a minor exceeds the largest double.

    Notes
    -----
    Sylvester: A is PD if and only if the *leading* minors are positive. For PSD *all* principal minors must be
    non-negative: [[0, 0], [0, −1]] has leading minors 0 and 0. Horn and Johnson (2013), section 7.2; see
    ``eq-psd-pivots`` and ``eq-psd-shifted-determinant``.

    Examples
    --------
    >>> minors = principal_minors([[0, 0], [0, -1]])
    >>> {index: round(minor, 12) for index, minor in minors.items()}
    {(0,): 0.0, (1,): -1.0, (0, 1): 0.0}
    """
    signs, logs, subsets = _log_minors(_as_symmetric(A, "A", symmetrize), leading)
    with np.errstate(over="ignore"):
        values = check_finite(signs * np.exp(logs), "a minor") + 0.0
    return dict(zip(subsets, values.tolist(), strict=True))


def _log_minors(A: Array, leading: bool) -> tuple[Array, Array, list[tuple[int, ...]]]:
    """Return the signs and logarithms of the principal minors, and the indices that they belong to."""
    n = len(A)
    if n > 12 and not leading:
        raise ValueError(f"A {A.shape} has 2**{n} - 1 principal minors; above n = 12 use `definiteness`")
    subsets = ([tuple(range(k)) for k in range(1, n + 1)] if leading else
               [subset for k in range(1, n + 1) for subset in combinations(range(n), k)])
    signs, logs = zip(*(np.linalg.slogdet(A[np.ix_(subset, subset)]) for subset in subsets), strict=True)
    return np.array(signs), np.array(logs), subsets


def verdict_by_minors(A: ArrayLike, *, rtol: float | None = None, symmetrize: bool = False) -> str:
    r"""Return the verdict of `definiteness` from the signs of all principal minors.

    Parameters
    ----------
    A, rtol, symmetrize
        As in `definiteness`, with n ≤ 12. A minor counts as zero if changing each row of it by a vector of length
        rtol · ‖A‖_F could make it zero: if it is at most :math:`rtol\,\|A\|_F\sum_i\prod_{j\ne i}\|r_j\|`, where
        r_j are its rows (Hadamard's inequality).

    Returns
    -------
    str

    Raises
    ------
    TypeError, ValueError
        As `principal_minors`.

    Notes
    -----
    PD: leading minors positive. PSD: all minors non-negative. For negative (semi-)definite the same holds for −A,
    whose minors of size k have the sign :math:`(-1)^k`. A tolerance for minors is a poor substitute for one on
    eigenvalues: a determinant can be tiny when no eigenvalue is. Where the two differ, trust `definiteness`.

    Examples
    --------
    >>> verdict_by_minors([[-3, 1], [1, -3]])               # diagonally dominant, and yet
    'negative definite'
    """
    scaled, _ = to_unit_scale(_as_symmetric(A, "A", symmetrize))
    signs, logs, subsets = _log_minors(scaled, leading=False)
    change = check_rtol(rtol, len(scaled) * EPS) * np.linalg.norm(scaled)
    sensitivities = np.array([_sensitivity(scaled[np.ix_(subset, subset)]) for subset in subsets])
    signs = np.where(np.exp(logs) > change * sensitivities, signs, 0)
    sizes = np.array([len(subset) for subset in subsets])
    leading = np.array([subset == tuple(range(len(subset))) for subset in subsets])
    if not scaled.any():
        return ZERO
    for turned, strict, weak in ((signs, POSITIVE_DEFINITE, POSITIVE_SEMIDEFINITE),
                                 (signs * (-1.0)**sizes, NEGATIVE_DEFINITE, NEGATIVE_SEMIDEFINITE)):
        if (turned[leading] > 0).all():
            return strict
        if (turned >= 0).all():
            return weak
    return INDEFINITE


def _sensitivity(M: Array) -> float:
    """Return Σᵢ Π_{j≠i} ‖row j‖, which bounds the change of det M when each row changes by a unit vector."""
    lengths = np.linalg.norm(M, axis=1)
    return float(sum(np.prod(np.delete(lengths, i)) for i in range(len(M))))


def gershgorin_bounds(A: ArrayLike, *, symmetrize: bool = False) -> tuple[float, float]:
    r"""Return numbers between which all eigenvalues lie, from row sums alone.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Symmetric, n ≥ 1.
    symmetrize : bool
        As in `definiteness`.

    Returns
    -------
    tuple of float
        :math:`\min_i (a_{ii} - r_i)` and :math:`\max_i (a_{ii} + r_i)` with :math:`r_i = \sum_{j\ne i}|a_{ij}|`.

    Raises
    ------
    TypeError, ValueError
        As `definiteness`.
    OverflowError
        If a bound exceeds the largest double.

    Notes
    -----
    ``eq-psd-gershgorin``; Horn and Johnson (2013), chapter 6. A first number above 0 means diagonal dominance
    *with a positive diagonal*, and proves that A is positive definite. Dominance with \|a_ii\| proves only that A
    is invertible.

    Examples
    --------
    >>> gershgorin_bounds([[3, -1], [-1, 3]]), gershgorin_bounds([[-3, 1], [1, -3]])
    ((2.0, 4.0), (-4.0, -2.0))
    """
    scaled, exponent = to_unit_scale(_as_symmetric(A, "A", symmetrize))
    diagonal = np.diag(scaled)
    radii = np.abs(scaled - np.diag(diagonal)).sum(axis=1)
    bounds = np.array([(diagonal - radii).min(), (diagonal + radii).max()])
    low, high = times_power_of_two(bounds, exponent, "a bound").tolist()
    return low, high


# ------------------------------------------------------------------------------------- factors and projections


class NotPositiveDefiniteError(ValueError):
    """Raised where a positive (semi-)definite matrix is needed; `definiteness` holds the verdict and witness."""

    def __init__(self, message: str, verdict: Definiteness) -> None:
        super().__init__(f"{message}; it is {verdict}")
        self.definiteness = verdict


def cholesky(A: ArrayLike, *, symmetrize: bool = False) -> Array:
    r"""Return the lower triangular L with positive diagonal and A = LLᵀ.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Symmetric, positive definite, n ≥ 1.
    symmetrize : bool
        As in `definiteness`. (numpy's `cholesky` reads the lower triangle and never looks at the upper one.)

    Returns
    -------
    ndarray, shape (n, n)

    Raises
    ------
    TypeError, ValueError
        If `A` is not square, empty or not symmetric.
    NotPositiveDefiniteError
        With a witness, if A is not positive definite to working precision: a pivot l_ii² is negative or at most
        n · 2.2e-16 · a_ii.

    Notes
    -----
    ``eq-psd-cholesky``; Golub and Van Loan, *Matrix Computations* (4th ed., 2013), section 4.2.

    Examples
    --------
    >>> cholesky([[4, 2], [2, 5]])
    array([[2., 0.],
           [1., 2.]])
    """
    A = _as_symmetric(A, "A", symmetrize)
    scaled, exponent = _to_even_scale(A)
    L = _cholesky_or_none(scaled)
    # A pivot of the size of rounding errors in a_ii could as well be negative.
    if L is None or (np.diag(L)**2 <= len(A) * EPS * np.diag(scaled)).any():
        raise NotPositiveDefiniteError("A is not positive definite to working precision", definiteness(A))
    return times_power_of_two(L, exponent // 2)


def _to_even_scale(A: Array) -> tuple[Array, int]:
    """Return A · 2**-e with an even e, whose half then scales a square root."""
    _, exponent = to_unit_scale(A)
    exponent += exponent % 2
    return times_power_of_two(A, -exponent), exponent


def cholesky_logdet(A: ArrayLike, *, symmetrize: bool = False) -> float:
    r"""Return log det A = 2 Σ log L_ii of a positive definite matrix.

    Parameters
    ----------
    A, symmetrize
        As in `cholesky`.

    Returns
    -------
    float
        Finite also where det A would under- or overflow.

    Raises
    ------
    TypeError, ValueError, NotPositiveDefiniteError
        As `cholesky`.

    Notes
    -----
    ``eq-psd-logdet``, from :math:`\det A = \det L \det L^T = \prod_i L_{ii}^2`.

    Examples
    --------
    >>> round(cholesky_logdet(0.1 * np.eye(400)), 6)        # det A = 1e-400 is no double
    -921.034037
    """
    return float(2 * np.log(np.diag(cholesky(A, symmetrize=symmetrize))).sum())


def psd_sqrt(A: ArrayLike, *, rtol: float | None = None, symmetrize: bool = False) -> Array:
    r"""Return the positive semi-definite S with S² = A.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Symmetric, positive semi-definite, n ≥ 1.
    rtol, symmetrize
        As in `definiteness`: negative eigenvalues within the tolerance are taken for rounding errors of zero.

    Returns
    -------
    ndarray, shape (n, n)
        The only PSD square root; exactly symmetric.

    Raises
    ------
    TypeError, ValueError
        If `A` is not square, empty or not symmetric.
    NotPositiveDefiniteError
        If A has an eigenvalue below −tolerance.

    Notes
    -----
    ``eq-psd-sqrt``, :math:`S = Q\Lambda^{1/2}Q^T`; Horn and Johnson (2013), Theorem 7.2.6. An eigenvalue that
    rounding has made −1e-16 becomes 0, so entries of S are accurate to about 1e-8 · ‖A‖^{1/2} only where A is
    singular.

    Examples
    --------
    >>> psd_sqrt([[2, 0], [0, 0]]).round(4)
    array([[1.4142, 0.    ],
           [0.    , 0.    ]])
    """
    A = _as_symmetric(A, "A", symmetrize)
    scaled, exponent = _to_even_scale(A)
    eigenvalues, Q = np.linalg.eigh(scaled)
    if eigenvalues[0] < -check_rtol(rtol, len(A) * EPS) * np.abs(eigenvalues).max():
        raise NotPositiveDefiniteError("A must be positive semi-definite to have a PSD square root",
                                       definiteness(A, rtol=rtol))
    S = (Q * np.sqrt(eigenvalues.clip(min=0))) @ Q.T
    return times_power_of_two(symmetric_part(S), exponent // 2)


@dataclass(frozen=True, eq=False, repr=False)
class NearestPSD:
    """The PSD matrix closest to A in the Frobenius norm.

    Attributes
    ----------
    matrix : ndarray, shape (n, n)
    distance : float
        ‖A − matrix‖_F, from the eigenvalues that were cut off and the skew part.
    """

    matrix: Array
    distance: float

    def __repr__(self) -> str:
        n = len(self.matrix)
        return f"nearest PSD matrix to a {n}×{n} matrix, at Frobenius distance {self.distance:.6g}"


def nearest_psd(A: ArrayLike) -> NearestPSD:
    r"""Return the positive semi-definite matrix closest to a square matrix in the Frobenius norm.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Square, n ≥ 1; it need not be symmetric.

    Returns
    -------
    NearestPSD
        Its matrix is exactly symmetric; rounding can leave eigenvalues of about −1e-16 · ‖A‖.

    Raises
    ------
    TypeError, ValueError
        If `A` is not square or empty.
    OverflowError
        If the result exceeds the largest double.

    Notes
    -----
    ``eq-psd-nearest``; Higham (1988), *Computing a nearest symmetric positive semidefinite matrix*:
    with the symmetric part B and the skew part C of A, keep the non-negative eigenvalues of B. The squared
    distance is :math:`\sum_{\lambda_i(B)<0}\lambda_i(B)^2 + \|C\|_F^2`, and the minimiser is unique.

    Examples
    --------
    >>> nearest_psd([[1, 0], [0, -2]])
    nearest PSD matrix to a 2×2 matrix, at Frobenius distance 2
    """
    scaled, exponent = to_unit_scale(as_square(A, "A"))
    B = _as_symmetric(scaled, "A", symmetrize=True)
    eigenvalues, Q = np.linalg.eigh(B)
    nearest = symmetric_part((Q * eigenvalues.clip(min=0)) @ Q.T)
    distance = np.hypot(np.linalg.norm(eigenvalues.clip(max=0)), np.linalg.norm(scaled - B))
    return NearestPSD(times_power_of_two(nearest, exponent, "the nearest PSD matrix"),
                      float(times_power_of_two(distance, exponent, "the distance")))


# ----------------------------------------------------------------------------- Gram matrices, covariance, products


def gram_matrix(X: ArrayLike) -> Array:
    r"""Return XᵀX, the inner products of the columns of X.

    Parameters
    ----------
    X : array_like, shape (m, n)
        For m = 0 every inner product is an empty sum, 0.

    Returns
    -------
    ndarray, shape (n, n)
        Exactly symmetric and PSD up to rounding; positive definite if and only if the columns are independent.

    Raises
    ------
    TypeError, ValueError
        If `X` is not a matrix of finite real numbers.
    OverflowError
        If an entry exceeds the largest double.

    Notes
    -----
    :math:`z^TX^TXz = \|Xz\|^2`; Horn and Johnson (2013), Theorem 7.2.10.

    Examples
    --------
    >>> gram_matrix([[1, 2], [0, 1]])
    array([[1., 2.],
           [2., 5.]])
    """
    X, exponent = to_unit_scale(as_matrix(X, "X"))
    return times_power_of_two(symmetric_part(X.T @ X), 2 * exponent, "XᵀX")


def covariance_matrix(X: ArrayLike) -> Array:
    r"""Return the sample covariance of the columns of X.

    Parameters
    ----------
    X : array_like, shape (m, n)
        One sample a row, m ≥ 2.

    Returns
    -------
    ndarray, shape (n, n)
        :math:`\frac{1}{m-1}X_c^TX_c` for the centred data; PSD, and singular if m ≤ n.

    Raises
    ------
    TypeError, ValueError
        If there are fewer than two samples.
    OverflowError
        If an entry exceeds the largest double.

    Notes
    -----
    ``eq-psd-covariance``. Computed from centred data, so that a mean of 1e8 beside a spread of 1 costs no digit of
    the spread.

    Examples
    --------
    >>> covariance_matrix([[1, 0], [2, 2], [3, 4]])
    array([[1., 2.],
           [2., 4.]])
    """
    X, exponent = to_unit_scale(as_matrix(X, "X"))
    if len(X) < 2:
        raise ValueError(f"a covariance needs at least two samples (rows); the shape of X is {X.shape}")
    centred, _ = centre(X)
    return times_power_of_two(gram_matrix(centred) / (len(X) - 1), 2 * exponent, "the covariance")


def schur_product(A: ArrayLike, B: ArrayLike) -> Array:
    r"""Return A ∘ B for positive semi-definite A and B: it is positive semi-definite too.

    Parameters
    ----------
    A, B : array_like, shape (n, n)
        Symmetric, positive semi-definite, n ≥ 1.

    Returns
    -------
    ndarray, shape (n, n)

    Raises
    ------
    TypeError, ValueError
        If the shapes differ or a matrix is not symmetric.
    NotPositiveDefiniteError
        If A or B is not PSD, with a witness: the theorem then says nothing.
    OverflowError
        If an entry exceeds the largest double.

    Notes
    -----
    The Schur product theorem, ``eq-psd-schur``; Horn and Johnson (2013), chapter 7. Proof: if A = FFᵀ and B =
    GGᵀ, then A ∘ B = HHᵀ with the rows of `row_kronecker(F, G)`.

    Examples
    --------
    >>> schur_product([[2, 1], [1, 2]], [[1, -1], [-1, 1]])
    array([[ 2., -1.],
           [-1.,  2.]])
    """
    A, B = _as_symmetric(A, "A"), _as_symmetric(B, "B")
    check_same_shape(A, "A", B, "B")
    for name, matrix in (("A", A), ("B", B)):
        verdict = definiteness(matrix)
        if not verdict.is_psd:
            raise NotPositiveDefiniteError(f"{name} must be positive semi-definite", verdict)
    with np.errstate(over="ignore"):
        return check_finite(A * B, "A ∘ B")


def row_kronecker(F: ArrayLike, G: ArrayLike) -> Array:
    r"""Return H with the rows :math:`h_i = f_i \otimes g_i`, for which HHᵀ = (FFᵀ) ∘ (GGᵀ).

    Parameters
    ----------
    F : array_like, shape (n, p)
    G : array_like, shape (n, q)

    Returns
    -------
    ndarray, shape (n, pq)

    Raises
    ------
    TypeError, ValueError
        If the numbers of rows differ.
    OverflowError
        If an entry exceeds the largest double.

    Notes
    -----
    :math:`\langle f_i\otimes g_i, f_j\otimes g_j\rangle = \langle f_i, f_j\rangle\langle g_i, g_j\rangle`. This
    is the proof of the Schur product theorem as a computation.

    Examples
    --------
    >>> row_kronecker([[1, 2]], [[3, 5]])
    array([[ 3.,  5.,  6., 10.]])
    """
    F, G = as_matrix(F, "F"), as_matrix(G, "G")
    if len(F) != len(G):
        raise ValueError(f"F and G must have equally many rows; their shapes are {F.shape} and {G.shape}")
    with np.errstate(over="ignore"):
        return check_finite((F[:, :, None] * G[:, None, :]).reshape(len(F), F.shape[1] * G.shape[1]), "H")


# ------------------------------------------------------------------------------------- the kernel behind attention


@dataclass(frozen=True, eq=False, repr=False)
class ScaledKernel:
    """The entry-wise exponential K = exp(XYᵀ), held as K = diag(e^r) G diag(e^c) so that nothing overflows.

    Attributes
    ----------
    exponents : ndarray, shape (m, n)
        XYᵀ = log K, entry by entry.
    core : ndarray, shape (m, n)
        G_ij = exp(−½‖xᵢ − yⱼ‖²), from 0 to 1. For X = Y it has unit diagonal and the same definiteness as K.
    log_rows, log_columns : ndarray, shapes (m,) and (n,)
        rᵢ = ½‖xᵢ‖² and cⱼ = ½‖yⱼ‖².
    """

    exponents: Array
    core: Array
    log_rows: Array
    log_columns: Array

    def matrix(self) -> Array:
        """Return K itself; OverflowError where an inner product exceeds 709.78."""
        with np.errstate(over="ignore"):
            return check_finite(np.exp(self.exponents), "exp(XYᵀ)")

    def __repr__(self) -> str:
        m, n = self.core.shape
        span = f"{self.exponents.min():.4g} to {self.exponents.max():.4g}" if self.core.size else "none"
        return f"exponential kernel {m}×{n}, logarithms of its entries from {span}"


def exponential_kernel(X: ArrayLike, Y: ArrayLike | None = None) -> ScaledKernel:
    r"""Return the entry-wise exponential of XYᵀ in a form that does not overflow.

    Parameters
    ----------
    X : array_like, shape (m, d)
        Vectors as rows.
    Y : array_like, shape (n, d), optional
        X itself if omitted; then K = exp(XXᵀ) is symmetric and positive semi-definite. For X = Q, Y = K it is
        the numerator of attention, the upper right block of the kernel of the rows of Q and K together.

    Returns
    -------
    ScaledKernel

    Raises
    ------
    TypeError, ValueError
        If the rows differ in length.
    OverflowError
        If a squared length exceeds the largest double.

    Notes
    -----
    ``eq-psd-exponential-scaling``:
    :math:`e^{x^Ty} = e^{\|x\|^2/2}\,e^{-\|x-y\|^2/2}\,e^{\|y\|^2/2}`. K = Σ_k (XXᵀ)^{∘k}/k! is PSD by the Schur
    product theorem; Horn and Johnson (2013), chapter 7. This is not the matrix exponential e^{XXᵀ}. The
    distances are summed feature by feature: ‖x‖² − 2xᵀy + ‖y‖² would cancel for close vectors far from 0.

    Examples
    --------
    >>> kernel = exponential_kernel([[30.0, 0.0], [30.0, 1.0]])    # entries of K are near e^900
    >>> kernel.core.round(4)
    array([[1.    , 0.6065],
           [0.6065, 1.    ]])
    """
    X = as_matrix(X, "X")
    Y = X if Y is None else as_matrix(Y, "Y")
    if X.shape[1] != Y.shape[1]:
        raise ValueError(f"the rows of X and Y must be equally long; the shapes are {X.shape} and {Y.shape}")
    squares = np.zeros((len(X), len(Y)))
    with np.errstate(over="ignore", invalid="ignore"):
        for x, y in zip(X.T, Y.T, strict=True):
            squares += np.subtract.outer(x, y)**2
        exponents = check_finite(X @ Y.T, "XYᵀ")
        log_rows, log_columns = (check_finite(0.5 * (Z * Z).sum(axis=1), "½‖x‖²") for Z in (X, Y))
    return ScaledKernel(exponents, np.exp(-0.5 * squares), log_rows, log_columns)


def attention_weights(Q: ArrayLike, K: ArrayLike, scale: float | None = None) -> Array:
    r"""Return the attention weights of queries on keys: each row of exp(scale · QKᵀ) divided by its sum.

    Parameters
    ----------
    Q : array_like, shape (m, d)
        Queries as rows.
    K : array_like, shape (n, d)
        Keys as rows, n ≥ 1.
    scale : float, optional
        Default 1/√d.

    Returns
    -------
    ndarray, shape (m, n)
        Rows of non-negative numbers that sum to one.

    Raises
    ------
    TypeError, ValueError
        If the rows differ in length, d = 0 or n = 0, or the scale is not finite.
    OverflowError
        If an inner product exceeds the largest double.

    Notes
    -----
    ``eq-psd-attention``; Vaswani et al. (2017), equation (1), without the values. The row factors of
    `exponential_kernel` cancel in the quotient, which is why attention can be computed where its numerator
    overflows.

    Examples
    --------
    >>> attention_weights([[100.0, 0.0]], [[100.0, 0.0], [0.0, 100.0]])
    array([[1., 0.]])
    """
    Q, K = as_matrix(Q, "Q"), as_matrix(K, "K")
    if Q.shape[1] != K.shape[1] or Q.shape[1] == 0:
        raise ValueError(f"the rows of Q and K must be equally long, and not empty; the shapes are {Q.shape} and "
                         f"{K.shape}")
    scale = 1 / np.sqrt(Q.shape[1]) if scale is None else float(as_array(scale, "scale", 0))
    with np.errstate(over="ignore", invalid="ignore"):
        logits = check_finite(scale * (Q @ K.T), "QKᵀ")
    return softmax(logits, axis=1)


def shifted_gram_condition(A: ArrayLike, d: ArrayLike) -> Array:
    r"""Return κ₂(AᵀA + dI) for each d ≥ 0.

    Parameters
    ----------
    A : array_like, shape (m, n)
        n ≥ 1.
    d : array_like
        Shifts, any shape, none negative: for d = −λᵢ the matrix is singular.

    Returns
    -------
    ndarray
        The shape of `d`; ∞ for d = 0 if A has dependent columns to working precision, decreasing to 1 as d grows.

    Raises
    ------
    TypeError, ValueError
        If `A` has no columns or a shift is negative.

    Notes
    -----
    ``eq-psd-shift``, :math:`(\sigma_1^2 + d)/(\sigma_n^2 + d)`, from the singular values of A, with
    :math:`\sigma_n = 0` if m < n. For every d > 0 the matrix is positive definite.

    Examples
    --------
    >>> shifted_gram_condition([[3, 0], [0, 0]], [0, 1, 9])
    array([inf, 10.,  2.])
    """
    A, d = as_matrix(A, "A"), as_array(d, "d")
    if A.shape[1] == 0:
        raise ValueError(f"A must have at least one column; its shape is {A.shape}")
    if (d < 0).any():
        raise ValueError(f"AᵀA + dI is singular for d = −λᵢ, so d must not be negative; the smallest is {d.min()}")
    scaled, exponent = to_unit_scale(A)
    s = np.linalg.svd(scaled, compute_uv=False)
    largest = s.max(initial=0.0)
    smallest = s[-1] if len(s) == A.shape[1] and s[-1] > max(A.shape) * EPS * largest else 0.0
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        shift = np.ldexp(np.sqrt(d), -exponent)
        kappa = (np.hypot(largest, shift) / np.hypot(smallest, shift))**2
    # A shift beyond doubles in these units dwarfs A; a zero matrix without a shift is singular.
    return np.where(np.isinf(shift), 1.0, np.where(np.isnan(kappa), np.inf, kappa))
