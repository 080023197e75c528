"""Regression: least squares in three ways, ridge, lasso and softmax, each with what it needs to be trusted.

A data matrix X has one sample a row (m samples, n features), except in softmax regression, where an example is a
column x, as in the formula Wx. Columns are scaled by powers of two before anything is decided about rank; that
is exact, and it makes 1e-200 and 1e200 as harmless as 1. No function adds an intercept: give X a column of ones.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from labkit._arrays import Array, as_array, as_matrix, as_vector
from labkit.svd import (
    EPS,
    centre,
    check_count,
    check_finite,
    check_rtol,
    compact_svd,
    full_svd,
    norms,
    pivoted_qr,
    times_power_of_two,
    to_unit_scale,
)

__all__ = ["Lasso", "LeastSquares", "RidgePath", "SoftmaxRegression", "lasso", "lasso_limit", "lasso_path",
           "least_squares", "log_sigmoid", "log_softmax", "logsumexp", "polynomial_design", "ridge",
           "separating_direction", "sigmoid", "soft_threshold", "softmax", "softmax_loss", "softmax_loss_gradient",
           "softmax_loss_hvp", "softmax_regression", "softplus", "variance_inflation"]

# ------------------------------------------------------------------------------------------------ least squares


@dataclass(frozen=True, eq=False, repr=False)
class LeastSquares:
    """A least-squares fit, the same whichever method computed it.

    Attributes
    ----------
    method : str
        ``"normal"``, ``"qr"`` or ``"svd"``.
    coefficients : ndarray, shape (n,)
        The β̂ that minimises ‖Xβ − y‖₂.
    residual : ndarray, shape (m,)
        y − Xβ̂.
    rank : int
        Numerical rank of X.
    scaled_condition : float
        κ₂ of X after the columns were scaled: what rounding errors in β̂ are amplified by. ∞ if X is
        rank-deficient.
    sigma : float or None
        The estimate ‖residual‖/√(m − rank) of the standard deviation of the noise; None if m = rank.
    warnings : tuple of str
        What a careful reader should know before using the numbers.
    make_root : callable
        Computes `root`.
    """

    method: str
    coefficients: Array
    residual: Array
    rank: int
    scaled_condition: float
    sigma: float | None
    warnings: tuple[str, ...]
    make_root: Callable[[], Array]

    @cached_property
    def root(self) -> Array:
        """A matrix G (n, rank) with GGᵀ = (XᵀX)⁻¹, or (XᵀX)⁺ if X is rank-deficient; computed at first use."""
        return self.make_root()

    @cached_property
    def condition(self) -> float:
        """κ₂(X) of X as it was given, or ∞ if X is rank-deficient; unreliable beyond 1e16."""
        if self.rank < len(self.coefficients):
            return float("inf")
        # (XᵀX)⁻¹ = GGᵀ: the singular values of G are the reciprocals of those of X.
        s = np.linalg.svd(to_unit_scale(self.root)[0], compute_uv=False)
        return float(s[0] / s[-1]) if s[-1] else float("inf")

    @property
    def standard_errors(self) -> Array | None:
        """The square roots of the diagonal of the covariance; None if m = rank."""
        return None if self.sigma is None else check_finite(self.sigma * norms(self.root, 1), "a standard error")

    @property
    def covariance(self) -> Array | None:
        """σ̂²(XᵀX)⁻¹, shape (n, n); None if m = rank. OverflowError if doubles cannot hold it."""
        if self.sigma is None:
            return None
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            C = (self.sigma * self.root) @ (self.sigma * self.root).T
        if not np.isfinite(C).all() or (np.diag(C)[self.standard_errors > 0] == 0).any():
            raise OverflowError("the covariance is out of the range of doubles; use standard_errors")
        return C

    def __repr__(self) -> str:
        errors = self.standard_errors
        lines = [f"least squares by {self.method}: {len(self.residual)} samples, rank {self.rank}, "
                 f"κ(X) = {self.condition:.3g}, scaled {self.scaled_condition:.3g}"]
        for j, b in enumerate(self.coefficients):
            lines.append(f"  β{j} = {b: .10g}" + ("" if errors is None else f"  ± {errors[j]:.4g}"))
        lines.append("  σ̂ unknown: as many coefficients as samples" if self.sigma is None
                     else f"  σ̂ = {self.sigma:.6g}")
        return "\n".join(lines + [f"  note: {warning}" for warning in self.warnings])


def least_squares(X: ArrayLike, y: ArrayLike, method: str = "qr", *, scale_columns: bool = True,
                  rtol: float | None = None) -> LeastSquares:
    r"""Return the β that minimises ‖Xβ − y‖₂, by one of three methods.

    Parameters
    ----------
    X : array_like, shape (m, n)
        Data, m ≥ 1 and n ≥ 1.
    y : array_like, shape (m,)
        Targets.
    method : {"qr", "normal", "svd"}
        ``"normal"`` solves XᵀXβ = Xᵀy by Cholesky: cheapest, but κ(XᵀX) = κ(X)², so it loses twice the digits
        and fails beyond κ(X) ≈ 1e8. ``"qr"`` solves Rβ = Qᵀy, with κ(R) = κ(X). Both refuse rank-deficient X;
        ``"svd"`` takes it, and returns the shortest of the minimisers.
    scale_columns : bool
        Scale each column to size one before judging rank and solving. A column in other units then changes
        β by that unit and nothing else. Switch it off to see what happens without.
    rtol : float, optional
        Singular values of the (scaled) X up to rtol · σ₁ count as 0; default max(m, n) · 2.2e-16.

    Returns
    -------
    LeastSquares

    Raises
    ------
    TypeError, ValueError
        If the shapes do not fit, the method is unknown, X is rank-deficient and the method is not ``"svd"``, or
        XᵀX is not positive definite in floating point.
    OverflowError
        If a coefficient exceeds the largest double.

    Notes
    -----
    Equations ``eq-regression-normal``, ``eq-regression-qr`` and ``eq-regression-svd``; the covariance is
    ``eq-regression-variance``. Golub and Van Loan, *Matrix Computations* (4th ed., 2013), sections 5.3 and 5.5;
    Higham, *Accuracy and Stability of Numerical Algorithms* (2nd ed., 2002), chapter 20. On scaling,
    ``eq-regression-sluis``.

    Examples
    --------
    >>> fit = least_squares([[1, 0], [1, 1], [1, 2], [1, 3]], [1, 3, 5, 8])
    >>> fit.coefficients.round(12), fit.standard_errors.round(4)
    (array([0.8, 2.3]), array([0.324 , 0.1732]))
    >>> least_squares([[1, 2], [2, 4], [3, 6]], [1, 2, 3])
    Traceback (most recent call last):
        ...
    ValueError: X (3, 2) has numerical rank 1, so β is not unique; method='svd' returns the shortest one
    """
    X, y = _samples(X, y)
    if method not in _SOLVERS:
        raise ValueError(f"method must be one of {', '.join(map(repr, _SOLVERS))}; it is {method!r}")
    Xs, x_exponent = to_unit_scale(X, 0 if scale_columns else None)
    ys, y_exponent = to_unit_scale(y)
    x_exponent = np.broadcast_to(np.squeeze(x_exponent), X.shape[1])
    b, root, exponent, s, rank = _SOLVERS[method](Xs, ys, x_exponent, check_rtol(rtol, max(X.shape) * EPS))
    residual, freedom = ys - Xs @ times_power_of_two(b, x_exponent - exponent), X.shape[0] - rank
    sigma = np.linalg.norm(residual) / np.sqrt(freedom) if freedom else None
    kappa = float(s[0] / s[-1]) if rank == X.shape[1] else float("inf")
    return LeastSquares(
        method, times_power_of_two(b, y_exponent - exponent, "β"),
        times_power_of_two(residual, y_exponent, "the residual"), rank, kappa,
        None if sigma is None else float(times_power_of_two(sigma, y_exponent, "σ̂")),
        _fit_warnings(method, X.shape, rank, kappa),
        lambda: times_power_of_two(root(), -exponent[:, None], "(XᵀX)⁻¹"))


def _samples(X: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    """Return X and y as arrays after checking that they fit and are not empty."""
    X, y = as_matrix(X, "X"), as_vector(y, "y")
    if X.shape[0] != len(y):
        raise ValueError(f"X has {X.shape[0]} rows and y has {len(y)} entries; they must agree")
    if X.size == 0:
        raise ValueError(f"X must have at least one row and one column; its shape is {X.shape}")
    return X, y


def _triangular_form(X: Array, y: Array) -> tuple[Array, Array]:
    """Return R and Qᵀy of X = QR. Reducing [X y] applies Qᵀ to y on the way, and Q is never formed."""
    R = np.linalg.qr(np.column_stack([X, y]), mode="r")
    return R[:X.shape[1], :-1], R[:X.shape[1], -1]


def _full_rank_or_refuse(s: Array, shape: tuple[int, int], rtol: float) -> int:
    rank = int((s > rtol * s[0]).sum())
    if rank < shape[1]:
        raise ValueError(f"X {shape} has numerical rank {rank}, so β is not unique; method='svd' returns the "
                         f"shortest one")
    return rank


class _Solution(NamedTuple):
    """What a solver finds: β = b · 2**-exponent, (XᵀX)⁺ = GGᵀ with G = root() · 2**-exponent, row by row."""

    b: Array
    root: Callable[[], Array]
    exponent: Array
    singular_values: Array
    rank: int


def _by_qr(X: Array, y: Array, exponent: Array, rtol: float) -> _Solution:
    """Rβ = Qᵀy, and (XᵀX)⁻¹ = R⁻¹R⁻ᵀ."""
    R, z = _triangular_form(X, y)
    s = np.linalg.svd(R, compute_uv=False)
    rank = _full_rank_or_refuse(s, X.shape, rtol)
    # For triangular R the LU factorization behind `solve` finds nothing to eliminate: this is back substitution.
    return _Solution(np.linalg.solve(R, z), lambda: np.linalg.solve(R, np.eye(len(R))), exponent, s, rank)


def _by_normal_equations(X: Array, y: Array, exponent: Array, rtol: float) -> _Solution:
    """XᵀX = LLᵀ, LLᵀβ = Xᵀy, and (XᵀX)⁻¹ = L⁻ᵀL⁻¹."""
    gram = X.T @ X
    squares = np.linalg.eigvalsh(gram)[::-1]
    # XᵀX shows a small κ(X) to ten digits, but cannot tell 1e9 from 1e16; a larger one must come from R.
    s = (np.sqrt(squares) if squares[-1] > 1e-6 * squares[0]
         else np.linalg.svd(_triangular_form(X, y)[0], compute_uv=False))
    rank = _full_rank_or_refuse(s, X.shape, rtol)
    try:
        L = np.linalg.cholesky(gram)
    except np.linalg.LinAlgError as error:
        raise ValueError(f"XᵀX is not positive definite in floating point, since κ(X) = {s[0] / s[-1]:.1e} is "
                         f"squared in it; use method='qr'") from error
    b = np.linalg.solve(L.T, np.linalg.solve(L, X.T @ y))
    return _Solution(b, lambda: np.linalg.solve(L.T, np.eye(len(L))), exponent, s, rank)


def _by_svd(X: Array, y: Array, exponent: Array, rtol: float) -> _Solution:
    """β = VΣ⁺Uᵀ(Qᵀy) with R = UΣVᵀ, and (XᵀX)⁺ = VΣ⁻²Vᵀ."""
    R, z = _triangular_form(X, y)
    U, s, Vt = np.linalg.svd(R, full_matrices=False)
    rank = int((s > rtol * s[0]).sum())
    root = Vt[:rank].T
    if rank < X.shape[1]:
        root, exponent = _shortest(root, exponent)
    root = root / s[:rank]
    return _Solution(root @ (U[:, :rank].T @ z), lambda: root, exponent, s, rank)


def _shortest(V: Array, exponent: Array) -> tuple[Array, Array]:
    """Return the matrix G with VᵀDG = I whose columns are shortest, and its exponent; D scales by 2**exponent.

    The columns of X were scaled: the vectors with DV in their span, not V, are the ones without a part in the
    nullspace of X. With DV = QR they are G = QR⁻ᵀ. Pivoting, and rows in descending order, keep this accurate
    for each row of DV in its own scale (Cox and Higham, 1998).
    """
    top = exponent.max()
    order = np.argsort(-exponent, kind="stable")
    Q, R, pivots = pivoted_qr(times_power_of_two(V, (exponent - top)[:, None])[order])
    G = np.empty_like(V)
    G[order] = Q @ np.linalg.solve(R.T, np.eye(len(R))[pivots])
    return G, np.full_like(exponent, top)


_SOLVERS: dict[str, Callable] = {"qr": _by_qr, "normal": _by_normal_equations, "svd": _by_svd}


def _fit_warnings(method: str, shape: tuple[int, int], rank: int, kappa: float) -> tuple[str, ...]:
    m, n = shape
    notes = []
    if rank < n:
        notes.append(f"X has numerical rank {rank} < {n}: β is the shortest of infinitely many minimisers, and "
                     f"the standard errors are those of that choice")
    if m == rank:
        notes.append("as many independent columns as samples: the noise cannot be estimated")
    loss = EPS * (kappa**2 if method == "normal" else kappa)
    if rank == n and loss > 1e-8:
        power = "κ(X)²" if method == "normal" else "κ(X)"
        better = "; method='qr' loses half as many" if method == "normal" else ""
        notes.append(f"{power} after scaling is {loss / EPS:.1e}: about {max(0, round(-np.log10(loss)))} of 16 "
                     f"digits of β are right{better}")
    return tuple(notes)


def polynomial_design(x: ArrayLike, degree: int) -> Array:
    """Return the matrix with the columns 1, x, x², …, x^degree.

    Parameters
    ----------
    x : array_like, shape (m,)
    degree : int
        From 0 to 1000.

    Returns
    -------
    ndarray, shape (m, degree + 1)

    Raises
    ------
    TypeError, ValueError
        If x is not a vector of finite numbers or the degree is out of range.
    OverflowError
        If a power exceeds the largest double.

    Notes
    -----
    A Vandermonde matrix. Where it is square and the points are non-negative, or symmetric about 0, its condition
    number grows at least exponentially with the degree (Gautschi and Inglese, 1988).

    Examples
    --------
    >>> polynomial_design([2, 3], 2)
    array([[1., 2., 4.],
           [1., 3., 9.]])
    """
    x = as_vector(x, "x")
    with np.errstate(over="ignore"):
        return check_finite(np.vander(x, check_count(degree, "degree", 0, 1000) + 1, increasing=True), "X")


def variance_inflation(X: ArrayLike, rtol: float | None = None) -> Array:
    r"""Return by how much collinearity inflates the variance of each coefficient of a fit with intercept.

    Parameters
    ----------
    X : array_like, shape (m, n)
        Data without the column of ones, m ≥ 2, n ≥ 1, no column constant.
    rtol : float, optional
        Singular values of the centred, standardised X up to rtol · σ₁ count as 0; default max(m, n) · 2.2e-16.

    Returns
    -------
    ndarray, shape (n,)
        1 for a column that is uncorrelated with the others, ∞ for one that the others and a constant determine.

    Raises
    ------
    TypeError, ValueError
        If there are fewer than two rows or no columns, or a column is constant.

    Notes
    -----
    Equation ``eq-regression-vif``, :math:`1/(1-R_j^2)`, where :math:`R_j^2` is that of the regression of column j
    on the others; the diagonal of the inverse of the correlation matrix, computed from the singular values of the
    standardised data rather than from that matrix. Belsley, Kuh and Welsch, *Regression Diagnostics* (1980).

    Examples
    --------
    >>> variance_inflation([[1, 1], [1, -1], [-1, 1], [-1, -1]]).round(12)
    array([1., 1.])
    """
    X = as_matrix(X, "X")
    if X.shape[0] < 2 or X.shape[1] < 1:
        raise ValueError(f"X must have at least two rows and one column; its shape is {X.shape}")
    constant = np.flatnonzero(X.min(axis=0) == X.max(axis=0))
    if len(constant):
        raise ValueError(f"column {constant[0]} of X is constant: it is what the intercept is for; leave it out")
    centred, _ = centre(to_unit_scale(X, 0)[0])
    _, s, V = full_svd(np.linalg.qr(centred / norms(centred, 0), mode="r"))
    rank = int((s > check_rtol(rtol, max(X.shape) * EPS) * s[0]).sum())
    inflation = ((V[:, :rank] / s[:rank])**2).sum(axis=1)
    # The others determine column j if a vector of the nullspace has an entry there (beyond rounding).
    inflation[(np.abs(V[:, rank:]) > 1e-8).any(axis=1)] = np.inf
    return inflation


# ------------------------------------------------------------------------------------------------ ridge and lasso


@dataclass(frozen=True, eq=False, repr=False)
class RidgePath:
    """Ridge regression for several penalties.

    Attributes
    ----------
    penalties : ndarray, shape (p,)
        The values of d.
    coefficients : ndarray, shape (p, n)
        One β(d) a row.
    residual_norms : ndarray, shape (p,)
        ‖y − Xβ(d)‖₂.
    degrees_of_freedom : ndarray, shape (p,)
        Σᵢ σᵢ²/(σᵢ² + d), from the rank of X down to 0.
    gcv : ndarray, shape (p,)
        The square root of the generalised cross-validation score: an estimate of the prediction error in the
        units of y. ∞ where the fit has no freedom left.
    """

    penalties: Array
    coefficients: Array
    residual_norms: Array
    degrees_of_freedom: Array
    gcv: Array

    @property
    def best(self) -> int:
        """The position of the penalty with the smallest score, the largest such penalty if several tie."""
        tied = np.flatnonzero(self.gcv == self.gcv.min())
        return int(tied[self.penalties[tied].argmax()])

    def __repr__(self) -> str:
        rows = [f"  {d:10.3g}  {np.linalg.norm(b):10.4g}  {r:10.4g}  {f:8.3f}  {g:10.4g}"
                for d, b, r, f, g in zip(self.penalties, self.coefficients, self.residual_norms,
                                         self.degrees_of_freedom, self.gcv, strict=True)]
        header = f"  {'d':>10}  {'‖β‖':>10}  {'‖residual‖':>10}  {'freedom':>8}  {'√GCV':>10}"
        return "\n".join(["ridge regression", header, *rows])


def ridge(X: ArrayLike, y: ArrayLike, penalties: ArrayLike, rtol: float | None = None) -> RidgePath:
    r"""Return the β that minimises ‖Xβ − y‖² + d‖β‖², for every d at once, from one SVD.

    Parameters
    ----------
    X : array_like, shape (m, n)
        Data of any rank. All columns are penalised: centre X and y first if you want an intercept, and bring
        columns of different units to one scale.
    y : array_like, shape (m,)
        Targets.
    penalties : array_like, scalar or shape (p,)
        The values of d ≥ 0; d = 0 stands for the limit d → 0, the minimum-norm solution.
    rtol : float, optional
        As in `labkit.svd.numerical_rank`; singular values that count as 0 are left out for every d.

    Returns
    -------
    RidgePath

    Raises
    ------
    TypeError, ValueError
        If the shapes do not fit, or a penalty is negative: XᵀX + dI may then be singular.
    OverflowError
        If a coefficient exceeds the largest double.

    Notes
    -----
    Equations ``eq-regression-ridge`` and ``eq-regression-ridge-svd``; Hoerl and Kennard (1970). The score is the
    square root of ``eq-regression-gcv``; Golub, Heath and Wahba (1979).

    Examples
    --------
    >>> path = ridge([[2, 0], [0, 1]], [2, 1], [0, 1])
    >>> path.coefficients
    array([[1. , 1. ],
           [0.8, 0.5]])
    """
    X, y = _samples(X, y)
    d = np.atleast_1d(as_array(penalties, "penalties", (0, 1)))[:, None]
    if d.size == 0 or (d < 0).any():
        raise ValueError(f"penalties must be one or more numbers d ≥ 0; for d = −λᵢ of XᵀX the matrix XᵀX + dI is "
                         f"singular. They are {d.ravel()}")
    ys, exponent = to_unit_scale(y)
    U, s, V = compact_svd(X, rtol)
    c, m = U.T @ ys, len(y)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        filters = 1 / (s + d / s)                           # σ/(σ² + d), without a square that could overflow
        shrinkage = 1 / (1 + (s / np.sqrt(d))**2)           # d/(σ² + d)
        coefficients = (filters * c) @ V.T
    residuals = np.hypot(np.linalg.norm(ys - U @ c), np.linalg.norm(shrinkage * c, axis=1))
    freedom_left = m - len(s) + shrinkage.sum(axis=1)
    gcv = np.full(len(d), np.inf)
    np.divide(np.sqrt(m) * residuals, freedom_left, out=gcv, where=freedom_left > 0)
    return RidgePath(d.ravel(), times_power_of_two(check_finite(coefficients, "β"), exponent, "β"),
                     times_power_of_two(residuals, exponent, "the residual"), m - freedom_left,
                     np.ldexp(gcv, exponent))


@dataclass(frozen=True, eq=False, repr=False)
class Lasso:
    """A lasso fit with the proof of how good it is.

    Attributes
    ----------
    penalty : float
        The λ of the problem.
    coefficients : ndarray, shape (n,)
        Many of them exactly 0.
    relative_gap : float
        The duality gap over ½‖y‖²: the objective is above its minimum by no more.
    iterations : int
        Steps of the proximal gradient method.
    converged : bool
        Whether the gap came below the tolerance.
    """

    penalty: float
    coefficients: Array
    relative_gap: float
    iterations: int
    converged: bool

    @property
    def support(self) -> Array:
        """The positions of the coefficients that are not 0."""
        return np.flatnonzero(self.coefficients)

    def __repr__(self) -> str:
        state = "" if self.converged else " NOT CONVERGED:"
        return (f"lasso, λ = {self.penalty:.4g}:{state} {len(self.support)} of {len(self.coefficients)} "
                f"coefficients, relative gap {self.relative_gap:.1e} after {self.iterations} steps")


def lasso(X: ArrayLike, y: ArrayLike, penalty: float, *, tolerance: float = 1e-10,
          max_iterations: int = 20_000, start: ArrayLike | None = None) -> Lasso:
    r"""Return the β that minimises ½‖Xβ − y‖² + λ‖β‖₁, by the accelerated proximal gradient method.

    Parameters
    ----------
    X : array_like, shape (m, n)
        Data of any rank; as for `ridge`, centre and scale the columns first.
    y : array_like, shape (m,)
        Targets.
    penalty : float
        λ > 0. From ‖Xᵀy‖_∞ on (`lasso_limit`), the solution is 0.
    tolerance : float
        Stop when the duality gap is at most this times ½‖y‖²; positive. Rounding does not let it fall much
        below 1e-15.
    max_iterations : int
        Stop then in any case, with `converged` False.
    start : array_like, shape (n,), optional
        Where to begin; 0 by default.

    Returns
    -------
    Lasso

    Raises
    ------
    TypeError, ValueError
        If the shapes do not fit, or λ or the tolerance is not positive; for λ = 0 use `least_squares`.
    OverflowError
        If a coefficient exceeds the largest double.

    Notes
    -----
    Problem ``eq-regression-lasso``. Beck and Teboulle (2009), FISTA, restarted as O'Donoghue and Candès (2015)
    propose. For :math:`r = y - X\beta` and :math:`\theta = r\min(1, \lambda/\|X^Tr\|_\infty)`, a feasible point of
    the dual problem, the gap is the right side of ``eq-regression-gap``.

    Examples
    --------
    >>> lasso([[1, 0], [0, 1]], [3, 1], 1.0).coefficients.round(9)
    array([2., 0.])
    """
    X, y = _samples(X, y)
    penalty, tolerance = _positive(penalty, "penalty"), _positive(tolerance, "tolerance")
    max_iterations = check_count(max_iterations, "max_iterations", 0, 10**9)
    beta = np.zeros(X.shape[1]) if start is None else as_vector(start, "start")
    if len(beta) != X.shape[1]:
        raise ValueError(f"start must have {X.shape[1]} entries, one a column of X; it has {len(beta)}")
    (Xs, x_exponent), (ys, y_exponent) = to_unit_scale(X), to_unit_scale(y)
    limit = np.abs(Xs.T @ ys).max()
    with np.errstate(over="ignore"):
        level = min(np.ldexp(penalty, -x_exponent - y_exponent), limit)
    if level == limit:                        # λ ≥ ‖Xᵀy‖_∞: the solution is 0, and so is the gap
        return Lasso(penalty, np.zeros(X.shape[1]), 0.0, 0, True)
    if level == 0:
        raise ValueError(f"a penalty of {penalty:.1e} is nothing beside ‖Xᵀy‖_∞; use least_squares")
    beta = times_power_of_two(beta, x_exponent - y_exponent, "start")
    beta, gap, steps = _proximal_gradient(Xs, ys, level, beta, tolerance, max_iterations)
    return Lasso(penalty, times_power_of_two(beta, y_exponent - x_exponent, "β"), gap, steps, gap <= tolerance)


def _positive(value: float, name: str) -> float:
    number = float(as_array(value, name, 0))
    if not number > 0:
        raise ValueError(f"{name} must be positive; it is {number}")
    return number


def soft_threshold(z: ArrayLike, level: float) -> Array:
    r"""Return z moved towards 0 by `level`, and not past it, entry by entry.

    Parameters
    ----------
    z : array_like
        Real numbers, any shape.
    level : float
        At least 0.

    Returns
    -------
    ndarray
        The shape of `z`.

    Raises
    ------
    TypeError, ValueError
        If `z` has NaN or infinite entries or the level is negative.

    Notes
    -----
    Equation ``eq-regression-soft``: the minimiser of :math:`\tfrac12(b-z)^2 + \mathrm{level}\,|b|` over b.
    Beck and Teboulle (2009).

    Examples
    --------
    >>> soft_threshold([-3.0, 0.5, 2.0], 1.0)
    array([-2.,  0.,  1.])
    """
    z = as_array(z, "z")
    if not level >= 0:
        raise ValueError(f"level must be at least 0; it is {level}")
    return z - np.clip(z, -level, level)


def _proximal_gradient(X: Array, y: Array, level: float, beta: Array, tolerance: float,
                       max_iterations: int) -> tuple[Array, float, int]:
    """Return β, its relative gap and the number of steps; the gap is looked at every tenth step."""
    L = np.linalg.norm(X, 2)**2
    ahead, momentum, steps = beta, 1.0, 0
    while (gap := _relative_gap(X, y, level, beta)) > tolerance and steps < max_iterations:
        for _ in range(min(10, max_iterations - steps)):
            new = soft_threshold(ahead - X.T @ (X @ ahead - y) / L, level / L)
            if (ahead - new) @ (new - beta) > 0:           # the momentum points uphill: start it afresh
                momentum = 1.0
            following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
            beta, ahead = new, new + (momentum - 1) / following * (new - beta)
            momentum = following
            steps += 1
    return beta, gap, steps


def _relative_gap(X: Array, y: Array, level: float, beta: Array) -> float:
    """Return the duality gap of the lasso at β over ½‖y‖²."""
    r = y - X @ beta
    theta = r * min(1.0, level / (np.abs(X.T @ r).max() or level))
    primal = 0.5 * (r @ r) + level * np.abs(beta).sum()
    dual = 0.5 * (y @ y) - 0.5 * ((y - theta) @ (y - theta))
    return max(0.0, float((primal - dual) / (0.5 * (y @ y))))


def lasso_limit(X: ArrayLike, y: ArrayLike) -> float:
    """Return ‖Xᵀy‖_∞: the smallest penalty for which the lasso's solution is 0.

    Parameters
    ----------
    X : array_like, shape (m, n)
    y : array_like, shape (m,)

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If the shapes do not fit.
    OverflowError
        If it exceeds the largest double.

    Examples
    --------
    >>> lasso_limit([[1, 0], [0, 2]], [3, -4])
    8.0
    """
    X, y = _samples(X, y)
    (X, x_exponent), (y, y_exponent) = to_unit_scale(X), to_unit_scale(y)
    return float(times_power_of_two(np.abs(X.T @ y).max(), x_exponent + y_exponent, "‖Xᵀy‖_∞"))


def lasso_path(X: ArrayLike, y: ArrayLike, penalties: ArrayLike, **options: float) -> list[Lasso]:
    """Return a `lasso` fit for each penalty, each starting from the one before.

    Parameters
    ----------
    X, y : array_like
        As for `lasso`.
    penalties : array_like, shape (p,)
        Positive; quickest in descending order.
    **options
        `tolerance` and `max_iterations` of `lasso`.

    Returns
    -------
    list of Lasso

    Raises
    ------
    TypeError, ValueError, OverflowError
        As `lasso`.

    Examples
    --------
    >>> [len(fit.support) for fit in lasso_path([[1, 0], [0, 1]], [3, 1], [4, 2, 0.5])]
    [0, 1, 2]
    """
    fits: list[Lasso] = []
    for penalty in as_vector(penalties, "penalties"):
        start = fits[-1].coefficients if fits else None
        fits.append(lasso(X, y, penalty, start=start, **options))
    return fits


# ------------------------------------------------------------------------------------------- logistic functions


def softplus(z: ArrayLike) -> Array:
    r"""Return :math:`\log(1 + e^z)`, entry by entry, without overflow.

    Parameters
    ----------
    z : array_like
        Real numbers, any shape.

    Returns
    -------
    ndarray
        The shape of `z`; not negative.

    Raises
    ------
    TypeError, ValueError
        If `z` has NaN or infinite entries.

    Notes
    -----
    :math:`\max(z, 0) + \log(1 + e^{-|z|})`: what is exponentiated is never positive.

    Examples
    --------
    >>> softplus([-1000.0, 0.0, 1000.0])
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    z = as_array(z, "z")
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def log_sigmoid(z: ArrayLike) -> Array:
    r"""Return :math:`\log\sigma(z) = -\operatorname{softplus}(-z)`, also where σ(z) itself is 0 or 1 in doubles.

    Parameters
    ----------
    z : array_like
        Real numbers, any shape.

    Returns
    -------
    ndarray
        The shape of `z`; not positive.

    Raises
    ------
    TypeError, ValueError
        If `z` has NaN or infinite entries.

    Examples
    --------
    >>> log_sigmoid([-1000.0, 40.0])                      # log(sigmoid(z)) would give -inf and 0
    array([-1.00000000e+03, -4.24835426e-18])
    """
    return 0.0 - softplus(-as_array(z, "z"))


