"""The checker: right lines in any style are accepted, wrong ones refuted with a counterexample and the slip.

The usual run takes 250 mutants; with LABKIT_MATCALC_MUTANTS=1000 in the environment it takes 1,000.
"""

import os
import re
from collections import Counter

import matcalc_oracle
import numpy as np
import pytest
from matcalc_mutants import pool
from matcalc_variants import derivations

from labkit.matcalc import ShapeError, check, derive, parse

MUTANTS = int(os.environ.get("LABKIT_MATCALC_MUTANTS", "250"))
VARIANTS = list(derivations())


def test_the_variants_are_at_least_150():
    assert len({(f, x, d, line) for f, x, d, lines in VARIANTS for line in lines}) >= 150


@pytest.mark.parametrize(("function", "wrt", "declarations", "lines"), VARIANTS)
def test_every_line_of_a_right_derivation_in_another_style_is_accepted(function, wrt, declarations, lines):
    report = check(function, wrt, lines, declarations)
    assert all(v.accepted for v in report.verdicts), str(report)
    assert report.ok
    assert report.first_wrong is None
    assert report.mark(12) == 12


@pytest.mark.parametrize("seed", range(1, 5))
def test_no_sample_ever_refuses_a_right_line(seed):
    for function, wrt, declarations, lines in VARIANTS:
        assert check(function, wrt, lines, declarations, seed=seed).ok


def test_mutants_are_refuted_and_their_slips_named():
    verdicts, unnamed, count = Counter(), [], 0
    for function, wrt, declarations, before, left, right, mutant, kind in pool(7):
        *accepted, verdict = check(function, wrt, [*before, f"{left} = {mutant}"], declarations).verdicts
        assert all(v.accepted for v in accepted)
        verdicts[verdict.status] += 1
        if not verdict.slip:
            unnamed.append((kind, right, mutant))
        count += 1
        if count == MUTANTS:
            break
    assert count == MUTANTS
    print(dict(verdicts), f"{count - len(unnamed)} of {count} slips named")
    assert verdicts["refuted"] >= 0.99 * count, verdicts
    assert verdicts["proved"] == verdicts["agrees"] == 0, verdicts
    assert len(unnamed) <= 0.2 * count, unnamed


SLIPS = [
    ("tr(A @ X @ B)", "X", "A: n,n; B: n,n; X: n,n", "G = A.T @ B.T", "G = B.T @ A.T", "factors swapped"),
    ("tr(A @ X)", "X", "A: n,n; X: n,n", "df = tr(A @ dX)", "G = A", "transposed"),
    ("tr(inv(X) @ A)", "X", "A: n,n; X: n,n", "", "df = tr(inv(X) @ dX @ inv(X) @ A)", "sign in d(X⁻¹)"),
    ("x.T @ A @ x", "x", "A: n,n; x: n", "", "df = 2 * x.T @ A @ dx", "symmetric part"),
    ("x.T @ A @ x", "x", "A: n,n; x: n", "", "df = x.T @ A @ dx", "symmetric part"),
    ("x.T @ A @ x", "x", "A: n,n symmetric; x: n", "", "df = x.T @ A @ dx", "factor 2"),
    ("norm(X @ w - y)**2", "w", "X: n,p; w: p; y: n", "", "G = X.T @ (X @ w - y)", "factor 2"),
    ("sum(sin(A @ x))", "x", "A: m,n; x: n", "", "df = cos(A @ x).T @ A @ dx * 2", "factor 2 too many"),
    ("sum(sin(A @ x))", "x", "A: n,n; x: n", "", "df = sum(cos(A @ x) * dx)", "factor is missing"),
    ("sum(exp(x) * x)", "x", "x: n", "", "df = sum(exp(x) * dx)", "term is missing"),
    ("sum(X * X * A)", "X", "A: n,n; X: n,n", "", "G = 2 * X @ A", "@ written for ∘"),
    ("tr(A @ X @ B)", "X", "A: n,n; B: n,n; X: n,n", "", "G = A.T * B.T", "∘ written for @"),
    ("norm(A @ x - b)**2", "x", "A: m,n; x: n; b: m", "", "G = 2 * A @ (A @ x - b)", "transpose was dropped"),
    ("sum(cos(X))", "X", "X: m,n", "", "df = sum(sin(X) * dX)", "sign"),
    ("a.T @ x", "x", "a: n; x: n", "", "G = a.T", "other layout"),
    ("a.T @ X @ b", "X", "X: n,n symmetric; a: n; b: n", "df = a.T @ dX @ b", "G = a @ b.T", "symmetric part"),
    ("sum(sin(X))", "X", "X: m,n", "", "df = sum(sin(X) * dX)", "element-wise function"),
    ("exp(a.T @ x)", "x", "a: n; x: n", "", "df = a.T @ dx", "exp(a.T @ x) is missing"),
]


