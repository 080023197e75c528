"""Regression, against exact rational arithmetic, mpmath, scipy, autograd and the reference data of NIST."""

import copy
import dataclasses
import itertools
import re
from fractions import Fraction

import autograd
import autograd.numpy as anp
import autograd.scipy.special as asp
import mpmath
import numpy as np
import pytest
import scipy.linalg
import scipy.optimize
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from labkit import regression
from labkit.regression import (
    lasso,
    lasso_limit,
    lasso_path,
    least_squares,
    log_sigmoid,
    log_softmax,
    logsumexp,
    polynomial_design,
    ridge,
    separating_direction,
    sigmoid,
    soft_threshold,
    softmax,
    softmax_loss,
    softmax_loss_gradient,
    softmax_loss_hvp,
    softmax_regression,
    softplus,
    variance_inflation,
)

METHODS = ("normal", "qr", "svd")
every_method = pytest.mark.parametrize("method", METHODS)
EPS = 2.0**-52

# ----------------------------------------------------------------------------------- exact rational oracle


def solve_exactly(A, B):
    """Solve AX = B in rational numbers by Gauss and Jordan; A square, invertible, B a list of rows."""
    n = len(A)
    rows = [[*map(Fraction, a), *map(Fraction, b)] for a, b in zip(A, B, strict=True)]
    for k in range(n):
        pivot = next(i for i in range(k, n) if rows[i][k] != 0)
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [v / rows[k][k] for v in rows[k]]
        for i in range(n):
            if i != k and rows[i][k] != 0:
                rows[i] = [v - rows[i][k] * w for v, w in zip(rows[i], rows[k], strict=True)]
    return [row[n:] for row in rows]


def exact_least_squares(X, y):
    """Return β, (XᵀX)⁻¹ and the residual sum of squares as rational numbers of the doubles given."""
    X = [[Fraction(v) for v in row] for row in np.asarray(X, dtype=float).tolist()]
    y = [Fraction(v) for v in np.asarray(y, dtype=float).tolist()]
    columns = list(zip(*X, strict=True))
    gram = [[sum(a * b for a, b in zip(c, d, strict=True)) for d in columns] for c in columns]
    rhs = [[sum(a * b for a, b in zip(c, y, strict=True))] for c in columns]
    identity = [[int(i == j) for j in range(len(gram))] for i in range(len(gram))]
    solution = solve_exactly(gram, [r + i for r, i in zip(rhs, identity, strict=True)])
    beta, inverse = [row[0] for row in solution], [row[1:] for row in solution]
    residuals = [b - sum(v * c for v, c in zip(row, beta, strict=True)) for row, b in zip(X, y, strict=True)]
    return beta, inverse, sum(r * r for r in residuals)


def relative_errors(mine, exact):
    return np.array([abs(float((Fraction(float(a)) - b) / b)) for a, b in zip(mine, exact, strict=True)])


# ---------------------------------------------------------------------------------- the Longley data (NIST StRD)

# Total employment, and: price deflator, gross national product, unemployed, armed forces, population, year.
LONGLEY = np.array([
    [60323, 83.0, 234289, 2356, 1590, 107608, 1947],
    [61122, 88.5, 259426, 2325, 1456, 108632, 1948],
    [60171, 88.2, 258054, 3682, 1616, 109773, 1949],
    [61187, 89.5, 284599, 3351, 1650, 110929, 1950],
    [63221, 96.2, 328975, 2099, 3099, 112075, 1951],
    [63639, 98.1, 346999, 1932, 3594, 113270, 1952],
    [64989, 99.0, 365385, 1870, 3547, 115094, 1953],
    [63761, 100.0, 363112, 3578, 3350, 116219, 1954],
    [66019, 101.2, 397469, 2904, 3048, 117388, 1955],
    [67857, 104.6, 419180, 2822, 2857, 118734, 1956],
    [68169, 108.4, 442769, 2936, 2798, 120445, 1957],
    [66513, 110.8, 444546, 4681, 2637, 121950, 1958],
    [68655, 112.6, 482704, 3813, 2552, 123366, 1959],
    [69564, 114.2, 502601, 3931, 2514, 125368, 1960],
    [69331, 115.7, 518173, 4806, 2572, 127852, 1961],
    [70551, 116.9, 554894, 4007, 2827, 130081, 1962],
])
# Certified values of the NIST Statistical Reference Datasets, to 15 digits.
NIST_COEFFICIENTS = [-3482258.63459582, 15.0618722713733, -0.0358191792925910, -2.02022980381683,
                     -1.03322686717359, -0.0511041056535807, 1829.15146461355]
NIST_ERRORS = [890420.383607373, 84.9149257747669, 0.0334910077722432, 0.488399681651699, 0.214274163161675,
               0.226073200069370, 455.478499142212]
NIST_SIGMA = 304.854073561965


def longley():
    return np.column_stack([np.ones(16), LONGLEY[:, 1:]]), LONGLEY[:, 0]


def test_the_certified_values_are_those_of_exact_arithmetic():
    X, y = longley()
    # 88.5 is a double but 88.2 is not: the data are decimal numbers, so they are read as such here.
    decimal = [[Fraction(str(v)) for v in row] for row in X.tolist()]
    columns = list(zip(*decimal, strict=True))
    gram = [[sum(a * b for a, b in zip(c, d, strict=True)) for d in columns] for c in columns]
    rhs = [[sum(a * Fraction(b) for a, b in zip(c, y.tolist(), strict=True))] for c in columns]
    identity = [[int(i == j) for j in range(7)] for i in range(7)]
    solution = solve_exactly(gram, [r + i for r, i in zip(rhs, identity, strict=True)])
    beta = [row[0] for row in solution]
    residuals = [Fraction(b) - sum(v * c for v, c in zip(row, beta, strict=True))
                 for row, b in zip(decimal, y.tolist(), strict=True)]
    variance = sum(r * r for r in residuals) / 9
    errors = [mpmath.sqrt(mpmath.mpf((variance * row[1 + j]).numerator) / (variance * row[1 + j]).denominator)
              for j, row in enumerate(solution)]
    np.testing.assert_allclose([float(b) for b in beta], NIST_COEFFICIENTS, rtol=5e-15)
    np.testing.assert_allclose([float(e) for e in errors], NIST_ERRORS, rtol=5e-15)
    assert float(variance)**0.5 == pytest.approx(NIST_SIGMA, rel=2e-15)


@pytest.mark.parametrize(("method", "digits"), [("qr", 10), ("svd", 10), ("normal", 6)])
def test_longley(method, digits):
    fit = least_squares(*longley(), method)
    np.testing.assert_allclose(fit.coefficients, NIST_COEFFICIENTS, rtol=10.0**-digits)
    np.testing.assert_allclose(fit.standard_errors, NIST_ERRORS, rtol=10.0**-digits)
    assert fit.sigma == pytest.approx(NIST_SIGMA, rel=1e-9)
    assert fit.rank == 7
    X, _ = longley()
    assert fit.condition == pytest.approx(np.linalg.cond(X), rel=1e-5)        # 4.9e9
    assert fit.scaled_condition < 1e5


# ------------------------------------------------------------------------------------------- least squares

RNG = np.random.default_rng(11)
FULL_RANK = {
    "line": (np.column_stack([np.ones(6), np.arange(6.0)]), np.array([1.0, 2, 2, 4, 5, 4])),
    "random": (RNG.normal(size=(12, 4)), RNG.normal(size=12)),
    "square": (RNG.normal(size=(4, 4)), RNG.normal(size=4)),
    "orthogonal": (np.array([[1.0, 1, 1], [1, -1, 1], [1, 1, -1], [1, -1, -1]]), np.array([1.0, 2, 3, 5])),
    "one column": (np.array([[1.0], [2], [4]]), np.array([1.0, 1, 7])),
    "one number": (np.array([[3.0]]), np.array([6.0])),
    "symmetric": (np.array([[2.0, 1, 0], [1, 3, 1], [0, 1, 4]]), np.array([1.0, 0, 2])),
    "units": (RNG.normal(size=(9, 3)) * [1e-12, 1, 1e9], RNG.normal(size=9)),
    "collinear": (np.column_stack([np.ones(8), np.arange(8.0), np.arange(8) + 1e-3 * RNG.normal(size=8)]),
                  RNG.normal(size=8)),
    "cubic": (polynomial_design(np.linspace(1, 2, 10), 3), RNG.normal(size=10)),
}
every_problem = pytest.mark.parametrize(("X", "y"), FULL_RANK.values(), ids=FULL_RANK)


@every_method
@every_problem
def test_coefficients_and_errors_against_exact_arithmetic(X, y, method):
    beta, inverse, rss = exact_least_squares(X, y)
    fit = least_squares(X, y, method)
    kappa = fit.scaled_condition
    allowed = 40 * EPS * (kappa**2 if method == "normal" or rss else kappa) * max(1, len(beta))
    scale = np.abs(np.array([float(b) for b in beta]) * np.abs(X).max(axis=0)).max() / np.abs(X).max(axis=0)
    assert (np.abs(fit.coefficients - [float(b) for b in beta]) <= allowed * scale).all()
    m, n = X.shape
    assert fit.rank == n and fit.method == method
    np.testing.assert_allclose(fit.residual, y - X @ fit.coefficients, atol=1e-11 * np.abs(y).max())
    if m == n:
        assert fit.sigma is None and fit.covariance is None and fit.standard_errors is None
        assert any("noise cannot be estimated" in note for note in fit.warnings)
        return
    exact_sigma = (float(rss) / (m - n))**0.5
    errors = [exact_sigma * float(inverse[j][j])**0.5 for j in range(n)]
    assert fit.sigma == pytest.approx(exact_sigma, rel=1e-10)
    np.testing.assert_allclose(fit.standard_errors, errors, rtol=allowed + 1e-10)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), errors, rtol=allowed + 1e-10)
    unit = np.outer(errors, errors)
    np.testing.assert_allclose(fit.covariance / unit, np.array([[float(v) for v in row] for row in inverse])
                               * exact_sigma**2 / unit, atol=allowed + 1e-10)


