"""labkit.conditioning against closed forms, rational and 50-digit arithmetic, scipy, autograd, and brute force."""

import dataclasses
from fractions import Fraction

import autograd
import autograd.numpy as anp
import mpmath
import numpy as np
import pytest
import scipy.linalg
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from labkit import conditioning as co

INF = np.inf
EPS = 2.0 ** -52
NORMS = [1, 2, INF, "fro"]
ONES = np.ones((2, 2))
NEARLY_SINGULAR = np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]]) / 10     # singular but for the rounding of 0.1, …


def random_matrix(m, n, seed=0):
    return np.random.default_rng(seed).standard_normal((m, n))


def small_integers(*shape):
    return arrays(np.float64, shape, elements=st.integers(-9, 9).map(float))


# --- functions ---

@pytest.mark.parametrize(("f", "x", "expected"), [
    (np.sqrt, 7.3, 0.5), (np.exp, 3.0, 3.0), (np.exp, -20.0, 20.0), (np.log, 1.001, 1 / np.log(1.001)),
    (lambda x: x ** 5, -2.0, 5.0), (np.cos, 1.57, 1.57 * np.tan(1.57)), (lambda x: 1 / x, 1e-8, 1.0)])
def test_functions_of_one_variable(f, x, expected):
    """κ = |x f'(x)/f(x)|."""
    assert co.relative_condition(f, x).value == pytest.approx(expected, rel=1e-7)
    assert co.sampled_condition(f, x, size=1e-7, samples=4).value == pytest.approx(expected, rel=1e-3)


def subtraction(x):
    return x[0] - x[1]


@pytest.mark.parametrize(("p", "jacobian_norm"), [(1, 1), (2, np.sqrt(2)), (INF, 2)])
def test_subtraction_in_three_norms(p, jacobian_norm):
    x = np.array([1.0, 0.999])
    expected = jacobian_norm * np.linalg.norm(x, p) / 0.001
    for jacobian in (None, [1.0, -1.0], lambda x: np.array([1.0, -1.0]), autograd.grad(subtraction)):
        found = co.relative_condition(subtraction, x, jacobian, p)
        assert found.value == pytest.approx(expected, rel=1e-6)
        assert found.jacobian_norm == pytest.approx(jacobian_norm, rel=1e-8)
        assert (found.p, found.x_norm) == (p, pytest.approx(np.linalg.norm(x, p)))
        assert float(found) == found.value
    sampled = co.sampled_condition(subtraction, x, p=p, samples=3000)
    assert 0.9 * expected < sampled.value <= expected * (1 + 1e-4)


def test_a_vector_function_with_automatic_differentiation():
    def f(x):
        return anp.stack([x[0] * x[1], anp.sin(x[2]), x[0] - x[2]])

    x = np.array([1.0, 2.0, 0.5])
    J = autograd.jacobian(f)(x)
    for p in (1, 2, INF):
        expected = np.linalg.norm(J, p) * np.linalg.norm(x, p) / np.linalg.norm(f(x), p)
        assert co.relative_condition(f, x, autograd.jacobian(f), p).value == pytest.approx(expected, rel=1e-12)
        assert co.relative_condition(f, x, p=p).value == pytest.approx(expected, rel=1e-7)
        assert co.sampled_condition(f, x, p=p).value <= expected * (1 + 1e-4)
    assert co.sampled_condition(f, x).value > 0.9 * co.relative_condition(f, x).value


def test_a_linear_map_at_a_point():
    A, x = random_matrix(3, 2), np.array([1.0, -2])
    expected = np.linalg.norm(A, 2) * np.linalg.norm(x) / np.linalg.norm(A @ x)
    assert co.relative_condition(lambda x: A @ x, x, A).value == pytest.approx(expected)
    assert co.relative_condition(lambda x: A @ x, x * 1e200, A).value == pytest.approx(expected)


def test_where_the_function_or_its_derivative_is_zero():
    assert co.relative_condition(lambda x: x - 1, 1.0, 1.0).value == INF
    assert co.relative_condition(lambda x: 0 * x, 1.0, 0.0).value == 0
    assert co.relative_condition(lambda x: (x - 1) ** 2 + 1, 1.0, 0.0).value == 0
    assert co.sampled_condition(lambda x: x - 1, 1.0, samples=3).value == INF
    assert co.sampled_condition(lambda x: 0 * x, 1.0, samples=3).value == 0


def test_sampled_condition_where_a_difference_of_values_would_overflow():
    """f jumps from 1e308 to -1e308: the relative change is 2, and that of x is 1e-6."""
    found = co.sampled_condition(lambda x: 1e308 if x[0] <= 1 else -1e308, [1.0], samples=20)
    assert found.value == pytest.approx(2e6)


def test_sampled_condition_shows_the_perturbation():
    x = np.array([1.0, 0.999])
    found = co.sampled_condition(subtraction, x, size=1e-5, samples=200, seed=4)
    h = found.perturbation
    assert np.linalg.norm(h) / np.linalg.norm(x) == pytest.approx(1e-5, rel=1e-9)
    change = abs(subtraction(x + h) - subtraction(x)) / abs(subtraction(x))
    assert change / (np.linalg.norm(h) / np.linalg.norm(x)) == pytest.approx(found.value, rel=1e-12)
    assert found.ratios.shape == (200,)
    assert found.value == found.ratios.max() == float(found)
    assert f"worst of 200 perturbations: {found.value:.4g} (median {np.median(found.ratios):.4g})" == str(found)
    default = co.sampled_condition(subtraction, x, samples=50)
    assert default.value == co.sampled_condition(subtraction, x, 1e-6, 50, 2, 0).value
    again = co.sampled_condition(subtraction, x, size=1e-5, samples=200, seed=np.random.default_rng(4))
    assert again.value == found.value


