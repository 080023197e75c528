"""The normal form: it proves the identities of the course, and never proves what is false."""

from itertools import pairwise

import numpy as np
import pytest
from matcalc_random import random_function

from labkit.matcalc import derive, parse
from labkit.matcalc.checking import differs
from labkit.matcalc.equality import same
from labkit.matcalc.sampling import points

NAMES = (
    "A: n,n; B: n,n; C: n,n; M: m,n; N: m,n; P: m,n; S: n,n symmetric; K: n,n spd; x: n; z: n; w: m; "
    "t: scalar; r: scalar; y: n onehot; Q: p,n"
)
EQUAL = [
    ("tr(A @ B @ C)", "tr(C @ A @ B)"),
    ("tr(A @ B)", "tr(B.T @ A.T)"),
    ("(A @ B).T", "B.T @ A.T"),
    ("inv(A @ B)", "inv(B) @ inv(A)"),
    ("inv(A).T", "inv(A.T)"),
    ("inv(inv(A + B))", "A + B"),
    ("A @ inv(A)", "eye(n)"),
    ("x.T @ A @ z", "z.T @ A.T @ x"),
    ("tr(x @ z.T)", "x.T @ z"),
    ("x @ (z.T @ x)", "x @ x.T @ z"),
    ("tr(M.T @ (N * P))", "tr((M * N).T @ P)"),
    ("sum(M * N)", "inner(M, N)"),
    ("sum(M)", "ones(m).T @ M @ ones(n)"),
    ("(A + B) @ C", "A @ C + B @ C"),
    ("(x + z)**2", "x * x + 2 * x * z + z**2"),
    ("norm(x)**2", "x.T @ x"),
    ("norm(M)**2", "tr(M @ M.T)"),
    ("norm(x)**3", "norm(x) * (x.T @ x)"),
    ("S.T", "S"),
    ("tr(S @ A)", "tr(S @ A.T)"),
    ("inv(K).T", "inv(K)"),
    ("x / norm(x)", "norm(x)**-1 * x"),
    ("logsumexp(x)", "log(sum(exp(x)))"),
    ("softmax(x)", "exp(x) / sum(exp(x))"),
    ("log_softmax(x)", "x - logsumexp(x) * ones(n)"),
    ("sum(y)", "1"),
    ("tr(eye(n))", "n"),
    ("ones(n).T @ ones(n)", "n"),
    ("det(A.T)", "det(A)"),
    ("det(A @ B)", "det(B) * det(A)"),
    ("det(inv(A))", "1 / det(A)"),
    ("logdet(A.T)", "log(det(A))"),
    ("sqrt(x)**2", "x"),
    ("sqrt(x) * sqrt(x)", "x"),
    ("tr(A @ diag(x))", "diag(A).T @ x"),
    ("diag(x)", "eye(n) * (x @ ones(n).T)"),
    ("t * A @ B", "A @ (B * t)"),
    ("inv(2 * A)", "1/2 * inv(A)"),
    ("(t * x) / r", "x * (t / r)"),
    ("A / (2 * t)", "1/2 * A * t**-1"),
    ("inv(M.T @ M) @ M.T @ M", "eye(n)"),
    ("M * ones(m, n)", "M"),
    ("(t + r)**2", "t**2 + 2 * t * r + r**2"),
    ("exp(x).T", "exp(x.T)"),
    ("norm(M, 'nuc')", "norm(M.T, 'nuc')"),
]
DIFFERENT = [
    ("tr(A @ B @ C)", "tr(A @ C @ B)"),
    ("A @ B", "B @ A"),
    ("A", "A.T"),
    ("sqrt(x**2)", "x"),
    ("(t**2)**(1/2)", "t"),
    ("sum(x * x * x)", "(x.T @ x) * sum(x)"),
    ("exp(A)", "A"),
    ("inv(A + B)", "inv(A) + inv(B)"),
    ("det(A + B)", "det(A) + det(B)"),
    ("sum(ones(m, n) / 2)", "sum(ones(m, m) / 2)"),
    ("sum((M / M) * (M / M))", "sum((Q / Q) * (Q / Q))"),
    ("sum(x)", "1"),
    ("inv(inv(A) @ M.T @ M)", "A"),
    ("det(2 * A)", "2 * det(A)"),
    ("A * B", "A @ B"),
    ("tr(A * B)", "tr(A @ B)"),
    ("sum(A)", "tr(A)"),
    ("norm(M)", "norm(M, 2)"),
    ("abs(x)", "x"),
    ("x", "z"),
    ("tr(A) * tr(B)", "tr(A @ B)"),
    ("n", "m"),
]


@pytest.mark.parametrize(("a", "b"), EQUAL)
def test_identities_are_proved_and_true(a, b):
    a, b = parse(a, NAMES), parse(b, NAMES)
    assert same(a, b)
    assert same(b, a)
    found = list(points([a, b], 3, np.random.default_rng(1)))
    assert found and all(differs(a, b, p) is False for p in found)


@pytest.mark.parametrize(("a", "b"), DIFFERENT)
def test_what_is_false_is_not_proved(a, b):
    a, b = parse(a, NAMES), parse(b, NAMES)
    assert not same(a, b)
    assert a.shape != b.shape or any(differs(a, b, p) for p in points([a, b], 8, np.random.default_rng(1)))


def test_whatever_is_proved_between_lines_of_random_derivations_is_true():
    proved = 0
    for seed in range(40_000, 40_060):
        function, variable, declarations = random_function(seed)
        try:
            D = derive(function, variable, declarations)
        except ZeroDivisionError:
            continue
        df = [line.right for line in D.lines if line.left == "df"]
        for a, b in pairwise(df):
            if same(a, b):
                proved += 1
                for p in points([a, b], 2, np.random.default_rng(seed)):
                    assert differs(a, b, p) is not True, (seed, a, b)
    assert proved > 100


def test_a_product_of_many_sums_is_refused_and_not_waited_for():
    long = parse(" @ ".join(["(A + B)"] * 30), NAMES)
    assert not same(long, long @ parse("A @ inv(A)", NAMES) + parse("A - A", NAMES) * 1 + parse("C", NAMES))
    assert derive(f"tr({long})", "A", NAMES).gradient.shape == ("n", "n")
