"""The claims of chapter 2, in the order of the book."""

import autograd.numpy as anp
import mpmath
import numpy as np
import sympy
from autograd import grad as reverse_mode
from autograd import hessian as ad_hessian
from autograd import jacobian as ad_jacobian

from labkit import gradcheck
from labkit.regression import log_softmax, logsumexp, softmax, softmax_loss, softmax_loss_gradient
from tests.claims.claim import (
    AtMost,
    Equal,
    Holds,
    claim,
    distance_to_singularity,
    gradient_by_differences,
    rate_of_change,
)

inv, det, tr, norm = np.linalg.inv, np.linalg.det, np.trace, np.linalg.norm


def inner(A, B):
    """⟨A, B⟩ as the double sum of its definition."""
    return sum(float(a) * float(b) for a, b in zip(np.ravel(A), np.ravel(B), strict=True))


# --- what the derivative by a matrix is --------------------------------------------------------------------------


def smooth(X):
    """Depend on all entries of X in different ways; autograd can differentiate it."""
    weights = anp.arange(1.0, X.size + 1).reshape(X.shape)
    return anp.sum(weights * anp.sin(X)) + anp.sum(X) ** 2 / 7


@claim("eq-matcalc-gradient", X="m,n moderate")
def gradient_is_the_array_of_partial_derivatives(X):
    return Equal(gradient_by_differences(smooth, X), reverse_mode(smooth)(X))


@gradient_is_the_array_of_partial_derivatives.mutant
def transposed(X):
    return Equal(gradient_by_differences(smooth, X), reverse_mode(smooth)(X).T)


@claim("eq-matcalc-remainder", X="m,n moderate", H="m,n unit")
def remainder_of_the_differential_is_of_second_order(X, H):
    slope = inner(reverse_mode(smooth)(X), H)
    ratio = [abs(smooth(X + t * H) - smooth(X) - t * slope) / t for t in (1e-2, 1e-3, 1e-4)]
    bound = 30 * X.size + 10  # more than half of the largest second derivative of `smooth`
    return [AtMost(r, bound * t + 1e-9) for r, t in zip(ratio, (1e-2, 1e-3, 1e-4), strict=True)]


@remainder_of_the_differential_is_of_second_order.mutant
def of_a_wrong_differential(X, H):
    slope = 2 * inner(reverse_mode(smooth)(X), H)
    return AtMost(abs(smooth(X + 1e-4 * H) - smooth(X) - 1e-4 * slope) / 1e-4, 1e-4 * (30 * X.size + 10) + 1e-9)


@claim("eq-matcalc-inner-product", A="m,n", B="m,n")
def inner_product_is_a_trace(A, B):
    return [
        Equal(inner(A, B), tr(A.T @ B), scale=norm(A) * norm(B), rtol=1e-12),
        Equal(norm(A), np.sqrt(inner(A, A)), rtol=1e-12),
    ]


@inner_product_is_a_trace.mutant
def without_the_transpose(A, B):
    return Equal(inner(A, B), tr(A @ B) if A.shape[0] == A.shape[1] else inner(A, B))


@claim("eq-matcalc-differential", "thm-matcalc-gradient", X="m,n moderate", dX="m,n")
def gradient_is_read_off_the_differential(X, dX):
    G = reverse_mode(smooth)(X)
    change = rate_of_change(smooth, X, dX, radius=0.5)
    return [Equal(change, tr(G.T @ dX), scale=norm(dX)), Equal(change, inner(G, dX), scale=norm(dX))]


@gradient_is_read_off_the_differential.mutant
def with_the_other_layout(X, dX):
    G = reverse_mode(smooth)(X)
    return Equal(rate_of_change(smooth, X, dX, radius=0.5), inner(G.T, dX))


@claim("eq-matcalc-steepest", "thm-matcalc-steepest", X="m,n moderate", D="m,n unit")
def gradient_is_the_direction_of_steepest_ascent(X, D):
    G = reverse_mode(smooth)(X)
    best = rate_of_change(smooth, X, G / norm(G), radius=0.5)
    short_of_best = norm(G) / 2 * norm(D - G / norm(G)) ** 2  # positive unless D is the gradient's direction
    return [
        AtMost(rate_of_change(smooth, X, D, radius=0.5), best, rtol=1e-7),
        Equal(best, norm(G)),
        Equal(best - rate_of_change(smooth, X, D, radius=0.5), short_of_best, scale=norm(G)),
    ]


@gradient_is_the_direction_of_steepest_ascent.mutant
def of_length_of_the_largest_entry(X, D):
    G = reverse_mode(smooth)(X)
    return AtMost(rate_of_change(smooth, X, D, radius=0.5), np.abs(G).max(), rtol=1e-7)


def on_the_contour(A, x0, v):
    """Return a curve on the contour of xᵀAx through x0, and its velocity at 0, by scaling back a straight line."""

    def curve(t):
        x = x0 + t * v
        return x * np.sqrt((x0 @ A @ x0) / (x @ A @ x))

    return curve, rate_of_change(curve, np.array(0.0), np.array(1.0), radius=0.2)


@claim("eq-matcalc-contour", A="n,n positive-definite", x="n unit", v="n unit")
def gradient_is_perpendicular_to_the_contour(A, x, v):
    curve, velocity = on_the_contour(A, x, v)
    gradient = 2 * A @ x
    return [
        Equal(curve(0.1) @ A @ curve(0.1), x @ A @ x, rtol=1e-12),
        Equal(inner(gradient, velocity), 0.0, scale=norm(gradient) * norm(v) * np.linalg.cond(A)),
    ]


