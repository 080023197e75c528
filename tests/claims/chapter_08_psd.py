"""The claims of chapter 8, in the order of the book."""

import math
from itertools import combinations, permutations

import mpmath
import numpy as np
import scipy.linalg

from labkit import psd
from tests.claims.claim import AtMost, Equal, Holds, claim

norm = np.linalg.norm


def form(A, x):
    """xᵀAx as the double sum of its definition."""
    return sum(float(x[i]) * float(A[i, j]) * float(x[j]) for i in range(len(x)) for j in range(len(x)))


def det(A):
    """The determinant as a sum over permutations."""
    total = 0.0
    for order in permutations(range(len(A))):
        inversions = sum(a > b for a, b in combinations(order, 2))
        total += (-1) ** inversions * math.prod(float(A[i, j]) for i, j in enumerate(order))
    return total


def lowest(A):
    return float(scipy.linalg.eigvalsh((A + A.T) / 2)[0])


def not_negative(value, scale):
    """value ≥ 0, beyond rounding of numbers of the size `scale`."""
    return AtMost(-value, 1e-12 * scale)


def gram(F):
    return (F @ F.T + (F @ F.T).T) / 2


# --- quadratic forms ---------------------------------------------------------------------------------------------


@claim("eq-psd-definition", A="n,n semidefinite", x="n")
def forms_of_psd_matrices_are_never_negative(A, x):
    return [not_negative(form(A, x), norm(A) * norm(x) ** 2), Holds(psd.definiteness(A, rtol=1e-12).is_psd)]


@forms_of_psd_matrices_are_never_negative.mutant
def forms_are_never_positive(A, x):
    return not_negative(-form(A, x), norm(A) * norm(x) ** 2)


@claim("eq-psd-symmetric-part", A="n,n", x="n")
def a_form_sees_only_the_symmetric_part(A, x):
    part = psd.symmetric_part(A)
    return [
        Equal(form(A, x), form((A + A.T) / 2, x), rtol=1e-11, scale=norm(A) * norm(x) ** 2),
        Equal(part, [[(A[i, j] + A[j, i]) / 2 for j in range(len(A))] for i in range(len(A))], rtol=1e-13),
    ]


@a_form_sees_only_the_symmetric_part.mutant
def a_form_sees_the_skew_part(A, x):
    return Equal(form(A, x), form((A - A.T) / 2, x), scale=1e-9)


@claim("eq-psd-weighted-squares", A="n,n symmetric", x="n")
def a_form_is_a_weighted_sum_of_squares(A, x):
    values, Q = scipy.linalg.eigh(A)
    squares = sum(value * (q @ x) ** 2 for value, q in zip(values, Q.T, strict=True))
    return Equal(form(A, x), squares, rtol=1e-10, scale=norm(A) * norm(x) ** 2)


@a_form_is_a_weighted_sum_of_squares.mutant
def coordinates_not_squared(A, x):
    values, Q = scipy.linalg.eigh(A)
    return Equal(form(A, x), sum(v * abs(q @ x) for v, q in zip(values, Q.T, strict=True)), scale=1e-9)


@claim("thm-psd-eigenvalues", "eq-psd-spectral", Q="n,n orthogonal", values="n integer-vector", x="n")
def the_signs_of_eigenvalues_decide(Q, values, x):
    A = Q @ np.diag(values) @ Q.T
    A = (A + A.T) / 2
    found = psd.definiteness(A, rtol=1e-12)
    at_eigenvectors = np.array([form(A, q) for q in Q.T])
    parts = [
        Equal(at_eigenvectors, values, rtol=1e-11, scale=norm(A)),
        Holds(found.is_psd == (values >= 0).all()),
        Holds(found.is_pd == (values > 0).all()),
        Holds((found.verdict == "indefinite") == ((values > 0).any() and (values < 0).any())),
    ]
    if (values >= 0).all():
        singular = np.linalg.svd(A, compute_uv=False)
        parts.append(not_negative(form(A, x), norm(A) * norm(x) ** 2))
        parts.append(Equal(singular, np.sort(values)[::-1], rtol=1e-11, scale=1.0))
    return parts


@the_signs_of_eigenvalues_decide.mutant
def a_positive_trace_decides(Q, values, x):
    A = Q @ np.diag(values) @ Q.T
    return Holds(psd.definiteness((A + A.T) / 2, rtol=1e-12).is_psd == (np.trace(A) >= -1e-9))


@claim("eq-psd-null", A="n,n semidefinite", x="n")
def where_a_psd_form_vanishes_the_matrix_does(A, x):
    """The quantitative form, ‖Ax‖² ≤ ‖A‖₂ xᵀAx, and vectors of the nullspace."""
    values, Q = scipy.linalg.eigh(A)
    flat = Q[:, values <= 1e-12 * norm(A)] if norm(A) else Q
    kernel = flat @ (flat.T @ x)
    return [
        AtMost(norm(A @ x) ** 2, norm(A, 2) * form(A, x) + 1e-12 * norm(A) ** 2 * norm(x) ** 2),
        Equal(form(A, kernel), 0.0, rtol=1e-11, scale=norm(A) * norm(x) ** 2),
        Equal(A @ kernel, np.zeros(len(x)), rtol=1e-11, scale=norm(A) * norm(x)),
    ]


@where_a_psd_form_vanishes_the_matrix_does.mutant
def also_for_indefinite_matrices(A, x):
    return where_a_psd_form_vanishes_the_matrix_does.statement(A - norm(A) / 2 * np.eye(len(A)), x)


