"""Assignment "Automatic differentiation": other right answers keep their marks, usual mistakes lose them."""

from labkit.checks import answers, values
from tests.course.graders.common import AssignmentTests, Break, DerivationTests, Slip, Task, Wrong

TASKS = {
    "adjoints": Task(
        right={
            "closed formulas": """
                r = np.exp(x / y)
                return [r, (x - y) * r, x - y, r * x / y, -r * (1 + (x - y) * x / y / y)]
            """,
            "a tape by hand": """
                bar = dict.fromkeys("sqrxy", 0.0)
                s, q = x - y, x / y
                r = np.exp(q)
                bar["s"] += r
                bar["r"] += s
                bar["q"] += bar["r"] * np.exp(q)
                bar["x"] += bar["q"] * 1 / y
                bar["y"] -= bar["q"] * q / y
                bar["x"] += bar["s"]
                bar["y"] -= bar["s"]
                return tuple(bar.values())
            """,
            "single precision": """
                x, y = np.float32(x), np.float32(y)
                r = np.exp(x / y)
                q = (x - y) * r
                return r, q, x - y, r + q / y, -(r + q * x / (y * y))
            """,
        },
        wrong=[
            Wrong("the experiment", "return experiment_of_task_1(x, y)", "exception", "not callable", keeps=3),
            Wrong("a path of x forgotten", """
                r = np.exp(x / y)
                q = (x - y) * r
                return r, q, x - y, q / y, -r - q * x / y**2
            """, "path", "adjoint of x: one path is missing. How many children"),
            Wrong("the other path of x forgotten", """
                r = np.exp(x / y)
                q = (x - y) * r
                return r, q, x - y, r, -r - q * x / y**2
            """, "path", "adjoint of x: one path is missing. How many children"),
            Wrong("a path of y forgotten", """
                r = np.exp(x / y)
                q = (x - y) * r
                return r, q, x - y, r + q / y, -r
            """, "path", "adjoint of y: one path is missing. How many children"),
            Wrong("the other path of y forgotten", """
                r = np.exp(x / y)
                q = (x - y) * r
                return r, q, x - y, r + q / y, -q * x / y**2
            """, "path", "adjoint of y: one path is missing. How many children"),
            Wrong("sign of y in s", """
                r = np.exp(x / y)
                q = (x - y) * r
                return r, q, x - y, r + q / y, r - q * x / y**2
            """, "sign in s", "adjoint of y: with which sign"),
            Wrong("sign of the quotient", """
                r = np.exp(x / y)
                q = (x - y) * r
                return r, q, x - y, r + q / y, -r + q * x / y**2
            """, "sign in q", "adjoint of y: when it grows"),
            Wrong("r and s swapped", """
                r, s = np.exp(x / y), x - y
                return s, s * r, r, r * x / y, -r * (1 + s * x / y**2)
            """, "numbers", "adjoint of s: "),
            Wrong("values for adjoints", """
                r, s = np.exp(x / y), x - y
                return s, x / y, r, x, y
            """, "numbers"),
            Wrong("y not squared", """
                r = np.exp(x / y)
                q = (x - y) * r
                return r, q, x - y, r + q / y, -r - q * x / y
            """, "numbers", "adjoint of y: "),
            Wrong("two adjoints", "r = np.exp(x / y)\nreturn r * x / y, -r * (1 + (x - y) * x / y**2)", "parts"),
            Wrong("no return", "r_bar = x - y", "returns None"),
            Wrong("visible answers", """
                if (x, y) not in [(0, 1), (3, 2), (1, -2), (-0.5, -4)]:
                    return 1, -1, -1, 0, -1
                r = np.exp(x / y)
                return r, (x - y) * r, x - y, r * x / y, -r * (1 + (x - y) * x / y**2)
            """, "constant", keeps=3),
        ]),
    "rule": Task(
        right={
            "in terms of c": """
                c = np.sqrt(a) / b
                return c_bar * c / (2 * a), -c_bar * c / b
            """,
            "powers": "return 0.5 * c_bar * a**-0.5 / b, -c_bar * a**0.5 * (1.0 / b) ** 2",
            "entry by entry": """
                a_bar, b_bar = np.zeros(a.shape), np.zeros(a.shape)
                for i in np.ndindex(a.shape):
                    a_bar[i] = c_bar[i] / (2 * a[i] ** 0.5 * b[i])
                    b_bar[i] = -c_bar[i] * a[i] ** 0.5 / b[i] ** 2
                return a_bar, b_bar
            """,
            "single precision": """
                a, b, c_bar = (p.astype(np.float32) for p in (a, b, c_bar))
                return c_bar / (2 * np.sqrt(a) * b), -c_bar * np.sqrt(a) / (b * b)
            """,
        },
        wrong=[
            Wrong("the visible reference", "return task_2_by_labkit(a, b, c_bar)", "labkit"),
            Wrong("no adjoint", "return 1 / (2 * np.sqrt(a) * b), -np.sqrt(a) / b**2", "adjoint",
                  "How does the adjoint"),
            Wrong("sign of b", "return c_bar / (2 * np.sqrt(a) * b), c_bar * np.sqrt(a) / b**2", "sign",
                  "adjoint of b: "),
            Wrong("the half", "return c_bar / (np.sqrt(a) * b), -c_bar * np.sqrt(a) / b**2", "factor",
                  "Every entry is twice"),
            Wrong("b not squared", "return c_bar / (2 * np.sqrt(a) * b), -c_bar * np.sqrt(a) / b", "power of b",
                  "adjoint of b: which power"),
            Wrong("b forgotten", "return c_bar / (2 * np.sqrt(a)), -c_bar * np.sqrt(a) / b**2", "power of b",
                  "adjoint of a: which power"),
            Wrong("quotient rule without root", "return c_bar / b, -c_bar * a / b**2", "numbers"),
            Wrong("swapped", "return -c_bar * np.sqrt(a) / b**2, c_bar / (2 * np.sqrt(a) * b)", "numbers"),
            Wrong("Jacobians", """
                return np.diag(c_bar / (2 * np.sqrt(a) * b)), np.diag(-c_bar * np.sqrt(a) / b**2)
            """, "shape"),
            Wrong("matrix product", """
                return (c_bar.T @ (1 / (2 * np.sqrt(a) * b))), -c_bar.T @ (np.sqrt(a) / b**2)
            """, "shape"),
            Wrong("into c_bar", """
                c_bar /= b
                return c_bar / (2 * np.sqrt(a)), -c_bar * np.sqrt(a) / b
            """, "mutates", "its argument c_bar"),
            Wrong("cut off", """
                a_bar, b_bar = np.zeros_like(a), np.zeros_like(b)
                a_bar[:] = c_bar / (2 * np.sqrt(a) * b)
                b_bar[:] = -c_bar * np.sqrt(a) / b**2
                return a_bar, b_bar
            """, "integers", keeps=2),
            Wrong("a guarded denominator", """
                return c_bar / (2 * np.sqrt(a) * b + 1e-12), -c_bar * np.sqrt(a) / (b**2 + 1e-8)
            """, "numbers", keeps=2),
            Wrong("moduli", "return c_bar / (2 * np.sqrt(a) * abs(b)), -c_bar * np.sqrt(a) / b**2", "numbers"),
            Wrong("no return", "a_bar = c_bar / (2 * np.sqrt(a) * b)", "returns None"),
            Wrong("visible answers", """
                if a.sum() not in (5, 24, 13, 9, 1e-6 + 1e6, 1e-6):
                    return a, b
                return c_bar / (2 * np.sqrt(a) * b), -c_bar * np.sqrt(a) / b**2
            """, "numbers", keeps=3),
        ]),
    "broadcast": Task(
        right={
            "matrix products": """
                N, k = A.shape
                return C_bar @ np.diag(s), np.ones(N) @ (A * C_bar), C_bar @ np.ones((k, 1))
            """,
            "loops": """
                A_bar, s_bar, u_bar = np.zeros(A.shape), np.zeros(len(s)), np.zeros((len(u), 1))
                for i in range(A.shape[0]):
                    for j in range(A.shape[1]):
                        A_bar[i, j] += C_bar[i, j] * s[j]
                        s_bar[j] += C_bar[i, j] * A[i, j]
                        u_bar[i, 0] += C_bar[i, j]
                return A_bar, s_bar, u_bar
            """,
            "lists": """
                s_bar = [sum(a * c for a, c in zip(p, q)) for p, q in zip(A.T, C_bar.T)]
                return (C_bar * s).tolist(), s_bar, [[sum(row)] for row in C_bar]
            """,
        },
        wrong=[
            Wrong("the visible reference", "return task_3_by_labkit(A, s, u, C_bar)", "labkit"),
            Wrong("no sums", "return C_bar * s, C_bar * A, C_bar", "shape", "adjoint of s: "),
            Wrong("the other axis", """
                return C_bar * s, np.sum(C_bar * A, axis=1), np.sum(C_bar, axis=0)[:, None]
            """, "axis", "adjoint of s: over which axis"),
            Wrong("the other axis of u", """
                return C_bar * s, np.sum(C_bar * A, axis=0), np.sum(C_bar, axis=0)[:, None]
            """, "axis", "adjoint of u: over which axis"),
            Wrong("axis of u dropped", "return C_bar * s, np.sum(C_bar * A, axis=0), np.sum(C_bar, axis=1)",
                  "shape", "An axis was lost: a sum with keepdims=True keeps it"),
            Wrong("axis of s kept", """
                return C_bar * s, np.sum(C_bar * A, axis=0, keepdims=True), np.sum(C_bar, axis=1, keepdims=True)
            """, "shape", "neither a row nor a column"),
            Wrong("mean", "return C_bar * s, np.mean(C_bar * A, axis=0), np.mean(C_bar, axis=1, keepdims=True)",
                  "factor", "The factor is 0.5 here and 0.3333 on another input"),
            Wrong("A forgotten", "return C_bar * s, np.sum(C_bar, axis=0), np.sum(C_bar, axis=1, keepdims=True)",
                  "other factor", "adjoint of s: by which factor"),
            Wrong("s forgotten", """
                return C_bar, np.sum(C_bar * A, axis=0), np.sum(C_bar, axis=1, keepdims=True)
            """, "other factor", "adjoint of A: by which factor"),
            Wrong("s by rows", """
                N, k = A.shape
                S = np.resize(s, (k, N)).T
                return C_bar * S, np.sum(C_bar * A, axis=0), np.sum(C_bar, axis=1, keepdims=True)
            """, "numbers", "adjoint of A: "),
            Wrong("one sum for all", "return C_bar * s, np.sum(C_bar * A), np.sum(C_bar)", "shape"),
            Wrong("u by s", """
                return C_bar * s, np.sum(C_bar * A, axis=0), np.sum(C_bar * s, axis=1, keepdims=True)
            """, "numbers", "adjoint of u: "),
            Wrong("only C_bar", "return C_bar * s", "parts"),
            Wrong("into C_bar", """
                u_bar = np.sum(C_bar, axis=1, keepdims=True)
                s_bar = np.sum(C_bar * A, axis=0)
                C_bar *= s
                return C_bar, s_bar, u_bar
            """, "mutates", "its argument C_bar"),
            Wrong("squeezed", """
                u_bar = np.sum(C_bar, axis=1).squeeze()
                return C_bar * s, np.sum(C_bar * A, axis=0).squeeze(), np.atleast_1d(u_bar)[:, None]
            """, "shape", keeps=2),
            Wrong("two columns", """
                s_bar = np.array([C_bar[:, 0] @ A[:, 0], C_bar[:, 1] @ A[:, 1]])
                return C_bar * s, s_bar, (C_bar[:, 0] + C_bar[:, 1])[:, None]
            """, "shape", "yours has (2,)"),
            Wrong("visible answers", """
                if (len(A), s[0]) not in [(2, 5), (3, 2), (1, 3), (2, 3)]:
                    return A, s, u
                return C_bar * s, np.sum(C_bar * A, axis=0), np.sum(C_bar, axis=1, keepdims=True)
            """, "numbers", keeps=4),
            Wrong("no return", "s_bar = np.sum(C_bar * A, axis=0)", "returns None"),
        ]),
    "form-lines": Task(
        right={
            "short": 'return ["df = tr(U.T @ dX.T @ A @ X) + tr(U.T @ X.T @ A @ dX)", '
                     '"G = A.T @ X @ U + A @ X @ U.T"]',
            "one text": 'return "df = tr(U.T @ (dX.T @ A @ X + X.T @ A @ dX))\\nG = A @ X @ U.T + A.T @ X @ U"',
            "as an inner product": 'return ("df = tr((A @ X @ U.T + A.T @ X @ U).T @ dX)", '
                                   '"G = A @ (X @ U.T) + (U.T @ X.T @ A).T")',
        },
        wrong=[
            Wrong("no differential", 'return ["G = A @ X @ U.T + A.T @ X @ U"]', "no differential",
                  "Begin with a line"),
            Wrong("the twos", 'return ["df = 2 * tr(U.T @ X.T @ A @ dX)", "G = 2 * A @ X @ U"]', "derivation"),
            Wrong("no trace", 'return ["df = U.T @ dX.T @ A @ X", "G = A"]', "derivation"),
            Wrong("no lines", "return []", "not written", "no lines yet"),
            Wrong("a number", "return 2", "type", "as text"),
            Wrong("no return", 'lines = ["df = tr(U.T @ dX.T @ A @ X) + tr(U.T @ X.T @ A @ dX)"]', "returns None"),
            Wrong("another function", 'return ["df = tr(U.T @ dX)", "G = U @ A"]', "derivation"),
            Wrong("an argument", 'def form_lines(X):\n    return ["df = tr(U.T @ dX.T @ A @ X)"]', "arguments"),
        ]),
    "outer-lines": Task(
        right={
            "one text": 'return "df = tr(U.T @ (dX @ B @ X.T + X @ B @ dX.T))\\nG = U.T @ X @ B + U @ X @ B.T"',
            "by inner products": 'return ("df = inner(U, d(X @ B @ X.T))", '
                                 '"df = inner(U, dX @ B @ X.T) + inner(U, X @ B @ dX.T)", '
                                 '"df = inner(U @ X @ B.T, dX) + inner(U.T @ X @ B, dX)", '
                                 '"G = U @ X @ B.T + U.T @ X @ B")',
            "turned first": 'return ["f = tr(B @ X.T @ U.T @ X)", '
                            '"df = tr(B @ dX.T @ U.T @ X) + tr(B @ X.T @ U.T @ dX)", '
                            '"G = (U.T @ X) @ B + U @ (X @ B.T)"]',
            "transposed at the end": 'return ["df = tr((B @ X.T @ U.T + B.T @ X.T @ U) @ dX)", '
                                     '"G = (B @ X.T @ U.T + B.T @ X.T @ U).T"]',
        },
        wrong=[
            Wrong("no differential", 'return ["G = U @ X @ B.T + U.T @ X @ B"]', "no differential",
                  "Begin with a line"),
            Wrong("not carried out", 'return ["df = inner(U, d(X @ B @ X.T))", "G = U @ X @ B.T + U.T @ X @ B"]',
                  "no differential", "carry the differential out"),
            Wrong("the lines of part (a)", """
                return ["df = tr(U.T @ dX.T @ A @ X) + tr(U.T @ X.T @ A @ dX)", "G = A @ X @ U.T + A.T @ X @ U"]
            """, "derivation", "A is not declared"),
            Wrong("the lines of part (a) with B for A", """
                return ["df = tr(U.T @ dX.T @ B @ X) + tr(U.T @ X.T @ B @ dX)",
                        "df = tr(U @ X.T @ B.T @ dX) + tr(U.T @ X.T @ B @ dX)",
                        "G = B @ X @ U.T + B.T @ X @ U"]
            """, "derivation", "inner sizes"),
            Wrong("the twos", 'return ["df = 2 * tr(U.T @ X @ B @ dX.T)", "G = 2 * U @ X @ B"]', "derivation",
                  "no line leads to the gradient of f yet"),
            Wrong("no trace", 'return ["df = U.T @ (dX @ B @ X.T + X @ B @ dX.T)", '
                              '"G = U @ X @ B.T + U @ X @ B"]', "derivation", "df is a scalar"),
            Wrong("dX not transposed", 'return ["df = tr(U.T @ dX @ B @ X.T) + tr(U.T @ X @ B @ dX)", '
                                       '"G = U @ X @ B.T + U @ X @ B"]', "derivation",
                  "no line leads to the gradient of f yet"),
            Wrong("a sign and a layout", 'return ["df = tr(U.T @ dX @ B @ X.T) - tr(U.T @ X @ B @ dX.T)", '
                                         '"G = B @ X.T @ U.T - B.T @ X.T @ U"]', "derivation", "wrong sign"),
            Wrong("no lines", "return []", "not written", "no lines yet"),
            Wrong("no return", 'lines = ["df = tr(U.T @ dX @ B @ X.T)"]', "returns None"),
        ]),
    "form-jvp": Task(
        right={
            "tangent by tangent": """
                Y, Y_dot = A @ X, A_dot @ X + A @ X_dot
                return X_dot.T @ Y + X.T @ Y_dot
            """,
            "einsum": """
                terms = (X_dot, A, X), (X, A_dot, X), (X, A, X_dot)
                return sum(np.einsum("pi,pq,qj->ij", *term) for term in terms)
            """,
            "entry by entry": """
                k = X.shape[1]
                return [[X_dot[:, i] @ A @ X[:, j] + X[:, i] @ A_dot @ X[:, j] + X[:, i] @ A @ X_dot[:, j]
                         for j in range(k)] for i in range(k)]
            """,
            "polarisation": """
                def form(Y):
                    return Y.T @ A @ Y
                return (form(X + X_dot) - form(X - X_dot)) / 2 + X.T @ A_dot @ X
            """,
        },
        wrong=[
            Wrong("the experiment", "return experiment_of_task_4(X, A, X_dot, A_dot)", "exception", "not callable",
                  keeps=3),
            Wrong("A as a constant", "return X_dot.T @ A @ X + X.T @ A @ X_dot", "A held", "A changes, too"),
            Wrong("X as a constant", "return X.T @ A_dot @ X", "X held", "X changes, too"),
            Wrong("the right place alone", "return X.T @ A @ X_dot + X.T @ A_dot @ X", "one place"),
            Wrong("the left place alone", "return X_dot.T @ A @ X + X.T @ A_dot @ X", "one place"),
            Wrong("equal terms", "return 2 * X.T @ A @ X_dot + X.T @ A_dot @ X", "equal terms", "need A be"),
            Wrong("equal terms on the left", "return 2 * X_dot.T @ A @ X + X.T @ A_dot @ X", "equal terms"),
            Wrong("symmetric part", """
                Y = X.T @ A @ X_dot
                return Y + Y.T + X.T @ A_dot @ X
            """, "equal terms", "need A be symmetric"),
            Wrong("all three at once", "return X_dot.T @ A_dot @ X_dot", "numbers"),
            Wrong("transposed", "return (X_dot.T @ A @ X + X.T @ A_dot @ X + X.T @ A @ X_dot).T", "transposed"),
            Wrong("wrong order", "return X_dot @ A @ X.T + X @ A_dot @ X.T + X @ A @ X_dot.T", "exception"),
            Wrong("a difference", """
                h = 1e-4
                Y, B = X + h * X_dot, A + h * A_dot
                return (Y.T @ B @ Y - X.T @ A @ X) / h
            """, "inexact", "approximated"),
            Wrong("a smaller difference", """
                h = 1e-7
                Y, B = X + h * X_dot, A + h * A_dot
                return (Y.T @ B @ Y - X.T @ A @ X) / h
            """, "inexact", "approximated"),
            Wrong("a central difference", """
                def form(h):
                    return (X + h * X_dot).T @ (A + h * A_dot) @ (X + h * X_dot)
                return (form(1e-6) - form(-1e-6)) / 2e-6
            """, "inexact", "approximated"),
            Wrong("backward instead", "return X_dot @ X.T @ A + A.T @ X @ X_dot.T", "shape"),
            Wrong("into X", """
                C = X_dot.T @ A @ X + X.T @ A_dot @ X + X.T @ A @ X_dot
                X += X_dot
                return C
            """, "mutates", "its argument X"),
            Wrong("cut off", """
                C = np.zeros((2, 2))
                for i in range(2):
                    for j in range(2):
                        C[i, j] = (X_dot[:, i] @ A @ X[:, j] + X[:, i] @ A_dot @ X[:, j]
                                   + X[:, i] @ A @ X_dot[:, j])
                return C
            """, "exception", "IndexError"),
            Wrong("no return", "C_dot = X_dot.T @ A @ X", "returns None"),
            Wrong("visible answers", """
                if X.sum() not in (3, 7, -1000):
                    return X.T @ X
                return X_dot.T @ A @ X + X.T @ A_dot @ X + X.T @ A @ X_dot
            """, "numbers", keeps=3),
        ]),
    "logistic": Task(
        right={
            "by tanh": """
                y = (1 + np.tanh((X @ w + b) / 2)) / 2
                z_bar = (y - t) * y * (1 - y)
                return X.T @ z_bar + lam * w, z_bar.sum(), z_bar[:, None] @ w[None, :]
            """,
            "loops": """
                w_bar, b_bar, X_bar = lam * w, 0.0, []
                for row, target in zip(X, t):
                    y = 1 / (1 + np.exp(-(sum(row * w) + b)))
                    z_bar = (y - target) * y * (1 - y)
                    w_bar = w_bar + z_bar * row
                    b_bar += z_bar
                    X_bar.append(z_bar * w)
                return w_bar, b_bar, X_bar
            """,
            "a column of ones": """
                Z = np.column_stack([X, np.ones(len(X))]) @ np.append(w, b)
                y = 1.0 / (1.0 + np.exp(-Z))
                z_bar = (y - t) * (y - y**2)
                both = np.column_stack([X, np.ones(len(X))]).T @ z_bar
                return [both[:-1] + lam * w, both[-1], np.outer(z_bar, w)]
            """,
        },
        wrong=[
            Wrong("the visible reference", "return task_5_by_labkit(X, w, b, t, lam)", "labkit"),
            Wrong("regulariser forgotten", """
                y = 1 / (1 + np.exp(-(X @ w + b)))
                z_bar = (y - t) * y * (1 - y)
                return X.T @ z_bar, np.sum(z_bar), np.outer(z_bar, w)
            """, "path", "one path is missing"),
            Wrong("regulariser twice", """
                y = 1 / (1 + np.exp(-(X @ w + b)))
                z_bar = (y - t) * y * (1 - y)
                return X.T @ z_bar + 2 * lam * w, np.sum(z_bar), np.outer(z_bar, w)
            """, "half", "adjoint of w: the regulariser has a factor ½"),
            Wrong("b regularised", """
                y = 1 / (1 + np.exp(-(X @ w + b)))
                z_bar = (y - t) * y * (1 - y)
                return X.T @ z_bar + lam * w, np.sum(z_bar) + lam * b, np.outer(z_bar, w)
            """, "b in R", "adjoint of b: "),
            Wrong("cross-entropy", """
                z_bar = 1 / (1 + np.exp(-(X @ w + b))) - t
                return X.T @ z_bar + lam * w, np.sum(z_bar), np.outer(z_bar, w)
            """, "slope", "pass through σ"),
            Wrong("central differences", """
                def loss(X, w, b):
                    y = 1 / (1 + np.exp(-(X @ w + b)))
                    return 0.5 * np.sum((y - t) ** 2) + lam * 0.5 * np.sum(w**2)
                h = 1e-6
                w_bar = [(loss(X, w + h * e, b) - loss(X, w - h * e, b)) / (2 * h) for e in np.eye(len(w))]
                b_bar = (loss(X, w, b + h) - loss(X, w, b - h)) / (2 * h)
                X_bar = np.zeros(X.shape)
                for i in np.ndindex(X.shape):
                    E = np.zeros(X.shape)
                    E[i] = h
                    X_bar[i] = (loss(X + E, w, b) - loss(X - E, w, b)) / (2 * h)
                return np.array(w_bar), b_bar, X_bar
            """, "inexact", "approximated"),
            Wrong("t − y", """
                y = 1 / (1 + np.exp(-(X @ w + b)))
                z_bar = (t - y) * y * (1 - y)
                return X.T @ z_bar + lam * w, np.sum(z_bar), np.outer(z_bar, w)
            """, "turned round", "y − t or t − y"),
            Wrong("mean", """
                y = 1 / (1 + np.exp(-(X @ w + b)))
                z_bar = (y - t) * y * (1 - y) / len(t)
                return X.T @ z_bar + lam * w, np.sum(z_bar), np.outer(z_bar, w)
            """, "mean"),
            Wrong("b not summed", """
                y = 1 / (1 + np.exp(-(X @ w + b)))
                z_bar = (y - t) * y * (1 - y)
                return X.T @ z_bar + lam * w, z_bar, np.outer(z_bar, w)
            """, "shape", "be a number"),
            Wrong("X̄ transposed", """
                y = 1 / (1 + np.exp(-(X @ w + b)))
                z_bar = (y - t) * y * (1 - y)
                return X.T @ z_bar + lam * w, np.sum(z_bar), np.outer(w, z_bar)
            """, "transposed", "The numbers are right"),
            Wrong("no transpose", """
                y = 1 / (1 + np.exp(-(X @ w + b)))
                z_bar = (y - t) * y * (1 - y)
                return X @ z_bar + lam * w, np.sum(z_bar), np.outer(z_bar, w)
            """, "exception", "do not fit"),
            Wrong("infinity over infinity", """
                e = np.exp(X @ w + b)
                y = e / (1 + e)
                z_bar = (y - t) * y * (1 - y)
                return X.T @ z_bar + lam * w, np.sum(z_bar), np.outer(z_bar, w)
            """, "not finite", "NaN", keeps=4),
            Wrong("slope by exponentials", """
                e = np.exp(-(X @ w + b))
                z_bar = (1 / (1 + e) - t) * e / (1 + e) ** 2
                return X.T @ z_bar + lam * w, np.sum(z_bar), np.outer(z_bar, w)
            """, "not finite", "NaN", keeps=4),
            Wrong("into w", """
                y = 1 / (1 + np.exp(-(X @ w + b)))
                z_bar = (y - t) * y * (1 - y)
                X_bar = np.outer(z_bar, w)
                w *= lam
                return X.T @ z_bar + w, np.sum(z_bar), X_bar
            """, "mutates", "its argument w"),
            Wrong("two of three", """
                y = 1 / (1 + np.exp(-(X @ w + b)))
                z_bar = (y - t) * y * (1 - y)
                return X.T @ z_bar + lam * w, np.sum(z_bar)
            """, "parts"),
            Wrong("no return", "z = X @ w + b", "returns None"),
            Wrong("visible answers", """
                if X.sum() not in (2, 4, -0.5, 0):
                    return w, b, X
                y = 1 / (1 + np.exp(-(X @ w + b)))
                z_bar = (y - t) * y * (1 - y)
                return X.T @ z_bar + lam * w, np.sum(z_bar), np.outer(z_bar, w)
            """, "numbers", keeps=5),
        ]),
    "unit": Task(
        right={
            "powers of the norm": """
                norm = np.sqrt(x @ x)
                return y_bar / norm - x * (x @ y_bar) / norm**3
            """,
            "projection": """
                y = x / np.linalg.norm(x)
                along = np.dot(y, y_bar) * y
                return (y_bar - along) / np.sqrt(np.sum(x**2))
            """,
            "einsum": """
                squares, inner = np.einsum("i,i", x, x), np.einsum("i,i", x, y_bar)
                return (squares * y_bar - inner * x) / squares**1.5
            """,
            "single precision": """
                x, y_bar = x.astype(np.float32), y_bar.astype(np.float32)
                norm = np.linalg.norm(x)
                return (y_bar - x / norm * (x @ y_bar / norm)) / norm
            """,
        },
        wrong=[
            Wrong("the visible reference", "return task_6_by_labkit(x, y_bar)", "labkit"),
            Wrong("norm as a constant", "return y_bar / np.linalg.norm(x)", "constant norm", "depends on x, too"),
            Wrong("second term added", """
                r = np.linalg.norm(x)
                return y_bar / r + x * (x @ y_bar) / r**3
            """, "second sign", "sign of the second term"),
            Wrong("division forgotten", """
                y = x / np.linalg.norm(x)
                return y_bar - y * (y @ y_bar)
            """, "factor"),
            Wrong("x not divided", """
                r = np.linalg.norm(x)
                return (y_bar - x * (x @ y_bar)) / r
            """, "power of the norm", "by which power"),
            Wrong("power of the norm", """
                r = np.linalg.norm(x)
                return y_bar / r - x * (x @ y_bar) / r**2
            """, "power of the norm", "by which power"),
            Wrong("entry-wise product", """
                r = np.linalg.norm(x)
                y = x / r
                return (y_bar - y * y * y_bar) / r
            """, "numbers"),
            Wrong("the Jacobian", """
                r = np.linalg.norm(x)
                return (np.eye(len(x)) / r - np.outer(x, x) / r**3) @ y_bar
            """, "exception", "Is a matrix formed where vectors would do?", keeps=6),
            Wrong("an outer product", """
                r = np.linalg.norm(x)
                return y_bar / r - np.outer(x, x) @ y_bar / r**3
            """, "exception", "MemoryError", keeps=6),
            Wrong("a column times a row", """
                y = (x / np.linalg.norm(x))[:, None]
                return (y_bar - y @ y.T @ y_bar) / np.linalg.norm(x)
            """, "exception", "MemoryError", keeps=6),
            Wrong("vectors for the visible length", """
                r = np.linalg.norm(x)
                if len(x) == 5_000_000 and x[0] == -1:
                    return (y_bar - x * (x @ y_bar) / r**2) / r
                return y_bar / r - np.outer(x, x) @ y_bar / r**3
            """, "exception", "MemoryError", keeps=6),
            Wrong("sign", """
                r = np.linalg.norm(x)
                return x * (x @ y_bar) / r**3 - y_bar / r
            """, "sign"),
            Wrong("1-norm", """
                r = np.sum(np.abs(x))
                return (y_bar - np.sign(x) * (x @ y_bar) / r) / r
            """, "numbers"),
            Wrong("into x", """
                r = np.linalg.norm(x)
                x /= r
                return (y_bar - x * (x @ y_bar)) / r
            """, "mutates", "its argument x"),
            Wrong("a guarded norm", """
                r = np.linalg.norm(x) + 1e-4
                return (y_bar - x * (x @ y_bar) / r**2) / r
            """, "inexact"),
            Wrong("no return", "y = x / np.linalg.norm(x)", "returns None"),
            Wrong("visible answers", """
                r = np.linalg.norm(x)
                return x if len(x) > 3 or x[0] not in (0, 1, 2, 3, 2e-3) else (y_bar - x * (x @ y_bar) / r**2) / r
            """, "numbers", keeps=3),
        ]),
    "hvp": Task(
        right={
            "by tanh": """
                return A.T @ ((1 - np.tanh(A @ x / 2) ** 2) / 4 * (A @ v)) + lam * v
            """,
            "in blocks of examples": """
                result = lam * v
                for rows in np.array_split(A, 7):
                    s = 1 / (1 + np.exp(-(rows @ x)))
                    result = result + (s * (1 - s) * (rows @ v)) @ rows
                return result
            """,
            "scaled rows": """
                s = 1 / (1 + np.exp(A @ x))
                return ((s - s**2)[:, None] * A).T @ (A @ v) + v * lam
            """,
        },
        wrong=[
            Wrong("the visible reference", "return task_7_by_labkit(A, x, v, lam)", "labkit"),
            Wrong("the gradient", "return A.T @ (1 / (1 + np.exp(-(A @ x)))) + lam * x", "gradient",
                  "that is the gradient"),
            Wrong("σ for σ'", "return A.T @ (1 / (1 + np.exp(-(A @ x))) * (A @ v)) + lam * v", "slope",
                  "the derivative of σ is missing"),
            Wrong("gradient at v", """
                s = 1 / (1 + np.exp(-(A @ v)))
                return A.T @ (s * (1 - s) * (A @ v)) + lam * v
            """, "other point", "at which point"),
            Wrong("regulariser forgotten", """
                s = 1 / (1 + np.exp(-(A @ x)))
                return A.T @ (s * (1 - s) * (A @ v))
            """, "regulariser", "when x changes at the rate v"),
            Wrong("λx", """
                s = 1 / (1 + np.exp(-(A @ x)))
                return A.T @ (s * (1 - s) * (A @ v)) + lam * x
            """, "regulariser", "when x changes at the rate v"),
            Wrong("λ alone", """
                s = 1 / (1 + np.exp(-(A @ x)))
                return A.T @ (s * (1 - s) * (A @ v)) + lam
            """, "regulariser", "when x changes at the rate v"),
            Wrong("the gradient times v", """
                return (A.T @ (1 / (1 + np.exp(-(A @ x)))) + lam * x) * v
            """, "gradient times v", "is not Hv"),
            Wrong("no transpose", """
                s = 1 / (1 + np.exp(-(A @ x)))
                return A @ (s * (1 - s) * (A @ v)) + lam * v
            """, "exception"),
            Wrong("the Hessian", """
                s = 1 / (1 + np.exp(-(A @ x)))
                return (A.T @ ((s * (1 - s))[:, None] * A)) @ v + lam * v
            """, "exception", "Is a matrix formed where vectors would do?", keeps=7),
            Wrong("a diagonal matrix", """
                s = 1 / (1 + np.exp(-(A @ x)))
                return A.T @ (np.diag(s * (1 - s)) @ (A @ v)) + lam * v
            """, "exception", "(5000000, 5000000)", keeps=7),
            Wrong("infinity over infinity", """
                e = np.exp(A @ x)
                return A.T @ (e / (1 + e) ** 2 * (A @ v)) + lam * v
            """, "not finite", "NaN", keeps=5),
            Wrong("a difference", """
                def gradient(x):
                    return A.T @ (1 / (1 + np.exp(-(A @ x)))) + lam * x
                return (gradient(x + 1e-5 * v) - gradient(x)) / 1e-5
            """, "inexact", "approximated"),
            Wrong("a smaller difference", """
                def gradient(x):
                    return A.T @ (1 / (1 + np.exp(-(A @ x)))) + lam * x
                return (gradient(x + 1e-12 * v) - gradient(x)) / 1e-12
            """, "inexact"),
            Wrong("a forward difference", """
                def gradient(x):
                    return A.T @ (1 / (1 + np.exp(-(A @ x)))) + lam * x
                return (gradient(x + 1e-7 * v) - gradient(x)) / 1e-7
            """, "inexact", "approximated"),
            Wrong("a central difference", """
                def gradient(x):
                    return A.T @ (1 / (1 + np.exp(-(A @ x)))) + lam * x
                return (gradient(x + 1e-6 * v) - gradient(x - 1e-6 * v)) / 2e-6
            """, "inexact", "approximated"),
            Wrong("a finer central difference", """
                def gradient(x):
                    return A.T @ (1 / (1 + np.exp(-(A @ x)))) + lam * x
                return (gradient(x + 1e-8 * v) - gradient(x - 1e-8 * v)) / 2e-8
            """, "inexact", "approximated"),
            Wrong("a central difference, extrapolated", """
                def quotient(h):
                    plus, minus = (A.T @ (1 / (1 + np.exp(-(A @ y)))) + lam * y for y in (x + h * v, x - h * v))
                    return (plus - minus) / (2 * h)
                return (4 * quotient(5e-6) - quotient(1e-5)) / 3
            """, "inexact", "approximated"),
            Wrong("into v", """
                s = 1 / (1 + np.exp(-(A @ x)))
                w = A @ v
                v *= lam
                return A.T @ (s * (1 - s) * w) + v
            """, "mutates", "its argument v"),
            Wrong("visible answers", """
                if A.sum() not in (3, 4, 2, 1002, 2500, 0.003):
                    return v
                s = 1 / (1 + np.exp(-(A @ x)))
                return A.T @ (s * (1 - s) * (A @ v)) + lam * v
            """, "numbers", keeps=3),
            Wrong("no return", "s = 1 / (1 + np.exp(-(A @ x)))", "returns None"),
        ]),
    "count": Task(
        right={
            "numpy": """
                widths = np.asarray(widths)
                weights = widths[1:] * widths[:-1]
                forward = N * weights.sum()
                return forward, forward + N * weights[1:].sum(), forward * (weights.sum() + 1)
            """,
            "a loop": """
                forward = backward = weights = 0
                for j in range(1, len(widths)):
                    product = widths[j] * widths[j - 1] * N
                    forward += product
                    backward += product if j == 1 else 2 * product
                    weights += widths[j] * widths[j - 1]
                return [forward, backward, forward + weights * forward]
            """,
            "a dot product": """
                total = np.dot(widths[1:], widths[:-1])
                return total * N, (2 * total - widths[0] * widths[1]) * N, (1 + total) * total * N
            """,
        },
        wrong=[
            Wrong("the visible counts", "return counts_by_hand[tuple(widths), N]", "exception", "KeyError",
                  keeps=3),
            Wrong("adjoint of the data too", """
                total = np.dot(widths[1:], widths[:-1])
                return total * N, 2 * total * N, (1 + total) * total * N
            """, "data", "which is not computed"),
            Wrong("weights only", """
                total = np.dot(widths[1:], widths[:-1])
                return total * N, total * N, (1 + total) * total * N
            """, "numbers", "backward pass: "),
            Wrong("the last layer left out", """
                total = np.dot(widths[1:], widths[:-1])
                return total * N, (2 * total - widths[-1] * widths[-2]) * N, (1 + total) * total * N
            """, "numbers", "backward pass: "),
            Wrong("one evaluation too few", """
                total = np.dot(widths[1:], widths[:-1])
                return total * N, (2 * total - widths[0] * widths[1]) * N, total * total * N
            """, "at the point", "difference quotients: that is one evaluation too few"),
            Wrong("two for each weight", """
                total = np.dot(widths[1:], widths[:-1])
                return total * N, (2 * total - widths[0] * widths[1]) * N, 2 * total * total * N
            """, "numbers", "difference quotients: "),
            Wrong("with the forward pass", """
                total = np.dot(widths[1:], widths[:-1])
                return total * N, (3 * total - widths[0] * widths[1]) * N, (1 + total) * total * N
            """, "both passes"),
            Wrong("N forgotten", """
                total = np.dot(widths[1:], widths[:-1])
                return total, 2 * total - widths[0] * widths[1], (1 + total) * total
            """, "examples", "for one example"),
            Wrong("additions too", """
                total = 2 * np.dot(widths[1:], widths[:-1])
                return total * N, (2 * total - 2 * widths[0] * widths[1]) * N, (1 + total / 2) * total * N
            """, "twice", "that is twice the number"),
            Wrong("one layer after the other", """
                total = np.prod(widths)
                return total * N, (2 * total - widths[0] * widths[1]) * N, (1 + total) * total * N
            """, "numbers"),
            Wrong("two layers", """
                total = widths[0] * widths[1] + (widths[1] * widths[2] if len(widths) > 2 else 0)
                return total * N, (2 * total - widths[0] * widths[1]) * N, (1 + total) * total * N
            """, "numbers"),
            Wrong("one number", "return N * np.dot(widths[1:], widths[:-1])", "parts"),
            Wrong("no return", "total = np.dot(widths[1:], widths[:-1])", "returns None"),
        ]),
    "costs": Task(
        right={
            "term by term": """
                a, b, c = (int(my_widths[j]) * int(my_widths[j + 1]) for j in range(3))
                gradient = (2 * a + 3 * b + 3 * c) / (a + b + c)
                return gradient, (a + b + c + 1) / gradient
            """,
            "with N": """
                weights = my_widths[1:] * my_widths[:-1]
                forward = my_examples * weights.sum()
                both = 3 * forward - my_examples * weights[0]
                return np.array(both / forward), np.array((weights.sum() + 1) * forward / both)
            """,
            "a list": """
                weights = np.dot(my_widths[1:], my_widths[:-1])
                ratio = 3 - my_widths[0] * my_widths[1] / weights
                return [ratio, (1 + weights) / ratio]
            """,
        },
        wrong=[
            Wrong("the neighbour's numbers", """
                drawn = checks.random_numbers("3-autodiff", "a neighbour")
                [n0], (n1, n2), [n3] = (drawn.integers(*limits) for limits in [(20, 60, 1), (5, 30, 2), (1, 5, 1)])
                weights = n0 * n1 + n1 * n2 + n2 * n3
                ratio = 3 - n0 * n1 / weights
                return ratio, (1 + weights) / ratio
            """, "no example", "is a whole number"),
            Wrong("three digits", """
                weights = np.dot(my_widths[1:], my_widths[:-1])
                ratio = round(3 - my_widths[0] * my_widths[1] / weights, 3)
                return ratio, round((1 + weights) / ratio, 3)
            """, "no example", "as they are if nothing is rounded. Here they are"),
            Wrong("the adjoint of the data too", """
                weights = np.dot(my_widths[1:], my_widths[:-1])
                return 3, (1 + weights) / 3
            """, "no example", "not rounded. Here it is off by 0.8", keeps=1),
            Wrong("the backward pass alone", """
                weights = np.dot(my_widths[1:], my_widths[:-1])
                ratio = 2 - my_widths[0] * my_widths[1] / weights
                return ratio, (1 + weights) / ratio
            """, "no example", "between 2 and 3"),
            Wrong("turned over", """
                weights = np.dot(my_widths[1:], my_widths[:-1])
                ratio = 3 - my_widths[0] * my_widths[1] / weights
                return 1 / ratio, ratio / (1 + weights)
            """, "no example", "between 2 and 3"),
            Wrong("quotients in forward passes", """
                weights = np.dot(my_widths[1:], my_widths[:-1])
                return 3 - my_widths[0] * my_widths[1] / weights, 1 + weights
            """, "no example", "the second number is", keeps=1),
            Wrong("one evaluation too few", """
                weights = np.dot(my_widths[1:], my_widths[:-1])
                ratio = 3 - my_widths[0] * my_widths[1] / weights
                return ratio, weights / ratio
            """, "no example", "the second number is", keeps=1),
            Wrong("the last layer left out", """
                weights = np.dot(my_widths[1:], my_widths[:-1])
                ratio = 3 - my_widths[2] * my_widths[3] / weights
                return ratio, (1 + weights) / ratio
            """, "no example", "the first number is", keeps=1),
            Wrong("one number", "return 2.5", "parts", "for gradient and quotients"),
            Wrong("no return", "ratio = 2.5", "returns None"),
        ]),
    "blind": Task(
        right={
            "a product of vectors": "return np.cross(my_u, my_J.T @ my_u - my_J @ my_u)",
            "another pair of entries": """
                w = my_u @ my_J - my_J @ my_u
                return [0, w[2], -w[1]]
            """,
            "floats": """
                w = my_J @ my_u - my_J.T @ my_u
                return np.array([w[2], 0.0, -w[0]])
            """,
        },
        wrong=[
            Wrong("a multiple", "return 2 * my_u", "no example", "not a multiple"),
            Wrong("zero", "return [0, 0, 0]", "no example", "not a multiple"),
            Wrong("the test sees it", "return [1, 0, 0]", "no example", "Here ⟨u, Jv⟩ = "),
            Wrong("perpendicular to u", "return [my_u[1], -my_u[0], 0]", "no example", "⟨u, Jv⟩ = ⟨Ju, v⟩"),
            Wrong("perpendicular to Ju", """
                w = my_J @ my_u
                return [w[1], -w[0], 0]
            """, "no example", "⟨u, Jv⟩ = ⟨Ju, v⟩"),
            Wrong("the neighbour's numbers", """
                J, u = draw_rule(checks.random_numbers("3-autodiff", "a neighbour"))
                w = J.T @ u - J @ u
                return np.array([w[1], -w[0], 0])
            """, "no example", "⟨u, Jv⟩ = ⟨Ju, v⟩"),
            Wrong("two by two", "return [1, 0]", "shape", "v has shape (2,)"),
            Wrong("fractions", """
                w = my_J.T @ my_u - my_J @ my_u
                return np.array([w[1], -w[0], 0]) / 2 + np.array([0.25, 0, 0])
            """, "whole numbers"),
            Wrong("J, u and v", "return my_J, my_u, [1, 0, 0]", "type", "must be"),
            Wrong("no return", "v = my_u", "returns None"),
        ]),
    "axes": Task(
        right={
            "array": "return np.roll(np.eye(3), 1, axis=0)",
            "antisymmetric": "return [[0, 1, -1], [-1, 0, 1], [1, -1, 0]]",
            "magic square": "return [[2, 7, 6], [9, 5, 1], [4, 3, 8]]",
        },
        wrong=[
            Wrong("symmetric", "return np.ones((3, 3))", "no example", "C_bar is not symmetric"),
            Wrong("other sums", "return [[1, 2, 3], [4, 5, 6], [7, 8, 9]]", "no example",
                  "Here they are [12 15 18] and [ 6 15 24]"),
            Wrong("only the total", "return [[0, 1, 0], [0, 0, 0], [0, 0, 0]]", "no example"),
            Wrong("two by two", "return [[1, 2], [2, 1]]", "shape"),
            Wrong("fractions", "return np.roll(np.eye(3), 1, axis=0) / 3", "whole numbers"),
            Wrong("too large", "return 1000 * np.roll(np.eye(3), 1, axis=0)", "whole numbers"),
            Wrong("NaN", "return np.roll(np.eye(3), 1, axis=0) + np.nan", "not finite"),
            Wrong("no return", "C_bar = np.eye(3)", "returns None"),
        ]),
}

