"""The claims of chapter 6, in the order of the book."""

from functools import cache
from itertools import permutations

import numpy as np
import scipy.linalg
import sympy

from labkit import orthogonality as lab
from tests.claims.claim import AtMost, Equal, Holds, claim, gradient_by_differences, rate_of_change

norm = np.linalg.norm


def determinant(A):
    """The sum over permutations: the definition."""
    total = 0.0
    for p in permutations(range(len(A))):
        sign = (-1) ** sum(p[i] > p[j] for j in range(len(p)) for i in range(j))
        total = total + sign * np.prod([A[i, p[i]] for i in range(len(A))])
    return total


def spectral(A):
    return scipy.linalg.svdvals(A)[0]


def distance(found, wanted):
    """The largest distance of a wanted number from the nearest that was found."""
    return np.abs(np.subtract.outer(wanted, found)).min(axis=1).max()


# --- orthogonal matrices -----------------------------------------------------------------------------------------


def rows_and_columns_orthonormal(A):
    close = [np.allclose(G, np.eye(len(G)), atol=1e-9) for G in (A.T @ A, A @ A.T)]
    return close[0], close[1]


@claim("eq-orthogonality-definition", "thm-orthogonality-square",
       Q="n,n orthogonal", A="n,n", W="n+k,n orthonormal-columns")
def columns_rows_and_inverse(Q, A, W):
    columns, rows = rows_and_columns_orthonormal(A)
    return [
        Equal(scipy.linalg.inv(Q), Q.T, rtol=1e-10),
        Equal([sum(Q[:, i] * Q[:, j]) for i in range(len(Q)) for j in range(len(Q))], np.eye(len(Q)).ravel()),
        Equal([sum(Q[i] * Q[j]) for i in range(len(Q)) for j in range(len(Q))], np.eye(len(Q)).ravel()),
        Holds(columns == rows == lab.is_orthogonal(A, 1e-9)),
        Holds(lab.is_orthogonal(Q) and lab.is_orthonormal(W) and not lab.is_orthogonal(W)),
    ]


@columns_rows_and_inverse.mutant
def rows_of_a_tall_matrix(Q, A, W):
    return Holds(rows_and_columns_orthonormal(W) == (True, True))


@columns_rows_and_inverse.mutant
def orthogonal_columns_of_any_length(Q, A, W):
    return Equal(scipy.linalg.inv(2 * Q), (2 * Q).T)


@claim("eq-orthogonality-isometry", "thm-orthogonality-isometry",
       W="n+o,n orthonormal-columns", A="m,n", x="n", y="n")
def orthonormal_columns_keep_lengths_and_inner_products(W, A, x, y):
    n, E = A.shape[1], np.eye(A.shape[1])
    from_lengths = [
        [(norm(A @ (E[i] + E[j])) ** 2 - norm(A @ (E[i] - E[j])) ** 2) / 4 for j in range(n)] for i in range(n)
    ]
    scale = norm(x) * norm(y)
    return [
        Equal(norm(W @ x), norm(x), rtol=1e-10),
        Equal(sum((W @ x) * (W @ y)), sum(x * y), scale=scale, rtol=1e-10),
        Equal(from_lengths, A.T @ A, rtol=1e-9, scale=norm(A) ** 2),
    ]


@orthonormal_columns_keep_lengths_and_inner_products.mutant
def without_unit_length(W, A, x, y):
    return Equal(norm(2 * W @ x), norm(x))


@orthonormal_columns_keep_lengths_and_inner_products.mutant
def transpose_of_a_tall_matrix(W, A, x, y):
    z = np.resize(x, len(W))
    return Equal(norm(W.T @ z), norm(z))


@claim("eq-orthogonality-norm", "eq-orthogonality-norm-inverse", Q="n,n orthogonal", x="n nonzero")
def norms_of_an_orthogonal_matrix_and_its_inverse(Q, x):
    inverse, x = scipy.linalg.inv(Q), x / norm(x)
    return [
        Equal([spectral(Q), spectral(inverse)], [1.0, 1.0], rtol=1e-10),
        Equal([x @ Q.T @ Q @ x, x @ Q @ Q.T @ x], [1.0, 1.0], rtol=1e-10),
        Equal(spectral(3 * Q.T) ** 2, x @ (3 * Q) @ (3 * Q.T) @ x, rtol=1e-10),
    ]


@norms_of_an_orthogonal_matrix_and_its_inverse.mutant
def square_forgotten(Q, x):
    x = x / norm(x)
    return Equal(spectral(3 * Q.T), x @ (3 * Q) @ (3 * Q.T) @ x)


@claim("eq-orthogonality-products", P="n,n orthogonal", Q="n,n orthogonal")
def products_are_orthogonal_and_determinants_are_signs(P, Q):
    return [
        Holds(lab.is_orthogonal(P @ Q) and lab.is_orthogonal(scipy.linalg.inv(P), 1e-12)),
        Equal(abs(determinant(Q)), 1.0, rtol=1e-10),
        Holds(lab.orthogonal_type(Q) == ("rotation" if determinant(Q) > 0 else "reflection")),
    ]


@products_are_orthogonal_and_determinants_are_signs.mutant
def determinant_always_one(P, Q):
    return Equal(determinant(Q), 1.0)


@products_are_orthogonal_and_determinants_are_signs.mutant
def sums_are_orthogonal(P, Q):
    return Holds(lab.is_orthogonal(P + Q))


@claim("eq-orthogonality-plane", "thm-orthogonality-plane", Q="2,2 orthogonal", t="1 moderate")
def orthogonal_matrices_of_the_plane(Q, t):
    angle = np.arctan2(Q[1, 0], Q[0, 0])
    c, s = np.cos(angle), np.sin(angle)
    turn, mirror = np.array([[c, -s], [s, c]]), np.array([[c, s], [s, -c]])
    line = np.array([np.cos(t[0] / 2), np.sin(t[0] / 2)])
    S = np.array([[np.cos(t[0]), np.sin(t[0])], [np.sin(t[0]), -np.cos(t[0])]])
    return [
        Equal(Q, turn if determinant(Q) > 0 else mirror, rtol=1e-10),
        Equal(lab.rotation(angle), turn, rtol=1e-10),
        Equal(S @ line, line, rtol=1e-10),
        Equal(lab.reflection([-line[1], line[0]]), S, rtol=1e-10),
        Equal(turn @ np.array([np.cos(t[0]), np.sin(t[0])]), [np.cos(t[0] + angle), np.sin(t[0] + angle)]),
    ]


