"""The claims of chapter 4, in the order of the book."""

from itertools import pairwise, product
from math import inf

import mpmath
import numpy as np
import scipy.linalg

from labkit import norms
from labkit.regression import lasso, lasso_limit, soft_threshold
from tests.claims.claim import AtMost, Equal, Holds, claim

EXPONENTS = (1.0, 1.5, 2.0, 3.0, inf)
DUAL = dict(zip(EXPONENTS, reversed(EXPONENTS), strict=True))


def power_sum(entries, p):
    """The p-norm of all entries from its definition, in 30 digits."""
    sizes = [abs(mpmath.mpmathify(float(t))) for t in np.ravel(entries)]
    if p == inf:
        return float(max(sizes, default=mpmath.mpf(0)))
    with mpmath.workdps(30):
        return float(mpmath.fsum(t ** mpmath.mpf(p) for t in sizes) ** (1 / mpmath.mpf(p)))


def quick(entries, p):
    """The p-norm along the first axis, for many columns at once."""
    size = np.abs(entries)
    return size.max(axis=0) if p == inf else (size**p).sum(axis=0) ** (1 / p)


def conjugate(p):
    return inf if p == 1 else 1.0 if p == inf else 1 / (1 - 1 / p)


def directions(n, count=300):
    """Many vectors of Rⁿ: random ones, signs and the standard basis, as columns."""
    rng = np.random.default_rng(n)
    return np.hstack([rng.standard_normal((n, count)), rng.choice([-1.0, 1.0], (n, 40)), np.eye(n)])


def singular_values(A):
    return scipy.linalg.svdvals(A)


# --- three rules -------------------------------------------------------------------------------------------------


@claim("eq-norms-reverse", x="n", y="n")
def norms_differ_by_no_more_than_the_norm_of_the_difference(x, y):
    return [AtMost(abs(power_sum(x, p) - power_sum(y, p)), power_sum(x - y, p)) for p in EXPONENTS]


@norms_differ_by_no_more_than_the_norm_of_the_difference.mutant
def half_of_the_difference(x, y):
    return AtMost(abs(power_sum(x, 2) - power_sum(y, 2)), power_sum(x - y, 2) / 2)


@claim("thm-norms-ball", x="n nonzero", y="n nonzero")
def triangle_inequality_is_convexity_of_the_ball(x, y):
    gauges = {
        "norms": [lambda v, p=p: quick(v, p) for p in EXPONENTS] + [lambda v: quick(v, 1) + 2 * quick(v, inf)],
        "others": [lambda v: quick(v, 0.5), lambda v: np.sqrt(quick(v, 1) * quick(v, inf))],
    }
    parts = []
    for N in gauges["norms"] + gauges["others"]:
        weight = N(x) / (N(x) + N(y))
        mean = weight * x / N(x) + (1 - weight) * y / N(y)
        parts.append(Equal(N(mean) * (N(x) + N(y)), N(x + y), rtol=1e-10, scale=N(x) + N(y)))
    for N in gauges["norms"]:
        segment = np.linspace(0, 1, 11) * (x / N(x) - y / N(y))[:, None] + (y / N(y))[:, None]
        parts += [AtMost(N(x + y), N(x) + N(y)), AtMost(N(segment).max(), 1.0)]
    e = np.eye(3)
    for N, a, b in ((gauges["others"][0], e[0], e[1]), (gauges["others"][1], e.sum(axis=0), 3 * e[0])):
        ball_is_convex = N((a / N(a) + b / N(b)) / 2) <= 1
        parts.append(Holds(not ball_is_convex and N(a / N(a) + b / N(b)) > 2))
    return parts


@triangle_inequality_is_convexity_of_the_ball.mutant
def without_homogeneity(x, y):
    return AtMost(float((x + y) @ (x + y)), float(x @ x + y @ y))  # ‖·‖², whose ball is convex


@claim("eq-norms-p", x="n")
def p_norm_is_the_root_of_the_sum_of_powers(x):
    return [Equal(norms.vector_norm(x, p), power_sum(x, p), rtol=1e-12) for p in (1, 1.5, 2, 3, 7)]


@p_norm_is_the_root_of_the_sum_of_powers.mutant
def absolute_values_forgotten(x):
    return Equal(norms.vector_norm(x, 3), np.cbrt(np.sum(x**3)))


@claim("eq-norms-max", x="n")
def infinity_norm_is_the_limit_of_the_p_norms(x):
    limit = power_sum(x, 1e7)
    tied = x.max() * np.array([1.0, -1.0, 1.0])
    return [
        Equal(norms.vector_norm(x, inf), limit),
        Equal(sorted(np.abs(x))[-1], limit),
        Equal(norms.vector_norm(tied, inf), power_sum(tied, 1e7)),
    ]


@infinity_norm_is_the_limit_of_the_p_norms.mutant
def largest_entry_with_its_sign(x):
    return Equal(max(x), power_sum(x, 1e7))


@claim("eq-norms-holder", "eq-norms-dual", "thm-norms-holder", x="n", y="n")
def hoelder_and_equality_for_the_dual_vector(x, y):
    parts = []
    for p in EXPONENTS:
        dual, size = conjugate(p), power_sum(x, p)
        Y = directions(len(x))
        best = norms.dual_vector(x, p)
        parts += [
            AtMost(abs(x @ y), size * power_sum(y, dual)),
            AtMost(np.max(x @ Y / quick(Y, dual)), size),
            Equal(x @ best, size, rtol=1e-12),
            Equal(power_sum(best, dual), 1.0, rtol=1e-12),
            Holds(abs(1 / norms.dual_exponent(p) + 1 / p - 1) < 1e-12),
        ]
    return parts


@hoelder_and_equality_for_the_dual_vector.mutant
def same_exponent_on_both_sides(x, y):
    return AtMost(abs(x @ y), power_sum(x, 3) * power_sum(y, 3))


@hoelder_and_equality_for_the_dual_vector.mutant
def maximum_over_the_ball_of_the_norm_itself(x, y):
    Y = directions(len(x))
    return AtMost(np.max(x @ Y / quick(Y, inf)), power_sum(x, inf))


