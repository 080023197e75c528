import sys
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkit import checks, gradcheck
from labkit.checks import WrongAnswerError, gradient, is_gradient, witness


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
    (lambda x, A: right(x, A)[:, None], "shape", "neither a row nor a column"),
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
    (lambda x, A: right(x, A) + [0, 1, 0][:len(x)], "numbers", "1 of the 2 entries are wrong"),
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
    (lambda X, A, B: A.T @ B.T if len(A) == len(B) else X, "square only", "right for square matrices"),
    (lambda X, A, B: A.T @ B.T if len(A) == len(B) else A @ A, "square only", "ValueError"),
    (lambda X, A, B: np.array([[0, 1], [9, 5]]), "constant", "differ in X, A, B"),
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
    assert "two inputs that differ in A. Does it use it?" in str(told)


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
    (lambda x, y, A: (A @ y, -A.T @ x), "sign", "by y, the sign is wrong"),
    (lambda x, y, A: (2 * A @ y, A.T @ x), "factor", "by x, off by a factor"),
    (lambda x, y, A: A @ y, "parts", "2 arrays, for x and y in this order, but it returned one array"),
    (lambda x, y, A: (A @ y, A.T @ x, 0), "parts", "returned 3 things"),
    (lambda x, y, A: (A @ y, None), "returns None", "the gradient by y is None"),
])
def test_mistakes_in_one_of_two(answer, kind, says):
    told = failure(answer, bilinear, ("x", "y"), TWO)
    assert told.kind == kind
    assert says in str(told)


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
    offered = {"construction", "derivation", "gradient", "is_gradient", "value", "witness"}
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


PROBLEM = {"of": "x.T @ A @ x", "by": "x", "given": "A: n,n; x: n", "points": 4}


@pytest.mark.parametrize(("lines", "marks"), [
    (["df = dx.T @ A @ x + x.T @ A @ dx", "G = (A + A.T) @ x"], 4),
    ("df = dx.T @ A @ x + x.T @ A @ dx\n\nG = A @ x + A.T @ x", 4),
    (["df = 2 * x.T @ A @ dx", "G = 2 * A.T @ x"], 2),
    (["df = dx.T @ A @ x + x.T @ A @ dx"], 2),
])
def test_a_derivation_is_paid_by_the_line(lines, marks):
    assert checks.derivation(lambda: lines, **PROBLEM) == marks


@pytest.mark.parametrize(("lines", "kind"), [
    ([], "not written"), ("  ", "not written"), (None, "returns None"), (3, "type"), (["G = (A + A.T) @ x"],
     "no differential"), (["df = x.T @ A @ dx", "G = A @ x"], "derivation"),
])
def test_a_derivation_that_earns_nothing_says_why(lines, kind):
    assert complaint(checks.derivation, lambda: lines, **PROBLEM).kind == kind