@orthogonal_matrices_of_the_plane.mutant
def reflection_in_the_line_at_the_whole_angle(Q, t):
    line = np.array([np.cos(t[0]), np.sin(t[0])])
    return Equal(np.array([[line[0], line[1]], [line[1], -line[0]]]) @ line, line)


@orthogonal_matrices_of_the_plane.mutant
def only_rotations(Q, t):
    return Equal(Q, lab.rotation(np.arctan2(Q[1, 0], Q[0, 0])))


def same_length(x, y):
    return y * norm(x) / norm(y)


@claim("eq-orthogonality-householder", "thm-orthogonality-householder",
       v="n nonzero", x="n nonzero", y="n nonzero")
def householder_reflections(v, x, y):
    H = np.eye(len(v)) - 2 * np.outer(v, v) / sum(v * v)
    y = same_length(x, y)
    carried = lab.reflection(x - y) @ x if norm(x - y) > 1e-3 * norm(x) else y
    return [
        Equal(H, lab.reflection(v), rtol=1e-10),
        Equal(H.T, H, rtol=1e-12),
        Equal(H.T @ H, np.eye(len(v)), rtol=1e-10),
        Equal(determinant(H), -1.0, rtol=1e-10),
        Equal(carried, y, rtol=1e-9),
    ]


@householder_reflections.mutant
def projection_without_the_two(v, x, y):
    H = np.eye(len(v)) - np.outer(v, v) / sum(v * v)
    return Equal(H.T @ H, np.eye(len(v)))


@householder_reflections.mutant
def lengths_that_differ(v, x, y):
    return Equal(lab.reflection(x - 2 * y) @ x, 2 * y)


@claim("eq-orthogonality-unitary", U="n,n unitary", x="n complex", y="n complex")
def unitary_matrices(U, x, y):
    left = sum(np.conj(U @ x) * (U @ y))
    return [
        Equal(left, sum(np.conj(x) * y), rtol=1e-10, scale=norm(x) * norm(y)),
        Equal(norm(U @ x), norm(x), rtol=1e-10),
        Equal(U @ U.conj().T, np.eye(len(U)), rtol=1e-10),
        Equal(abs(determinant(U)), 1.0, rtol=1e-10),
        Holds(lab.is_orthogonal(U)),
    ]


@unitary_matrices.mutant
def transpose_without_conjugate(U, x, y):
    return Equal(U.T @ U, np.eye(len(U)))


@claim("eq-orthogonality-tall", "eq-orthogonality-kappa-r", "thm-orthogonality-tall",
       W="n+k,n orthonormal-columns", B="n,n invertible", y="n+k", z="n", b="n")
def tall_matrices_with_orthonormal_columns(W, B, y, z, b):
    P, X = W @ W.T, W @ B
    nearest = W @ scipy.linalg.lstsq(W, y)[0]
    R = lab.householder_qr(X).R
    s, t = scipy.linalg.svdvals(X), scipy.linalg.svdvals(R)
    return [
        Equal(P @ y, nearest, rtol=1e-9, scale=norm(y)),
        Equal(spectral(P - np.eye(len(W))), 1.0, rtol=1e-9),
        AtMost(norm(W.T @ y), norm(y)),
        Equal(norm(W.T @ y) ** 2, norm(y) ** 2 - norm(y - nearest) ** 2, scale=norm(y) ** 2),
        Equal(norm(W.T @ (W @ z)), norm(W @ z), rtol=1e-10),
        Equal([norm(R @ b), norm(B @ b)], [norm(X @ b)] * 2, rtol=1e-9, scale=1e-6 * norm(X) * norm(b)),
        Equal(s[0] / s[-1], t[0] / t[-1], rtol=1e-7),
        Equal(spectral(X) * spectral(scipy.linalg.pinv(X)), np.linalg.cond(B), rtol=1e-7),
    ]


@tall_matrices_with_orthonormal_columns.mutant
def transpose_as_the_inverse(W, B, y, z, b):
    return Equal(W @ W.T, np.eye(len(W)))


@tall_matrices_with_orthonormal_columns.mutant
def transpose_keeps_all_lengths(W, B, y, z, b):
    return Equal(norm(W.T @ y), norm(y))


def perturbed_steps(matrices, x, direction, eps, count):
    """Return exact and computed vector after steps by the matrices in turn, with errors of relative size eps."""
    exact = computed = x
    for k in range(count):
        A = matrices[k % len(matrices)]
        exact, step = A @ exact, A @ computed
        computed = step + eps * norm(step) * direction(step)
    return exact, computed


@claim("eq-orthogonality-errors", "thm-orthogonality-errors",
       Q="n,n orthogonal", P="n,n orthogonal", x="n nonzero", d="n unit")
def errors_through_orthogonal_steps(Q, P, x, d):
    parts = []
    for eps, count in ((0.05, 10), (1e-3, 40)):
        bound = ((1 + eps) ** count - 1) * norm(x)
        exact, computed = perturbed_steps([Q, P], x, lambda step: d, eps, count)
        parts.append(AtMost(norm(computed - exact), bound))
        exact, computed = perturbed_steps([Q, P], x, lambda step: step / norm(step), eps, count)
        parts.append(Equal(norm(computed - exact), bound, rtol=1e-9))  # errors along the vector: sharp
    delta = 1e-3 * d
    return [*parts, Equal(norm(Q @ (x + delta) - Q @ x) / norm(Q @ x), norm(delta) / norm(x), rtol=1e-8)]