@claim("eq-norms-minkowski", "thm-norms-minkowski", x="n", y="n", t="")
def p_norms_are_norms(x, y, t):
    parts = []
    for p in EXPONENTS:
        parts += [
            AtMost(power_sum(x + y, p), power_sum(x, p) + power_sum(y, p)),
            Equal(power_sum(t * x, p), abs(float(t)) * power_sum(x, p), rtol=1e-10),
            Holds((power_sum(x, p) == 0) == (not x.any())),
        ]
    return parts


@p_norms_are_norms.mutant
def p_below_one(x, y, t):
    return AtMost(power_sum(x + y, 0.5), power_sum(x, 0.5) + power_sum(y, 0.5))


@claim("eq-norms-below-one", t=" positive")
def triangle_inequality_fails_below_one(t):
    p = float(t) / 2.1
    left, right = power_sum([1, 1, 0], p), power_sum([1, 0, 0], p) + power_sum([0, 1, 0], p)
    return [
        Equal(left, 2 ** (1 / p), rtol=1e-12),
        Equal(norms.vector_norm([1, 1], p), left, rtol=1e-12),
        Equal(right, 2.0, rtol=1e-12),
        AtMost(right * (1 + 1e-2), left),
    ]


@triangle_inequality_fails_below_one.mutant
def exponent_not_inverted(t):
    p = float(t) / 2.1
    return Equal(norms.vector_norm([1, 1], p), 2**p)


@claim("eq-norms-equivalence", "thm-norms-equivalence", x="n")
def best_constants_between_p_norms(x):
    n, parts = len(x), []
    for p, q in product((0.5, *EXPONENTS), repeat=2):
        c = norms.norm_equivalence(p, q, n)
        extremes = [np.ones(n)] if p < q else np.eye(n)
        parts += [
            AtMost(power_sum(x, p), c * power_sum(x, q)),
            *[Equal(power_sum(e, p), c * power_sum(e, q), rtol=1e-12) for e in extremes],
            Equal(c, n ** ((1 / p if p < inf else 0) - (1 / q if q < inf else 0)) if p < q else 1.0, rtol=1e-12),
        ]
    return parts


@best_constants_between_p_norms.mutant
def exponents_exchanged(x):
    return AtMost(power_sum(x, 1), len(x) ** max(0, 1 / 2 - 1) * power_sum(x, 2))


@claim("eq-norms-zero", x="n", y="n")
def zero_norm_counts_and_is_not_homogeneous(x, y):
    count = sum(1 for t in x if t != 0)
    both = norms.vector_norm(x, 0) + norms.vector_norm(y, 0)
    return [
        Equal(norms.vector_norm(x, 0), float(count)),
        Equal(norms.vector_norm(2 * x, 0), norms.vector_norm(x, 0)),
        AtMost(norms.vector_norm(x + y, 0), both),
        Holds((norms.vector_norm(x, 0) == 0) == (not x.any())),
    ]


@zero_norm_counts_and_is_not_homogeneous.mutant
def homogeneous(x, y):
    return Equal(norms.vector_norm(2 * x, 0), 2 * norms.vector_norm(x, 0))


@claim("eq-norms-zero-limit", x="n")
def sum_of_small_powers_tends_to_the_count(x):
    p = 1e-9
    total = sum(abs(t) ** p for t in x if t != 0)
    size = np.abs(x[x != 0])
    parts = [Equal(total, float(len(size)))]
    for small in (0.1, 0.01, 0.005):
        root = power_sum(x, small)
        if len(size) >= 2:  # at least 2^(1/p) times the smallest entry, which grows beyond all bounds
            parts.append(AtMost(len(size) ** (1 / small) * size.min(), root))
        else:  # with fewer than two nonzero entries the root stays where it is
            parts.append(Equal(root, np.abs(x).max(), rtol=1e-12))
    return parts


@sum_of_small_powers_tends_to_the_count.mutant
def zero_to_the_power_zero_is_one(x):
    return Equal(float(sum(abs(t) ** 0.0 for t in x)), float(np.count_nonzero(x)))


@sum_of_small_powers_tends_to_the_count.mutant
def the_root_tends_to_the_count(x):
    return Equal(power_sum(x, 0.005), float(np.count_nonzero(x)))


# --- why the 1-norm makes zeros ----------------------------------------------------------------------------------


def is_only_minimiser(phi, b):
    """Whether φ(t) ≥ φ(b) + (t − b)²/2 on a grid around b, around 0 and far away.

    φ is ½t² plus a convex function, so that this holds for its minimiser b; and it leaves room for no other one.
    """
    steps = np.concatenate([-np.logspace(-9, 4, 60), np.logspace(-9, 4, 60)])
    grid = np.concatenate([b + steps, steps, [0.0]])
    return [AtMost(phi(b) + 0.5 * (t - b) ** 2, phi(t), rtol=1e-12) for t in grid]


@claim("eq-norms-soft", "eq-norms-shrink", "thm-norms-sparsity", z="", level=" positive")
def penalties_with_a_kink_produce_zeros(z, level):
    z, level = float(z), float(level)
    soft = float(soft_threshold(z, level))
    parts = [
        *is_only_minimiser(lambda b: 0.5 * (b - z) ** 2 + level * abs(b), soft),
        *is_only_minimiser(lambda b: 0.5 * (b - z) ** 2 + 0.5 * level * b**2, z / (1 + level)),
        Equal(soft, np.sign(z) * max(abs(z) - level, 0.0), rtol=1e-12, scale=level),
        Holds((soft == 0) == (abs(z) <= level)),
    ]
    for p in (1.25, 2.0, 3.0):
        b = np.sign(z) * min(abs(z), (abs(z) / (4 * level)) ** (1 / (p - 1)))
        decrease = 0.5 * b**2 - b * z + level * abs(b) ** p  # φ(b) − φ(0)
        parts.append(Holds(decrease < 0 or z == 0))
    return parts


