"""Assignment "Gradients": other right answers keep their marks, and the mistakes that students make lose them."""


from labkit.checks import answers, gradients
from tests.course.graders.common import AssignmentTests, Break, DerivationTests, Slip, Task, Wrong, ladder

TASKS = {
    "linear": Task(
        right={
            "loop": """
                g = np.zeros(len(c))
                for i in range(len(c)):
                    g[i] = c[i]
                return g
            """,
            "a list": "return [float(entry) for entry in c]",
            "Iᵀc": "return np.eye(len(x)).T @ c",
            "einsum": "return np.einsum('ij,i->j', np.eye(x.size), c)",
        },
        wrong=[
            Wrong("x for c", "return x", "numbers", "numbers are wrong"),
            Wrong("the value of f", "return c @ x", "shape", "yours has ()"),
            Wrong("a column", "return c[:, None]", "shape", "neither a row nor a column"),
            Wrong("a row", "return c.reshape(1, -1)", "shape", "neither a row nor a column"),
            Wrong("sign", "return -c", "sign"),
            Wrong("factor", "return 2 * c", "factor", "Every entry is twice what it should be"),
            Wrong("no return", "g = c", "returns None", "Is there a `return`?"),
            Wrong("nothing moves", "return np.zeros_like(c)", "zero", "f does change with x"),
            Wrong("visible answers", """
                return {1: [3e100], 2: [3, -1] if x[0] == 1 else [-2, 4], 3: [1, 4, -2]}.get(len(x), [7, -3, 2, 1])
            """, "constant", keeps=2),
            Wrong("visible answers in a table", """
                return {(2e200,): [3e100], (1, 2): [3, -1], (3, 5): [-2, 4], (2, 0, 1): [1, 4, -2]}[tuple(x)]
            """, "exception", "KeyError", keeps=2),
            Wrong("into x", "x[:] = c\nreturn x", "mutates", "its argument x"),
            Wrong("past the end", "return np.array([c[i + 1] for i in range(len(x))])", "exception", "IndexError"),
            Wrong("one argument", "def linear_gradient(c):\n    return c", "arguments", "(x, c)"),
            Wrong("text", "return 'c'", "type", "must hold numbers"),
            Wrong("complex", "return c + 1j", "type", "complex"),
            Wrong("ragged", "return [c, c[:1]]", "type", "rows differ in length"),
            Wrong("not a function", "linear_gradient = np.array([3, -1])", "not callable", "ndarray"),
            Wrong("labkit's derivative", """
                from labkit.gradcheck import complex_step
                return complex_step(lambda x: c @ x, x)
            """, "labkit"),
            Wrong("sum of both", "return c + x", "numbers"),
            Wrong("rounded", "return np.round(c, 3)", "inexact", "Is something approximated", keeps=2),
        ]),
    "quadratic": Task(
        right={
            "factored": "return (A + A.T) @ x",
            "from the left": "return x @ A + A @ x",
            "loops": """
                n = len(x)
                g = np.zeros(n)
                for k in range(n):
                    for i in range(n):
                        g[k] += A[i, k] * x[i] + A[k, i] * x[i]
                return g
            """,
            "einsum": "return np.einsum('ij,j->i', A, x) + np.einsum('ij,i->j', A, x)",
            "a list": "return list(2 * ((A + A.T) / 2) @ x)",
        },
        wrong=[
            Wrong("2Ax", "return 2 * A @ x", "symmetric only", "right if A were symmetric, but it is not"),
            Wrong("2Aᵀx", "return 2 * A.T @ x", "symmetric only"),
            Wrong("Ax", "return A @ x", "symmetric only", "up to the factor ½"),
            Wrong("Aᵀx", "return A.T @ x", "symmetric only", "up to the factor ½"),
            Wrong("sign", "return -(A @ x + A.T @ x)", "sign"),
            Wrong("factor ½", "return (A + A.T) @ x / 2", "factor", "half of"),
            Wrong("difference", "return A @ x - A.T @ x", "numbers"),
            Wrong("2x", "return 2 * x", "numbers"),
            Wrong("the value twice", "return 2 * (x @ A @ x)", "shape"),
            Wrong("gradient by A", "return np.outer(x, x)", "shape", "x has shape (2,)"),
            Wrong("a column", "return ((A + A.T) @ x)[:, np.newaxis]", "shape", "neither a row nor a column"),
            Wrong("+=", "A += A.T\nreturn A @ x", "mutates", "its argument A"),
            Wrong("no return", "g = A @ x + A.T @ x", "returns None"),
            Wrong("visible answer", "return np.array([6, 14])", "constant"),
            Wrong("entry-wise product", "return (A + A.T) * x", "shape"),
            Wrong("misspelt", "return (A + AT) @ x", "exception", "NameError"),
            Wrong("single precision", "return ((A + A.T) @ x).astype(np.float32)", "not finite"),
            Wrong("differences with one step for all sizes", """
                g, h = np.zeros(len(x)), 1e-5
                for i in range(len(x)):
                    e = np.zeros(len(x))
                    e[i] = h
                    g[i] = ((x + e) @ A @ (x + e) - (x - e) @ A @ (x - e)) / (2 * h)
                return g
            """, "zero"),
            Wrong("only the upper triangle", "U = np.triu(A)\nreturn U @ x + U.T @ x", "numbers"),
        ]),
    "ascent": Task(
        right={
            "by hand": """
                (a, b), (c, d) = my_matrix
                x, y = my_point
                g = 2 * a * x + (b + c) * y, (b + c) * x + 2 * d * y
                length = (g[0] ** 2 + g[1] ** 2) ** 0.5
                return [g[0] / length, g[1] / length], length, [[2 * a, b + c], [b + c, 2 * d]]
            """,
            "by the angle": """
                g = my_matrix @ my_point + my_point @ my_matrix
                angle = np.arctan2(g[1], g[0])
                d = np.array([np.cos(angle), np.sin(angle)])
                return d, d @ g, my_matrix.T + my_matrix
            """,
            "columns of the Hessian": """
                def gradient(x):
                    return (my_matrix + my_matrix.T) @ x
                H = np.column_stack([gradient(my_point + e) - gradient(my_point) for e in np.eye(2)])
                g = gradient(my_point)
                return (g / np.linalg.norm(g), np.linalg.norm(g), H)
            """,
        },
        wrong=[
            Wrong("2Ax", """
                g = 2 * my_matrix @ my_point
                return g / np.linalg.norm(g), np.linalg.norm(g), my_matrix + my_matrix.T
            """, "no example", "at your rate in the direction d", keeps=1),
            Wrong("d not of length 1", """
                H = my_matrix + my_matrix.T
                g = H @ my_point
                return g, np.linalg.norm(g), H
            """, "no example", "eight digits). Here its length is ", keeps=1),
            Wrong("away from the origin", """
                H = my_matrix + my_matrix.T
                d = my_point / np.linalg.norm(my_point)
                d = d * np.sign(d @ H @ my_point)
                return d, d @ H @ my_point, H
            """, "no example", "in no direction of length 1", keeps=2),
            Wrong("along the larger entry", """
                H = my_matrix + my_matrix.T
                g = H @ my_point
                k = np.argmax(abs(g))
                return np.sign(g) * np.eye(2)[k], abs(g[k]), H
            """, "no example", "in no direction of length 1", keeps=2),
            Wrong("descent", """
                H = my_matrix + my_matrix.T
                g = H @ my_point
                return -g / np.linalg.norm(g), np.linalg.norm(g), H
            """, "no example", "f rises in the direction d. Here it falls.", keeps=1),
            Wrong("the squared length as rate", """
                H = my_matrix + my_matrix.T
                g = H @ my_point
                return g / np.linalg.norm(g), g @ g, H
            """, "no example", "at your rate in the direction d. Here it changes at", keeps=1),
            Wrong("2A", """
                g = (my_matrix + my_matrix.T) @ my_point
                return g / np.linalg.norm(g), np.linalg.norm(g), 2 * my_matrix
            """, "no example", "H is symmetric", keeps=1),
            Wrong("half the Hessian", """
                H = my_matrix + my_matrix.T
                g = H @ my_point
                return g / np.linalg.norm(g), np.linalg.norm(g), H / 2
            """, "no example", "second partial derivatives", keeps=2),
            Wrong("three digits", """
                H = my_matrix + my_matrix.T
                g = H @ my_point
                return np.round(g / np.linalg.norm(g), 3), round(np.linalg.norm(g), 3), H
            """, "no example", "to eight digits", keeps=1),
            Wrong("the neighbour's numbers", """
                A, x = draw_matrix_and_point(checks.random_numbers("2-gradients", "a neighbour"))
                g = (A + A.T) @ x
                return g / np.linalg.norm(g), np.linalg.norm(g), A + A.T
            """, "no example", "direction d"),
            Wrong("into the matrix", """
                my_matrix[:] = my_matrix + my_matrix.T
                return my_matrix @ my_point, 1, my_matrix
            """, "exception", "read-only"),
            Wrong("other order", "return my_matrix + my_matrix.T, 1, my_point", "shape", "d has shape (2, 2)"),
            Wrong("no Hessian", "return my_point, 1", "parts", "for d, rate and H"),
            Wrong("no return", "d = my_point", "returns None"),
        ]),
    "counterexample-a": Task(
        right={
            "skew": "return [[0, 1], [-1, 0]], [1, 0]",
            "upper triangle": "return np.array([[1, 2], [0, 1]]), np.array([1, 1])",
            "floats": "return np.array([[9.0, -9.0], [3.0, 0.0]]), np.array([-9.0, 9.0])",
        },
        wrong=[
            Wrong("symmetric", "return np.array([[1, 2], [2, 1]]), np.array([1, 3])", "no example",
                  "2Ax is not the gradient"),
            Wrong("x = 0", "return np.array([[1, 2], [0, 1]]), np.array([0, 0])", "no example",
                  "2Ax is not the gradient"),
            Wrong("three rows", "return np.triu(np.ones((3, 3))), np.ones(3)", "shape", "A has shape (3, 3)"),
            Wrong("x as a column", "return np.array([[1, 2], [0, 1]]), np.array([[1], [1]])", "shape",
                  "x has shape (2, 1)"),
            Wrong("other order", "return np.array([1, 1]), np.array([[1, 2], [0, 1]])", "shape"),
            Wrong("only A", "return np.array([[1, 2], [0, 1]])", "parts", "for A and x in this order"),
            Wrong("fractions", "return np.array([[1, 0.5], [0, 1]]), np.array([1, 1])", "whole numbers"),
            Wrong("large numbers", "return np.array([[1, 100], [0, 1]]), np.array([1, 1])", "whole numbers"),
            Wrong("NaN", "return np.full((2, 2), np.nan), np.ones(2)", "not finite", "NaN or infinite"),
            Wrong("no return", "A, x = np.eye(2), np.ones(2)", "returns None", "Is there a `return`?"),
            Wrong("text", "return 'any A', 'any x'", "type", "A must hold numbers"),
            Wrong("an argument", "def wrong_here(A):\n    return A, [1, 1]", "arguments", "takes no arguments"),
        ]),
    "counterexample-b": Task(
        right={
            "a product of two rows": """
                S = my_big_matrix - my_big_matrix.T
                return np.cross(S[0], S[1])
            """,
            "the other way round": """
                A = my_big_matrix
                return [float(A[2, 1] - A[1, 2]), float(A[0, 2] - A[2, 0]), float(A[1, 0] - A[0, 1])]
            """,
            "by trying": """
                import itertools
                for x in map(np.array, itertools.product(range(-9, 10), repeat=3)):
                    if x.any() and not ((my_big_matrix - my_big_matrix.T) @ x).any():
                        return x
            """,
        },
        wrong=[
            Wrong("x = 0", "return np.zeros(3)", "no example", "x is not zero"),
            Wrong("any x", "return np.array([1, 2, 3])", "no example", "2Ax is the gradient"),
            Wrong("ones", "return np.ones(3)", "no example", "2Ax is the gradient"),
            Wrong("signs lost", """
                S = my_big_matrix - my_big_matrix.T
                return np.array([S[1, 2], S[0, 2], S[0, 1]])
            """, "no example", "2Ax is the gradient"),
            Wrong("of the sum", """
                S = my_big_matrix + my_big_matrix.T
                return np.clip(np.round(9 * np.linalg.svd(S)[2][2]), -9, 9)
            """, "no example", "2Ax is the gradient"),
            Wrong("the neighbour's numbers", """
                A = draw_big_matrix(checks.random_numbers("2-gradients", "a neighbour"))
                return np.array([A[1, 2] - A[2, 1], A[2, 0] - A[0, 2], A[0, 1] - A[1, 0]])
            """, "no example", "2Ax is the gradient"),
            Wrong("an orthonormal nullspace", """
                return np.linalg.svd(my_big_matrix - my_big_matrix.T)[2][2]
            """, "whole numbers"),
            Wrong("large numbers", """
                S = my_big_matrix - my_big_matrix.T
                return 100 * np.array([S[1, 2], -S[0, 2], S[0, 1]])
            """, "whole numbers"),
            Wrong("A and x", "return np.eye(3), np.ones(3)", "type", "x must be"),
            Wrong("a column", """
                S = my_big_matrix - my_big_matrix.T
                return np.array([[S[1, 2]], [-S[0, 2]], [S[0, 1]]])
            """, "shape", "x has shape (3, 1)"),
            Wrong("no return", "x = np.ones(3)", "returns None"),
        ]),
    "squares": Task(
        right={
            "expanded": "return 2 * X.T @ X @ w - 2 * X.T @ y",
            "from the left": "r = X @ w - y\nreturn 2 * r @ X",
            "loops": """
                g = np.zeros(X.shape[1])
                for i in range(X.shape[0]):
                    r = sum(X[i, j] * w[j] for j in range(X.shape[1])) - y[i]
                    for j in range(X.shape[1]):
                        g[j] += 2 * r * X[i, j]
                return g
            """,
            "einsum": "return 2 * np.einsum('ij,i->j', X, np.einsum('ij,j->i', X, w) - y)",
            "a list": "return [2 * column @ (X @ w - y) for column in X.T]",
        },
        wrong=[
            Wrong("no factor", "return X.T @ (X @ w - y)", "factor", "half of"),
            Wrong("sign", "return 2 * X.T @ (y - X @ w)", "sign"),
            Wrong("no transpose", "return 2 * X @ (X @ w - y)", "symmetric only"),
            Wrong("mean", "return 2 * X.T @ (X @ w - y) / len(y)", "factor"),
            Wrong("norm without square", "r = X @ w - y\nreturn X.T @ r / np.sqrt(r @ r)", "factor"),
            Wrong("y forgotten", "return 2 * X.T @ X @ w", "numbers"),
            Wrong("XᵀX forgotten", "return 2 * (w - X.T @ y)", "numbers"),
            Wrong("X inverted", "return 2 * X.T @ X @ (w - np.linalg.inv(X) @ y)", "square only", "LinAlgError"),
            Wrong("the residual", "return 2 * (X @ w - y)", "shape"),
            Wrong("the value", "return np.sum((X @ w - y) ** 2)", "shape"),
            Wrong("a row", "return 2 * (X @ w - y)[None, :] @ X", "shape", "neither a row nor a column"),
            Wrong("into y", "y -= X @ w\nreturn -2 * X.T @ y", "mutates", "its argument y"),
            Wrong("no return", "2 * X.T @ (X @ w - y)", "returns None"),
            Wrong("tall or square only", """
                g = np.zeros(2)
                for j in range(2):
                    g[j] = 2 * X[:, j] @ (X @ w - y)
                return g
            """, "shape"),
            Wrong("single precision", "return (2 * X.T @ (X @ w - y)).astype('float32')", "not finite", keeps=3),
            Wrong("rounded", "return np.round(2 * X.T @ (X @ w - y), 10)", "zero", keeps=3),
            Wrong("visible answers", "return np.array([32.0, 16.0])", "constant"),
        ]),
    "trace": Task(
        right={
            "transpose of BA": "return (B @ A).T",
            "einsum": "return np.einsum('pm,np->mn', A, B)",
            "loops": """
                G = np.zeros(X.shape)
                for i in range(X.shape[0]):
                    for j in range(X.shape[1]):
                        G[i, j] = sum(A[k, i] * B[j, k] for k in range(A.shape[0]))
                return G
            """,
            "outer products": "return sum(np.outer(A[k], B[:, k]) for k in range(len(A)))",
            "a list": "return (A.T @ B.T).tolist()",
        },
        wrong=[
            Wrong("other layout", "return B @ A", "transposed", "X[j, i]"),
            Wrong("sign", "return -A.T @ B.T", "sign"),
            Wrong("AB", "return A @ B", "symmetric only", "if A and B were symmetric"),
            Wrong("AᵀB", "return A.T @ B", "symmetric only", "if B were symmetric"),
            Wrong("reshaped", "return (B @ A).reshape(X.shape)", "transposed"),
            Wrong("order", "return B.T @ A.T", "exception", "The shapes in a product do not fit"),
            Wrong("X left in", "return A.T @ X @ B.T", "exception"),
            Wrong("factor", "return 2 * A.T @ B.T", "factor", "twice"),
            Wrong("only square", """
                G = np.zeros(X.shape)
                for i in range(len(X)):
                    for j in range(len(X)):
                        G[i, j] = A[:, i] @ B[j]
                return G
            """, "square only"),
            Wrong("not for tall", """
                m = min(X.shape[0], 2)
                G = np.zeros(X.shape)
                G[:m] = A[:, :m].T @ B.T
                return G
            """, "numbers", "1 of the 3 entries is wrong", keeps=2),
            Wrong("the value", "return np.trace(A @ X @ B)", "shape"),
            Wrong("no return", "G = A.T @ B.T", "returns None"),
            Wrong("*=", "A *= 1.5\nreturn A.T @ B.T / 1.5", "mutates", "its argument A"),
            Wrong("visible answer", "return np.array([[0.0, 1.0], [9.0, 5.0]])", "constant"),
            Wrong("Hadamard", "return A.T * B.T", "exception", "broadcast"),
            Wrong("single precision", "return (A.T @ B.T).astype(np.float32)", "not finite", keeps=3),
            Wrong("rounded", "return np.round(A.T @ B.T, 8)", "zero", keeps=3),
        ]),
    "elementwise": Task(
        right={
            "loops": """
                G = np.empty(X.shape)
                for i in range(X.shape[0]):
                    for j in range(X.shape[1]):
                        G[i, j] = A[i, j] * B[i, j] * np.cos(X[i, j])
                return G
            """,
            "einsum": "return np.einsum('ij,ij,ij->ij', A, B, np.cos(X))",
            "shifted sine": "return np.multiply(np.cos(-X), B) * A",
            "lists": """
                import math
                return [[a * b * math.cos(x) for a, b, x in zip(*rows)] for rows in zip(A, B, X)]
            """,
        },
        wrong=[
            Wrong("sin not differentiated", "return A * B * np.sin(X)", "numbers"),
            Wrong("sign of cos", "return -A * B * np.cos(X)", "sign"),
            Wrong("A forgotten", "return B * np.cos(X)", "numbers"),
            Wrong("B forgotten", "return A * np.cos(X)", "numbers"),
            Wrong("matrix product", "return A.T @ (B * np.cos(X))", "shape"),
            Wrong("all matrix products", "return A @ B @ np.cos(X)", "exception"),
            Wrong("other layout", "return (A * B * np.cos(X)).T", "transposed"),
            Wrong("factor", "return 2 * A * B * np.cos(X)", "factor"),
            Wrong("the value", "return np.sum(A * B * np.cos(X))", "shape"),
            Wrong("an integer array", """
                G = np.zeros_like(X)
                for i in range(X.shape[0]):
                    for j in range(X.shape[1]):
                        G[i, j] = A[i, j] * B[i, j] * np.cos(X[i, j])
                return G
            """, "integers", "X, A, B", keeps=3),
            Wrong("first two rows", """
                G = np.zeros(X.shape)
                G[:2] = A[:2] * B[:2] * np.cos(X[:2])
                return G
            """, "numbers", "2 of the 6 entries are wrong", keeps=5),
            Wrong("*=", "B *= A\nreturn B * np.cos(X)", "mutates", "its argument B"),
            Wrong("no return", "G = A * B * np.cos(X)", "returns None"),
            Wrong("polynomial", "return A * B * (1 - X**2 / 2 + X**4 / 24)", "numbers"),
            Wrong("single precision", "return (A * B * np.cos(X)).astype(np.float32)", "not finite", keeps=3),
        ]),
    "inverse-lines": Task(
        right={
            "two lines": 'return ["df = -2 * tr(inv(X) @ b @ b.T @ inv(X).T @ inv(X) @ dX)", '
                         '"G = -2 * (inv(X) @ b @ b.T @ inv(X).T @ inv(X)).T"]',
            "one text": 'return "df = d(b.T @ inv(X).T @ inv(X) @ b)\\n'
                        'df = -b.T @ inv(X).T @ dX.T @ inv(X).T @ inv(X) @ b'
                        ' - b.T @ inv(X).T @ inv(X) @ dX @ inv(X) @ b\\n'
                        'G = -2 * inv(X).T @ inv(X) @ b @ (inv(X) @ b).T"',
            "as an inner product": 'return ("df = 2 * tr((inv(X) @ b).T @ d(inv(X)) @ b)", '
                                   '"df = tr((-2 * inv(X).T @ inv(X) @ b @ b.T @ inv(X).T).T @ dX)", '
                                   '"G = -2 * inv(X).T @ inv(X) @ b @ b.T @ inv(X).T")',
        },
        wrong=[
            Wrong("no differential", 'return ["G = -2 * inv(X).T @ inv(X) @ b @ b.T @ inv(X).T"]',
                  "no differential", "Begin with a line"),
            Wrong("not carried out", 'return ["df = d(b.T @ inv(X).T @ inv(X) @ b)", '
                                     '"G = -2 * inv(X).T @ inv(X) @ b @ b.T @ inv(X).T"]',
                  "no differential", "carry the differential out"),
            Wrong("as for numbers", 'return ["df = -2 * b.T @ inv(X) @ inv(X) @ inv(X) @ dX @ b", '
                                    '"G = -2 * inv(X) @ b @ b.T"]', "derivation", "no line"),
            Wrong("one inverse", 'return ["df = -2 * b.T @ inv(X).T @ dX @ inv(X) @ b", "G = inv(X)"]',
                  "derivation"),
            Wrong("no lines", "return []", "not written", "no lines yet"),
            Wrong("an array", "return np.eye(2)", "type", "as text"),
            Wrong("the example of the chapter", 'return ["df = -a.T @ inv(X) @ dX @ inv(X) @ b", "G = a"]',
                  "derivation"),
            Wrong("no return", 'lines = ["df = 2 * b.T @ dX @ b"]', "returns None"),
        ]),
    "frobenius-lines": Task(
        right={
            "two lines": 'return ["df = -2 * tr(inv(X) @ inv(X).T @ B.T @ B @ inv(X) @ dX)", '
                         '"G = (-2 * inv(X) @ inv(X).T @ B.T @ B @ inv(X)).T"]',
            "both terms, one text": 'return "df = d(tr(inv(X).T @ B.T @ B @ inv(X)))\\n'
                                    'df = -tr(inv(X).T @ dX.T @ inv(X).T @ B.T @ B @ inv(X))'
                                    ' - tr(inv(X).T @ B.T @ B @ inv(X) @ dX @ inv(X))\\n'
                                    'G = -2 * (B @ inv(X)).T @ B @ inv(X) @ inv(X).T"',
            "by inner products": 'return ("f = norm(B @ inv(X))**2", "df = 2 * inner(B @ inv(X), B @ d(inv(X)))", '
                                 '"df = -2 * inner(B @ inv(X), B @ inv(X) @ dX @ inv(X))", '
                                 '"G = -2 * inv(X.T) @ B.T @ B @ inv(X.T @ X)")',
        },
        wrong=[
            Wrong("no differential", 'return ["G = -2 * inv(X).T @ B.T @ B @ inv(X) @ inv(X).T"]',
                  "no differential", "Begin with a line"),
            Wrong("not carried out", 'return ["df = 2 * tr(inv(X).T @ B.T @ B @ d(inv(X)))", '
                                     '"G = -2 * inv(X).T @ B.T @ B @ inv(X) @ inv(X).T"]',
                  "no differential", "carry the differential out"),
            Wrong("the lines of part (a)", 'return ["df = -2 * b.T @ inv(X).T @ inv(X) @ dX @ inv(X) @ b", '
                                           '"G = -2 * inv(X).T @ inv(X) @ b @ b.T @ inv(X).T"]',
                  "derivation", "b is not declared"),
            Wrong("the lines of part (a) with B for b", """
                return ["df = 2 * B.T @ inv(X).T @ d(inv(X)) @ B",
                        "df = -2 * B.T @ inv(X).T @ inv(X) @ dX @ inv(X) @ B",
                        "G = -2 * inv(X).T @ inv(X) @ B @ B.T @ inv(X).T"]
            """, "derivation", "inner sizes"),
            Wrong("the lines of part (a) with Bᵀ for b", """
                return ["df = -2 * B @ inv(X).T @ inv(X) @ dX @ inv(X) @ B.T",
                        "G = -2 * inv(X).T @ inv(X) @ B.T @ B @ inv(X).T"]
            """, "derivation", "df is a scalar"),
            Wrong("one term, the other layout", 'return ["df = -tr(inv(X) @ inv(X).T @ B.T @ B @ inv(X) @ dX)", '
                                                '"G = -2 * inv(X) @ inv(X).T @ B.T @ B @ inv(X)"]',
                  "derivation", "a factor 2 is missing"),
            Wrong("one inverse", 'return ["df = -2 * tr(inv(X).T @ B.T @ B @ dX @ inv(X))", "G = inv(X)"]',
                  "derivation", "no line"),
            Wrong("no trace, and the other layout", """
                return ["df = -2 * inv(X).T @ B.T @ B @ inv(X) @ dX @ inv(X)",
                        "G = -2 * inv(X) @ inv(X).T @ B.T @ B @ inv(X)"]
            """, "derivation", "Is a trace missing?"),
            Wrong("as for numbers", """
                return ["df = -2 * norm(B)**2 * dX / X**3", "G = -2 * norm(B)**2 / X**3"]
            """, "derivation"),
            Wrong("the gradient by B", 'return ["df = 2 * tr(inv(X) @ inv(X).T @ B.T @ dB)", '
                                       '"G = 2 * B @ inv(X) @ inv(X).T"]', "derivation", "no line"),
            Wrong("no lines", "return []", "not written", "no lines yet"),
            Wrong("no return", 'lines = ["df = 2 * tr(B.T @ B @ dX)"]', "returns None"),
        ]),
    "inverse": Task(
        right={
            "with the inverse": "Y = np.linalg.inv(X)\nreturn -2 * Y.T @ Y @ np.outer(b, b) @ Y.T",
            "einsum": "Y = np.linalg.inv(X)\nreturn -2 * np.einsum('ki,kl,l,m,jm->ij', Y, Y, b, b, Y)",
            "loops": """
                Y = np.linalg.inv(X)
                u = Y @ b
                v = u @ Y
                G = np.zeros(X.shape)
                for i in range(len(b)):
                    for j in range(len(b)):
                        G[i, j] = -2 * v[i] * u[j]
                return G
            """,
            "transposed at the end": """
                u = np.linalg.solve(X, b)[:, None]
                return -2 * (u @ u.T @ np.linalg.inv(X)).T
            """,
            "a list": "u = np.linalg.solve(X, b)\nreturn [list(-2 * v * u) for v in np.linalg.solve(X.T, u)]",
        },
        wrong=[
            Wrong("other layout", """
                u = np.linalg.solve(X, b)
                return -2 * np.outer(u, np.linalg.solve(X.T, u))
            """, "transposed"),
            Wrong("a transpose lost", """
                u = np.linalg.solve(X, b)
                return -2 * np.outer(np.linalg.solve(X, u), u)
            """, "symmetric only", "if X were symmetric"),
            Wrong("sign", "u = np.linalg.solve(X, b)\nreturn 2 * np.outer(np.linalg.solve(X.T, u), u)", "sign"),
            Wrong("one of two terms", """
                u = np.linalg.solve(X, b)
                return -np.outer(np.linalg.solve(X.T, u), u)
            """, "factor", "half of"),
            Wrong("like 1/x³", "return -2 * np.outer(b, b) / X**3", "not finite"),
            Wrong("one inverse", "u = np.linalg.solve(X, b)\nreturn -2 * np.outer(u, u)", "numbers"),
            Wrong("inverse not differentiated", """
                return 2 * np.outer(np.linalg.solve(X.T, np.linalg.solve(X, b)), b)
            """, "numbers"),
            Wrong("b for u", "return -2 * np.outer(np.linalg.solve(X.T, np.linalg.solve(X, b)), b)", "numbers"),
            Wrong("a number", """
                u = np.linalg.solve(X, b)
                return -2 * (u @ np.linalg.solve(X.T, u))
            """, "shape"),
            Wrong("matrix product of vectors", """
                u = np.linalg.solve(X, b)
                return -2 * np.linalg.solve(X.T, u) @ u
            """, "shape"),
            Wrong("into X", """
                X[:] = np.linalg.inv(X)
                return -2 * X.T @ X @ np.outer(b, b) @ X.T
            """, "mutates", "its argument X"),
            Wrong("no return", "u = np.linalg.solve(X, b)", "returns None"),
            Wrong("adjugate over the determinant", """
                adjugate = np.linalg.det(X) * np.linalg.inv(X)
                u = adjugate @ b / np.linalg.det(X)
                return -2 * np.outer(u @ adjugate, u) / np.linalg.det(X)
            """, "not finite", keeps=2),
            Wrong("regularised", """
                Y = np.linalg.inv(X + 1e-4 * np.eye(len(X)))
                return -2 * Y.T @ Y @ np.outer(b, b) @ Y.T
            """, "inexact", "a small number added"),
            Wrong("an integer array", """
                G, u = np.zeros_like(X), np.linalg.solve(X, b)
                G[:] = -2 * np.outer(np.linalg.solve(X.T, u), u)
                return G
            """, "integers", keeps=2),
            Wrong("visible answer", "return -np.array([[18, 6], [-6, -2]])", "constant"),
        ]),
    "logdet": Task(
        right={
            "transposed first": "return np.linalg.inv(X.T)",
            "a system": "return np.linalg.solve(X.T, np.eye(len(X)))",
            "by the SVD": "U, s, Vt = np.linalg.svd(X)\nreturn (U / s) @ Vt",
            "columns in a loop": """
                n = len(X)
                G = np.zeros((n, n))
                for i in range(n):
                    e = np.zeros(n)
                    e[i] = 1
                    G[i] = np.linalg.solve(X, e)
                return G
            """,
            "single precision": "return np.linalg.inv(X).T.astype(np.float32)",
            "a list": "return np.linalg.inv(X).T.tolist()",
        },
        wrong=[
            Wrong("other layout", "return np.linalg.inv(X)", "transposed", "X[j, i]"),
            Wrong("det not log det", "return np.linalg.det(X) * np.linalg.inv(X).T",
                  "factor", "The factor is 8 here and 1 on another input: what in the input gives it?"),
            Wrong("symmetric convention", """
                Y = np.linalg.inv(X)
                return 2 * Y - np.diag(np.diag(Y))
            """, "symmetric convention"),
            Wrong("symmetric convention, transposed", """
                Y = np.linalg.inv(X).T
                return Y + Y.T - np.diag(np.diag(Y))
            """, "symmetric convention"),
            Wrong("symmetric part", "Y = np.linalg.inv(X)\nreturn (Y + Y.T) / 2", "symmetric only"),
            Wrong("sign", "return -np.linalg.inv(X).T", "sign"),
            Wrong("entry by entry", "return 1 / X", "not finite"),
            Wrong("trace", "return np.trace(np.linalg.inv(X))", "shape"),
            Wrong("one over det", "return 1 / np.linalg.det(X)", "shape"),
            Wrong("factor", "return 2 * np.linalg.inv(X).T", "factor", "twice"),
            Wrong("adjugate", """
                n, G = len(X), np.zeros(X.shape)
                for i in range(n):
                    for j in range(n):
                        minor = np.delete(np.delete(X, i, 0), j, 1)
                        G[i, j] = (-1) ** (i + j) * np.linalg.det(minor)
                return G / np.linalg.det(X)
            """, "not finite", keeps=3),
            Wrong("2×2 and 3×3 by heart", """
                if X.shape == (2, 2):
                    return np.array([[X[1, 1], -X[1, 0]], [-X[0, 1], X[0, 0]]]) / np.linalg.det(X)
                cofactors = [np.cross(X[1], X[2]), np.cross(X[2], X[0]), np.cross(X[0], X[1])]
                return np.array(cofactors) / np.linalg.det(X)
            """, "exception", "IndexError"),
            Wrong("an integer array", """
                G = np.zeros_like(X)
                G[:] = np.linalg.inv(X).T
                return G
            """, "integers", keeps=2),
            Wrong("log of a negative", "return np.exp(np.log(np.linalg.inv(X).T))", "not finite"),
            Wrong("into X", "X[:] = np.linalg.inv(X).T\nreturn X", "mutates"),
            Wrong("no return", "np.linalg.inv(X).T", "returns None"),
        ]),
    "softmax": Task(
        right={
            "loops": """
                a = [sum(W[i, j] * x[j] for j in range(len(x))) for i in range(len(y))]
                top = max(a)
                e = [np.exp(value - top) for value in a]
                G = np.zeros(W.shape)
                for i in range(len(y)):
                    for j in range(len(x)):
                        G[i, j] = (sum(y) * e[i] / sum(e) - y[i]) * x[j]
                return G
            """,
            "by logsumexp": """
                a = W @ x
                lse = a.max() + np.log(np.sum(np.exp(a - a.max())))
                return (y.sum() * np.exp(a - lse) - y)[:, None] * x[None, :]
            """,
            "logaddexp": """
                a = W @ x
                return np.einsum('i,j->ij', sum(y) * np.exp(a - np.logaddexp.reduce(a)) - y, x)
            """,
            "label by label": """
                a = W @ x
                p = np.exp(a - np.max(a)) / np.exp(a - np.max(a)).sum()
                return sum(y[i] * np.outer(p - np.eye(len(y))[i], x) for i in range(len(y)))
            """,
            "pairwise differences": """
                a = W @ x
                p = 1 / np.exp(a[None, :] - a[:, None]).sum(axis=1)
                return np.outer(p * sum(y) - y, x)
            """,
            "single precision": """
                a = (W @ x).astype(np.float32)
                p = np.exp(a - a.max())
                return np.outer(y.sum() * p / p.sum() - y.astype(np.float32), x.astype(np.float32))
            """,
        },
        wrong=[
            Wrong("no shift", "p = np.exp(W @ x)\np = p / p.sum()\nreturn np.outer(y.sum() * p - y, x)",
                  "not finite", "overflowed", keeps=4),
            Wrong("shift by the minimum", """
                a = W @ x
                p = np.exp(a - a.min())
                return np.outer(y.sum() * p / p.sum() - y, x)
            """, "not finite", keeps=4),
            Wrong("clipped scores", """
                p = np.exp(np.clip(W @ x, -500, 500))
                return np.outer(y.sum() * p / p.sum() - y, x)
            """, "numbers", keeps=4),
            Wrong("sign", "p = np.exp(W @ x)\nreturn np.outer(y - y.sum() * p / p.sum(), x)", "sign"),
            Wrong("erratum E1", "p = np.exp(W @ x)\nreturn -np.outer(y + p / p.sum(), x)", "numbers"),
            Wrong("other layout", "p = np.exp(W @ x)\nreturn np.outer(x, y.sum() * p / p.sum() - y)",
                  "transposed"),
            Wrong("by the scores", "p = np.exp(W @ x)\nreturn y.sum() * p / p.sum() - y", "shape",
                  "W has shape (2, 2)"),
            Wrong("one label, as in the chapter", """
                a = W @ x
                p = np.exp(a - a.max())
                return np.outer(p / p.sum() - y, x)
            """, "numbers"),
            Wrong("the mean label", """
                a = W @ x
                p = np.exp(a - a.max())
                return np.outer(p / p.sum() - y / y.sum(), x)
            """, "factor", "The factor is"),
            Wrong("the number of classes", """
                a = W @ x
                p = np.exp(a - a.max())
                return np.outer(len(y) * p / p.sum() - y, x)
            """, "numbers"),
            Wrong("y forgotten", "p = np.exp(W @ x)\nreturn np.outer(p / p.sum(), x)", "numbers"),
            Wrong("the derivative of softmax", """
                p = np.exp(W @ x)
                p = p / p.sum()
                return np.outer(p * (1 - p) * y, x)
            """, "numbers"),
            Wrong("label of the largest y", """
                a = W @ x
                p = np.exp(a - a.max())
                p = p / p.sum()
                p[np.argmax(y)] -= 1
                return np.outer(p, x)
            """, "constant", "differ in y, though the right gradients differ. Does y enter as it should?"),
            Wrong("not normalised", "a = W @ x\nreturn np.outer(np.exp(a - a.max()) - y, x)", "numbers"),
            Wrong("normalised over x", """
                a = W * x
                p = np.exp(a - a.max())
                return (p / p.sum() - y[:, None]) * x
            """, "numbers"),
            Wrong("into W", """
                W -= W.max()
                p = np.exp(W @ x)
                return np.outer(y.sum() * p / p.sum() - y, x)
            """, "mutates", "its argument W"),
            Wrong("an integer array", """
                a = W @ x
                p = np.exp(a - a.max())
                G = np.zeros_like(W)
                G[:] = np.outer(y.sum() * p / p.sum() - y, x)
                return G
            """, "integers", keeps=3),
            Wrong("from labkit", """
                from labkit.regression import softmax_loss_gradient
                return softmax_loss_gradient(W, x, y)
            """, "labkit"),
            Wrong("labkit above the function", """
                from labkit import regression as r

                def helper(W, x, y):
                    return r.softmax_loss_gradient(W, x, y)

                def softmax_gradient(W, x, y):
                    return helper(W, x, y)
            """, "labkit"),
            Wrong("no return", "p = np.exp(W @ x)\nG = np.outer(p / p.sum() - y, x)", "returns None"),
            Wrong("small number in the log", """
                a = W @ x
                p = np.exp(a - a.max())
                p = p / p.sum()
                q = y * p / (p + 1e-4)
                return np.outer(p * q.sum() - q, x)
            """, "inexact"),
        ]),
    "network": Task(
        right={
            "columns": """
                z = np.tanh(W1 @ x).reshape(-1, 1)
                r, P = W2 @ z - y.reshape(-1, 1), W2 @ W1
                G1 = ((W2.T @ r) * (1 - z * z)) @ x.reshape(1, -1)
                return G1 + lam * W2.T @ P, r @ z.T + lam * P @ W1.T
            """,
            "diagonal matrix": """
                z = np.tanh(W1 @ x)
                r = W2 @ z - y
                G1 = np.diag(1 - z**2) @ W2.T @ np.outer(r, x)
                return G1 + W2.T @ W2 @ W1 * lam, np.outer(r, z) + lam * W2 @ (W1 @ W1.T)
            """,
            "cosh, which warns of overflow": """
                a = W1 @ x
                r = W2 @ np.tanh(a) - y
                G1, G2 = np.outer(r @ W2 / np.cosh(a) ** 2, x), np.outer(r, np.tanh(a))
                return G1 + lam * W2.T @ (W2 @ W1), G2 + lam * W2 @ W1 @ W1.T
            """,
            "loops and lists": """
                a = [sum(w * t for w, t in zip(row, x)) for row in W1]
                z = [np.tanh(t) for t in a]
                r = [sum(w * t for w, t in zip(row, z)) - s for row, s in zip(W2, y)]
                back = [sum(W2[i][j] * r[i] for i in range(len(r))) * (1 - z[j] ** 2) for j in range(len(z))]
                G1 = [[b * t for t in x] for b in back]
                G2 = [[s * t for t in z] for s in r]
                P = [[sum(w * row[j] for w, row in zip(W2[i], W1)) for j in range(len(x))] for i in range(len(r))]
                for i in range(len(r)):
                    for k in range(len(z)):
                        for j in range(len(x)):
                            G1[k][j] += lam * W2[i][k] * P[i][j]
                            G2[i][k] += lam * P[i][j] * W1[k][j]
                return [G1, G2]
            """,
            "einsum": """
                z = np.tanh(np.einsum('ij,j->i', W1, x))
                r = np.einsum('ki,i->k', W2, z) - y
                G1 = np.einsum('k,ki,i,j->ij', r, W2, 1 - z**2, x) + lam * np.einsum('ki,kl,lj->ij', W2, W2, W1)
                return G1, np.einsum('k,i->ki', r, z) + lam * np.einsum('kl,lj,ij->ki', W2, W1, W1)
            """,
            "single precision": """
                W1, W2, x, y = (t.astype(np.float32) for t in (W1, W2, x, y))
                z, lam = np.tanh(W1 @ x), np.float32(lam)
                r = W2 @ z - y
                P = lam * W2 @ W1
                return np.outer((W2.T @ r) * (1 - z**2), x) + W2.T @ P, np.outer(r, z) + P @ W1.T
            """,
        },
        wrong=[
            Wrong("tanh not differentiated", """
                z, P = np.tanh(W1 @ x), lam * W2 @ W1
                r = W2 @ z - y
                return np.outer(W2.T @ r, x) + W2.T @ P, np.outer(r, z) + P @ W1.T
            """, "numbers", "by W1", keeps=6),
            Wrong("1 − z", """
                z, P = np.tanh(W1 @ x), lam * W2 @ W1
                r = W2 @ z - y
                return np.outer((W2.T @ r) * (1 - z), x) + W2.T @ P, np.outer(r, z) + P @ W1.T
            """, "numbers", "by W1", keeps=6),
            Wrong("without the second term", """
                z = np.tanh(W1 @ x)
                r = W2 @ z - y
                return np.outer((W2.T @ r) * (1 - z**2), x), np.outer(r, z)
            """, "numbers", "by W2"),
            Wrong("the second term as λW", """
                z = np.tanh(W1 @ x)
                r = W2 @ z - y
                return np.outer((W2.T @ r) * (1 - z**2), x) + lam * W1, np.outer(r, z) + lam * W2
            """, "numbers", "by W2"),
            Wrong("the second term twice", """
                z, P = np.tanh(W1 @ x), 2 * lam * W2 @ W1
                r = W2 @ z - y
                return np.outer((W2.T @ r) * (1 - z**2), x) + W2.T @ P, np.outer(r, z) + P @ W1.T
            """, "numbers", "by W2"),
            Wrong("W1 not transposed in the second term", """
                z, P = np.tanh(W1 @ x), lam * W2 @ W1
                r = W2 @ z - y
                return np.outer((W2.T @ r) * (1 - z**2), x) + W2.T @ P, np.outer(r, z) + P @ W1
            """, "exception", "do not fit"),
            Wrong("W2 not transposed", """
                z, P = np.tanh(W1 @ x), lam * W2 @ W1
                r = W2 @ z - y
                return np.outer((W2 @ r) * (1 - z**2), x) + W2.T @ P, np.outer(r, z) + P @ W1.T
            """, "square only", "do not fit"),
            Wrong("only the first attempted", """
                z = np.tanh(W1 @ x)
                return np.zeros(W1.shape), np.outer(W2 @ z - y, z) + lam * W2 @ W1 @ W1.T
            """, "zero", "by W1", keeps=6),
            Wrong("None for one", """
                z = np.tanh(W1 @ x)
                return None, np.outer(W2 @ z - y, z) + lam * W2 @ W1 @ W1.T
            """, "returns None", "gradient by W1 is None", keeps=6),
            Wrong("only the second attempted", """
                z = np.tanh(W1 @ x)
                G1 = np.outer((W2.T @ (W2 @ z - y)) * (1 - z**2), x) + lam * W2.T @ W2 @ W1
                return G1, np.zeros(W2.shape)
            """, "zero", "by W2", keeps=6),
            Wrong("tanh by exponentials", """
                a, P = W1 @ x, lam * W2 @ W1
                z = (np.exp(a) - np.exp(-a)) / (np.exp(a) + np.exp(-a))
                r = W2 @ z - y
                return np.outer((W2.T @ r) * (1 - z**2), x) + W2.T @ P, np.outer(r, z) + P @ W1.T
            """, "not finite", "overflowed", keeps=6),
            Wrong("other order", """
                z, P = np.tanh(W1 @ x), lam * W2 @ W1
                r = W2 @ z - y
                return np.outer(r, z) + P @ W1.T, np.outer((W2.T @ r) * (1 - z**2), x) + W2.T @ P
            """, "order", "by W2: this is the derivative by W1. Return them in the order W1, W2."),
            Wrong("sign of the residual", """
                z, P = np.tanh(W1 @ x), lam * W2 @ W1
                r = y - W2 @ z
                return np.outer((W2.T @ r) * (1 - z**2), x) + W2.T @ P, np.outer(r, z) + P @ W1.T
            """, "sign", "by W2"),
            Wrong("½ forgotten", """
                z, P = np.tanh(W1 @ x), 2 * lam * W2 @ W1
                r = 2 * (W2 @ z - y)
                return np.outer((W2.T @ r) * (1 - z**2), x) + W2.T @ P, np.outer(r, z) + P @ W1.T
            """, "factor", "twice"),
            Wrong("other layout", """
                z, P = np.tanh(W1 @ x), lam * W2 @ W1
                r = W2 @ z - y
                G1, G2 = np.outer((W2.T @ r) * (1 - z**2), x) + W2.T @ P, np.outer(r, z) + P @ W1.T
                return G1.T, G2.T
            """, "transposed"),
            Wrong("one matrix", "z = np.tanh(W1 @ x)\nreturn np.outer(W2 @ z - y, z)", "parts", "W1 and W2"),
            Wrong("into y", """
                z = np.tanh(W1 @ x)
                y -= W2 @ z
                return -np.outer((W2.T @ y) * (1 - z**2), x), -np.outer(y, z)
            """, "mutates", "its argument y"),
            Wrong("integer arrays", """
                z, P = np.tanh(W1 @ x), lam * W2 @ W1
                r = W2 @ z - y
                G1, G2 = np.zeros_like(W1), np.zeros_like(W2)
                G1[:] = np.outer((W2.T @ r) * (1 - z**2), x) + W2.T @ P
                G2[:] = np.outer(r, z) + P @ W1.T
                return G1, G2
            """, "integers", keeps=2),
            Wrong("no return", "z = np.tanh(W1 @ x)", "returns None"),
        ]),
}


