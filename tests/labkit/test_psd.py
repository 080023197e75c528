"""Positive semi-definite matrices, against exact arithmetic, mpmath, scipy and closed forms."""

import copy
import dataclasses
import itertools
import re

import mpmath
import numpy as np
import pytest
import scipy.linalg
import scipy.special
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from labkit import psd
from labkit.psd import (
    NotPositiveDefiniteError,
    attention_weights,
    cholesky,
    cholesky_logdet,
    covariance_matrix,
    definiteness,
    exponential_kernel,
    gershgorin_bounds,
    gram_matrix,
    nearest_psd,
    principal_minors,
    psd_sqrt,
    row_kronecker,
    schur_product,
    shifted_gram_condition,
    symmetric_part,
    verdict_by_cholesky,
    verdict_by_minors,
)

PD, PSD, ND, NSD, INDEFINITE, ZERO = (
    "positive definite", "positive semi-definite", "negative definite", "negative semi-definite", "indefinite",
    "zero")
CASES = {
    "identity": (np.eye(3), PD),
    "one positive": ([[2.0]], PD),
    "one zero": ([[0.0]], ZERO),
    "one negative": ([[-2.0]], ND),
    "positive entries": ([[4, 3], [3, 2]], INDEFINITE),
    "negative entries": ([[2, -1], [-1, 2]], PD),
    "all ones": (np.ones((3, 3)), PSD),
    "minus all ones": (-np.ones((3, 3)), NSD),
    "dominant, negative diagonal": ([[-3, 1], [1, -3]], ND),
    "leading minors zero": ([[0, 0], [0, -1]], NSD),
    "leading minors zero, positive": ([[0, 0], [0, 1]], PSD),
    "leading minors not negative": ([[0, 0, 0], [0, 1, 2], [0, 2, 1]], INDEFINITE),
    "hollow": ([[0, 1], [1, 0]], INDEFINITE),
    "saddle": (np.diag([1.0, -1.0]), INDEFINITE),
    "saddle and flat": (np.diag([1.0, -1.0, 0]), INDEFINITE),
    "zero": (np.zeros((3, 3)), ZERO),
    "rank one": (np.outer([1, 2, 3], [1, 2, 3]), PSD),
    "repeated eigenvalues": (np.diag([2.0, 2, 5, 5]), PD),
    "second difference": (2 * np.eye(5) - np.eye(5, k=1) - np.eye(5, k=-1), PD),
    "graph Laplacian": ([[1, -1, 0], [-1, 2, -1], [0, -1, 1]], PSD),
    "1e-200": (np.array([[2, -1], [-1, 2]]) * 1e-200, PD),
    "1e200": (np.array([[1, 2], [2, 1]]) * 1e200, INDEFINITE),
    "1e300": (np.ones((2, 2)) * 1e300, PSD),
    "subnormal": (np.eye(2) * 1e-310, PD),
}
every_case = pytest.mark.parametrize(("A", "expected"), CASES.values(), ids=CASES)
small = hnp.arrays(np.float64, st.integers(1, 4).map(lambda n: (n, n)), elements=st.integers(-4, 4))


def sampled_symmetric(seed):
    """Return a symmetric integer matrix, often semi-definite."""
    rng = np.random.default_rng(seed)
    n, r = int(rng.integers(1, 6)), int(rng.integers(0, 5))
    F = rng.integers(-2, 3, (n, r))
    signs = np.ones(r) if seed % 3 else rng.choice([-1, 1], r)
    return (F * signs) @ F.T * (-1.0)**(seed % 2)


def exact_verdict(A):
    """Return the verdict from the signs of the coefficients of the characteristic polynomial, in integers."""
    n = len(A)
    # All roots are real: Descartes' rule counts the positive ones exactly.
    coefficients = list(map(int, sympy.Matrix(np.asarray(A).astype(int).tolist()).charpoly().all_coeffs()))
    zeros = next(k for k in range(n + 1) if coefficients[n - k] != 0)
    nonzero = [c for c in coefficients if c != 0]
    positive = sum(a * b < 0 for a, b in itertools.pairwise(nonzero))
    negative = n - zeros - positive
    if positive and negative:
        return INDEFINITE
    if positive:
        return PSD if zeros else PD
    if negative:
        return NSD if zeros else ND
    return ZERO


# -------------------------------------------------------------------------------------------- verdicts

@every_case
@pytest.mark.parametrize("decide", [lambda A: definiteness(A).verdict, verdict_by_cholesky, verdict_by_minors],
                         ids=["eigenvalues", "cholesky", "minors"])
def test_three_ways_to_the_verdict(decide, A, expected):
    assert decide(A) == expected
    opposite = {PD: ND, PSD: NSD, ND: PD, NSD: PSD}.get(expected, expected)
    assert decide(-np.asarray(A)) == opposite


@pytest.mark.parametrize("seed", range(80))
def test_verdicts_of_integer_matrices_against_exact_arithmetic(seed):
    A = sampled_symmetric(seed)
    expected = exact_verdict(A)
    assert definiteness(A).verdict == verdict_by_cholesky(A) == verdict_by_minors(A) == expected


def test_the_integer_matrices_show_every_verdict():
    assert {exact_verdict(sampled_symmetric(seed)) for seed in range(80)} == {PD, PSD, ND, NSD, INDEFINITE, ZERO}


