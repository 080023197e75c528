"""labkit.orthogonality against closed forms, rational arithmetic, sympy and scipy."""

import dataclasses

import numpy as np
import pytest
import scipy.linalg
import scipy.stats
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from labkit import orthogonality as orth

EPS = 2.0 ** -52
METHODS = ["classical", "modified", "twice"]
entries = st.floats(-10, 10).map(lambda a: round(a, 3))


def random_matrix(m, n, seed=0):
    return np.random.default_rng(seed).standard_normal((m, n))


def random_orthogonal(n, seed=0):
    return np.linalg.qr(random_matrix(n, n, seed))[0] * np.sign(random_matrix(1, n, seed + 1))


def symmetric(eigenvalues, seed=0):
    Q = random_orthogonal(len(eigenvalues), seed)
    A = (Q * np.asarray(eigenvalues, dtype=float)) @ Q.T
    return (A + A.T) / 2, Q


def symmetric_matrices(n):
    return arrays(np.float64, (n, n), elements=entries).map(lambda A: (A + A.T) / 2)


# --- tests for orthogonality ---

def test_orthogonality_error_against_the_definition():
    for shape in [(4, 4), (5, 2), (2, 5), (3, 1)]:
        Q = random_matrix(*shape)
        expected = np.linalg.norm(Q.T @ Q - np.eye(shape[1]), 2)
        assert orth.orthogonality_error(Q) == pytest.approx(expected)
    assert orth.orthogonality_error(np.zeros((3, 0))) == 0
    assert orth.orthogonality_error(np.zeros((0, 2))) == 1
    assert orth.orthogonality_error(np.zeros((0, 0))) == 0
    assert orth.orthogonality_error([[1e200, 1e200]]) == np.inf
    assert orth.orthogonality_error([[1e-200]]) == 1


@pytest.mark.parametrize("n", [1, 2, 5, 100])
def test_orthogonal_matrices_are_recognised(n):
    Q = random_orthogonal(n)
    assert orth.is_orthogonal(Q)
    assert orth.is_orthonormal(Q)
    assert orth.are_orthogonal(Q)
    assert orth.is_orthogonal(Q.T)                              # rows too
    assert not orth.is_orthogonal(Q * (1 + 1e-10 * n))
    if n > 1:
        thin = Q[:, :-1]
        assert orth.is_orthonormal(thin)
        assert not orth.is_orthogonal(thin)
        assert not orth.is_orthonormal(thin.T)                  # QQᵀ ≠ I


def test_orthogonal_is_not_orthonormal():
    V = np.array([[3.0, -4], [4, 3]])
    assert orth.are_orthogonal(V)
    assert not orth.is_orthonormal(V)
    assert orth.are_orthogonal(V * [1e-200, 1e200])
    assert not orth.are_orthogonal(np.array([[1.0, 1], [0, 1]]) * [1e-200, 1e200])
    assert not orth.are_orthogonal([[1, 0, 1], [0, 1, 0]])
    assert orth.are_orthogonal([[0, 1], [0, 1]])                # the zero vector is orthogonal to every vector
    for shape in [(0, 0), (0, 2), (2, 0)]:
        assert orth.are_orthogonal(np.zeros(shape))


def test_unitary_matrices():
    U = scipy.stats.unitary_group.rvs(4, random_state=0)
    assert orth.is_orthogonal(U)
    assert orth.are_orthogonal(U * [1, 2, 3j, 4])
    plain = np.array([[1, 1j], [1j, 1]]) / np.sqrt(2)
    assert orth.is_orthogonal(plain)
    assert not orth.is_orthogonal(np.array([[np.sqrt(2), 1j], [1j, -np.sqrt(2)]]))  # QᵀQ = I but QᴴQ ≠ I


def test_tolerances():
    V = np.array([[1.0, 1e-3], [0, 1]])
    assert orth.are_orthogonal(V, 1.01e-3)
    assert not orth.are_orthogonal(V, 0.99e-3)
    Q = np.diag([1, 1 + 5e-4])                                  # ‖QᵀQ - I‖ = 1.00025e-3
    assert orth.is_orthonormal(Q, 1.001e-3)
    assert not orth.is_orthonormal(Q, 1e-3)
    assert orth.is_orthogonal(Q, 1.001e-3)
    assert orth.is_orthonormal(np.diag([1 + 9 * EPS, 1]))       # twice 9 eps is within 10 · 2 eps
    assert not orth.is_orthonormal(np.diag([1 + 11 * EPS, 1]))
    assert orth.is_orthonormal(np.vstack([np.diag([1 + 9 * EPS, 1]), np.zeros((7, 2))]), None)
    for function in (orth.is_orthonormal, orth.are_orthogonal, orth.is_orthogonal, orth.orthogonal_type):
        for bad in (-1e-9, np.nan):
            with pytest.raises(ValueError, match="tolerance must be a number that is at least 0"):
                function(np.eye(2), bad)