def sigmoid(z: ArrayLike) -> Array:
    r"""Return :math:`\sigma(z) = 1/(1 + e^{-z})`, entry by entry, without overflow.

    Parameters
    ----------
    z : array_like
        Real numbers, any shape.

    Returns
    -------
    ndarray
        The shape of `z`; from 0 to 1, accurate relative to itself for negative z too.

    Raises
    ------
    TypeError, ValueError
        If `z` has NaN or infinite entries.

    Examples
    --------
    >>> sigmoid([-700.0, 0.0, 700.0])
    array([9.85967654e-305, 5.00000000e-001, 1.00000000e+000])
    """
    z = as_array(z, "z")
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, small) / (1.0 + small)


# --------------------------------------------------------------------------------------------------- softmax


def _shift(a: ArrayLike, axis: int) -> tuple[Array, Array]:
    """Return a - max(a) and max(a): softmax is unmoved by a shift, and no entry of the first exceeds 0."""
    a = as_array(a, "a")
    if a.ndim == 0:
        raise ValueError("a must have at least one axis; its shape is ()")
    if a.shape[axis] == 0:
        raise ValueError(f"softmax needs at least one class; axis {axis} of shape {a.shape} is empty")
    top = a.max(axis=axis, keepdims=True)
    # A gap beyond the largest double is -inf here, and exp(-inf) = 0 is then the correctly rounded answer.
    with np.errstate(over="ignore"):
        return a - top, top


