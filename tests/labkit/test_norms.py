"""labkit.norms against closed forms, mpmath, scipy, and brute force."""

import dataclasses
import itertools

import mpmath
import numpy as np
import pytest
import scipy.linalg
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from labkit import norms as no

INF = np.inf
EXPONENTS = [0.1, 0.5, 1.0, 1.5, 2.0, 3.0, 7.5, 50.0, 1e4]
VECTORS = {
    "plain": [3.0, -4.0, 0.0, 1e-3],
    "huge": [3e200, -4e200, 1e199],
    "tiny": [3e-200, -4e-200, 1e-199],
    "subnormal": [3e-310, -4e-310],
    "largest": [1.7e308, -1e300],
    "wide range": [1e200, 1e-200, -5e100],
    "one": [-2.5],
    "complex": [3 + 4j, 1e-3j, -2],
    "complex, huge": [3e200 + 4e200j, 1e200],
}
entries = st.floats(-100, 100).map(lambda a: round(a, 3))


def vectors(n=None):
    return arrays(np.float64, n if n is not None else st.integers(1, 6), elements=entries)


def matrices(m, n):
    return arrays(np.float64, (m, n), elements=entries)


def random_matrix(m, n, seed=0):
    return np.random.default_rng(seed).standard_normal((m, n))


# --- vector norms ---

def exact_norm(x, p):
    """The definition, with 60 digits."""
    with mpmath.workdps(60):
        values = [abs(mpmath.mpmathify(complex(a))) for a in x]
        if p == INF:
            return max(values)
        return sum((v ** mpmath.mpf(p) for v in values if v), mpmath.mpf(0)) ** (1 / mpmath.mpf(p))


@pytest.mark.parametrize("p", [*EXPONENTS, INF])
@pytest.mark.parametrize("x", VECTORS.values(), ids=VECTORS)
def test_vector_norm_against_60_digits(x, p):
    expected = exact_norm(x, p)
    if expected > np.finfo(float).max:
        assert no.vector_norm(x, p) == INF
    else:
        assert no.vector_norm(x, p) == pytest.approx(float(expected), rel=2e-15 * max(1, 1 / p), abs=5e-324)


def test_quasi_norm_counts_entries_far_below_the_largest():
    """(1e-300/1e100)^0.01 = 1e-4: an underflow of the quotient would lose 60 percent of the result."""
    x = [1e100, *[1e-300] * 100]
    assert no.vector_norm(x, 0.01) == pytest.approx(float(exact_norm(x, 0.01)), rel=1e-12)
    assert float(exact_norm(x, 0.01)) > 1.5e100
    assert no.vector_norm([1e-300] * 4, 1e-3) == pytest.approx(4.0 ** 500 * 1e-300 * 4.0 ** 500, rel=1e-11)
    assert no.vector_norm([1.0, 1.0], 1e-310) == INF
    assert no.vector_norm([5e-324, 0.0], 0.25) == 5e-324
    assert no.vector_norm([3.0], 1e-310) == 3
    assert no.vector_norm([1.0, 1e-20], 1e-3) == pytest.approx(float(exact_norm([1, 1e-20], 1e-3)), rel=1e-12)


def test_special_vectors():
    for p in [0, *EXPONENTS, INF]:
        assert no.vector_norm([], p) == 0
        assert no.vector_norm([0, 0], p) == 0
        assert no.vector_norm([0, 1, 0], p) == 1
    assert no.vector_norm([0, 3, -1e-300, 0], 0) == 2
    assert no.vector_norm([1.7e308, 1.7e308], 1) == INF
    assert no.vector_norm([3, 4]) == 5


@pytest.mark.parametrize("p", [-1, -INF, -1e-300, np.nan])
def test_exponents_that_make_no_norm(p):
    with pytest.raises(ValueError, match="p must be at least 0"):
        no.vector_norm([1, 2], p)
    with pytest.raises(ValueError, match="p must be at least 0"):
        no.elementwise_norm([[1, 2]], p)
    with pytest.raises(ValueError, match="at least 1"):
        no.dual_exponent(p)


@given(vectors(4), vectors(4), st.floats(-50, 50), st.sampled_from([1, 1.3, 2, 5, INF]))
@settings(max_examples=80, deadline=None)
def test_axioms(x, y, c, p):
    norm = no.vector_norm
    assert norm(x, p) >= 0
    assert (norm(x, p) == 0) == (not x.any())
    assert norm(c * x, p) == pytest.approx(abs(c) * norm(x, p), rel=1e-12, abs=1e-300)
    assert norm(x + y, p) <= (norm(x, p) + norm(y, p)) * (1 + 1e-14)


def test_below_one_the_triangle_inequality_fails_and_at_zero_homogeneity():
    norm = no.vector_norm
    assert norm([1, 1], 0.5) == pytest.approx(4)
    assert norm([1, 0], 0.5) + norm([0, 1], 0.5) == 2
    assert norm([2, 0], 0) == norm([1, 0], 0)


