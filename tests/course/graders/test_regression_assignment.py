"""Assignment "Regression": other right answers keep their marks, and the mistakes that students make lose them."""

from textwrap import dedent

from labkit import checks
from labkit.checks import values
from tests.course.graders.common import AssignmentTests, Break, DerivationTests, Slip, Task, Wrong


def with_probabilities(answer: str) -> str:
    """An answer to Task 10 (a) that begins with the probabilities, one column for each example."""
    return "E = np.exp(W @ X - np.max(W @ X, axis=0))\nP = E / E.sum(axis=0)\n" + dedent(answer)


def newton(gradient="w * (P - Y) @ X.T / N + mu * W", step="W = W - S", start="np.zeros((k, n))", steps=30,
           block="np.diag(p) - np.outer(p, p)", penalty="mu * np.eye(k * n)") -> str:
    """An answer to the last task, Newton's method with the Hessian as a sum of Kronecker products."""
    return f"""
    k, n, N = len(Y), len(X), w.sum()
    W = {start}
    for _ in range({steps}):
        E = np.exp(W @ X - np.max(W @ X, axis=0))
        P = E / E.sum(axis=0)
        G = {gradient}
        H = {penalty}
        for p, x, count in zip(P.T, X.T, w):
            H = H + count * np.kron({block}, np.outer(x, x)) / N
        S = np.linalg.solve(H, G.ravel()).reshape(k, n)
        {step}
    return W
    """


def descent(gradient="w * (P - Y) @ X.T / N + mu * W") -> str:
    """An answer to the last task by gradient descent, with Nesterov's momentum for strongly convex functions."""
    return f"""
    N = w.sum()
    L = np.linalg.norm(np.sqrt(w / N) * X, 2)**2 / 2 + mu
    beta = (1 - (mu / L)**0.5) / (1 + (mu / L)**0.5)
    V = W = np.zeros((len(Y), len(X)))
    for _ in range(1000):
        E = np.exp(V @ X - np.max(V @ X, axis=0))
        P = E / E.sum(axis=0)
        W_next = V - ({gradient.replace("* W", "* V")}) / L
        V, W = W_next + beta * (W_next - W), W_next
    return W
    """


def moved(right="X.T @ (dy - dX @ b) + dX.T @ (y - X @ b) - dt * b") -> str:
    """An answer to Task 7 (a), with the right-hand side of the system for dβ."""
    return f"""
    M = X.T @ X + t * np.eye(X.shape[1])
    b = np.linalg.solve(M, X.T @ y)
    return np.linalg.solve(M, {right})
    """


def worst(change="R - S", B="size_b / s[1] + size_r / s[1]**2") -> str:
    """An answer to Task 7 (b): R makes the residual's part of dβ large, S the other one."""
    return f"""
    U, s, Vt = np.linalg.svd(my_matrix, full_matrices=False)
    b = Vt.T @ (U.T @ my_target / s)
    r = my_target - my_matrix @ b
    size_b, size_r = np.linalg.norm(b), np.linalg.norm(r)
    R, S = np.outer(r, Vt[1]) / size_r, np.outer(U[:, 1], b) / size_b
    C = {change}
    B = {B}
    return B, C / np.linalg.norm(C, 2)
    """


WEIGHTED = "df = 2 * (X @ b - y).T @ D @ X @ db + 2 * t * (C @ b - c).T @ C @ db"
TARGETS = "df = 2 * tr((X @ B - Y).T @ X @ dB) + 2 * t * tr(B.T @ dB)"

