"""labkit.foundations against closed forms, exact rational arithmetic, mpmath and scipy."""

import dataclasses
import itertools
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import scipy.linalg
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from labkit import foundations as fo

SCALES = [2.0 ** -1040, 1e-200, 1.0, 1e200]      # the first makes small integers subnormal without rounding them
SINGULAR = np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]])


def low_rank(m, n, r, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.integers(-9, 10, (m, r)) @ rng.integers(-9, 10, (r, n))).astype(float)


def integer_matrices(m, n, largest=9):
    return arrays(np.float64, (m, n), elements=st.integers(-largest, largest).map(float))


# --- split_exponent ---

@given(arrays(np.float64, st.tuples(st.integers(0, 4), st.integers(0, 3)),
              elements=st.floats(-1e300, 1e300, allow_subnormal=False)))
@settings(max_examples=50, deadline=None)
def test_split_exponent_is_exact(A):
    B, e = fo.split_exponent(A)
    if A.any():
        assert 0.5 <= np.abs(B).max() < 1
    else:
        assert e == 0
    kept = np.abs(B) > 1e-300
    assert_array_equal(np.ldexp(B, e)[kept], A[kept])


@pytest.mark.parametrize("scale", [1e-310, 1e-200, 1e200, 1.7e308])
def test_split_exponent_at_the_ends_of_the_range(scale):
    B, e = fo.split_exponent([scale, -scale / 4])
    assert 0.5 <= B[0] < 1
    assert np.ldexp(B, e)[0] == scale


def test_split_exponent_of_complex_numbers_and_views():
    Z = np.array([[3e200 + 4e200j, 0], [1e200j, 2.0]])
    for A in (Z, Z.T, Z[:, ::-1]):
        B, e = fo.split_exponent(A)
        assert 0.5 <= max(np.abs(B.real).max(), np.abs(B.imag).max()) < 1
        assert_array_equal(np.ldexp(B.real, e) + 1j * np.ldexp(B.imag, e), A)


def test_split_exponent_of_subnormal_complex_numbers():
    Z = np.array([3e-320 + 4e-320j, -5e-324j])
    B, e = fo.split_exponent(Z)
    assert_array_equal(np.ldexp(B.real, e) + 1j * np.ldexp(B.imag, e), Z)
    assert 0.5 <= B[0].imag < 1


def test_split_exponent_does_not_share_memory_with_its_input():
    A = np.array([0.5, 0.75])
    B, e = fo.split_exponent(A)
    B[0] = 9
    assert (e, A[0]) == (0, 0.5)


def test_nan_and_inf_are_refused():
    for bad in (np.nan, np.inf):
        with pytest.raises(ValueError, match="NaN or infinite"):
            fo.split_exponent([1, bad])
        with pytest.raises(ValueError, match="NaN or infinite"):
            fo.rank([[1, bad]])


# --- helpers ---

def test_one_hot():
    assert_array_equal(np.stack([fo.one_hot(i, 3) for i in range(3)]), np.eye(3))
    for i in (-1, 3):
        with pytest.raises(ValueError, match="from 0 to 2"):
            fo.one_hot(i, 3)


def test_banded_against_scipy():
    d, u, low = [1.0, 2, 3, 4], [5.0, 6, 7], [8.0, 9]
    expected = scipy.sparse.diags([d, u, low], [0, 1, -2]).toarray()
    assert_array_equal(fo.banded({0: d, 1: u, -2: low}, 4), expected)
    assert_array_equal(fo.banded({1: 3}, 2), [[0, 3], [0, 0]])
    assert_array_equal(fo.banded({-3: 1}, 4), np.eye(4, k=-3))


def test_banded_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="-2 to 2; 3 was given"):
        fo.banded({3: 1}, 3)
    with pytest.raises(ValueError, match="has 2 entries, not 3"):
        fo.banded({-1: [1, 2, 3]}, 3)