@given(vectors(5), vectors(5), st.sampled_from([0.2, 0.5, 0.9]))
@settings(max_examples=40, deadline=None)
def test_quasi_triangle_inequality(x, y, p):
    factor = 2 ** (1 / p - 1)
    assert no.vector_norm(x + y, p) <= factor * (no.vector_norm(x, p) + no.vector_norm(y, p)) * (1 + 1e-12)


@given(vectors(), st.sampled_from([0.3, 0.7, 1, 2, 3.5, INF]), st.sampled_from([0.3, 0.7, 1, 2, 3.5, INF]))
@settings(max_examples=60, deadline=None)
def test_equivalence_of_norms(x, p, q):
    n = len(x)
    c = no.norm_equivalence(p, q, n)
    assert no.vector_norm(x, p) <= c * no.vector_norm(x, q) * (1 + 1e-12)
    extremal = np.ones(n) if p < q else np.eye(n)[0]
    assert no.vector_norm(extremal, p) == pytest.approx(c * no.vector_norm(extremal, q))


def test_norm_equivalence_values_and_errors():
    assert no.norm_equivalence(1, 2, 9) == 3
    assert no.norm_equivalence(1, INF, 9) == 9
    assert no.norm_equivalence(INF, 1, 9) == 1
    for bad in [(0, 1, 3), (1, 0, 3), (1, 2, 0)]:
        with pytest.raises(ValueError, match="must be positive and n at least 1"):
            no.norm_equivalence(*bad)


def test_dual_exponent():
    assert [no.dual_exponent(p) for p in (1, 1.5, 2, 4, INF)] == [INF, 3, 2, pytest.approx(4 / 3), 1]


@given(vectors(), st.sampled_from([1, 1.1, 1.5, 2, 3, 10, INF]))
@settings(max_examples=60, deadline=None)
def test_dual_vector_attains_hoelder(x, p):
    y = no.dual_vector(x, p)
    assert no.vector_norm(y, no.dual_exponent(p)) == pytest.approx(1)
    assert y @ x == pytest.approx(no.vector_norm(x, p), rel=1e-12, abs=1e-300)


def test_dual_vector_special_cases():
    assert_array_equal(no.dual_vector([0, 0], 1), [1, 1])
    assert_array_equal(no.dual_vector([0, 0], 3), [1, 0])
    assert_array_equal(no.dual_vector([1, -2, 2], INF), [0, -1, 0])
    assert_array_equal(no.dual_vector([0, -2], 1), [1, -1])
    assert_allclose(no.dual_vector([3e200, -4e200]), [0.6, -0.8])
    with pytest.raises(ValueError, match="at least one entry"):
        no.dual_vector([], 2)


# --- matrix norms without induction ---

@pytest.mark.parametrize("scale", [1e-310, 1e-200, 1, 1e200])
@pytest.mark.parametrize("shape", [(3, 3), (2, 5), (5, 2), (1, 1)])
def test_matrix_norms_against_scipy(shape, scale):
    A = random_matrix(*shape)
    s = scipy.linalg.svdvals(A)
    rel = 1e-9 if scale < 1e-300 else 1e-13
    assert no.frobenius_norm(A * scale) / scale == pytest.approx(scipy.linalg.norm(A), rel=rel)
    assert no.spectral_norm(A * scale) / scale == pytest.approx(s[0], rel=rel)
    assert no.nuclear_norm(A * scale) / scale == pytest.approx(s.sum(), rel=rel)
    assert no.schatten_norm(A * scale, 3) / scale == pytest.approx((s ** 3).sum() ** (1 / 3), rel=rel)
    assert no.elementwise_norm(A * scale, 1) / scale == pytest.approx(np.abs(A).sum(), rel=rel)


def test_frobenius_norm_through_the_trace_and_vec():
    A = random_matrix(4, 3)
    assert no.frobenius_norm(A) == pytest.approx(np.sqrt(np.trace(A.T @ A)))
    assert no.frobenius_norm(A) == pytest.approx(no.vector_norm(A.ravel(order="F")))
    assert no.schatten_norm(A) == pytest.approx(no.elementwise_norm(A)) == pytest.approx(no.frobenius_norm(A))


def test_spectral_norm_is_not_the_largest_eigenvalue():
    assert no.spectral_norm([[1, 100], [0, 1]]) == pytest.approx((100 + np.sqrt(100 ** 2 + 4)) / 2)
    A = random_matrix(4, 4)
    assert no.spectral_norm(A) == pytest.approx(np.sqrt(scipy.linalg.eigvalsh(A.T @ A)[-1]))


def test_nuclear_norm_is_the_trace_of_the_root():
    A = random_matrix(5, 3)
    assert no.nuclear_norm(A) == pytest.approx(np.trace(scipy.linalg.sqrtm(A.T @ A)))


@given(matrices(3, 4), matrices(4, 2), st.sampled_from([1, 2, 3, INF]))
@settings(max_examples=50, deadline=None)
def test_schatten_norms_are_submultiplicative_and_unitarily_invariant(A, B, p):
    assert no.schatten_norm(A @ B, p) <= no.schatten_norm(A, p) * no.schatten_norm(B, p) * (1 + 1e-12) + 1e-9
    Q = np.linalg.qr(random_matrix(3, 3))[0]
    W = np.linalg.qr(random_matrix(4, 4, 1))[0]
    assert no.schatten_norm(Q @ A @ W, p) == pytest.approx(no.schatten_norm(A, p), rel=1e-12, abs=1e-9)


