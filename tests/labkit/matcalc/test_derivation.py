"""Derivations: order of the lines, conventions, conditions, Hessians, verification, and what is shown."""

import matcalc_oracle
import numpy as np
import pytest

from labkit.autodiff import jacobian
from labkit.gradcheck import central_difference
from labkit.matcalc import ShapeError, derive, hessian, parse, symbols
from labkit.matcalc.derivation import Derivation
from labkit.matcalc.equality import same
from labkit.matcalc.expressions import FUNCTIONS
from labkit.matcalc.rules import FUNCTION_RULES, RULES
from labkit.matcalc.sampling import points
from labkit.matcalc.values import ENTRIES, VALUES, evaluate


def test_the_lines_follow_the_notes():
    D = derive("tr(A @ inv(X) @ B)", "X", "A: m,n; X: n,n; B: n,m")
    assert [line.rule for line in D.lines] == ["", "linearity", "inverse", "cyclic property", "read off G"]
    assert [str(line) for line in D.lines] == [
        "f = tr(A @ inv(X) @ B)",
        "df = tr(A @ d(inv(X)) @ B)",
        "df = -tr(A @ inv(X) @ dX @ inv(X) @ B)",
        "df = -tr(inv(X) @ B @ A @ inv(X) @ dX)",
        "G = -inv(X).T @ A.T @ B.T @ inv(X).T",
    ]


def test_the_hadamard_trick_is_used_for_any_equal_shapes():
    D = derive("tr(A.T @ (B * X))", "X", "A: m,n; B: m,n; X: m,n")
    assert [line.rule for line in D.lines] == ["", "linearity", "Hadamard trick", "read off G"]
    assert same(D.gradient, parse("A * B", "A: m,n; B: m,n"))


def test_the_softmax_loss_of_the_notes_with_the_right_sign():
    D = derive("-y.T @ log_softmax(W @ x)", "W", "W: k,n; x: n; y: k onehot")
    assert str(D.gradient) == "(softmax(W @ x) - y) @ x.T"
    general = derive("-y.T @ log_softmax(W @ x)", "W", "W: k,n; x: n; y: k").gradient
    assert same(general, parse("(sum(y) * softmax(W @ x) - y) @ x.T", "W: k,n; x: n; y: k"))


@pytest.mark.parametrize(
    ("function", "wrt", "declarations", "gradient"),
    [
        ("norm(X @ w - y)**2", "w", "X: n,p; w: p; y: n", "2 * X.T @ (X @ w - y)"),
        ("x.T @ A @ x", "x", "A: n,n; x: n", "(A + A.T) @ x"),
        ("logsumexp(x)", "x", "x: n", "softmax(x)"),
        ("a.T @ X @ b", "X", "X: n,n symmetric; a: n; b: n", "1/2 * a @ b.T + 1/2 * b @ a.T"),
        ("logdet(X)", "X", "X: n,n spd", "inv(X)"),
        ("logdet(X)", "X", "X: n,n", "inv(X).T"),
        ("norm(x)", "x", "x: n", "x / norm(x)"),
        ("tr(A)", "X", "A: n,n; X: m,n", "zeros(m, n)"),
        ("t**3", "t", "t: scalar", "3 * t**2"),
        ("x.T @ x", "x", "x: 3", "2 * x"),
    ],
)
def test_gradients_are_written_as_a_teacher_would(function, wrt, declarations, gradient):
    assert str(derive(function, wrt, declarations).gradient) == gradient


@pytest.mark.parametrize(
    ("function", "declarations", "condition"),
    [
        ("logdet(X)", "X: n,n", "det X > 0"),
        ("tr(inv(X))", "X: n,n", "X invertible"),
        ("norm(X)", "X: m,n", "X ≠ 0 (kink)"),
        ("sum(relu(X))", "X: m,n", "no entry of X zero (kink)"),
        ("norm(X, 'nuc')", "X: m,n", "X of full rank (kink elsewhere)"),
        ("norm(X, 2)", "X: m,n", "largest singular value of X simple (kink elsewhere)"),
        ("1 / tr(X)", "X: n,n", "tr(X) ≠ 0"),
        ("sum(log(X))", "X: m,n", "X > 0"),
        ("sum(X**(3/2))", "X: m,n", "X > 0"),
    ],
)
def test_kinks_and_domains_are_named(function, declarations, condition):
    D = derive(function, "X", declarations)
    assert condition in D.conditions
    assert condition in str(D)


def test_squares_of_norms_have_no_kink():
    assert derive("norm(X @ w - y)**2 / n", "w", "X: n,p; w: p; y: n").conditions == ()


def test_the_convention_for_symmetric_variables_is_stated():
    assert "dX and G symmetric" in str(derive("tr(A @ X)", "X", "A: n,n; X: n,n symmetric"))
    assert "G is m×n" in str(derive("tr(A @ X)", "X", "A: n,m; X: m,n"))


