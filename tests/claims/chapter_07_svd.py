"""The claims of chapter 7, in the order of the book."""

from itertools import combinations

import mpmath
import numpy as np
import scipy.linalg

from labkit.svd import (
    compact_svd,
    cur,
    full_svd,
    maxvol,
    min_norm_solution,
    numerical_rank,
    pca,
    penrose_residuals,
    pseudoinverse,
    skeleton,
    thin_svd,
    truncated_svd,
)
from tests.claims.claim import AtMost, Equal, Holds, claim

norm = np.linalg.norm


def singular_values(A):
    """Return the singular values of A with forty digits, rounded at the end, and zeros up to n + m of them."""
    m, n = A.shape
    with mpmath.workdps(40):
        tall = mpmath.matrix((A if m >= n else A.T).tolist())
        # the iteration of mpmath needs a nonzero matrix
        values = mpmath.svd(tall, compute_uv=False) if A.any() else [0] * min(m, n)
        return np.array([float(value) for value in values] + [0.0] * max(m, n))


def spectral_norm(A):
    """Return ‖A‖₂ as the root of the largest eigenvalue of AᵀA."""
    return np.sqrt(max(scipy.linalg.eigvalsh(A.T @ A)[-1], 0.0)) if A.size else 0.0


def rank_by_qr(A):
    """Return the rank that QR with column pivoting sees, without singular values."""
    R = scipy.linalg.qr(A, mode="r", pivoting=True)[0]
    diagonal = np.abs(np.diag(R))
    return int((diagonal > 1e-10 * diagonal.max(initial=0.0)).sum())


def range_projector(A):
    """Return the orthogonal projector onto the range of A, from QR with column pivoting."""
    Q = scipy.linalg.qr(A, pivoting=True)[0][:, : rank_by_qr(A)]
    return Q @ Q.T


def by_full_rank_factors(A):
    """Return A⁺ = Fᵀ(FFᵀ)⁻¹(CᵀC)⁻¹Cᵀ for A = CF with C of full column rank and F of full row rank."""
    Q, R, pivots = scipy.linalg.qr(A, mode="economic", pivoting=True)
    r = rank_by_qr(A)
    C, F = Q[:, :r], np.zeros((r, A.shape[1]))
    F[:, pivots] = R[:r]
    return F.T @ np.linalg.inv(F @ F.T) @ np.linalg.inv(C.T @ C) @ C.T


def diagonal(s, m, n):
    Sigma = np.zeros((m, n))
    np.fill_diagonal(Sigma, s)
    return Sigma


# --- every matrix has one ----------------------------------------------------------------------------------------


@claim("eq-svd-pairs", A="m,n")
def singular_vectors_come_in_pairs(A):
    U, s, V = full_svd(A)
    p = len(s)
    return [
        Equal(A @ V[:, :p], U[:, :p] * s, scale=norm(A), rtol=1e-12),
        Equal(A.T @ U[:, :p], V[:, :p] * s, scale=norm(A), rtol=1e-12),
        Equal(A @ V[:, p:], np.zeros((len(A), len(V) - p)), scale=norm(A), rtol=1e-12),
        Equal(s, singular_values(A)[:p], scale=norm(A), rtol=1e-12),
    ]


@singular_vectors_come_in_pairs.mutant
def rows_of_numpy_taken_for_columns(A):
    U, s, Vh = np.linalg.svd(A)
    p = len(s)
    return Equal(A @ Vh[:, :p], U[:, :p] * s, scale=norm(A))


@claim("eq-svd-full", A="m,n")
def full_decomposition(A):
    U, s, V = full_svd(A)
    return [
        Equal(U @ diagonal(s, *A.shape) @ V.T, A, rtol=1e-12),
        Equal(U.T @ U, np.eye(len(A)), rtol=1e-12),
        Equal(V.T @ V, np.eye(A.shape[1]), rtol=1e-12),
        Holds(bool(np.all(np.diff(s) <= 0) and np.all(s >= 0))),
    ]


@full_decomposition.mutant
def right_factor_not_transposed(A):
    U, s, V = full_svd(A)
    return Equal(U @ diagonal(s, *A.shape) @ V, A, rtol=1e-6)


def completed(u):
    """Return an orthogonal matrix whose first column is the unit vector u: a reflection."""
    e = np.zeros(len(u))
    e[0] = -1.0 if u[0] > 0 else 1.0
    w = u - e
    H = np.eye(len(u)) - 2 * np.outer(w, w) / (w @ w)
    H[:, 0] *= e[0]
    return H


def by_deflation(A, first=lambda A: scipy.linalg.eigh(A.T @ A)[1][:, -1]):
    """Return U, Σ, V and the largest remainder w, in the steps of the proof of existence."""
    m, n = A.shape
    if not A.any():
        return np.eye(m), np.zeros((m, n)), np.eye(n), 0.0
    v = first(A)
    sigma = norm(A @ v)
    U, V = completed(A @ v / sigma), completed(v)
    inner = U.T @ A @ V
    U2, Sigma2, V2, w = by_deflation(inner[1:, 1:], first)
    Sigma = np.zeros((m, n))
    Sigma[0, 0], Sigma[1:, 1:] = sigma, Sigma2
    return (
        U @ scipy.linalg.block_diag(1.0, U2),
        Sigma,
        V @ scipy.linalg.block_diag(1.0, V2),
        max(w, norm(inner[0, 1:], np.inf) if n > 1 else 0.0),
    )


@claim("thm-svd-exists", A="m,n")
def existence_by_the_steps_of_the_proof(A):
    U, Sigma, V, remainder = by_deflation(A)
    s = np.diag(Sigma)
    return [
        Equal(U @ Sigma @ V.T, A, rtol=1e-6),
        Equal(U.T @ U, np.eye(len(U))),
        Equal(V.T @ V, np.eye(len(V))),
        AtMost(remainder, 1e-6 * norm(A)),
        AtMost(np.diff(s).max(initial=0.0), 1e-6 * norm(A)),
        Equal(s, full_svd(A).s, scale=norm(A)),
    ]


@existence_by_the_steps_of_the_proof.mutant
def with_a_first_vector_that_is_not_stretched_most(A):
    _, _, _, remainder = by_deflation(A, lambda A: np.eye(A.shape[1])[A.any(axis=0).argmax()])
    return AtMost(remainder, 1e-6 * norm(A))