@every_case
def test_witnesses_prove_the_verdict(A, expected):
    A = np.asarray(A, dtype=float)
    result = definiteness(A)
    for x, value in ((result.lowest_vector, result.lowest), (result.highest_vector, result.highest)):
        assert np.linalg.norm(x) == pytest.approx(1, rel=1e-14)
        scale = np.abs(A).max() or 1
        assert x @ (A / scale) @ x == pytest.approx(value / scale, abs=1e-14)
    assert result.lowest <= result.highest
    assert (result.witness is None) == (expected == PD) == result.is_pd
    if result.witness is not None:
        x = result.witness
        assert x @ (A / (np.abs(A).max() or 1)) @ x <= 1e-14
    if expected in (INDEFINITE, ND, NSD):
        assert result.witness @ A @ result.witness < 0
    assert result.is_psd == (expected in (PD, PSD, ZERO))
    assert result.borderline == (expected in (PSD, NSD, ZERO))


@pytest.mark.parametrize("scale", [1.0, 1e-250, 1e250])
def test_extreme_eigenvalues_bound_the_rayleigh_quotient(scale):
    rng = np.random.default_rng(0)
    B = rng.normal(size=(5, 5))
    A = B + B.T
    result = definiteness(A * scale)
    eigenvalues = scipy.linalg.eigvalsh(A)
    assert result.lowest == pytest.approx(eigenvalues[0] * scale, rel=1e-13)
    assert result.highest == pytest.approx(eigenvalues[-1] * scale, rel=1e-13)
    assert result.tolerance == pytest.approx(5 * 2.0**-52 * np.abs(eigenvalues).max() * scale, rel=1e-12)
    for x in rng.normal(size=(50, 5)):
        assert eigenvalues[0] <= x @ A @ x / (x @ x) <= eigenvalues[-1]


@pytest.mark.parametrize(("value", "rtol", "verdict"), [
    (1e-3, None, PD), (1e-17, None, PSD), (-1e-17, None, PSD), (-1e-3, None, INDEFINITE), (1e-3, 1e-2, PSD),
    (-1e-3, 1e-2, PSD), (-1e-3, 1e-4, INDEFINITE), (1e-17, 0, PD), (-1e-17, 0, INDEFINITE), (0.0, 0, PSD)])
def test_borderline_matrices_are_judged_by_the_tolerance(value, rtol, verdict):
    A = np.diag([1.0, value])
    assert definiteness(A, rtol=rtol).verdict == verdict
    if rtol != 0:
        assert verdict_by_cholesky(A, rtol=rtol) == verdict
    assert verdict_by_minors(A, rtol=rtol) == verdict
    assert definiteness(A, rtol=rtol).borderline == (abs(value) <= (2 * 2.0**-52 if rtol is None else rtol))


def test_an_eigenvalue_equal_to_the_tolerance_counts_as_zero():
    assert definiteness(np.diag([1.0, 0.25]), rtol=0.25).verdict == PSD
    assert definiteness(np.diag([1.0, -0.25]), rtol=0.25).verdict == PSD
    assert definiteness(np.diag([1.0, 0.2500001]), rtol=0.25).verdict == PD
    assert definiteness(np.diag([-4.0, 1.0]), rtol=0.25).tolerance == 1.0


def test_the_tolerance_of_cholesky_is_relative_to_the_frobenius_norm():
    A = np.diag([3.0, 4.0, 1.0])
    norm = np.sqrt(26.0)
    assert verdict_by_cholesky(A, rtol=0.99 / norm) == PD
    assert verdict_by_cholesky(A, rtol=1.01 / norm) == PSD
    assert verdict_by_cholesky(np.diag([3.0, 4.0, -1.0]), rtol=0.99 / norm) == INDEFINITE
    assert verdict_by_cholesky(-np.diag([3.0, 4.0, -1.0]), rtol=1.01 / norm) == NSD


def test_the_tolerance_of_minors_is_what_a_change_of_the_rows_can_do():
    A = np.array([[1.0, 0.8], [0.8, 1.0]])                    # determinant 0.36, rows of length √1.64
    critical = 0.36 / (np.sqrt(3.28) * 2 * np.sqrt(1.64))
    assert verdict_by_minors(A, rtol=0.99 * critical) == PD
    assert verdict_by_minors(A, rtol=1.01 * critical) == PSD
    B = np.array([[1.0, 1.2], [1.2, 1.0]])
    critical = 0.44 / (np.sqrt(4.88) * 2 * np.sqrt(2.44))
    assert verdict_by_minors(B, rtol=0.99 * critical) == INDEFINITE
    assert verdict_by_minors(B, rtol=1.01 * critical) == PSD
    assert verdict_by_minors(np.diag([1.0, *[0.01] * 10])) == PD
    rng = np.random.default_rng(0)
    for M in rng.normal(size=(20, 3, 3)):
        for E in rng.normal(size=(20, 3, 3)):
            E = 1e-7 * E / np.linalg.norm(E, axis=1, keepdims=True)
            assert abs(np.linalg.det(M + E) - np.linalg.det(M)) <= 1.01e-7 * psd._sensitivity(M)


