"""Assignment "Conditioning": other right answers keep their marks; the mistakes that students make lose them."""

import re

import nbformat
import pytest

from course.paths import ROOT
from labkit import checks
from labkit.checks import answers, derivations, values
from tests.course.graders.common import AssignmentTests, Break, DerivationTests, Slip, Task, Wrong, ladder

NOTEBOOK = ROOT / "solutions" / "5-conditioning" / "conditioning.ipynb"

TASKS = {
    "scalar": Task(
        right={
            "branches": "return 1 / 2, abs(-x), 1 / (1 + 1 / x / x) if x > 1 else x * x / (1 + x * x)",
            "hypot": "s = x / np.hypot(1, x)\nreturn [0.5, x, s * s]",
            "logarithm": "return np.float64(0.5), x, 1 / (1 + np.exp(-2 * np.log(x)))",
            "single precision where it fits": "return np.float32(0.5), x, x / (x + 1 / x)",
        },
        wrong=[
            Wrong("the experiment", "return experiment_of_task_1(x)", "not finite", "NaN"),
            Wrong("the check's own experiments", """
                third = magnification_in_task_1(lambda x: np.sqrt(1 + x * x), x) if x < 1e9 else 1.0
                return 0.5, experiment_with_many_digits(x) if 99 < x < 1e9 else x, third
            """, "exception", "not callable", keeps=3),
            Wrong("the sign of exp(−x)", "return 0.5, -x, x / (x + 1 / x)", "sign", "exp(−x): "),
            Wrong("overflow", "return 0.5, x, x**2 / (1 + x**2)", "exception", "OverflowError", keeps=2),
            Wrong("infinity over infinity", "return 0.5, x, x * x / (1 + x * x)", "not finite", "NaN", keeps=2),
            Wrong("derivatives", "return 0.5 / np.sqrt(x), -np.exp(-x), x / np.sqrt(1 + x * x)", "derivative",
                  "√x: "),
            Wrong("f forgotten", "return np.sqrt(x) / 2, x * np.exp(-x), x * x / np.sqrt(1 + x * x)",
                  "value forgotten", "√x: "),
            Wrong("a quotient of values", "return 2, x, x / (x + 1 / x)", "factor", "√x: "),
            Wrong("one for exp", "return 0.5, 1, x / (x + 1 / x)", "argument forgotten", "exp(−x): "),
            Wrong("cancellation", "return 0.5, x, 1 - 1 / (1 + x * x)", "zero", "√(1 + x²): ", keeps=2),
            Wrong("square forgotten", "return 0.5, x, x / np.sqrt(1 + x * x)", "derivative", "√(1 + x²): "),
            Wrong("numerically", """
                def kappa(f):
                    h = 1e-5
                    return abs(f(x * (1 + h)) - f(x * (1 - h))) / (2 * h * f(x))
                return kappa(np.sqrt), kappa(lambda x: np.exp(-x)), kappa(lambda x: np.sqrt(1 + x * x))
            """, "zero", keeps=2),
            Wrong("two numbers", "return 0.5, x", "parts", "in this order"),
            Wrong("no return", "kappa = 0.5, x, x / (x + 1 / x)", "returns None"),
            Wrong("visible answers", "return 0.5, x, {2: 0.8, 0.5: 0.2, 1e-100: 1e-200}.get(x, 1)", "numbers",
                  "√(1 + x²): ", keeps=3),
            Wrong("labkit", """
                from labkit.conditioning import relative_condition
                fs = np.sqrt, lambda x: np.exp(-x), lambda x: np.hypot(1, x)
                return tuple(relative_condition(f, x).value for f in fs)
            """, "labkit"),
        ]),
    "subtraction": Task(
        right={
            "by cases": """
                if a == b:
                    return np.inf
                if p == 1:
                    return (abs(a) + abs(b)) / abs(a - b)
                if p == 2:
                    return np.sqrt(2) * np.hypot(a, b) / abs(a - b)
                return 2 * max(abs(a), abs(b)) / abs(a - b)
            """,
            "dual exponent": """
                q = {1: np.inf, 2: 2, np.inf: 1}[p]
                x = np.array([a, b])
                with np.errstate(divide="ignore"):
                    return np.linalg.norm([1, -1], q) * np.linalg.norm(x, p) / np.abs(x[0] - x[1])
            """,
            "the induced norm of a matrix": """
                if a == b:
                    return float("inf")
                J = np.array([[1.0, -1.0]])
                return np.linalg.norm(J, p) * np.linalg.norm(np.array([a, b]), ord=p) / np.abs(a - b)
            """,
        },
        wrong=[
            Wrong("the experiment", "return experiment_of_task_2(a, b, p) if a != b else np.inf", "exception",
                  "not callable", keeps=3),
            Wrong("always the ∞-norm", "return 2 * max(abs(a), abs(b)) / abs(a - b) if a != b else np.inf", "norm",
                  "here p is another one"),
            Wrong("norm of (1, −1)", """
                if a == b:
                    return np.inf
                return np.linalg.norm([1, -1], p) * np.linalg.norm([a, b], p) / abs(a - b)
            """, "dual norm", "the largest |h₁ − h₂|"),
            Wrong("Jacobian forgotten", "return np.linalg.norm([a, b], p) / abs(a - b) if a != b else np.inf",
                  "Jacobian"),
            Wrong("sign of a − b", """
                return {1: 1, 2: 2**0.5, np.inf: 2}[p] * np.linalg.norm([a, b], p) / (a - b) if a != b else np.inf
            """, "sign"),
            Wrong("moduli forgotten", """
                if a == b:
                    return np.inf
                return {1: a + b, 2: np.sqrt(2 * a * a + 2 * b * b), np.inf: 2 * max(a, b)}[p] / abs(a - b)
            """, "moduli"),
            Wrong("equal numbers", """
                sizes = {1: abs(a) + abs(b), 2: (2 * a * a + 2 * b * b) ** 0.5, np.inf: 2 * max(abs(a), abs(b))}
                return sizes[p] / abs(a - b)
            """, "exception", "ZeroDivisionError", keeps=2),
            Wrong("zero for equal numbers", """
                return {1: 1, 2: 2**0.5, np.inf: 2}[p] * np.linalg.norm([a, b], p) / abs(a - b) if a != b else 0
            """, "numbers", "should be infinite", keeps=2),
            Wrong("sum in the denominator", """
                return {1: 1, 2: 2**0.5, np.inf: 2}[p] * np.linalg.norm([a, b], p) / abs(a + b)
            """, "sum"),
            Wrong("a guarded denominator", """
                return {1: 1, 2: 2**0.5, np.inf: 2}[p] * np.linalg.norm([a, b], p) / (abs(a - b) + 1e-12)
            """, "numbers", keeps=2),
            Wrong("absolute condition", "return {1: 1, 2: 2**0.5, np.inf: 2}[p]", "absolute"),
            Wrong("no return", "kappa = 2 * max(abs(a), abs(b)) / abs(a - b)", "returns None"),
            Wrong("an array", "return {1: 1, 2: 2**0.5, np.inf: 2}[p] * np.array([a, b]) / abs(a - b)", "shape",
                  "be a number"),
            Wrong("equal in nine digits", """
                if abs(a - b) < 1e-9:
                    return np.inf
                return {1: 1, 2: 2**0.5, np.inf: 2}[p] * np.linalg.norm([a, b], p) / abs(a - b)
            """, "infinite", "however little", keeps=2),
            Wrong("equal in three digits", """
                if abs(a - b) < 0.01 * abs(a):
                    return np.inf
                return {1: 1, 2: 2**0.5, np.inf: 2}[p] * np.linalg.norm([a, b], p) / abs(a - b)
            """, "infinite", "however little", keeps=2),
            Wrong("visible answers", """
                seen = {(3, 4, 2): 50**0.5, (3, 1, np.inf): 3, (3, 1, 1): 2, (-4, 1, 1): 1, (-4, 1, np.inf): 1.6,
                        (0, 5, 1): 1, (1, 0.999, 2): 1e3 * 3.996002**0.5, (1e100, -2e100, 2): 10**0.5 / 3,
                        (2e-100, 1e-100, np.inf): 4}
                return seen.get((a, b, p), np.inf)
            """, "not finite", keeps=3),
        ]),
    "root": Task(
        right={
            "with b² − 4c": """
                other = -b - z
                return np.inf if z == other else (abs(b * z) + abs(c)) / abs(z * (z - other))
            """,
            "from the other root": """
                w = c / z
                if w == z:
                    return np.inf
                return (abs(z + w) + abs(w)) / abs(z - w)
            """,
            "corner by corner": """
                slope = 2 * z + b
                if slope == 0:
                    return float("inf")
                return max(abs(s * b * z + t * c) for s in (1, -1) for t in (1, -1)) / abs(slope) / abs(z)
            """,
            "divided by numpy": """
                with np.errstate(divide="ignore"):
                    return np.float64(abs(b * z) + abs(c)) / np.abs(z * (2 * z + b))
            """,
        },
        wrong=[
            Wrong("the experiment", "return experiment_of_task_3(b, c, z)", "exception", "not callable", keeps=4),
            Wrong("all three coefficients", """
                return (z * z + abs(b * z) + abs(c)) / abs(z * (2 * z + b)) if 2 * z + b else np.inf
            """, "leading coefficient", "here it is exact"),
            Wrong("moduli forgotten", "return abs(b * z + c) / abs(z * (2 * z + b)) if 2 * z + b else np.inf",
                  "moduli"),
            Wrong("absolute change", "return (abs(b * z) + abs(c)) / abs(2 * z + b) if 2 * z + b else np.inf",
                  "absolute root", "relative to z"),
            Wrong("only c", "return abs(c) / abs(z * (2 * z + b)) if 2 * z + b else np.inf", "one coefficient"),
            Wrong("only b", "return abs(b) / abs(2 * z + b) if 2 * z + b else np.inf", "one coefficient"),
            Wrong("absolute changes of b and c", """
                return (abs(z) + 1) / abs(z * (2 * z + b)) if 2 * z + b else np.inf
            """, "absolute coefficients", "by how much does b change"),
            Wrong("derivative by half", "return (abs(b * z) + abs(c)) / abs(z * (z + b / 2))", "factor", "twice"),
            Wrong("sign", "return -(abs(b * z) + abs(c)) / abs(z * (2 * z + b)) if 2 * z + b else np.inf", "sign"),
            Wrong("sign of the slope", """
                return (abs(b * z) + abs(c)) / (abs(z) * (2 * z + b)) if 2 * z + b else np.inf
            """, "sign"),
            Wrong("double root", "return (abs(b * z) + abs(c)) / abs(z * (2 * z + b))", "exception",
                  "ZeroDivisionError", keeps=3),
            Wrong("zero at a double root", """
                return (abs(b * z) + abs(c)) / abs(z * (2 * z + b)) if 2 * z + b else 0
            """, "numbers", "should be infinite", keeps=3),
            Wrong("the larger root only", """
                z = (-b + np.sqrt(b * b - 4 * c)) / 2
                return (abs(b * z) + abs(c)) / abs(z * (2 * z + b)) if 2 * z + b else np.inf
            """, "other root"),
            Wrong("p and q of the chapter", "return abs(b) / np.sqrt(b * b / 4 - c)", "leading coefficient"),
            Wrong("no return", "kappa = (abs(b * z) + abs(c)) / abs(z * (2 * z + b))", "returns None"),
            Wrong("an absolute tolerance", """
                if abs(z * (2 * z + b)) < 1e-12:
                    return np.inf
                return (abs(b * z) + abs(c)) / abs(z * (2 * z + b))
            """, "infinite", "no double root", keeps=2),
            Wrong("a smaller tolerance", """
                if abs(2 * z + b) < 1e-7:
                    return np.inf
                return (abs(b * z) + abs(c)) / abs(z * (2 * z + b))
            """, "not finite", keeps=6),
            Wrong("a rough tolerance", """
                if abs(2 * z + b) < 0.02 * abs(z):
                    return np.inf
                return (abs(b * z) + abs(c)) / abs(z * (2 * z + b))
            """, "infinite", "or near the other root", keeps=2),
            Wrong("visible answers", """
                seen = {(-4, 3): 2.5, (-3, 1): 5, (1, -3): 0.6, (-2, 1): np.inf, (0, 3): 0.5, (-2.01, 1): 302,
                        (-3e-7, 1e-7): 5, (-3e90, 2e90): 4}
                return seen.get((b, z), 1.0)
            """, "constant", keeps=4),
        ]),
    "energy-lines": Task(
        right={
            "one text": 'return "df = 2 * x.T @ A.T @ A @ dx\\nG = 2 * A.T @ A @ x"',
            "brackets": 'return ["df = 2 * (A @ x).T @ (A @ dx)", "G = 2 * A.T @ (A @ x)"]',
            "by a trace": 'return ["df = 2 * tr(x.T @ A.T @ A @ dx)", "df = tr((2 * A.T @ A @ x).T @ dx)", '
                          '"G = 2 * (A.T @ A) @ x"]',
            "two terms in G": 'return ("df = (A @ dx).T @ A @ x + (A @ x).T @ A @ dx", '
                              '"G = A.T @ A @ x + A.T @ A @ x")',
        },
        wrong=[
            Wrong("no differential", 'return ["G = 2 * A.T @ A @ x"]', "no differential", "Begin with a line"),
            Wrong("order of the factors", 'return ["df = 2 * x.T @ A @ A.T @ dx", "G = 2 * A @ A.T @ x"]',
                  "derivation", "factors swapped"),
            Wrong("one factor A", 'return ["df = 2 * x.T @ A @ dx", "G = 2 * A @ x"]', "derivation"),
            Wrong("as if A were a number", 'return ["df = 2 * A**2 @ x @ dx", "G = 2 * A**2 @ x"]', "derivation"),
            Wrong("no lines", 'return []', "not written", "no lines yet"),
            Wrong("a number", "return 2", "type", "as text"),
            Wrong("no return", 'lines = ["df = 2 * x.T @ A.T @ A @ dx", "G = 2 * A.T @ A @ x"]', "returns None"),
            Wrong("another function", 'return ["df = dx.T @ x + x.T @ dx", "G = x.T"]', "derivation"),
            Wrong("an argument", 'def energy_lines(x):\n    return ["df = 2 * x.T @ A.T @ A @ dx"]', "arguments"),
        ]),
    "product-lines": Task(
        right={
            "transposed products": """
                return ["df = dx.T @ B.T @ C @ x + x.T @ B.T @ C @ dx",
                        "df = x.T @ C.T @ B @ dx + x.T @ B.T @ C @ dx",
                        "G = (C.T @ B).T @ x + (B.T @ C).T @ x"]
            """,
            "two lines": 'return ("df = (C @ x).T @ (B @ dx) + (B @ x).T @ (C @ dx)", '
                         '"G = B.T @ (C @ x) + C.T @ (B @ x)")',
            "inner products, one text": 'return "df = inner(B @ dx, C @ x) + inner(B @ x, C @ dx)\\n'
                                        'df = inner(dx, B.T @ C @ x) + inner(C.T @ B @ x, dx)\\n'
                                        'G = (B.T @ C + C.T @ B) @ x"',
            "by a trace": """
                return ["df = tr(x.T @ (B.T @ C + C.T @ B) @ dx)", "df = tr(((C.T @ B + B.T @ C) @ x).T @ dx)",
                        "G = (C.T @ B + B.T @ C) @ x"]
            """,
            "product rule written first": """
                return ["df = d(B @ x).T @ C @ x + (B @ x).T @ d(C @ x)",
                        "df = (B @ dx).T @ C @ x + x.T @ B.T @ C @ dx", "G = B.T @ C @ x + C.T @ B @ x"]
            """,
        },
        wrong=[
            Wrong("the lines of (a)", """
                return ["df = dx.T @ A.T @ A @ x + x.T @ A.T @ A @ dx", "df = 2 * x.T @ A.T @ A @ dx",
                        "G = 2 * A.T @ A @ x"]
            """, "derivation", "cannot be read"),
            Wrong("no differential", 'return ["G = B.T @ C @ x + C.T @ B @ x"]', "no differential",
                  "Begin with a line"),
            Wrong("nothing carried out", 'return ["df = d((B @ x).T @ C @ x)", "G = B.T @ C @ x + C.T @ B @ x"]',
                  "no differential", "carry the differential out"),
            Wrong("twice one term, and its row read off", """
                return ["df = 2 * x.T @ B.T @ C @ dx", "G = 2 * B.T @ C @ x"]
            """, "derivation"),
            Wrong("one term", 'return ["df = x.T @ B.T @ C @ dx"]', "derivation", "a term is missing"),
            Wrong("sign", 'return ["df = (B @ dx).T @ C @ x - (B @ x).T @ C @ dx"]', "derivation", "wrong sign"),
            Wrong("transposes forgotten", """
                return ["df = x.T @ (B @ C + C @ B) @ dx", "G = (B @ C + C @ B).T @ x"]
            """, "derivation", "cannot multiply"),
            Wrong("both factors vary at once", 'return ["df = (B @ dx).T @ (C @ dx)"]', "derivation"),
            Wrong("factor", 'return ["df = 2 * (B @ dx).T @ C @ x + 2 * (B @ x).T @ C @ dx"]', "derivation",
                  "factor 2"),
            Wrong("no lines", "return []", "not written", "no lines yet"),
            Wrong("no return", 'lines = ["df = x.T @ B.T @ C @ dx"]', "returns None"),
            Wrong("from labkit", """
                from labkit.matcalc import derive
                return str(derive("(B @ x).T @ C @ x", "x", "B: m,n; C: m,n; x: n")).splitlines()
            """, "labkit"),
        ]),
    "energy-condition": Task(
        right={
            "Gram matrix": """
                G = 2 * A.T @ A @ x
                return np.linalg.norm(G) * np.linalg.norm(x) / (x @ (A.T @ A) @ x)
            """,
            "loops": """
                m, n = A.shape
                y = [sum(A[i, j] * x[j] for j in range(n)) for i in range(m)]
                g = [2 * sum(A[i, j] * y[i] for i in range(m)) for j in range(n)]
                return sum(t * t for t in g) ** 0.5 * sum(t * t for t in x) ** 0.5 / sum(t * t for t in y)
            """,
            "einsum": """
                y = np.einsum("ij,j->i", A, x)
                return 2 * np.sqrt(np.sum((y @ A) ** 2) * np.sum(x * x)) / np.linalg.norm(y) ** 2
            """,
        },
        wrong=[
            Wrong("the experiment", "return experiment_of_task_4(A, x)", "exception", "not callable", keeps=2),
            Wrong("of x ↦ Ax", "return np.linalg.norm(A, 2) * np.linalg.norm(x) / np.linalg.norm(A @ x)",
                  "map"),
            Wrong("the upper bound", "return 2 * np.linalg.norm(A, 2) * np.linalg.norm(x) / np.linalg.norm(A @ x)",
                  "bound", "upper bound"),
            Wrong("no factor", """
                y = A @ x
                return np.linalg.norm(A.T @ y) * np.linalg.norm(x) / (y @ y)
            """, "factor", "half of"),
            Wrong("no transpose", """
                y = A @ x
                return 2 * np.linalg.norm(A @ y) * np.linalg.norm(x) / (y @ y)
            """, "exception", "do not fit"),
            Wrong("f not squared", """
                y = A @ x
                return 2 * np.linalg.norm(A.T @ y) * np.linalg.norm(x) / np.linalg.norm(y)
            """, "not squared"),
            Wrong("f forgotten", "return 2 * np.linalg.norm(A.T @ A @ x) * np.linalg.norm(x)", "value forgotten"),
            Wrong("the 1-norm", """
                y = A @ x
                return 2 * np.abs(A.T @ y).sum() * np.abs(x).sum() / (y @ y)
            """, "1-norm"),
            Wrong("‖x‖ forgotten", "y = A @ x\nreturn 2 * np.linalg.norm(A.T @ y) / (y @ y)", "absolute"),
            Wrong("the ∞-norm", """
                y = A @ x
                return 2 * np.abs(A.T @ y).max() * np.abs(x).max() / (y @ y)
            """, "∞-norm"),
            Wrong("an array", "y = A @ x\nreturn 2 * A.T @ y * np.linalg.norm(x) / (y @ y)", "shape",
                  "be a number"),
            Wrong("into x", """
                x /= np.linalg.norm(x)
                y = A @ x
                return 2 * np.linalg.norm(A.T @ y) / (y @ y)
            """, "mutates", "its argument x"),
            Wrong("two rows", """
                y = A[:2] @ x
                return 2 * np.linalg.norm(A[:2].T @ y) * np.linalg.norm(x) / (y @ y)
            """, "numbers"),
            Wrong("no return", "y = A @ x", "returns None"),
            Wrong("visible answers", "return 2.5000000000000004 if A.shape == (2, 2) else 2.370619056437327",
                  "constant"),
        ]),
    "map": Task(
        right={
            "eigenvalues of AᵀA": """
                if np.linalg.matrix_rank(A) < A.shape[1]:
                    return np.inf
                squares = np.linalg.eigvalsh(A.T @ A)
                return np.sqrt(squares[-1] / squares[0])
            """,
            "numpy's number": "return np.linalg.cond(A) if np.linalg.matrix_rank(A) == A.shape[1] else np.inf",
            "pseudoinverse": """
                if np.linalg.matrix_rank(A) < len(A.T):
                    return float("inf")
                return np.linalg.norm(A, 2) * np.linalg.norm(np.linalg.inv(A.T @ A) @ A.T, 2)
            """,
            "a tolerance of one's own": """
                s = np.linalg.svd(A, compute_uv=False)
                return np.inf if A.shape[0] < A.shape[1] or s[-1] < 1e-13 * s[0] else s[0] / s[-1]
            """,
        },
        wrong=[
            Wrong("the experiment", "return experiment_of_task_5(A)", "infinite"),
            Wrong("numpy's number alone", "return np.linalg.cond(A)", "kernel"),
            Wrong("only wide is infinite", "return np.inf if A.shape[0] < A.shape[1] else np.linalg.cond(A)",
                  "numbers", "should be infinite", keeps=3),
            Wrong("tall is infinite too", "return np.linalg.cond(A) if A.shape[0] == A.shape[1] else np.inf",
                  "infinite"),
            Wrong("rank below m", """
                return np.inf if np.linalg.matrix_rank(A) < A.shape[0] else np.linalg.cond(A)
            """, "infinite"),
            Wrong("rank below both", """
                return np.inf if np.linalg.matrix_rank(A) < min(A.shape) else np.linalg.cond(A)
            """, "kernel", "What happens near it?"),
            Wrong("square only", """
                if A.shape[0] < A.shape[1]:
                    return np.inf
                return np.linalg.norm(A, 2) * np.linalg.norm(np.linalg.inv(A), 2)
            """, "exception", "LinAlgError"),
            Wrong("singular is an error", """
                if A.shape[0] < A.shape[1]:
                    return np.inf
                P = np.linalg.inv(A.T @ A) @ A.T
                return np.linalg.norm(A, 2) * np.linalg.norm(P, 2)
            """, "exception", "Singular matrix", keeps=3),
            Wrong("∞-norm", """
                if np.linalg.matrix_rank(A) < A.shape[1]:
                    return np.inf
                return np.linalg.cond(A, np.inf) if A.shape[0] == A.shape[1] else np.linalg.cond(A)
            """, "numbers"),
            Wrong("eigenvalues of AᵀA without the root", """
                if np.linalg.matrix_rank(A) < A.shape[1]:
                    return np.inf
                squares = np.linalg.eigvalsh(A.T @ A)
                return squares[-1] / squares[0]
            """, "square", "squares of what A stretches"),
            Wrong("above 10⁸ means infinite", """
                kappa = np.linalg.cond(A)
                return np.inf if A.shape[0] < A.shape[1] or kappa > 1e8 else kappa
            """, "infinite", "the number is finite", keeps=2),
            Wrong("always infinite", "return np.inf", "infinite"),
            Wrong("eigenvalues of A", """
                if np.linalg.matrix_rank(A) < A.shape[1]:
                    return np.inf
                if A.shape[0] > A.shape[1]:
                    return np.linalg.cond(A)
                sizes = np.sort(np.abs(np.linalg.eigvals(A)))
                return sizes[-1] / sizes[0]
            """, "eigenvalues", "a ratio of eigenvalues of A"),
            Wrong("Frobenius norm", """
                if np.linalg.matrix_rank(A) < A.shape[1]:
                    return np.inf
                return np.linalg.norm(A) * np.linalg.norm(np.linalg.pinv(A))
            """, "Frobenius"),
            Wrong("small determinant", """
                if A.shape[0] < A.shape[1] or abs(np.linalg.det(A.T @ A)) < 1e-12:
                    return np.inf
                return np.linalg.cond(A)
            """, "infinite", "the number is finite"),
            Wrong("at x = 1", """
                if np.linalg.matrix_rank(A) < A.shape[1]:
                    return np.inf
                x = np.ones(A.shape[1])
                return np.linalg.norm(A, 2) * np.linalg.norm(x) / np.linalg.norm(A @ x)
            """, "numbers"),
            Wrong("no return", "kappa = np.linalg.cond(A)", "returns None"),
            Wrong("visible answers", """
                seen = {((2, 2), 3): 3.3699240762154807, ((3, 2), 1): 2.262505797398426,
                        ((2, 2), 0): 6.8541019662496865, ((2, 2), 1e9): 1e9, ((2, 2), 1): np.inf,
                        ((1, 2), 1): np.inf, ((3, 2), 2): np.inf}
                return seen.get((A.shape, A[0, 0]), 1.0)
            """, "constant", keeps=4),
        ]),
    "pair": Task(
        right={
            "all signs tried": """
                from itertools import product
                if len(A) > 8:
                    M = np.linalg.inv(A)
                    y = np.sign(M[np.abs(M).sum(axis=1).argmax()])
                    x = M @ y
                    return x / np.abs(x).max(), np.sign(A[np.abs(A).sum(axis=1).argmax()])
                signs = [np.array(s) for s in product([1.0, -1.0], repeat=len(A))]
                x = max((np.linalg.solve(A, s) for s in signs), key=lambda x: np.abs(x).max())
                return x / np.abs(x).max(), max(signs, key=lambda s: np.abs(A @ s).max())
            """,
            "other signs": """
                inverse = np.linalg.inv(A)
                x = -inverse @ np.sign(inverse[np.argmax(np.linalg.norm(inverse, 1, axis=1))])
                return x / np.linalg.norm(x, np.inf), -np.sign(A[np.argmax(np.linalg.norm(A, 1, axis=1))])
            """,
            "plus for zero": """
                def signs(M):
                    row = max(M, key=lambda row: sum(abs(row)))
                    return np.where(row < 0, -1.0, 1.0)
                x = np.linalg.solve(A, signs(np.linalg.inv(A)))
                return list(x / max(abs(x))), list(signs(A))
            """,
        },
        wrong=[
            Wrong("x not solved for", """
                B = np.linalg.inv(A)
                return np.sign(B[np.abs(B).sum(axis=1).argmax()]), np.sign(A[np.abs(A).sum(axis=1).argmax()])
            """, "no example", "A shrinks x as much as it can"),
            Wrong("swapped", """
                B = np.linalg.inv(A)
                x = B @ np.sign(B[np.abs(B).sum(axis=1).argmax()])
                return np.sign(A[np.abs(A).sum(axis=1).argmax()]), x / np.abs(x).max()
            """, "no example", "are x and δx in the right order?"),
            Wrong("columns", """
                B = np.linalg.inv(A)
                x = B @ np.sign(B[:, np.abs(B).sum(axis=0).argmax()])
                return x / np.abs(x).max(), np.sign(A[:, np.abs(A).sum(axis=0).argmax()])
            """, "no example"),
            Wrong("first row", """
                B = np.linalg.inv(A)
                x = B @ np.sign(B[0])
                return x / np.abs(x).max(), np.sign(A[0])
            """, "no example"),
            Wrong("2-norm", "U, s, Vt = np.linalg.svd(A)\nreturn Vt[-1], Vt[0]", "no example",
                  "‖x‖ = 1 in the ∞-norm"),
            Wrong("2-norm, divided", """
                V = np.linalg.svd(A)[2]
                return V[-1] / np.abs(V[-1]).max(), V[0] / np.abs(V[0]).max()
            """, "no example", "A stretches δx"),
            Wrong("x not divided", """
                B = np.linalg.inv(A)
                x = B @ np.sign(B[np.abs(B).sum(axis=1).argmax()])
                return x, np.sign(A[np.abs(A).sum(axis=1).argmax()])
            """, "no example", "‖x‖ = 1"),
            Wrong("ones", "return np.ones(len(A)), np.ones(len(A))", "no example"),
            Wrong("coordinate vectors", """
                j = np.abs(A).max(axis=0).argmax()
                return np.eye(len(A))[j - 1], np.eye(len(A))[j]
            """, "no example"),
            Wrong("only x", "return np.ones(len(A))", "parts", "for x and dx in this order"),
            Wrong("into A", """
                x = np.linalg.inv(A)
                A /= np.abs(A).sum(axis=1).max()
                return np.ones(len(A)), np.ones(len(A))
            """, "mutates", "its argument A"),
            Wrong("columns as results", """
                B = np.linalg.inv(A)
                x = B @ np.sign(B[np.abs(B).sum(axis=1).argmax()])[:, None]
                return x / np.abs(x).max(), np.sign(A[np.abs(A).sum(axis=1).argmax()])[:, None]
            """, "shape"),
            Wrong("transposed inverse", """
                B = np.linalg.inv(A).T
                x = B @ np.sign(B[np.abs(B).sum(axis=1).argmax()])
                return x / np.abs(x).max(), np.sign(A[np.abs(A).sum(axis=1).argmax()])
            """, "no example", "A shrinks x"),
            Wrong("no return", "B = np.linalg.inv(A)", "returns None"),
            Wrong("labkit", """
                from labkit.conditioning import map_condition
                found = map_condition(A, p=np.inf)
                return found.x, found.dx
            """, "labkit"),
            Wrong("only two or three rows", """
                n = min(len(A), 3)
                A = A[:n, :n]
                B = np.linalg.inv(A)
                x = B @ np.sign(B[np.abs(B).sum(axis=1).argmax()])
                return x / np.abs(x).max(), np.sign(A[np.abs(A).sum(axis=1).argmax()])
            """, "shape", keeps=6),
            Wrong("entries for moduli", """
                B = np.linalg.inv(A)
                x = B @ np.sign(B[np.abs(B).sum(axis=1).argmax()])
                return x / np.abs(x).max(), np.ones(len(A))
            """, "no example", "A stretches δx as much as it can"),
            Wrong("visible answers", """
                return {2: ([1, -1], [1, 1]), 3: ([1, -1, 0], [1, 1, 1])}[len(A)]
            """, "no example"),
        ]),
    "solving": Task(
        right={
            "row sums": """
                B = np.linalg.inv(A)
                size = max(sum(abs(row)) for row in B)
                return size * max(abs(b)) / max(abs(B @ b)), size * max(sum(abs(row)) for row in A)
            """,
            "numpy's number": """
                x = np.linalg.solve(A, b)
                kappa = np.linalg.cond(A, np.inf)
                return kappa / np.linalg.norm(A, np.inf) * np.abs(b).max() / np.abs(x).max(), kappa
            """,
            "inverse by columns": """
                B = np.column_stack([np.linalg.solve(A, e) for e in np.eye(len(b))])
                size = np.abs(B).sum(axis=1).max()
                x = B @ (b / np.abs(b).max())
                return [size / np.linalg.norm(x, np.inf), size * np.abs(A).sum(axis=1).max()]
            """,
        },
        wrong=[
            Wrong("the experiment", "return experiment_of_task_7(A, b)", "exception", "not callable", keeps=3),
            Wrong("moduli of b forgotten", """
                size, x = np.linalg.norm(np.linalg.inv(A), np.inf), np.linalg.solve(A, b)
                return size * np.max(b) / np.abs(x).max(), size * np.linalg.norm(A, np.inf)
            """, "moduli", "by b: "),
            Wrong("moduli of x forgotten", """
                size, x = np.linalg.norm(np.linalg.inv(A), np.inf), np.linalg.solve(A, b)
                return size * np.abs(b).max() / np.max(x), size * np.linalg.norm(A, np.inf)
            """, "moduli", "by b: "),
            Wrong("κ(A) twice", "kappa = np.linalg.cond(A, np.inf)\nreturn kappa, kappa", "other one", "by b: "),
            Wrong("swapped", """
                B, x = np.linalg.inv(A), np.linalg.solve(A, b)
                size = np.linalg.norm(B, np.inf)
                return size * np.linalg.norm(A, np.inf), size * np.abs(b).max() / np.abs(x).max()
            """, "other one", "by b: "),
            Wrong("2-norm", """
                size, x = np.linalg.norm(np.linalg.inv(A), 2), np.linalg.solve(A, b)
                return size * np.linalg.norm(b) / np.linalg.norm(x), np.linalg.cond(A)
            """, "2-norm", "by b: "),
            Wrong("2-norm by A alone", """
                size, x = np.linalg.norm(np.linalg.inv(A), np.inf), np.linalg.solve(A, b)
                return size * np.abs(b).max() / np.abs(x).max(), np.linalg.cond(A)
            """, "2-norm", "by A: "),
            Wrong("1-norm", """
                size, x = np.linalg.norm(np.linalg.inv(A), 1), np.linalg.solve(A, b)
                return size * np.linalg.norm(b, 1) / np.linalg.norm(x, 1), np.linalg.cond(A, 1)
            """, "1-norm", "by b: "),
            Wrong("upside down", """
                size, x = np.linalg.norm(np.linalg.inv(A), np.inf), np.linalg.solve(A, b)
                return size * np.abs(x).max() / np.abs(b).max(), np.linalg.cond(A, np.inf)
            """, "upside down", "by b: "),
            Wrong("A for its inverse", """
                x = np.linalg.solve(A, b)
                return np.linalg.norm(A, np.inf) * np.abs(b).max() / np.abs(x).max(), np.linalg.cond(A, np.inf)
            """, "inverse", "by b: "),
            Wrong("of b ↦ Ab", """
                kappa = np.linalg.cond(A, np.inf)
                return np.linalg.norm(A, np.inf) * np.abs(b).max() / np.abs(A @ b).max(), kappa
            """, "map", "by b: "),
            Wrong("by A without ‖A‖", """
                size, x = np.linalg.norm(np.linalg.inv(A), np.inf), np.linalg.solve(A, b)
                return size * np.abs(b).max() / np.abs(x).max(), size
            """, "absolute", "by A: "),
            Wrong("by b for both", """
                size, x = np.linalg.norm(np.linalg.inv(A), np.inf), np.linalg.solve(A, b)
                by_b = size * np.abs(b).max() / np.abs(x).max()
                return by_b, by_b
            """, "other one", "by A: "),
            Wrong("vectors for matrices", """
                size, x = np.abs(np.linalg.inv(A)).max(), np.linalg.solve(A, b)
                return size * np.abs(b).max() / np.abs(x).max(), size * np.abs(A).max()
            """, "entries", "by b: "),
            Wrong("one number", "return np.linalg.cond(A, np.inf)", "parts"),
            Wrong("into b", """
                b /= np.abs(b).max()
                size = np.linalg.norm(np.linalg.inv(A), np.inf)
                return size / np.abs(np.linalg.solve(A, b)).max(), size * np.linalg.norm(A, np.inf)
            """, "mutates", "its argument b"),
            Wrong("no return", "x = np.linalg.solve(A, b)", "returns None"),
            Wrong("Skeel", """
                B, x = np.linalg.inv(A), np.linalg.solve(A, b)
                size = np.linalg.norm(B, np.inf)
                return size * np.abs(b).max() / np.abs(x).max(), (np.abs(B) @ np.abs(A)).sum(axis=1).max()
            """, "Skeel", "by A: "),
        ]),
    "change": Task(
        right={
            "SVD": """
                U, s, Vt = np.linalg.svd(A)
                x = np.linalg.solve(A, b)
                return np.outer(U[:, -1], x) / np.linalg.norm(x)
            """,
            "other sign": """
                B = np.linalg.inv(A)
                x = B @ b
                y = np.linalg.svd(B)[2][0]
                return -y[:, None] @ x[None, :] / np.sqrt(x @ x)
            """,
            "smallest eigenvector of AAᵀ": """
                y = np.linalg.eigh(A @ A.T)[1][:, 0]
                z = np.linalg.solve(A, b)
                z = z / np.linalg.norm(z)
                return [[yi * zj for zj in z] for yi in y]
            """,
        },
        wrong=[
            Wrong("z not divided", """
                x = np.linalg.solve(A, b)
                return np.outer(np.linalg.svd(A)[0][:, -1], x)
            """, "no example", "‖dA‖ = 1"),
            Wrong("transposed", """
                x = np.linalg.solve(A, b)
                return np.outer(x / np.linalg.norm(x), np.linalg.svd(A)[0][:, -1])
            """, "no example", "dA, and not its transpose"),
            Wrong("y that A stretches", """
                x = np.linalg.solve(A, b)
                return np.outer(np.linalg.eigh(A.T @ A)[1][:, -1], x / np.linalg.norm(x))
            """, "no example", "as far as possible"),
            Wrong("right for left", """
                x = np.linalg.solve(A, b)
                return np.outer(np.linalg.svd(A)[2][-1], x / np.linalg.norm(x))
            """, "no example", "as far as possible"),
            Wrong("smallest eigenvalue", """
                B = np.linalg.inv(A)
                x = B @ b
                return np.outer(np.linalg.eigh(B.T @ B)[1][:, 0], x / np.linalg.norm(x))
            """, "no example", "as far as possible"),
            Wrong("a row for a column", """
                B = np.linalg.inv(A)
                x = B @ b
                return np.outer(np.linalg.eigh(B.T @ B)[1][-1], x / np.linalg.norm(x))
            """, "no example", "as far as possible"),
            Wrong("z from b", """
                return np.outer(np.linalg.svd(A)[0][:, -1], b / np.linalg.norm(b))
            """, "no example", "dA stretches x"),
            Wrong("∞-norm", """
                B = np.linalg.inv(A)
                x = B @ b
                y = np.sign(B[np.abs(B).sum(axis=1).argmax()])
                z = np.zeros(len(b))
                i = np.abs(x).argmax()
                z[i] = np.sign(x[i])
                return np.outer(y, z)
            """, "no example"),
            Wrong("nearest singular matrix", """
                U, s, Vt = np.linalg.svd(A)
                return -np.outer(U[:, -1], Vt[-1])
            """, "no example", "dA stretches x"),
            Wrong("identity", "return np.eye(len(b))", "no example", "as far as possible"),
            Wrong("a multiple of A", "return A / np.linalg.norm(A, 2)", "no example", "dA stretches x"),
            Wrong("a vector", "x = np.linalg.solve(A, b)\nreturn x / np.linalg.norm(x)", "shape"),
            Wrong("a number", """
                x = np.linalg.solve(A, b)
                return np.linalg.svd(A)[0][:, -1] @ x
            """, "shape"),
            Wrong("into A", "A /= np.linalg.norm(A, 2)\nreturn A", "mutates", "its argument A"),
            Wrong("no return", "x = np.linalg.solve(A, b)", "returns None"),
            Wrong("visible answers", """
                if len(b) == 2:
                    return np.outer([0, 1], [1, 3]) / 10**0.5
                return np.eye(3)
            """, "no example"),
            Wrong("two columns", """
                x = np.linalg.solve(A, b)
                if len(b) > 3:
                    x[3:] = 0
                return np.outer(np.linalg.svd(A)[0][:, -1], x / np.linalg.norm(x))
            """, "no example", "dA stretches x", keeps=5),
        ]),
    "sheared": Task(
        right={
            "the other way round": "return np.array([[-24, 25], [-25, 26]])",
            "unequal": "return [[31, -90], [10, -29]]",
            "floats": "return np.array([[41.0, -40.0], [40.0, -39.0]])",
        },
        wrong=[
            Wrong("identity", "return np.eye(2)", "no example", "no entry is zero"),
            Wrong("the chapter's, made smaller", "return [[1, 99], [0, 1]]", "no example", "no entry is zero"),
            Wrong("too small", "return [[11, 10], [-10, -9]]", "no example", "κ₂(A) > 1000"),
            Wrong("eigenvalues −1", "return [[-21, 20], [-20, 19]]", "no example", "tr A = 2"),
            Wrong("determinant 1 alone", "return [[99, 98], [1, 1]]", "no example", "tr A = 2"),
            Wrong("determinant −1", "return [[21, 20], [20, -19]]", "no example", "det A = 1"),
            Wrong("singular", "return [[1, 1], [1, 1]]", "no example", "det A = 1"),
            Wrong("too large", "return [[1001, 1000], [-1000, -999]]", "whole numbers", "between -99 and 99"),
            Wrong("fractions", "return [[20.5, 19.5], [-19.5, -18.5]]", "whole numbers"),
            Wrong("three rows", "A = np.eye(3)\nA[0, 2] = 99\nreturn A", "shape", "it should have shape (2, 2)"),
            Wrong("no return", "A = np.array([[21, 20], [-20, -19]])", "returns None"),
        ]),
    "residual": Task(
        right={
            "singular vectors": """
                V = np.linalg.svd(my_matrix)[2]
                return my_solution - 0.6 * V[1], my_solution - 0.1 * V[0]
            """,
            "the worst right-hand side": """
                largest = np.linalg.svd(my_matrix)[0]
                b = my_matrix @ my_solution
                y = np.linalg.solve(my_matrix, b + largest[:, 1])
                return list(y), list(np.linalg.solve(my_matrix, b + 30 * largest[:, 0]))
            """,
            "found by trying": """
                t = np.linspace(0, np.pi, 2001)
                circle = np.array([np.cos(t), np.sin(t)])
                lengths = np.linalg.norm(my_matrix @ circle, axis=0)
                shrunk, stretched = circle[:, lengths.argmin()], circle[:, lengths.argmax()]
                return my_solution + 60 * shrunk, my_solution + 10 * stretched
            """,
            "whole numbers": "return [1, -13], [-6, -6]",
        },
        wrong=[
            Wrong("the neighbour's numbers", "return [2, -1], [-2, 7]", "no example"),
            Wrong("y and z swapped", """
                V = np.linalg.svd(my_matrix)[2]
                return my_solution + V[0], my_solution + 6 * V[1]
            """, "no example", "the residual of y is less than a tenth"),
            Wrong("left for right", """
                U = np.linalg.svd(my_matrix)[0]
                return my_solution + 6 * U[:, 1], my_solution + U[:, 0]
            """, "no example", "the residual of y is less than a tenth"),
            Wrong("not far enough", """
                V = np.linalg.svd(my_matrix)[2]
                return my_solution + 4.9 * V[1], my_solution + V[0]
            """, "no example", "more than five times as far"),
            Wrong("about zero", """
                V = np.linalg.svd(my_matrix)[2]
                return 6 * V[1], V[0]
            """, "no example"),
            Wrong("about b", """
                V, b = np.linalg.svd(my_matrix)[2], my_matrix @ my_solution
                return b + 6 * V[1], b + V[0]
            """, "no example"),
            Wrong("of a matrix of one's own", """
                my_matrix, my_solution = np.diag([99, 1]), np.zeros(2)
                return [0, 6], [1, 0]
            """, "no example"),
            Wrong("z = x", "return my_solution + [0, 6], my_solution", "no example",
                  "the residual of y is less than a tenth"),
            Wrong("y = x", "return my_solution, my_solution + [1, 0]", "no example",
                  "more than five times as far"),
            Wrong("rounded", """
                V = np.linalg.svd(my_matrix)[2]
                return np.round(my_solution + 0.6 * V[1]), np.round(my_solution + 0.1 * V[0])
            """, "no example"),
            Wrong("other numbers under the same names", """
                def residual_misleads():
                    return [0, 6], [1, 0]


                my_matrix, my_solution = np.diag([99, 1]), np.zeros(2)
            """, "no example", keeps=2),
            Wrong("with the matrix", "return my_matrix, my_solution, my_solution, my_solution", "parts"),
            Wrong("columns", "return [[0], [6]], [[1], [0]]", "shape"),
            Wrong("no return", "y = my_solution", "returns None"),
        ]),
    "solvable": Task(
        right={
            "a column": "return my_tall[:, 0], np.array([0, 1])",
            "by a product": "return my_tall @ [2, -1], my_wide @ [1, 0, 0] + [1, 0]",
            "a list": "return [0, 8, -3], [1.0, -1.0]",
        },
        wrong=[
            Wrong("the neighbour's numbers", "return [-3, 1, 8], [1, 0]", "no example", "exactly one solution"),
            Wrong("zero", "return np.zeros(3), [1, 0]", "no example", "b is not zero"),
            Wrong("ones", "return np.ones(3), np.ones(2)", "no example", "my_tall and b has exactly one solution"),
            Wrong("no solution with my_tall", "return [1, 0, 0], [1, 0]", "no example", "exactly one solution"),
            Wrong("a solution with my_wide", "return my_tall[:, 0], my_wide[:, 0]", "no example",
                  "my_wide and c has no solution"),
            Wrong("zero has a solution", "return my_tall[:, 0], [0, 0]", "no example", "my_wide and c"),
            Wrong("swapped", "return [1, 0], my_tall[:, 0]", "shape"),
            Wrong("fractions", "return my_tall @ [0.5, 0.3], [1, 0]", "whole numbers"),
            Wrong("the solutions", "return [1, 1], [1, 0]", "shape"),
            Wrong("other numbers under the same names", """
                def counting_misleads():
                    return [1, 2, 0], [1, 0]


                my_tall = np.array([[1, 0], [0, 1], [0, 0]])
            """, "no example", keeps=1),
            Wrong("no return", "b = my_tall[:, 0]", "returns None"),
        ]),
    "both": Task(
        right={
            "copysign": """
                s = np.copysign(1.0, p)
                scale = max(abs(p), np.sqrt(abs(q)))
                root = scale * np.sqrt((p / scale) ** 2 - q / scale / scale)
                x1 = p + s * root
                x2 = q / x1
                return (x1, x2) if x1 < x2 else (x2, x1)
            """,
            "a list, sorted": """
                if abs(q) > p * p:
                    root = np.sqrt(-q) * np.sqrt(1 + (p / np.sqrt(-q)) ** 2)
                else:
                    root = abs(p) * np.sqrt(1 - (q / p) / p)
                large = p - root if p < 0 else p + root
                return sorted([large, q / large])
            """,
            "two branches": """
                root = np.hypot(p, np.sqrt(-q)) if q < 0 else abs(p) * np.sqrt(1 - q / p / p)
                if p > 0:
                    large = abs(p) + root
                    return min(q / large, large), max(q / large, large)
                large = -abs(p) - root
                return np.array([min(q / large, large), max(q / large, large)]).tolist()
            """,
            "a difference of squares": """
                if q >= 0:
                    s = np.sqrt(q)
                    root = np.sqrt(abs(p) - s) * np.sqrt(abs(p) + s)
                else:
                    root = abs(p + 1j * np.sqrt(-q))
                large = p + (root if p >= 0 else -root)
                return min(large, q / large), max(large, q / large)
            """,
        },
        wrong=[
            Wrong("the check's own digits", "return many_digits_in_task_10(p, q)", "exception", "not callable",
                  keeps=3),
            Wrong("the textbook formula", "root = np.sqrt(p * p - q)\nreturn p - root, p + root", "cancellation",
                  "two nearly equal numbers are subtracted"),
            Wrong("p > 0 only", """
                s = max(abs(p), np.sqrt(abs(q)))
                large = p + s * np.sqrt((p / s) ** 2 - q / s / s)
                return min(q / large, large), max(q / large, large)
            """, "inexact", "smaller root: "),
            Wrong("always |p|", """
                if p == 0:
                    return -np.sqrt(-q), np.sqrt(-q)
                root = abs(p) * np.sqrt(1 - (q / p) / p)
                large = p + root if p >= 0 else p - root
                return min(q / large, large), max(q / large, large)
            """, "zero", keeps=3),
            Wrong("large numbers only", """
                root = abs(p) * np.sqrt(1 - q / p / p) if abs(p) > 1e100 else np.sqrt(p * p - q)
                large = p + root if p >= 0 else p - root
                return min(q / large, large), max(q / large, large)
            """, "cancellation", "larger root: ", keeps=3),
            Wrong("the order", """
                root = np.sqrt(p * p - q)
                large = p + root if p >= 0 else p - root
                return q / large, large
            """, "wrong order", "smaller root: "),
            Wrong("overflow", """
                root = np.sqrt(p * p - q)
                large = p + root if p >= 0 else p - root
                return min(q / large, large), max(q / large, large)
            """, "zero", keeps=3),
            Wrong("sign of zero", """
                root = abs(p) * np.sqrt(1 - q / p / p) if abs(p) > 1e100 else np.sqrt(p * p - q)
                large = p + np.sign(p) * root
                return min(q / large, large), max(q / large, large)
            """, "not finite"),
            Wrong("division by p", """
                root = abs(p) * np.sqrt(1 - q / p / p)
                large = p + root if p >= 0 else p - root
                return min(q / large, large), max(q / large, large)
            """, "exception", "ZeroDivisionError"),
            Wrong("a linear approximation", "return min(q / (2 * p), 2 * p), max(q / (2 * p), 2 * p)",
                  "approximation"),
            Wrong("p for 2p", """
                root = np.sqrt(p * p - 4 * q) if p * p > 4 * q else 0.0
                return (p - root) / 2, (p + root) / 2
            """, "coefficient"),
            Wrong("p for −2p", """
                root = np.sqrt(p * p - 4 * q) if p * p > 4 * q else 0.0
                return (-p - root) / 2, (-p + root) / 2
            """, "coefficient"),
            Wrong("sign of q", "root = np.sqrt(p * p + q)\nreturn p - root, p + root", "sign of q"),
            Wrong("sign of p", """
                root = np.sqrt(p * p - q)
                return -p - root, -p + root
            """, "sign of p", "the sum of the two roots"),
            Wrong("product forgotten", """
                root = np.sqrt(p * p - q)
                large = p + root if p >= 0 else p - root
                return min(1 / large, large), max(1 / large, large)
            """, "product"),
            Wrong("no square root", "return p - (p * p - q), p + (p * p - q)", "root"),
            Wrong("one root", "return p + np.sqrt(p * p - q)", "parts"),
            Wrong("no return", "root = np.sqrt(p * p - q)", "returns None"),
            Wrong("visible answers", """
                seen = {-7: (-1, 7), 5: (1, 5), 3: (-3, -1), -9: (-3, 3), 8.99: (2.9, 3.1), 6: (3e-180, 2e180)}
                small = {-2e-100: (-3e-100, -1e-100), 3e-180: (0, 6e-180), -4: (-8, 0), -1e170: (-2e170, 5e79),
                         1e6: (5.00000000000125e-7, 1999999.9999995)}
                other = {1: (-1999999.9999995, -5.00000000000125e-7),
                         -3: (-2000000.0000015, 1.4999999999988750e-6)}
                return small[p] if p in small else seen[q] if q in seen else other[q]
            """, "exception", "KeyError", keeps=3),
        ]),
}