@errors_through_orthogonal_steps.mutant
def first_order_only(Q, P, x, d):
    exact, computed = perturbed_steps([Q, P], x, lambda step: step / norm(step), 0.05, 10)
    return AtMost(norm(computed - exact), 10 * 0.05 * norm(x))


@errors_through_orthogonal_steps.mutant
def steps_that_are_not_orthogonal(Q, P, x, d):
    A = Q @ np.diag(np.linspace(1, 0.1, len(Q))) @ Q.T
    exact, computed = perturbed_steps([A], Q[:, -1], lambda step: Q[:, 0], 0.05, 10)
    return AtMost(norm(computed - exact), (1.05**10 - 1) * norm(exact))


# --- making columns orthonormal ----------------------------------------------------------------------------------


def by_the_formula(A):
    """Gram and Schmidt's formula, column by column, in plain sums."""
    Q, R = np.zeros(A.shape), np.zeros((A.shape[1],) * 2)
    for j in range(A.shape[1]):
        v = A[:, j].copy()
        for i in range(j):
            R[i, j] = sum(Q[:, i] * A[:, j])
            v = v - R[i, j] * Q[:, i]
        R[j, j] = np.sqrt(sum(v * v))
        Q[:, j] = v / R[j, j]
    return Q, R


@claim("eq-orthogonality-gram-schmidt", "thm-orthogonality-qr", A="n+o,n full-rank")
def the_qr_factorisation_exists_and_is_unique(A):
    Q, R = by_the_formula(A)
    cholesky = scipy.linalg.cholesky(A.T @ A)  # another way to the same R, since AᵀA = RᵀR
    parts = [
        Equal(Q @ R, A, rtol=1e-10),
        Equal(Q.T @ Q, np.eye(len(R)), rtol=1e-6),
        Equal(cholesky, R, rtol=1e-6),
        Holds(bool((np.diag(R) > 0).all()) and np.array_equal(R, np.triu(R))),
    ]
    for f in (lab.gram_schmidt(A, "classical"), lab.gram_schmidt(A), lab.householder_qr(A)):
        parts += [Equal(f.R, R, rtol=1e-7), Equal(f.Q, Q, rtol=1e-6)]
    return parts


@the_qr_factorisation_exists_and_is_unique.mutant
def any_signs_on_the_diagonal(A):
    return Equal(scipy.linalg.qr(A, mode="economic")[1], by_the_formula(A)[1])


@the_qr_factorisation_exists_and_is_unique.mutant
def projections_of_the_wrong_column(A):
    Q, _ = by_the_formula(A)
    wrong = A.copy()
    for j in range(1, A.shape[1]):
        wrong[:, j] -= sum(Q[:, i] * (A[:, i] @ A[:, j]) for i in range(j))
    return Holds(lab.are_orthogonal(wrong, 1e-6))


@claim("eq-orthogonality-laeuchli", e=" positive")
def classical_gram_schmidt_on_laeuchlis_matrix(e):
    e, s = 1e-9 * float(e), 0.5**0.5
    A = np.vstack([np.ones(3), e * np.eye(3)])
    expected = [[1, 0, 0], [e, -s, -s], [0, s, 0], [0, 0, s]]
    classical, modified = lab.gram_schmidt(A, "classical").Q, lab.gram_schmidt(A, "modified").Q
    return [
        Equal(classical, expected, rtol=1e-7),
        Equal(by_the_formula(A)[0], expected, rtol=1e-7),
        Equal(classical[:, 1] @ classical[:, 2], 0.5, rtol=1e-7),
        AtMost(abs(modified[:, 1] @ modified[:, 2]), 1e-7),
    ]


@classical_gram_schmidt_on_laeuchlis_matrix.mutant
def modified_fails_too(e):
    Q = lab.gram_schmidt(np.vstack([np.ones(3), 1e-9 * float(e) * np.eye(3)]), "modified").Q
    return Equal(Q[:, 1] @ Q[:, 2], 0.5)


@cache  # a statement and its mutants meet the same few seeds again and again
def slopes_of_the_loss(seed):
    """Return the slopes of the loss of orthogonality of three methods against κ, and the worst of the third."""
    rng = np.random.default_rng(seed)
    U = scipy.linalg.qr(rng.standard_normal((40, 12)), mode="economic")[0]
    V = scipy.linalg.qr(rng.standard_normal((12, 12)))[0]
    kappas = np.logspace(2, 7, 8)
    matrices = [(U * np.geomspace(1, 1 / kappa, 12)) @ V.T for kappa in kappas]
    factorisations = [
        [lab.gram_schmidt(A, "classical", tolerance=0), lab.gram_schmidt(A, tolerance=0), lab.householder_qr(A)]
        for A in matrices
    ]
    loss = np.array([[f.orthogonality_error for f in row] for row in factorisations])
    return np.polyfit(np.log(kappas), np.log(loss), 1)[0], loss[:, 2].max()


def seed_from(x):
    """Return one of 21 seeds, by the first entry of a unit vector."""
    return int(20 * abs(x[0]))


@claim("eq-orthogonality-loss", x="2 unit")
def loss_of_orthogonality_grows_like_powers_of_kappa(x):
    slopes, worst = slopes_of_the_loss(seed_from(x))
    return [
        AtMost(abs(slopes[0] - 2), 0.45),
        AtMost(abs(slopes[1] - 1), 0.3),
        AtMost(abs(slopes[2]), 0.1),
        AtMost(worst, 1e-14),
    ]


@loss_of_orthogonality_grows_like_powers_of_kappa.mutant
def classical_as_good_as_modified(x):
    return AtMost(abs(slopes_of_the_loss(seed_from(x))[0][0] - 1), 0.45)


@loss_of_orthogonality_grows_like_powers_of_kappa.mutant
def modified_as_good_as_householder(x):
    return AtMost(abs(slopes_of_the_loss(seed_from(x))[0][1]), 0.3)


# --- eigenvalues by hand -----------------------------------------------------------------------------------------