@claim("thm-svd-exists", A="m,n complex")
def complex_matrices_have_one_too(A):
    U, s, V = full_svd(A)
    squares = scipy.linalg.eigvalsh(A.conj().T @ A)[::-1][: len(s)]
    return [
        Equal(U @ diagonal(s, *A.shape) @ V.conj().T, A, rtol=1e-12),
        Equal(U.conj().T @ U, np.eye(len(U)), rtol=1e-12),
        Equal(V.conj().T @ V, np.eye(len(V)), rtol=1e-12),
        Equal(s**2, squares, rtol=1e-10),
    ]


@complex_matrices_have_one_too.mutant
def transposed_without_conjugation(A):
    U, s, V = full_svd(A)
    return Equal(U @ diagonal(s, *A.shape) @ V.T, A)


def with_repeated_values(U, V):
    """Return UΣVᵀ with the singular values 2, 2, 1, 0, as many as fit, and Σ."""
    values = np.array([2.0, 2.0, 1.0, 0.0, 0.0])[: min(len(U), len(V))]
    Sigma = diagonal(values, len(U), len(V))
    return U @ Sigma @ V.T, values


@claim("thm-svd-unique", U="m+1,m+1 orthogonal", V="n+1,n+1 orthogonal", Q="2,2 orthogonal")
def decompositions_differ_by_a_common_rotation(U, V, Q):
    A, s = with_repeated_values(U, V)
    U2, s2, V2 = full_svd(A)
    parts = [Equal(s, s2, rtol=1e-12, scale=2.0)]
    for value in (2.0, 1.0):
        left, right = (W[:, : len(s)][:, s == value] for W in (U, V))
        left2, right2 = (W[:, : len(s)][:, s == value] for W in (U2, V2))
        turn = right.T @ right2
        parts += [
            Equal(left @ turn, left2, rtol=1e-10),
            Equal(right @ turn, right2, rtol=1e-10),
            Equal(turn.T @ turn, np.eye(turn.shape[1]), rtol=1e-10),
        ]
    positive = int((s > 0).sum())
    # beyond the positive values: any orthonormal bases of the null spaces, left and right independently
    parts += [
        Equal(A @ V2[:, positive:], np.zeros((len(U), len(V) - positive)), scale=1.0),
        Equal(A.T @ U2[:, positive:], np.zeros((len(V), len(U) - positive)), scale=1.0),
    ]
    U, V = U.copy(), V.copy()
    U[:, :2], V[:, :2] = U[:, :2] @ Q, V[:, :2] @ Q
    U[:, positive:] = -U[:, : positive - 1 : -1]
    return [*parts, Equal(U @ diagonal(s, *A.shape) @ V.T, A, rtol=1e-12)]


@decompositions_differ_by_a_common_rotation.mutant
def left_and_right_turned_independently(U, V, Q):
    A, s = with_repeated_values(U, V)
    U = U.copy()
    U[:, :2] = U[:, :2] @ Q
    return Equal(U @ diagonal(s, *A.shape) @ V.T, A)


@decompositions_differ_by_a_common_rotation.mutant
def signs_do_not_matter_separately(U, V, Q):
    A, s = with_repeated_values(U, V)
    return Equal((U * -1.0) @ diagonal(s, *A.shape) @ V.T, A)


# --- full, thin, compact -----------------------------------------------------------------------------------------


@claim("eq-svd-sum", A="m,n")
def compact_form_is_a_sum_of_outer_products(A):
    U, s, V = compact_svd(A)
    thin = thin_svd(A)
    total = np.zeros(A.shape)
    for i in range(len(s)):
        total += s[i] * np.outer(U[:, i], V[:, i])
    return [
        Equal(total, A, rtol=1e-12),
        Equal(len(s), rank_by_qr(A)),
        Equal(U.T @ U, np.eye(len(s)), rtol=1e-12),
        Equal(V.T @ V, np.eye(len(s)), rtol=1e-12),
        Equal(thin.U.shape + thin.V.shape, (len(A), min(A.shape), A.shape[1], min(A.shape))),
        Equal(thin.U @ np.diag(thin.s) @ thin.V.T, A, rtol=1e-12),
    ]


@compact_form_is_a_sum_of_outer_products.mutant
def first_term_only(A):
    U, s, V = compact_svd(A)
    return Equal((U[:, :1] * s[:1]) @ V[:, :1].T, A)


@claim("eq-svd-subspaces", A="m,n")
def four_subspaces(A):
    U, _, V = full_svd(A)
    r = rank_by_qr(A)
    onto, back = range_projector(A), range_projector(A.T)
    return [
        Equal(U[:, :r] @ U[:, :r].T, onto, scale=1.0),
        Equal(U[:, r:] @ U[:, r:].T, np.eye(len(A)) - onto, scale=1.0),
        Equal(V[:, :r] @ V[:, :r].T, back, scale=1.0),
        Equal(V[:, r:] @ V[:, r:].T, np.eye(A.shape[1]) - back, scale=1.0),
        Equal(rank_by_qr(A.T), r),
    ]


@four_subspaces.mutant
def null_space_from_the_left_vectors(A):
    U, _, _ = full_svd(A)
    r = rank_by_qr(A)
    return AtMost(norm(A @ U[:, r:]) if A.shape[0] == A.shape[1] else 0.0, 1e-9 * norm(A))


@claim("eq-svd-norm", A="m,n", x="n")
def norms_from_singular_values(A, x):
    s = thin_svd(A).s
    v = full_svd(A).V[:, 0]
    return [
        Equal(s[0], spectral_norm(A)),
        AtMost(norm(A @ x), s[0] * norm(x)),
        Equal(norm(A @ v), s[0], rtol=1e-12),
        Equal(sum(value**2 for value in s), sum(a * a for a in A.ravel()), rtol=1e-12),
    ]


@norms_from_singular_values.mutant
def sum_of_the_values_for_the_frobenius_norm(A, x):
    return Equal(thin_svd(A).s.sum() ** 2, np.sum(A**2))


# --- singular values and eigenvalues -----------------------------------------------------------------------------


