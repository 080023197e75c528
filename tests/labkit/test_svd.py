"""The singular value decomposition and its uses, against mpmath, scipy, closed forms and exhaustive search."""

import copy
import dataclasses
import re
from itertools import combinations

import mpmath
import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from labkit import svd
from labkit.svd import (
    compact_svd,
    cur,
    full_svd,
    maxvol,
    min_norm_solution,
    norms,
    numerical_rank,
    pca,
    penrose_residuals,
    pivoted_qr,
    pseudoinverse,
    skeleton,
    thin_svd,
    times_power_of_two,
    to_unit_scale,
    truncated_svd,
)

RNG = np.random.default_rng(3)
G53 = RNG.normal(size=(5, 3))
RANK2 = np.outer([1.0, 2, 3, 4], [1, -1, 2]) + np.outer([0.0, 1, 0, -1], [3, 1, 1])
CASES = {
    "tall": G53,
    "wide": G53.T,
    "square": RNG.normal(size=(4, 4)),
    "symmetric": np.array([[2.0, 1, 0], [1, -3, 1], [0, 1, 1]]),
    "rank-deficient": RANK2,
    "repeated singular values": np.linalg.qr(RNG.normal(size=(4, 4)))[0],
    "orthogonal columns": np.linalg.qr(G53)[0],
    "zero": np.zeros((3, 2)),
    "one row": np.array([[3.0, 4.0]]),
    "one number": np.array([[-2.0]]),
    "diagonal, not square": np.array([[0.0, 0, 0], [0, -5, 0]]),
    "complex": RNG.normal(size=(4, 3)) + 1j * RNG.normal(size=(4, 3)),
    "complex, wide, deficient": np.outer([1, 1j], [1, 2 - 1j, 0.5]),
    "1e-200": G53 * 1e-200,
    "1e200": G53 * 1e200,
    "subnormal": np.array([[3e-310, 0], [0, 1e-310]]),
    "graded": np.diag([1e150, 1.0, 1e-150]),
    "ill-conditioned": scipy.linalg.hilbert(7),
}
every_case = pytest.mark.parametrize("A", CASES.values(), ids=CASES)
EMPTY = [(0, 3), (3, 0), (0, 0)]
matrices = hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=5),
                      elements=st.floats(-8, 8).map(lambda v: round(v, 2)))


def unit(A):
    """Return A with entries of size one, in units of which errors are judged."""
    return to_unit_scale(np.asarray(A))[0]


def close(A, B, tolerance=1e-13):
    """Compare relative to the largest entry of B, at any scale."""
    A, B = np.asarray(A), np.asarray(B)
    assert A.shape == B.shape
    scale = np.abs(B).max(initial=0) or 1.0
    assert np.abs(A / scale - B / scale).max(initial=0) <= tolerance


# ------------------------------------------------------------------------------------------------ scaling

@pytest.mark.parametrize(("value", "exponent"),
                         [(1.0, 1), (0.5, 0), (0.75, 0), (-3.0, 2), (0.0, 0), (5e-324, -1073)])
def test_unit_scale_is_the_power_of_two_of_the_largest_entry(value, exponent):
    scaled, e = to_unit_scale(np.array([value, value / 2]))
    assert e == exponent
    assert scaled[0] == 0 or 0.5 <= abs(scaled[0]) < 1
    assert times_power_of_two(scaled, e)[0] == value


def test_unit_scale_by_columns_and_rows():
    A = np.array([[1.0, 1e-300], [3.0, -4e-300]])
    scaled, e = to_unit_scale(A, 0)
    assert e.shape == (1, 2)
    assert ((np.abs(scaled).max(axis=0) >= 0.5) & (np.abs(scaled).max(axis=0) < 1)).all()
    assert to_unit_scale(A, 1)[1].shape == (2, 1)
    assert (np.ldexp(scaled, e) == A).all()


def test_unit_scale_of_complex_entries_looks_at_both_parts():
    assert to_unit_scale(np.array([1 + 8j]))[1] == 4
    assert to_unit_scale(np.array([[1 + 8j, 2]]), 0)[1].tolist() == [[4, 2]]
    assert times_power_of_two(np.array([1 - 2j]), 3)[0] == 8 - 16j


def test_scaling_beyond_the_largest_double_is_an_error_that_names_the_result():
    with pytest.raises(OverflowError, match=r"A⁺ has entries beyond the largest double"):
        times_power_of_two(np.array([1.0]), 1024, "A⁺")
    assert times_power_of_two(np.array([0.5]), 1024)[0] == 2.0**1023


def test_norms_of_columns_and_rows_at_every_scale():
    A = np.array([[3e-200, 3e200, 0], [4e-200, 4e200, 0]])
    np.testing.assert_allclose(norms(A, 0), [5e-200, 5e200, 0], rtol=1e-15)
    np.testing.assert_allclose(norms(A, 1), [3e200, 4e200], rtol=1e-15)
    assert norms(np.zeros((2, 0)), 1).tolist() == [0, 0]


# -------------------------------------------------------------------------------------- the decomposition

@every_case
def test_factors_reproduce_the_matrix_and_are_orthonormal(A):
    for decompose in (full_svd, thin_svd, compact_svd):
        result = decompose(A)
        U, s, V = result
        close(result.matrix(), A, 1e-14)
        close(U @ result.Sigma @ V.conj().T, A, 1e-14)
        close(U.conj().T @ U, np.eye(U.shape[1]))
        close(V.conj().T @ V, np.eye(V.shape[1]))
        assert (np.diff(s) <= 0).all() and (s >= 0).all()
        assert np.iscomplexobj(U) == np.iscomplexobj(A)