@claim("eq-orthogonality-eigenspace", V="n+1,n+1 invertible", a="2")
def eigenvectors_for_one_eigenvalue_form_a_subspace(V, a):
    A = V @ np.diag([2.0, 2.0, -1.0, 5.0, 3.0][: len(V)]) @ scipy.linalg.inv(V)
    combination = V[:, :2] @ a
    return Equal(A @ combination, 2 * combination, rtol=1e-6, scale=norm(A) * norm(a))


@eigenvectors_for_one_eigenvalue_form_a_subspace.mutant
def eigenvectors_for_different_eigenvalues(V, a):
    A = V @ np.diag([2.0, 1.0, -1.0, 5.0, 3.0][: len(V)]) @ scipy.linalg.inv(V)
    combination = V[:, :2] @ a
    return Equal(A @ combination, 2 * combination, scale=1e-9)


@claim("eq-orthogonality-characteristic", "thm-orthogonality-characteristic",
       A="n,n", C="n,n complex", t="1 moderate")
def eigenvalues_are_the_roots_of_the_characteristic_polynomial(A, C, t):
    n, size = len(A), 1 + norm(A)
    c = lab.characteristic_polynomial(A)
    by_definition = determinant(t[0] * np.eye(n) - A)
    values, of_complex = scipy.linalg.eigvals(A), scipy.linalg.eigvals(C)
    at_eigenvalues = [determinant(value * np.eye(n) - A) for value in values]
    at_complex = [determinant(value * np.eye(n) - C) for value in of_complex]
    powers = size ** np.arange(n + 1.0)  # c_k is of the size of the k-th power of A
    from_roots = np.poly(values)  # each root as often as it counts
    T = np.triu(A, 1) / size + np.diag(np.arange(1.0, n + 1))  # n different eigenvalues
    return [
        Equal(sum(c[k] * t[0] ** (n - k) for k in range(n + 1)), by_definition, rtol=1e-10,
              scale=(size + abs(t[0])) ** n),
        Equal(c[[0, 1]], [1.0, -sum(A[i, i] for i in range(n))], rtol=1e-10, scale=size),
        Equal(c[n], (-1) ** n * determinant(A), scale=size**n, rtol=1e-9),
        AtMost(np.abs(at_eigenvalues).max(), 1e-9 * size**n),
        Equal(from_roots / powers, c / powers, rtol=1e-9),
        AtMost(np.abs(at_complex).max(), 1e-9 * (1 + norm(C)) ** n),
        Equal(sum(of_complex), np.trace(C), rtol=1e-9, scale=norm(C)),
        Equal(np.prod(of_complex), determinant(C), rtol=1e-9, scale=norm(C) ** n),
        Holds(np.linalg.matrix_rank(scipy.linalg.eig(T)[1]) == n),
    ]


@eigenvalues_are_the_roots_of_the_characteristic_polynomial.mutant
def trace_with_the_wrong_sign(A, C, t):
    return Equal(lab.characteristic_polynomial(A)[1], np.trace(A))


@eigenvalues_are_the_roots_of_the_characteristic_polynomial.mutant
def determinant_without_its_sign(A, C, t):
    return Equal(lab.characteristic_polynomial(A)[-1], determinant(A), scale=1e-6)


@eigenvalues_are_the_roots_of_the_characteristic_polynomial.mutant
def independent_eigenvectors_without_different_eigenvalues(A, C, t):
    T = np.triu(A, 1) / (1 + norm(A)) + np.eye(len(A))
    return Holds(len(A) - np.linalg.matrix_rank(T - np.eye(len(A))) == len(A))


HAND = sympy.Matrix([[-2, -2, 2], [-1, 0, -1], [2, -2, -2]])


@claim("eq-orthogonality-hand", t="1 moderate")
def three_by_three_by_hand(t):
    A = np.array(HAND.tolist(), dtype=float)
    eigen = {int(value): [int(v) for v in vectors[0] / vectors[0][0]] for value, _, vectors in HAND.eigenvects()}
    z = t[0]
    return [
        Equal(determinant(z * np.eye(3) - A), z**3 + 4 * z**2 - 4 * z - 16, rtol=1e-10, scale=1.0),
        Equal((z + 2) * (z * (z + 2) - 2) - 2 * ((z + 2) + 2) - 2 * (2 + 2 * z), z**3 + 4 * z**2 - 4 * z - 16,
              rtol=1e-10, scale=1.0),
        Holds(eigen == {2: [1, -1, 1], -2: [1, 1, 1], -4: [1, 0, -1]}),
        Equal(lab.diagonalise(A).values, [2.0, -2.0, -4.0], rtol=1e-10),
    ]


@three_by_three_by_hand.mutant
def positive_roots(t):
    z = t[0]
    A = np.array(HAND.tolist(), dtype=float)
    return Equal(determinant(z * np.eye(3) - A), (z - 2) * (z + 2) * (z - 4))


@claim("eq-orthogonality-trace-det", "thm-orthogonality-trace-det", A="n,n", S="n,n singular", B="n,n invertible")
def trace_determinant_and_singularity_by_eigenvalues(A, S, B):
    values, size = scipy.linalg.eigvals(A), 1 + norm(A)
    return [
        Equal(sum(values), sum(np.diag(A)), rtol=1e-9, scale=size),
        Equal(np.prod(values), determinant(A), rtol=1e-9, scale=size ** len(A)),
        AtMost(np.abs(scipy.linalg.eigvals(S)).min(), 1e-5),
        Holds(np.abs(scipy.linalg.eigvals(B)).min() > 1e-9),
    ]


@trace_determinant_and_singularity_by_eigenvalues.mutant
def each_eigenvalue_once(A, S, B):
    return Equal(sum(set(scipy.linalg.eigvals(A).round(6))), np.trace(A), rtol=1e-3, scale=1.0)


@trace_determinant_and_singularity_by_eigenvalues.mutant
def singular_if_all_eigenvalues_are_zero(A, S, B):
    return AtMost(np.abs(scipy.linalg.eigvals(S)).max(), 1e-5)