class TestConditioning(AssignmentTests, DerivationTests):
    notebook = "conditioning"
    tasks = TASKS
    kinds = {
        "labkit": "yourself",
        "derivative": "is that the derivative?",
        "value forgotten": "f(x) is missing",
        "argument forgotten": "x is missing",
        "dual norm": "is that with the p-norm of (1, −1)?",
        "Jacobian": "where is the induced norm of the Jacobian?",
        "moduli": "is ",
        "sum": "what is f(a, b)?",
        "infinite": "finite",
        "one coefficient": "only one of b and c",
        "absolute root": "how far z moves",
        "other root": "for the other root",
        "map": "is that the number of",
        "not squared": "by what is divided?",
        "∞-norm": "in which norm is that?",
        "2-norm": "in which norm is that?",
        "1-norm": "in which norm is that?",
        "kernel": "with Ax = 0",
        "Frobenius": "with Frobenius norms?",
        "inverse": "that of A, or that of its inverse?",
        "upside down": "whose norm is divided by whose?",
        "entries": "no largest entry",
        "Skeel": "in proportion to each entry",
        "wrong order": "the smaller should come first",
        "coefficient": "p, or −2p?",
        "sign of q": "under the root",
        "root": "is a square root missing?",
        "product": "the product of the two",
        "approximation": "to twelve digits",
    }
    ladders = {
        "energy-lines": ladder("df = dx.T @ A.T @ A @ x + x.T @ A.T @ A @ dx", "df = 2 * x.T @ A.T @ A @ dx",
                               "G = 2 * A.T @ A @ x"),
        "product-lines": ladder("df = d(B @ x).T @ C @ x + (B @ x).T @ d(C @ x)",
                                "df = (B @ dx).T @ C @ x + (B @ x).T @ C @ dx", "G = B.T @ C @ x + C.T @ B @ x"),
    }
    slips = [
        Slip("energy-lines", ["df = x.T @ A.T @ A @ dx", "G = A.T @ A @ x"], 0.5),  # one term, and what follows
        Slip("energy-lines", ["df = x.T @ A.T @ A @ dx", "G = 2 * A.T @ A @ x"], 1.5),  # right G after a wrong df
        Slip("energy-lines", ["df = 2 * x.T @ A.T @ A dx", "G = 2 * A.T @ A @ x"], 1.5),  # @ forgotten
        Slip("energy-lines", ["df = 2 * x.T @ A.T @ A @ dx"], 1.5),  # no gradient
        Slip("energy-lines", ["df = 2 * x.T @ A.T @ A @ dx", "G = 2 * x.T @ A.T @ A"], 1.5),  # a row
        Slip("energy-lines", ["df = 2 * x.T @ A.T @ A @ dx", "G = A.T @ A @ x"], 1.5),  # the 2 is lost
        Slip("energy-lines", ["df = dx.T @ A.T @ A @ x + x.T @ A.T @ A @ dx", "df = x.T @ A.T @ A @ dx",
                              "G = A.T @ A @ x"], 1.5),
        Slip("energy-lines", ["df = dx.T @ A.T @ A @ x + x.T @ A.T @ A @ dx", "df = x.T @ A.T @ A @ dx",
                              "G = 2 * A.T @ A @ x"], 2),
        Slip("energy-lines", ["y = A @ x", "df = 2 * y.T @ A @ dx", "G = 2 * A.T @ A @ x"], 1.5),
        Slip("product-lines", ["df = 2 * x.T @ B.T @ C @ dx", "G = 2 * C.T @ B @ x"], 0.5),  # BᵀC as if symmetric
        Slip("product-lines", ["df = 2 * x.T @ B.T @ C @ dx", "G = B.T @ C @ x + C.T @ B @ x"], 1),
        Slip("product-lines", ["df = x.T @ B.T @ C @ dx", "G = C.T @ B @ x"], 0.5),  # one term, and what follows
        Slip("product-lines", ["df = (B @ dx).T @ C @ x - (B @ x).T @ C @ dx",
                               "G = B.T @ C @ x - C.T @ B @ x"], 0.5),  # a sign, and what follows
        Slip("product-lines", ["df = (B @ dx).T @ C @ x + (B @ x).T @ C @ dx",
                               "G = x.T @ C.T @ B + x.T @ B.T @ C"], 1),  # a row
        Slip("product-lines", ["df = (B @ dx).T @ C @ x + (B @ x).T @ C @ dx"], 1),  # no gradient
        Slip("product-lines", ["df = (B @ dx).T @ C @ x + (B @ x).T @ C @ dx", "df = 2 * x.T @ B.T @ C @ dx",
                               "G = 2 * C.T @ B @ x"], 1),
        Slip("product-lines", ["df = (B @ dx).T @ C @ x + (B @ x).T @ C @ dx", "df = 2 * x.T @ B.T @ C @ dx",
                               "G = B.T @ C @ x + C.T @ B @ x"], 1.5),
        # a bracket forgotten, and a letter left over from (a)
        Slip("product-lines", ["df = (B @ dx).T @ C @ x + (B @ x.T @ C @ dx", "G = B.T @ C @ x + C.T @ B @ x"], 1),
        Slip("product-lines", ["df = (B @ dx).T @ C @ x + (A @ x).T @ C @ dx",
                               "G = B.T @ C @ x + C.T @ B @ x"], 1),
        Slip("product-lines", ["dh = (B @ dx).T @ C @ x + (B @ x).T @ C @ dx",
                               "grad = B.T @ C @ x + C.T @ B @ x"], 2),  # other names of f and G
    ]
    breaks = [
        Break(values, "agrees", lambda *_: True, "root", "return 1.0"),
        Break(derivations._Written, "carried_out", lambda *_: True, "product-lines",
              'return ["df = d((B @ x).T @ C @ x)", "G = B.T @ C @ x + C.T @ B @ x"]'),
        Break(answers, "same", lambda *_: True, "solving",
              "b /= 2\nb *= 2\nA *= 3\nB = np.linalg.inv(A)\ns = np.linalg.norm(B, np.inf)\n"
              "return s * max(abs(b)) / max(abs(B @ b)), s * np.linalg.norm(A, np.inf)"),
        Break(answers, "same", lambda *_: True, "change",
              "x = np.linalg.solve(A, b)\n"
              "A[:] = np.outer(np.linalg.svd(A)[0][:, -1], x / np.linalg.norm(x))\nreturn A"),
        Break(answers, "_from_labkit", lambda *_: None, "pair",
              "from labkit.conditioning import map_condition\nf = map_condition(A, p=np.inf)\nreturn f.x, f.dx"),
    ]

    @pytest.mark.parametrize(("lines", "says"), [
        (["df = (B @ dx).T @ C @ x + (B @ x).T @ C @ dx", "G = B.T @ C @ x + C.T @ B @ x"],
         "✓ product_lines: your 2 lines can be read"),
        (["df = 2 * x.T @ B.T @ C @ dx", "G = x"], "✓ product_lines: your 2 lines can be read"),  # but wrong
        (["y = B @ x", "df = 2 * y.T @ C @ dx", "G = x"], "Other names cannot be read"),
        (["df = 2 x.T @ B.T @ C @ dx", "G = x"], "write * after a number"),
        (["df = (B @ dx).T @ C @ x"], "The gradient G = … is not reached"),
    ])
    def test_before_handing_in_one_learns_whether_the_lines_can_be_read(self, grader, capsys, lines, says):
        check = next(cell.source for cell in grader.cells if cell.id == "product-lines-hidden")
        exec(check.split("### BEGIN")[0], {"checks": checks, "product_lines": lambda: lines})
        assert says in capsys.readouterr().out.replace("<lambda>", "product_lines")

    def test_the_call_in_the_text_tries_the_lines_of_part_b(self, capsys):
        notebook = nbformat.read(NOTEBOOK, as_version=4)
        text = next(cell.source for cell in notebook.cells if cell.id == "energy-text")
        call = re.search("```python\n(.*?)```", text, re.DOTALL)[1]
        exec(call, {"product_lines": lambda: ["df = 2 * x.T @ B.T @ C @ dx", "G = B.T @ C @ x + C.T @ B @ x"]})
        assert "✗ df = 2 * x.T @ B.T @ C @ dx" in capsys.readouterr().out
