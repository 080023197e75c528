"""The claims of chapter 9, in the order of the book."""

import ast
import json
from fractions import Fraction
from functools import cache
from pathlib import Path

import mpmath
import numpy as np
import scipy.linalg
import scipy.optimize

from labkit.conditioning import condition_number
from labkit.regression import (
    lasso,
    lasso_limit,
    least_squares,
    ridge,
    separating_direction,
    soft_threshold,
    softmax_loss,
    softmax_loss_gradient,
    softmax_loss_hvp,
    variance_inflation,
)
from tests.claims.claim import (
    AtMost,
    Equal,
    Holds,
    claim,
    distance_to_singularity,
    gradient_by_differences,
    rate_of_change,
)

inv, norm, solve = np.linalg.inv, np.linalg.norm, np.linalg.solve


def minimiser(X, y):
    """The shortest least-squares solution, by scipy's complete orthogonal factorization."""
    return scipy.linalg.lstsq(X, y, lapack_driver="gelsy", cond=1e-13)[0]


def singular_values(X):
    """All min(m, n) of them, from the eigenvalues of the symmetric matrix [0 X; Xᵀ 0]."""
    m, n = X.shape
    block = np.block([[np.zeros((m, m)), X], [X.T, np.zeros((n, n))]])
    return np.linalg.eigvalsh(block)[::-1][: min(m, n)]


def objective(X, y, b):
    return sum(float(v) ** 2 for v in X @ b - y)


def expectation(function, m, sigma):
    """The mean of function(e) for e = ±σ√m eᵢ, each with probability 1/2m: exactly mean 0 and covariance σ²I."""
    points = sigma * np.sqrt(m) * np.vstack([np.eye(m), -np.eye(m)])
    return sum(np.asarray(function(e)) for e in points) / (2 * m)


def null_vector(X):
    """A unit vector that X maps to 0, for dependent columns."""
    return np.linalg.svd(X)[2][-1]


# --- least squares -----------------------------------------------------------------------------------------------


@claim("eq-regression-objective", X="m,n", y="m", z="n")
def least_squares_minimises_the_squared_residual(X, y, z):
    b = least_squares(X, y, "svd").coefficients
    best = np.inner(X @ b - y, X @ b - y)
    slack = 1e-9 * (1 + norm(y) ** 2)
    return [AtMost(best, objective(X, y, b + t * z) + slack) for t in (-1.0, -1e-2, 1e-2, 1.0)]


@least_squares_minimises_the_squared_residual.mutant
def so_does_a_shrunk_solution(X, y, z):
    b = 0.5 * least_squares(X, y, "svd").coefficients
    return AtMost(objective(X, y, b), objective(X, y, 2 * b) + 1e-9 * (1 + norm(y) ** 2))


@claim("eq-regression-normal", X="m,n", y="m", b="n")
def the_gradient_vanishes_where_the_normal_equations_hold(X, y, b):
    slope = gradient_by_differences(lambda v: objective(X, y, v), b)
    size = norm(X) * (norm(X) * norm(b) + norm(y)) + 1e-3
    best = minimiser(X, y)
    return [
        Equal(slope / 2, X.T @ X @ b - X.T @ y, scale=size * (1 + norm(X) + norm(y))),
        Equal(X.T @ X @ best, X.T @ y, scale=norm(X) * norm(y)),
    ]


@the_gradient_vanishes_where_the_normal_equations_hold.mutant
def absolute_deviations_instead_of_squares(X, y, b):
    return Equal(X.T @ X @ minimiser(X, y), X.T @ np.sign(y), scale=1e-3)


@claim("thm-regression-normal", "eq-regression-pythagoras", X="m,n", y="m", b="n")
def excess_of_the_objective_is_the_distance_of_the_fits(X, y, b):
    best = minimiser(X, y)
    left = objective(X, y, b)
    return Equal(left, objective(X, y, best) + norm(X @ (b - best)) ** 2, scale=norm(y) ** 2, rtol=1e-9)


@excess_of_the_objective_is_the_distance_of_the_fits.mutant
def distance_of_the_coefficients(X, y, b):
    best = minimiser(X, y)
    return Equal(objective(X, y, b), objective(X, y, best) + norm(b - best) ** 2, scale=norm(y) ** 2)


@claim("thm-regression-normal", X="m,n rank-deficient", Z="n+o,n full-rank", y="m", v="n+o", z="n unit")
def the_minimiser_is_unique_for_full_column_rank_only(X, Z, y, v, z):
    b, c = minimiser(X, y), minimiser(Z, v)
    w = b + null_vector(X) if X.shape[0] < X.shape[1] or singular_values(X)[-1] < 1e-9 else b
    return [
        Equal(objective(X, y, w), objective(X, y, b), scale=norm(y) ** 2 + 1, rtol=1e-9),
        Holds(objective(Z, v, c + norm(v) * z + z) > objective(Z, v, c)),
    ]


@the_minimiser_is_unique_for_full_column_rank_only.mutant
def unique_for_every_rank(X, Z, y, v, z):
    b = minimiser(X, y)
    return Holds(objective(X, y, b + null_vector(X)) > objective(X, y, b) + 1e-9)


@claim("eq-regression-closed-form", X="n+o,n full-rank", y="n+o")
def closed_form(X, y):
    left = inv(X.T @ X) @ X.T @ y
    return [
        Equal(left, scipy.linalg.pinv(X) @ y, scale=1e-9 * norm(y)),
        Equal(left, least_squares(X, y).coefficients, scale=1e-9 * norm(y)),
    ]


@closed_form.mutant
def gram_matrix_not_inverted(X, y):
    return Equal(X.T @ X @ X.T @ y, scipy.linalg.pinv(X) @ y)


@cache
def table_in_the_book():
    """Longley's table and the certified coefficients as the chapter's cells have them, in decimal."""
    path = Path(__file__).parents[2] / "chapters" / "09-regression.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    found = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            for node in ast.walk(ast.parse("".join(cell["source"]))):
                if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in ("LONGLEY", "certified"):
                    found[node.targets[0].id] = ast.literal_eval(node.value.args[0])
    return found["LONGLEY"], found["certified"]