@every_case
def test_shapes_of_full_thin_and_compact(A):
    (m, n), p, r = A.shape, min(A.shape), np.linalg.matrix_rank(unit(A))
    assert [F.shape for F in full_svd(A)] == [(m, m), (p,), (n, n)]
    assert [F.shape for F in thin_svd(A)] == [(m, p), (p,), (n, p)]
    assert [F.shape for F in compact_svd(A)] == [(m, r), (r,), (n, r)]
    assert full_svd(A).Sigma.shape == (m, n)


@every_case
def test_singular_values_against_the_eigenvalues_of_the_gram_matrix_in_50_digits(A):
    if min(A.shape) < max(A.shape) and A.shape[0] < A.shape[1]:
        A = A.conj().T
    with mpmath.workdps(60):
        M = mpmath.matrix(A.tolist())
        gram = M.H * M
        squares = mpmath.eigh(gram, eigvals_only=True)
        top = max(squares)
        exact = sorted((mpmath.sqrt(max(v, 0)) for v in squares), reverse=True)
        for mine, value in zip(thin_svd(A).s, exact, strict=True):
            assert abs(mine - value) <= 4e-15 * mpmath.sqrt(top) + mpmath.mpf(5e-324)


@every_case
def test_vectors_are_eigenvectors_of_the_two_gram_matrices(A):
    A = unit(A)
    U, s, V = full_svd(A)
    squares = np.zeros(max(A.shape))
    squares[:len(s)] = s**2
    close(A.conj().T @ A @ V - V * squares[:A.shape[1]], np.zeros_like(V), 1e-13)
    close(A @ A.conj().T @ U - U * squares[:A.shape[0]], np.zeros_like(U), 1e-13)


@every_case
def test_signs_make_the_entry_of_largest_modulus_in_v_positive(A):
    _, _, V = full_svd(A)
    for v in V.T:
        lead = v[np.flatnonzero(np.abs(v) > (1 - 1e-6) * np.abs(v).max())[0]]
        assert lead.real > 0 and abs(lead.imag) < 1e-15
    U = full_svd(A).U[:, min(A.shape):]
    for u in U.T:
        assert u[np.flatnonzero(np.abs(u) > (1 - 1e-6) * np.abs(u).max())[0]].real > 0


def test_of_equal_entries_the_first_decides_the_sign():
    v = np.array([-1.0, 1.0 + 1e-15])
    assert svd._signs(v[:, None]).tolist() == [-1.0]
    assert svd._signs(np.array([[1e-3], [-1.0]])).tolist() == [-1.0]


def test_eigenvalues_of_a_are_not_its_singular_values():
    """κ = √(λmax/λmin) holds for the eigenvalues of AᵀA, not for those of A."""
    A = np.array([[1.0, 100.0], [0.0, 1.0]])
    s = thin_svd(A).s
    squares = np.linalg.eigvalsh(A.T @ A)
    assert s[0] / s[1] == pytest.approx(np.sqrt(squares[1] / squares[0]), rel=1e-6)
    assert s[0] / s[1] == pytest.approx(10002, abs=0.1)
    assert np.linalg.eigvals(A).tolist() == [1, 1]


@pytest.mark.parametrize("shape", EMPTY)
def test_empty_matrices_have_empty_decompositions(shape):
    A = np.zeros(shape)
    assert [F.shape for F in full_svd(A)] == [(shape[0], shape[0]), (0,), (shape[1], shape[1])]
    assert thin_svd(A).matrix().shape == shape
    assert numerical_rank(A) == 0
    assert pseudoinverse(A).shape == shape[::-1]
    assert truncated_svd(A, 0).error_2 == 0
    assert pivoted_qr(A).R.shape == (0, shape[1])
    assert "none" in repr(thin_svd(A))


def test_a_largest_singular_value_beyond_doubles_is_an_error():
    with pytest.raises(OverflowError, match="singular values"):
        full_svd(np.full((3, 3), 1e308))


@pytest.mark.parametrize("function", [
    full_svd, thin_svd, compact_svd, numerical_rank, pseudoinverse, pivoted_qr, pca, maxvol, lambda A: cur(A, 1),
    lambda A: truncated_svd(A, 1), lambda A: skeleton(A, [0], [0]), lambda A: min_norm_solution(A, [1.0])])
@pytest.mark.parametrize(("A", "error", "message"), [
    ([[1.0, float("nan")]], ValueError, "NaN or infinite"),
    ([[float("inf")]], ValueError, "NaN or infinite"),
    ([1.0, 2.0], ValueError, "must be a matrix"),
    (3.0, ValueError, "must be a matrix"),
    ([[1, 2], [3]], TypeError, "regular array"),
    ([["a"]], TypeError, "must hold numbers"),
])
def test_bad_matrices_are_refused_everywhere(function, A, error, message):
    with pytest.raises(error, match=message):
        function(A)


@every_case
def test_no_function_writes_to_its_input(A):
    before = A.copy()
    A.flags.writeable = False
    try:
        full_svd(A), truncated_svd(A, 1), pivoted_qr(A), penrose_residuals(unit(A), unit(A).T)
        min_norm_solution(A, np.ones(len(A)))
    except OverflowError:
        pass
    assert (before == A).all()


def test_integers_lists_and_float32_are_read_as_doubles():
    for A in ([[3, 0], [0, 4]], np.array([[3, 0], [0, 4]], dtype=np.int8), np.float32([[3, 0], [0, 4]])):
        assert thin_svd(A).s.tolist() == [4.0, 3.0]
        assert thin_svd(A).U.dtype == np.float64