TASKS = {
    "weighted": Task(
        right={
            "in two lines": """
                return ["df = 2 * (X @ b - y).T @ D @ X @ db + 2 * t * (C @ b - c).T @ C @ db",
                        "G = 2 * X.T @ D @ (X @ b - y) + 2 * t * C.T @ (C @ b - c)"]
            """,
            "as a text": '''
                return """
                df = 2 * ((X @ b - y).T @ D @ X + t * (C @ b - c).T @ C) @ db

                G = 2 * (X.T @ D @ X @ b - X.T @ D @ y + t * C.T @ C @ b - t * C.T @ c)
                """
            ''',
            "as dh and grad_b": """
                return ["dh = 2 * inner(X.T @ D @ (X @ b - y), db) + 2 * t * inner(C @ b - c, C @ db)",
                        "grad_b = 2 * X.T @ D @ (X @ b - y) + 2 * t * C.T @ (C @ b - c)"]
            """,
            "with d(…) first": """
                return ["df = d((X @ b - y).T @ D @ (X @ b - y)) + t * d((C @ b - c).T @ (C @ b - c))",
                        "df = 2 * (X @ b - y).T @ D @ d(X @ b - y) + 2 * t * (C @ b - c).T @ C @ db",
                        "df = 2 * (X @ b - y).T @ D @ X @ db + 2 * t * (C @ b - c).T @ C @ db",
                        "G = 2 * X.T @ D.T @ (X @ b - y) + 2 * t * C.T @ (C @ b - c)"]
            """,
            "under a trace": """
                return ["df = tr((2 * X.T @ D @ (X @ b - y) + 2 * t * C.T @ (C @ b - c)).T @ db)",
                        "G = 2 * X.T @ D @ (X @ b - y) + 2 * t * C.T @ (C @ b - c)"]
            """,
        },
        wrong=[
            Wrong("no differential", "return ['G = 2 * X.T @ D @ (X @ b - y) + 2 * t * C.T @ (C @ b - c)']",
                  "no differential", "Begin with a line"),
            Wrong("numbers", "return np.zeros(3)", "type", "as text"),
            Wrong("a wrong line, and a G that does not follow", """
                return ["df = (X @ b - y).T @ D @ X @ db + 2 * t * (C @ b - c).T @ C @ db",
                        "G = X.T @ D @ (X @ b - y) + t * C.T @ (C @ b - c)"]
            """, "derivation"),
            Wrong("a unit matrix of no size, in df and in G", """
                return ["df = 2 * (X @ b - y).T @ D @ X @ I @ db", "G = 2 * I @ X.T @ D @ (X @ b - y)"]
            """, "derivation", "the unit matrix is eye(n)"),
            Wrong("no return", "lines = ['df = 2 * t * (C @ b - c).T @ C @ db']", "returns None",
                  "Is there a `return`?"),
            Wrong("one half of the product rule", """
                return ["df = (X @ b - y).T @ D @ X @ db + 2 * t * (C @ b - c).T @ C @ db"]
            """, "derivation", "no line leads to the gradient"),
            Wrong("c moves too", """
                return ["df = 2 * (X @ b - y).T @ D @ X @ db + 2 * t * (C @ b - c).T @ (C @ db - c)"]
            """, "derivation"),
            Wrong("not carried out", """
                return ["df = d((X @ b - y).T @ D @ (X @ b - y)) + t * d((C @ b - c).T @ (C @ b - c))",
                        "G = 2 * X.T @ D @ (X @ b - y) + 2 * t * C.T @ (C @ b - c)"]
            """, "no differential", "a line with db alone"),
            Wrong("penalty forgotten", "return ['df = 2 * (X @ b - y).T @ D @ X @ db']", "derivation"),
            Wrong("sign", "return ['df = -2 * (X @ b - y).T @ D @ X @ db - 2 * t * (C @ b - c).T @ C @ db']",
                  "derivation"),
            Wrong("shapes", "return ['df = 2 * (X @ b - y) @ D @ X @ db + 2 * t * (C @ b - c) @ C @ db']",
                  "derivation"),
            Wrong("another function", "return ['df = 2 * (X @ b - y).T @ X @ db', 'G = 2 * X @ (X @ b - y)']",
                  "derivation"),
            Wrong("an argument", "def lines_of_the_weighted_gradient(X):\n    return []", "arguments",
                  "no arguments"),
        ]),
    "targets": Task(
        right={
            "in two lines": """
                return ["df = tr(2 * ((X @ B - Y).T @ X + t * B.T) @ dB)",
                        "G = 2 * X.T @ X @ B - 2 * X.T @ Y + 2 * t * B"]
            """,
            "step by step": """
                return ["df = tr((X @ dB).T @ (X @ B - Y)) + tr((X @ B - Y).T @ X @ dB) + t * 2 * tr(dB.T @ B)",
                        "df = 2 * tr((X @ B - Y).T @ X @ dB) + 2 * t * tr(B.T @ dB)",
                        "G = 2 * (X.T @ (X @ B - Y) + t * B)"]
            """,
            "as a text": '''
                return """
                f = tr((X @ B - Y).T @ (X @ B - Y)) + t * tr(B.T @ B)
                df = 2 * tr(dB.T @ X.T @ (X @ B - Y)) + 2 * t * tr(dB.T @ B)
                G = 2 * X.T @ (X @ B - Y) + 2 * t * B
                """
            ''',
            "inner products": """
                return ["df = 2 * inner(X @ B - Y, X @ dB) + 2 * t * inner(B, dB)",
                        "df = inner(2 * X.T @ (X @ B - Y) + 2 * t * B, dB)",
                        "G = 2 * X.T @ (X @ B - Y) + 2 * t * B"]
            """,
            "with d(…) first": """
                return ["df = d(tr((X @ B - Y).T @ (X @ B - Y))) + t * d(tr(B.T @ B))",
                        "df = tr(dB.T @ X.T @ (X @ B - Y) + (X @ B - Y).T @ X @ dB) + t * tr(dB.T @ B + B.T @ dB)",
                        "G = 2 * (X.T @ X + t * eye(n)) @ B - 2 * X.T @ Y"]
            """,
        },
        wrong=[
            Wrong("no differential", "return ['G = 2 * X.T @ (X @ B - Y) + 2 * t * B']", "no differential"),
            Wrong("the lines of (a)", f"""
                return ["{WEIGHTED}",
                        "G = 2 * X.T @ D @ (X @ b - y) + 2 * t * C.T @ (C @ b - c)"]
            """, "derivation", "cannot be read"),
            Wrong("Y is kept in the differential, and no G", """
                return ["df = 2 * tr((X @ B - Y).T @ (X @ dB - Y)) + 2 * t * tr(B.T @ dB)"]
            """, "derivation"),
            Wrong("a 2 lost, and the penalty after it", """
                return ["df = tr((X @ B - Y).T @ X @ dB) + 2 * t * tr(B.T @ dB)", "G = X.T @ (X @ B - Y) + t * B"]
            """, "derivation"),
            Wrong("without the penalty", "return ['df = 2 * tr((X @ B - Y).T @ X @ dB)']", "derivation",
                  "a term is missing"),
            Wrong("the trace left out, and transposed", """
                return ["df = 2 * (X @ B - Y).T @ X @ dB + 2 * t * B.T @ dB",
                        "G = 2 * (X @ B - Y).T @ X + 2 * t * B.T"]
            """, "derivation"),
            Wrong("no return", "lines = ['df = 2 * t * tr(B.T @ dB)']", "returns None"),
            Wrong("without the trace", "return ['df = 2 * (X @ B - Y).T @ X @ dB + 2 * t * B.T @ dB']",
                  "derivation"),
            Wrong("not carried out", """
                return ["df = 2 * tr((X @ B - Y).T @ d(X @ B - Y)) + 2 * t * tr(B.T @ d(B))",
                        "G = 2 * X.T @ (X @ B - Y) + 2 * t * B"]
            """, "no differential", "a line with dB alone"),
            Wrong("factors in another order", """
                return ["df = 2 * tr(X @ (X @ B - Y).T @ dB) + 2 * t * tr(B.T @ dB)"]
            """, "derivation"),
            Wrong("penalty not differentiated", """
                return ["df = 2 * tr((X @ B - Y).T @ X @ dB) + t * tr(B.T @ B)"]
            """, "derivation"),
            Wrong("sign of the residual", "return ['df = 2 * tr((Y - X @ B).T @ X @ dB) + 2 * t * tr(B.T @ dB)']",
                  "derivation"),
            Wrong("not lines", "return {'df': 'tr(dB)'}", "type"),
        ]),
    "leverage": Task(
        right={
            "singular vectors": "return (np.linalg.svd(X, full_matrices=False)[0]**2).sum(axis=1)",
            "diagonal of the projector": "Q = np.linalg.qr(X)[0]\nreturn np.diag(Q @ Q.T)",
            "XX⁺": "return np.diag(X @ np.linalg.pinv(X))",
            "row by row": """
                Q, R = np.linalg.qr(X)
                return [float(q @ q) for q in Q]
            """,
            "fits of the unit vectors": """
                return [(X @ np.linalg.lstsq(X, e, rcond=None)[0])[i] for i, e in enumerate(np.eye(len(X)))]
            """,
        },
        wrong=[
            Wrong("normal equations", "return np.diag(X @ np.linalg.inv(X.T @ X) @ X.T)", "inexact",
                  "digits lost", keeps=2),
            Wrong("rows of X", "return np.sum(X**2, axis=1)", "rows of X", "has orthonormal columns?"),
            Wrong("columns of Q", "return np.sum(np.linalg.qr(X)[0]**2, axis=0)", "shape"),
            Wrong("not squared", "return np.linalg.norm(np.linalg.qr(X)[0], axis=1)", "root"),
            Wrong("the whole matrix", "Q = np.linalg.qr(X)[0]\nreturn Q @ Q.T", "shape"),
            Wrong("the square factor", "Q = np.linalg.qr(X, mode='complete')[0]\nreturn np.sum(Q**2, axis=1)",
                  "all ones", "of the thin factorisation"),
            Wrong("the residual's share", "return 1 - np.sum(np.linalg.qr(X)[0]**2, axis=1)", "one minus"),
            Wrong("the sum", "return np.sum(np.linalg.qr(X)[0]**2)", "constant"),
            Wrong("centred", "return np.sum(np.linalg.qr(X - X.mean(axis=0))[0]**2, axis=1)", "numbers"),
            Wrong("in place", "X -= X.mean(axis=0)\nreturn np.sum(X**2, axis=1)", "mutates"),
            Wrong("fractions cut off", """
                Q = np.zeros_like(X)
                Q[:] = np.linalg.qr(X)[0]
                return np.sum(Q**2, axis=1)
            """, "integers", keeps=2),
            Wrong("the mean for all", "return np.full(len(X), X.shape[1] / len(X))", "numbers"),
            Wrong("labkit fits", """
                from labkit.regression import least_squares
                return np.diag([X @ least_squares(X, e).coefficients for e in np.eye(len(X))])
            """, "labkit"),
            Wrong("visible answers", """
                return {(3, 2): [5/6, 1/3, 5/6], (1, 1): [1], (3, 1): [1/9, 4/9, 4/9], (4, 2): [1, 1/3, 1/3, 1/3],
                        (4, 3): [163/181, 137/362, 131/181, 361/362]}[X.shape]
            """, "exception", "KeyError", keeps=3),
            Wrong("no return", "h = np.sum(np.linalg.qr(X)[0]**2, axis=1)", "returns None"),
        ]),
    "gram": Task(
        right={
            "numpy's cond": "return np.linalg.cond(X)**2 if len(X) >= X.shape[1] else np.inf",
            "from R": """
                m, n = X.shape
                if n > m:
                    return float("inf")
                s = np.linalg.svd(np.linalg.qr(X)[1])[1]
                return (s.max() / s.min()) * (s.max() / s.min())
            """,
            "norms": """
                if X.shape[0] < X.shape[1]:
                    return np.inf
                return (np.linalg.norm(X, 2) * np.linalg.norm(np.linalg.pinv(X), 2))**2
            """,
            "scaled first": """
                s = np.linalg.svd(X / np.abs(X).max(), compute_uv=False)
                return np.inf if len(s) < X.shape[1] else s[0]**2 / s[-1]**2
            """,
        },
        wrong=[
            Wrong("formed", "return np.linalg.cond(X.T @ X)", "formed", "from X alone"),
            Wrong("formed, and wide ones known", """
                if len(X) < X.shape[1]:
                    return np.inf
                return np.linalg.cond(X.T @ X)
            """, "formed", "have drowned", keeps=2),
            Wrong("eigenvalues", """
                if len(X) < X.shape[1]:
                    return np.inf
                e = np.linalg.eigvalsh(X.T @ X)
                return e[-1] / e[0]
            """, "formed", "have drowned", keeps=2),
            Wrong("eigenvalues, wide ones too", """
                e = np.linalg.eigvalsh(X.T @ X)
                return max(e) / min(e)
            """, "formed", "have drowned"),
            Wrong("not squared", "return np.linalg.cond(X)", "not squared", "what is asked is κ(XᵀX)"),
            Wrong("wide as tall", "return np.linalg.cond(X)**2", "wide", "n×n matrix", keeps=2),
            Wrong("Frobenius", "return np.linalg.cond(X, 'fro')**2 if X.shape[0] == X.shape[1] else np.inf",
                  "not finite"),
            Wrong("squares that overflow", """
                if len(X) < X.shape[1]:
                    return np.inf
                s = np.linalg.svd(X, compute_uv=False)
                return s[0]**2 / s[-1]**2
            """, "not finite", keeps=2),
            Wrong("upside down", "s = np.linalg.svd(X)[1]\nreturn (s[-1] / s[0])**2", "upside down"),
            Wrong("norm of the inverse forgotten", "return np.linalg.norm(X, 2)**2", "numbers"),
            Wrong("no return", "kappa = np.linalg.cond(X)**2", "returns None"),
            Wrong("small ones alone", """
                if len(X) < X.shape[1]:
                    return np.inf
                s = np.linalg.svd(X / max(1, np.abs(X).max()), compute_uv=False)
                return s[0]**2 / s[-1]**2
            """, "not finite", keeps=2),
            Wrong("one number for all", "return {(3, 2): 4, (2, 2): 6.854101966249685}[X.shape]", "constant"),
            Wrong("visible answers", """
                m, n = X.shape
                by_hand = {(1, 1, 1, 2, 1, 4): (12 + 130**0.5) / (12 - 130**0.5), (-5,): 1,
                           (1, 1, 1e-8, 0, 0, 1e-8): 2e16, (0, 1e200, 3e200, 0, 0, 0): 9,
                           (1, 0, 0, 2, 0, 0): 4, (2e-200, 0, 0, 1e-200, 0, 0): 4}
                return np.inf if m < n else by_hand[tuple(X.ravel())]
            """, "exception", "KeyError", keeps=3),
        ]),
    "cancelled": Task(
        right={
            "second row zero": "return [[2, 3], [0, 0]], [1, 5]",
            "first column zero": "return np.array([[0, 1], [0, 1]]), np.array([1, 0])",
            "floats": "return np.array([[-9.0, 9.0], [0.0, 0.0]]), np.array([0.0, -9.0])",
        },
        wrong=[
            Wrong("invertible", "return np.array([[1, 1], [0, 1]]), np.array([0, 1])", "no example",
                  "no solution"),
            Wrong("solvable", "return np.array([[1, 1], [0, 0]]), np.array([3, 0])", "no example",
                  "Here β = [1.5 1.5] solves it"),
            Wrong("lower triangular", "return np.array([[0, 0], [1, 1]]), np.array([1, 0])", "no example",
                  "R is upper triangular"),
            Wrong("zero", "return np.zeros((2, 2)), np.array([0, 1])", "no example", "R is not zero"),
            Wrong("c as a column", "return np.array([[1, 1], [0, 0]]), np.array([[0], [1]])", "shape"),
            Wrong("the full factor", "return np.array([[1, 1], [0, 1], [0, 0]]), np.array([0, 0, 1])", "shape"),
            Wrong("fractions", "return np.array([[1, 0.5], [0, 0]]), np.array([0, 1])", "whole numbers"),
            Wrong("only R", "return np.array([[1, 1], [0, 0]])", "parts"),
            Wrong("no return", "R = np.array([[1, 1], [0, 0]])", "returns None"),
        ]),
    "short": Task(
        right={
            "short first": "return [[1, 8], [-1, 8], [0, -8], [0, -8]]",
            "uneven": "return np.array([[1, 8], [-1, 8], [0, -9], [0, -7]])",
            "floats": "return np.array([[0.0, 9.0], [0.0, 9.0], [1.0, -9.0], [-1.0, -9.0]])",
        },
        wrong=[
            Wrong("collinear", "return np.array([[9, 8], [9, 9], [-9, -9], [-9, -8]])", "no example",
                  "inner product is 306"),
            Wrong("not short enough", "return np.array([[9, 1], [9, -1], [-9, 1], [-9, -1]])", "no example",
                  "Here κ(X) = 9"),
            Wrong("not centred", "return np.array([[9, 0], [0, 1], [0, 0], [0, 0]])", "no example",
                  "the sums are 9 and 1"),
            Wrong("a zero column", "return np.array([[9, 0], [9, 0], [-9, 0], [-9, 0]])", "no example",
                  "neither column is zero"),
            Wrong("other units", "return np.array([[900, 1], [-900, 1], [0, -1], [0, -1]])", "whole numbers"),
            Wrong("lying", "return np.array([[9, 9, -9, -9], [1, -1, 0, 0]])", "shape"),
            Wrong("diagonal", "return np.diag([9, 1])", "shape"),
            Wrong("text", "return 'short'", "type"),
        ]),
    "errors": Task(
        right={
            "by the SVD": """
                U, s, Vt = np.linalg.svd(X, full_matrices=False)
                b = Vt.T @ (U.T @ y / s)
                sigma = np.sqrt(np.sum((y - X @ b)**2) / (X.shape[0] - X.shape[1]))
                return sigma, sigma * np.sqrt(np.sum((Vt.T / s)**2, axis=1))
            """,
            "by the pseudoinverse": """
                P = np.linalg.pinv(X)
                sigma = np.linalg.norm(y - X @ (P @ y)) / (len(y) - X.shape[1])**0.5
                return sigma, sigma * np.linalg.norm(P, axis=1)
            """,
            "column by column": """
                m, n = X.shape
                Q, R = np.linalg.qr(X)
                r = y - Q @ (Q.T @ y)
                sigma = (r @ r / (m - n))**0.5
                return [sigma, [sigma * np.linalg.norm(np.linalg.solve(R.T, e)) for e in np.eye(n)]]
            """,
            "covariance from R": """
                R = np.linalg.qr(X, mode="r")
                b = np.linalg.lstsq(X, y, rcond=None)[0]
                sigma2 = np.sum((y - X @ b)**2) / (X.shape[0] - X.shape[1])
                R_inverse = np.linalg.inv(R)
                return np.sqrt(sigma2), np.sqrt(np.diag(sigma2 * R_inverse @ R_inverse.T))
            """,
        },
        wrong=[
            Wrong("divided by m", """
                Q, R = np.linalg.qr(X)
                sigma = np.linalg.norm(y - Q @ (Q.T @ y)) / np.sqrt(len(y))
                return sigma, sigma * np.linalg.norm(np.linalg.inv(R), axis=1)
            """, "divided by m", "Is the estimate unbiased?"),
            Wrong("variances", """
                Q, R = np.linalg.qr(X)
                s2 = np.sum((y - Q @ (Q.T @ y))**2) / (len(y) - X.shape[1])
                return s2, s2 * np.sum(np.linalg.inv(R)**2, axis=1)
            """, "variance", "not a standard deviation"),
            Wrong("divided by m − n − 1", """
                Q, R = np.linalg.qr(X)
                sigma = np.linalg.norm(y - Q @ (Q.T @ y)) / np.sqrt(max(len(y) - X.shape[1] - 1, 1))
                return sigma, sigma * np.linalg.norm(np.linalg.inv(R), axis=1)
            """, "one less"),
            Wrong("normal equations", """
                C = np.linalg.inv(X.T @ X)
                sigma = np.linalg.norm(y - X @ (C @ X.T @ y)) / np.sqrt(len(y) - X.shape[1])
                return sigma, sigma * np.sqrt(np.abs(np.diag(C)))
            """, "inexact", "digits lost", keeps=3),
            Wrong("columns of R⁻¹", """
                Q, R = np.linalg.qr(X)
                sigma = np.linalg.norm(y - Q @ (Q.T @ y)) / np.sqrt(len(y) - X.shape[1])
                return sigma, sigma * np.linalg.norm(np.linalg.inv(R), axis=0)
            """, "order of factors", "errors:"),
            Wrong("diagonal of R", """
                Q, R = np.linalg.qr(X)
                sigma = np.linalg.norm(y - Q @ (Q.T @ y)) / np.sqrt(len(y) - X.shape[1])
                return sigma, sigma / np.abs(np.diag(R))
            """, "diagonal inverted", "not all of R"),
            Wrong("diagonal of the Gram matrix", """
                Q, R = np.linalg.qr(X)
                sigma = np.linalg.norm(y - Q @ (Q.T @ y)) / np.sqrt(len(y) - X.shape[1])
                return sigma, sigma / np.linalg.norm(X, axis=0)
            """, "diagonal inverted", "inverse of the diagonal"),
            Wrong("no root of the diagonal", """
                Q, R = np.linalg.qr(X)
                sigma = np.linalg.norm(y - Q @ (Q.T @ y)) / np.sqrt(len(y) - X.shape[1])
                return sigma, sigma * np.sum(np.linalg.inv(R)**2, axis=1)
            """, "no root", "errors:"),
            Wrong("the Gram matrix not inverted", """
                Q, R = np.linalg.qr(X)
                sigma = np.linalg.norm(y - Q @ (Q.T @ y)) / np.sqrt(len(y) - X.shape[1])
                return sigma, sigma * np.sqrt(np.diag(X.T @ X))
            """, "not inverted", "errors:"),
            Wrong("sigma forgotten", """
                Q, R = np.linalg.qr(X)
                sigma = np.linalg.norm(y - Q @ (Q.T @ y)) / np.sqrt(len(y) - X.shape[1])
                return sigma, np.linalg.norm(np.linalg.inv(R), axis=1)
            """, "factor", "errors:"),
            Wrong("the spread of y", """
                sigma = np.std(y)
                return sigma, sigma * np.linalg.norm(np.linalg.pinv(X), axis=1)
            """, "spread of y", "sigma:"),
            Wrong("in the other order", """
                P = np.linalg.pinv(X)
                sigma = np.linalg.norm(y - X @ (P @ y)) / np.sqrt(len(y) - X.shape[1])
                return sigma * np.linalg.norm(P, axis=1), sigma
            """, "shape"),
            Wrong("the covariance", """
                P = np.linalg.pinv(X)
                sigma = np.linalg.norm(y - X @ (P @ y)) / np.sqrt(len(y) - X.shape[1])
                return sigma, sigma**2 * P @ P.T
            """, "shape"),
            Wrong("only the errors", "return np.linalg.norm(np.linalg.pinv(X), axis=1)", "parts"),
            Wrong("the residual into y", """
                P = np.linalg.pinv(X)
                y -= X @ (P @ y)
                sigma = np.linalg.norm(y) / np.sqrt(len(y) - X.shape[1])
                return sigma, sigma * np.linalg.norm(P, axis=1)
            """, "mutates"),
        ]),
    "ridge": Task(
        right={
            "QR of the stacked matrix": """
                n = X.shape[1]
                rows = []
                for d in penalties:
                    Q, R = np.linalg.qr(np.vstack([X, np.sqrt(d) * np.eye(n)]))
                    rows.append(np.linalg.solve(R, Q.T @ np.concatenate([y, np.zeros(n)])))
                return rows
            """,
            "lstsq of the stacked matrix": """
                m, n = X.shape
                B = np.empty((len(penalties), n))
                for i, d in enumerate(penalties):
                    stacked = np.concatenate([X, d**0.5 * np.identity(n)])
                    B[i] = np.linalg.lstsq(stacked, np.append(y, [0.0] * n), rcond=None)[0]
                return B
            """,
            "all at once": """
                U, s, Vt = np.linalg.svd(X, full_matrices=False)
                factors = s / (s**2 + np.reshape(penalties, (-1, 1)))
                return factors * (U.T @ y) @ Vt
            """,
            "full SVD, component by component": """
                U, s, Vt = np.linalg.svd(X)
                B = np.zeros((len(penalties), X.shape[1]))
                for i, d in enumerate(penalties):
                    for j in range(len(s)):
                        B[i] += s[j] / (s[j]**2 + d) * (U[:, j] @ y) * Vt[j]
                return B
            """,
        },
        wrong=[
            Wrong("XᵀX formed", """
                I = np.eye(X.shape[1])
                return [np.linalg.solve(X.T @ X + d * I, X.T @ y) for d in penalties]
            """, "inexact", "digits lost", keeps=3),
            Wrong("shrinkage alone", """
                U, s, Vt = np.linalg.svd(X, full_matrices=False)
                return np.array([(s**2 / (s**2 + d) * (U.T @ y)) @ Vt for d in penalties])
            """, "shrinkage alone"),
            Wrong("penalty squared", """
                U, s, Vt = np.linalg.svd(X, full_matrices=False)
                return np.array([(s / (s**2 + d**2) * (U.T @ y)) @ Vt for d in penalties])
            """, "penalty squared"),
            Wrong("singular values not squared", """
                U, s, Vt = np.linalg.svd(X, full_matrices=False)
                return np.array([(U.T @ y / (s + d)) @ Vt for d in penalties])
            """, "numbers"),
            Wrong("V for its transpose", """
                U, s, V = np.linalg.svd(X, full_matrices=False)
                return np.array([V @ (s / (s**2 + d) * (U.T @ y)) for d in penalties])
            """, "exception"),
            Wrong("m times the penalty", """
                I = np.eye(X.shape[1])
                return [np.linalg.solve(X.T @ X + len(y) * d * I, X.T @ y) for d in penalties]
            """, "mean"),
            Wrong("no penalty", "return [np.linalg.pinv(X) @ y for d in penalties]", "no penalty"),
            Wrong("divided by the shrunk", """
                U, s, Vt = np.linalg.svd(X, full_matrices=False)
                return np.array([(s**2 / (s**2 + d) / s * (U.T @ y)) @ Vt for d in penalties])
            """, "not finite", keeps=2),
            Wrong("a column for each penalty", """
                U, s, Vt = np.linalg.svd(X, full_matrices=False)
                return np.array([(s / (s**2 + d) * (U.T @ y)) @ Vt for d in penalties]).T
            """, "transposed"),
            Wrong("the first penalty only", """
                U, s, Vt = np.linalg.svd(X, full_matrices=False)
                return (s / (s**2 + penalties[0]) * (U.T @ y)) @ Vt
            """, "shape"),
            Wrong("tall only", """
                R = np.linalg.qr(X)[1]
                return [np.linalg.solve(R.T @ R + d * np.eye(len(R)), X.T @ y) for d in penalties]
            """, "exception", "ValueError"),
            Wrong("centred", """
                Z = X - X.mean(axis=0)
                return [np.linalg.solve(Z.T @ Z + d * np.eye(Z.shape[1]), Z.T @ y) for d in penalties]
            """, "centred"),
            Wrong("integers", """
                B = np.zeros((len(penalties), X.shape[1]), X.dtype)
                U, s, Vt = np.linalg.svd(X, full_matrices=False)
                for i, d in enumerate(penalties):
                    B[i] = (s / (s**2 + d) * (U.T @ y)) @ Vt
                return B
            """, "integers", keeps=2),
            Wrong("stacked with dI", """
                n = X.shape[1]
                return [np.linalg.lstsq(np.vstack([X, d * np.eye(n)]), np.append(y, np.zeros(n)), rcond=None)[0]
                        for d in penalties]
            """, "penalty squared", "which multiple of I"),
        ]),
    "change": Task(
        right={
            "normal equations": moved(),
            "the other Gram matrix": """
                # (XᵀX + tI)⁻¹ is (I − Xᵀ(XXᵀ + tI)⁻¹X)/t where t is not 0.
                if t == 0:
                    P = np.linalg.pinv(X)
                    return P @ (dy - dX @ P @ y) + P @ P.T @ dX.T @ (y - X @ P @ y) - dt * P @ P.T @ P @ y
                m, n = X.shape
                M = (np.eye(n) - X.T @ np.linalg.solve(X @ X.T + t * np.eye(m), X)) / t
                b = M @ X.T @ y
                return M @ (X.T @ (dy - dX @ b) + dX.T @ (y - X @ b) - dt * b)
            """,
            "product rule for the closed form": """
                M = np.linalg.inv(X.T @ X + t * np.identity(X.shape[1]))
                dM = -M @ (dX.T @ X + X.T @ dX + dt * np.identity(X.shape[1])) @ M
                return dM @ X.T @ y + M @ dX.T @ y + M @ X.T @ dy
            """,
            "SVD": """
                U, s, Vt = np.linalg.svd(X)
                s = np.append(s, [0.0] * (X.shape[1] - len(s)))
                b = Vt.T @ ((Vt @ (X.T @ y)) / (s**2 + t))
                c = X.T @ dy - X.T @ dX @ b + dX.T @ (y - X @ b) - dt * b
                return list(Vt.T @ ((Vt @ c) / (s**2 + t)))
            """,
        },
        wrong=[
            Wrong("residual forgotten", moved("X.T @ (dy - dX @ b) - dt * b"), "half of dX", "in several places"),
            Wrong("sign of the residual's term", moved("X.T @ (dy - dX @ b) - dX.T @ (y - X @ b) - dt * b"),
                  "sign", "with the residual"),
            Wrong("sign of dX β", moved("X.T @ (dy + dX @ b) + dX.T @ (y - X @ b) - dt * b"), "sign", "with dX β"),
            Wrong("dy forgotten", moved("-X.T @ dX @ b + dX.T @ (y - X @ b) - dt * b"), "without dy"),
            Wrong("the penalty stands still", moved("X.T @ (dy - dX @ b) + dX.T @ (y - X @ b)"),
                  "without dt", "here it moves too"),
            Wrong("sign of dt", moved("X.T @ (dy - dX @ b) + dX.T @ (y - X @ b) + dt * b"), "sign", "with dt"),
            Wrong("dt without β", moved("X.T @ (dy - dX @ b) + dX.T @ (y - X @ b) - dt"), "dt alone"),
            Wrong("least squares", """
                P = np.linalg.pinv(X)
                return P @ (dy - dX @ P @ y) + P @ P.T @ dX.T @ (y - X @ P @ y)
            """, "no penalty"),
            Wrong("the solution of the moved data", """
                Z = X + dX
                return np.linalg.solve(Z.T @ Z + (t + dt) * np.eye(X.shape[1]), Z.T @ (y + dy))
            """, "moved data"),
            Wrong("a difference quotient", """
                def solution(h):
                    Z = X + h * dX
                    return np.linalg.solve(Z.T @ Z + (t + h * dt) * np.eye(X.shape[1]), Z.T @ (y + h * dy))
                return (solution(1e-4) - solution(0)) / 1e-4
            """, "inexact", "approximated"),
            Wrong("a central difference quotient", """
                def solution(h):
                    Z = X + h * dX
                    return np.linalg.solve(Z.T @ Z + (t + h * dt) * np.eye(X.shape[1]), Z.T @ (y + h * dy))
                return (solution(1e-5) - solution(-1e-5)) / 2e-5
            """, "numbers"),
            Wrong("X stands still", moved("X.T @ dy - dt * b"), "without dX"),
            Wrong("the derivative of the check", "return moved_in_task_7(X, y, t, dX, dy, dt)", "labkit",
                  "complex_step"),
            Wrong("the inverse of X", """
                b = np.linalg.inv(X) @ y
                return np.linalg.inv(X) @ (dy - dX @ b)
            """, "exception", "LinAlgError"),
            Wrong("the first matrix left out", """
                b = np.linalg.solve(X.T @ X + t * np.eye(X.shape[1]), X.T @ y)
                return X.T @ (dy - dX @ b) + dX.T @ (y - X @ b) - dt * b
            """, "not solved"),
            Wrong("the change of the fit", moved().replace("return ", "return X @ "), "shape"),
            Wrong("in place", "y -= X @ (np.linalg.pinv(X) @ y)\nreturn np.linalg.pinv(X) @ dy", "mutates"),
        ]),
    "worst": Task(
        right={
            "pseudoinverse": """
                P = np.linalg.pinv(my_matrix)
                b = P @ my_target
                r = my_target - my_matrix @ b
                U, s, Vt = np.linalg.svd(my_matrix)
                change = r[:, None] * Vt[1] / np.sqrt(r @ r) - U[:, [1]] * b / np.sqrt(b @ b)
                B = np.linalg.norm(P, 2) * np.linalg.norm(b) + np.linalg.norm(P @ P.T, 2) * np.linalg.norm(r)
                return B, (change / np.linalg.norm(change, 2)).tolist()
            """,
            "weighted by what each part gives": worst(change="R / s[1]**2 * size_r - S / s[1] * size_b"),
            "the other sign": worst(change="S - R"),
            "the bound with κ": worst(
                B="s[0] / s[1] / s[0] * size_b + (s[0] / s[1])**2 * size_r / s[0]**2"),
        },
        wrong=[
            Wrong("the first part alone", worst(change="S"), "no example", "moves the solution by 0.6158"),
            Wrong("the second part alone", worst(change="R"), "no example", "at least 0.7 B"),
            Wrong("parts that cancel", worst(change="R + S"), "no example", "at least 0.7 B"),
            Wrong("the largest singular value", worst(change="np.outer(U[:, 0], b) - np.outer(r, Vt[0])"),
                  "no example"),
            Wrong("too long", worst().replace("/ np.linalg.norm(C, 2)", ""), "no example", "Here ‖dX‖ = 1.34141"),
            Wrong("relative", worst(B="s[0] / s[1] + (s[0] / s[1])**2 * size_r / s[0] / size_b"), "no example",
                  "moves the solution by 0.7551, and your B is 2.772: dX is too weak, or B too large"),
            Wrong("the term with ‖y‖ kept", worst(B="size_b / s[1] + np.linalg.norm(my_target) / s[1]"
                  " + size_r / s[1]**2"), "no example", "or B too large"),
            Wrong("dX as large as X", worst(B="s[0] * (size_b / s[1] + size_r / s[1]**2)"), "no example",
                  "or B too large"),
            Wrong("without the residual", worst(B="size_b / s[1]"), "no example", "B is too small"),
            Wrong("residual by σ_n once", worst(B="(size_b + size_r) / s[1] * 1.01"), "no example"),
            Wrong("what this change does, for the bound", worst(B="(size_b / s[1] + size_r / s[1]**2) * "
                  "1 / np.linalg.norm(C, 2)"), "no example", "the bound of the chapter", keeps=2),
            Wrong("rounded to two digits", worst(B="float(f'{size_b / s[1] + size_r / s[1]**2:.2g}')"),
                  "no example", keeps=2),
            Wrong("the neighbour's numbers", "neighbour = np.random.default_rng(7)\n"
                  "my_matrix, my_target, _ = draw_a_fit_and_an_exponent(neighbour)" + dedent(worst()),
                  "no example"),
            Wrong("transposed", worst().replace("return B, ", "return B, np.transpose").replace(
                "C / np.linalg.norm(C, 2)", "(C / np.linalg.norm(C, 2))"), "shape"),
            Wrong("only the change", worst().replace("return B, ", "return "), "parts"),
            Wrong("no return", worst().replace("return ", "result = "), "returns None"),
        ]),
    "lasso": Task(
        right={
            "stops when nothing moves": """
                L = np.linalg.svd(X)[1][0]**2
                b = np.zeros(X.shape[1])
                while True:
                    z = b - X.T @ (X @ b - y) / L
                    new = np.sign(z) * np.clip(np.abs(z) - lam / L, 0, None)
                    if np.abs(new - b).max() <= 1e-12 * np.abs(new).max():
                        return new
                    b = new
            """,
            "a bound for L": """
                step = 1 / np.sum(X**2)
                b = [0.0] * X.shape[1]
                for _ in range(1500):
                    z = b + step * X.T @ (y - X @ b)
                    b = np.where(z > lam * step, z - lam * step, np.where(z < -lam * step, z + lam * step, 0.0))
                return b
            """,
            "coordinate by coordinate": """
                b = np.zeros(X.shape[1])
                for _ in range(300):
                    for j in range(len(b)):
                        x = X[:, j]
                        c = x @ (y - X @ b) + x @ x * b[j]
                        b[j] = np.sign(c) * max(abs(c) - lam[j], 0) / (x @ x) if x.any() else 0
                return b
            """,
            "with momentum": """
                L, t = np.linalg.norm(X, 2)**2, 1.0
                b = v = np.zeros(X.shape[1])
                for _ in range(800):
                    z = v - X.T @ (X @ v - y) / L
                    new = np.sign(z) * np.maximum(np.abs(z) - lam / L, 0)
                    t_new = (1 + (1 + 4 * t * t)**0.5) / 2
                    v, b, t = new + (t - 1) / t_new * (new - b), new, t_new
                return b
            """,
        },
        wrong=[
            Wrong("threshold λ", """
                L = np.linalg.norm(X, 2)**2
                b = np.zeros(X.shape[1])
                for _ in range(500):
                    z = b - X.T @ (X @ b - y) / L
                    b = np.sign(z) * np.maximum(np.abs(z) - lam, 0)
                return b
            """, "threshold"),
            Wrong("no threshold", """
                L = np.linalg.norm(X, 2)**2
                b = np.zeros(X.shape[1])
                for _ in range(500):
                    b = b - X.T @ (X @ b - y) / L
                return b
            """, "no threshold", "as if the prices were 0"),
            Wrong("ridge", "return np.linalg.solve(X.T @ X + np.diag(lam), X.T @ y)", "ridge"),
            Wrong("one step", """
                L = np.linalg.norm(X, 2)**2
                z = X.T @ y / L
                return np.sign(z) * np.maximum(np.abs(z) - lam / L, 0)
            """, "numbers"),
            Wrong("orthonormal columns taken for granted", """
                z = X.T @ y
                return np.sign(z) * np.maximum(np.abs(z) - lam, 0)
            """, "orthonormal"),
            Wrong("least squares, then the threshold", """
                z = np.linalg.lstsq(X, y, rcond=None)[0]
                return np.sign(z) * np.maximum(np.abs(z) - lam, 0)
            """, "numbers"),
            Wrong("L = σ₁", """
                L = np.linalg.norm(X, 2)
                b = np.zeros(X.shape[1])
                for _ in range(500):
                    z = b - X.T @ (X @ b - y) / L
                    b = np.sign(z) * np.maximum(np.abs(z) - lam / L, 0)
                return b
            """, "runs away", "no longer than 1/σ₁²"),
            Wrong("a step of length 1", """
                b = np.zeros(X.shape[1])
                for _ in range(1000):
                    z = b - X.T @ (X @ b - y)
                    b = np.sign(z) * np.maximum(np.abs(z) - lam, 0)
                return b
            """, "runs away"),
            Wrong("uphill", """
                L = np.linalg.norm(X, 2)**2
                b = np.zeros(X.shape[1])
                for _ in range(500):
                    z = b - X.T @ (y - X @ b) / L
                    b = np.sign(z) * np.maximum(np.abs(z) - lam / L, 0)
                return b
            """, "runs away", "downhill"),
            Wrong("the gradient without ½", """
                L = 2 * np.linalg.norm(X, 2)**2
                b = np.zeros(X.shape[1])
                for _ in range(500):
                    z = b - 2 * X.T @ (X @ b - y) / L
                    b = np.sign(z) * np.maximum(np.abs(z) - lam / L, 0)
                return b
            """, "half"),
            Wrong("a fixed short step", """
                b = np.zeros(X.shape[1])
                for _ in range(1000):
                    z = b - 1e-3 * X.T @ (X @ b - y)
                    b = np.sign(z) * np.maximum(np.abs(z) - 1e-3 * lam, 0)
                return b
            """, "numbers"),
            Wrong("hard threshold", """
                L = np.linalg.norm(X, 2)**2
                b = np.zeros(X.shape[1])
                for _ in range(500):
                    z = b - X.T @ (X @ b - y) / L
                    b = np.where(np.abs(z) > lam / L, z, 0)
                return b
            """, "no threshold"),
            Wrong("negative entries lost", """
                L = np.linalg.norm(X, 2)**2
                b = np.zeros(X.shape[1])
                for _ in range(500):
                    b = np.maximum(b - X.T @ (X @ b - y) / L - lam / L, 0)
                return b
            """, "numbers"),
            Wrong("twice the penalty", """
                L = np.linalg.norm(X, 2)**2
                b = np.zeros(X.shape[1])
                for _ in range(500):
                    z = b - X.T @ (X @ b - y) / L
                    b = np.sign(z) * np.maximum(np.abs(z) - 2 * lam / L, 0)
                return b
            """, "twice"),
            Wrong("one price for all", """
                L, price = np.linalg.norm(X, 2)**2, np.mean(lam)
                b = np.zeros(X.shape[1])
                for _ in range(500):
                    z = b - X.T @ (X @ b - y) / L
                    b = np.sign(z) * np.maximum(np.abs(z) - price / L, 0)
                return b
            """, "one price"),
            Wrong("too few steps", """
                L = np.linalg.norm(X, 2)**2
                b = np.zeros(X.shape[1])
                for _ in range(20):
                    z = b - X.T @ (X @ b - y) / L
                    b = np.sign(z) * np.maximum(np.abs(z) - lam / L, 0)
                return b
            """, "not converged", "has the iteration converged"),
            Wrong("labkit's lasso", """
                from labkit.regression import lasso
                return lasso(X / lam, y, 1).coefficients / lam
            """, "labkit"),
            Wrong("no return", "b = np.zeros(X.shape[1])", "returns None"),
        ]),
    "hvp": Task(
        right={
            "example by example": """
                H = mu * V
                for x, count in zip(X.T, w):
                    e = np.exp(W @ x - max(W @ x))
                    p = e / sum(e)
                    a = V @ x
                    H = H + count * np.outer(p * a - p * (p @ a), x) / sum(w)
                return H
            """,
            "the matrix diag(p) − ppᵀ": with_probabilities("""
                S = sum(c * np.outer((np.diag(p) - np.outer(p, p)) @ (V @ x), x) for p, x, c in zip(P.T, X.T, w))
                return S / np.sum(w) + mu * V
            """),
            "einsum": with_probabilities("""
                A = V @ X
                mean = np.einsum('ci,ci->i', P, A)
                return np.einsum('ci,ni,i->cn', P * (A - mean), X, w / w.sum()) + mu * V
            """),
            "in lists": with_probabilities("""
                A = V @ X
                G = P * A - P * (P * A).sum(axis=0, keepdims=True)
                return (G @ (w * X / w.sum()).T + mu * V).tolist()
            """),
        },
        wrong=[
            Wrong("overflow", """
                P = np.exp(W @ X)
                P = P / P.sum(axis=0)
                A = V @ X
                return P * (A - (P * A).sum(axis=0)) @ (w * X).T / w.sum() + mu * V
            """, "not finite", keeps=2),
            Wrong("classes and examples mixed up", """
                P = np.exp(W @ X - (W @ X).max())
                P = P / P.sum(axis=1, keepdims=True)
                A = V @ X
                return P * (A - (P * A).sum(axis=0)) @ (w * X).T / w.sum() + mu * V
            """, "numbers"),
            Wrong("not divided by N", with_probabilities("""
                A = V @ X
                return P * (A - (P * A).sum(axis=0)) @ (w * X).T + mu * V
            """), "not divided"),
            Wrong("divided by the number of columns", with_probabilities("""
                A = V @ X
                return P * (A - (P * A).sum(axis=0)) @ (w * X).T / X.shape[1] + mu * V
            """), "divided by N", "how many examples were seen"),
            Wrong("counts forgotten", with_probabilities("""
                A = V @ X
                return P * (A - (P * A).sum(axis=0)) @ X.T / X.shape[1] + mu * V
            """), "counts", "where does w enter"),
            Wrong("divided by the features", with_probabilities("""
                A = V @ X
                return P * (A - (P * A).sum(axis=0)) @ (w * X).T / len(X) + mu * V
            """), "numbers"),
            Wrong("penalty forgotten", with_probabilities("""
                A = V @ X
                return P * (A - (P * A).sum(axis=0)) @ (w * X).T / w.sum()
            """), "no penalty"),
            Wrong("μW for μV", with_probabilities("""
                A = V @ X
                return P * (A - (P * A).sum(axis=0)) @ (w * X).T / w.sum() + mu * W
            """), "penalty"),
            Wrong("diag(p) alone", with_probabilities("""
                return P * (V @ X) @ (w * X).T / w.sum() + mu * V
            """), "numbers"),
            Wrong("sigmoids", with_probabilities("""
                return P * (1 - P) * (V @ X) @ (w * X).T / w.sum() + mu * V
            """), "numbers"),
            Wrong("sign", with_probabilities("""
                A = V @ X
                return P * ((P * A).sum(axis=0) - A) @ (w * X).T / w.sum() - mu * V
            """), "sign"),
            Wrong("the gradient's change by a whole V", """
                def gradient(W):
                    E = np.exp(W @ X - np.max(W @ X, axis=0))
                    return E / E.sum(axis=0) @ (w * X).T / w.sum() + mu * W
                return gradient(W + V) - gradient(W)
            """, "numbers"),
            Wrong("transposed", with_probabilities("""
                A = V @ X
                return (P * (A - (P * A).sum(axis=0)) @ (w * X).T / w.sum() + mu * V).T
            """), "transposed"),
            Wrong("into V", with_probabilities("""
                A = V @ X
                V *= mu
                V += P * (A - (P * A).sum(axis=0)) @ (w * X).T / w.sum()
                return V
            """), "mutates"),
        ]),
    "newton": Task(
        right={
            "Kronecker products": newton(),
            "gradient descent": descent(),
            "least-squares solution of the system": newton().replace(
                "np.linalg.solve(H, G.ravel())", "np.linalg.lstsq(H, G.ravel(), rcond=None)[0]"),
            "conjugate gradients": """
                W = np.zeros((len(Y), len(X)))
                for _ in range(40):
                    E = np.exp(W @ X - np.max(W @ X, axis=0))
                    P = E / E.sum(axis=0)
                    r = -((P - Y) @ (w * X).T / w.sum() + mu * W)
                    if np.linalg.norm(r) < 1e-13:
                        break
                    S, d = np.zeros_like(W), r
                    for _ in range(2 * W.size):
                        A = d @ X
                        Hd = P * (A - (P * A).sum(axis=0)) @ (w * X).T / w.sum() + mu * d
                        length = np.sum(r * r) / np.sum(d * Hd)
                        S, new = S + length * d, r - length * Hd
                        d, r = new + np.sum(new * new) / np.sum(r * r) * d, new
                        if np.linalg.norm(r) < 1e-15:
                            break
                    W = W + S
                return W
            """,
        },
        wrong=[
            Wrong("penalty not in the gradient", newton("w * (P - Y) @ X.T / N"), "numbers"),
            Wrong("not divided by N", newton("w * (P - Y) @ X.T + mu * W").replace(" / N", ""), "not divided"),
            Wrong("counts forgotten", newton().replace("w * ", "").replace("w.sum()", "X.shape[1]").replace(
                "count * ", ""), "counts"),
            Wrong("divided by the number of columns", newton().replace("w.sum()", "X.shape[1]"), "divided by N"),
            Wrong("one step", newton(steps=1), "numbers"),
            Wrong("uphill", newton(step="W = W + S"), "numbers"),
            Wrong("twice the penalty", newton("w * (P - Y) @ X.T / N + 2 * mu * W",
                                               penalty="2 * mu * np.eye(k * n)"), "twice"),
            Wrong("labels subtracted the other way", newton("w * (Y - P) @ X.T / N + mu * W"), "numbers"),
            Wrong("without a penalty", newton("w * (P - Y) @ X.T / N", penalty="1e-9 * np.eye(k * n)"), "numbers"),
            Wrong("a few steps downhill", descent().replace("1000", "4"), "numbers"),
            Wrong("transposed", newton().replace("return W", "return W.T"), "transposed"),
            Wrong("one-hot labels taken for granted", newton("w * (P - (Y == Y.max(axis=0))) @ X.T / N + mu * W"),
                  "numbers", keeps=2),
            Wrong("least squares on the labels", """
                return np.linalg.solve(w * X @ X.T / w.sum() + mu * np.eye(len(X)), w * X @ Y.T / w.sum()).T
            """, "numbers"),
            Wrong("the start", "return np.zeros((len(Y), len(X)))", "zero"),
            Wrong("labkit's fit", """
                from labkit import regression
                return regression.softmax_regression(X, Y, penalty=mu).W
            """, "labkit"),
        ]),
}


