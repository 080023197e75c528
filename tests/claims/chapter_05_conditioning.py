"""The claims of chapter 5, in the order of the book."""

from fractions import Fraction
from functools import cache
from itertools import product
from math import factorial

import mpmath
import numpy as np

from labkit import conditioning
from labkit.norms import dual_vector
from tests.claims.claim import AtMost, Equal, Holds, claim

norm, inv = np.linalg.norm, np.linalg.inv
NORMS = (1, 2, np.inf)
U = Fraction(1, 2**53)
MP = mpmath.MPContext()  # a context of its own: its precision is nobody else's
MP.dps = 50


def corners(n):
    return [np.array(signs) for signs in product([1.0, -1.0], repeat=n)]


def stretched_most(A, p):
    """Return a unit vector x with ‖Ax‖_p = ‖A‖_p, by trying the extreme points or by an eigenvector of AᵀA."""
    n = A.shape[1]
    if p == 2:
        return np.linalg.eigh(A.T @ A)[1][:, -1]
    candidates = list(np.eye(n)) if p == 1 else corners(n)
    return max(candidates, key=lambda x: norm(A @ x, p))


def size(A, p):
    return norm(A @ stretched_most(A, p), p)


def dual(x, p):
    """Return z with zᵀx = ‖x‖_p and |zᵀv| ≤ ‖v‖_p."""
    if p == 2:
        return x / norm(x)
    if p == 1:
        return np.where(x < 0, -1.0, 1.0)
    i = np.argmax(np.abs(x))
    return np.sign(x[i]) * np.eye(len(x))[i]


def some(*shape, seed=0, count=20):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape) for _ in range(count)]


def solve_exactly(A, b):
    """Return A⁻¹b with 50 digits, as an array of mpmath numbers."""
    return np.array(list(MP.lu_solve(MP.matrix(A.tolist()), MP.matrix(list(b)))))


def exact(A):
    return np.vectorize(MP.mpf, otypes=[object])(A)


def largest(x):
    return max(abs(t) for t in x)


def length(x, p):
    return sum(abs(t) for t in x) if p == 1 else largest(x) if p == np.inf else MP.sqrt(sum(t * t for t in x))


# --- functions ---------------------------------------------------------------------------------------------------


def worst_ratio(f, x, p, directions):
    """Return the largest magnification over small changes along the given directions."""
    ratios = []
    for d in directions:
        h = 1e-6 * norm(x, p) * d / norm(d, p)
        ratios.append(norm(f(x + h) - f(x), p) / norm(f(x), p) * norm(x, p) / norm(h, p))
    return max(ratios)


@claim("eq-conditioning-function", "eq-conditioning-jacobian",
       "thm-conditioning-jacobian", M="m,n moderate", x="n nonzero")
def condition_number_is_the_worst_small_change(M, x):
    def f(x):
        return np.exp(M @ x / 4)

    parts = []
    for p in NORMS:
        J = f(x)[:, None] * M / 4
        worst = worst_ratio(f, x, p, [stretched_most(J, p), *some(*x.shape)])
        kappa = size(J, p) * norm(x, p) / norm(f(x), p)
        own = conditioning.relative_condition(f, x, p=p).value
        parts += [Equal(worst, kappa, rtol=2e-5, scale=1e-3), Equal(own, kappa, rtol=1e-6, scale=1e-3)]
    sampled = conditioning.sampled_condition(f, x, samples=20).value
    J = f(x)[:, None] * M / 4
    return [*parts, AtMost(sampled, size(J, 2) * norm(x) / norm(f(x)), rtol=2e-4)]


@condition_number_is_the_worst_small_change.mutant
def frobenius_norm_of_the_jacobian(M, x):
    f = np.exp(M @ x / 4)
    J = f[:, None] * M / 4
    worst = worst_ratio(lambda x: np.exp(M @ x / 4), x, 2, [stretched_most(J, 2), *some(*x.shape)])
    return Equal(worst, norm(J) * norm(x) / norm(f), rtol=2e-4, scale=1e-3)


def by_mpmath(f, x):
    return float(abs(x * MP.diff(f, x) / f(x)))


@claim("eq-conditioning-scalar", "eq-conditioning-elementary", x=" positive", a=" nonzero")
def condition_numbers_of_elementary_functions(x, a):
    x, a = float(x) + 1.5, float(a)
    table = [
        (MP.sqrt, np.sqrt, 0.5),
        (lambda t: t**a, lambda t: t**a, abs(a)),
        (MP.exp, np.exp, abs(x)),
        (MP.log, np.log, 1 / abs(np.log(x))),
    ]
    parts = [Equal(by_mpmath(f, x), kappa, rtol=1e-10) for f, _, kappa in table]
    return parts + [Equal(conditioning.relative_condition(g, x).value, kappa) for _, g, kappa in table]


@condition_numbers_of_elementary_functions.mutant
def square_root_keeps_relative_errors(x, a):
    return Equal(by_mpmath(MP.sqrt, float(x)), 1.0)