@every_method
@every_problem
def test_condition_numbers_are_those_of_the_data_and_of_the_scaled_data(X, y, method):
    fit = least_squares(X, y, method)
    tolerance = 1e-6 if np.linalg.cond(X) < 1e9 else 1e-3
    assert fit.condition == pytest.approx(np.linalg.cond(X), rel=tolerance)
    scaled = X / 2.0**np.ceil(np.log2(np.abs(X).max(axis=0) * (1 + 1e-12)))
    assert fit.scaled_condition == pytest.approx(np.linalg.cond(scaled), rel=1e-9)
    unscaled = least_squares(X, y, "qr", scale_columns=False, rtol=0)
    assert unscaled.scaled_condition == pytest.approx(np.linalg.cond(X), rel=1e-6)


def test_the_normal_equations_square_the_condition_number_and_qr_keeps_it():
    X = polynomial_design(np.linspace(0, 1, 20), 6)
    kappa = np.linalg.cond(X)
    assert np.linalg.cond(X.T @ X) == pytest.approx(kappa**2, rel=1e-3)
    R, _ = regression._triangular_form(X, np.zeros(20))
    assert np.linalg.cond(R) == pytest.approx(kappa, rel=1e-9)


def test_the_norm_of_the_covariance_is_the_variance_over_the_smallest_singular_value_squared():
    X, y = FULL_RANK["random"]
    fit = least_squares(X, y)
    smallest = np.linalg.svd(X)[1][-1]
    assert np.linalg.norm(fit.covariance, 2) == pytest.approx(fit.sigma**2 / smallest**2, rel=1e-12)


def test_covariance_and_sigma_are_unbiased_by_simulation():
    X = np.column_stack([np.ones(30), np.linspace(-1, 1, 30), np.linspace(-1, 1, 30)**2])
    rng, truth = np.random.default_rng(0), np.array([1.0, -2, 0.5])
    fits = [least_squares(X, X @ truth + 0.3 * rng.normal(size=30)) for _ in range(400)]
    observed = np.cov(np.array([fit.coefficients for fit in fits]).T)
    np.testing.assert_allclose(observed, 0.09 * np.linalg.inv(X.T @ X), atol=0.15 * observed.max())
    assert np.mean([fit.sigma**2 for fit in fits]) == pytest.approx(0.09, rel=0.05)


def test_each_method_loses_the_digits_that_theory_allows():
    """Against exact arithmetic: QR and SVD lose log κ digits, the normal equations 2 log κ."""
    errors = {method: [] for method in METHODS}
    kappas = []
    for degree in (3, 6, 8):
        X = polynomial_design(np.linspace(0, 1, 20), degree)
        y = X @ np.ones(degree + 1)
        exact, _, _ = exact_least_squares(X, y)
        kappas.append(least_squares(X, y).scaled_condition)
        for method in METHODS:
            errors[method].append(relative_errors(least_squares(X, y, method).coefficients, exact).max())
    for method in ("qr", "svd"):
        assert (np.array(errors[method]) < 10 * EPS * np.array(kappas)).all()
    assert (np.array(errors["normal"]) < 10 * EPS * np.array(kappas)**2).all()
    assert errors["normal"][-1] > 100 * errors["qr"][-1]


def test_a_badly_scaled_polynomial_fit_loses_no_digit_that_it_need_not_lose():
    t = np.linspace(-1, 1, 20)
    X, Xt = polynomial_design(2.0**20 * t, 4), polynomial_design(t, 4)
    y = np.cos(t)
    assert np.linalg.cond(X) > 1e23
    for method in METHODS:
        fit, reference = least_squares(X, y, method), least_squares(Xt, y, method)
        assert fit.rank == 5 and fit.scaled_condition == pytest.approx(reference.scaled_condition, rel=1e-12)
        np.testing.assert_array_equal(fit.coefficients * 2.0**(20 * np.arange(5)), reference.coefficients)
        np.testing.assert_array_equal(fit.standard_errors * 2.0**(20 * np.arange(5)), reference.standard_errors)
    with pytest.raises(ValueError, match="numerical rank"):
        least_squares(X, y, scale_columns=False)
    assert least_squares(X, y, "svd", scale_columns=False).rank < 5


@every_method
@pytest.mark.parametrize(("a", "e"), [(-660, 0), (660, 0), (0, 660), (0, -660), (500, -500)])
def test_least_squares_at_every_scale(method, a, e):
    X, y = FULL_RANK["random"]
    plain, fit = least_squares(X, y, method), least_squares(X * 2.0**a, y * 2.0**e, method)
    assert (fit.coefficients == np.ldexp(plain.coefficients, e - a)).all()
    assert (fit.residual == np.ldexp(plain.residual, e)).all()
    np.testing.assert_allclose(fit.standard_errors, np.ldexp(plain.standard_errors, e - a), rtol=1e-14)
    assert fit.condition == pytest.approx(plain.condition, rel=1e-13)
    if abs(e - a) > 600:
        with pytest.raises(OverflowError, match="covariance is out of the range"):
            _ = fit.covariance
    assert np.isfinite(repr(fit).count("±"))


def test_each_column_may_have_a_scale_of_its_own():
    X, y = FULL_RANK["random"]
    units = np.array([-900, 0, 400, 900])
    for method in METHODS:
        fit = least_squares(np.ldexp(X, units), y, method)
        assert (fit.coefficients == np.ldexp(least_squares(X, y, method).coefficients, -units)).all()
    with pytest.raises(OverflowError, match="β has entries beyond"):
        least_squares([[1e-300]], [1e300])
    # One variance out of range is enough: the others would be right, and the matrix wrong.
    for unit in (-700, 700):
        fit = least_squares(np.ldexp(X, [unit, 0, 0, 0]), y)
        assert np.isfinite(fit.standard_errors).all() and fit.standard_errors.all()
        with pytest.raises(OverflowError, match="covariance is out of the range"):
            _ = fit.covariance


@pytest.mark.parametrize("method", ["qr", "normal"])
@pytest.mark.parametrize("X", [
    np.column_stack([np.arange(5.0), 2 * np.arange(5.0)]),
    np.column_stack([np.ones(4), np.arange(4.0), np.arange(4.0) + 1]),
    np.ones((2, 3)),
    np.zeros((3, 1)),
    np.column_stack([np.ones(5), 1 + 1e-16 * np.arange(5)]),
    np.column_stack([np.arange(5.0), 1e-200 * np.arange(5.0)]),
], ids=["multiple", "sum", "wide", "zero", "rounded", "scaled multiple"])
def test_rank_deficient_data_are_refused_and_the_sibling_is_named(X, method):
    rank = np.linalg.matrix_rank(X / (np.abs(X).max(axis=0) + (X == 0).all(axis=0)))
    with pytest.raises(ValueError, match=re.escape(f"X {X.shape} has numerical rank {rank}, so β is not unique; "
                                                   f"method='svd'")):
        least_squares(X, np.ones(len(X)), method)


def test_normal_equations_refuse_what_squaring_has_made_indefinite():
    X = polynomial_design(np.linspace(0, 1, 30), 14)
    assert least_squares(X, np.ones(30)).rank == 15
    with pytest.raises(ValueError, match=r"XᵀX is not positive definite in floating point, since κ.*method='qr'"):
        least_squares(X, np.ones(30), "normal")


@pytest.mark.parametrize("X", [
    np.column_stack([np.arange(5.0), 2 * np.arange(5.0)]),
    np.column_stack([np.ones(4), np.arange(4.0), np.arange(4.0) + 1]),
    np.array([[1.0, 2, 3], [0, 1, 5]]),
    np.zeros((3, 2)),
    np.column_stack([np.arange(6.0), np.ones(6), 100 * np.arange(6.0), np.zeros(6)]),
    np.column_stack([np.arange(6.0), np.ones(6), 2.0**-30 * np.arange(6.0), 2.0**20 * np.ones(6)]),
], ids=["multiple", "sum", "wide", "zero", "zero column", "units"])
@pytest.mark.parametrize("scale_columns", [True, False])
def test_svd_returns_the_shortest_minimiser_in_the_units_given(X, scale_columns):
    y = np.arange(len(X))**2 + 1.0
    fit = least_squares(X, y, "svd", scale_columns=scale_columns)
    expected = shortest_minimiser_exactly(X, y)
    # With the columns of "units" left as they are, κ = 2⁵⁰ makes more than this impossible.
    tolerance = 1e-14 if scale_columns or np.abs(X).max() < 1e3 else 1e-10
    np.testing.assert_allclose(fit.coefficients, expected, rtol=0, atol=tolerance * (np.abs(expected).max() or 1))
    assert fit.rank == np.linalg.matrix_rank(X)
    assert fit.condition == fit.scaled_condition == np.inf
    assert "shortest of infinitely many" in fit.warnings[0]
    freedom = len(y) - fit.rank
    if freedom:
        variance = ((y - X @ expected)**2).sum() / freedom
        exact = variance * np.linalg.pinv(X.T @ X, rcond=1e-13)
        np.testing.assert_allclose(fit.covariance, exact, atol=1e-9 * (np.abs(exact).max() or 1))
    else:
        assert fit.sigma is None