KINDS = {
    "all ones": "every leverage is 1",
    "centred": "if the columns were centred",
    "counts": "if each example had been seen once",
    "diagonal inverted": "diagonal of",
    "divided by N": "divided by N",
    "divided by m": "as if the sum of squares were divided by m.",
    "dt alone": "what is dt multiplied by?",
    "formed": "XᵀX was formed",
    "half": "half the prices",
    "half of dX": "right if Xᵀ stood still",
    "mean": "were m·d",
    "moved data": "the solution for the moved data",
    "no penalty": "penalty",
    "no root": "a root missing",
    "no threshold": "this is least squares",
    "not converged": "not near enough",
    "not divided": "what is the sum divided by?",
    "not inverted": "the diagonal of its inverse is asked for",
    "not solved": "yet to be solved",
    "not squared": "what is asked is κ(XᵀX)",
    "one less": "m − n − 1",
    "one minus": "1 minus the leverage",
    "one price": "each coefficient has its own",
    "order of factors": "in which order",
    "orthonormal": "if the columns of X were orthonormal",
    "penalty": "derivative of μW along V",
    "penalty squared": "if the penalty were d²",
    "ridge": "that is ridge",
    "root": "square roots of the leverages",
    "rows of X": "squared lengths of the rows of X",
    "runs away": "the iteration runs away",
    "shrinkage alone": "is shrunk and put along",
    "sign": "sign is wrong",
    "spread of y": "the spread of y itself",
    "threshold": "right for other prices",
    "twice": "right for twice the",
    "upside down": "a condition number is at least 1",
    "variance": "a variance, not a standard deviation",
    "wide": "wrong for wide X",
    "without dX": "right if X stood still",
    "without dt": "right if the penalty stood still",
    "without dy": "right if y stood still",
}