@penalties_with_a_kink_produce_zeros.mutant
def shrinking_minimises_the_kink_too(z, level):
    z, level = float(z), float(level)
    return is_only_minimiser(lambda b: 0.5 * (b - z) ** 2 + level * abs(b), z / (1 + level))


@penalties_with_a_kink_produce_zeros.mutant
def threshold_doubled(z, level):
    z, level = float(z), float(level)
    return is_only_minimiser(lambda b: 0.5 * (b - z) ** 2 + level * abs(b), float(soft_threshold(z, 2 * level)))


def lasso_objective(X, y, level, beta):
    return 0.5 * np.sum((X @ beta - y) ** 2) + level * np.abs(beta).sum()


def descent(X, y, level, beta):
    """Along a coordinate in which the condition of the lasso is violated most: how much one step gains, if any."""
    g = X.T @ (y - X @ beta)
    violation = np.where(beta == 0, np.maximum(np.abs(g) - level, 0.0), np.abs(g - level * np.sign(beta)))
    j = int(violation.argmax())
    if violation[j] <= 1e-6 * (np.abs(g).max() + level):
        return None
    slope = violation[j] * (np.sign(g[j]) if beta[j] == 0 else np.sign(g[j] - level * np.sign(beta[j])))
    step = slope / max(np.sum(X[:, j] ** 2), 1e-300)
    step = np.sign(step) * min(abs(step), abs(beta[j]) or np.inf)  # not past the kink
    moved = beta + step * np.eye(len(beta))[j]
    return lasso_objective(X, y, level, beta) - lasso_objective(X, y, level, moved)


@claim("eq-norms-lasso", "eq-norms-lasso-zero", "thm-norms-lasso", X="m,n moderate", y="m", t=" positive")
def conditions_for_a_lasso_solution(X, y, t):
    limit = float(np.abs(X.T @ y).max())
    level = float(t) / 2.2 * limit or 1.0  # below the limit in most cases
    beta = lasso(X, y, level, tolerance=1e-14).coefficients
    g = X.T @ (y - X @ beta)
    value = lasso_objective(X, y, level, beta)
    others = beta[:, None] + np.hstack([s * directions(X.shape[1], 20) for s in (1e-6, 1e-2, 1.0)])
    parts = [
        AtMost(np.abs(g).max(), level, rtol=1e-5),
        Equal(g[beta != 0], level * np.sign(beta[beta != 0]), rtol=1e-5),
        # The conditions suffice: the objective exceeds its least value by ½‖X(b − β)‖² at the least.
        *[
            AtMost(value + 0.5 * np.sum((X @ (b - beta)) ** 2), lasso_objective(X, y, level, b), rtol=1e-6)
            for b in others.T
        ],
        Equal(lasso_limit(X, y), limit, rtol=1e-12),
    ]
    # They are necessary: where they fail, a single coordinate leads downhill.
    gains = [descent(X, y, level, b) for b in directions(X.shape[1], 10).T]
    parts += [Holds(gain > 0) for gain in gains if gain is not None]
    if limit > 0:
        at_zero = 0.5 * np.sum(y**2)
        above = min(lasso_objective(X, y, 1.01 * limit, b) for b in directions(X.shape[1], 50).T)
        j = int(np.abs(X.T @ y).argmax())
        step = 0.01 * limit / np.sum(X[:, j] ** 2) * np.sign(X[:, j] @ y) * np.eye(X.shape[1])[j]
        parts += [AtMost(at_zero, above), Holds(lasso_objective(X, y, 0.99 * limit, step) < at_zero)]
    return parts


@conditions_for_a_lasso_solution.mutant
def limit_in_the_norm_of_the_penalty(X, y, t):
    return Equal(lasso_limit(X, y), np.abs(X.T @ y).sum())


@conditions_for_a_lasso_solution.mutant
def least_squares_condition(X, y, t):
    limit = float(np.abs(X.T @ y).max())
    beta = lasso(X, y, float(t) / 2.2 * limit or 1.0).coefficients
    return Equal(X.T @ (y - X @ beta), np.zeros(X.shape[1]), scale=limit)


# --- matrices as vectors -----------------------------------------------------------------------------------------


@claim("eq-norms-frobenius", A="m,n")
def frobenius_norm_is_that_of_vec_and_a_trace(A):
    exact = power_sum(A, 2)
    return [
        Equal(norms.frobenius_norm(A), exact, rtol=1e-12),
        Equal(np.sqrt(sum(float(c @ c) for c in A.T)), exact, rtol=1e-12),
        Equal(np.sqrt(np.trace(A.T @ A)), exact, rtol=1e-12),
    ]


@frobenius_norm_is_that_of_vec_and_a_trace.mutant
def largest_singular_value(A):
    return Equal(norms.frobenius_norm(A), singular_values(A)[0])


@claim("eq-norms-elementwise", A="m,n")
def elementwise_norms_are_norms_of_vec(A):
    return [Equal(norms.elementwise_norm(A, p), power_sum(A.T, p), rtol=1e-12) for p in EXPONENTS]


@elementwise_norms_are_norms_of_vec.mutant
def without_absolute_values(A):
    return Equal(norms.elementwise_norm(A, 1), np.sum(A))


# --- matrices as maps --------------------------------------------------------------------------------------------

EXACT_PAIRS = [(1, 1), (1, 2), (1, 3), (2, 2), (2, inf), (3, inf), (inf, inf), (inf, 1), (inf, 2), (2, 1), (3, 1)]


@claim("eq-norms-induced-inf", "eq-norms-induced-max", "eq-norms-compatible", "thm-norms-induced",
       A="m,n", B="m,n", x="n")  # fmt: skip