def test_the_shortest_minimiser_uses_the_largest_of_equal_columns_however_far_their_units_are_apart():
    t = np.arange(5.0)
    X = np.column_stack([np.ldexp(t, -900), np.ones(5), np.ldexp(t, 900)])
    fit = least_squares(X, 1 + 2 * t, "svd")
    assert fit.rank == 2 and fit.coefficients[0] == 0
    np.testing.assert_allclose(fit.coefficients[1:] * [1, 2.0**900], [1, 2], rtol=1e-14)


def shortest_minimiser_exactly(X, y):
    """Return XᵀC(CᵀXXᵀC)⁻¹CᵀC(CᵀC)⁻¹Cᵀy in rational numbers, where C is a basis of columns of X."""
    X = [[Fraction(v) for v in row] for row in X.tolist()]
    basis = []
    for column in zip(*X, strict=True):
        trial = [*basis, column]
        gram = [[float(sum(a * b for a, b in zip(c, d, strict=True))) for d in trial] for c in trial]
        lengths = np.sqrt(np.diag(gram))
        angles = np.array(gram) / np.outer(lengths, lengths) if lengths.all() else np.zeros((1, 1))
        if np.linalg.matrix_rank(angles, tol=1e-9) == len(trial):
            basis = trial
    if not basis:
        return np.zeros(len(X[0]))
    # X = CF: the coordinates F of the columns, then those of y, all by the normal equations of C.
    gram = [[sum(a * b for a, b in zip(c, d, strict=True)) for d in basis] for c in basis]
    rhs = [[*(sum(a * b for a, b in zip(c, column, strict=True)) for column in zip(*X, strict=True)),
            sum(a * Fraction(b) for a, b in zip(c, y.tolist(), strict=True))] for c in basis]
    solution = solve_exactly(gram, rhs)
    F, z = [row[:-1] for row in solution], [row[-1:] for row in solution]
    outer = [[sum(a * b for a, b in zip(f, g, strict=True)) for g in F] for f in F]
    weights = solve_exactly(outer, z)
    return np.array([float(sum(f[j] * w[0] for f, w in zip(F, weights, strict=True))) for j in range(len(X[0]))])


def test_a_tolerance_decides_the_rank():
    X = np.array([[1.0, 1], [1, 1 + 1e-6], [1, 1]])
    assert least_squares(X, [1, 2, 3], "svd").rank == 2
    assert least_squares(X, [1, 2, 3], "svd", rtol=1e-5).rank == 1
    with pytest.raises(ValueError, match="numerical rank 1"):
        least_squares(X, [1, 2, 3], rtol=1e-5)
    with pytest.raises(ValueError, match=r"rtol must be a number in \[0, 1\)"):
        least_squares(X, [1, 2, 3], rtol=-1)


@pytest.mark.parametrize(("X", "y", "error", "message"), [
    (np.ones((3, 2)), np.ones(2), ValueError, "X has 3 rows and y has 2 entries; they must agree"),
    (np.ones((0, 2)), np.ones(0), ValueError, "at least one row and one column; its shape is (0, 2)"),
    (np.ones((2, 0)), np.ones(2), ValueError, "at least one row and one column; its shape is (2, 0)"),
    (np.ones(3), np.ones(3), ValueError, "X must be a matrix"),
    (np.ones((3, 1)), np.ones((3, 1)), ValueError, "y must be a vector"),
    ([[1.0], [float("nan")]], [1, 2], ValueError, "NaN or infinite"),
    ([[1.0], [2]], [1, float("inf")], ValueError, "NaN or infinite"),
    ([[1j], [2]], [1, 2], TypeError, "X is complex"),
])
@pytest.mark.parametrize("function", [
    least_squares, lambda X, y: ridge(X, y, 1.0), lambda X, y: lasso(X, y, 1.0), lasso_limit])
def test_data_that_do_not_fit_are_refused_by_every_regression(X, y, error, message, function):
    with pytest.raises(error, match=re.escape(message)):
        function(X, y)


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match=r"method must be one of 'qr', 'normal', 'svd'; it is 'lu'"):
        least_squares(np.eye(2), [1, 2], "lu")


def test_fits_print_coefficients_errors_and_warnings():
    text = repr(least_squares([[1, 0], [1, 1], [1, 2], [1, 3]], [1, 3, 5, 8]))
    assert text.splitlines()[0].startswith("least squares by qr: 4 samples, rank 2, κ(X) = ")
    assert "β0 =  0.8  ± 0.324" in text and "β1 =  2.3  ± 0.1732" in text and "σ̂ = 0.387298" in text
    square = repr(least_squares(np.eye(2), [1, 2], "normal"))
    assert "β1 =  2\n" in square and "σ̂ unknown" in square and "note: as many independent columns" in square


@pytest.mark.parametrize(("method", "degree", "count", "text"), [
    ("qr", 3, 0, ""), ("qr", 12, 1, "κ(X) after scaling"), ("normal", 3, 0, ""), ("normal", 7, 1, "κ(X)² after")])
def test_lost_digits_are_reported(method, degree, count, text):
    fit = least_squares(polynomial_design(np.linspace(0, 1, 30), degree), np.ones(30), method)
    assert len(fit.warnings) == count
    assert all(text in note for note in fit.warnings)
    if count:
        power = 2 if method == "normal" else 1
        left = round(-np.log10(EPS * fit.scaled_condition**power))
        assert f"about {left} of 16 digits" in fit.warnings[0]
        assert ("method='qr' loses half as many" in fit.warnings[0]) == (method == "normal")


def test_no_negative_number_of_digits_is_promised():
    notes = regression._fit_warnings("normal", (20, 3), 3, 1e12)
    assert "about 0 of 16 digits" in notes[0]


@given(hnp.arrays(np.float64, st.tuples(st.integers(3, 6), st.integers(1, 3)), elements=st.integers(-9, 9)),
       st.data())
@settings(max_examples=50, deadline=None)
def test_the_residual_is_orthogonal_to_the_columns(X, data):
    y = data.draw(hnp.arrays(np.float64, len(X), elements=st.integers(-9, 9)))
    fit = least_squares(X, y, "svd")
    assert np.abs(X.T @ fit.residual).max() <= 1e-11
    moved = least_squares(X, y + X @ np.arange(1.0, X.shape[1] + 1), "svd")
    np.testing.assert_allclose(moved.residual, fit.residual, atol=1e-10)
    if fit.rank == X.shape[1]:
        for method in ("qr", "normal"):
            np.testing.assert_allclose(least_squares(X, y, method).coefficients, fit.coefficients, atol=1e-7)


def test_polynomial_design():
    assert polynomial_design([2.0, -1], 3).tolist() == [[1, 2, 4, 8], [1, -1, 1, -1]]
    assert polynomial_design([0.0], 0).tolist() == [[1.0]]
    assert polynomial_design([], 2).shape == (0, 3)
    with pytest.raises(OverflowError, match="X has entries"):
        polynomial_design([1e200], 2)
    with pytest.raises(ValueError, match="degree must be from 0 to 1000"):
        polynomial_design([1.0], -1)


# ------------------------------------------------------------------------------------ variance inflation

def inflation_by_definition(X):
    X, values = X / np.abs(X).max(axis=0), []
    for j in range(X.shape[1]):
        others = np.column_stack([np.ones(len(X)), np.delete(X, j, axis=1)])
        residual = X[:, j] - others @ np.linalg.pinv(others) @ X[:, j]
        total = ((X[:, j] - X[:, j].mean())**2).sum()
        values.append(total / (residual @ residual))
    return values


def test_inflation_is_one_over_one_minus_r_squared():
    for name in ("random", "collinear", "units"):
        X = FULL_RANK[name][0]
        X = X[:, 1:] if name == "collinear" else X
        np.testing.assert_allclose(variance_inflation(X), inflation_by_definition(X), rtol=1e-6)
    assert variance_inflation([[1.0], [2], [4]]).tolist() == pytest.approx([1], rel=1e-15)
    assert variance_inflation([[1.0], [2]]).tolist() == pytest.approx([1], rel=1e-15)
    X = LONGLEY[:, 1:]
    np.testing.assert_allclose(variance_inflation(X), np.diag(np.linalg.inv(np.corrcoef(X.T))), rtol=1e-9)
    assert variance_inflation(X)[5] == pytest.approx(758.98, abs=0.01)


def test_inflation_is_the_factor_of_the_variance():
    X, y = FULL_RANK["random"]
    fit = least_squares(np.column_stack([np.ones(12), X]), y)
    spread = ((X - X.mean(axis=0))**2).sum(axis=0)
    inflated = variance_inflation(X) * fit.sigma**2 / spread
    np.testing.assert_allclose(fit.standard_errors[1:]**2, inflated, rtol=1e-12)


def test_inflation_is_infinite_for_the_columns_that_depend_on_others_and_only_for_them():
    t = np.arange(6.0)
    X = np.column_stack([t, t**2, 3 * t - 1, np.cos(5 * t)])
    values = variance_inflation(X)
    assert np.isinf(values).tolist() == [True, False, True, False]
    alone = variance_inflation(X[:, [0, 1, 3]])
    np.testing.assert_allclose(values[[1, 3]], alone[1:], rtol=1e-10)
    assert np.isinf(variance_inflation(np.random.default_rng(0).normal(size=(3, 5)))).all()
    assert np.isinf(variance_inflation(np.column_stack([t, t + 1e-7 * np.cos(t)]), rtol=1e-5)).all()


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_inflation_has_no_units_and_no_origin(scale):
    X = np.round(RNG.normal(size=(10, 3)), 3)
    plain = variance_inflation(X)
    np.testing.assert_allclose(variance_inflation(X * [scale, 1, 3]), plain, rtol=1e-12)
    np.testing.assert_allclose(variance_inflation(X + 1e6), plain, rtol=1e-8)
    assert (plain >= 1 - 1e-14).all()