@claim("eq-conditioning-subtraction", a=" nonzero", b=" nonzero")
def condition_number_of_subtraction(a, b):
    x = np.array([a, b])
    own = conditioning.relative_condition(lambda x: x[0] - x[1], x, jacobian=[1, -1], p=np.inf).value
    if a == b:
        return Holds(own == np.inf)
    steps = [1e-3 * norm(x, np.inf) * c for c in corners(2)]
    worst = max(abs(h[0] - h[1]) / abs(a - b) * norm(x, np.inf) / norm(h, np.inf) for h in steps)
    kappa = 2 * max(abs(a), abs(b)) / abs(a - b)
    return [Equal(worst, kappa, rtol=1e-12), Equal(own, kappa, rtol=1e-12)]


@condition_number_of_subtraction.mutant
def sum_in_the_denominator(a, b):
    own = conditioning.relative_condition(lambda x: x[0] - x[1], [a, b], jacobian=[1, -1], p=np.inf).value
    return Equal(own, 2 * max(abs(a), abs(b)) / abs(a + b))


def moved_root(c, z, factors, epsilon):
    """Return the relative change of a root when each coefficient changes by ε times a factor of modulus 1."""
    changed = [t * (1 + epsilon * MP.mpmathify(s)) for t, s in zip(c, factors, strict=True)]
    return abs(MP.findroot(lambda t: MP.polyval(changed, t), z, tol=1e-40) - z) / abs(z)


def polynomial(roots):
    c = [MP.mpf(1)]
    for r in roots:
        c = [u - r * v for u, v in zip([*c, 0], [0, *c], strict=True)]
    return c


def kappa_of_root(c, z):
    n = len(c) - 1
    slope = MP.polyval([(n - k) * t for k, t in enumerate(c[:-1])], z)
    return sum(abs(t) * abs(z) ** (n - k) for k, t in enumerate(c)) / abs(z * slope)


def complex_roots(s):
    return [(k + 1) * MP.expj(2 * k + float(np.tanh(t)) / 2) for k, t in enumerate(s)]


@claim("eq-conditioning-root", "thm-conditioning-root", s="n", t="n")
def condition_of_a_simple_root(s, t):
    epsilon, n = MP.mpf(10) ** -16, len(s)
    roots = [MP.mpf(k + 1) + MP.mpf(float(np.tanh(t))) / 4 for k, t in enumerate(s)]
    c, z = polynomial(roots), roots[-1]
    kappa = float(kappa_of_root(c, z))
    worst = max(moved_root(c, z, signs, epsilon) for signs in corners(n + 1)[:2**n]) / epsilon
    own = conditioning.root_condition([float(t) for t in c], float(z))
    parts = [Equal(float(worst), kappa, rtol=1e-8), Equal(own, kappa, rtol=1e-6)]
    d, w = polynomial(complex_roots(t)), complex_roots(t)[-1]
    kappa = float(kappa_of_root(d, w))
    # These changes give all terms of the sum in the proof the same argument.
    aligned = [MP.sign(MP.conj(a * w ** (n - k))) for k, a in enumerate(d)]
    turned = [np.exp(1j * phi) for phi in np.random.default_rng(0).uniform(0, 2 * np.pi, (5, n + 1))]
    own = conditioning.root_condition([complex(a) for a in d], complex(w))
    parts += [Equal(float(moved_root(d, w, aligned, epsilon) / epsilon), kappa, rtol=1e-8)]
    parts += [AtMost(float(moved_root(d, w, f, epsilon) / epsilon), kappa, rtol=1e-8) for f in turned]
    return [*parts, Equal(own, kappa, rtol=1e-6)]


@condition_of_a_simple_root.mutant
def real_changes_reach_it_at_complex_roots(s, t):
    d, w, epsilon = polynomial(complex_roots(t)), complex_roots(t)[-1], MP.mpf(10) ** -16
    worst = max(moved_root(d, w, signs, epsilon) for signs in corners(len(d))) / epsilon
    return Equal(float(worst), float(kappa_of_root(d, w)), rtol=1e-6)


@condition_of_a_simple_root.mutant
def signs_of_the_coefficients_kept(s, t):
    c = np.poly(np.arange(1, len(s) + 1) + np.tanh(s) / 4)
    z = len(s) + np.tanh(s[-1]) / 4
    slope = z * np.polyval(np.polyder(c), z)
    return Equal(conditioning.root_condition(c, z), abs(np.polyval(c, z) / slope), scale=1e-3)


@claim("eq-conditioning-double", e=" positive")
def double_root_moves_like_the_square_root(e):
    parts = []
    for epsilon in (float(e), 1e-8 * float(e)):
        found = sorted(np.roots([1.0, -2.0, 1 - epsilon]).real)
        parts.append(Equal(np.subtract(found, 1), [-np.sqrt(epsilon), np.sqrt(epsilon)], rtol=1e-6))
    return [*parts, Holds(conditioning.root_condition([1, -2, 1], 1) == np.inf)]


@double_root_moves_like_the_square_root.mutant
def double_root_moves_in_proportion(e):
    return Equal(sorted(np.roots([1.0, -2.0, 1 - 1e-4 * e]).real), [1 - 1e-4 * e, 1 + 1e-4 * e])


# --- a matrix times a vector -------------------------------------------------------------------------------------


def kappa_at(A, x, p):
    return size(A, p) * norm(x, p) / norm(A @ x, p)