def exact_coefficients(table):
    """Solve the normal equations of [1, features] in fractions, by Gauss-Jordan elimination."""
    rows = [[Fraction(1), *(Fraction(str(v)) for v in row[1:]), Fraction(row[0])] for row in table]
    n = len(rows[0]) - 1
    G = [[sum(row[i] * row[j] for row in rows) for j in range(n + 1)] for i in range(n)]
    for i in range(n):
        G[i] = [v / G[i][i] for v in G[i]]
        for k in set(range(n)) - {i}:
            G[k] = [a - G[k][i] * b for a, b in zip(G[k], G[i], strict=True)]
    return np.array([float(row[-1]) for row in G])


@cache
def exact_coefficients_of_the_book():
    return exact_coefficients(table_in_the_book()[0])


@claim("eq-regression-closed-form", place="2 positive")
def longleys_table_has_the_certified_coefficients(place):
    return Equal(np.ones(7), exact_coefficients_of_the_book() / table_in_the_book()[1], rtol=1e-14)


@longleys_table_has_the_certified_coefficients.mutant
def one_figure_mistyped(place):
    table, certified = table_in_the_book()
    i, j = int(1e6 * place[0]) % 16, int(1e6 * place[1]) % 7
    typo = [[v + (1 if (k, c) == (i, j) else 0) for c, v in enumerate(row)] for k, row in enumerate(table)]
    return Equal(np.ones(7), exact_coefficients(typo) / certified, rtol=1e-14)


@claim("eq-regression-hat", X="n+o,n full-rank", y="n+o")
def the_hat_matrix_projects_onto_the_range(X, y):
    Q = np.linalg.qr(X)[0]
    return [
        Equal(X @ inv(X.T @ X) @ X.T, Q @ Q.T),
        Equal(X @ least_squares(X, y).coefficients, Q @ Q.T @ y, scale=1e-6 * norm(y)),
    ]


@the_hat_matrix_projects_onto_the_range.mutant
def with_the_square_factor(X, y):
    Q = np.linalg.qr(X, mode="complete")[0]
    return Equal(X @ inv(X.T @ X) @ X.T, Q @ Q.T)


@claim("eq-regression-leverage", X="n+o,n full-rank", y="n+o")
def leverages(X, y):
    units = enumerate(np.eye(len(y)))
    rates = np.array([rate_of_change(lambda v: X @ minimiser(X, v), y, e)[i] for i, e in units])
    rows = np.sum(np.linalg.qr(X)[0] ** 2, axis=1)
    diagonal = np.diag(X @ inv(X.T @ X) @ X.T)
    return [
        Equal(rates, rows, scale=1 + norm(y)),
        Equal(diagonal, rows),
        Holds(diagonal.min() >= -1e-7 and diagonal.max() <= 1 + 1e-7),
        Equal(diagonal.sum(), float(X.shape[1])),
    ]


@leverages.mutant
def they_sum_to_the_number_of_rows(X, y):
    return Equal(np.sum(np.linalg.qr(X)[0] ** 2), float(len(y)))


# --- three algorithms --------------------------------------------------------------------------------------------


@claim("eq-regression-normal-condition", X="n+o,n full-rank")
def the_gram_matrix_squares_the_condition_number(X):
    left = np.linalg.cond(X.T @ X)
    product = norm(X, 2) ** 2 * norm(scipy.linalg.pinv(X), 2) ** 2
    return [Equal(left, product), Equal(left, condition_number(X).value ** 2)]


@the_gram_matrix_squares_the_condition_number.mutant
def condition_number_kept(X):
    return Equal(np.linalg.cond(X.T @ X), condition_number(X).value)


@claim("eq-regression-qr", X="n+o,n full-rank", y="n+o")
def triangular_system(X, y):
    Q, R = np.linalg.qr(X)
    return [
        Equal(R @ minimiser(X, y), Q.T @ y, scale=norm(y)),
        Equal(scipy.linalg.solve_triangular(R, Q.T @ y), least_squares(X, y, "qr").coefficients, scale=1e-9),
    ]


@triangular_system.mutant
def the_transposed_factor_cancelled_without_full_rank(X, y):
    X[:, -1] = X[:, 0] if X.shape[1] > 1 else 0.0
    Q, R = np.linalg.qr(X)
    return Equal(R @ minimiser(R, Q.T @ y), Q.T @ y, scale=norm(y))


@triangular_system.mutant
def with_the_full_factor(X, y):
    Q, R = np.linalg.qr(X, mode="complete")
    return Equal(R @ minimiser(X, y), Q.T @ y, scale=norm(y))


@claim("eq-regression-qr-condition", X="n+o,n full-rank")
def the_triangle_has_the_condition_of_the_data(X):
    s = singular_values(X)
    return Equal(np.linalg.cond(np.linalg.qr(X)[1]), s[0] / s[-1])


@the_triangle_has_the_condition_of_the_data.mutant
def the_triangle_squares_it(X):
    s = singular_values(X)
    return Equal(np.linalg.cond(np.linalg.qr(X)[1]), (s[0] / s[-1]) ** 2)


@claim("eq-regression-svd", X="n+o,n full-rank", y="n+o")
def solution_by_singular_vectors(X, y):
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    total = sum(U[:, i] @ y / s[i] * Vt[i] for i in range(len(s)))
    return [
        Equal(minimiser(X, y), total, scale=1e-9 * norm(y)),
        Equal(least_squares(X, y, "svd").coefficients, total, scale=1e-9 * norm(y)),
    ]


@solution_by_singular_vectors.mutant
def divided_by_the_squares(X, y):
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    return Equal(minimiser(X, y), sum(U[:, i] @ y / s[i] ** 2 * Vt[i] for i in range(len(s))))


@claim("eq-regression-condition-sigma", X="n+o,n full-rank", Z="m,n rank-deficient")
def condition_of_the_gram_matrix_in_singular_values(X, Z):
    s = singular_values(X)
    finite = norm(Z, 2) ** 2 * norm(scipy.linalg.pinv(Z), 2) ** 2
    deficient = np.linalg.matrix_rank(Z, tol=1e-9) < Z.shape[1]
    return [
        Equal(np.linalg.cond(X.T @ X), (s[0] / s[-1]) ** 2),
        Holds(not deficient or (np.isfinite(finite) and np.linalg.cond(Z.T @ Z) > 1e14)),
    ]