def induced_norm_is_the_least_factor_and_attained(A, B, x):
    parts, X = [], directions(A.shape[1])
    for p, q in EXACT_PAIRS:
        norm = norms.induced_norm(A, p, q, maximiser=True)
        C = float(norm)
        both = float(norms.induced_norm(A + B, p, q))
        parts += [
            Holds(norm.exact),
            AtMost(power_sum(A @ x, q), C * power_sum(x, p)),
            AtMost(np.max(quick(A @ X, q) / quick(X, p)), C),
            Equal(power_sum(norm.maximiser, p), 1.0, rtol=1e-10),
            Equal(power_sum(A @ norm.maximiser, q), C, rtol=1e-9),
            AtMost(both, C + float(norms.induced_norm(B, p, q))),
            Equal(float(norms.induced_norm(-3 * A, p, q)), 3 * C, rtol=1e-10),
            Holds((C == 0) == (not A.any())),
        ]
    bounded = norms.induced_norm(A, 3, 3)
    return [*parts, AtMost(power_sum(A @ x, 3), bounded.upper * power_sum(x, 3))]


@induced_norm_is_the_least_factor_and_attained.mutant
def norms_exchanged(A, B, x):
    return AtMost(power_sum(A @ x, 1), float(norms.induced_norm(A, 1, 2)) * power_sum(x, 2))


@induced_norm_is_the_least_factor_and_attained.mutant
def half_the_factor_suffices(A, B, x):
    return AtMost(power_sum(A @ x, 2), 0.5 * float(norms.induced_norm(A)) * power_sum(x, 2))


@claim("eq-norms-column", "eq-norms-row", "eq-norms-spectral", "thm-norms-closed", A="m,n")
def closed_forms_of_induced_norms(A):
    parts, X = [], directions(A.shape[1])
    for p in EXPONENTS:
        column = max(power_sum(a, p) for a in A.T)
        row = max(power_sum(r, conjugate(p)) for r in A)
        parts += [
            Equal(float(norms.induced_norm(A, 1, p)), column, rtol=1e-12),
            Equal(float(norms.induced_norm(A, p, inf)), row, rtol=1e-12),
            AtMost(np.max(quick(A @ X, p) / quick(X, 1)), column),
            AtMost(np.max(quick(A @ X, inf) / quick(X, p)), row),
        ]
        i = max(range(len(A)), key=lambda i, p=p: power_sum(A[i], conjugate(p)))
        best = norms.dual_vector(A[i], conjugate(p))
        parts += [Equal(power_sum(A @ best, inf), row, rtol=1e-10), Equal(power_sum(best, p), 1.0, rtol=1e-12)]
    values, vectors = np.linalg.eigh(A.T @ A)
    root = np.sqrt(max(values[-1], 0.0))
    spectral = norms.spectral_norm(A)
    return [
        *parts,
        Equal(spectral, root),
        Equal(power_sum(A @ vectors[:, -1], 2), root),
        AtMost(np.max(quick(A @ X, 2) / quick(X, 2)), spectral),
        Equal(spectral, singular_values(A)[0], rtol=1e-10),
    ]


@closed_forms_of_induced_norms.mutant
def one_norm_from_the_rows(A):
    return Equal(float(norms.induced_norm(A, 1)), max(power_sum(r, 1) for r in A))


@closed_forms_of_induced_norms.mutant
def rows_without_the_dual_exponent(A):
    return Equal(float(norms.induced_norm(A, 3, inf)), max(power_sum(r, 3) for r in A))


@closed_forms_of_induced_norms.mutant
def eigenvalues_of_the_matrix_itself(A):
    if A.shape[0] != A.shape[1]:
        return Holds(True)
    return Equal(norms.spectral_norm(A), np.abs(np.linalg.eigvals(A)).max())


def by_corners(A, q):
    return max(power_sum(A @ np.array(s), q) for s in product((-1.0, 1.0), repeat=A.shape[1]))


def by_angles(A):
    """‖A‖_{p→q} of a matrix with one or two columns for all pairs, from the definition as a maximum."""

    def ratios(angles, p, q):
        X = np.array([np.cos(angles), np.sin(angles)])[: A.shape[1]]
        return quick(A @ X, q) / quick(X, p)

    if A.shape[1] == 1:
        return {(p, q): ratios(np.zeros(1), p, q)[0] for p, q in product(EXPONENTS, repeat=2)}
    coarse = np.linspace(0, np.pi, 2001)  # the axes and the diagonals are among them
    norm = {}
    for p, q in product(EXPONENTS, repeat=2):
        found = ratios(coarse, p, q)
        near = coarse[found.argmax()] + np.linspace(-1, 1, 401) * coarse[1]
        norm[p, q] = max(found.max(), ratios(near, p, q).max())
    return norm


@claim("eq-norms-transpose", "eq-norms-cube", "thm-norms-mixed", A="m,n")
def transposes_and_corners(A):
    parts = []
    block = A[:2, :2]
    maps, transposed = by_angles(block), by_angles(block.T)
    parts += [Equal(maps[p, q], transposed[DUAL[q], DUAL[p]]) for p, q in maps]
    parts += [Equal(float(norms.induced_norm(block, p, q)), maps[p, q]) for p, q in EXACT_PAIRS]
    inside = np.random.default_rng(0).uniform(-1, 1, (A.shape[1], 200))
    columns = {q: float(norms.induced_norm(A, 1, q)) for q in EXPONENTS}
    for q in EXPONENTS:
        corners = by_corners(A, q)
        probes = directions(len(A))
        parts += [
            Equal(float(norms.induced_norm(A, inf, q)), corners, rtol=1e-10),
            AtMost(np.max(quick(A @ inside, q)), corners),
            Equal(float(norms.induced_norm(A.T, conjugate(q), 1)), corners, rtol=1e-9),
            AtMost(np.max(quick(A.T @ probes, 1) / quick(probes, conjugate(q))), corners),
            Equal(columns[q], float(norms.induced_norm(A.T, conjugate(q), inf)), rtol=1e-10),
        ]
    return parts


@transposes_and_corners.mutant
def exponents_not_dualised(A):
    return Equal(float(norms.induced_norm(A, inf, 1)), float(norms.induced_norm(A.T, 1, inf)))


@transposes_and_corners.mutant
def exponents_dualised_and_not_exchanged(A):
    block = A[:2, :2]
    maps, transposed = by_angles(block), by_angles(block.T)
    return [Equal(maps[p, q], transposed[DUAL[p], DUAL[q]]) for p, q in maps]