@claim("eq-conditioning-at-x", A="m,n", x="n nonzero")
def condition_of_a_product_at_one_vector(A, x):
    if norm(A @ x) < 1e-9 * norm(A) * norm(x) or not A.any():
        return Holds(True)
    parts = []
    for p in NORMS:
        steps = [stretched_most(A, p), *some(*x.shape)]
        worst = max(norm(A @ h, p) / norm(A @ x, p) * norm(x, p) / norm(h, p) for h in steps)
        kappa = conditioning.relative_condition(lambda x: A @ x, x, jacobian=A, p=p).value
        parts += [Equal(worst, kappa, rtol=1e-9), AtMost(1.0, kappa)]
        parts.append(Equal(kappa_at(A, stretched_most(A, p), p), 1.0, rtol=1e-9))
    return parts


@condition_of_a_product_at_one_vector.mutant
def the_same_for_every_vector(A, x):
    if A.shape[0] != A.shape[1] or np.linalg.matrix_rank(A) < len(A):
        return Holds(True)
    return Equal(kappa_at(A, x, 2), np.linalg.cond(A))


@claim("eq-conditioning-square", "thm-conditioning-map", A="n,n invertible")
def worst_vector_of_a_square_matrix(A):
    parts = []
    for p in NORMS:
        kappa = conditioning.condition_number(A, p).value
        y = stretched_most(inv(A), p)
        parts.append(Equal(kappa_at(A, inv(A) @ y, p), kappa, rtol=1e-8))
        parts += [AtMost(kappa_at(A, x, p), kappa) for x in some(len(A), count=5)]
        found = conditioning.map_condition(A, p)
        ratio = norm(A @ found.dx, p) / norm(A @ found.x, p) * norm(found.x, p) / norm(found.dx, p)
        parts += [Equal(ratio, kappa, rtol=1e-8), Equal(found.value, size(A, p) * size(inv(A), p), rtol=1e-8)]
    largest_row = A[np.argmax(np.abs(A).sum(axis=1))]
    parts.append(Equal(norm(A @ np.where(largest_row < 0, -1.0, 1.0), np.inf), size(A, np.inf), rtol=1e-12))
    largest_column = np.argmax(np.abs(A).sum(axis=0))
    parts.append(Equal(norm(A @ np.eye(len(A))[largest_column], 1), size(A, 1), rtol=1e-12))
    return parts


@worst_vector_of_a_square_matrix.mutant
def norm_of_the_inverse_divides(A):
    x = inv(A) @ stretched_most(inv(A), 2)
    return Equal(kappa_at(A, x, 2), size(A, 2) / size(inv(A), 2))


@worst_vector_of_a_square_matrix.mutant
def norm_of_the_inverse_is_one_over_the_norm(A):
    x = inv(A) @ stretched_most(inv(A), 2)
    return Equal(kappa_at(A, x, 2), 1.0)


def towards_the_nullspace(A):
    """Return κ_A(x₀ + tv) for t = 1e-3, 1e-6 with Ax₀ = 0."""
    x0, v = np.linalg.svd(A)[2][-1], stretched_most(A, 2)
    return [size(A, 2) * norm(x0 + t * v) / (t * norm(A @ v)) for t in (1e-3, 1e-6)]


@claim("eq-conditioning-wide", "thm-conditioning-map", A="m,m+k", B="n,n singular")
def no_bound_for_wide_or_deficient_matrices(A, B):
    parts = [Holds(conditioning.map_condition(A).value == np.inf)] if A.any() else []
    for C in (A, B):
        if not C.any():
            continue
        near, nearer = towards_the_nullspace(C)
        found = conditioning.map_condition(C)
        parts += [
            Equal(nearer / near, 1000.0, rtol=1e-3),
            AtMost(1e5, nearer),
            AtMost(1e12, found.value),  # rounding may leave B invertible
            AtMost(norm(C @ found.x), 1e-12 * norm(C)),
            Holds(np.isfinite(conditioning.pseudo_condition(C).value)),
        ]
    return parts or Holds(True)


@no_bound_for_wide_or_deficient_matrices.mutant
def bounded_by_the_norm_of_the_pseudoinverse(A, B):
    return AtMost(towards_the_nullspace(A)[1], np.linalg.cond(A)) if A.any() else Holds(True)


@claim("eq-conditioning-tall", "thm-conditioning-map", A="n+o,n full-rank")
def worst_vector_of_a_tall_matrix(A):
    plus = inv(A.T @ A) @ A.T
    kappa = size(A, 2) * size(plus, 2)
    shrunk = np.linalg.eigh(A.T @ A)[1][:, 0]
    found = conditioning.map_condition(A)
    ratio = norm(A @ found.dx) / norm(A @ found.x) * norm(found.x) / norm(found.dx)
    parts = [AtMost(kappa_at(A, x, 2), kappa, rtol=1e-5) for x in some(A.shape[1], count=5)]
    return [*parts, *(Equal(value, kappa, rtol=1e-5) for value in (kappa_at(A, shrunk, 2), ratio, found.value))]


@worst_vector_of_a_tall_matrix.mutant
def equality_in_the_maximum_norm(A):
    one_column = A.shape[1] == 1  # every x is then magnified by 1
    kappa = size(A, np.inf) * size(inv(A.T @ A) @ A.T, np.inf)
    return Equal(kappa_at(A, np.ones(1), np.inf), kappa) if one_column else Holds(True)


