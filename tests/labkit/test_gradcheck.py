"""Numerical derivatives and the reports on claimed ones, against closed forms and mpmath."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkit.gradcheck import (
    ComplexStepError,
    central_difference,
    check_derivatives,
    check_gradient,
    check_jvp,
    check_vjp,
    complex_step,
    forward_difference,
    richardson,
    taylor_test,
)

METHODS = [(forward_difference, 2e-6), (central_difference, 1e-8), (richardson, 1e-9), (complex_step, 1e-14)]
each_method = pytest.mark.parametrize(("method", "tolerance"), METHODS, ids=[m.__name__ for m, _ in METHODS])

SMOOTH = {
    "exp": (np.exp, mpmath.exp),
    "log": (np.log, mpmath.log),
    "sqrt": (np.sqrt, mpmath.sqrt),
    "1/x²": (lambda x: 1 / x**2, lambda x: 1 / x**2),
    "tanh": (np.tanh, mpmath.tanh),
    "x sin x": (lambda x: x * np.sin(x), lambda x: x * mpmath.sin(x)),
    "1 + x": (lambda x: 1 + x, lambda x: 1 + x),
    "classic": (lambda x: np.exp(x) / np.sqrt(np.sin(x) ** 3 + np.cos(x) ** 3),
                lambda x: mpmath.exp(x) / mpmath.sqrt(mpmath.sin(x) ** 3 + mpmath.cos(x) ** 3)),
}


@each_method
@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("x", [1.5, 0.3, 1e-3])
def test_scalar_derivatives_agree_with_mpmath(method, tolerance, name, x):
    f, exact = SMOOTH[name]
    with mpmath.workdps(40):
        expected = float(mpmath.diff(exact, mpmath.mpf(x)))
        value = float(exact(mpmath.mpf(x)))
    got = method(f, x)
    assert np.ndim(got) == 0
    # Rounding in f itself, divided by x, is the best that a difference with a step relative to x can do.
    assert abs(got - expected) <= tolerance * (abs(expected) + abs(value / x))


@each_method
@pytest.mark.parametrize("scale", [1e-200, 1e-8, 1.0, 1e8, 1e200])
def test_steps_follow_the_size_of_x(method, tolerance, scale):
    x = scale * np.array([1.0, -2.0, 0.5])
    exact = -x[1] / x[0] ** 2 / x[2] if 1e-100 < scale < 1e100 else None  # (x₁/x₀)/x₂ at moderate scales
    got = method(lambda x: np.log(x[0] / scale) + np.sin(x[1] / scale) + (scale / x[2]) ** 2, x)
    np.testing.assert_allclose(got * scale, [1.0, np.cos(-2.0), -16.0], rtol=50 * tolerance)
    if exact is not None:
        assert method(lambda x: x[1] / x[0] / x[2], x)[0] == pytest.approx(exact, rel=10 * tolerance)


@each_method
def test_a_step_that_f_cannot_feel_is_lengthened(method, tolerance):
    assert abs(method(lambda x: 1 + x, 1e-200) - 1) <= tolerance
    np.testing.assert_allclose(method(lambda x: x.sum(), np.array([1e200, 1.0])), [1, 1], rtol=tolerance)
    np.testing.assert_allclose(method(lambda x: np.exp(x).sum(), np.zeros(3)), np.ones(3), rtol=tolerance)
    assert method(lambda x: np.sum(0 * x) + 3.0, np.ones(2)) == pytest.approx([0, 0], abs=0)


@each_method
def test_gradient_of_matrix_argument_has_its_shape(method, tolerance):
    rng = np.random.default_rng(1)
    B, X = rng.standard_normal((4, 3)), rng.standard_normal((3, 4))
    got = method(lambda X: np.trace(B @ X @ B @ X), X)
    np.testing.assert_allclose(got, 2 * (B @ X @ B).T, rtol=20 * tolerance, atol=20 * tolerance)


@each_method
def test_jacobian_has_the_shape_of_f_followed_by_that_of_x(method, tolerance):
    rng = np.random.default_rng(2)
    A, X = rng.standard_normal((2, 3)), rng.standard_normal((3, 4))
    got = method(lambda X: A @ X, X)
    assert got.shape == (2, 4, 3, 4)
    np.testing.assert_allclose(got, np.einsum("ik,jl->ijkl", A, np.eye(4)), atol=20 * tolerance)


@each_method
def test_batched_agrees_and_calls_f_few_times(method, tolerance):
    calls = []

    def f(X):
        calls.append(X.shape)
        return np.exp(np.sin(X)).sum(axis=-1)

    x = np.linspace(-1, 2, 30)
    got = method(f, x, batched=True)
    np.testing.assert_allclose(got, method(lambda x: np.exp(np.sin(x)).sum(), x), rtol=1e-9, atol=1e-9)
    assert len(calls) <= 20
    with pytest.raises(ValueError, match="one value for each of the"):
        method(lambda X: np.exp(X).sum(), x, batched=True)


@each_method
def test_empty_x_has_an_empty_derivative(method, tolerance):
    assert method(lambda x: np.sum(x), np.zeros(0)).shape == (0,)
    assert method(lambda x: np.array([np.sum(x), 1.0]), np.zeros((0, 3))).shape == (2, 0, 3)


@each_method
def test_x_is_never_changed_even_by_f(method, tolerance):
    x = np.array([1.0, 2.0])

    def f(y):
        y *= 2
        return (y**2).sum()

    np.testing.assert_allclose(method(f, x), 8 * x, rtol=10 * tolerance)
    assert x.tolist() == [1.0, 2.0]


@each_method
def test_bad_input_is_refused(method, tolerance):
    with pytest.raises(ValueError, match="x has 1 entry"):
        method(np.sum, [1.0, float("nan")])
    with pytest.raises(TypeError, match="x is complex"):
        method(np.sum, [1j])
    with pytest.raises(ValueError, match="NaN or infinite"), np.errstate(all="ignore"):
        method(lambda x: np.log(x), -1.0)
    if method is not richardson:
        with pytest.raises(ValueError, match="step must be positive"):
            method(np.exp, 1.0, step=-1e-5)
    with pytest.raises(TypeError, match="f\\(x\\) is complex"):
        method(lambda x: 1j * x, 1.0)


def test_a_step_that_leaves_the_domain_is_refused_with_the_entry():
    with pytest.raises(ValueError, match=r"entry \(1,\) of x is moved by -2"), np.errstate(all="ignore"):
        central_difference(lambda x: np.log(x).sum(), [3.0, 1.0], step=2.0)


@pytest.mark.parametrize("h", [2.0**-4, 2.0**-10, 1e-3])
def test_a_given_step_is_used_as_given(h):
    x = 1.0
    assert forward_difference(np.exp, x, step=h) == (np.exp(x + h) - np.exp(x)) / ((x + h) - x)
    assert central_difference(np.exp, x, step=h) == (np.exp(x + h) - np.exp(x - h)) / ((x + h) - (x - h))
    assert complex_step(np.exp, x, step=h) == pytest.approx(np.exp(x) * np.sin(h) / h, rel=1e-15)


def test_orders_of_the_truncation_errors():
    steps = 2.0 ** -np.arange(4, 9)
    for method, order in ((forward_difference, 1), (central_difference, 2), (complex_step, 2)):
        errors = [abs(method(np.exp, 1.0, step=h) - np.e) for h in steps]
        np.testing.assert_allclose(np.diff(np.log2(errors)), -order, atol=0.05)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-3, 3), min_size=1, max_size=6), st.integers(0, 10))
def test_the_four_methods_agree(entries, seed):
    x, A = np.array(entries), np.random.default_rng(seed).standard_normal((len(entries), len(entries)))

    def f(x):
        return np.sin(x) @ A @ x + np.exp(-(x @ x))

    exact = np.cos(x) * (A @ x) + A.T @ np.sin(x) - 2 * x * np.exp(-x @ x)
    for method, tolerance in METHODS:
        assert np.abs(method(f, x) - exact).max() <= 50 * tolerance * (1 + np.abs(A).sum())


@pytest.mark.parametrize("x", [5e-324, 1e-310, 2e-308, -5e-324])
def test_entries_too_small_for_a_relative_step(x):
    for method, tolerance in METHODS:
        assert method(lambda x: 2.0 * x[0], [x]) == pytest.approx([2.0], rel=tolerance)
        slopes = method(lambda x: np.sin(x[0] + x[1]), [x, 1.0])
        assert slopes == pytest.approx(2 * [np.cos(1)], rel=50 * tolerance)


# --- what complex step cannot take -----------------------------------------------------------------------------

A34 = np.random.default_rng(3).standard_normal((3, 3))
NOT_ANALYTIC = {
    "abs": lambda x: np.abs(x).sum(),
    "builtin abs": lambda x: sum(abs(xi) for xi in x),
    "norm": np.linalg.norm,
    "norm of a product": lambda x: np.linalg.norm(A34 @ x),
    "1-norm": lambda x: np.linalg.norm(x, 1),
    "conj": lambda x: (x * np.conj(x)).sum(),
    "method conj": lambda x: (x * x.conj()).sum(),
    "method conjugate": lambda x: (x.conjugate() @ x),
    "vdot": lambda x: np.vdot(x, x),
    "real attribute": lambda x: (x.real**2).sum(),
    "real function": lambda x: (np.real(x) ** 2).sum(),
    "maximum": lambda x: np.maximum(x, 0).sum(),
    "max method": lambda x: x.max(),
    "np.max": lambda x: np.max(x),
    "builtin max": lambda x: max(x),
    "comparison": lambda x: np.where(x > 0, x, 0.1 * x).sum(),
    "clip": lambda x: np.clip(x, -1, 1).sum(),
    "sort": lambda x: np.sort(x)[0],
    "median": lambda x: np.median(x),
    "sign": lambda x: (np.sign(x) * x).sum(),
    "sqrt(x²)": lambda x: np.sqrt(np.real(x**2)).sum(),
    "slogdet": lambda x: np.linalg.slogdet(np.eye(3) + np.outer(x, x))[1],
    "svd": lambda x: np.linalg.svd(np.outer(x, x) + np.diag(x))[1].sum(),
    "eigvalsh": lambda x: np.linalg.eigvalsh(np.diag(x) + np.ones((3, 3)))[-1],
    "cholesky": lambda x: np.linalg.cholesky(np.outer(x, x) + np.eye(3)).sum(),
    "float()": lambda x: math.sin(x[0]),
    # What forgets the traced array must be found by the comparison with differences.
    "asarray, abs": lambda x: np.abs(np.asarray(x)).sum(),
    "asarray, norm": lambda x: np.linalg.norm(np.asarray(x)),
    "asarray, conj": lambda x: (np.asarray(x) * np.asarray(x).conj()).sum(),
    "asarray, real": lambda x: (np.asarray(x).real ** 2).sum(),
    "asarray, part real": lambda x: (np.asarray(x) ** 2).sum() + np.asarray(x)[2].real * 1e-3,
    "asarray, one abs of many": lambda x: 1e3 * x.sum() + abs(np.asarray(x)[1]),
    "astype": lambda x: (np.asarray(x).astype(float) ** 2).sum(),
    "assignment": lambda x: _assigned(x).sum(),
}


def _assigned(x):
    out = np.zeros(3)
    for i in range(3):
        out[i] = x[i] ** 2
    return out


@pytest.mark.parametrize("name", NOT_ANALYTIC)
def test_complex_step_refuses_what_it_would_answer_wrongly(name):
    x = np.array([0.7, -1.3, 2.1])
    with pytest.raises(ComplexStepError, match="central_difference"):
        complex_step(NOT_ANALYTIC[name], x)
    assert np.isfinite(central_difference(NOT_ANALYTIC[name], x)).all()


HIDDEN = {"abs": lambda x: abs(np.asarray(x)), "relu": lambda x: np.maximum(np.asarray(x), 0),
          "sqrt(x²)": lambda x: np.sqrt(np.asarray(x) ** 2)}


@pytest.mark.parametrize("f", [np.abs, lambda x: np.maximum(x, 0), np.sign, np.linalg.norm, *HIDDEN.values()])
def test_complex_step_refuses_a_kink_of_a_scalar_function(f):
    with pytest.raises(ComplexStepError, match="central_difference"):
        complex_step(f, 0.0)


@pytest.mark.parametrize("f", HIDDEN.values(), ids=HIDDEN)
@pytest.mark.parametrize("x", [-2.0, 1e-3])
def test_away_from_a_kink_complex_step_is_right_or_refuses(f, x):
    try:
        assert complex_step(f, x) == pytest.approx(central_difference(f, x), rel=1e-8)
    except ComplexStepError as error:
        assert "central_difference" in str(error)


ANALYTIC = {
    "quadratic": lambda x: x @ A34 @ x,
    "solve": lambda x: np.linalg.solve(A34 + np.diag(x), x).sum(),
    "inv": lambda x: np.linalg.inv(A34 + np.diag(x)).sum(),
    "det": lambda x: np.linalg.det(A34 + np.diag(x)),
    "softmax": lambda x: np.exp(x)[0] / np.exp(x).sum(),
    "einsum": lambda x: np.einsum("i,ij,j->", x, A34, x),
    "stack": lambda x: np.concatenate([x, x**2]).reshape(2, 3).T.sum(axis=0)[1],
    "loop": lambda x: sum(np.sin(xi) * xi for xi in x),
    "power": lambda x: np.prod(x**3),
    "outer": lambda x: np.outer(x, x).trace(),
    "fast": lambda x: np.sin(1e6 * x).sum(),
    "offset": lambda x: 1e9 + (x**2).sum(),
    "mean": lambda x: ((x - x.mean()) ** 2).mean(),
    "constant": lambda x: 3.0,
}


@pytest.mark.parametrize("name", ANALYTIC)
def test_complex_step_takes_analytic_functions(name):
    x = np.array([0.7, -1.3, 2.1])
    got, reference = complex_step(ANALYTIC[name], x), richardson(ANALYTIC[name], x)
    reference = {"fast": 1e6 * np.cos(1e6 * x), "offset": 2 * x}.get(name, reference)
    np.testing.assert_allclose(got, reference, rtol=1e-9, atol=1e-9)


def test_an_error_of_f_itself_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        complex_step(lambda x: 1 // 0, 1.0)
    with pytest.raises(KeyError):
        check_gradient(lambda x: {}["missing"], np.ones(1), np.ones(1))


# --- check_gradient --------------------------------------------------------------------------------------------

RNG = np.random.default_rng(4)
A5, x5 = RNG.standard_normal((5, 5)), RNG.standard_normal(5)
X44, B44 = RNG.standard_normal((4, 4)), RNG.standard_normal((4, 4))


def quadratic(x):
    return x @ A5 @ x


def quadratic_gradient(x):
    return (A5 + A5.T) @ x


def bilinear(X):
    return np.trace(B44 @ X @ B44 @ X)


def bilinear_gradient(X):
    return 2 * (B44 @ X @ B44).T


def test_a_right_gradient_passes():
    report = check_gradient(quadratic, quadratic_gradient, x5)
    assert report and report.ok and not report.wrong.any() and report.suggestions == ()
    assert report.method == "complex_step" and "All 5 entries are right" in str(report)
    assert check_gradient(quadratic, quadratic_gradient(x5), x5)
    assert check_gradient(bilinear, bilinear_gradient, X44)
    assert check_gradient(lambda x: np.linalg.norm(x), lambda x: x / np.linalg.norm(x), x5).method == "richardson"
    assert check_gradient(lambda x: x**2, lambda x: 2 * x, 3.0)


@pytest.mark.parametrize(("claim", "words"), [
    (lambda X: bilinear_gradient(X).T, "the transpose of the claim is right"),
    (lambda X: -bilinear_gradient(X), "the wrong sign"),
    (lambda X: 2 * bilinear_gradient(X), "the gradient times 2"),
    (lambda X: bilinear_gradient(X) / 2, "the gradient times 1/2"),
    (lambda X: -0.5 * bilinear_gradient(X), "wrong sign and a factor of 1/2"),
    (lambda X: 4 * bilinear_gradient(X), "times n = 4"),
    (lambda X: bilinear_gradient(X) / 16, "1/n = 16"),
    (lambda X: 3.7 * bilinear_gradient(X), "times 3.7"),
    (lambda X: -2 * bilinear_gradient(X).T, "the transpose of the claim is the gradient with the wrong sign"),
    (lambda X: bilinear_gradient(X) - 0.3 * X, "lacks a term 0.3·x"),
    (lambda X: bilinear_gradient(X) + 0.25, "lacks a term -0.25·1"),
    (lambda X: bilinear_gradient(X) - 0.1 * np.sign(X), "sign(x)"),
    (lambda X: bilinear_gradient(X).ravel(order="F").reshape(4, 4), "is right"),
], ids=["transpose", "sign", "2", "1/2", "-1/2", "axis", "1/size", "odd factor", "-2 transposed", "penalty",
        "constant", "lasso", "vec"])
def test_slips_are_named(claim, words):
    report = check_gradient(bilinear, claim, X44)
    assert not report and len(report.suggestions) == 1
    assert words in str(report), str(report)


@pytest.mark.parametrize("claim", [lambda x: A5 @ x, lambda x: A5.T @ x, lambda x: 2 * A5 @ x])
def test_a_missing_symmetric_part_of_a_quadratic_form_is_named(claim):
    report = check_gradient(quadratic, claim, x5)
    assert not report and "symmetric part" in report.suggestions[0]


def test_a_missing_symmetric_part_of_a_matrix_function_is_named():
    symmetric = X44 + X44.T
    report = check_gradient(lambda X: np.trace(X @ B44 @ X.T), lambda X: X @ B44, np.eye(4))
    assert not report and "the claim plus its transpose is right" in report.suggestions[0]
    # The derivative by the independent entries of a symmetric matrix counts each pair once.
    G = B44 + B44.T
    report = check_gradient(lambda S: np.trace(G @ S), 2 * G - np.diag(np.diag(G)), symmetric)
    assert not report and "off-diagonal" in report.suggestions[0]


def test_wrong_entries_are_listed_with_their_factors_and_no_invented_reason():
    claim = quadratic_gradient(x5)
    claim[1] *= 3
    claim[4] = 0
    report = check_gradient(quadratic, claim, x5)
    assert not report and report.suggestions == ()
    assert report.wrong.tolist() == [False, True, False, False, True]
    assert report.factors[1] == pytest.approx(3) and report.factors[4] == 0
    assert "2 of 5 entries are wrong" in str(report) and "entry (1,)" in str(report) and "factor 3" in str(report)


def test_the_last_line_of_a_cell_shows_the_report_as_text():
    for report in (check_gradient(quadratic, quadratic_gradient, x5), check_gradient(quadratic, np.ones(5), x5)):
        assert repr(report) == str(report)
        assert "GradientReport(" not in repr(report)


def test_many_wrong_entries_are_counted():
    report = check_gradient(lambda x: (x**3).sum(), lambda x: np.arange(20.0), np.linspace(1, 2, 20))
    assert "and 14 more" in str(report)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.integers(0, 4), st.floats(1e-4, 10), st.booleans())
def test_one_wrong_entry_is_always_found_and_never_explained(seed, index, relative, up):
    x = np.random.default_rng(seed).standard_normal(5)
    claim = quadratic_gradient(x)
    claim[index] *= 1 + (relative if up else -relative / 10.001)
    report = check_gradient(quadratic, claim, x)
    assert report.wrong.tolist() == [i == index for i in range(5)]
    assert report.suggestions == ()


@pytest.mark.parametrize(("claim", "words"), [
    (lambda x: np.full(5, np.nan), "NaN or infinite at 5 of 5"),
    (lambda x: np.where(np.arange(5) == 2, np.inf, quadratic_gradient(x)), r"first at \(2,\)"),
    (lambda x: quadratic_gradient(x)[:, None], "shape \\(5, 1\\)"),
    (lambda x: quadratic_gradient(x)[:4], "shape \\(4,\\)"),
    (lambda x: quadratic_gradient(x).sum(), "shape \\(\\)"),
    (lambda x: quadratic_gradient(x) + 0j, "complex"),
    (lambda x: None, "must hold numbers"),
    (lambda x: ["a"] * 5, "must hold numbers"),
    (lambda x: np.zeros((5, 5)), "shape \\(5, 5\\)"),
], ids=["nan", "inf", "column", "short", "scalar", "complex", "None", "text", "outer"])
def test_impossible_claims_fail_with_the_reason(claim, words):
    import re
    report = check_gradient(quadratic, claim, x5)
    assert not report and re.search(words, str(report)), str(report)


def test_wrong_shape_with_right_numbers_says_so():
    report = check_gradient(quadratic, lambda x: quadratic_gradient(x)[:, None], x5)
    assert "reshape them to (5,)" in str(report)
    X = RNG.standard_normal((2, 3))
    report = check_gradient(lambda X: (X**3).sum(), lambda X: 3 * X.T**2, X)
    assert "its transpose is right" in str(report)
    assert check_gradient(lambda X: (X**3).sum(), lambda X: X.T**2, X).suggestions == ()


def test_an_empty_gradient_passes():
    assert check_gradient(lambda x: np.sum(x), np.zeros(0), np.zeros(0))
    assert check_gradient(lambda x: np.sum(x), np.zeros((0, 3)), np.zeros((0, 3)))
    assert not check_gradient(lambda x: np.sum(x), np.zeros(1), np.zeros(0))


def test_at_a_minimum_rounding_is_not_called_a_mistake():
    X, y = RNG.standard_normal((20, 5)), RNG.standard_normal(20)
    beta = np.linalg.lstsq(X, y)[0]
    for right_side in (y, X @ beta, 1e6 * y):
        w = np.linalg.lstsq(X, right_side)[0]
        report = check_gradient(lambda w, b=right_side: 0.5 * ((X @ w - b) ** 2).sum(),
                                lambda w, b=right_side: X.T @ (X @ w - b), w)
        assert report, str(report)


@pytest.mark.parametrize("scale", [1e-200, 1e-6, 1e6, 1e100])
def test_a_wrong_factor_is_found_at_every_scale(scale):
    x = scale * np.array([1.0, 2.0, -3.0])
    def f(x):
        return np.exp(x / scale).sum()

    assert check_gradient(f, lambda x: np.exp(x / scale) / scale, x)
    report = check_gradient(f, lambda x: 2 * np.exp(x / scale) / scale, x)
    assert not report and "times 2" in report.suggestions[0]


@pytest.mark.parametrize("x", [[1e-12, 1.0, -2.0], [1e-200, 2e-200, 0.0], [0.0, 0.0, 0.0], [1e-12, 1e12, 1.0]])
def test_a_wrong_entry_is_found_where_x_is_tiny_and_f_is_not(x):
    def f(x):
        return 1.0 + 2 * x.sum() + np.sin(x[0])

    exact = np.array([2.0 + np.cos(x[0]), 2, 2])
    assert check_gradient(f, exact, x)
    for i in range(3):
        claim = exact.copy()
        claim[i] *= 1.01
        report = check_gradient(f, claim, x)
        assert report.wrong.tolist() == [j == i for j in range(3)], str(report)


def test_an_error_in_the_claimed_gradient_is_not_hidden():
    with pytest.raises(TypeError, match="unsupported operand"):
        check_gradient(quadratic, lambda x: x + None, x5)


def test_array_valued_functions_are_sent_to_the_product_checks():
    with pytest.raises(ValueError, match="check_vjp"):
        check_gradient(np.sin, np.cos, x5)


# --- Taylor slopes ---------------------------------------------------------------------------------------------

def test_slope_is_two_for_a_gradient_and_one_for_anything_else():
    for f, g in ((quadratic, quadratic_gradient), (lambda x: np.exp(x).sum(), np.exp),
                 (lambda x: np.log(x @ x), lambda x: 2 * x / (x @ x))):
        right, wrong = taylor_test(f, g, x5), taylor_test(f, lambda x, g=g: 1.01 * g(x), x5)
        assert right and abs(right.slope - 2) < 0.05, str(right)
        assert not wrong and abs(wrong.slope - 1) < 0.1, str(wrong)
    assert right.steps.shape == right.errors.shape == (25,)


def test_slopes_of_linear_and_cubic_functions():
    linear = taylor_test(lambda x: 3 * x.sum(), np.full(5, 3.0), x5)
    assert linear and np.isnan(linear.slope) and "right" in str(linear)
    assert not taylor_test(lambda x: 3 * x.sum(), np.full(5, 3.1), x5)
    cubic = taylor_test(lambda x: (x**3).sum(), np.zeros(3), np.zeros(3))
    assert cubic and abs(cubic.slope - 3) < 0.05
    assert taylor_test(lambda x: np.sum(x), np.zeros(0), np.zeros(0))


@pytest.mark.parametrize("scale", [1e-100, 1e100])
def test_slopes_at_extreme_scales(scale):
    def f(x):
        return np.exp(x / scale).sum()

    assert taylor_test(f, lambda x: np.exp(x / scale) / scale, scale * x5)
    assert not taylor_test(f, lambda x: 1.001 * np.exp(x / scale) / scale, scale * x5)


def test_taylor_test_refuses_bad_input():
    with pytest.raises(ValueError, match="same shape"):
        taylor_test(quadratic, np.ones((5, 1)), x5)
    with pytest.raises(ValueError, match="claimed gradient has 1 entry"):
        taylor_test(quadratic, [1, 2, 3, 4, np.nan], x5)
    with pytest.raises(ValueError, match="direction"):
        taylor_test(quadratic, quadratic_gradient, x5, direction=np.ones(4))
    with pytest.raises(ValueError, match="steps must be positive"):
        taylor_test(quadratic, quadratic_gradient, x5, steps=[0.0, 1.0])
    with pytest.raises(ValueError, match="scalar-valued"):
        taylor_test(np.sin, np.cos, x5)
    with pytest.raises(ValueError, match="NaN or infinite"), np.errstate(all="ignore"):
        taylor_test(lambda x: np.log(x).sum(), lambda x: 1 / x, np.array([1.0]), direction=[-1.0], steps=[2.0])


def test_the_plot_shows_errors_against_steps():
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.switch_backend("Agg")
    test = taylor_test(quadratic, quadratic_gradient, x5)
    ax = test.plot()
    points = ax.lines[0].get_xydata()
    np.testing.assert_array_equal(points[:, 1], test.errors[test.errors > 0])
    assert ax.get_xscale() == ax.get_yscale() == "log" and ax.get_xlabel() and ax.get_ylabel()
    assert test.plot(ax) is ax
    plt.close("all")


# --- products with the Jacobian --------------------------------------------------------------------------------

B35 = RNG.standard_normal((3, 5))


def layer(x):
    return np.tanh(B35 @ x)


def layer_jvp(x, v):
    return (1 - np.tanh(B35 @ x) ** 2) * (B35 @ v)


def layer_vjp(x, u):
    return B35.T @ ((1 - np.tanh(B35 @ x) ** 2) * u)


def test_right_products_pass():
    for report in (check_jvp(layer, layer_jvp, x5), check_vjp(layer, layer_vjp, x5)):
        assert report and report.error < 1e-9 and "agree" in str(report)
    assert check_vjp(np.linalg.norm, lambda x, u: u * x / np.linalg.norm(x), x5)
    assert check_jvp(np.sin, lambda x, v: np.cos(x) * v, 0.5)
    assert check_vjp(lambda x: x, lambda x, u: u, np.zeros(0))


@pytest.mark.parametrize("wrong", [
    lambda x, u: 1.001 * layer_vjp(x, u),
    lambda x, u: -layer_vjp(x, u),
    lambda x, u: B35.T @ u,
    lambda x, u: layer_vjp(x, u)[:, None],
    lambda x, u: layer_vjp(x, u) * np.nan,
    lambda x, u: np.where(np.arange(5) == 3, 0.0, layer_vjp(x, u)),
], ids=["factor", "sign", "forgets tanh'", "shape", "nan", "one entry"])
def test_wrong_vjps_fail(wrong):
    report = check_vjp(layer, wrong, x5)
    assert not report and "vjp(x, u)" in str(report)


@pytest.mark.parametrize("wrong", [
    lambda x, v: 1.001 * layer_jvp(x, v),
    lambda x, v: B35 @ v,
    lambda x, v: layer_jvp(x, v)[None],
    lambda x, v: layer_jvp(x, v) * np.inf,
], ids=["factor", "forgets tanh'", "shape", "inf"])
def test_wrong_jvps_fail(wrong):
    report = check_jvp(layer, wrong, x5)
    assert not report and "jvp(x, v)" in str(report)


def test_second_order_is_checked_by_differentiating_the_derivative():
    def vjp(f, x):
        return f(x), lambda u: complex_step(f, x).T @ u if np.ndim(x) else complex_step(f, x) * u

    def jvp(f, x, v):
        return f(x), complex_step(f, x) @ v

    def wrong_jvp(f, x, v):
        return f(x), central_difference(f, x) @ v * 1.01

    report = check_derivatives(lambda x: np.sin(B35 @ x), x5, vjp=vjp, jvp=jvp, order=1)
    assert report and "order 1" in str(report)
    assert "forward mode" in str(check_derivatives(lambda x: np.sin(B35 @ x), x5, vjp=vjp, jvp=wrong_jvp, order=1))

    # A product whose derivative is not its own: right to first order, wrong to second.
    def analytic_vjp(f, x):
        if f is cube:
            return f(x), lambda u: 3 * x**2 * u
        return f(x), lambda u: 2 * central_difference(f, x).T @ u

    def analytic_jvp(f, x, v):
        return (f(x), 3 * x**2 * v) if f is cube else (f(x), central_difference(f, x) @ v)

    def cube(x):
        return x**3

    assert check_derivatives(cube, x5, vjp=analytic_vjp, jvp=analytic_jvp, order=1)
    second = check_derivatives(cube, x5, vjp=analytic_vjp, jvp=analytic_jvp, order=2)
    assert not second and "the derivative of J" in str(second)
    with pytest.raises(ValueError, match="order must be at least 1"):
        check_derivatives(cube, x5, vjp=analytic_vjp, jvp=analytic_jvp, order=0)