def test_function_condition_refuses():
    for zero in (0.0, [0.0, 0.0]):
        with pytest.raises(ValueError, match="x must not be zero"):
            co.relative_condition(np.exp, zero)
        with pytest.raises(ValueError, match="x must not be zero"):
            co.sampled_condition(np.exp, zero)
    with pytest.raises(ValueError, match=r"\(2,\); its shape is \(1, 2\)"):
        co.relative_condition(subtraction, [1.0, 2.0], [[1.0, -1.0]])
    with pytest.raises(ValueError, match="p must be one of 1, 2, inf; it is 3"):
        co.relative_condition(subtraction, [1.0, 2.0], p=3)
    with pytest.raises(ValueError, match="p must be one of 1, 2, inf; it is 'fro'"):
        co.sampled_condition(subtraction, [1.0, 2.0], p="fro")
    with pytest.raises(ValueError, match="NaN"):
        co.relative_condition(lambda x: x * np.nan, 1.0)
    for size, samples in [(1e-15, 5), (1.0, 5), (np.nan, 5), (1e-6, 0)]:
        with pytest.raises(ValueError, match="size must be between"):
            co.sampled_condition(subtraction, [1.0, 2.0], size, samples)
    assert co.sampled_condition(subtraction, [1.0, 2.0], 1e-6, 1).ratios.shape == (1,)


def test_function_condition_in_words():
    text = str(co.relative_condition(np.exp, 2.0, np.exp, p=1))
    assert text == "κ = ‖J‖‖x‖/‖f(x)‖ = 7.389 · 2 / 7.389 = 2 (1-norm)"


@given(st.lists(st.integers(-8, 8).filter(bool), min_size=2, max_size=4, unique=True))
@settings(max_examples=30, deadline=None)
def test_root_condition_against_the_derivative_by_coefficients(roots):
    c = np.poly(roots)
    x = sympy.Symbol("x")
    for z in roots:
        slope = sympy.Poly([int(a) for a in c], x).diff().eval(z)
        expected = sum(abs(a) * abs(z) ** k for k, a in enumerate(c[::-1])) / abs(z * float(slope))
        assert co.root_condition(c, z) == pytest.approx(expected, rel=1e-12)
    # Changing each coefficient by a relative 1e-9 with the worst sign moves the root by κ · 1e-9.
    z = roots[0]
    signs = np.sign(c * np.array([float(z) ** k for k in range(len(c))][::-1]))
    moved = np.roots(c * (1 + 1e-9 * signs))
    assert np.abs(moved - z).min() / abs(z) == pytest.approx(co.root_condition(c, z) * 1e-9, rel=1e-3)


def test_root_condition_special_cases():
    assert co.root_condition([1, -2, 1], 1) == INF
    assert co.root_condition([1, 0, 1], 1j) == pytest.approx(1)
    assert co.root_condition([2.0, -6.0], 3) == pytest.approx(2)
    for c, z in [([1, -1], 0), ([1], 1)]:
        with pytest.raises(ValueError, match="nonzero root and at least 2 coefficients"):
            co.root_condition(c, z)


# --- matrices ---

@pytest.mark.parametrize("p", NORMS)
@pytest.mark.parametrize("scale", [2.0 ** -1040, 1e-200, 1.0, 1e200])
@pytest.mark.parametrize("n", [1, 2, 5])
def test_condition_of_integer_matrices_against_rational_arithmetic(n, scale, p):
    A = np.random.default_rng(n).integers(-9, 10, (n, n)) + 10.0 * np.eye(n)
    inverse = np.array(sympy.Matrix(A.astype(int)).inv().tolist(), dtype=float)
    found = co.condition_number(A * scale, p)
    assert found.value == pytest.approx(np.linalg.norm(A, p) * np.linalg.norm(inverse, p), rel=1e-9)
    assert (found.reliable, found.p, found.meaning) == (True, p, "‖A‖‖A⁻¹‖")
    assert float(found) == found.value


@pytest.mark.parametrize("p", [1, 2, INF])
def test_tiny_multiples_of_the_identity_are_perfectly_conditioned(p):
    for c in (1e-310, 5e-324, 1e-200, 0.1, 1e300):
        assert co.condition_number(c * np.eye(100), p).value == pytest.approx(1, rel=1e-14)
    assert np.linalg.det(0.1 * np.eye(100)) < 1e-99


@pytest.mark.parametrize("p", NORMS)
@pytest.mark.parametrize("A", [
    ONES, np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]]), np.zeros((2, 2)), np.diag([1.0, 0]), 1e-310 * ONES,
    np.array([[0.1, 0.2], [0.3, 0.6]]), np.zeros((1, 1)), np.tile(random_matrix(40, 20), 2)],
    ids=["ones", "123", "zero", "diagonal", "tiny", "doubled", "1x1", "large"])
def test_singular_means_infinite(A, p):
    found = co.condition_number(A, p)
    assert (found.value, found.meaning, found.reliable) == (INF, "singular", True)


@pytest.mark.parametrize("p", NORMS)
def test_beyond_one_over_eps_is_flagged_not_infinite(p):
    for A in (NEARLY_SINGULAR, scipy.linalg.hilbert(15)):
        found = co.condition_number(A, p)
        assert 1e15 < found.value < INF
        assert not found.reliable
        assert "unreliable" in str(found)
    assert co.condition_number(scipy.linalg.hilbert(10), p).reliable