def test_block_diagonal_against_scipy():
    blocks = [np.ones((2, 3)), np.zeros((0, 2)), [[5.0]], 2 * np.ones((3, 1))]
    assert_array_equal(fo.block_diagonal(*blocks), scipy.linalg.block_diag(*blocks))
    assert fo.block_diagonal().shape == (0, 0)
    with pytest.raises(ValueError, match="block 1 must be a matrix"):
        fo.block_diagonal([[1]], [1])


# --- inner ---

@given(integer_matrices(3, 2), integer_matrices(3, 2), integer_matrices(3, 3))
@settings(max_examples=30, deadline=None)
def test_inner_is_the_trace_and_moves_matrices_across(X, Y, A):
    assert fo.inner(X, Y) == np.trace(X.T @ Y) == fo.inner(Y, X)
    assert fo.inner(X, A @ Y) == fo.inner(A.T @ X, Y)


def test_inner_scales_shapes_and_empties():
    assert fo.inner([1e200, 2e200], [1e-200, 1e-200]) == pytest.approx(3)
    assert fo.inner([1e-200, 1e-200], [1e-200, 1e-200]) == 0.0
    assert fo.inner([1e200], [1e200]) == np.inf
    assert fo.inner([[[1.0, 2.0]]], [[[3.0, 4.0]]]) == 11
    assert fo.inner([], []) == 0
    with pytest.raises(ValueError, match=r"\(2,\) and \(3,\)"):
        fo.inner([1, 2], [1, 2, 3])


# --- rank ---

@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize(("m", "n", "r"), [(5, 5, 5), (5, 5, 2), (3, 7, 3), (7, 3, 1), (40, 30, 17)])
def test_rank_of_products(m, n, r, scale):
    A = low_rank(m, n, r) * scale
    assert fo.rank(A) == fo.rank(A.T) == fo.exact_rank(low_rank(m, n, r)) == r
    space = fo.fundamental_subspaces(A)
    assert space.rank == r
    assert [B.shape[1] for B in (space.column_space, space.left_nullspace, space.row_space, space.nullspace)] == [
        r, m - r, r, n - r]


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_rank_of_empty_matrices(shape):
    A = np.zeros(shape)
    assert fo.rank(A) == fo.exact_rank(A) == 0
    assert fo.nullspace_basis(A).shape == (shape[1], shape[1])
    assert fo.range_basis(A).shape == (shape[0], 0)
    assert "rank 0" in str(fo.fundamental_subspaces(A))


def test_rank_at_a_stated_tolerance():
    A = np.diag([1.0, 1e-3, 1e-6, 0])
    assert [fo.rank(A, t) for t in (0, 1e-6, 1e-4, 1e-3, 2)] == [3, 2, 2, 1, 0]
    assert fo.rank(A * 1e-250, 1e-254) == 2
    assert fo.rank(A, np.inf) == 0
    assert fo.rank(np.diag([1, 4 * fo.EPS, 0, 0])) == 1      # at the default tolerance, not above it
    assert fo.rank(np.diag([1, 5 * fo.EPS, 0, 0])) == 2
    for bad in (-1e-9, np.nan):
        with pytest.raises(ValueError, match="tolerance must be a number that is at least 0"):
            fo.rank(A, bad)


def test_rank_tolerance_is_the_documented_formula():
    assert fo.rank_tolerance((3, 7), 2.0) == 14 * 2.0 ** -52


def test_rank_of_complex_matrices():
    z = np.array([1, 1j, 2 - 1j])
    assert fo.rank(np.outer(z, z.conj())) == 1
    with pytest.raises(TypeError, match="complex"):
        fo.exact_rank([[1j]])


@given(integer_matrices(4, 3, 2))
@settings(max_examples=60, deadline=None)
def test_exact_rank_against_sympy(A):
    expected = sympy.Matrix(A.astype(int)).rank()
    assert fo.exact_rank(A) == expected == fo.exact_rank(A.T) == fo.rank(A)


def fraction_rank(A):
    """Gaussian elimination in rational numbers."""
    rows, found = [[Fraction(float(a)) for a in row] for row in A], 0
    for j in range(A.shape[1]):
        pivot = next((i for i in range(found, len(rows)) if rows[i][j]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for i in range(found + 1, len(rows)):
            factor = rows[i][j] / rows[found][j]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[found], strict=True)]
        found += 1
    return found