@claim("thm-psd-inheritance", "eq-psd-congruence", "eq-psd-entries",
       A="n,n semidefinite", B="n,n semidefinite", C="n,k", s="2 positive")  # fmt: skip
def what_psd_matrices_hand_on(A, B, C, s):
    n, P = len(A), A + np.eye(len(A))
    congruent = C.T @ P @ C
    full = np.linalg.matrix_rank(C, tol=1e-6 * norm(C)) == C.shape[1] if norm(C) else False
    parts = [
        not_negative(lowest(s[0] * A + s[1] * B), norm(A) + norm(B)),
        not_negative(lowest(C.T @ A @ C), norm(A) * norm(C) ** 2),
        Holds(lowest(np.linalg.inv(P)) > 0),
        Holds((lowest(congruent) > 1e-13 * norm(P) * norm(C) ** 2) == full),
    ]
    for size in range(1, n + 1):
        for kept in combinations(range(n), size):
            parts.append(not_negative(lowest(A[np.ix_(kept, kept)]), norm(A)))
            parts.append(Holds(lowest(P[np.ix_(kept, kept)]) > 0.5))
    bounds = [abs(A[i, j]) - math.sqrt(max(A[i, i] * A[j, j], 0.0)) for i in range(n) for j in range(n)]
    return [*parts, not_negative(A.diagonal().min(), norm(A)), AtMost(max(bounds), 1e-12 * norm(A))]


@what_psd_matrices_hand_on.mutant
def differences_too(A, B, C, s):
    return not_negative(lowest(s[0] * A - s[1] * B), norm(A) + norm(B))


@what_psd_matrices_hand_on.mutant
def entries_below_the_smaller_diagonal_entry(A, B, C, s):
    pairs = [(i, j) for i in range(len(A)) for j in range(len(A))]
    return AtMost(max(abs(A[i, j]) - min(A[i, i], A[j, j]) for i, j in pairs), 1e-12 * norm(A))


# --- four tests --------------------------------------------------------------------------------------------------


def bordered(A, sign=-1.0, transposed=False):
    """The Cholesky factor by the step of the book, or None where s ≤ 0."""
    if len(A) == 0:
        return np.zeros((0, 0))
    M = bordered(A[:-1, :-1], sign, transposed)
    if M is None:
        return None
    y = np.linalg.solve(M.T if transposed else M, A[:-1, -1]) if len(M) else np.zeros(0)
    s = A[-1, -1] + sign * (y @ y)
    if s <= 0:
        return None
    return np.block([[M, np.zeros((len(M), 1))], [y[None, :], np.full((1, 1), math.sqrt(s))]])


@claim("thm-psd-cholesky", "eq-psd-cholesky", "eq-psd-cholesky-step", P="n,n positive-definite", S="n,n symmetric")
def definite_means_having_a_cholesky_factor(P, S):
    L, own = psd.cholesky(P), bordered(P)
    factor = bordered(S)
    given = np.tril(P)  # any lower triangular matrix with a positive diagonal
    return [
        Equal(psd.cholesky(given @ given.T), given, rtol=1e-8),  # is the only factor of its product
        Holds(lowest(given @ given.T) > 0),
        Equal(own, L, rtol=1e-10),
        Equal(own @ own.T, P, rtol=1e-12),
        Equal(L @ L.T, P, rtol=1e-12),
        Equal(np.triu(L, 1), np.zeros(P.shape)),
        Holds((L.diagonal() > 0).all()),
        Holds((factor is not None) == (lowest(S) > 1e-13 * norm(S))),
        Holds((psd.verdict_by_cholesky(S) == "positive definite") == (lowest(S) > 1e-13 * norm(S))),
    ]


@definite_means_having_a_cholesky_factor.mutant
def sum_in_place_of_the_difference(P, S):
    own = bordered(P, sign=1.0)
    return Equal(own @ own.T, P)


@definite_means_having_a_cholesky_factor.mutant
def solved_with_the_transposed_factor(P, S):
    own = bordered(P, transposed=True)
    return Holds(own is not None) if own is None else Equal(own @ own.T, P)


@definite_means_having_a_cholesky_factor.mutant
def the_only_factor_whatever_the_diagonal(P, S):
    given = np.tril(P) * np.where(np.arange(len(P)) % 2, 1.0, -1.0)
    return Equal(psd.cholesky(given @ given.T), given)


@definite_means_having_a_cholesky_factor.mutant
def a_positive_diagonal_suffices(P, S):
    return Holds((bordered(S) is not None) == (S.diagonal() > 0).all())


@claim("thm-psd-sylvester", "eq-psd-pivots", S="n,n symmetric", P="n,n positive-definite")
def leading_minors_decide_definiteness(S, P):
    n = len(S)
    leading = np.array([det(S[:k, :k]) for k in range(1, n + 1)])
    minors = np.array([1.0] + [det(P[:k, :k]) for k in range(1, n + 1)])
    own = list(psd.principal_minors(P, leading=True).values())
    return [
        Holds((leading > 0).all() == (lowest(S) > 1e-13 * norm(S))),
        Equal(np.diag(np.linalg.cholesky(P)) ** 2, minors[1:] / minors[:-1], rtol=1e-9),
        Equal(own, minors[1:], rtol=1e-9),
    ]


@leading_minors_decide_definiteness.mutant
def leading_minors_decide_semidefiniteness(S, P):
    bordered_by_zero = scipy.linalg.block_diag(0.0, S)
    leading = [det(bordered_by_zero[:k, :k]) for k in range(1, len(S) + 2)]
    return Holds((min(leading) >= 0) == (lowest(bordered_by_zero) >= 0))