@gradient_is_perpendicular_to_the_contour.mutant
def radius_is_perpendicular(A, x, v):
    _, velocity = on_the_contour(A, x, v)
    return Equal(inner(x, velocity), 0.0, scale=norm(x) * norm(v))


# --- rules -------------------------------------------------------------------------------------------------------


@claim("eq-matcalc-linear", "thm-matcalc-linear", A="k,m", B="n,l", X="m,n", Y="m,n", dX="m,n", dY="m,n")
def linear_rules(A, B, X, Y, dX, dY):
    pair = np.stack([X, Y]), np.stack([dX, dY])
    k = min(X.shape)
    return [
        Equal(rate_of_change(lambda Z: 2 * Z[0] - 3 * Z[1], *pair), 2 * dX - 3 * dY, scale=norm(pair[0])),
        Equal(rate_of_change(lambda Z: Z.T, X, dX), dX.T, scale=norm(X)),
        Equal(rate_of_change(lambda Z: tr(Z[:k, :k]), X, dX), tr(dX[:k, :k]), scale=norm(X) + norm(dX)),
        Equal(
            rate_of_change(lambda Z: A @ Z @ B, X, dX), A @ dX @ B, scale=norm(A) * norm(B) * (norm(X) + norm(dX))
        ),
    ]


@linear_rules.mutant
def constants_swapped(A, B, X, Y, dX, dY):
    return Equal(rate_of_change(lambda Z: A @ Z @ B, X, dX), (B.T @ dX.T @ A.T))


@claim("eq-matcalc-chain", "thm-matcalc-chain", A="m,m moderate", X="m,n moderate", dX="m,n moderate")
def chain_rule(A, X, dX):
    def outer(Y):
        return np.sin(Y @ Y.T)

    def middle(X):
        return A @ X + X * X

    inner_differential = A @ dX + 2 * X * dX
    outer_differential = rate_of_change(outer, middle(X), inner_differential, radius=0.2)
    return Equal(rate_of_change(lambda Z: outer(middle(Z)), X, dX, radius=0.05), outer_differential, scale=1.0)


@chain_rule.mutant
def inner_differential_forgotten(A, X, dX):
    left = rate_of_change(lambda Z: np.sin(Z * Z), X, dX, radius=0.05)
    return Equal(left, np.cos(X * X) * dX, scale=1.0)


@claim("eq-matcalc-product", "thm-matcalc-products", X="m,k", Y="k,n", dX="m,k", dY="k,n")
def product_rule(X, Y, dX, dY):
    change = [rate_of_change(lambda t: (X + t * dX) @ (Y + t * dY), np.array(0.0), np.array(1.0))]
    return Equal(change[0], dX @ Y + X @ dY, scale=(norm(X) + norm(dX)) * (norm(Y) + norm(dY)))


@product_rule.mutant
def second_term_forgotten(X, Y, dX, dY):
    change = rate_of_change(lambda t: (X + t * dX) @ (Y + t * dY), np.array(0.0), np.array(1.0))
    return Equal(change, dX @ Y)


@product_rule.mutant
def factors_swapped(X, Y, dX, dY):
    change = (
        rate_of_change(lambda t: (X + t * dX) @ (X + t * dX), np.array(0.0), np.array(1.0))
        if X.shape[0] == X.shape[1]
        else 0.0
    )
    return Equal(change, 2 * X @ dX if X.shape[0] == X.shape[1] else 0.0)


@claim("eq-matcalc-inverse", X="n,n invertible", dX="n,n")
def inverse_rule(X, dX):
    change = rate_of_change(inv, X, dX, radius=distance_to_singularity(X))
    return Equal(change, -inv(X) @ dX @ inv(X), scale=norm(inv(X)) ** 2 * norm(dX))


@inverse_rule.mutant
def wrong_sign(X, dX):
    return Equal(rate_of_change(inv, X, dX, radius=distance_to_singularity(X)), inv(X) @ dX @ inv(X))


@inverse_rule.mutant
def as_for_numbers(X, dX):
    return Equal(
        rate_of_change(inv, X, dX, radius=distance_to_singularity(X)),
        -inv(X) @ inv(X) @ dX,
        scale=norm(inv(X)) ** 2 * norm(dX),
    )


@claim("eq-matcalc-hadamard", X="m,n", Y="m,n", dX="m,n", dY="m,n")
def hadamard_rule(X, Y, dX, dY):
    change = rate_of_change(lambda Z: Z[0] * Z[1], np.stack([X, Y]), np.stack([dX, dY]))
    return Equal(change, dX * Y + X * dY, scale=(norm(X) + norm(dX)) * (norm(Y) + norm(dY)))


@hadamard_rule.mutant
def of_the_matrix_product(X, Y, dX, dY):
    change = rate_of_change(lambda Z: Z[0] * Z[1], np.stack([X, Y]), np.stack([dX, dY]))
    return Equal(change, dX @ Y + X @ dY if X.shape[0] == X.shape[1] else change)


@claim("eq-matcalc-elementwise", X="m,n moderate", dX="m,n")
def elementwise_rule(X, dX):
    pairs = [
        (np.sin, np.cos),
        (np.exp, np.exp),
        (np.tanh, lambda Z: 1 / np.cosh(Z) ** 2),
        (np.square, lambda Z: 2 * Z),
    ]
    return [Equal(rate_of_change(s, X, dX, radius=0.3), ds(X) * dX, scale=norm(dX)) for s, ds in pairs]


@elementwise_rule.mutant
def with_a_matrix_product(X, dX):
    square = X.shape[0] == X.shape[1]
    change = rate_of_change(np.sin, X, dX, radius=0.3)
    return Equal(change, np.cos(X) @ dX if square else change, scale=norm(dX))