@pytest.mark.parametrize(
    "before",
    [
        "df = d(x.T) @ A @ x + x.T @ A @ d(x)",
        "df = dx.T @ A @ dx",
        "df = exp(x.T @ dx)",
        "df = 1 / (x.T @ dx)",
        "df = x.T @ A @ x",
        "df = 3",
        "df = sum(abs(dx))",
        "df = x.T @ dx * (x.T @ dx)",
    ],
)
def test_a_wrong_gradient_after_any_line_for_df_has_a_verdict(before):
    for line in ("G = exp(x)", "G = x", "G = A @ x + 7"):
        report = check("x.T @ A @ x", "x", [before, line], "A: n,n; x: n")
        assert report.verdicts[-1].status == "refuted"


def test_the_sign_of_the_inverse_is_named_only_where_its_rule_is_used():
    verdict = check("logdet(X)", "X", ["df = -tr(inv(X) @ dX)"], "X: n,n").verdicts[0]
    assert verdict.slip == "wrong sign"


@pytest.mark.parametrize(("function", "wrt", "declarations", "before", "wrong", "name"), SLIPS)
def test_slips_are_named(function, wrt, declarations, before, wrong, name):
    report = check(function, wrt, [*([before] if before else []), wrong], declarations)
    assert report.verdicts[-1].status == "refuted"
    assert name in report.verdicts[-1].slip
    assert not report.ok


def test_later_lines_that_follow_from_a_wrong_line_keep_their_marks():
    lines = [
        "df = tr(A @ inv(X) @ dX @ inv(X) @ B)",
        "df = tr(inv(X) @ B @ A @ inv(X) @ dX)",
        "G = inv(X).T @ A.T @ B.T @ inv(X).T",
    ]
    report = check("tr(A @ inv(X) @ B)", "X", lines, "A: m,n; X: n,n; B: n,m")
    assert [v.status for v in report.verdicts] == ["refuted", "proved", "proved"]
    assert report.first_wrong is report.verdicts[0]
    assert report.mark(3) == 2
    assert not report


@pytest.mark.parametrize("gradient", ["G = 2 * x.T @ A.T @ A", "G = 2 * A.T @ (A@x", "G = 3 * A.T @ A @ x"])
def test_a_wrong_gradient_counts_once(gradient):
    """A student who tries, with the wrong shape or unreadably, has as many marks as one who stops before."""
    begun = "df = 2 * x.T @ A.T @ A @ dx"
    stopped, tried = (check("x.T @ A.T @ A @ x", "x", lines, "A: m,n; x: n")
                      for lines in ([begun], [begun, gradient]))
    assert (stopped.complete, tried.complete) == (False, True)
    assert stopped.mark(4) == tried.mark(4) == 2
    assert not tried.ok


def test_repeated_lines_and_an_unreached_gradient_change_the_mark_as_stated():
    lines = ["df = 2 * x.T @ dx"]
    assert check("x.T @ x", "x", [*lines * 5, "G = 2 * x"], "x: n").mark(1) == 1
    assert check("x.T @ x", "x", lines, "x: n").mark(1) == 0.5
    assert not check("x.T @ x", "x", lines, "x: n").ok
    assert check("x.T @ x", "x", [], "x: n").mark(1) == 0