@pytest.mark.parametrize("A", [
    SINGULAR, SINGULAR / 10, np.array([[0.1, 0.2], [0.3, 0.6]]), np.array([[1e300, 1e-300], [1e-300, 0]]),
    np.array([[1, 1], [1, 1 + 2.0 ** -52]]), np.array([[2.0 ** 600, 1], [2.0 ** 900, 2.0 ** 300]]),
    np.array([[0, 0, 1], [0, 0, 2], [0, 3, 0]]), 1e-310 * np.ones((2, 2)), scipy.linalg.hilbert(13)],
    ids=["123", "123/10", "doubled", "1e±300", "1+eps", "2^900", "zeros", "subnormal", "hilbert"])
def test_exact_rank_against_rational_elimination(A):
    assert fo.exact_rank(A) == fraction_rank(A)


def test_exact_rank_needs_more_than_one_prime():
    """diag(1, p) has rank 2, although modulo p it has rank 1."""
    assert [fo.exact_rank(np.diag([1.0, p])) for p in fo._PRIMES] == [2, 2, 2]
    assert all(sympy.isprime(p) for p in fo._PRIMES)
    assert len(set(fo._PRIMES)) == 3


def test_rank_and_exact_rank_differ_where_they_should():
    A = SINGULAR / 10
    assert (fo.rank(A), fo.exact_rank(A)) == (2, 3)


@given(integer_matrices(4, 3), integer_matrices(3, 4), integer_matrices(4, 3))
@settings(max_examples=30, deadline=None)
def test_rank_rules(A, B, C):
    r = fo.exact_rank
    assert r(A) == r(A.T) == r(A.T @ A) == r(A @ A.T) <= 3
    assert r(A @ B) <= min(r(A), r(B))
    assert r(A + C) <= r(A) + r(C)


# --- subspaces and projection ---

@pytest.mark.parametrize("scale", SCALES)
def test_fundamental_subspaces_are_orthonormal_and_complementary(scale):
    A = low_rank(6, 4, 2, seed=3)
    s = fo.fundamental_subspaces(A * scale)
    left, right = np.hstack([s.column_space, s.left_nullspace]), np.hstack([s.row_space, s.nullspace])
    assert_allclose(left.T @ left, np.eye(6), atol=1e-14)
    assert_allclose(right.T @ right, np.eye(4), atol=1e-14)
    assert_allclose(A @ s.nullspace, 0, atol=1e-13)
    assert_allclose(A.T @ s.left_nullspace, 0, atol=1e-13)
    assert_allclose(s.column_space @ (s.column_space.T @ A), A, atol=1e-13)
    assert_allclose(fo.range_basis(A), fo.fundamental_subspaces(A).column_space)
    assert_allclose(s.singular_values[:2] / scale, np.linalg.svd(A, compute_uv=False)[:2], rtol=1e-12)
    assert s.tolerance == pytest.approx(6 * fo.EPS * s.singular_values[0], rel=1e-9, abs=5e-324)


def test_fundamental_subspaces_with_a_tolerance_and_in_words():
    s = fo.fundamental_subspaces(np.diag([4.0, 1e-3]), tolerance=0.01)
    assert (s.rank, s.tolerance) == (1, pytest.approx(0.01))
    assert "smallest singular value kept 4.00e+00, largest dropped 1.00e-03" in str(s)
    assert "no singular value kept, largest dropped 0.00e+00" in str(fo.fundamental_subspaces(np.zeros((2, 2))))
    assert fo.nullspace_basis(np.diag([4.0, 1e-3]), 0.01).shape == fo.range_basis(np.diag([4, 1e-3]), 0.01).shape
    with pytest.raises(ValueError, match="tolerance"):
        fo.fundamental_subspaces(np.eye(2), -1)