WEIGHTED_G = "G = 2 * X.T @ D @ (X @ b - y) + 2 * t * C.T @ (C @ b - c)"
WEIGHTED_WRONG = WEIGHTED.replace("2 * (X", "(X")
TARGETS_G = "G = 2 * X.T @ (X @ B - Y) + 2 * t * B"
TARGETS_WRONG = TARGETS.replace("B - Y", "B + Y")

# Each derivation is more wrong than the one before it.
LADDERS = {
    "weighted": [
        [WEIGHTED, WEIGHTED_G],
        [WEIGHTED_WRONG, WEIGHTED, WEIGHTED_G],
        [WEIGHTED_WRONG, WEIGHTED_G],
        [WEIGHTED_WRONG, WEIGHTED_G.replace("2 * X", "X")],
        [WEIGHTED_WRONG, WEIGHTED_G.replace("X.T", "X")],
    ],
    "targets": [
        [TARGETS, TARGETS_G],
        [TARGETS_WRONG, TARGETS, TARGETS_G],
        [TARGETS_WRONG, TARGETS_G],
        [TARGETS_WRONG, TARGETS_G.replace("B - Y", "B + Y")],
        [TARGETS_WRONG, TARGETS_G.replace("B - Y", "B + Y").replace("X.T", "X")],
    ],
}