@given(st.floats(-10, 10), arrays(np.float64, 2, elements=entries), arrays(np.float64, 2, elements=entries))
@settings(max_examples=40, deadline=None)
def test_rotations_keep_lengths_and_angles_and_add_up(angle, x, y):
    Q = orth.rotation(angle)
    assert_allclose(Q @ [1, 0], [np.cos(angle), np.sin(angle)])
    assert (Q @ x) @ (Q @ y) == pytest.approx(x @ y, abs=1e-12)
    assert_allclose(Q @ orth.rotation(0.5), orth.rotation(angle + 0.5), atol=1e-14)
    assert orth.orthogonal_type(Q) == "rotation"
    assert np.linalg.cond(Q) == pytest.approx(1)


def test_rotation_in_a_plane_of_space():
    Q = orth.rotation(0.3, 4, (3, 1))
    assert_allclose(Q @ np.eye(4)[3], np.cos(0.3) * np.eye(4)[3] + np.sin(0.3) * np.eye(4)[1])
    assert_array_equal(Q[[0, 2]], np.eye(4)[[0, 2]])
    assert_allclose(Q, scipy.linalg.expm(0.3 * (np.outer(np.eye(4)[1], np.eye(4)[3])
                                                - np.outer(np.eye(4)[3], np.eye(4)[1]))), atol=1e-15)
    for plane in [(0, 0), (0, 4), (-1, 0), (4, 0), (0, -1)]:
        with pytest.raises(ValueError, match="two different axes from 0 to 3"):
            orth.rotation(0.3, 4, plane)
    with pytest.raises(ValueError, match="angle must be finite"):
        orth.rotation(np.nan)


@given(arrays(np.float64, 3, elements=entries))
@settings(max_examples=40, deadline=None)
def test_reflections(v):
    if not v.any():
        with pytest.raises(ValueError, match="v must not be zero"):
            orth.reflection(v)
        return
    H = orth.reflection(v)
    assert_allclose(H @ v, -v, atol=1e-13)
    assert_allclose(H @ H, np.eye(3), atol=1e-14)
    assert_array_equal(H, H.T)
    assert_allclose(orth.reflection(v * 1e200), H, atol=1e-15)
    assert_allclose(orth.reflection(v * 1e-200), H, atol=1e-15)
    assert orth.orthogonal_type(H) == "reflection"
    assert_allclose(np.linalg.eigvalsh(H), [-1, 1, 1], atol=1e-14)


def test_orthogonal_type():
    for n in (2, 3, 7):
        for seed in range(3):
            Q = random_orthogonal(n, seed)
            assert orth.orthogonal_type(Q) == ("rotation" if np.linalg.det(Q) > 0 else "reflection")
    with pytest.raises(ValueError, match=r"Q is not orthogonal: ‖QᵀQ - I‖₂ = 3.00e\+00"):
        orth.orthogonal_type(2 * np.eye(2))
    with pytest.raises(ValueError, match="square"):
        orth.orthogonal_type(np.eye(3)[:, :2])
    with pytest.raises(TypeError, match="complex"):
        orth.orthogonal_type([[1j]])


# --- Gram–Schmidt and Householder ---

FACTORISATIONS = {method: (lambda A, method=method: orth.gram_schmidt(A, method)) for method in METHODS}
FACTORISATIONS["Householder"] = orth.householder_qr