@claim("eq-matcalc-inner", X="m,n", Y="m,n", dX="m,n", dY="m,n")
def inner_product_rule(X, Y, dX, dY):
    change = rate_of_change(lambda Z: tr(Z[0].T @ Z[1]), np.stack([X, Y]), np.stack([dX, dY]))
    return Equal(change, inner(dX, Y) + inner(X, dY), scale=(norm(X) + norm(dX)) * (norm(Y) + norm(dY)))


@inner_product_rule.mutant
def doubled(X, Y, dX, dY):
    return Equal(
        rate_of_change(lambda Z: tr(Z[0].T @ Z[1]), np.stack([X, Y]), np.stack([dX, dY])), 2 * inner(dX, Y)
    )


@claim("eq-matcalc-quotient", X="m,n moderate", dX="m,n moderate", c="m,n nonzero")
def quotient_rule(X, dX, c):
    def phi(Z):
        return 3 + np.sin(np.sum(c * Z))

    d_phi = np.cos(np.sum(c * X)) * np.sum(c * dX)
    change = rate_of_change(lambda Z: Z / phi(Z), X, dX, radius=0.05)
    return Equal(change, (phi(X) * dX - d_phi * X) / phi(X) ** 2, scale=1.0)


@quotient_rule.mutant
def terms_exchanged(X, dX, c):
    def phi(Z):
        return 3 + np.sin(np.sum(c * Z))

    d_phi = np.cos(np.sum(c * X)) * np.sum(c * dX)
    change = rate_of_change(lambda Z: Z / phi(Z), X, dX, radius=0.05)
    return Equal(change, (d_phi * X - phi(X) * dX) / phi(X) ** 2, scale=1.0)


def adjugate(X):
    """Return the transposed cofactors by exact arithmetic, which does not care whether X is singular."""
    exact = sympy.Matrix(X.shape[0], X.shape[1], [sympy.Rational(float(x)) for x in X.ravel()])
    return np.array(exact.adjugate().tolist(), dtype=float)


@claim("eq-matcalc-det", "thm-matcalc-det", X="n,n moderate", Y="n,n invertible", dX="n,n moderate")
def jacobi_formula(X, Y, dX):
    scale = (norm(X) + norm(dX) + 1) ** len(X)
    change = rate_of_change(det, Y, dX, radius=distance_to_singularity(Y))
    return [
        Equal(rate_of_change(det, X, dX), tr(adjugate(X) @ dX), scale=scale, rtol=1e-11),
        Equal(change, det(Y) * tr(inv(Y) @ dX), scale=abs(det(Y)) * norm(inv(Y)) * norm(dX) + 1e-3),
    ]


@jacobi_formula.mutant
def cofactors_not_transposed(X, Y, dX):
    return Equal(rate_of_change(det, X, dX), tr(adjugate(X).T @ dX), scale=1.0)


@jacobi_formula.mutant
def determinant_forgotten(X, Y, dX):
    change = rate_of_change(det, Y, dX, radius=distance_to_singularity(Y))
    return Equal(change, tr(inv(Y) @ dX), scale=norm(inv(Y)) * norm(dX))


@claim("eq-matcalc-logdet", X="n,n invertible", dX="n,n")
def log_determinant_rule(X, dX):
    def logdet(Z):
        return np.linalg.slogdet(Z)[1]

    radius = distance_to_singularity(X)
    scale = norm(inv(X)) * norm(dX)
    gradient = np.array([[rate_of_change(logdet, X, E, radius) for E in row] for row in unit_matrices(X.shape)])
    return [
        Equal(rate_of_change(logdet, X, dX, radius), tr(inv(X) @ dX), scale=scale),
        Equal(rate_of_change(logdet, -X, dX, radius), tr(inv(-X) @ dX), scale=scale),
        Equal(gradient, inv(X).T, scale=norm(inv(X))),
    ]


def unit_matrices(shape):
    return np.eye(int(np.prod(shape))).reshape(*shape, *shape)


@log_determinant_rule.mutant
def inverse_not_transposed(X, dX):
    radius = distance_to_singularity(X)
    gradient = [
        [rate_of_change(lambda Z: np.linalg.slogdet(Z)[1], X, E, radius) for E in row]
        for row in unit_matrices(X.shape)
    ]
    return Equal(gradient, inv(X), scale=norm(inv(X)))


# --- traces ------------------------------------------------------------------------------------------------------


@claim("eq-matcalc-cyclic", "thm-matcalc-trace", A="m,n", B="n,m", C="m,k", D="k,n", S="n,n")
def trace_is_cyclic(A, B, C, D, S):
    def diagonal_sum(M):
        return sum(M[i, i] for i in range(len(M)))

    return [
        Equal(diagonal_sum(S.T), diagonal_sum(S), rtol=1e-12),
        Equal(diagonal_sum(A @ B), diagonal_sum(B @ A), scale=norm(A) * norm(B), rtol=1e-12),
        Equal(diagonal_sum(C @ D @ B), diagonal_sum(B @ C @ D), scale=norm(B) * norm(C) * norm(D), rtol=1e-12),
        Equal(diagonal_sum(C @ D @ B), diagonal_sum(D @ B @ C), scale=norm(B) * norm(C) * norm(D), rtol=1e-12),
    ]


@trace_is_cyclic.mutant
def permuted_at_will(A, B, C, D, S):
    if S.shape != (2, 2) or A.shape != (2, 2) or C.shape != (2, 2):
        return Holds(True)
    return Equal(tr(A @ C @ S), tr(C @ A @ S))


@claim("eq-matcalc-quadratic-trace", a="n", B="n,n")
def quadratic_form_as_a_trace(a, B):
    entries = sum(a[i] * B[i, j] * a[j] for i in range(len(a)) for j in range(len(a)))
    return Equal(entries, tr(np.outer(a, a) @ B), scale=norm(a) ** 2 * norm(B), rtol=1e-12)