def test_inflation_refuses_constant_columns_and_single_samples():
    with pytest.raises(ValueError, match="column 1 of X is constant"):
        variance_inflation([[1, 2], [3, 2]])
    for shape in ((1, 2), (3, 0)):
        with pytest.raises(ValueError, match="at least two rows and one column"):
            variance_inflation(np.ones(shape))


# --------------------------------------------------------------------------------------------------- ridge

@pytest.mark.parametrize(("X", "y"), [*FULL_RANK.values(), (np.ones((3, 2)), np.array([1.0, 2, 4])),
                                      (np.array([[1.0, 2, 3], [0, 1, 5]]), np.array([1.0, 2]))])
def test_ridge_solves_its_normal_equations_for_all_penalties(X, y):
    X = X / np.abs(X).max(axis=0)
    penalties = [1e-3, 1.0, 50.0]
    path = ridge(X, y, penalties)
    for d, beta, residual, df in zip(penalties, path.coefficients, path.residual_norms, path.degrees_of_freedom,
                                     strict=True):
        M = X.T @ X + d * np.eye(X.shape[1])
        np.testing.assert_allclose(beta, np.linalg.solve(M, X.T @ y), rtol=1e-9, atol=1e-12)
        assert residual == pytest.approx(np.linalg.norm(y - X @ beta), rel=1e-12, abs=1e-13)
        hat = X @ np.linalg.solve(M, X.T)
        assert df == pytest.approx(np.trace(hat), rel=1e-10)
        score = len(y) * residual**2 / np.trace(np.eye(len(y)) - hat)**2
        assert path.gcv[penalties.index(d)]**2 == pytest.approx(score, rel=1e-8)


def test_ridge_is_least_squares_of_the_augmented_system():
    X, y = FULL_RANK["random"]
    fit = least_squares(np.vstack([X, np.sqrt(3.0) * np.eye(4)]), np.append(y, np.zeros(4)))
    np.testing.assert_allclose(ridge(X, y, 3.0).coefficients[0], fit.coefficients, rtol=1e-13)


@pytest.mark.parametrize(("X", "y"), [(np.ones((3, 2)), np.array([1.0, 2, 4])), FULL_RANK["random"]])
def test_the_limit_of_small_penalties_is_the_minimum_norm_solution(X, y):
    expected = np.linalg.pinv(X) @ y
    path = ridge(X, y, [0.0, 1e-30, 1e-12])
    for beta in path.coefficients:
        np.testing.assert_allclose(beta, expected, rtol=1e-9)
    assert path.degrees_of_freedom == pytest.approx(np.linalg.matrix_rank(X), abs=1e-9)


def test_ridge_shrinks_more_where_singular_values_are_small():
    X = np.diag([3.0, 1.0, 0.1])
    path = ridge(X, [3.0, 1.0, 0.1], [0.0, 1.0])
    np.testing.assert_allclose(path.coefficients, [[1, 1, 1], [0.9, 0.5, 0.01 / 1.01]], rtol=1e-14)
    norms = np.linalg.norm(ridge(X, [1, 2, 3], np.logspace(-4, 4, 20)).coefficients, axis=1)
    assert (np.diff(norms) < 0).all()


@pytest.mark.parametrize(("x_scale", "y_scale", "d_scale"), [
    (1e-200, 1.0, 1e-300), (1e200, 1.0, 1.0), (1.0, 1e200, 1.0), (1e-150, 1e150, 1e-300), (1e-200, 1.0, 1.0),
    (1e120, 1.0, 1e240), (1.0, 1e-250, 1e200)])
def test_ridge_at_extreme_scales_in_50_digits(x_scale, y_scale, d_scale):
    X, y, d = np.array([[2.0, 1], [1, 3], [0, 1]]) * x_scale, np.array([1.0, 2, -1]) * y_scale, 0.7 * d_scale
    with mpmath.workdps(50):
        M = mpmath.matrix(X.tolist())
        exact = mpmath.lu_solve(M.T * M + d * mpmath.eye(2), M.T * mpmath.matrix(y.tolist()))
    np.testing.assert_allclose(ridge(X, y, d).coefficients[0], [float(v) for v in exact], rtol=1e-12)


def test_gcv_chooses_a_penalty_that_predicts_better_than_none():
    rng = np.random.default_rng(2)
    X = rng.normal(size=(40, 30))
    truth = rng.normal(size=30) * 0.3
    y = X @ truth + 2 * rng.normal(size=40)
    path = ridge(X, y, np.append(0.0, np.logspace(-3, 4, 60)))
    errors = np.linalg.norm(path.coefficients - truth, axis=1)
    assert 1 < path.penalties[path.best] < 1e3
    assert errors[path.best] < 0.5 * errors[0] and errors[path.best] < 1.3 * errors.min()


def test_gcv_is_infinite_where_the_fit_has_no_freedom_left():
    path = ridge(np.eye(2), [1, 2], [0.0, 1e-8, 1.0])
    assert path.gcv[0] == np.inf and np.isfinite(path.gcv[1:]).all()
    assert path.best == 2 or path.gcv[1] == pytest.approx(path.gcv[2], rel=1e-6)
    # For X = I the score does not depend on d: of equal scores the largest penalty is taken.
    tied = regression.RidgePath(np.array([1.0, 3.0, 2.0]), np.zeros((3, 1)), np.zeros(3), np.zeros(3),
                                np.array([5.0, 5.0, 7.0]))
    assert tied.best == 1
    assert ridge(np.eye(2) * 2.0**300, np.array([1, 2]) * 2.0**600, 2.0**600).gcv[0] == pytest.approx(
        ridge(np.eye(2), [1, 2], 1.0).gcv[0] * 2.0**600, rel=1e-14)


@pytest.mark.parametrize("penalties", [-1.0, [1, -1e-300], []])
def test_negative_penalties_are_refused(penalties):
    with pytest.raises(ValueError, match="penalties must be one or more numbers d ≥ 0"):
        ridge(np.eye(2), [1, 2], penalties)


def test_a_negative_shift_can_make_the_matrix_singular():
    assert np.linalg.matrix_rank(-np.eye(3) + 1 * np.eye(3)) == 0


def test_a_tolerance_leaves_small_singular_values_out_of_ridge():
    X = np.diag([1.0, 1e-6])
    assert ridge(X, [1, 1], 1e-14).coefficients[0][1] > 1e5
    assert ridge(X, [1, 1], 1e-14, rtol=1e-5).coefficients[0].round(9).tolist() == [1, 0]


def test_ridge_overflow_is_an_error():
    with pytest.raises(OverflowError, match="β"):
        ridge([[1e-300]], [1e300], 0.0)
    with pytest.raises(OverflowError, match="β"):
        ridge([[1e-310]], [1.0], 0.0)


def test_ridge_prints_a_table():
    lines = repr(ridge(np.eye(2), [3, 4], [0, 1])).splitlines()
    assert len(lines) == 4 and "‖residual‖" in lines[1]
    assert lines[2].split() == ["0", "5", "0", "2.000", "inf"]
    assert lines[3].split() == ["1", "2.5", "2.5", "1.000", "3.536"]


# --------------------------------------------------------------------------------------------------- lasso

def lasso_problem(seed, m=20, n=6):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(m, n))
    return X, X @ np.where(np.arange(n) % 2, 0.0, rng.normal(size=n)) + 0.1 * rng.normal(size=m)


def lasso_objective(X, y, penalty, beta):
    return 0.5 * ((X @ beta - y)**2).sum() + penalty * np.abs(beta).sum()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("share", [0.9, 0.3, 0.01])
def test_lasso_against_a_bound_constrained_quadratic_programme(seed, share):
    X, y = lasso_problem(seed)
    penalty = share * lasso_limit(X, y)
    fit = lasso(X, y, penalty, tolerance=1e-13)
    # β = u − v with u, v ≥ 0 makes the problem smooth, and scipy's bounded solver applies.
    n = X.shape[1]

    def smooth(z):
        r = X @ (z[:n] - z[n:]) - y
        g = X.T @ r
        return 0.5 * r @ r + penalty * z.sum(), np.concatenate([g + penalty, penalty - g])

    best = scipy.optimize.minimize(smooth, np.zeros(2 * n), jac=True, bounds=[(0, None)] * (2 * n),
                                   method="L-BFGS-B", options={"ftol": 1e-15, "gtol": 1e-11, "maxiter": 5000})
    np.testing.assert_allclose(fit.coefficients, best.x[:n] - best.x[n:], atol=1e-5)
    assert fit.converged
    assert lasso_objective(X, y, penalty, fit.coefficients) <= best.fun + 1e-10


@pytest.mark.parametrize("seed", range(4))
def test_lasso_satisfies_the_optimality_conditions(seed):
    X, y = lasso_problem(seed, 10, 25)
    for penalty in np.array([0.5, 0.05]) * lasso_limit(X, y):
        fit = lasso(X, y, penalty, tolerance=1e-14)
        correlation = X.T @ (y - X @ fit.coefficients)
        assert np.abs(correlation).max() <= penalty * (1 + 1e-6)
        on = fit.support
        np.testing.assert_allclose(correlation[on], penalty * np.sign(fit.coefficients[on]), rtol=1e-4)
        assert 0 < len(on) < 25