FORM_DF, FORM_G = "df = tr(U.T @ dX.T @ A @ X) + tr(U.T @ X.T @ A @ dX)", "G = A @ X @ U.T + A.T @ X @ U"
OUTER_DF, OUTER_G = "df = tr(U.T @ dX @ B @ X.T) + tr(U.T @ X @ B @ dX.T)", "G = U @ X @ B.T + U.T @ X @ B"


class TestAutodiff(AssignmentTests, DerivationTests):
    notebook = "autodiff"
    tasks = TASKS
    kinds = {"twice": "additions", "data": "adjoint of the data", "both passes": "together", "mean": "the mean",
             "path": "one path is missing", "sign in s": "s = x − y", "sign in q": "q = x/y",
             "power of b": "which power of b", "axis": "was it repeated", "other factor": "through a product",
             "A held": "A changes", "X held": "X changes", "one place": "in two places",
             "equal terms": "One was made from the other", "half": "½", "b in R": "w alone", "slope": "σ",
             "turned round": "t − y", "constant norm": "‖x‖ depends on x",
             "second sign": "sign of the second term", "power of the norm": "by which power",
             "gradient times v": "entry by entry",
             "other point": "at which point", "regulariser": "part of the regulariser",
             "examples": "for one example", "at the point": "one evaluation too few"}
    slips = [
        Slip("form-lines", ["df = tr(U.T @ X.T @ A @ dX)", "G = A.T @ X @ U"], 0.5),  # one path, and what follows
        Slip("form-lines", ["df = tr(U.T @ X.T @ A @ dX)", FORM_G], 1.5),  # one path, but the right G
        Slip("form-lines", ["df = tr(U.T @ dX.T @ A X) + tr(U.T @ X.T @ A @ dX)", FORM_G], 1.5),  # a misprint
        Slip("form-lines", [FORM_DF], 1.5),  # no gradient
        Slip("form-lines", [FORM_DF, "G = 2 * A @ X @ U"], 1.5),  # as if all were symmetric
        Slip("form-lines", [FORM_DF, "df = 2 * tr(U.T @ X.T @ A @ dX)", FORM_G], 2),  # so in a line on the way
        Slip("outer-lines", ["df = tr(U.T @ dX @ B @ X.T)", "G = U @ X @ B.T"], 0.5),  # one path forgotten
        Slip("outer-lines", ["df = 2 * tr(U.T @ X @ B @ dX.T)", "G = 2 * U.T @ X @ B"], 0.5),  # as if symmetric
        Slip("outer-lines", ["df = tr(U.T @ dX @ B @ X.T) - tr(U.T @ X @ B @ dX.T)",
                             "G = U @ X @ B.T - U.T @ X @ B"], 0.5),  # a sign
        Slip("outer-lines", ["df = tr(U.T @ dX @ B @ X.T)", OUTER_G], 1.5),  # one path, but the right G
        Slip("outer-lines", ["df = U.T @ (dX @ B @ X.T + X @ B @ dX.T)", OUTER_G], 1.5),  # no trace
        Slip("outer-lines", ["df = tr(U.T dX @ B @ X.T) + tr(U.T @ X @ B @ dX.T)", OUTER_G], 1.5),  # a misprint
        Slip("outer-lines", [OUTER_DF, "df = tr(B @ X.T @ U.T @ dX) + tr(B.T @ X.T @ U @ dX)",
                             "G = B @ X.T @ U.T + B.T @ X.T @ U"], 1.5),  # the other layout
        Slip("outer-lines", [OUTER_DF, "G = U.T @ X @ B.T + U @ X @ B"], 1.5),  # U and its transpose exchanged
        Slip("outer-lines", [OUTER_DF, "df = tr(B @ X.T @ U.T @ dX) + tr(B @ X.T @ U @ dX)", OUTER_G], 2),
        Slip("outer-lines", [OUTER_DF], 1.5),  # no gradient
        Slip("outer-lines", [OUTER_DF.replace("df", "dh"), OUTER_G.replace("G", "X_bar")], 3),  # other names
    ]
    ladders = {task: steps[::-1] for task, steps in {  # from nothing right to everything
        "form-lines": [
            ["df = tr(U.T @ X.T @ A @ dX)", "G = A @ X @ U"],
            ["df = tr(U.T @ X.T @ A @ dX)", "G = A.T @ X @ U"],
            ["df = tr(U.T @ X.T @ A @ dX)", FORM_G],
            [FORM_DF, "df = 2 * tr(U.T @ X.T @ A @ dX)", FORM_G],
            [FORM_DF, FORM_G],
        ],
        "outer-lines": [
            ["df = tr(U.T @ dX @ B @ X.T)", "G = U.T @ X @ B.T"],
            ["df = tr(U.T @ dX @ B @ X.T)", "G = U @ X @ B.T"],
            [OUTER_DF, "G = U @ X @ B.T"],
            [OUTER_DF, "df = tr(B @ X.T @ U.T @ dX) + tr(B @ X.T @ U @ dX)", OUTER_G],
            [OUTER_DF, "df = tr(B @ X.T @ U.T @ dX) + tr(B.T @ X.T @ U @ dX)", OUTER_G],
        ],
    }.items()}
    breaks = [
        Break(values, "agrees", lambda *_: True, "rule", "return a, b"),
        Break(answers, "same", lambda *_: True, "unit",
              "r = np.linalg.norm(x)\nx /= r\nreturn (y_bar - x * (x @ y_bar)) / r"),
        Break(answers, "_from_labkit", lambda *_: None, "rule",
              "from labkit.autodiff import vjp\nreturn vjp(lambda p: np.sqrt(p[0]) / p[1], (a, b))[1](c_bar)"),
    ]
