import sys
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkit import checks, gradcheck
from labkit.checks import WrongAnswerError, gradient, is_gradient, witness
from labkit.checks.answers import tried_with
from labkit.matcalc import check


def quadratic(x, A):
    return x @ A @ x


def right(x, A):
    return A @ x + A.T @ x


SMALL = [{"x": [1, 2], "A": [[1, 2], [0, 3]]}, {"x": [2, -1, 1], "A": [[0, 1, 2], [3, 0, 1], [1, 4, 1]]}]


def trace(X, A, B):
    return np.trace(A @ X @ B)


SHAPES = [
    {"X": [[1, 0], [2, -1]], "A": [[1, 2], [0, 3]], "B": [[0, 3], [1, 1]]},
    {"X": [[1, 0, 2], [2, 1, 0]], "A": [[1, 2]], "B": [[0], [3], [1]]},
]


def failure(answer, of=quadratic, by="x", at=SMALL, **options):
    """What a wrong answer is told."""
    with pytest.raises(WrongAnswerError) as caught:
        gradient(answer, of=of, by=by, at=at, **options)
    return caught.value


# --- right answers ---------------------------------------------------------------------------------------------

def test_a_right_answer_prints_one_line(capsys):
    assert gradient(right, of=quadratic, by="x", at=SMALL) is None
    printed = capsys.readouterr()
    assert printed.out == "✓ right: right on all 2 inputs.\n"
    assert printed.err == ""


def test_one_input_is_spoken_of_in_the_singular(capsys):
    gradient(right, of=quadratic, by="x", at=SMALL[:1])
    assert capsys.readouterr().out == "✓ right: right on this input.\n"


@pytest.mark.parametrize("answer", [
    lambda x, A: list(A @ x + A.T @ x),
    lambda x, A: tuple(A @ x + A.T @ x),
    lambda x, A: (A @ x + A.T @ x).astype(np.float32),
    lambda x, A: np.asmatrix(A @ x + A.T @ x).A1,
    lambda x, A: (A @ x + A.T @ x).astype(int),
    lambda y, M: M @ y + M.T @ y,
    lambda *arguments: right(*arguments),
    lambda x, A, extra=0: right(x, A) + extra,
])
def test_the_type_and_the_names_do_not_matter(answer, capsys):
    gradient(answer, of=quadratic, by="x", at=SMALL)
    assert capsys.readouterr().out.startswith("✓")


def test_single_precision_may_lose_digits(capsys):
    def rounded(x, A):
        return (right(x, A) * (1 + 2e-5)).astype(np.float32)

    gradient(rounded, of=quadratic, by="x", at=SMALL)
    assert capsys.readouterr().out.startswith("✓")
    assert failure(lambda x, A: rounded(x, A).astype(np.float64)).kind == "inexact"
    assert failure(lambda x, A: -rounded(x, A)).kind == "sign"


def test_a_callable_object_may_answer(capsys):
    class Gradient:
        def __call__(self, x, A):
            return right(x, A)

    gradient(Gradient(), of=quadratic, by="x", at=SMALL)
    assert capsys.readouterr().out.startswith("✓ Gradient")


def test_a_scalar_variable(capsys):
    def f(t, x):
        return t**3 * (x @ x)

    at = [{"t": 2.0, "x": [1, 2]}, {"t": -1, "x": [3]}]
    gradient(lambda t, x: 3 * t**2 * (x @ x), of=f, by="t", at=at)
    assert capsys.readouterr().out.startswith("✓")
    assert failure(lambda t, x: -3 * t**2 * (x @ x), f, "t", at).kind == "sign"


def test_warnings_and_stderr_of_a_right_answer_are_kept_quiet(capsys):
    def noisy(x, A):
        np.log(np.zeros(1)) + np.exp([1000.0]) + np.zeros(1) / np.zeros(1)
        warnings.warn("look here", UserWarning, stacklevel=1)
        print("debugging", file=sys.stderr)
        return right(x, A)

    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        gradient(noisy, of=quadratic, by="x", at=SMALL)
    assert capsys.readouterr().err == ""


def test_an_answer_may_print(capsys):
    def talking(x, A):
        print("x is", x)
        return right(x, A)

    gradient(talking, of=quadratic, by="x", at=SMALL)
    assert "x is" in capsys.readouterr().out


@pytest.mark.parametrize("size", [1e-150, 1e-8, 1.0, 1e8, 1e150])
def test_right_and_wrong_at_every_scale(size, capsys):
    at = [{"x": [size, -3 * size], "A": [[1, 2], [5, 4]]}]
    gradient(right, of=quadratic, by="x", at=at)
    assert capsys.readouterr().out.startswith("✓")
    assert failure(lambda x, A: 2 * A @ x, at=at).kind == "symmetric only"
    assert failure(lambda x, A: 1.00001 * right(x, A), at=at).kind == "inexact"


def test_a_gradient_that_is_zero(capsys):
    at = [{"x": [1, 2], "A": [[0, 1], [-1, 0]]}]
    gradient(right, of=quadratic, by="x", at=at)
    assert capsys.readouterr().out.startswith("✓")
    assert failure(lambda x, A: 1e-3 * x, at=at).kind == "numbers"


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_random_quadratic_forms(n, seed):
    rng = np.random.default_rng(seed)
    at = [{"x": rng.normal(size=n), "A": rng.normal(size=(n, n))}]
    gradient(right, of=quadratic, by="x", at=at)
    assert failure(lambda x, A: -right(x, A), at=at).kind == "sign"
    assert failure(lambda x, A: 2 * right(x, A), at=at).kind == "factor"
    error = 5 * (np.arange(n) == rng.integers(n)) * (1 + np.abs(right(**at[0])).max())
    assert failure(lambda x, A: right(x, A) + error, at=at).kind in ("numbers", "factor")


def test_functions_without_complex_derivative_are_differentiated_otherwise(capsys):
    at = [{"X": [[2, 1], [0, 4]]}, {"X": [[-3, 1], [2, -5]]}]
    for of in (lambda X: np.linalg.slogdet(X)[1], lambda X: np.log(np.abs(np.linalg.det(X)))):
        gradient(lambda X: np.linalg.inv(X).T, of=of, by="X", at=at)
        assert failure(np.linalg.inv, of, "X", at).kind == "transposed"
    assert capsys.readouterr().out.count("✓") == 2


# --- each kind of mistake --------------------------------------------------------------------------------------

def test_an_answer_that_is_not_a_function():
    told = failure(np.zeros(2))
    assert told.kind == "not callable"
    assert "ndarray" in str(told)


def test_an_unwritten_answer_is_not_scolded_for_its_input():
    def stub(x, A):
        raise NotImplementedError()

    told = failure(stub)
    assert (told.kind, str(told)) == (
        "not written", "✗ stub: not written yet. Replace the line `raise NotImplementedError` by your answer.")