@claim("eq-conditioning-minimum-norm", A="m,m+k full-rank")
def condition_of_the_shortest_solution(A):
    plus = A.T @ inv(A @ A.T)
    kappa = size(A, 2) * size(plus, 2)

    def at(b):
        return size(plus, 2) * norm(b) / norm(plus @ b)

    parts = [AtMost(at(b), kappa, rtol=1e-5) for b in some(len(A), count=5)]
    attained = at(A @ stretched_most(A, 2))
    own = conditioning.pseudo_condition(A).value
    return [*parts, Equal(attained, kappa, rtol=1e-5), Equal(own, kappa, rtol=1e-5)]


@condition_of_the_shortest_solution.mutant
def square_of_the_condition_number(A):
    return Equal(conditioning.pseudo_condition(A).value, np.linalg.cond(A @ A.T))


# --- the condition number of a matrix ----------------------------------------------------------------------------


@claim("eq-conditioning-rules", A="n,n invertible", B="n,n invertible", c=" nonzero")
def rules_for_condition_numbers(A, B, c):
    parts = []
    for p in NORMS:

        def kappa(X, p=p):
            return size(X, p) * size(inv(X), p)

        parts += [
            AtMost(1.0, kappa(A)),
            Equal(kappa(c * A), kappa(A), rtol=1e-8),
            Equal(kappa(inv(A)), kappa(A), rtol=1e-8),
            AtMost(kappa(A @ B), kappa(A) * kappa(B), rtol=1e-6),
            Equal(conditioning.condition_number(A, p).value, kappa(A), rtol=1e-8),
        ]
    return parts


@rules_for_condition_numbers.mutant
def number_factors_come_out(A, B, c):
    return Equal(np.linalg.cond(c * A), abs(c) * np.linalg.cond(A))


@rules_for_condition_numbers.mutant
def sums_are_as_good_as_their_terms(A, B, c):
    return AtMost(np.linalg.cond(A + B), np.linalg.cond(A) + np.linalg.cond(B))


@claim("eq-conditioning-sigma", A="n+o,n full-rank")
def condition_number_by_extreme_stretches(A):
    eigenvalues = np.linalg.eigvalsh(A.T @ A)
    ratio = np.sqrt(eigenvalues[-1] / eigenvalues[0])
    best, worst = (np.linalg.eigh(A.T @ A)[1][:, k] for k in (-1, 0))
    own = conditioning.condition_number(A).value
    return [
        Equal(norm(A @ best) / norm(A @ worst), ratio, rtol=1e-5),
        Equal(own, ratio, rtol=1e-5),
        *(AtMost(norm(A @ x), norm(A @ best) * norm(x)) for x in some(A.shape[1], count=5)),
    ]


@condition_number_by_extreme_stretches.mutant
def eigenvalues_of_the_matrix_itself(A):
    if A.shape[0] != A.shape[1]:
        return Holds(True)
    moduli = np.abs(np.linalg.eigvals(A))
    return Equal(conditioning.condition_number(A).value, np.sqrt(moduli.max() / moduli.min()))


@claim("eq-conditioning-dual", x="n nonzero")
def dual_vectors_exist(x):
    parts = []
    for p in NORMS:
        z = dual(x, p)
        extreme = [*np.eye(len(x)), *corners(len(x)), z, *some(*x.shape)]
        parts += [Equal(z @ x, norm(x, p), rtol=1e-12), *(AtMost(abs(z @ v), norm(v, p)) for v in extreme)]
        parts += [Equal(dual_vector(x, p) @ x, norm(x, p), rtol=1e-12)]
        parts += [AtMost(abs(dual_vector(x, p) @ v), norm(v, p)) for v in extreme]
        parts += [Equal(size(np.outer(x, z), p), norm(x, p), rtol=1e-9)]
    return parts


@dual_vectors_exist.mutant
def unit_vector_for_every_norm(x):
    z = x / norm(x)
    return [Equal(z @ x, norm(x, 1))]


@claim("eq-conditioning-distance", "thm-conditioning-distance", A="n,n invertible")
def distance_to_the_nearest_singular_matrix(A):
    parts = []
    for p in NORMS:
        kappa = conditioning.condition_number(A, p).value
        y = stretched_most(inv(A), p)
        x = inv(A) @ y
        E = -np.outer(y, dual(x, p)) / norm(x, p)
        parts += [
            Equal(size(E, p) / size(A, p), 1 / kappa, rtol=1e-8),
            AtMost(norm((A + E) @ x), 1e-11 * norm(A) * norm(x)),
        ]
        for v in some(len(A), count=5):  # other ways to make A singular
            other = -np.outer(A @ v, dual(v, p)) / norm(v, p)
            parts.append(AtMost(1 / kappa, size(other, p) / size(A, p), rtol=1e-8))
    return parts


@distance_to_the_nearest_singular_matrix.mutant
def determinant_as_distance(A):
    return Equal(abs(np.linalg.det(A)), 1 / conditioning.condition_number(A).value)


# --- solving -----------------------------------------------------------------------------------------------------