def test_cholesky_cannot_judge_without_a_tolerance():
    with pytest.raises(ValueError, match="rtol must be positive: Cholesky cannot tell"):
        verdict_by_cholesky(np.eye(2), rtol=0)


@pytest.mark.parametrize("seed", range(4))
def test_large_low_rank_matrices_are_semidefinite_by_eigenvalues_and_by_cholesky(seed):
    F = np.random.default_rng(seed).normal(size=(60, 10 * seed + 1))
    for A, verdict in ((F @ F.T, PSD), (-F @ F.T, NSD), (F @ F.T + np.eye(60), PD)):
        assert definiteness(A).verdict == verdict_by_cholesky(A) == verdict


def test_a_pivot_of_the_size_of_rounding_is_no_proof_of_definiteness():
    A = np.ones((2, 2)) * 0.1 + np.diag([0, 2.0**-55])
    assert np.linalg.cholesky(A)[1, 1] >= 0
    with pytest.raises(NotPositiveDefiniteError, match="it is positive semi-definite"):
        cholesky(A)
    # A small diagonal entry is no small pivot.
    assert cholesky(np.diag([1.0, 1e-20]))[1, 1] == pytest.approx(1e-10, rel=1e-15)
    graded = np.array([[1.0, 0], [0, 1.0]]) + 2 * 2.0**-52 * 0.9 * np.eye(2)
    assert cholesky(graded)[0, 0] >= 1
    singular = np.array([[1.0, 1.0], [1.0, 1.0 + 2 * 2.0**-52]])
    with pytest.raises(NotPositiveDefiniteError):
        cholesky(singular)
    assert cholesky(np.array([[1.0, 1.0], [1.0, 1.0 + 3 * 2.0**-52]]))[1, 1] > 0


def test_minors_are_a_poor_judge_of_an_ill_conditioned_matrix():
    H = scipy.linalg.hilbert(6)
    assert definiteness(H).verdict == PD
    assert verdict_by_minors(H) != PD


@pytest.mark.parametrize(("verdict", "text"), [
    (PD, "strict local minimum"), (ND, "strict local maximum"), (INDEFINITE, "saddle point"), (PSD, "undecided"),
    (NSD, "undecided"), (ZERO, "undecided")])
def test_the_second_derivative_test(verdict, text):
    A = next(A for A, expected in CASES.values() if expected == verdict)
    assert definiteness(A).critical_point == text


def test_verdicts_print_the_range_and_the_witness():
    assert repr(definiteness([[2, -1], [-1, 2]])) == "positive definite: xᵀAx/xᵀx from 1 to 3"
    text = repr(definiteness(np.diag([1.0, -2.0])))
    assert text.startswith("indefinite: xᵀAx/xᵀx from -2 to 1\n  witness x = [")
    assert text.endswith("with xᵀAx = -2")
    assert "(borderline: up to 4.4e-16 counts as 0)" in repr(definiteness(np.diag([1.0, 0])))


def test_a_spectrum_beyond_doubles_is_an_error():
    with pytest.raises(OverflowError, match="the spectrum"):
        definiteness(np.full((3, 3), 1e308))


# ------------------------------------------------------------------------------------------- symmetry

SYMMETRIC_ONLY = [definiteness, verdict_by_cholesky, verdict_by_minors, principal_minors, gershgorin_bounds,
                  cholesky, cholesky_logdet, psd_sqrt, lambda A: schur_product(A, A)]


@pytest.mark.parametrize("function", SYMMETRIC_ONLY)
@pytest.mark.parametrize(("A", "error", "message"), [
    ([[1, 1], [-1, 1]], ValueError, "A must be symmetric; A[0, 1] is 1 and A[1, 0] is -1"),
    ([[1.0, 0], [1e-10, 1]], ValueError, "A[0, 1] is 0 and A[1, 0] is 1e-10"),
    ([[1e-200, 0], [1e-201, 1e-200]], ValueError, "must be symmetric"),
    (np.ones((2, 3)), ValueError, "A must be square; its shape is (2, 3)"),
    (np.ones(3), ValueError, "A must be a matrix"),
    (np.zeros((0, 0)), ValueError, "A must have at least one row; its shape is (0, 0)"),
    ([[float("nan")]], ValueError, "NaN or infinite"),
    ([[float("inf")]], ValueError, "NaN or infinite"),
    ([[1, 1j], [-1j, 1]], TypeError, "complex"),
])
def test_what_is_not_symmetric_is_refused(function, A, error, message):
    with pytest.raises(error, match=re.escape(message)):
        function(A)


def test_numpy_reads_one_triangle_and_this_package_does_not():
    A = np.array([[2.0, 100.0], [0.0, 2.0]])
    assert np.linalg.cholesky(A)[1, 0] == 0
    with pytest.raises(ValueError, match="must be symmetric"):
        cholesky(A)


def test_the_symmetric_part_is_judged_on_request():
    rotation = [[1, 1], [-1, 1]]
    for function in (definiteness, cholesky, cholesky_logdet, psd_sqrt, principal_minors, gershgorin_bounds,
                     verdict_by_cholesky, verdict_by_minors):
        function(rotation, symmetrize=True)
    assert definiteness(rotation, symmetrize=True).is_pd
    assert definiteness([[1, 4], [0, 1]], symmetrize=True).verdict == INDEFINITE
    assert verdict_by_minors([[1, 4], [0, 1]], symmetrize=True) == INDEFINITE
    assert gershgorin_bounds([[1, 4], [0, 1]], symmetrize=True) == (-1, 3)
    assert cholesky([[2, 2], [0, 2]], symmetrize=True)[1, 0] == pytest.approx(1 / np.sqrt(2))