@pytest.mark.parametrize(("answer", "kind", "says"), [
    (lambda x, A: None, "returns None", "Is there a `return`?"),
    (lambda x: x, "arguments", "takes the arguments (x, A), in this order"),
    (lambda x, A: "2Ax", "type", "must hold numbers"),
    (lambda x, A: [x, x[:1]], "type", "rows differ in length"),
    (lambda x, A: x + 1j, "type", "complex"),
    (lambda x, A: right, "type", "must hold numbers"),
    (lambda x, A: A @ y, "exception", "NameError: name 'y' is not defined"),  # noqa: F821
    (lambda x, A: x @ x @ A, "exception", "the matrix uvᵀ is np.outer(u, v)"),
    (lambda x, A: right(x, A)[:, None], "shape", "have one axis, shape (n,): neither a row nor a column"),
    (lambda x, A: x @ A, "symmetric only", "up to the factor ½ if A were symmetric"),
    (lambda x, A: A, "shape", "x has shape (2,)"),
    (lambda x, A: x @ A @ x, "shape", "yours has ()"),
    (lambda x, A: 0 * x, "zero", "f does change with x"),
    (lambda x, A: -right(x, A), "sign", "opposite sign"),
    (lambda x, A: 2 * right(x, A), "factor", "twice what it should be"),
    (lambda x, A: -right(x, A) / 2, "factor", "-0.5 times"),
    (lambda x, A: right(x, A) / 3, "factor", "a third of"),
    (lambda x, A: 1.7 * right(x, A), "factor", "1.7 times"),
    (lambda x, A: 2 * A @ x, "symmetric only", "would be right if A were symmetric, but it is not"),
    (lambda x, A: right(x, A) + [0, 1, 0][:len(x)], "numbers", "1 of the 2 entries is wrong; the other is right."),
    (lambda x, A: right(x, A) * (1 + 1e-4), "inexact", "off by 1e-04"),
    (lambda x, A: right(x, A) / (x - x), "not finite", "infinite"),
    (lambda x, A: np.log(-np.abs(right(x, A))), "not finite", "NaN"),
    (lambda x, A: np.arange(len(x)) + 1.0, "numbers", "the numbers are wrong"),
    (lambda x, A: A @ x if len(x) == 3 else right(x, A), "symmetric only", "x = [2 -1 1]"),
    (gradcheck.richardson, "labkit", "richardson"),
])
def test_the_kind_of_mistake_is_named(answer, kind, says):
    told = failure(answer)
    assert told.kind == kind, told
    assert says in str(told)


@pytest.mark.parametrize(("answer", "kind", "says"), [
    (lambda X, A, B: B @ A, "transposed", "the derivative by X[i, j]"),
    (lambda X, A, B: -B @ A, "transposed", "The sign is wrong too"),
    (lambda X, A, B: 2 * B @ A, "transposed", "A factor is off, too"),
    (lambda X, A, B: A @ B, "symmetric only", "if A and B were symmetric, but they are not"),
    (lambda X, A, B: np.sum(A), "shape", "yours has (). Vectors have one axis: u @ v is the number uᵀv, and the "
                                         "matrix uvᵀ is np.outer(u, v)."),
    (lambda X, A, B: X[0], "shape", "yours has (2,). Vectors have one axis"),
    (lambda X, A, B: A.T @ B.T if len(A) == len(B) else X, "square only", "right for square matrices"),
    (lambda X, A, B: A.T @ B.T if len(A) == len(B) else A @ A, "square only", "ValueError"),
    (lambda X, A, B: np.array([[0, 1], [9, 5]]), "constant",
     "differ in X, A and B, though the right gradients differ. Do X, A and B enter as they should?"),
])
def test_the_kind_of_mistake_with_matrices(answer, kind, says):
    told = failure(answer, trace, "X", SHAPES)
    assert told.kind == kind, told
    assert says in str(told)


def test_a_transposed_shape_is_told_when_the_numbers_are_right():
    told = failure(lambda X, A, B: B @ A, trace, "X", SHAPES[1:])
    assert told.kind == "transposed"
    assert "X has shape (2, 3)" in str(told)
    assert "yours has (3, 2). The numbers are right." in str(told)
    assert "The numbers are right" not in str(failure(lambda X, A, B: -B @ A, trace, "X", SHAPES[1:]))


def test_the_same_answer_for_different_inputs_names_what_differs():
    at = [{"x": [1, 2], "A": [[1, 2], [0, 3]]}, {"x": [1, 2], "A": [[1, 0], [0, 1]]}]
    told = failure(lambda x, A: np.array([6, 14]), at=at)
    assert told.kind == "constant"
    assert "that differ in A, though the right gradients differ. Does A enter as it should?" in str(told)


def test_one_number_alone_does_not_make_a_factor():
    at = [{"x": [1], "A": [[3]]}]
    assert failure(lambda x, A: 1.7 * right(x, A), at=at).kind == "numbers"
    assert failure(lambda x, A: 2 * right(x, A), at=at).kind == "factor"


def test_the_same_wrong_answer_is_not_called_constant_where_the_gradient_is_the_same():
    at = [{"x": [1, 2], "c": [3, -1]}, {"x": [5, 7], "c": [3, -1]}]
    assert failure(lambda x, c: 2 * c, lambda x, c: c @ x, "x", at).kind == "factor"


def test_the_convention_for_symmetric_matrices_is_recognised():
    def logdet(X):
        return np.linalg.slogdet(X)[1]

    def convention(X):
        Y = np.linalg.inv(X)
        return 2 * Y - np.diag(np.diag(Y))

    for X in ([[2, 1], [1, 3]], [[2, 1], [0, 4]]):
        assert failure(convention, logdet, "X", [{"X": X}]).kind == "symmetric convention"


def test_arrays_of_integers_cut_off_fractions():
    def truncating(x):
        g = np.zeros_like(x)
        g[:] = np.cos(x) + 2
        return g

    def f(x):
        return np.sum(np.sin(x) + 2 * x)

    gradient(truncating, of=f, by="x", at=[{"x": [1, 2]}])
    told = failure(truncating, f, "x", [{"x": np.array([1, 2])}])
    assert told.kind == "integers"
    assert "x of integer type" in str(told)


def test_changing_an_argument_is_an_error_and_does_not_reach_the_caller():
    def careless(x, A):
        A += A.T
        return A @ x

    at = [{"x": np.array([1.0, 2.0]), "A": np.array([[1.0, 2.0], [0.0, 3.0]])}]
    told = failure(careless, at=at)
    assert told.kind == "mutates"
    assert "its argument A" in str(told)
    assert (at[0]["A"] == [[1, 2], [0, 3]]).all()


@pytest.mark.parametrize("change", [
    lambda x: x.sort(), lambda x: x.fill(0), lambda x: x.resize(4, refcheck=False), lambda x: x.put([0], [7])])
def test_every_way_of_changing_an_argument_is_seen(change):
    def careless(x):
        g = 2 * x
        change(x)
        return g

    assert failure(careless, lambda x: x @ x, "x", [{"x": [3.0, 1.0]}]).kind == "mutates"


def test_labkit_is_found_where_it_hides():
    def inner(x, A):
        return gradcheck.complex_step(lambda x: x @ A @ x, x)

    def local_import(x, A):
        from labkit.gradcheck import complex_step
        return complex_step(lambda x: x @ A @ x, x)

    namespace = {"np": np}
    exec("import labkit.gradcheck as g\n"
         "def helper(x, A):\n    return g.richardson(lambda x: x @ A @ x, x)\n"
         "def answer(x, A):\n    return [helper(x, A) for _ in range(1)][0]", namespace)
    ready_made = gradcheck.GradientReport(True, "", (), np.zeros(2), np.zeros(2), np.zeros(2), np.zeros(2), "")

    def by_class(x, A):
        return gradcheck.GradientReport

    namespace["ready_made"] = ready_made
    exec("def with_object(x, A):\n    return ready_made.expected", namespace)
    for answer in (inner, local_import, by_class, gradcheck.check_gradient, gradcheck.GradientReport,
                   namespace["answer"], namespace["with_object"]):
        assert failure(answer).kind == "labkit"


def test_a_helper_of_the_student_that_calls_itself_is_no_trouble(capsys):
    namespace = {"np": np}
    exec("def total(terms):\n    return terms[0] + total(terms[1:]) if len(terms) > 1 else terms[0]\n"
         "def answer(x, A):\n    return total([A @ x, A.T @ x])", namespace)
    gradient(namespace["answer"], of=quadratic, by="x", at=SMALL)
    assert capsys.readouterr().out.startswith("✓")