@quadratic_form_as_a_trace.mutant
def inner_instead_of_outer_product(a, B):
    return Equal(a @ B @ a, (a @ a) * tr(B))


@claim("eq-matcalc-hadamard-trace", A="m,n", B="m,n", C="m,n")
def hadamard_trick_for_any_shape(A, B, C):
    scale = norm(A) * norm(B) * norm(C)
    triple = sum(A[i] * B[i] * C[i] for i in np.ndindex(A.shape))
    return [
        Equal(tr(A.T @ (B * C)), tr((A * B).T @ C), scale=scale, rtol=1e-12),
        Equal(tr(A.T @ (B * C)), triple, scale=scale, rtol=1e-12),
    ]


@hadamard_trick_for_any_shape.mutant
def outer_transpose_forgotten(A, B, C):
    return Equal(tr(A.T @ (B * C)), tr((A * B) @ C) if A.shape[0] == A.shape[1] else tr(A.T @ (B * C)))


@claim("eq-matcalc-inverse-form", X="n,n invertible", a="n nonzero", b="n nonzero")
def gradient_of_a_form_with_an_inverse(X, a, b):
    radius = distance_to_singularity(X)
    measured = [
        [rate_of_change(lambda Z: a @ inv(Z) @ b, X, E, radius) for E in row] for row in unit_matrices(X.shape)
    ]
    return Equal(measured, -inv(X).T @ np.outer(a, b) @ inv(X).T, scale=norm(inv(X)) ** 2 * norm(a) * norm(b))


@gradient_of_a_form_with_an_inverse.mutant
def vectors_exchanged(X, a, b):
    radius = distance_to_singularity(X)
    measured = [
        [rate_of_change(lambda Z: a @ inv(Z) @ b, X, E, radius) for E in row] for row in unit_matrices(X.shape)
    ]
    return Equal(measured, -inv(X).T @ np.outer(b, a) @ inv(X).T, scale=norm(inv(X)) ** 2 * norm(a) * norm(b))


@claim("eq-matcalc-least-squares", X="m,n", w="n", y="m")
def least_squares_gradients(X, w, y):
    def by_sums(X, w):
        return sum((sum(X[i, j] * w[j] for j in range(len(w))) - y[i]) ** 2 for i in range(len(y)))

    r = X @ w - y
    size = (norm(X) + 1) * (norm(w) + 1) * (norm(X) * norm(w) + norm(y) + 1)
    return [
        Equal(gradient_by_differences(lambda v: by_sums(X, v), w), 2 * X.T @ r, scale=size),
        Equal(gradient_by_differences(lambda Z: by_sums(Z, w), X), 2 * np.outer(r, w), scale=size),
    ]


@least_squares_gradients.mutant
def factor_two_forgotten(X, w, y):
    return Equal(gradient_by_differences(lambda v: np.sum((X @ v - y) ** 2), w), X.T @ (X @ w - y))


@least_squares_gradients.mutant
def by_the_data_transposed(X, w, y):
    return Equal(gradient_by_differences(lambda Z: np.sum((Z @ w - y) ** 2), X), 2 * np.outer(w, X @ w - y))


@claim("eq-matcalc-mse", X="m,n moderate", w="n moderate", y="m moderate")
def mean_squared_error_gradient(X, w, y):
    measured = reverse_mode(lambda v: anp.mean((anp.dot(X, v) - y) ** 2))(w)
    return Equal(measured, 2 / len(y) * X.T @ (X @ w - y), scale=1.0, rtol=1e-10)


@mean_squared_error_gradient.mutant
def divided_by_the_number_of_weights(X, w, y):
    measured = reverse_mode(lambda v: anp.mean((anp.dot(X, v) - y) ** 2))(w)
    return Equal(measured, 2 / len(w) * X.T @ (X @ w - y))


@claim("eq-matcalc-axb", A="k,m moderate", X="m,n moderate", B="n,l moderate")
def gradient_through_axb(A, X, B):
    gradient_by_y = reverse_mode(smooth)(A @ X @ B)
    measured = gradient_by_differences(lambda Z: smooth(A @ Z @ B), X)
    return Equal(measured, A.T @ gradient_by_y @ B.T, scale=1 + norm(A) * norm(B) * norm(gradient_by_y))


@gradient_through_axb.mutant
def factors_not_transposed(A, X, B):
    if not A.shape[0] == A.shape[1] == B.shape[0] == B.shape[1]:
        return Holds(True)
    measured = gradient_by_differences(lambda Z: smooth(A @ Z @ B), X)
    return Equal(measured, A @ reverse_mode(smooth)(A @ X @ B) @ B, scale=1.0)


@claim(
    "eq-matcalc-adjoint",
    A="k,m moderate", B="n,l moderate", S="m,n moderate", X="n,n invertible", P="n,n", G="k,l", H="m,n moderate",
    K="n,n",
)  # fmt: skip
def adjoints_of_the_rules(A, B, S, X, P, G, H, K):
    def sizes(*arrays):
        return np.prod([norm(M) for M in arrays])

    def of_x(Z):
        return smooth(A @ (S * Z) @ B)  # L[Z] = A (S ∘ Z) B, whose adjoint is S ∘ (Aᵀ G Bᵀ)

    by_y = reverse_mode(smooth)(A @ (S * H) @ B)
    by_x = [rate_of_change(of_x, H, E, radius=0.02) for E in unit_matrices(H.shape).reshape(-1, *H.shape)]
    return [
        Equal(np.reshape(by_x, H.shape), S * (A.T @ by_y @ B.T), scale=1 + sizes(A, B, S, by_y)),
        Equal(inner(G, A @ H @ B), inner(A.T @ G @ B.T, H), scale=sizes(A, B, G, H), rtol=1e-12),
        Equal(inner(H, S * H), inner(S * H, H), scale=sizes(S, H, H), rtol=1e-12),
        Equal(
            inner(P, -inv(X) @ K @ inv(X)),
            inner(-inv(X).T @ P @ inv(X).T, K),
            scale=sizes(inv(X), inv(X), K, P),
            rtol=1e-12,
        ),
    ]