def test_the_largest_entry_is_not_submultiplicative():
    A = np.ones((2, 2))
    assert no.elementwise_norm(A @ A, INF) > no.elementwise_norm(A, INF) ** 2


def test_complex_matrices():
    Z = np.array([[1 + 1j, 2], [0, -3j]])
    assert no.frobenius_norm(Z) == pytest.approx(np.sqrt(15))
    assert no.spectral_norm(Z) == pytest.approx(scipy.linalg.svdvals(Z)[0])
    with pytest.raises(TypeError, match="complex"):
        no.induced_norm(Z)


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_empty_matrices_have_norm_zero(shape):
    A = np.zeros(shape)
    for norm in (no.frobenius_norm, no.spectral_norm, no.nuclear_norm, no.elementwise_norm, no.schatten_norm):
        assert norm(A) == 0
    result = no.induced_norm(A, 3, 4, maximiser=True)
    assert (result.value, result.upper, result.exact) == (0, 0, True)
    if shape[1]:
        assert no.vector_norm(result.maximiser, 3) == 1
    else:
        assert result.maximiser is None


def test_schatten_refuses_p_below_one():
    with pytest.raises(ValueError, match="at least 1"):
        no.schatten_norm(np.eye(2), 0.5)


# --- induced norms ---

PAIRS = [(p, q) for p in (1, 1.5, 2, 3, INF) for q in (1, 1.5, 2, 3, INF)]
MATRICES = {
    "square": random_matrix(3, 3),
    "wide": random_matrix(2, 4, 1),
    "tall": random_matrix(4, 2, 2),
    "row": random_matrix(1, 3, 3),
    "column": random_matrix(3, 1, 4),
    "rank one": np.outer([1.0, -2, 0.5], [3.0, 0, -1]),
    "diagonal": np.diag([3.0, -4.0, 0.5]),
    "wide diagonal": np.eye(2, 3) * [[2.0], [-1.0]],
    "nonnegative": np.abs(random_matrix(3, 4, 5)),
    "nonpositive": -np.abs(random_matrix(4, 3, 6)),
    "zero": np.zeros((2, 3)),
    "signs": np.array([[1.0, 1, 1], [1, -1, 1], [1, 1, -1]]),
}


def best_by_search(A, p, q, starts=12):
    """max ‖Ax‖_q over ‖x‖_p = 1 by local optimisation from many starts, plus all sign vectors and unit vectors."""
    n = A.shape[1]

    def value(x):
        size = np.linalg.norm(x, p)
        return np.linalg.norm(A @ x, q) / size if size else 0.0

    candidates = [np.array(s, dtype=float) for s in itertools.product([-1, 0, 1], repeat=n) if any(s)]
    best = max(value(x) for x in candidates)
    rng = np.random.default_rng(0)
    for _ in range(starts):
        found = scipy.optimize.minimize(lambda x: -value(x), rng.standard_normal(n), method="Nelder-Mead",
                                        options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 1000})
        best = max(best, -found.fun)
    return best


@pytest.mark.parametrize(("p", "q"), PAIRS)
@pytest.mark.parametrize("name", MATRICES)
def test_induced_norm_against_brute_force(name, p, q):
    A = MATRICES[name]
    result = no.induced_norm(A, p, q, maximiser=True)
    found = best_by_search(A, p, q, starts=1)
    assert result.value >= found * (1 - 1e-6)
    assert found <= result.upper * (1 + 1e-9)
    x = result.maximiser
    assert np.linalg.norm(x, p) == pytest.approx(1)
    assert np.linalg.norm(A @ x, q) == pytest.approx(result.value, rel=1e-10, abs=1e-300)
    assert float(result) == result.value
    if result.exact:
        assert result.upper == result.value
        assert " = " in str(result)
    else:
        assert result.upper >= result.value
        assert " ≤ ‖A‖_{" in str(result)


HARD = {(1.5, 1.5), (1.5, 2), (1.5, 3), (2, 1.5), (2, 3), (3, 1.5), (3, 2), (3, 3)}


@pytest.mark.parametrize(("p", "q"), PAIRS)
def test_which_norms_are_exact(p, q):
    assert no.induced_norm(MATRICES["square"], p, q).exact == ((p, q) not in HARD)
    for name in ("row", "column", "rank one", "diagonal", "wide diagonal", "zero"):
        assert no.induced_norm(MATRICES[name], p, q).exact


@pytest.mark.parametrize(("p", "q", "method"), [
    (1, 3, "largest 3-norm of a column"), (3, INF, "largest 1.5-norm of a row"), (2, 2, "largest singular value"),
    (INF, INF, "largest 1-norm of a row"), (INF, 1, "enumeration"), (INF, 3, "enumeration"), (3, 1, "enumeration"),
    (3, 3, "power method from 20 starts")])
def test_the_method_is_named(p, q, method):
    assert method in no.induced_norm(MATRICES["square"], p, q).method
    assert method in str(no.induced_norm(MATRICES["square"], p, q))