@claim("eq-svd-gram", A="m,n")
def gram_matrices_from_the_decomposition(A):
    U, s, V = full_svd(A)
    Sigma = diagonal(s, *A.shape)
    return [
        Equal(V @ (Sigma.T @ Sigma) @ V.T, A.T @ A, rtol=1e-12),
        Equal(U @ (Sigma @ Sigma.T) @ U.T, A @ A.T, rtol=1e-12),
        Equal(np.sort(np.diag(Sigma.T @ Sigma)), scipy.linalg.eigvalsh(A.T @ A), scale=norm(A) ** 2, rtol=1e-10),
    ]


@gram_matrices_from_the_decomposition.mutant
def left_vectors_for_the_gram_matrix(A):
    U, s, _ = full_svd(A)
    square = A.shape[0] == A.shape[1]
    return Equal(U * s**2 @ U.T, A.T @ A) if square else Holds(True)


@claim("eq-svd-augmented", A="m,n")
def eigenvalues_of_the_augmented_matrix(A):
    m, n = A.shape
    U, s, V = full_svd(A)
    p = len(s)
    M = np.block([[np.zeros((m, m)), A], [A.T, np.zeros((n, n))]])
    values = np.sort(np.concatenate([s, -s, np.zeros(abs(m - n))]))
    parts = [Equal(scipy.linalg.eigvalsh(M), values, scale=norm(A), rtol=1e-12)]
    for sign in (1, -1):
        W = np.vstack([U[:, :p], sign * V[:, :p]])
        parts.append(Equal(M @ W, sign * W * s, scale=norm(A), rtol=1e-12))
    return parts


@eigenvalues_of_the_augmented_matrix.mutant
def squares_for_the_values(A):
    m, n = A.shape
    s = thin_svd(A).s
    M = np.block([[np.zeros((m, m)), A], [A.T, np.zeros((n, n))]])
    return Equal(scipy.linalg.eigvalsh(M), np.sort(np.concatenate([s**2, -(s**2), np.zeros(abs(m - n))])))


@claim("eq-svd-symmetric", A="n,n symmetric")
def decomposition_of_a_symmetric_matrix(A):
    values, Q = scipy.linalg.eigh(A)
    order = np.argsort(-np.abs(values), kind="stable")
    values, Q = values[order], Q[:, order]
    sign = np.where(values < 0, -1.0, 1.0)
    return [
        Equal((Q * sign) * np.abs(values) @ Q.T, A, rtol=1e-12),
        Equal(full_svd(A).s, np.abs(values), rtol=1e-12, scale=norm(A)),
    ]


@decomposition_of_a_symmetric_matrix.mutant
def sign_forgotten(A):
    values, Q = scipy.linalg.eigh(A)
    return Equal(Q * np.abs(values) @ Q.T, A)


def laeuchli(t):
    eps = 10.0 ** (-9 * t[0])
    return eps, np.array([[1.0, 1.0], [eps, 0.0], [0.0, eps]])


@claim("eq-svd-laeuchli", t="1 positive")
def gram_matrix_of_laeuchli(t):
    eps, L = laeuchli(t)
    with mpmath.workdps(60):
        values = [float(value) for value in mpmath.svd(mpmath.matrix(L.tolist()), compute_uv=False)]
        G = mpmath.matrix(L.tolist()).T * mpmath.matrix(L.tolist())
        exact = G - mpmath.matrix([[1 + mpmath.mpf(eps) ** 2, 1], [1, 1 + mpmath.mpf(eps) ** 2]])
        zero = float(mpmath.mnorm(exact, "f"))
    singular = np.array_equal(L.T @ L, np.ones((2, 2)))
    return [
        Equal(values, [np.sqrt(2 + eps**2), eps], rtol=1e-14),
        Equal(values[1] / eps, 1.0, rtol=1e-12),
        Equal(thin_svd(L).s, values, rtol=1e-14),
        AtMost(zero, 1e-50),
        Holds(singular or eps**2 >= 2.0**-53),
    ]


@gram_matrix_of_laeuchli.mutant
def smallest_value_from_the_stored_gram_matrix(t):
    eps, L = laeuchli(t)
    return Equal(np.sqrt(max(scipy.linalg.eigvalsh(L.T @ L)[0], 0.0)) / eps, 1.0)


# --- the best approximation --------------------------------------------------------------------------------------


def competitors(A, X, Y):
    """Return matrices of rank at most k, some of them close to A: X has k columns, Y has k rows."""
    k = min(X.shape[1], *A.shape)
    X, Y = X[:, :k], Y[:k]
    U, s, Vh = scipy.linalg.svd(A, full_matrices=False)
    U, s, V = U[:, :k], s[:k], Vh[:k].T
    low = U * s @ V.T
    R = X @ Y
    size = norm(R) ** 2
    Q = np.linalg.qr(A @ Y.T)[0]
    near = (U * s + 1e-3 * norm(A) * X / (norm(X) + 1)) @ (V.T + 1e-3 * Y / (norm(Y) + 1))
    return k, low, [low, np.zeros(A.shape), R, R * (np.sum(R * A) / size if size else 0.0), Q @ (Q.T @ A), near]


@claim("eq-svd-truncated", A="m,n", X="m,k", Y="k,n")
def truncation_and_its_errors(A, X, Y):
    k, low, _ = competitors(A, X, Y)
    s = singular_values(A)
    own = truncated_svd(A, k)
    # where the value at the cut repeats, A_k depends on the decomposition
    unique = k == 0 or s[k - 1] - s[k] > 1e-6 * s[0]
    return [
        Equal(own.matrix(), low if unique else own.matrix(), rtol=1e-9, scale=norm(A)),
        Equal([norm(A - own.matrix(), 2), norm(A - own.matrix())], [s[k], norm(s[k:])], scale=norm(A), rtol=1e-12),
        Equal(norm(A - low, 2), s[k], scale=norm(A), rtol=1e-12),
        Equal(norm(A - low), np.sqrt(np.sum(s[k:] ** 2)), scale=norm(A), rtol=1e-12),
        Equal([own.error_2, own.error_fro], [s[k], norm(s[k:])], scale=norm(A), rtol=1e-12),
        AtMost(rank_by_qr(low) if k and low.any() else 0, k),
    ]


