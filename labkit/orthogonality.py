"""Orthogonal matrices and eigenvalues: Gram–Schmidt and Householder, Rayleigh quotients and iterations."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labkit._arrays import Array, as_matrix, as_square, as_vector, make_rng
from labkit.foundations import EPS, _ldexp, _positive, _split

# --- what is orthogonal? ---------------------------------------------------------------------------------------


def orthogonality_error(Q: ArrayLike) -> float:
    r"""Return :math:`\|Q^{H}Q - I\|_2`: how far the columns of Q are from being orthonormal.

    Parameters
    ----------
    Q : array_like, shape (m, n)
        Real or complex.

    Returns
    -------
    float
        0 for no columns; at least 1 if n > m, since n > m columns are dependent.

    Raises
    ------
    ValueError
        If `Q` is not a matrix of finite numbers.

    Examples
    --------
    >>> orthogonality_error([[0, 1], [1, 0]]), orthogonality_error([[2.0], [0.0]])
    (0.0, 3.0)
    """
    Q = as_matrix(Q, "Q", allow_complex=True)
    with np.errstate(over="ignore", invalid="ignore"):
        G = Q.conj().T @ Q - np.eye(Q.shape[1])
    if not np.isfinite(G).all():
        return np.inf
    return float(np.linalg.svd(G, compute_uv=False).max(initial=0.0))


def is_orthonormal(Q: ArrayLike, tolerance: float | None = None) -> bool:
    """Tell whether the columns of Q are orthonormal: pairwise orthogonal *and* of length one, QᴴQ = I.

    Parameters
    ----------
    Q : array_like, shape (m, n)
        Real or complex; it may be tall.
    tolerance : float, optional
        The largest `orthogonality_error` that passes; 10 · max(m, n) · eps by default.

    Returns
    -------
    bool

    Raises
    ------
    ValueError
        If `Q` is not a matrix of finite numbers, or the tolerance is negative or NaN.

    See Also
    --------
    is_orthogonal : for a square matrix, where QQᴴ = I follows.
    are_orthogonal : without the condition on the length.

    Examples
    --------
    >>> is_orthonormal([[0.6], [0.8]]), is_orthonormal([[3.0], [4.0]])
    (True, False)
    """
    Q = as_matrix(Q, "Q", allow_complex=True)
    return orthogonality_error(Q) <= _tolerance(tolerance, Q)


def _tolerance(tolerance: float | None, A: Array) -> float:
    """Return the tolerance given, or 10 max(m, n) eps."""
    if tolerance is None:
        return 10 * max(A.shape, default=0) * EPS
    if not tolerance >= 0:
        raise ValueError(f"tolerance must be a number that is at least 0; it is {tolerance}")
    return float(tolerance)


def is_orthogonal(Q: ArrayLike, tolerance: float | None = None) -> bool:
    """Tell whether Q is an orthogonal matrix (unitary, if complex): square with QᴴQ = I, hence QQᴴ = I.

    Equations ``eq-orthogonality-definition`` and ``eq-orthogonality-unitary``.

    Parameters
    ----------
    Q : array_like, shape (m, n)
        Real or complex. If m ≠ n the answer is False, even where the columns are orthonormal.
    tolerance : float, optional
        As in `is_orthonormal`.

    Returns
    -------
    bool

    Raises
    ------
    ValueError
        As `is_orthonormal`.

    Examples
    --------
    >>> is_orthogonal([[0, -1], [1, 0]]), is_orthogonal([[0.6], [0.8]])
    (True, False)
    """
    Q = as_matrix(Q, "Q", allow_complex=True)
    return is_orthonormal(Q, tolerance) and Q.shape[0] == Q.shape[1]


def are_orthogonal(V: ArrayLike, tolerance: float | None = None) -> bool:
    """Tell whether the columns of V are pairwise orthogonal, whatever their lengths.

    Parameters
    ----------
    V : array_like, shape (m, n)
        Real or complex. A zero column is orthogonal to every vector.
    tolerance : float, optional
        The largest cosine |vᴴw|/(‖v‖‖w‖) that passes; 10 · max(m, n) · eps by default.

    Returns
    -------
    bool

    Raises
    ------
    ValueError
        If `V` is not a matrix of finite numbers, or the tolerance is negative or NaN.

    Examples
    --------
    >>> are_orthogonal([[3, -4], [4, 3]]), are_orthogonal([[1, 1], [0, 1]])
    (True, False)
    """
    V = as_matrix(V, "V", allow_complex=True)
    limit = _tolerance(tolerance, V)
    U = np.array([_split(v)[0] for v in V.T]).reshape(V.shape[::-1]).T
    length = np.linalg.norm(U, axis=0)
    U = U / np.where(length > 0, length, 1.0)
    cosines = np.abs(U.conj().T @ U)
    np.fill_diagonal(cosines, 0.0)
    return bool(cosines.max(initial=0.0) <= limit)


def rotation(angle: float, n: int = 2, plane: tuple[int, int] = (0, 1)) -> Array:
    """Return the matrix that turns the first axis of a plane by an angle towards the second.

    In two dimensions it is the first matrix of ``eq-orthogonality-plane``.

    Parameters
    ----------
    angle : float
        In radians; counter-clockwise for n = 2.
    n : int
        The dimension, at least 2.
    plane : (int, int)
        The indices of two different axes; everything perpendicular to them stays where it is.

    Returns
    -------
    ndarray, shape (n, n)
        Orthogonal with determinant 1.

    Raises
    ------
    ValueError
        If the angle is not finite or the plane does not name two different axes.

    Examples
    --------
    >>> rotation(np.pi / 2).round(12) + 0.0
    array([[ 0., -1.],
           [ 1.,  0.]])
    """
    i, j = plane
    if not np.isfinite(angle):
        raise ValueError(f"angle must be finite; it is {angle}")
    if i == j or not (0 <= i < n and 0 <= j < n):
        raise ValueError(f"plane must name two different axes from 0 to {n - 1}; it is {plane}")
    Q = np.eye(n)
    Q[i, i] = Q[j, j] = np.cos(angle)
    Q[j, i] = np.sin(angle)
    Q[i, j] = -Q[j, i]
    return Q


def reflection(v: ArrayLike) -> Array:
    r"""Return :math:`H = I - 2vv^{T}/v^{T}v`, the reflection in the hyperplane perpendicular to v.

    Equation ``eq-orthogonality-householder``.

    Parameters
    ----------
    v : array_like, shape (n,)
        Not zero; its length does not matter.

    Returns
    -------
    ndarray, shape (n, n)
        Symmetric and orthogonal, H² = I, with determinant -1.

    Raises
    ------
    ValueError
        If v is zero or not a vector of finite numbers.

    Examples
    --------
    >>> reflection([0, 2])
    array([[ 1.,  0.],
           [ 0., -1.]])
    """
    v = _unit(as_vector(v, "v"), "v")
    return np.eye(len(v)) - 2 * np.outer(v, v)


def _unit(v: Array, name: str) -> Array:
    """Return v/‖v‖₂ for a v of any size but zero."""
    v = _split(v)[0]
    length = np.linalg.norm(v)
    if length == 0:
        raise ValueError(f"{name} must not be zero: the zero vector has no direction")
    return v / length


def orthogonal_type(Q: ArrayLike, tolerance: float | None = None) -> str:
    """Return "rotation" if a real orthogonal matrix has determinant 1, "reflection" if it has -1.

    Parameters
    ----------
    Q : array_like, shape (n, n)
        Real and orthogonal. For n > 2 a "reflection" may be one followed by a rotation.
    tolerance : float, optional
        As in `is_orthonormal`.

    Returns
    -------
    str

    Raises
    ------
    TypeError, ValueError
        If `Q` is complex, not square, or not orthogonal.

    Examples
    --------
    >>> orthogonal_type([[0, -1], [1, 0]]), orthogonal_type([[0, 1], [1, 0]])
    ('rotation', 'reflection')
    """
    Q = as_square(Q, "Q")
    if not is_orthogonal(Q, tolerance):
        raise ValueError(f"Q is not orthogonal: ‖QᵀQ - I‖₂ = {orthogonality_error(Q):.2e}")
    return "rotation" if np.linalg.slogdet(Q)[0] > 0 else "reflection"


# --- Gram–Schmidt and Householder ------------------------------------------------------------------------------

@dataclass(frozen=True, eq=False)
class QR:
    """A factorisation A = QR with what rounding did to it.

    Attributes
    ----------
    Q : ndarray, shape (m, k), k = min(m, n)
        Columns that would be orthonormal in exact arithmetic.
    R : ndarray, shape (k, n)
        Upper triangular, its diagonal not negative.
    method : str
        How it was computed.
    orthogonality_error : float
        ‖QᵀQ - I‖₂.
    residual : float
        ‖A - QR‖_F/‖A‖_F, with the columns of A brought to comparable length.
    """

    Q: Array
    R: Array
    method: str
    orthogonality_error: float
    residual: float

    def __str__(self) -> str:
        return (f"{self.method}: ‖QᵀQ - I‖₂ = {self.orthogonality_error:.1e}, "
                f"‖A - QR‖_F/‖A‖_F = {self.residual:.1e}")


def _finish(A: Array, Q: Array, R: Array, exponent: NDArray[np.integer], method: str) -> QR:
    """Return the result for A whose columns were divided by 2^exponent before Q and R were computed."""
    B = np.ldexp(A, -exponent)
    residual = float(np.linalg.norm(B - Q @ R) / (np.linalg.norm(B) or 1.0))
    return QR(Q, np.ldexp(R, exponent), method, orthogonality_error(Q), residual)


_PASSES = {"modified": 0, "classical": 1, "twice": 2}
"""How often each method projects a whole column on all the directions before it."""


def gram_schmidt(A: ArrayLike, method: str = "modified", tolerance: float | None = None) -> QR:
    r"""Return A = QR by orthogonalising the columns of A one after another.

    Equation ``eq-orthogonality-gram-schmidt``; how orthogonality is lost, ``eq-orthogonality-loss``.

    Parameters
    ----------
    A : array_like, shape (m, n), m ≥ n
        Real, with independent columns.
    method : {"modified", "classical", "twice"}
        "classical" takes every projection from the original column, "modified" from what is left of it, and
        "twice" repeats the classical step once.
    tolerance : float, optional
        A column counts as dependent on those before it if at most this fraction of its length is left; 10 m · eps
        by default. 0 refuses only when nothing is left.

    Returns
    -------
    QR

    Raises
    ------
    ValueError
        If A has more columns than rows, a column is dependent, the method is unknown, the tolerance is negative,
        or an entry is NaN or infinite.

    See Also
    --------
    householder_qr : orthonormal columns for every A, dependent columns included.

    Notes
    -----
    In exact arithmetic the three agree. In floating point ‖QᵀQ - I‖ can grow like κ(A)² u for the classical method
    (Giraud, Langou, Rozložník and van den Eshof 2005) and like κ(A) u for the modified one (Björck 1967); twice is
    enough to keep it near u as long as κ(A) u is well below 1.

    Examples
    --------
    >>> A = [[1, 1, 1], [1e-8, 0, 0], [0, 1e-8, 0], [0, 0, 1e-8]]         # Läuchli's matrix, κ = 1.7e8
    >>> print(gram_schmidt(A, "classical"))
    classical Gram–Schmidt: ‖QᵀQ - I‖₂ = 5.0e-01, ‖A - QR‖_F/‖A‖_F = ...
    >>> print(gram_schmidt(A, "modified"))
    modified Gram–Schmidt: ‖QᵀQ - I‖₂ = ...e-09, ‖A - QR‖_F/‖A‖_F = ...
    """
    A = as_matrix(A, "A")
    if method not in _PASSES:
        raise ValueError(f"method must be 'modified', 'classical' or 'twice'; it is {method!r}")
    m, n = A.shape
    if m < n:
        raise ValueError(f"A has {n} columns but only {m} rows: its columns are dependent; see householder_qr")
    limit = _tolerance(tolerance, A)
    exponent = np.frexp(np.abs(A).max(axis=0, initial=0.0))[1]
    V = np.ldexp(A, -exponent)
    length = np.linalg.norm(V, axis=0)
    Q, R = np.zeros((m, n)), np.zeros((n, n))
    for j in range(n):
        for _ in range(_PASSES[method]):
            V[:, j] -= _project_out(Q, R, V[:, j], j)
        R[j, j] = np.linalg.norm(V[:, j])
        if R[j, j] <= limit * length[j]:
            left = R[j, j] / (length[j] or 1.0)
            raise ValueError(f"column {j} of A depends on the columns before it: the fraction of its length that "
                             f"is left is {left:.1e}; see householder_qr")
        Q[:, j] = V[:, j] / R[j, j]
        if method == "modified":  # take the new direction out of all later columns at once
            R[j, j + 1:] = Q[:, j] @ V[:, j + 1:]
            V[:, j + 1:] -= np.outer(Q[:, j], R[j, j + 1:])
    name = {"twice": "classical Gram–Schmidt, twice"}.get(method, f"{method} Gram–Schmidt")
    return _finish(A, Q, R, exponent, name)


def _project_out(Q: Array, R: Array, v: Array, j: int) -> Array:
    """Return the projection of v on the first j columns of Q and add its coefficients to column j of R."""
    coefficients = Q[:, :j].T @ v
    R[:j, j] += coefficients
    return Q[:, :j] @ coefficients


def householder_qr(A: ArrayLike) -> QR:
    r"""Return the thin A = QR by reflections: :math:`H_k \cdots H_1 A = R` and :math:`Q = H_1 \cdots H_k`.

    Parameters
    ----------
    A : array_like, shape (m, n)
        Real, of any shape and rank.

    Returns
    -------
    QR
        The columns of Q are orthonormal up to rounding, whatever A is. Where columns of A are dependent, R has
        (almost) zeros on its diagonal, and the columns of Q span more than the range of A.

    Raises
    ------
    ValueError
        If `A` is not a matrix of finite numbers.

    Notes
    -----
    Each reflection maps what is left of a column to a multiple of e₁, with the sign that avoids cancellation
    (Golub and Van Loan, *Matrix Computations*, 4th ed., algorithm 5.2.1). Signs are changed at the end so that
    R has no negative diagonal entry; for independent columns this makes Q and R unique.

    Examples
    --------
    >>> f = householder_qr([[3, 5], [4, 0]])
    >>> f.Q.round(12), f.R.round(12)
    (array([[ 0.6,  0.8],
           [ 0.8, -0.6]]), array([[5., 3.],
           [0., 4.]]))
    """
    A = as_matrix(A, "A")
    m, n = A.shape
    exponent = np.frexp(np.abs(A).max(axis=0, initial=0.0))[1]
    R = np.ldexp(A, -exponent)
    normals = []
    for k in range(min(m, n)):
        v = _householder_vector(R[k:, k])
        R[k:, k:] -= 2 * np.outer(v, v @ R[k:, k:])
        normals.append(v)
    Q = np.eye(m, min(m, n))
    for k in reversed(range(len(normals))):
        v = normals[k]
        Q[k:, k:] -= 2 * np.outer(v, v @ Q[k:, k:])
    R = np.triu(R[:min(m, n)])
    sign = np.where(np.diag(R) < 0, -1.0, 1.0)
    return _finish(A, Q * sign, R * sign[:, None] + 0.0, exponent, "Householder")  # + 0.0 turns -0 into 0


def _householder_vector(x: Array) -> Array:
    """Return the unit v for which (I - 2vvᵀ)x is a multiple of e₁, or 0 if x already is one."""
    if not x[1:].any():
        return np.zeros(len(x))
    v = _split(x)[0]
    v[0] += np.copysign(np.linalg.norm(v), v[0])
    return v / np.linalg.norm(v)


# --- eigenvalues -----------------------------------------------------------------------------------------------

def rayleigh_quotient(A: ArrayLike, x: ArrayLike) -> float:
    r"""Return :math:`x^{T}Ax / x^{T}x`, for symmetric A a number between λ_min and λ_max.

    Equation ``eq-orthogonality-rayleigh``.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Real. It need not be symmetric, but only its symmetric part matters, as xᵀAx = xᵀ((A + Aᵀ)/2)x.
    x : array_like, shape (n,)
        Not zero.

    Returns
    -------
    float
        The number μ for which ‖Ax - μx‖₂ is least.

    Raises
    ------
    ValueError
        If x is zero, or the shapes do not fit.

    Examples
    --------
    >>> rayleigh_quotient([[2, 0], [0, 5]], [1e200, 1e200])
    3.5
    """
    A, x = as_square(A, "A"), as_vector(x, "x")
    if len(x) != len(A):
        raise ValueError(f"A {A.shape} and x {x.shape} do not fit: x must have as many entries as A has columns")
    B, e = _split(A)
    x = _split(x)[0]
    if not x.any():
        raise ValueError("x must not be zero: the zero vector has no direction")
    return float(_ldexp(x @ B @ x / (x @ x), e))


@dataclass(frozen=True, eq=False)
class EigenIteration:
    """What an iteration for one eigenpair has found, with its history.

    Attributes
    ----------
    value : float
        The last approximation λ of an eigenvalue.
    vector : ndarray, shape (n,)
        The unit vector x that belongs to it; its largest entry is positive.
    values, residuals : ndarray
        λ_k and ‖Ax_k - λ_k x_k‖₂ from the starting vector on. A residual is the 2-norm of a change of A that would
        make the pair exact.
    converged : bool
        Whether the last residual is within the tolerance.
    method : str
        The name of the iteration.
    """

    value: float
    vector: Array
    values: Array
    residuals: Array
    converged: bool
    method: str

    @property
    def iterations(self) -> int:
        """How many steps were taken after the starting vector."""
        return len(self.values) - 1

    def __str__(self) -> str:
        state = "converged" if self.converged else "not converged"
        return (f"{self.method}: λ ≈ {self.value:.10g}, residual {self.residuals[-1]:.1e} "
                f"after {self.iterations} steps, {state}")


Step = Callable[[Array, Array, float], Array]


def _iterate(A: Array, x0: ArrayLike | None, step: Step, tolerance: float, max_iterations: int,
             seed: int | np.random.Generator | None, method: str) -> EigenIteration:
    """Repeat x ← step(x, Ax, λ)/‖·‖ on A divided by a power of two, until the residual is small."""
    if len(A) == 0:
        raise ValueError("A must not be empty: a 0 × 0 matrix has no eigenvalue")
    if not tolerance >= 0 or max_iterations < 1:
        raise ValueError(f"tolerance must be at least 0 and max_iterations at least 1; they are {tolerance} and "
                         f"{max_iterations}")
    x = make_rng(seed).standard_normal(len(A)) if x0 is None else as_vector(x0, "x0")
    if len(x) != len(A):
        raise ValueError(f"A {A.shape} and x0 {x.shape} do not fit: x0 must have as many entries as A has columns")
    x, (B, e) = _unit(x, "x0"), _split(A)
    limit = tolerance * np.linalg.norm(B)
    values: list[float] = []
    residuals: list[float] = []
    while True:
        y = B @ x
        values.append(float(x @ y))
        residuals.append(float(np.linalg.norm(y - values[-1] * x)))
        if residuals[-1] <= limit or len(values) > max_iterations:
            break
        x = _unit(step(x, y, values[-1]), "the next vector")
    value, vector = float(_ldexp(np.float64(values[-1]), e)), _positive(x[:, None])[:, 0]
    return EigenIteration(value, vector, _ldexp(np.array(values), e), _ldexp(np.array(residuals), e),
                          bool(residuals[-1] <= limit), method)


def power_iteration(A: ArrayLike, x0: ArrayLike | None = None, tolerance: float = 1e-10,
                    max_iterations: int = 1000, seed: int | np.random.Generator | None = 0) -> EigenIteration:
    """Return the eigenvalue of largest absolute value by x ← Ax, normalised.

    Its rate is that of ``eq-orthogonality-power``.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Real, not empty; it need not be symmetric.
    x0 : array_like, shape (n,), optional
        The starting vector; random by default. One without a component along the wanted eigenvector leads to
        another eigenvalue, until rounding supplies it.
    tolerance : float
        Stop at a residual of this fraction of ‖A‖_F.
    max_iterations : int
        At least 1.
    seed : int, Generator or None
        For the random start.

    Returns
    -------
    EigenIteration
        Not converged when no single real eigenvalue dominates: a complex pair, or λ and -λ.

    Raises
    ------
    ValueError
        If `A` is empty, not square or not finite, x0 is zero or does not fit, or a number is out of range.

    Notes
    -----
    The error of the vector shrinks by |λ₂/λ₁| a step; that of the value, for symmetric A, by its square.

    Examples
    --------
    >>> found = power_iteration([[2, 1], [1, 2]])
    >>> round(found.value, 9), found.vector.round(6), found.converged
    (3.0, array([0.707107, 0.707107]), True)
    >>> power_iteration([[0, -1], [1, 0]]).converged      # a rotation: eigenvalues ±i
    False
    """
    A = as_square(A, "A")
    return _iterate(A, x0, lambda x, y, value: y, tolerance, max_iterations, seed, "power iteration")


def _solve_shifted(B: Array, shift: float, x: Array) -> Array:
    """Return a solution of (B - shift I)y = x, with the shift moved a little if it is an eigenvalue."""
    move = 0.0
    while True:
        try:
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                y = np.linalg.solve(B - (shift + move) * np.eye(len(B)), x)
        except np.linalg.LinAlgError:
            y = np.full(len(x), np.inf)
        if np.isfinite(y).all():
            return y
        move = 2 * move or EPS * max(float(np.linalg.norm(B)), abs(shift))


def inverse_iteration(A: ArrayLike, shift: float = 0.0, x0: ArrayLike | None = None, tolerance: float = 1e-10,
                      max_iterations: int = 100, seed: int | np.random.Generator | None = 0) -> EigenIteration:
    r"""Return the eigenvalue nearest to a shift μ by :math:`x \leftarrow (A - \mu I)^{-1}x`, normalised.

    Its rate is that of ``eq-orthogonality-inverse``.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Real, not empty; it need not be symmetric.
    shift : float
        μ. It may be an eigenvalue: the system is then nearly singular, but its solution points the right way.
    x0, tolerance, max_iterations, seed
        As in `power_iteration`.

    Returns
    -------
    EigenIteration
        Not converged when two eigenvalues are equally near to the shift.

    Raises
    ------
    ValueError
        As `power_iteration`, and if the shift is not finite.

    Notes
    -----
    The error of the vector shrinks by |λ₁ - μ|/|λ₂ - μ| a step, λ₁ and λ₂ being nearest and next to μ. That a
    nearly singular system does no harm is explained by Peters and Wilkinson (1979).

    Examples
    --------
    >>> round(inverse_iteration([[2, 1], [1, 2]], shift=0.9).value, 9)
    1.0
    """
    A = as_square(A, "A")
    if not np.isfinite(shift):
        raise ValueError(f"shift must be finite; it is {shift}")
    B, e = _split(A)
    scaled = float(_ldexp(np.float64(shift), -e))
    if not np.isfinite(scaled):
        raise ValueError(f"shift {shift:g} is out of proportion to A, whose largest entry is {np.abs(A).max():g}")
    return _iterate(A, x0, lambda x, y, value: _solve_shifted(B, scaled, x), tolerance, max_iterations, seed,
                    "inverse iteration")


def rayleigh_quotient_iteration(A: ArrayLike, x0: ArrayLike | None = None, tolerance: float = 1e-14,
                                max_iterations: int = 50,
                                seed: int | np.random.Generator | None = 0) -> EigenIteration:
    """Return an eigenvalue of a symmetric matrix by inverse iteration whose shift is the Rayleigh quotient.

    Its rate is that of ``eq-orthogonality-rqi``.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Real symmetric, not empty.
    x0, tolerance, max_iterations, seed
        As in `power_iteration`.

    Returns
    -------
    EigenIteration
        Which eigenvalue depends on the start, and need not be the one nearest to the first Rayleigh quotient.

    Raises
    ------
    ValueError
        As `power_iteration`, and if `A` is not symmetric.

    Notes
    -----
    For almost every start it converges, and in the end each step cubes the error, up to a constant (Parlett, *The
    Symmetric Eigenvalue Problem*, chapter 4).

    Examples
    --------
    >>> found = rayleigh_quotient_iteration([[2, 1], [1, 2]], x0=[1, 0.5])
    >>> round(found.value, 12), found.iterations <= 4
    (3.0, True)
    """
    A = _symmetric(A, None)
    B, _ = _split(A)
    return _iterate(A, x0, lambda x, y, value: _solve_shifted(B, value, x), tolerance, max_iterations, seed,
                    "Rayleigh quotient iteration")


def _symmetric(A: ArrayLike, tolerance: float | None) -> Array:
    """Return the symmetric part of A, or say where A is not symmetric."""
    A = as_square(A, "A")
    limit = _tolerance(tolerance, A) * np.abs(A).max(initial=0.0)
    with np.errstate(over="ignore"):
        gap = np.abs(A - A.T)
    if (gap > limit).any():
        i, j = (int(k) for k in np.unravel_index(gap.argmax(), gap.shape))
        raise ValueError(f"A must be symmetric; entries ({i}, {j}) and ({j}, {i}) are {A[i, j]:g} and {A[j, i]:g}"
                         "; if its symmetric part is meant, pass (A + A.T)/2")
    return A / 2 + A.T / 2 if gap.any() else A


@dataclass(frozen=True, eq=False)
class SymmetricEigen:
    """The eigendecomposition A = QΛQᵀ of a real symmetric matrix.

    Attributes
    ----------
    values : ndarray, shape (n,)
        λ_1 ≥ … ≥ λ_n.
    vectors : ndarray, shape (n, n)
        Q: orthonormal eigenvectors as columns; the largest entry of each (the first of several) is positive.
    """

    values: Array
    vectors: Array

    def __str__(self) -> str:
        return f"A = QΛQᵀ with eigenvalues {np.array2string(self.values, precision=6, threshold=12)}"

    def reconstruct(self) -> Array:
        """Return QΛQᵀ, which is A up to rounding."""
        return (self.vectors * self.values) @ self.vectors.T


def symmetric_eigen(A: ArrayLike, tolerance: float | None = None) -> SymmetricEigen:
    r"""Return :math:`A = Q\Lambda Q^{T}` for a real symmetric A, eigenvalues descending, signs fixed.

    Equation ``eq-orthogonality-spectral``.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Real symmetric. (numpy's `eigh` reads one triangle and believes it.)
    tolerance : float, optional
        The largest |a_ij - a_ji|, as a fraction of the largest |a_ij|, that counts as rounding; 10 n eps by
        default. The symmetric part is then used.

    Returns
    -------
    SymmetricEigen
        Of an empty matrix: empty. For a repeated eigenvalue any orthonormal basis of its eigenspace is right, and
        only the sign rule is guaranteed.

    Raises
    ------
    ValueError
        If `A` is not symmetric, not square, or not finite, or the tolerance is negative.

    Examples
    --------
    >>> eigen = symmetric_eigen([[2, 1], [1, 2]])
    >>> eigen.values.round(12), eigen.vectors.round(4)
    (array([3., 1.]), array([[ 0.7071,  0.7071],
           [ 0.7071, -0.7071]]))
    """
    B, e = _split(_symmetric(A, tolerance))
    values, vectors = np.linalg.eigh(B)
    return SymmetricEigen(_ldexp(values[::-1], e), _positive(vectors[:, ::-1]))


@dataclass(frozen=True, eq=False)
class Eigendecomposition:
    """The eigendecomposition AV = VΛ of a square matrix, and whether V can be trusted to be invertible.

    Attributes
    ----------
    values : ndarray, shape (n,)
        By descending real part, then descending imaginary part; real if all are.
    vectors : ndarray, shape (n, n)
        V: unit eigenvectors as columns, the largest entry of each positive.
    condition : float
        κ₂(V). By the theorem of Bauer and Fike each eigenvalue of A + E is within κ₂(V)‖E‖₂ of one of A.
    """

    values: Array
    vectors: Array
    condition: float

    @property
    def nearly_defective(self) -> bool:
        """Whether κ₂(V) ≥ 0.01/√eps: rounding then may hide that A has no basis of eigenvectors."""
        return not self.condition < 0.01 / EPS ** 0.5

    def __str__(self) -> str:
        values = np.array2string(self.values, precision=6, threshold=12)
        text = f"eigenvalues {values}, κ₂(V) = {self.condition:.2e}"
        return text + ("; A is defective or nearly so" if self.nearly_defective else "")


def diagonalise(A: ArrayLike) -> Eigendecomposition:
    r"""Return eigenvalues and eigenvectors of a square matrix, :math:`A = V\Lambda V^{-1}` where V is invertible.

    Equation ``eq-orthogonality-diagonalise``; what κ₂(V) means, ``eq-orthogonality-bauer-fike``.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Real. For a symmetric one use `symmetric_eigen`.

    Returns
    -------
    Eigendecomposition
        A defective matrix has fewer than n independent eigenvectors; computed ones then are nearly dependent,
        which `condition` shows. Of an empty matrix: empty, with condition 1.

    Raises
    ------
    ValueError
        If `A` is not a square matrix of finite numbers.

    Examples
    --------
    >>> print(diagonalise([[0, -2], [1, 3]]))
    eigenvalues [2. 1.], κ₂(V) = 6.16e+00
    >>> diagonalise([[1, 1], [0, 1]]).nearly_defective
    True
    """
    B, e = _split(as_square(A, "A"))
    values, vectors = np.linalg.eig(B)
    order = np.lexsort((-values.imag, -values.real))
    vectors = _positive(vectors[:, order])
    s = np.linalg.svd(vectors, compute_uv=False)
    with np.errstate(divide="ignore"):
        condition = float(s[0] / s[-1]) if s.size else 1.0
    return Eigendecomposition(_ldexp(values[order], e), vectors, condition)


def characteristic_polynomial(A: ArrayLike) -> Array:
    r"""Return the coefficients of :math:`\det(\lambda I - A)`, highest power first, without computing eigenvalues.

    Equation ``eq-orthogonality-characteristic``; its roots are sensitive, ``eq-orthogonality-root``.

    Parameters
    ----------
    A : array_like, shape (n, n)
        Real.

    Returns
    -------
    ndarray, shape (n + 1,)
        1, -tr(A), …, (-1)ⁿ det(A); exact for small integer matrices.

    Raises
    ------
    ValueError
        If `A` is not a square matrix of finite numbers.
    OverflowError
        If a coefficient exceeds the largest double.

    Notes
    -----
    Faddeev and LeVerrier: M₁ = I, c_k = -tr(AM_k)/k, M_{k+1} = AM_k + c_k I. Its roots are the eigenvalues, but
    roots can be far worse conditioned than eigenvalues, so this is for hand-sized matrices, not for computing.

    Examples
    --------
    >>> characteristic_polynomial([[2, 1], [1, 2]])       # λ² - 4λ + 3
    array([ 1., -4.,  3.])
    """
    A = as_square(A, "A")
    n = len(A)
    c, M = np.ones(n + 1), np.eye(n)
    with np.errstate(over="ignore", invalid="ignore"):
        for k in range(1, n + 1):
            AM = A @ M
            c[k] = -np.trace(AM) / k
            M = AM + c[k] * np.eye(n)
    if not np.isfinite(c).all():
        raise OverflowError("a coefficient exceeds the largest double; scale A: c_k belongs to its k-th power")
    return c
