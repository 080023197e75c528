"""Where matrix functions are differentiable, and that they refuse where they are not."""

import numpy as np
import pytest
import scipy.linalg

from labkit.autodiff import grad, hessian, jvp, vjp
from labkit.gradcheck import central_difference

RNG = np.random.default_rng(11)
S = RNG.standard_normal((4, 4))
SYM = S + S.T
Q = np.linalg.qr(S)[0]
REPEATED = Q @ np.diag([1.0, 2.0, 2.0, 5.0]) @ Q.T
REPEATED = (REPEATED + REPEATED.T) / 2
LinAlgError = np.linalg.LinAlgError


# --- determinants ----------------------------------------------------------------------------------------------

@pytest.mark.parametrize("rank", [4, 3, 2, 0])
def test_gradient_of_det_is_the_cofactor_matrix_at_any_rank(rank):
    X = S[:, :rank] @ RNG.standard_normal((rank, 4))
    cofactors = [[(-1) ** (i + j) * np.linalg.det(np.delete(np.delete(X, i, 0), j, 1)) for j in range(4)]
                 for i in range(4)]
    np.testing.assert_allclose(grad(np.linalg.det)(X), cofactors, atol=1e-12)


def test_det_of_small_and_empty_matrices():
    assert grad(np.linalg.det)(np.array([[3.0]])).tolist() == [[1.0]]
    assert grad(np.linalg.det)(np.zeros((0, 0))).shape == (0, 0)
    gradient = grad(np.linalg.det)(np.array([[1.0, 2.0], [3.0, 4.0]]))
    np.testing.assert_allclose(gradient, [[4, -3], [-2, 1]], atol=1e-14)


def test_second_derivative_of_det():
    H = hessian(np.linalg.det)(np.array([[1.0, 2.0], [3.0, 4.0]]))
    expected = np.zeros((2, 2, 2, 2))
    expected[0, 0, 1, 1] = expected[1, 1, 0, 0] = 1
    expected[0, 1, 1, 0] = expected[1, 0, 0, 1] = -1
    np.testing.assert_allclose(H, expected, atol=1e-13)
    with pytest.raises(LinAlgError, match="nonsingular"):
        hessian(np.linalg.det)(np.ones((2, 2)))


@pytest.mark.parametrize("f", [lambda X: np.linalg.slogdet(X)[1], lambda X: np.linalg.inv(X).sum(),
                               lambda X: np.linalg.solve(X, np.ones(2)).sum()])
def test_singular_matrices_are_refused(f):
    with pytest.raises(LinAlgError, match=r"[Ss]ingular"):
        grad(f)(np.ones((2, 2)))


def test_log_det_is_right_where_det_overflows():
    X = np.diag(np.full(400, 1e3)) + 1.0
    np.testing.assert_allclose(grad(lambda X: np.linalg.slogdet(X)[1])(X), np.linalg.inv(X).T, rtol=1e-12)


# --- functions of symmetric matrices ---------------------------------------------------------------------------

@pytest.mark.parametrize("f", [lambda X: np.linalg.cholesky(X).sum(), lambda X: np.linalg.eigh(X)[0][0],
                               lambda X: np.linalg.eigvalsh(X)[0]], ids=["cholesky", "eigh", "eigvalsh"])
def test_matrices_that_are_not_symmetric_are_refused_and_gradients_are_symmetric(f):
    A = SYM @ SYM + np.eye(4)
    G = grad(f)(A)
    np.testing.assert_allclose(G, G.T, atol=1e-15)
    with pytest.raises(ValueError, match="symmetric matrices"):
        grad(f)(A + np.triu(np.ones((4, 4)), 1))


def test_cholesky_refuses_indefinite_matrices():
    with pytest.raises(LinAlgError):
        grad(lambda X: np.linalg.cholesky(X).sum())(np.diag([1.0, -1.0]))


def test_derivative_of_an_eigenvalue_is_the_projection_on_its_vector():
    V = np.linalg.eigh(SYM)[1]
    for i in range(4):
        np.testing.assert_allclose(grad(lambda X, i=i: np.linalg.eigvalsh(X)[i])(SYM), np.outer(V[:, i], V[:, i]),
                                   atol=1e-14)
        np.testing.assert_allclose(grad(lambda X, i=i: np.linalg.eigh(X).eigenvalues[i])(SYM),
                                   np.outer(V[:, i], V[:, i]), atol=1e-14)


def test_repeated_eigenvalues():
    # Symmetric functions of the eigenvalues are smooth there …
    np.testing.assert_allclose(grad(lambda X: np.linalg.eigvalsh(X).sum())(REPEATED), np.eye(4), atol=1e-14)
    np.testing.assert_allclose(grad(lambda X: (np.linalg.eigvalsh(X) ** 3).sum())(REPEATED),
                               3 * REPEATED @ REPEATED, atol=1e-12)
    np.testing.assert_allclose(grad(lambda X: np.linalg.eigvalsh(X).sum())(np.eye(3)), np.eye(3), atol=1e-15)
    # … and so is a simple eigenvalue beside them …
    largest = grad(lambda X: np.linalg.eigvalsh(X)[3])(REPEATED)
    np.testing.assert_allclose(largest, np.outer(Q[:, 3], Q[:, 3]), atol=1e-13)
    # … but not one of the repeated ones, nor their vectors, nor second derivatives.
    for f in (lambda X: np.linalg.eigvalsh(X)[1], lambda X: np.linalg.eigh(X)[1].sum(),
              lambda X: np.linalg.eigh(X)[0].sum()):
        with pytest.raises(LinAlgError, match="repeated"):
            grad(f)(REPEATED)
    with pytest.raises(LinAlgError, match="repeated"):
        hessian(lambda X: np.linalg.eigvalsh(X + X.T).sum())(np.eye(2))
    with pytest.raises(LinAlgError, match="repeated"):
        jvp(np.linalg.eigvalsh, REPEATED, SYM)