def test_an_exception_is_shown_with_the_line_of_the_student(tmp_path):
    file = tmp_path / "cell.py"
    source = "def answer(x, A):\n    y = x.reshape(7)\n    return y\n"
    file.write_text(source)
    namespace = {}
    exec(compile(source, str(file), "exec"), namespace)
    told = str(failure(namespace["answer"]))
    assert "ValueError: cannot reshape array of size 2 into shape (7,)" in told
    assert "in the line  y = x.reshape(7)" in told


def test_interrupting_is_not_an_answer():
    def interrupted(x, A):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gradient(interrupted, of=quadratic, by="x", at=SMALL)


# --- what only all inputs together show ------------------------------------------------------------------------

@pytest.mark.parametrize(("answer", "kind", "says"), [
    (lambda X, A, B: B.T @ A.T, "exception", "The shapes in a product do not fit"),  # numbers, on the square input
    (lambda X, A, B: A + B if len(A) == len(B) else A, "shape", "X has shape (2, 3), so its gradient has"),
    (lambda X, A, B: 2 * A.T @ B.T if len(A) == len(B) else X.T, "transposed", "yours has (3, 2)"),
    (lambda X, A, B: A.T @ B.T + 1, "numbers", "the numbers are wrong"),
])
def test_a_wrong_shape_is_told_before_wrong_numbers_on_an_earlier_input(answer, kind, says):
    told = failure(answer, trace, "X", SHAPES)
    assert told.kind == kind, told
    assert says in str(told)
    assert ("[2 1 0]" in str(told)) == (kind != "numbers")  # the input that shows it


def test_a_factor_that_the_input_gives_is_no_factor():
    at = [{"x": [1, 2, 3]}, {"x": [1, 4]}, {"x": [0]}]
    told = failure(lambda x: 2 * x * len(x), lambda x: x @ x, "x", at)
    assert told.kind == "factor"
    assert "The factor is 3 here and 2 on another input: what in the input gives it?" in str(told)
    told = failure(lambda x: 2 * x * max(1, len(x) - 1), lambda x: x @ x, "x", at)
    assert "The factor is 2 here and 1 on another input" in str(told)
    told = complaint(checks.value, lambda x: x * len(x), like=lambda x: x, at=at)
    assert "The factor is 3 here and 2 on another input" in str(told)


def test_a_factor_on_one_input_only_is_an_accident():
    at = [{"x": [1, 1]}, {"x": [1, 3]}]
    told = failure(lambda x: 4 * x**2, lambda x: x @ x, "x", at)
    assert told.kind == "numbers"
    assert "x = [1 3]" in str(told)
    told = complaint(checks.value, lambda x: -x @ x, like=lambda x: x[0] + x[1], at=at)
    assert (told.kind, "the number is wrong." in str(told)) == ("numbers", True)


def test_one_number_has_no_entries():
    told = str(complaint(checks.value, lambda x: 2 * np.mean(x), like=mean, at=[{"x": [1, 2]}, {"x": [4]}]))
    assert "off by a factor. It is twice what it should be." in told
    told = failure(lambda t: 4 * t, lambda t: t * t, "t", [{"t": 3}])
    assert "It is twice what it should be." in str(told)
    told = failure(lambda t: -2 * t, lambda t: t * t, "t", [{"t": 3}])
    assert "the sign is wrong.\n" in str(told)


@pytest.mark.parametrize(("answer", "kind", "says"), [
    (lambda x: 2 * len(x), "numbers", "the number is wrong, too large by 4."),
    (lambda x: len(x) - 1, "numbers", "the number is wrong, too small by 1."),
    (lambda x: 1, "constant", "differ in obj, though the right results differ. Does obj enter as it should"),
    (lambda x: -len(x), "sign", "the sign is wrong."),
    (lambda x: 0, "zero", "the result is zero"),
])
def test_a_count_is_too_large_or_too_small(answer, kind, says):
    told = complaint(checks.value, answer, like=len, at=[{"obj": [1, 2, 3, 4]}, {"obj": [5, 0]}])
    assert (told.kind, says in str(told)) == (kind, True), told


def test_counts_that_agree_by_accident_are_not_called_constant():
    def at_most_two(x):
        return min(len(x), 2)

    told = complaint(checks.value, at_most_two, like=lambda x: len(x), at=[{"x": [1] * n} for n in (1, 2, 3, 4)])
    assert (told.kind, "too small by 1" in str(told)) == ("numbers", True)


def pseudoinverse(A):
    return np.linalg.pinv(A)


FULL, DEFICIENT = [[1, 2], [0, 3]], [[1, 1], [1, 1]]
TALL, TALL_DEFICIENT = [[1, 0], [2, 1], [0, 1]], [[1, 1], [1, 1], [2, 2]]


@pytest.mark.parametrize(("right_for", "matrices", "blamed"), [
    ("square", [FULL, TALL], True),
    ("square", [FULL, TALL_DEFICIENT], False),  # deficient rank may be why
    ("square", [FULL, DEFICIENT, TALL_DEFICIENT], True),  # it is not: the square matrix of deficient rank passed
    ("square", [FULL, TALL_DEFICIENT, TALL], True),
    ("full rank", [FULL, TALL_DEFICIENT], False),
    ("full rank", [FULL, TALL, TALL_DEFICIENT], False),
    ("full rank", [FULL, DEFICIENT, TALL_DEFICIENT], False),
    ("full rank", [[[0]], TALL_DEFICIENT], False),
])
def test_shape_is_blamed_only_where_rank_is_not_at_fault(right_for, matrices, blamed):
    def answer(A):
        right = len(A) == len(A.T) if right_for == "square" else np.linalg.matrix_rank(A) == min(A.shape)
        return pseudoinverse(A) if right else pseudoinverse(A) ** 2 + 1

    told = complaint(checks.value, answer, like=pseudoinverse, at=[{"A": A} for A in matrices])
    assert (told.kind == "square only") == blamed
    assert ("right for square matrices, but not for others" in str(told)) == blamed


def test_shape_is_not_blamed_where_a_square_matrix_failed():
    def answer(X, A, B):
        return A.T @ B.T if (A == A.T).all() and len(A) == len(B) else A.T @ B.T + 1

    at = [{"X": np.eye(2), "A": np.eye(2), "B": FULL}, *SHAPES[::-1]]
    assert failure(answer, trace, "X", at).kind == "numbers"


# --- division by zero and overflow -----------------------------------------------------------------------------

BY_ENTRY = "(X**-1 and 1/X invert entry by entry; the matrix inverse is np.linalg.inv or np.linalg.solve.)"


@pytest.mark.parametrize("answer", [
    lambda A: A**-1, lambda A: 1 / A, lambda A: 1 / np.array([2.0, 0.0])[-1] * A, lambda A: A / (A - A),
])
def test_a_division_by_zero_is_told_as_one(answer):
    told = complaint(checks.value, answer, like=np.linalg.inv, at=[{"a": [[1, 0], [0, 2]]}])
    assert told.kind == "not finite"
    assert "divided by zero" in str(told)
    assert "Which step is it, and should that term be there at all? " + BY_ENTRY in str(told)
    assert "overflow" not in str(told)
    told = failure(answer, lambda A: np.linalg.slogdet(A)[1], "A", [{"A": [[1, 0], [0, 2]]}])
    assert BY_ENTRY in str(told)


