"""Assignment "Orthogonality": other right answers keep their marks, and the usual mistakes lose them."""

import textwrap

from labkit.checks import answers, values
from tests.course.graders.common import AssignmentTests, Break, DerivationTests, Slip, Task, Wrong, ladder

KINDS = {  # what the student reads for the kinds that this assignment names itself, or in its own way
    "labkit": "yourself",
    "as given": "what sort of matrix is asked for?",
    "absolute": "Can q(x) be negative?",
    "length": "of length 1?",
    "diagonal": "stand in one place only",
    "not symmetric": "these are eigenvalues of C",
    "of A": "not that of its eigenvectors",
    "halves": "how much of it should each place get?",
    "order": "smallest value comes first",
    "reciprocal": "at least 1",
    "root": "Where did the root go?",
}

def solved(returned, matrix="my_matrix"):
    """Write an answer to Task 4: c, values and V of a matrix, and what of them to return."""
    return textwrap.dedent(f"""
        A = {matrix}
        values = np.round(np.linalg.eigvals(A).real)
        c, V = np.round(np.poly(values)[1:]), []
        for z in values:
            B, C = (A - w * np.eye(3) for w in values if w != z)
            v = (B @ C)[:, np.abs(B @ C).max(axis=0).argmax()].astype(int)
            V.append(v // np.gcd.reduce(v))
        V = np.transpose(V)
        return {returned}
    """)