@condition_of_the_gram_matrix_in_singular_values.mutant
def the_finite_product_without_full_rank(X, Z):
    finite = norm(Z, 2) ** 2 * norm(scipy.linalg.pinv(Z), 2) ** 2
    return AtMost(np.nan_to_num(np.linalg.cond(Z.T @ Z), nan=1e300, posinf=1e300), max(finite, 1.0) * 1e3)


# --- the problem itself ------------------------------------------------------------------------------------------


def change_of_solution(X, y, dX, dy):
    """The derivative of the solution by quotients; the data are packed as [X y]."""
    return rate_of_change(
        lambda A: scipy.linalg.pinv(A[:, :-1]) @ A[:, -1],
        np.column_stack([X, y]),
        np.column_stack([dX, dy]),
        radius=distance_to_singularity(X),
    )


@claim(
    "thm-regression-perturbation",
    "eq-regression-perturbation",
    X="n+o,n full-rank",
    y="n+o moderate",
    dX="n+o,n moderate",
    dy="n+o moderate",
)
def differential_of_the_solution(X, y, dX, dy):
    b, P = minimiser(X, y), inv(X.T @ X)
    right = P @ X.T @ (dy - dX @ b) + P @ dX.T @ (y - X @ b)
    size = norm(P, 2) * (norm(dX) * norm(y) + norm(dX) * norm(b) * norm(X) + norm(dy))
    return Equal(change_of_solution(X, y, dX, dy), right, rtol=1e-5, scale=size)


@differential_of_the_solution.mutant
def residual_forgotten(X, y, dX, dy):
    b, P = minimiser(X, y), inv(X.T @ X)
    return Equal(change_of_solution(X, y, dX, dy), P @ X.T @ (dy - dX @ b), rtol=1e-5, scale=1e-3)


@differential_of_the_solution.mutant
def sign_of_the_residual_term(X, y, dX, dy):
    b, P = minimiser(X, y), inv(X.T @ X)
    right = P @ X.T @ (dy - dX @ b) - P @ dX.T @ (y - X @ b)
    return Equal(change_of_solution(X, y, dX, dy), right, rtol=1e-5, scale=1e-3)


def amplification(X, y, b, with_residual=True):
    kappa = condition_number(X).value
    size = norm(X, 2) * norm(b)
    residual = kappa**2 * norm(y - X @ b) / size if with_residual else 0.0
    return kappa + residual, kappa * norm(y) / size


def worst_change(X, y, b):
    """The change of X in the proof, of spectral norm at most √2."""
    U, _, Vt = np.linalg.svd(X, full_matrices=False)
    r = y - X @ b
    r = r - U @ (U.T @ r)
    dX = -np.outer(U[:, -1], b) / norm(b)
    return dX + np.outer(r, Vt[-1]) / norm(r) if norm(r) > 1e-9 * norm(y) else dX


@claim("thm-regression-perturbation", "eq-regression-perturbation-bound", X="n+o,n full-rank", y="n+o nonzero",
       dX="n+o,n nonzero", dy="n+o nonzero")
def bound_on_the_relative_change(X, y, dX, dy):
    b = minimiser(X, y)
    dX, dy = dX * norm(X, 2) / norm(dX, 2), dy * norm(y) / norm(dy)
    by_matrix, by_vector = amplification(X, y, b)
    D = worst_change(X, y, b)
    reached = norm(change_of_solution(X, y, D, 0 * y)) / norm(b) * norm(X, 2) / norm(D, 2)
    return [
        AtMost(norm(change_of_solution(X, y, dX, dy)) / norm(b), by_matrix + by_vector, rtol=1e-5),
        AtMost(by_matrix / np.sqrt(2), reached, rtol=1e-5),
        AtMost(reached, by_matrix, rtol=1e-5),
    ]


@bound_on_the_relative_change.mutant
def the_condition_number_alone(X, y, dX, dy):
    b = minimiser(X, y)
    D = worst_change(X, y, b)
    reached = norm(change_of_solution(X, y, D, 0 * y)) / norm(b) * norm(X, 2) / norm(D, 2)
    return AtMost(reached, amplification(X, y, b, with_residual=False)[0], rtol=1e-5)


@claim("eq-regression-scaling", X="n+o,n full-rank", y="n+o", d="n nonzero")
def units_of_the_columns(X, y, d):
    b = minimiser(X, y)
    return [
        Equal(least_squares(X * d, y).coefficients, b / d, scale=1e-9 * norm(y)),
        Equal(X * d @ minimiser(X * d, y), X @ b, scale=norm(y)),
    ]


@units_of_the_columns.mutant
def scaled_along_instead_of_back(X, y, d):
    return Equal(least_squares(X * d, y).coefficients, minimiser(X, y) * d)


@claim("thm-regression-sluis", "eq-regression-sluis", X="n+o,n full-rank", d="n nonzero")
def columns_of_equal_length_are_nearly_best(X, d):
    equal = np.linalg.cond(X / norm(X, axis=0))
    # Where a search downhill from d, over the logarithms, ends.
    start, search = np.log(np.abs(d)), {"method": "Nelder-Mead", "options": {"maxiter": 150}}
    lowest = scipy.optimize.minimize(lambda t: np.log(np.linalg.cond(X * np.exp(t))), start, **search)
    return [AtMost(equal, np.sqrt(len(d)) * k, rtol=1e-6) for k in (np.linalg.cond(X * d), np.exp(lowest.fun))]


@columns_of_equal_length_are_nearly_best.mutant
def they_are_best(X, d):
    E = X / norm(X, axis=0)
    return AtMost(np.linalg.cond(E), min(np.linalg.cond(E * np.exp(t * d)) for t in (-0.05, 0.05)), rtol=1e-6)


# --- noise -------------------------------------------------------------------------------------------------------