def _log_of_sum(shifted: Array, axis: int) -> Array:
    """Return log Σ exp(shifted) where the largest entry is 0, keeping the axis with length one."""
    terms = np.exp(shifted)
    largest = shifted.argmax(axis=axis, keepdims=True)
    # The largest term is exactly 1. Left to log1p, it does not drown the others: log(1 + 1e-20) would be 0.
    np.put_along_axis(terms, largest, 0.0, axis=axis)
    return np.log1p(terms.sum(axis=axis, keepdims=True))


def logsumexp(a: ArrayLike, axis: int = -1) -> Array:
    r"""Return :math:`\log\sum_i e^{a_i}` along an axis, without overflow.

    Parameters
    ----------
    a : array_like, at least one axis
        Real numbers.
    axis : int
        The axis that is summed over; it must not be empty.

    Returns
    -------
    ndarray
        The shape of `a` without that axis.

    Raises
    ------
    ValueError
        If the axis is empty (the logarithm of an empty sum is minus infinity) or `a` has NaN or infinite entries.

    Notes
    -----
    Equation ``eq-matcalc-logsumexp-shift``. The largest term is left to `log1p`, as Blanchard, Higham and
    Higham (2021) recommend; they bound the rounding error of this form and of the plain one.

    Examples
    --------
    >>> print(logsumexp([1000.0, 1000.0]))             # 1000 + log 2; exp(1000) alone would overflow
    1000.6931471805599
    """
    shifted, top = _shift(a, axis)
    return np.squeeze(top + _log_of_sum(shifted, axis), axis=axis)