def verdict_by_least_squares(A, b):
    """Decide by a projection onto the range, and by the kernel of AᵀA."""
    x = np.linalg.pinv(A, rcond=1e-9) @ b
    if norm(A @ x - b) > 1e-9 * (norm(A) * norm(x) + norm(b)):
        return "none"
    gram = np.linalg.eigvalsh(A.T @ A)
    return "unique" if gram[0] > 1e-12 * gram[-1] else "infinitely many"


@claim("eq-conditioning-solvable", "thm-conditioning-solvable", A="m,n", x="n moderate", b="m moderate")
def solvability_is_decided_by_ranks(A, x, b):
    parts = []
    for right in (A @ x, b):
        found = conditioning.solvability(A, right)
        r, both = (np.linalg.matrix_rank(B) for B in (A, np.column_stack([A, right / (norm(right) or 1)])))
        expected = "none" if both == r + 1 else "unique" if r == A.shape[1] else "infinitely many"
        parts += [Holds(expected == verdict_by_least_squares(A, right)), Holds(found.verdict == expected)]
    return parts


@solvability_is_decided_by_ranks.mutant
def counting_equations(A, x, b):
    m, n = A.shape
    expected = "none" if m > n else "unique" if m == n else "infinitely many"
    return Holds(conditioning.solvability(A, A @ x).verdict == expected)


@claim("eq-conditioning-rhs", "thm-conditioning-solving", A="n,n invertible", b="n nonzero")
def condition_with_respect_to_the_right_hand_side(A, b):
    parts = []
    for p in NORMS:
        X, kappa = inv(A), conditioning.condition_number(A, p).value
        number = size(X, p) * norm(b, p) / norm(X @ b, p)
        h = stretched_most(X, p)
        worst = norm(X @ h, p) / norm(X @ b, p) * norm(b, p) / norm(h, p)
        best, hardest = (kappa_at(X, v, p) for v in (h, A @ stretched_most(A, p)))
        parts += [
            Equal(worst, number, rtol=1e-9),
            AtMost(number, kappa, rtol=1e-8),
            AtMost(1.0, number),
            Equal(best, 1.0, rtol=1e-9),
            Equal(hardest, kappa, rtol=1e-7),
        ]
    return parts


@condition_with_respect_to_the_right_hand_side.mutant
def always_the_full_condition_number(A, b):
    return Equal(kappa_at(inv(A), b, 2), np.linalg.cond(A))


def magnification(A, b, dA, p):
    """Return how much a small relative change of A is magnified in the solution, with 50 digits."""
    epsilon = MP.mpf(10) ** -20
    x = solve_exactly(exact(A), exact(b))
    moved = solve_exactly(exact(A) + epsilon * exact(dA), exact(b))
    return float(length(moved - x, p) / length(x, p) / epsilon) * size(A, p) / size(dA, p)


@claim("eq-conditioning-matrix", "thm-conditioning-solving", A="n,n invertible", b="n nonzero")
def condition_with_respect_to_the_matrix(A, b):
    parts = []
    for p in NORMS:
        kappa = conditioning.condition_number(A, p).value
        y = stretched_most(inv(A), p)
        z = dual(np.linalg.solve(A, b), p)
        parts.append(Equal(magnification(A, b, np.outer(y, z), p), kappa, rtol=1e-7))
        parts += [AtMost(magnification(A, b, dA, p), kappa, rtol=1e-7) for dA in some(*A.shape, count=2)]
    return parts


@condition_with_respect_to_the_matrix.mutant
def as_for_the_right_hand_side(A, b):
    y, z = stretched_most(inv(A), 2), dual(np.linalg.solve(A, b), 2)
    return Equal(magnification(A, b, np.outer(y, z), 2), kappa_at(inv(A), b, 2))


def perturbed(A, b, dA, db, eta, p):
    """Return the forward error of the solution of a system that is changed by η, with 50 digits."""
    E = eta * dA * (size(A, p) / size(dA, p))
    e = eta * db * (norm(b, p) / norm(db, p))
    x = solve_exactly(exact(A), exact(b))
    return float(length(solve_exactly(exact(A) + exact(E), exact(b) + exact(e)) - x, p) / length(x, p))


@claim("eq-conditioning-forward", "thm-conditioning-forward", A="n,n invertible", b="n nonzero", t=" positive")
def forward_error_is_bounded_by_backward_error(A, b, t):
    parts = []
    for p in NORMS:
        kappa = max(conditioning.condition_number(A, p).value, 1.0)
        eta = t / 2.5 / kappa
        bound = 2 * eta * kappa / (1 - eta * kappa)
        y, z = stretched_most(inv(A), p), dual(np.linalg.solve(A, b), p)
        for dA, db in [(-np.outer(y, z), y), *zip(some(*A.shape, count=1), some(*b.shape, count=1), strict=True)]:
            parts.append(AtMost(perturbed(A, b, dA, db, eta, p), bound, rtol=1e-8))
        eye, s = np.eye(len(b)), t / 2.5
        parts += [
            Equal(perturbed(eye, b, -eye, b, s, p), 2 * s / (1 - s), rtol=1e-8),
            Equal(conditioning.forward_error_bound(kappa, eta), bound, rtol=1e-9),
        ]
    return parts