@pytest.mark.parametrize("scale", SCALES)
def test_projection_against_the_normal_equations_in_50_digits(scale):
    A = np.vander(np.linspace(0, 1, 8), 6)      # κ = 5e4: the formula itself would lose 9 digits
    y = np.cos(np.arange(8.0))
    with mpmath.workdps(50):
        M, v = mpmath.matrix(A.tolist()), mpmath.matrix(y.tolist())
        expected = np.array((M * mpmath.lu_solve(M.T * M, M.T * v)).tolist(), dtype=float)[:, 0]
    assert_allclose(fo.project(y, A * scale), expected, atol=1e-12)
    assert_allclose(fo.project(y * scale, A) / scale, expected, atol=1e-12)


def test_projection_survives_where_the_textbook_formula_fails():
    A = np.array([[1, 1], [1e-9, 0], [0, 1e-9]])            # AᵀA is singular in double precision
    y = np.array([1.0, 2, 3])
    P = fo.project(y, A)
    n = np.array([1e-9, -1, -1])                            # perpendicular to both columns
    assert_allclose(P, y - n * (n @ y) / (n @ n), atol=1e-6)
    textbook = np.linalg.pinv(A.T @ A)
    assert np.linalg.norm(A @ textbook @ A.T @ y - P) > 0.1


@given(integer_matrices(5, 3), integer_matrices(5, 2))
@settings(max_examples=40, deadline=None)
def test_projector_is_a_projector_of_the_right_rank(A, Y):
    P = fo.projector(A)
    assert_allclose(P, P.T, atol=1e-14)
    assert_allclose(P @ P, P, atol=1e-13)
    assert_allclose(P @ A, A, atol=1e-12)
    assert np.trace(P) == pytest.approx(fo.exact_rank(A), abs=1e-12)
    assert_allclose(fo.project(Y, A), P @ Y, atol=1e-12)
    assert_allclose(A.T @ (Y - fo.project(Y, A)), 0, atol=1e-11)


def test_projection_does_not_depend_on_the_lengths_of_columns():
    A = np.array([[1.0, 1], [0, 1], [0, 0]])
    for lengths in ([1e-200, 1e200], [1, 1e-20], [1e-310, 1]):
        assert_allclose(fo.project([1.0, 2, 3], A * lengths), [1, 2, 0], atol=1e-12)


def test_projection_edge_cases():
    y = np.array([1.0, 2.0])
    assert_array_equal(fo.project(y, np.zeros((2, 3))), [0, 0])
    assert_array_equal(fo.project(y, np.zeros((2, 0))), [0, 0])
    assert fo.project(np.zeros(0), np.zeros((0, 2))).shape == (0,)
    assert_allclose(fo.project(y, [[1, 2, 0], [0, 1, 1]]), y)
    with pytest.raises(ValueError, match=r"\(2,\) and \(3, 1\)"):
        fo.project(y, np.ones((3, 1)))


# --- determinant and volume ---

@given(integer_matrices(4, 4), integer_matrices(4, 4))
@settings(max_examples=50, deadline=None)
def test_determinant_against_exact_integers(A, B):
    def exact(M):
        return int(sympy.Matrix(M.astype(int)).det())

    d = fo.determinant(A)
    assert d.value == pytest.approx(exact(A), rel=1e-9, abs=0)
    assert d.sign == np.sign(exact(A))
    assert d.log_abs == (pytest.approx(np.log(abs(exact(A))), abs=1e-9) if exact(A) else -np.inf)
    assert fo.determinant(A @ B).value == pytest.approx(exact(A) * exact(B), rel=1e-7, abs=0)


@pytest.mark.parametrize("scale", SCALES)
def test_determinant_scales_as_a_power(scale):
    A = np.array([[2.0, 1, 0], [1, 3, 1], [0, 1, 4]])       # determinant 18
    d = fo.determinant(A * scale)
    assert d.log_abs == pytest.approx(np.log(18) + 3 * np.log(scale), rel=1e-12)
    assert (d.sign, d.reliable) == (1, True)
    with mpmath.workdps(30):
        assert d.value == pytest.approx(float(18 * mpmath.mpf(scale) ** 3), rel=1e-12)


