"""The claims of chapter 1, in the order of the book."""

from fractions import Fraction
from itertools import permutations
from math import factorial, prod

import mpmath
import numpy as np
import scipy.linalg
import sympy

from labkit import foundations as fo
from tests.claims.claim import AtMost, Equal, Holds, claim, rate_of_change

norm, inv, tr = np.linalg.norm, np.linalg.inv, np.trace


def exact(A):
    """Return A as a sympy matrix of the rational numbers that its entries are."""
    return sympy.Matrix(*A.shape, [sympy.Rational(*Fraction(float(a)).as_integer_ratio()) for a in A.ravel()])


def rank(A):
    return exact(A).rank()


def nullity(A):
    return len(exact(A).nullspace())


def times(A, B):
    """Multiply by the definition: every entry a sum of products."""
    return np.array([[sum(a * b for a, b in zip(row, col, strict=True)) for col in B.T] for row in A])


def dot(A, B):
    return sum(float(a) * float(b) for a, b in zip(np.ravel(A), np.ravel(B), strict=True))


def sign(order):
    """Return the sign of a permutation by counting its inversions."""
    return (-1) ** sum(order[i] > order[j] for j in range(len(order)) for i in range(j))


def det(A):
    """Return the sum over all permutations that defines the determinant."""
    n = len(A)
    return sum(sign(order) * prod(A[order[j], j] for j in range(n)) for order in permutations(range(n)))


def is_square(A):
    return A.shape[0] == A.shape[1]


# --- vectors, matrices, products ---------------------------------------------------------------------------------


@claim("eq-foundations-product", A="m,k", B="k,n")
def a_product_has_three_faces(A, B):
    scale = norm(A) * norm(B)
    by_columns = np.column_stack([A @ b for b in B.T])
    by_outer_products = sum(np.outer(a, b) for a, b in zip(A.T, B, strict=True))
    return [Equal(side, times(A, B), scale=scale, rtol=1e-12) for side in (A @ B, by_columns, by_outer_products)]


@a_product_has_three_faces.mutant
def one_outer_product_forgotten(A, B):
    return Equal(times(A, B), A[:, 1:] @ B[1:], scale=norm(A) * norm(B))


@claim("eq-foundations-columns", A="m,n", x="n")
def matrix_times_vector_is_a_combination_of_columns(A, x):
    by_rows = [dot(row, x) for row in A]
    return Equal(by_rows, sum(x[j] * A[:, j] for j in range(len(x))), scale=norm(A) * norm(x), rtol=1e-12)


@matrix_times_vector_is_a_combination_of_columns.mutant
def combination_of_rows(A, x):
    return Equal([dot(row, x) for row in A], x @ A) if is_square(A) else Holds(True)


@claim("eq-foundations-algebra", A="m,k", B="k,l", D="k,l", C="l,n", M="n,n")
def products_are_associative_and_distributive(A, B, D, C, M):
    shear, turn = np.array([[1, 0.8], [0, 1]]), np.array([[0, -1.0], [1, 0]])
    one, two = np.diag(M[0]), np.diag(M[-1])
    return [
        Equal((A @ B) @ C, times(A, times(B, C)), scale=norm(A) * norm(B) * norm(C), rtol=1e-12),
        Equal(A @ (B + D), times(A, B) + times(A, D), scale=norm(A) * (norm(B) + norm(D)), rtol=1e-12),
        Equal((B + D) @ C, times(B, C) + times(D, C), scale=(norm(B) + norm(D)) * norm(C), rtol=1e-12),
        Equal(M @ (M @ M), times(times(M, M), M), scale=norm(M) ** 3, rtol=1e-12),  # powers commute
        Equal(one @ two, times(two, one), scale=norm(one) * norm(two), rtol=1e-12),  # diagonal matrices commute
        Equal(B * D, D * B),
        Holds(norm(shear @ turn - turn @ shear) > 1),  # in general, products do not
    ]


@products_are_associative_and_distributive.mutant
def products_commute(A, B, D, C, M):
    return Equal(M @ M.T, M.T @ M, scale=norm(M) ** 2)


def rows_to_columns(A):
    return np.column_stack(list(A))


@claim("eq-foundations-transpose", A="m,k", C="m,k", B="k,n", M="n,n", N="n,n")
def transposes(A, C, B, M, N):
    return [
        Equal(rows_to_columns(rows_to_columns(A)), A),
        Equal(rows_to_columns(A + C), A.T + C.T),
        Equal(rows_to_columns(times(A, B)), B.T @ A.T, scale=norm(A) * norm(B), rtol=1e-12),
    ]


@transposes.mutant
def factors_not_reversed(A, C, B, M, N):
    return Equal((M @ N).T, M.T @ N.T, scale=norm(M) * norm(N))