@transposes_and_corners.mutant
def only_the_corner_of_ones(A):
    return Equal(by_corners(A, 1), power_sum(A @ np.ones(A.shape[1]), 1))


def power_steps(A, x, count):
    values = []
    for _ in range(count):
        values.append(np.linalg.norm(A @ x))
        x = A.T @ (A @ x)
        x = x / np.linalg.norm(x)
    return np.array(values)


@claim("eq-norms-power", "thm-norms-power", A="m,n distinct-singular-values", x="n nonzero")
def power_iteration_converges_from_below(A, x):
    x = x / np.linalg.norm(x)
    _, s, Vt = np.linalg.svd(A)
    second = s[1] if len(s) > 1 else 0.0
    squared_tangent = 1 / (Vt[0] @ x) ** 2 - 1
    theta = power_steps(A, x, 8)
    bound = squared_tangent * (second / s[0]) ** (4.0 * np.arange(8))
    history = norms.estimate_spectral_norm(A, max_iterations=50).history
    parts = [AtMost(1 - (t / s[0]) ** 2, b + 1e-12) for t, b in zip(theta, bound, strict=True)]
    parts += [AtMost(a, b, rtol=1e-12) for a, b in pairwise(theta)]
    parts += [AtMost(a, b, rtol=1e-12) for a, b in zip(history, [*history[1:], s[0]], strict=True)]
    if len(s) > 1:  # the rate is attained: start in the plane of the first two singular vectors
        errors = 1 - (power_steps(A, (Vt[0] + 1e-2 * Vt[1]) / np.hypot(1, 1e-2), 3) / s[0]) ** 2
        parts.append(Equal(errors[1] / errors[0], (second / s[0]) ** 4, rtol=1e-3))
    return parts


@power_iteration_converges_from_below.mutant
def twice_the_rate(A, x):
    x = x / np.linalg.norm(x)
    _, s, Vt = np.linalg.svd(A)
    second = s[1] if len(s) > 1 else 0.0
    error = 1 - (power_steps(A, x, 4)[-1] / s[0]) ** 2
    return AtMost(error, (1 / (Vt[0] @ x) ** 2 - 1) * (second / s[0]) ** 24 + 1e-12)


# --- norms of the singular values --------------------------------------------------------------------------------


@claim("eq-norms-von-neumann", "thm-norms-von-neumann", A="m,n", B="m,n")
def trace_inequality(A, B):
    U, a, Vt = np.linalg.svd(A, full_matrices=False)
    b = singular_values(B)
    aligned = U * b @ Vt
    return [AtMost(abs(np.sum(A * B)), a @ b), Equal(np.sum(A * aligned), a @ b, rtol=1e-9)]


@trace_inequality.mutant
def singular_values_in_opposite_orders(A, B):
    return AtMost(abs(np.sum(A * B)), singular_values(A) @ singular_values(B)[::-1])


@claim("eq-norms-schatten", "eq-norms-nuclear", "eq-norms-nuclear-dual", "thm-norms-schatten", A="m,n", B="m,n")
def schatten_norms_are_norms_with_dual_partners(A, B):
    values, vectors = np.linalg.eigh(A.T @ A)
    root = vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T
    gram = A.T @ A
    parts = [
        Equal(root @ root, gram, rtol=1e-9),
        Equal(norms.nuclear_norm(A), np.trace(root)),
        Equal(norms.schatten_norm(A, 4), np.trace(gram @ gram) ** 0.25, rtol=1e-10),
        Equal(norms.schatten_norm(A, 2), power_sum(A, 2), rtol=1e-10),
        Equal(norms.schatten_norm(A, inf), np.sqrt(max(values[-1], 0.0))),
    ]
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    rng = np.random.default_rng(1)
    probes = [rng.standard_normal(A.shape) for _ in range(20)]
    for p in EXPONENTS:
        norm = norms.schatten_norm(A, p)
        partner = U * norms.dual_vector(s, p) @ Vt
        parts += [
            Equal(norm, power_sum(np.sqrt(np.maximum(values, 0)), p), scale=np.sqrt(max(values[-1], 0.0))),
            Holds((norm == 0) == (not A.any())),
            AtMost(norms.schatten_norm(A + B, p), norm + norms.schatten_norm(B, p)),
            Equal(np.sum(A * partner), norm, rtol=1e-9),
            Equal(norms.schatten_norm(partner, conjugate(p)), 1.0, rtol=1e-10),
            AtMost(max(np.sum(A * P) / norms.schatten_norm(P, conjugate(p)) for P in probes), norm),
        ]
    return parts


@schatten_norms_are_norms_with_dual_partners.mutant
def root_entry_by_entry(A, B):
    return Equal(norms.nuclear_norm(A), np.trace(np.sqrt(np.abs(A.T @ A))))


@schatten_norms_are_norms_with_dual_partners.mutant
def nuclear_norm_from_the_entries(A, B):
    return Equal(norms.nuclear_norm(A), np.abs(A).sum())


@claim("eq-norms-envelope", "thm-norms-envelope", A="m,n", B="m,n nonzero")
def nuclear_norm_is_the_envelope_of_the_rank(A, B):
    A = A / max(1.0, singular_values(A)[0])
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    s[s < 1e-13] = 0.0
    ends = np.array([0.0, *sorted(set(s[s > 0])), 1.0])
    layers = [(b - a, U[:, s >= b] @ Vt[s >= b]) for a, b in pairwise(ends) if b > a]
    nuclear, rank = norms.nuclear_norm(A), np.count_nonzero(s)
    affine = B / singular_values(B)[0]
    below_the_rank = [
        lambda M: np.sum(M**2),
        lambda M: abs(np.sum(affine * M)),
        lambda M: max(np.sum(affine * M) - 0.5, np.sum(M**2) / 2, 0.0),
        lambda M: norms.schatten_norm(M, 1.5) ** 1.5,
    ]
    return [
        Equal(sum(w for w, _ in layers), 1.0, rtol=1e-12),
        Equal(sum(w * L for w, L in layers), A, rtol=1e-9),
        Equal(sum(w * np.linalg.matrix_rank(L) for w, L in layers), nuclear, rtol=1e-9),
        AtMost(nuclear, rank),
        *[AtMost(f(A), nuclear) for f in below_the_rank],
    ]