def test_the_flag_changes_at_one_over_eps():
    for function in (co.condition_number, co.pseudo_condition, co.map_condition):
        assert function(np.diag([1, 2 * EPS])).reliable
    for p in (1, 2, INF):
        assert not co.condition_number(np.diag([1, EPS]), p).reliable
        assert not co.map_condition(np.diag([1, EPS]), p).reliable
        assert not co.pseudo_condition(np.diag([1, EPS]), p, tolerance=0).reliable


def test_condition_that_no_double_can_hold():
    A = np.diag([1e300, 1e-300])
    for p in NORMS:
        found = co.condition_number(A, p)
        assert (found.value, found.reliable) == (INF, False)
    assert co.condition_number(np.array([[1, 1], [1, 1 + EPS]])).reliable is False
    hidden = np.array([[1.0, 3], [1 / 3, 1]])           # elimination meets an exact zero, yet 3 · fl(1/3) ≠ 1
    assert co.condition_number(hidden, 1).value > 1e15
    assert not co.condition_number(hidden, 1).reliable


@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (1, 4), (4, 1)])
@pytest.mark.parametrize("p", NORMS)
def test_full_rank_but_not_square(shape, p):
    A = random_matrix(*shape)
    expected = np.linalg.norm(A, p) * np.linalg.norm(scipy.linalg.pinv(A), p)
    for found in (co.condition_number(A, p), co.pseudo_condition(A, p)):
        assert found.value == pytest.approx(expected, rel=1e-12)
    assert co.condition_number(A, p).meaning == "‖A‖‖A⁺‖"
    deficient = np.ones(shape) if min(shape) > 1 else np.zeros(shape)
    assert co.condition_number(deficient, p).value == INF
    assert co.condition_number(deficient, p).meaning == "rank-deficient"


def test_kappa_is_the_ratio_of_singular_values_not_of_eigenvalues():
    A = np.array([[1.0, 100], [0, 1]])                  # both eigenvalues are 1
    lam = np.linalg.eigvalsh(A.T @ A)
    assert co.condition_number(A).value == pytest.approx(np.sqrt(lam[1] / lam[0]), rel=1e-8)
    assert co.condition_number(A).value > 1e4
    assert co.condition_number(np.diag([1, 1e5, 1e5, 1e5])).value == pytest.approx(1e5)


@given(small_integers(3, 3), st.sampled_from(NORMS))
@settings(max_examples=60, deadline=None)
def test_condition_number_properties(A, p):
    found = co.condition_number(A, p).value
    if int(sympy.Matrix(A.astype(int)).det()) == 0:
        assert found == INF
        return
    assert found >= (3 if p == "fro" else 1) - 1e-12
    assert co.condition_number(-8 * A, p).value == pytest.approx(found)
    assert co.condition_number(np.linalg.inv(A), p).value == pytest.approx(found, rel=1e-6)
    order = {1: INF, INF: 1}.get(p, p)
    assert co.condition_number(A.T, order).value == pytest.approx(found, rel=1e-9)
    if p == 2:
        assert co.condition_number(A @ A.T).value == pytest.approx(found ** 2, rel=1e-6)


@pytest.mark.parametrize("p", NORMS)
def test_pseudo_condition_stays_finite(p):
    A = np.outer([1.0, 2, 3], [1.0, -1])
    found = co.pseudo_condition(A, p)
    assert found.value == pytest.approx(np.linalg.norm(A, p) * np.linalg.norm(scipy.linalg.pinv(A), p))
    assert found.meaning == "‖A‖‖A⁺‖ at rank 1 of 2"
    assert found.reliable
    assert co.pseudo_condition(np.zeros((2, 3)), p).value == 0
    assert co.pseudo_condition(1e-310 * ONES, p).value == pytest.approx(co.pseudo_condition(ONES, p).value)


def test_pseudo_condition_with_a_tolerance():
    A = np.diag([4.0, 1.0, 1e-9])
    assert co.pseudo_condition(A).value == pytest.approx(4e9)
    assert co.pseudo_condition(A, tolerance=1e-6).value == pytest.approx(4)
    assert not co.pseudo_condition(np.diag([1.0, 1e-17]), tolerance=0).reliable
    with pytest.raises(ValueError, match="tolerance"):
        co.pseudo_condition(A, tolerance=-1)


def test_matrix_conditions_refuse():
    for function in (co.condition_number, co.pseudo_condition, co.map_condition, co.skeel_condition):
        with pytest.raises(ValueError, match=r"an empty matrix has no condition .* shape of A is \(0, 0\)"):
            function(np.zeros((0, 0)))
        with pytest.raises(ValueError, match="NaN"):
            function([[np.nan, 1], [1, 1]])
    for function in (co.condition_number, co.pseudo_condition):
        with pytest.raises(ValueError, match="p must be one of 1, 2, inf, fro; it is 3"):
            function(np.eye(2), 3)
    with pytest.raises(ValueError, match="p must be one of 1, 2, inf; it is 'fro'"):
        co.map_condition(np.eye(2), "fro")


@pytest.mark.parametrize("p", NORMS)
def test_rounding_does_not_take_a_condition_number_below_its_least_value(p):
    # ‖A‖‖A⁺‖ ≥ ‖AA⁺‖ ≥ 1 in an induced norm, and ≥ the rank in the Frobenius norm, by Cauchy and Schwarz.
    rng = np.random.default_rng(5)
    for k in range(300):
        n = 1 + k % 3
        turn = np.linalg.qr(rng.standard_normal((n, n)))[0]
        for A in (turn, np.diag(rng.standard_normal(n)), rng.standard_normal((n, 1)), np.outer(turn[0], turn[-1])):
            rank, full = np.linalg.matrix_rank(A), co.condition_number(A, p).value
            assert full == INF or full >= (min(A.shape) if p == "fro" else 1)
            assert co.pseudo_condition(A, p).value >= (rank if p == "fro" else 1)
            if p != "fro":
                assert co.forward_error_bound(full, 1e-16) > 0
        if p != "fro":
            assert co.map_condition(turn, p).value >= 1
        assert co.skeel_condition(np.diag(rng.standard_normal(n)), rng.standard_normal(n)).value >= 1