@pytest.mark.parametrize("factor", FACTORISATIONS.values(), ids=FACTORISATIONS)
@pytest.mark.parametrize("shape", [(1, 1), (4, 4), (7, 3), (3, 1), (5, 0), (60, 40)])
@pytest.mark.parametrize("scale", [1e-200, 1, 1e200])
def test_qr_against_scipy(shape, factor, scale):
    A = random_matrix(*shape) * scale
    f = factor(A)
    Q, R = scipy.linalg.qr(A / scale, mode="economic") if shape[1] else (np.zeros(shape), np.zeros((0, 0)))
    sign = np.sign(np.diag(R))
    assert_allclose(f.Q, Q * sign, atol=1e-12)
    assert_allclose(f.R / scale, sign[:, None] * R, atol=1e-12)
    assert (np.diag(f.R) >= 0).all()
    assert_array_equal(f.R, np.triu(f.R))
    assert f.residual < 1e-15
    assert f.orthogonality_error == orth.orthogonality_error(f.Q) < 1e-13


def test_qr_by_hand():
    """(3, 4) has length 5; what is left of (5, 0) is 4·(0.8, -0.6)."""
    for factor in FACTORISATIONS.values():
        f = factor([[3, 5], [4, 0]])
        assert_allclose(f.Q, [[0.6, 0.8], [0.8, -0.6]], atol=1e-15)
        assert_allclose(f.R, [[5, 3], [0, 4]], atol=1e-14)


def test_columns_of_very_different_size_do_not_disturb_each_other():
    A = random_matrix(5, 4, 1)
    for name, factor in FACTORISATIONS.items():
        plain, scaled = factor(A), factor(A * [1e-250, 1, 1e250, 1e-300])
        assert_allclose(scaled.Q, plain.Q, atol=1e-13, err_msg=name)
        assert scaled.residual < 1e-15
        assert_allclose(scaled.R / [1e-250, 1, 1e250, 1e-300], plain.R, atol=1e-13, err_msg=name)


def test_loss_of_orthogonality_is_measured_and_grows_as_theory_says():
    """On Hilbert matrices: about κ²u for the classical, κu for the modified method, u for the others."""
    A = scipy.linalg.hilbert(6)
    kappa = np.linalg.cond(A)                                   # 1.5e7
    error = {name: factor(A).orthogonality_error for name, factor in FACTORISATIONS.items()}
    assert 1e3 * error["modified"] < error["classical"] < 10 * kappa ** 2 * EPS
    assert 1e3 * EPS < error["modified"] < 10 * kappa * EPS
    assert error["twice"] < 20 * EPS
    assert error["Householder"] < 20 * EPS
    for factor in FACTORISATIONS.values():
        assert factor(A).residual < 1e-15                       # A = QR holds for all four


def test_laeuchli_matrix_by_hand():
    """With ε² lost beside 1, classical Gram–Schmidt leaves an angle of 60 degrees between the last two columns."""
    e = 1e-9
    A = np.array([[1, 1, 1], [e, 0, 0], [0, e, 0], [0, 0, e]])
    Q = orth.gram_schmidt(A, "classical").Q
    assert Q[:, 1] @ Q[:, 2] == pytest.approx(0.5, rel=1e-6)
    Q = orth.gram_schmidt(A, "modified").Q
    assert abs(Q[:, 1] @ Q[:, 2]) < 1e-15
    assert Q[:, 0] @ Q[:, 1] == pytest.approx(-e / np.sqrt(2), rel=1e-6)


def test_each_method_is_named():
    A = np.eye(2)
    names = ["classical Gram–Schmidt", "modified Gram–Schmidt", "classical Gram–Schmidt, twice"]
    assert [orth.gram_schmidt(A, m).method for m in METHODS] == names
    assert str(orth.householder_qr(A)) == "Householder: ‖QᵀQ - I‖₂ = 0.0e+00, ‖A - QR‖_F/‖A‖_F = 0.0e+00"
    assert orth.gram_schmidt(A).method == "modified Gram–Schmidt"


@pytest.mark.parametrize("method", METHODS)
def test_gram_schmidt_refuses_dependent_columns(method):
    for A, column in [(np.ones((3, 2)), 1), (np.zeros((2, 2)), 0), (np.arange(9.0).reshape(3, 3), 2),
                      (np.array([[1.0, 0, 3], [0, 0, 1], [0, 0, 0]]) * 1e-200, 1)]:
        with pytest.raises(ValueError, match=f"column {column} of A depends on the columns before it"):
            orth.gram_schmidt(A, method)
    with pytest.raises(ValueError, match="3 columns but only 2 rows"):
        orth.gram_schmidt(np.ones((2, 3)), method)