@leading_minors_decide_definiteness.mutant
def pivots_not_squared(S, P):
    minors = [1.0] + [det(P[:k, :k]) for k in range(1, len(P) + 1)]
    return Equal(np.diag(np.linalg.cholesky(P)), np.divide(minors[1:], minors[:-1]))


def all_minors(A):
    indices = [kept for k in range(len(A) + 1) for kept in combinations(range(len(A)), k)]
    return {kept: det(A[np.ix_(kept, kept)]) for kept in indices}


@claim("thm-psd-minors", "eq-psd-shifted-determinant", S="n,n symmetric", A="n,n semidefinite", t=" positive")
def all_principal_minors_decide_semidefiniteness(S, A, t):
    n = len(S)
    parts = []
    for M in (S, A):
        minors = all_minors(M)
        size = (1 + norm(M)) ** n
        expansion = sum(t ** (n - len(kept)) * minor for kept, minor in minors.items())
        own = psd.principal_minors(M)
        parts += [
            Equal(det(M + t * np.eye(n)), expansion, rtol=1e-11, scale=size * (1 + t) ** n),
            Equal(det(M - t * np.eye(n)), sum((-t) ** (n - len(kept)) * minor for kept, minor in minors.items()),
                  rtol=1e-11, scale=size * (1 + t) ** n),
            Holds((min(minors.values()) >= -1e-11 * size) == (lowest(M) >= -1e-11 * (1 + norm(M)))),
            Equal([own[kept] for kept in own], [minors[kept] for kept in own], rtol=1e-11, scale=size),
            Holds(psd.verdict_by_minors(M, rtol=1e-10) == psd.definiteness(M, rtol=1e-10).verdict),
        ]
    skewed = np.triu(S) + A  # the expansion holds for any square matrix
    expansion = sum(t ** (n - len(kept)) * minor for kept, minor in all_minors(skewed).items())
    size = (1 + norm(skewed) + t) ** n
    return [*parts, Equal(det(skewed + t * np.eye(n)), expansion, rtol=1e-11, scale=size)]


@all_principal_minors_decide_semidefiniteness.mutant
def powers_exchanged(S, A, t):
    n, minors = len(S), all_minors(S)
    return Equal(det(S + t * np.eye(n)), sum(t ** len(kept) * minor for kept, minor in minors.items()))


@all_principal_minors_decide_semidefiniteness.mutant
def minors_of_size_one_and_n_suffice(S, A, t):
    M = scipy.linalg.block_diag(0.0, S)
    np.fill_diagonal(M, np.abs(M.diagonal()))
    return Holds((min(*M.diagonal(), det(M)) >= 0) == (lowest(M) >= -1e-11 * (1 + norm(M))))


@claim("eq-psd-correlations", r="3 moderate")
def three_correlations_must_fit_together(r):
    a, b, c = np.tanh(r)
    R = np.array([[1, a, b], [a, 1, c], [b, c, 1]])
    determinant = det(R)
    edge = b * c + math.sqrt((1 - b**2) * (1 - c**2))
    border = np.array([[1, edge, b], [edge, 1, c], [b, c, 1]])
    return [
        Equal(lowest(border), 0.0, rtol=1e-12, scale=1.0),
        Equal(determinant, 1 + 2 * a * b * c - a**2 - b**2 - c**2, rtol=1e-12, scale=1.0),
        Equal(determinant, (1 - b**2) * (1 - c**2) - (a - b * c) ** 2, rtol=1e-12, scale=1.0),
        Holds((abs(a - b * c) <= math.sqrt((1 - b**2) * (1 - c**2)) + 1e-9) == (lowest(R) >= -1e-9)),
    ]


@three_correlations_must_fit_together.mutant
def sign_of_the_product(r):
    a, b, c = np.tanh(r)
    R = np.array([[1, a, b], [a, 1, c], [b, c, 1]])
    return Equal(det(R), 1 - 2 * a * b * c - a**2 - b**2 - c**2, scale=1.0)


def radii(A):
    return np.array([sum(abs(A[i, j]) for j in range(len(A)) if j != i) for i in range(len(A))])


@claim("thm-psd-gershgorin", "eq-psd-gershgorin", "eq-psd-dominance", A="n,n symmetric", s="n positive")
def row_sums_enclose_the_eigenvalues(A, s):
    r, values = radii(A), scipy.linalg.eigvalsh(A)
    low, high = (A.diagonal() - r).min(), (A.diagonal() + r).max()
    dominant = A - np.diag(A.diagonal()) + np.diag(r + s)
    weakly = dominant - np.diag(s)
    ones = np.ones(A.shape)
    slack = 1e-12 * norm(A)
    return [
        not_negative(lowest(weakly), norm(A)),
        AtMost(low, values[0] + slack),
        AtMost(values[-1], high + slack),
        Equal(psd.gershgorin_bounds(A), [low, high], rtol=1e-12, scale=norm(A)),
        Holds(lowest(dominant) > 0),
        Equal(scipy.linalg.eigvalsh(ones)[-1], psd.gershgorin_bounds(ones)[1], rtol=1e-12),  # attained
    ]


@row_sums_enclose_the_eigenvalues.mutant
def dominance_in_modulus_suffices(A, s):
    signs = np.where(s > 1, 1.0, -1.0)
    return Holds(lowest(A - np.diag(A.diagonal()) + np.diag(signs * (radii(A) + s))) > 0)