def test_vectors_have_no_matrix_inverse():
    told = str(complaint(checks.value, lambda x: 1 / x, like=lambda x: x, at=[{"x": [0, 1]}]))
    assert "should that term be there at all?\n" in told
    assert "np.linalg" not in told


@pytest.mark.parametrize(("answer", "at"), [
    (lambda x: np.exp(x) / np.exp(x), {"x": [800.0, 1.0]}),
    (lambda x: x**2 / x, {"x": [1e200, 1.0]}),
])
def test_an_overflow_is_told_as_one(answer, at):
    told = str(complaint(checks.value, answer, like=lambda x: x, at=[at]))
    assert "a number overflowed (exp(710) does, so does (1e200)²). Can the formula be arranged" in told
    assert "zero" not in told


@pytest.mark.parametrize(("answer", "at"), [
    (lambda x: x / np.exp(-x), {"x": [800.0, 1.0]}),  # exp underflows: the zero is no zero
    (lambda x: x / x**2, {"x": [1e-200, 1.0]}),
    (lambda x: x * float("inf"), {"x": [1.0]}),
])
def test_a_zero_that_came_from_underflow_is_not_blamed(answer, at):
    told = str(complaint(checks.value, answer, like=lambda x: x, at=[at]))
    assert "overflowed (exp(710) does, so does (1e200)²) or was divided by zero" in told
    assert "Can the formula be arranged" in told


# --- what is shown ---------------------------------------------------------------------------------------------

def test_the_first_failing_input_is_shown_and_never_the_gradient():
    told = str(failure(lambda x, A: 2 * A @ x))
    assert told == """\
✗ <lambda>: your formula would be right if A were symmetric, but it is not. \
Is a transpose or one of two terms missing?

Tried with
    x = [1 2]
    A = [[1 2]
         [0 3]]
Your result
    [10 12]
If only x[0] moves, by a tiny h, then f changes by 6 h; your entry there is 10."""
    assert "[6 14]" not in told


def test_zero_has_no_sign():
    told = str(failure(lambda x, c: -c, lambda x, c: c @ x, "x", [{"x": [1, 2], "c": [0, 3]}]))
    assert "Your result\n    [0 -3]\n" in told


def test_large_inputs_are_not_printed():
    rng = np.random.default_rng(0)
    told = str(failure(lambda x, A: -right(x, A), at=[{"x": rng.normal(size=40), "A": rng.normal(size=(40, 40))}]))
    assert "A = (shape (40, 40), too large to print)" in told
    assert len(told) < 600


def test_notebooks_show_the_message_alone():
    told = failure(lambda x, A: -right(x, A))
    assert isinstance(told, AssertionError)
    assert "\n".join(told._render_traceback_()) == str(told)


# --- several gradients -----------------------------------------------------------------------------------------

def bilinear(x, y, A):
    return x @ A @ y


def both(x, y, A):
    return A @ y, A.T @ x


TWO = [{"x": [1, 2], "y": [3, 1], "A": [[1, 2], [0, 1]]}, {"x": [1], "y": [3, 1], "A": [[1, 2]]}]


def test_two_gradients_at_once(capsys):
    gradient(both, of=bilinear, by=("x", "y"), at=TWO)
    gradient(lambda x, y, A: (0, A.T @ x), of=bilinear, by=("x", "y"), only="y", at=TWO)
    assert capsys.readouterr().out == "✓ both: right on all 2 inputs.\n✓ <lambda> by y: right on all 2 inputs.\n"


@pytest.mark.parametrize(("answer", "kind", "says"), [
    (lambda x, y, A: (A @ y, -A.T @ x), "sign", "by y: the sign is wrong"),
    (lambda x, y, A: (2 * A @ y, A.T @ x), "factor", "by x: off by a factor"),
    (lambda x, y, A: A @ y, "parts", "2 results, for x and y in this order, but it returned one array"),
    (lambda x, y, A: (A @ y, A.T @ x, 0), "parts", "returned 3 things"),
    (lambda x, y, A: (A @ y, None), "returns None", "the gradient by y is None"),
])
def test_mistakes_in_one_of_two(answer, kind, says):
    told = failure(answer, bilinear, ("x", "y"), TWO)
    assert told.kind == kind
    assert says in str(told)


WIDE = [{"x": [1, 2], "y": [3, 1, 1], "A": [[1, 2, 0], [0, 1, 4]]}]


@pytest.mark.parametrize("at", [TWO, WIDE])
def test_gradients_in_the_wrong_order_are_recognised(at):
    def swapped(x, y, A):
        return both(x, y, A)[::-1]

    for judged, other in (("x", "y"), ("y", "x")):
        told = failure(swapped, bilinear, ("x", "y"), at, only=judged)
        assert told.kind == "order"
        assert f"by {judged}: this is the derivative by {other}. Return them in the order x, y.\n" in str(told)


def test_one_number_may_be_the_derivative_by_another_variable_by_accident():
    at = [{"x": [1], "y": [3], "A": [[2]]}]
    told = failure(lambda x, y, A: both(x, y, A)[::-1], bilinear, ("x", "y"), at)
    assert told.kind != "order"


def test_the_same_derivative_by_both_is_no_wrong_order():
    at = [{"x": [1, 2], "y": [1, 2], "A": [[1, 2], [2, 1]]}]
    assert failure(lambda x, y, A: (A @ y, -A @ x), bilinear, ("x", "y"), at).kind == "sign"


def test_only_one_of_two_is_judged():
    def answer(x, y, A):
        return A @ y, -A.T @ x

    gradient(answer, of=bilinear, by=("x", "y"), only="x", at=TWO)
    assert failure(answer, bilinear, ("x", "y"), TWO, only="y").kind == "sign"


# --- the author's mistakes -------------------------------------------------------------------------------------

@pytest.mark.parametrize(("options", "says"), [
    ({"by": "z"}, "`by` names ['z']"),
    ({"at": []}, "at least one input"),
    ({"at": [{"x": [1]}]}, "must give ['x', 'A']"),
    ({"at": [{"x": [1], "A": [[1]], "b": 3}]}, "must give ['x', 'A']"),
    ({"only": "A"}, "`only` names 'A'"),
    ({"of": lambda x, A: np.inf}, "NaN or infinite"),
    ({"of": lambda x, A: x}, "scalar"),
])
def test_a_task_that_does_not_fit_is_the_authors_error(options, says):
    arguments = {"of": quadratic, "by": "x", "at": SMALL} | options
    with pytest.raises(ValueError, match=says.replace("[", r"\[").replace("]", r"\]")):
        gradient(right, **arguments)


# --- is_gradient and witness -----------------------------------------------------------------------------------

def test_is_gradient():
    A, x = np.array([[1.0, 2], [0, 3]]), np.array([1.0, 2])
    assert is_gradient(right(x, A), of=lambda x: quadratic(x, A), at=x)
    assert not is_gradient(2 * A @ x, of=lambda x: quadratic(x, A), at=x)
    assert not is_gradient([6, 14, 0], of=lambda x: quadratic(x, A), at=x)
    assert not is_gradient([np.nan, 14], of=lambda x: quadratic(x, A), at=x)
    assert is_gradient([[1, 0], [0, 1]], of=lambda X: np.linalg.slogdet(X)[1], at=np.eye(2))
    with pytest.raises(TypeError, match="candidate"):
        is_gradient("2Ax", of=lambda x: x @ x, at=[1, 2])


NILPOTENT = [("N is not zero", lambda N: N.any()), ("N² = 0", lambda N: not (N @ N).any())]


def test_every_example_that_does_what_it_should_is_right(capsys):
    for N in ([[0, 1], [0, 0]], np.array([[0, 0], [7, 0]]), ((2, -4), (1, -2))):
        witness(lambda N=N: N, shapes={"N": (2, 2)}, must=NILPOTENT, whole_numbers_to=9)
    assert capsys.readouterr().out.count("✓ <lambda>: your example does what it should.\n") == 3