def test_asymmetry_of_the_size_of_rounding_is_averaged_away():
    rng = np.random.default_rng(1)
    B = rng.normal(size=(6, 6))
    A = (B @ B.T) + np.triu(rng.uniform(-1, 1, (6, 6)), 1) * 1e-15
    assert (A != A.T).any()
    assert definiteness(A).is_pd
    L = cholesky(A)
    np.testing.assert_allclose(L @ L.T, A, atol=1e-13)
    edge = np.array([[4.0, 0], [0, 4.0]])
    edge[0, 1] = 2 * 2.0**-52 * 4
    definiteness(edge)
    edge[0, 1] *= 1.01
    with pytest.raises(ValueError, match="must be symmetric"):
        definiteness(edge)


@given(small)
@settings(max_examples=50, deadline=None)
def test_only_the_symmetric_part_enters_the_quadratic_form(A):
    S = symmetric_part(A)
    assert (S.T == S).all() and (S == (A + A.T) / 2).all()
    x = np.arange(1.0, len(A) + 1)
    assert x @ S @ x == pytest.approx(x @ A @ x, abs=1e-12)
    assert definiteness(A, symmetrize=True).verdict == definiteness(S).verdict


def test_symmetric_parts_neither_overflow_nor_underflow():
    assert symmetric_part([[1.7e308, 1.5e308], [1.7e308, 0]]).tolist() == [[1.7e308, 1.6e308], [1.6e308, 0]]
    assert symmetric_part([[5e-324]]).tolist() == [[5e-324]]
    assert symmetric_part(np.zeros((0, 0))).shape == (0, 0)


# --------------------------------------------------------------------------------------- minors, Gershgorin

def test_minors_against_sympy():
    A = np.array([[2, 1, 0, 3], [1, -1, 4, 0], [0, 4, 5, 1], [3, 0, 1, 1]])
    minors = principal_minors(A)
    assert len(minors) == 15
    for subset, value in minors.items():
        exact = sympy.Matrix(A[np.ix_(subset, subset)].tolist()).det()
        assert value == pytest.approx(float(exact), rel=1e-12, abs=1e-12)
    leading = principal_minors(A, leading=True)
    assert list(leading) == [(0,), (0, 1), (0, 1, 2), (0, 1, 2, 3)]
    assert all(leading[subset] == minors[subset] for subset in leading)


def test_minors_are_limited_in_number_and_size():
    assert len(principal_minors(np.eye(12))) == 4095
    with pytest.raises(ValueError, match=re.escape("A (13, 13) has 2**13 - 1 principal minors; above n = 12 use")):
        principal_minors(np.eye(13))
    with pytest.raises(ValueError, match="above n = 12"):
        verdict_by_minors(np.eye(13))
    assert principal_minors(2 * np.eye(40), leading=True)[tuple(range(40))] == pytest.approx(2.0**40, rel=1e-12)
    with pytest.raises(OverflowError, match="a minor"):
        principal_minors(np.eye(4) * 1e100)
    assert not np.signbit(principal_minors([[0.0]])[(0,)])


def test_gershgorin_bounds_hold_and_prove_definiteness_with_a_positive_diagonal():
    for seed in range(30):
        A = sampled_symmetric(seed)
        low, high = gershgorin_bounds(A)
        eigenvalues = np.linalg.eigvalsh(A)
        assert low <= eigenvalues[0] + 1e-12 and eigenvalues[-1] <= high + 1e-12
    assert gershgorin_bounds([[3, -1, 1], [-1, 4, 0], [1, 0, -2]]) == (-3, 5)
    dominant = [[-3, 1], [1, -3]]
    assert np.abs(np.diag(dominant)).min() > 1 and gershgorin_bounds(dominant) == (-4, -2)
    assert definiteness(dominant).verdict == ND
    assert gershgorin_bounds(np.eye(2) * 1e-310) == (1e-310, 1e-310)
    with pytest.raises(OverflowError, match="a bound"):
        gershgorin_bounds(np.full((3, 3), 1e308))


# ------------------------------------------------------------------------------------ Cholesky and log det

POSITIVE = {name: np.asarray(A, dtype=float) for name, (A, expected) in CASES.items() if expected == PD}
POSITIVE["hilbert"] = scipy.linalg.hilbert(8)
POSITIVE["random"] = gram_matrix(np.random.default_rng(2).normal(size=(9, 6)))


@pytest.mark.parametrize("A", POSITIVE.values(), ids=POSITIVE)
def test_cholesky_against_scipy(A):
    L = cholesky(A)
    scale = np.abs(A).max()
    np.testing.assert_allclose((L / np.sqrt(scale)) @ (L / np.sqrt(scale)).T, A / scale, atol=1e-15 * len(A))
    assert (np.triu(L, 1) == 0).all() and (np.diag(L) > 0).all()
    np.testing.assert_allclose(L, scipy.linalg.cholesky(A, lower=True), rtol=1e-7, atol=1e-16 * np.sqrt(scale))