def test_the_counterexample_is_small_whole_and_true():
    reason = check("x.T @ A @ x", "x", ["df = 2 * x.T @ A @ dx"], "A: n,n; x: n").verdicts[0].reason
    found = dict(re.findall(r"(\w+) = (\[.*?\]\])", reason))
    point = {name: np.array(eval(text)) for name, text in found.items()}
    assert {name: v.shape for name, v in point.items()} == {"A": (2, 2), "x": (2, 1), "dx": (2, 1)}
    before, here = (float(s) for s in re.search(r"gives (\S+), this line (\S+)\.$", reason).groups())
    assert matcalc_oracle.value("dx.T @ A @ x + x.T @ A @ dx", point).item() == before
    assert matcalc_oracle.value("2 * x.T @ A @ dx", point).item() == here != before


def test_numerical_agreement_is_never_called_proof():
    verdict = check("sum(softplus(x))", "x", ["G = 1 / (1 + exp(-x))"], "x: n").verdicts[0]
    assert verdict.status == "agrees"
    assert "not a proof" in verdict.reason
    assert verdict.accepted


def test_what_cannot_be_decided_says_why():
    assert "cannot be read" in check("x.T @ x", "x", ["df = 2 * x.T @@ dx"], "x: n").verdicts[0].reason
    assert "not declared" in check("x.T @ x", "x", ["df = 2 * z.T @ dx"], "x: n").verdicts[0].reason
    assert "starts with" in check("x.T @ x", "x", ["dg = 2 * x.T @ dx"], "x: n").verdicts[0].reason
    kink = check("norm(x - x + a)", "a", ["f = abs(t - t) + norm(a)"], "x: n; a: n; t: scalar")
    assert kink.verdicts[0].status == "undecided"
    nowhere = check("log(-norm(x)**2)", "x", ["df = 2 * x.T @ dx / (norm(x)**2 + 0 * t)"], "x: n; t: scalar")
    assert nowhere.verdicts[0].status in ("proved", "undecided")
    nowhere = check("sum(log(-exp(x)))", "x", ["G = sign(x) * sign(x)"], "x: n").verdicts[0]
    assert (nowhere.status, "log is outside its domain" in nowhere.reason) == ("undecided", True)


def test_lines_are_compared_only_where_the_function_has_a_value():
    assert check("sum(log(x))", "x", ["G = 1 / abs(x)"], "x: n").ok
    assert not check("sum(log(abs(x)))", "x", ["G = 1 / abs(x)"], "x: n").ok


def test_a_shape_mistake_is_refuted_with_the_sizes_in_the_message():
    verdict = check("tr(A @ X)", "X", ["df = tr(dX @ A.T)"], "A: m,n; X: n,m").verdicts[0]
    assert verdict.status == "refuted"
    assert "cannot multiply dX (n×m) by A.T (n×m): inner sizes m and n differ" in verdict.reason
    assert verdict.slip
    verdict = check("tr(A @ X)", "X", ["G = A"], "A: m,n; X: n,m").verdicts[0]
    assert "the gradient by X is n×m, this is m×n" in verdict.reason


def test_a_line_without_a_value_where_the_one_before_has_one_is_refuted():
    verdict = check("norm(x)**2", "x", ["f = log(-exp(norm(x)**2))"], "x: n").verdicts[0]
    assert verdict.status == "refuted"
    assert "no value" in verdict.reason