@pytest.mark.parametrize(("answer", "kind", "says"), [
    (lambda: np.zeros((2, 2)), "no example", "It should be true that N is not zero"),
    (lambda: np.eye(2), "no example", "It should be true that N² = 0"),
    (lambda: np.eye(3), "shape", "N has shape (3, 3); it should have shape (2, 2)"),
    (lambda: [[0, 0.5], [0, 0]], "whole numbers", "between -9 and 9"),
    (lambda: [[0, 10], [0, 0]], "whole numbers", "between -9 and 9"),
    (lambda: [[0, np.inf], [0, 0]], "not finite", "NaN or infinite"),
    (lambda: [[0, 1j], [0, 0]], "type", "complex"),
    (lambda: None, "returns None", "Is there a `return`?"),
    (lambda N: N, "arguments", "takes no arguments"),
    (lambda: 1 / 0, "exception", "ZeroDivisionError"),
    ([[0, 1], [0, 0]], "not callable", "list"),
])
def test_examples_that_do_not(answer, kind, says):
    with pytest.raises(WrongAnswerError) as caught:
        witness(answer, shapes={"N": (2, 2)}, must=NILPOTENT, whole_numbers_to=9)
    assert caught.value.kind == kind
    assert says in str(caught.value)


def test_an_example_of_two_parts():
    must = [("uᵀv = 0", lambda u, v: u @ v == 0)]
    witness(lambda: ([1, 0], [0, 1]), shapes={"u": (2,), "v": (2,)}, must=must)
    with pytest.raises(WrongAnswerError, match="for u and v in this order"):
        witness(lambda: [1, 0, 0], shapes={"u": (2,), "v": (2,)}, must=must)
    with pytest.raises(WrongAnswerError, match=r"u = \[1 0\]\n    v = \[1 1\]"):
        witness(lambda: ([1, 0], [1, 1]), shapes={"u": (2,), "v": (2,)}, must=must)


def test_only_the_public_names_are_offered():
    offered = {"construction", "derivation", "gradient", "is_gradient", "legible", "random_numbers", "value",
               "witness"}
    assert set(checks.__all__) == {"WrongAnswerError", *offered}


def test_a_gap_in_the_data_is_no_change(capsys):
    def known(x):
        return np.count_nonzero(~np.isnan(x))

    checks.value(lambda x: float(sum(t == t for t in x)), like=known, at=[{"x": [1.0, np.nan, 2.0]}])
    assert "right on this input" in capsys.readouterr().out


# --- values, constructions, derivations  -----------------------------------------

def mean(x):
    return np.mean(x)


def complaint(check, answer, **options):
    with pytest.raises(WrongAnswerError) as caught:
        check(answer, **options)
    return caught.value


@pytest.mark.parametrize(("answer", "kind", "says"), [
    (lambda x: np.sum(x), "factor", "three times"),
    (lambda x: -np.mean(x), "sign", "the sign is wrong"),
    (lambda x: None, "returns None", "Is there a `return`"),
    (lambda x: np.array([np.mean(x)]), "shape", "should be a number"),
    (lambda x: np.nan, "not finite", "NaN"),
    (lambda x: 0.0, "zero", "should not be"),
    (lambda x: np.mean(x) * 1.0001, "inexact", "nearly right"),
    (lambda x: x.sort() or np.mean(x), "mutates", "its argument x"),
    (lambda x: np.median(x), "median", "the mean is not the median"),
    (lambda: 1.0, "arguments", "(x)"),
    (lambda x: "many", "type", "numbers"),
])
def test_the_kind_of_mistake_in_a_value(answer, kind, says):
    error = complaint(checks.value, answer, like=mean, at=[{"x": [7, 1, 4]}, {"x": [5, 1, 0]}],
                      mistakes=[("median", "the mean is not the median", np.median)]
                      if kind == "median" else ())
    assert (error.kind, says in str(error)) == (kind, True)


def test_several_values_are_named_and_infinity_is_a_value(capsys):
    def extremes(x):
        return np.min(x), np.max(x)

    checks.value(lambda x: (min(x), max(x)), like=extremes, returns=("low", "high"), at=[{"x": [1, 2]}])
    checks.value(lambda x: np.inf, like=lambda x: np.inf, at=[{"x": [1, 2]}])
    assert capsys.readouterr().out.count("✓") == 2
    error = complaint(checks.value, lambda x: (max(x), max(x)), like=extremes, returns=("low", "high"),
                      at=[{"x": [1, 2]}])
    assert "low:" in str(error)
    assert complaint(checks.value, lambda x: 1e308, like=lambda x: np.inf, at=[{"x": [1]}]).kind == "numbers"


def test_values_that_do_not_fit_the_task_are_the_authors_error():
    with pytest.raises(ValueError, match="must give"):
        checks.value(mean, like=mean, at=[{"y": [1]}])
    with pytest.raises(ValueError, match="must give"):
        checks.value(mean, like=mean, at=[])


def test_whole_numbers_reach_the_function_as_they_are(capsys):
    def leading(x, k):
        return x[:int(k)]

    checks.value(lambda x, k: x[:k], like=leading, at=[{"x": [1, 2, 3], "k": 2}])
    assert "right on this input" in capsys.readouterr().out
    seen = []
    checks.value(lambda *given: seen.extend(given) or len(given), like=lambda a, b, c, d: 4, at=[
        {"a": 2, "b": 2.0, "c": [1, 2], "d": np.array([1, 2])}])
    assert [np.asarray(value).dtype.kind for value in seen] == ["i", "f", "f", "i"]


def test_an_array_made_with_the_type_of_a_whole_number_cuts_off_fractions():
    def truncating(n):
        halves = np.full(2, n)
        halves[:] = halves / 2
        return halves

    told = complaint(checks.value, truncating, like=lambda n: np.full(2, n) / 2, at=[{"n": 3}])
    assert told.kind == "integers"


SIGNED = np.array([[0.6, 0.8, 1], [0.8, -0.6, 2]])


@pytest.mark.parametrize(("answer", "says"), [
    (lambda A: SIGNED * [1, -1, 1], "the sign is wrong in column 1; up to such signs the result is right."),
    (lambda A: SIGNED * [-1, -1, 1], "the sign is wrong in columns 0 and 1; up"),
    (lambda A: SIGNED * [[1], [-1]], "the sign is wrong in row 1; up"),
    (lambda A: -SIGNED, "the sign is wrong; up to its sign the result is right."),
])
def test_a_result_that_is_right_up_to_signs(answer, says):
    told = complaint(checks.value, answer, like=lambda A: SIGNED, at=[{"A": [[1, 2], [3, 4]]}])
    assert (told.kind, says in str(told)) == ("sign", True), told


def test_signs_of_entries_are_not_signs_of_columns():
    told = complaint(checks.value, lambda A: np.abs(SIGNED), like=lambda A: SIGNED, at=[{"A": [[1, 2], [3, 4]]}])
    assert told.kind == "numbers"


def test_three_results_are_listed_and_bare_vectors_explained():
    told = complaint(checks.value, lambda A: A, like=lambda A: (A[0], A[1], A), returns=("u", "σ", "v"),
                     at=[{"A": [[1, 2], [3, 4]]}])
    assert "it should return 3 results, for u, σ and v in this order, but it returned one array." in str(told)
    told = complaint(checks.value, lambda A: A[0], like=lambda A: A, at=[{"A": [[1, 2], [3, 4]]}])
    assert "the matrix uvᵀ is np.outer(u, v)" in str(told)