def test_log_det_three_ways():
    A = SYM @ SYM + np.eye(4)
    for f in (lambda X: np.log(np.linalg.eigvalsh(X)).sum(), lambda X: np.linalg.slogdet(X)[1],
              lambda X: 2 * np.log(np.diag(np.linalg.cholesky(X))).sum()):
        np.testing.assert_allclose(grad(f)(A), np.linalg.inv(A), rtol=1e-10)


def test_matrix_exponential_by_eigendecomposition_agrees_with_scipy():
    def expm(X):
        w, V = np.linalg.eigh(X)
        return (V * np.exp(w)) @ V.T

    E = RNG.standard_normal((4, 4))
    E = E + E.T
    np.testing.assert_allclose(jvp(expm, SYM, E)[1], scipy.linalg.expm_frechet(SYM, E)[1], rtol=1e-10)


# --- singular values -------------------------------------------------------------------------------------------

@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (4, 4), (1, 4), (4, 1)])
def test_reconstruction_from_the_svd_has_the_identity_as_derivative(shape):
    X, T = RNG.standard_normal((2, *shape))

    def rebuilt(X):
        U, s, Vh = np.linalg.svd(X, full_matrices=False)
        return (U * s) @ Vh

    value, tangent = jvp(rebuilt, X, T)
    np.testing.assert_allclose(value, X, atol=1e-13)
    np.testing.assert_allclose(tangent, T, atol=1e-12)
    np.testing.assert_allclose(vjp(rebuilt, X)[1](T), T, atol=1e-12)


def test_norms_by_singular_values():
    X = RNG.standard_normal((3, 5))
    U, _, Vh = np.linalg.svd(X, full_matrices=False)
    np.testing.assert_allclose(grad(lambda X: np.linalg.norm(X, "nuc"))(X), U @ Vh, atol=1e-14)
    np.testing.assert_allclose(grad(lambda X: np.linalg.norm(X, 2))(X), np.outer(U[:, 0], Vh[0]), atol=1e-14)
    np.testing.assert_allclose(grad(lambda X: (np.linalg.svdvals(X) ** 2).sum())(X), 2 * X, atol=1e-13)


def test_zero_and_repeated_singular_values():
    low = np.outer([1.0, 2.0, 3.0], [1.0, -1.0])
    np.testing.assert_allclose(grad(lambda X: (np.linalg.svdvals(X) ** 2).sum())(low), 2 * low, atol=1e-13)
    np.testing.assert_allclose(grad(lambda X: np.linalg.svdvals(X)[0])(low), low / np.linalg.norm(low), atol=1e-13)
    for f in (lambda X: np.linalg.norm(X, "nuc"), lambda X: np.linalg.svd(X, full_matrices=False)[0].sum(),
              lambda X: np.linalg.svdvals(X)[-1]):
        with pytest.raises(LinAlgError, match="kink"):
            grad(f)(low)
    np.testing.assert_allclose(grad(lambda X: np.linalg.norm(X, "nuc"))(Q), Q, atol=1e-13)
    for f in (lambda X: np.linalg.svdvals(X)[0], lambda X: np.linalg.svd(X)[0].sum()):
        with pytest.raises(LinAlgError, match="repeated"):
            grad(f)(Q)


def test_singular_values_that_are_close_but_distinct():
    X = np.diag([1.0, 1e-8, 2e-8])
    for i in range(3):
        expected = np.zeros((3, 3))
        k = [0, 2, 1][i]
        expected[k, k] = 1
        np.testing.assert_allclose(grad(lambda X, i=i: np.linalg.svd(X)[1][i])(X), expected, atol=1e-14)


def test_the_full_svd_of_a_matrix_that_is_not_square_is_refused():
    with pytest.raises(ValueError, match="full_matrices=False"):
        grad(lambda X: np.linalg.svd(X)[0].sum())(np.ones((2, 3)))


# --- linear systems --------------------------------------------------------------------------------------------

def test_least_squares_by_normal_equations_agrees_with_differences():
    X, y = RNG.standard_normal((6, 3)), RNG.standard_normal(6)

    def residual(X):
        beta = np.linalg.solve(X.T @ X, X.T @ y)
        return np.linalg.norm(X @ beta - y)

    np.testing.assert_allclose(grad(residual)(X), central_difference(residual, X), rtol=1e-7, atol=1e-8)


def test_solve_keeps_the_shapes_of_vectors_and_matrices():
    b, B = RNG.standard_normal(4), RNG.standard_normal((4, 2))
    assert vjp(lambda b: np.linalg.solve(S, b), b)[1](b).shape == (4,)
    np.testing.assert_allclose(vjp(lambda b: np.linalg.solve(S, b), b)[1](b), np.linalg.solve(S.T, b), rtol=1e-12)
    np.testing.assert_allclose(vjp(lambda B: np.linalg.solve(S, B), B)[1](B), np.linalg.solve(S.T, B), rtol=1e-12)