TASKS = {
    "reflect": Task(
        right={
            "unit vector": """
                u = v / np.abs(v).max()
                u = u / np.sqrt(u @ u)
                return x - 2 * u * (u @ x)
            """,
            "projection twice": """
                v = v / np.max(np.abs(v))
                along = (v @ x) / (v @ v) * v
                return x - along - along
            """,
            "the largest entry with its sign": """
                w = v / v[np.argmax(np.abs(v))]
                return x - w * (2 * np.dot(w, x) / np.dot(w, w))
            """,
            "mean values": """
                w = np.divide(v, np.linalg.norm(v, np.inf))
                return np.subtract(x, 2 * np.mean(w * x) / np.mean(w**2) * w)
            """,
        },
        wrong=[
            Wrong("projection", "return x - (v @ x) / (v @ v) * v", "no example", "changes its sign"),
            Wrong("only for unit vectors", "return x - 2 * (v @ x) * v", "no example", "changes its sign"),
            Wrong("divided by the length", "return x - 2 * (v @ x) / np.linalg.norm(v) * v", "no example"),
            Wrong("sign", "return 2 * (v @ x) / (v @ v) * v - x", "no example", "changes its sign"),
            Wrong("x reversed", "return -x", "no example", "multiple of v"),
            Wrong("roles exchanged", "return v - 2 * (v @ x) / (x @ x) * x", "no example"),
            Wrong("squares overflow", "return x - 2 * (v @ x) / (v @ v) * v", "no example",
                  "1e200 overflows", keeps=2),
            Wrong("norm overflows", """
                u = v / np.linalg.norm(v)
                return x - 2 * (u @ x) * u
            """, "no example", keeps=2),
            Wrong("largest entry without its absolute value", """
                w = v / np.max(v)
                return x - 2 * (w @ x) / (w @ w) * w
            """, "not finite"),
            Wrong("the matrix", """
                v = v / np.abs(v).max()
                return (np.eye(len(v)) - 2 * np.outer(v, v) / np.dot(v, v)) @ x
            """, "exception", "Is a matrix formed where vectors would do?", keeps=1),
            Wrong("a list", """
                w = v / np.abs(v).max()
                return (x - 2 * (w @ x) / (w @ w) * w).tolist()
            """, "type", "an array, not a list", keeps=1),
            Wrong("in place", "x -= 2 * (v @ x) / (v @ v) * v\nreturn x", "mutates", "its argument x"),
            Wrong("whole numbers in place", """
                v, x = v / np.abs(v).max(), x.copy()
                x -= 2 * (v @ x) / (v @ v) * v
                return x
            """, "exception", "An array of whole numbers cannot take fractions", keeps=1),
            Wrong("the matrix alone", "return np.eye(len(v)) - 2 * np.outer(v, v) / (v @ v)", "shape"),
            Wrong("no return", "z = x - 2 * (v @ x) / (v @ v) * v", "returns None"),
            Wrong("visible answers", """
                known = {(0, 2): [3, -1], (1, 1): [-1, -3], (1, -2): [1 - 10 / 9, 20 / 9, 2 - 20 / 9],
                         (0, -2): [3, -1], (2,): [-3], (1e200, 1e200): [-1, -3], (0, 2e-200): [3, -1]}
                return x - 2 * (v @ x) / (v @ v) * v if len(v) > 9 else np.array(known[tuple(v[:2])])
            """, "exception", "KeyError", keeps=2),
            Wrong("from labkit", """
                from labkit.orthogonality import reflection
                return reflection(v) @ x
            """, "labkit"),
        ]),
    "rows-not-columns": Task(
        right={
            "other rows": "return [[3, 1], [-2, 6]]",
            "diagonal lengths": "return np.array([[2, 4], [-2, 1]])",
            "floats": "return np.array([[1.0, 2.0], [8.0, -4.0]])",
        },
        wrong=[
            Wrong("rotation", "return [[0, -1], [1, 0]]", "no example", "columns are not orthogonal"),
            Wrong("a multiple of a rotation", "return [[3, -4], [4, 3]]", "no example", "are not orthogonal"),
            Wrong("a row of zeros", "return [[1, 1], [0, 0]]", "no example", "A is invertible"),
            Wrong("shear", "return [[1, 1], [0, 1]]", "no example", "Here their product is 1."),
            Wrong("columns instead", "return [[1, 2], [1, -2]]", "no example", "rows are orthogonal"),
            Wrong("three rows", "return np.diag([1, 2, 3])", "shape", "A has shape (3, 3)"),
            Wrong("fractions", "return [[0.5, 0.5], [2, -2]]", "whole numbers"),
            Wrong("two arrays", "return np.array([1, 1]), np.array([2, -2]), 0", "type"),
            Wrong("no return", "A = np.array([[1, 1], [2, -2]])", "returns None"),
        ]),
    "above-eigenvalues": Task(
        right={
            "lower triangle": "return [[2, 0], [5, 1]], [1, 1]",
            "not triangular": "return np.array([[3, 2], [-1, 0]]), np.array([4, 1])",
            "negative": "return np.array([[1.0, -6.0], [0.0, 2.0]]), np.array([-1.0, 1.0])",
        },
        wrong=[
            Wrong("symmetric", "return [[1, 0], [0, 2]], [0, 1]", "no example", "xᵀAx > 2 xᵀx"),
            Wrong("wrong side", "return [[1, 9], [0, 2]], [1, -1]", "no example", "xᵀAx > 2 xᵀx"),
            Wrong("equality", "return [[1, 1], [0, 2]], [1, 1]", "no example", "Here xᵀAx = 4 and 2 xᵀx = 4."),
            Wrong("x = 0", "return [[1, 9], [0, 2]], [0, 0]", "no example", "xᵀAx > 2 xᵀx"),
            Wrong("other eigenvalues", "return [[1, 9], [0, 3]], [1, 1]", "no example", "Here the trace is 4."),
            Wrong("right trace alone", "return [[0, 9], [0, 3]], [1, 1]", "no example", "Here det A = 0."),
            Wrong("x as a column", "return [[1, 9], [0, 2]], [[1], [1]]", "shape"),
            Wrong("only A", "return np.array([[1, 9], [0, 2]])", "parts"),
            Wrong("unit x", "return np.array([[1, 9], [0, 2]]), np.array([1, 1]) / 2**0.5", "whole numbers"),
        ]),
    "plane-of-eigenvectors": Task(
        right={
            "corner": "return [[2, 0, 7], [0, 2, 0], [0, 0, 2]]",
            "lower": "return np.array([[2, 0, 0], [0, 2, 0], [-3, 4, 2]])",
            "full": "return 2 * np.eye(3) + np.outer([1, 1, 1], [1, 1, -2])",
        },
        wrong=[
            Wrong("twice the identity", "return 2 * np.eye(3)", "no example", "defective"),
            Wrong("one line only", "return [[2, 1, 0], [0, 2, 1], [0, 0, 2]]", "no example", "one line only"),
            Wrong("another eigenvalue", "return [[2, 1, 0], [0, 2, 0], [0, 0, 3]]", "no example",
                  "no eigenvalue but 2"),
            Wrong("eigenvalue 1", "return [[1, 1, 0], [0, 1, 0], [0, 0, 1]]", "no example",
                  "Here the coefficients are [1, -3, 3, -1]"),
            Wrong("nilpotent", "return [[0, 1, 0], [0, 0, 0], [0, 0, 0]]", "no example", "no eigenvalue but 2"),
            Wrong("two dimensions", "return [[2, 1], [0, 2]]", "shape"),
            Wrong("NaN", "return np.full((3, 3), np.nan)", "not finite"),
            Wrong("no return", "A = np.eye(3)", "returns None"),
        ]),
    "tall": Task(
        right={
            "the projection matrix": "P = Q @ Q.T\nreturn P @ y, (np.eye(len(y)) - P) @ y",
            "column by column": """
                inside = np.zeros(len(y))
                for q in Q.T:
                    inside = inside + (q @ y) * q
                return inside, y - inside
            """,
            "one after the other": """
                rest = y.astype(float)
                for j in range(Q.shape[1]):
                    rest = rest - (Q[:, j] @ rest) * Q[:, j]
                return [y - rest, rest]
            """,
            "einsum": """
                inside = np.einsum('ij,kj,k->i', Q, Q, y)
                return inside, y - inside
            """,
            "least squares": """
                inside = Q @ np.linalg.lstsq(Q, y)[0]
                return inside, y - inside
            """,
        },
        wrong=[
            Wrong("QQᵀ = I", "return y, 0 * y", "no example", "inside lies in the range"),
            Wrong("coordinates", "return Q.T @ y, y - Q @ (Q.T @ y)", "shape", "inside"),
            Wrong("QᵀQ", "return Q.T @ Q @ y, y", "exception", "ValueError"),
            Wrong("other order", "inside = Q @ (Q.T @ y)\nreturn y - inside, inside", "no example",
                  "inside lies in the range"),
            Wrong("sign of the rest", "p = Q @ (Q.T @ y)\nreturn p, p - y", "no example",
                  "inside + perpendicular = y"),
            Wrong("only one", "return Q @ (Q.T @ y)", "parts", "inside and perpendicular"),
            Wrong("first column only", """
                inside = (Q[:, 0] @ y) * Q[:, 0]
                return inside, y - inside
            """, "no example", "to each column"),
            Wrong("inverse", "inside = Q @ np.linalg.solve(Q, y)\nreturn inside, y - inside", "exception",
                  "LinAlgError"),
            Wrong("in place", "y -= Q @ (Q.T @ y)\nreturn y, y", "mutates", "its argument y"),
            Wrong("reflected", "p = Q @ (Q.T @ y)\nreturn p, y - 2 * p", "no example", "to each column"),
            Wrong("whole numbers stop it", """
                inside = np.zeros_like(y)
                for q in Q.T:
                    inside += (q @ y) * q
                return inside, y - inside
            """, "exception", "An array of whole numbers cannot take fractions", keeps=2),
            Wrong("whole numbers cut off", """
                inside = np.zeros_like(y)
                inside[:] = Q @ (Q.T @ y)
                return inside, y - inside
            """, "no example", "inside lies in the range", keeps=2),
            Wrong("visible sizes only", """
                if len(y) > 3:
                    return y, y
                return Q @ (Q.T @ y), y - Q @ (Q.T @ y)
            """, "no example", keeps=3),
            Wrong("zero for both", "return 0 * y, 0 * y", "no example", "inside + perpendicular = y"),
            Wrong("no return", "inside = Q @ (Q.T @ y)", "returns None"),
        ]),
    "by-hand": Task(
        right={
            "by the machine, rounded": """
                values, V = np.linalg.eig(my_matrix)
                for v in V.T:
                    v /= min(abs(entry) for entry in v if abs(entry) > 1e-9)
                    v *= next(k for k in range(1, 7) if np.allclose(k * v, np.round(k * v), atol=1e-6))
                return np.poly(my_matrix)[1:].round(), values.round(), V.round()
            """,
            "cross products of rows": """
                values = [z for z in range(-9, 10) if round(np.linalg.det(my_matrix - z * np.eye(3))) == 0]
                vectors = []
                for z in values:
                    rows = my_matrix - z * np.eye(3, dtype=int)
                    products = [np.cross(rows[i], rows[j]) for i in range(3) for j in range(i)]
                    v = max(products, key=lambda v: abs(v).max())
                    vectors.append(v / np.gcd.reduce(v))
                a, b, c = values
                return [-a - b - c, a * b + a * c + b * c, -a * b * c], values, np.transpose(vectors)
            """,
            "trace and minors, lists": """
                M = my_matrix
                minors = sum(M[i, i] * M[j, j] - M[i, j] * M[j, i] for i in range(3) for j in range(i))
                c = [-np.trace(M), minors, -round(np.linalg.det(M))]
                values, vectors = sorted(np.roots([1, *c]).round()), []
                box = np.array(np.meshgrid(*3 * [range(-9, 10)])).reshape(3, -1)
                for z in values:
                    hits = box[:, (M @ box == z * box).all(axis=0) & box.any(axis=0)]
                    vectors.append(hits[:, 0])
                return c, values, [list(row) for row in zip(*vectors)]
            """,
        },
        wrong=[
            Wrong("the neighbour's numbers", solved(
                "c, values, V",
                'draw_a_matrix_with_whole_eigenvalues(checks.random_numbers("6-orthogonality", "the neighbour"))'),
                "no example", "det(λI − A)"),
            Wrong("signs of the coefficients", solved("c * [-1, 1, -1], values, V"), "no example",
                  "Here the left side is", keeps=2),
            Wrong("det(A − λI)", solved("-c, values, V"), "no example", "det(λI − A)", keeps=2),
            Wrong("right at 1 and −1 only", solved("c + [1, 0, -1], values, V"), "no example",
                  "c1 and c3 should be another number", keeps=5),
            Wrong("leading coefficient too", solved("[1, *c], values, V"), "shape", "c has shape (4,)"),
            Wrong("signs of the eigenvalues", solved("c, -values, V"), "no example", "A v = λ v", keeps=2),
            Wrong("eigenvectors as rows", solved("c, values, V.T"), "no example", "A v = λ v", keeps=2),
            Wrong("orders differ", solved("c, np.roll(values, 1), V"), "no example", "A v = λ v", keeps=2),
            Wrong("the last two exchanged", solved("c, values[[0, 2, 1]], V"), "no example",
                  "Here it is not so in column 2 and in column 3.", keeps=5),
            Wrong("zero as an eigenvector", solved("c, values, V * [0, 1, 1]"), "no example", "not zero", keeps=2),
            Wrong("zeros for the others", solved("c, values, V * [1, 0, 0]"), "no example", "the rank is 1",
                  keeps=5),
            Wrong("one line three times", solved("c, values[[0, 0, 0]], V[:, [0, 0, 0]]"), "no example",
                  "independent", keeps=5),
            Wrong("eigenvectors of the transposed", solved("c, values, V", "my_matrix.T"), "no example",
                  "A v = λ v", keeps=2),
            Wrong("long eigenvectors", solved("c, values, 20 * V"), "no example", "between −9 and 9",
                  keeps=5),
            Wrong("unit vectors", solved("c, values, V / np.linalg.norm(V, axis=0)"), "whole numbers"),
            Wrong("without the polynomial", solved("values, V"), "parts"),
            Wrong("no return", solved("c, values, V").replace("return ", ""), "returns None"),
        ]),
    "form": Task(
        right={
            "eigh": """
                A = 0.5 * C + 0.5 * C.T
                values = np.linalg.eigh(A).eigenvalues
                return A, np.array([values.min(), values.max()])
            """,
            "loops": """
                n = len(C)
                A = np.zeros((n, n))
                for i in range(n):
                    for j in range(i, n):
                        A[i, j] += C[i, j] / 2
                        A[j, i] += C[i, j] / 2
                return A, [np.linalg.eigvalsh(A)[0], np.linalg.eigvalsh(A)[-1]]
            """,
            "off the diagonal": """
                D = np.diag(np.diag(C))
                A = D + (C - D) / 2 + (C - D).T / 2
                values = sorted(np.linalg.eigvals(A).real)
                return A.tolist(), (values[0], values[-1])
            """,
        },
        wrong=[
            Wrong("mixed terms not halved", """
                A = C + C.T - np.diag(np.diag(C))
                return A, np.linalg.eigvalsh(A)[[0, -1]]
            """, "halves", "how much of it should each place get"),
            Wrong("everything doubled", "A = C + C.T\nreturn A, np.linalg.eigvalsh(A)[[0, -1]]", "diagonal",
                  "stand in one place only"),
            Wrong("C itself", "return C, np.linalg.eigvals(C)", "as given", "A: xᵀCx is q(x)"),
            Wrong("eigvalsh of C", "return (C + C.T) / 2, np.linalg.eigvalsh(C)[[0, -1]]", "not symmetric",
                  "extremes"),
            Wrong("largest first", "A = (C + C.T) / 2\nreturn A, np.linalg.eigvalsh(A)[[-1, 0]]", "order",
                  "smallest value comes first"),
            Wrong("singular values", """
                A = (C + C.T) / 2
                s = np.linalg.svd(A, compute_uv=False)
                return A, s[[-1, 0]]
            """, "absolute", "extremes"),
            Wrong("all eigenvalues", "A = (C + C.T) / 2\nreturn A, np.linalg.eigvalsh(A)", "shape", "extremes"),
            Wrong("whole numbers cut off", """
                A = C.copy()
                for i in range(len(C)):
                    for j in range(i):
                        A[j, i] = A[i, j] = C[j, i] / 2
                return A, np.linalg.eigvalsh(A)[[0, -1]]
            """, "integers", keeps=3),
            Wrong("into C", """
                C += C.T
                C /= 2
                return C, np.linalg.eigvalsh(C)[[0, -1]]
            """, "mutates", "its argument C"),
            Wrong("diagonal entries as extremes", """
                return (C + C.T) / 2, [np.diag(C).min(), np.diag(C).max()]
            """, "not symmetric", "extremes"),
            Wrong("only A", "return (C + C.T) / 2", "parts", "A and extremes"),
            Wrong("unsorted", "A = (C + C.T) / 2\nreturn A, np.linalg.eigvals(A)[[0, -1]]", "order"),
            Wrong("no return", "A = (C + C.T) / 2", "returns None"),
        ]),
    "rayleigh-gradient": Task(
        right={
            "both terms of the product rule": """
                return [
                    "df = (dx.T@A@x + x.T@A@dx)/(x.T@B@x) - (x.T@A@x)*(dx.T@B@x + x.T@B@dx)/(x.T@B@x)**2",
                    "df = 2*(x.T@A@dx)/(x.T@B@x) - 2*(x.T@A@x)*(x.T@B@dx)/(x.T@B@x)**2",
                    "G = 2/(x.T@B@x)*(A@x - (x.T@A@x)/(x.T@B@x)*(B@x))",
                ]
            """,
            "one text": '''
                return """
                df = 2 * x.T @ A @ dx / (x.T @ B @ x) - 2 * (x.T @ A @ x) * (x.T @ B @ dx) / (x.T @ B @ x)**2
                G = 2 * A @ x / (x.T @ B @ x) - 2 * (x.T @ A @ x) * B @ x / (x.T @ B @ x)**2
                """
            ''',
            "collected at once": """
                return ["df = 2*(A@x/(x.T@B@x) - (x.T@A@x)*B@x/(x.T@B@x)**2).T @ dx",
                        "G = 2*(A@x/(x.T@B@x) - (x.T@A@x)*B@x/(x.T@B@x)**2)"]
            """,
        },
        wrong=[
            Wrong("second term forgotten, no more", 'return ["df = 2*x.T@A@dx/(x.T@B@x)", "G = A@x/(x.T@B@x)"]',
                  "derivation", "a term is missing"),
            Wrong("the result alone", 'return ["G = 2*(A@x - (x.T@A@x)/(x.T@B@x)*B@x)/(x.T@B@x)"]',
                  "no differential", "Begin with a line"),
            Wrong("no lines", "return []", "not written"),
            Wrong("an array", "return np.zeros(3)", "type"),
            Wrong("no return", 'lines = ["df = 2*x.T@A@dx/(x.T@B@x)"]', "returns None"),
            Wrong("sign of the second term, gradient not read off", """
                return ["df = 2*x.T@A@dx/(x.T@B@x) + (x.T@A@x)*(2*x.T@B@dx)/(x.T@B@x)**2", "G = x"]
            """, "derivation"),
            Wrong("as if B were the identity", """
                return ["df = 2*x.T@A@dx/(x.T@x) - (x.T@A@x)*(2*x.T@dx)/(x.T@x)**2",
                        "G = 2*(A@x - (x.T@A@x)/(x.T@x)*x)/(x.T@B@x)"]
            """, "derivation", "no line leads to the gradient of f yet"),
            Wrong("x.T@B@x not squared", """
                return ["df = 2*x.T@A@dx/(x.T@B@x) - (x.T@A@x)*(2*x.T@B@dx)/(x.T@B@x)", "G = A@x"]
            """, "derivation"),
            Wrong("factor 2 forgotten", """
                return ["df = x.T@A@dx/(x.T@B@x) - (x.T@A@x)*(x.T@B@dx)/(x.T@B@x)**2", "G = A@x - x"]
            """, "derivation", "factor 2"),
            Wrong("an argument", "def rayleigh_lines(x):\n    return ['df = x']", "arguments"),
            Wrong("labkit derives", """
                from labkit.matcalc import derive
                given = "A: n,n symmetric; B: n,n symmetric; x: n"
                return [str(line) for line in derive("(x.T@A@x)/(x.T@B@x)", "x", given).lines]
            """, "labkit"),
        ]),
    "stretch-gradient": Task(
        right={
            "AᵀA": """
                return ["df = 2*x.T@A.T@A@dx/(x.T@x) - 2*(x.T@A.T@A@x)*(x.T@dx)/(x.T@x)**2",
                        "G = 2*A.T@A@x/(x.T@x) - 2*(x.T@A.T@A@x)*x/(x.T@x)**2"]
            """,
            "four steps": """
                return [
                    "df = (2*(A@x).T@A@dx*norm(x)**2 - norm(A@x)**2*2*x.T@dx)/norm(x)**4",
                    "df = 2*(A@x).T@A@dx/norm(x)**2 - 2*norm(A@x)**2*x.T@dx/norm(x)**4",
                    "df = (2*A.T@A@x/norm(x)**2 - 2*norm(A@x)**2*x/norm(x)**4).T@dx",
                    "G = 2*A.T@A@x/norm(x)**2 - 2*norm(A@x)**2*x/norm(x)**4",
                ]
            """,
            "other names": """
                return ["dh = 2*(A@x).T@A@dx/norm(x)**2 - 2*norm(A@x)**2*x.T@dx/norm(x)**4",
                        "x_bar = 2*(A.T@A@x - norm(A@x)**2/norm(x)**2*x)/norm(x)**2"]
            """,
            "a text": """
                return ("df = 2*(A.T@A@x/norm(x)**2 - norm(A@x)**2*x/norm(x)**4).T@dx\\n"
                        "G = 2*(A.T@A@x/norm(x)**2 - norm(A@x)**2*x/norm(x)**4)")
            """,
        },
        wrong=[
            Wrong("A not transposed", 'return ["df = 2*(A@x).T@dx/norm(x)**2", "G = A@A@x"]', "derivation"),
            Wrong("AAᵀ", """
                return ["df = 2*x.T@A@A.T@dx/norm(x)**2 - 2*norm(A@x)**2*x.T@dx/norm(x)**4", "G = x"]
            """, "derivation"),
            Wrong("second term forgotten", """
                return ["df = 2*(A@x).T@A@dx/norm(x)**2", "G = A.T@A@x"]
            """, "derivation", "a term is missing"),
            Wrong("norms not squared", """
                return ["df = 2*(A@x).T@A@dx/norm(x) - 2*norm(A@x)*x.T@dx/norm(x)**2", "G = x"]
            """, "derivation"),
            Wrong("the result alone", 'return "G = 2*(A.T@A@x - norm(A@x)**2/norm(x)**2*x)/norm(x)**2"',
                  "no differential"),
            Wrong("the lines of (a)", """
                return ["df = 2*x.T@A@dx/(x.T@B@x) - (x.T@A@x)*(2*x.T@B@dx)/(x.T@B@x)**2",
                        "G = 2*(A@x - (x.T@A@x)/(x.T@B@x)*B@x)/(x.T@B@x)"]
            """, "derivation", "cannot multiply"),
            Wrong("the lines of (a) without B", """
                return ["df = 2*x.T@A@dx/(x.T@x) - (x.T@A@x)*(2*x.T@dx)/(x.T@x)**2",
                        "G = 2*(A@x - (x.T@A@x)/(x.T@x)*x)/(x.T@x)"]
            """, "derivation"),
            Wrong("nothing carried out", """
                return ["df = d(norm(A@x)**2/norm(x)**2)",
                        "G = 2*(A.T@A@x - norm(A@x)**2/norm(x)**2*x)/norm(x)**2"]
            """, "no differential", "carry the differential out"),
            Wrong("sign, and G a row", """
                return ["df = 2*(A@x).T@A@dx/norm(x)**2 + 2*norm(A@x)**2*x.T@dx/norm(x)**4",
                        "G = 2*x.T@A.T@A/norm(x)**2 + 2*norm(A@x)**2*x.T/norm(x)**4"]
            """, "derivation"),
            Wrong("factor 2 lost, no G", """
                return "df = (A@x).T@A@dx/norm(x)**2 - norm(A@x)**2*x.T@dx/norm(x)**4"
            """, "derivation", "factor 2"),
            Wrong("empty text", 'return ""', "not written"),
            Wrong("no return", 'lines = "df = x"', "returns None"),
        ]),
    "basis": Task(
        right={
            "cosine and sine": """
                h = np.hypot(t, b - a)
                return (1 + abs(t) / h) / (abs(b - a) / h)
            """,
            "one ratio": """
                s = abs(t / (b - a))
                return s + (1 + s * s) ** 0.5
            """,
            "inverse hyperbolic sine": "return np.exp(np.arcsinh(abs(t) / abs(a - b)))",
        },
        wrong=[
            Wrong("cancellation", """
                c = abs(t) / np.hypot(t, b - a)
                return np.sqrt((1 + c) / (1 - c))
            """, "inexact", "digits lost", keeps=2),
            Wrong("by the machine", """
                return np.linalg.cond(np.linalg.eig(np.array([[a, t], [0, b]]))[1])
            """, "numbers", keeps=2),
            Wrong("the check's own way", """
                V = np.linalg.eig(np.array([[a, t], [0, b]]))[1]
                angles = np.linspace(-np.pi / 2, np.pi / 2, 20001)
                lengths = np.linalg.norm(V @ [np.cos(angles), np.sin(angles)], axis=0)
                return lengths.max() / lengths.min()
            """, "numbers", keeps=2),
            Wrong("no root", """
                c = abs(t) / np.hypot(t, b - a)
                return (1 + c) / (1 - c)
            """, "root", "Where did the root go?"),
            Wrong("not of length 1", "return np.linalg.cond(np.array([[1, t], [0, b - a]]))", "length"),
            Wrong("reciprocal", """
                c = abs(t) / np.hypot(t, b - a)
                return np.sqrt((1 - c) / (1 + c))
            """, "reciprocal", "at least 1"),
            Wrong("sign of t", "return (np.hypot(t, b - a) + t) / abs(b - a)", "reciprocal"),
            Wrong("sign of b − a", "return (np.hypot(t, b - a) + abs(t)) / (b - a)", "sign"),
            Wrong("κ(A)", "return np.linalg.cond(np.array([[a, t], [0, b]]))", "of A"),
            Wrong("only for b − a = 1", "return np.hypot(t, 1) + abs(t)", "numbers"),
            Wrong("divided by t", "c = (b - a) / t\nreturn 1 / c + np.sqrt(1 + 1 / c**2)", "exception",
                  "ZeroDivisionError", keeps=3),
            Wrong("plus for minus", "return (np.hypot(t, b + a) + abs(t)) / abs(b - a)",
                  "numbers", "the number is wrong"),
            Wrong("an array", "return [(np.hypot(t, b - a) + abs(t)) / abs(b - a)]", "shape"),
            Wrong("no return", "c = t", "returns None"),
        ]),
    "qr": Task(
        right={
            "numpy, signs put right": """
                Q, R = np.linalg.qr(A)
                sign = np.where(np.diag(R) < 0, -1.0, 1.0)
                return Q * sign, R * sign[:, None]
            """,
            "classical, twice": """
                m, n = A.shape
                Q, R = np.zeros((m, n)), np.zeros((n, n))
                for j in range(n):
                    v = A[:, j].astype(float)
                    for _ in range(2):
                        c = Q[:, :j].T @ v
                        v = v - Q[:, :j] @ c
                        R[:j, j] += c
                    R[j, j] = np.linalg.norm(v)
                    Q[:, j] = v / R[j, j]
                return Q, R
            """,
            "reflections": """
                m, n = A.shape
                R, Q = A.astype(float), np.eye(m)
                for j in range(n):
                    v = R[j:, j].copy()
                    v[0] += np.copysign(np.linalg.norm(v), v[0])
                    v = v / np.linalg.norm(v)
                    R[j:] -= 2 * np.outer(v, v @ R[j:])
                    Q[:, j:] -= 2 * np.outer(Q[:, j:] @ v, v)
                sign = np.sign(np.diag(R)[:n])
                return Q[:, :n] * sign, np.triu(R[:n]) * sign[:, None]
            """,
            "Q first, then R = QᵀA": """
                Q = np.linalg.qr(A)[0]
                Q = Q * np.sign(np.diag(Q.T @ A))
                return Q, Q.T @ A
            """,
        },
        wrong=[
            Wrong("classical, once", """
                m, n = A.shape
                Q, R = np.zeros((m, n)), np.zeros((n, n))
                for j in range(n):
                    v = A[:, j].astype(float)
                    R[:j, j] = Q[:, :j].T @ v
                    v = v - Q[:, :j] @ R[:j, j]
                    R[j, j] = np.linalg.norm(v)
                    Q[:, j] = v / R[j, j]
                return Q, R
            """, "no example", "‖QᵀQ − I‖", keeps=3),
            Wrong("modified, once", """
                Q, n = np.array(A, dtype=float), A.shape[1]
                R = np.zeros((n, n))
                for j in range(n):
                    for i in range(j):
                        R[i, j] = Q[:, i] @ Q[:, j]
                        Q[:, j] -= R[i, j] * Q[:, i]
                    R[j, j] = np.linalg.norm(Q[:, j])
                    Q[:, j] /= R[j, j]
                return Q, R
            """, "no example", "‖QᵀQ − I‖", keeps=3),
            Wrong("twice, R of the first round only", """
                m, n = A.shape
                Q, R = np.zeros((m, n)), np.zeros((n, n))
                for j in range(n):
                    v = A[:, j].astype(float)
                    R[:j, j] = Q[:, :j].T @ v
                    v = v - Q[:, :j] @ R[:j, j]
                    v = v - Q[:, :j] @ (Q[:, :j].T @ v)
                    v = v / np.linalg.norm(v)
                    Q[:, j], R[j, j] = v, 1
                return Q, R
            """, "no example", "A = QR"),
            Wrong("Cholesky of AᵀA", """
                R = np.linalg.cholesky(A.T @ A).T
                return A @ np.linalg.inv(R), R
            """, "exception", "LinAlgError", keeps=3),
            Wrong("numpy's signs", "return np.linalg.qr(A)", "no example", "diagonal of R is positive"),
            Wrong("the full Q", """
                Q, R = np.linalg.qr(A, mode="complete")
                sign = np.append(np.sign(np.diag(R)), np.ones(len(A) - A.shape[1]))
                return Q * sign, R * sign[:, None]
            """, "shape"),
            Wrong("absolute value of the diagonal", """
                Q, R = np.linalg.qr(A)
                np.fill_diagonal(R, np.abs(np.diag(R)))
                return Q, R
            """, "no example", "A = QR"),
            Wrong("R transposed", """
                Q, R = np.linalg.qr(A)
                sign = np.sign(np.diag(R))
                return Q * sign, (R * sign[:, None]).T
            """, "no example"),
            Wrong("lengths left", """
                Q = np.array(A, dtype=float)
                R = np.eye(A.shape[1])
                for j in range(A.shape[1]):
                    for i in range(j):
                        R[i, j] = Q[:, i] @ A[:, j] / (Q[:, i] @ Q[:, i])
                        Q[:, j] -= R[i, j] * Q[:, i]
                return Q, R
            """, "no example", "length 1"),
            Wrong("into A", """
                n = A.shape[1]
                R = np.zeros((n, n))
                for j in range(n):
                    for _ in range(2):
                        for i in range(j):
                            r = A[:, i] @ A[:, j]
                            R[i, j] += r
                            A[:, j] -= r * A[:, i]
                    R[j, j] = np.linalg.norm(A[:, j])
                    A[:, j] /= R[j, j]
                return A, R
            """, "mutates", "its argument A"),
            Wrong("whole numbers cut off", """
                Q, n = A.copy(), A.shape[1]
                R = np.zeros((n, n))
                for j in range(n):
                    for _ in range(2):
                        for i in range(j):
                            r = Q[:, i] @ Q[:, j]
                            R[i, j] += r
                            Q[:, j] = Q[:, j] - r * Q[:, i]
                    R[j, j] = np.linalg.norm(Q[:, j])
                    Q[:, j] = Q[:, j] / R[j, j]
                return Q, R
            """, "no example", "A = QR", keeps=3),
            Wrong("the sign of zero", """
                m, n = A.shape
                R, Q = A.astype(float), np.eye(m)
                for j in range(n):
                    v = R[j:, j].copy()
                    v[0] += np.sign(v[0]) * np.linalg.norm(v)
                    v = v / np.linalg.norm(v)
                    R[j:] -= 2 * np.outer(v, v @ R[j:])
                    Q[:, j:] -= 2 * np.outer(Q[:, j:] @ v, v)
                sign = np.sign(np.diag(R)[:n])
                return Q[:, :n] * sign, np.triu(R[:n]) * sign[:, None]
            """, "no example", keeps=3),
            Wrong("columns skipped that are short", """
                Q, R = np.linalg.qr(A)
                sign = np.sign(np.diag(R))
                keep = np.abs(np.diag(R)) > 1e-9 * abs(R[0, 0])
                return Q * sign * keep, R * sign[:, None]
            """, "no example", keeps=6),
            Wrong("only Q", "return np.linalg.qr(A)[0]", "parts", "Q and R"),
            Wrong("from labkit", """
                from labkit.orthogonality import householder_qr
                f = householder_qr(A)
                return f.Q, f.R
            """, "labkit"),
            Wrong("no return", "Q, R = np.linalg.qr(A)", "returns None"),
        ]),
    "shift": Task(
        right={
            "maximum and minimum": """
                rest = values[1:]
                c = -(rest.max() + rest.min()) / 2
                return c, np.abs(rest + c).max() / (values[0] + c)
            """,
            "one fraction": """
                first, last = values[1], values[-1]
                return -(first + last) / 2, (first - last) / (2 * values[0] - first - last)
            """,
            "a list": """
                c = -0.5 * values[1] - 0.5 * values[-1]
                return [c, abs(values[1] + c) / abs(values[0] + c)]
            """,
        },
        wrong=[
            Wrong("c with the other sign", """
                c = (values[1] + values[-1]) / 2
                return c, (values[1] - values[-1]) / 2 / (values[0] - c)
            """, "no example", "no other shift is faster"),
            Wrong("the middle of all", """
                c = -(values[0] + values[-1]) / 2
                return c, 1.0
            """, "no example", "r(c) < 1"),
            Wrong("smallest to zero", """
                c = -values[-1]
                return c, (values[1] + c) / (values[0] + c)
            """, "no example", "no other shift is faster"),
            Wrong("no shift", "return 0.0, np.abs(values[1:]).max() / abs(values[0])", "no example",
                  "no other shift is faster"),
            Wrong("mean of the others", """
                c = -np.mean(values[1:])
                return c, np.abs(values[1:] + c).max() / abs(values[0] + c)
            """, "no example", "no other shift is faster"),
            Wrong("λ₂ to zero", """
                c = -values[1]
                return c, abs(values[-1] + c) / abs(values[0] + c)
            """, "no example", "r(c) < 1"),
            Wrong("rate of λ₁ unshifted", """
                middle = (values[1] + values[-1]) / 2
                return -middle, (values[1] - values[-1]) / 2 / values[0]
            """, "no example", "the second number is r(c)"),
            Wrong("half forgotten", """
                c = -(values[1] + values[-1])
                return c, np.abs(values[1:] + c).max() / abs(values[0] + c)
            """, "no example", "no other shift is faster"),
            Wrong("reciprocal rate", """
                c = -(values[1] + values[-1]) / 2
                return c, (values[0] + c) / (values[1] + c)
            """, "no example", "the second number is r(c)"),
            Wrong("three eigenvalues only", """
                c = -(values[1] + values[2]) / 2
                return c, abs(values[1] + c) / abs(values[0] + c)
            """, "no example", "r(c) < 1"),
            Wrong("not for n = 2", """
                c = -(values[1] + values[max(2, len(values) - 1)]) / 2
                return c, abs(values[1] + c) / abs(values[0] + c)
            """, "exception", "IndexError", keeps=3),
            Wrong("search on a grid", """
                shifts = np.linspace(-10, 10, 20001)
                rates = [np.abs(values[1:] + c).max() / abs(values[0] + c) if values[0] + c else 9 for c in shifts]
                return shifts[np.argmin(rates)], min(rates)
            """, "no example", "no other shift is faster", keeps=2),
            Wrong("search to eight digits", """
                def rate(c):
                    return np.abs(values[1:] + c).max() / abs(values[0] + c)

                low, high = -values[1], -values[-1] + 1
                while high - low > 1e-8:
                    left, right = (2 * low + high) / 3, (low + 2 * high) / 3
                    low, high = (low, right) if rate(left) < rate(right) else (left, high)
                return low, rate(low)
            """, "no example", "a slightly larger c is faster"),
            Wrong("other order", """
                c = -(values[1] + values[-1]) / 2
                return (values[1] + c) / (values[0] + c), c
            """, "no example"),
            Wrong("only the shift", "return -(values[1] + values[-1]) / 2", "parts", "c and r"),
            Wrong("shifted in place", """
                c = -(values[1] + values[-1]) / 2
                values += c
                return c, np.abs(values[1:]).max() / abs(values[0])
            """, "mutates", "its argument values"),
            Wrong("no return", "c = 0", "returns None"),
        ]),
    "step": Task(
        right={
            "unit x first": """
                x = x / np.linalg.norm(x)
                rho = x @ A @ x
                try:
                    z = np.linalg.solve(A - rho * np.identity(len(x)), x)
                except np.linalg.LinAlgError:
                    return x
                return z / np.linalg.norm(z)
            """,
            "other sign, other solver": """
                rho = np.dot(x, A @ x) / np.dot(x, x)
                if np.linalg.norm(A @ x - rho * x) < 1e-14 * np.linalg.norm(A) * np.linalg.norm(x):
                    return x / np.linalg.norm(x)
                z = np.linalg.solve(rho * np.eye(len(A)) - A, x)
                return list(z / np.sqrt(z @ z))
            """,
            "an inverse, which is not needed": """
                rho = x @ A @ x / (x @ x)
                if (A @ x == rho * x).all():
                    return x / np.linalg.norm(x)
                z = np.linalg.inv(A - rho * np.eye(len(A))) @ x
                return z / np.linalg.norm(z)
            """,
            "in the eigenvectors' coordinates": """
                values, Q = np.linalg.eigh(A)
                rho = x @ A @ x / (x @ x)
                y, gaps = Q.T @ x, values - rho
                if np.abs(gaps).min() < 1e-14 * np.abs(values).max():
                    return x / np.linalg.norm(x)
                z = Q @ (y / gaps)
                return z / np.linalg.norm(z)
            """,
        },
        wrong=[
            Wrong("power iteration", "z = A @ x\nreturn z / np.linalg.norm(z)", "no example", "multiple of x"),
            Wrong("inverse iteration without a shift", "z = np.linalg.solve(A, x)\nreturn z / np.linalg.norm(z)",
                  "no example", "multiple of x"),
            Wrong("not divided by xᵀx", """
                rho = x @ A @ x
                z = np.linalg.solve(A - rho * np.eye(len(x)), x)
                return z / np.linalg.norm(z)
            """, "no example", "multiple of x"),
            Wrong("not normalised", """
                rho = x @ A @ x / (x @ x)
                return np.linalg.solve(A - rho * np.eye(len(x)), x)
            """, "no example", "length 1"),
            Wrong("largest entry 1", """
                rho = x @ A @ x / (x @ x)
                z = np.linalg.solve(A - rho * np.eye(len(x)), x)
                return z / np.abs(z).max()
            """, "no example", "length 1"),
            Wrong("eigenvectors not provided for", """
                rho = x @ A @ x / (x @ x)
                z = np.linalg.solve(A - rho * np.eye(len(x)), x)
                return z / np.linalg.norm(z)
            """, "exception", "LinAlgError", keeps=3),
            Wrong("eigenvectors as they are", """
                rho = x @ A @ x / (x @ x)
                try:
                    z = np.linalg.solve(A - rho * np.eye(len(x)), x)
                except np.linalg.LinAlgError:
                    return x
                return z / np.linalg.norm(z)
            """, "no example", "length 1", keeps=3),
            Wrong("near is near enough", """
                rho = x @ A @ x / (x @ x)
                if np.linalg.norm(A @ x - rho * x) <= 0.03 * np.linalg.norm(x):
                    return x / np.linalg.norm(x)
                z = np.linalg.solve(A - rho * np.eye(len(x)), x)
                return z / np.linalg.norm(z)
            """, "no example", "multiple of x", keeps=3),
            Wrong("allclose", """
                rho = x @ A @ x / (x @ x)
                if np.allclose(A @ x, rho * x):
                    return x / np.linalg.norm(x)
                z = np.linalg.solve(A - rho * np.eye(len(x)), x)
                return z / np.linalg.norm(z)
            """, "no example", "multiple of x", keeps=3),
            Wrong("a small residual", """
                rho = x @ A @ x / (x @ x)
                if np.linalg.norm(A @ x - rho * x) < 1e-8:
                    return x / np.linalg.norm(x)
                z = np.linalg.solve(A - rho * np.eye(len(x)), x)
                return z / np.linalg.norm(z)
            """, "no example", "multiple of x", keeps=3),
            Wrong("a small determinant", """
                rho = x @ A @ x / (x @ x)
                if abs(np.linalg.det(A - rho * np.eye(len(x)))) < 1e-12:
                    return x / np.linalg.norm(x)
                z = np.linalg.solve(A - rho * np.eye(len(x)), x)
                return z / np.linalg.norm(z)
            """, "no example", "multiple of x", keeps=3),
            Wrong("the residual", """
                rho = x @ A @ x / (x @ x)
                z = A @ x - rho * x
                return z / np.linalg.norm(z)
            """, "no example"),
            Wrong("the value", "return x @ A @ x / (x @ x)", "shape"),
            Wrong("shift on every entry", """
                rho = x @ A @ x / (x @ x)
                z = np.linalg.lstsq(A - rho, x)[0]
                return z / np.linalg.norm(z)
            """, "no example"),
            Wrong("shift into A", """
                for i in range(len(x)):
                    A[i, i] -= x @ A @ x / (x @ x)
                z = np.linalg.lstsq(A, x)[0]
                return z / np.linalg.norm(z)
            """, "mutates", "its argument A"),
            Wrong("whole numbers cut off", """
                rho, B = x @ A @ x / (x @ x), A.copy()
                B[np.diag_indices(len(x))] -= np.array(rho).astype(A.dtype)
                if np.array_equal(A @ x, rho * x):
                    return x / np.linalg.norm(x)
                z = np.linalg.solve(B, x)
                return z / np.linalg.norm(z)
            """, "no example", keeps=3),
            Wrong("the nearest eigenvector", """
                values, Q = np.linalg.eigh(A)
                return Q[:, np.argmin(np.abs(values - x @ A @ x / (x @ x)))]
            """, "no example", "multiple of x"),
            Wrong("from labkit", """
                from labkit.orthogonality import rayleigh_quotient_iteration
                return rayleigh_quotient_iteration(A, x, max_iterations=1).vector
            """, "labkit"),
            Wrong("no return", "z = np.linalg.solve(A, x)", "returns None"),
        ]),
}