@row_sums_enclose_the_eigenvalues.mutant
def without_the_row_sums(A, s):
    return AtMost(A.diagonal().min(), scipy.linalg.eigvalsh(A)[0] + 1e-12 * norm(A))


@claim("eq-psd-weyl", A="n,n symmetric", E="n,n symmetric", t=" positive")
def the_lowest_eigenvalue_moves_at_most_by_the_norm(A, E, t):
    identity = np.eye(len(A))
    return [
        AtMost(abs(lowest(A + E) - lowest(A)), norm(E, 2) + 1e-12 * norm(A)),
        Equal(lowest(A + t * identity) - lowest(A), t, rtol=1e-11, scale=1 + norm(A)),  # the bound is attained
    ]


@the_lowest_eigenvalue_moves_at_most_by_the_norm.mutant
def moves_at_most_by_the_largest_entry(A, E, t):
    return AtMost(abs(lowest(A + E) - lowest(A)), np.abs(E).max() + 1e-12 * norm(A))


# --- roots and determinants --------------------------------------------------------------------------------------


@claim("thm-psd-sqrt", "eq-psd-sqrt", A="n,n semidefinite", P="n,n positive-definite")
def there_is_one_psd_square_root(A, P):
    S = psd.psd_sqrt(A, rtol=1e-12)
    return [
        Equal(S @ S, A, rtol=1e-12, scale=norm(A)),
        not_negative(lowest(S), norm(S)),
        Equal(S, S.T),
        Equal(psd.psd_sqrt(A @ A, rtol=1e-12), A, rtol=1e-6),  # a PSD matrix is the root of its square
        Equal(psd.psd_sqrt(P), scipy.linalg.sqrtm(P).real, rtol=1e-9),
    ]


@there_is_one_psd_square_root.mutant
def every_symmetric_matrix_is_the_root_of_its_square(A, P):
    S = P - np.trace(P) / 2 * np.eye(len(P))
    return Equal(psd.psd_sqrt(S @ S, rtol=1e-12, symmetrize=True), S)


@there_is_one_psd_square_root.mutant
def roots_of_the_entries(A, P):
    return Equal(psd.psd_sqrt(P), np.sqrt(np.abs(P)) * np.sign(P))


@claim("eq-psd-factors", P="n,n positive-definite", Q="n,n orthogonal")
def square_factors_are_turned_copies(P, Q):
    C, D = psd.cholesky(P), psd.psd_sqrt(P)
    W = np.linalg.solve(C, D)
    return [
        Equal(W @ W.T, np.eye(len(P)), rtol=1e-9),
        Equal(W.T @ W, np.eye(len(P)), rtol=1e-9),
        Equal(C @ Q @ (C @ Q).T, P, rtol=1e-12),
    ]


@square_factors_are_turned_copies.mutant
def turned_on_the_other_side(P, Q):
    W = np.linalg.solve(psd.cholesky(P).T, psd.psd_sqrt(P)).T
    return Equal(W @ W.T, np.eye(len(P)))


@claim("eq-psd-logdet", P="n,n positive-definite")
def logarithm_of_the_determinant(P):
    own = psd.cholesky_logdet(P)
    return [
        Equal(own, math.log(det(P)), rtol=1e-9, scale=1.0),
        Equal(own, np.log(scipy.linalg.eigvalsh(P)).sum(), rtol=1e-9, scale=1.0),
        Equal(own, 2 * np.log(bordered(P).diagonal()).sum(), rtol=1e-9, scale=1.0),
    ]


@logarithm_of_the_determinant.mutant
def factor_two_forgotten(P):
    return Equal(np.log(bordered(P).diagonal()).sum(), math.log(det(P)))


# --- Gram matrices -----------------------------------------------------------------------------------------------


def rank_of(X, tolerance):
    s = np.linalg.svd(X, compute_uv=False)
    return int((s > tolerance * s[0]).sum()) if s[0] else 0


@claim("thm-psd-gram", "eq-psd-gram", X="m,n", v="n", A="n,n semidefinite")
def psd_matrices_are_gram_matrices(X, v, A):
    G = psd.gram_matrix(X)
    values, Q = scipy.linalg.eigh(A)
    positive = values > 1e-12 * norm(A)
    F = np.sqrt(values[positive])[:, None] * Q[:, positive].T
    rank = rank_of(X, 1e-6)
    definite = lowest(G) > 1e-12 * norm(G)
    return [
        Equal(form(G, v), sum(float(z) ** 2 for z in X @ v), rtol=1e-10, scale=(norm(X) * norm(v)) ** 2),
        Holds(rank_of(G, 1e-12) == rank),
        Holds(definite == (rank == X.shape[1])),
        Holds(X.shape[0] >= X.shape[1] or not definite),
        Equal(psd.gram_matrix(F) if len(F) else np.zeros(A.shape), A, rtol=1e-11),
        Holds(len(F) == rank_of(A, 1e-12)),
    ]


@psd_matrices_are_gram_matrices.mutant
def full_rank_suffices(X, v, A):
    G = psd.gram_matrix(X)
    return Holds((lowest(G) > 1e-12 * norm(G)) == (rank_of(X, 1e-6) == min(X.shape)))


@psd_matrices_are_gram_matrices.mutant
def length_not_squared(X, v, A):
    return Equal(form(X.T @ X, v), norm(X @ v))