@nuclear_norm_is_the_envelope_of_the_rank.mutant
def outside_the_ball(A, B):
    return AtMost(norms.nuclear_norm(A), np.linalg.matrix_rank(A))


@nuclear_norm_is_the_envelope_of_the_rank.mutant
def another_convex_function_is_larger(A, B):
    A = A / max(1.0, singular_values(A)[0])
    return AtMost(norms.nuclear_norm(A), norms.frobenius_norm(A))


def optimality_of_the_threshold(Z, B, level):
    """B minimises ½‖B − Z‖² + λ‖B‖_* exactly if (Z − B)/λ is in the subdifferential of the nuclear norm at B."""
    G = (Z - B) / level
    size = 1 + singular_values(Z)[0] / level
    return [
        AtMost(singular_values(G)[0], 1.0, rtol=1e-10 * size),
        Equal(np.sum(G * B), singular_values(B).sum(), rtol=1e-9, scale=size * singular_values(Z).sum()),
    ]


@claim("eq-norms-svt", "thm-norms-svt", Z="m,n", level=" positive")
def thresholding_singular_values(Z, level):
    level = float(level)
    U, s, Vt = np.linalg.svd(Z, full_matrices=False)
    B = U * np.maximum(s - level, 0) @ Vt
    rng = np.random.default_rng(2)

    def objective(M):
        return 0.5 * np.sum((M - Z) ** 2) + level * singular_values(M).sum()

    others = [Z, 0 * Z] + [B + t * rng.standard_normal(Z.shape) for t in (1e-3, 0.1, 1.0) for _ in range(5)]
    # The objective is ½‖·‖² plus a convex function; so it exceeds its least value by ½‖M − B‖², and B is alone.
    return [
        *optimality_of_the_threshold(Z, B, level),
        *[AtMost(objective(B) + 0.5 * np.sum((M - B) ** 2), objective(M)) for M in others],
    ]


@thresholding_singular_values.mutant
def shrinking_in_proportion(Z, level):
    return optimality_of_the_threshold(Z, Z / (1 + float(level)), float(level))


@thresholding_singular_values.mutant
def cutting_without_shrinking(Z, level):
    U, s, Vt = np.linalg.svd(Z, full_matrices=False)
    return optimality_of_the_threshold(Z, U * np.where(s > level, s, 0.0) @ Vt, float(level))


# --- estimating from products ------------------------------------------------------------------------------------

# Distributions of one entry as (values, probabilities). The three-point rule with a² = 3 has the moments of a
# normal variable up to the fifth, which is all that a mean or a variance of vᵀAv contains.
SIGNS = (np.array([-1.0, 1.0]), np.array([0.5, 0.5]))


def three_points(a):
    return np.array([-a, 0.0, a]), np.array([1, 2 * a**2 - 2, 1]) / (2 * a**2)


LIKE_GAUSSIAN = three_points(np.sqrt(3.0))
DISTRIBUTIONS = {1.0: SIGNS, 3.0: LIKE_GAUSSIAN, 1.5: three_points(np.sqrt(1.5))}


def all_vectors(n, distribution):
    """Every value of a vector with independent entries, as columns, with its probability."""
    values, chances = distribution
    V = np.array(list(product(values, repeat=n))).T
    return V, np.array([np.prod(c) for c in product(chances, repeat=n)])


@claim("eq-norms-hutchinson", "thm-norms-hutchinson", A="n,n", B="m,n")
def random_quadratic_forms_have_the_trace_as_mean(A, B):
    n = len(A)
    scale = np.abs(A).sum() + 1e-300
    parts = []
    for V, chance in [all_vectors(n, d) for d in DISTRIBUTIONS.values()] + [
        (np.sqrt(n) * np.eye(n), np.full(n, 1 / n)),
        (np.sqrt(n) * np.linalg.qr(np.random.default_rng(n).standard_normal((n, n)))[0], np.full(n, 1 / n)),
    ]:
        parts += [
            Equal(V * chance @ V.T, np.eye(n), rtol=1e-12),
            Equal(np.sum(V * (A @ V), axis=0) @ chance, np.trace(A), rtol=1e-11, scale=scale),
            Equal(np.sum((B @ V) ** 2, axis=0) @ chance, power_sum(B, 2) ** 2, rtol=1e-11),
        ]
    N = 2000
    for kind in ("gaussian", "rademacher"):
        for estimate, exact, matrix in (
            (norms.hutchinson_trace(A, N, kind, seed=0), np.trace(A), A),
            (norms.hutchinson_frobenius(B, N, kind, seed=0), np.sum(B**2), B.T @ B),
        ):
            deviation = np.sqrt(norms.hutchinson_variance(matrix, kind) / N)
            parts.append(AtMost(abs(float(estimate) - exact), 6 * deviation + 1e-12 * np.abs(matrix).sum()))
    return parts


@random_quadratic_forms_have_the_trace_as_mean.mutant
def one_random_number_in_all_places(A, B):
    values, chance = SIGNS
    V = np.outer(np.ones(len(A)), values)
    return Equal(np.sum(V * (A @ V), axis=0) @ chance, np.trace(A), scale=1e-3)


@random_quadratic_forms_have_the_trace_as_mean.mutant
def mean_of_the_lengths_in_place_of_their_squares(A, B):
    V, chance = all_vectors(B.shape[1], SIGNS)
    return Equal(quick(B @ V, 2) @ chance, power_sum(B, 2))