@claim("eq-orthogonality-conjugate", A="n,n", Q="n,n orthogonal", C="n,n complex")
def complex_eigenvalues_of_real_matrices(A, Q, C):
    values, vectors = scipy.linalg.eig(A)
    return [
        Equal(A @ vectors.conj(), vectors.conj() * values.conj(), rtol=1e-8, scale=norm(A)),
        Equal(np.abs(scipy.linalg.eigvals(Q)), np.ones(len(Q)), rtol=1e-9),
    ]


@complex_eigenvalues_of_real_matrices.mutant
def complex_matrices_too(A, Q, C):
    values, vectors = scipy.linalg.eig(C)
    return Equal(C @ vectors.conj(), vectors.conj() * values.conj())


# --- the eigendecomposition --------------------------------------------------------------------------------------


@claim("eq-orthogonality-diagonalise", "thm-orthogonality-diagonalisable",
       V="n,n invertible", d="n", J="n,n defective")
def diagonalisable_means_a_basis_of_eigenvectors(V, d, J):
    A = (V * d) @ scipy.linalg.inv(V)
    size = 1e-9 + np.abs(d).max()
    kappa = np.linalg.cond(V)
    eigenvectors = len(J) - np.linalg.matrix_rank(J - J[0, 0] * np.eye(len(J)))
    values = lab.diagonalise(A).values
    return [
        Equal(A @ V, V * d, scale=kappa * norm(V) * size, rtol=1e-9),
        Equal(A @ A @ A, (V * d**3) @ scipy.linalg.inv(V), scale=kappa * size**3, rtol=1e-6),
        AtMost(distance(values, d), 1e-12 * kappa**2 * size),
        Holds(eigenvectors == 1),
        Holds(len(J) == 1 or lab.diagonalise(J).nearly_defective),
    ]


@diagonalisable_means_a_basis_of_eigenvectors.mutant
def power_of_each_entry(V, d, J):
    A = (V * d) @ scipy.linalg.inv(V)
    return Equal(A**3, (V * d**3) @ scipy.linalg.inv(V))


@diagonalisable_means_a_basis_of_eigenvectors.mutant
def transpose_for_the_inverse(V, d, J):
    return Equal((V * d) @ V.T @ V, V * d)


def moved_jordan_block(n, size, shift):
    J = shift * np.eye(n) + np.eye(n, k=1)
    J[-1, 0] += size
    return scipy.linalg.eigvals(J)


@claim("eq-orthogonality-defective", "thm-orthogonality-defective", J="n+1,n+1 defective", e=" positive")
def a_jordan_block_moves_like_a_root_of_epsilon(J, e):
    n, shift, size = len(J), J[0, 0], 1e-3 * float(e)
    roots = shift + size ** (1 / n) * np.exp(2j * np.pi * np.arange(n) / n)
    corner = J.copy()
    corner[-1, 0] = size
    sizes = np.logspace(-9, -3, 7)
    moved = [np.abs(moved_jordan_block(n, s, shift) - shift).max() for s in sizes]
    nullspace = scipy.linalg.null_space(J - shift * np.eye(n))
    return [
        AtMost(max(abs(determinant(z * np.eye(n) - corner)) for z in roots), 1e-12),
        AtMost(distance(moved_jordan_block(n, size, shift), roots), 1e-6),
        Equal(np.polyfit(np.log(sizes), np.log(moved), 1)[0], 1 / n, rtol=1e-3),
        Equal(np.abs(nullspace), np.eye(n)[:, :1], rtol=1e-10),
    ]


@a_jordan_block_moves_like_a_root_of_epsilon.mutant
def proportional_to_epsilon(J, e):
    size = 1e-3 * float(e)
    return Equal(np.abs(moved_jordan_block(len(J), size, J[0, 0]) - J[0, 0]).max(), size)


@claim("eq-orthogonality-bauer-fike", "thm-orthogonality-bauer-fike",
       V="n,n invertible", d="n moderate", E="n,n", S="n,n symmetric")
def bauer_and_fike(V, d, E, S):
    A, kappa = (V * d) @ scipy.linalg.inv(V), np.linalg.cond(V)
    rounding = 1e-11 * kappa * (norm(A) + norm(E))
    moved = distance(d, scipy.linalg.eigvals(A + E))
    of_symmetric = distance(scipy.linalg.eigvalsh(S), scipy.linalg.eigvals(S + E))
    c = norm(E)
    largest = scipy.linalg.eigvals(np.diag(d) + c * np.eye(len(d))).real.max()  # E = cI attains the bound
    return [
        AtMost(moved, kappa * spectral(E) + rounding),
        AtMost(of_symmetric, spectral(E) + 1e-7 * (norm(E) + norm(S))),
        Equal(largest - d.max(), c, rtol=1e-6, scale=1e-3),
    ]


@bauer_and_fike.mutant
def without_the_condition_of_the_eigenvectors(V, d, E, S):
    A = (V * d) @ scipy.linalg.inv(V)
    return AtMost(distance(d, scipy.linalg.eigvals(A + E)), spectral(E) + 1e-6 * (norm(A) + norm(E)))


# --- why not by the polynomial -----------------------------------------------------------------------------------


def root_after(coefficients, k, delta, near):
    changed = coefficients.copy()
    changed[len(changed) - 1 - k] *= 1 + delta
    roots = np.roots(changed)
    return roots[np.abs(roots - near).argmin()].real


@claim("eq-orthogonality-root", "thm-orthogonality-root", x="n+1 moderate")
def sensitivity_of_a_simple_root(x):
    roots = np.arange(1.0, len(x) + 1) + 0.2 * np.tanh(x)
    c = np.poly(roots)
    parts = []
    for i in range(len(roots)):
        slope = np.prod([roots[i] - r for j, r in enumerate(roots) if j != i])
        for k in range(len(c)):
            measured = rate_of_change(
                lambda d, k=k, i=i: root_after(c, k, d[0], roots[i]), np.zeros(1), np.ones(1), radius=2e-3)
            parts.append(Equal(measured, -c[len(c) - 1 - k] * roots[i] ** k / slope, rtol=1e-5, scale=1.0))
    return parts