@pytest.mark.parametrize(
    ("function", "wrt", "declarations", "lines"),
    [
        # (1) YYᵀ is singular for tall Y: sizes must be chosen so that the inverse exists.
        ("logdet(Y @ Y.T)", "Y", "Y: m,n", ["df = 2 * tr(Y.T @ inv(Y @ Y.T) @ dY)", "G = 2 * inv(Y @ Y.T) @ Y"]),
        ("logdet(Y.T @ Y)", "Y", "Y: m,n", ["G = Y @ inv(Y.T @ Y) + Y @ inv(Y.T @ Y).T"]),
        ("tr(inv(Y @ Y.T)) + tr(inv(Y.T @ Y))", "Y", "Y: m,n", ["df = tr(d(inv(Y @ Y.T))) + tr(d(inv(Y.T @ Y)))"]),
        # domains of log, square root and power
        ("sum(log(A @ x))", "x", "A: m,n; x: n", ["df = sum((A @ dx) / (A @ x))", "G = A.T @ (A @ x)**-1"]),
        ("sum(sqrt(1 - x**2))", "x", "x: n", ["G = -x / sqrt(1 - x**2)"]),
        ("sum(log(-x))", "x", "x: n", ["G = 1 / x"]),
        ("logdet(eye(n) - X)", "X", "X: n,n", ["G = -inv(eye(n) - X).T"]),
        ("sum(x**(3/2))", "x", "x: n", ["G = 3/2 * sqrt(x)"]),
        # 1×1 results commute
        ("(a.T @ x) * (b.T @ x)", "x", "a: n; b: n; x: n", ["df = b.T @ x * (a.T @ dx) + a.T @ x @ b.T @ dx"]),
        # kinks: both one-sided conventions are right where f is differentiable
        ("sum(relu(x))", "x", "x: n", ["G = step(x)", "G = relu(x) / x"]),
        ("norm(x, 1)", "x", "x: n", ["G = sign(x)", "G = x / abs(x)"]),
    ],
)
def test_feasible_sampling(function, wrt, declarations, lines):
    for seed in range(5):
        report = check(function, wrt, lines, declarations, seed=seed)
        assert all(v.accepted for v in report.verdicts), str(report)


def test_wrong_functions_raise_and_wrong_lines_never_do():
    with pytest.raises(ShapeError, match="needs a scalar function"):
        check("A @ x", "x", ["df = x"], "A: m,n; x: n")
    for line in [
        "",
        "=",
        "df =",
        "G = = 2",
        "df = __import__('os')",
        "G = " + "(" * 500,
        "df = x" * 900,
        "df = x**x",
        "df = 10**10**10",
        "G = 1/0 * x",
        "df = x.T.T.T.real",
        "df = [x]",
        "G = lambda: x",
        "df = 1e400 * dx",
        "df = norm(x, y=2)",
        "G = x" + "/ (1 + x.T @ x)" * 110,
        "G = 2 * x" + "/ 3" * 300,
        "G = " + "-" * 800 + "x",
        "df = ones() @ x",
        "df = inv() @ x",
        "df = tr(x, x, x)",
        "df = d()",
        "df = d(x, x)",
        "G = " + "+".join(["x"] * 500),
        "df = norm(x, 'zzz')",
        "df = True * dx",
        "df = 0**-1 * dx.T @ x",
        "G = " + " @ ".join(["(x.T@x + x.T@x)"] * 60) + " * x",
        "df = eye(q) @ x",
        "G = ones(x) * x",
    ]:
        for verdict in check("x.T @ x", "x", [line], "x: n").verdicts:
            assert verdict.status in ("refuted", "undecided"), (line, verdict)


def test_the_report_reads_without_colour_and_escapes_what_the_student_wrote():
    report = check("x.T @ x", "x", ["df = 2 * x.T @ dx", "G = x", "G = <script>alert(1)</script>"], "x: n")
    html, plain = report._repr_html_(), str(report)
    for shown in (html, plain):
        assert "✓" in shown and "✗" in shown and "?" in shown
        assert "factor 2 is missing" in shown
    assert "refuted" in html and "<script>" not in html and "color" not in html and "tex2jax_process" in html
    assert 'scope="col"' in html


def test_engine_lines_of_derive_can_be_checked_back():
    D = derive("logsumexp(A @ x)", "x", "A: m,n; x: n")
    assert check(D.f, D.wrt, map(str, D.lines[1:])).ok


def test_the_differential_of_a_constant_is_zero():
    lines = ["df = tr(A @ dX) + tr(dA @ X)", "df = tr(dA @ X)", "G = A.T"]
    report = check("tr(A @ X)", "X", lines, "A: n,n; X: n,n")
    assert [v.status for v in report.verdicts] == ["proved", "refuted", "refuted"]
    assert parse("tr(dA @ X)", "A: n,n; X: n,n").names == {"dA", "X"}