def test_lasso_of_orthonormal_columns_is_soft_thresholding():
    Q = np.linalg.qr(np.random.default_rng(1).normal(size=(8, 4)))[0]
    y = Q @ [3.0, -2.0, 0.5, 0.0] + 0.0
    np.testing.assert_allclose(lasso(Q, y, 1.0).coefficients, [2, -1, 0, 0], atol=1e-12)


def test_the_gap_bounds_the_distance_to_the_minimum():
    X, y = lasso_problem(0)
    penalty = 0.1 * lasso_limit(X, y)
    best = lasso_objective(X, y, penalty, lasso(X, y, penalty, tolerance=1e-15).coefficients)
    for steps in (0, 3, 10, 20):
        fit = lasso(X, y, penalty, max_iterations=steps)
        excess = lasso_objective(X, y, penalty, fit.coefficients) - best
        assert -1e-12 <= excess <= fit.relative_gap * 0.5 * (y @ y) + 1e-12
        assert fit.iterations == steps
        assert fit.converged == (fit.relative_gap <= 1e-10)
    assert lasso(X, y, penalty, max_iterations=13).iterations == 13
    assert "NOT CONVERGED" in repr(lasso(X, y, penalty, max_iterations=0))
    assert repr(lasso(X, y, penalty)).startswith("lasso, λ = ")
    assert "NOT" not in repr(lasso(X, y, penalty))


def test_the_gap_against_its_definition():
    X, y = lasso_problem(3)
    rng = np.random.default_rng(0)
    for level in (0.1, 1.0, 100.0):
        for beta in (np.zeros(6), rng.normal(size=6)):
            r = y - X @ beta
            theta = r * min(1, level / np.abs(X.T @ r).max())
            assert np.abs(X.T @ theta).max() <= level * (1 + 1e-14)
            gap = lasso_objective(X, y, level, beta) - (0.5 * y @ y - 0.5 * (y - theta) @ (y - theta))
            assert regression._relative_gap(X, y, level, beta) == pytest.approx(gap / (0.5 * y @ y), rel=1e-12)
    exact = np.linalg.solve(X[:6], y[:6])
    assert regression._relative_gap(X[:6], y[:6], 1.0, exact) == pytest.approx(
        np.abs(exact).sum() / (0.5 * y[:6] @ y[:6]), rel=1e-10)


def test_momentum_is_faster_than_plain_steps_on_ill_conditioned_data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 20)) @ np.diag(np.logspace(0, -1.5, 20))
    y = X @ np.ones(20)
    penalty = 1e-3 * lasso_limit(X, y)
    fit = lasso(X, y, penalty, tolerance=1e-8)
    beta, L, steps = np.zeros(20), np.linalg.norm(X, 2)**2, 0
    while regression._relative_gap(X, y, penalty, beta) > 1e-8:
        beta = soft_threshold(beta - X.T @ (X @ beta - y) / L, penalty / L)
        steps += 1
    assert fit.converged and fit.iterations < steps / 3


@pytest.mark.parametrize("factor", [1.0, 1.5, 1e250])
def test_from_the_limit_on_the_solution_is_zero(factor):
    X, y = lasso_problem(1)
    limit = lasso_limit(X, y)
    assert limit == pytest.approx(np.abs(X.T @ y).max(), rel=1e-15)
    fit = lasso(X, y, factor * limit)
    assert not fit.coefficients.any() and fit.converged and fit.relative_gap == 0 and fit.iterations == 0
    assert len(lasso(X, y, 0.99 * limit).support) == 1
    assert not lasso(np.zeros((2, 2)), [1, 2], 1e-300).coefficients.any()
    assert not lasso(X, 0 * y, 1.0).coefficients.any()


@pytest.mark.parametrize(("a", "e"), [(-600, 0), (600, 0), (0, 500), (300, -600), (400, 400)])
def test_lasso_at_every_scale(a, e):
    X, y = lasso_problem(2)
    plain = lasso(X, y, 0.5)
    scaled = lasso(X * 2.0**a, y * 2.0**e, 0.5 * 2.0**(a + e))
    assert (scaled.coefficients == np.ldexp(plain.coefficients, e - a)).all()
    assert scaled.relative_gap == plain.relative_gap
    assert lasso_limit(X * 2.0**a, y * 2.0**e) == lasso_limit(X, y) * 2.0**(a + e)
    warm = lasso(X * 2.0**a, y * 2.0**e, 0.5 * 2.0**(a + e), start=plain.coefficients * 2.0**(e - a))
    assert warm.iterations == 0 and warm.converged


def test_a_penalty_that_is_nothing_beside_the_data_is_refused():
    with pytest.raises(ValueError, match="is nothing beside"):
        lasso([[1e200]], [1e200], 1e-10)
    with pytest.raises(OverflowError):
        lasso_limit([[1e200]], [1e200])


@pytest.mark.parametrize(("options", "error", "message"), [
    ({"penalty": 0}, ValueError, "penalty must be positive; it is 0.0"),
    ({"penalty": -1}, ValueError, "penalty must be positive"),
    ({"penalty": float("nan")}, ValueError, "NaN"),
    ({"penalty": 1, "tolerance": 0}, ValueError, "tolerance must be positive"),
    ({"penalty": 1, "max_iterations": -1}, ValueError, "max_iterations must be from 0"),
    ({"penalty": 1, "start": [1.0]}, ValueError, "start must have 2 entries, one a column of X; it has 1"),
])
def test_lasso_refuses_impossible_options(options, error, message):
    with pytest.raises(error, match=message):
        lasso(np.eye(2), [1, 2], **options)


def test_the_path_adds_coefficients_as_the_penalty_falls_and_agrees_with_single_fits():
    X, y = lasso_problem(0, 30, 10)
    penalties = lasso_limit(X, y) * np.logspace(0, -4, 12)
    path = lasso_path(X, y, penalties, tolerance=1e-12)
    assert len(path[0].support) == 0 and len(path[-1].support) >= 9
    for penalty, fit in zip(penalties, path, strict=True):
        assert fit.penalty == penalty
        np.testing.assert_allclose(fit.coefficients, lasso(X, y, penalty, tolerance=1e-12).coefficients, atol=1e-5)
    assert sum(fit.iterations for fit in path) < sum(lasso(X, y, p, tolerance=1e-12).iterations for p in penalties)
    # Near d = 0 the lasso approaches least squares, and ridge has no zeros where the lasso does.
    np.testing.assert_allclose(path[-1].coefficients, least_squares(X, y).coefficients, atol=1e-2)
    assert ridge(X, y, penalties[3]).coefficients.all() and len(path[3].support) < 10


def test_soft_threshold():
    z = np.array([-3.0, -1.0, -0.2, 0.0, 0.2, 1.0, 3.0])
    assert soft_threshold(z, 1.0).tolist() == [-2, 0, 0, 0, 0, 0, 2]
    assert soft_threshold(z, 0.0).tolist() == z.tolist()
    assert soft_threshold([1e308], 1e308).tolist() == [0]
    for level in (-1, float("nan")):
        with pytest.raises(ValueError, match="level must be at least 0"):
            soft_threshold(z, level)


@given(st.floats(-10, 10), st.floats(0, 5), st.floats(-12, 12))
@settings(max_examples=80, deadline=None)
def test_soft_threshold_minimises_its_function(z, level, other):
    best = float(soft_threshold(z, level))
    assert 0.5 * (best - z)**2 + level * abs(best) <= 0.5 * (other - z)**2 + level * abs(other) + 1e-12


# -------------------------------------------------------------------------------------- logistic functions

Z = [-1e308, -750.0, -700.0, -40.0, -37.0, -1.0, -1e-10, -1e-300,
     0.0, 1e-300, 1e-10, 1.0, 37.0, 40.0, 700.0, 1e308]


@pytest.mark.parametrize("z", Z)
def test_logistic_functions_against_mpmath(z):
    with mpmath.workdps(400):
        e = mpmath.exp(-abs(mpmath.mpf(z))) if abs(z) < 1e6 else mpmath.mpf(0)
        plus = max(mpmath.mpf(z), 0) + mpmath.log1p(e)
        minus = max(mpmath.mpf(-z), 0) + mpmath.log1p(e)
        sigma = 1 / (1 + e) if z >= 0 else e / (1 + e)
        tiny = mpmath.mpf(5e-324)
        for mine, exact in ((softplus(z), plus), (log_sigmoid(z), -minus), (sigmoid(z), sigma)):
            assert abs(mpmath.mpf(float(mine)) - exact) <= 3 * EPS * abs(exact) + tiny
    assert float(softplus(z)) == pytest.approx(float(np.logaddexp(0, z)), rel=1e-15)
    assert float(sigmoid(z)) == pytest.approx(float(scipy.special.expit(z)), rel=1e-14, abs=1e-300)
    assert float(log_sigmoid(z)) == pytest.approx(float(scipy.special.log_expit(z)), rel=1e-14)


def test_logistic_functions_keep_shapes_and_signs():
    for function in (softplus, log_sigmoid, sigmoid):
        assert function(np.zeros((2, 3))).shape == (2, 3)
        assert function([]).shape == (0,)
        assert np.shape(function(1)) == ()
        with pytest.raises(ValueError, match="z has 1 entry"):
            function([np.inf])
        with pytest.raises(TypeError, match="complex"):
            function([1j])
    assert not np.signbit(log_sigmoid(800.0))