@sensitivity_of_a_simple_root.mutant
def wrong_direction(x):
    roots = np.arange(1.0, len(x) + 1) + 0.2 * np.tanh(x)
    c = np.poly(roots)
    measured = rate_of_change(lambda d: root_after(c, 0, d[0], roots[0]), np.zeros(1), np.ones(1), radius=2e-3)
    return Equal(measured, c[-1] / np.prod(roots[0] - roots[1:]))


@sensitivity_of_a_simple_root.mutant
def without_the_power_of_the_root(x):
    roots = np.arange(1.0, len(x) + 1) + 0.2 * np.tanh(x)
    c = np.poly(roots)
    measured = rate_of_change(lambda d: root_after(c, 1, d[0], roots[1]), np.zeros(1), np.ones(1), radius=2e-3)
    return Equal(measured, -c[-2] / np.prod([roots[1] - r for j, r in enumerate(roots) if j != 1]))


# --- symmetric matrices ------------------------------------------------------------------------------------------


@claim("eq-orthogonality-spectral", "thm-orthogonality-spectral",
       S="n,n symmetric", Q="n,n orthogonal", d="n", A="n,n")
def spectral_theorem(S, Q, d, A):
    eigen, size = lab.symmetric_eigen(S), 1e-12 + norm(S)
    outer = sum(v * np.outer(q, q) for v, q in zip(eigen.values, eigen.vectors.T, strict=True))
    B = Q @ np.diag(d) @ Q.T
    return [
        Holds(lab.is_orthogonal(eigen.vectors, 1e-12)),
        Equal(outer, S, rtol=1e-10, scale=size),
        Equal(eigen.reconstruct(), S, rtol=1e-10, scale=size),
        Holds(bool((np.diff(eigen.values) <= 0).all())),
        Equal(eigen.values, np.sort(scipy.linalg.eigvals(S).real)[::-1], rtol=1e-6, scale=size),
        Equal(B, B.T, rtol=1e-10, scale=norm(d)),
    ]


@spectral_theorem.mutant
def every_square_matrix(S, Q, d, A):
    values, vectors = np.linalg.eigh(A)
    return Equal((vectors * values) @ vectors.T, A)


@spectral_theorem.mutant
def vectors_as_rows(S, Q, d, A):
    eigen = lab.symmetric_eigen(S)
    return Equal((eigen.vectors.T * eigen.values) @ eigen.vectors, S)


# --- quadratic forms and the Rayleigh quotient -------------------------------------------------------------------


@claim("eq-orthogonality-form-two", c="3", x="2")
def quadratic_form_in_two_variables(c, x):
    a, b, d = c
    form = a * x[0] ** 2 + b * x[0] * x[1] + d * x[1] ** 2
    return Equal(form, x @ np.array([[a, b / 2], [b / 2, d]]) @ x, rtol=1e-10, scale=norm(c) * norm(x) ** 2)


@quadratic_form_in_two_variables.mutant
def mixed_term_not_halved(c, x):
    a, b, d = c
    form = a * x[0] ** 2 + b * x[0] * x[1] + d * x[1] ** 2
    return Equal(form, x @ np.array([[a, b], [b, d]]) @ x)


@claim("eq-orthogonality-form-three", c="6", x="3")
def quadratic_form_in_three_variables(c, x):
    a, b, g, d, e, f = c
    x1, x2, x3 = x
    form = a * x1**2 + b * x2**2 + g * x3**2 + d * x1 * x2 + e * x1 * x3 + f * x2 * x3
    A = np.array([[a, d / 2, e / 2], [d / 2, b, f / 2], [e / 2, f / 2, g]])
    return Equal(form, x @ A @ x, rtol=1e-10, scale=norm(c) * norm(x) ** 2)


@quadratic_form_in_three_variables.mutant
def mixed_terms_exchanged(c, x):
    a, b, g, d, e, f = c
    x1, x2, x3 = x
    form = a * x1**2 + b * x2**2 + g * x3**2 + d * x1 * x2 + e * x1 * x3 + f * x2 * x3
    return Equal(form, x @ np.array([[a, e / 2, d / 2], [e / 2, b, f / 2], [d / 2, f / 2, g]]) @ x)


@claim("eq-orthogonality-symmetric-part", A="n,n", x="n")
def only_the_symmetric_part_counts(A, x):
    def form(v):
        return sum(v[i] * A[i, j] * v[j] for i in range(len(A)) for j in range(len(A)))

    E = np.eye(len(A))
    from_the_form = [[(form(e + f) - form(e) - form(f)) / 2 for f in E] for e in E]
    S = (A + A.T) / 2
    return [
        Equal(form(x), x @ S @ x, rtol=1e-9, scale=norm(A) * norm(x) ** 2),
        Equal(from_the_form, S, rtol=1e-9, scale=norm(A)),
    ]


@only_the_symmetric_part_counts.mutant
def sum_without_the_half(A, x):
    return Equal(x @ A @ x, x @ (A + A.T) @ x)


@claim("eq-orthogonality-principal-axes", S="n,n symmetric", x="n")
def principal_axes(S, x):
    values, Q = scipy.linalg.eigh(S)
    y = Q.T @ x
    return Equal(x @ S @ x, sum(values * y**2), rtol=1e-9, scale=norm(S) * norm(x) ** 2)


@principal_axes.mutant
def coordinates_without_the_transpose(S, x):
    values, Q = scipy.linalg.eigh(S)
    return Equal(x @ S @ x, sum(values * (Q @ x) ** 2), scale=1e-9)