@claim("eq-regression-model", X="n+o,n full-rank", b="n", s=" positive")
def the_linear_model(X, b, s):
    m = len(X)
    mean = expectation(lambda e: X @ b + e, m, s)
    cov = expectation(lambda e: np.outer(X @ b + e - mean, X @ b + e - mean), m, s)
    return [Equal(mean, X @ b, rtol=1e-9, scale=1 + norm(b)), Equal(cov, s**2 * np.eye(m), scale=1 + norm(b))]


@the_linear_model.mutant
def standard_deviation_in_place_of_variance(X, b, s):
    return Equal(expectation(lambda e: np.outer(e, e), len(X), s), s * np.eye(len(X)))


def covariance_of(estimate, X, b, s, weights=1.0):
    mean = expectation(lambda e: estimate(X @ b + weights * e), len(X), s)
    return expectation(
        lambda e: np.outer(estimate(X @ b + weights * e) - mean, estimate(X @ b + weights * e) - mean), len(X), s
    )


@claim("thm-regression-variance", "eq-regression-variance", X="n+o,n full-rank", b="n moderate", s=" positive")
def mean_and_covariance_of_the_coefficients(X, b, s):
    _, sigma, Vt = np.linalg.svd(X, full_matrices=False)
    mean = expectation(lambda e: minimiser(X, X @ b + e), len(X), s)
    cov = covariance_of(lambda y: minimiser(X, y), X, b, s)
    return [
        Equal(mean, b, rtol=1e-6, scale=1.0),
        Equal(cov, s**2 * inv(X.T @ X)),
        Equal(cov, s**2 * sum(np.outer(v, v) / t**2 for v, t in zip(Vt, sigma, strict=True))),
    ]


@mean_and_covariance_of_the_coefficients.mutant
def gram_matrix_in_place_of_its_inverse(X, b, s):
    return Equal(covariance_of(lambda y: minimiser(X, y), X, b, s), s**2 * X.T @ X)


@mean_and_covariance_of_the_coefficients.mutant
def noise_of_unequal_variance(X, b, s):
    weights = np.arange(1.0, len(X) + 1)
    return Equal(covariance_of(lambda y: minimiser(X, y), X, b, s, weights), s**2 * inv(X.T @ X))


@claim("eq-regression-variance-norm", X="n+o,n full-rank", b="n moderate", s=" positive")
def norm_of_the_covariance(X, b, s):
    cov = covariance_of(lambda y: minimiser(X, y), X, b, s)
    return Equal(norm(cov, 2), s**2 / singular_values(X)[-1] ** 2)


@norm_of_the_covariance.mutant
def only_for_a_matrix_of_norm_one(X, b, s):
    cov = covariance_of(lambda y: minimiser(X, y), X, b, s)
    return Equal(norm(cov, 2), s**2 * np.linalg.cond(X) ** 2)


@claim("eq-regression-sigma-hat", X="n+k,n full-rank", b="n moderate", s=" positive")
def the_noise_is_estimated_without_bias(X, b, s):
    def estimate(e):
        return least_squares(X, X @ b + e).sigma ** 2

    return Equal(expectation(estimate, len(X), s), s**2)


@the_noise_is_estimated_without_bias.mutant
def divided_by_the_number_of_samples(X, b, s):
    m = len(X)
    return Equal(expectation(lambda e: objective(X, X @ b + e, minimiser(X, X @ b + e)) / m, m, s), s**2)


@claim("thm-regression-gauss-markov", X="n+o,n full-rank", Z="n,n+o", b="n moderate", s=" positive")
def no_linear_unbiased_estimate_varies_less(X, Z, b, s):
    P = scipy.linalg.pinv(X)
    C = P + Z @ (np.eye(len(X)) - X @ P)
    other = covariance_of(lambda y: C @ y, X, b, s)
    mean = expectation(lambda e: C @ (X @ b + e), len(X), s)
    gap = np.linalg.eigvalsh(other - covariance_of(lambda y: minimiser(X, y), X, b, s)).min()
    size = norm(other) + norm(Z) ** 2 * norm(X) * norm(b)
    return [Equal(mean, b, scale=1 + norm(Z) * norm(X) * norm(b)), Holds(gap >= -1e-8 * (1 + size))]


@no_linear_unbiased_estimate_varies_less.mutant
def no_linear_estimate_at_all(X, Z, b, s):
    C = inv(X.T @ X + np.eye(len(b))) @ X.T
    gap = np.linalg.eigvalsh(
        covariance_of(lambda y: C @ y, X, b, s) - covariance_of(lambda y: minimiser(X, y), X, b, s)
    ).min()
    return Holds(gap >= -1e-8 * s**2)


def share_explained(F, j, centred=True):
    """1 − R² of the regression of column j on the others, and the squared length of the column."""
    Z = F - F.mean(axis=0) if centred else F
    others = np.delete(Z, j, axis=1)
    rest = Z[:, j] - (others @ minimiser(others, Z[:, j]) if others.size else 0.0)
    return rest @ rest / (Z[:, j] @ Z[:, j]), Z[:, j] @ Z[:, j]


@claim("thm-regression-vif", "eq-regression-vif", F="n+k+1,n full-rank", s=" positive")
def variance_inflation_factors(F, s):
    Z = F - F.mean(axis=0)
    rtol = 1e-6 + 1e-14 * np.linalg.cond(Z / norm(Z, axis=0)) ** 2
    X = np.column_stack([np.ones(len(F)), F])
    cov = s**2 * inv(X.T @ X)
    shares = [share_explained(F, j) for j in range(F.shape[1])]
    vif = np.array([1 / share for share, _ in shares])
    return [
        Equal(np.diag(cov)[1:], np.array([s**2 / length for _, length in shares]) * vif, rtol=rtol),
        Equal(np.diag(inv(np.corrcoef(F.T).reshape(len(vif), -1))), vif, rtol=rtol),
        Equal(variance_inflation(F), vif, rtol=rtol),
        Holds(vif.min() >= 1 - 1e-12),
    ]


@variance_inflation_factors.mutant
def without_centring(F, s):
    vif = np.array([1 / max(share_explained(F, j, centred=False)[0], 1e-300) for j in range(F.shape[1])])
    return Equal(variance_inflation(F), vif, rtol=1e-5)