def test_condition_numbers_in_words():
    assert str(co.condition_number(np.diag([3, 1]), "fro")) == "κ_F = 3.333 (‖A‖‖A⁻¹‖)"
    assert str(co.condition_number(ONES, INF)) == "κ_inf = inf (singular)"


# --- the map x ↦ Ax ---

def amplification(A, x, dx, p):
    def norm(v):
        return np.linalg.norm(v, p)

    return (norm(A @ dx) / norm(A @ x)) / (norm(dx) / norm(x))


@pytest.mark.parametrize(("shape", "p", "case"), [
    ((4, 4), 1, "square"), ((4, 4), 2, "square"), ((4, 4), INF, "square"), ((5, 3), 2, "tall"),
    ((1, 1), 2, "square"), ((1, 1), 1, "square")])
def test_the_worst_x_and_dx_attain_the_condition_number(shape, p, case):
    A = random_matrix(*shape)
    found = co.map_condition(A, p)
    assert (found.case, found.reliable, found.p) == (case, True, p)
    assert found.value == pytest.approx(co.condition_number(A, p).value, rel=1e-12) == float(found)
    assert amplification(A, found.x, found.dx, p) == pytest.approx(found.value, rel=1e-10)
    assert np.linalg.norm(found.x, p) == pytest.approx(1) == np.linalg.norm(found.dx, p)
    rng = np.random.default_rng(1)
    for _ in range(200):
        x, dx = rng.standard_normal((2, shape[1]))
        assert amplification(A, x, dx, p) <= found.value * (1 + 1e-10)


@pytest.mark.parametrize("p", [1, 2, INF])
@pytest.mark.parametrize(("A", "case"), [
    (random_matrix(2, 4), "wide"), (ONES, "rank-deficient"), (np.ones((3, 2)), "rank-deficient"),
    (np.zeros((2, 2)), "rank-deficient"), (np.zeros((1, 2)), "wide"), (1e-310 * ONES, "rank-deficient")])
def test_the_map_is_infinitely_conditioned_where_it_has_a_nullspace(A, case, p):
    found = co.map_condition(A, p)
    assert (found.value, found.case, found.reliable) == (INF, case, True)
    assert np.linalg.norm(found.x, p) == pytest.approx(1)
    assert np.linalg.norm(A @ found.x) <= 1e-15 * np.linalg.norm(A)
    if A.any():
        B = A / np.abs(A).max()
        assert np.linalg.norm(B @ found.dx) > 0.1 * np.linalg.norm(B)
        assert np.isfinite(co.pseudo_condition(A, p).value)
    assert "Ax = 0 for some x ≠ 0" in str(found)


def test_three_numbers_for_one_wide_matrix():
    A = np.array([[3.0, 0, 0], [0, 2, 0]])
    assert co.map_condition(A).value == INF
    assert co.condition_number(A).value == pytest.approx(1.5)
    assert co.pseudo_condition(A).value == pytest.approx(1.5)
    assert co.map_condition(A.T).value == pytest.approx(1.5)


def test_map_condition_of_nearly_singular_and_extreme_matrices():
    for p in (1, 2, INF):
        found = co.map_condition(NEARLY_SINGULAR, p)
        assert 1e15 < found.value < INF
        assert not found.reliable
        assert "unreliable" in str(found)
        extreme = co.map_condition(np.diag([1e300, 1e-300]), p)
        assert (extreme.value, extreme.case, extreme.reliable) == (INF, "square", False)
        assert_allclose(np.abs(extreme.x), [0, 1])
    assert str(co.map_condition(np.diag([6.0, 2]), 1)) == "x ↦ Ax has κ_1 = 3 (‖A‖‖A⁻¹‖)"
    assert str(co.map_condition([[3.0], [4.0]])) == "x ↦ Ax has κ_2 = 1 (‖A‖‖A⁺‖)"


def test_a_tall_matrix_has_no_closed_form_in_other_norms():
    """sup ‖x‖₁/‖Ax‖₁ is less than ‖A⁺‖₁ here, so that ‖A‖‖A⁺‖ would be wrong."""
    A = np.array([[1.0], [2.0]])                         # ‖x‖₁/‖Ax‖₁ is 1/3 for every x
    assert np.linalg.norm(np.linalg.pinv(A), 1) == pytest.approx(2 / 5)
    for p in (1, INF):
        with pytest.raises(ValueError, match=r"only p = 2 is offered; p is .* the shape of A is \(2, 1\)"):
            co.map_condition(A, p)


# --- Skeel ---

@given(small_integers(3, 3), st.lists(st.integers(-5, 5), min_size=3, max_size=3))
@settings(max_examples=40, deadline=None)
def test_skeel_condition_against_rational_arithmetic(A, x):
    M = sympy.Matrix(A.astype(int))
    found = co.skeel_condition(A)
    if M.det() == 0:
        assert (found.value, found.meaning, found.reliable) == (INF, "singular", True)
        return
    inverse = np.abs(np.array(M.inv().tolist(), dtype=float))
    assert found.value == pytest.approx((inverse @ np.abs(A)).sum(axis=1).max(), rel=1e-9)
    assert found.value <= co.condition_number(A, INF).value * (1 + 1e-9)
    assert co.skeel_condition(A * [[1e-200], [1], [1e200]]).value == pytest.approx(found.value, rel=1e-9)
    if any(x):
        at_x = (inverse @ (np.abs(A) @ np.abs(x))).max() / np.abs(x).max()
        for factor in (1, -1e-200, 1e200):
            assert co.skeel_condition(A, factor * np.array(x)).value == pytest.approx(at_x, rel=1e-9)