def test_special_structure_is_recognised():
    methods = {name: no.induced_norm(MATRICES[name], INF, 1).method.split(":")[0] for name in MATRICES}
    assert methods["rank one"] == methods["row"] == methods["column"] == methods["zero"] == "rank one"
    assert methods["diagonal"] == methods["wide diagonal"] == "diagonal"
    assert methods["nonnegative"] == methods["nonpositive"] == "nonnegative"
    assert methods["square"] == "enumeration of sign vectors"
    assert no.induced_norm(np.eye(3), 2, 3).method == "diagonal: largest |d_i|"
    assert no.induced_norm(np.eye(3), 3, 2).method == "diagonal: ‖d‖_r with r = 6"


def test_one_and_infinity_norm_are_not_swapped():
    A = [[1, 2], [3, -4]]
    assert no.induced_norm(A, 1).value == 6          # columns
    assert no.induced_norm(A, INF).value == 7        # rows
    assert no.induced_norm(A, 1, INF).value == 4     # the largest entry


@given(matrices(4, 5))
@settings(max_examples=25, deadline=None)
def test_infinity_to_one_against_all_signs(A):
    signs = np.array(list(itertools.product([-1, 1], repeat=5)), dtype=float)
    expected = np.abs(A @ signs.T).sum(axis=0).max()
    assert no.induced_norm(A, INF, 1).value == pytest.approx(expected, rel=1e-12, abs=1e-9)
    assert no.induced_norm(A.T, INF, 1).value == pytest.approx(expected, rel=1e-12, abs=1e-9)


def test_enumeration_takes_the_shorter_side():
    A = random_matrix(3, 200)
    result = no.induced_norm(A, INF, 1, maximiser=True)
    assert result.exact
    signs = np.array(list(itertools.product([-1, 1], repeat=3)), dtype=float)
    assert result.value == pytest.approx(np.abs(signs @ A).sum(axis=1).max())
    assert_array_equal(np.abs(result.maximiser), 1)
    assert no.induced_norm(A.T, INF, 1).value == pytest.approx(result.value)


def test_enumeration_over_more_than_one_block():
    A = random_matrix(15, 15, 8)
    result = no.induced_norm(A, INF, 1)
    best = -1
    for tail in itertools.product([-1, 1], repeat=4):             # 2^14 signs in an order of its own
        signs = np.array(list(itertools.product([-1, 1], repeat=10)), dtype=float).T
        S = np.vstack([np.tile(np.array([1, *tail])[:, None], signs.shape[1]), signs])
        best = max(best, np.abs(A @ S).sum(axis=0).max())
    assert result.exact
    assert result.value == pytest.approx(best)


def test_sign_blocks_hold_every_sign_vector_once():
    for n in (1, 2, 5, 14):
        S = np.hstack(list(no._sign_blocks(n)))
        assert S.shape == (n, 2 ** (n - 1))
        assert len({tuple(s) for s in S.T}) == 2 ** (n - 1)
        assert (S[-1] == 1).all()
        assert_array_equal(np.abs(S), 1)
        assert max(B.shape[1] for B in no._sign_blocks(n)) <= 4096


def test_beyond_the_limit_only_bounds_are_claimed(monkeypatch):
    A = random_matrix(12, 12, 9)
    exact = no.induced_norm(A, INF, 1)
    monkeypatch.setattr(no, "ENUMERATION_LIMIT", 11)
    bound = no.induced_norm(A, INF, 1, maximiser=True)
    assert exact.exact
    assert not bound.exact
    assert bound.value <= exact.value * (1 + 1e-12)
    assert bound.value > 0.9 * exact.value
    assert exact.value <= bound.upper
    assert np.abs(A @ bound.maximiser).sum() == pytest.approx(bound.value)
    monkeypatch.setattr(no, "ENUMERATION_LIMIT", 12)
    assert no.induced_norm(A, INF, 1).exact


def test_the_limit_is_twenty_signs():
    assert no.ENUMERATION_LIMIT == 20
    assert not no.induced_norm(random_matrix(21, 21), INF, 1, starts=1).exact


@pytest.mark.parametrize(("p", "q"), sorted(HARD))
@pytest.mark.parametrize("seed", [0, 1])
def test_bounds_of_hard_norms_enclose_and_are_not_far_apart(p, q, seed):
    A = random_matrix(4, 4, seed + 20)
    result = no.induced_norm(A, p, q)
    assert best_by_search(A, p, q, starts=6) <= result.value * (1 + 1e-6)
    assert result.value <= result.upper <= 2 * result.value