# --- ridge -------------------------------------------------------------------------------------------------------


@claim("eq-regression-ridge", X="m,n", y="m", d=" positive", z="n")
def ridge_minimises_the_penalised_sum(X, y, d, z):
    n = X.shape[1]
    b = ridge(X, y, d).coefficients[0]
    stacked = scipy.linalg.lstsq(np.vstack([X, np.sqrt(d) * np.eye(n)]), np.concatenate([y, np.zeros(n)]))[0]

    def penalised(v):
        return objective(X, y, v) + d * norm(v) ** 2

    return [
        Equal(b, solve(X.T @ X + d * np.eye(n), X.T @ y), scale=1e-9 * norm(y)),
        Equal(b, stacked, scale=1e-9 * norm(y)),
        *[AtMost(penalised(b), penalised(b + t * z) + 1e-9 * (1 + norm(y) ** 2)) for t in (-1e-2, 1e-2, 1.0)],
    ]


@ridge_minimises_the_penalised_sum.mutant
def penalty_squared(X, y, d, z):
    return Equal(ridge(X, y, d).coefficients[0], solve(X.T @ X + d**2 * np.eye(X.shape[1]), X.T @ y))


@claim("eq-regression-ridge-svd", X="m,n", y="m", d=" positive")
def shrinkage_by_singular_values(X, y, d):
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    total = sum(t / (t**2 + d) * (u @ y) * v for u, t, v in zip(U.T, s, Vt, strict=True))
    return Equal(solve(X.T @ X + d * np.eye(X.shape[1]), X.T @ y), total, scale=1e-9 * norm(y))


@shrinkage_by_singular_values.mutant
def singular_values_not_squared(X, y, d):
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    total = sum(t / (t + d) * (u @ y) * v for u, t, v in zip(U.T, s, Vt, strict=True))
    return Equal(solve(X.T @ X + d * np.eye(X.shape[1]), X.T @ y), total, scale=1e-9 * norm(y))


@claim("eq-regression-ridge-condition", X="m,n", d=" positive")
def condition_number_of_ridge(X, d):
    n = X.shape[1]
    s = np.concatenate([singular_values(X), np.zeros(n)])[:n]
    return Equal(np.linalg.cond(X.T @ X + d * np.eye(n)), (s[0] ** 2 + d) / (s[-1] ** 2 + d))


@condition_number_of_ridge.mutant
def with_the_smallest_nonzero_singular_value(X, d):
    s = singular_values(X)
    s = s[s > 1e-9 * max(s[0], 1e-300)] if s[0] > 0 else np.ones(1)
    return Equal(np.linalg.cond(X.T @ X + d * np.eye(X.shape[1])), (s[0] ** 2 + d) / (s[-1] ** 2 + d))


@claim("thm-regression-ridge-limit", X="m,n", y="m")
def ridge_tends_to_the_shortest_minimiser(X, y):
    shortest = scipy.linalg.pinv(X, rtol=1e-12) @ y
    s = singular_values(X)
    small = s[s > 1e-12 * s[0]].min(initial=1.0) ** 2 if s[0] > 0 else 1.0
    penalties = small * np.array([1e-8, 1e-4, 1e-2, 1.0, 1e2])
    path = ridge(X, y, penalties)
    errors = norm(path.coefficients - shortest, axis=1)
    others = [shortest + z for z in scipy.linalg.null_space(X, rcond=1e-12).T]
    return [
        *[Equal(objective(X, y, b), objective(X, y, shortest), scale=norm(y) ** 2 + norm(X) ** 2) for b in others],
        *[Equal(norm(b) ** 2, norm(shortest) ** 2 + 1) for b in others],
        *[AtMost(e, d / small * norm(shortest) + 1e-9 * norm(y) * (1 + 1 / np.sqrt(small)))
          for e, d in zip(errors, penalties, strict=True)],
        Holds((np.diff(norm(path.coefficients, axis=1)) <= 1e-9 * (norm(shortest) + 1e-9)).all()),
        Holds((np.diff(path.residual_norms) >= -1e-9 * (norm(y) + 1e-9)).all()),
    ]


@ridge_tends_to_the_shortest_minimiser.mutant
def some_other_minimiser(X, y):
    b = minimiser(X, y)
    if np.linalg.matrix_rank(X, tol=1e-9) < X.shape[1]:
        b = b + null_vector(X)
    return Equal(ridge(X, y, 1e-9).coefficients[0], b, rtol=1e-2, scale=1e-2 * (1 + norm(b)))


def risk_by_formula(X, b, s, d):
    _, sigma, Vt = np.linalg.svd(X, full_matrices=False)
    return np.sum((s**2 * sigma**2 + d**2 * (Vt @ b) ** 2) / (sigma**2 + d) ** 2)


def risk(X, b, s, d):
    def loss(e):
        return norm(solve(X.T @ X + d * np.eye(len(b)), X.T @ (X @ b + e)) - b) ** 2

    return expectation(loss, len(X), s)


@claim("thm-regression-ridge-better", "eq-regression-ridge-mse", X="n+o,n full-rank", b="n nonzero", s=" positive",
       t=" positive")
def some_penalty_beats_least_squares(X, b, s, t):
    Vt = np.linalg.svd(X, full_matrices=False)[2]
    d = s**2 / np.max((Vt @ b) ** 2) * min(1.0, t / 2)
    return [
        Equal(risk(X, b, s, t), risk_by_formula(X, b, s, t)),
        Holds(risk(X, b, s, d) < expectation(lambda e: norm(minimiser(X, X @ b + e) - b) ** 2, len(X), s)),
    ]


@some_penalty_beats_least_squares.mutant
def every_penalty_does(X, b, s, t):
    return Holds(risk(X, b, s, 1e3 * t) < risk(X, b, s, 0.0))


@some_penalty_beats_least_squares.mutant
def bias_forgotten(X, b, s, t):
    return Equal(risk(X, b, s, t), risk_by_formula(X, 0 * b, s, t))


def left_out(X, y, d, i):
    Z, v = np.delete(X, i, axis=0), np.delete(y, i)
    return y[i] - X[i] @ solve(Z.T @ Z + d * np.eye(X.shape[1]), Z.T @ v)