def test_determinant_of_rows_at_very_different_scales():
    d = fo.determinant(np.diag([1e300, -1e-300, 2]))
    assert (d.value, d.reliable) == (pytest.approx(-2), True)
    assert d.condition < 5
    assert fo.determinant([[0, 1e-5], [1e5, 0]]).value == pytest.approx(-1)


def test_determinant_where_the_product_leaves_the_range():
    small = fo.determinant(0.1 * np.eye(400))
    assert (small.value, small.log_abs) == (0, pytest.approx(-400 * np.log(10)))
    assert (small.sign, small.condition) == (1, 1)
    large = fo.determinant(-10 * np.eye(401))
    assert (large.value, large.log_abs, large.sign) == (-np.inf, pytest.approx(401 * np.log(10)), -1)
    rotated = np.linalg.qr(np.random.default_rng(0).standard_normal((300, 300)))[0]
    with mpmath.workdps(20):
        assert abs(fo.determinant(rotated).value) == pytest.approx(1, rel=1e-11)


def test_determinant_below_the_normal_range_of_the_scaled_matrix():
    """det of the scaled rows is 0.51^1100 = 1e-322: the value has to come from the logarithm."""
    d = fo.determinant(np.diag(np.r_[np.full(1100, 0.51), np.full(10, 1e10)]))
    assert d.value == pytest.approx(np.exp(1100 * np.log(0.51) + 100 * np.log(10)), rel=1e-10)


def test_singular_and_nearly_singular_determinants():
    exact = fo.determinant(SINGULAR)
    assert (exact.sign, exact.log_abs, exact.value, exact.condition) == (0, -np.inf, 0, np.inf)
    assert exact.reliable
    for r in (1, 2, 3):
        assert fo.determinant(low_rank(4, 4, r, seed=r)) == exact
    nearly = fo.determinant(SINGULAR / 10)
    assert not nearly.reliable
    assert "unreliable" in str(nearly)
    assert nearly.value != 0
    assert "unreliable" not in str(fo.determinant(np.eye(2)))
    hidden = fo.determinant([[1, 1], [1, 1 + 2 ** -52]])
    assert (hidden.value, hidden.reliable) == (pytest.approx(2 ** -52, rel=1e-12), False)


def test_determinant_edge_cases():
    assert fo.determinant(np.zeros((0, 0))).value == 1
    assert fo.determinant(np.zeros((0, 0))).reliable
    assert fo.determinant(np.zeros((2, 2))).value == 0
    with pytest.raises(ValueError, match=r"square; its shape is \(2, 3\)"):
        fo.determinant(np.ones((2, 3)))


@given(integer_matrices(4, 2), integer_matrices(3, 3))
@settings(max_examples=50, deadline=None)
def test_volume_is_the_root_of_the_gram_determinant(A, B):
    assert fo.volume(A) ** 2 == pytest.approx(int(sympy.Matrix((A.T @ A).astype(int)).det()), rel=1e-9, abs=0)
    assert fo.volume(B) == pytest.approx(abs(int(sympy.Matrix(B.astype(int)).det())), rel=1e-9, abs=0)


def test_volume_edge_cases():
    assert fo.volume(np.zeros((3, 0))) == 1
    assert fo.volume(np.ones((2, 3))) == 0
    assert fo.volume(np.zeros((3, 1))) == 0
    assert fo.volume(np.diag([1e200, 1e200, 1e-300])) == pytest.approx(1e100, rel=1e-12)
    assert fo.volume(np.diag([1e200, 1e200])) == np.inf
    assert fo.volume(np.diag([1e-200, 1e-200])) == 0
    assert fo.volume(1e-310 * np.eye(1)) == pytest.approx(1e-310)
    assert fo.volume(0.1 * np.eye(100)) == pytest.approx(1e-100, rel=1e-12)
    assert fo.volume([[1, 1], [0, 1e-12]]) == pytest.approx(1e-12)   # thin, but not flat


# --- the matrix exponential ---