@truncation_and_its_errors.mutant
def last_terms_kept(A, X, Y):
    k = min(X.shape[1], *A.shape)
    U, s, V = thin_svd(A)
    return Equal(norm(A - U[:, -k:] * s[-k:] @ V[:, -k:].T, 2), singular_values(A)[k], scale=1e-9 * norm(A))


@claim("thm-svd-eckart-young", "eq-svd-eckart-young", A="m,n", X="m,k", Y="k,n")
def nothing_of_rank_k_is_closer(A, X, Y):
    k, low, rivals = competitors(A, X, Y)
    s, slack = singular_values(A), 1e-12 * norm(A)
    parts = [Equal([norm(A - low, 2), norm(A - low)], [s[k], norm(s[k:])], scale=norm(A), rtol=1e-12)]
    for B in rivals:
        parts += [
            AtMost(s[k], norm(A - B, 2) + slack),
            AtMost(np.sum(s[k:] ** 2), norm(A - B) ** 2 + slack * norm(A)),
            AtMost(np.sum(s[k:]), np.linalg.norm(A - B, "nuc") + slack),
        ]
    return parts


@nothing_of_rank_k_is_closer.mutant
def bound_with_the_last_value_that_is_kept(A, X, Y):
    k, _, rivals = competitors(A, X, Y)
    return [AtMost(singular_values(A)[k - 1], norm(A - B, 2) + 1e-9 * norm(A)) for B in rivals]


@nothing_of_rank_k_is_closer.mutant
def the_mean_of_rows_and_columns_will_do(A, X, Y):
    """The best matrix 1·yᵀ is as close as the best matrix of rank one."""
    B = np.ones((len(A), 1)) * A.mean(axis=0)
    return AtMost(norm(A - B), norm(singular_values(A)[1:]) + 1e-9 * norm(A))


@claim("eq-svd-shift", A="m,n", X="m,k", Y="k,n")
def singular_values_of_the_error_one_by_one(A, X, Y):
    k, low, rivals = competitors(A, X, Y)
    s, slack = singular_values(A), 1e-11 * norm(A)
    parts = [Equal(singular_values(A - low)[: len(s) - k], s[k:], scale=norm(A), rtol=1e-10)]
    for B in rivals:
        error = singular_values(A - B)
        parts += [AtMost(s[k + j], error[j] + slack + 1e-11 * norm(B)) for j in range(len(s) - k)]
    return parts


@singular_values_of_the_error_one_by_one.mutant
def shifted_by_one_less(A, X, Y):
    k, low, _ = competitors(A, X, Y)
    s, error = singular_values(A), singular_values(A - low)
    return [AtMost(s[k - 1 + j], error[j] + 1e-9 * norm(A)) for j in range(len(s) - k)]


@claim("thm-svd-weyl", "eq-svd-weyl", A="m,n", E="m,n")
def singular_values_move_no_further_than_the_matrix(A, E):
    before, size = singular_values(A)[: min(A.shape)], norm(E)
    U, _, Vh = scipy.linalg.svd(A, full_matrices=False)
    attained = singular_values(A + size * U @ Vh)[: len(before)] - before
    return [
        AtMost(np.abs(thin_svd(A + E).s - before).max(), spectral_norm(E) + 1e-9 * (norm(A) + size)),
        # every singular value moves by ‖E‖₂ for this one
        Equal(attained, np.full(len(before), size), scale=norm(A), rtol=1e-10),
    ]


@singular_values_move_no_further_than_the_matrix.mutant
def half_as_far(A, E):
    moved = np.abs(thin_svd(A + E).s - thin_svd(A).s)
    return AtMost(moved.max(), spectral_norm(E) / 2 + 1e-9 * (norm(A) + norm(E)))


def with_uneven_gaps(U, V):
    """Return UΣVᵀ, its singular values, and the distance of each to the nearest other one.

    They are some of 5, 4, 2 and 0.3; nought counts as one if the matrix is not square.
    """
    s = np.append([5.0, 4.0, 2.0][: min(len(U), len(V)) - 1], 0.3)
    spectrum = s if len(U) == len(V) else np.append(s, 0.0)
    gaps = [np.delete(np.abs(spectrum - value), i).min(initial=np.inf) for i, value in enumerate(s)]
    return U @ diagonal(s, len(U), len(V)) @ V.T, s, np.array(gaps)


def squared_sines(U, V, A):
    """Return sin²∠(uᵢ, ũᵢ) + sin²∠(vᵢ, ṽᵢ) with the singular vectors of A, from the parts across uᵢ and vᵢ."""
    U2, s, V2 = thin_svd(A)
    total = np.zeros(len(s))
    for i in range(len(s)):
        for W, W2 in ((U, U2), (V, V2)):
            total[i] += np.sum((np.delete(W, i, axis=1).T @ W2[:, i]) ** 2)
    return total


def across(U, V, i):
    """Return a matrix of norm one that mixes the i-th singular vectors with the next ones."""
    if i + 1 < min(len(U), len(V)):
        return np.outer(U[:, i], V[:, i + 1]) + np.outer(U[:, i + 1], V[:, i])
    return np.outer(U[:, i + 1], V[:, i]) if len(U) > len(V) else np.outer(U[:, i], V[:, i + 1])


def closing(U, V):
    """Return a matrix of norm one that turns the first two singular vectors while it closes their gap."""
    along = np.outer(U[:, 0], V[:, 0]) - np.outer(U[:, 1], V[:, 1])
    return 0.8 * across(U, V, 0) - 0.6 * along


@claim("eq-svd-wedin", U="m,m orthogonal", V="n,n orthogonal", E="m,n nonzero", t="1 positive")
def singular_vectors_turn_by_the_norm_over_the_gap(U, V, E, t):
    A, s, gaps = with_uneven_gaps(U, V)
    parts = []
    for i, gap in enumerate(gaps):
        if gap == np.inf:  # a number: no other direction
            parts.append(Equal(squared_sines(U, V, A + E)[i], 0.0))
            continue
        worst = across(U, V, i) if i + 1 < max(A.shape) else across(U, V, i - 1)
        for direction in (E / norm(E, 2), worst):
            size = 0.45 * t[0] * gap
            turned = squared_sines(U, V, A + size * direction)[i]
            parts.append(AtMost(turned, 2 * size**2 / (gap - size) ** 2 + 1e-12))
    if len(s) > 1:
        size = 0.2 * t[0] * gaps[0]
        turned = squared_sines(U, V, A + size * closing(U, V))[0]
        parts.append(AtMost(turned, 2 * size**2 / (gaps[0] - size) ** 2))
        # to first order the bound is attained, its factor 2 included
        turned = squared_sines(U, V, A + 1e-4 * gaps[0] * across(U, V, 0))[0]
        parts.append(Equal(turned, 2e-8, rtol=1e-6))
    return parts