@adjoints_of_the_rules.mutant
def adjoint_of_the_inverse_rule_not_transposed(A, B, S, X, P, G, H, K):
    return Equal(inner(P, -inv(X) @ K @ inv(X)), inner(-inv(X) @ P @ inv(X), K))


@adjoints_of_the_rules.mutant
def map_instead_of_its_adjoint(A, B, S, X, P, G, H, K):
    if A.shape != B.shape or A.shape[0] != A.shape[1]:
        return Holds(True)
    by_y = reverse_mode(smooth)(A @ (S * H) @ B)
    by_x = [rate_of_change(lambda Z: smooth(A @ (S * Z) @ B), H, E, radius=0.02)
            for E in unit_matrices(H.shape).reshape(-1, *H.shape)]  # fmt: skip
    return Equal(np.reshape(by_x, H.shape), A @ (S * by_y) @ B, scale=1.0)


@claim("eq-matcalc-linear-form", c="n", x="n")
def gradient_of_a_linear_form(c, x):
    return Equal(gradient_by_differences(lambda z: c @ z, x), c, scale=norm(c) * (1 + norm(x)))


@gradient_of_a_linear_form.mutant
def gradient_is_the_variable(c, x):
    return Equal(gradient_by_differences(lambda z: c @ z, x), x, scale=1.0)


@claim("eq-matcalc-quadratic-form", A="n,n", x="n")
def gradient_of_a_quadratic_form(A, x):
    measured = gradient_by_differences(lambda z: z @ A @ z, x)
    return Equal(measured, (A + A.T) @ x, scale=norm(A) * (1 + norm(x)) ** 2)


@gradient_of_a_quadratic_form.mutant
def symmetric_part_forgotten(A, x):
    return Equal(gradient_by_differences(lambda z: z @ A @ z, x), 2 * A @ x, scale=norm(A) * norm(x))


# --- shapes ------------------------------------------------------------------------------------------------------


def two_outputs(x):
    return anp.stack([anp.sum(anp.sin(x) * x), anp.sum(x**2) * x[0]])


@claim("eq-matcalc-jacobian", x="n moderate", dx="n")
def jacobian_is_the_matrix_of_the_differential(x, dx):
    J = ad_jacobian(two_outputs)(x)
    return [
        Equal(gradcheck.central_difference(two_outputs, x), J, scale=1 + norm(x) ** 2),
        Equal(rate_of_change(two_outputs, x, dx, radius=0.5), J @ dx, scale=norm(dx)),
        Holds(J.shape == (2, len(x))),
    ]


@jacobian_is_the_matrix_of_the_differential.mutant
def jacobian_transposed(x, dx):
    return Equal(gradcheck.central_difference(two_outputs, x), ad_jacobian(two_outputs)(x).T)


def cubic(x):
    return anp.sum(x) ** 3 + anp.sum(anp.arange(1.0, x.size + 1) * x**2) * x[0] + anp.sum(anp.sin(x))


@claim("eq-matcalc-hessian", x="n moderate")
def hessian_is_the_matrix_of_second_derivatives(x):
    def slope(j):
        return lambda z: rate_of_change(cubic, z, np.eye(len(x))[j])

    measured = [[rate_of_change(slope(j), x, np.eye(len(x))[i]) for j in range(len(x))] for i in range(len(x))]
    return Equal(measured, ad_hessian(cubic)(x), scale=1 + norm(x) ** 3)


@hessian_is_the_matrix_of_second_derivatives.mutant
def diagonal_only(x):
    exact = ad_hessian(cubic)(x)
    return Equal(np.diag(np.diag(exact)), exact)


@claim("eq-matcalc-second-differential", "thm-matcalc-hessian", x="n moderate", d1="n moderate", d2="n moderate")
def second_differential(x, d1, d2):
    H = ad_hessian(cubic)(x)
    gradient = reverse_mode(cubic)
    twice = rate_of_change(lambda z: gradient(z) @ d1, x, d2)
    scale = (1 + norm(x) ** 2) * norm(d1) * norm(d2)
    return [
        Equal(twice, inner(H @ d1, d2), scale=scale),
        Equal(H, H.T, rtol=1e-10),
        Equal(H, ad_jacobian(gradient)(x).T, scale=1.0, rtol=1e-10),
    ]


@second_differential.mutant
def with_a_half(x, d1, d2):
    twice = rate_of_change(lambda z: reverse_mode(cubic)(z) @ d1, x, d2)
    return Equal(twice, inner(ad_hessian(cubic)(x) @ d1, d2) / 2)


@claim("eq-matcalc-hessians", A="n,n moderate", x="n moderate", X="m,n moderate", y="m moderate")
def hessians_of_quadratic_functions(A, x, X, y):
    return [
        Equal(ad_hessian(lambda z: anp.dot(z, anp.dot(A, z)))(x), A + A.T, scale=1.0, rtol=1e-10),
        Equal(ad_hessian(lambda w: anp.sum((anp.dot(X, w) - y) ** 2))(x), 2 * X.T @ X, scale=1.0, rtol=1e-10),
    ]


@hessians_of_quadratic_functions.mutant
def twice_a(A, x, X, y):
    return Equal(ad_hessian(lambda z: anp.dot(z, anp.dot(A, z)))(x), 2 * A, scale=1.0)