def test_gram_schmidt_tolerance():
    A = np.array([[1.0, 1], [0, 1e-3]])
    assert_allclose(orth.gram_schmidt(A, tolerance=0.99e-3).R, [[1, 1], [0, 1e-3]])
    with pytest.raises(ValueError, match=r"the fraction of its length that is left is 1\.0e-03"):
        orth.gram_schmidt(A, tolerance=1.01e-3)
    B = np.array([[1.0, 1], [0, 15 * EPS]])                     # within 20 eps, the default for two rows
    with pytest.raises(ValueError, match="column 1"):
        orth.gram_schmidt(B)
    assert orth.gram_schmidt(B, tolerance=0).R[1, 1] == 15 * EPS
    assert orth.gram_schmidt(np.array([[1.0, 1], [0, 25 * EPS]])).R[1, 1] == 25 * EPS
    with pytest.raises(ValueError, match="column 1"):
        orth.gram_schmidt([[1.0, 1], [0, 0]], tolerance=0)
    with pytest.raises(ValueError, match="tolerance must be a number"):
        orth.gram_schmidt(A, tolerance=-1)
    with pytest.raises(ValueError, match="'modified', 'classical' or 'twice'; it is 'cgs'"):
        orth.gram_schmidt(A, "cgs")


@pytest.mark.parametrize("A", [
    np.ones((3, 2)), np.zeros((3, 3)), np.ones((2, 4)), random_matrix(3, 5), np.zeros((0, 3)), np.zeros((3, 0)),
    np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]]), np.diag([1.0, -2, 3]), 1e-310 * np.ones((2, 2))],
    ids=["ones", "zero", "wide ones", "wide", "no rows", "no columns", "123", "diagonal", "tiny"])
def test_householder_of_any_rank_and_shape(A):
    f = orth.householder_qr(A)
    k = min(A.shape)
    assert f.Q.shape == (A.shape[0], k)
    assert f.R.shape == (k, A.shape[1])
    assert f.orthogonality_error < 1e-14
    assert f.residual < 1e-15
    assert (np.diag(f.R) >= 0).all()
    assert_array_equal(f.R, np.triu(f.R))
    assert not np.signbit(f.R[f.R == 0]).any()
    assert_allclose(f.Q @ f.R, A, atol=1e-14)


@pytest.mark.parametrize("factor", FACTORISATIONS.values(), ids=FACTORISATIONS)
def test_subnormal_columns_are_scaled_before_digits_are_lost(factor):
    A = np.array([[1.0, 2], [3, -1], [2, 2]])
    assert_allclose(factor(np.ldexp(A, -1060)).Q, factor(A).Q, atol=1e-15)
    assert factor(np.ldexp(A, -1060)).residual == factor(A).residual


@given(arrays(np.float64, (4, 3), elements=entries))
@settings(max_examples=50, deadline=None)
def test_householder_properties(A):
    f = orth.householder_qr(A)
    assert f.orthogonality_error < 1e-14
    assert_allclose(f.Q @ f.R, A, atol=1e-13)
    assert_allclose(f.R.T @ f.R, A.T @ A, atol=1e-11)


# --- Rayleigh quotient ---

@given(symmetric_matrices(3), arrays(np.float64, 3, elements=entries))
@settings(max_examples=60, deadline=None)
def test_rayleigh_quotient_lies_between_the_extreme_eigenvalues(A, x):
    if not x.any():
        with pytest.raises(ValueError, match="x must not be zero"):
            orth.rayleigh_quotient(A, x)
        return
    lam = np.linalg.eigvalsh(A)
    value = orth.rayleigh_quotient(A, x)
    assert lam[0] - 1e-12 <= value <= lam[-1] + 1e-12
    assert value == pytest.approx(x @ A @ x / (x @ x), rel=1e-9, abs=1e-12)
    assert orth.rayleigh_quotient(A, x * 1e200) == pytest.approx(value, rel=1e-9, abs=1e-12)
    assert orth.rayleigh_quotient(A * 1e200, x * 1e-200) == pytest.approx(value * 1e200, rel=1e-9, abs=1e188)


def test_rayleigh_quotient_extrema_and_errors():
    A, Q = symmetric([5, 2, -1])
    for lam, q in zip([5, 2, -1], Q.T, strict=True):
        assert orth.rayleigh_quotient(A, q) == pytest.approx(lam)
    B = np.array([[1.0, 4], [0, 1]])                            # only the symmetric part counts
    assert orth.rayleigh_quotient(B, [1, 1]) == orth.rayleigh_quotient((B + B.T) / 2, [1, 1]) == 3
    with pytest.raises(ValueError, match=r"A \(2, 2\) and x \(3,\)"):
        orth.rayleigh_quotient(B, [1, 2, 3])