@claim("eq-psd-covariance", "eq-psd-variance", X="1+m,n", w="n")
def covariance_is_a_gram_matrix_and_its_form_a_variance(X, w):
    m, n = X.shape
    S, scale = psd.covariance_matrix(X), norm(X) ** 2
    means = [math.fsum(X[:, j]) / m for j in range(n)]
    by_sums = [
        [math.fsum((X[k, i] - means[i]) * (X[k, j] - means[j]) for k in range(m)) / (m - 1) for j in range(n)]
        for i in range(n)
    ]
    table = math.sqrt(m - 0.5) * np.vstack([X, -X])  # data whose covariance is the given PSD matrix XᵀX
    return [
        Equal(np.cov(table, rowvar=False).reshape(n, n), X.T @ X, rtol=1e-11),
        Equal(S, by_sums, rtol=1e-11, scale=scale),
        Equal(form(S, w), np.var(X @ w, ddof=1), rtol=1e-11, scale=scale * norm(w) ** 2),
        Holds(rank_of(S, 1e-10) <= min(n, m - 1) if norm(S) > 1e-12 * scale else True),
    ]


@covariance_is_a_gram_matrix_and_its_form_a_variance.mutant
def divided_by_the_number_of_samples(X, w):
    return Equal(psd.covariance_matrix(X), np.cov(X, rowvar=False, bias=True).reshape(X.shape[1], -1))


@covariance_is_a_gram_matrix_and_its_form_a_variance.mutant
def means_not_subtracted(X, w):
    return Equal(form(X.T @ X / (len(X) - 1), w), np.var(X @ w, ddof=1), scale=1e-9)


# --- products entry by entry -------------------------------------------------------------------------------------


@claim("thm-psd-schur", "eq-psd-schur", F="n,p", G="n,q")
def hadamard_products_of_psd_matrices_are_psd(F, G):
    A, B = gram(F), gram(G)
    H = np.array([np.kron(f, g) for f, g in zip(F, G, strict=True)])
    own = psd.row_kronecker(F, G)
    scale = norm(A) * norm(B)
    return [
        Equal(A * B, H @ H.T, rtol=1e-11, scale=scale),
        Equal(own, H, rtol=1e-13),
        not_negative(lowest(A * B), scale),
    ]


@hadamard_products_of_psd_matrices_are_psd.mutant
def the_matrix_product_instead(F, G):
    A, B = gram(F), gram(G)
    H = np.array([np.kron(f, g) for f, g in zip(F, G, strict=True)])
    return Equal(A @ B, H @ H.T)


@hadamard_products_of_psd_matrices_are_psd.mutant
def one_factor_need_not_be_psd(F, G):
    A, B = gram(F), gram(G)
    return not_negative(lowest(A * (B - norm(B) / 2 * np.ones(B.shape))), norm(A) * norm(B))


def exponential(X, Y):
    """exp(XYᵀ), entry by entry, from sums and math.exp."""
    return np.array([[math.exp(math.fsum(a * b for a, b in zip(x, y, strict=True))) for y in Y] for x in X])


def gaussian_determinant(X):
    """det of exp(−‖xᵢ − xⱼ‖²/2) with sixty digits, enough to see that it is not 0."""
    with mpmath.workdps(60):
        rows = [[mpmath.mpf(float(a)) for a in x] for x in X]
        squares = [[sum((a - b) ** 2 for a, b in zip(x, y, strict=True)) for y in rows] for x in rows]
        return mpmath.det(mpmath.matrix([[mpmath.exp(-s / 2) for s in row] for row in squares]))


@claim("thm-psd-exponential", "eq-psd-exponential-series", "eq-psd-exponential-scaling", X="n,p moderate")
def the_entrywise_exponential_of_a_gram_matrix_is_psd(X):
    E, inner = exponential(X, X), gram(X)
    series, term = np.zeros(E.shape), np.ones(E.shape)
    for k in range(1, 160):
        series, term = series + term, term * inner / k
    D = np.diag(np.exp(np.sum(X * X, axis=1) / 2))
    G = np.array([[math.exp(-(norm(x - y) ** 2) / 2) for y in X] for x in X])
    distinct = len({tuple(x) for x in X}) == len(X)
    own = psd.exponential_kernel(X)
    return [
        not_negative(lowest(E), norm(E)),
        not_negative(lowest(G), norm(G)),
        Holds((gaussian_determinant(X) > mpmath.mpf("1e-45")) == distinct),
        Equal(series, E, rtol=1e-11),
        Equal(D @ G @ D, E, rtol=1e-11),
        Equal(own.matrix(), E, rtol=1e-11),
        Equal(own.core, G, rtol=1e-11),
    ]


@the_entrywise_exponential_of_a_gram_matrix_is_psd.mutant
def series_without_factorials(X):
    inner = gram(X) / (1 + norm(gram(X)))
    series = sum(inner**k for k in range(60))
    return Equal(series, np.exp(inner))


@the_entrywise_exponential_of_a_gram_matrix_is_psd.mutant
def always_definite(X):
    return Holds(gaussian_determinant(X) > mpmath.mpf("1e-45"))


@the_entrywise_exponential_of_a_gram_matrix_is_psd.mutant
def without_the_half(X):
    D = np.diag(np.exp(np.sum(X * X, axis=1) / 2))
    G = np.array([[math.exp(-(norm(x - y) ** 2)) for y in X] for x in X])
    return Equal(D @ G @ D, exponential(X, X))