def test_the_upper_bounds_are_the_best_of_those_stated():
    """Each of the four kinds of bound is the least one on some matrix."""
    A = np.array([[1.0, 2], [3, -4]])
    dual = 1.5
    rows = np.linalg.norm(np.linalg.norm(A, dual, axis=1), 3)
    columns = np.linalg.norm(np.linalg.norm(A, 3, axis=0), dual)
    through_two = 2 ** (1 / 2 - 1 / 3) * np.linalg.norm(A, 2)
    between = np.linalg.norm(A, 2) ** (2 / 3) * np.linalg.norm(A, INF) ** (1 / 3)
    assert no.induced_norm(A, 3).upper == pytest.approx(min(rows, columns, through_two, between))
    rows = np.linalg.norm(np.linalg.norm(A, 3, axis=1), 1.5)
    columns = np.linalg.norm(np.linalg.norm(A, 1.5, axis=0), 3)
    through_two = 2 ** (1 / 1.5 - 1 / 2) * np.linalg.norm(A, 2)
    between = np.linalg.norm(A, 1) ** (1 / 3) * np.linalg.norm(A, 2) ** (2 / 3)
    assert no.induced_norm(A, 1.5).upper == pytest.approx(min(rows, columns, through_two, between))
    for name, B, p, q in [("rows", np.array([[1.0, 1], [1, -1.1]]), 1.1, 3.0),
                          ("columns", np.array([[1.0, 1], [1, -1.1]]), 5.0, 1.1),
                          ("through 2", np.array([[1.0, 1], [1, -1.1]]), 2.2, 1.9)]:
        P = p / (p - 1)
        bounds = {"rows": np.linalg.norm(np.linalg.norm(B, P, axis=1), q),
                  "columns": np.linalg.norm(np.linalg.norm(B, q, axis=0), P),
                  "through 2": no.norm_equivalence(2, p, 2) * np.linalg.norm(B, 2) * no.norm_equivalence(q, 2, 2)}
        assert no.induced_norm(B, p, q).upper == pytest.approx(min(bounds.values())), name
    assert no.induced_norm(np.eye(2) + 1e-3 * A, 2.2).upper < 1.01


def test_interpolation_is_used_towards_the_right_end():
    """For p < 2 between the 1- and the 2-norm (columns), for p > 2 between the 2- and the ∞-norm (rows)."""
    A = np.array([[1.0, 1, 1], [0.1, -0.1, 0.1], [0.1, 0.1, -0.2]])
    two = np.linalg.norm(A, 2)
    for p, bound in [(1.9, np.linalg.norm(A, 1) ** (2 / 1.9 - 1) * two ** (2 - 2 / 1.9)),
                     (2.1, two ** (2 / 2.1) * np.linalg.norm(A, INF) ** (1 - 2 / 2.1))]:
        for B, q in [(A, p), (A.T, p / (p - 1))]:
            assert no.induced_norm(B, q).upper == pytest.approx(bound)
            assert not no.induced_norm(B, q).exact


@pytest.mark.parametrize(("p", "q"), sorted(HARD))
def test_the_climb_ends_at_a_stationary_point(p, q):
    for seed in range(3):
        A = random_matrix(8, 9, seed)
        found = no.induced_norm(A, p, q, maximiser=True)
        y = no.dual_vector(A @ found.maximiser, q)
        x = no.dual_vector(A.T @ y, no.dual_exponent(p))
        assert np.linalg.norm(A @ x, q) <= found.value * (1 + 1e-6)


def test_a_start_that_is_stuck_does_not_stop_the_others():
    """The first start is the one-hot vector of the largest column: here a stationary point, but no maximum."""
    M = np.array([[1.0, 0.9, -1], [1, -1, 0.8], [-0.7, 1, 1]])
    largest = np.linalg.norm(M, 3, axis=0).max()
    A = scipy.linalg.block_diag([[1.01 * largest]], M)
    inner = no.induced_norm(M, 3)
    assert inner.value > 1.1 * largest
    assert no.induced_norm(A, 3).value == pytest.approx(inner.value, rel=1e-9)


def test_structure_is_recognised_at_sizes_that_cannot_be_enumerated():
    A = np.abs(random_matrix(25, 30))
    assert no.induced_norm(A, INF, 3).value == pytest.approx(np.linalg.norm(A.sum(axis=1), 3))
    assert no.induced_norm(-A, 3, 1).value == pytest.approx(np.linalg.norm(A.sum(axis=0), 1.5))
    for B in (A, -A):
        assert no.induced_norm(B, INF, 3).exact
        assert no.induced_norm(B, 3, 1).exact
        assert not no.induced_norm(B, 3, starts=1).exact
    u, v = np.r_[0, np.arange(1.0, 26)], np.r_[0, np.arange(1.0, 26)]
    for B in (np.outer(u, v), -np.outer(u, v)):
        assert no.induced_norm(B, 3).method.startswith("rank one")
        assert no.induced_norm(B, 3).value == pytest.approx(np.linalg.norm(u, 3) * np.linalg.norm(v, 1.5))


def test_default_seeds():
    A = random_matrix(6, 6, 50)
    assert no.induced_norm(A, 3, starts=5).value == no.induced_norm(A, 3, starts=5, seed=0).value
    assert_array_equal(no.estimate_spectral_norm(A).history, no.estimate_spectral_norm(A, seed=0).history)


def test_more_starts_never_make_it_worse():
    A = random_matrix(10, 10, 30)
    values = [no.induced_norm(A, 4, 1.5, starts=k, seed=1).value for k in (1, 2, 3, 10, 40)]
    assert values == sorted(values)
    assert no.induced_norm(A, 4, 1.5, seed=1).value == no.induced_norm(A, 4, 1.5, seed=1).value