def test_decompositions_print_their_size_and_values():
    assert repr(thin_svd(np.diag([3, 2, 1]))) == "SVD of a 3×3 matrix, singular values 3, 2, 1"
    assert repr(thin_svd(np.eye(7))).endswith("1, 1, 1, 1, 1, 1, …")
    assert repr(thin_svd(np.eye(6))).endswith("1, 1, 1, 1, 1, 1")


# ------------------------------------------------------------------------------------------------- rank

@every_case
def test_rank_agrees_with_numpy_at_unit_scale(A):
    assert numerical_rank(A) == np.linalg.matrix_rank(unit(A))


@pytest.mark.parametrize("A", [
    np.outer([1, 2, 3], [1e-310, 2e-310]), np.full((4, 4), 1e200), np.full((4, 4), 1e-320)])
def test_rank_one_is_seen_at_every_scale(A):
    assert numerical_rank(A) == 1 == len(compact_svd(A).s)


def test_rank_counts_values_strictly_above_the_tolerance():
    A = np.diag([1.0, 0.25, 0.125])
    assert [numerical_rank(A, rtol) for rtol in (0, 0.1, 0.125, 0.2, 0.25, 0.9)] == [3, 3, 2, 2, 1, 1]
    assert numerical_rank(np.diag([1.0, 3 * 2.3e-16, 0])) == 2
    assert numerical_rank(np.diag([1.0, 3 * 2.2e-16, 0])) == 1
    assert numerical_rank(np.diag([1.0, 5 * 2.2e-16])[:, [0, 1, 1, 1, 1, 1]][:, :2]) == 2
    assert numerical_rank(np.vstack([np.diag([1.0, 5 * 2.2e-16]), np.zeros((8, 2))])) == 1


@pytest.mark.parametrize("rtol", [-1e-3, 1.0, 2, float("nan")])
def test_a_tolerance_outside_0_to_1_is_refused(rtol):
    with pytest.raises(ValueError, match=r"rtol must be a number in \[0, 1\)"):
        numerical_rank(np.eye(2), rtol)


# ------------------------------------------------------------------------------------------- truncation

@every_case
def test_truncation_errors_are_those_of_the_difference(A):
    for k in range(min(A.shape) + 1):
        result = truncated_svd(A, k)
        scaled, e = to_unit_scale(A)
        difference = scaled - np.ldexp(result.matrix().real, -e) - (
            1j * np.ldexp(result.matrix().imag, -e) if np.iscomplexobj(A) else 0)
        assert result.rank == k
        for reported, order in ((result.error_2, 2), (result.error_fro, "fro")):
            assert abs(np.ldexp(reported, -e) - np.linalg.norm(difference, order)) <= 1e-13
        assert result.norm_fro == pytest.approx(np.ldexp(np.linalg.norm(scaled), e), rel=1e-14)


@pytest.mark.parametrize("name", ["tall", "wide", "symmetric", "rank-deficient", "complex", "ill-conditioned"])
def test_no_competitor_of_the_same_rank_is_closer(name):
    A, rng = CASES[name], np.random.default_rng(0)
    for k in range(1, min(A.shape)):
        best = truncated_svd(A, k)
        for _ in range(20):
            near = best.matrix() + 0.1 * rng.normal(size=A.shape)
            competitors = [rng.normal(size=(A.shape[0], k)) @ rng.normal(size=(k, A.shape[1])),
                           truncated_svd(near, k).matrix()]
            basis = np.linalg.qr(rng.normal(size=(A.shape[1], k)))[0]
            competitors.append(A @ basis @ basis.T)
            for B in competitors:
                assert np.linalg.norm(A - B, 2) >= best.error_2 - 1e-14
                assert np.linalg.norm(A - B) >= best.error_fro - 1e-14


def test_truncation_prints_errors_and_storage():
    text = repr(truncated_svd(np.diag([4.0, 3.0]), 1))
    assert text == "rank 1 of a 2×2 matrix: error 3 (2-norm), 3 (Frobenius, 60 %), 5 numbers instead of 4"
    assert truncated_svd(np.zeros((2, 2)), 1).relative_error == 0
    assert truncated_svd(np.ones((10, 20)), 3).storage == 3 * 31


def test_truncation_at_extreme_scales():
    result = truncated_svd(np.diag([3e-200, 4e-200, 2e-200]), 1)
    assert result.error_2 == pytest.approx(3e-200, rel=1e-15)
    assert result.error_fro == pytest.approx(np.sqrt(13) * 1e-200, rel=1e-15)
    assert result.relative_error == pytest.approx(np.sqrt(13 / 29), rel=1e-15)


@pytest.mark.parametrize(("k", "error", "message"), [(3, ValueError, "k must be from 0 to 2; it is 3"),
                                                     (-1, ValueError, "from 0 to 2"),
                                                     (1.0, TypeError, "k must be an integer, not 1.0")])
def test_a_number_of_terms_that_does_not_exist_is_refused(k, error, message):
    with pytest.raises(error, match=message):
        truncated_svd(np.ones((2, 5)), k)


# ---------------------------------------------------------------------------- pseudoinverse and systems

@every_case
def test_pseudoinverse_satisfies_the_four_conditions(A):
    if A is CASES["subnormal"]:
        with pytest.raises(OverflowError, match="A⁺"):
            pseudoinverse(A)
        return
    s = compact_svd(unit(A)).s
    kappa = s[0] / s[-1] if len(s) else 1.0
    assert penrose_residuals(A, pseudoinverse(A)).max() <= 1e-14 * kappa