@claim("thm-regression-loo", "eq-regression-loo", X="n+k,n full-rank", y="n+k moderate", d=" positive")
def leave_one_out_from_one_fit(X, y, d):
    parts = []
    safe = all(np.linalg.svd(np.delete(X, i, axis=0))[1][-1] > 0.05 for i in range(len(y)))
    for penalty in (d, 0.0) if safe else (d,):
        H = X @ solve(X.T @ X + penalty * np.eye(X.shape[1]), X.T)
        shortcut = (y - H @ y) / (1 - np.diag(H))
        parts.append(Equal(np.array([left_out(X, y, penalty, i) for i in range(len(y))]), shortcut, scale=norm(y)))
    return parts


@leave_one_out_from_one_fit.mutant
def ordinary_residuals(X, y, d):
    H = X @ solve(X.T @ X + d * np.eye(X.shape[1]), X.T)
    return Equal(np.array([left_out(X, y, d, i) for i in range(len(y))]), y - H @ y, scale=1e-3)


@claim("eq-regression-gcv", X="m,n", y="m", d=" positive")
def generalised_cross_validation(X, y, d):
    m, n = X.shape
    s = singular_values(X)
    H = X @ solve(X.T @ X + d * np.eye(n), X.T)
    score = m * norm(y - H @ y) ** 2 / np.trace(np.eye(m) - H) ** 2
    relative = 1e-6 + 1e-14 * s[0] ** 2 / d
    return [
        Equal(np.trace(H), np.sum(s**2 / (s**2 + d)), scale=1e-6),
        Equal(ridge(X, y, d).gcv[0] ** 2, score, rtol=relative, scale=1e-9 * norm(y) ** 2),
    ]


@generalised_cross_validation.mutant
def trace_not_subtracted(X, y, d):
    m, n = X.shape
    H = X @ solve(X.T @ X + d * np.eye(n), X.T)
    return Equal(ridge(X, y, d).gcv[0] ** 2, norm(y - H @ y) ** 2 / m, scale=1e-6)


# --- lasso -------------------------------------------------------------------------------------------------------


def lasso_objective(X, y, level, b):
    return objective(X, y, b) / 2 + level * sum(abs(float(v)) for v in b)


@claim("eq-regression-lasso", X="m,n moderate", y="m moderate", t=" positive", z="n")
def the_lasso_minimises_its_objective(X, y, t, z):
    b = lasso(X, y, t, tolerance=1e-12).coefficients
    best = lasso_objective(X, y, t, b)
    slack = 1e-10 * (1 + norm(y) ** 2)
    return [AtMost(best, lasso_objective(X, y, t, b + h * z) + slack) for h in (-1e-2, 1e-2, 1.0)]


@the_lasso_minimises_its_objective.mutant
def ridge_minimises_it_too(X, y, t, z):
    best = lasso_objective(X, y, t, ridge(X, y, t).coefficients[0])
    return AtMost(best, lasso_objective(X, y, t, lasso(X, y, t).coefficients) + 1e-8)


@claim("thm-regression-soft", "eq-regression-soft", z="n", t=" positive")
def the_soft_threshold_minimises(z, t):
    value = soft_threshold(z, t)
    parts = [Equal(value, np.sign(z) * np.maximum(np.abs(z) - t, 0.0), rtol=1e-12)]
    for b, a in zip(value, z, strict=True):
        others = b + np.delete(np.linspace(-2, 2, 401), 200) * (1 + abs(a))
        parts.append(Holds((b - a) ** 2 / 2 + t * abs(b) < np.min((others - a) ** 2 / 2 + t * np.abs(others))))
    return [*parts, Holds(np.array_equal(soft_threshold(z, 0.0), z))]


@the_soft_threshold_minimises.mutant
def the_hard_threshold_minimises(z, t):
    b = np.where(np.abs(z) > t, z, 0.0)
    soft = soft_threshold(z, t)
    return AtMost(np.sum((b - z) ** 2 / 2 + t * np.abs(b)), np.sum((soft - z) ** 2 / 2 + t * np.abs(soft)))


def planted(X, b, g):
    """Return y such that the residual r at b satisfies Xᵀr = g, for independent columns."""
    return X @ b + X @ solve(X.T @ X, g)


@claim("thm-regression-optimality", "eq-regression-optimality", X="n+o,n full-rank", b="n integer-vector", g="n",
       t=" positive", z="n moderate")
def optimality_of_the_lasso(X, b, g, t, z):
    y = planted(X, b, np.where(b != 0, t * np.sign(b), t * np.tanh(g)))
    best = lasso_objective(X, y, t, b)
    slack = 1e-9 * (1 + best)
    # The other direction: what the algorithm returns satisfies the conditions.
    v = np.ones(len(X)) + X @ g / (1 + norm(g))
    c = lasso(X, v, t, tolerance=1e-13).coefficients
    slope = X.T @ (v - X @ c)
    limit = lasso_limit(X, v)
    return [
        *[AtMost(best, lasso_objective(X, y, t, b + h * z) + slack) for h in (-1e-3, 1e-3, -1.0, 1.0)],
        Holds((np.abs(slope) <= t + 1e-5 * (1 + t)).all()),
        Equal(slope[c != 0], t * np.sign(c[c != 0]), scale=1 + t, rtol=1e-5),
        Holds(not lasso(X, v, 1.001 * limit).coefficients.any()),
        Holds(lasso(X, v, 0.99 * limit).coefficients.any()),
    ]


@optimality_of_the_lasso.mutant
def with_the_opposite_sign(X, b, g, t, z):
    y = planted(X, b, np.where(b != 0, -t * np.sign(b), t * np.tanh(g)))
    best = lasso_objective(X, y, t, b)
    return [AtMost(best, lasso_objective(X, y, t, b * h) + 1e-9 * (1 + best)) for h in (0.9, 1.1)]


