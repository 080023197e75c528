"""Assignment "Foundations": other right answers keep their marks, and the mistakes of students lose them."""

from labkit.checks import answers, values
from tests.course.graders.common import AssignmentTests, Break, Task, Wrong

KINDS = {
    "all of space": "an x with Px = 0",
    "base": "it should be the natural one",
    "boundary": "a singular value that equals delta",
    "cancels": "for P = I this is 1 + (e⁻⁵⁰ − 1)",
    "columns": "long columns, which may be nearly dependent",
    "delta forgotten": "Where does delta enter?",
    "diagonal": "does not hold the heights",
    "eigenvalues": "this counts eigenvalues",
    "entries": "this counts large entries",
    "entry by entry": "exponential of each entry",
    "exchanged": "row-major and column-major are exchanged",
    "first column": "onto the first column alone",
    "first term": "P⁰?",
    "first terms": "the powers P², P³",
    "from 1": "this counts from 1",
    "inverse": "Which sign has c?",
    "lengths": "distance from the edges before it",
    "no exponential": "the exponential of c is missing",
    "not orthonormal": "only if the columns of A are orthonormal",
    "once": "digits are lost",
    "one P too many": "Which terms of the series contain P",
    "one by one": "only if the columns are orthogonal",
    "orthogonal factor": "Which factor holds the heights?",
    "own length": "a step along an axis is too long",
    "places": "each has 8 bytes",
    "relative": "not a part of the largest singular value",
    "removed": "How many stay?",
    "rest": "y minus the projection",
    "series": "adds terms of the series",
    "squared": "",
    "volume itself": "its logarithm is asked for",
    "wrong space": "happens on its nullspace",
    "y itself": "more columns than A has",
}
TASKS = {
    "address": Task(
        right={
            "numpy's own": """
                index, shape = tuple(index), tuple(shape)
                return [8 * np.ravel_multi_index(index, shape, order=order) for order in "CF"]
            """,
            "Horner's rule": """
                row = column = 0
                for i, n in zip(index, shape):
                    row = row * n + i
                for i, n in zip(index[::-1], shape[::-1]):
                    column = column * n + i
                return 8 * row, 8 * column
            """,
            "cumulative products": """
                after = np.append(np.cumprod(shape[:0:-1])[::-1], 1)
                before = np.append(1, np.cumprod(shape[:-1]))
                return np.array([8 * (index @ after), 8 * (index @ before)]).tolist()
            """,
            "numbers of Python, from the end": """
                row, step = 0, 8
                for i, n in zip(reversed(index.tolist()), reversed(shape.tolist())):
                    row, step = row + i * step, step * n
                column, step = 0, 8
                for i, n in zip(index.tolist(), shape.tolist()):
                    column, step = column + i * step, step * n
                return row, column
            """,
            "floats": """
                row = sum(8.0 * index[k] * np.prod(shape[k + 1:]) for k in range(len(shape)))
                return row, sum(8.0 * index[k] * np.prod(shape[:k]) for k in range(len(shape)))
            """,
        },
        wrong=[
            Wrong("entries, not bytes", """
                return [np.ravel_multi_index(tuple(index), tuple(shape), order=order) for order in "CF"]
            """, "places", "8 bytes"),
            Wrong("orders exchanged", """
                return [8 * np.ravel_multi_index(tuple(index), tuple(shape), order=order) for order in "FC"]
            """, "exchanged", "are exchanged"),
            Wrong("matrices only", """
                i, j = index
                m, n = shape
                return 8 * (i * n + j), 8 * (i + j * m)
            """, "exception", "ValueError"),
            Wrong("matrices and three axes", """
                if len(shape) == 2:
                    return 8 * (index[0] * shape[1] + index[1]), 8 * (index[0] + index[1] * shape[0])
                i, j, k = index
                l, m, n = shape
                return 8 * ((i * m + j) * n + k), 8 * (i + l * (j + m * k))
            """, "exception", "not enough values"),
            Wrong("one axis, two or three", """
                a, b, c = [1] * (3 - len(shape)) + list(shape)
                i, j, k = [0] * (3 - len(shape)) + list(index)
                return 8 * ((i * b + j) * c + k), 8 * (i + a * (j + b * k))
            """, "exception", "too many values", keeps=3),
            Wrong("counted in an array", """
                places = np.arange(np.prod(shape))
                row, column = (places.reshape(shape, order=order)[tuple(index)] for order in "CF")
                return 8 * row, 8 * column
            """, "exception", "MemoryError"),
            Wrong("own length included", """
                row = sum(8 * index[k] * np.prod(shape[k:]) for k in range(len(shape)))
                return row, sum(8 * index[k] * np.prod(shape[:k + 1]) for k in range(len(shape)))
            """, "own length", "row-major"),
            Wrong("counted from 1", """
                row = sum(8 * (index[k] - 1) * np.prod(shape[k + 1:]) for k in range(len(shape)))
                return row, sum(8 * (index[k] - 1) * np.prod(shape[:k]) for k in range(len(shape)))
            """, "from 1"),
            Wrong("row-major only", "return 8 * np.ravel_multi_index(tuple(index), tuple(shape))", "parts",
                  "row-major and column-major"),
            Wrong("numbers of 32 bits", """
                row = column = np.int32(0)
                for k in range(len(shape)):
                    row += np.int32(8 * index[k]) * np.prod(shape[k + 1:], dtype=np.int32)
                    column += np.int32(8 * index[k]) * np.prod(shape[:k], dtype=np.int32)
                return row, column
            """, "numbers"),
            Wrong("visible answers", """
                if index[0] == 19999:
                    return 2 * [8 * (20000 * 30000 * 40000 - 1)]
                return {1: (24, 24), 2: (48, 56), 3: (168, 88) if len(shape) == 3 and shape[0] == 2 else (24, 32)}[
                    len(shape)]
            """, "numbers", keeps=3),
            Wrong("into shape", """
                shape[:] = np.append(np.cumprod(shape[:0:-1])[::-1], 1)
                return 8 * index @ shape, 8 * index @ shape
            """, "mutates", "its argument shape"),
            Wrong("no return", "8 * np.ravel_multi_index(tuple(index), tuple(shape))", "returns None"),
        ]),
    "brackets": Task(
        right={
            "from the right": "return u * (v @ (w * (z @ x)))",
            "einsum": "return np.einsum('i,,->i', u, np.dot(v, w), np.dot(z, x))",
            "loops": """
                vw = sum(a * b for a, b in zip(v, w))
                zx = sum(a * b for a, b in zip(z, x))
                return [a * (vw * zx) for a in u]
            """,
            "columns and rows": """
                column = u[:, None]
                return (column @ ((v[None, :] @ w[:, None]) @ (z[None, :] @ x[:, None])))[:, 0]
            """,
            "vᵀw first": "return (u * np.inner(v, w)) * np.inner(z, x)",
        },
        wrong=[
            Wrong("as it is written", "return np.outer(u, v) @ np.outer(w, z) @ x", "not finite",
                  "overflowed"),
            Wrong("one matrix", "return np.outer(u, z) @ x * (v @ w)", "not finite", keeps=2),
            Wrong("matrix times vectors", "return np.outer(u, v) @ (w * (z @ x))", "not finite", keeps=2),
            Wrong("matrix in the middle", "return u * (v @ np.outer(w, z) @ x)", "not finite"),
            Wrong("one @ after another", "return u @ v @ w @ z @ x", "exception", "np.outer(u, v)"),
            Wrong("the number alone", "return (v @ w) * (z @ x)", "shape", "(2,)"),
            Wrong("zᵀx forgotten", "return u * (v @ w)", "factor", "0.3333 here"),
            Wrong("added", "return u * ((v @ w) + (z @ x))", "factor"),
            Wrong("entry by entry", "return u * v * w * z * x", "exception"),
            Wrong("a column", "return u[:, None] * ((v @ w) * (z @ x))", "shape", "neither a row nor a column"),
            Wrong("sign", "return -u * ((v @ w) * (z @ x))", "sign"),
            Wrong("into u", "u *= (v @ w) * (z @ x)\nreturn u", "mutates", "its argument u"),
            Wrong("visible answers", """
                if len(x) > 5:
                    return 6e14 * u
                return {1: [9, 18], 3: [18, -18, 36], 2: [-48], -7: [-98, -196], 3e-200: [6, 1.2e201]}.get(x[0], u)
            """, "shape", keeps=2),
            Wrong("single precision", "return (u * ((v @ w) * (z @ x))).astype(np.float32)",
                  "not finite"),
            Wrong("no return", "f = u * ((v @ w) * (z @ x))", "returns None"),
        ]),
    "map": Task(
        right={
            "the inverse": "return Y @ np.linalg.inv(X)",
            "row by row, an array": "return np.array([np.linalg.solve(X.T, row) for row in Y])",
            "images of the standard basis": """
                n = X.shape[1]
                return np.column_stack([Y @ np.linalg.solve(X, np.eye(n)[:, j]) for j in range(n)])
            """,
            "row by row, a list": "return [list(np.linalg.solve(X.T, row)) for row in Y]",
            "by QR": "Q, R = np.linalg.qr(X)\nreturn np.linalg.solve(R.T, Y.T).T @ Q.T",
        },
        wrong=[
            Wrong("the images", "return Y", "no example", "if X were the identity"),
            Wrong("on the wrong side", "return np.linalg.solve(X, Y)", "no example", "X stands on the wrong side"),
            Wrong("pseudoinverse", "return Y @ np.linalg.pinv(X)", "no example",
                  "column 1 of X goes to 0: was it taken for rounding?", keeps=2),
            Wrong("least squares", "return np.linalg.lstsq(X.T, Y.T, rcond=None)[0].T", "no example",
                  "column 1 of X goes to 0", keeps=2),
            Wrong("transpose for inverse", "return Y @ X.T", "no example", "column 0 of X goes to"),
            Wrong("not inverted", "return Y @ X", "no example",
                  "this is Y X; X has to be undone, not applied"),
            Wrong("transposed", "return np.linalg.solve(X.T, Y.T)", "no example", "the transpose of A does so"),
            Wrong("X not transposed", "return np.linalg.solve(X, Y.T).T", "no example"),
            Wrong("square only", """
                n = len(X)
                A = np.zeros((n, n))
                for i in range(n):
                    A[i] = np.linalg.solve(X.T, Y[i])
                return A
            """, "shape", "(3, 2)", keeps=2),
            Wrong("Cramer's rule", """
                A = np.zeros(Y.shape)
                for i in range(len(Y)):
                    for j in range(len(X)):
                        M = X.T.copy()
                        M[:, j] = Y[i]
                        A[i, j] = np.linalg.det(M) / np.linalg.det(X)
                return A
            """, "no example", keeps=2),
            Wrong("integer entries", """
                A = np.zeros_like(Y)
                A[:] = Y @ np.linalg.inv(X)
                return A
            """, "no example", "was its array made like Y?", keeps=2),
            Wrong("regularised", "return Y @ np.linalg.inv(X + 1e-4 * np.eye(len(X)))", "no example"),
            Wrong("into Y", "Y[:] = Y @ np.linalg.inv(X)\nreturn Y", "mutates", "its argument Y"),
            Wrong("visible answer", "return np.array([[3.0, -1.0], [1.0, -1.0]])", "no example"),
            Wrong("from labkit", """
                from labkit.foundations import rank
                return Y @ np.linalg.inv(X) if rank(X) == len(X) else Y
            """, "labkit"),
            Wrong("no return", "A = Y @ np.linalg.inv(X)", "returns None"),
        ]),
    "my-map": Task(
        right={
            "by hand": "return [[3, 10, 6], [1, -6, -5], [-1, 2, 2]], [2, -3, 4], [1, 4, 7]",
            "cross products": """
                A = my_images @ np.linalg.inv(my_basis)
                return A, np.cross(A[0], A[1]), -2 * np.cross(my_images[:, 0], my_images[:, 1])
            """,
            "singular vectors": """
                A = my_images @ np.linalg.inv(my_basis)
                U, _, Vt = np.linalg.svd(A)
                return A, Vt[-1], U[:, -1]
            """,
            "labkit's bases": """
                from labkit.foundations import nullspace_basis
                A = my_images @ np.linalg.inv(my_basis)
                return A, nullspace_basis(A)[:, 0], nullspace_basis(A.T)[:, 0]
            """,
            "a combination of the basis": """
                s, t = np.linalg.lstsq(my_images[:, :2], my_images[:, 2], rcond=None)[0]
                x = s * my_basis[:, 0] + t * my_basis[:, 1] - my_basis[:, 2]
                Q = np.linalg.qr(my_images[:, :2], mode="complete")[0]
                return np.linalg.solve(my_basis.T, my_images.T).T.tolist(), list(x), list(Q[:, 2])
            """,
        },
        wrong=[
            Wrong("a neighbour's", "return [[6, -1, 2], [2, -1, 2], [2, 0, 0]], [0, 2, 1], [-1, 1, 2]",
                  "no example", "A takes your first basis vector"),
            Wrong("the images", "return my_images, [2, -2, 1], [1, 4, 7]", "no example", "first basis vector"),
            Wrong("on the wrong side", "return np.linalg.solve(my_basis, my_images), [2, -2, 1], [1, 4, 7]",
                  "no example", "first basis vector"),
            Wrong("x in the basis", "return [[3, 10, 6], [1, -6, -5], [-1, 2, 2]], [2, -2, 1], [1, 4, 7]",
                  "no example", "in which basis is x written?"),
            Wrong("x and z exchanged", "return [[3, 10, 6], [1, -6, -5], [-1, 2, 2]], [1, 4, 7], [2, -3, 4]",
                  "no example", "Ax = 0"),
            Wrong("x for z", "return [[3, 10, 6], [1, -6, -5], [-1, 2, 2]], [2, -3, 4], [2, -3, 4]",
                  "no example", "Az is 0: which of the four subspaces must z come from?"),
            Wrong("x = 0", "return [[3, 10, 6], [1, -6, -5], [-1, 2, 2]], [0, 0, 0], [1, 4, 7]",
                  "no example", "x is not zero"),
            Wrong("z = 0", "return [[3, 10, 6], [1, -6, -5], [-1, 2, 2]], [2, -3, 4], [0, 0, 0]",
                  "no example", "z is not zero"),
            Wrong("z in the range", "return [[3, 10, 6], [1, -6, -5], [-1, 2, 2]], [2, -3, 4], my_images[:, 0]",
                  "no example", "orthogonal to your first image"),
            Wrong("z for the first image alone",
                  "return [[3, 10, 6], [1, -6, -5], [-1, 2, 2]], [2, -3, 4], [2, 1, 0]",
                  "no example", "all your images", keeps=2),
            Wrong("the first basis vector alone", """
                return np.outer(my_images[:, 0], [0, -1, 0]), [1, 0, 0], [1, 4, 7]
            """, "no example", "all your basis vectors", keeps=2),
            Wrong("numbers made up", """
                global my_basis, my_images
                my_basis, my_images = np.eye(3), np.diag([1, 1, 0])
                return my_images, np.array([0, 0, 1]), np.array([0, 0, 1])
            """, "no example", "all your basis vectors", keeps=2),
            Wrong("a column", "return my_images @ np.linalg.inv(my_basis), [[2], [-3], [4]], [1, 4, 7]", "shape",
                  "x has shape (3, 1)"),
            Wrong("only A", "return np.linalg.solve(my_basis.T, my_images.T).T", "parts", "A, x and z"),
            Wrong("no return", "A = my_images @ np.linalg.inv(my_basis)", "returns None"),
        ]),
    "trace-example": Task(
        right={
            "dense": "return [[1, 2], [2, 3]], [[0, 1], [1, 4]], [[1, 0], [5, 2]]",
            "skew C": "return np.diag([2, -1]), np.ones((2, 2)), np.array([[0, 1], [-1, 0]])",
            "large": "return np.array([[9, 0], [0, -9]]), np.array([[0, 9], [9, 0]]), np.array([[0, 9], [0, 0]])",
        },
        wrong=[
            Wrong("all symmetric",
                  "return np.diag([1, 2]), np.array([[0, 1], [1, 0]]), np.array([[1, 3], [3, 0]])",
                  "no example", "tr(ABC) and tr(ACB) differ. Here both are 9."),
            Wrong("all of them diagonal", "return np.diag([1, 2]), np.diag([3, 4]), np.array([[0, 1], [5, 0]])",
                  "no example", "differ"),
            Wrong("the identity", "return np.eye(2), np.array([[0, 1], [1, 0]]), np.array([[0, 1], [5, 0]])",
                  "no example", "differ"),
            Wrong("A not symmetric", "return [[0, 1], [0, 0]], [[1, 0], [0, 2]], [[0, 0], [1, 0]]", "no example",
                  "A is symmetric"),
            Wrong("the exercise of the chapter", "return [[0, 1], [0, 0]], [[0, 0], [1, 0]], [[1, 0], [0, 0]]",
                  "no example", "A is symmetric"),
            Wrong("B not symmetric", "return [[1, 0], [0, 2]], [[0, 1], [0, 0]], [[0, 0], [1, 0]]", "no example",
                  "B is symmetric"),
            Wrong("fractions", "return [[1, 0.5], [0.5, 0]], [[0, 1], [1, 0]], [[0, 1], [0, 0]]", "whole numbers"),
            Wrong("two matrices", "return np.diag([1, 0]), np.array([[0, 1], [1, 0]])",
                  "parts", "3 results, for A, B and C"),
            Wrong("3×3", "return np.eye(3), np.eye(3), np.eye(3)", "shape", "A has shape (3, 3)"),
            Wrong("no return", "A = np.eye(2)", "returns None"),
            Wrong("an argument", "def exchanged_under_the_trace(A):\n    return A, A, A", "arguments",
                  "no arguments"),
        ]),
    "length-example": Task(
        right={
            "lower shear": "return [[1, 0], [-5, 1]], [1, 0]",
            "determinant −1": "return np.array([[9, 4], [2, 1]]) @ np.array([[0, 1], [1, 0]]), np.array([1, 2])",
            "floats, any multiple": "return np.array([[2.0, 7.0], [1.0, 4.0]]), np.array([-3.0, -9.0])",
        },
        wrong=[
            Wrong("stretching", "return np.array([[5, 0], [0, 1]]), np.array([1, 0])", "no example",
                  "|det A| = 1. Here det A is 5."),
            Wrong("too short", "return np.array([[1, 4], [0, 1]]), np.array([0, 1])", "no example",
                  "at least five times as long as x. Here it is 4.12 times as long."),
            Wrong("an eigenvector", "return np.array([[1, 9], [0, 1]]), np.array([1, 0])", "no example",
                  "at least five times"),
            Wrong("x = 0", "return np.array([[1, 9], [0, 1]]), np.array([0, 0])", "no example", "x is not zero"),
            Wrong("one fifth", "return np.diag([5, 0.2]), np.array([1, 0])", "whole numbers"),
            Wrong("singular", "return np.array([[9, 9], [9, 9]]), np.array([1, 1])", "no example", "|det A| = 1"),
            Wrong("a rotation", "return np.array([[0, -1], [1, 0]]), np.array([3, 4])", "no example",
                  "at least five times"),
            Wrong("a column", "return np.array([[1, 9], [0, 1]]), np.array([[0], [1]])", "shape",
                  "x has shape (2, 1)"),
            Wrong("only A", "return np.array([[1, 9], [0, 1]])", "parts", "A and x"),
        ]),
    "smallest-rank": Task(
        right={
            "counted in a loop": """
                r = 0
                for s in np.linalg.svd(A, compute_uv=False):
                    if s > delta:
                        r = r + 1
                return r
            """,
            "matrix_rank": "return np.linalg.matrix_rank(A, tol=delta)",
            "a float": "return float(sum(np.linalg.svd(A)[1] > delta))",
            "searched": """
                s = np.linalg.svd(A)[1]
                k = 0
                while k < min(A.shape) and s[k] > delta:
                    k += 1
                return k
            """,
            "an array with one number": "return np.array(len([s for s in np.linalg.svd(A)[1] if s > delta]))",
        },
        wrong=[
            Wrong("delta itself out of reach", "return np.sum(np.linalg.svd(A, compute_uv=False) >= delta)",
                  "boundary", "still within reach", keeps=2),
            Wrong("delta forgotten", "return np.linalg.matrix_rank(A)", "delta forgotten"),
            Wrong("relative", """
                s = np.linalg.svd(A, compute_uv=False)
                return np.sum(s > delta * s[0])
            """, "relative"),
            Wrong("eigenvalues", "return np.sum(np.abs(np.linalg.eigvals(A)) > delta)", "eigenvalues"),
            Wrong("eigenvalues of AᵀA", "return np.sum(np.linalg.eigvalsh(A.T @ A) > delta)", "squared",
                  "the squares of what should be compared"),
            Wrong("roots of the eigenvalues of AᵀA", """
                return np.sum(np.sqrt(np.abs(np.linalg.eigvalsh(A.T @ A))) > delta)
            """, "zero", keeps=3),
            Wrong("number of small ones", "return np.sum(np.linalg.svd(A, compute_uv=False) <= delta)", "removed"),
            Wrong("entries above delta", "return np.sum(np.abs(A) > delta)", "entries"),
            Wrong("columns longer than delta", "return np.sum(np.linalg.norm(A, axis=0) > delta)", "columns"),
            Wrong("Frobenius distance", """
                s = np.linalg.svd(A, compute_uv=False)
                return next(k for k in range(len(s) + 1) if np.sqrt(np.sum(s[k:] ** 2)) <= delta)
            """, "numbers"),
            Wrong("the diagonal of R", """
                return np.sum(np.abs(np.diag(np.linalg.qr(A)[1])) > delta)
            """, "zero", keeps=2),
            Wrong("which, not how many", "return np.linalg.svd(A, compute_uv=False) > delta", "shape",
                  "should be a number"),
            Wrong("full rank", "return min(A.shape)", "delta forgotten"),
            Wrong("rounded entries", "return np.linalg.matrix_rank(np.where(np.abs(A) > delta, A, 0))",
                  "delta forgotten", keeps=2),
            Wrong("visible answers", """
                known = {(0.3, 1): 2, (0.5, 20): 2, (7, 5): 0, (1e-3, 0): 0, (1.2, 9): 2, (0.5, 1): 2}
                return known.get((delta, A[0, 0]), 1)
            """, "numbers", keeps=3),
            Wrong("labkit's rank", "from labkit.foundations import rank\nreturn rank(A, delta)", "labkit"),
            Wrong("no return", "np.sum(np.linalg.svd(A, compute_uv=False) > delta)", "returns None"),
        ]),
    "projection": Task(
        right={
            "least squares": "return A @ np.linalg.lstsq(A, y, rcond=None)[0]",
            "left singular vectors": """
                U = np.linalg.svd(A, full_matrices=False)[0]
                return U @ (U.T @ y)
            """,
            "the whole projector": "Q = np.linalg.qr(A)[0]\nreturn Q @ Q.T @ y",
            "Gram–Schmidt, twice": """
                basis = []
                for a in A.T:
                    a = a / np.abs(a).max()
                    for _ in range(2):
                        a = a - sum((q @ a) * q for q in basis)
                    basis.append(a / np.sqrt(a @ a))
                return sum((q @ y) * q for q in basis)
            """,
            "the triangular factor": "Q, R = np.linalg.qr(A)\nreturn A @ np.linalg.solve(R, Q.T @ y)",
            "a list": "Q = np.linalg.qr(A)[0]\nreturn (Q @ (Q.T @ y)).tolist()",
        },
        wrong=[
            Wrong("the formula with the inverse", "return A @ np.linalg.inv(A.T @ A) @ A.T @ y", "squared",
                  "form AᵀA", keeps=3),
            Wrong("normal equations", "return A @ np.linalg.solve(A.T @ A, A.T @ y)", "squared",
                  "form AᵀA", keeps=3),
            Wrong("Gram–Schmidt, once", """
                Q = []
                for a in A.T:
                    a = a / np.abs(a).max()
                    r = a - sum((q @ a) * q for q in Q)
                    Q.append(r / np.sqrt(r @ r))
                return sum((q @ y) * q for q in Q)
            """, "once", "after the third column", keeps=3),
            Wrong("the rest", "Q = np.linalg.qr(A)[0]\nreturn y - Q @ (Q.T @ y)", "rest",
                  "y minus the projection"),
            Wrong("no inverse", "return A @ (A.T @ y)", "not orthonormal"),
            Wrong("lengths of the columns only", """
                N = A / np.linalg.norm(A, axis=0)
                return N @ (N.T @ y)
            """, "one by one"),
            Wrong("coefficients", "return np.linalg.lstsq(A, y, rcond=None)[0]", "shape"),
            Wrong("coordinates in the basis Q", "return np.linalg.qr(A)[0].T @ y", "shape"),
            Wrong("all of Q", "Q = np.linalg.qr(A, mode='complete')[0]\nreturn Q @ (Q.T @ y)", "y itself"),
            Wrong("square systems only", "return A @ np.linalg.solve(A, y)", "square only", "LinAlgError"),
            Wrong("small singular values cut off", "return A @ np.linalg.pinv(A, rcond=1e-6) @ y",
                  "numbers", keeps=3),
            Wrong("regularised", "return A @ np.linalg.solve(A.T @ A + 1e-5 * np.eye(A.shape[1]), A.T @ y)",
                  "inexact"),
            Wrong("into y", "Q = np.linalg.qr(A)[0]\ny[:] = Q @ (Q.T @ y)\nreturn y", "mutates", "its argument y"),
            Wrong("scaled in place", "A /= np.linalg.norm(A, axis=0)\nreturn A @ np.linalg.lstsq(A, y)[0]",
                  "mutates",
                  "its argument A"),
            Wrong("one column only", "a = A[:, 0]\nreturn a * (a @ y) / (a @ a)", "first column"),
            Wrong("visible answers", """
                if y[0] == 1e200:
                    return [1.6e200, 8e199]
                if A.shape == (4, 3):
                    return np.array([3, 1, 13, -14]) / 3
                if len(y) == 2:
                    return [1, -2] if y[1] < 0 else [1.5, 1.5]
                known = {0: [3.0], 1e-7: [1, -2, 2], 1e-8: [1, -2, 4],
                         1e200: [1 / 9, 26 / 9, 50 / 9], 1: [0.5, 3, 5.5], 2: [41 / 23, 106 / 23, 72 / 23]}
                return np.array(known[A[1, 0] if len(A) > 1 else 0])
            """, "constant", keeps=4),
            Wrong("labkit's", "from labkit import foundations\nreturn foundations.project(y, A)", "labkit"),
            Wrong("no return", "Q = np.linalg.qr(A)[0]\nQ @ (Q.T @ y)", "returns None"),
        ]),
    "exponential": Task(
        right={
            "loops": """
                n = len(P)
                E = [[0.0] * n for _ in range(n)]
                for i in range(n):
                    for j in range(n):
                        E[i][j] = np.exp(c) * P[i, j] + ((i == j) - P[i, j])
                return E
            """,
            "by eigenvectors": """
                s, V = np.linalg.eigh(P)
                return (V * np.where(s > 0.5, np.exp(c), 1.0)) @ V.T
            """,
            "scaling and squaring": """
                M = c * P / 2**14
                E = np.eye(len(P)) + M + M @ M / 2 + M @ M @ M / 6 + M @ M @ M @ M / 24
                for _ in range(14):
                    E = E @ E
                return E
            """,
            "powers of e": "return np.e**c * P + (np.identity(P.shape[0]) - P)",
            "the two projections": """
                onto_nullspace = np.eye(len(P)) - P
                return np.exp(c) * (np.eye(len(P)) - onto_nullspace) + onto_nullspace
            """,
        },
        wrong=[
            Wrong("entry by entry", "return np.exp(c * P)", "entry by entry", "exponential of each entry"),
            Wrong("e^c P", "return np.exp(c) * P", "first term"),
            Wrong("I + e^c P", "return np.eye(len(P)) + np.exp(c) * P", "one P too many"),
            Wrong("two terms", "return np.eye(len(P)) + c * P", "first terms"),
            Wrong("three terms", "return np.eye(len(P)) + c * P + c**2 / 2 * P", "first terms"),
            Wrong("twenty terms", """
                E = term = np.eye(len(P))
                for k in range(1, 20):
                    term = term @ P * c / k
                    E = E + term
                return E
            """, "series", "Sum it on paper", keeps=3),
            Wrong("fifty terms with factorials", """
                E = np.eye(len(P))
                for k in range(1, 50):
                    E = E + c**k / float(math.factorial(k)) * np.linalg.matrix_power(P, k)
                return E
            """, "series", keeps=3),
            Wrong("sixty terms, the factorial in a loop", """
                factorial, E, M = 1, np.eye(len(P)), np.eye(len(P))
                for k in range(1, 60):
                    factorial, M = factorial * k, M @ P
                    E = E + M * c**k / factorial
                return E
            """, "series", keeps=3),
            Wrong("c for e^c", "return np.eye(len(P)) - P + c * P", "no exponential"),
            Wrong("the series to its end", """
                E, term, k = np.zeros(P.shape), np.eye(len(P)), 0
                while (E + term != E).any():
                    E, k = E + term, k + 1
                    term = term @ P * c / k
                return E
            """, "series", "Sum it on paper", keeps=3),
            Wrong("range and nullspace exchanged", "return np.exp(c) * (np.eye(len(P)) - P) + P", "wrong space"),
            Wrong("e^c everywhere", "return np.exp(c) * np.eye(len(P))", "all of space"),
            Wrong("e^c − 1 without I", "return (np.exp(c) - 1) * P", "first term", "is missing"),
            Wrong("sign of c", "return (np.eye(len(P)) - P) + np.exp(-c) * P", "inverse"),
            Wrong("e^c − 1, which rounds to −1", "return np.eye(len(P)) + (np.exp(c) - 1) * P", "cancels",
                  "Which terms belong to the range of P", keeps=3),
            Wrong("a number for I", "return 1 + (np.exp(c) - 1) * P", "first term",
                  "1 in every entry"),
            Wrong("always 2×2", "return np.eye(2) - P + np.exp(c) * P", "shape"),
            Wrong("into P", "P *= np.exp(c) - 1\nreturn np.eye(len(P)) + P", "mutates", "its argument P"),
            Wrong("integer entries", """
                E = np.eye(len(P), dtype=P.dtype)
                E[:] = np.eye(len(P)) - P + np.exp(c) * P
                return E
            """, "integers", keeps=2),
            Wrong("labkit's",
                  "from labkit.foundations import matrix_exponential\nreturn matrix_exponential(c * P)",
                  "labkit"),
            Wrong("no return", "np.eye(len(P)) - P + np.exp(c) * P", "returns None"),
        ]),
    "log-volume": Task(
        right={
            "Gram–Schmidt": """
                total, basis = 0.0, []
                for a in A.T:
                    size = np.abs(a).max()
                    a = a / size
                    for _ in range(2):
                        for q in basis:
                            a = a - (q @ a) * q
                    total += np.log(size) + np.log(np.sqrt(a @ a))
                    basis.append(a / np.sqrt(a @ a))
                return total
            """,
            "singular values": "return np.sum(np.log(np.linalg.svd(A, compute_uv=False)))",
            "slogdet of R": "return np.linalg.slogdet(np.linalg.qr(A)[1])[1]",
            "slogdet of R, columns scaled": """
                sizes = np.abs(A).max(axis=0)
                return np.linalg.slogdet(np.linalg.qr(A / sizes)[1])[1] + np.log(sizes).sum()
            """,
            "single precision at the end": "return np.float32(np.log(np.abs(np.diag(np.linalg.qr(A)[1]))).sum())",
            "one logarithm after another": """
                R = np.linalg.qr(A)[1]
                return sum(np.log(abs(R[i, i])) for i in range(len(R)))
            """,
        },
        wrong=[
            Wrong("logarithm of the product", "return np.log(np.abs(np.prod(np.diag(np.linalg.qr(A)[1]))))",
                  "not finite", keeps=3),
            Wrong("no absolute value", "return np.sum(np.log(np.diag(np.linalg.qr(A)[1])))", "not finite"),
            Wrong("determinant of AᵀA", "return np.log(np.sqrt(np.linalg.det(A.T @ A)))", "not finite", keeps=3),
            Wrong("slogdet of AᵀA", "return np.linalg.slogdet(A.T @ A)[1] / 2", "not finite", keeps=3),
            Wrong("Gram determinant, scaled", """
                size = np.abs(A).max()
                return np.linalg.slogdet((A / size).T @ (A / size))[1] / 2 + A.shape[1] * np.log(size)
            """, "squared", "without AᵀA", keeps=3),
            Wrong("Gram determinant, columns scaled", """
                sizes = np.abs(A).max(axis=0)
                return np.linalg.slogdet((A / sizes).T @ (A / sizes))[1] / 2 + np.log(sizes).sum()
            """, "squared", "without AᵀA", keeps=3),
            Wrong("Cholesky of the scaled AᵀA", """
                size = np.abs(A).max()
                L = np.linalg.cholesky((A / size).T @ (A / size))
                return np.log(np.diag(L)).sum() + A.shape[1] * np.log(size)
            """, "exception", "not positive definite", keeps=3),
            Wrong("½ forgotten", "return np.linalg.slogdet(A.T @ A)[1]", "factor", "twice"),
            Wrong("square only", "return np.linalg.slogdet(A)[1]", "square only", "LinAlgError"),
            Wrong("lengths of the edges", "return np.sum(np.log(np.linalg.norm(A, axis=0)))", "lengths"),
            Wrong("the volume itself", "return np.abs(np.prod(np.diag(np.linalg.qr(A)[1])))", "volume itself"),
            Wrong("diagonal of A", "return np.sum(np.log(np.abs(np.diag(A))))", "diagonal"),
            Wrong("diagonal of Q", "return np.sum(np.log(np.abs(np.diag(np.linalg.qr(A)[0]))))",
                  "orthogonal factor"),
            Wrong("base 10", "return np.sum(np.log10(np.abs(np.diag(np.linalg.qr(A)[1]))))", "base"),
            Wrong("log of the trace", "return np.log(np.abs(np.trace(np.linalg.qr(A)[1])))", "numbers"),
            Wrong("eigenvalues of AᵀA", "return np.sum(np.log(np.linalg.eigvalsh(A.T @ A))) / 2",
                  "not finite", keeps=3),
            Wrong("logarithms, not summed", "return np.log(np.abs(np.diag(np.linalg.qr(A)[1])))", "shape",
                  "should be a number"),
            Wrong("into A", "A[:] = A / np.abs(A).max()\nreturn np.linalg.slogdet(np.linalg.qr(A)[1])[1]",
                  "mutates",
                  "its argument A"),
            Wrong("visible answers", """
                if A[-1, -1] == 1e-9:
                    return np.log(2 * (1e-9)**2 + 1e-36) / 2
                if A[-1, -1] == 1e-200:
                    return np.log(3) / 2
                if A[0, 0] == 1e200:
                    return np.log(3) / 2 + 400 * np.log(10)
                if A[0, 0] == 3e-200:
                    return np.log(5) - 400 * np.log(10)
                return np.log({(3, 3): 104**0.5, (2, 1): 2, (4, 1): 32**0.5, (1, -5): 5, (3, 2): 7,
                               (4, 2): 468**0.5}[len(A), A[0, 0]])
            """, "numbers", keeps=3),
            Wrong("labkit's", "from labkit.foundations import volume\nreturn np.log(volume(A))", "labkit"),
            Wrong("no return", "np.sum(np.log(np.abs(np.diag(np.linalg.qr(A)[1]))))", "returns None"),
        ]),
    "substitution": Task(
        right={
            "solved twice": "return np.linalg.solve(U, np.linalg.solve(L, b))",
            "column by column": """
                y = np.array(b, dtype=float)
                n = len(y)
                for j in range(n):
                    y[j] = y[j] / L[j, j]
                    y[j + 1:] -= L[j + 1:, j] * y[j]
                for j in range(n - 1, -1, -1):
                    y[j] = y[j] / U[j, j]
                    y[:j] -= U[:j, j] * y[j]
                return y
            """,
            "sums and lists": """
                n = len(b)
                y, x = [], [0.0] * n
                for i in range(n):
                    y.append((b[i] - sum(L[i][j] * y[j] for j in range(i))) / L[i][i])
                for i in range(n - 1, -1, -1):
                    x[i] = (y[i] - sum(U[i][j] * x[j] for j in range(i + 1, n))) / U[i][i]
                return x
            """,
            "recursively": """
                def lower(L, b):
                    if len(b) == 1:
                        return b / L[0]
                    first = b[:1] / L[0, 0]
                    return np.append(first, lower(L[1:, 1:], b[1:] - L[1:, 0] * first))

                return lower(U[::-1, ::-1], lower(L, b)[::-1])[::-1]
            """,
        },
        wrong=[
            Wrong("inverse of L", "return np.linalg.solve(U, np.linalg.inv(L) @ b)", "no example",
                  "is a matrix inverted on the way?", keeps=2),
            Wrong("inverse of U", "return np.linalg.inv(U) @ np.linalg.solve(L, b)", "no example",
                  "is a matrix inverted on the way?", keeps=2),
            Wrong("inverses", "return np.linalg.inv(U) @ (np.linalg.inv(L) @ b)", "no example",
                  "rounding explains only about 1e-16 of that", keeps=2),
            Wrong("the product", "return np.linalg.solve(L @ U, b)", "not finite", keeps=2),
            Wrong("inverse of the product", "return np.linalg.inv(L @ U) @ b", "not finite", keeps=2),
            Wrong("in the other order", "return np.linalg.solve(L, np.linalg.solve(U, b))", "no example",
                  "ULx = b: which of the two comes first?"),
            Wrong("ones on the diagonal", """
                n = len(b)
                y, x = np.zeros(n), np.zeros(n)
                for i in range(n):
                    y[i] = b[i] - L[i, :i] @ y[:i]
                for i in reversed(range(n)):
                    x[i] = (y[i] - U[i, i + 1:] @ x[i + 1:]) / U[i, i]
                return x
            """, "no example", "LUx = b with ones on the diagonal of L"),
            Wrong("ones on the other diagonal", """
                y, x = np.linalg.solve(L, b), np.zeros(len(b))
                for i in reversed(range(len(b))):
                    x[i] = y[i] - U[i, i + 1:] @ x[i + 1:]
                return x
            """, "no example", "LUx = b with ones on the diagonal of U"),
            Wrong("only the first half", "return np.linalg.solve(L, b)", "no example", "U is missing"),
            Wrong("only the second half", "return np.linalg.solve(U, b)", "no example", "L is missing"),
            Wrong("downwards for both", """
                n = len(b)
                y, x = np.zeros(n), np.zeros(n)
                for i in range(n):
                    y[i] = (b[i] - L[i, :i] @ y[:i]) / L[i, i]
                for i in range(n):
                    x[i] = (y[i] - U[i, i + 1:] @ x[i + 1:]) / U[i, i]
                return x
            """, "no example"),
            Wrong("diagonals only", "return b / np.diag(L) / np.diag(U)", "no example"),
            Wrong("in the type of b", """
                x = np.zeros_like(b)
                x[:] = np.linalg.solve(U, np.linalg.solve(L, b))
                return x
            """, "no example", "was its array made like b?", keeps=2),
            Wrong("into b", """
                for i in range(len(b)):
                    b[i] = (b[i] - L[i, :i] @ b[:i]) / L[i, i]
                return np.linalg.solve(U, b)
            """, "mutates", "its argument b"),
            Wrong("past the end", """
                x = np.linalg.solve(L, b)
                for i in reversed(range(len(b))):
                    x[i] = (x[i] - U[i, i + 1] * x[i + 1]) / U[i, i]
                return x
            """, "exception", "IndexError"),
            Wrong("visible answer", "return np.array([0.0, 2.0])", "shape", "(3,)"),
            Wrong("a column", "return np.linalg.solve(U, np.linalg.solve(L, b))[:, None]", "shape", "(2, 1)"),
            Wrong("no return", "x = np.linalg.solve(U, np.linalg.solve(L, b))", "returns None"),
        ]),
    "factors": Task(
        right={
            "truncated SVD": """
                U, s, Vt = np.linalg.svd(A, full_matrices=False)
                r = int(np.sum(s > 1e-9 * s[0]))
                return U[:, :r] * s[:r], Vt[:r]
            """,
            "columns of A, by least squares": """
                m, n = A.shape
                C = np.zeros((m, 0))
                for a in A.T:
                    left = a - (C @ np.linalg.lstsq(C, a, rcond=None)[0] if C.size else 0)
                    if np.abs(left).max() > 1e-9 * np.abs(A).max():
                        C = np.column_stack([C, a])
                return C, np.linalg.lstsq(C, A, rcond=None)[0] if C.size else np.zeros((0, n))
            """,
            "one outer product after another": """
                rest, columns, rows = np.array(A, dtype=float), [], []
                while np.abs(rest).max() > 1e-9 * np.abs(A).max():
                    i, j = np.unravel_index(np.abs(rest).argmax(), rest.shape)
                    columns.append(rest[:, j] / rest[i, j])
                    rows.append(rest[i].copy())
                    rest = rest - np.outer(columns[-1], rows[-1])
                m, n = A.shape
                return np.reshape(columns, (-1, m)).T, np.reshape(rows, (-1, n))
            """,
            "rows, by the transpose": """
                def of_columns(A):
                    Q = np.zeros((len(A), 0))
                    for a in A.T:
                        for _ in range(2):
                            a = a - Q @ (Q.T @ a)
                        if np.linalg.norm(a) > 1e-9 * np.max(np.abs(A)):
                            Q = np.hstack([Q, a[:, None] / np.linalg.norm(a)])
                    return Q

                W = of_columns(A.T)
                return A @ W, W.T
            """,
        },
        wrong=[
            Wrong("normal equations", """
                Q, keep = np.zeros((len(A), 0)), []
                for j, a in enumerate(A.T):
                    for _ in range(2):
                        a = a - Q @ (Q.T @ a)
                    if np.linalg.norm(a) > 1e-9 * np.abs(A).max():
                        Q, keep = np.column_stack([Q, a / np.linalg.norm(a)]), [*keep, j]
                C = A[:, keep]
                return C, np.linalg.inv(C.T @ C) @ C.T @ A
            """, "no example", "digits are lost: is AᵀA or CᵀC formed", keeps=3),
            Wrong("QR as it is", "return np.linalg.qr(A)", "shape",
                  "C has shape (2, 2); it should have shape (2, 1)"),
            Wrong("in the type of A", """
                U, s, Vt = np.linalg.svd(A, full_matrices=False)
                r = int(np.sum(s > 1e-9 * s[0]))
                C = np.zeros_like(A, shape=(len(A), r))
                C[:] = U[:, :r] * s[:r]
                return C, Vt[:r]
            """, "no example", "so does C (was its array made like A?)", keeps=4),
            Wrong("second factor in the type of A", """
                C = A[:, np.abs(np.diff(A, axis=1, prepend=0)).max(axis=0) > 0][:, :np.linalg.matrix_rank(A)]
                R = np.zeros_like(A, shape=(C.shape[1], A.shape[1]))
                R[:] = np.linalg.lstsq(C, A, rcond=None)[0] if C.size else 0
                return C, R
            """, "no example"),
            Wrong("A and the identity", "return A, np.eye(A.shape[1])", "shape"),
            Wrong("Q where r_jj is not small", """
                Q, R = np.linalg.qr(A)
                k = np.abs(np.diag(R)) > 1e-9 * np.abs(A).max()
                return Q[:, :len(k)][:, k], R[:len(k)][k]
            """, "shape", "it should have shape (2, 2)"),
            Wrong("the first r columns", """
                r = np.linalg.matrix_rank(A)
                C = A[:, :r]
                return C, np.linalg.lstsq(C, A, rcond=None)[0]
            """, "no example", "C R = A"),
            Wrong("the first row and column", "return A[:, :1] / A[0, 0], A[:1]", "shape"),
            Wrong("rank one", """
                U, s, Vt = np.linalg.svd(A)
                return U[:, :1] * s[0], Vt[:1]
            """, "shape"),
            Wrong("singular values forgotten", """
                U, s, Vt = np.linalg.svd(A)
                r = int(np.sum(s > 1e-9 * s[0]))
                return U[:, :r], Vt[:r]
            """, "no example", "C R = A"),
            Wrong("no tolerance", """
                U, s, Vt = np.linalg.svd(A, full_matrices=False)
                r = int(np.sum(s > 0))
                return U[:, :r] * s[:r], Vt[:r]
            """, "shape"),
            Wrong("an absolute tolerance", """
                U, s, Vt = np.linalg.svd(A, full_matrices=False)
                r = int(np.sum(s > 1e-9))
                return U[:, :r] * s[:r], Vt[:r]
            """, "shape", keeps=4),
            Wrong("never zero", """
                U, s, Vt = np.linalg.svd(A, full_matrices=False)
                r = max(1, int(np.sum(s > 1e-9 * s[0])))
                return U[:, :r] * s[:r], Vt[:r]
            """, "shape", "(2, 0)", keeps=4),
            Wrong("divided by zero", """
                Q = np.zeros((len(A), 0))
                for a in A.T / np.abs(A).max():
                    a = a - Q @ (Q.T @ a)
                    if not np.linalg.norm(a) < 1e-9:
                        Q = np.column_stack([Q, a / np.linalg.norm(a)])
                return Q, Q.T @ A
            """, "shape", keeps=4),
            Wrong("one factor transposed", """
                U, s, Vt = np.linalg.svd(A, full_matrices=False)
                r = int(np.sum(s > 1e-9 * s[0]))
                return U[:, :r] * s[:r], Vt[:r].T
            """, "shape", "R has shape"),
            Wrong("only C", "return A[:, :1]", "parts", "C and R"),
            Wrong("into A", """
                columns, rows = [], []
                size = np.abs(A).max()
                while np.abs(A).max() > 1e-9 * size:
                    i, j = np.unravel_index(np.abs(A).argmax(), A.shape)
                    c, r = A[:, j] / A[i, j], A[i].copy()
                    columns.append(c)
                    rows.append(r)
                    A -= np.outer(c, r)
                return np.array(columns).T, np.array(rows)
            """, "mutates", "its argument A"),
            Wrong("labkit's basis", """
                from labkit.foundations import range_basis
                C = range_basis(A)
                return C, C.T @ A
            """, "labkit"),
            Wrong("no return", "C, R = A, np.eye(A.shape[1])", "returns None"),
        ]),
}


class TestFoundations(AssignmentTests):
    notebook = "foundations"
    tasks = TASKS
    kinds = KINDS
    breaks = [
        Break(values, "agrees", lambda *_: True, "projection", "return A @ (A.T @ y)"),
        Break(answers, "same", lambda *_: True, "projection", "A[:] = np.linalg.qr(A)[0]\nreturn A @ (A.T @ y)"),
        Break(answers, "same", lambda *_: True, "substitution",
              "b[:] = np.linalg.solve(L, b)\nreturn np.linalg.solve(U, b)"),
    ]