@forward_error_is_bounded_by_backward_error.mutant
def product_without_the_two(A, b, t):
    eye, s = np.eye(len(b)), t / 2.5
    return AtMost(perturbed(eye, b, -eye, b, s, 2), s / (1 - s))


@claim("eq-conditioning-backward", "eq-conditioning-nearest", "thm-conditioning-backward",
       A="m,n", x="n nonzero", b="m nonzero")
def residual_gives_the_backward_error(A, x, b):
    parts = []
    for p in NORMS:
        parts.append(Equal(conditioning.backward_error(A, 0 * x, b, p), 1.0, rtol=1e-12))
        r, total = b - A @ x, size(A, p) * norm(x, p) + norm(b, p)
        eta = norm(r, p) / total
        dA, db = conditioning.nearest_system(A, x, b, p)
        parts += [
            Equal(conditioning.backward_error(A, x, b, p), eta, rtol=1e-8, scale=1e-9),
            Equal((A + dA) @ x, b + db, rtol=1e-12, scale=total),
            Equal(dA, size(A, p) / total * np.outer(r, dual(x, p)), rtol=1e-9, scale=1e-9 * total),
            Equal(db, -norm(b, p) / total * r, rtol=1e-9, scale=1e-9 * total),
            AtMost(size(dA, p), eta * size(A, p) + 1e-12 * total / norm(x, p)),
        ]
        for step in some(*b.shape, count=3):  # other systems that x solves
            other = np.outer(r + step, dual(x, p)) / norm(x, p)
            if A.any():
                needed = max(size(other, p) / size(A, p), norm(step, p) / norm(b, p))
                parts += [Equal((A + other) @ x, b + step, scale=total), AtMost(eta, needed, rtol=1e-8)]
    return parts


@residual_gives_the_backward_error.mutant
def residual_relative_to_the_right_hand_side(A, x, b):
    return Equal(conditioning.backward_error(A, x, b), norm(b - A @ x) / norm(b))


@residual_gives_the_backward_error.mutant
def maximum_in_place_of_the_sum(A, x, b):
    return Equal(conditioning.backward_error(A, x, b), norm(b - A @ x) / max(norm(A, 2) * norm(x), norm(b)))


@claim("eq-conditioning-residual", A="n,n invertible", b="n nonzero", y="n nonzero")
def residual_bounds_the_error_on_both_sides(A, b, y):
    parts = []
    for p in NORMS:
        kappa, x = conditioning.condition_number(A, p).value, np.linalg.solve(A, b)
        for computed in (y, x + 1e-3 * y):
            error = norm(computed - x, p) / norm(x, p)
            relative = norm(b - A @ computed, p) / norm(b, p)
            parts += [AtMost(relative / kappa, error, rtol=1e-6), AtMost(error, kappa * relative, rtol=1e-6)]
        up, down = stretched_most(A, p), inv(A) @ stretched_most(inv(A), p)
        down = down / norm(down, p)
        for truth, step, factor in ((up, down, kappa), (down, up, 1 / kappa)):
            error, relative = norm(step, p) / norm(truth, p), norm(A @ step, p) / norm(A @ truth, p)
            parts.append(Equal(error, factor * relative, rtol=1e-7))
    return parts


@residual_bounds_the_error_on_both_sides.mutant
def small_residual_means_small_error(A, b, y):
    x = np.linalg.solve(A, b)
    return AtMost(norm(y - x) / norm(x), norm(b - A @ y) / norm(b))


# --- floating point ----------------------------------------------------------------------------------------------


@claim("eq-conditioning-rounding", x="n nonzero", y="n nonzero")
def rounding_has_a_small_relative_error(x, y):
    numbers = [Fraction(a) / Fraction(b) * 10**k for a, b in zip(x, y, strict=True) for k in (-200, 0, 200)]
    return Holds(all(abs(Fraction(float(t)) - t) <= U * abs(t) for t in numbers))


@rounding_has_a_small_relative_error.mutant
def half_of_the_unit_roundoff(x, y):
    numbers = [1 + Fraction(a) ** 2 * U for a in x]  # just above 1 the spacing is largest in proportion
    return Holds(all(abs(Fraction(float(t)) - t) <= U / 2 * abs(t) for t in numbers))


def rounded_and_exact(a, b):
    a, b = float(a), float(b)
    s, t = Fraction(a), Fraction(b)
    return [(a + b, s + t), (a - b, s - t), (a * b, s * t), (a / b, s / t)]


@claim("eq-conditioning-model", a=" nonzero", b=" nonzero")
def arithmetic_has_a_small_relative_error(a, b):
    return Holds(all(abs(Fraction(c) - e) <= U * abs(e) for c, e in rounded_and_exact(a, b)))


@arithmetic_has_a_small_relative_error.mutant
def arithmetic_is_exact(a, b):
    return Holds(all(Fraction(c) == e for c, e in rounded_and_exact(a, b)))


def exact_difference(a, b):
    return Fraction(a - b) == Fraction(a) - Fraction(b)