@pytest.mark.parametrize("A", POSITIVE.values(), ids=POSITIVE)
def test_log_determinants_in_50_digits(A):
    with mpmath.workdps(400):
        exact = mpmath.log(mpmath.det(mpmath.matrix(A.tolist())))
    tolerance = 1e-14 * np.linalg.cond(A / np.abs(A).max()) * len(A)
    assert cholesky_logdet(A) == pytest.approx(float(exact), abs=tolerance + 1e-15 * abs(float(exact)))


def test_log_determinants_where_the_determinant_is_no_double():
    assert cholesky_logdet(0.1 * np.eye(400)) == pytest.approx(-400 * np.log(10), rel=1e-14)
    assert cholesky_logdet(1e300 * np.eye(50)) == pytest.approx(50 * 300 * np.log(10), rel=1e-14)
    assert np.linalg.det(0.1 * np.eye(400)) == 0


@pytest.mark.parametrize("A", [A for A, expected in CASES.values() if expected != PD],
                         ids=[name for name, (_, expected) in CASES.items() if expected != PD])
def test_cholesky_refuses_with_a_witness(A):
    for function in (cholesky, cholesky_logdet):
        message = "A is not positive definite to working precision; it is"
        with pytest.raises(NotPositiveDefiniteError, match=message) as info:
            function(A)
        x = info.value.definiteness.witness
        assert x is not None and x @ (np.asarray(A) / (np.abs(A).max() or 1)) @ x <= 1e-14


@pytest.mark.parametrize("e", [-1000, -501, -3, 1, 500, 1001])
def test_cholesky_and_square_root_scale_by_the_root_of_the_scale(e):
    A = np.array([[5.0, 2], [2, 3]])
    factor = 2.0**(e // 2) * (np.sqrt(2) if e % 2 else 1)
    np.testing.assert_allclose(cholesky(A * 2.0**e), cholesky(A) * factor, rtol=1e-15)
    np.testing.assert_allclose(psd_sqrt(A * 2.0**e), psd_sqrt(A) * factor, rtol=1e-14)


# ------------------------------------------------------------------------------- square root and nearest PSD

@every_case
def test_square_roots_square_to_the_matrix_or_do_not_exist(A, expected):
    A = np.asarray(A, dtype=float)
    if expected not in (PD, PSD, ZERO):
        with pytest.raises(NotPositiveDefiniteError, match="must be positive semi-definite to have a PSD") as info:
            psd_sqrt(A)
        assert info.value.definiteness.verdict == expected
        return
    S = psd_sqrt(A)
    scale = np.abs(A).max() or 1
    unit = S / np.sqrt(scale)
    np.testing.assert_allclose(unit @ unit, A / scale, atol=1e-14)
    assert (S.T == S).all() and np.linalg.eigvalsh(unit).min() >= -1e-15
    if expected == PD:
        np.testing.assert_allclose(unit, scipy.linalg.sqrtm(A / scale), atol=1e-13)


def test_square_roots_take_small_negative_eigenvalues_for_zero_within_the_tolerance():
    A = np.diag([1.0, -1e-6])
    with pytest.raises(NotPositiveDefiniteError, match="indefinite"):
        psd_sqrt(A)
    assert psd_sqrt(A, rtol=1e-5).tolist() == [[1, 0], [0, 0]]
    with pytest.raises(NotPositiveDefiniteError, match="indefinite"):
        psd_sqrt(A, rtol=1e-7)
    # Rounding makes the smallest eigenvalue of a singular Gram matrix negative, and that is no reason to refuse.
    for seed in range(20):
        F = np.random.default_rng(seed).normal(size=(6, 2))
        psd_sqrt(F @ F.T)


@pytest.mark.parametrize("seed", range(10))
def test_nearest_psd_is_a_projection_with_the_reported_distance(seed):
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(4, 4))
    result = nearest_psd(A)
    P = result.matrix
    assert (P.T == P).all() and definiteness(P).is_psd
    assert result.distance == pytest.approx(np.linalg.norm(A - P), rel=1e-13)
    # The projection onto a convex cone: A − P is orthogonal to P and has no positive part along the cone.
    assert np.sum((A - P) * P) == pytest.approx(0, abs=1e-13)
    for _ in range(30):
        F = rng.normal(size=(4, rng.integers(1, 5)))
        assert np.sum((A - P) * (F @ F.T)) <= 1e-12
        assert np.linalg.norm(A - F @ F.T) >= result.distance
        assert np.linalg.norm(A - (P + 0.01 * F @ F.T)) >= result.distance


def test_nearest_psd_in_closed_form():
    result = nearest_psd([[0, 2], [0, 0]])                 # eigenvalues ±1 of the symmetric part, skew part √2
    np.testing.assert_allclose(result.matrix, [[0.5, 0.5], [0.5, 0.5]], atol=1e-15)
    assert result.distance == pytest.approx(np.sqrt(3), rel=1e-15)
    assert repr(result) == "nearest PSD matrix to a 2×2 matrix, at Frobenius distance 1.73205"
    for name in ("identity", "all ones", "graph Laplacian", "1e-200"):
        A = np.asarray(CASES[name][0], dtype=float)
        np.testing.assert_allclose(nearest_psd(A).matrix, A, atol=1e-15 * np.abs(A).max())
        assert nearest_psd(A).distance <= 1e-15 * np.abs(A).max()
    assert nearest_psd(-np.eye(3) * 1e200).distance == pytest.approx(np.sqrt(3) * 1e200, rel=1e-15)
    assert not nearest_psd(-np.eye(3)).matrix.any()
    with pytest.raises(OverflowError, match="the distance"):
        nearest_psd(-np.eye(4) * 1.7e308)
    for A, message in ((np.zeros((0, 0)), "at least one row"), (np.ones((2, 3)), "must be square")):
        with pytest.raises(ValueError, match=message):
            nearest_psd(A)