@claim("eq-psd-attention-block", "eq-psd-attention-bound", Q="m,p moderate", K="n,p moderate")
def attention_is_a_block_of_a_psd_matrix(Q, K):
    m, Z = len(Q), np.vstack([Q, K])
    whole = psd.exponential_kernel(Z).matrix()
    blocks = np.block([[exponential(Q, Q), exponential(Q, K)], [exponential(K, Q), exponential(K, K)]])
    half = [math.exp(norm(z) ** 2 / 2) for z in Z]
    bound = np.outer(half[:m], half[m:])
    return [
        Equal(whole, blocks, rtol=1e-11),
        not_negative(lowest(whole), norm(whole)),
        AtMost((blocks[:m, m:] / bound).max(), 1.0),
        Equal(np.diag(exponential(Q, Q)), np.square(half[:m]), rtol=1e-11),  # attained where query and key agree
    ]


@attention_is_a_block_of_a_psd_matrix.mutant
def block_of_the_matrix_exponential(Q, K):
    Z = np.vstack([Q, K])
    return Equal(scipy.linalg.expm(Z @ Z.T)[: len(Q), len(Q) :], exponential(Q, K))


@attention_is_a_block_of_a_psd_matrix.mutant
def half_of_the_bound_in_the_exponent(Q, K):
    half = [math.exp(norm(z) ** 2 / 4) for z in np.vstack([Q, K])]
    return AtMost((exponential(Q, K) / np.outer(half[: len(Q)], half[len(Q) :])).max(), 1.0)


@claim("eq-psd-attention", Q="m,p moderate", K="n,p moderate", c="m scores", s=" positive")
def attention_weights_do_not_depend_on_a_shift(Q, K, c, s):
    def weights(shift):
        rows = []
        for q, ci in zip(Q, shift, strict=True):
            terms = [mpmath.exp(mpmath.mpf(float(40 * s * (q @ k))) - mpmath.mpf(float(ci))) for k in K]
            rows.append([float(t / mpmath.fsum(terms)) for t in terms])
        return np.array(rows)

    own = psd.attention_weights(40 * Q, K, scale=float(s))
    return [
        Equal(weights(c), weights(0 * c), rtol=1e-11),
        Equal(own, weights(0 * c), rtol=1e-9),
        Equal(own.sum(axis=1), np.ones(len(Q)), rtol=1e-12),
    ]


@attention_weights_do_not_depend_on_a_shift.mutant
def sums_over_the_columns(Q, K, c, s):
    E = exponential(s * Q, K)
    return Equal(E / E.sum(axis=0), psd.attention_weights(Q, K, scale=float(s)))


@attention_weights_do_not_depend_on_a_shift.mutant
def shift_in_the_numerator_only(Q, K, c, s):
    E = exponential(s * Q, K)
    return Equal(E * np.exp(-c / 1e3)[:, None] / E.sum(axis=1, keepdims=True), E / E.sum(axis=1, keepdims=True))


# --- convexity ---------------------------------------------------------------------------------------------------


def lse(x):
    return float(np.log(np.exp(x).sum()))


@claim("eq-psd-convex", x="n moderate", y="n moderate", t=" positive")
def chords_lie_above_the_graph(x, y, t):
    t = t / 2.5
    parts = []
    for f in (lse, lambda z: float(z @ z), lambda z: float(np.abs(z).sum())):
        parts.append(AtMost(f((1 - t) * x + t * y), (1 - t) * f(x) + t * f(y) + 1e-12))
    return parts


@chords_lie_above_the_graph.mutant
def weights_exchanged(x, y, t):
    t = t / 2.5
    return AtMost(float(((1 - t) * x + t * y) @ ((1 - t) * x + t * y)), t * (x @ x) + (1 - t) * (y @ y) + 1e-12)


@chords_lie_above_the_graph.mutant
def chords_lie_below(x, y, t):
    t = t / 2.5
    return AtMost((1 - t) * lse(x) + t * lse(y), lse((1 - t) * x + t * y) + 1e-12)


def wavy(z):
    return float(np.sin(z).sum() + z.sum() ** 2 / 4)


def wavy_hessian(z):
    return np.diag(-np.sin(z)) + 0.5


def second_difference(f, x, v, h, weight=2.0):
    return (f(x + h * v) - weight * f(x) + f(x - h * v)) / h**2


@claim("thm-psd-convexity", "eq-psd-second-difference", S="n,n symmetric", x="n moderate", y="n moderate",
       v="n unit", t=" positive")  # fmt: skip
def smooth_functions_are_convex_where_hessians_are_psd(S, x, y, v, t):
    t = t / 2.5
    coarse, fine = (second_difference(wavy, x, v, h) for h in (2e-2, 1e-2))
    values, Q = scipy.linalg.eigh(S)
    slack = 1e-12 * (1 + norm(S)) * (1 + norm(x) + norm(y)) ** 2

    curvatures, directions = scipy.linalg.eigh(wavy_hessian(x))
    step = 1e-3 * directions[:, 0]

    def gap(f, x, y):
        return (1 - t) * f(x) + t * f(y) - f((1 - t) * x + t * y)

    def quadratic(z):
        return form(S, z) / 2

    q = Q[:, 0]
    convex = gap(quadratic, x - q, x + q) >= -slack  # along the lowest eigenvector
    return [
        Equal((4 * fine - coarse) / 3, form(wavy_hessian(x), v), rtol=1e-6, scale=1.0),
        Holds(convex == (values[0] >= -1e-10)),
        AtMost(-gap(quadratic, x, y), slack) if values[0] >= 0 else Holds(True),
        Holds(gap(quadratic, x, y) > 0 if values[0] > 0.1 and norm(x - y) > 1e-3 else True),  # strictly
        # A function that is not quadratic is convex near x along q exactly if its Hessian is positive there.
        Holds((gap(wavy, x - step, x + step) > 0) == (curvatures[0] > 0) or abs(curvatures[0]) < 0.05),
        Holds(gap(lambda z: float(z[0] ** 4), x[:1] - 1, x[:1] + 1) > 0),  # strict, although x⁴ has H(0) = 0
        Equal(second_difference(lambda z: float(z[0] ** 4), np.zeros(1), np.ones(1), 1e-3), 0.0, scale=1e3),
    ]