def softmax(a: ArrayLike, axis: int = -1) -> Array:
    r"""Return :math:`e^{a_i} / \sum_j e^{a_j}`: positive numbers that sum to one along an axis.

    Parameters
    ----------
    a : array_like, at least one axis
        Real numbers, often called logits.
    axis : int
        The axis that sums to one; it must not be empty.

    Returns
    -------
    ndarray
        The shape of `a`.

    Raises
    ------
    ValueError
        If the axis is empty or `a` has NaN or infinite entries.

    Notes
    -----
    Equation ``eq-matcalc-softmax``.

    Examples
    --------
    >>> softmax([0.0, 0.0, 1000.0])
    array([0., 0., 1.])
    """
    weights = np.exp(_shift(a, axis)[0])
    return weights / weights.sum(axis=axis, keepdims=True)


def log_softmax(a: ArrayLike, axis: int = -1) -> Array:
    r"""Return :math:`\log\operatorname{softmax}(a) = a - \operatorname{logsumexp}(a)`, exact where softmax is 0.

    Parameters
    ----------
    a : array_like, at least one axis
        Real numbers.
    axis : int
        The axis along which softmax sums to one; it must not be empty.

    Returns
    -------
    ndarray
        The shape of `a`; no entry is positive.

    Raises
    ------
    ValueError
        If the axis is empty or `a` has NaN or infinite entries.

    Notes
    -----
    Equation ``eq-matcalc-log-softmax``.

    Examples
    --------
    >>> log_softmax([0.0, 1000.0])                     # log(softmax(...)) would be -inf here
    array([-1000.,     0.])
    """
    shifted, _ = _shift(a, axis)
    return shifted - _log_of_sum(shifted, axis)