# ------------------------------------------------------------------------- Gram, covariance, Schur product

@given(hnp.arrays(np.float64, st.tuples(st.integers(0, 5), st.integers(1, 4)), elements=st.integers(-3, 3)))
@settings(max_examples=60, deadline=None)
def test_gram_matrices_are_psd_and_pd_exactly_for_independent_columns(X):
    G = gram_matrix(X)
    assert (G == X.T @ X).all()
    verdict = definiteness(G)
    assert verdict.is_psd
    rank = sympy.Matrix(X.astype(int).tolist()).rank() if len(X) else 0
    assert verdict.is_pd == (rank == X.shape[1])


def test_gram_matrices_at_every_scale():
    X = np.random.default_rng(0).normal(size=(7, 3))
    G = gram_matrix(X)
    assert (G.T == G).all()
    np.testing.assert_allclose(gram_matrix(X * 2.0**-500), G * 2.0**-1000, rtol=1e-14)
    with pytest.raises(OverflowError, match="XᵀX"):
        gram_matrix(X * 1e200)
    assert gram_matrix(np.zeros((0, 2))).tolist() == [[0, 0], [0, 0]]


def test_covariance_against_numpy_and_under_a_shift():
    X = np.round(np.random.default_rng(1).normal(size=(10, 3)) * 2**20) / 2**20
    C = covariance_matrix(X)
    np.testing.assert_allclose(C, np.cov(X.T), rtol=1e-13)
    np.testing.assert_allclose(covariance_matrix(X + 2.0**27), C, rtol=1e-13)
    np.testing.assert_allclose(covariance_matrix(X * 2.0**400), C * 2.0**800, rtol=1e-14)
    assert definiteness(C).is_pd and definiteness(covariance_matrix(X[:3])).verdict == PSD
    assert covariance_matrix([[1.0], [2.0]]).tolist() == [[0.5]]
    for rows in (0, 1):
        with pytest.raises(ValueError, match="at least two samples"):
            covariance_matrix(X[:rows])
    with pytest.raises(OverflowError, match="the covariance"):
        covariance_matrix(X * 1e200)


@pytest.mark.parametrize("seed", range(15))
def test_schur_products_of_psd_matrices_are_psd(seed):
    rng = np.random.default_rng(seed)
    F, G = rng.integers(-3, 4, (4, 2)), rng.integers(-3, 4, (4, 3))
    A, B = F @ F.T, G @ G.T
    P = schur_product(A, B)
    assert (P == A * B).all()
    assert exact_verdict(P) in (PD, PSD, ZERO)
    H = row_kronecker(F, G)
    assert H.shape == (4, 6) and (H @ H.T == P).all()
    for i in range(4):
        assert (H[i] == np.kron(F[i], G[i])).all()


def test_schur_products_of_definite_matrices_are_definite_and_the_matrix_product_need_not_be_symmetric():
    A, B = np.array([[2.0, 1], [1, 2]]), np.array([[5.0, -1], [-1, 1]])
    assert definiteness(schur_product(A, B)).is_pd
    with pytest.raises(ValueError, match="must be symmetric"):
        definiteness(A @ B)


def test_schur_products_refuse_what_the_theorem_does_not_cover():
    with pytest.raises(NotPositiveDefiniteError, match="B must be positive semi-definite; it is indefinite"):
        schur_product(np.eye(2), [[1, 2], [2, 1]])
    with pytest.raises(NotPositiveDefiniteError, match="A must be positive semi-definite; it is negative"):
        schur_product(-np.eye(2), np.eye(2))
    with pytest.raises(ValueError, match="A and B must have the same shape"):
        schur_product(np.eye(2), np.eye(3))
    with pytest.raises(ValueError, match="B must be symmetric"):
        schur_product(np.eye(2), [[1, 1], [0, 1]])
    with pytest.raises(OverflowError, match="A ∘ B"):
        schur_product(np.eye(2) * 1e200, np.eye(2) * 1e200)
    with pytest.raises(ValueError, match="equally many rows"):
        row_kronecker(np.ones((2, 1)), np.ones((3, 1)))
    with pytest.raises(OverflowError, match="H has entries"):
        row_kronecker([[1e200]], [[1e200]])
    assert row_kronecker(np.ones((0, 2)), np.ones((0, 3))).shape[0] == 0


# ---------------------------------------------------------------------------------- the exponential kernel

VECTORS = np.random.default_rng(4).normal(size=(5, 3))