@smooth_functions_are_convex_where_hessians_are_psd.mutant
def a_trace_that_is_not_negative_suffices(S, x, y, v, t):
    return Holds((np.trace(S) >= 0) == (lowest(S) >= -1e-10))


@smooth_functions_are_convex_where_hessians_are_psd.mutant
def a_diagonal_that_is_not_negative_suffices(S, x, y, v, t):
    curved = wavy_hessian(x)
    q = scipy.linalg.eigh(curved)[1][:, 0]
    gap = (wavy(x - 1e-3 * q) + wavy(x + 1e-3 * q)) / 2 - wavy(x)
    return Holds((gap > 0) == (curved.diagonal() > 0).all())


@smooth_functions_are_convex_where_hessians_are_psd.mutant
def half_of_the_form(S, x, y, v, t):
    return Equal(second_difference(wavy, x, v, 1e-3), form(wavy_hessian(x), v) / 2, rtol=1e-3)


@smooth_functions_are_convex_where_hessians_are_psd.mutant
def strictly_convex_only_with_a_definite_hessian(S, x, y, v, t):
    gap = ((x[0] - 1) ** 4 + (x[0] + 1) ** 4) / 2 - x[0] ** 4
    return Holds((gap > 0) == (12 * 0.0**2 > 0))


def cubic_perturbation(S):
    return lambda z: form(S, z) / 2 + float((z**3).sum()) + float(z.sum()) ** 3


@claim("thm-psd-critical", S="n,n symmetric", u="n unit")
def the_second_derivative_test(S, u):
    values, Q = scipy.linalg.eigh(S)
    f, found = cubic_perturbation(S), psd.definiteness(S).critical_point
    near = [f(1e-5 * direction) for direction in (*Q.T, *(-Q.T), u, -u)]
    parts = [Holds(psd.definiteness([[0.0]]).critical_point == "undecided")]  # the Hessian of x⁴, −x⁴ and x³ at 0
    # The Hessian diag(0, 2) of each y² + g(x) is PSD and singular; x⁴ has a minimum at 0, −x⁴ and x³ have none.
    around = [np.array([np.cos(a), np.sin(a)]) / 8 for a in np.arange(16) * np.pi / 8]
    for g, minimum in ((lambda x: x**4, True), (lambda x: -(x**4), False), (lambda x: x**3, False)):
        parts.append(Holds((min(z[1] ** 2 + g(z[0]) for z in around) > 0) == minimum))
    if values[0] < -1e-2:
        parts.append(Holds(min(near) < 0))
    if np.abs(values).min() > 1e-2:
        minimum, maximum = min(near) > 0, max(near) < 0
        expected = "strict local minimum" if minimum else "strict local maximum" if maximum else "saddle point"
        parts.append(Holds(found == expected))
    return parts


@the_second_derivative_test.mutant
def semidefinite_suffices_for_a_minimum(S, u):
    values, Q = scipy.linalg.eigh(S)
    f = cubic_perturbation(S - values[0] * np.eye(len(S)))  # PSD and singular
    return Holds(min(f(1e-3 * Q[:, 0]), f(-1e-3 * Q[:, 0])) >= 0)


@the_second_derivative_test.mutant
def a_positive_determinant_suffices_for_a_minimum(S, u):
    f, Q = cubic_perturbation(S), scipy.linalg.eigh(S)[1]
    return Holds(det(S) <= 1e-6 or min(f(1e-5 * q) for q in Q.T) > 0)


@claim("thm-psd-quadratic", "eq-psd-completed-square", A="n,n semidefinite", x="n", z="n", b="n")
def minima_of_quadratic_functions(A, x, z, b):
    def f(y, b):
        return form(A, y) / 2 - float(b @ y)

    values, Q = scipy.linalg.eigh(A)
    flat = Q[:, values <= 1e-12 * norm(A)] if norm(A) else Q
    start, step = A @ z, flat @ (flat.T @ x)
    escape = flat @ (flat.T @ b)
    scale = (1 + norm(A)) * (1 + norm(x) + norm(z)) ** 2
    lower, q = A - (values[0] + 1) * np.eye(len(A)), Q[:, 0]  # its lowest eigenvalue is −1
    q = -q if b @ q < 0 else q
    times = 1e3 / (norm(escape) + 1e-300) if norm(escape) > 1e-9 * norm(b) else 0.0
    return [
        Equal(f(x, start), f(z, start) + form(A, x - z) / 2, rtol=1e-11, scale=scale),
        AtMost(f(z, start), f(x, start) + 1e-11 * scale),
        Equal(f(z + step, start), f(z, start), rtol=1e-11, scale=scale),  # every solution of Ax = b
        AtMost(form(lower, 1e3 * q) / 2 - 1e3 * float(b @ q), -0.49e6),  # an indefinite A: unbounded for every b
        AtMost(values[0] / 2 * norm(x - z) ** 2, f(x, start) - f(z, start) + 1e-11 * scale),  # a PD one: unique
        Equal(f(times * escape, b), -times * norm(escape) ** 2, rtol=1e-6, scale=1e-6 * (1 + norm(A))),
    ]