@claim("eq-orthogonality-rayleigh", "thm-orthogonality-rayleigh", S="n,n symmetric", A="n,n", x="n nonzero")
def rayleigh_quotient_between_the_extreme_eigenvalues(S, A, x):
    values, Q = scipy.linalg.eigh(S)
    quotient, size = sum(x * (S @ x)) / sum(x * x), 1e-12 + norm(S)
    parts = []
    for end in (0, -1):
        of_the_end = np.abs(values - values[end]) < 1e-9
        q = Q[:, of_the_end] @ (Q[:, of_the_end].T @ x)  # an eigenvector, of a repeated eigenvalue a general one
        rest = norm(x - q)
        if norm(q) > 1e-3 * norm(x):
            parts.append(Equal(lab.rayleigh_quotient(S, q), values[end], rtol=1e-10, scale=size))
        if rest > 1e-3 * norm(x):
            gap = np.abs(values - values[end])[~of_the_end].min()
            parts.append(AtMost(gap * (rest / norm(x)) ** 2, abs(quotient - values[end]) + 1e-10 * size))
    return [
        *parts,
        AtMost(quotient, values[-1] + 1e-12 * size),
        AtMost(values[0] - 1e-12 * size, quotient),
        Equal([lab.rayleigh_quotient(S, Q[:, 0]), lab.rayleigh_quotient(S, Q[:, -1])], values[[0, -1]],
              rtol=1e-10, scale=size),
        Equal(lab.rayleigh_quotient(S, x), quotient, rtol=1e-10, scale=size),
    ]


@rayleigh_quotient_between_the_extreme_eigenvalues.mutant
def matrices_that_are_not_symmetric(S, A, x):
    return AtMost(lab.rayleigh_quotient(A, x), scipy.linalg.eigvals(A).real.max() + 1e-4 * norm(A))


@rayleigh_quotient_between_the_extreme_eigenvalues.mutant
def form_without_the_division(S, A, x):
    return AtMost(x @ S @ x, scipy.linalg.eigvalsh(S)[-1] + 1e-9)


@claim("eq-orthogonality-rayleigh-gradient", S="n,n symmetric", A="n,n", x="n nonzero")
def gradient_of_the_rayleigh_quotient(S, A, x):
    def quotient(v):
        return v @ S @ v / (v @ v)

    measured = gradient_by_differences(quotient, x)
    exact = 2 * (S @ x - lab.rayleigh_quotient(S, x) * x) / (x @ x)
    q = scipy.linalg.eigh(S)[1][:, 0]
    return [
        Equal(measured, exact, scale=norm(S) / norm(x)),
        Equal(gradient_by_differences(quotient, q), np.zeros(len(q)), rtol=1e-6, scale=1e-9 + norm(S)),
    ]


@gradient_of_the_rayleigh_quotient.mutant
def gradient_without_the_two(S, A, x):
    measured = gradient_by_differences(lambda v: v @ S @ v / (v @ v), x)
    return Equal(measured, (S @ x - lab.rayleigh_quotient(S, x) * x) / (x @ x), scale=1e-6)


@gradient_of_the_rayleigh_quotient.mutant
def gradient_for_any_square_matrix(S, A, x):
    measured = gradient_by_differences(lambda v: v @ A @ v / (v @ v), x)
    return Equal(measured, 2 * (A @ x - lab.rayleigh_quotient(A, x) * x) / (x @ x), scale=norm(A) / norm(x))


def split(x, q):
    """Return cos θ, sin θ and the unit vector w with x/‖x‖ = cos θ q + sin θ w."""
    x = x / norm(x)
    rest = x - (q @ x) * q
    return q @ x, norm(rest), rest / norm(rest)


@claim("eq-orthogonality-rayleigh-error", S="n+1,n+1 symmetric", x="n+1 nonzero")
def error_of_the_rayleigh_quotient_is_quadratic(S, x):
    values, Q = scipy.linalg.eigh(S)
    parts, size = [], 1e-12 + norm(S)
    for value, q in zip(values, Q.T, strict=True):
        _, sine, w = split(x, q)
        error = lab.rayleigh_quotient(S, x) - value
        parts += [
            Equal(error, sine**2 * (w @ S @ w - value), rtol=1e-8, scale=size),
            AtMost(abs(error), (values[-1] - values[0]) * sine**2 + 1e-9 * size),
        ]
    mixed = np.cos(0.3) * Q[:, 0] + np.sin(0.3) * Q[:, -1]  # the bound is attained
    largest = (values[-1] - values[0]) * np.sin(0.3) ** 2
    return [*parts, Equal(mixed @ S @ mixed - values[0], largest, rtol=1e-8, scale=size)]


@error_of_the_rayleigh_quotient_is_quadratic.mutant
def error_of_the_first_order(S, x):
    values, Q = scipy.linalg.eigh(S)
    _, sine, w = split(x, Q[:, 0])
    return Equal(lab.rayleigh_quotient(S, x) - values[0], sine * (w @ S @ w - values[0]), scale=1e-6)


# --- computing eigenvalues ---------------------------------------------------------------------------------------

SPECTRUM = np.array([3.0, -2.0, 1.5, -1.0, 0.5])


def tangent(x, q):
    return norm(x - (q @ x) * q) / abs(q @ x)


def matrix_with(Q, spectrum):
    A = (Q * spectrum) @ Q.T
    return (A + A.T) / 2


@claim("eq-orthogonality-power", "thm-orthogonality-power", Q="n+1,n+1 orthogonal", x="n+1 nonzero")
def rate_of_power_iteration(Q, x):
    q, parts, count = Q[:, 0], [], np.array([1, 5, 9])
    x = x + np.sign(q @ x + 1e-3) * q  # not perpendicular to q
    for largest in (3.0, -3.0):
        A = matrix_with(Q, [largest, *SPECTRUM[1 : len(Q)]])
        for k in (1, 3, 8):
            y = lab.power_iteration(A, x, tolerance=0.0, max_iterations=k)
            tan = tangent(y.vector, q)
            _, _, w = split(y.vector, q)
            parts += [
                AtMost(tan, (2 / 3) ** k * tangent(x, q) + 1e-13),
                AtMost(abs(y.value - largest), abs(w @ A @ w - largest) * tan**2 + 1e-12),
            ]
        found = [lab.power_iteration(A, q + Q[:, 1], tolerance=0.0, max_iterations=k) for k in count]
        values, angles = np.array([y.value for y in found]), (2 / 3) ** count
        parts += [
            Equal([tangent(y.vector, q) for y in found], angles, rtol=1e-8),
            Equal(values - largest, (-2.0 - largest) * angles**2 / (1 + angles**2), rtol=1e-8),
        ]
    return parts