class TestRegression(AssignmentTests, DerivationTests):
    notebook = "regression"
    tasks = TASKS
    kinds = KINDS
    # The lines before G share half of the points; G earns the other half, or half of that after a wrong line.
    slips = [
        Slip("weighted", [WEIGHTED], 2.5),
        # transposed; a factor lost
        Slip("weighted", [WEIGHTED, "G = 2 * (X @ b - y).T @ D @ X + 2 * t * (C @ b - c).T @ C"], 2.5),
        Slip("weighted", [WEIGHTED, WEIGHTED_G.replace("2 * t", "t")], 2.5),
        # a factor lost in the middle of three lines, and a misprint that cannot be read
        Slip("weighted", [WEIGHTED, WEIGHTED_WRONG, WEIGHTED_G], 3.5),
        Slip("weighted", [WEIGHTED.replace("X @ db", "X db"), WEIGHTED_G], 2.5),
        Slip("targets", [TARGETS.replace("2 * tr((", "2 tr(("), TARGETS_G], 2.5),
        Slip("targets", [TARGETS, "G = 2 * (X @ B - Y).T @ X + 2 * t * B.T"], 2.5),  # transposed
        Slip("targets", [TARGETS, "G = 2 * X @ (X @ B - Y) + 2 * t * B"], 2.5),  # X for its transpose
        # no G; a factor and a term lost at the end; a unit matrix that cannot be read
        Slip("targets", [TARGETS], 2.5),
        Slip("targets", [TARGETS, "G = X.T @ (X @ B - Y) + 2 * t * B"], 2.5),
        Slip("targets", [TARGETS, "G = 2 * X.T @ (X @ B - Y)"], 2.5),
        Slip("targets", [TARGETS, "G = 2 * (X.T @ X + t * I) @ B - 2 * X.T @ Y"], 2.5),
    ]
    ladders = LADDERS
    breaks = [Break(values, "agrees", lambda *_: True, "leverage", "return np.ones(len(X))")]

    def test_an_illegible_line_is_named_before_it_is_marked(self, grader, capsys):
        lines = [TARGETS, "G = 2 * (X.T @ X + t * I) @ B - 2 * X.T @ Y"]
        [cell] = grader.tests_of("targets")
        visible = cell.source.split("### BEGIN HIDDEN TESTS")[0]
        namespace = {"checks": checks, "lines_for_many_targets": lambda: lines}
        exec(visible, namespace)
        said = capsys.readouterr().out
        assert "the unit matrix is eye(n)" in said
        lines[1] = TARGETS_G.replace("2 * X.T", "X.T")  # wrong, and legible
        exec(visible, namespace)
        assert "can be read, from df to G" in capsys.readouterr().out