@singular_vectors_turn_by_the_norm_over_the_gap.mutant
def without_the_gap(U, V, E, t):
    A, s, gaps = with_uneven_gaps(U, V)
    size = 0.1 * min(gaps.min(), 1.0)
    turned = squared_sines(U, V, A + size * across(U, V, len(s) - 1)) if max(A.shape) > len(s) else np.zeros(1)
    return AtMost(turned.max(), 2 * (size / s[0]) ** 2 + 1e-12)


@singular_vectors_turn_by_the_norm_over_the_gap.mutant
def nought_does_not_count_where_the_matrix_is_not_square(U, V, E, t):
    A, s, _ = with_uneven_gaps(U, V)
    if len(s) < 2 or len(U) == len(V):
        return Holds(True)
    gap, size = s[-2] - s[-1], 0.2 * (s[-2] - s[-1])
    turned = squared_sines(U, V, A + size * across(U, V, len(s) - 1))[-1]
    return AtMost(turned, 2 * size**2 / (gap - size) ** 2)


@singular_vectors_turn_by_the_norm_over_the_gap.mutant
def the_gap_does_not_shrink(U, V, E, t):
    A, s, gaps = with_uneven_gaps(U, V)
    if len(s) < 2:
        return Holds(True)
    size = 0.2 * t[0] * gaps[0]
    return AtMost(squared_sines(U, V, A + size * closing(U, V))[0], 2 * (size / gaps[0]) ** 2)


@singular_vectors_turn_by_the_norm_over_the_gap.mutant
def with_the_factor_one(U, V, E, t):
    A, s, gaps = with_uneven_gaps(U, V)
    if len(s) < 2:
        return Holds(True)
    return AtMost(squared_sines(U, V, A + 1e-4 * gaps[0] * across(U, V, 0))[0], 1e-8 / (1 - 1e-4) ** 2)


@claim("eq-svd-distance", A="n,n invertible", E="n,n nonzero")
def distance_to_the_singular_matrices(A, E):
    U, s, V = full_svd(A)
    nearest = A - s[-1] * np.outer(U[:, -1], V[:, -1])
    closer = A + 0.99 * s[-1] * E / norm(E, 2)
    inverse = scipy.linalg.solve(A, np.eye(len(A)))
    return [
        AtMost(norm(nearest @ V[:, -1]), 1e-12 * norm(A)),
        Equal(norm(nearest - A, 2), singular_values(A)[len(A) - 1], rtol=1e-8),
        AtMost(1.0, scipy.linalg.svdvals(closer)[-1] / (0.009 * s[-1])),
        Equal(s[-1] / s[0], 1 / (spectral_norm(A) * spectral_norm(inverse)), rtol=1e-6),
    ]


@distance_to_the_singular_matrices.mutant
def determinant_for_the_distance(A, E):
    return Equal(abs(np.linalg.det(A)), singular_values(A)[len(A) - 1])


# --- the pseudoinverse -------------------------------------------------------------------------------------------


@claim("eq-svd-pseudoinverse", A="m,n")
def pseudoinverse_inverts_what_can_be_inverted(A):
    U, s, V = compact_svd(A)
    X = sum((np.outer(V[:, i], U[:, i]) / s[i] for i in range(len(s))), np.zeros(A.shape[::-1]))
    return [
        Equal(X, by_full_rank_factors(A)),
        Equal(pseudoinverse(A), by_full_rank_factors(A)),
        Equal(A.T @ A @ X, A.T, scale=norm(A), rtol=1e-10),
    ]


@pseudoinverse_inverts_what_can_be_inverted.mutant
def factors_not_exchanged(A):
    U, s, V = compact_svd(A)
    return Equal((U / s) @ V.T, by_full_rank_factors(A)) if len(U) == len(V) else Holds(True)


@pseudoinverse_inverts_what_can_be_inverted.mutant
def every_value_inverted_that_is_not_exactly_zero(A):
    U, s, V = thin_svd(A)
    return Equal((V * np.divide(1.0, s, out=np.zeros(len(s)), where=s > 0)) @ U.T, by_full_rank_factors(A))


@claim("eq-svd-pseudoinverse-norm", A="m,n")
def norm_of_the_pseudoinverse(A):
    s, r = singular_values(A), rank_by_qr(A)
    X = pseudoinverse(A)
    if r == 0:
        return Equal(X, np.zeros(A.shape[::-1]))
    return [
        Equal(spectral_norm(X), 1 / s[r - 1]),
        Equal(spectral_norm(A) * spectral_norm(X), s[0] / s[r - 1]),
    ]


@norm_of_the_pseudoinverse.mutant
def smallest_of_all_values(A):
    smallest = thin_svd(A).s[-1]
    return Equal(spectral_norm(pseudoinverse(A)), 1 / smallest if smallest else np.inf)


@claim("eq-svd-projections", A="m,n")
def products_with_the_pseudoinverse_are_projections(A):
    U, _, V = compact_svd(A)
    X = pseudoinverse(A)
    return [
        Equal(A @ X, range_projector(A), scale=1.0),
        Equal(X @ A, range_projector(A.T), scale=1.0),
        Equal(U @ U.T, range_projector(A), scale=1.0),
        Equal(V @ V.T, range_projector(A.T), scale=1.0),
    ]


@products_with_the_pseudoinverse_are_projections.mutant
def the_product_is_the_identity(A):
    return Equal(A @ pseudoinverse(A), np.eye(len(A)), scale=1.0)


@claim("eq-svd-full-rank", A="n+o,n full-rank")
def pseudoinverse_of_full_rank(A):
    B = A.T
    return [
        Equal(pseudoinverse(A), np.linalg.inv(A.T @ A) @ A.T, rtol=1e-5),
        Equal(pseudoinverse(B), B.T @ np.linalg.inv(B @ B.T), rtol=1e-5),
        Equal(pseudoinverse(A) @ A, np.eye(A.shape[1]), rtol=1e-8),
        Equal(B @ pseudoinverse(B), np.eye(len(B)), rtol=1e-8),
    ]


