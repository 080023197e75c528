"""Properties that hold for every input: each public function of the chapters' modules is drawn in one of them.

The inputs are those of the claims (`tests.claims.inputs`): every kind of matrix that a hypothesis admits.
Properties that need other inputs stand beside the other tests of their module.
"""

import ast
import inspect
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
import scipy.linalg
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from labkit import conditioning as co
from labkit import foundations as fo
from labkit import norms as no
from labkit import orthogonality as og
from labkit import plots, psd, regression, svd
from tests.claims.inputs import inputs

INF = np.inf
SEEDS = st.integers(0, 2**32 - 1)


def draw(**specification):
    """Call the test with arrays drawn as `inputs` describes them, and with values of the strategies given."""
    strategies = {name: value for name, value in specification.items() if not isinstance(value, str)}
    arrays = {name: value for name, value in specification.items() if isinstance(value, str)}

    def decorate(test):
        @given(inputs(**arrays), st.fixed_dictionaries(strategies))
        def wrapped(case, values):
            before = {name: value.copy() for name, value in case.items()}
            test(**case, **values)
            for name, value in before.items():
                assert np.array_equal(case[name], value), f"{name} was changed"

        wrapped.__name__ = test.__name__
        return wrapped

    return decorate


def close(left, right, scale=1.0, rtol=1e-10):
    assert_allclose(left, right, rtol=rtol, atol=rtol * max(float(scale), 1e-300))


def size(*arrays):
    return float(np.prod([max(np.abs(array).max(initial=0.0), 1e-3) for array in arrays]))


# --- every public function has a property ------------------------------------------------------------------------

MODULES = (fo, no, co, og, svd, psd, regression, plots)


def public_functions(module):
    names = getattr(module, "__all__", None) or [name for name in vars(module) if not name.startswith("_")]
    return [name for name in names
            if inspect.isfunction(getattr(module, name)) and getattr(module, name).__module__ == module.__name__]