def softmax_loss(W: ArrayLike, x: ArrayLike, y: ArrayLike) -> float:
    r"""Return the loss of softmax regression, :math:`\ell(W) = -y^{T}\log\operatorname{softmax}(Wx)`.

    Parameters
    ----------
    W : array_like, shape (k, n)
        Weights: one row a class.
    x : array_like, shape (n,) or (n, N)
        One example, or N examples as columns.
    y : array_like, shape (k,) or (k, N)
        One-hot labels or any probability vectors: non-negative columns that sum to one.

    Returns
    -------
    float
        The loss; for N examples their mean.

    Raises
    ------
    ValueError
        If the shapes do not fit, there is no example, or a column of `y` is not a probability vector.

    Notes
    -----
    Equation ``eq-matcalc-softmax-loss``.

    Examples
    --------
    >>> W = [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]
    >>> softmax_loss(W, [2.0, 1.0], [1, 0, 0])
    0.4076059644443...
    """
    W, X, Y = _softmax_arguments(W, x, y)
    # A class of weight 0 contributes 0, even where log p is minus infinity; and 0 - 0 is not a negative zero.
    log_p = np.where(Y > 0, log_softmax(W @ X, axis=0), 0.0)
    return float(0.0 - (Y * log_p).sum(axis=0).mean())