def test_skeel_condition_special_cases():
    assert co.skeel_condition(np.diag([1e300, 1e-300])).value == 1
    assert not co.skeel_condition(NEARLY_SINGULAR).reliable
    assert co.skeel_condition(scipy.linalg.hilbert(8)).reliable
    hidden = co.skeel_condition([[1.0, 3], [1 / 3, 1]])
    assert hidden.value > 1e15
    assert not hidden.reliable
    assert co.skeel_condition(np.array([[1, 1e-320], [1, 0]])).value == INF     # regular, beyond any double
    with pytest.raises(ValueError, match="x must have 2 entries"):
        co.skeel_condition(np.eye(2), [1, 2, 3])
    with pytest.raises(ValueError, match="x must not be zero"):
        co.skeel_condition(np.eye(2), [0, 0])
    with pytest.raises(ValueError, match="square"):
        co.skeel_condition(np.ones((2, 3)))


# --- residual, backward and forward error ---

def exact_residual(A, x, b):
    def exact(values):
        return [Fraction(float(v)) for v in values]

    return [c - sum((a * z for a, z in zip(exact(row), exact(x), strict=True)), Fraction(0))
            for row, c in zip(np.atleast_2d(A), exact(b), strict=True)]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("scale", [1e-150, 1.0, 1e150])
def test_residual_against_rational_arithmetic(seed, scale):
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((8, 8)) * scale
    x = np.linalg.solve(A, np.ones(8))
    b = np.ones(8)
    expected = np.array([float(r) for r in exact_residual(A, x, b)])
    assert_allclose(co.residual(A, x, b), expected, rtol=1e-14, atol=1e-31)
    plain = b - A @ x
    assert np.abs(plain - expected).max() > 1e-3 * np.abs(expected).max()       # few digits of it are right


@pytest.mark.parametrize(("A", "x", "b", "expected"), [
    ([[1.0]], [1e200], [0.0], [-1e200]), ([[1e200]], [1e-200], [1.0], [0.0]), ([[0.0]], [1.0], [1e-300], [1e-300]),
    ([[1e-200]], [1e-200], [1.0], [1.0]), ([[1e200]], [1e200], [1.0], [-INF]), ([[1.0]], [0.0], [1e300], [1e300]),
    ([[2.0, 1.0]], [0.5, 1.0], [2.0], [0.0])])
def test_residual_at_the_ends_of_the_range(A, x, b, expected):
    assert_allclose(co.residual(A, x, b), expected, rtol=1e-15, atol=1e-16 if expected == [0.0] else 0)


def test_residual_shapes():
    assert co.residual(np.zeros((0, 2)), [1, 2], []).shape == (0,)
    assert_array_equal(co.residual(np.zeros((2, 0)), [], [1, 2]), [1, 2])
    with pytest.raises(ValueError, match=r"A \(2, 2\), x \(3,\) and b \(2,\) do not fit"):
        co.residual(np.eye(2), [1, 2, 3], [1, 2])
    with pytest.raises(ValueError, match="do not fit"):
        co.backward_error(np.eye(2), [1, 2], [1, 2, 3])


@pytest.mark.parametrize("p", [1, 2, INF])
@pytest.mark.parametrize("shape", [(4, 4), (5, 3), (3, 5)])
@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_backward_error_is_attained_by_the_nearest_system(shape, p, scale):
    A, x = random_matrix(*shape) * scale, random_matrix(shape[1], 1, 1)[:, 0]
    b = random_matrix(shape[0], 1, 2)[:, 0] * scale
    eta = co.backward_error(A, x, b, p)
    r = b - A @ x
    denominator = np.linalg.norm(A / scale, p) * np.linalg.norm(x, p) + np.linalg.norm(b / scale, p)
    assert eta == pytest.approx(np.linalg.norm(r / scale, p) / denominator, rel=1e-12)
    dA, db = co.nearest_system(A, x, b, p)
    assert_allclose(((A + dA) @ x - (b + db)) / scale, 0, atol=1e-14)
    assert np.linalg.norm(dA / scale, p) == pytest.approx(eta * np.linalg.norm(A / scale, p))
    assert np.linalg.norm(db / scale, p) == pytest.approx(eta * np.linalg.norm(b / scale, p))


def test_no_smaller_perturbation_explains_x():
    A, x, b = random_matrix(3, 3), np.array([1.0, 2, 3]), np.array([1.0, 0, 1])
    eta, rng = co.backward_error(A, x, b), np.random.default_rng(0)
    r = b - A @ x
    for _ in range(200):                                 # any ΔA with ΔA x = r + Δb, for random Δb
        db = rng.standard_normal(3) * eta * np.linalg.norm(b) * rng.uniform()
        dA = np.outer(r + db, x) / (x @ x) + rng.standard_normal((3, 3)) @ (np.eye(3) - np.outer(x, x) / (x @ x))
        needed = max(np.linalg.norm(dA, 2) / np.linalg.norm(A, 2), np.linalg.norm(db) / np.linalg.norm(b))
        assert needed >= eta * (1 - 1e-12)