class TestOrthogonality(AssignmentTests, DerivationTests):
    notebook = "orthogonality"
    tasks = TASKS
    kinds = KINDS
    ladders = {
        "rayleigh-gradient": ladder("df = d(x.T@A@x)/(x.T@B@x) - (x.T@A@x)*d(x.T@B@x)/(x.T@B@x)**2",
                                    "df = 2*x.T@A@dx/(x.T@B@x) - (x.T@A@x)*(2*x.T@B@dx)/(x.T@B@x)**2",
                                    "G = 2*A@x/(x.T@B@x) - 2*(x.T@A@x)*B@x/(x.T@B@x)**2"),
        "stretch-gradient": ladder("df = d(norm(A@x)**2)/norm(x)**2 - norm(A@x)**2*d(norm(x)**2)/norm(x)**4",
                                   "df = 2*(A@x).T@A@dx/norm(x)**2 - 2*norm(A@x)**2*x.T@dx/norm(x)**4",
                                   "G = 2*A.T@A@x/norm(x)**2 - 2*norm(A@x)**2*x/norm(x)**4"),
    }
    slips = [  # the more is wrong, the less it earns
        # (a): a term forgotten in df, then a G that follows, the right G, and a misprint in df with the right G
        Slip("rayleigh-gradient", ["df = 2*x.T@A@dx/(x.T@B@x)", "G = 2*A@x/(x.T@B@x)"], 1),
        Slip("rayleigh-gradient", ["df = 2*x.T@A@dx/(x.T@B@x)",
                                   "G = 2*A@x/(x.T@B@x) - 2*(x.T@A@x)*B@x/(x.T@B@x)**2"], 2.5),
        Slip("rayleigh-gradient", ["df = 2 x.T@A@dx/(x.T@B@x) - (x.T@A@x)*(2*x.T@B@dx)/(x.T@B@x)**2",
                                   "G = 2*A@x/(x.T@B@x) - 2*(x.T@A@x)*B@x/(x.T@B@x)**2"], 2.5),
        Slip("rayleigh-gradient", ["df = 2*x.T@A@dx/(x.T@B@x) - (x.T@A@x)*(2*x.T@B@dx)/(x.T@B@x)**2",
                                   "df = 2*(A@x/(x.T@B@x) + (x.T@A@x)*B@x/(x.T@B@x)**2).T@dx",
                                   "G = 2*(A@x/(x.T@B@x) + (x.T@A@x)*B@x/(x.T@B@x)**2)"], 2.5),
        Slip("rayleigh-gradient", ["df = 2*x.T@A@dx/(x.T@B@x) - (x.T@A@x)*(2*x.T@B@dx)/(x.T@B@x)**2",
                                   "df = 2*(A@x/(x.T@B@x) + (x.T@A@x)*B@x/(x.T@B@x)**2).T@dx",
                                   "G = 2*(A@x/(x.T@B@x) - (x.T@A@x)*B@x/(x.T@B@x)**2)"], 3.5),
        # (b): the same, and derivations that stop early or end with a G of another shape
        Slip("stretch-gradient", ["df = 2*(A@x).T@A@dx/norm(x)**2", "G = A@x"], 0),
        Slip("stretch-gradient", ["df = 2*(A@x).T@A@dx/norm(x)**2", "G = 2*A.T@A@x/norm(x)**2"], 1),
        Slip("stretch-gradient", ["df = 2*(A@x).T@A@dx/norm(x)**2",
                                  "G = 2*A.T@A@x/norm(x)**2 - 2*norm(A@x)**2*x/norm(x)**4"], 2.5),
        Slip("stretch-gradient", ["df = 2*(A@x).T@A@dx/norm(x)**2 - 2*norm(A x)**2*x.T@dx/norm(x)**4",
                                  "G = 2*A.T@A@x/norm(x)**2 - 2*norm(A@x)**2*x/norm(x)**4"], 2.5),
        Slip("stretch-gradient", ["df = 2*(A@x).T@A@dx/norm(x)**2 - 2*norm(A@x)**2*x.T@dx/norm(x)**4",
                                  "G = 2*A.T@A@x/norm(x)**2 + 2*norm(A@x)**2*x/norm(x)**4"], 2.5),
        Slip("stretch-gradient", ["df = 2*(A@x).T@A@dx/norm(x)**2 - 2*norm(A@x)**2*x.T@dx/norm(x)**4",
                                  "df = 2*(A.T@A@x/norm(x)**2 - norm(A@x)**2*x/norm(x)**4).T@dx",
                                  "G = 2*(A.T@A@x/norm(x)**2 - norm(A@x)**2*x/norm(x)**4).T"], 2.5),
        Slip("stretch-gradient", ["df = 2*(A@x).T@A@dx/norm(x)**2 - 2*norm(A@x)**2*x.T@dx/norm(x)**4"], 2.5),
    ]
    breaks = [
        Break(values, "agrees", lambda *_: True, "basis", "return 1.0"),
        Break(answers, "same", lambda *_: True, "form",
              "C += C.T\nC /= 2\nreturn C, np.linalg.eigvalsh(C)[[0, -1]]"),
    ]