@rate_of_power_iteration.mutant
def vector_as_fast_as_the_value(Q, x):
    A, q = matrix_with(Q, SPECTRUM[: len(Q)]), Q[:, 0]
    start = q + Q[:, 1]
    return AtMost(tangent(lab.power_iteration(A, start, tolerance=0.0, max_iterations=4).vector, q), (2 / 3) ** 8)


@rate_of_power_iteration.mutant
def eigenvalues_of_equal_size(Q, x):
    A = matrix_with(Q, [3.0, -3.0, 1.0, 1.0, 1.0][: len(Q)])
    return AtMost(tangent(lab.power_iteration(A, x, max_iterations=50).vector, Q[:, 0]), 1e-6)


@claim("eq-orthogonality-inverse", Q="n+1,n+1 orthogonal", x="n+1 nonzero", t=" positive")
def rate_of_inverse_iteration(Q, x, t):
    spectrum, parts = SPECTRUM[: len(Q)], []
    A = matrix_with(Q, spectrum)

    def after(k, shift, start, q):
        return tangent(lab.inverse_iteration(A, shift, start, tolerance=0.0, max_iterations=k).vector, q)

    for j in (0, 1):
        shift = spectrum[j] - 0.2 * float(t)
        order = np.argsort(np.abs(spectrum - shift))
        q, second = Q[:, order[0]], Q[:, order[1]]
        rate = abs(spectrum[order[0]] - shift) / abs(spectrum[order[1]] - shift)
        start = x + np.sign(q @ x + 1e-3) * q
        parts += [AtMost(after(k, shift, start, q), rate**k * tangent(start, q) + 1e-13) for k in (1, 3, 6)]
        angles = [after(k, shift, q + second, q) for k in (1, 2, 4)]
        parts.append(Equal(angles, rate ** np.array([1, 2, 4]), rtol=1e-7))
    return parts


@rate_of_inverse_iteration.mutant
def square_of_the_rate(Q, x, t):
    spectrum, shift = SPECTRUM[: len(Q)], 2.5 + 0.2 * float(t)
    order = np.argsort(np.abs(spectrum - shift))
    rate = abs(spectrum[order[0]] - shift) / abs(spectrum[order[1]] - shift)
    found = lab.inverse_iteration(matrix_with(Q, spectrum), shift, Q[:, 0] + Q[:, order[1]], tolerance=0.0,
                                  max_iterations=2)
    return AtMost(tangent(found.vector, Q[:, 0]), rate**4)


def one_rayleigh_step(Q, j, direction, angle):
    """Return tan θ', and the constant of the bound, for a start at a given angle to the eigenvector j."""
    A, q = matrix_with(Q, SPECTRUM[: len(Q)]), Q[:, j]
    w = split(direction, q)[2]
    x = np.cos(angle) * q + np.sin(angle) * w
    rho = x @ A @ x
    after = lab.rayleigh_quotient_iteration(A, x, tolerance=0.0, max_iterations=1).vector
    eta = np.abs(np.delete(SPECTRUM[: len(Q)], j) - rho).min()
    return tangent(after, q), abs(w @ A @ w - SPECTRUM[j]) / eta


@claim("eq-orthogonality-rqi", "thm-orthogonality-rqi", Q="n+1,n+1 orthogonal", x="n+1 nonzero", t=" positive")
def rayleigh_quotient_iteration_is_cubic(Q, x, t):
    parts, near = [], np.geomspace(1e-3, 1e-2, 4)
    for j in (0, 1):
        direction = x + 0.5 * Q[:, 1 - j]
        for angle in (0.01 * float(t), 0.1 * float(t), 0.4 * float(t)):
            after, constant = one_rayleigh_step(Q, j, direction, angle)
            parts.append(AtMost(after, constant * np.sin(angle) ** 2 * np.tan(angle) + 1e-14))
        after = [one_rayleigh_step(Q, j, direction, angle)[0] for angle in near]
        parts.append(Equal(np.polyfit(np.log(np.tan(near)), np.log(after), 1)[0], 3.0, rtol=1e-2))
    return parts


@rayleigh_quotient_iteration_is_cubic.mutant
def of_fourth_order(Q, x, t):
    after, constant = one_rayleigh_step(Q, 0, x + 0.5 * Q[:, 1], 0.02 * float(t))
    return AtMost(after, constant * np.sin(0.02 * float(t)) ** 3 * np.tan(0.02 * float(t)) + 1e-14)


def unshifted_qr_iteration(M):
    for _ in range(40):
        f = lab.householder_qr(M)
        M = f.R @ f.Q
    return M


@claim("eq-orthogonality-qr-iteration", A="n,n", X="n,n full-rank")
def factors_in_the_wrong_order(A, X):
    U, R = scipy.linalg.qr(A)
    spectrum = np.array([8.0, -4.0, 2.0, -1.0])[: len(X)]
    M = unshifted_qr_iteration(matrix_with(scipy.linalg.qr(X)[0], spectrum))
    size = 1e-12 + norm(A)
    same = [Equal(a, b, rtol=1e-7, scale=size**k) for k, (a, b) in enumerate(
        zip(lab.characteristic_polynomial(R @ U), lab.characteristic_polynomial(A), strict=True))]
    return [*same, Equal(R @ U, U.T @ A @ U, rtol=1e-10, scale=size),
            Equal(M, np.diag(spectrum), rtol=1e-7)]


@factors_in_the_wrong_order.mutant
def transposed_similarity(A, X):
    U, R = scipy.linalg.qr(A)
    return Equal(R @ U, U @ A @ U.T)


@factors_in_the_wrong_order.mutant
def factors_in_the_right_order(A, X):
    U, R = scipy.linalg.qr(A)
    return Equal(U @ R, U.T @ A @ U)


@factors_in_the_wrong_order.mutant
def a_singular_leading_block_of_the_eigenvectors(A, X):
    return Equal(unshifted_qr_iteration(np.diag([1.0, 8.0])), np.diag([8.0, 1.0]))