def sphere_rule(n):
    """Points of the unit sphere of Rⁿ, n ≤ 4, and weights, so that means of quadratic functions are exact.

    On the circle the angle is uniform. On the sphere of R³ so are the height and the longitude (Archimedes), and
    on that of R⁴ the squared length of the first two coordinates and two angles.
    """
    angles = np.arange(8) * np.pi / 4
    circle = np.array([np.cos(angles), np.sin(angles)])
    nodes, weights = np.polynomial.legendre.leggauss(4)
    if n == 1:
        return np.array([[-1.0, 1.0]]), np.full(2, 0.5)
    if n == 2:
        return circle, np.full(8, 1 / 8)
    if n == 3:
        points = [[*(np.sqrt(1 - h * h) * c), h] for h in nodes for c in circle.T]
        return np.array(points).T, np.repeat(weights / 2, 8) / 8
    share = (nodes + 1) / 2
    points = [[*(np.sqrt(u) * c), *(np.sqrt(1 - u) * d)] for u in share for c in circle.T for d in circle.T]
    return np.array(points).T, np.repeat(weights / 2, 64) / 64


@claim("eq-norms-sphere", B="m,n")
def typical_stretching_is_the_frobenius_norm_over_root_n(B):
    n = B.shape[1]
    x, weight = sphere_rule(n)
    drawn = np.random.default_rng(3).standard_normal((n, 4000))
    squares = np.sum((B @ (drawn / quick(drawn, 2))) ** 2, axis=0)
    error = squares.std(ddof=1) / np.sqrt(4000)
    mean = np.sum((B @ x) ** 2, axis=0) @ weight
    return [
        Equal(quick(x, 2), np.ones(len(weight)), rtol=1e-12),
        Equal(mean, norms.frobenius_norm(B) ** 2 / n, rtol=1e-12),
        AtMost(abs(squares.mean() - mean), 5 * error + 1e-12 * np.sum(B**2)),
        AtMost(norms.frobenius_norm(B) / np.sqrt(n), norms.spectral_norm(B)),
    ]


@typical_stretching_is_the_frobenius_norm_over_root_n.mutant
def divided_by_root_n_twice_too_little(B):
    n = B.shape[1]
    x, weight = sphere_rule(n)
    return Equal(np.sum((B @ x) ** 2, axis=0) @ weight, norms.frobenius_norm(B) ** 2 / np.sqrt(n))


def exact_variance(A, distribution):
    V, chance = all_vectors(len(A), distribution)
    sample = np.sum(V * (A @ V), axis=0)
    return (sample - sample @ chance) ** 2 @ chance


def variance_formula(S, fourth):
    diagonal = np.sum(np.diag(S) ** 2)
    return (fourth - 1) * diagonal + 2 * (np.sum(S**2) - diagonal)


@claim("eq-norms-variance", "eq-norms-variance-cases", "thm-norms-variance", A="n,n")
def variance_of_the_estimator(A):
    S, scale = (A + A.T) / 2, np.sum(A**2)
    parts = [
        Equal(exact_variance(A, d), variance_formula(S, fourth), rtol=1e-10, scale=scale)
        for fourth, d in DISTRIBUTIONS.items()
    ]
    signs, gaussian = exact_variance(A, SIGNS), exact_variance(A, LIKE_GAUSSIAN)
    off = sum(S[i, j] ** 2 for i in range(len(S)) for j in range(len(S)) if i != j)
    return [
        *parts,
        Equal(gaussian, 2 * power_sum(S, 2) ** 2, rtol=1e-10, scale=scale),
        Equal(signs, 2 * off, rtol=1e-10, scale=scale),
        Equal(norms.hutchinson_variance(A, "gaussian"), gaussian, rtol=1e-10, scale=scale),
        Equal(norms.hutchinson_variance(A, "rademacher"), signs, rtol=1e-10, scale=scale),
        AtMost(signs, min(exact_variance(A, d) for d in DISTRIBUTIONS.values()) + 1e-10 * scale),
    ]


@variance_of_the_estimator.mutant
def symmetric_part_forgotten(A):
    return Equal(exact_variance(A, LIKE_GAUSSIAN), 2 * np.sum(A**2))


@variance_of_the_estimator.mutant
def diagonal_counts_for_signs_too(A):
    return Equal(exact_variance(A, SIGNS), 2 * np.sum(((A + A.T) / 2) ** 2))


@variance_of_the_estimator.mutant
def factor_two_forgotten(A):
    S = (A + A.T) / 2
    return Equal(exact_variance(A, LIKE_GAUSSIAN), np.sum(S**2))


@claim("eq-norms-hutchpp", A="n,n", G="n,k")
def trace_splits_along_a_subspace(A, G):
    Q = np.linalg.qr(A @ G)[0]
    P = np.eye(len(A)) - Q @ Q.T
    scale = np.abs(A).sum()
    whole = norms.hutch_plus_plus(A, products=3 * max(len(A), 2), seed=0)
    return [
        Equal(P @ P, P, rtol=1e-12, scale=1.0),
        Equal(np.trace(Q.T @ A @ Q) + np.trace(P @ A @ P), np.trace(A), rtol=1e-11, scale=scale),
        Equal(float(whole), np.trace(A), rtol=1e-10, scale=scale),
    ]


@trace_splits_along_a_subspace.mutant
def rest_not_projected(A, G):
    Q = np.linalg.qr(A @ G)[0]
    return Equal(np.trace(Q.T @ A @ Q) + np.trace(A), np.trace(A), scale=1e-3)


# --- from one norm to another ------------------------------------------------------------------------------------


@claim("eq-norms-rank", A="m,n")
def schatten_norms_and_the_rank(A):
    r = np.linalg.matrix_rank(A)
    spectral, frobenius, nuclear = norms.spectral_norm(A), norms.frobenius_norm(A), norms.nuclear_norm(A)
    U, _, Vt = np.linalg.svd(A, full_matrices=False)
    isometry = U[:, :r] @ Vt[:r]
    parts = [
        AtMost(spectral, frobenius),
        AtMost(frobenius, np.sqrt(r) * spectral),
        AtMost(frobenius, nuclear),
        AtMost(nuclear, np.sqrt(r) * frobenius),
    ]
    if r:  # both constants are attained, at equal singular values and at rank one
        parts += [
            Equal(norms.frobenius_norm(isometry), np.sqrt(r) * norms.spectral_norm(isometry), rtol=1e-10),
            Equal(norms.nuclear_norm(isometry), np.sqrt(r) * norms.frobenius_norm(isometry), rtol=1e-10),
            Equal(norms.nuclear_norm(U[:, :1] @ Vt[:1]), norms.spectral_norm(U[:, :1] @ Vt[:1]), rtol=1e-10),
            AtMost(1.0, (frobenius / spectral) ** 2),  # the stable rank
            AtMost((frobenius / spectral) ** 2, r),
        ]
    return parts