# --- softmax regression ------------------------------------------------------------------------------------------


def exact(function, *arrays):
    """Evaluate a function of mpmath vectors with 60 digits and return floats."""
    with mpmath.workdps(60):
        return np.array([float(v) for v in function(*([mpmath.mpf(float(v)) for v in a] for a in arrays))])


def exact_softmax(a):
    weights = [mpmath.exp(v) for v in a]
    return [w / mpmath.fsum(weights) for w in weights]


def exact_lse(a):
    return [mpmath.log(mpmath.fsum(mpmath.exp(v) for v in a))]


@claim("eq-matcalc-softmax", a="k scores")
def softmax_formula(a):
    return [Equal(softmax(a), exact(exact_softmax, a), rtol=1e-12), Equal(softmax(a).sum(), 1.0, rtol=1e-12)]


@softmax_formula.mutant
def normalised_by_the_largest(a):
    weights = np.exp(a - a.max())
    return Equal(weights / weights.max(), exact(exact_softmax, a))


@claim("eq-matcalc-likelihood", a="k scores", y="k one-hot")
def likelihood_of_a_one_hot_label(a, y):
    def likelihood(p, y):
        product = mpmath.mpf(1)
        for pi, yi in zip(exact_softmax(p), y, strict=True):
            product *= pi**yi
        return [product]

    chosen = exact(exact_softmax, a)[y.argmax()]
    negative_log = exact(lambda a, y: [-mpmath.log(likelihood(a, y)[0])], a, y)[0]
    terms = exact(
        lambda a, y: [-mpmath.fsum(yi * mpmath.log(p) for yi, p in zip(y, exact_softmax(a), strict=True))], a, y
    )[0]
    return [Equal(exact(likelihood, a, y)[0], chosen, rtol=1e-12), Equal(negative_log, terms, rtol=1e-12)]


@likelihood_of_a_one_hot_label.mutant
def minimised_over_p(a, y):
    """The sources write −log L as a minimum over p, which is 0 whatever the scores are."""
    loss = exact(
        lambda a, y: [-mpmath.fsum(yi * mpmath.log(p) for yi, p in zip(y, exact_softmax(a), strict=True))], a, y
    )[0]
    return Equal(loss, 0.0)


@claim("eq-matcalc-softmax-loss", W="k,n moderate", x="n moderate", y="k labels")
def softmax_regression_loss(W, x, y):
    direct = exact(
        lambda a, y: [-mpmath.fsum(yi * mpmath.log(p) for yi, p in zip(y, exact_softmax(a), strict=True))],
        W @ x,
        y,
    )[0]
    return Equal(softmax_loss(W, x, y), direct, scale=1.0, rtol=1e-12)


@softmax_regression_loss.mutant
def logarithm_of_the_scores(W, x, y):
    return Equal(softmax_loss(W, x, y), -y @ (W @ x), scale=1.0)


@claim("eq-matcalc-log-softmax", a="k scores", y="k labels")
def log_softmax_formula(a, y):
    reference = exact(lambda a: [mpmath.log(p) for p in exact_softmax(a)], a)
    loss = exact(lambda a, y: [exact_lse(a)[0] - mpmath.fsum(yi * ai for ai, yi in zip(a, y, strict=True))], a, y)[
        0
    ]
    return [Equal(log_softmax(a), reference, rtol=1e-12), Equal(-y @ reference, loss, rtol=1e-10, scale=1e-3)]


@log_softmax_formula.mutant
def for_any_y(a, y):
    """The second formula needs a y with sum one."""
    return Equal(-(2 * y) @ log_softmax(a), logsumexp(a) - (2 * y) @ a)


@claim("eq-matcalc-lse-gradient", a="k scores")
def gradient_of_log_sum_exp(a):
    return Equal(gradient_by_differences(logsumexp, a), exact(exact_softmax, a), scale=1.0)


@gradient_of_log_sum_exp.mutant
def gradient_is_the_exponential(a):
    return Equal(gradient_by_differences(logsumexp, np.tanh(a)), np.exp(np.tanh(a)))


@claim("eq-matcalc-loss-by-scores", a="k scores", y="k labels")
def gradient_of_the_loss_by_the_scores(a, y):
    measured = gradient_by_differences(lambda s: -y @ log_softmax(s), a)
    return Equal(measured, exact(exact_softmax, a) - y, scale=1.0)


@gradient_of_the_loss_by_the_scores.mutant
def sign_as_printed_in_the_source(a, y):
    return Equal(gradient_by_differences(lambda s: -y @ log_softmax(s), a), -(y + softmax(a)))


@claim("eq-matcalc-softmax-gradient", W="k,n moderate", x="n moderate", y="k labels")
def gradient_of_the_loss_by_the_weights(W, x, y):
    measured = gradient_by_differences(lambda V: softmax_loss(V, x, y), W)
    formula = np.outer(exact(exact_softmax, W @ x) - y, x)
    return [
        Equal(measured, formula, scale=1 + norm(x)),
        Equal(softmax_loss_gradient(W, x, y), formula, scale=norm(x), rtol=1e-12),
    ]


@gradient_of_the_loss_by_the_weights.mutant
def second_candidate(W, x, y):
    return Equal(
        gradient_by_differences(lambda V: softmax_loss(V, x, y), W), np.outer(x, softmax(W @ x) - y), scale=1.0
    )


@gradient_of_the_loss_by_the_weights.mutant
def third_candidate(W, x, y):
    return Equal(
        gradient_by_differences(lambda V: softmax_loss(V, x, y), W), -np.outer(softmax(W @ x) + y, x), scale=1.0
    )