NOTEBOOK = {
    "answer": "def helper(x, c):\n    return c * x\n\ndef doubled(x):\n    return helper(x, 2)\n",
    "check": "def helper(x):\n    return sum(x)\n\nchecks.value(doubled, like=helper, at=[{'x': [1, 2]}])\n",
    "gradient": "def helper(x):\n    return x @ x\nchecks.gradient(doubled, of=helper, by='x', at=[{'x': [1]}])\n",
    "lambda": "checks.gradient(doubled, of=lambda x: x @ x, by='x', at=[{'x': [1]}])\n",
    "given": "def energy(x):\n    return x @ x\n",
    "uses it": "def doubled(x):\n    return 2 * x if energy(x) else x\n",
    "check of it": "checks.gradient(doubled, of=energy, by='x', at=[{'x': [1, 2]}])\n",
}


def run_cells(*cells):
    namespace = {"checks": checks}
    for cell in cells:
        exec(compile(NOTEBOOK[cell], f"<cell {cell}>", "exec"), namespace)


@pytest.mark.parametrize("check", ["check", "gradient"])
def test_a_helper_whose_name_the_check_has_taken_is_noticed(check):
    with pytest.raises(WrongAnswerError, match="calls helper, and that name now belongs to a function of this"):
        run_cells("answer", check)


def test_other_helpers_and_given_functions_may_be_called(capsys):
    run_cells("answer", "lambda")
    run_cells("given", "uses it", "check of it")
    assert capsys.readouterr().out.count("✓") == 2


UNIT = [("v has length 1", lambda v: abs(v @ v - 1) < 1e-12)]


@pytest.mark.parametrize(("answer", "kind"), [
    (lambda x: x, "no example"), (lambda x: x[:1], "shape"), (lambda x: None, "returns None"),
    (lambda x: x / 0, "not finite"), (lambda x: np.divide(x, 5, out=x), "mutates"),
])
def test_a_construction_is_judged_by_what_it_does(answer, kind, capsys):
    cases = {"at": [{"x": [3, 4]}], "shapes": {"v": lambda x: x.shape}, "must": UNIT}
    checks.construction(lambda x: x / np.sqrt(x @ x), **cases)
    assert "does what it should" in capsys.readouterr().out
    assert complaint(checks.construction, answer, **cases).kind == kind


def test_a_construction_may_count(capsys):
    checks.construction(lambda n: np.eye(n), at=[{"n": 3}], shapes={"A": (3, 3)},
                        must=[("A is the identity", lambda A: not (A - np.eye(3)).any())])
    assert "does what it should" in capsys.readouterr().out


PROBLEM = {"of": "x.T @ A @ x", "by": "x", "given": "A: n,n; x: n", "points": 4}


@pytest.mark.parametrize(("lines", "marks"), [
    (["df = dx.T @ A @ x + x.T @ A @ dx", "G = (A + A.T) @ x"], 4),
    ("df = dx.T @ A @ x + x.T @ A @ dx\n\nG = A @ x + A.T @ x", 4),
    (["df = dx.T @ A @ x + x.T @ A @ dx"], 2),
    (["df = 2 * x.T @ A @ dx", "G = 2 * A.T @ x"], 1),  # G follows from a wrong line
    (["df = 2 * x.T @ A @ dx", "G = (A + A.T) @ x"], 2),  # G is right all the same
    (["df = 2 x.T @ A @ dx", "G = (A + A.T) @ x"], 2),  # a misprint costs its line
    (["df = dx.T @ A @ x + x.T @ A @ dx", "G = A @ x"], 2),
    (["df = dx.T @ A @ x + x.T @ A @ dx", "df = 2 * x.T @ A @ dx", "G = 2 * A.T @ x"], 2),
    (["df = dx.T @ A @ x + x.T @ A @ dx", "df = 2 * x.T @ A @ dx", "G = (A + A.T) @ x"], 3),
    (["df = 2 * x.T @ A @ dx", "df = dx.T @ A @ x + x.T @ A @ dx", "G = (A + A.T) @ x"], 3),  # corrected
    (["df = dx.T @ A @ x + x.T @ A @ dx"] * 6 + ["G = A @ x"], 2),  # repeating oneself is worth nothing
    (["df = x.T @ A @ dx + dx.T @ A @ x", "df = dx.T @ A @ x + x.T @ A @ dx", "df = x.T @ (A + A.T) @ dx",
      "G = A @ x"], 2),
    (["dg = dx.T @ A @ x + x.T @ A @ dx", "x_bar = (A + A.T) @ x"], 4),  # whatever the function is called
    (["∂h = dx.T @ A @ x + x.T @ A @ dx", "dh/dx = (A + A.T) @ x"], 4),
    (["df = dx.T @ A @ x + x.T @ A @ dx", "grad_x = (A + A.T) @ x"], 4),
])
def test_a_derivation_is_paid_by_the_line(lines, marks):
    assert checks.derivation(lambda: lines, **PROBLEM) == marks


LEAST_SQUARES = {"of": "norm(X - Z @ D.T)**2", "by": "Z", "given": "X: m,n; Z: m,k; D: n,k", "points": 4}
BARE, RIGHT_G = "df = d(norm(X - Z @ D.T)**2)", "G = -2 * (X - Z @ D.T) @ D"
BEGUN = "df = 2 * tr((X - Z @ D.T).T @ d(X - Z @ D.T))"
CARRIED_OUT = "df = -2 * tr((X - Z @ D.T).T @ dZ @ D.T)"


@pytest.mark.parametrize("lines", [
    [BARE, RIGHT_G], [BARE, BEGUN, RIGHT_G], [BARE], [BARE, BARE], [RIGHT_G, CARRIED_OUT],
])
def test_a_derivation_must_carry_the_differential_out(lines):
    told = complaint(checks.derivation, lambda: lines, **LEAST_SQUARES)
    assert told.kind == "no differential"
    assert "carry the differential out: a line with dZ alone should come before G." in str(told)


@pytest.mark.parametrize(("lines", "marks"), [
    ([BARE, CARRIED_OUT, RIGHT_G], 4), ([CARRIED_OUT, RIGHT_G], 4), ([BARE, BEGUN], 2), ([BEGUN], 2),
    ([BARE + " = " + CARRIED_OUT[5:], RIGHT_G], 4), ([CARRIED_OUT.replace("dZ", "d(Z)"), RIGHT_G], 4),
    ([BARE, CARRIED_OUT.replace("-2", "2"), RIGHT_G], 3), ([BARE, "df = 2 tr(dZ)", RIGHT_G], 3),
])
def test_a_first_line_with_d_is_allowed(lines, marks):
    assert checks.derivation(lambda: lines, **LEAST_SQUARES) == marks


def test_a_differential_of_a_sigmoid_is_no_bare_differential(capsys):
    lines = ["df = tr(A.T @ (sigmoid(X) * (1 - sigmoid(X)) * dX))", "G = A * sigmoid(X) * (1 - sigmoid(X))"]
    checks.derivation(lambda: lines, of="tr(A.T @ sigmoid(X))", by="X", given="A: m,n; X: m,n", points=4)
    assert "every line is right" in capsys.readouterr().out


VARIANCE = {"of": "tr(D.T @ S @ D)", "by": "D", "given": "S: n,n symmetric; D: n,k", "points": 4}
NOT_THE_GRADIENT = "G follows from the line before, but it is not the gradient of f: first mend the line marked ✗."