def test_componentwise_backward_error():
    A, x, b = np.array([[1.0, 2], [0, 4]]), np.array([1.0, 1]), np.array([3.5, 4])
    assert co.backward_error(A, x, b, componentwise=True) == pytest.approx(0.5 / 6.5)
    assert co.backward_error(A, [1.5, 1], b, componentwise=True) == 0
    assert co.backward_error([[0.0, 1], [1, 0]], [0.0, 1], [1, 1], componentwise=True) == 1
    assert co.backward_error([[1.0, 0], [0, 0]], [1, 1], [1, 1], componentwise=True) == 1
    assert co.backward_error([[1.0, 0], [0, 0]], [1, 1], [1, 0], componentwise=True) == 0
    assert co.backward_error(np.zeros((0, 0)), [], [], componentwise=True) == 0
    scaled = co.backward_error(A * [[1e-150], [1e150]], x, b * [1e-150, 1e150], componentwise=True)
    assert scaled == pytest.approx(0.5 / 6.5)            # rows may be scaled
    assert co.backward_error(A, x, b, componentwise=True) >= co.backward_error(A, x, b, INF)


def test_componentwise_backward_error_over_all_sign_choices():
    """|r_i| = η(|A||x| + |b|)_i at the worst row is the least η, as the other rows need no more."""
    A, x, b = random_matrix(3, 3, 5), np.array([1.0, -2, 0.5]), np.array([1.0, 2, 3])
    eta = co.backward_error(A, x, b, componentwise=True)
    r = b - A @ x
    assert (np.abs(r) <= eta * (np.abs(A) @ np.abs(x) + np.abs(b)) * (1 + 1e-12)).all()
    assert (np.abs(r) >= eta * (np.abs(A) @ np.abs(x) + np.abs(b)) * (1 - 1e-12)).any()


def test_backward_error_special_cases():
    assert co.backward_error(np.eye(2), [0, 0], [1, 2]) == 1
    dA, db = co.nearest_system(np.eye(2), [0, 0], [1, 2])
    assert_allclose(db, [-1, -2])
    assert np.linalg.norm(dA, 2) == pytest.approx(1)
    assert co.backward_error(np.zeros((2, 2)), [0, 0], [0, 0]) == 0
    dA, db = co.nearest_system(np.zeros((2, 2)), [0, 0], [0, 0])
    assert not dA.any()
    assert not db.any()
    dA, db = co.nearest_system(np.zeros((2, 0)), [], [1, 2])
    assert dA.shape == (2, 0)
    assert_array_equal(db, [-1, -2])
    for function in (co.backward_error, co.nearest_system):
        with pytest.raises(ValueError, match="p must be one of 1, 2, inf; it is 3"):
            function(np.eye(2), [1, 1], [1, 1], 3)


def test_forward_error():
    assert co.forward_error([1.0, 2.5], [1.0, 2.0], 1) == pytest.approx(1 / 6)
    assert co.forward_error([3e200, 4.4e200], [3e200, 4e200]) == pytest.approx(0.08)
    assert co.forward_error([1.0], [1.0]) == 0
    for p in (1, 2, 3, INF):
        assert co.forward_error([1.5e308, 0], [-1.5e308, 0], p) == pytest.approx(2)
    assert co.forward_error([0.0], [0.0]) == 0
    assert co.forward_error([1e-300], [0.0]) == INF
    with pytest.raises(ValueError, match=r"\(1,\) and \(2,\)"):
        co.forward_error([1.0], [1.0, 2.0])


def test_forward_error_bound_values():
    assert co.forward_error_bound(10, 0.01) == pytest.approx(0.2 / 0.9)
    assert co.forward_error_bound(10, 0.1) == INF
    assert co.forward_error_bound(INF, 0) == 0
    assert co.forward_error_bound(INF, 1e-16) == INF
    assert co.forward_error_bound(1, 0) == 0
    for bad in [(0.5, 0.1), (np.nan, 0.1), (2, -1e-9), (2, np.nan)]:
        with pytest.raises(ValueError, match="kappa must be at least 1 and eta at least 0"):
            co.forward_error_bound(*bad)


@pytest.mark.parametrize("p", [1, 2, INF])
def test_forward_error_never_exceeds_its_bound(p):
    rng = np.random.default_rng(3)
    for _ in range(200):
        A = rng.standard_normal((3, 3))
        x = rng.standard_normal(3)
        y = x + rng.standard_normal(3) * 10.0 ** rng.uniform(-8, 0)
        kappa, eta = co.condition_number(A, p).value, co.backward_error(A, y, A @ x, p)
        assert co.forward_error(y, x, p) <= co.forward_error_bound(kappa, eta) * (1 + 1e-9) + 1e-12


def test_the_factor_two_in_the_bound_is_needed():
    """With both A and b changed the forward error can exceed κ times the backward error."""
    eta, A = 1e-3, np.eye(1)
    y = np.array([(1 + eta) / (1 - eta)])                # (1 - η)y = 1 + η
    assert co.backward_error(A, y, [1.0]) == pytest.approx(eta)
    assert co.forward_error(y, [1.0]) > 1.99 * eta
    assert co.forward_error(y, [1.0]) == pytest.approx(co.forward_error_bound(1, eta))


# --- solving ---

METHODS = ["inverse", "lu", "qr", "svd"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scale", [2.0 ** -1040, 1e-200, 1.0, 1e200])
@pytest.mark.parametrize("n", [1, 2, 6, 30])
def test_solve_against_a_known_solution(n, scale, method):
    rng = np.random.default_rng(n)
    A = rng.integers(-9, 10, (n, n)) + 20.0 * np.eye(n)
    x = rng.integers(-9, 10, n).astype(float)
    assert_allclose(co.solve(A * scale, A @ x * scale, method), x, atol=1e-11)
    assert_allclose(co.solve(A, A @ x * scale, method), x * scale, atol=1e-11 * scale)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("A", [
    ONES, np.zeros((2, 2)), np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]]), np.tile(random_matrix(30, 15), 2),
    np.array([[0.1, 0.2], [0.3, 0.6]]), 2.0 ** 150 * np.tile(random_matrix(30, 15), 2),
    2.0 ** -150 * np.tile(random_matrix(30, 15), 2), 2.0 ** -1000 * np.tile(random_matrix(30, 15), 2)],
    ids=["ones", "zero", "123", "large", "doubled", "times 2^150", "over 2^150", "over 2^1000"])