@claim("eq-foundations-address", A="m,n")
def places_in_memory(A):
    m, n = A.shape
    rows, columns = np.ascontiguousarray(A), np.asfortranarray(A)
    memory_of_rows, memory_of_columns = (np.frombuffer(M.tobytes("A")) for M in (rows, columns))
    parts = [Equal(np.lib.stride_tricks.as_strided(rows, A.T.shape, (8, 8 * n)), A.T)]
    for i, j in np.ndindex(m, n):
        parts += [Equal(memory_of_rows[i * n + j], A[i, j]), Equal(memory_of_columns[i + j * m], A[i, j])]
    return parts


@places_in_memory.mutant
def number_of_rows_for_number_of_columns(A):
    m, _ = A.shape
    memory = np.frombuffer(A.tobytes())
    return [Equal(memory[min(i * m + j, A.size - 1)], A[i, j]) for i, j in np.ndindex(A.shape)]


# --- linear maps and their subspaces -----------------------------------------------------------------------------


def spans_everything(X):
    return rank(np.hstack([X, np.eye(len(X))])) == rank(X)


@claim("thm-foundations-basis", X="n,k integer")
def independent_vectors_span_if_there_are_enough(X):
    n, k = X.shape
    if nullity(X):
        return Holds(True)
    return [AtMost(k, n), Holds(spans_everything(X) == (k == n))]


@independent_vectors_span_if_there_are_enough.mutant
def independent_vectors_always_span(X):
    return Holds(nullity(X) > 0 or spans_everything(X))


def some_linear_map(w):
    """Return a linear map from Rⁿ to R³, defined without a matrix."""
    return lambda x: np.array([dot(np.cos((i + 1) * np.arange(len(w))) + w, x) for i in range(3)])


@claim("thm-foundations-map", "eq-foundations-map", w="n", x="n", g="3")
def the_columns_of_a_map_are_its_values_at_the_basis(w, x, g):
    f, h = some_linear_map(w), some_linear_map(g)
    A = np.column_stack([f(fo.one_hot(j, len(w))) for j in range(len(w))])
    B = np.column_stack([h(e) for e in np.eye(3)])
    scale = (1 + norm(w)) * norm(x) * (1 + norm(g))
    return [Equal(f(x), A @ x, scale=scale, rtol=1e-11), Equal(h(f(x)), (B @ A) @ x, scale=scale, rtol=1e-11)]


@the_columns_of_a_map_are_its_values_at_the_basis.mutant
def rows_are_the_values(w, x, g):
    h = some_linear_map(g)
    B = np.array([h(e) for e in np.eye(3)])
    return Equal(h(g), B @ g)


@claim("eq-foundations-other-basis", w="n", X="n,n invertible")
def matrix_of_a_map_from_another_basis(w, X):
    f = some_linear_map(w)
    A = np.column_stack([f(e) for e in np.eye(len(w))])
    images = np.column_stack([f(x) for x in X.T])
    return Equal(images @ inv(X), A, scale=norm(images) * norm(inv(X)), rtol=1e-12)


@matrix_of_a_map_from_another_basis.mutant
def images_stored_as_they_are(w, X):
    f = some_linear_map(w)
    return Equal(np.column_stack([f(x) for x in X.T]), np.column_stack([f(e) for e in np.eye(len(w))]))


@claim("thm-foundations-subspaces", "eq-foundations-complement", A="m,n integer", b="m integer-vector")
def range_and_nullspace_are_at_right_angles(A, b):
    null, left = exact(A).nullspace(), exact(A.T).nullspace()
    spaces = fo.fundamental_subspaces(A)
    solvable = rank(np.column_stack([A, b])) == rank(A)
    return [
        Holds(all((exact(A) * z).is_zero_matrix for z in null)),  # every row of A is orthogonal to z
        Holds(all((z.T * exact(A)).is_zero_matrix for z in left)),  # and every column, in the other case
        Equal(len(null) + rank(A.T), A.shape[1]),  # so that it is all of the complement
        Equal(len(left) + rank(A), A.shape[0]),
        Holds(solvable == all((z.T * exact(b[:, None])).is_zero_matrix for z in left)),
        Equal(spaces.nullspace.shape[1], len(null)),
        Equal(spaces.row_space.T @ spaces.nullspace, np.zeros((rank(A), len(null))), scale=1, rtol=1e-12),
        Equal(A @ spaces.nullspace, np.zeros((len(A), len(null))), scale=1 + norm(A), rtol=1e-12),
        Equal(A.T @ spaces.left_nullspace, np.zeros((A.shape[1], len(left))), scale=1 + norm(A), rtol=1e-12),
    ]


@range_and_nullspace_are_at_right_angles.mutant
def nullspace_orthogonal_to_the_range(A, b):
    if not is_square(A):
        return Holds(True)
    return Holds(all((exact(A).T * z).is_zero_matrix for z in exact(A).nullspace()))