def softmax_loss_gradient(W: ArrayLike, x: ArrayLike, y: ArrayLike) -> Array:
    r"""Return the gradient of `softmax_loss` by W, :math:`(\operatorname{softmax}(Wx) - y)x^{T}`.

    Parameters
    ----------
    W, x, y : array_like
        As in `softmax_loss`.

    Returns
    -------
    ndarray, shape (k, n)
        For N examples the mean of their gradients.

    Raises
    ------
    ValueError
        As `softmax_loss`.

    Notes
    -----
    Equation ``eq-matcalc-softmax-gradient``.

    Examples
    --------
    >>> softmax_loss_gradient(np.zeros((2, 3)), [1.0, 2.0, 3.0], [1, 0])
    array([[-0.5, -1. , -1.5],
           [ 0.5,  1. ,  1.5]])
    """
    W, X, Y = _softmax_arguments(W, x, y)
    return (softmax(W @ X, axis=0) - Y) @ X.T / X.shape[1]


def _softmax_arguments(W: ArrayLike, x: ArrayLike, y: ArrayLike) -> tuple[Array, Array, Array]:
    """Return W, and x and y as matrices with one column an example, after checking that they fit."""
    W, x, y = as_matrix(W, "W"), as_array(x, "x", (1, 2)), as_array(y, "y", (1, 2))
    if x.ndim != y.ndim or x.shape[0] != W.shape[1] or y.shape[0] != W.shape[0] or x.shape[1:] != y.shape[1:]:
        raise ValueError(
            f"W {W.shape}, x {x.shape} and y {y.shape} do not fit: W must be (k, n), x (n,) or (n, N), "
            f"and y (k,) or (k, N)")
    X, Y = (x[:, None], y[:, None]) if x.ndim == 1 else (x, y)
    if X.shape[1] == 0:
        raise ValueError("the loss is a mean over examples, and there is none")
    if (Y < 0).any() or not np.allclose(Y.sum(axis=0), 1, rtol=0, atol=1e-9):
        raise ValueError("each column of y must be non-negative and sum to 1: the formula uses yᵀ1 = 1")
    return W, X, Y


def softmax_loss_hvp(W: ArrayLike, x: ArrayLike, V: ArrayLike) -> Array:
    r"""Return the Hessian of `softmax_loss` at W applied to V; the labels have no part in it.

    Parameters
    ----------
    W : array_like, shape (k, n)
        Weights.
    x : array_like, shape (n,) or (n, N)
        One example, or N examples as columns.
    V : array_like, shape (k, n)
        A direction.

    Returns
    -------
    ndarray, shape (k, n)
        The derivative of the gradient along V; for N examples the mean.

    Raises
    ------
    TypeError, ValueError
        If the shapes do not fit or there is no example.

    Notes
    -----
    Equation ``eq-regression-softmax-hvp`` without the penalty. With :math:`p = \operatorname{softmax}(Wx)` and
    :math:`v = Vx` it is :math:`\bigl(p\circ v - p\,(p^Tv)\bigr)x^T`, two products with x instead of a matrix of
    (kn)² numbers. The Hessian is positive semi-definite: :math:`\operatorname{diag}(p) - pp^T` is the covariance
    of a one-hot vector.

    Examples
    --------
    >>> softmax_loss_hvp(np.zeros((2, 1)), [2.0], [[1.0], [0.0]])
    array([[ 1.],
           [-1.]])
    """
    W, X, V = as_matrix(W, "W"), as_array(x, "x", (1, 2)), as_matrix(V, "V")
    X = X[:, None] if X.ndim == 1 else X
    if V.shape != W.shape or X.shape[0] != W.shape[1] or X.shape[1] == 0:
        raise ValueError(f"W {W.shape}, x {X.shape} and V {V.shape} do not fit: W and V must be (k, n), and x "
                         f"(n,) or (n, N) with N ≥ 1")
    P, A = softmax(W @ X, axis=0), V @ X
    return (P * (A - (P * A).sum(axis=0))) @ X.T / X.shape[1]


@dataclass(frozen=True, eq=False, repr=False)
class SoftmaxRegression:
    """A fitted softmax regression and how the fit went.

    Attributes
    ----------
    W : ndarray, shape (k, n)
        The weights. Adding one row vector to all rows changes no probability.
    loss : float
        The mean loss of the examples at W, without the penalty.
    converged : bool
        Whether the gradient came below the tolerance; never true for separated data without a penalty.
    iterations : int
    history : ndarray, shape (iterations + 1, 2)
        Objective and Frobenius norm of its gradient at every iterate.
    separation : str
        ``"complete"`` (some weights classify every example right), ``"quasi-complete"`` (some weights favour no
        wrong class, and for some example the right one), ``"none"``, or ``"not examined"`` with a penalty.
    direction : ndarray, shape (k, n), or None
        Weights that separate the data so: the loss falls along them for ever.
    warnings : tuple of str
    """

    W: Array
    loss: float
    converged: bool
    iterations: int
    history: Array
    separation: str
    direction: Array | None
    warnings: tuple[str, ...]

    @property
    def separable(self) -> bool:
        """Whether the loss without penalty has no minimiser."""
        return self.direction is not None

    def probabilities(self, x: ArrayLike) -> Array:
        """Return softmax(Wx) for one example (n,) or for the columns of (n, N)."""
        x = as_array(x, "x", (1, 2))
        if x.shape[0] != self.W.shape[1]:
            raise ValueError(f"an example must have {self.W.shape[1]} entries; the shape of x is {x.shape}")
        return softmax(self.W @ x, axis=0)

    def classify(self, x: ArrayLike) -> Array:
        """Return the number of the most probable class for each example; the first of several."""
        return self.probabilities(x).argmax(axis=0)

    def __repr__(self) -> str:
        k, n = self.W.shape
        state = "converged" if self.converged else "NOT CONVERGED"
        return "\n".join([f"softmax regression, {k} classes, {n} features: loss {self.loss:.6g}, {state} after "
                          f"{self.iterations} iterations", *(f"  note: {warning}" for warning in self.warnings)])