@pseudoinverse_of_full_rank.mutant
def inverse_on_both_sides(A):
    return Equal(A @ pseudoinverse(A), np.eye(len(A)))


@claim("thm-svd-penrose", "eq-svd-penrose", A="m,n", D="n,m nonzero")
def four_conditions_single_out_the_pseudoinverse(A, D):
    X = pseudoinverse(A)
    conditions = [(A @ X @ A, A), (X @ A @ X, X), ((A @ X).T, A @ X), ((X @ A).T, X @ A)]
    other = X + norm(X) * D if X.any() else D
    return [
        *(Equal(left, right, rtol=1e-9, scale=1e-300) for left, right in conditions),
        AtMost(penrose_residuals(A, X).max(), 1e-9),
        Equal(X, by_full_rank_factors(A)),
        Holds(bool(penrose_residuals(A, other).max() > 1e-9)),
    ]


@four_conditions_single_out_the_pseudoinverse.mutant
def the_first_three_are_enough(A, D):
    X = pseudoinverse(A)
    other = X + (np.eye(len(X)) - X @ A) @ D @ A @ X
    three = penrose_residuals(A, other)[:3].max() < 1e-8
    return Equal(other, X, scale=1.0) if three else Holds(True)


@four_conditions_single_out_the_pseudoinverse.mutant
def the_first_and_the_last_two_are_enough(A, D):
    X = pseudoinverse(A)
    other = X + (np.eye(len(X)) - X @ A) @ D @ (np.eye(len(A)) - A @ X)
    three = penrose_residuals(A, other)[[0, 2, 3]].max() < 1e-8
    return Equal(other, X, scale=1.0) if three else Holds(True)


@claim("thm-svd-least-squares", "eq-svd-minimum-norm", A="m,n", b="m", w="n")
def shortest_of_the_least_squares_solutions(A, b, w):
    U, s, V = compact_svd(A)
    x = sum((U[:, i] @ b / s[i] * V[:, i] for i in range(len(s))), np.zeros(A.shape[1]))
    reference = scipy.linalg.lstsq(A, b, cond=1e-12, lapack_driver="gelsy")[0]
    z = w - range_projector(A.T) @ w
    own = min_norm_solution(A, b)
    scale = norm(x)
    return [
        Equal(x, reference, scale=1e-300),
        Equal(own.x, reference, scale=1e-300),
        AtMost(norm(A.T @ (A @ x - b)), 1e-9 * norm(A) * (norm(A) * scale + norm(b))),
        Equal(norm(A @ (x + z) - b), norm(A @ x - b), scale=norm(b) + norm(A) * (scale + norm(w)), rtol=1e-9),
        # Pythagoras: what is not in the null space makes the residual longer
        Equal(
            norm(A @ (x + w) - b) ** 2,
            norm(A @ x - b) ** 2 + norm(A @ w) ** 2,
            scale=(norm(b) + norm(A) * (scale + norm(w))) ** 2,
            rtol=1e-9,
        ),
        AtMost(scale, norm(x + z) + 1e-9 * (scale + norm(w))),
        Holds(own.unique == (rank_by_qr(A) == A.shape[1])),
    ]


@shortest_of_the_least_squares_solutions.mutant
def every_minimiser_is_as_short(A, b, w):
    x = min_norm_solution(A, b).x
    z = w - range_projector(A.T) @ w
    return AtMost(norm(x + z), norm(x) + 1e-9 * (norm(x) + norm(w)))


@shortest_of_the_least_squares_solutions.mutant
def multiplied_by_the_singular_values(A, b, w):
    U, s, V = compact_svd(A)
    return Equal(V @ (s * (U.T @ b)), scipy.linalg.lstsq(A, b, cond=1e-12, lapack_driver="gelsy")[0])


@claim("eq-svd-residual", A="m,n", b="m")
def residual_is_the_part_outside_the_range(A, b):
    U, _, _ = full_svd(A)
    r = rank_by_qr(A)
    x = scipy.linalg.lstsq(A, b, cond=1e-12, lapack_driver="gelsy")[0]
    outside = b - range_projector(A) @ b
    return [
        Equal(norm(A @ x - b) ** 2, np.sum((U[:, r:].T @ b) ** 2), scale=norm(b) ** 2 + 1e-300, rtol=1e-8),
        Equal(norm(outside) ** 2, np.sum((U[:, r:].T @ b) ** 2), scale=norm(b) ** 2 + 1e-300, rtol=1e-8),
        Equal(min_norm_solution(A, b).residual_norm, norm(outside), scale=norm(b) + 1e-300, rtol=1e-8),
    ]


@residual_is_the_part_outside_the_range.mutant
def the_part_inside_the_range(A, b):
    U, _, _ = full_svd(A)
    x = scipy.linalg.lstsq(A, b, cond=1e-12, lapack_driver="gelsy")[0]
    return Equal(norm(A @ x - b) ** 2, np.sum((U[:, : rank_by_qr(A)].T @ b) ** 2))


@claim("eq-svd-numerical-rank", A="m,n", t="1 positive", X="m,3", Y="3,n")
def numerical_rank_is_the_least_rank_within_the_tolerance(A, t, X, Y):
    s = singular_values(A)
    tau = t[0] / 3 * s[0]
    k = sum(value > tau for value in s)
    parts = [AtMost(norm(A - truncated_svd(A, k).matrix(), 2), tau + 1e-12 * s[0])]
    if s[0]:
        parts.append(Equal(numerical_rank(A, rtol=t[0] / 3), k))
    if k:
        # every matrix of smaller rank is further away
        _, _, rivals = competitors(A, X[:, : k - 1], Y[: k - 1])
        parts += [Holds(norm(A - B, 2) > tau) for B in rivals]
    return parts


@numerical_rank_is_the_least_rank_within_the_tolerance.mutant
def one_less_will_do(A, t, X, Y):
    s = singular_values(A)
    tau = t[0] / 3 * s[0]
    k = max(sum(value > tau for value in s) - 1, 0)
    return AtMost(norm(A - truncated_svd(A, k).matrix(), 2), tau + 1e-12 * s[0])