@range_and_nullspace_are_at_right_angles.mutant
def solvable_whatever_the_right_side(A, b):
    return Holds(rank(np.column_stack([A, b])) == rank(A))


# --- rank --------------------------------------------------------------------------------------------------------


def complex_rank(A, *factors):
    """Return the exact rank of a product of complex matrices with rational entries."""
    for B in factors:
        A = (A * B).applyfunc(sympy.expand)
    return A.rank(simplify=True)


@claim("thm-foundations-rank", "eq-foundations-rank-nullity", "eq-foundations-rank-gram",
       A="m,n integer", U="m,s integer", V="s,n integer")
def rank_of_a_matrix(A, U, V):
    r = rank(A)
    echelon, pivots = exact(A).rref()
    C, R = exact(A)[:, list(pivots)], echelon[:r, :]
    Z = exact(A) + sympy.I * exact(np.roll(A, 1, axis=1))
    return [
        AtMost(r, min(A.shape)),
        Holds(len(pivots) == r and (r == 0 or exact(A) == C * R)),
        AtMost(rank(sum(np.outer(u, v) for u, v in zip(U.T, V, strict=True))), U.shape[1]),  # no fewer than r
        Equal(r + nullity(A), A.shape[1]),
        Equal([rank(A.T), rank(A.T @ A), rank(A @ A.T)], [r] * 3),
        Equal([complex_rank(Z.H, Z), complex_rank(Z, Z.H)], [complex_rank(Z)] * 2),
        Equal([fo.rank(A), fo.exact_rank(A)], [r] * 2),
    ]


@rank_of_a_matrix.mutant
def nullspace_of_the_transpose(A, U, V):
    return Equal(rank(A) + nullity(A.T), A.shape[1])


@rank_of_a_matrix.mutant
def square_in_place_of_the_gram_matrix(A, U, V):
    return Equal(rank(A @ A), rank(A)) if is_square(A) else Holds(True)


@rank_of_a_matrix.mutant
def gram_matrix_of_a_complex_matrix_without_conjugation(A, U, V):
    Z = exact(A) + sympy.I * exact(np.roll(A, 1, axis=1))
    return Equal(complex_rank(Z, Z.T), complex_rank(Z))


@rank_of_a_matrix.mutant
def one_outer_product_can_be_saved(A, U, V):
    return AtMost(rank(U @ V), U.shape[1] - 1)


@claim("thm-foundations-rank-bounds", "eq-foundations-rank-bounds",
       A="m,k integer", B="m,k integer", C="k,n integer")