EXPONENTIALS = {
    "random": np.random.default_rng(1).standard_normal((6, 6)),
    "large": 20 * np.random.default_rng(2).standard_normal((5, 5)),
    "symmetric": np.array([[2.0, 1], [1, 2]]),
    "jordan": np.array([[3.0, 1, 0], [0, 3, 1], [0, 0, 3]]),
    "rotation": np.array([[0.0, -7], [7, 0]]),
    "negative": np.array([[-50.0, 3], [0, -60]]),
    "zero": np.zeros((3, 3)),
    "tiny": 1e-200 * np.ones((2, 2)),
    "half": np.array([[0.5]]),
    "far from normal": np.array([[1.0, 1e6], [0, -1]]),
}


@pytest.mark.parametrize("A", EXPONENTIALS.values(), ids=EXPONENTIALS)
def test_exponential_against_mpmath(A):
    with mpmath.workdps(60):
        expected = np.array(mpmath.expm(mpmath.matrix(A.tolist()), method="taylor").tolist(), dtype=float)
    E = fo.matrix_exponential(A)
    size = np.linalg.norm(A, 1)
    assert np.linalg.norm(E - expected, 1) <= 1e-15 * (10 + size) * np.linalg.norm(expected, 1)
    assert_allclose(E, scipy.linalg.expm(A), rtol=1e-11, atol=1e-11 * np.abs(expected).max())


@given(arrays(np.float64, (3, 3), elements=st.floats(-3, 3)), st.floats(-2, 2))
@settings(max_examples=40, deadline=None)
def test_exponential_identities(A, t):
    E = fo.matrix_exponential
    assert_allclose(E(A) @ E(-A), np.eye(3), atol=1e-8)
    assert_allclose(E(A) @ E(t * A), E((1 + t) * A), rtol=1e-9, atol=1e-9 * np.abs(E((1 + t) * A)).max() + 1e-8)
    assert fo.determinant(E(A)).log_abs == pytest.approx(np.trace(A), abs=1e-6)
    assert_allclose(E(A.T), E(A).T, rtol=1e-12, atol=1e-12 * np.abs(E(A)).max())


def test_exponential_of_a_sum_needs_commuting_matrices():
    X, Y = np.array([[0.0, 1], [0, 0]]), np.array([[0.0, 0], [1, 0]])
    E = fo.matrix_exponential
    assert np.abs(E(X + Y) - E(X) @ E(Y)).max() > 0.4
    assert_allclose(E(X + 2 * X), E(X) @ E(2 * X))


def test_exponential_is_exact_for_nilpotent_matrices_of_any_size():
    for c in (1e-300, 1e3, 1e200):
        assert_array_equal(fo.matrix_exponential([[0, c], [0, 0]]), [[1, c], [0, 1]])


def test_exponential_scaling_is_chosen_by_powers_not_by_the_norm():
    """Scaling by the norm 1e9 would take 31 squarings and lose 7 digits of the entry e."""
    A = np.array([[1.0, 1e9], [0, 1.0]])
    assert_allclose(fo.matrix_exponential(A), np.e * np.array([[1, 1e9], [0, 1]]), rtol=1e-8)
    B = np.array([[1.0, 1e6], [0, -1.0]])
    assert_allclose(fo.matrix_exponential(B), [[np.e, 1e6 * np.sinh(1)], [0, 1 / np.e]], rtol=1e-13)


def test_exponential_of_numbers_to_nearly_full_precision():
    """κ = |x|, so no method can promise less than a multiple of (1 + |x|) eps."""
    for x in np.linspace(-20, 20, 401):
        assert fo.matrix_exponential([[x]])[0, 0] == pytest.approx(np.exp(x), rel=8 * fo.EPS * (1 + abs(x)))


def test_exponential_extremes():
    assert_array_equal(fo.matrix_exponential(np.diag([-1e200, 0])), np.diag([0, 1]))
    assert fo.matrix_exponential(np.zeros((0, 0))).shape == (0, 0)
    assert fo.matrix_exponential([[700.0]])[0, 0] == pytest.approx(np.exp(700), rel=1e-12)
    for A in ([[710.0]], 1e200 * np.eye(2)):
        with pytest.raises(OverflowError, match="exceeds the largest double"):
            fo.matrix_exponential(A)