@schatten_norms_and_the_rank.mutant
def one_root_for_two_steps(A):
    return AtMost(norms.nuclear_norm(A), np.sqrt(np.linalg.matrix_rank(A)) * norms.spectral_norm(A))


FIVE = {
    "1": lambda A: max(power_sum(a, 1) for a in A.T),
    "2": lambda A: singular_values(A)[0],
    "inf": lambda A: max(power_sum(r, 1) for r in A),
    "F": lambda A: power_sum(A, 2),
    "max": lambda A: power_sum(A, inf),
}


def constants(m, n):
    """The table of the theorem, as it is printed there."""
    root = np.sqrt
    rows = {
        "1": (1, root(m), m, root(m), m),
        "2": (root(n), 1, root(m), 1, root(m * n)),
        "inf": (n, root(n), 1, root(n), n),
        "F": (root(n), root(min(m, n)), root(m), 1, root(m * n)),
        "max": (1, 1, 1, 1, 1),
    }
    return {(a, b): float(c) for a, row in rows.items() for b, c in zip(FIVE, row, strict=True)}


@claim("thm-norms-table", A="m,n")
def best_constants_between_five_matrix_norms(A):
    table, own = constants(*A.shape), norms.matrix_norm_constants(*A.shape)
    sizes = {name: norm(A) for name, norm in FIVE.items()}
    parts = []
    for (a, b), c in table.items():
        extreme = own.extremal(a, b)
        parts += [
            AtMost(sizes[a], c * sizes[b]),
            Equal(FIVE[a](extreme), c * FIVE[b](extreme), rtol=1e-12),
            Equal(own[a, b], c, rtol=1e-12),
        ]
    return parts


@best_constants_between_five_matrix_norms.mutant
def rows_and_columns_exchanged(A):
    return AtMost(FIVE["1"](A), A.shape[1] * FIVE["inf"](A))


@best_constants_between_five_matrix_norms.mutant
def frobenius_norm_at_most_the_spectral_norm(A):
    return AtMost(FIVE["F"](A), FIVE["2"](A))


@claim("eq-norms-submultiplicative", "eq-norms-frobenius-product", "eq-norms-max-product",
       "thm-norms-submultiplicative", A="m,k", B="k,n")  # fmt: skip
def norms_of_products(A, B):
    parts, equal = [], [(p, p, p) for p in EXPONENTS]
    for p, q, r in [*equal, (1, 2, inf), (1, 2, 2), (1, 3, inf), (inf, 1, 1), (2, 2, inf)]:
        outer, inner = norms.induced_norm(A, q, r), norms.induced_norm(B, p, q)
        parts.append(AtMost(float(norms.induced_norm(A @ B, p, r)), outer.upper * inner.upper))
    k = A.shape[1]
    ones = np.ones((2, k)) @ np.ones((k, 3))
    frobenius = power_sum(A @ B, 2)
    return [
        *parts,
        AtMost(frobenius, singular_values(A)[0] * power_sum(B, 2)),
        AtMost(singular_values(A)[0] * power_sum(B, 2), power_sum(A, 2) * power_sum(B, 2)),
        AtMost(norms.elementwise_norm(A @ B, inf), k * power_sum(A, inf) * power_sum(B, inf)),
        Equal(norms.elementwise_norm(ones, inf), float(k)),
    ]


@norms_of_products.mutant
def largest_entry_is_submultiplicative(A, B):
    return AtMost(power_sum(A @ B, inf), power_sum(A, inf) * power_sum(B, inf))


@norms_of_products.mutant
def norms_between_the_factors_do_not_match(A, B):
    return AtMost(float(norms.induced_norm(A @ B, 1, inf)),
                  float(norms.induced_norm(A, 1, inf)) * float(norms.induced_norm(B, 1, inf)))  # fmt: skip


@norms_of_products.mutant
def frobenius_norm_from_spectral_norms_only(A, B):
    return AtMost(power_sum(A @ B, 2), singular_values(A)[0] * singular_values(B)[0])


@claim("eq-norms-invariance", "thm-norms-invariance", A="m,n", Q="m,m orthogonal", P="n,n orthogonal")
def schatten_norms_are_unitarily_invariant(A, Q, P):
    turned = Q @ A @ P
    corner, c = np.eye(2, 3)[:, :1] * np.ones((1, 1)), np.sqrt(0.5)
    rotated = np.array([[c, -c], [c, c]]) @ corner
    return [
        *[Equal(norms.schatten_norm(turned, p), norms.schatten_norm(A, p), rtol=1e-10) for p in EXPONENTS],
        Equal(power_sum(turned, 2), power_sum(A, 2), rtol=1e-10),
        Equal([FIVE[name](corner) for name in ("1", "inf", "max")], [1.0, 1.0, 1.0]),
        Equal([FIVE[name](rotated) for name in ("1", "inf", "max")], [np.sqrt(2), c, c], rtol=1e-12),
        Equal([FIVE[name](rotated.T) for name in ("1", "inf", "max")], [c, np.sqrt(2), c], rtol=1e-12),
    ]


@schatten_norms_are_unitarily_invariant.mutant
def largest_column_sum_is_invariant(A, Q, P):
    return Equal(FIVE["1"](Q @ A @ P), FIVE["1"](A))


@schatten_norms_are_unitarily_invariant.mutant
def largest_entry_is_invariant(A, Q, P):
    return Equal(FIVE["max"](Q @ A @ P), FIVE["max"](A))