class TestGradients(AssignmentTests, DerivationTests):
    notebook = "gradients"
    tasks = TASKS
    slips = [
        Slip("inverse-lines", ["df = 2 * b.T @ inv(X).T @ inv(X) @ dX @ inv(X) @ b",
                               "G = 2 * inv(X).T @ inv(X) @ b @ b.T @ inv(X).T"], 0.5),  # the minus lost
        Slip("inverse-lines", ["df = 2 * b.T @ inv(X).T @ inv(X) @ dX @ inv(X) @ b",
                               "G = -2 * inv(X).T @ inv(X) @ b @ b.T @ inv(X).T"], 1),  # lost in df alone
        Slip("inverse-lines", ["df = -2 * b.T @ inv(X).T @ inv(X) @ dX inv(X) @ b",
                               "G = -2 * inv(X).T @ inv(X) @ b @ b.T @ inv(X).T"], 1),  # an @ lost in df
        Slip("inverse-lines", ["df = -2 * b.T @ inv(X).T @ inv(X) @ dX @ inv(X) @ b",
                               "G = -2 * inv(X) @ b @ b.T @ inv(X).T @ inv(X)"], 1),  # the other layout
        Slip("inverse-lines", ["df = 2 * b.T @ inv(X).T @ d(inv(X)) @ b",
                               "df = -2 * tr(inv(X) @ b @ b.T @ inv(X).T @ inv(X) @ dX)"], 1),  # no gradient
        Slip("frobenius-lines", ["df = 2 * tr(inv(X) @ inv(X).T @ B.T @ B @ inv(X) @ dX)",
                                 "G = 2 * inv(X).T @ B.T @ B @ inv(X) @ inv(X).T"], 0.5),  # the minus lost
        Slip("frobenius-lines", ["df = -tr(inv(X) @ inv(X).T @ B.T @ B @ inv(X) @ dX)",
                                 "G = -2 * inv(X).T @ B.T @ B @ inv(X) @ inv(X).T"], 1),  # the 2 only in G
        Slip("frobenius-lines", ["df = -2 * inv(X).T @ B.T @ B @ inv(X) @ dX @ inv(X)",
                                 "G = -2 * inv(X).T @ B.T @ B @ inv(X) @ inv(X).T"], 1),  # no trace
        Slip("frobenius-lines", ["df = -2 * tr(inv(X) @ inv(X).T @ B.T @ B @ inv(X) @ dX)",
                                 "G = -2 * inv(X) @ inv(X).T @ B.T @ B @ inv(X)"], 1),  # the other layout
        Slip("frobenius-lines", ["df = tr(inv(X).T @ B.T @ B @ d(inv(X)))",
                                 "df = -tr(inv(X).T @ B.T @ B @ inv(X) @ dX @ inv(X))",
                                 "G = -inv(X).T @ B.T @ B @ inv(X) @ inv(X).T"], 1),  # one term, so the 2 lost
        Slip("frobenius-lines", ["df = 2 * tr(inv(X).T @ B.T @ B @ d(inv(X)))",
                                 "df = 2 * tr(inv(X).T @ B.T @ B @ inv(X) @ dX @ inv(X))",
                                 "G = -2 * inv(X).T @ B.T @ B @ inv(X) @ inv(X).T"], 1.5),  # a misprint, G right
        Slip("frobenius-lines", ["df = 2 * tr(inv(X).T @ B.T @ B @ d(inv(X)))",
                                 "df = -2 * tr(inv(X).T @ B.T @ B @ inv(X) @ dX @ inv(X))",
                                 "df = -2 * tr(inv(X).T @ B.T @ B @ inv(X) @ dX)",
                                 "G = -2 * inv(X).T @ B.T @ B @ inv(X)"], 1),  # an inverse lost on the way
        Slip("frobenius-lines", ["df = 2 * tr(inv(X).T @ B.T @ B @ d(inv(X)))",
                                 "df = -2 * tr(inv(X).T @ B.T @ B @ inv(X) @ dX @ inv(X))"], 1),  # no gradient
    ]
    ladders = {
        "inverse-lines": ladder("df = 2 * b.T @ inv(X).T @ d(inv(X)) @ b",
                                "df = -2 * b.T @ inv(X).T @ inv(X) @ dX @ inv(X) @ b",
                                "G = -2 * inv(X).T @ inv(X) @ b @ b.T @ inv(X).T"),
        "frobenius-lines": ladder("df = 2 * tr(inv(X).T @ B.T @ B @ d(inv(X)))",
                                  "df = -2 * tr(inv(X).T @ B.T @ B @ inv(X) @ dX @ inv(X))",
                                  "G = -2 * inv(X).T @ B.T @ B @ inv(X) @ inv(X).T"),
    }
    breaks = [
        Break(gradients, "equal", lambda *_: True, "linear", "return -c"),
        Break(answers, "same", lambda *_: True, "linear", "x[:] = c\nreturn x.copy()"),
        Break(answers, "_from_labkit", lambda *_: None, "quadratic",
              "from labkit.gradcheck import complex_step\nreturn complex_step(lambda x: x @ A @ x, x)"),
    ]