# --- rows and columns of the matrix itself -----------------------------------------------------------------------


def cores(A, r):
    """Yield rows and columns of every r×r core that is safely invertible."""
    for rows in combinations(range(A.shape[0]), r):
        for columns in combinations(range(A.shape[1]), r):
            if scipy.linalg.svdvals(A[np.ix_(rows, columns)])[-1] > 1e-3 * norm(A):
                yield np.array(rows), np.array(columns)


@claim(
    "thm-svd-skeleton",
    "eq-svd-skeleton",
    X="r+1,r distinct-singular-values",
    Y="r,r+o distinct-singular-values",
)
def skeleton_of_rank_r_is_exact(X, Y):
    A = X @ Y
    r = X.shape[1]
    parts = []
    for rows, columns in list(cores(A, r))[:12]:
        product = A[:, columns] @ np.linalg.inv(A[np.ix_(rows, columns)]) @ A[rows]
        parts += [Equal(product, A, rtol=1e-9), Equal(skeleton(A, rows, columns).matrix(), A, rtol=1e-9)]
    chosen = cur(A, r)
    # two equal rows, so that not all choices are independent
    A = np.vstack([X[:-1], X[:1]]) @ Y
    independent = [
        rank_by_qr(A[rows]) == r and rank_by_qr(A[:, columns]) == r
        for rows in map(list, combinations(range(len(A)), r))
        for columns in map(list, combinations(range(A.shape[1]), r))
    ]
    invertible = [
        rank_by_qr(A[np.ix_(rows, columns)]) == r
        for rows in combinations(range(len(A)), r)
        for columns in combinations(range(A.shape[1]), r)
    ]
    return [
        *parts,
        Equal(chosen.matrix(), X @ Y, rtol=1e-9),
        Holds(any(invertible)),
        Holds(independent == invertible),
    ]


@skeleton_of_rank_r_is_exact.mutant
def core_not_inverted(X, Y):
    A = X @ Y
    chosen = cur(A, X.shape[1])
    return Equal(chosen.C @ chosen.core @ chosen.R, A)


@skeleton_of_rank_r_is_exact.mutant
def with_one_row_and_column_less(X, Y):
    A = X @ Y
    return Equal(cur(A, max(X.shape[1] - 1, 1)).matrix(), A)


@claim("eq-svd-skeleton-count", X="r+1,r distinct-singular-values", Y="r,r+o distinct-singular-values")
def entries_in_rows_and_columns_are_counted_once(X, Y):
    A = X @ Y
    r, (m, n) = X.shape[1], A.shape
    chosen = cur(A, r)
    places = {(i, j) for i in range(m) for j in range(n) if i in chosen.rows or j in chosen.columns}
    return [Equal(len(places), r * (m + n) - r * r), Equal(chosen.storage, len(places))]


@entries_in_rows_and_columns_are_counted_once.mutant
def core_counted_twice(X, Y):
    A = X @ Y
    return Equal(cur(A, X.shape[1]).storage, X.shape[1] * sum(A.shape))


def largest_core(A, k):
    """Return the rows and columns of the k×k submatrix of largest volume, by looking at all of them."""
    return max(
        (
            (abs(np.linalg.det(A[np.ix_(rows, columns)])), rows, columns)
            for rows in combinations(range(A.shape[0]), k)
            for columns in combinations(range(A.shape[1]), k)
        ),
    )


def skeleton_error(A, rows, columns):
    core = A[np.ix_(rows, columns)]
    return A - A[:, columns] @ np.linalg.solve(core, A[list(rows)])


@claim("thm-svd-maxvol", "eq-svd-maxvol", A="m+1,n+1", T="n+o,n full-rank")
def core_of_largest_volume_bounds_every_entry(A, T):
    s, parts = singular_values(A), []
    for k in range(1, min(rank_by_qr(A), 3) + 1):
        _, rows, columns = largest_core(A, k)
        worst = np.abs(skeleton_error(A, rows, columns)).max()
        parts.append(AtMost(worst, (k + 1) * s[k] + 1e-9 * norm(A)))
    # the exchange step: entry (i, j) of T times the inverse of the core is a ratio of determinants
    rows = maxvol(T)
    factors = T @ np.linalg.inv(T[rows])
    parts.append(AtMost(np.abs(factors).max(), 1.01 + 1e-9))
    for i in range(len(T)):
        for j in range(len(rows)):
            exchanged = rows.copy()
            exchanged[j] = i
            ratio = np.linalg.det(T[exchanged]) / np.linalg.det(T[rows])
            parts.append(Equal(factors[i, j], ratio, scale=1.0))
    return parts


@core_of_largest_volume_bounds_every_entry.mutant
def without_the_factor(A, T):
    s, parts = singular_values(A), []
    for k in range(1, min(rank_by_qr(A), 3) + 1):
        _, rows, columns = largest_core(A, k)
        parts.append(AtMost(np.abs(skeleton_error(A, rows, columns)).max(), s[k] + 1e-9 * norm(A)))
    return parts or [Holds(True)]


@core_of_largest_volume_bounds_every_entry.mutant
def any_core_will_do(A, T):
    if abs(A[0, 0]) < 1e-6 * norm(A) or not A.any():
        return Holds(True)
    return AtMost(np.abs(skeleton_error(A, (0,), (0,))).max(), 2 * singular_values(A)[1] + 1e-9 * norm(A))


# --- principal component analysis --------------------------------------------------------------------------------


@claim("eq-svd-encoder", D="k+o,k orthonormal-columns", mu="k+o", x="k+o", z="k")
def best_code_of_a_sample(D, mu, x, z):
    code = D.T @ (x - mu)
    scale = norm(x) + norm(mu) + 1e-300
    return [
        Equal(code, scipy.linalg.lstsq(D, x - mu, lapack_driver="gelsy")[0], rtol=1e-10, scale=scale),
        AtMost(norm(x - mu - D @ code), norm(x - mu - D @ z) + 1e-12 * scale),
    ]


@best_code_of_a_sample.mutant
def offset_not_subtracted(D, mu, x, z):
    return AtMost(norm(x - mu - D @ (D.T @ x)), norm(x - mu - D @ z) + 1e-12 * (norm(x) + norm(mu)))