@optimality_of_the_lasso.mutant
def beyond_the_level_where_the_entry_is_zero(X, b, g, t, z):
    y = planted(X, b, np.where(b != 0, t * np.sign(b), 3 * t * np.sign(g)))
    best = lasso_objective(X, y, t, b)
    return [AtMost(best, lasso_objective(X, y, t, b + h * z) + 1e-9 * (1 + best)) for h in (-1e-3, 1e-3)]


def proximal_steps(X, y, t, L, start, steps, sign=-1.0):
    points = [start]
    for _ in range(steps):
        b = points[-1]
        v = b + sign * X.T @ (X @ b - y) / L
        points.append(np.sign(v) * np.maximum(np.abs(v) - t / L, 0.0))
    return points


@claim("eq-regression-proximal", X="m,n moderate", y="m moderate", t=" positive", b="n moderate", z="n")
def a_proximal_step_minimises_the_parabola(X, y, t, b, z):
    L = norm(X, 2) ** 2 + 0.5

    def parabola(v):
        slope = X.T @ (X @ b - y)
        return objective(X, y, b) / 2 + slope @ (v - b) + L / 2 * norm(v - b) ** 2 + t * np.abs(v).sum()

    new = proximal_steps(X, y, t, L, b, 1)[1]
    slack = 1e-9 * (1 + norm(b)) ** 2 * L
    return [AtMost(parabola(new), parabola(new + h * z) + slack) for h in (-1e-2, 1e-2, 1.0)]


@a_proximal_step_minimises_the_parabola.mutant
def a_step_uphill(X, y, t, b, z):
    L = norm(X, 2) ** 2 + 0.5
    new = proximal_steps(X, y, t, L, b, 1, sign=1.0)[1]
    return AtMost(lasso_objective(X, y, t, new), lasso_objective(X, y, t, b) + 1e-9)


@claim("thm-regression-proximal", "eq-regression-proximal-rate", X="m,n moderate", y="m moderate", t=" positive",
       b="n moderate")
def the_proximal_gradient_method_converges(X, y, t, b):
    L = max(norm(X, 2) ** 2, 1e-3)
    best = lasso(X, y, t, tolerance=1e-13).coefficients
    values = [lasso_objective(X, y, t, v) for v in proximal_steps(X, y, t, L, b, 25)]
    low, slack = lasso_objective(X, y, t, best), 1e-9 * (1 + values[0])
    return [
        *[AtMost(v - low, L * norm(b - best) ** 2 / (2 * k) + slack) for k, v in enumerate(values[1:], 1)],
        Holds((np.diff(values) <= slack).all()),
    ]


@the_proximal_gradient_method_converges.mutant
def with_steps_three_times_as_long(X, y, t, b):
    L = max(norm(X, 2) ** 2, 1e-3) / 3
    values = [lasso_objective(X, y, t, v) for v in proximal_steps(X, y, t, L, b, 25)]
    return Holds((np.diff(values) <= 1e-9 * (1 + values[0])).all())


@the_proximal_gradient_method_converges.mutant
def in_one_step(X, y, t, b):
    L = max(norm(X, 2) ** 2, 1e-3)
    best = lasso(X, y, t, tolerance=1e-13).coefficients
    value = lasso_objective(X, y, t, proximal_steps(X, y, t, L, b, 1)[1])
    return AtMost(value - lasso_objective(X, y, t, best), 1e-6 * (1 + value))


@claim("thm-regression-gap", "eq-regression-gap", X="m,n moderate", y="m moderate", t=" positive", b="n moderate",
       h="m")
def the_duality_gap_bounds_the_excess(X, y, t, b, h):
    best = lasso(X, y, t, tolerance=1e-13).coefficients
    low, parts = lasso_objective(X, y, t, best), []
    value = lasso_objective(X, y, t, b)
    for theta in (h, y - X @ b, 0 * y, y):
        theta = theta * min(1.0, t / max(np.abs(X.T @ theta).max(), 1e-300))
        gap = value - norm(y) ** 2 / 2 + norm(y - theta) ** 2 / 2
        parts.append(AtMost(value - low, gap + 1e-9 * (1 + value)))
    r = y - X @ best
    closed = low - norm(y) ** 2 / 2 + norm(y - r) ** 2 / 2
    return [*parts, Equal(closed, 0.0, scale=1 + norm(y) ** 2, rtol=1e-6)]


@the_duality_gap_bounds_the_excess.mutant
def for_every_theta(X, y, t, b, h):
    best = lasso(X, y, t, tolerance=1e-13).coefficients
    value = lasso_objective(X, y, t, b)
    gap = value - norm(y) ** 2 / 2 + norm(y - (y - X @ b)) ** 2 / 2
    return AtMost(value - lasso_objective(X, y, t, best), gap + 1e-9 * (1 + value))


# --- classification ----------------------------------------------------------------------------------------------


def one_hot_columns(c, k):
    return np.eye(k)[np.abs(1e3 * c).astype(int) % k].T


@claim("eq-regression-softmax", W="k,n scores", X="n,p moderate", c="p", t=" positive")
def mean_loss_with_a_penalty(W, X, c, t):
    Y = one_hot_columns(c, len(W))
    total = mpmath.mpf(0)
    with mpmath.workdps(40):
        for x, y in zip(X.T, Y.T, strict=True):
            scores = [mpmath.fdot(zip(row, x, strict=True)) for row in W]
            weights = [mpmath.exp(a) for a in scores]
            total -= mpmath.log(weights[int(y.argmax())] / mpmath.fsum(weights))
        right = float(total / X.shape[1]) + t / 2 * float(mpmath.fdot(W.ravel(), W.ravel()))
    return Equal(softmax_loss(W, X, Y) + t / 2 * norm(W) ** 2, right, rtol=1e-9, scale=norm(W) * norm(X))


@mean_loss_with_a_penalty.mutant
def sum_in_place_of_the_mean(W, X, c, t):
    Y = one_hot_columns(c, len(W))
    total = sum(softmax_loss(W, x, y) for x, y in zip(X.T, Y.T, strict=True))
    return Equal(softmax_loss(W, X, Y), total)


def dense_hessian(W, X):
    columns = [softmax_loss_hvp(W, X, E.reshape(W.shape)).ravel() for E in np.eye(W.size)]
    return np.array(columns)