@claim("thm-conditioning-sterbenz", b=" positive", t="m,n positive")
def difference_of_close_numbers_is_exact(b, t):
    b, factors = float(b), [0.5, 2.0, *t.ravel(), *(t.ravel() / 4), *(2 * t.ravel())]
    numbers = [min(max(f * b, b / 2), 2 * b) for f in factors]
    return Holds(all(exact_difference(a, b) for a in numbers))


@difference_of_close_numbers_is_exact.mutant
def within_a_factor_of_ten(b, t):
    return Holds(all(exact_difference(a * float(b), float(b)) for a in (5 * t).ravel()))


def summed(x):
    total = 0.0
    for t in x:
        total += float(t)
    return Fraction(total)


def gamma(k):
    return k * U / (1 - k * U)


def error_of_sum(terms):
    return abs(summed(terms) - sum(map(Fraction, terms)))


def total_of(terms):
    return sum(abs(Fraction(t)) for t in terms)


def lost(n):
    """Return n terms of which all but the first are rounded away, the worst case but for terms of the order u²."""
    return np.array([1.0] + [float(U)] * (n - 1))


@claim("eq-conditioning-sum", "thm-conditioning-sum", x="m,n nonzero", y="m,n nonzero")
def sum_from_left_to_right_is_backward_stable(x, y):
    cancelling = np.concatenate([x.ravel(), -x.ravel() * (1 + 1e-9 * y.ravel())])
    return [Holds(error_of_sum(t) <= gamma(len(t) - 1) * total_of(t)) for t in (cancelling, lost(len(cancelling)))]


@sum_from_left_to_right_is_backward_stable.mutant
def one_rounding_fewer(x, y):
    terms = lost(2 * x.size)
    return Holds(error_of_sum(terms) <= gamma(len(terms) - 2) * total_of(terms))


@sum_from_left_to_right_is_backward_stable.mutant
def relative_to_the_sum(x, y):
    terms = np.concatenate([x.ravel(), -x.ravel() * (1 + 1e-9 * y.ravel())])
    exact_sum = sum(map(Fraction, terms))
    return Holds(abs(summed(terms) - exact_sum) <= len(terms) * U * abs(exact_sum))


# --- stable and unstable -----------------------------------------------------------------------------------------


def exact_roots(p, q):
    p, q = MP.mpf(float(p)), MP.mpf(float(q))
    return p + MP.sqrt(p * p - q), q / (p + MP.sqrt(p * p - q))


@claim("eq-conditioning-quadratic", p=" positive", t=" positive")
def roots_of_a_quadratic_are_well_conditioned(p, t):
    p = MP.mpf(float(p))
    parts = []
    for q in (p * p * float(t) / 2.5, p * p * float(t) / 1e9):
        c, epsilon = [MP.mpf(1), -2 * p, q], MP.mpf(10) ** -24
        expected = 2 * p / MP.sqrt(p * p - q)
        for z in exact_roots_of(p, q):
            worst = max(moved_root(c, z, signs, epsilon) for signs in corners(3)) / epsilon
            own = conditioning.root_condition([1.0, float(-2 * p), float(q)], float(z))
            parts += [Equal(float(worst), float(expected), rtol=1e-8), Equal(own, float(expected), rtol=1e-6)]
    return parts


def exact_roots_of(p, q):
    large = p + MP.sqrt(p * p - q)
    return large, q / large


@roots_of_a_quadratic_are_well_conditioned.mutant
def small_root_is_ill_conditioned(p, t):
    q = p * p * t / 1e9
    own = conditioning.root_condition([1.0, -2 * p, q], float(exact_roots(p, q)[1]))
    return Equal(own, p**2 / q)


def near_a_double_root(p, t):
    """Return the largest relative error of both roots where they nearly coincide, and their condition number."""
    q = float(p * p * (1 - 1e-9 * t))
    large = p + np.sqrt(p * p - q)
    errors = [abs(z / e - 1) for z, e in zip((large, q / large), exact_roots(p, q), strict=True)]
    return max(errors), 2 * MP.mpf(float(p)) / MP.sqrt(MP.mpf(float(p)) ** 2 - MP.mpf(q))


@claim("eq-conditioning-vieta", p=" positive", t=" positive")
def small_root_from_the_product(p, t):
    error, kappa = near_a_double_root(p, t)
    parts = [Holds(error < kappa * U)]
    for q in (p * p * t / 4, p * p * t * 1e-9, p * p * t * 1e-15):
        x1 = p + np.sqrt(p * p - q)
        small = q / x1
        exact_large, exact_small = exact_roots(p, q)
        parts += [
            Holds(abs(small / exact_small - 1) < 16 * MP.mpf(2) ** -53),
            Holds(abs(x1 / exact_large - 1) < 16 * MP.mpf(2) ** -53),
            Equal(float(exact_small**2 - 2 * p * exact_small + q), 0.0, scale=float(q)),
        ]
    return parts


@small_root_from_the_product.mutant
def nothing_lost_near_a_double_root(p, t):
    return Holds(near_a_double_root(p, t)[0] < 16 * MP.mpf(2) ** -53)


@small_root_from_the_product.mutant
def small_root_from_the_formula(p, t):
    q = p * p * t * 1e-9
    return Holds(abs((p - np.sqrt(p * p - q)) / exact_roots(p, q)[1] - 1) < 1e-12)