@every_case
def test_pseudoinverse_against_numpy_and_its_norm(A):
    A = unit(A)
    X = pseudoinverse(A)
    close(X, np.linalg.pinv(A, rcond=max(A.shape) * 2.2e-16), 1e-8 if A.shape == (7, 7) else 1e-13)
    s = compact_svd(A).s
    if len(s):
        assert np.linalg.norm(X, 2) == pytest.approx(1 / s[-1], rel=1e-8)


def test_pseudoinverse_of_a_hilbert_matrix_is_its_exact_integer_inverse():
    exact = scipy.linalg.invhilbert(7, exact=True).astype(float)
    kappa = np.linalg.cond(scipy.linalg.hilbert(7))
    close(pseudoinverse(scipy.linalg.hilbert(7)), exact, 1e-15 * kappa)


@pytest.mark.parametrize("scale", [1e-200, 1e200, 2.0**-1000, 2.0**1000])
def test_pseudoinverse_of_a_multiple_is_the_multiple_of_the_inverse(scale):
    close(pseudoinverse(RANK2 * scale) * scale, pseudoinverse(RANK2), 1e-13)
    assert numerical_rank(RANK2 * scale) == 2


def test_pseudoinverse_of_a_non_square_diagonal_matrix_inverts_its_nonzero_entries():
    assert pseudoinverse([[2, 0, 0], [0, 0, 0]]).tolist() == [[0.5, 0], [0, 0], [0, 0]]


def test_the_wrong_formula_for_rank_deficient_matrices_is_not_the_pseudoinverse():
    with_noise = np.linalg.inv(RANK2.T @ RANK2 + 1e-14 * np.eye(3)) @ RANK2.T
    assert penrose_residuals(RANK2, with_noise).max() > 1e-6
    assert penrose_residuals(RANK2, np.linalg.pinv(RANK2, rcond=0)).max() > 1


def test_each_penrose_condition_is_seen_alone():
    A = np.array([[1.0, 0], [0, 0]])
    candidates = {
        0: np.zeros((2, 2)),
        1: np.diag([1.0, 1.0]),
        2: np.array([[1.0, 0], [0, 0]]) + np.array([[0, 1.0], [0, 0]]),
        3: np.array([[1.0, 0], [1.0, 0]]),
    }
    for index, X in candidates.items():
        residuals = penrose_residuals(A, X)
        assert (residuals > 0.5).tolist() == [i == index for i in range(4)]


def test_penrose_residuals_do_not_depend_on_the_scale_of_the_pair():
    X = np.array([[1.0, 2], [0, 1], [1, 1], ]).T
    A = X.T + 1
    plain = penrose_residuals(A, X)
    np.testing.assert_allclose(penrose_residuals(A * 2.0**-700, X * 2.0**700), plain, rtol=1e-13)
    with pytest.raises(OverflowError, match="AX"):
        penrose_residuals(A * 1e200, X * 1e200)
    assert penrose_residuals(np.zeros((2, 3)), np.zeros((3, 2))).tolist() == [0, 0, 0, 0]


def test_penrose_residuals_refuse_a_candidate_of_the_wrong_shape():
    with pytest.raises(ValueError, match=re.escape("X must have the shape of Aᵀ, (3, 2); its shape is (2, 3)")):
        penrose_residuals(np.ones((2, 3)), np.ones((2, 3)))


@every_case
def test_minimum_norm_solution_against_scipy(A):
    A = unit(A)
    b = np.arange(1.0, len(A) + 1)
    mine = min_norm_solution(A, b)
    x, _, rank, _ = scipy.linalg.lstsq(A, b, cond=max(A.shape) * 2.2e-16)
    close(mine.x, x, 1e-7 if A.shape == (7, 7) else 1e-12)
    assert mine.rank == rank
    assert mine.unique == (rank == A.shape[1])
    assert mine.residual_norm == pytest.approx(np.linalg.norm(A @ x - b), abs=1e-7)


def test_minimum_norm_solution_is_shorter_than_every_other_minimiser():
    A, b = RANK2, np.array([1.0, 2, 3, -5])
    x = min_norm_solution(A, b).x
    null = scipy.linalg.null_space(A)
    for t in np.linspace(-2, 2, 9):
        other = x + t * null[:, 0]
        assert np.linalg.norm(A @ other - b) == pytest.approx(np.linalg.norm(A @ x - b), abs=1e-12)
        assert np.linalg.norm(other) >= np.linalg.norm(x)
    assert np.abs(null.T @ x).max() < 1e-15


@pytest.mark.parametrize(("A", "b", "unique", "consistent", "text"), [
    ([[2.0, 0], [0, 1]], [2, 1], True, True, "the solution, x = [1. 1.], residual"),
    ([[1.0], [1.0]], [0, 2], True, False, "the least-squares solution, x = [1.], residual 1.41"),
    ([[1.0, 1.0]], [2], False, True, "the shortest of infinitely many solutions, x = [1. 1.], residual"),
    ([[1.0, 1.0], [1, 1]], [0, 2], False, False, "the shortest of infinitely many least-squares solutions"),
    ([[0.0, 0.0]], [0], False, True, "the shortest of infinitely many solutions, x = [0. 0.], residual 0"),
    ([[0.0, 0.0]], [1], False, False, "the shortest of infinitely many least-squares solutions"),
])
def test_the_four_kinds_of_linear_system(A, b, unique, consistent, text):
    solution = min_norm_solution(A, b)
    assert (solution.unique, solution.consistent) == (unique, consistent)
    assert repr(solution).startswith(text)