def test_solve_refuses_singular_matrices(A, method):
    with pytest.raises(ValueError, match=f"singular: its rank is less than its order {len(A)}"):
        co.solve(A, np.ones(len(A)), method)


def test_solve_nearly_singular_and_beyond():
    x = co.solve(NEARLY_SINGULAR, NEARLY_SINGULAR.sum(axis=1))
    assert co.backward_error(NEARLY_SINGULAR, x, NEARLY_SINGULAR.sum(axis=1)) < 1e-15
    for method in METHODS:
        with pytest.raises(ValueError, match=f"method '{method}' breaks down"):
            co.solve(np.diag([1, 1e-320]), [1.0, 1.0], method)
    with pytest.raises(ValueError, match="breaks down"):
        co.solve([[1e300, 0], [0, 1e-300]], [1.0, 1.0], "qr")


def test_solve_edge_cases_and_errors():
    assert co.solve(np.zeros((0, 0)), []).shape == (0,)
    assert_array_equal(co.solve(np.eye(2), [0, 0]), [0, 0])
    with pytest.raises(ValueError, match="method must be one of inverse, lu, qr, svd; it is 'cramer'"):
        co.solve(np.eye(2), [1, 2], "cramer")
    with pytest.raises(ValueError, match=r"\(2, 2\) and \(3,\)"):
        co.solve(np.eye(2), [1, 2, 3])
    with pytest.raises(ValueError, match="square"):
        co.solve(np.ones((3, 2)), [1, 2, 3])


@given(small_integers(4, 4), small_integers(4))
@settings(max_examples=40, deadline=None)
def test_solve_properties(A, b):
    if int(sympy.Matrix(A.astype(int)).det()) == 0:
        with pytest.raises(ValueError, match="singular"):
            co.solve(A, b)
        return
    exact = np.array(sympy.Matrix(A.astype(int)).LUsolve(sympy.Matrix(b.astype(int))).tolist(), dtype=float)[:, 0]
    kappa = co.condition_number(A).value
    for method in METHODS:
        assert_allclose(co.solve(A, b, method), exact, atol=1e-14 * kappa * (1 + np.abs(exact).max()))


@pytest.mark.parametrize("k", [None, 3])
def test_back_substitution_against_scipy(k):
    R = np.triu(random_matrix(6, 6)) + 3 * np.eye(6)
    b = random_matrix(6, k or 1, 1)
    b = b if k else b[:, 0]
    assert_allclose(co.back_substitution(R, b), scipy.linalg.solve_triangular(R, b), rtol=1e-12)
    assert co.back_substitution(np.zeros((0, 0)), np.zeros((0, 2))).shape == (0, 2)


def test_back_substitution_refuses():
    with pytest.raises(ValueError, match="below the diagonal"):
        co.back_substitution([[1, 0], [1e-300, 1]], [1, 1])
    with pytest.raises(ValueError, match="zero on its diagonal"):
        co.back_substitution([[1, 1], [0, 0]], [1, 1])
    with pytest.raises(ValueError, match=r"\(2, 2\) and \(1,\)"):
        co.back_substitution(np.eye(2), [1])


def exact_solution(A, b):
    with mpmath.workdps(60):
        x = mpmath.lu_solve(mpmath.matrix(A.tolist()), mpmath.matrix(b.tolist()))
        return np.array(x.tolist(), dtype=float)[:, 0]


@pytest.mark.parametrize("A", [scipy.linalg.hilbert(8), np.vander(np.linspace(0, 1, 10)), random_matrix(6, 6)],
                         ids=["hilbert", "vandermonde", "random"])
def test_four_solvers_compared(A):
    b = np.ones(len(A))
    x = exact_solution(A, b)
    table = co.compare_solvers(A, b, x)
    assert [r.method for r in table.results] == METHODS
    for r in table.results:
        assert r.residual == pytest.approx(np.linalg.norm([float(f) for f in exact_residual(A, r.x, b)]), rel=1e-9)
        assert r.backward_error == pytest.approx(co.backward_error(A, r.x, b), rel=1e-12)
        assert r.forward_error == pytest.approx(np.linalg.norm(r.x - x) / np.linalg.norm(x), rel=1e-9)
        assert r.forward_error <= r.bound * (1 + 1e-6)
    for method in ("lu", "qr", "svd"):
        assert table[method].backward_error < 1e-15
    assert table["inverse"].x is table.results[0].x


def test_the_inverse_is_not_backward_stable():
    A = scipy.linalg.hilbert(10)
    table = co.compare_solvers(A, np.ones(10))
    assert table["inverse"].backward_error > 100 * table["lu"].backward_error
    assert table["lu"].forward_error is None


def test_comparison_in_words():
    A = np.diag([1.0, 2])
    text = str(co.compare_solvers(A, [1, 2], [1, 1])).splitlines()
    assert text[0] == "κ_2 = 2 (‖A‖‖A⁻¹‖)"
    assert text[1].split() == ["method", "residual", "backward", "forward", "bound"]
    assert text[3].split() == ["lu", "0.0e+00", "0.0e+00", "0.0e+00", "0.0e+00"]
    without = str(co.compare_solvers(A, [1, 2])).splitlines()
    assert without[3].split() == ["lu", "0.0e+00", "0.0e+00", "0.0e+00"]
    assert len({len(line) for line in text[1:]} | {len(line) for line in without[1:]}) == 1
    with pytest.raises(ValueError, match="singular"):
        co.compare_solvers(ONES, [1, 2])