@given(matrices(3, 3), st.sampled_from([1, 1.5, 2, 4, INF]), st.sampled_from([1, 1.5, 2, 4, INF]))
@settings(max_examples=30, deadline=None)
def test_induced_norm_properties(A, p, q):
    result = no.induced_norm(A, p, q)
    x = np.array([1.0, -2, 0.5])
    assert np.linalg.norm(A @ x, q) <= result.upper * np.linalg.norm(x, p) * (1 + 1e-9) + 1e-9
    dual = no.induced_norm(A.T, no.dual_exponent(q), no.dual_exponent(p))
    assert dual.value <= result.upper * (1 + 1e-9) + 1e-9
    if result.exact and dual.exact:
        assert dual.value == pytest.approx(result.value, rel=1e-9, abs=1e-9)
    double = no.induced_norm(-2 * A, p, q)
    assert double.value == pytest.approx(2 * result.value, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("p", "q"), [(1, 1), (1, 2), (2, 2), (INF, INF), (3, INF), (INF, 1), (3, 1), (3, 3)])
@pytest.mark.parametrize("exponent", [-1040, -700, 700])
def test_induced_norm_at_any_scale(p, q, exponent):
    A = np.array([[1.0, 2], [3, -4]])
    expected = no.induced_norm(A, p, q)
    result = no.induced_norm(np.ldexp(A, exponent), p, q)
    assert np.ldexp(result.value, -exponent) == pytest.approx(expected.value, rel=1e-9)
    assert np.ldexp(result.upper, -exponent) == pytest.approx(expected.upper, rel=1e-9)


@pytest.mark.parametrize("p", [1, 2, INF])
def test_induced_norm_against_scipy(p):
    A = random_matrix(20, 30)
    assert no.induced_norm(A, p).value == pytest.approx(scipy.linalg.norm(A, p), rel=1e-13)


def test_maximiser_of_two_norm_has_a_fixed_sign():
    for A in (random_matrix(3, 3), -random_matrix(3, 3)):
        x = no.induced_norm(A, maximiser=True).maximiser
        assert x[np.abs(x).argmax()] > 0
    assert no.induced_norm(np.eye(2)).maximiser is None
    assert no.induced_norm(np.eye(2), 1).maximiser is None


def test_columns_of_very_different_size():
    A = np.array([[1.0, 1e-200], [-1.0, 1e-200]])
    assert no.induced_norm(A, 1, 3).value == pytest.approx(2 ** (1 / 3))
    assert no.induced_norm(A[:, 1:], 1, 3).value == pytest.approx(2 ** (1 / 3) * 1e-200)
    assert no.induced_norm([[0.0, 1], [0, 1]], 1, 2).value == pytest.approx(2 ** 0.5)


def test_induced_norm_refuses():
    for p, q in [(0.5, 1), (1, 0.5), (0, None), (np.nan, None)]:
        with pytest.raises(ValueError, match="at least 1"):
            no.induced_norm(np.eye(2), p, q)
    with pytest.raises(ValueError, match="starts must be at least 1; it is 0"):
        no.induced_norm(np.eye(2), starts=0)


# --- power iteration ---

@pytest.mark.parametrize("shape", [(4, 4), (3, 6), (6, 3), (1, 1)])
@pytest.mark.parametrize("scale", [1e-200, 1, 1e200])
def test_power_iteration_finds_the_spectral_norm(shape, scale):
    A = random_matrix(*shape)
    found = no.estimate_spectral_norm(A * scale, tolerance=1e-14)
    sigma = scipy.linalg.svdvals(A)[0]
    assert found.value / scale == pytest.approx(sigma, rel=1e-9)
    assert found.converged
    assert np.linalg.norm(A @ found.vector) == pytest.approx(found.value / scale, rel=1e-12)
    assert np.linalg.norm(found.vector) == pytest.approx(1)
    history = found.history / scale
    assert (np.diff(history) >= -1e-14 * sigma).all()
    assert found.value / scale == history.max()


def test_power_iteration_converges_at_the_rate_stated():
    A = np.diag([2.0, 1.0])                              # (σ₂/σ₁)⁴ = 1/16 a step
    errors = 2 - no.estimate_spectral_norm(A, tolerance=0, max_iterations=7, seed=1).history
    assert_allclose(errors[3:6] / errors[2:5], 1 / 16, rtol=0.05)


def test_power_iteration_says_when_it_has_not_converged():
    A = random_matrix(30, 30)
    one = no.estimate_spectral_norm(A, max_iterations=1)
    assert not one.converged
    assert len(one.history) == 1
    assert "not converged" in str(one)
    assert one.value <= no.spectral_norm(A)
    assert "not" not in str(no.estimate_spectral_norm(A))
    with pytest.raises(ValueError, match="at least 1; it is 0"):
        no.estimate_spectral_norm(A, max_iterations=0)


@pytest.mark.parametrize("shape", [(2, 3), (0, 3), (3, 0), (0, 0)])
def test_power_iteration_of_zero(shape):
    found = no.estimate_spectral_norm(np.zeros(shape))
    assert (found.value, found.converged, len(found.history)) == (0, True, 1)