def test_a_gradient_that_follows_from_a_wrong_line_is_not_called_right(capsys):
    checks.derivation(lambda: ["df = tr(D.T @ S @ dD)", "G = S @ D"], **VARIANCE)
    told = capsys.readouterr().out
    assert "the differential of f gives 4, this line gives 2." in told
    assert f"✓ G = S @ D\n    proved: The same normal form as the line before.\n    {NOT_THE_GRADIENT}" in told


@pytest.mark.parametrize("lines", [
    ["df = -2 * tr(D.T @ S @ dD)", "df = 2 * tr(D.T @ S @ dD)", "G = 2 * S @ D"],  # wrong, and mended on the way
    ["df = tr(D.T @ S @ dD)", "G = 2 * S @ D"], ["df = 2 * tr(D.T @ S @ dD)", "G = 2 * S @ D"],
])
def test_a_gradient_is_not_blamed_without_reason(lines, capsys):
    try:
        checks.derivation(lambda: lines, **VARIANCE)
    except WrongAnswerError as error:
        assert error.kind == "derivation"
        assert NOT_THE_GRADIENT not in str(error)
    assert NOT_THE_GRADIENT not in capsys.readouterr().out


@pytest.mark.parametrize(("line", "says"), [
    ("df = 2 tr(D.T @ S @ dD)", "write * after a number: 2 * tr(…)."),
    ("df = 2tr(D.T @ S @ dD)", "write * after a number: 2 * tr(…)."),
    ("df = 2 (tr(D.T @ S @ dD))", "write * after a number: 2 * (…)."),
    ("df = 2 * tr(D^T @ S @ dD)", "the transpose is D.T."),
    ("df = 2 * tr(D^{T} @ S @ dD)", "the transpose is D.T."),
    ("df = 2 * tr(Dᵀ @ S @ dD)", "the transpose is D.T."),
    ("df = tr((S @ D)^T @ dD)", "the transpose is (…).T."),
    ("df = 2 * tr(D.T S dD)", "write @ between matrices: D.T @ S."),
    ("df = 2 * tr(D.T S @ dD)", "write @ between matrices: D.T @ S."),
    ("df = tr((S @ D).T dD)", "write @ between matrices: (…).T @ dD."),
    ("df = tr(S (D.T @ dD))", "write @ between matrices: S @ (…)."),
    ("df = tr(S(D.T @ dD))", "write @ between matrices: S @ (…)."),
    ("df = tr(S^-1 @ dD)", "the inverse is inv(S)."),
    ("df = norm(D)^2", "a power of a number is written (…)**2."),
    ("df = tr(D.T @ S @ dD", "was never closed."),
    ("df = Tr(D.T @ S @ dD)", "there is no function 'Tr' here"),
])
def test_syntax_that_is_not_python_is_explained(line, says, capsys):
    checks.derivation(lambda: [line, "df = 2 * tr(D.T @ S @ dD)", "G = 2 * S @ D"], **VARIANCE)
    told = capsys.readouterr().out
    assert says in told
    assert "?." not in told


def test_a_scalar_takes_a_star(capsys):
    lines = ["df = t tr(dX)", "df = t * tr(dX)", "G = t * eye(n)"]
    checks.derivation(lambda: lines, of="t * tr(X)", by="X", given="t: scalar; X: n,n", points=4)
    assert "write * beside a scalar: t * tr(…)." in capsys.readouterr().out


@pytest.mark.parametrize(("lines", "kind"), [
    ([], "not written"), ("  ", "not written"), (None, "returns None"), (3, "type"), (["G = (A + A.T) @ x"],
     "no differential"), (["df = x.T @ A @ dx", "G = A @ x"], "derivation"),
])
def test_a_derivation_that_earns_nothing_says_why(lines, kind):
    assert complaint(checks.derivation, lambda: lines, **PROBLEM).kind == kind


def test_a_wrong_sign_of_a_column_is_seen_at_any_size_without_a_warning(recwarn):
    A = np.array([[1.0, 2.0], [3.0, 5.0]]) * 1e200
    with pytest.raises(checks.WrongAnswerError, match="in column 1;"):
        checks.value(lambda A: A * [1, -1], like=lambda A: A, at=[{"A": A}])
    assert not recwarn.list


@pytest.mark.parametrize("lines", [
    ["df = tr(B.T @ dB)", "G = B"], ["df = inner(B, dB)", "df = tr(B.T @ dB)", "G = B"],
])
def test_lines_about_another_function_earn_nothing(lines):
    with pytest.raises(checks.WrongAnswerError, match="no line leads to the gradient of f yet"):
        checks.derivation(lambda: lines, of="norm(X @ B - Y)**2 + t * norm(B)**2", by="B",
                          given="X: m,n; B: n,k; Y: m,k; t: scalar", points=4)


def test_a_count_stays_a_count_where_whole_numbers_are_suspected():
    def powers(x, k):
        result = np.ones_like(x)
        for _ in range(k):
            result *= x
        return result / 2 if x.dtype.kind == "f" else result // 2

    told = complaint(checks.value, powers, like=lambda x, k: x**k / 2, at=[{"x": np.array([1, 3]), "k": 3}])
    assert told.kind == "integers"


def read_out(lines, capsys, **problem):
    checks.legible(lambda: lines, **{name: part for name, part in (PROBLEM | problem).items() if name != "points"})
    return capsys.readouterr().out


@pytest.mark.parametrize("lines", [
    ["df = dx.T @ A @ x + x.T @ A @ dx", "G = (A + A.T) @ x"], ["df = 3 * x.T @ dx", "G = 3 * x"],
])
def test_lines_that_can_be_read_are_called_so_right_or_not(lines, capsys):
    told = read_out(lines, capsys)
    assert "your 2 lines can be read, from df to G. Whether they are right is marked later." in told


@pytest.mark.parametrize(("lines", "says"), [
    (["df = 2 x.T @ A @ dx", "G = A @ x"], "write * after a number: 2 * x.T"),
    (["df = x.T @ A @ dx"], "The gradient G = … is not reached."),
    (["G = A @ x"], "There is no line df = … before G."),
    (["R = A @ x", "df = R.T @ dx", "G = A @ x"], "write out what they stand for."),
    (["df = x @ A @ dx", "G = A @ x"], "In these lines vectors are columns: x.T @ …"),
    (["df = ⟨A @ x, dx⟩", "G = A @ x"], "⟨A, B⟩ is written inner(A, B)."),
    (["df = <A @ x, dx>", "G = A @ x"], "⟨A, B⟩ is written inner(A, B)."),
    (["df = x.T @ A @ dx", "G = (A + I) @ x"], "the unit matrix is eye(n), with its size between the brackets."),
    (["df = (1 + x.T @ A @ x)^(1/2)", "G = A @ x"], "a power is written with **, not with ^."),
    (["df = x.T @ A @ dx, G = A @ x"], "not reached"),
    (["df = x @ dx.T @ A", "G = A @ x"], "df is a scalar, this is n×n. Is a trace missing?"),
    (["df = x.T @ (A @ dx", "G = A @ x"], "was never closed."),
])
def test_lines_that_cannot_be_read_are_named(lines, says, capsys):
    told = read_out(lines, capsys)
    assert told.startswith("? <lambda>: before you hand in, mend")
    assert says in told


def test_what_cannot_be_read_is_no_secret_about_the_answer(capsys):
    assert "For A =" not in read_out(["df = 2 * x.T @ A @ dx", "G = A x"], capsys)


@pytest.mark.parametrize(("lines", "kind"), [([], "not written"), (3, "type"), (None, "returns None")])
def test_no_lines_cannot_be_read(lines, kind):
    assert complaint(checks.legible, lambda: lines, of="x.T @ x", by="x", given="x: n").kind == kind