# --- solvability ---

@given(small_integers(3, 3).map(lambda A: A.round(-1) / 10), small_integers(3).map(lambda b: b.round(-1) / 10))
@settings(max_examples=80, deadline=None)
def test_solvability_against_exact_ranks(A, b):
    M, c = sympy.Matrix(A.astype(int)), sympy.Matrix(b.astype(int))
    found = co.solvability(A, b)
    r, augmented = M.rank(), M.row_join(c).rank()
    assert (found.rank, found.augmented_rank, found.unknowns) == (r, augmented, 3)
    assert found.verdict == ("none" if augmented > r else "unique" if r == 3 else "infinitely many")


@pytest.mark.parametrize(("A", "b", "verdict"), [
    (np.ones((3, 1)), [1, 1, 1], "unique"), (np.ones((3, 1)), [1, 1, 2], "none"),
    (np.ones((1, 3)), [2], "infinitely many"), (np.ones((2, 3)), [1, 2], "none"),
    (np.zeros((2, 2)), [0, 0], "infinitely many"), (np.zeros((2, 2)), [0, 1e-300], "none"),
    (np.zeros((2, 0)), [0, 0], "unique"), (np.zeros((2, 0)), [0, 1], "none"),
    (np.zeros((0, 2)), [], "infinitely many"), (np.zeros((0, 0)), [], "unique"),
    (1e-310 * np.eye(2), [1, 1], "unique"),
    (1e200 * np.eye(2), [1e-200, 0], "unique"), (1e200 * ONES, [1e-200, 2e-200], "none")])
def test_solvability_is_decided_by_ranks_not_shapes(A, b, verdict):
    assert co.solvability(A, b).verdict == verdict


def test_solvability_in_words_and_errors():
    assert str(co.solvability(np.ones((1, 3)), [1])) == (
        "infinitely many (rank A = 1, rank [A b] = 1, 3 unknowns, a family with 2 free parameters)")
    assert str(co.solvability(np.eye(2), [1, 1])) == "unique (rank A = 2, rank [A b] = 2, 2 unknowns)"
    with pytest.raises(ValueError, match=r"\(2, 2\) and \(3,\)"):
        co.solvability(np.eye(2), [1, 2, 3])


# --- famous matrices ---

def test_hilbert_and_vandermonde_against_scipy():
    for n in (1, 2, 7):
        assert_array_equal(co.hilbert(n), scipy.linalg.hilbert(n))
    x = np.array([1.0, -2, 0.5])
    assert_array_equal(co.vandermonde(x), np.vander(x, increasing=True))
    assert_array_equal(co.vandermonde(x, 5), np.vander(x, 5, increasing=True))
    assert_array_equal(co.vandermonde([0.0], 2), [[1, 0]])
    logs = [np.log(co.condition_number(co.hilbert(n)).value) for n in (5, 10)]
    assert (logs[1] - logs[0]) / 5 == pytest.approx(3.5, abs=0.1)
    with pytest.raises(OverflowError, match="a power up to 3 of 1e\\+150 exceeds"):
        co.vandermonde([1e150], 4)


def test_kahan_is_its_own_pivoted_factor_and_hides_its_singular_value():
    K = co.kahan(5, 1.0)
    s, c = np.sin(1.0), np.cos(1.0)
    expected = np.diag(s ** np.arange(5)) @ (np.eye(5) - c * np.triu(np.ones((5, 5)), 1))
    assert_allclose(K, expected, rtol=1e-15)
    assert_allclose(co.kahan(3), np.diag(np.sin(1.2) ** np.arange(3)) @ (np.eye(3) - np.cos(1.2) * np.triu(
        np.ones((3, 3)), 1)))
    assert_allclose(np.linalg.norm(K, axis=0), 1)        # equal columns: nothing for pivoting to choose


def test_wilkinson_matrix_grows_and_breaks_elimination_but_not_qr():
    _, _, U = scipy.linalg.lu(co.wilkinson(30))
    assert np.abs(U).max() == 2.0 ** 29
    A = co.wilkinson(60)
    assert co.condition_number(A).value == pytest.approx(0.45 * 60, rel=0.02)
    x = np.sin(np.arange(60.0))
    b = np.array([float(-r) for r in exact_residual(A, x, np.zeros(60))])
    assert co.forward_error(co.solve(A, b, "lu"), x) > 1e-3
    assert co.forward_error(co.solve(A, b, "qr"), x) < 1e-13


@pytest.mark.parametrize("function", [co.hilbert, co.kahan, co.wilkinson])
def test_orders_must_be_positive(function):
    assert function(1).tolist() == [[1.0]]
    with pytest.raises(ValueError, match="n must be at least 1; it is 0"):
        function(0)
    with pytest.raises(ValueError, match="n must be at least 1"):
        co.vandermonde([], None)


@pytest.mark.parametrize("function", [
    co.condition_number, co.pseudo_condition, co.map_condition, co.skeel_condition,
    lambda A: co.solve(A, [1, 2]), lambda A: co.residual(A, [1, 2], [1, 2]), lambda A: co.solvability(A, [1, 2])])
def test_input_is_not_written_to(function):
    A = np.array([[1.0, 2], [3, 4]])
    before = A.copy()
    function(A)
    assert_array_equal(A, before)


def test_results_are_frozen():
    kinds = [kind for kind in vars(co).values() if isinstance(kind, type) and dataclasses.is_dataclass(kind)]
    assert kinds
    assert all(kind.__dataclass_params__.frozen for kind in kinds)
