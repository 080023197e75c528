"""Assignment "Norms": other right answers keep their marks, and the mistakes that students make lose them."""

import pytest

from labkit import checks
from labkit.checks import answers, derivations, values
from tests.course.graders.common import AssignmentTests, Break, DerivationTests, Slip, Task, Wrong, ladder

TASKS = {
    "p-norm": Task(
        right={
            "loop": """
                s = max(abs(t) for t in x)
                if s == 0:
                    return 0
                if p == np.inf:
                    return s
                total = 0.0
                for t in x:
                    total += (abs(t) / s) ** p
                return s * total ** (1 / p)
            """,
            "by logarithms": """
                a = np.abs(x[x != 0])
                if len(a) == 0:
                    return 0.0
                if p == np.inf:
                    return np.max(a)
                logs = p * np.log(a)
                return np.exp((logs.max() + np.log(np.sum(np.exp(logs - logs.max())))) / p)
            """,
            "numpy's norm of the scaled vector": """
                s = np.abs(x).max() or 1.0
                return s * np.linalg.norm(x / s, p)
            """,
            "an array with one number": """
                s = np.abs(x).max() or 1
                return np.array(s * np.linalg.norm(x / s, ord=p))
            """,
        },
        wrong=[
            Wrong("numpy's norm", "return np.linalg.norm(x, p)", "not finite", "overflowed", keeps=2),
            Wrong("the formula as it stands", """
                if p == np.inf:
                    return np.abs(x).max()
                return np.sum(np.abs(x) ** p) ** (1 / p)
            """, "not finite", "overflowed", keeps=2),
            Wrong("scaled, zero forgotten", """
                s = np.abs(x).max()
                if p == np.inf:
                    return s
                return s * np.sum((np.abs(x) / s) ** p) ** (1 / p)
            """, "not finite", "NaN", keeps=2),
            Wrong("no absolute value", """
                return x.max() if p == np.inf else np.sum(x**p) ** (1 / p)
            """, "absolute value"),
            Wrong("no root", "return np.abs(x).max() if p == np.inf else np.sum(np.abs(x) ** p)", "root",
                  "the root is missing"),
            Wrong("the 2-norm always", "return np.sqrt(x @ x)", "constant", "p = 1"),
            Wrong("mean for sum", """
                return np.abs(x).max() if p == np.inf else np.mean(np.abs(x) ** p) ** (1 / p)
            """, "mean"),
            Wrong("infinity forgotten", "return np.sum(np.abs(x) ** p) ** (1 / p)", "infinity", "p = inf"),
            Wrong("a large exponent for infinity", """
                p = min(p, 400)
                s = np.abs(x).max() or 1.0
                return s * np.sum((np.abs(x) / s + 1e-4) ** p) ** (1 / p)
            """, "inexact"),
            Wrong("into x", """
                s = np.abs(x).max() or 1.0
                x /= s
                return s * np.linalg.norm(x, p)
            """, "mutates", "its argument x"),
            Wrong("no return", "np.linalg.norm(x, p)", "returns None"),
            Wrong("the vector of powers", "return np.abs(x) ** p", "shape"),
            Wrong("visible answers", """
                s = np.abs(x).max()
                if len(x) == 3:
                    return 9 if p == 2 else 17 ** (1 / 3)
                return 0 if s == 0 else s * {2.0: 5 / 4, 1.0: 19 / 12, 1.5: 1, np.inf: 1}[p]
            """, "numbers", "p = 1.5", keeps=3),
            Wrong("into an array of whole numbers", """
                t = np.abs(x)
                s = t.max() or 1
                t[:] = t / s
                return s * np.linalg.norm(t, p)
            """, "integers", keeps=2),
            Wrong("from labkit", "from labkit.norms import vector_norm as f\nreturn f(x, p)", "labkit"),
        ]),
    "dual": Task(
        right={
            "divided by the norm first": """
                s = np.abs(x).max()
                y = np.zeros(x.shape)
                if s == 0 or p == np.inf:
                    j = int(np.argmax(np.abs(x)))
                    y[j] = 1 if x[j] >= 0 else -1
                    return y
                t = x / s
                t = t / np.sum(np.abs(t) ** p) ** (1 / p)
                if p == 1:
                    return np.where(x >= 0, 1, -1)
                return np.sign(t) * np.abs(t) ** (p - 1)
            """,
            "a mean over all largest entries": """
                a = np.abs(x)
                if a.max() == 0:
                    y = np.zeros(len(x))
                    y[-1] = 1
                    return y
                if p == np.inf:
                    top = a == a.max()
                    return np.sign(x) * top / top.sum()
                t = a / a.max()
                y = np.sign(x) * t ** (p - 1)
                return y / np.linalg.norm(y, np.inf if p == 1 else p / (p - 1))
            """,
            "lists": """
                n = len(x)
                s = max(abs(t) for t in x)
                if s == 0 or p == np.inf:
                    j = max(range(n), key=lambda i: abs(x[i]))
                    return [(-1.0 if x[j] < 0 else 1.0) if i == j else 0.0 for i in range(n)]
                t = [abs(v) / s for v in x]
                total = sum(v ** p for v in t) ** ((p - 1) / p)
                return [(-1 if v < 0 else 1) * w ** (p - 1) / total for v, w in zip(x, t)]
            """,
        },
        wrong=[
            Wrong("x itself, scaled", "return x / np.linalg.norm(x)", "no example", "‖y‖_{p*} = 1"),
            Wrong("scaled to the p-norm", "return x / np.linalg.norm(x, p)", "no example"),
            Wrong("the formula as it stands", """
                if p == np.inf:
                    y = np.zeros(len(x))
                    y[np.argmax(np.abs(x))] = np.sign(x[np.argmax(np.abs(x))]) or 1
                    return y
                if not x.any():
                    return np.eye(len(x))[0]
                return np.where(x >= 0, 1, -1) * np.abs(x) ** (p - 1) / np.linalg.norm(x, p) ** (p - 1)
            """, "not finite", keeps=3),
            Wrong("zero forgotten", """
                t = np.abs(x) / np.abs(x).max()
                if p == np.inf:
                    y = np.zeros(len(x))
                    y[np.argmax(t)] = np.sign(x[np.argmax(t)])
                    return y
                return np.sign(x) * t ** (p - 1) / np.linalg.norm(t, p) ** (p - 1)
            """, "not finite", "x = [0 0]", keeps=3),
            Wrong("signs at all largest entries", """
                a = np.abs(x)
                if not a.any():
                    return np.eye(len(x))[0]
                if p == np.inf:
                    return np.sign(x) * (a == a.max())
                if p == 1:
                    return np.sign(x)
                t = a / a.max()
                return np.sign(x) * t ** (p - 1) / np.linalg.norm(t, p) ** (p - 1)
            """, "no example", "Here p* = 1 and ‖y‖_{p*} = 2.", keeps=2),
            Wrong("cut off in an array of whole numbers", """
                y = np.zeros_like(x)
                j = np.argmax(np.abs(x))
                if p == np.inf or x[j] == 0:
                    y[j] = 1 if x[j] >= 0 else -1
                    return y
                if p == 1:
                    return np.where(x >= 0, 1, -1)
                t = np.abs(x) / np.abs(x[j])
                y[:] = np.sign(x) * t ** (p - 1) / np.linalg.norm(t, p) ** (p - 1)
                return y
            """, "no example", "p = 1.5", keeps=2),
            Wrong("signs, also for zero", """
                j = np.argmax(np.abs(x))
                if p == 1:
                    return np.sign(x)
                if p == np.inf or x[j] == 0:
                    return np.where(x[j] < 0, -1.0, 1.0) * np.eye(len(x))[j]
                t = x / np.abs(x[j])
                y = np.sign(t) * np.abs(t) ** (p - 1)
                return y / np.linalg.norm(y, p / (p - 1))
            """, "no example", "Here p* = inf and ‖y‖_{p*} = 0.", keeps=3),
            Wrong("the sign forgotten", """
                t = np.abs(x) / np.abs(x).max()
                return t ** (p - 1) / np.linalg.norm(t, p) ** (p - 1)
            """, "no example", "xᵀy = ‖x‖_p"),
            Wrong("the wrong end", """
                if p == np.inf:
                    return np.sign(x)
                y = np.zeros(len(x))
                y[np.argmax(np.abs(x))] = 1
                return y if p == 1 else x / np.linalg.norm(x)
            """, "no example"),
            Wrong("p for p − 1", """
                t = np.sign(x) * np.abs(x) ** p
                return t / np.linalg.norm(t, np.inf if p == 1 else p / (p - 1))
            """, "no example", "Here xᵀy = 4.957085867 and ‖x‖_p = 5."),
            Wrong("a sign left out", "return -x / np.linalg.norm(x)", "no example", "xᵀy = ‖x‖_p"),
            Wrong("a column", "return (x / np.linalg.norm(x))[:, None]", "shape"),
            Wrong("the value", "return np.linalg.norm(x, p)", "shape"),
            Wrong("into x", "x /= np.linalg.norm(x)\nreturn x", "mutates", "its argument x"),
            Wrong("no return", "y = x / np.linalg.norm(x)", "returns None"),
            Wrong("visible answers", """
                seen = {(2, 3): [0.6, -0.8], (1, 2): [1, 0, -1], (np.inf, 1): [0, -1, 0], (np.inf, -2): [-1, 0, 0],
                        (3, 1): np.array([1, -4, 4]) / 17 ** (2 / 3), (4, -5): [-1], (2, 0): [0, 1],
                        (1, 0): [1, 1], (1.5, 1): np.array([1, -(2 ** 0.5), 2]) / (9 + 2 ** 1.5) ** (1 / 3),
                        (3, 1e200): np.array([1, -4]) / 9 ** (2 / 3),
                        (3, 2e-200): np.array([4, -1]) / 9 ** (2 / 3)}
                return np.array(seen[p, x[0]])
            """, "exception", "KeyError", keeps=4),
            Wrong("from labkit", "import labkit.norms as norms\nreturn norms.dual_vector(x, p)", "labkit"),
        ]),
    "triangle": Task(
        right={
            "one small entry": "return [1, 4], [4, 1], 3",
            "signs": "return np.array([9.0, -1.0]), np.array([1.0, -9.0]), -2.0",
            "less far apart": "return (1, 2), (2, 1), np.array(9)",
            "one sign": "return np.array([1, 9]), np.array([9, -1]), np.int64(-7)",
        },
        wrong=[
            Wrong("the basis", "return np.array([1, 0]), np.array([0, 1]), 2", "no example", "no entry is zero"),
            Wrong("multiples", "return [1, 2], [2, 4], 2", "no example",
                  "Here ‖x + y‖ = 17.4853, ‖x‖ = 5.82843 and ‖y‖ = 11.6569."),
            Wrong("they cancel", "return np.array([1, 9]), np.array([-1, -9]), 2", "no example"),
            Wrong("different signs", "return np.array([1, 9]), np.array([1, -9]), 2", "no example", "p = ½"),
            Wrong("a sign for c", "return [1, 9], [9, 1], -1", "no example", "Here ‖cx‖₀ = 2, and so is |c|‖x‖₀."),
            Wrong("zero for c", "return [1, 9], [9, 1], 0", "no example", "c is not zero"),
            Wrong("a vector for c", "return [1, 9], [9, 1], [2, 2]", "shape", "c has shape (2,)"),
            Wrong("too large", "return np.array([1, 100]), np.array([100, 1]), 2", "whole numbers"),
            Wrong("fractions", "return np.array([0.1, 0.9]), np.array([0.9, 0.1]), 2", "whole numbers"),
            Wrong("three entries", "return [1, 9, 1], [9, 1, 1], 2", "shape", "x has shape (3,)"),
            Wrong("no c", "return np.array([1, 9]), np.array([9, 1])", "parts"),
            Wrong("not finite", "return np.array([1, np.inf]), np.array([1, 1]), 2", "not finite"),
            Wrong("no return", "x, y = np.array([1, 9]), np.array([9, 1])", "returns None"),
        ]),
    "eigenvalues": Task(
        right={
            "lower triangle": "return [[1, 0], [-9, 1]]",
            "complex eigenvalues": "return np.array([[4, 9], [-2, -4]])",
            "different eigenvalues": "return np.array([[1.0, 8.0], [0.0, -1.0]])",
        },
        wrong=[
            Wrong("singular", "return np.array([[0, 9], [0, 0]])", "no example", "invertible. Here det A = 0."),
            Wrong("symmetric", "return np.array([[1, 9], [9, 1]])", "no example", "five times"),
            Wrong("not far enough", "return np.array([[1, 4], [0, 1]])", "no example",
                  "Here ‖A‖₂ = 4.236 and |λ| = 1."),
            Wrong("diagonal", "return np.diag([9, 1])", "no example", "five times"),
            Wrong("orthogonal", "return np.array([[0, 1], [-1, 0]])", "no example", "five times"),
            Wrong("too large", "return np.array([[1, 10], [0, 1]])", "whole numbers"),
            Wrong("fractions", "return np.array([[0.1, 9], [0, 0.1]])", "whole numbers"),
            Wrong("three by three", "return np.eye(3)", "shape"),
            Wrong("a list of eigenvalues", "return np.array([1, 1])", "shape"),
            Wrong("not written", "raise NotImplementedError", "not written"),
        ]),
    "order": Task(
        right={
            "lists": "return [[6, 0], [0, 6]], [[4, 4], [4, -4]]",
            "with signs": "return -np.array([[0, 7], [0, 0]]), np.array([[-4, 4], [4, 4]])",
            "no zeros in A": "return np.array([[4, 4], [4, 4]]), np.array([[5, 4], [-4, 5]])",
        },
        wrong=[
            Wrong("larger in all", "return np.array([[2, 2], [2, -2]]), np.array([[3, 0], [0, 0]])", "no example",
                  "‖A‖₁ < ‖B‖₁"),
            Wrong("smaller in all", "return np.array([[1, 0], [0, 1]]), np.array([[2, 2], [2, -2]])", "no example",
                  "‖A‖₂ > ‖B‖₂"),
            Wrong("only in the 1-norm", "return np.array([[2, 2], [0, 0]]), np.array([[3, 0], [0, 0]])",
                  "no example", "‖A‖_∞ < ‖B‖_∞"),
            Wrong("the Frobenius norm for the spectral one",
                  "return np.array([[2, 1], [1, -2]]), np.array([[3, 1], [0, 0]])", "no example"),
            Wrong("equal in the 1-norm", "return np.array([[4, 0], [0, 4]]), np.array([[2, 2], [2, -2]])",
                  "no example", "Here ‖A‖₁ = 4 and ‖B‖₁ = 4."),
            Wrong("too large", "return np.array([[60, 0], [0, 60]]), np.array([[40, 40], [40, -40]])",
                  "whole numbers"),
            Wrong("one matrix", "return np.array([[3, 0], [0, 0]])", "parts"),
            Wrong("vectors", "return np.array([3, 0]), np.array([2, 2])", "shape"),
            Wrong("no return", "A = np.array([[3, 0], [0, 0]])", "returns None"),
        ]),
    "penalties": Task(
        right={
            "loop with cases": """
                b = np.zeros(len(z))
                for i, t in enumerate(z):
                    if t > lam:
                        b[i] = (t - lam) / (1 + mu)
                    elif t < -lam:
                        b[i] = (t + lam) / (1 + mu)
                return b
            """,
            "soft threshold of the shrunk problem": """
                z, level = z / (1 + mu), lam / (1 + mu)
                return np.where(np.abs(z) > level, z - np.sign(z) * level, 0)
            """,
            "clip": "return (z - np.clip(z, -lam, lam)) / (1 + mu)",
            "a list in single precision": """
                return list(np.sign(z).astype(np.float32) * np.maximum(np.abs(z) - lam, 0).astype(np.float32)
                            / np.float32(1 + mu))
            """,
        },
        wrong=[
            Wrong("the 1-norm alone", "return np.sign(z) * np.maximum(np.abs(z) - lam, 0)",
                  "factor", "The factor is 2 here and 1 on another input"),
            Wrong("the square alone", "return z / (1 + mu)", "one penalty"),
            Wrong("shrunk, then λ subtracted", """
                return np.sign(z) * np.maximum(np.abs(z) / (1 + mu) - lam, 0)
            """, "shrunk first"),
            Wrong("2μ", "return np.sign(z) * np.maximum(np.abs(z) - lam, 0) / (1 + 2 * mu)", "derivative"),
            Wrong("the sign lost", "return np.maximum(np.abs(z) - lam, 0) / (1 + mu)", "sign of z"),
            Wrong("divided by μ", "return np.sign(z) * np.maximum(np.abs(z) - lam, 0) / mu", "factor"),
            Wrong("no maximum", "return (z - lam * np.sign(z)) / (1 + mu)", "no zeros"),
            Wrong("threshold λ + μ", "return np.sign(z) * np.maximum(np.abs(z) - lam - mu, 0) / (1 + mu)",
                  "threshold"),
            Wrong("positive z only", "return np.maximum(z - lam, 0) / (1 + mu)", "positive only"),
            Wrong("hard threshold", "return np.where(np.abs(z) > lam, z, 0) / (1 + mu)", "hard threshold"),
            Wrong("nearly zero", """
                b = np.sign(z) * np.maximum(np.abs(z) - lam, 0) / (1 + mu)
                return b + 1e-12 * z
            """, "no example", "exactly zero"),
            Wrong("zeros only up to rounding", """
                b = np.sign(z) * np.maximum(np.abs(z) - lam, 0) / (1 + mu)
                return b + 1e-12 * z * (np.abs(z) < 1.5 * lam) * (len(z) == 5)
            """, "no example", "exactly zero", keeps=6),
            Wrong("into z", """
                z[np.abs(z) <= lam] = 0
                return (z - lam * np.sign(z)) / (1 + mu)
            """, "mutates", "its argument z"),
            Wrong("into an integer array", """
                b = np.zeros_like(z)
                b[:] = np.sign(z) * np.maximum(np.abs(z) - lam, 0) / (1 + mu)
                return b
            """, "integers", keeps=2),
            Wrong("visible answers", """
                if lam == 3:
                    return [0, 0.5, 0]
                return {-5: [-1], 7: [2.5, -1, 0], 3: [2, 0, -3], 6: [2.25, -0.25, 0, -3.75]}[z[0]]
            """, "exception", "KeyError", keeps=3),
            Wrong("no return", "b = z / (1 + mu)", "returns None"),
            Wrong("visible check copied", """
                def shrunk(z, lam, mu):
                    return minimiser_of_task_4(z, lam, mu)
            """, "labkit"),
            Wrong("from labkit", "from labkit.regression import soft_threshold as s\nreturn s(z, lam) / (1 + mu)",
                  "labkit"),
        ]),
    "induced": Task(
        right={
            "one row after the other": """
                def length(v, p):
                    return max(abs(t) for t in v) if p == np.inf else sum(abs(t) ** p for t in v) ** (1 / p)

                m, n = A.shape
                if p == 1:
                    return max(length([A[i, j] for i in range(m)], q) for j in range(n))
                if q == np.inf:
                    dual = 1 if p == np.inf else p / (p - 1)
                    return max(length(row, dual) for row in A)
                if p == 2:
                    return np.sqrt(max(np.linalg.eigvalsh(A.T @ A)[-1], 0))
                best = 0
                for number in range(2 ** n):
                    s = [1 if number >> j & 1 else -1 for j in range(n)]
                    best = max(best, length(A @ s, q))
                return best
            """,
            "numpy's norms": """
                from itertools import product
                if p == 1:
                    return np.linalg.norm(A, q, axis=0).max()
                if q == np.inf:
                    return np.linalg.norm(A, 1 if p == np.inf else 1 / (1 - 1 / p), axis=1).max()
                if p == 2:
                    return np.linalg.norm(A, 2)
                corners = np.array(list(product([-1, 1], repeat=A.shape[1]))).T
                return np.linalg.norm(A @ corners, q, axis=0).max()
            """,
            "half of the corners, rows through the transpose": """
                if q == np.inf and p != 1:
                    dual = 1 if p == np.inf else p / (p - 1)
                    return induced(A.T, 1, dual)
                if p == 1:
                    return np.max([np.linalg.norm(A[:, j], q) for j in range(A.shape[1])])
                if p == 2:
                    return np.linalg.svd(A.T)[1].max()
                sums = [A[:, 0]]
                for a in A.T[1:]:
                    sums = [s + a for s in sums] + [s - a for s in sums]
                return max(np.linalg.norm(s, q) for s in sums)
            """,
        },
        wrong=[
            Wrong("columns and rows exchanged", """
                if p == 1:
                    return max(np.linalg.norm(r, q) for r in A)
                return max(np.linalg.norm(a, q) for a in A.T)
            """, "exchanged", "p = 1"),
            Wrong("rows without the dual exponent", """
                if p == 1:
                    return np.linalg.norm(A, q, axis=0).max()
                if q == np.inf and p == np.inf:
                    return np.linalg.norm(A, 1, axis=1).max()
                if q == np.inf:
                    return np.linalg.norm(A, p, axis=1).max()
                if p == 2:
                    return np.linalg.norm(A, 2)
                n = A.shape[1]
                S = 2 * (np.arange(2**n)[:, None] >> np.arange(n) & 1) - 1
                return np.linalg.norm(A @ S.T, q, axis=0).max()
            """, "exponent", "p = 3"),
            Wrong("the largest entry of a row for p = ∞", """
                if p == 1:
                    return np.linalg.norm(A, q, axis=0).max()
                return np.linalg.norm(A, p, axis=1).max()
            """, "exponent", "p = inf"),
            Wrong("eigenvalues", """
                if p == 1:
                    return np.linalg.norm(A, q, axis=0).max()
                if q == np.inf:
                    return np.linalg.norm(A, 1, axis=1).max()
                return np.abs(np.linalg.eigvals(A)).max()
            """, "eigenvalue", "p = 2"),
            Wrong("no root of λ_max", """
                if p == 1:
                    return np.linalg.norm(A, q, axis=0).max()
                if q == np.inf:
                    return np.linalg.norm(A, 1, axis=1).max()
                return np.linalg.eigvalsh(A.T @ A)[-1]
            """, "eigenvalue of AᵀA", "p = 2"),
            Wrong("the vector of ones", """
                if p == 1:
                    return np.linalg.norm(A, q, axis=0).max()
                if q == np.inf:
                    return np.linalg.norm(A, 1 if p == np.inf else p / (p - 1), axis=1).max()
                if p == 2:
                    return np.linalg.norm(A, 2)
                return np.linalg.norm(A @ np.ones(A.shape[1]), q)
            """, "factor", "The factor is 0.5 here and 1 on another input"),
            Wrong("all entries for ∞ → 1", """
                if p == 1:
                    return np.linalg.norm(A, q, axis=0).max()
                if q == np.inf:
                    return np.linalg.norm(A, 1 if p == np.inf else p / (p - 1), axis=1).max()
                return np.linalg.norm(A, 2) if p == 2 else np.abs(A).sum()
            """, "every row at its best", "p = inf"),
            Wrong("the norm of the row sums for p = ∞", """
                if p == 1:
                    return np.linalg.norm(A, q, axis=0).max()
                if q == np.inf:
                    return np.linalg.norm(A, 1 if p == np.inf else p / (p - 1), axis=1).max()
                return np.linalg.norm(A, 2) if p == 2 else np.linalg.norm(np.abs(A).sum(axis=1), q)
            """, "every row at its best", "p = inf"),
            Wrong("the spectral norm for every p = 2", """
                if p == 1:
                    return np.linalg.norm(A, q, axis=0).max()
                if p == 2:
                    return np.linalg.norm(A, 2)
                if q == np.inf:
                    return np.linalg.norm(A, 1 if p == np.inf else p / (p - 1), axis=1).max()
                S = 2 * (np.arange(2 ** A.shape[1])[:, None] >> np.arange(A.shape[1]) & 1) - 1
                return np.linalg.norm(A @ S.T, q, axis=0).max()
            """, "numbers", "q = inf", keeps=2),
            Wrong("element-wise", "return np.linalg.norm(A.ravel(), q)", "constant"),
            Wrong("numpy's norm of a matrix", "return np.linalg.norm(A, p)", "constant", "q = 2"),
            Wrong("the Frobenius norm for p = 2", """
                if p == 1:
                    return np.linalg.norm(A, q, axis=0).max()
                if q == np.inf:
                    return np.linalg.norm(A, 1 if p == np.inf else p / (p - 1), axis=1).max()
                if p == 2:
                    return np.linalg.norm(A)
                n = A.shape[1]
                S = 2 * (np.arange(2**n)[:, None] >> np.arange(n) & 1) - 1
                return np.linalg.norm(A @ S.T, q, axis=0).max()
            """, "Frobenius", "without an order"),
            Wrong("corners for p = ∞ always with q = 1", """
                if p == 1:
                    return np.linalg.norm(A, q, axis=0).max()
                if q == np.inf:
                    return np.linalg.norm(A, 1 if p == np.inf else p / (p - 1), axis=1).max()
                if p == 2:
                    return np.linalg.norm(A, 2)
                n = A.shape[1]
                S = 2 * (np.arange(2**n)[:, None] >> np.arange(n) & 1) - 1
                return np.abs(A @ S.T).sum(axis=0).max()
            """, "numbers", "q = 2"),
            Wrong("random vectors", """
                X = np.random.default_rng(0).standard_normal((A.shape[1], 10_000))
                X = X / np.linalg.norm(X, p, axis=0)
                return np.linalg.norm(A @ X, q, axis=0).max()
            """, "inexact"),
            Wrong("visible answers", """
                seen = {(1, 1): 6, (np.inf, np.inf): 6, (2, 2): 2**0.5 + 1, (1, 2): 21**0.5,
                        (3, np.inf): 2 ** (5 / 3), (np.inf, 2): 33**0.5, (2, np.inf): 10**0.5,
                        (4, np.inf): (1 + 2 ** (7 / 3)) ** 0.75}
                return 3 if A.size == 1 else seen.get((p, q), 8) * A.any()
            """, "constant", keeps=4),
            Wrong("into A", """
                A *= np.sign(A)
                return A.sum(axis=0).max()
            """, "mutates", "its argument A"),
            Wrong("no return", "np.linalg.norm(A, p)", "returns None"),
            Wrong("from labkit", "from labkit import norms\nreturn float(norms.induced_norm(A, p, q))", "labkit"),
        ]),
    "stretched": Task(
        right={
            "eigenvector of AᵀA, lists": """
                m, n = A.shape
                if p == 1:
                    sums = [sum(abs(A[i, j]) for i in range(m)) for j in range(n)]
                    return [1.0 if j == sums.index(max(sums)) else 0.0 for j in range(n)]
                if p == 2:
                    return list(np.linalg.eigh(A.T @ A)[1][:, -1])
                sums = [sum(abs(t) for t in row) for row in A]
                return [-1.0 if t < 0 else 1.0 for t in A[sums.index(max(sums))]]
            """,
            "the other sign": """
                if p == 1:
                    return -np.eye(A.shape[1])[np.linalg.norm(A, 1, axis=0).argmax()]
                if p == 2:
                    return -np.linalg.svd(A)[2].T[:, 0]
                r = A[np.linalg.norm(A, 1, axis=1).argmax()]
                return -np.sign(r) - (r == 0)
            """,
            "all corners": """
                n = A.shape[1]
                if p == 2:
                    return np.linalg.svd(A.T)[0][:, 0]
                if p == 1:
                    return max(np.eye(n), key=lambda e: np.abs(A @ e).sum())
                signs = [np.where(row < 0, -1, 1) for row in A]
                return max(signs, key=lambda s: np.abs(A @ s).max())
            """,
        },
        wrong=[
            Wrong("columns and rows exchanged", """
                if p == np.inf:
                    return np.eye(A.shape[1])[np.abs(A).sum(axis=0).argmax()]
                if p == 1:
                    return np.sign(A[np.abs(A).sum(axis=1).argmax()])
                return np.linalg.svd(A)[2][0]
            """, "no example", "‖x‖_p = 1"),
            Wrong("the column itself", """
                if p == 1:
                    return A[:, np.abs(A).sum(axis=0).argmax()]
                return np.linalg.svd(A)[2][0]
            """, "no example", "‖x‖_p = 1"),
            Wrong("the left singular vector", """
                if p == 1:
                    return np.eye(A.shape[1])[np.abs(A).sum(axis=0).argmax()]
                if p == 2:
                    return np.linalg.svd(A)[0][:, 0]
                return np.where(A[np.abs(A).sum(axis=1).argmax()] < 0, -1, 1)
            """, "no example", "as large as it can be"),
            Wrong("a column of Vᵀ", """
                if p == 1:
                    return np.eye(A.shape[1])[np.abs(A).sum(axis=0).argmax()]
                if p == 2:
                    return np.linalg.svd(A)[2][:, 1]
                return np.where(A[np.abs(A).sum(axis=1).argmax()] < 0, -1, 1)
            """, "no example", "as large as it can be"),
            Wrong("an eigenvector of A", """
                if p == 1:
                    return np.eye(A.shape[1])[np.abs(A).sum(axis=0).argmax()]
                if p == 2:
                    values, vectors = np.linalg.eig(A)
                    return vectors[:, np.abs(values).argmax()].real
                return np.where(A[np.abs(A).sum(axis=1).argmax()] < 0, -1, 1)
            """, "no example", "as large as it can be"),
            Wrong("sign of zero", """
                if p == 1:
                    return np.eye(A.shape[1])[np.abs(A).sum(axis=0).argmax()]
                if p == 2:
                    return np.linalg.svd(A)[2][0]
                return np.sign(A[np.abs(A).sum(axis=1).argmax()])
            """, "no example", "Here ‖x‖_p = 0.", keeps=3),
            Wrong("an array of whole numbers", """
                x = np.zeros(A.shape[1], dtype=A.dtype)
                if p == 1:
                    x[np.abs(A).sum(axis=0).argmax()] = 1
                elif p == 2:
                    x[:] = np.linalg.svd(A)[2][0] * (1 - 1e-12)
                else:
                    x[:] = np.where(A[np.abs(A).sum(axis=1).argmax()] < 0, -1, 1)
                return x
            """, "no example", "Here ‖x‖_p = 0.", keeps=2),
            Wrong("the vector of ones", """
                if p == 1:
                    return np.eye(A.shape[1])[np.abs(A).sum(axis=0).argmax()]
                return np.linalg.svd(A)[2][0] if p == 2 else np.ones(A.shape[1])
            """, "no example", "as large as it can be"),
            Wrong("sums without absolute values", """
                if p == 1:
                    return np.eye(A.shape[1])[A.sum(axis=0).argmax()]
                if p == 2:
                    return np.linalg.svd(A)[2][0]
                return np.where(A[A.sum(axis=1).argmax()] < 0, -1, 1)
            """, "no example", "Here ‖Ax‖_p = 4 and ‖A‖_p = 6."),
            Wrong("thin SVD of the transpose", """
                if p == 1:
                    return np.eye(A.shape[0])[np.abs(A).sum(axis=0).argmax()]
                if p == 2:
                    return np.linalg.svd(A)[2][0]
                return np.where(A[np.abs(A).sum(axis=1).argmax()] < 0, -1, 1)
            """, "exception", "IndexError"),
            Wrong("power iteration, three steps", """
                if p == 1:
                    return np.eye(A.shape[1])[np.abs(A).sum(axis=0).argmax()]
                if p == 2:
                    x = np.ones(A.shape[1])
                    for _ in range(3):
                        x = A.T @ (A @ x)
                        x = x / np.linalg.norm(x)
                    return x
                return np.where(A[np.abs(A).sum(axis=1).argmax()] < 0, -1, 1)
            """, "no example", "as large as it can be"),
            Wrong("the image", "return A @ np.ones(A.shape[1])", "no example", "‖x‖_p = 1"),
            Wrong("a number", "return np.linalg.norm(A, p)", "shape"),
            Wrong("a column vector", "return np.eye(A.shape[1])[:, :1]", "shape"),
            Wrong("into A", "A[:] = np.abs(A)\nreturn np.eye(A.shape[1])[A.sum(axis=0).argmax()]", "mutates"),
            Wrong("no return", "x = np.ones(A.shape[1])", "returns None"),
            Wrong("from labkit", """
                from labkit.norms import induced_norm
                return induced_norm(A, p, maximiser=True).maximiser
            """, "labkit"),
        ]),
    "decay": Task(
        right={
            "by the trace": """
                return [
                    "df = tr((U @ V.T - A).T @ dU @ V.T) + t * tr(U.T @ dU)",
                    "df = tr((V.T @ (U @ V.T - A).T + t * U.T) @ dU)",
                    "G = (U @ V.T - A) @ V + t * U",
                ]
            """,
            "one text, multiplied out": '''
                return """
                df = tr(V @ U.T @ dU @ V.T) - tr(A.T @ dU @ V.T) + t * tr(U.T @ dU)
                df = tr((V.T @ V @ U.T - V.T @ A.T + t * U.T) @ dU)
                G = U @ (V.T @ V) - A @ V + t * U
                """
            ''',
            "two lines": """
                return ["df = inner(U @ V.T - A, dU @ V.T) + inner(t * U, dU)", "G = U @ V.T @ V - A @ V + t * U"]
            """,
            "residual to the left": """
                return ["df = -tr((A - U @ V.T).T @ dU @ V.T) + t * inner(U, dU)",
                        "df = -tr(V.T @ (A - U @ V.T).T @ dU) + tr(t * U.T @ dU)",
                        "df = tr((-(A - U @ V.T) @ V + t * U).T @ dU)", "G = t * U - (A - U @ V.T) @ V"]
            """,
        },
        wrong=[
            Wrong("only the answer", 'return ["G = (U @ V.T - A) @ V + t * U"]', "no differential", "df = …"),
            Wrong("V for Vᵀ", 'return ["df = inner(U @ V.T - A, dU @ V) + t * inner(U, dU)"]', "derivation",
                  "cannot multiply"),
            Wrong("a shape that does not fit", 'return ["df = (U @ V.T - A) @ V + t * U"]', "derivation"),
            Wrong("no differential in it", 'return ["df = norm(U @ V.T - A) + t * norm(U)"]', "derivation"),
            Wrong("sign", 'return ["df = inner(A - U @ V.T, dU @ V.T) + t * inner(U, dU)"]', "derivation"),
            Wrong("factor", 'return ["df = 2 * inner(U @ V.T - A, dU @ V.T) + 2 * t * inner(U, dU)"]',
                  "derivation", "factor 2"),
            Wrong("cannot be read", 'return ["df = ‖dU‖"]', "derivation", "cannot be read"),
            Wrong("no lines", "return []", "not written"),
            Wrong("an array", "return np.zeros((2, 2))", "type", "lines as text"),
            Wrong("no return", 'lines = ["df = inner(U, dU)"]', "returns None"),
            Wrong("from labkit", """
                from labkit.matcalc import derive
                f, names = "norm(U @ V.T - A)**2 / 2 + t * norm(U)**2 / 2", "U: m,k; V: n,k; A: m,n; t: scalar"
                return str(derive(f, "U", names)).splitlines()
            """, "labkit"),
        ]),
    "decay-other": Task(
        right={
            "by the trace": """
                return [
                    "df = tr((U @ V.T - C).T @ U @ dV.T) + t * tr((V - M).T @ dV)",
                    "df = tr(dV @ U.T @ (U @ V.T - C)) + t * tr((V - M).T @ dV)",
                    "df = tr((U.T @ (U @ V.T - C) + t * (V - M).T) @ dV)",
                    "G = (U @ V.T - C).T @ U + t * (V - M)",
                ]
            """,
            "one text, multiplied out": '''
                return """
                df = tr(V @ U.T @ U @ dV.T) - tr(C.T @ U @ dV.T) + t * tr(V.T @ dV) - t * tr(M.T @ dV)
                G = V @ (U.T @ U) - C.T @ U + t * V - t * M
                """
            ''',
            "the transposed residual": """
                return ("df = inner(V @ U.T - C.T, dV @ U.T) + t * inner(V - M, dV)",
                        "df = inner((V @ U.T - C.T) @ U + t * (V - M), dV)",
                        "G = (V @ U.T - C.T) @ U + t * (V - M)")
            """,
            "differentials of sums first, residual to the left": """
                return ["df = inner(U @ V.T - C, d(U @ V.T - C)) + t * inner(V - M, d(V - M))",
                        "df = -inner(C - U @ V.T, U @ dV.T) - inner(t * (M - V), dV)",
                        "G = t * (V - M) - (C - U @ V.T).T @ U"]
            """,
            "the squares as traces": """
                return ["f = tr((U @ V.T - C).T @ (U @ V.T - C)) / 2 + t * tr((V - M).T @ (V - M)) / 2",
                        "df = inner(U @ V.T - C, U @ dV.T) + t * inner(V - M, dV)",
                        "G = (U @ V.T - C).T @ U + t * (V - M)"]
            """,
        },
        wrong=[
            Wrong("the lines of (a)", """
                return ["df = inner(U @ V.T - A, dU @ V.T) + t * inner(U, dU)",
                        "df = inner((U @ V.T - A) @ V + t * U, dU)", "G = (U @ V.T - A) @ V + t * U"]
            """, "derivation", "cannot be read"),
            Wrong("the lines of (a) with other letters", """
                return ["df = inner(U @ V.T - C, dV @ V.T) + t * inner(V, dV)",
                        "df = inner((U @ V.T - C) @ V + t * V, dV)", "G = (U @ V.T - C) @ V + t * V"]
            """, "derivation", "needs equal shapes"),
            Wrong("only the answer", 'return ["G = (U @ V.T - C).T @ U + t * (V - M)"]', "no differential",
                  "df = …"),
            Wrong("nothing carried out", """
                return ["df = d(norm(U @ V.T - C)**2 / 2 + t * norm(V - M)**2 / 2)",
                        "G = (U @ V.T - C).T @ U + t * (V - M)"]
            """, "no differential", "carry the differential out"),
            Wrong("half carried out", """
                return ["df = inner(U @ V.T - C, d(U @ V.T)) + t * inner(V - M, dV)",
                        "G = (U @ V.T - C).T @ U + t * (V - M)"]
            """, "no differential", "carry the differential out"),
            Wrong("dV for its transpose", """
                return ["df = inner(U @ V.T - C, U @ dV) + t * inner(V - M, dV)",
                        "G = U.T @ (U @ V.T - C) + t * (V - M)"]
            """, "derivation", "a transpose was dropped"),
            Wrong("factor", 'return ["df = 2 * inner(U @ V.T - C, U @ dV.T) + 2 * t * inner(V - M, dV)"]',
                  "derivation", "factor 2"),
            Wrong("t forgotten", 'return ["df = inner(U @ V.T - C, U @ dV.T) + inner(V - M, dV)"]', "derivation",
                  "a factor is missing"),
            Wrong("sign of the residual", 'return ["df = inner(C - U @ V.T, U @ dV.T) + t * inner(V - M, dV)"]',
                  "derivation", "wrong sign"),
            Wrong("sign of M", 'return ["df = inner(U @ V.T - C, U @ dV.T) + t * inner(V + M, dV)"]', "derivation",
                  "wrong sign"),
            Wrong("M left after the d", 'return ["df = inner(U @ V.T - C, U @ dV.T) + t * inner(V - M, dV - M)"]',
                  "derivation"),
            Wrong("no return", 'lines = ["df = inner(V, dV)"]', "returns None"),
        ]),
    "power": Task(
        right={
            "a list": """
                x = np.array(x, dtype=float)
                x = x / np.sqrt(x @ x)
                theta = [np.linalg.norm(A @ x)]
                for _ in range(k):
                    y = A.T.dot(A.dot(x))
                    x = y / np.linalg.norm(y)
                    theta.append(np.linalg.norm(A @ x))
                return theta
            """,
            "normalised by the largest entry": """
                theta = np.empty(k + 1)
                for j in range(k + 1):
                    theta[j] = np.linalg.norm(A @ x) / np.linalg.norm(x)
                    x = (A @ x) @ A
                    x = x / np.abs(x).max()
                return theta
            """,
            "a list made first": """
                theta = [0.0] * (k + 1)
                for j in range(len(theta)):
                    x = x / (x @ x) ** 0.5
                    y = A @ x
                    theta[j] = sum(t * t for t in y) ** 0.5
                    x = A.T @ y
                return theta
            """,
            "while": """
                result, j = np.array([]), 0
                while j <= k:
                    x = x / np.linalg.norm(x)
                    result = np.append(result, np.linalg.norm(A @ x))
                    x = (A.T @ (A @ x)) / np.linalg.norm(A @ x)
                    j += 1
                return result
            """,
        },
        wrong=[
            Wrong("start not normalised", """
                theta = [np.linalg.norm(A @ x)]
                for _ in range(k):
                    x = A.T @ (A @ x)
                    x = x / np.linalg.norm(x)
                    theta.append(np.linalg.norm(A @ x))
                return theta
            """, "start", "Which length has x₀?"),
            Wrong("AᵀA from left to right", """
                theta = np.zeros(k + 1)
                for j in range(k + 1):
                    x = x / np.linalg.norm(x)
                    theta[j] = np.linalg.norm(A @ x)
                    x = A.T @ A @ x
                return theta
            """, "exception", "Is a matrix formed where vectors would do?", keeps=3),
            Wrong("AᵀA before the loop", """
                G = A.T @ A
                theta = [np.linalg.norm(A @ x) / np.linalg.norm(x)]
                for j in range(k):
                    x = G @ x
                    x = x / np.linalg.norm(x)
                    theta.append(np.linalg.norm(A @ x))
                return theta
            """, "exception", "MemoryError", keeps=3),
            Wrong("AᵀA in the singular values", """
                w, Q = np.linalg.eigh(A.T @ A)
                c = Q.T @ x
                theta = []
                for j in range(k + 1):
                    c = c / np.linalg.norm(c)
                    theta.append(np.sqrt(np.maximum(w, 0) @ c**2))
                    c = w * c
                return theta
            """, "exception", "MemoryError", keeps=3),
            Wrong("never normalised", """
                theta = []
                for j in range(k + 1):
                    theta.append(np.linalg.norm(A @ x) / np.linalg.norm(x))
                    x = A.T @ (A @ x)
                return theta
            """, "not finite", keeps=3),
            Wrong("A twice", """
                theta = []
                for j in range(k + 1):
                    x = x / np.linalg.norm(x)
                    theta.append(np.linalg.norm(A @ x))
                    x = A @ (A @ x)
                return theta
            """, "exception"),
            Wrong("one estimate too few", """
                theta = []
                for j in range(k):
                    x = x / np.linalg.norm(x)
                    theta.append(np.linalg.norm(A @ x))
                    x = A.T @ (A @ x)
                return theta
            """, "shape", "(3,)"),
            Wrong("the last one only", """
                for j in range(k):
                    x = A.T @ (A @ x)
                    x = x / np.linalg.norm(x)
                return np.linalg.norm(A @ x)
            """, "shape"),
            Wrong("squares", """
                theta = []
                for j in range(k + 1):
                    x = x / np.linalg.norm(x)
                    theta.append(np.linalg.norm(A.T @ (A @ x)))
                    x = A.T @ (A @ x)
                return theta
            """, "squares", "σ₁²"),
            Wrong("from the first step on", """
                theta = []
                for j in range(k + 1):
                    x = A.T @ (A @ x)
                    x = x / np.linalg.norm(x)
                    theta.append(np.linalg.norm(A @ x))
                return theta
            """, "late"),
            Wrong("into an array of whole numbers", """
                y, theta = np.zeros_like(x), []
                for j in range(k + 1):
                    y[:] = x / np.linalg.norm(x)
                    theta.append(np.linalg.norm(A @ y))
                    x = A.T @ (A @ y)
                return theta
            """, "integers", keeps=2),
            Wrong("AAᵀ", """
                theta = []
                for j in range(k + 1):
                    x = x / np.linalg.norm(x)
                    theta.append(np.linalg.norm(A @ x))
                    x = A @ (A.T @ x)
                return theta
            """, "exception"),
            Wrong("normalised in the 1-norm", """
                theta = []
                for j in range(k + 1):
                    x = x / np.abs(x).sum()
                    theta.append(np.linalg.norm(A @ x))
                    x = A.T @ (A @ x)
                return theta
            """, "numbers"),
            Wrong("into x", """
                x /= np.linalg.norm(x)
                theta = []
                for j in range(k + 1):
                    theta.append(np.linalg.norm(A @ x))
                    x = A.T @ (A @ x)
                    x /= np.linalg.norm(x)
                return theta
            """, "mutates", "its argument x"),
            Wrong("visible check copied", "return estimates_from_powers(A, x, k)", "not finite", keeps=3),
            Wrong("the true norm", "return np.full(k + 1, np.linalg.norm(A, 2))", "numbers"),
            Wrong("visible answers", """
                if k == 400:
                    return [np.linalg.norm(A, 2)]
                if len(x) > 400:
                    return np.sqrt([0.75 * len(x), len(x)])
                return estimates_from_powers(A, x, min(k, 3))
            """, "shape", keeps=3),
            Wrong("no return", "theta = np.zeros(k + 1)", "returns None"),
            Wrong("from labkit", """
                from labkit.norms import estimate_spectral_norm
                return estimate_spectral_norm(A, max_iterations=int(k) + 1).history
            """, "labkit"),
        ]),
    "threshold": Task(
        right={
            "sum of rank-one matrices": """
                U, s, Vt = np.linalg.svd(Z)
                B = np.zeros(Z.shape)
                for i in range(len(s)):
                    if s[i] > lam:
                        B = B + (s[i] - lam) * np.outer(U[:, i], Vt[i])
                return B / (1 + mu)
            """,
            "diagonal matrix": """
                U, s, Vt = np.linalg.svd(Z, full_matrices=False)
                return U @ np.diag(np.where(s > lam, s - lam, 0.0)) @ Vt / (1 + mu)
            """,
            "rest taken off": """
                U, s, Vt = np.linalg.svd(Z, full_matrices=False)
                return (Z - (U * np.clip(s, 0, lam)) @ Vt) / (1 + mu)
            """,
            "a list": """
                U, s, Vt = np.linalg.svd(Z.T / (1 + mu), full_matrices=False)
                return ((U * np.maximum(0, s - lam / (1 + mu))) @ Vt).T.tolist()
            """,
        },
        wrong=[
            Wrong("hard threshold", """
                U, s, Vt = np.linalg.svd(Z, full_matrices=False)
                return U * np.where(s > lam, s, 0) @ Vt / (1 + mu)
            """, "no example", "Here ⟨R, B⟩ = 0 and λ‖B‖_* = 3."),
            Wrong("entries", "return np.sign(Z) * np.maximum(np.abs(Z) - lam, 0) / (1 + mu)", "no example"),
            Wrong("all shrunk by a factor", "return Z / (1 + lam + mu)", "no example",
                  "Here ⟨R, B⟩ = 1.25 and λ‖B‖_* = 2."),
            Wrong("no maximum", """
                U, s, Vt = np.linalg.svd(Z, full_matrices=False)
                return U * (s - lam) @ Vt / (1 + mu)
            """, "no example"),
            Wrong("μ forgotten", """
                U, s, Vt = np.linalg.svd(Z, full_matrices=False)
                return U * np.maximum(s - lam, 0) @ Vt
            """, "no example"),
            Wrong("shrunk, then λ subtracted", """
                U, s, Vt = np.linalg.svd(Z / (1 + mu), full_matrices=False)
                return U * np.maximum(s - lam, 0) @ Vt
            """, "no example"),
            Wrong("half of λ", """
                U, s, Vt = np.linalg.svd(Z, full_matrices=False)
                return U * np.maximum(s - lam / 2, 0) @ Vt / (1 + mu)
            """, "no example"),
            Wrong("squares of the singular values", """
                U, s, Vt = np.linalg.svd(Z, full_matrices=False)
                return U * np.sqrt(np.maximum(s**2 - lam**2, 0)) @ Vt / (1 + mu)
            """, "no example"),
            Wrong("full matrices", """
                U, s, Vt = np.linalg.svd(Z)
                return U @ np.diag(np.maximum(s - lam, 0)) @ Vt / (1 + mu)
            """, "exception", "ValueError"),
            Wrong("Vᵀ transposed again", """
                U, s, Vt = np.linalg.svd(Z, full_matrices=False)
                return U * np.maximum(s - lam, 0) @ Vt.T / (1 + mu)
            """, "exception"),
            Wrong("rows scaled instead of columns", """
                U, s, Vt = np.linalg.svd(Z, full_matrices=False)
                return (U.T * np.maximum(s - lam, 0)).T @ Vt / (1 + mu)
            """, "no example"),
            Wrong("eigenvalues", """
                values, Q = np.linalg.eigh(Z)
                return Q * np.sign(values) * np.maximum(np.abs(values) - lam, 0) @ Q.T / (1 + mu)
            """, "exception"),
            Wrong("zero", "return np.zeros(Z.shape)", "no example", "no singular value"),
            Wrong("best rank one", """
                U, s, Vt = np.linalg.svd(Z, full_matrices=False)
                return np.maximum(s[0] - lam, 0) * np.outer(U[:, 0], Vt[0]) / (1 + mu)
            """, "no example", "no singular value"),
            Wrong("the singular values", "return np.maximum(np.linalg.svd(Z)[1] - lam, 0)", "shape"),
            Wrong("into Z", """
                U, s, Vt = np.linalg.svd(Z, full_matrices=False)
                Z[:] = U * np.maximum(s - lam, 0) @ Vt / (1 + mu)
                return Z
            """, "mutates", "its argument Z"),
            Wrong("no return", "U, s, Vt = np.linalg.svd(Z)", "returns None"),
            Wrong("from labkit", """
                from labkit.regression import soft_threshold
                U, s, Vt = np.linalg.svd(Z, full_matrices=False)
                return U * soft_threshold(s, lam) @ Vt / (1 + mu)
            """, "labkit"),
        ]),
    "products": Task(
        right={
            "one product after the other": """
                total = 0
                for i in range(V.shape[1]):
                    y = B @ V[:, i]
                    total += sum(t * t for t in y)
                return (total / V.shape[1]) ** 0.5
            """,
            "lengths": "return np.sqrt(np.mean(np.linalg.norm(B @ V, axis=0) ** 2))",
            "Frobenius norm of BV": "return np.linalg.norm(B @ V) / np.sqrt(len(V.T))",
            "single precision": "Y = (B @ V).astype(np.float32)\nreturn np.sqrt((Y * Y).sum() / Y.shape[1])",
        },
        wrong=[
            Wrong("mean of the lengths", "return np.mean(np.linalg.norm(B @ V, axis=0))", "mean of lengths"),
            Wrong("no root", "return np.sum((B @ V) ** 2) / V.shape[1]", "root"),
            Wrong("no mean", "return np.linalg.norm(B @ V)", "factor", "The factor is 2 here"),
            Wrong("mean over all entries", "return np.sqrt(np.mean((B @ V) ** 2))", "entries"),
            Wrong("divided by n", "return np.sqrt(np.sum((B @ V) ** 2) / V.shape[0])", "samples"),
            Wrong("N − 1", "return np.sqrt(np.sum((B @ V) ** 2) / (V.shape[1] - 1))", "N − 1"),
            Wrong("the first sample", "return np.linalg.norm(B @ V[:, 0])", "numbers"),
            Wrong("Hutchinson for the trace", "return np.mean(np.sum(V * (B @ V), axis=0))", "exception"),
            Wrong("rows of V", "return np.sqrt(np.mean(np.sum((V @ B) ** 2, axis=1)))", "exception", "matmul"),
            Wrong("the samples are not used", "return np.linalg.norm(B)", "numbers", keeps=2),
            Wrong("the spectral norm", "return np.linalg.norm(B @ V, 2) / np.sqrt(V.shape[1])", "numbers"),
            Wrong("into V", "V /= np.sqrt(V.shape[1])\nreturn np.linalg.norm(B @ V)", "mutates", "its argument V"),
            Wrong("visible answers", """
                return abs(B[0, 0]) if B.size == 1 else {3: 15, 4: 29, -2: 19, 0: 19}[B.ravel()[2]] ** 0.5
            """, "constant", keeps=2),
            Wrong("no return", "np.linalg.norm(B @ V)", "returns None"),
            Wrong("from labkit", "from labkit.norms import frobenius_norm\nreturn frobenius_norm(B)", "labkit"),
        ]),
    "samples": Task(
        right={
            "entry by entry": """
                n, gaussian, rademacher = len(my_matrix), 0, 0
                for i in range(n):
                    for j in range(n):
                        square = ((my_matrix[i, j] + my_matrix[j, i]) / 2) ** 2
                        gaussian += 2 * square
                        rademacher += 2 * square * (i != j)
                allowed = (my_percent / 100 * sum(my_matrix[i, i] for i in range(n))) ** 2
                return int(gaussian / allowed) + 1, int(rademacher / allowed) + 1
            """,
            "by the fourth moment": """
                S = 0.5 * (my_matrix + my_matrix.T)
                diagonal = np.sum(np.diag(S) ** 2)
                rest = np.sum(S**2) - diagonal
                variance = np.array([(mu4 - 1) * diagonal + 2 * rest for mu4 in (3, 1)])
                return list(np.ceil(variance / (0.01 * my_percent * np.trace(S)) ** 2))
            """,
            "the numbers": "return 594, 96",
        },
        wrong=[
            Wrong("the neighbour's numbers", "return 14083, 4971", "numbers"),
            Wrong("symmetric part forgotten", """
                g = 2 * np.sum(my_matrix**2)
                r = g - 2 * np.sum(np.diag(my_matrix) ** 2)
                allowed = (np.trace(my_matrix) * my_percent / 100) ** 2
                return int(np.ceil(g / allowed)), int(np.ceil(r / allowed))
            """, "symmetric part", "What of it counts"),
            Wrong("rounded to two digits", "return 590, 96", "numbers", "too small by 4", keeps=1),
            Wrong("rounded down", "return 593, 95", "rounding", "a little too large", keeps=1),
            Wrong("not rounded", "return 593.112, 95.663", "whole numbers", "Gaussian should be a whole number"),
            Wrong("swapped", "return 96, 594", "other kind", "Gaussian: "),
            Wrong("Gaussian for both", "return 594, 594", "other kind", "Rademacher: "),
            Wrong("percent for parts", """
                S = (my_matrix + my_matrix.T) / 2
                allowed = (np.trace(S) * my_percent) ** 2
                g = 2 * np.sum(S**2)
                return int(np.ceil(g / allowed)), int(np.ceil((g - 2 * np.sum(np.diag(S) ** 2)) / allowed))
            """, "percent"),
            Wrong("the trace forgotten", """
                S = (my_matrix + my_matrix.T) / 2
                g = 2 * np.sum(S**2)
                r = g - 2 * np.sum(np.diag(S) ** 2)
                return int(np.ceil(g / (my_percent / 100) ** 2)), int(np.ceil(r / (my_percent / 100) ** 2))
            """, "trace", "To what?"),
            Wrong("a variance by a standard deviation", """
                S = (my_matrix + my_matrix.T) / 2
                allowed = np.trace(S) * my_percent / 100
                g = 2 * np.sum(S**2)
                return int(np.ceil(g / allowed)), int(np.ceil((g - 2 * np.sum(np.diag(S) ** 2)) / allowed))
            """, "variance"),
            Wrong("standard deviation for variance", """
                S = (my_matrix + my_matrix.T) / 2
                allowed = np.trace(S) * my_percent / 100
                g = 2 * np.sum(S**2)
                r = g - 2 * np.sum(np.diag(S) ** 2)
                return int(np.ceil(np.sqrt(g) / allowed)), int(np.ceil(np.sqrt(r) / allowed))
            """, "mean of N"),
            Wrong("half the variance", "return 297, 48", "factor"),
            Wrong("the experiment", "return samples_by_experiment()", "parts"),
            Wrong("the experiment, rounded up", "return tuple(np.ceil(samples_by_experiment()))", "numbers",
                  keeps=1),
            Wrong("other numbers under the same names", """
                def samples_needed():
                    return 20_000, 13_334


                my_matrix, my_percent = np.ones((3, 3)), 1
            """, "numbers", keeps=1),
            Wrong("one number", "return 594", "parts"),
            Wrong("no return", "n = 594, 96", "returns None"),
            Wrong("from labkit", """
                from labkit.norms import hutchinson_variance
                allowed = (np.trace(my_matrix) * my_percent / 100) ** 2
                return tuple(int(np.ceil(hutchinson_variance(my_matrix, kind) / allowed))
                             for kind in ("gaussian", "rademacher"))
            """, "labkit"),
        ]),
}