# --- iterations ---

@pytest.mark.parametrize("scale", [1e-200, 1, 1e200])
@pytest.mark.parametrize("lam", [[-5, 3, 1, 0], [7, 7, 2], [4], [2, -1, -1]])
def test_power_iteration(lam, scale):
    A, _ = symmetric(lam)
    found = orth.power_iteration(A * scale, tolerance=1e-13)
    assert found.converged
    assert found.value / scale == pytest.approx(lam[0], rel=1e-12)
    assert_allclose(A @ found.vector, lam[0] * found.vector, atol=1e-11)
    assert np.linalg.norm(found.vector) == pytest.approx(1)
    assert found.vector[np.abs(found.vector).argmax()] > 0
    assert (found.values[-1], len(found.values)) == (found.value, found.iterations + 1)
    assert found.residuals[-1] <= 1e-13 * np.linalg.norm(A) * scale
    assert (found.residuals[:-1] > 1e-13 * np.linalg.norm(A) * scale).all()


def test_history_of_the_power_iteration_step_by_step():
    A, x = np.array([[2.0, 1], [1, 3]]), np.array([1.0, 0])
    found = orth.power_iteration(A, x, tolerance=0, max_iterations=5)
    for value, residual in zip(found.values, found.residuals, strict=True):
        assert value == pytest.approx(x @ A @ x)
        assert residual == pytest.approx(np.linalg.norm(A @ x - (x @ A @ x) * x), abs=1e-15)
        x = A @ x / np.linalg.norm(A @ x)
    assert found.iterations == 5
    assert not found.converged


def test_rates_of_convergence():
    """Power iteration: error of the value times (1/2)² a step; inverse iteration with shift 3.9: (0.1/1.9)²."""
    A, _ = symmetric([4, 2, 1], seed=2)
    errors = 4 - orth.power_iteration(A, tolerance=0, max_iterations=15, seed=1).values
    assert_allclose(errors[8:12] / errors[7:11], 0.25, rtol=0.02)
    B, _ = symmetric([4, 2])
    residuals = orth.inverse_iteration(B, 3.9, tolerance=0, max_iterations=7, seed=1).residuals
    assert_allclose(residuals[3:6] / residuals[2:5], 0.1 / 1.9, rtol=0.02)


def test_power_iteration_of_a_matrix_that_is_not_symmetric():
    A = np.array([[2.0, 100], [0, 1]])
    found = orth.power_iteration(A)
    assert found.converged
    assert found.value == pytest.approx(2, abs=1e-5)


def test_iterations_that_cannot_converge_say_so():
    for A in (orth.rotation(1.0), np.array([[0.0, 1], [4, 0]])):        # a complex pair; 2 and -2
        found = orth.power_iteration(A, [1.0, 0.3])
        assert not found.converged
        assert found.iterations == 1000
        assert str(found).endswith("after 1000 steps, not converged")
    assert not orth.inverse_iteration(np.diag([1.0, -1, 5]), 0.0).converged


def test_special_starts():
    A = np.diag([3.0, 1.0])
    stuck = orth.power_iteration(A, [0, 1e200])                 # no component along the dominant eigenvector
    assert (stuck.value, stuck.iterations, stuck.converged) == (1, 0, True)
    zero = orth.power_iteration(np.zeros((2, 2)))
    assert (zero.value, zero.iterations, zero.converged) == (0, 0, True)
    nilpotent = orth.power_iteration([[0, 1], [0, 0]], [1.0, 1])
    assert (nilpotent.value, nilpotent.converged) == (0, True)
    assert orth.inverse_iteration(np.zeros((2, 2)), 0.0).value == 0
    one = orth.power_iteration(A, seed=np.random.default_rng(3))
    assert_array_equal(one.values, orth.power_iteration(A, seed=3).values)
    assert str(one).startswith("power iteration: λ ≈ 3, residual ")
    assert str(one).endswith(f"after {one.iterations} steps, converged")