@given(st.floats(-800, 800))
@settings(max_examples=100, deadline=None)
def test_logistic_identities(z):
    assert float(sigmoid(z)) + float(sigmoid(-z)) == pytest.approx(1, rel=1e-15)
    assert float(softplus(z)) - float(softplus(-z)) == pytest.approx(z, rel=1e-13, abs=1e-13)
    assert np.exp(log_sigmoid(z)) == pytest.approx(float(sigmoid(z)), rel=1e-12, abs=1e-300)


# ------------------------------------------------------------------------------------------------- softmax

LOGITS = {
    "plain": [1.0, -2.0, 0.5],
    "equal": [3.0, 3.0, 3.0, 3.0],
    "one class": [7.0],
    "thousands": [1000.0, 1001.0, 999.0],
    "negative thousands": [-1000.0, -1001.0, -2000.0],
    "confident": [40.0, 0.0],
    "very confident": [0.0, 0.0, 1000.0],
    "huge": [1e308, -1e308],
    "huge and equal": [1e308, 1e308],
    "tiny": [1e-308, -1e-308],
    "tie at the top": [5.0, 5.0, -30.0],
}
every_logits = pytest.mark.parametrize("a", LOGITS.values(), ids=LOGITS)


def exact_softmax(a):
    """Return log Σ exp, softmax and log softmax of a in 400 digits."""
    exact = [mpmath.mpf(v) for v in a]
    top = max(exact)
    terms = [mpmath.exp(v - top) if v - top > -10**6 else mpmath.mpf(0) for v in exact]
    rest = list(terms)
    rest.remove(1)
    log_sum = mpmath.log1p(sum(rest))
    return top + log_sum, [t / sum(terms) for t in terms], [v - top - log_sum for v in exact]


@every_logits
def test_softmax_functions_against_mpmath(a):
    with mpmath.workdps(400):
        total, p, log_p = exact_softmax(a)
        tiny = mpmath.mpf(5e-324)
        assert abs(mpmath.mpf(float(logsumexp(a))) - total) <= 2 * EPS * abs(total) + tiny
        for mine, exact in zip(softmax(a), p, strict=True):
            assert abs(mpmath.mpf(float(mine)) - exact) <= 4 * EPS * exact + tiny
        limit = mpmath.mpf(np.finfo(float).max)
        for mine, exact in zip(log_softmax(a), log_p, strict=True):
            if exact < -limit:
                assert mine == -np.inf
            else:
                assert abs(mpmath.mpf(float(mine)) - exact) <= 4 * EPS * abs(exact) + tiny


def test_a_confident_prediction_has_a_small_loss_and_not_none():
    assert log_softmax([40.0, 0.0])[0] == pytest.approx(-np.exp(-40.0), rel=1e-15)           # −4.2e-18
    assert np.log(softmax([40.0, 0.0]))[0] == 0                                            # the naive way
    assert softmax_loss([[40.0], [0.0]], [1.0], [1, 0]) == pytest.approx(4.248354255291589e-18, rel=1e-14)
    assert log_softmax([40.0, 40.0, 0.0])[0] == pytest.approx(-np.log(2), rel=1e-15)


@pytest.mark.parametrize("axis", [0, 1, -1, -2])
def test_softmax_functions_along_an_axis_of_a_matrix(axis):
    a = np.array([[1.0, 2, 3], [1000, -1000, 0]])
    for mine, theirs in ((softmax, scipy.special.softmax), (log_softmax, scipy.special.log_softmax),
                         (logsumexp, scipy.special.logsumexp)):
        result = mine(a, axis=axis)
        np.testing.assert_allclose(result, theirs(a, axis=axis), rtol=1e-14)
        assert result.shape == theirs(a, axis=axis).shape
    np.testing.assert_allclose(softmax(a, axis=axis).sum(axis=axis), 1, rtol=1e-15)
    assert softmax(np.zeros((2, 3, 4)), axis=1)[0, 0, 0] == pytest.approx(1 / 3)
    assert logsumexp(np.zeros((2, 3, 4)), axis=1).shape == (2, 4)


def test_softmax_functions_read_integers_and_single_precision():
    for a in ([0, 1, 2], np.array([0, 1, 2], dtype=np.int8), np.array([0, 1, 2], dtype=np.float32)):
        assert softmax(a).dtype == np.float64
        np.testing.assert_allclose(softmax(a), scipy.special.softmax([0.0, 1, 2]), rtol=1e-15)


@pytest.mark.parametrize("function", [softmax, log_softmax, logsumexp])
def test_softmax_functions_refuse_what_has_no_answer(function):
    for a, axis in (([], -1), (np.zeros((2, 0)), 1), (np.zeros((0, 2)), 0)):
        with pytest.raises(ValueError, match=r"softmax needs at least one class; axis .* is empty"):
            function(a, axis=axis)
    assert function(np.zeros((0, 2)), axis=1).size == 0
    with pytest.raises(ValueError, match="at least one axis"):
        function(1.0)
    with pytest.raises(ValueError, match="NaN or infinite"):
        function([1.0, np.nan])
    with pytest.raises(ValueError, match="NaN or infinite"):
        function([1.0, -np.inf])
    with pytest.raises(IndexError):
        function([1.0], axis=3)
    a = np.array([1.0, 2.0])
    function(a)
    assert a.tolist() == [1.0, 2.0]


@given(hnp.arrays(np.float64, st.integers(1, 6), elements=st.floats(-500, 500)), st.floats(-100, 100))
@settings(max_examples=80, deadline=None)
def test_softmax_properties(a, shift):
    p = softmax(a)
    assert p.sum() == pytest.approx(1, rel=1e-14)
    np.testing.assert_allclose(softmax(a + shift), p, rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(np.exp(log_softmax(a)), p, rtol=1e-12, atol=1e-300)
    assert (log_softmax(a) <= 0).all()
    assert logsumexp(a) >= a.max()
    assert logsumexp(a) <= a.max() + np.log(len(a)) + 1e-12
    assert softmax(a[::-1]).tolist() == pytest.approx(p[::-1].tolist(), rel=1e-14)


# ------------------------------------------------------------------------------- loss, gradient and Hessian

def loss_by_autograd(W, X, Y):
    A = anp.dot(W, X)
    return anp.mean(asp.logsumexp(A, axis=0) * anp.sum(Y, axis=0) - anp.sum(Y * A, axis=0))


def classification(seed=0, k=3, n=4, N=7, soft=False):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, N))
    Y = rng.dirichlet(np.ones(k), N).T if soft else np.eye(k)[:, rng.integers(0, k, N)]
    return rng.normal(size=(k, n)), X, Y


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize(("k", "n", "N"), [(3, 4, 7), (2, 1, 1), (1, 2, 3), (5, 2, 2)])
def test_loss_gradient_and_hessian_against_autograd(k, n, N, soft):
    W, X, Y = classification(1, k, n, N, soft)
    V = np.random.default_rng(2).normal(size=W.shape)
    assert softmax_loss(W, X, Y) == pytest.approx(loss_by_autograd(W, X, Y), rel=1e-13, abs=1e-15)
    gradient = autograd.grad(loss_by_autograd)
    np.testing.assert_allclose(softmax_loss_gradient(W, X, Y), gradient(W, X, Y), atol=1e-14)
    product = autograd.grad(lambda M: anp.sum(gradient(M, X, Y) * V))(W)
    np.testing.assert_allclose(softmax_loss_hvp(W, X, V), product, atol=1e-14)


def test_one_example_is_a_column():
    W, X, Y = classification()
    V = np.ones_like(W) * np.arange(4)
    assert softmax_loss(W, X[:, 0], Y[:, 0]) == softmax_loss(W, X[:, :1], Y[:, :1])
    assert (softmax_loss_gradient(W, X[:, 0], Y[:, 0]) == softmax_loss_gradient(W, X[:, :1], Y[:, :1])).all()
    assert (softmax_loss_hvp(W, X[:, 0], V) == softmax_loss_hvp(W, X[:, :1], V)).all()
    p = softmax(W @ X[:, 0])
    outer = np.outer(p - Y[:, 0], X[:, 0])
    np.testing.assert_allclose(softmax_loss_gradient(W, X[:, 0], Y[:, 0]), outer, rtol=1e-14)


def test_loss_of_impossible_labels_is_infinite_or_zero_by_the_label_alone():
    W = np.array([[1e308], [-1e308]])
    assert softmax_loss(W, [1.0], [1, 0]) == 0 and not np.signbit(softmax_loss(W, [1.0], [1, 0]))
    assert softmax_loss(W, [1.0], [0, 1]) == np.inf


def test_the_wrong_signs_and_transposes_of_the_sources_are_not_the_gradient():
    W, X, Y = classification()
    x, y = X[:, 0], Y[:, 0]
    right = softmax_loss_gradient(W, x, y)
    p = softmax(W @ x)
    for wrong in (np.outer(p + y, x), np.outer(y - p, x), np.outer(p - y, x).T.reshape(W.shape)):
        assert np.abs(wrong - right).max() > 0.1


def test_the_hessian_is_positive_semidefinite_and_flat_along_a_common_row():
    W, X, Y = classification(3)
    basis = np.eye(W.size).reshape(-1, *W.shape)
    H = np.array([softmax_loss_hvp(W, X, E).ravel() for E in basis])
    np.testing.assert_allclose(H, H.T, atol=1e-15)
    assert np.linalg.eigvalsh(H).min() > -1e-14
    bound = np.linalg.norm(X, 2)**2 / (2 * X.shape[1])
    assert np.linalg.eigvalsh(H).max() <= bound
    assert regression._Objective(X, Y, 0.5).curvature_bound == pytest.approx(bound + 0.5, rel=1e-14)
    assert np.abs(softmax_loss_hvp(W, X, np.tile([1.0, 2, 3, 4], (3, 1)))).max() < 1e-15