def test_the_kernel_is_the_entrywise_exponential_and_not_the_matrix_exponential():
    kernel = exponential_kernel(VECTORS)
    K = np.exp(VECTORS @ VECTORS.T)
    np.testing.assert_allclose(kernel.matrix(), K, rtol=1e-14)
    scales = np.exp(kernel.log_rows)[:, None] * np.exp(kernel.log_columns)
    np.testing.assert_allclose(kernel.core * scales, K, rtol=1e-13)
    assert (np.diag(kernel.core) == 1).all() and (kernel.core <= 1).all()
    assert definiteness(K).is_pd and definiteness(kernel.core).is_pd
    assert np.abs(scipy.linalg.expm(VECTORS @ VECTORS.T) - K).max() > 1


def test_the_kernel_is_a_sum_of_schur_powers():
    G = gram_matrix(VECTORS.T)
    total, power = np.zeros((5, 5)), np.ones((5, 5))
    for k in range(1, 60):
        total += power
        power = schur_product(power, G) / k
    np.testing.assert_allclose(exponential_kernel(VECTORS).matrix(), total, rtol=1e-13)


def test_attention_is_the_upper_right_block():
    Q, K = VECTORS[:2], VECTORS[2:]
    whole, block = exponential_kernel(VECTORS), exponential_kernel(Q, K)
    np.testing.assert_allclose(block.matrix(), whole.matrix()[:2, 2:], rtol=1e-15)
    np.testing.assert_allclose(block.core, whole.core[:2, 2:], rtol=1e-15)
    np.testing.assert_allclose(block.exponents, Q @ K.T, rtol=1e-15)
    np.testing.assert_allclose(block.log_rows, 0.5 * (Q**2).sum(axis=1), rtol=1e-15)
    np.testing.assert_allclose(block.log_columns, 0.5 * (K**2).sum(axis=1), rtol=1e-15)


def test_the_core_is_accurate_where_the_kernel_overflows_and_where_distances_cancel():
    X = np.array([[1e8, 1.0], [1e8, 2.0], [1e8, 1.5]])
    kernel = exponential_kernel(X)
    expected = np.exp(-0.5 * np.subtract.outer(X[:, 1], X[:, 1])**2)
    np.testing.assert_allclose(kernel.core, expected, rtol=1e-15)
    with pytest.raises(OverflowError, match="exp"):
        kernel.matrix()
    naive = (X**2).sum(axis=1)[:, None] - 2 * X @ X.T + (X**2).sum(axis=1)
    assert np.abs(np.exp(-0.5 * naive) - expected).max() > 0.1
    far = exponential_kernel([[0.0], [1e150], [-1e150]])
    assert far.core.tolist() == np.eye(3).tolist()
    assert exponential_kernel([[30.0]], [[23.0]]).matrix()[0, 0] == pytest.approx(np.exp(690.0), rel=1e-13)


def test_kernels_refuse_and_print():
    with pytest.raises(ValueError, match="rows of X and Y must be equally long"):
        exponential_kernel(np.ones((2, 3)), np.ones((2, 2)))
    with pytest.raises(OverflowError, match="XYᵀ"):
        exponential_kernel([[1e160]])
    with pytest.raises(OverflowError, match="½‖x‖²"):
        exponential_kernel([[1e160]], [[1.0]])
    with pytest.raises(OverflowError, match="½‖x‖²"):
        exponential_kernel([[1.0]], [[1e160]])
    text = "exponential kernel {0}×{0}, logarithms of its entries from {1}"
    assert repr(exponential_kernel([[1.0], [2.0]])) == text.format(2, "1 to 4")
    assert repr(exponential_kernel(np.ones((0, 2)))) == text.format(0, "none")
    assert exponential_kernel(np.ones((2, 0))).matrix().tolist() == [[1, 1], [1, 1]]


@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 4), st.just(2)), elements=st.integers(-30, 30)))
@settings(max_examples=40, deadline=None)
def test_every_exponential_kernel_is_psd(X):
    kernel = exponential_kernel(X)
    assert definiteness(kernel.core).is_psd
    assert definiteness(kernel.core).is_pd == (len(np.unique(X, axis=0)) == len(X))


def test_attention_weights_against_scipy_and_through_the_kernel():
    Q, K = VECTORS[:2], VECTORS[2:]
    weights = attention_weights(Q, K)
    np.testing.assert_allclose(weights, scipy.special.softmax(Q @ K.T / np.sqrt(3), axis=1), rtol=1e-14)
    block = exponential_kernel(Q, K).matrix()
    shares = block / block.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(attention_weights(Q, K, scale=1.0), shares, rtol=1e-14)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-15)
    # The row factors cancel; the column factors do not.
    kernel = exponential_kernel(Q, K)
    rows = kernel.core * np.exp(kernel.log_columns)
    np.testing.assert_allclose(rows / rows.sum(axis=1, keepdims=True), attention_weights(Q, K, 1.0), rtol=1e-13)


def test_attention_weights_of_large_logits_and_of_wrong_shapes():
    assert attention_weights([[1e3]], [[1e3], [1e3], [-1e3]]).tolist() == [[0.5, 0.5, 0]]
    assert attention_weights([[1.0]], [[1e300], [0.0]], scale=0.0).tolist() == [[0.5, 0.5]]
    for Q, K in ((np.ones((2, 3)), np.ones((2, 2))), (np.ones((2, 0)), np.ones((3, 0)))):
        with pytest.raises(ValueError, match="rows of Q and K must be equally long, and not empty"):
            attention_weights(Q, K)
    with pytest.raises(ValueError, match="at least one class"):
        attention_weights(np.ones((2, 3)), np.ones((0, 3)))
    assert attention_weights(np.ones((0, 3)), np.ones((2, 3))).shape == (0, 2)
    with pytest.raises(OverflowError, match="QKᵀ"):
        attention_weights([[1e200]], [[1e200]])
    with pytest.raises(ValueError, match="scale"):
        attention_weights([[1.0]], [[1.0]], scale=np.inf)