@pytest.mark.parametrize("scale", [1e-200, 1, 1e200])
@pytest.mark.parametrize(("shift", "expected"), [(0, -1), (5.5, 6), (2.6, 2), (2, 2), (-1, -1), (10, 6), (-5, -1)])
def test_inverse_iteration_finds_the_nearest_eigenvalue(shift, expected, scale):
    A, _ = symmetric([6, 2, -1])
    found = orth.inverse_iteration(A * scale, shift * scale)
    assert found.converged
    assert found.value / scale == pytest.approx(expected)
    assert_allclose(A @ found.vector, expected * found.vector, atol=1e-8)


@pytest.mark.parametrize("A", [np.diag([1.0, 2, 3]), np.array([[2.0, 1], [1, 2]]), np.array([[0.0, 1], [0, 0]]),
                               np.diag([0.0, EPS]), np.array([[4.0]])])
def test_inverse_iteration_at_an_exact_eigenvalue(A):
    shift = np.linalg.eigvals(A)[0].real
    found = orth.inverse_iteration(A, shift, tolerance=1e-13)
    assert found.converged
    assert found.value == pytest.approx(shift, abs=1e-12)
    assert found.iterations <= 3


def test_default_options_of_the_iterations():
    A = np.diag([0.3, 1, -4])
    assert orth.inverse_iteration(A).value == pytest.approx(0.3)         # shift 0: the least in absolute value
    for iteration in (orth.power_iteration, orth.inverse_iteration, orth.rayleigh_quotient_iteration):
        assert_array_equal(iteration(A).values, iteration(A, seed=0).values)
    for iteration, tolerance in [(orth.power_iteration, 1e-10), (orth.inverse_iteration, 1e-10)]:
        residuals = iteration(A).residuals / np.linalg.norm(A)
        assert residuals[-1] <= tolerance < residuals[-2]


def test_rayleigh_quotient_iteration_converges_cubically():
    A, _ = symmetric([9, 4, 2, 1, -3], seed=4)
    for seed in range(20):
        found = orth.rayleigh_quotient_iteration(A, seed=seed)
        assert found.converged
        assert found.iterations <= 10
        assert np.abs(np.array([9, 4, 2, 1, -3]) - found.value).min() < 1e-12
        assert_allclose(A @ found.vector, found.value * found.vector, atol=1e-12)
    r = orth.rayleigh_quotient_iteration(A, seed=1).residuals
    late = r[(r < 0.3) & (r > 1e-14)]
    assert (late[1:] < 2 * late[:-1] ** 3).all()
    assert len(late) >= 2
    scaled = orth.rayleigh_quotient_iteration(A * 1e200, seed=1)
    assert scaled.value / 1e200 == pytest.approx(orth.rayleigh_quotient_iteration(A, seed=1).value)


def test_iterations_refuse():
    A = np.eye(2)
    for iteration in (orth.power_iteration, orth.inverse_iteration, orth.rayleigh_quotient_iteration):
        with pytest.raises(ValueError, match="0 × 0 matrix has no eigenvalue"):
            iteration(np.zeros((0, 0)))
        with pytest.raises(ValueError, match="x0 must not be zero"):
            iteration(A, x0=[0, 0])
        with pytest.raises(ValueError, match=r"A \(2, 2\) and x0 \(3,\) do not fit"):
            iteration(A, x0=[1, 2, 3])
        for options in ({"tolerance": -1}, {"tolerance": np.nan}, {"max_iterations": 0}):
            with pytest.raises(ValueError, match="tolerance must be at least 0 and max_iterations at least 1"):
                iteration(A, **options)
        assert iteration(np.diag([1.0, 2]), x0=[1, 1], tolerance=0, max_iterations=1).iterations == 1
    with pytest.raises(ValueError, match="shift must be finite; it is nan"):
        orth.inverse_iteration(A, np.nan)
    with pytest.raises(ValueError, match="out of proportion"):
        orth.inverse_iteration(1e-200 * A, 1e200)
    with pytest.raises(ValueError, match=r"entries \(0, 1\) and \(1, 0\) are 1 and 0"):
        orth.rayleigh_quotient_iteration([[1, 1], [0, 1]])


# --- eigendecompositions ---