@claim("thm-regression-softmax-hessian", "eq-regression-softmax-hvp", W="k,n moderate", X="n,p moderate",
       V="k,n moderate", c="p", t=" positive")
def hessian_vector_product_of_softmax(W, X, V, c, t):
    Y = one_hot_columns(c, len(W))
    measured = rate_of_change(lambda Z: softmax_loss_gradient(Z, X, Y) + t * Z, W, V, radius=0.2 / (1 + norm(X)))
    P = np.exp(W @ X) / np.exp(W @ X).sum(axis=0)
    right = sum(np.outer(p * (V @ x) - p * (p @ (V @ x)), x) for p, x in zip(P.T, X.T, strict=True)) / X.shape[1]
    size = norm(V) * norm(X) ** 2 + norm(V) * t
    return [
        Equal(measured, right + t * V, rtol=1e-5, scale=size),
        Equal(softmax_loss_hvp(W, X, V), right, rtol=1e-9, scale=size),
    ]


@hessian_vector_product_of_softmax.mutant
def mean_not_subtracted(W, X, V, c, t):
    P = np.exp(W @ X) / np.exp(W @ X).sum(axis=0)
    right = sum(np.outer(p * (V @ x), x) for p, x in zip(P.T, X.T, strict=True)) / X.shape[1]
    return Equal(softmax_loss_hvp(W, X, V), right, rtol=1e-9, scale=1e-3)


@claim("thm-regression-softmax-hessian", "eq-regression-softmax-bound", W="k,n moderate", X="n,p moderate")
def hessian_of_softmax_is_bounded(W, X):
    bound = norm(X, 2) ** 2 / (2 * X.shape[1])
    eigenvalues = np.linalg.eigvalsh(dense_hessian(W, X))
    # Two classes at W = 0 reach the bound.
    two = np.linalg.eigvalsh(dense_hessian(np.zeros((2, len(X))), X))
    return [
        Holds(eigenvalues.min() >= -1e-12 * (1 + bound)),
        AtMost(eigenvalues.max(), bound + 1e-12),
        Equal(two.max(), bound, rtol=1e-9),
    ]


@hessian_of_softmax_is_bounded.mutant
def bounded_by_half_of_that(W, X):
    return AtMost(np.linalg.eigvalsh(dense_hessian(W, X)).max(), norm(X, 2) ** 2 / (4 * X.shape[1]) + 1e-12)


def descent(A, x, target, step, steps):
    lengths = [norm(x - target)]
    for _ in range(steps):
        x = x - step * (A @ x - A @ target)
        lengths.append(norm(x - target))
    return np.array(lengths)


@claim("thm-regression-descent", "eq-regression-descent", A="n,n positive-definite", x="n nonzero", target="n",
       t=" positive")
def error_of_gradient_descent(A, x, target, t):
    values, vectors = scipy.linalg.eigh(A)
    step = t / values[-1]
    rho = np.max(np.abs(1 - step * values))
    size = 1e-9 * (1 + norm(target) + norm(x)) * max(rho, 1.0) ** 8
    k = int(np.argmax(np.abs(1 - step * values)))
    lengths, sharp = descent(A, x, target, step, 8), descent(A, target + vectors[:, k], target, step, 8)
    return [
        *[AtMost(length, rho**i * lengths[0] + size) for i, length in enumerate(lengths)],
        Equal(sharp, rho ** np.arange(9), scale=1 + norm(target) * max(rho, 1.0) ** 8),
    ]


@error_of_gradient_descent.mutant
def rate_of_the_smallest_eigenvalue_alone(A, x, target, t):
    values = scipy.linalg.eigvalsh(A)
    step = 2 * t / values[-1]
    lengths = descent(A, x, target, step, 8)
    return AtMost(lengths[-1], abs(1 - step * values[0]) ** 8 * lengths[0] + 1e-9)


@claim("thm-regression-descent", "eq-regression-descent-rate", A="n,n positive-definite", t=" positive")
def the_best_step(A, t):
    values = scipy.linalg.eigvalsh(A)
    kappa, best = condition_number(A).value, 2 / (values[0] + values[-1])
    return [
        Equal(norm(np.eye(len(A)) - best * A, 2), (kappa - 1) / (kappa + 1), scale=1e-6),
        AtMost((kappa - 1) / (kappa + 1), norm(np.eye(len(A)) - t * best * A, 2) + 1e-9),
    ]


@the_best_step.mutant
def with_the_root_of_the_condition_number(A, t):
    values = scipy.linalg.eigvalsh(A)
    kappa = np.sqrt(condition_number(A).value)
    return Equal(norm(np.eye(len(A)) - 2 / (values[0] + values[-1]) * A, 2), (kappa - 1) / (kappa + 1), scale=1e-6)


def margins(D, X, labels):
    scores = D @ X
    return np.array([scores[c, i] - scores[:, i] for i, c in enumerate(labels)])


@claim("thm-regression-separable", "eq-regression-separation", D="k+1,n", X="n,p nonzero", W="k+1,n moderate")
def the_loss_falls_for_ever_along_a_separating_direction(D, X, W):
    if not D.any():
        return Holds(True)
    D = D / norm(D)
    labels = (D @ X).argmax(axis=0)
    Y = np.eye(len(D))[labels].T
    gaps = margins(D, X, labels)
    if gaps.max() < 1e-6:  # no pair is separated
        return Holds(True)
    losses = [softmax_loss(W + s * D, X, Y) for s in (-2.0, -1.0, 0.0, 1.0, 2.0)]
    strict = np.sort(gaps, axis=1)[:, 1].min()
    parts = [Holds((np.diff(losses) < 0).all()), Holds(separating_direction(X, Y) is not None)]
    if strict > 1e-3:
        parts.append(AtMost(softmax_loss(1e5 * D, X, Y), 1e-9))
    return parts


@the_loss_falls_for_ever_along_a_separating_direction.mutant
def labels_of_the_smallest_score(D, X, W):
    if not D.any():
        return Holds(True)
    Y = np.eye(len(D))[(D @ X).argmin(axis=0)].T
    return Holds(softmax_loss(W + D / norm(D), X, Y) < softmax_loss(W, X, Y))