@pytest.mark.parametrize(("a", "e"), [(-660, 300), (660, -300), (1000, 1000), (-1000, -1000), (0, 1000)])
def test_minimum_norm_solution_at_every_scale(a, e):
    A, b = G53, np.arange(5.0)
    plain = min_norm_solution(A, b)
    scaled = min_norm_solution(A * 2.0**a, b * 2.0**e)
    assert (scaled.x == np.ldexp(plain.x, e - a)).all()
    assert scaled.residual_norm == np.ldexp(plain.residual_norm, e)
    assert scaled.rank == 3
    assert scaled.consistent == plain.consistent is False
    assert min_norm_solution(A * 2.0**a, A @ [1.0, 2, 3] * 2.0**e).consistent


def test_linear_systems_that_do_not_fit_or_overflow_are_refused():
    with pytest.raises(ValueError, match="A has 2 rows and b has 3 entries"):
        min_norm_solution(np.eye(2), np.ones(3))
    with pytest.raises(ValueError, match="b must be a vector"):
        min_norm_solution(np.eye(2), np.eye(2))
    with pytest.raises(OverflowError, match="x has entries"):
        min_norm_solution([[1e-300]], [1e300])


def test_a_given_tolerance_reaches_pseudoinverse_and_solution():
    A = np.diag([1.0, 1e-4])
    close(pseudoinverse(A, rtol=1e-3), np.diag([1.0, 0]))
    close(pseudoinverse(A, rtol=1e-5), np.diag([1.0, 1e4]))
    assert min_norm_solution(A, [1, 1], rtol=1e-3).rank == 1
    assert len(compact_svd(A, rtol=1e-3).s) == 1


# --------------------------------------------------------------------------------- pivoted QR and maxvol

@every_case
def test_pivoted_qr_reproduces_the_matrix_with_falling_diagonal(A):
    Q, R, pivots = pivoted_qr(A)
    close(Q @ R, A[:, pivots], 1e-14)
    close(Q.conj().T @ Q, np.eye(Q.shape[1]))
    assert (np.tril(R, -1) == 0).all()
    diagonal = np.abs(np.diag(unit(R)))
    assert (np.diff(diagonal) <= 1e-15).all()
    for j, length in enumerate(diagonal):
        # The pivot is the longest of the remaining columns.
        assert length >= np.linalg.norm(unit(R)[j:, j:], axis=0).max() - 1e-14
    assert sorted(pivots) == list(range(A.shape[1]))


@pytest.mark.parametrize("name", ["tall", "wide", "square", "symmetric", "complex", "ill-conditioned"])
def test_pivoted_qr_chooses_the_pivots_of_lapack(name):
    A = CASES[name]
    _, R, pivots = scipy.linalg.qr(A, mode="economic", pivoting=True)
    assert pivoted_qr(A).pivots.tolist() == pivots.tolist()
    close(np.abs(np.diag(pivoted_qr(A).R)), np.abs(np.diag(R)), 1e-14)


def test_pivoted_qr_stops_after_k_columns():
    Q, R, pivots = pivoted_qr(G53, 2)
    assert Q.shape == (5, 2) and R.shape == (2, 3)
    close((Q @ R)[:, :2], G53[:, pivots[:2]], 1e-14)
    assert np.linalg.norm(Q @ R - G53[:, pivots]) > 0.1
    assert pivoted_qr(G53, 0).Q.shape == (5, 0)
    with pytest.raises(ValueError, match="k must be from 0 to 3"):
        pivoted_qr(G53, 4)


def test_pivoted_qr_sees_columns_whose_squares_underflow():
    Q, R, pivots = pivoted_qr(np.diag([1e-200, 1.0, 3e-200]))
    assert pivots.tolist() == [1, 2, 0]
    np.testing.assert_allclose(np.abs(np.diag(R)), [1.0, 3e-200, 1e-200], rtol=1e-14)
    assert "pivots [1 2 0]" in repr(pivoted_qr(np.diag([1e-200, 1.0, 3e-200])))
    close(Q.T @ Q, np.eye(3))


def test_pivoted_qr_loses_no_orthogonality_where_gram_schmidt_does():
    A = np.vander(np.linspace(0, 1, 20), 12)
    Q = pivoted_qr(A).Q
    assert np.abs(Q.T @ Q - np.eye(12)).max() < 1e-14


def volume(A, rows):
    return abs(np.linalg.det(A[list(rows)]))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", ["real", "complex"])
def test_maxvol_is_locally_maximal_and_close_to_the_best_of_all_submatrices(seed, kind):
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(9, 3)) + (1j * rng.normal(size=(9, 3)) if kind == "complex" else 0)
    rows = maxvol(A)
    assert rows.tolist() == sorted(set(rows.tolist()))
    assert np.abs(A @ np.linalg.inv(A[rows])).max() <= 1.01 + 1e-12
    best = max(volume(A, choice) for choice in combinations(range(9), 3))
    # |entries of AÂ⁻¹| ≤ 1.01 bounds any other volume by Hadamard's inequality: 1.01³ · 3^{3/2}.
    assert volume(A, rows) >= best / (1.01**3 * 3**1.5)
    for out in range(3):
        for row in set(range(9)) - set(rows.tolist()):
            swapped = [*np.delete(rows, out), row]
            assert volume(A, swapped) <= 1.0101 * volume(A, rows)


def test_maxvol_exchanges_rows_that_pivoting_alone_would_keep():
    # Pivoting takes the longest row (4, 4) first, which is in no submatrix of largest volume.
    A = np.array([[4.0, 4.0], [5.0, 0], [0, 4.9]])
    assert pivoted_qr(A.T).pivots[0] == 0
    assert maxvol(A).tolist() == [1, 2]
    assert maxvol(A, threshold=1.5).tolist() == [0, 1]