def test_a_line_that_is_right_by_itself_is_told_so(capsys):
    checks.derivation(lambda: ["df = x.T @ A @ dx", "G = (A + A.T) @ x"], **PROBLEM)
    told = capsys.readouterr().out
    assert "right: This is the gradient of f. It does not follow from the line before: mend that one." in told
    assert told.rstrip().endswith("not every line is right yet. Points, of 4:")


@pytest.mark.parametrize(("answer", "cure"), [
    (lambda A: A ^ 2, "A power is written **, not ^."),
    (lambda A: np.arange(1, 3) ** -1, "For whole numbers write 1 / x**2, not x**-2."),
    (lambda A: np.outer(np.ones(5_000_000), np.ones(5_000_000)), "Is a matrix formed where vectors would do?"),
    (lambda A: A * A[:, :2], "Is * written for the matrix product @?"),
    (lambda A: A @ A, "The shapes in a product do not fit."),
    (lambda A: answer_of_another_task(A), "Each answer stands by itself"),  # noqa: F821
    (lambda A: np.subtract(B := np.arange(3), 0.5, out=B), "cannot take fractions"),
])
def test_errors_come_with_their_usual_cause(answer, cure):
    told = complaint(checks.value, answer, like=lambda A: A, at=[{"A": [[1, 2, 3], [4, 5, 6]]}])
    assert told.kind == "exception"
    assert cure in str(told)


@pytest.mark.parametrize(("number", "text"), [
    (39.9999, "39.9999"), (1e16 + 2, "10000000000000002"), (1e200, "1e+200"), (1 / 3, "0.3333"), (-0.0, "0"),
    (3.0, "3"), (0.1, "0.1"), (123456.0, "123456"), (float("nan"), "nan"), (float("-inf"), "-inf"),
])
def test_inputs_are_shown_in_the_digits_that_they_need(number, text):
    assert tried_with({"x": number}) == ["Tried with", f"    x = {text}"]


def test_a_lost_axis_is_called_so():
    told = complaint(checks.value, lambda C: C.sum(axis=1), like=lambda C: C.sum(axis=1, keepdims=True),
                     at=[{"C": [[1, 2], [3, 4], [5, 6]]}])
    assert "keepdims=True keeps it" in str(told)


def test_nothing_is_shown_of_inputs_where_there_are_none(capsys):
    assert "Tried" not in str(complaint(checks.value, lambda: 3, like=lambda: 4.0, at=[{}]))
    checks.value(lambda: 4, like=lambda: 4.0, at=[{}])
    assert capsys.readouterr().out == "✓ <lambda>: right.\n"


def test_numbers_are_an_answer_and_not_an_example(capsys):
    even = {"shapes": {"k": ()}, "whole_numbers_to": 9, "must": [
        ("k is even", lambda k: k % 2 == 0, lambda k: f"k leaves {k % 2:g} when divided by 2")]}
    checks.witness(lambda: 4, **even)
    assert capsys.readouterr().out == "✓ <lambda>: your answer does what it should.\n"
    told = str(complaint(checks.witness, lambda: 3, **even))
    assert "this is not right yet. It should be true that k is even. Here k leaves 1 when divided by 2." in told
    assert told.endswith("Your answer\n    k = 3")
    told = str(complaint(checks.witness, lambda: 6.000000000000002, **even))
    assert "k should be a whole number between -9 and 9." in told
    assert "k = 6.000000000000002" in told


def test_a_construction_may_say_by_how_much(capsys):
    told = complaint(checks.construction, lambda x: x, at=[{"x": [3, 4]}], shapes={"v": (2,)},
                     must=[("v has length 1", lambda v: v @ v == 1,
                            lambda x, v: f"‖v‖² = {v @ v:g}, ‖x‖² = {x @ x:g}")])
    assert "it should be true that v has length 1. Here ‖v‖² = 25, ‖x‖² = 25." in str(told)


def test_calling_the_checker_inside_an_answer_is_refused_with_advice():
    def lines():
        written = ["df = 2 * x.T @ dx", "G = 2 * x"]
        check("x.T @ x", "x", written, "x: n")
        return written

    told = complaint(checks.derivation, lines, of="x.T @ x", by="x", given="x: n", points=2)
    assert "Please write the lines yourself, and try them in a cell of your own." in str(told)


def test_a_construction_says_where_a_nan_comes_from():
    told = complaint(checks.construction, lambda x: np.sqrt(x), at=[{"x": [4, -1]}], shapes={"v": (2,)}, must=[])
    assert told.kind == "not finite"
    assert "a root or a logarithm was taken of a negative number" in str(told)


# --- hints that students asked for -----------------------------------------------------------------------------

@pytest.mark.parametrize(("answer", "said"), [
    (lambda A: A - A.mean(axis=1), "Was a sum or a mean taken along the other axis"),
    (lambda A: np.linalg.svd(A) * 2 > 1, "np.linalg.svd returns three arrays"),
    (lambda A: np.linalg.svd(A).T, "np.linalg.svd returns three arrays"),
    (lambda A: np.linalg.qr(A).T @ A, "np.linalg.qr returns two arrays"),
    (lambda A: np.linalg.eigh(A.T @ A).T, "eigenvalues and eigenvectors"),
])
def test_an_error_comes_with_its_usual_cause(answer, said):
    told = complaint(checks.value, answer, like=lambda A: A, at=[{"A": [[1, 0], [0, 2], [1, 1]]}])
    assert said in str(told)


def test_one_number_is_called_a_number():
    told = complaint(checks.value, lambda A: A.sum(), like=lambda A: (A, A), returns=("x", "y"),
                     at=[{"A": [[1, 0]]}])
    assert "it returned one number" in str(told)


def test_lost_digits_are_no_factor():
    def right(x):
        return np.array([1, 1]) * x[0]

    at = [{"x": [3, 1]}, {"x": [2, 5]}]
    told = complaint(checks.value, lambda x: 1.013 * right(x), like=right, at=at)
    assert "factor" not in str(told)
    told = complaint(checks.value, lambda x: 1.05 * right(x), like=right, at=at)
    assert told.kind == "factor"


def test_the_matrix_inverse_is_recalled_where_a_reciprocal_is_written():
    def logarithm(A):
        return np.log(A - 5)

    def reciprocal(A):
        return 1 / (A - A)

    at = [{"A": [[1, 2], [3, 4]]}]
    assert "np.linalg.inv" not in str(complaint(checks.value, logarithm, like=lambda A: A, at=at))
    assert "np.linalg.inv" in str(complaint(checks.value, reciprocal, like=lambda A: A, at=at))


def pinv(X):
    """A student's own function may have any name."""
    return np.linalg.solve(X.T @ X, X.T)


def test_a_function_that_does_the_task_can_be_refused():
    solution = {"at": [{"X": [[1, 0], [0, 2]], "y": [1, 4]}], "shapes": {"b": (2,)},
                "must": [("Xb = y", lambda X, y, b: np.allclose(X @ b, y))], "without": ("lstsq", "pinv")}
    told = complaint(checks.construction, lambda X, y: np.linalg.lstsq(X, y)[0], **solution)
    assert (told.kind, "it lets lstsq do the work" in str(told)) == ("borrowed", True)
    checks.construction(lambda X, y: pinv(X) @ y, **solution)
    checks.construction(lambda X, y: np.linalg.solve(X, y), **solution)


def test_a_question_needs_no_full_stop():
    told = complaint(checks.construction, lambda x: x, at=[{"x": [1, 2]}], shapes={"v": (2,)}, must=[
        ("v is zero", lambda v: not v.any(), lambda v: f"v is {v}: was it forgotten?")])
    assert "Here v is [1. 2.]: was it forgotten?\n" in str(told)