@pytest.mark.parametrize("scale", [2.0 ** -1040, 1e-200, 1, 1e200])
@pytest.mark.parametrize("lam", [[3, 1, -2], [5, 5, 5, 1], [0, 0], [1e8, 1, 1e-8], [-4]])
def test_symmetric_eigen(lam, scale):
    A, _ = symmetric(lam)
    if scale < 1e-300:
        A = np.round(A * 4) / 4
        lam = np.linalg.eigvalsh(A)[::-1]
    found = orth.symmetric_eigen(A * scale)
    assert_allclose(found.values / scale, lam, atol=1e-14 * max(np.abs(lam).max(), 1))
    assert (np.diff(found.values) <= 0).all()
    assert orth.is_orthogonal(found.vectors)
    digits = 1e-9 if scale < 1e-300 else 1e-13                  # subnormal numbers have few
    assert_allclose(found.reconstruct() / scale, A, atol=digits * max(np.abs(lam).max(), 1))


@given(symmetric_matrices(4))
@settings(max_examples=50, deadline=None)
def test_symmetric_eigen_properties(A):
    found = orth.symmetric_eigen(A)
    assert_allclose(found.values, scipy.linalg.eigvalsh(A)[::-1], atol=1e-12)
    assert_allclose(found.reconstruct(), A, atol=1e-12)
    assert found.values.sum() == pytest.approx(np.trace(A), abs=1e-12)
    assert np.prod(found.values) == pytest.approx(np.linalg.det(A), abs=1e-8)
    V = found.vectors
    assert (V.max(axis=0) >= -V.min(axis=0) * (1 - 1e-5)).all()
    moved = orth.symmetric_eigen(-A)
    assert_allclose(moved.values, -found.values[::-1], atol=1e-12)


def test_signs_are_fixed_even_between_equal_entries():
    H = orth.rotation(np.pi / 4)
    A = H @ np.diag([1.0, 2.0]) @ H.T
    for B in (A, A + 1e-16 * np.array([[1, 0], [0, -1]]), A[::-1, ::-1]):
        assert_allclose(orth.symmetric_eigen((B + B.T) / 2).vectors[:, 0] * [1, -1], [2 ** -0.5] * 2, atol=1e-12)
    V = orth._positive(np.array([[0.6, -0.3, 0.5], [-0.8, -0.9, -0.5 - 1e-9]]))
    assert_allclose(V, [[-0.6, 0.3, 0.5], [0.8, 0.9, -0.5]], atol=1e-8)
    assert_allclose(orth._positive(np.array([[0.1j], [-2j]])), [[-0.1], [2]])


def test_symmetric_eigen_refuses_what_is_not_symmetric():
    with pytest.raises(ValueError, match=r"entries \(0, 2\) and \(2, 0\) are 3 and 7; .* pass \(A \+ A.T\)/2"):
        orth.symmetric_eigen([[1, 2, 3], [2, 1, 0], [7, 0, 1]])
    A = np.array([[1.0, 2], [2 + 1e-3, 1]])
    with pytest.raises(ValueError, match="symmetric"):
        orth.symmetric_eigen(A, tolerance=0.49e-3)
    assert_allclose(orth.symmetric_eigen(A, tolerance=0.51e-3).values, [3.0005, -1.0005])
    with pytest.raises(ValueError, match="tolerance"):
        orth.symmetric_eigen(A, tolerance=-1)
    B = np.array([[1.0, 2], [2 + 8 * 2 * EPS, 1]])              # rounding: within 10 · 2 eps of 2
    assert_allclose(orth.symmetric_eigen(B).values, [3, -1])
    with pytest.raises(ValueError, match="symmetric"):
        orth.symmetric_eigen([[1.0, 2], [2 + 24 * 2 * EPS, 1]])
    with pytest.raises(ValueError, match="symmetric"):
        orth.symmetric_eigen([[0, 1.5e308], [-1.5e308, 0]])
    empty = orth.symmetric_eigen(np.zeros((0, 0)))
    assert empty.values.shape == (0,)
    assert empty.vectors.shape == (0, 0)
    assert str(orth.symmetric_eigen([[2, 1], [1, 2]])) == "A = QΛQᵀ with eigenvalues [3. 1.]"


@pytest.mark.parametrize("scale", [1e-200, 1, 1e200])
def test_diagonalise(scale):
    V, lam = np.array([[1.0, 1, 0], [0, 1, 1], [0, 0, 2]]), np.array([4.0, -1, 2])
    A = V @ np.diag(lam) @ np.linalg.inv(V)
    found = orth.diagonalise(A * scale)
    assert_allclose(found.values / scale, [4, 2, -1])
    assert_allclose(A @ found.vectors, found.vectors * found.values / scale, atol=1e-12)
    assert_allclose(np.linalg.norm(found.vectors, axis=0), 1)
    assert found.condition == pytest.approx(np.linalg.cond(found.vectors))
    assert not found.nearly_defective
    assert "defective" not in str(found)