def test_maxvol_refuses_what_has_no_volume():
    with pytest.raises(ValueError, match=re.escape("A (3, 2) must have independent columns; its rank is 1")):
        maxvol(np.ones((3, 2)))
    with pytest.raises(ValueError, match="independent columns"):
        maxvol(np.ones((2, 3)))
    for threshold in (1.0, 0.5, float("nan")):
        with pytest.raises(ValueError, match=r"threshold must be at least 1\.0001"):
            maxvol(np.eye(3), threshold)
    assert maxvol(np.eye(3), 1.0001).tolist() == [0, 1, 2]
    assert maxvol(np.zeros((3, 0))).tolist() == []
    assert maxvol(np.array([[1e-200, 0], [0, 3e-200], [1e-200, 9e-200]])).tolist() == [0, 2]


# ---------------------------------------------------------------------------------------------- skeletons

DECAY = np.exp(-0.3 * np.subtract.outer(np.linspace(0, 4, 12), np.linspace(0, 3, 9))**2)
APPROXIMATED = {
    "smooth": DECAY,
    "hilbert": scipy.linalg.hilbert(8),
    "random": RNG.normal(size=(8, 6)),
    "symmetric": CASES["symmetric"],
    "orthogonal": CASES["repeated singular values"],
    "complex": CASES["complex"],
    "tiny": DECAY * 1e-200,
    "huge": DECAY * 1e200,
}


@pytest.mark.parametrize("A", APPROXIMATED.values(), ids=APPROXIMATED)
@pytest.mark.parametrize("method", ["maxvol", "qr"])
def test_skeleton_errors_are_measured_bounded_and_no_better_than_the_svd(A, method):
    scaled, e = to_unit_scale(A)
    for k in range(1, min(4, min(A.shape)) + 1):
        result = cur(A, k, method)
        core = scaled[np.ix_(result.rows, result.columns)]
        approximation = scaled[:, result.columns] @ np.linalg.solve(core, scaled[result.rows])
        error, bound, best = (np.ldexp(v, -e) for v in (result.error_2, result.bound_2, result.best_2))
        assert error == pytest.approx(np.linalg.norm(scaled - approximation, 2), abs=1e-13)
        assert best == pytest.approx(truncated_svd(scaled, k).error_2, abs=1e-15)
        assert best - 1e-14 <= error <= bound + 1e-13
        close(result.matrix(), times_power_of_two(approximation, e), 1e-11)
        assert (A[:, result.columns] == result.C).all() and (A[result.rows] == result.R).all()
        assert (result.core == A[np.ix_(result.rows, result.columns)]).all()


@given(matrices, st.data())
@settings(max_examples=60, deadline=None)
def test_the_bound_holds_for_every_invertible_core(A, data):
    k = data.draw(st.integers(1, min(A.shape)))
    rows = data.draw(st.permutations(range(A.shape[0])))[:k]
    columns = data.draw(st.permutations(range(A.shape[1])))[:k]
    try:
        result = skeleton(A, rows, columns)
    except ValueError as error:
        assert "singular to working precision" in str(error)
        core = unit(A)[np.ix_(rows, columns)]
        assert np.linalg.svd(core)[1][-1] <= 1e-14
        return
    kappa = np.linalg.cond(result.core)
    assert result.error_2 <= result.bound_2 * (1 + 1e-9) + 1e-14 * kappa**2 * np.abs(A).max()
    assert result.error_2 >= result.best_2 - 1e-13 * np.abs(A).max()


def test_the_bound_stays_finite_where_the_theorem_says_nothing():
    # The core picks the second singular vector exactly: V₁[J] = 0.
    result = skeleton(np.diag([2.0, 1.0]), [1], [1])
    assert (result.error_2, result.bound_2, result.best_2) == (2.0, 2.0, 1.0)


@pytest.mark.parametrize("side", ["columns", "rows"])
def test_the_smaller_of_the_two_bounds_is_reported(side):
    # The bound by columns needs a good choice of columns and a small CÂ⁻¹; that by rows the same of rows.
    A = np.array([[1.0, 0.9, 0.1], [0.0, 0.3, 0.2], [0.1, 0.0, 0.05]])
    A = A if side == "columns" else A.T
    U, s, V = thin_svd(A)
    for i, j in np.ndindex(3, 3):
        if A[i, j] == 0:
            continue
        result = skeleton(A, [i], [j])
        by_columns = np.linalg.norm(A[:, j] / A[i, j]) * min(s[1] / abs(V[j, 0]), s[0])
        by_rows = np.linalg.norm(A[i] / A[i, j]) * min(s[1] / abs(U[i, 0]), s[0])
        assert result.bound_2 == pytest.approx(min(by_columns, by_rows), rel=1e-12)


@pytest.mark.parametrize("method", ["maxvol", "qr"])
def test_skeleton_of_a_matrix_of_rank_k_is_exact(method):
    result = cur(RANK2, 2, method)
    close(result.matrix(), RANK2, 1e-14)
    assert result.error_2 < 1e-13
    assert result.storage == 2 * (4 + 3) - 4
    assert "2 rows and columns" in repr(result)


def test_maxvol_core_has_at_least_the_volume_of_the_core_by_pivoting():
    gains = []
    for seed in range(30):
        A = np.random.default_rng(seed).normal(size=(10, 10))
        gains.append(abs(np.linalg.det(cur(A, 3).core)) / abs(np.linalg.det(cur(A, 3, "qr").core)))
    assert min(gains) >= 1 - 1e-12 and max(gains) > 1.2