@pytest.mark.parametrize(("W", "x", "y"), [
    (np.ones((2, 3)), np.ones(2), [1, 0]), (np.ones((2, 3)), np.ones(3), [1, 0, 0]),
    (np.ones((2, 3)), np.ones((3, 4)), [1, 0]), (np.ones((2, 3)), np.ones((3, 4)), np.ones((2, 5)) / 2)])
@pytest.mark.parametrize("function", [softmax_loss, softmax_loss_gradient])
def test_shapes_that_do_not_fit_are_refused(function, W, x, y):
    with pytest.raises(ValueError, match=r"do not fit: W must be \(k, n\)"):
        function(W, x, y)


@pytest.mark.parametrize(("y", "message"), [([1.0, 1.0], "sum to 1"), ([1.5, -0.5], "non-negative"),
                                            ([0.5, 0.5 + 1e-6], "sum to 1")])
def test_labels_that_are_no_probabilities_are_refused(y, message):
    for function in (softmax_loss, softmax_loss_gradient):
        with pytest.raises(ValueError, match=message):
            function(np.ones((2, 1)), [1.0], y)


def test_no_examples_are_refused():
    for function in (softmax_loss, softmax_loss_gradient):
        with pytest.raises(ValueError, match="there is none"):
            function(np.ones((2, 3)), np.ones((3, 0)), np.ones((2, 0)))


@pytest.mark.parametrize(("x", "V"), [(np.ones(2), np.ones((2, 3))), (np.ones(3), np.ones((3, 2))),
                                      (np.ones((3, 0)), np.ones((2, 3)))])
def test_hessian_products_refuse_shapes_that_do_not_fit(x, V):
    with pytest.raises(ValueError, match="do not fit: W and V must be"):
        softmax_loss_hvp(np.ones((2, 3)), x, V)


# ------------------------------------------------------------------------------------- softmax regression

def overlapping(seed=0, k=3, n=3, N=60):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, k, N)
    X = np.vstack([np.ones(N), rng.normal(size=(n - 1, N)) + 0.8 * rng.normal(size=(n - 1, k))[:, labels]])
    return X, np.eye(k)[:, labels]


@pytest.mark.parametrize("method", ["newton", "gradient"])
@pytest.mark.parametrize("penalty", [0.0, 0.1])
def test_fit_against_scipy(method, penalty):
    X, Y = overlapping()
    fit = softmax_regression(X, Y, method, penalty=penalty, tolerance=1e-9)
    best = scipy.optimize.minimize(
        lambda w: (softmax_loss(w.reshape(3, 3), X, Y) + 0.5 * penalty * w @ w,
                   softmax_loss_gradient(w.reshape(3, 3), X, Y).ravel() + penalty * w),
        np.zeros(9), jac=True, method="BFGS", options={"gtol": 1e-9})
    W = best.x.reshape(3, 3)
    assert fit.converged and fit.warnings == () and not fit.separable
    assert fit.separation == ("none" if penalty == 0 else "not examined")
    np.testing.assert_allclose(fit.W - fit.W.mean(axis=0), W - W.mean(axis=0), atol=1e-6)
    assert fit.loss == pytest.approx(softmax_loss(W, X, Y), abs=1e-8)
    assert fit.history[-1][0] <= best.fun + 1e-14
    at_zero = np.linalg.norm(softmax_loss_gradient(np.zeros((3, 3)), X, Y))
    assert fit.history[0][1] == pytest.approx(at_zero, rel=1e-13)
    assert fit.history.shape == (fit.iterations + 1, 2)
    assert fit.history[0][0] == pytest.approx(np.log(3), rel=1e-14)
    assert (np.diff(fit.history[:, 0]) <= 1e-15).all()
    scale = np.linalg.norm(X) / np.sqrt(60)
    assert fit.history[-1][1] <= 1e-9 * scale < fit.history[-2][1]


def test_newton_converges_in_few_steps_and_gradient_descent_at_the_rate_of_the_condition_number():
    X, Y = overlapping(1)
    stretched = X * np.array([[1.0], [1.0], [0.3]])
    newton, plain = (softmax_regression(stretched, Y, method, tolerance=1e-8) for method in ("newton", "gradient"))
    round_one = softmax_regression(X, Y, "gradient", tolerance=1e-8)
    assert newton.converged and plain.converged and newton.iterations <= 12
    assert plain.iterations > 4 * round_one.iterations > 40 * newton.iterations
    # Newton's method is locally faster than linear: each gradient is less than the last to the power 1.4.
    g = newton.history[:, 1]
    assert g[-1] < g[-2]**1.4


def test_logistic_regression_is_the_case_of_two_classes():
    X, Y = overlapping(2, k=2)
    fit = softmax_regression(X, Y)
    w = fit.W[0] - fit.W[1]
    np.testing.assert_allclose(fit.probabilities(X)[0], sigmoid(w @ X), rtol=1e-12)
    likelihoods = np.where(Y[0] > 0, log_sigmoid(w @ X), log_sigmoid(-w @ X))
    assert fit.loss == pytest.approx(-likelihoods.mean(), rel=1e-13)
    assert fit.classify(X).tolist() == (w @ X < 0).astype(int).tolist()
    assert fit.probabilities(X[:, 0]).shape == (2,) and fit.classify(X[:, 0]) in (0, 1)
    with pytest.raises(ValueError, match="an example must have 3 entries"):
        fit.probabilities([1.0])


def by_linear_programme(X, Y):
    """Return whether weights separate one-hot data: "complete", "quasi-complete" or "none"; by two programmes."""
    k, n, N = len(Y), len(X), X.shape[1]
    rows = []
    for i, j in itertools.product(range(N), range(k)):
        c = int(Y[:, i].argmax())
        if c != j:
            row = np.zeros((k, n))
            row[c] += X[:, i]
            row[j] -= X[:, i]
            rows.append(row.ravel())
    M = np.array(rows)
    box = [(-1, 1)] * M.shape[1]
    total = scipy.optimize.linprog(-M.sum(axis=0), A_ub=-M, b_ub=np.zeros(len(M)), bounds=box)
    if -total.fun < 1e-7:
        return "none"
    slack = np.hstack([-M, np.ones((len(M), 1))])
    margin = scipy.optimize.linprog(np.append(np.zeros(M.shape[1]), -1), A_ub=slack, b_ub=np.zeros(len(M)),
                                    bounds=[*box, (0, None)])
    return "complete" if -margin.fun > 1e-7 else "quasi-complete"


def integer_data(seed):
    rng = np.random.default_rng(seed)
    k, n, N = rng.integers(2, 4), rng.integers(1, 4), rng.integers(3, 14)
    return rng.integers(-2, 3, (n, N)).astype(float), np.eye(k)[:, rng.integers(0, k, N)]


@pytest.mark.parametrize("seed", range(60))
def test_separation_against_linear_programmes(seed):
    X, Y = integer_data(seed)
    expected = by_linear_programme(X, Y)
    D = separating_direction(X, Y)
    assert (D is not None) == (expected != "none")
    fit = softmax_regression(X, Y, max_iterations=200)
    assert fit.separation == expected
    assert fit.separable == (expected != "none") == (not fit.converged)
    for direction in (D, fit.direction):
        if direction is not None:
            assert np.linalg.norm(direction) == pytest.approx(1, rel=1e-12)
            A = direction @ X
            margins = (Y * A).sum(axis=0) - A
            assert margins.min() >= -1e-7 and margins.max() > 1e-6
            if fit.separation == "complete" and direction is fit.direction:
                assert np.where(Y > 0, 1, margins).min() > 0
            # The loss falls along it from anywhere.
            start = np.random.default_rng(seed).normal(size=direction.shape)
            losses = [softmax_loss(start + t * direction, X, Y) for t in (0, 1, 10, 100)]
            assert losses[3] < losses[0] and (np.diff(losses) <= 1e-9).all()


def heavy_tailed_data(seed):
    """Return examples with far outliers, on which full Newton steps overshoot and active sets shrink again."""
    rng = np.random.default_rng(seed)
    k, n, N = rng.integers(2, 4), rng.integers(1, 5), rng.integers(5, 60)
    X, labels = rng.standard_t(1.2, size=(n, N)), rng.integers(0, k, N)
    if seed % 2:
        labels = (rng.normal(size=(k, n)) @ X + (seed % 4 > 1) * 0.5 * rng.normal(size=(k, N))).argmax(axis=0)
    return X, np.eye(k)[:, labels]


@pytest.mark.parametrize("seed", [28, 31, 100, 101, 119, 129, 153, 183, 192, 201, 203, 260, 271])
def test_separation_of_examples_with_outliers(seed):
    X, Y = heavy_tailed_data(seed)
    expected = by_linear_programme(X / np.abs(X).max(axis=0), Y)
    assert (separating_direction(X, Y) is not None) == (expected != "none")
    fit = softmax_regression(X, Y, max_iterations=300)
    assert fit.separable == (expected != "none") and fit.converged == (expected == "none")
    assert (np.diff(fit.history[:, 0]) <= 1e-14).all()
    assert fit.iterations <= 60