def names_in_property_tests():
    """Return all names used in tests that hypothesis calls, in this folder."""
    names = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and any(
                    isinstance(d, ast.Call) and getattr(d.func, "id", None) in {"given", "draw"}
                    for d in node.decorator_list):
                names |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
                names |= {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
    return names


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_public_function_is_drawn_in_a_property(module):
    functions = public_functions(module)
    assert functions
    assert sorted(set(functions) - names_in_property_tests()) == []


# --- foundations -------------------------------------------------------------------------------------------------

@draw(n=st.integers(1, 9), i=st.integers(0, 8))
def test_one_hot_picks_an_entry(n, i):
    assume(i < n)
    x = np.arange(n) + 2.0
    assert fo.one_hot(i, n) @ x == x[i]


@draw(a="n", b="n", c="n", offset=st.integers(-3, 3))
def test_a_banded_matrix_has_its_diagonals_and_nothing_else(a, b, c, offset):
    n = len(a)
    assume(abs(offset) < n)
    length = n - abs(offset)
    A = fo.banded({offset: a[:length]}, n)
    assert np.array_equal(np.diag(A, offset), a[:length])
    assert np.count_nonzero(A) == np.count_nonzero(a[:length])


@draw(A="m,n", B="k,l", x="n", y="l")
def test_a_block_diagonal_matrix_acts_on_the_parts_alone(A, B, x, y):
    product = fo.block_diagonal(A, B) @ np.concatenate([x, y])
    close(product, np.concatenate([A @ x, B @ y]), size(A, x) + size(B, y))


@draw(A="m,n", scale=st.sampled_from([1e-200, 1e-3, 1.0, 1e200]))
def test_rank_does_not_depend_on_the_unit(A, scale):
    s = scipy.linalg.svdvals(A)
    tolerance = fo.rank_tolerance(A.shape, s[0])
    assert fo.rank_tolerance(A.shape, s[0] * scale) == pytest.approx(tolerance * scale)
    assume(not np.any((s > tolerance / 10) & (s < 10 * tolerance)))
    assert fo.rank(A * scale) == np.count_nonzero(s > tolerance)


@draw(A="m,n")
def test_the_four_subspaces_are_orthonormal_and_complement_each_other(A):
    bases = fo.fundamental_subspaces(A)
    m, n = A.shape
    for pair, order in (((bases.column_space, bases.left_nullspace), m), ((bases.row_space, bases.nullspace), n)):
        Q = np.hstack(pair)
        close(Q.T @ Q, np.eye(order))
    close(A @ bases.nullspace, 0, size(A))
    close(A.T @ bases.left_nullspace, 0, size(A))


@draw(A="m,n", x="n")
def test_range_and_nullspace_split_every_product(A, x):
    R, N = fo.range_basis(A), fo.nullspace_basis(A)
    close(R @ (R.T @ (A @ x)), A @ x, size(A, x))
    close(A @ (N @ (N.T @ x)), 0, size(A, x))
    assert R.shape[1] + N.shape[1] == A.shape[1]


@draw(A="n,n moderate", terms=st.integers(1, 12))
def test_the_exponential_series_is_its_partial_sum(A, terms):
    partial = sum(np.linalg.matrix_power(A, k) / float(scipy.special.factorial(k)) for k in range(terms))
    found = fo.exponential_series(A, terms)
    close(found.value, partial, np.exp(np.linalg.norm(A)))
    close(fo.exponential_series(A).value, scipy.linalg.expm(A), np.exp(np.linalg.norm(A)))


# --- norms -------------------------------------------------------------------------------------------------------

@draw(A="m,n", B="m,n", t=st.floats(-1e3, 1e3))
def test_matrix_norms_obey_the_axioms(A, B, t):
    for norm in (no.frobenius_norm, no.nuclear_norm, no.spectral_norm, no.elementwise_norm,
                 lambda X: no.elementwise_norm(X, 1)):
        assert norm(A + B) <= norm(A) + norm(B) + 1e-9 * size(A + B) * A.size
        close(norm(t * A), abs(t) * norm(A), size(A))
        assert (norm(A) == 0) == (not A.any())


@draw(A="m,n")
def test_norms_of_a_matrix_are_ordered(A):
    spectral, frobenius, nuclear = no.spectral_norm(A), no.frobenius_norm(A), no.nuclear_norm(A)
    assert spectral <= frobenius * (1 + 1e-12)
    assert frobenius <= nuclear * (1 + 1e-12)
    assert no.elementwise_norm(A, INF) <= spectral * (1 + 1e-12)
    close(nuclear, scipy.linalg.svdvals(A).sum(), size(A))


@draw(A="m,n", seed=SEEDS)
def test_an_estimate_of_the_spectral_norm_is_a_lower_bound(A, seed):
    estimate = no.estimate_spectral_norm(A, seed=seed)
    largest = scipy.linalg.svdvals(A)[0]
    assert estimate.value <= largest * (1 + 1e-12)
    close(estimate.value, largest, largest, rtol=1e-5)


@draw(A="n,n moderate", seed=SEEDS)
def test_signs_estimate_the_trace_with_the_variance_of_the_formula(A, seed):
    n = len(A)
    signs = np.array(np.meshgrid(*[[-1.0, 1.0]] * n)).reshape(n, -1)
    values = np.einsum("ik,ij,jk->k", signs, A, signs)
    close(values.mean(), np.trace(A), size(A) * n)
    close(values.var(), no.hutchinson_variance(A), no.frobenius_norm(A) ** 2)
    estimate = no.hutchinson_trace(A, samples=4, seed=seed)
    assert values.min() - 1e-9 * size(A) * n * n <= estimate.value <= values.max() + 1e-9 * size(A) * n * n


@draw(A="m,n moderate", seed=SEEDS)
def test_one_column_has_an_exact_frobenius_estimate_and_all_lie_below_the_bound(A, seed):
    close(no.hutchinson_frobenius(A[:, :1], samples=2, seed=seed).value, (A[:, 0] ** 2).sum(), size(A, A))
    bound = A.shape[1] * no.spectral_norm(A) ** 2  # ‖z‖² = n for signs
    assert 0 <= no.hutchinson_frobenius(A, samples=3, seed=seed).value <= bound * (1 + 1e-9) + 1e-300


@draw(A="n,n moderate", seed=SEEDS)
def test_hutch_plus_plus_is_exact_when_its_sketch_spans_the_space(A, seed):
    estimate = no.hutch_plus_plus(A, products=max(3 * len(A), 6), seed=seed)
    close(estimate.value, np.trace(A), size(A) * len(A), rtol=1e-8)


@draw(A="m,n nonzero")
def test_the_constants_between_norms_hold_for_every_matrix(A):
    table = no.matrix_norm_constants(*A.shape)
    norms = {"1": np.abs(A).sum(axis=0).max(), "2": scipy.linalg.svdvals(A)[0], "inf": np.abs(A).sum(axis=1).max(),
             "F": np.sqrt((A**2).sum()), "max": np.abs(A).max()}
    for a, value in norms.items():
        for b, other in norms.items():
            assert value <= table[a, b] * other * (1 + 1e-12)


# --- conditioning ------------------------------------------------------------------------------------------------

@draw(A="m,n full-rank", x="n nonzero", seed=SEEDS)
def test_no_sampled_change_exceeds_the_condition_of_a_linear_map(A, x, seed):
    assume(np.linalg.norm(A @ x) > 1e-6)
    condition = float(co.relative_condition(lambda v: A @ v, x, jacobian=A))
    close(condition, no.spectral_norm(A) * np.linalg.norm(x) / np.linalg.norm(A @ x))
    assert co.sampled_condition(lambda v: A @ v, x, samples=50, seed=seed).value <= condition * (1 + 1e-5)


@draw(A="m,n full-rank")
def test_pseudo_condition_is_a_quotient_of_singular_values_and_does_not_see_a_transpose(A):
    s = scipy.linalg.svdvals(A)
    close(co.pseudo_condition(A).value, s[0] / s[-1], rtol=1e-8)
    close(co.pseudo_condition(A.T).value, co.pseudo_condition(A).value, rtol=1e-8)


@draw(A="m,n")
def test_the_map_is_infinitely_conditioned_exactly_where_it_loses_a_vector(A):
    found = co.map_condition(A)
    assert (found.value == INF) == (fo.exact_rank(A) < A.shape[1])
    if found.value == INF:
        close(A @ found.x, 0, size(A))
    elif found.reliable:
        ratio = np.linalg.norm(A @ found.dx) / np.linalg.norm(A @ found.x)
        close(ratio / (np.linalg.norm(found.dx) / np.linalg.norm(found.x)), found.value, rtol=1e-6)


@draw(A="n,n invertible", x="n nonzero", b="n nonzero", p=st.sampled_from([1, 2, INF]))
def test_backward_error_is_the_size_of_the_nearest_system(A, x, b, p):
    eta = co.backward_error(A, x, b, p)
    dA, db = co.nearest_system(A, x, b, p)
    scale = np.linalg.norm(A, p) * np.linalg.norm(x, p) + np.linalg.norm(b, p)
    close((A + dA) @ x, b + db, scale)
    close(eta * scale, np.linalg.norm(co.residual(A, x, b), p), scale)
    assert np.linalg.norm(dA, p) <= eta * np.linalg.norm(A, p) * (1 + 1e-9)
    assert np.linalg.norm(db, p) <= eta * np.linalg.norm(b, p) * (1 + 1e-9)


@draw(A="n,n invertible", x="n nonzero", dA="n,n", db="n", size_of_change=st.sampled_from([1e-9, 1e-6]))
def test_forward_error_stays_below_its_bound(A, x, dA, db, size_of_change):
    dA = dA * size_of_change * np.linalg.norm(A, 2) / max(np.linalg.norm(dA, 2), 1e-300)
    b = A @ x
    db = db * size_of_change * np.linalg.norm(b) / max(np.linalg.norm(db), 1e-300)
    computed = np.linalg.solve(A + dA, b + db)
    kappa = np.linalg.cond(A)
    bound = co.forward_error_bound(kappa, size_of_change)
    assert co.forward_error(computed, x) <= bound * (1 + 1e-6) + 1e-13 * kappa


@draw(R="n,n triangular", x="n nonzero")
def test_back_substitution_undoes_a_triangular_product(R, x):
    close(co.back_substitution(R, R @ x), x, size(x) * np.linalg.cond(R) * 10, rtol=1e-13)


@draw(A="n,n invertible", x="n nonzero")
def test_every_solver_is_within_the_condition_number(A, x):
    table = co.compare_solvers(A, A @ x, x)
    for method in ("inverse", "lu", "qr", "svd"):
        assert table[method].forward_error <= 1e-13 * np.linalg.cond(A) * len(x)
    for method in ("lu", "qr", "svd"):
        assert table[method].backward_error <= 1e-13


@draw(n=st.integers(1, 9), theta=st.floats(0.3, 1.5))
def test_famous_matrices_are_what_they_are_famous_for(n, theta):
    H, K, W = co.hilbert(n), co.kahan(n, theta), co.wilkinson(n)
    assert np.array_equal(H, H.T)
    assert np.linalg.eigvalsh(H)[0] > -1e-14
    close(np.diag(K), np.sin(theta) ** np.arange(n))
    close(np.tril(K, -1), 0)
    U = scipy.linalg.lu(W)[2]
    close(U[-1, -1], 2.0 ** (n - 1))


@draw(x="m", c="n")
def test_a_vandermonde_matrix_evaluates_a_polynomial(x, c):
    value = sum(a * x**k for k, a in enumerate(c))
    close(co.vandermonde(x, len(c)) @ c, value, size(c) * max(1, np.abs(x).max()) ** (len(c) - 1) * len(c))
    close(regression.polynomial_design(x, len(c) - 1), co.vandermonde(x, len(c)), rtol=1e-12)


# --- orthogonality and eigenvalues -------------------------------------------------------------------------------

@draw(Q="n,n orthogonal", columns=st.integers(1, 4), t=st.floats(1.1, 3))
def test_columns_of_an_orthogonal_matrix_are_orthonormal_until_they_are_stretched(Q, columns, t):
    thin = Q[:, :columns]
    assert og.is_orthogonal(Q)
    assert og.is_orthonormal(thin)
    assert og.is_orthogonal(thin) == (columns >= len(Q))
    assert og.are_orthogonal(t * thin)
    assert not og.is_orthonormal(t * thin)
    assert not og.is_orthogonal(t * Q)


@draw(A="n+o,n full-rank", method=st.sampled_from(["classical", "modified"]))
def test_gram_schmidt_factorises(A, method):
    Q, R = (factors := og.gram_schmidt(A, method)).Q, factors.R
    close(Q @ R, A, size(A))
    close(np.tril(R, -1), 0)
    assert (np.diag(R) > 0).all()
    kappa = np.linalg.cond(A)
    assert og.orthogonality_error(Q) <= 1e-14 * kappa ** (2 if method == "classical" else 1) * 10


@draw(A="n,n simple-spectrum", seed=SEEDS)
def test_iterations_end_at_eigenpairs(A, seed):
    shifted = A + 3 * np.eye(len(A))  # eigenvalues 2, 3, …, so that one dominates
    scale = np.linalg.norm(shifted, 2)
    pairs = {"power": og.power_iteration(shifted, seed=seed),
             "inverse": og.inverse_iteration(shifted, shift=1.7, seed=seed),
             "rayleigh": og.rayleigh_quotient_iteration(shifted, seed=seed)}
    for found in pairs.values():
        assert found.converged
        close(shifted @ found.vector, found.value * found.vector, scale, rtol=1e-6)
    close(pairs["power"].value, len(A) + 1, rtol=1e-6)
    close(pairs["inverse"].value, 2, rtol=1e-6)


@draw(A="n,n")
def test_diagonalising_gives_pairs_that_sum_to_the_trace(A):
    found = og.diagonalise(A)
    scale = size(A) * len(A)
    close(A @ found.vectors, found.vectors * found.values, scale, rtol=1e-9)
    close(found.values.sum(), np.trace(A), scale, rtol=1e-9)


# --- singular values ---------------------------------------------------------------------------------------------

@draw(A="m,n", scale=st.sampled_from([1e-200, 1.0, 1e200]))
def test_the_full_decomposition_is_orthogonal_and_multiplies_to_the_matrix(A, scale):
    found = svd.full_svd(A * scale)
    close(found.U.T @ found.U, np.eye(A.shape[0]))
    close(found.V.T @ found.V, np.eye(A.shape[1]))
    close(found.U @ (found.Sigma / scale) @ found.V.T, A, size(A))
    assert (np.diff(found.s) <= 0).all()


@draw(A="m,n nonzero", k=st.integers(0, 4))
def test_truncation_leaves_the_singular_values_that_were_cut(A, k):
    assume(k <= min(A.shape))
    cut = svd.truncated_svd(A, k)
    s = scipy.linalg.svdvals(A)
    close(scipy.linalg.svdvals(A - cut.matrix()), np.append(s[k:], np.zeros(k)), s[0])
    close(cut.error_2, s[k] if k < len(s) else 0, s[0])
    close(cut.error_fro, np.sqrt((s[k:] ** 2).sum()), s[0])


@draw(A="m,n", b="m")
def test_the_shortest_solution_is_orthogonal_to_the_nullspace(A, b):
    s = scipy.linalg.svdvals(A)
    assume(not np.any((s > 0) & (s < 1e-6 * s[0])))
    x = svd.min_norm_solution(A, b).x
    scale = max(np.linalg.norm(x), 1e-300)
    close(fo.nullspace_basis(A).T @ x, 0, scale)
    close(A.T @ (A @ x - b), 0, size(A) ** 2 * scale + size(A, b), rtol=1e-9)


@draw(A="m,n nonzero")
def test_pivots_make_the_diagonal_fall(A):
    found = svd.pivoted_qr(A)
    close(found.Q @ found.R, A[:, found.pivots], size(A))
    diagonal = np.abs(np.diag(found.R))
    assert (diagonal[1:] <= diagonal[:-1] * (1 + 1e-12)).all()


@draw(A="n+o,n full-rank", threshold=st.sampled_from([1.01, 1.5]))
def test_no_exchange_of_a_row_enlarges_the_volume_by_more_than_the_threshold(A, threshold):
    rows = svd.maxvol(A, threshold)
    best = abs(np.linalg.det(A[rows]))
    for i in range(len(A)):
        for place in range(len(rows)):
            changed = A[rows]
            changed[place] = A[i]
            assert abs(np.linalg.det(changed)) <= threshold * best * (1 + 1e-9)


# --- positive semi-definite matrices -----------------------------------------------------------------------------

@draw(Q="m,k scores", K="n,k scores")
def test_attention_weights_are_distributions_and_do_not_see_a_common_shift_of_the_keys(Q, K):
    weights = psd.attention_weights(Q, K)
    assert (weights >= 0).all()
    close(weights.sum(axis=1), 1)
    close(psd.attention_weights(Q, np.vstack([K, K])), np.hstack([weights, weights]) / 2)


@draw(A="n,n positive-definite", Q="n,n orthogonal", scale=st.sampled_from([1e-100, 1.0, 1e100]))
def test_the_log_determinant_does_not_see_a_rotation_and_counts_the_scale(A, Q, scale):
    value = psd.cholesky_logdet(scale * A)
    close(value, np.log(np.linalg.eigvalsh(A)).sum() + len(A) * np.log(scale), 1 + abs(value))
    rotated = Q @ A @ Q.T
    close(psd.cholesky_logdet((rotated + rotated.T) / 2), psd.cholesky_logdet(A), 10)


@draw(A="n,n symmetric")
def test_the_sum_of_the_minors_of_one_size_is_a_symmetric_function_of_the_eigenvalues(A):
    minors = psd.principal_minors(A)
    n = len(A)
    coefficients = np.poly(np.linalg.eigvalsh(A))  # of the characteristic polynomial, from the eigenvalues
    for k in range(1, n + 1):
        total = sum(value for index, value in minors.items() if len(index) == k)
        close(total, (-1) ** k * coefficients[k], size(A) ** k * 24, rtol=1e-9)
    assert set(psd.principal_minors(A, leading=True)) == {tuple(range(k)) for k in range(1, n + 1)}


@draw(F="n,k", G="n,l")
def test_row_by_row_kronecker_products_multiply_the_gram_matrices(F, G):
    H = psd.row_kronecker(F, G)
    close(H @ H.T, (F @ F.T) * (G @ G.T), size(F, F, G, G) * 16)


@draw(A="m,n full-rank", d=st.lists(st.floats(1e-3, 1e3), min_size=2, max_size=5))
def test_shifting_a_gram_matrix_never_worsens_its_condition(A, d):
    d = np.sort(d)
    kappa = psd.shifted_gram_condition(A, d)
    assert (np.diff(kappa) <= 1e-9 * kappa[:-1]).all()
    eigenvalues = np.linalg.eigvalsh(A.T @ A + d[0] * np.eye(A.shape[1]))
    close(kappa[0], eigenvalues[-1] / eigenvalues[0], rtol=1e-6)


# --- regression --------------------------------------------------------------------------------------------------

@draw(X="m,n", y="m", penalty=st.floats(0.01, 10))
def test_the_lasso_meets_its_optimality_conditions(X, y, penalty):
    assume(np.abs(X).max() < 100)
    fit = regression.lasso(X, y, penalty)
    correlation = X.T @ (y - X @ fit.coefficients)
    slack = 1e-3 * penalty + 1e-3 * size(X, y)
    assert (np.abs(correlation) <= penalty + slack).all()
    objective = 0.5 * ((X @ fit.coefficients - y) ** 2).sum() + penalty * np.abs(fit.coefficients).sum()
    assert objective <= 0.5 * (y**2).sum() * (1 + 1e-9)  # not worse than no coefficients at all


@draw(X="m,n", y="m nonzero")
def test_the_lasso_is_zero_from_its_limit_on(X, y):
    limit = regression.lasso_limit(X, y)
    close(limit, max(abs(column @ y) for column in X.T), size(X, y))
    assume(limit > 1e-6)
    fits = regression.lasso_path(X, y, [2 * limit, 1.001 * limit, 0.5 * limit])
    assert [bool(fit.coefficients.any()) for fit in fits] == [False, False, True]


@draw(X="m,n", y="m", d=st.floats(0.01, 100))
def test_ridge_solves_its_own_normal_equations(X, y, d):
    beta = regression.ridge(X, y, [d]).coefficients[0]
    close(X.T @ (X @ beta - y) + d * beta, 0, size(X, X) * np.linalg.norm(beta) + size(X, y) * len(y), rtol=1e-9)
    assert np.linalg.norm(beta) <= np.linalg.norm(y) / (2 * np.sqrt(d)) * (1 + 1e-9)  # σ/(σ² + d) ≤ 1/(2√d)


@draw(W="k,n moderate", x="n moderate", y="k one-hot", V="k,n moderate", t=st.floats(-5, 5))
def test_the_softmax_loss_does_not_see_a_common_shift_and_its_derivatives_neither(W, x, y, V, t):
    shifted = W + t * np.outer(np.ones(len(W)), np.ones(len(x)))
    close(regression.softmax_loss(shifted, x, y), regression.softmax_loss(W, x, y), 100)
    G = regression.softmax_loss_gradient(W, x, y)
    close(G.sum(axis=0), 0, size(x))
    close(regression.softmax_loss_gradient(shifted, x, y), G, 10 * size(x))
    HV = regression.softmax_loss_hvp(W, x, V)
    assert (V * HV).sum() >= -1e-10 * size(x, x, V, V) * 16
    close(HV.sum(axis=0), 0, size(x, x, V) * 16)


@draw(x="2,m moderate", c=st.lists(st.integers(0, 2), min_size=4, max_size=4), penalty=st.floats(0.05, 2))
def test_softmax_regression_ends_where_its_gradient_vanishes(x, c, penalty):
    y = np.eye(3)[:, c[: x.shape[1]]]
    fit = regression.softmax_regression(x, y, penalty=penalty)
    gradient = regression.softmax_loss_gradient(fit.W, x, y) + penalty * fit.W
    assert fit.converged
    close(gradient, 0, 1 + size(x), rtol=1e-7)


@draw(w="2 nonzero", seed=SEEDS)
def test_points_on_two_sides_of_a_line_are_separated(w, seed):
    points = np.random.default_rng(seed).standard_normal((2, 8))
    side = np.sign(w @ points)
    assume((np.abs(w @ points) > 0.05).all() and len(set(side)) == 2)
    y = np.vstack([side > 0, side < 0]).astype(float)
    D = regression.separating_direction(points, y)
    scores = D @ points
    margin = (scores[0] - scores[1]) * side  # ties are allowed, up to rounding, but not everywhere
    assert margin.min() >= -1e-8 * np.linalg.norm(points)
    assert margin.max() > 0


@draw(seed=SEEDS, t=st.floats(0.1, 10), c=st.floats(-5, 5))
def test_variance_inflation_does_not_see_units_and_is_at_least_one(seed, t, c):
    X = np.random.default_rng(seed).standard_normal((12, 3))
    factors = regression.variance_inflation(X)
    assert (factors >= 1 - 1e-12).all()
    close(regression.variance_inflation(X * [t, 1, 1] + [c, 0, c]), factors, rtol=1e-7)
    inverse = np.linalg.inv(np.corrcoef(X.T))
    close(factors, np.diag(inverse), rtol=1e-8)


# --- plots -------------------------------------------------------------------------------------------------------

@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


FEW = settings(max_examples=15)  # figures take their time


@FEW
@given(st.lists(st.sampled_from([0.5, 1, 1.5, 2, 3, 8, INF]), min_size=1, max_size=4, unique=True))
def test_each_curve_of_unit_balls_has_norm_one(exponents):
    ax = plots.unit_balls(exponents)
    assert len(ax.lines) == len(exponents)
    for p, line in zip(exponents, ax.lines, strict=True):
        for point in np.transpose(line.get_data())[::25]:
            assert no.vector_norm(point, p) == pytest.approx(1, rel=1e-6)
    assert all(f"{p:g}".replace("inf", "∞") in plots.alt_text(ax) for p in exponents)
    plt.close(ax.figure)


@FEW
@draw(A="2,2 full-rank")
def test_the_image_of_the_unit_circle_lies_on_the_ellipse_of_the_singular_values(A):
    ax = plots.image_of_unit_circle(A)
    s = scipy.linalg.svdvals(A)
    lengths = [np.linalg.norm(np.transpose(line.get_data()), axis=1) for line in ax.lines]
    assert min(length.min() for length in lengths) >= min(1, s[1]) * (1 - 1e-3)
    assert max(length.max() for length in lengths) <= max(1, s[0]) * (1 + 1e-9)
    assert "unit circle" in plots.alt_text(ax)
    plt.close(ax.figure)


@FEW
@draw(A="m,n full-rank", log=st.booleans())
def test_spectra_are_drawn_in_descending_order(A, log):
    s = scipy.linalg.svdvals(A)
    ax = plots.spectra({"A": s[::-1]}, log=log)
    close(ax.lines[0].get_ydata(), s, s[0], rtol=1e-12)
    assert f"{len(s)} value" in plots.alt_text(ax)
    plt.close(ax.figure)


@FEW
@draw(H="2,2 positive-definite", point="2 nonzero")
def test_gradient_arrows_start_at_their_points(H, point):
    ax = plots.contour_with_gradient(lambda x: 0.5 * x @ H @ x, lambda x: H @ x, [point], extent=(-4, 4, -4, 4))
    assert f"{point[0]:.3g}, {point[1]:.3g}" in plots.alt_text(ax)
    plt.close(ax.figure)


@FEW
@given(st.lists(st.floats(1, 1e12), min_size=2, max_size=6, unique=True))
def test_errors_are_drawn_at_their_condition_numbers(kappas):
    kappas = np.sort(kappas)
    plots.use_style()
    ax = plots.error_against_condition(kappas, {"QR": 1e-16 * kappas})
    assert plt.rcParams["axes.grid"]
    drawn = next(line for line in ax.lines if line.get_label() == "QR" or len(line.get_xdata()) == len(kappas))
    close(drawn.get_xdata(), kappas)
    assert ax.get_xscale() == ax.get_yscale() == "log"
    assert "QR" in plots.alt_text(ax)
    plt.close(ax.figure)