# --- estimators of the trace ---

A_TRACE = random_matrix(6, 6, 40)


def exact_distribution(A, f):
    """Mean and variance of f(z) over all sign vectors z."""
    values = np.array([f(np.array(z, dtype=float)) for z in itertools.product([-1, 1], repeat=A.shape[1])])
    return values.mean(), values.var()


@pytest.mark.parametrize("A", [A_TRACE, A_TRACE + A_TRACE.T, np.eye(6), np.zeros((6, 6))])
def test_hutchinson_variance_with_signs_over_all_signs(A):
    mean, variance = exact_distribution(A, lambda z: z @ A @ z)
    assert mean == pytest.approx(np.trace(A), abs=1e-12)
    assert no.hutchinson_variance(A) == pytest.approx(variance, abs=1e-12)
    mean, variance = exact_distribution(A, lambda z: (A @ z) @ (A @ z))
    assert mean == pytest.approx(no.frobenius_norm(A) ** 2, abs=1e-12)
    assert no.hutchinson_variance(A.T @ A) == pytest.approx(variance, abs=1e-10)


def test_hutchinson_variance_with_normal_vectors_by_the_eigenvalues():
    """zᵀSz = Σ λ_i g_i² with independent normal g_i, whose squares have variance 2."""
    lam = np.linalg.eigvalsh((A_TRACE + A_TRACE.T) / 2)
    assert no.hutchinson_variance(A_TRACE, "gaussian") == pytest.approx(2 * (lam ** 2).sum())
    assert no.hutchinson_variance(A_TRACE) <= no.hutchinson_variance(A_TRACE, "gaussian")
    assert no.hutchinson_variance(1e-160 * np.ones((2, 2))) == pytest.approx(4e-320, rel=1e-3)
    with pytest.raises(ValueError, match="'normal'"):
        no.hutchinson_variance(A_TRACE, "normal")


@pytest.mark.parametrize("distribution", ["rademacher", "gaussian"])
@pytest.mark.parametrize("estimator", [no.hutchinson_trace, no.hutchinson_frobenius, no.hutch_plus_plus])
def test_estimators_are_unbiased_and_their_standard_errors_honest(estimator, distribution):
    A = A_TRACE @ A_TRACE.T + np.diag(np.arange(6.0))
    exact = no.frobenius_norm(A) ** 2 if estimator is no.hutchinson_frobenius else np.trace(A)
    runs = [estimator(A, 12, distribution, seed=k) for k in range(400)]
    values = np.array([float(r) for r in runs])
    spread = values.std(ddof=1)
    assert abs(values.mean() - exact) < 4 * spread / 20
    errors = np.array([r.standard_error for r in runs])
    assert np.sqrt((errors ** 2).mean()) == pytest.approx(spread, rel=0.25)
    assert {r.products for r in runs} == {12}


@pytest.mark.parametrize("distribution", ["rademacher", "gaussian"])
def test_variance_of_the_estimator_is_the_formula(distribution):
    values = [no.hutchinson_trace(A_TRACE, 10, distribution, seed=k).value for k in range(2000)]
    assert np.var(values) == pytest.approx(no.hutchinson_variance(A_TRACE, distribution) / 10, rel=0.15)


def test_hutch_plus_plus_beats_hutchinson_at_equal_cost():
    rng = np.random.default_rng(3)
    Q = np.linalg.qr(rng.standard_normal((80, 80)))[0]
    A = (Q * np.arange(1, 81.0) ** -2) @ Q.T
    plain = [no.hutchinson_trace(A, 60, seed=k).value for k in range(30)]
    better = [no.hutch_plus_plus(A, 60, seed=k).value for k in range(30)]
    exact = np.trace(A)
    assert np.abs(np.subtract(better, exact)).mean() < 0.2 * np.abs(np.subtract(plain, exact)).mean()


def test_hutch_plus_plus_is_exact_when_the_sketch_spans_everything():
    result = no.hutch_plus_plus(A_TRACE, 18, seed=0)
    assert result.value == pytest.approx(np.trace(A_TRACE))
    assert (result.standard_error, result.products) == (0, 12)
    assert "spans everything" in str(result)
    nearly = no.hutch_plus_plus(A_TRACE, 17, seed=0)
    assert nearly.products == 15
    assert nearly.standard_error > 0
    low = np.outer(np.arange(50.0), np.ones(50))
    assert no.hutch_plus_plus(low, 9, seed=0).value == pytest.approx(np.trace(low))


def test_matrix_free_operators_give_the_same_numbers():
    for estimator in (no.hutchinson_trace, no.hutchinson_frobenius, no.hutch_plus_plus):
        direct = estimator(A_TRACE, 12, seed=5)
        free = estimator(lambda Z: A_TRACE @ Z, 12, n=6, seed=5)
        assert (direct.value, direct.standard_error) == (free.value, free.standard_error)
    B = random_matrix(3, 5)
    assert no.hutchinson_frobenius(lambda Z: B @ Z, 12, n=5, seed=5).value == no.hutchinson_frobenius(
        B, 12, seed=5).value