def test_a_singular_core_is_refused_with_the_rank():
    with pytest.raises(ValueError, match=r"singular to working precision.*numerical rank 2"):
        skeleton(RANK2, [0, 1, 2], [0, 1, 2])
    with pytest.raises(ValueError, match="singular to working precision"):
        skeleton([[0.0, 1], [1, 1]], [0], [0])
    with pytest.raises(ValueError, match=r"singular to working precision.*rank 0"):
        skeleton(np.zeros((2, 2)), [0], [0])
    # 1e-20 is noise beside 1, however well conditioned a core of size one is.
    with pytest.raises(ValueError, match="singular to working precision"):
        skeleton(np.diag([1.0, 1e-20]), [1], [1])
    message = "A (4, 3) has numerical rank 2: every core of size 3 is singular"
    with pytest.raises(ValueError, match=re.escape(message)):
        cur(RANK2, 3)
    with pytest.raises(ValueError, match="numerical rank 0"):
        cur(np.zeros((2, 0)), 1)


@pytest.mark.parametrize(("rows", "columns", "error", "message"), [
    ([0, 1], [0], ValueError, "a core must be square; 2 rows and 1 columns"),
    ([], [], ValueError, "rows must be one or more distinct numbers from 0 to 3"),
    ([0, 0], [0, 1], ValueError, "rows must be one or more distinct"),
    ([0, 1], [1, 3], ValueError, "columns must be one or more distinct numbers from 0 to 2"),
    ([-1], [0], ValueError, "rows must be"),
    ([0.5], [0], TypeError, "rows must be integers"),
    ([1e300], [0], ValueError, "rows must be"),
])
def test_an_impossible_choice_of_rows_or_columns_is_refused(rows, columns, error, message):
    with pytest.raises(error, match=message):
        skeleton(RANK2, rows, columns)


def test_rows_and_columns_may_be_given_in_any_order():
    forward, backward = skeleton(G53, [0, 3], [1, 2]), skeleton(G53, [3, 0], [2, 1])
    close(forward.matrix(), backward.matrix(), 1e-14)
    assert backward.rows.tolist() == [3, 0]


def test_cur_refuses_other_methods_and_sizes():
    with pytest.raises(ValueError, match="method must be 'maxvol' or 'qr'; it is 'svd'"):
        cur(G53, 1, "svd")
    for k in (0, 4):
        with pytest.raises(ValueError, match="k must be from 1 to 3"):
            cur(G53, k)


# ---------------------------------------------------------------------------------------------------- PCA

SAMPLES = np.random.default_rng(5).normal(size=(30, 4)) @ np.diag([5.0, 2, 1, 0.1]) + [1, 2, 3, 4]


def test_pca_by_svd_is_pca_by_eigendecomposition_of_the_covariance():
    result = pca(SAMPLES)
    eigenvalues, Q = np.linalg.eigh(np.cov(SAMPLES.T))
    np.testing.assert_allclose(result.explained_variance, eigenvalues[::-1], rtol=1e-12)
    np.testing.assert_allclose(np.abs(result.components.T @ Q[:, ::-1]), np.eye(4), atol=1e-12)
    np.testing.assert_allclose(result.explained_ratio, eigenvalues[::-1] / eigenvalues.sum(), rtol=1e-12)
    np.testing.assert_allclose(result.standard_deviations**2, result.explained_variance, rtol=1e-15)
    np.testing.assert_allclose(result.mean, SAMPLES.mean(axis=0), rtol=1e-15)


def test_codes_are_uncorrelated_and_decoding_is_the_projection():
    result = pca(SAMPLES, 2)
    Z = result.encode(SAMPLES)
    np.testing.assert_allclose(np.cov(Z.T), np.diag(result.explained_variance), atol=1e-12)
    centred = SAMPLES - SAMPLES.mean(axis=0)
    best = truncated_svd(centred, 2)
    np.testing.assert_allclose(result.decode(Z), best.matrix() + SAMPLES.mean(axis=0), atol=1e-12)
    assert np.linalg.norm(SAMPLES - result.decode(Z)) == pytest.approx(best.error_fro, rel=1e-12)
    np.testing.assert_allclose(result.encode(result.decode(Z)), Z, atol=1e-12)
    np.testing.assert_allclose(result.encode(SAMPLES[3]), Z[3], atol=1e-14)
    np.testing.assert_allclose(result.decode(Z[3]), result.decode(Z)[3], atol=1e-14)


def test_all_components_lose_nothing():
    result = pca(SAMPLES)
    np.testing.assert_allclose(result.decode(result.encode(SAMPLES)), SAMPLES, atol=1e-12)
    assert result.explained_ratio.sum() == pytest.approx(1, rel=1e-15)


@pytest.mark.parametrize("shift", [2.0**27, -2.0**30])
def test_pca_is_unmoved_by_a_large_shift(shift):
    X = np.round(SAMPLES * 2**20) / 2**20                      # so that X + shift is exact
    plain, moved = pca(X), pca(X + shift)
    np.testing.assert_allclose(moved.components, plain.components, atol=1e-13)
    np.testing.assert_allclose(moved.standard_deviations, plain.standard_deviations, rtol=1e-13)
    np.testing.assert_allclose(moved.mean, plain.mean + shift, rtol=1e-15)


def test_the_covariance_formula_without_centring_fails_under_that_shift():
    X = np.round(SAMPLES * 2**20) / 2**20 + 1e8
    naive = X.T @ X / len(X) - np.outer(X.mean(axis=0), X.mean(axis=0))
    assert np.abs(np.linalg.eigvalsh(naive)[::-1] - pca(X).explained_variance).max() > 1e-2