@minima_of_quadratic_functions.mutant
def square_completed_without_the_half(A, x, z, b):
    def f(y):
        return form(A, y) / 2 - float(A @ z @ y)

    return Equal(f(x), f(z) + form(A, x - z))


@minima_of_quadratic_functions.mutant
def bounded_below_for_every_b(A, x, z, b):
    values, Q = scipy.linalg.eigh(A)
    flat = Q[:, values <= 1e-12 * norm(A)] if norm(A) else Q
    escape = flat @ (flat.T @ b)
    far = 1e6 * escape
    return AtMost(-1e3, form(A, far) / 2 - float(b @ far))


# --- shifts and the nearest matrix -------------------------------------------------------------------------------


@claim("thm-psd-shift", "eq-psd-shift", A="m,n", M="n,n symmetric", d=" positive")
def shifts_move_eigenvalues_and_condition(A, M, d):
    n = A.shape[1]
    values = scipy.linalg.eigvalsh(A.T @ A + d * np.eye(n))
    s = np.zeros(n)
    s[: min(A.shape)] = np.linalg.svd(A, compute_uv=False)
    formula = (s[0] ** 2 + d) / (s[-1] ** 2 + d)
    later = psd.shifted_gram_condition(A, [d, 2 * d, 1e12 * (1 + norm(A) ** 2)])
    strictly = s[0] - s[-1] > 1e-3 * s[0] and s[0] > 0.1
    spectrum = scipy.linalg.eigvalsh(M)
    off = d + 0.01 + np.abs(spectrum).max()
    T = np.triu(M)  # not symmetric; its eigenvalues stand on its diagonal
    far = d + np.abs(T).sum()
    return [
        Holds(np.linalg.matrix_rank(T + far * np.eye(n), tol=1e-9) == n),
        *[Holds(np.linalg.matrix_rank(T - v * np.eye(n), tol=1e-9 * (1 + norm(M))) < n) for v in T.diagonal()],
        Equal(values[-1] / values[0], formula, rtol=1e-8),
        Equal(later[0], formula, rtol=1e-10),
        Holds(later[1] < later[0] if strictly else later[1] <= later[0] * (1 + 1e-12)),
        Equal(later[2], 1.0, rtol=1e-10),
        Holds(values[0] > 0),
        Holds(np.linalg.matrix_rank(M + off * np.eye(n), tol=1e-9) == n),
        *[Holds(np.linalg.matrix_rank(M - v * np.eye(n), tol=1e-9 * (1 + norm(M))) < n) for v in spectrum],
    ]


@shifts_move_eigenvalues_and_condition.mutant
def regular_for_every_shift(A, M, d):
    shift = -scipy.linalg.eigvalsh(M)[0]
    return Holds(np.linalg.matrix_rank(M + shift * np.eye(len(M)), tol=1e-9 * (1 + norm(M))) == len(M))


@shifts_move_eigenvalues_and_condition.mutant
def smallest_nonzero_singular_value(A, M, d):
    s = np.linalg.svd(A, compute_uv=False)
    values = scipy.linalg.eigvalsh(A.T @ A + d * np.eye(A.shape[1]))
    return Equal(values[-1] / values[0], (s[0] ** 2 + d) / (s[-1] ** 2 + d))


@shifts_move_eigenvalues_and_condition.mutant
def singular_values_not_squared(A, M, d):
    s = np.zeros(A.shape[1])
    s[: min(A.shape)] = np.linalg.svd(A, compute_uv=False)
    return Equal(psd.shifted_gram_condition(A, d), (s[0] + d) / (s[-1] + d))


@claim("thm-psd-nearest", "eq-psd-nearest", "eq-psd-nearest-distance", A="n,n", P="n,n semidefinite")
def the_nearest_psd_matrix(A, P):
    B, C = (A + A.T) / 2, (A - A.T) / 2
    values, Q = scipy.linalg.eigh(B)
    nearest = (Q * np.maximum(values, 0)) @ Q.T
    own = psd.nearest_psd(A)
    squared = sum(v**2 for v in values if v < 0) + norm(C) ** 2
    scale = norm(A) + norm(P)
    return [
        Equal(own.matrix, nearest, rtol=1e-11, scale=norm(A)),
        Equal(own.distance**2, squared, rtol=1e-10, scale=norm(A) ** 2),
        Equal(norm(A - nearest) ** 2, squared, rtol=1e-10, scale=norm(A) ** 2),
        not_negative(lowest(own.matrix), norm(A)),
        # No rival is nearer, and one at equal distance would be the same matrix.
        AtMost(squared + norm(P - nearest) ** 2, norm(A - P) ** 2 + 1e-10 * scale**2),
    ]


@the_nearest_psd_matrix.mutant
def signs_of_the_eigenvalues_changed(A, P):
    values, Q = scipy.linalg.eigh((A + A.T) / 2)
    return Equal(psd.nearest_psd(A).matrix, (Q * np.abs(values)) @ Q.T)


@the_nearest_psd_matrix.mutant
def skew_part_forgotten_in_the_distance(A, P):
    values = scipy.linalg.eigvalsh((A + A.T) / 2)
    return Equal(norm(A - psd.nearest_psd(A).matrix) ** 2, sum(v**2 for v in values if v < 0))


@the_nearest_psd_matrix.mutant
def nearest_among_all_symmetric_matrices(A, P):
    shifted = P - norm(P) * np.eye(len(P))
    return AtMost(psd.nearest_psd(A).distance, norm(A - shifted) + 1e-10)