class TestNorms(AssignmentTests, DerivationTests):
    notebook = "norms"
    tasks = TASKS
    kinds = {
        "labkit": "yourself",
        "whole numbers": "should be",
        "absolute value": "the absolute values are missing",
        "root": "the root is missing",
        "mean": "is it a mean that is asked?",
        "infinity": "for p = ∞ the definition is another one",
        "derivative": "What is the derivative of ½μb²?",
        "shrunk first": "Where does φ′ vanish?",
        "sign of z": "the sign of z is lost",
        "positive only": "what is the minimiser for a negative z?",
        "no zeros": "where |z| ≤ λ the minimiser is 0",
        "threshold": "too many zeros",
        "one penalty": "λ has no effect",
        "hard threshold": "a slope where b ≠ 0, too",
        "exchanged": "Are rows and columns exchanged?",
        "exponent": "the exponent that belongs to the rows is another one",
        "eigenvalue": "the largest absolute value of an eigenvalue of A",
        "eigenvalue of AᵀA": "How does σ₁ come from it?",
        "Frobenius": "that is the Frobenius norm",
        "every row at its best": "can one x make every entry of Ax as large as it can be?",
        "start": "θ₀ is off by the length of x",
        "late": "these begin one step later",
        "squares": "these tend to σ₁²",
        "mean of lengths": "that is the mean of the lengths",
        "entries": "There is one for each sample",
        "samples": "how many samples are there?",
        "N − 1": "N numbers have a mean without N − 1",
        "other kind": "that is the number for the other kind of vectors",
        "symmetric part": "my_matrix is not symmetric",
        "percent": "one percent is a hundredth",
        "trace": "the accuracy is relative",
        "mean of N": "how does the standard deviation of a mean fall with N?",
        "variance": "is a variance compared with a standard deviation?",
        "rounding": "with so few samples the standard deviation is a little too large",
    }
    ladders = {
        "decay": ladder("df = inner(U @ V.T - A, d(U @ V.T)) + t * inner(U, dU)",
                        "df = inner(U @ V.T - A, dU @ V.T) + t * inner(U, dU)", "G = (U @ V.T - A) @ V + t * U"),
        "decay-other": ladder("df = inner(U @ V.T - C, d(U @ V.T)) + t * inner(V - M, dV)",
                              "df = inner(U @ V.T - C, U @ dV.T) + t * inner(V - M, dV)",
                              "G = (U @ V.T - C).T @ U + t * (V - M)"),
    }
    slips = [
        # the penalty forgotten: the line does not count, and G only follows from it
        Slip("decay", ["df = inner(U @ V.T - A, dU @ V.T)", "G = (U @ V.T - A) @ V"], 1),
        Slip("decay", ["df = inner(U @ V.T - A, dU @ V.T) + t * inner(U, dU)",
                       "G = V.T @ (U @ V.T - A).T + t * U.T"], 2),
        Slip("decay", ["df = inner(U @ V.T - A, dU @ V.T) + t * inner(U, dU)"], 2),  # the gradient is not reached
        # a half forgotten and carried on, in two lines and in three
        Slip("decay", ["df = 2 * inner(U @ V.T - A, dU @ V.T) + t * inner(U, dU)",
                       "G = 2 * (U @ V.T - A) @ V + t * U"], 1),
        Slip("decay", ["df = 2 * inner(U @ V.T - A, dU @ V.T) + t * inner(U, dU)",
                       "df = inner(2 * (U @ V.T - A) @ V + t * U, dU)", "G = 2 * (U @ V.T - A) @ V + t * U"], 2),
        Slip("decay", ["df = 2 * inner(U @ V.T - A, dU @ V.T) + t * inner(U, dU)",
                       "G = (U @ V.T - A) @ V + t * U"], 2),  # right G after a wrong df
        Slip("decay", ["df = inner(U @ V.T - A, dU @ V.T + t * inner(U, dU)",
                       "G = (U @ V.T - A) @ V + t * U"], 2),  # a bracket forgotten
        # decay to zero, as in (a)
        Slip("decay-other", ["df = inner(U @ V.T - C, U @ dV.T) + t * inner(V, dV)",
                             "G = (U @ V.T - C).T @ U + t * V"], 1),
        Slip("decay-other", ["df = inner(U @ V.T - C, U @ dV.T) + t * inner(V, dV)",
                             "df = inner((U @ V.T - C).T @ U + t * V, dV)", "G = (U @ V.T - C).T @ U + t * V"], 2),
        Slip("decay-other", ["df = inner(U @ V.T - C, U @ dV.T) + t * inner(V, dV)",
                             "G = (U @ V.T - C).T @ U + t * (V - M)"], 2),
        Slip("decay-other", ["df = inner(U @ V.T - C, U @ dV.T)", "G = (U @ V.T - C).T @ U"], 1),  # no penalty
        Slip("decay-other", ["df = inner(U @ V.T - C, U @ dV.T) + t * inner(V - M, dV)",
                             "G = U.T @ (U @ V.T - C) + t * (V - M).T"], 2),  # transposed
        Slip("decay-other", ["df = inner(U @ V.T - C, U @ dV.T) + t * inner(V - M, dV)"], 2),  # not reached
        Slip("decay-other", ["df = inner(U @ V.T - C, U @ dV.T) + t * inner(V - M, dV)",
                             "df = inner((U @ V.T - C) @ V + t * (V - M), dV)",  # as in (a)
                             "G = (U @ V.T - C).T @ U + t * (V - M)"], 3),
        Slip("decay-other", ["df = 2 * inner(U @ V.T - C, U @ dV.T) + t * inner(V - M, dV)",
                             "df = inner(2 * (U @ V.T - C).T @ U + t * (V - M), dV)",
                             "G = 2 * (U @ V.T - C).T @ U + t * (V - M)"], 2),
        # what is misprinted, or written in other signs, costs its line
        Slip("decay-other", ["df = inner(U @ V.T - C, U @ dV.T + t * inner(V - M, dV)",
                             "G = (U @ V.T - C).T @ U + t * (V - M)"], 2),
        Slip("decay-other", ["df = inner(U @ V.T - A, U @ dV.T) + t * inner(V - M, dV)",
                             "G = (U @ V.T - C).T @ U + t * (V - M)"], 2),  # A left over from (a)
        Slip("decay-other", ["df = ⟨U @ V.T - C, U @ dV.T⟩ + t * ⟨V - M, dV⟩",
                             "df = inner((U @ V.T - C).T @ U + t * (V - M), dV)",
                             "G = (U @ V.T - C).T @ U + t * (V - M)"], 3),
        Slip("decay-other", ["R = U @ V.T - C", "df = inner(R, U @ dV.T) + t * inner(V - M, dV)",
                             "df = inner((U @ V.T - C).T @ U + t * (V - M), dV)",
                             "G = (U @ V.T - C).T @ U + t * (V - M)"], 2.5),
    ]
    breaks = [
        Break(values, "agrees", lambda *_: True, "induced", "return 1.0"),
        Break(derivations._Written, "carried_out", lambda *_: True, "decay-other",
              'return ["df = d(norm(U @ V.T - C)**2 / 2 + t * norm(V - M)**2 / 2)", '
              '"G = (U @ V.T - C).T @ U + t * (V - M)"]'),
        Break(answers, "same", lambda *_: True, "products",
              "B *= 2\nreturn np.linalg.norm(B @ V) / 2 / np.sqrt(V.shape[1])"),
        Break(answers, "same", lambda *_: True, "threshold",
              "U, s, Vt = np.linalg.svd(Z, False)\nZ[:] = U * np.maximum(s - lam, 0) @ Vt / (1 + mu)\nreturn Z"),
    ]

    @pytest.mark.parametrize(("lines", "says"), [
        (["df = inner(U @ V.T - C, U @ dV.T) + t * inner(V - M, dV)", "G = (U @ V.T - C).T @ U + t * (V - M)"],
         "✓ decay_to_M: your 2 lines can be read"),
        (["df = inner(V, dV)", "G = V"], "✓ decay_to_M: your 2 lines can be read"),  # but wrong
        (["R = U @ V.T - C", "df = inner(R, U @ dV.T)", "G = U"], "Other names cannot be read"),
        (["df = ⟨U @ V.T - C, U @ dV.T⟩", "G = U"], "⟨A, B⟩ is written inner(A, B)"),
        (["df = inner(U @ V.T - C, U @ dV.T"], "The gradient G = … is not reached"),
    ])
    def test_before_handing_in_one_learns_whether_the_lines_can_be_read(self, grader, capsys, lines, says):
        check = next(cell.source for cell in grader.cells if cell.id == "decay-other-hidden")
        exec(check.split("### BEGIN")[0], {"checks": checks, "decay_to_M": lambda: lines})
        assert says in capsys.readouterr().out.replace("<lambda>", "decay_to_M")