def softmax_regression(x: ArrayLike, y: ArrayLike, method: str = "newton", *, penalty: float = 0.0,
                       tolerance: float = 1e-10, max_iterations: int = 10_000) -> SoftmaxRegression:
    r"""Return the weights that minimise the mean of `softmax_loss` plus ½ · penalty · ‖W‖_F².

    Parameters
    ----------
    x : array_like, shape (n, N)
        Examples as columns.
    y : array_like, shape (k, N)
        One-hot labels, or probability vectors, as columns.
    method : {"newton", "gradient"}
        ``"newton"`` solves each Newton system by conjugate gradients, which needs Hessian-vector products only.
        ``"gradient"`` takes steps of length 1/L, where L bounds the Hessian's largest eigenvalue.
    penalty : float
        At least 0. With a positive penalty there is one minimiser, whatever the data.
    tolerance : float
        Stop when the gradient is at most this times ‖x‖_F/√N, the size a gradient can have.
    max_iterations : int
        Stop then in any case, with `converged` False.

    Returns
    -------
    SoftmaxRegression
        Separated data are reported with the direction that separates them.

    Raises
    ------
    TypeError, ValueError
        If the shapes do not fit, the method is unknown or a number is out of range.
    OverflowError
        If the penalty is lost beside x, or W exceeds the largest double.

    Notes
    -----
    Nocedal and Wright, *Numerical Optimization* (2nd ed., 2006), algorithm 7.1. The bound is
    :math:`L = \sigma_{\max}(x)^2/(2N) + \text{penalty}`, ``eq-regression-softmax-bound`` (Böhning, 1992). Without
    a penalty a minimiser exists if and only if no direction separates the data (Albert and Anderson, 1984).

    Examples
    --------
    >>> x = np.array([[1.0, 1.0, 1.0, 1.0], [0.0, 1.0, 2.0, 3.0]])       # a one and a number
    >>> fit = softmax_regression(x, [[1, 0, 1, 0], [0, 1, 0, 1]])
    >>> fit.converged, fit.separable
    (True, False)
    >>> print(softmax_regression(x, [[1, 1, 0, 0], [0, 0, 1, 1]]).separation)
    complete
    """
    x, y = as_matrix(x, "x"), as_matrix(y, "y")
    if method not in ("newton", "gradient"):
        raise ValueError(f"method must be 'newton' or 'gradient'; it is {method!r}")
    if not penalty >= 0:
        raise ValueError(f"penalty must be at least 0; it is {penalty}")
    W, X, Y = _softmax_arguments(np.zeros((y.shape[0], x.shape[0])), x, y)
    X, exponent = to_unit_scale(X)
    with np.errstate(over="ignore", under="ignore"):
        scaled_penalty = float(np.ldexp(penalty, -2 * exponent))
    if penalty and not 0 < scaled_penalty < np.inf:
        raise OverflowError(f"a penalty of {penalty:.1e} is out of range beside entries of x of size "
                            f"2**{exponent}; rescale x")
    goal = _positive(tolerance, "tolerance") * np.linalg.norm(X) / np.sqrt(X.shape[1])
    objective = _Objective(X, Y, scaled_penalty)
    max_iterations = check_count(max_iterations, "max_iterations", 0, 10**9)
    W, history, direction = _minimise(objective, W, method, goal, max_iterations)
    converged = direction is None and bool(history[-1, 1] <= goal)
    separation, direction = _separation(objective, W, direction, converged)
    converged = converged and direction is None
    history[:, 1] = times_power_of_two(history[:, 1], exponent, "the gradient")
    return SoftmaxRegression(
        times_power_of_two(W, -exponent, "W"), softmax_loss(W, X, Y), converged, len(history) - 1,
        history, separation, direction, _softmax_warnings(separation, converged, len(history) - 1))


@dataclass(frozen=True, eq=False)
class _Objective:
    """The mean softmax loss plus ½ · penalty · ‖W‖², for arguments that have been checked."""

    X: Array
    Y: Array
    penalty: float

    def __call__(self, W: Array) -> float:
        return softmax_loss(W, self.X, self.Y) + 0.5 * self.penalty * float((W * W).sum())

    def gradient(self, W: Array) -> Array:
        return softmax_loss_gradient(W, self.X, self.Y) + self.penalty * W

    def hessian_times(self, W: Array, V: Array) -> Array:
        return softmax_loss_hvp(W, self.X, V) + self.penalty * V

    @property
    def curvature_bound(self) -> float:
        return float(np.linalg.norm(self.X, 2)**2 / (2 * self.X.shape[1]) + self.penalty)


def _minimise(f: _Objective, W: Array, method: str, goal: float,
              max_iterations: int) -> tuple[Array, Array, Array | None]:
    """Return the last iterate, the history, and the iterate itself as a direction if it separates all data."""
    L, history = f.curvature_bound, []
    margins = _Margins(f.X, f.Y)
    while True:
        gradient = f.gradient(W)
        history.append((f(W), float(np.linalg.norm(gradient))))
        if not f.penalty and margins.complete(W):
            return W, np.array(history), W
        if history[-1][1] <= goal or len(history) > max_iterations:
            return W, np.array(history), None
        step = _newton_step(f, W, gradient) if method == "newton" else -gradient / L
        W = W + _backtrack(f, W, step, history[-1][0], float((gradient * step).sum())) * step


def _newton_step(f: _Objective, W: Array, gradient: Array) -> Array:
    """Return an approximate solution S of H S = −gradient, by conjugate gradients."""
    size = np.linalg.norm(gradient)
    # Far from the minimum a rough solution is as good as an exact one; close to it the demand grows with size.
    goal = min(0.5, np.sqrt(size)) * size
    S, r = np.zeros_like(W), -gradient
    d, rr = r, float((r * r).sum())
    for _ in range(2 * W.size):
        Hd = f.hessian_times(W, d)
        curvature = float((d * Hd).sum())
        if curvature <= EPS * f.curvature_bound * float((d * d).sum()):
            break                             # flat along d: nothing more to learn about H from it
        length = rr / curvature
        S, r = S + length * d, r - length * Hd
        rr, previous = float((r * r).sum()), rr
        if np.sqrt(rr) <= goal:
            break
        d = r + rr / previous * d
    return S if S.any() else -gradient / f.curvature_bound