def test_backtracking_halves_a_step_until_the_function_falls_enough():
    X, Y = heavy_tailed_data(129)
    f = regression._Objective(X, Y, 0.0)
    W = np.zeros((len(Y), len(X)))
    gradient = f.gradient(W)
    long_step = -1e6 * gradient
    slope = float((gradient * long_step).sum())
    t = regression._backtrack(f, W, long_step, f(W), slope)
    assert t < 1 and np.log2(t) == round(np.log2(t))
    assert f(W + t * long_step) <= f(W) + 1e-4 * t * slope
    assert f(W + 2 * t * long_step) > f(W) + 1e-4 * 2 * t * slope
    # Uphill there is no such step: the search ends and the step is as good as none.
    assert regression._backtrack(f, W, gradient, f(W), 0.0) <= 1e-9


def test_a_newton_step_ends_where_the_hessian_is_flat():
    X, Y = overlapping(5)
    f = regression._Objective(X, Y, 0.0)
    W = np.zeros((3, 3))
    H = np.array([f.hessian_times(W, E).ravel() for E in np.eye(9).reshape(9, 3, 3)])
    tiny = 1e-30 * f.gradient(W)                       # so small that the demanded accuracy is beyond rounding
    S = regression._newton_step(f, W, tiny)
    np.testing.assert_allclose(S.ravel(), -np.linalg.pinv(H) @ tiny.ravel(), rtol=1e-8, atol=1e-39)
    # Along equal rows the Hessian is 0: the first direction is flat, and the step is a plain gradient step.
    flat = np.ones((3, 3))
    np.testing.assert_allclose(regression._newton_step(f, W, flat), -flat / f.curvature_bound, rtol=1e-15)


def test_a_newton_step_costs_at_most_twice_as_many_products_as_there_are_weights():
    class Restless:
        """A Hessian that differs from call to call, for which conjugate gradients never end by themselves."""

        curvature_bound, calls, rng = 2.0, 0, np.random.default_rng(0)

        def hessian_times(self, W, V):
            self.calls += 1
            return V * self.rng.uniform(0.5, 2.0, V.shape)

    f = Restless()
    S = regression._newton_step(f, np.zeros((3, 3)), 1e-30 * np.ones((3, 3)))
    assert f.calls == 18 and np.isfinite(S).all()


def test_active_pairs_leave_when_their_weight_would_be_negative():
    X, Y = np.array([[1.0, 1.0]]), np.eye(2)
    margins = regression._Margins(X, Y)
    excess = np.zeros(2)
    uphill = margins.gradient(0).reshape(2, 1)           # growing this weight makes the sum longer
    assert regression._least_squares_step(margins, uphill, excess, [0]) == []
    assert excess.tolist() == [0, 0]
    excess = np.array([2.0, 0.0])
    assert regression._least_squares_step(margins, -3 * uphill, excess, [0]) == [0]
    assert excess[0] == pytest.approx(3, rel=1e-14)


@pytest.mark.parametrize(("slack", "found"), [(-1e-8, True), (-1e-7, False)])
def test_a_search_that_rounding_has_stopped_is_judged_by_its_margins(slack, found):
    class Stuck(regression._Margins):
        def of(self, D):
            return np.array([1.0, 0.99 * slack])

        def gradient(self, pair):
            return np.zeros(1)

        def combine(self, weights, pairs=slice(None)):
            return np.array([[1.0 if isinstance(pairs, slice) else 0.0]])

    D = regression._shortest_combination(Stuck(np.ones((1, 2)), np.eye(2)))
    assert (D is not None) == found
    if found:
        assert D.tolist() == [[1.0]]


def test_separation_examples_cover_all_three_kinds():
    kinds = [by_linear_programme(*integer_data(seed)) for seed in range(60)]
    assert all(kinds.count(kind) >= 5 for kind in ("none", "complete", "quasi-complete"))


def test_separated_data_are_reported_and_a_penalty_makes_the_minimiser_exist():
    X = np.array([[1.0, 1, 1, 1], [-2, -1, 1, 2]])
    Y = np.array([[1, 1, 0, 0], [0, 0, 1, 1]])
    for method in ("newton", "gradient"):
        fit = softmax_regression(X, Y, method)
        assert fit.separation == "complete" and not fit.converged
        assert "complete separation" in fit.warnings[0] and "NOT CONVERGED" in repr(fit) and "note:" in repr(fit)
    ridge_fit = softmax_regression(X, Y, penalty=0.01)
    assert ridge_fit.converged and ridge_fit.direction is None and "NOT" not in repr(ridge_fit)
    gradient = softmax_loss_gradient(ridge_fit.W, X, Y) + 0.01 * ridge_fit.W
    assert np.abs(gradient).max() < 1e-9


def test_a_fit_that_was_stopped_says_so():
    X, Y = overlapping()
    fit = softmax_regression(X, Y, "gradient", max_iterations=3)
    assert (fit.converged, fit.iterations, len(fit.history)) == (False, 3, 4)
    assert fit.separation == "none"
    assert fit.warnings == ("the gradient is still above the tolerance after 3 iterations",)
    assert softmax_regression(X, Y, max_iterations=0).W.any() == False  # noqa: E712
    X, Y = np.array([[1.0, 1, 1, 1], [-2, -1, -1, 2]]), np.array([[1, 1, 0, 0], [0, 0, 1, 1]])
    assert softmax_regression(X, Y, "gradient", max_iterations=5).separation == "quasi-complete"


def test_soft_labels_have_a_minimiser_where_every_class_has_a_share():
    X = np.array([[1.0, 1, 1], [0, 1, 2]])
    Y = np.array([[0.9, 0.5, 0.2], [0.1, 0.5, 0.8]])
    fit = softmax_regression(X, Y)
    assert fit.converged and separating_direction(X, Y) is None
    # A label shared by two classes forbids directions that tell them apart; the third class can escape.
    Y = np.array([[0.5, 0.5, 0.5], [0.5, 0.5, 0.5], [0, 0, 0]])
    D = separating_direction(X, Y)
    np.testing.assert_allclose(D[0] @ X, D[1] @ X, atol=1e-7)
    assert ((D[0] - D[2]) @ X >= -1e-8).all() and softmax_regression(X, Y).separation == "quasi-complete"


def test_a_single_class_is_fitted_at_once():
    fit = softmax_regression(np.ones((2, 3)), np.ones((1, 3)))
    assert fit.converged and fit.loss == 0 and fit.iterations == 0 and fit.separation == "none"
    assert separating_direction(np.ones((2, 3)), np.ones((1, 3))) is None


@pytest.mark.parametrize("e", [-600, 300, 600])
def test_fits_at_every_scale_of_the_examples(e):
    X, Y = overlapping(4)
    plain, scaled = softmax_regression(X, Y), softmax_regression(X * 2.0**e, Y)
    assert (np.ldexp(plain.W, -e) == scaled.W).all() and scaled.iterations == plain.iterations
    assert softmax_regression(X * 2.0**e, Y * 0 + np.eye(3)[:, :1]).separation == "complete"
    if e == 300:
        fit = softmax_regression(X * 2.0**e, Y, penalty=2.0**(2 * e))
        np.testing.assert_allclose(fit.W * 2.0**e, softmax_regression(X, Y, penalty=1.0).W, rtol=1e-9)
    else:
        with pytest.raises(OverflowError, match="is out of range beside entries of x"):
            softmax_regression(X * 2.0**e, Y, penalty=1.0)


def test_separating_directions_do_not_depend_on_the_length_of_the_examples():
    X, Y = integer_data(3)
    lengths = 2.0**np.random.default_rng(0).integers(-300, 300, X.shape[1])
    assert (separating_direction(X * lengths, Y) is None) == (separating_direction(X, Y) is None)
    assert separating_direction(np.zeros((2, 3)), np.eye(3)) is None


@pytest.mark.parametrize(("options", "error", "message"), [
    ({"method": "bfgs"}, ValueError, "method must be 'newton' or 'gradient'; it is 'bfgs'"),
    ({"penalty": -1.0}, ValueError, "penalty must be at least 0"),
    ({"penalty": float("nan")}, ValueError, "penalty must be at least 0"),
    ({"tolerance": 0.0}, ValueError, "tolerance must be positive"),
    ({"max_iterations": 1.5}, TypeError, "max_iterations must be an integer"),
    ({"max_iterations": -1}, ValueError, "max_iterations must be from 0"),
])
def test_softmax_regression_refuses_impossible_options(options, error, message):
    with pytest.raises(error, match=message):
        softmax_regression(np.ones((1, 2)), np.eye(2), **options)


def test_softmax_regression_refuses_data_that_do_not_fit():
    for function in (softmax_regression, separating_direction):
        with pytest.raises(ValueError, match="do not fit"):
            function(np.ones((2, 3)), np.eye(2))
        with pytest.raises(ValueError, match="y must be a matrix"):
            function(np.ones((2, 3)), np.ones(3))
        with pytest.raises(ValueError, match="there is none"):
            function(np.ones((2, 0)), np.ones((2, 0)))


@pytest.mark.parametrize("result", [
    least_squares(*FULL_RANK["line"]), ridge(*FULL_RANK["line"], 1.0), lasso(*FULL_RANK["line"], 1.0),
    softmax_regression(*overlapping()),
], ids=lambda result: type(result).__name__)
def test_results_are_values_that_cannot_be_changed(result):
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(result, dataclasses.fields(result)[0].name, None)
    # Two results are equal only if they are one: comparing arrays inside would be no yes or no.
    assert result == result and result != copy.copy(result) and len({result, result}) == 1