def test_diagonalise_complex_and_ordered():
    found = orth.diagonalise(scipy.linalg.block_diag([[0, -1], [1, 0]], [[0.0]], [[3.0]]))
    assert_allclose(found.values, [3, 1j, 0, -1j], atol=1e-15)
    leading = np.take_along_axis(found.vectors, np.abs(found.vectors).argmax(axis=0)[None], axis=0)
    assert_allclose(leading.imag, 0, atol=1e-15)
    assert (leading.real > 0).all()
    assert np.isrealobj(orth.diagonalise(np.diag([1.0, 2])).values)
    assert orth.diagonalise(np.zeros((0, 0))).condition == 1
    assert orth.diagonalise(np.array([[5.0]])).condition == 1


@pytest.mark.parametrize("A", [
    np.array([[1.0, 1], [0, 1]]), np.array([[3.0, 1, 0], [0, 3, 1], [0, 0, 3]]), np.array([[0.0, 1], [0, 0]]),
    orth.rotation(0.3) @ np.array([[2.0, 5], [0, 2]]) @ orth.rotation(-0.3), np.array([[0.0, -1], [1, 2]])])
def test_defective_matrices_are_noticed(A):
    found = orth.diagonalise(A)
    assert found.nearly_defective
    assert "A is defective or nearly so" in str(found)


def test_repeated_eigenvalues_alone_are_not_defective():
    for A in (np.eye(3), np.diag([2.0, 2, 5]), symmetric([1, 1, 4])[0], np.zeros((2, 2))):
        assert not orth.diagonalise(A).nearly_defective


@given(arrays(np.float64, (4, 4), elements=st.integers(-9, 9).map(float)))
@settings(max_examples=40, deadline=None)
def test_characteristic_polynomial_is_exact_for_integers(A):
    expected = [float(c) for c in sympy.Matrix(A.astype(int)).charpoly().all_coeffs()]
    assert_array_equal(orth.characteristic_polynomial(A), expected)


def test_characteristic_polynomial_special_cases():
    assert_array_equal(orth.characteristic_polynomial(np.zeros((0, 0))), [1])
    assert_array_equal(orth.characteristic_polynomial([[5]]), [1, -5])
    A, _ = symmetric([2, -2, -4])
    assert_allclose(orth.characteristic_polynomial(A), [1, 4, -4, -16], atol=1e-13)     # (λ-2)(λ+2)(λ+4)
    assert_allclose(orth.characteristic_polynomial(np.eye(2) * 1e-150), [1, -2e-150, 1e-300])
    with pytest.raises(OverflowError, match="coefficient exceeds"):
        orth.characteristic_polynomial(1e200 * np.eye(2))


def test_a_matrix_is_singular_when_an_eigenvalue_is_zero():
    A, _ = symmetric([3, 1, 0])
    assert orth.characteristic_polynomial(A)[-1] == pytest.approx(0, abs=1e-14)
    assert np.abs(orth.diagonalise(A).values).min() < 1e-15


@pytest.mark.parametrize("function", [
    orth.orthogonality_error, orth.are_orthogonal, orth.gram_schmidt, orth.householder_qr, orth.power_iteration,
    orth.inverse_iteration, orth.symmetric_eigen, orth.diagonalise, orth.characteristic_polynomial,
    lambda A: orth.rayleigh_quotient(A, [1, 2]), lambda A: orth.power_iteration(A, [1, 2])])
def test_nan_is_refused_and_input_not_written_to(function):
    A = np.array([[1.0, 2], [2, 5]])
    before = A.copy()
    function(A)
    assert_array_equal(A, before)
    with pytest.raises(ValueError, match="NaN or infinite"):
        function([[1, np.nan], [0, 1]])
    with pytest.raises(ValueError, match=r"matrix \(two axes\)"):
        function([1.0, 2.0])


def test_results_are_frozen():
    kinds = [kind for kind in vars(orth).values() if isinstance(kind, type) and dataclasses.is_dataclass(kind)]
    assert kinds
    assert all(kind.__dataclass_params__.frozen for kind in kinds)