# ---------------------------------------------------------------------------------------- shifted Gram matrices

@pytest.mark.parametrize("shape", [(4, 3), (3, 3), (2, 3)])
def test_condition_of_shifted_gram_matrices(shape):
    A = np.random.default_rng(6).normal(size=shape)
    d = np.array([[1e-6, 1e-3], [1.0, 1e6]])
    expected = [[np.linalg.cond(A.T @ A + v * np.eye(3)) for v in row] for row in d]
    np.testing.assert_allclose(shifted_gram_condition(A, d), expected, rtol=1e-7)
    at_zero = float(shifted_gram_condition(A, 0))
    assert at_zero == (np.inf if shape[0] < 3 else pytest.approx(np.linalg.cond(A)**2, rel=1e-10))
    assert (np.diff(shifted_gram_condition(A, np.logspace(-8, 8, 30))) < 0).all()
    for v in d.ravel():
        assert definiteness(A.T @ A + v * np.eye(3)).is_pd


def test_rank_deficiency_is_repaired_by_every_positive_shift_and_not_by_minus_an_eigenvalue():
    A = np.ones((3, 2))
    assert shifted_gram_condition(A, [0.0, 6.0]).tolist() == pytest.approx([np.inf, 2.0])
    assert np.linalg.matrix_rank(A.T @ A - 6 * np.eye(2)) == 1
    message = "AᵀA + dI is singular for d = −λᵢ, so d must not be negative; the smallest is -6.0"
    with pytest.raises(ValueError, match=re.escape(message)):
        shifted_gram_condition(A, [1, -6.0])
    assert shifted_gram_condition(np.zeros((2, 2)), [0.0, 1.0]).tolist() == [np.inf, 1.0]
    assert shifted_gram_condition(np.zeros((0, 2)), [0.0, 1.0]).tolist() == [np.inf, 1.0]
    with pytest.raises(ValueError, match="at least one column"):
        shifted_gram_condition(np.ones((2, 0)), 1.0)


@pytest.mark.parametrize("e", [-510, 510])
def test_shifted_condition_at_every_scale(e):
    A = np.diag([3.0, 1.0])
    plain = shifted_gram_condition(A, [0.5, 2.0])
    np.testing.assert_allclose(shifted_gram_condition(A * 2.0**e, np.ldexp([0.5, 2.0], 2 * e)), plain, rtol=1e-14)
    assert shifted_gram_condition(A * 1e-300, 1e300) == 1
    assert shifted_gram_condition(A * 1e-300, 1.0) == 1
    assert shifted_gram_condition(A * 1e200, 1.0) == pytest.approx(9, rel=1e-14)


# ---------------------------------------------------------------------------------------------- properties

@given(small)
@settings(max_examples=60, deadline=None)
def test_properties_of_symmetric_matrices(A):
    A = A + A.T
    result = definiteness(A)
    assert result.verdict == exact_verdict(A) == verdict_by_minors(A) == verdict_by_cholesky(A)
    assert definiteness(A[::-1, ::-1]).verdict == result.verdict
    C = np.tril(np.ones((len(A), len(A))))
    assert definiteness(C @ A @ C.T).verdict == result.verdict          # Sylvester's law of inertia
    if result.is_pd:
        assert np.prod(np.diag(cholesky(A)))**2 == pytest.approx(np.linalg.det(A), rel=1e-10)
    assert nearest_psd(A).distance <= 1e-12 or not result.is_psd


@given(st.integers(1, 5), st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_input_is_never_written_to(n, seed):
    A = gram_matrix(np.random.default_rng(seed).normal(size=(n + 1, n)))
    before = A.copy()
    A.flags.writeable = False
    definiteness(A), cholesky(A), psd_sqrt(A), nearest_psd(A), schur_product(A, A), exponential_kernel(A)
    verdict_by_cholesky(A), verdict_by_minors(A), gershgorin_bounds(A), covariance_matrix(np.vstack([A, A]))
    assert (before == A).all()


def test_the_scaling_of_square_roots_uses_an_even_exponent():
    for value in (1.0, 2.0, 3.0, 1e-310, 1e308):
        scaled, e = psd._to_even_scale(np.array([[value]]))
        assert e % 2 == 0 and 0.25 <= scaled[0, 0] < 1
        assert np.ldexp(scaled, e)[0, 0] == value


@pytest.mark.parametrize("result", [
    definiteness(np.eye(2)), nearest_psd(np.eye(2)), exponential_kernel(np.eye(2)),
], ids=lambda result: type(result).__name__)
def test_results_are_values_that_cannot_be_changed(result):
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(result, dataclasses.fields(result)[0].name, None)
    # Two results are equal only if they are one: comparing arrays inside would be no yes or no.
    assert result == result and result != copy.copy(result) and len({result, result}) == 1