def test_partial_sums_of_the_series_term_by_term():
    A = np.array([[1.0, 2], [3, 4]])
    for terms in range(1, 8):
        expected = sum(np.linalg.matrix_power(A, k) / float(sympy.factorial(k)) for k in range(terms))
        series = fo.exponential_series(A, terms)
        assert_allclose(series.value, expected, rtol=1e-14)
        assert series.terms == terms
        last = np.linalg.matrix_power(A, terms - 1) / float(sympy.factorial(terms - 1))
        assert series.last_term == pytest.approx(np.abs(last).sum(axis=0).max())


def test_series_loses_digits_where_scaling_and_squaring_does_not():
    A = [[-30.0]]
    series = fo.exponential_series(A)
    exact = np.exp(-30.0)
    assert abs(series.value[0, 0] - exact) / exact > 1e6    # not one digit is right
    assert series.digits_lost > 15
    assert series.largest_term == pytest.approx(30.0 ** 30 / float(sympy.factorial(30)), rel=1e-12)
    assert fo.matrix_exponential(A)[0, 0] == pytest.approx(exact, rel=1e-13)
    assert 1 / fo.exponential_series([[30.0]]).value[0, 0] == pytest.approx(exact, rel=1e-13)


def test_series_in_simple_cases():
    for n, a in itertools.product((1, 3), (0.0, 1e-3, 1.0)):
        series = fo.exponential_series(a * np.eye(n))
        assert_allclose(series.value, np.exp(a) * np.eye(n), rtol=1e-15)
        assert series.digits_lost == 0
    assert fo.exponential_series(np.zeros((0, 0))).digits_lost == 0
    assert fo.exponential_series(np.zeros((2, 2))).largest_term == 1
    text = str(fo.exponential_series([[1.0]], 2))
    assert text == "2 terms, the largest 1.0e+00, the last 1.0e+00; about 0 digits lost"


def test_series_refuses_what_it_cannot_do():
    with pytest.raises(ValueError, match="terms must be at least 1; it is 0"):
        fo.exponential_series([[1.0]], 0)
    with pytest.raises(OverflowError, match="use matrix_exponential"):
        fo.exponential_series([[800.0]])


@pytest.mark.parametrize("function", [
    fo.rank, fo.exact_rank, fo.fundamental_subspaces, fo.projector, fo.determinant, fo.volume,
    fo.exponential_series, fo.matrix_exponential])
def test_input_is_not_written_to(function):
    A = np.array([[1.0, 2], [3, 4]])
    before = A.copy()
    function(A)
    assert_array_equal(A, before)
    with pytest.raises(ValueError, match=r"matrix \(two axes\)"):
        function([1.0, 2.0])


def test_results_are_frozen():
    kinds = [kind for kind in vars(fo).values() if isinstance(kind, type) and dataclasses.is_dataclass(kind)]
    assert kinds
    assert all(kind.__dataclass_params__.frozen for kind in kinds)


def test_the_shortcut_of_a_projection_is_taken_only_far_from_rank_deficiency():
    rng = np.random.default_rng(8)
    A = rng.standard_normal((6, 3))
    for gap, dimension in ((1e-3, 4), (1e-13, 4), (0.0, 3)):    # shortcut, SVD, dependent columns
        B = np.column_stack([A, A @ [1.0, -2.0, 0.5] + gap * rng.standard_normal(6)])
        assert np.trace(fo.projector(B)) == pytest.approx(dimension)
        assert np.linalg.norm(fo.project(B, B) - B) < 1e-12
    assert fo._is_far_from_singular(np.eye(2), 1e-4)
    assert not fo._is_far_from_singular(np.eye(2), 1.0)
    for decades in range(0, 16, 3):
        D = np.diag([1.0, 1.0, 10.0**-decades])
        assert not fo._is_far_from_singular(D, 10.0**-decades)
        assert fo._is_far_from_singular(D, 10.0**-(decades + 5))
    assert not fo._is_far_from_singular(np.zeros((2, 2)), 0.0)
    assert not fo._is_far_from_singular(np.ones((2, 3)), 0.0)