@claim("eq-matcalc-logsumexp-shift", a="k scores", c="1 scores")
def log_sum_exp_is_shifted(a, c):
    def shifted(a, c):
        return [c[0] + mpmath.log(mpmath.fsum(mpmath.exp(v - c[0]) for v in a))]

    reference = exact(exact_lse, a)[0]
    return [
        Equal(exact(shifted, a, c)[0], reference, rtol=1e-15, scale=1.0),
        Equal(logsumexp(a), reference, rtol=1e-13),
    ]


@log_sum_exp_is_shifted.mutant
def computed_as_written(a, c):
    with np.errstate(over="ignore", divide="ignore"):
        return Equal(np.log(np.exp(a).sum()), exact(exact_lse, a)[0])


# --- checking ----------------------------------------------------------------------------------------------------

UNIT_ROUNDOFF = 2.0**-53


def exponential(x, h):
    """φ = exp(2·) on [x − h, x + h]: φ'(x), the bounds F, M₂ = 4F, M₃ = 8F, and 4u, more than numpy's exp errs."""
    largest = float(np.exp(2 * (x + h)))
    return 2 * np.exp(2 * x), largest, 4 * largest, 8 * largest, 4 * UNIT_ROUNDOFF


def exact_step(x, e, least):
    """Return a step that is a power of two, and x as a multiple of it: x + h and x − h are exact."""
    h = 2.0 ** -round(least + 8 * abs(np.sin(e[0])))
    return round(float(np.clip(x, -3, 3)) / h) * h, h


@claim("eq-matcalc-forward-error", "thm-matcalc-differences", x=" moderate", e="1 moderate")
def error_of_the_forward_difference(x, e):
    x, h = exact_step(x, e, 10)
    slope, F, M2, _, u = exponential(x, h)
    error = abs((np.exp(2 * (x + h)) - np.exp(2 * x)) / h - slope)
    best, least = 2 * np.sqrt(u * F / M2), 2 * np.sqrt(u * F * M2)
    return [
        AtMost(error, M2 / 2 * h + 2 * u * F / h, rtol=1e-3),
        AtMost(M2 / 2 * h * np.exp(-2 * h), error + 2 * u * F / h),  # the truncation term is of the right size
        Equal(M2 / 2 * best + 2 * u * F / best, least, rtol=1e-12),
        *(AtMost(least, M2 / 2 * t + 2 * u * F / t) for t in (h, best / 2, 2 * best)),
    ]


@error_of_the_forward_difference.mutant
def of_second_order(x, e):
    x, h = exact_step(x, e, 10)
    slope, F, _, M3, u = exponential(x, h)
    error = abs((np.exp(2 * (x + h)) - np.exp(2 * x)) / h - slope)
    return AtMost(error, M3 / 6 * h**2 + 2 * u * F / h)


@error_of_the_forward_difference.mutant
def best_step_with_the_bounds_exchanged(x, e):
    _, F, M2, _, u = exponential(*exact_step(x, e, 10))
    best = 2 * np.sqrt(u * M2 / F)
    return Equal(M2 / 2 * best + 2 * u * F / best, 2 * np.sqrt(u * F * M2))


@claim("eq-matcalc-central-error", x=" moderate", e="1 moderate")
def error_of_the_central_difference(x, e):
    x, h = exact_step(x, e, 6)
    slope, F, _, M3, u = exponential(x, h)
    error = abs((np.exp(2 * (x + h)) - np.exp(2 * (x - h))) / (2 * h) - slope)
    best, least = np.cbrt(3 * u * F / M3), np.cbrt(9 * u**2 * F**2 * M3) / 2
    return [
        AtMost(error, M3 / 6 * h**2 + u * F / h, rtol=1e-3),
        AtMost(M3 / 6 * h**2 * np.exp(-4 * h), error + u * F / h),
        Equal(M3 / 6 * best**2 + u * F / best, least, rtol=1e-12),
        *(AtMost(least, M3 / 6 * t**2 + u * F / t) for t in (h, best / 2, 2 * best)),
    ]


@error_of_the_central_difference.mutant
def nine_tenths_of_the_truncation_error(x, e):
    x, h = exact_step(x, e, 6)
    slope, F, _, M3, u = exponential(x, h)
    error = abs((np.exp(2 * (x + h)) - np.exp(2 * (x - h))) / (2 * h) - slope)
    return AtMost(error, 0.9 * M3 / 6 * h**2 + u * F / h)


@error_of_the_central_difference.mutant
def best_step_as_for_the_forward_difference(x, e):
    _, F, _, M3, u = exponential(*exact_step(x, e, 6))
    best = 2 * np.sqrt(u * F / M3)
    return Equal(M3 / 6 * best**2 + u * F / best, np.cbrt(9 * u**2 * F**2 * M3) / 2)


@claim("eq-matcalc-complex-step", x=" moderate")
def complex_step_has_an_even_error(x):
    x = float(np.clip(x, -3, 3))
    slope, third = np.cos(x), -np.cos(x)
    error = [np.sin(x + 1j * h).imag / h - slope for h in (1e-1, 1e-2)]
    return [
        Equal(error[k], -(h**2) / 6 * third, rtol=h**2, scale=h**2 / 6) for k, h in enumerate((1e-1, 1e-2))
    ] + [
        Equal(np.sin(x + 1e-20j).imag / 1e-20, slope, rtol=1e-15, scale=1.0),
        Equal(gradcheck.complex_step(np.sin, x), slope, rtol=1e-15, scale=1.0),
    ]


@complex_step_has_an_even_error.mutant
def error_of_the_central_difference_instead(x):
    x = float(np.clip(x, -3, 3))
    error = np.sin(x + 1e-2j).imag / 1e-2 - np.cos(x)
    return Equal(error, 1e-4 / 6 * -np.cos(x), rtol=1e-3, scale=1e-6)