@pytest.mark.parametrize("scale", [1e-150, 1e200])
def test_estimators_at_extreme_scales(scale):
    plain, scaled = no.hutchinson_trace(A_TRACE, seed=1), no.hutchinson_trace(A_TRACE * scale, seed=1)
    assert scaled.value / scale == pytest.approx(plain.value, rel=1e-12)
    assert scaled.standard_error / scale == pytest.approx(plain.standard_error, rel=1e-12)
    plus, scaled = no.hutch_plus_plus(A_TRACE, 12, seed=1), no.hutch_plus_plus(A_TRACE * scale, 12, seed=1)
    assert scaled.value / scale == pytest.approx(plus.value, rel=1e-10)
    assert no.hutchinson_frobenius(A_TRACE * 1e200, seed=1).value == INF
    assert no.hutchinson_frobenius(A_TRACE * 1e-150, seed=1).value == pytest.approx(
        no.hutchinson_frobenius(A_TRACE, seed=1).value * 1e-300, rel=1e-12)


def test_signs_are_exact_for_diagonal_matrices_and_normal_vectors_are_not():
    D = np.diag([1.0, -2, 7])
    exact = no.hutchinson_trace(D, 5, seed=0)
    assert (exact.value, exact.standard_error) == (6, 0)
    assert no.hutchinson_trace(D, 5, "gaussian", seed=0).standard_error > 0
    assert str(exact) == "6 ± 0 (Hutchinson, rademacher, 5 products)"


def test_estimators_refuse():
    for estimator in (no.hutchinson_trace, no.hutchinson_frobenius):
        with pytest.raises(ValueError, match=r"samples must be at least 2.*it is 1"):
            estimator(A_TRACE, 1)
        assert estimator(A_TRACE, 2, seed=0).products == 2
    with pytest.raises(ValueError, match=r"products must be at least 6.*it is 5"):
        no.hutch_plus_plus(A_TRACE, 5)
    assert no.hutch_plus_plus(A_TRACE, 6, seed=0).products == 6
    with pytest.raises(ValueError, match="distribution must be"):
        no.hutchinson_trace(A_TRACE, 5, "uniform")
    with pytest.raises(ValueError, match="square"):
        no.hutchinson_trace(np.ones((2, 3)))
    with pytest.raises(ValueError, match="leave n out"):
        no.hutchinson_trace(A_TRACE, n=5)
    for n in (None, 0):
        with pytest.raises(ValueError, match="n must tell the length"):
            no.hutchinson_trace(lambda Z: Z, n=n)
    for estimator in (no.hutchinson_trace, no.hutch_plus_plus):
        with pytest.raises(ValueError, match="NaN or infinite"):
            estimator(np.full((30, 30), 1e308), 12, seed=0)
    with pytest.raises(ValueError, match=r"shape \(3, 4\) to the same shape; it returned \(2, 4\)"):
        no.hutchinson_trace(lambda Z: Z[:2], 4, n=3)
    with pytest.raises(ValueError, match=r"to as many columns; it returned \(3, 2\)"):
        no.hutchinson_frobenius(lambda Z: Z[:, :2], 4, n=3)


# --- constants between matrix norms ---

@pytest.mark.parametrize("shape", [(1, 1), (2, 2), (2, 5), (5, 2), (4, 1)])
def test_constants_are_valid_and_attained(shape):
    table = no.matrix_norm_constants(*shape)
    norms = {"1": lambda A: np.linalg.norm(A, 1), "2": lambda A: np.linalg.norm(A, 2),
             "inf": lambda A: np.linalg.norm(A, INF), "F": np.linalg.norm, "max": lambda A: np.abs(A).max()}
    for a, b in itertools.product(table.names, repeat=2):
        for seed in range(5):
            A = random_matrix(*shape, seed)
            assert norms[a](A) <= table[a, b] * norms[b](A) * (1 + 1e-12)
        E = table.extremal(a, b)
        assert E.shape == shape
        assert norms[a](E) == pytest.approx(table[a, b] * norms[b](E)), (a, b)


def test_constants_refuse_empty_shapes():
    for shape in [(0, 2), (2, 0)]:
        with pytest.raises(ValueError, match="at least 1"):
            no.matrix_norm_constants(*shape)


@pytest.mark.parametrize("function", [
    no.frobenius_norm, no.elementwise_norm, no.schatten_norm, no.nuclear_norm, no.spectral_norm, no.induced_norm,
    no.estimate_spectral_norm, no.hutchinson_trace, no.hutchinson_variance, no.hutch_plus_plus])
def test_nan_is_refused_and_input_not_written_to(function):
    A = np.array([[1.0, 2], [3, 4]])
    before = A.copy()
    function(A)
    assert_array_equal(A, before)
    with pytest.raises(ValueError, match="NaN or infinite"):
        function([[1, np.nan], [0, 1]])
    with pytest.raises(ValueError, match=r"matrix \(two axes\)"):
        function([1.0, 2.0])


def test_results_are_frozen():
    kinds = [kind for kind in vars(no).values() if isinstance(kind, type) and dataclasses.is_dataclass(kind)]
    assert kinds
    assert all(kind.__dataclass_params__.frozen for kind in kinds)