HESSIANS = [
    ("x.T @ A @ x", "A: n,n; x: n"),
    ("norm(A @ x - b)**2", "A: m,n; x: n; b: m"),
    ("logsumexp(A @ x)", "A: m,n; x: n"),
    ("sum(exp(A @ x))", "A: m,n; x: n"),
    ("sum(softplus(-b * (A @ x)))", "A: m,n; x: n; b: m"),
    ("norm(x)", "x: n"),
    ("(x.T @ x)**2", "x: n"),
    ("a.T @ x * (b.T @ x)", "a: n; b: n; x: n"),
    ("exp(-x.T @ S @ x)", "S: n,n symmetric; x: n"),
    ("(x.T @ S @ x) / (x.T @ x)", "S: n,n symmetric; x: n"),
    ("-sum(x * log(x))", "x: n positive"),
    ("x**4", "x: scalar"),
    ("1 / (a.T @ x)", "a: n; x: n"),
    ("a.T @ softmax(x)", "a: n; x: n"),
    ("a.T @ x", "a: n; x: n"),
    ("a.T @ A @ diag(x) @ B @ x", "A: n,n; B: n,n; x: n; a: n"),
    ("sum(sin(x)**2)", "x: n"),
    ("log(1 + x.T @ x)", "x: n"),
]


@pytest.mark.parametrize(("function", "declarations"), HESSIANS)
def test_hessians_are_right_and_symmetric(function, declarations):
    D = hessian(function, "x", declarations)
    assert D.verify()
    assert [line.left for line in D.lines][-2:] == ["d2f", "H"]
    for point in points([D.f, D.gradient, D.hessian], 2, np.random.default_rng(5)):
        H = evaluate(D.hessian, point)
        assert np.allclose(H, H.T, rtol=1e-9, atol=1e-9 * np.abs(H).max())
        jacobian = central_difference(
            lambda v, p=point: matcalc_oracle.gradient(function, "x", {**p, "x": v}).ravel(), point["x"]
        )
        assert np.allclose(H, jacobian.reshape(H.shape), rtol=1e-4, atol=1e-6 * (1 + np.abs(H).max()))


def test_hessians_refuse_what_they_cannot_do():
    with pytest.raises(ShapeError, match="needs a column"):
        hessian("norm(X)**2", "X", "X: m,n")
    with pytest.raises(ValueError, match="cannot be written as a matrix times dx"):
        hessian("tr(A @ diag(x) @ B @ diag(x))", "x", "A: n,n; B: n,n; x: n")
    with pytest.raises(ValueError, match="no rule here differentiates polar"):
        hessian("norm(x @ a.T, 'nuc')", "x", "x: n; a: m")


def test_verification_finds_a_wrong_gradient():
    D = derive("x.T @ A @ x", "x", "A: n,n; x: n")
    wrong = Derivation(D.f, D.wrt, D.lines, parse("2 * A @ x", "A: n,n; x: n"))
    assert not wrong.verify().ok
    assert "DISAGREES" in str(wrong.verify())
    assert not wrong.verify(seed=3)


def test_verification_without_a_feasible_point_is_not_ok():
    assert not derive("log(-norm(x)**2)", "x", "x: n").verify().ok


def test_arguments_are_checked():
    X, x = symbols("X: m,n; x: n")
    with pytest.raises(ShapeError, match="needs a scalar function"):
        derive(X @ x, x)
    with pytest.raises(ValueError, match="does not occur"):
        derive(x.T @ x, "z")
    with pytest.raises(TypeError, match="must be a declared symbol"):
        derive(x.T @ x, x + x)
    with pytest.raises(ZeroDivisionError, match="identically zero"):
        derive("norm(x - x)", "x", "x: n")


def test_what_notebooks_show():
    D = derive("norm(X @ w - y)**2 / n", "w", "X: n,p; w: p; y: n")
    html = D._repr_html_()
    assert (
        "tex2jax_process" in html
        and r"\(\mathrm{d}f = " in html
        and "squared norm" in html
        and "color" not in html
    )
    assert html.count("<tr>") == len(D.lines) + 1


def test_every_operation_has_a_value_a_rule_and_a_name():
    assert set(VALUES) - {"polar", "dyad", "fn", "norm", "pow"} <= set(RULES)
    assert set(FUNCTION_RULES) == set(ENTRIES) <= set(FUNCTIONS)


OPERATIONS = {
    "add": "X + A", "mul": "A @ X @ X", "had": "X * X", "scale": "t * X", "div": "A / X", "pow": "X**3",
    "fn": "sinh(X)", "T": "X.T", "inv": "inv(X)", "tr": "tr(X @ X)", "det": "det(X)", "logdet": "logdet(X.T @ X)",
    "diag": "diag(X @ a)", "diagonal": "diag(X @ A)", "norm": "norm(X) + norm(X @ a) + norm(X, 2)",
    "polar": "polar(X)", "dyad": "dyad(X)", "logsumexp": "logsumexp(X @ a)", "softmax": "softmax(X @ a)",
    "log_softmax": "log_softmax(X @ a)",
}


@pytest.mark.parametrize("operation", sorted(VALUES))
def test_the_value_of_every_operation_can_be_differentiated_automatically(operation):
    e = parse(OPERATIONS[operation], "A: n,n; X: n,n; a: n; t: scalar")
    found = list(points([e], 3, np.random.default_rng(3)))
    assert len(found) == 3
    for point in found:
        def value(X, point=point):
            return evaluate(e, {**point, "X": X})
        np.testing.assert_allclose(
            jacobian(value)(point["X"]), central_difference(value, point["X"]), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_element_wise_rules_agree_with_the_complex_step_free_oracle(name):
    D = derive(f"sum({name}(x))", "x", "x: n")
    assert D.verify(5).points == 5
    assert D.verify(5).ok