def loss(X, D, mu):
    """Return the sum of squared distances of samples and reconstructions, sample by sample."""
    return sum(norm(x - mu - D @ (D.T @ (x - mu))) ** 2 for x in X)


@claim("eq-svd-offset", X="m,k+o", D="k+o,k orthonormal-columns", shift="k+o nonzero")
def the_mean_is_a_best_offset(X, D, shift):
    mean = X.sum(axis=0) / len(X)
    scale = norm(X) ** 2 + 1e-300
    inside = D @ (D.T @ shift)
    return [
        Equal(
            loss(X, D, mean + shift),
            loss(X, D, mean) + len(X) * norm(shift - inside) ** 2,
            scale=scale + len(X) * norm(shift) ** 2,
            rtol=1e-10,
        ),
        AtMost(loss(X, D, mean), loss(X, D, np.zeros(len(shift))) + 1e-12 * scale),
        Equal(loss(X, D, mean), loss(X, D, mean + inside), scale=scale + norm(shift) ** 2, rtol=1e-10),
    ]


@the_mean_is_a_best_offset.mutant
def no_offset_is_as_good(X, D, shift):
    mean = X.mean(axis=0)
    return AtMost(loss(X, D, 0 * mean), loss(X, D, mean) + 1e-9 * norm(X) ** 2)


def centred(X):
    return X - X.sum(axis=0) / len(X)


@claim("eq-svd-pca-objective", X="m,k+o", D="k+o,k orthonormal-columns")
def least_loss_is_greatest_variance(X, D):
    Xc = centred(X)
    left = loss(X, D, X.mean(axis=0))
    scale = norm(X) ** 2
    return [
        Equal(left, norm(Xc - Xc @ D @ D.T) ** 2, scale=scale, rtol=1e-10),
        Equal(left, norm(Xc) ** 2 - norm(Xc @ D) ** 2, scale=scale, rtol=1e-10),
    ]


@least_loss_is_greatest_variance.mutant
def added_in_place_of_subtracted(X, D):
    Xc = centred(X)
    return Equal(loss(X, D, X.mean(axis=0)), norm(Xc) ** 2 + norm(Xc @ D) ** 2, scale=norm(X) ** 2)


@claim("thm-svd-pca", "eq-svd-pca", X="m+1,k+o", D="k+o,k orthonormal-columns")
def principal_directions_lose_least(X, D):
    Xc, k = centred(X), min(D.shape[1], len(X))
    V = full_svd(Xc).V[:, :k]
    tail = np.sum(singular_values(Xc)[k:] ** 2)
    scale = norm(X) ** 2 + 1e-300
    parts = [
        Equal(loss(X, V, X.mean(axis=0)), tail, scale=scale, rtol=1e-10),
        AtMost(tail, loss(X, D[:, :k], X.mean(axis=0)) + 1e-12 * scale),
    ]
    if norm(Xc) > 1e-10 * norm(X) and k < len(X):
        model = pca(X, k)
        decoded = model.decode(model.encode(X))
        parts.append(Equal(norm(X - decoded) ** 2, tail, scale=scale, rtol=1e-9))
    return parts


@principal_directions_lose_least.mutant
def directions_of_data_that_are_not_centred(X, D):
    Xc, k = centred(X), min(D.shape[1], len(X))
    V = full_svd(X).V[:, :k]
    tail = np.sum(singular_values(Xc)[k:] ** 2)
    return Equal(loss(X, V, X.mean(axis=0)), tail, scale=norm(X) ** 2)


@principal_directions_lose_least.mutant
def one_value_more_in_the_sum(X, D):
    Xc, k = centred(X), min(D.shape[1], len(X))
    V = full_svd(Xc).V[:, :k]
    return Equal(loss(X, V, X.mean(axis=0)), np.sum(singular_values(Xc)[k - 1 :] ** 2), scale=norm(X) ** 2)


@claim("eq-svd-covariance", X="m+1,n")
def covariance_by_the_svd_of_the_samples(X):
    _, s, V = full_svd(centred(X))
    variances = np.zeros(X.shape[1])
    variances[: len(s)] = s**2 / (len(X) - 1)
    S = np.atleast_2d(np.cov(X.T))
    scale = norm(X) ** 2
    scores = centred(X) @ V
    parts = [
        Equal(V * variances @ V.T, S, scale=scale, rtol=1e-10),
        Equal(np.sort(variances), scipy.linalg.eigvalsh(S), scale=scale, rtol=1e-10),
        Equal(scores.var(axis=0, ddof=1), variances, scale=scale, rtol=1e-10),
    ]
    if norm(centred(X)) > 1e-10 * norm(X):
        own = pca(X)
        parts.append(Equal(own.explained_variance, variances[: own.components.shape[1]], scale=scale, rtol=1e-10))
    return parts


@covariance_by_the_svd_of_the_samples.mutant
def singular_values_not_squared(X):
    _, s, V = full_svd(centred(X))
    values = np.zeros(X.shape[1])
    values[: len(s)] = s / (len(X) - 1)
    return Equal(V * values @ V.T, np.atleast_2d(np.cov(X.T)))


@covariance_by_the_svd_of_the_samples.mutant
def divided_by_the_number_of_samples(X):
    _, s, _ = full_svd(centred(X))
    return Equal(np.sum(s**2) / len(X), np.trace(np.atleast_2d(np.cov(X.T))))


@claim("eq-svd-explained", X="m+1,n nonzero")
def share_of_the_variance(X):
    Xc = centred(X)
    own = pca(X)
    s = singular_values(Xc)
    total = X.var(axis=0, ddof=1).sum()
    parts = []
    for k in range(1, own.components.shape[1] + 1):
        scores = own.encode(X)[:, :k]
        share = scores.var(axis=0, ddof=1).sum() / total
        parts += [
            Equal(share, np.sum(s[:k] ** 2) / norm(Xc) ** 2, rtol=1e-9),
            Equal(own.explained_ratio[:k].sum(), share, rtol=1e-9),
        ]
    return parts


@share_of_the_variance.mutant
def share_of_the_deviations(X):
    s = singular_values(centred(X))
    return Equal(pca(X).explained_ratio[0], s[0] / s.sum())