def _backtrack(f: _Objective, W: Array, step: Array, value: float, slope: float) -> float:
    """Return the first of 1, ½, ¼, … that satisfies Armijo's condition, but for rounding in f."""
    t = 1.0
    while f(W + t * step) > value + 1e-4 * t * slope + 4 * EPS * abs(value) and t > 1e-9:
        t /= 2
    return t


class _Margins:
    """For every example i, likely class c and other class j: (Dx)_c − (Dx)_j, linear in the weights D.

    A class is likely for an example if its label gives it a positive probability. Examples are scaled to length
    one, which changes no sign.
    """

    def __init__(self, X: Array, Y: Array) -> None:
        X, _ = to_unit_scale(X, 0)
        length = np.linalg.norm(X, axis=0)
        self.X = X / np.where(length > 0, length, 1.0)
        self.classes = len(Y)
        different = ~np.eye(len(Y), dtype=bool)
        self.c, self.j, self.i = np.nonzero(different[:, :, None] & (Y > 0)[:, None, :])

    def of(self, D: Array) -> Array:
        """Return all margins of the weights D."""
        A = D @ self.X
        return A[self.c, self.i] - A[self.j, self.i]

    def combine(self, weights: Array, pairs: list[int] | slice = slice(None)) -> Array:
        """Return Σ weight · (e_c − e_j)xᵢᵀ over the pairs: the transposed map of `of`."""
        S = np.zeros((self.classes, self.X.shape[1]))
        np.add.at(S, (self.c[pairs], self.i[pairs]), weights)
        np.add.at(S, (self.j[pairs], self.i[pairs]), -weights)
        return S @ self.X.T

    def gradient(self, pair: int) -> Array:
        """Return (e_c − e_j)xᵢᵀ of one pair as a vector."""
        G = np.zeros((self.classes, len(self.X)))
        G[self.c[pair]] += self.X[:, self.i[pair]]
        G[self.j[pair]] -= self.X[:, self.i[pair]]
        return G.ravel()

    def complete(self, D: Array) -> bool:
        """Whether all margins are positive, beyond rounding."""
        return len(self.c) > 0 and bool(self.of(D).min() > D.size * EPS * np.linalg.norm(D))


def separating_direction(x: ArrayLike, y: ArrayLike) -> Array | None:
    r"""Return weights D along which no example's likelihood falls and some example's grows, or None.

    Parameters
    ----------
    x : array_like, shape (n, N)
        Examples as columns.
    y : array_like, shape (k, N)
        One-hot labels, or probability vectors, as columns.

    Returns
    -------
    ndarray, shape (k, n), or None
        D of Frobenius norm one with (Dx)_c ≥ (Dx)_j − 1e-8‖x‖ for every example, its class c and every other
        class j, and with strict inequality somewhere. None means that the softmax loss has a minimiser, as far as
        doubles can tell: no separation wider than about 1e-8 was found.

    Raises
    ------
    TypeError, ValueError
        If the shapes do not fit.

    Notes
    -----
    Condition ``eq-regression-separation``. The margins are linear in D: :math:`MD`. By Stiemke's lemma either some
    D has :math:`MD \ge 0`, :math:`MD \ne 0`, or some :math:`\alpha \ge 1` has :math:`M^T\alpha = 0`. Both are
    found by minimising :math:`\|M^T\alpha\|` over :math:`\alpha \ge 1` with the active-set method of Lawson and
    Hanson, *Solving Least Squares Problems* (1974), chapter 23: at the minimum :math:`D = M^T\alpha` satisfies
    :math:`MD \ge 0`.

    Examples
    --------
    >>> x = np.array([[1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    >>> separating_direction(x, [[1, 1, 0], [0, 0, 1]]).round(3)         # quasi-complete: a tie at x = 1
    array([[ 0.5, -0.5],
           [-0.5,  0.5]])
    >>> separating_direction(x, [[1, 0, 1], [0, 1, 0]]) is None
    False
    >>> separating_direction(x[:, [0, 0, 1, 1]], [[1, 0, 1, 0], [0, 1, 0, 1]]) is None
    True
    """
    x, y = as_matrix(x, "x"), as_matrix(y, "y")
    _, X, Y = _softmax_arguments(np.zeros((y.shape[0], x.shape[0])), x, y)
    return _shortest_combination(_Margins(X, Y))


def _shortest_combination(margins: "_Margins") -> Array | None:
    """Return D = Mᵀα of norm one for the α ≥ 1 with the shortest Mᵀα, or None if that is 0."""
    excess, active = np.zeros(len(margins.c)), []                 # α = 1 + excess, which is 0 but for the active
    D = fixed = margins.combine(np.ones(len(margins.c)))
    while (size := np.linalg.norm(D)) > 1e-9 * (len(excess) + excess.sum()):
        slack = margins.of(D)
        if slack.min() >= -1e-9 * size:
            return D / size
        active = _least_squares_step(margins, fixed, excess, [*active, int(slack.argmin())])
        D = fixed + margins.combine(excess[active], active)
        if np.linalg.norm(D) >= size:                             # no progress but rounding
            return D / size if slack.min() >= -1e-8 * size else None
    return None


def _least_squares_step(margins: "_Margins", fixed: Array, excess: Array, active: list[int]) -> list[int]:
    """Move `excess` (in place) to the least-squares solution on the active pairs that has no negative entry.

    Pairs whose entry would become negative leave the active set, which is returned.
    """
    while active:
        A = np.column_stack([margins.gradient(pair) for pair in active])
        target, now = np.linalg.lstsq(A, -fixed.ravel())[0], excess[active]
        if target.min() > 0:
            excess[active] = target
            break
        falling = np.flatnonzero(target <= 0)
        fractions = now[falling] / (now[falling] - target[falling]).clip(min=1e-300)
        excess[active] = now + fractions.min() * (target - now)
        leaver = active[falling[fractions.argmin()]]
        excess[leaver] = 0.0
        active = [pair for pair in active if pair != leaver]
    return active


def _separation(f: _Objective, W: Array, direction: Array | None, converged: bool) -> tuple[str, Array | None]:
    """Return what kind of separation the data show, and the direction that proves it."""
    if f.penalty:
        return "not examined", None
    if direction is not None:
        return "complete", direction / np.linalg.norm(direction)
    # At a minimiser every class keeps some probability; a vanishing one is the sign of a direction of escape.
    if converged and softmax(W @ f.X, axis=0).min() > 1e-5:
        return "none", None
    direction = separating_direction(f.X, f.Y)
    return ("none" if direction is None else "quasi-complete"), direction


def _softmax_warnings(separation: str, converged: bool, iterations: int) -> tuple[str, ...]:
    if separation in ("complete", "quasi-complete"):
        return (f"the data show {separation} separation: the loss falls for ever along `direction`, so it has no "
                f"minimiser, and W is where the fit stopped. A positive penalty gives one",)
    if not converged:
        return (f"the gradient is still above the tolerance after {iterations} iterations",)
    return ()