def rank_of_sums_and_products(A, B, C):
    k = A.shape[1]
    projection = np.diag((np.arange(k) < k // 2).astype(float))
    rest = np.eye(k) - projection
    return [
        AtMost(rank(A + B), rank(A) + rank(B)),
        AtMost(rank(A) + rank(C) - k, rank(A @ C)),
        AtMost(rank(A @ C), min(rank(A), rank(C))),
        Equal(rank(projection + rest), rank(projection) + rank(rest)),  # the bounds are attained
        Equal(rank(projection @ rest), rank(projection) + rank(rest) - k),
        Equal(rank(A @ np.eye(k)), min(rank(A), k)),
    ]


@rank_of_sums_and_products.mutant
def rank_of_a_product_is_the_smaller_rank(A, B, C):
    return Equal(rank(A @ C), min(rank(A), rank(C)))


@rank_of_sums_and_products.mutant
def ranks_add(A, B, C):
    return Equal(rank(A + B), rank(A) + rank(B))


def singular_values_and_exact_ones(A):
    with mpmath.workdps(40):
        precise = mpmath.svd_r(mpmath.matrix(A.tolist()), compute_uv=False)
        return np.linalg.svd(A, compute_uv=False), np.array([float(s) for s in precise])


@claim("eq-foundations-tolerance", A="m,n")
def rounding_of_singular_values_stays_below_the_tolerance(A):
    computed, precise = singular_values_and_exact_ones(A)
    tolerance = max(A.shape) * 2.0**-52 * precise.max()
    return [
        AtMost(np.abs(computed - np.sort(precise)[::-1]).max(), tolerance),
        Equal(fo.rank_tolerance(A.shape, precise.max()), tolerance, rtol=1e-14),
        Equal(fo.rank(A), np.count_nonzero(computed > tolerance)),
    ]


@rounding_of_singular_values_stays_below_the_tolerance.mutant
def a_tolerance_of_a_hundredth(A):
    computed, precise = singular_values_and_exact_ones(A)
    return AtMost(np.abs(computed - np.sort(precise)[::-1]).max(), 2.0**-52 * precise.max() / 100)


# --- projection --------------------------------------------------------------------------------------------------


@claim("thm-foundations-projection", "eq-foundations-projection",
       A="n+o,n full-rank", y="n+o", z="n", B="n+o,n rank-deficient")
def projection_is_the_nearest_point(A, y, z, B):
    normal = A @ np.linalg.solve(A.T @ A, A.T @ y)
    Q = np.linalg.qr(A)[0]
    v = Q @ (Q.T @ y)
    other = fo.project(y, B)
    back = B @ np.linalg.lstsq(B, other, rcond=1e-10)[0]
    return [
        Equal(normal, v, scale=norm(y)),
        Equal(fo.project(y, A), v, scale=norm(y), rtol=1e-10),
        Equal(A.T @ (y - v), np.zeros(len(z)), scale=norm(A) * norm(y), rtol=1e-12),
        Equal(norm(y - A @ z) ** 2, norm(y - v) ** 2 + norm(v - A @ z) ** 2, rtol=1e-9),  # so v is the nearest
        Equal(B.T @ (y - other), np.zeros(B.shape[1]), scale=norm(B) * norm(y), rtol=1e-10),
        Equal(back, other, scale=norm(y), rtol=1e-10),
    ]


@projection_is_the_nearest_point.mutant
def inverse_forgotten(A, y, z, B):
    return Equal(A @ (A.T @ y), fo.project(y, A), scale=norm(y))


@claim("eq-foundations-projector", A="m,n", Q="m,m orthogonal", y="m")
def projectors_are_symmetric_and_idempotent(A, Q, y):
    P = fo.projector(A)
    U = Q[:, : len(Q) // 2 + 1]
    S = U @ U.T  # any symmetric idempotent matrix has this form
    return [
        Equal(P @ P, P, scale=1, rtol=1e-12),
        Equal(P.T, P, scale=1, rtol=1e-12),
        Equal(tr(P), float(np.linalg.matrix_rank(A / (norm(A, axis=0) + (norm(A, axis=0) == 0)))), rtol=1e-12),
        Equal(fo.project(y, U), S @ y, scale=norm(y), rtol=1e-12),
        Equal(fo.project(y, S), S @ y, scale=norm(y), rtol=1e-12),
    ]


@projectors_are_symmetric_and_idempotent.mutant
def idempotent_is_enough(A, Q, y):
    m = len(y)
    oblique = np.diag(np.arange(m) < 1).astype(float)
    oblique[0] = 1.0  # P² = P, but not symmetric
    return Equal(fo.project(y, oblique), oblique @ y, scale=norm(y))


@projectors_are_symmetric_and_idempotent.mutant
def trace_is_the_number_of_columns(A, Q, y):
    return Equal(tr(fo.projector(A)), float(A.shape[1]))


# --- trace and inner products ------------------------------------------------------------------------------------


@claim("thm-foundations-trace", "eq-foundations-trace-linear", A="n,n", B="n,n", c="1")
def trace_is_linear(A, B, c):
    scale = (norm(A) + norm(B)) * len(A) * (1 + abs(c[0]))
    diagonal = sum(A[i, i] for i in range(len(A)))
    return [
        Equal(tr(A + B), diagonal + tr(B), scale=scale, rtol=1e-12),
        Equal(tr(c[0] * A), c[0] * diagonal, scale=scale, rtol=1e-12),
        Equal(tr(A.T), diagonal, scale=scale, rtol=1e-12),
    ]


@trace_is_linear.mutant
def absolute_values_of_the_diagonal(A, B, c):
    return Equal(np.abs(np.diag(A + B)).sum(), np.abs(np.diag(A)).sum() + np.abs(np.diag(B)).sum())


@claim("eq-foundations-trace-cyclic", A="m,n", B="n,p", C="p,m", M="n,n", N="n,n", S="n,n")
def factors_turn_like_a_wheel(A, B, C, M, N, S):
    definition = sum(
        A[i, j] * B[j, k] * C[k, i] for i in range(len(A)) for j in range(len(B)) for k in range(len(C))
    )
    scale = norm(A) * norm(B) * norm(C)
    return [Equal(tr(P), definition, scale=scale, rtol=1e-11) for P in (A @ B @ C, B @ C @ A, C @ A @ B)]


@factors_turn_like_a_wheel.mutant
def factors_exchanged(A, B, C, M, N, S):
    return Equal(tr(M @ N @ S), tr(M @ S @ N), scale=norm(M) * norm(N) * norm(S))


@claim("eq-foundations-inner", X="m,n", Y="m,n")
def the_trace_is_an_inner_product(X, Y):
    scale = norm(X) * norm(Y)
    return [
        Equal(tr(X.T @ Y), dot(X, Y), scale=scale, rtol=1e-12),
        Equal(fo.inner(X, Y), dot(X, Y), scale=scale, rtol=1e-12),
        Equal(np.sqrt(tr(X.T @ X)), norm(X.ravel()), rtol=1e-12),
    ]


@the_trace_is_an_inner_product.mutant
def transpose_forgotten(X, Y):
    return Equal(tr(X @ Y), dot(X, Y)) if is_square(X) else Holds(True)


@claim("eq-foundations-adjoint", A="m,n", x="m", y="n", X="m,p", Y="n,q", B="q,p")
def a_matrix_changes_sides_as_its_transpose(A, x, y, X, Y, B):
    scale = norm(X) * norm(A) * norm(Y) * norm(B)
    return [
        Equal(dot(x, A @ y), dot(A.T @ x, y), scale=norm(x) * norm(A) * norm(y), rtol=1e-12),
        Equal(dot(X, A @ Y @ B), dot(A.T @ X @ B.T, Y), scale=scale, rtol=1e-12),
    ]


@a_matrix_changes_sides_as_its_transpose.mutant
def not_transposed(A, x, y, X, Y, B):
    return Equal(dot(x, A @ y), dot(A @ x, y)) if is_square(A) else Holds(True)


# --- determinant -------------------------------------------------------------------------------------------------


def size_of_determinant(A):
    return prod(norm(row) for row in A) + 1e-300


@claim("eq-foundations-leibniz", A="n,n")
def determinant_is_a_sum_over_permutations(A):
    scale = size_of_determinant(A)
    return [
        Equal(det(A), float(exact(A).det()), scale=scale, rtol=1e-11),
        Equal(fo.determinant(A).value, det(A), scale=scale, rtol=1e-11),
        Equal(np.linalg.det(A), det(A), scale=scale, rtol=1e-10),
    ]


@determinant_is_a_sum_over_permutations.mutant
def all_signs_positive(A):
    n = len(A)
    permanent = sum(prod(A[order[j], j] for j in range(n)) for order in permutations(range(n)))
    return Equal(np.linalg.det(A), permanent, scale=size_of_determinant(A))


@claim("thm-foundations-determinant", "eq-foundations-determinant",
       A="n,n", B="n,n", c="1", C="n,n invertible", S="n,n integer")
def rules_for_determinants(A, B, c, C, S):
    size, n = size_of_determinant(A) * size_of_determinant(B) * len(A) ** len(A), len(A)
    return [
        Equal(det(A @ B), det(A) * det(B), scale=size, rtol=1e-10),
        Equal(det(A.T), det(A), scale=size_of_determinant(A), rtol=1e-10),
        Equal(det(c[0] * A), c[0] ** n * det(A), scale=abs(c[0]) ** n * size_of_determinant(A), rtol=1e-10),
        Equal(det(inv(C)), 1 / det(C), scale=size_of_determinant(inv(C)), rtol=1e-11),
        Holds((det(S) != 0) == (rank(S) == n)),
    ]


@rules_for_determinants.mutant
def factor_without_its_power(A, B, c, C, S):
    return Equal(det(c[0] * A), c[0] * det(A))


@rules_for_determinants.mutant
def determinant_of_a_sum(A, B, c, C, S):
    return Equal(det(A + B), det(A) + det(B))


@claim("thm-foundations-volume", "eq-foundations-volume", A="n+o,n")
def volume_is_base_times_height(A):
    heights = [
        norm(a - A[:, :j] @ np.linalg.lstsq(A[:, :j], a, rcond=1e-12)[0]) if j else norm(a)
        for j, a in enumerate(A.T)
    ]
    size = prod(norm(a) for a in A.T)
    R = np.linalg.qr(A, mode="r")
    parts = [
        Equal(prod(heights), prod(np.abs(np.diag(R))), scale=size, rtol=1e-9),
        Equal(prod(heights) ** 2, det(A.T @ A), scale=size**2, rtol=1e-9),
        Equal(fo.volume(A), prod(heights), scale=size, rtol=1e-9),
    ]
    return [*parts, Equal(prod(heights), abs(det(A)), scale=size, rtol=1e-9)] if is_square(A) else parts


@volume_is_base_times_height.mutant
def product_of_the_lengths(A):
    return Equal(prod(norm(a) for a in A.T), prod(np.abs(np.diag(np.linalg.qr(A, mode="r")))))


@volume_is_base_times_height.mutant
def root_forgotten(A):
    return Equal(fo.volume(A), det(A.T @ A))


@claim("eq-foundations-eigenvalues", A="n,n")
def determinant_and_trace_by_eigenvalues(A):
    eigenvalues = np.linalg.eigvals(A)
    size = norm(A) ** len(A)
    return [
        Equal(np.prod(eigenvalues), det(A) + 0j, scale=size, rtol=1e-10),
        Equal(np.sum(eigenvalues), tr(A) + 0j, scale=norm(A), rtol=1e-10),
    ]


@determinant_and_trace_by_eigenvalues.mutant
def real_parts_only(A):
    return Equal(np.prod(np.linalg.eigvals(A).real), det(A), scale=norm(A) ** len(A))


def cholesky_diagonal(A):
    """Return the diagonal of L with A = LLᵀ, entry by entry."""
    n = len(A)
    L = np.zeros((n, n))
    for j in range(n):
        L[j, j] = np.sqrt(A[j, j] - dot(L[j, :j], L[j, :j]))
        for i in range(j + 1, n):
            L[i, j] = (A[i, j] - dot(L[i, :j], L[j, :j])) / L[j, j]
    return np.diag(L)


@claim("eq-foundations-logdet", A="n,n positive-definite")
def logarithm_of_the_determinant_is_a_sum(A):
    right = 2 * sum(np.log(cholesky_diagonal(A)))
    return [
        Equal(np.log(float(exact((A + A.T) / 2).det())), right, scale=1, rtol=1e-9),
        Equal(fo.determinant(A).log_abs, right, scale=1, rtol=1e-9),
        Equal(2 * np.log(np.diag(np.linalg.cholesky(A))).sum(), right, scale=1, rtol=1e-9),
    ]


@logarithm_of_the_determinant_is_a_sum.mutant
def one_factor_only(A):
    return Equal(np.log(det(A)), sum(np.log(cholesky_diagonal(A))))


# --- special matrices --------------------------------------------------------------------------------------------


@claim("eq-foundations-block", A="m,m invertible", B="n,n invertible")
def blocks_do_not_see_each_other(A, B):
    G = fo.block_diagonal(A, B)
    by_blocks = scipy.linalg.block_diag(inv(A), inv(B))
    return [
        Equal(G @ by_blocks, np.eye(len(G)), scale=norm(G) * norm(by_blocks), rtol=1e-12),
        Equal(np.linalg.det(G), det(A) * det(B), scale=size_of_determinant(G), rtol=1e-10),
    ]


@blocks_do_not_see_each_other.mutant
def determinants_add(A, B):
    return Equal(np.linalg.det(fo.block_diagonal(A, B)), det(A) + det(B))


@claim("thm-foundations-triangular", "eq-foundations-triangular", T="n,n triangular", s="1")
def triangular_matrices_show_their_eigenvalues(T, s):
    t, n = np.diag(T), len(T)
    solution = inv(T)
    singular = T - t[0] * np.eye(n)
    parts = [Holds(nullity(singular) > 0)]
    for M in (T, T.T):
        characteristic = det(s[0] * np.eye(n) - M)
        parts += [
            Equal(det(M), prod(t), scale=size_of_determinant(M), rtol=1e-11),
            Equal(characteristic, prod(s[0] - t), scale=(abs(s[0]) + norm(M)) ** n, rtol=1e-11),
        ]
    return [
        *parts,
        Equal(np.tril(solution, -1), np.zeros((n, n)), scale=norm(solution), rtol=1e-12),
        Equal(np.diag(solution), 1 / t, rtol=1e-10),
    ]


@triangular_matrices_show_their_eigenvalues.mutant
def for_every_matrix(T, s):
    return Equal(det(T + T.T), prod(np.diag(T + T.T)))


# --- the inverse -------------------------------------------------------------------------------------------------


@claim("thm-foundations-invertible", A="n,n integer")
def seven_ways_to_be_invertible(A):
    n = len(A)
    t = sympy.Symbol("t")
    invertible = rank(A) == n
    ways = [
        nullity(A) == 0,
        det(A) != 0,
        (t * sympy.eye(n) - exact(A)).det().subs(t, 0) != 0,
        rank(np.hstack([A, np.eye(n)])) == rank(A),  # every right side is reached
        fo.determinant(A).sign != 0,
    ]
    if invertible:
        X = exact(A).LUsolve(sympy.eye(n))
        ways.append(exact(A) * X == sympy.eye(n) == X * exact(A))
    return [Holds(way == invertible) for way in ways]


@seven_ways_to_be_invertible.mutant
def a_trace_that_is_not_zero(A):
    return Holds((tr(A) != 0) == (rank(A) == len(A)))


@claim("eq-foundations-inverse", A="n,n invertible", B="n,n invertible", c="1 nonzero")
def rules_for_inverses(A, B, c):
    scale = norm(inv(A)) * norm(inv(B))
    return [
        Equal(inv(inv(A)), A, scale=norm(A) ** 2 * norm(inv(A)), rtol=1e-12),
        Equal(inv(A @ B), inv(B) @ inv(A), scale=scale * norm(A @ B) * norm(inv(A @ B)), rtol=1e-12),
        Equal(inv(A.T), inv(A).T, scale=norm(A) * norm(inv(A)) ** 2, rtol=1e-12),
        Equal(inv(c[0] * A), inv(A) / c[0], scale=norm(A) * norm(inv(A)) ** 2 / abs(c[0]), rtol=1e-12),
        Equal(inv(A @ A.T).T, inv(A @ A.T), scale=norm(inv(A @ A.T))),  # symmetric, as A @ A.T is
    ]


@rules_for_inverses.mutant
def order_of_the_factors_kept(A, B, c):
    return Equal(inv(A @ B), inv(A) @ inv(B))


EPSILON = 1e-3


@claim("thm-foundations-residual", "eq-foundations-residual", A="n,n invertible", b="n nonzero", E="n,n")
def residual_of_a_rounded_inverse(A, b, E):
    inverse = inv(A)
    errors = np.clip(E, -1, 1)
    bound = EPSILON * np.abs(A) @ np.abs(inverse) @ np.abs(b)
    residual = np.abs(b - A @ ((inverse * (1 + EPSILON * errors)) @ b))
    parts = [AtMost(max(residual / bound), 1.0, rtol=1e-6)]
    for i, row in enumerate(A):  # each row attains its bound, with a positive b
        worst = -np.sign(row)[:, None] * np.sign(inverse)
        attained = abs(np.abs(b) - A @ ((inverse * (1 + EPSILON * worst)) @ np.abs(b)))[i]
        parts.append(Equal(attained, bound[i], rtol=1e-6))
    return parts


@residual_of_a_rounded_inverse.mutant
def as_small_as_for_elimination(A, b, E):
    inverse = inv(A)
    errors = np.clip(E, -1, 1)
    residual = np.abs(b - A @ ((inverse * (1 + EPSILON * errors)) @ b))
    return AtMost(max(residual - EPSILON * np.abs(A) @ np.abs(inverse @ b)), 1e-12)


@claim("eq-foundations-tent", x="n")
def the_inverse_of_the_chain_has_no_zero(x):
    n = 3 * len(x)
    chain = fo.banded({-1: -1, 0: 2, 1: -1}, n)
    i = np.arange(1, n + 1)
    tent = np.minimum.outer(i, i) * (n + 1 - np.maximum.outer(i, i)) / (n + 1)
    factor = np.linalg.cholesky(chain)
    return [
        Equal(chain @ tent, np.eye(n), scale=norm(chain) * norm(tent), rtol=1e-12),
        Equal(inv(chain), tent, rtol=1e-10),
        Holds(bool((tent > 0).all())),
        Equal(np.count_nonzero(factor), 2 * n - 1),
        Equal(np.count_nonzero(chain), 3 * n - 2),
    ]


@the_inverse_of_the_chain_has_no_zero.mutant
def smaller_and_larger_index_exchanged(x):
    n = 3 * len(x)
    i = np.arange(1, n + 1)
    tent = np.maximum.outer(i, i) * (n + 1 - np.minimum.outer(i, i)) / (n + 1)
    return Equal(inv(fo.banded({-1: -1, 0: 2, 1: -1}, n)), tent)


# --- the matrix exponential --------------------------------------------------------------------------------------

expm = scipy.linalg.expm


def size_of_exponential(A):
    """Bound every term and every partial sum of the series."""
    return float(np.exp(norm(A)))


def series(A):
    return sum(np.linalg.matrix_power(A, k) / factorial(k) for k in range(80))


@claim("eq-foundations-exponential", A="n,n moderate")
def the_series_of_the_exponential(A):
    scale, total = size_of_exponential(A), series(A)
    return [
        Equal(total, expm(A), scale=scale, rtol=1e-10),
        Equal(fo.exponential_series(A).value, total, scale=scale, rtol=1e-10),
        Equal(fo.matrix_exponential(A), expm(A), rtol=1e-10),
    ]


@the_series_of_the_exponential.mutant
def entry_by_entry(A):
    return Equal(np.exp(A), expm(A))


@claim("eq-foundations-rotation", t="1 moderate")
def exponential_of_a_quarter_turn_is_a_rotation(t):
    J = np.array([[0.0, -1.0], [1.0, 0.0]])
    sum_of_two = np.cos(t[0]) * np.eye(2) + np.sin(t[0]) * J
    rotation = np.array([[np.cos(t[0]), -np.sin(t[0])], [np.sin(t[0]), np.cos(t[0])]])
    N = np.array([[0.0, t[0]], [0.0, 0.0]])
    return [
        Equal(expm(t[0] * J), sum_of_two, rtol=1e-12),
        Equal(expm(t[0] * J), rotation, rtol=1e-12),
        Equal(fo.matrix_exponential(t[0] * J), rotation, rtol=1e-12),
        Equal(fo.matrix_exponential(N), np.eye(2) + N, rtol=1e-14),
        Equal(fo.matrix_exponential(np.diag([t[0], -1])), np.diag(np.exp([t[0], -1])), rtol=1e-12),
    ]


@exponential_of_a_quarter_turn_is_a_rotation.mutant
def clockwise(t):
    rotation = np.array([[np.cos(t[0]), np.sin(t[0])], [-np.sin(t[0]), np.cos(t[0])]])
    return Equal(expm(t[0] * np.array([[0.0, -1.0], [1.0, 0.0]])), rotation)


@claim("thm-foundations-exponential", "eq-foundations-flow", A="n,n moderate", t="1 moderate")
def the_exponential_solves_the_differential_equation(A, t):
    A = A / (1 + norm(A))
    slope = rate_of_change(lambda s: fo.matrix_exponential(s[0] * A), t, np.ones(1))
    scale = size_of_exponential(t[0] * A)
    terms = [norm(np.linalg.matrix_power(A, k)) for k in range(1, 6)]
    return [
        Equal(slope, A @ expm(t[0] * A), scale=scale),
        Equal(slope, expm(t[0] * A) @ A, scale=scale),
        Equal(fo.matrix_exponential(0 * A), np.eye(len(A))),
        *(AtMost(term, norm(A) ** k) for k, term in enumerate(terms, start=1)),  # why the series converges
    ]


@the_exponential_solves_the_differential_equation.mutant
def transposed(A, t):
    slope = rate_of_change(lambda s: fo.matrix_exponential(s[0] * A), 0 * t, np.ones(1))
    return Equal(slope, A.T)


@claim("eq-foundations-exponential-inverse", A="n,n moderate")
def inverse_and_determinant_of_the_exponential(A):
    A = 2 * A / (1 + norm(A))
    E = fo.matrix_exponential(A)
    return [
        Equal(inv(E), expm(-A), scale=10, rtol=1e-10),
        Equal(det(E), np.exp(tr(A)), scale=10, rtol=1e-10),
    ]


@inverse_and_determinant_of_the_exponential.mutant
def exponential_of_the_determinant(A):
    A = 2 * A / (1 + norm(A))
    return Equal(det(fo.matrix_exponential(A)), np.exp(det(A)))


@claim("eq-foundations-exponential-sum", A="n,n moderate", B="n,n moderate", c="1 moderate")
def exponentials_multiply_if_the_matrices_commute(A, B, c):
    A, B = A / (1 + norm(A)), B / (1 + norm(B))
    eye = np.eye(len(A))
    C = A @ A - c[0] / 4 * A + 0.5 * eye  # a polynomial in A commutes with A
    D, F = np.kron(A, eye), np.kron(eye, B)  # these commute whatever A and B are
    return [
        Equal(fo.matrix_exponential(A + C), expm(A) @ expm(C), scale=1, rtol=1e-10),
        Equal(fo.matrix_exponential(D + F), expm(D) @ expm(F), scale=1, rtol=1e-10),
    ]


@exponentials_multiply_if_the_matrices_commute.mutant
def for_all_matrices(A, B, c):
    A, B = A / (1 + norm(A)), B / (1 + norm(B))
    return Equal(expm(A + B), expm(A) @ expm(B))


def gap_over_square(A, B, t):
    return (expm(t * A) @ expm(t * B) - expm(t * (A + B))) / t**2


@claim("eq-foundations-commutator", A="n,n moderate", B="n,n moderate")
def commutator_is_the_leading_term(A, B):
    A, B = A / (1 + norm(A)), B / (1 + norm(B))
    half = (A @ B - B @ A) / 2
    parts = []
    for t in (1e-1, 1e-2, 1e-3):
        gap, mirrored = gap_over_square(A, B, t), gap_over_square(A, B, -t)
        # Both products have terms of order k below (2t)ᵏ/k!, and in the mean over ±t the third order is gone.
        parts += [AtMost(norm(gap - half), 4 * t), AtMost(norm((gap + mirrored) / 2 - half), 2 * t**2)]
    return parts


@commutator_is_the_leading_term.mutant
def commutator_with_the_other_sign(A, B):
    A, B = A / (1 + norm(A)), B / (1 + norm(B))
    return AtMost(norm(gap_over_square(A, B, 1e-3) - (B @ A - A @ B) / 2), 4e-3)


@claim("eq-foundations-squaring", A="n,n moderate")
def scaling_and_squaring(A):
    parts = []
    for s in (1, 3, 6):
        E = expm(A / 2**s)
        for _ in range(s):
            E = E @ E
        parts.append(Equal(E, series(A), scale=size_of_exponential(A), rtol=1e-10))
    return parts


@scaling_and_squaring.mutant
def power_without_the_exponent(A):
    return Equal(np.linalg.matrix_power(expm(A / 2**3), 3), expm(A))