def taylor_remainders(X, V, g, steps):
    return np.array([abs(smooth(X + t * V) - smooth(X) - t * inner(g, V)) for t in steps])


@claim("eq-matcalc-taylor", X="m,n moderate", V="m,n unit")
def taylor_remainder_of_the_gradient_has_slope_two(X, V):
    G, steps = reverse_mode(smooth)(X), np.logspace(-2, -4, 9)
    curvature = abs(rate_of_change(lambda Z: inner(reverse_mode(smooth)(Z), V), X, V))
    errors = taylor_remainders(X, V, G, steps)
    wrong = taylor_remainders(X, V, G + 0.5 * V * max(1.0, norm(G)), steps)
    third = X.size  # the largest third derivative of `smooth` in a direction of length one
    bounds = steps**2 * curvature / 2 + steps**3 * third / 6 + 1e-12
    parts = [AtMost(r, bound) for r, bound in zip(errors, bounds, strict=True)]
    if curvature > 0.1 * third:  # along a direction with less curvature the remainder falls even faster
        parts.append(Equal(slope_of(steps, errors), 2.0, rtol=0.05))
    return [*parts, Equal(slope_of(steps, wrong), 1.0, rtol=0.2)]


def slope_of(steps, errors):
    return np.polyfit(np.log(steps), np.log(errors), 1)[0]


@taylor_remainder_of_the_gradient_has_slope_two.mutant
def of_twice_the_gradient(X, V):
    steps = np.logspace(-3, -5, 9)
    return Equal(slope_of(steps, taylor_remainders(X, V, 2 * reverse_mode(smooth)(X), steps)), 2.0, rtol=0.05)


@taylor_remainder_of_the_gradient_has_slope_two.mutant
def of_third_order(X, V):
    G, steps = reverse_mode(smooth)(X), np.logspace(-2, -4, 9)
    errors = taylor_remainders(X, V, G, steps)
    return [AtMost(r, t**3 * X.size + 1e-12) for r, t in zip(errors, steps, strict=True)]


# --- what goes wrong ---------------------------------------------------------------------------------------------


def not_symmetric_in_its_entries(X):
    return np.sum(np.sin(X) * np.arange(1.0, X.size + 1).reshape(X.shape)) + det(X)


@claim("eq-matcalc-symmetric", "thm-matcalc-symmetric", X="n,n symmetric", dX="n,n symmetric")
def symmetric_gradient(X, dX):
    G = gradient_by_differences(not_symmetric_in_its_entries, X)
    S = (G + G.T) / 2
    change = rate_of_change(not_symmetric_in_its_entries, X, dX, radius=0.2)
    skew = np.triu(dX, 1) - np.triu(dX, 1).T
    # The rates along E_ij + E_ji leave a symmetric S no choice: ⟨S, E_ij + E_ji⟩ = 2 s_ij.
    pairs = [[E + E.T for E in row] for row in unit_matrices(X.shape)]
    rates = [[rate_of_change(not_symmetric_in_its_entries, X, P, radius=0.2) for P in row] for row in pairs]
    return [
        Equal(np.array(rates) / 2, S, scale=1 + norm(G)),
        Equal(change, inner(S, dX), scale=norm(G) * norm(dX) + norm(dX)),
        Equal(inner(skew, dX), 0.0, scale=norm(dX) ** 2, rtol=1e-12),
    ]


@symmetric_gradient.mutant
def gradient_of_independent_entries(X, dX):
    G = gradient_by_differences(not_symmetric_in_its_entries, X)
    change = rate_of_change(not_symmetric_in_its_entries, X, dX, radius=0.2)
    return Equal(change, inner(G + G.T - G * np.eye(len(X)), dX), scale=norm(G) * norm(dX))


@claim("eq-matcalc-independent", X="n,n symmetric")
def derivatives_by_the_independent_entries(X):
    def of_entries(s):
        Z = np.zeros_like(X)
        Z[upper] = s
        return not_symmetric_in_its_entries(Z + Z.T - np.diag(np.diag(Z)))

    upper = np.triu_indices(len(X))
    G = gradient_by_differences(not_symmetric_in_its_entries, X)
    measured = gradient_by_differences(of_entries, X[upper])
    return Equal(measured, (G + G.T - G * np.eye(len(X)))[upper], scale=1 + norm(G))


@derivatives_by_the_independent_entries.mutant
def symmetric_part(X):
    def of_entries(s):
        Z = np.zeros_like(X)
        Z[upper] = s
        return not_symmetric_in_its_entries(Z + Z.T - np.diag(np.diag(Z)))

    upper = np.triu_indices(len(X))
    G = gradient_by_differences(not_symmetric_in_its_entries, X)
    return Equal(gradient_by_differences(of_entries, X[upper]), ((G + G.T) / 2)[upper], scale=1 + norm(G))


@claim("eq-matcalc-norm", x="n nonzero")
def gradient_of_the_norm(x):
    measured = np.array([rate_of_change(norm, x, e, radius=norm(x) / 4) for e in np.eye(len(x))])
    zero = np.zeros(len(x))
    kinks = [gradcheck.forward_difference(norm, zero), -gradcheck.forward_difference(lambda z: norm(-z), zero)]
    return [Equal(measured, x / norm(x)), Equal(kinks[0], np.ones(len(x))), Equal(kinks[1], -np.ones(len(x)))]


@gradient_of_the_norm.mutant
def of_the_squared_norm(x):
    measured = np.array([rate_of_change(norm, x, e, radius=norm(x) / 4) for e in np.eye(len(x))])
    return Equal(measured, 2 * x)