@pytest.mark.parametrize("scale", [2.0**-700, 2.0**700])
def test_pca_scales_with_the_data(scale):
    plain, scaled = pca(SAMPLES), pca(SAMPLES * scale)
    assert (scaled.components == plain.components).all()
    assert (scaled.standard_deviations == plain.standard_deviations * scale).all()
    assert (scaled.explained_ratio == plain.explained_ratio).all()
    if scale > 1:
        with pytest.raises(OverflowError, match="the variance"):
            _ = scaled.explained_variance


def test_more_features_than_samples():
    X = np.random.default_rng(1).normal(size=(4, 9))
    result = pca(X)
    assert result.components.shape == (9, 3)
    np.testing.assert_allclose(result.decode(result.encode(X)), X, atol=1e-13)


@pytest.mark.parametrize(("X", "k", "error", "message"), [
    (np.ones((1, 3)), None, ValueError, "at least two samples"),
    (np.ones((0, 3)), None, ValueError, "at least two samples"),
    (np.ones((3, 0)), None, ValueError, "one column"),
    (np.ones((3, 2)), None, ValueError, "all 3 samples are equal"),
    (np.full((7, 2), 0.1), None, ValueError, "all 7 samples are equal"),
    (SAMPLES, 0, ValueError, "k must be from 1 to 4"),
    (SAMPLES, 5, ValueError, "k must be from 1 to 4"),
    (SAMPLES[:3], 3, ValueError, "k must be from 1 to 2"),
    (SAMPLES + 0j, None, TypeError, "complex"),
])
def test_pca_refuses_what_has_no_principal_components(X, k, error, message):
    with pytest.raises(error, match=message):
        pca(X, k)


def test_pca_refuses_samples_and_codes_of_the_wrong_length():
    result = pca(SAMPLES, 2)
    with pytest.raises(ValueError, match=re.escape("samples must have 4 entries; the shape of X is (2,)")):
        result.encode([1.0, 2.0])
    with pytest.raises(ValueError, match=re.escape("codes must have 2 entries; the shape of Z is (3, 4)")):
        result.decode(np.ones((3, 4)))
    with pytest.raises(OverflowError, match="the code"):
        pca([[1.7e308], [1.6e308]]).encode([-1.7e308])
    with pytest.raises(OverflowError, match="the decoded sample"):
        pca([[1.7e308], [1.6e308]]).decode([1.7e308])


def test_pca_prints_the_shares():
    assert repr(pca([[3.0, 0], [-3, 0], [0, 1], [0, -1]], 1)) == (
        "PCA with 1 of 2 components, explaining 90 % of the variance")
    assert ", … of the variance" in repr(pca(np.vstack([np.eye(7), -np.eye(7)])))
    assert "…" not in repr(pca(np.vstack([np.eye(6), -np.eye(6)])))


# ------------------------------------------------------------------------------------------- properties

@given(matrices)
@settings(max_examples=60, deadline=None)
def test_properties_of_every_matrix(A):
    U, s, V = thin_svd(A)
    scale = s[0]
    assert np.abs(U * s @ V.T - A).max() <= 1e-13 * max(scale, 1)
    assert numerical_rank(A) == numerical_rank(A.T) == len(compact_svd(A).s)
    np.testing.assert_allclose(thin_svd(A.T).s, s, atol=1e-13 * max(scale, 1))
    assert np.linalg.norm(A) == pytest.approx(np.sqrt((s**2).sum()), rel=1e-13)
    X = pseudoinverse(A)
    r = compact_svd(A).s
    kappa = r[0] / r[-1] if len(r) else 1
    np.testing.assert_allclose(pseudoinverse(A.T), X.T, atol=1e-13 * kappa * (np.abs(X).max() or 1))
    assert penrose_residuals(A, X).max() <= 1e-13 * kappa


@given(matrices, st.integers(-1000, 900))
@settings(max_examples=60, deadline=None)
def test_scaling_by_a_power_of_two_scales_singular_values_exactly(A, e):
    assert (thin_svd(np.ldexp(A, e)).s == np.ldexp(thin_svd(A).s, e)).all() or e < -950
    assert numerical_rank(np.ldexp(A, e)) == numerical_rank(A) or e < -950


@given(hnp.arrays(np.float64, st.tuples(st.integers(2, 6), st.integers(1, 4)), elements=st.integers(-20, 20)),
       st.integers(-2**30, 2**30))
@settings(max_examples=60, deadline=None)
def test_pca_depends_on_differences_between_samples_alone(X, shift):
    if (X[0] == X).all():
        return
    plain, moved = pca(X), pca(X + shift)
    np.testing.assert_allclose(moved.standard_deviations, plain.standard_deviations, atol=1e-12)
    assert plain.explained_ratio.sum() <= 1 + 1e-12


@given(st.integers(1, 4), st.integers(4, 8), st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_every_matrix_of_rank_k_has_an_exact_skeleton(k, size, seed):
    rng = np.random.default_rng(seed)
    A = rng.integers(-3, 4, (size, k)) @ rng.integers(-3, 4, (k, size + 1)).astype(float)
    rank = numerical_rank(A)
    if rank:
        result = cur(A, rank)
        assert result.error_2 <= 1e-12 * np.abs(A).max()


@pytest.mark.parametrize("result", [
    thin_svd(G53), truncated_svd(G53, 1), min_norm_solution(G53, np.ones(5)), pivoted_qr(G53), cur(G53, 1),
    pca(G53),
], ids=lambda result: type(result).__name__)
def test_results_are_values_that_cannot_be_changed(result):
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(result, dataclasses.fields(result)[0].name, None)
    # Two results are equal only if they are one: comparing arrays inside would be no yes or no.
    assert result == result and result != copy.copy(result) and len({result, result}) == 1