@cache
def integral(n):
    return MP.quad(lambda x: x**n * MP.exp(x - 1), [0, 1])


@claim("eq-conditioning-recurrence", A="n,1")
def integrals_obey_the_recurrence(A):
    n = len(A)
    return [Equal(float(integral(n)), float(1 - n * integral(n - 1)), rtol=1e-12),
            Equal(float(integral(0)), 1 - np.exp(-1.0), rtol=1e-12),
            Holds(0 < integral(n) < min(integral(n - 1), MP.mpf(1) / (n + 1)))]


@integrals_obey_the_recurrence.mutant
def plus_sign_in_the_recurrence(A):
    return Equal(float(integral(len(A))), float(1 + len(A) * integral(len(A) - 1)))


def run_up(start, n):
    for k in range(1, n + 1):
        start = 1 - k * start
    return start


def run_down(start, above, n):
    for k in range(above, n, -1):
        start = (1 - start) / k
    return start


@claim("eq-conditioning-recurrence-error", s="n nonzero")
def recurrence_magnifies_by_factorials(s):
    n, above, e = len(s), 2 * len(s) + 3, Fraction(s[0])
    start = Fraction(2, 3)
    up = run_up(start + e, n) - run_up(start, n)
    down = run_down(start + e, above, n) - run_down(start, above, n)
    return [Holds(up == (-1) ** n * factorial(n) * e),
            Holds(down == (-1) ** (above - n) * Fraction(factorial(n), factorial(above)) * e)]


@recurrence_magnifies_by_factorials.mutant
def errors_stay_as_they_are(s):
    return Holds(abs(run_up(Fraction(s[0]), len(s)) - run_up(Fraction(0), len(s))) == abs(Fraction(s[0])))


# --- scaling -----------------------------------------------------------------------------------------------------


def magnification_by_entries(A, x, dA):
    """Return the magnification of changes |ΔA| ≤ ε|A| in the ∞-norm, with 50 digits."""
    epsilon = MP.mpf(10) ** -20
    b = exact(A) @ exact(x)
    moved = solve_exactly(exact(A) + epsilon * exact(dA), b)
    return float(largest(moved - exact(x)) / largest(exact(x)) / epsilon)


def worst_signs(A, x):
    X = inv(A)
    i = np.argmax(np.abs(X) @ np.abs(A) @ np.abs(x))
    return np.outer(np.where(X[i] < 0, -1.0, 1.0), np.where(x < 0, -1.0, 1.0)) * np.abs(A)


@claim("eq-conditioning-skeel", "thm-conditioning-skeel", A="n,n invertible", x="n nonzero")
def condition_for_changes_of_each_entry(A, x):
    expected = norm(np.abs(inv(A)) @ np.abs(A) @ np.abs(x), np.inf) / norm(x, np.inf)
    parts = [Equal(magnification_by_entries(A, x, worst_signs(A, x)), expected, rtol=1e-7),
             Equal(conditioning.skeel_condition(A, x).value, expected, rtol=1e-8)]
    for S in some(*A.shape, count=2):
        parts.append(AtMost(magnification_by_entries(A, x, np.sign(S) * A), expected, rtol=1e-7))
    return parts


@condition_for_changes_of_each_entry.mutant
def as_large_as_normwise(A, x):
    return Equal(magnification_by_entries(A, x, worst_signs(A, x)), np.linalg.cond(A, np.inf))


@claim("eq-conditioning-skeel-rows", "thm-conditioning-skeel", A="n,n invertible", d="n nonzero", x="n nonzero")
def skeel_condition_ignores_the_scale_of_rows(A, d, x):
    cond = norm(np.abs(inv(A)) @ np.abs(A), np.inf)
    at_x = norm(np.abs(inv(A)) @ np.abs(A) @ np.abs(x), np.inf) / norm(x, np.inf)
    return [
        Equal(conditioning.skeel_condition(d[:, None] * A).value, cond, rtol=1e-8),
        Equal(conditioning.skeel_condition(A, np.ones(len(A))).value, cond, rtol=1e-8),
        AtMost(at_x, cond),
        AtMost(1.0, cond),
        AtMost(cond, size(A, np.inf) * size(inv(A), np.inf)),
    ]


@skeel_condition_ignores_the_scale_of_rows.mutant
def scale_of_columns(A, d, x):
    return Equal(conditioning.skeel_condition(A * d).value, conditioning.skeel_condition(A).value)


@claim("eq-conditioning-scaling", "thm-conditioning-rows", A="n,n invertible", d="n positive")
def best_scale_of_the_rows(A, d):
    D = 1 / np.abs(A).sum(axis=1)
    best = conditioning.condition_number(D[:, None] * A, np.inf).value
    cond = norm(np.abs(inv(A)) @ np.abs(A), np.inf)
    return [Equal(best, cond, rtol=1e-8), Equal(conditioning.skeel_condition(A).value, cond, rtol=1e-8),
            AtMost(cond, np.linalg.cond(d[:, None] * A, np.inf), rtol=1e-8)]


@best_scale_of_the_rows.mutant
def rows_of_unit_length(A, d):
    D = 1 / norm(A, axis=1)
    return Equal(np.linalg.cond(D[:, None] * A, np.inf), conditioning.skeel_condition(A).value)
