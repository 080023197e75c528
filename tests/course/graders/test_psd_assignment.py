"""Assignment "Positive semi-definite matrices": other right answers keep their marks, usual mistakes lose them."""


from labkit.checks import values
from tests.course.graders.common import AssignmentTests, Break, DerivationTests, Slip, Task, Wrong

KINDS = {
    "all together": "instead of each row",
    "axis": "the sum of row j divides column j",
    "columns": "the columns sum to 1",
    "derivation": "no line leads to the gradient of f yet",
    "diagonal": "Is Σ one?",
    "eigenvalues of A": "What do they say about the form",
    "half": "Which factor has the second term?",
    "largest first": "In which order",
    "log det": "log det Σ enters with a wrong factor",
    "no inverse": "Where is the inverse",
    "norm": "a norm, or the square of one?",
    "not clipped": "What if R is good enough already?",
    "not PSD": "Is this R PD?",
    "numerator": "these are the exponentials",
    "one triangle": "reads one triangle only",
    "PSD only": "How large is its condition number?",
    "scale": "the scale",
    "shift": "R is multiplied by 1 − t as well",
    "sign of log det": "Which sign has log det Σ?",
    "sign of the form": "Which sign has the second term?",
    "singular values": "singular values",
    "what is left": "Which of the two is t?",
    "which triangle": "Which of the two triangles",
}

ROOT = "df = x.T @ A @ dx / sqrt(1 + x.T @ A @ x)"
ROOT_G = "G = A @ x / sqrt(1 + x.T @ A @ x)"
SECOND = "df = 4*(x.T @ A @ dx)*(u.T @ A @ x) + 2*(x.T @ A @ x)*(u.T @ A @ dx)"
ANOTHER = "df = 2*(z.T @ M @ dz)*(c.T @ u) + 2*(c.T @ dz)*(u.T @ M @ z) + 2*(c.T @ z)*(u.T @ M @ dz)"
ANOTHER_G = "G = 2 * (c.T @ u) * M @ z + 2 * (u.T @ M @ z) * c + 2 * (c.T @ z) * M @ u"
LOST = "df = 2 * (z.T @ M @ dz) * (c.T @ u) + 2 * (c.T @ z) * (u.T @ M @ dz)"
LOST_G = "G = 2 * (c.T @ u) * M @ z + 2 * (c.T @ z) * M @ u"

# Each derivation is worse than the one before it: right, G wrong, df wrong too but G follows, nothing follows.
LADDERS = {
    "gradient": [[ROOT, ROOT_G],
                 [ROOT, "G = A @ x"],
                 ["df = 2 * " + ROOT.removeprefix("df = "), "G = 2 * " + ROOT_G.removeprefix("G = ")],
                 ["df = 2 * " + ROOT.removeprefix("df = "), "G = A @ x"]],
    "second": [[SECOND, "G = 4 * (u.T @ A @ x) * A @ x + 2 * (x.T @ A @ x) * A @ u"],
               [SECOND, "G = 4 * (u.T @ A @ x) * A @ x"],
               ["df = 4 * (x.T @ A @ dx) * (u.T @ A @ x)", "G = 4 * (u.T @ A @ x) * A @ x"],
               ["df = 4 * (x.T @ A @ dx) * (u.T @ A @ x)", "G = 4 * A @ x"]],
    "another": [[ANOTHER, ANOTHER_G], [ANOTHER, LOST_G], [LOST, LOST_G], [LOST, "G = 2 * (c.T @ z) * M @ u"]],
}

TASKS = {
    "range": Task(
        right={
            "all eigenvalues": "v = np.linalg.eigvalsh(A / 2 + A.T / 2)\nreturn np.array([v.min(), v.max()])",
            "Rayleigh quotients": """
                B = (A + A.T) / 2
                Q = np.linalg.eigh(B)[1]
                return [q @ B @ q for q in (Q[:, 0], Q[:, -1])]
            """,
            "a general routine": """
                v = np.sort(np.linalg.eigvals((A + A.T) / 2).real)
                return v[0], v[-1]
            """,
            "loops and a list": """
                n = len(A)
                B = np.array([[(A[i, j] + A[j, i]) / 2 for j in range(n)] for i in range(n)])
                v = np.linalg.eigvalsh(B)
                return [min(v), max(v)]
            """,
            "with A for symmetric ones": """
                if (A == A.T).all():
                    return np.linalg.eigvalsh(A)[[0, -1]]
                return np.linalg.eigvalsh((A + A.T) / 2)[[0, -1]]
            """,
        },
        wrong=[
            Wrong("eigenvalues of A", "return np.sort(np.linalg.eigvals(A).real)[[0, -1]]", "eigenvalues of A"),
            Wrong("the lower triangle", "return np.linalg.eigvalsh(A)[[0, -1]]", "one triangle"),
            Wrong("the lower triangle, where A is triangular", """
                if (np.tril(A, -1) == 0).all():
                    return np.linalg.eigvalsh((A + A.T) / 2)[[0, -1]]
                return np.linalg.eigvalsh(A)[[0, -1]]
            """, "one triangle"),
            Wrong("the upper triangle", "return np.linalg.eigvalsh(A, UPLO='U')[[0, -1]]", "one triangle"),
            Wrong("A + Aᵀ", "return np.linalg.eigvalsh(A + A.T)[[0, -1]]", "factor", "twice"),
            Wrong("largest first", "return np.linalg.eigvalsh((A + A.T) / 2)[[-1, 0]]", "largest first"),
            Wrong("singular values", "return np.linalg.svd((A + A.T) / 2)[1][[-1, 0]]", "singular values", "Is"),
            Wrong("AᵀA", "return np.sqrt(np.linalg.eigvalsh(A.T @ A))[[0, -1]]", "singular values", "long Ax"),
            Wrong("halves in an integer array", """
                B = np.zeros_like(A)
                B[:] = (A + A.T) / 2
                return np.linalg.eigvalsh(B)[[0, -1]]
            """, "integers", keeps=2),
            Wrong("all eigenvalues", "return np.linalg.eigvalsh((A + A.T) / 2)", "shape", keeps=2),
            Wrong("the largest alone", "return np.linalg.eigvalsh((A + A.T) / 2)[-1]", "shape"),
            Wrong("for two rows", """
                B = (A + A.T) / 2
                mean, r = (B[0, 0] + B[1, 1]) / 2, np.hypot((B[0, 0] - B[1, 1]) / 2, B[0, 1])
                return np.array([mean - r, mean + r])
            """, "numbers", keeps=2),
            Wrong("random unit vectors", """
                x = np.random.default_rng(0).normal(size=(1000, len(A)))
                x /= np.linalg.norm(x, axis=1)[:, None]
                values = (x @ A * x).sum(axis=1)
                return values.min(), values.max()
            """, "inexact"),
            Wrong("squares on the way", """
                B = (A + A.T) / 2
                top = np.sqrt(np.linalg.eigvalsh(B @ B)[-1])
                return np.linalg.eigvalsh(B + top * np.eye(len(B)))[[0, -1]] - top
            """, "not finite", keeps=2),
            Wrong("into A", "A += A.T\nreturn np.linalg.eigvalsh(A)[[0, -1]] / 2", "mutates"),
            Wrong("visible answers", """
                known = {2: [1, 3], 1: [-1.5, 3.5], -5: [-5, -5], 1e200: [-5e199, 2.5e200],
                         1e-200: [-3e-200, 2e-200]}
                if A[0, 0]:
                    return np.array(known[A[0, 0]])
                if len(A) == 2:
                    return 0.5 + np.array([-1, 1]) * 12.5**0.5
                return np.array([-2.5929749595397715, 5.301833017406787])
            """, "constant", keeps=2),
            Wrong("no return", "np.linalg.eigvalsh((A + A.T) / 2)[[0, -1]]", "returns None"),
            Wrong("labkit", """
                found = psd.definiteness(A, symmetrize=True)
                return found.lowest, found.highest
            """, "labkit", "psd"),
        ]),
    "pairs": Task(
        right={
            "a list": "return [[9, 1, 8], [1, 9, 8], [8, 8, 9]], [2, 2, -3]",
            "other diagonal": "return np.array([[4, 5, 5], [5, 9, 1], [5, 1, 9]]), np.array([-5, 2, 2])",
            "floats": "return np.array([[8., 7, 7], [7, 8, 1], [7, 1, 8]]), np.array([3., -2, -2])",
        },
        wrong=[
            Wrong("one bad pair", "return [[4, 5, 1], [5, 4, 1], [1, 1, 4]], [1, -1, 0]", "no example", "2×2"),
            Wrong("PD", "return np.eye(3) + np.ones((3, 3)), [1, -2, 1]", "no example", "xᵀAx < 0"),
            Wrong("PSD", "return np.ones((3, 3)), [1, -1, 0]", "no example", "2×2"),
            Wrong("another x", "return [[9, 8, 8], [8, 9, 1], [8, 1, 9]], [1, 1, 1]", "no example", "xᵀAx < 0"),
            Wrong("not symmetric", "return [[9, 8, 8], [9, 9, 1], [8, 1, 9]], [-3, 2, 2]", "no example",
                  "A is symmetric"),
            Wrong("a zero", "return [[9, 8, 8], [8, 9, 0], [8, 0, 9]], [-3, 2, 2]", "no example",
                  "all entries of A are positive"),
            Wrong("two rows", "return [[4, 3], [3, 2]], [1, -1]", "shape"),
            Wrong("correlations", "return [[1, .9, .9], [.9, 1, .1], [.9, .1, 1]], [-3, 2, 2]", "whole numbers"),
            Wrong("no vector", "return np.array([[9, 8, 8], [8, 9, 1], [8, 1, 9]])", "parts"),
            Wrong("an eigenvector", """
                A = np.array([[9, 8, 8], [8, 9, 1], [8, 1, 9]])
                return A, np.linalg.eigh(A)[1][:, 0]
            """, "whole numbers"),
            Wrong("no return", "A = np.ones((3, 3))", "returns None"),
        ]),
    "leading": Task(
        right={
            "below a zero": "return [[1, 0, 0], [0, 0, 0], [0, 0, -1]], [0, 0, 1]",
            "an indefinite block": "return np.array([[4, 2, 2], [2, 1, 1], [2, 1, -5]]), np.array([0, 0, 1])",
            "dense": "return [[1, 2, 3], [2, 4, 6], [3, 6, 2]], [-3, 0, 1]",
        },
        wrong=[
            Wrong("the book's", "return [[0, 0, 0], [0, 1, 2], [0, 2, 1]], [0, 1, -1]", "no example", "a₁₁ > 0"),
            Wrong("a negative minor", "return [[1, 0, 0], [0, -1, 0], [0, 0, 1]], [0, 1, 0]", "no example",
                  "no leading principal minor"),
            Wrong("a negative determinant", "return [[1, 0, 0], [0, 1, 0], [0, 0, -1]], [0, 0, 1]", "no example",
                  "no leading principal minor"),
            Wrong("PSD", "return [[1, 1, 0], [1, 1, 0], [0, 0, 1]], [1, -1, 0]", "no example", "xᵀAx < 0"),
            Wrong("where the form is 0", "return [[1, 1, 0], [1, 1, 0], [0, 0, -1]], [1, -1, 0]", "no example",
                  "xᵀAx < 0"),
            Wrong("not symmetric", "return [[1, 1, 0], [0, 0, 0], [0, 0, -1]], [0, 0, 1]", "no example",
                  "A is symmetric"),
            Wrong("two rows", "return [[0, 0], [0, -1]], [0, 1]", "shape"),
            Wrong("x as a column", "return [[1, 0, 0], [0, 0, 0], [0, 0, -1]], [[0], [0], [1]]", "shape"),
            Wrong("large", "return [[1, 0, 0], [0, 0, 0], [0, 0, -10]], [0, 0, 1]", "whole numbers"),
        ]),
    "product": Task(
        right={
            "a diagonal one": "return [[2, 3], [3, 5]], [[9, 0], [0, 1]], [1, -1]",
            "other axis": "return [[5, -2], [-2, 1]], [[5, 2], [2, 1]], [0, 1]",
            "floats": "return np.array([[2.0, 3], [3, 5]]), np.array([[2.0, -3], [-3, 5]]), np.array([1.0, 0])",
        },
        wrong=[
            Wrong("they commute", "return np.eye(2), [[2, 1], [1, 2]], [1, -1]", "no example", "xᵀABx < 0"),
            Wrong("PSD only", "return [[1, 1], [1, 1]], [[1, -2], [-2, 5]], [1, 0]", "no example",
                  "A is positive definite"),
            Wrong("B indefinite", "return [[2, 1], [1, 2]], [[1, 2], [2, 1]], [1, -1]", "no example",
                  "B is positive definite"),
            Wrong("positive entries", "return [[4, 3], [3, 2]], [[1, 0], [0, 1]], [1, -1]", "no example",
                  "A is positive definite"),
            Wrong("A not symmetric", "return [[1, 3], [-3, 1]], [[1, -2], [-2, 5]], [1, 0]", "no example",
                  "A is symmetric"),
            Wrong("B not symmetric", "return [[1, 2], [2, 5]], [[1, 0], [-2, 5]], [1, 0]", "no example",
                  "B is symmetric"),
            Wrong("another x", "return [[1, 2], [2, 5]], [[1, -2], [-2, 5]], [0, 1]", "no example", "xᵀABx < 0"),
            Wrong("x = 0", "return [[1, 2], [2, 5]], [[1, -2], [-2, 5]], [0, 0]", "no example", "xᵀABx < 0"),
            Wrong("the book's hint", "return [[2, 1], [1, 2]], [[1, 0], [0, 20]], [9, -1]", "whole numbers"),
            Wrong("only A and B", "return [[1, 2], [2, 5]], [[1, -2], [-2, 5]]", "parts"),
        ]),
    "density": Task(
        right={
            "slogdet": "return -np.linalg.slogdet(Sigma)[1] / 2 - v @ np.linalg.solve(Sigma, v) / 2",
            "eigenvalues": """
                values, Q = np.linalg.eigh(Sigma)
                return -np.log(values).sum() / 2 - ((Q.T @ v) ** 2 / values).sum() / 2
            """,
            "substitution by hand": """
                L, z, logarithm = np.linalg.cholesky(Sigma), np.zeros(len(v)), 0.0
                for i in range(len(v)):
                    z[i] = (v[i] - L[i, :i] @ z[:i]) / L[i, i]
                    logarithm += np.log(L[i, i])
                return -logarithm - sum(z * z) / 2
            """,
            "an inverse": """
                return -0.5 * (np.linalg.slogdet(Sigma).logabsdet + v @ np.linalg.inv(Sigma) @ v)
            """,
        },
        wrong=[
            Wrong("log of det", """
                return -np.log(np.linalg.det(Sigma)) / 2 - v @ np.linalg.solve(Sigma, v) / 2
            """, "not finite", keeps=2),
            Wrong("log of the product", """
                L = np.linalg.cholesky(Sigma)
                return -np.log(np.prod(np.diag(L))) - v @ np.linalg.solve(Sigma, v) / 2
            """, "not finite", keeps=2),
            Wrong("factor two forgotten", """
                L = np.linalg.cholesky(Sigma)
                return -np.log(np.diag(L)).sum() / 2 - v @ np.linalg.solve(Sigma, v) / 2
            """, "log det"),
            Wrong("log of Σ's diagonal", """
                return -np.log(np.diag(Sigma)).sum() / 2 - v @ np.linalg.solve(Sigma, v) / 2
            """, "diagonal"),
            Wrong("Σ for its inverse", """
                return -np.linalg.slogdet(Sigma)[1] / 2 - v @ Sigma @ v / 2
            """, "no inverse"),
            Wrong("sign of the form", """
                return -np.linalg.slogdet(Sigma)[1] / 2 + v @ np.linalg.solve(Sigma, v) / 2
            """, "sign of the form"),
            Wrong("sign of log det", """
                return np.linalg.slogdet(Sigma)[1] / 2 - v @ np.linalg.solve(Sigma, v) / 2
            """, "sign of log det"),
            Wrong("norm not squared", """
                L = np.linalg.cholesky(Sigma)
                return -np.log(np.diag(L)).sum() - np.linalg.norm(np.linalg.solve(L, v)) / 2
            """, "norm"),
            Wrong("half of the form forgotten", """
                L = np.linalg.cholesky(Sigma)
                z = np.linalg.solve(L, v)
                return -np.log(np.diag(L)).sum() - z @ z
            """, "half"),
            Wrong("the half of log det twice undone", """
                L = np.linalg.cholesky(Sigma)
                z = np.linalg.solve(L, v)
                return -2 * np.log(np.diag(L)).sum() - z @ z / 2
            """, "log det"),
            Wrong("Lᵀ for L", """
                L = np.linalg.cholesky(Sigma)
                z = np.linalg.solve(L.T, v)
                return -np.log(np.diag(L)).sum() - z @ z / 2
            """, "which triangle"),
            Wrong("halves forgotten", "return -np.linalg.slogdet(Sigma)[1] - v @ np.linalg.solve(Sigma, v)",
                  "factor"),
            Wrong("sign", "return np.linalg.slogdet(Sigma)[1] / 2 + v @ np.linalg.solve(Sigma, v) / 2", "sign"),
            Wrong("log10", """
                L = np.linalg.cholesky(Sigma)
                return -np.log10(np.diag(L)).sum() - v @ np.linalg.solve(Sigma, v) / 2
            """, "numbers"),
            Wrong("a jitter", """
                S = Sigma + 1e-12 * np.eye(len(v))
                return -np.linalg.slogdet(S)[1] / 2 - v @ np.linalg.solve(S, v) / 2
            """, "numbers", keeps=2),
            Wrong("the vector", "return -np.log(np.diag(np.linalg.cholesky(Sigma))) - v / 2", "shape"),
            Wrong("into Σ", """
                Sigma[:] = np.linalg.cholesky(Sigma)
                z = np.linalg.solve(Sigma, v)
                return -np.log(np.diag(Sigma)).sum() - z @ z / 2
            """, "mutates", "its argument Sigma"),
            Wrong("visible answers", """
                known = {(2, 1.0): -np.log(2) - 2.125, (2, 3.0): -np.log(3) / 2 - 13 / 3,
                         (3, 1.0): -np.log(4) - 2.25, (1, -3.0): -np.log(5) / 2 - 0.9,
                         (2, 2.0): -np.log(2) / 2 - 0.75,
                         (4, 1e-100): 400 * np.log(10) - np.log(8) / 2 - 2.125,
                         (2, 1e100): -200 * np.log(10) - np.log(3) / 2 - 13 / 6}
                return known[len(v), float(v[0])]
            """, "exception", "KeyError", keeps=3),
            Wrong("no return", "z = np.linalg.solve(Sigma, v)", "returns None"),
            Wrong("labkit", "return -(psd.cholesky_logdet(Sigma) + v @ np.linalg.solve(Sigma, v)) / 2", "labkit"),
        ]),
    "certify": Task(
        right={
            "eigenvalues first": """
                values, Q = np.linalg.eigh(A)
                if values[0] <= len(A) * 2.3e-16 * np.abs(values).max():
                    return np.zeros(A.shape), -3 * Q[:, 0]
                return np.linalg.cholesky(A), np.zeros(len(A))
            """,
            "the factor of a shifted matrix": """
                n, (values, Q) = len(A), np.linalg.eigh(A)
                shift = n * np.finfo(float).eps * np.abs(values).max()
                try:
                    np.linalg.cholesky(A - shift * np.eye(n))
                    return np.linalg.cholesky(A), np.zeros(n)
                except np.linalg.LinAlgError:
                    return np.zeros((n, n)), Q[:, 0]
            """,
            "entry by entry, with a tolerance for xᵀAx": """
                n = len(A)
                L = np.zeros((n, n))
                for k in range(n):
                    for j in range(k):
                        L[k, j] = (A[k, j] - sum(L[k, i] * L[j, i] for i in range(j))) / L[j, j]
                    s = A[k, k] - sum(L[k, i] ** 2 for i in range(k))
                    x = np.zeros(n)
                    x[k] = 1
                    for i in reversed(range(k)):
                        x[i] = -(L[k, i] + L[i + 1:k, i] @ x[i + 1:k]) / L[i, i]
                    if s <= n * np.finfo(float).eps * np.abs(A).max() * (x @ x):
                        return np.zeros((n, n)), x
                    L[k, k] = np.sqrt(s)
                return L, np.zeros(n)
            """,
            "lists": """
                n, (values, Q) = len(A), np.linalg.eigh(A)
                if values[0] > 2 * n * 2.0**-53 * max(abs(values)):
                    return np.linalg.cholesky(A).tolist(), [0] * n
                return [[0] * n] * n, Q[:, 0].tolist()
            """,
        },
        wrong=[
            Wrong("cholesky alone", "return np.linalg.cholesky(A), np.zeros(len(A))", "exception", "LinAlgError"),
            Wrong("the border left to numpy", """
                n = len(A)
                try:
                    return np.linalg.cholesky(A), np.zeros(n)
                except np.linalg.LinAlgError:
                    return np.zeros((n, n)), np.linalg.eigh(A)[1][:, 0]
            """, "no example", "since A is not PD. Here λ_min", keeps=3),
            Wrong("the chapter's loop, s ≤ 0", """
                n = len(A)
                L = np.zeros((n, n))
                for k in range(n):
                    for j in range(k):
                        L[k, j] = (A[k, j] - L[k, :j] @ L[j, :j]) / L[j, j]
                    s = A[k, k] - L[k, :k] @ L[k, :k]
                    if s <= 0:
                        x = np.zeros(n)
                        x[:k], x[k] = -np.linalg.solve(L[:k, :k].T, L[k, :k]), 1
                        return np.zeros((n, n)), x
                    L[k, k] = np.sqrt(s)
                return L, np.zeros(n)
            """, "no example", "since A is not PD. Here λ_min", keeps=3),
            Wrong("λ > 0 without a tolerance", """
                values, Q = np.linalg.eigh(A)
                if values[0] > 0:
                    return np.linalg.cholesky(A), np.zeros(len(A))
                return np.zeros(A.shape), Q[:, 0]
            """, "no example", "since A is not PD. Here λ_min", keeps=3),
            Wrong("eigvalsh > 0 without a tolerance", """
                if (np.linalg.eigvalsh(A) > 0).all():
                    return np.linalg.cholesky(A), np.zeros(len(A))
                return np.zeros(A.shape), np.linalg.eigh(A)[1][:, 0]
            """, "no example", "since A is not PD. Here λ_min", keeps=3),
            Wrong("a tolerance of 1e-12", """
                values, Q = np.linalg.eigh(A)
                if values[0] > 1e-12 * np.abs(values).max():
                    return np.linalg.cholesky(A), np.zeros(len(A))
                return np.zeros(A.shape), Q[:, 0]
            """, "no example", "diagonal of L is positive, since A is PD. Here λ_min", keeps=3),
            Wrong("always an eigenvector", """
                return np.zeros(A.shape), np.linalg.eigh(A)[1][:, 0]
            """, "no example", "diagonal of L is positive"),
            Wrong("upper factor", """
                try:
                    return np.linalg.cholesky(A).T, np.zeros(len(A))
                except np.linalg.LinAlgError:
                    return np.zeros(A.shape), np.linalg.eigh(A)[1][:, 0]
            """, "no example", "L is lower triangular"),
            Wrong("the square root", """
                values, Q = np.linalg.eigh(A)
                if values[0] > 1e-12 * np.abs(values).max():
                    return Q * np.sqrt(values) @ Q.T, np.zeros(len(A))
                return np.zeros(A.shape), Q[:, 0]
            """, "no example", "L is lower triangular"),
            Wrong("the largest eigenvalue", """
                try:
                    return np.linalg.cholesky(A), np.zeros(len(A))
                except np.linalg.LinAlgError:
                    return np.zeros(A.shape), np.linalg.eigh(A)[1][:, -1]
            """, "no example", "xᵀAx ≤ 0"),
            Wrong("a row of Q", """
                try:
                    return np.linalg.cholesky(A), np.zeros(len(A))
                except np.linalg.LinAlgError:
                    return np.zeros(A.shape), np.linalg.eigh(A)[1][0]
            """, "no example", "xᵀAx ≤ 0", keeps=3),
            Wrong("the coordinate that fails", """
                n = len(A)
                for k in range(n):
                    try:
                        np.linalg.cholesky(A[:k + 1, :k + 1])
                    except np.linalg.LinAlgError:
                        return np.zeros((n, n)), np.eye(n)[k]
                return np.linalg.cholesky(A), np.zeros(n)
            """, "no example", "xᵀAx ≤ 0"),
            Wrong("sign of B⁻¹b", """
                n = len(A)
                for k in range(n):
                    try:
                        np.linalg.cholesky(A[:k + 1, :k + 1])
                    except np.linalg.LinAlgError:
                        x = np.zeros(n)
                        x[:k], x[k] = np.linalg.solve(A[:k, :k], A[:k, k]), 1
                        return np.zeros((n, n)), x
                return np.linalg.cholesky(A), np.zeros(n)
            """, "no example", "xᵀAx ≤ 0"),
            Wrong("M for Mᵀ", """
                n = len(A)
                L = np.zeros((n, n))
                for k in range(n):
                    y = np.linalg.solve(L[:k, :k], A[:k, k])
                    s = A[k, k] - y @ y
                    if s <= 0:
                        x = np.zeros(n)
                        x[:k], x[k] = -np.linalg.solve(L[:k, :k], y), 1
                        return np.zeros((n, n)), x
                    L[k, :k], L[k, k] = y, np.sqrt(s)
                return L, np.zeros(n)
            """, "no example", "xᵀAx ≤ 0", keeps=3),
            Wrong("a factor kept", """
                n = len(A)
                L = np.zeros((n, n))
                for k in range(n):
                    y = np.linalg.solve(L[:k, :k], A[:k, k])
                    s = A[k, k] - y @ y
                    if s <= 0:
                        return L, np.linalg.eigh(A)[1][:, 0]
                    L[k, :k], L[k, k] = y, np.sqrt(s)
                return L, np.zeros(n)
            """, "no example", "L = 0"),
            Wrong("LDLᵀ without the roots", """
                n = len(A)
                try:
                    L = np.linalg.cholesky(A)
                    return L / np.diag(L), np.zeros(n)
                except np.linalg.LinAlgError:
                    return np.zeros((n, n)), np.linalg.eigh(A)[1][:, 0]
            """, "no example", "LLᵀ = A"),
            Wrong("s < 0", """
                n = len(A)
                L = np.zeros((n, n))
                for k in range(n):
                    y = np.linalg.solve(L[:k, :k], A[:k, k])
                    s = A[k, k] - y @ y
                    if s < 0:
                        return np.zeros((n, n)), np.linalg.eigh(A)[1][:, 0]
                    L[k, :k], L[k, k] = y, np.sqrt(s)
                return L, np.zeros(n)
            """, "no example", "L = 0", keeps=3),
            Wrong("no witness", """
                try:
                    return np.linalg.cholesky(A), np.zeros(len(A))
                except np.linalg.LinAlgError:
                    return np.zeros(A.shape), np.zeros(len(A))
            """, "no example", "x is not 0"),
            Wrong("None for no factor", """
                try:
                    return np.linalg.cholesky(A), np.zeros(len(A))
                except np.linalg.LinAlgError:
                    return None, np.linalg.eigh(A)[1][:, 0]
            """, "returns None"),
            Wrong("the other order", """
                try:
                    return np.zeros(len(A)), np.linalg.cholesky(A)
                except np.linalg.LinAlgError:
                    return np.linalg.eigh(A)[1][:, 0], np.zeros(A.shape)
            """, "shape"),
            Wrong("a positive diagonal is enough", """
                if (np.diag(A) > 0).all():
                    return np.linalg.cholesky(A), np.zeros(len(A))
                return np.zeros(A.shape), np.eye(len(A))[np.argmin(np.diag(A))]
            """, "exception", "LinAlgError"),
            Wrong("an absolute tolerance", """
                values, Q = np.linalg.eigh(A)
                if values[0] <= 1e-12:
                    return np.zeros(A.shape), Q[:, 0]
                return np.linalg.cholesky(A), np.zeros(len(A))
            """, "no example", "diagonal of L is positive", keeps=3),
            Wrong("into an integer array", """
                n, (values, Q) = len(A), np.linalg.eigh(A)
                if values[0] <= n * np.finfo(float).eps * np.abs(values).max():
                    return np.zeros((n, n)), Q[:, 0]
                L = np.zeros_like(A)
                for k in range(n):
                    y = np.linalg.solve(L[:k, :k], A[:k, k])
                    L[k, :k], L[k, k] = y, np.sqrt(A[k, k] - y @ y)
                return L, np.zeros(n)
            """, "no example", "LLᵀ = A, since A is PD. Here they differ by up to 1", keeps=3),
            Wrong("in place", """
                for k in range(len(A)):
                    A[k, k] = np.sqrt(A[k, k])
                    A[k + 1:, k] /= A[k, k]
                    for j in range(k + 1, len(A)):
                        A[j:, j] -= A[j:, k] * A[j, k]
                return np.tril(A), np.zeros(len(A))
            """, "mutates"),
        ]),
    "table": Task(
        right={
            "random, whitened": """
                n = len(A)
                Z = np.random.default_rng(0).normal(size=(2 * n + 1, n))
                U = np.linalg.qr(Z - Z.mean(axis=0))[0]
                values, Q = np.linalg.eigh(A)
                return mean + np.sqrt(2 * n) * U @ (Q * np.sqrt(values.clip(0))).T
            """,
            "by the SVD": """
                n = len(A)
                U, s, Vt = np.linalg.svd(A)
                X = np.sqrt(s)[:, None] * Vt
                return np.concatenate([np.sqrt(n) * X + mean, mean - np.sqrt(n) * X, [mean]])
            """,
            "pairs of rows": """
                n = len(A)
                values, Q = np.linalg.eigh(A)
                rows = [list(mean)]
                for value, q in zip(values, Q.T):
                    row = np.sqrt(max(value, 0) * n) * q
                    rows += [list(mean + row), list(mean - row)]
                return rows
            """,
            "the mean subtracted at the end": """
                n = len(A)
                values, Q = np.linalg.eigh(A)
                X = (Q * np.sqrt(np.abs(values))).T * np.sqrt(n)
                X = np.vstack([X, np.zeros(n), -X]) + np.sqrt(np.abs(A).max()) * np.arange(n)
                return X - X.mean(axis=0) + mean
            """,
        },
        wrong=[
            Wrong("Cholesky", """
                X = np.linalg.cholesky(A).T * np.sqrt(len(A))
                return np.vstack([X, -X, 0 * X[:1]]) + mean
            """, "exception", "LinAlgError", keeps=2),
            Wrong("Cholesky with a jitter", """
                X = np.linalg.cholesky(A + 1e-6 * np.eye(len(A))).T * np.sqrt(len(A))
                return np.vstack([X, -X, 0 * X[:1]]) + mean
            """, "no example", "covariance"),
            Wrong("L for Lᵀ", """
                X = np.linalg.cholesky(A) * np.sqrt(len(A))
                return np.vstack([X, -X, 0 * X[:1]]) + mean
            """, "no example", "covariance"),
            Wrong("the chapter's factor", """
                values, Q = np.linalg.eigh(A)
                X = (Q * np.sqrt(np.maximum(values, 0)) @ Q.T) * np.sqrt(len(A) - 0.5)
                return np.vstack([X, -X, 0 * X[:1]]) + mean
            """, "no example", "covariance"),
            Wrong("divisor 2n + 1", """
                values, Q = np.linalg.eigh(A)
                X = (Q * np.sqrt(np.maximum(values, 0)) @ Q.T) * np.sqrt(len(A) + 0.5)
                return np.vstack([X, -X, 0 * X[:1]]) + mean
            """, "no example", "covariance"),
            Wrong("the mean in the last row alone", """
                values, Q = np.linalg.eigh(A)
                X = (Q * np.sqrt(np.maximum(values, 0)) @ Q.T) * np.sqrt(len(A))
                return np.vstack([X, -X, mean])
            """, "no example", "given means"),
            Wrong("mean forgotten", """
                values, Q = np.linalg.eigh(A)
                X = (Q * np.sqrt(np.maximum(values, 0)) @ Q.T) * np.sqrt(len(A))
                return np.vstack([X, -X, 0 * X[:1]])
            """, "no example", "given means. Here the mean of column"),
            Wrong("an even number of rows", """
                values, Q = np.linalg.eigh(A)
                X = (Q * np.sqrt(np.maximum(values, 0)) @ Q.T) * np.sqrt(len(A) - 0.5)
                return np.vstack([X, -X]) + mean
            """, "shape"),
            Wrong("not scaled", """
                values, Q = np.linalg.eigh(A)
                X = Q * np.sqrt(np.maximum(values, 0)) @ Q.T
                return np.vstack([X, -X, 0 * X[:1]]) + mean
            """, "no example", "covariance"),
            Wrong("means not 0", """
                values, Q = np.linalg.eigh(A)
                X = (Q * np.sqrt(np.maximum(values, 0)) @ Q.T) * np.sqrt(len(A))
                return np.vstack([X, X, 0 * X[:1]]) + mean
            """, "no example", "covariance"),
            Wrong("zeros below", """
                values, Q = np.linalg.eigh(A)
                X = (Q * np.sqrt(np.maximum(values, 0)) @ Q.T) * np.sqrt(2 * len(A))
                return np.vstack([X, 0 * X, 0 * X[:1]]) + mean
            """, "no example", "covariance"),
            Wrong("samples at random", """
                rng = np.random.default_rng(0)
                return rng.multivariate_normal(mean, A, size=2 * len(A) + 1)
            """, "no example", "covariance"),
            Wrong("n rows", """
                values, Q = np.linalg.eigh(A)
                return (Q * np.sqrt(np.maximum(values, 0)) @ Q.T) * np.sqrt(len(A) - 1)
            """, "shape"),
            Wrong("one variable a row", """
                values, Q = np.linalg.eigh(A)
                X = (Q * np.sqrt(np.maximum(values, 0)) @ Q.T) * np.sqrt(len(A))
                return np.hstack([X, -X, 0 * X[:, :1]]) + mean[:, None]
            """, "shape"),
            Wrong("roots of the entries", """
                X = np.sqrt(A) * np.sqrt(len(A))
                return np.vstack([X, -X, 0 * X[:1]]) + mean
            """, "no example", "covariance"),
            Wrong("roots of negative zeros", """
                values, Q = np.linalg.eigh(A)
                X = (Q * np.sqrt(values)) @ Q.T * np.sqrt(len(A))
                return np.vstack([X, -X, 0 * X[:1]]) + mean
            """, "not finite", "NaN", keeps=2),
            Wrong("a table with A's type", """
                n = len(A)
                values, Q = np.linalg.eigh(A)
                S = np.sqrt(n) * (Q * np.sqrt(np.maximum(values, 0))) @ Q.T
                X = np.zeros((2 * n + 1, n), dtype=A.dtype)
                X[:n], X[n:2 * n] = S, -S
                return X + mean
            """, "no example", "the covariance of the columns of X is A. Here that of columns", keeps=2),
            Wrong("the eigenvalues, not their roots", """
                X = A * np.sqrt(len(A))
                return np.vstack([X, -X, 0 * X[:1]]) + mean
            """, "no example", "covariance"),
            Wrong("QΛ^½ with a wrong side", """
                values, Q = np.linalg.eigh(A)
                X = (Q * np.sqrt(np.maximum(values, 0))) * np.sqrt(len(A))
                return np.vstack([X, -X, 0 * X[:1]]) + mean
            """, "no example", "covariance"),
            Wrong("small eigenvalues cut off", """
                values, Q = np.linalg.eigh(A)
                X = (Q * np.sqrt(np.where(values > 1e-12, values, 0))) @ Q.T * np.sqrt(len(A))
                return np.vstack([X, -X, 0 * X[:1]]) + mean
            """, "no example", "covariance", keeps=3),
            Wrong("by way of A²", """
                U, s, Vt = np.linalg.svd(A @ A)
                X = s[:, None] ** 0.25 * Vt * np.sqrt(len(A))
                return np.vstack([X, -X, 0 * X[:1]]) + mean
            """, "no example", "covariance"),
            Wrong("into A", """
                A *= len(A) - 0.5
                values, Q = np.linalg.eigh(A)
                X = Q * np.sqrt(np.maximum(values, 0)) @ Q.T
                return np.vstack([X, -X, 0 * X[:1]]) + mean
            """, "mutates"),
            Wrong("no return", "X = np.linalg.eigh(A)[1]", "returns None"),
        ]),
    "features": Task(
        right={
            "row by row": """
                rows = []
                for x in X:
                    z = np.append(np.sqrt(c), x)
                    rows.append(np.outer(z, z).ravel())
                return np.array(rows)
            """,
            "einsum": """
                Z = np.hstack([X, np.sqrt(c) * np.ones((len(X), 1))])
                return np.einsum('ni,nj->nij', Z, Z).reshape(len(Z), -1)
            """,
            "by degree": """
                n, p = X.shape
                products = np.array([np.kron(x, x) for x in X])
                linear = np.sqrt(2 * c) * X
                return np.hstack([c * np.ones((n, 1)), linear, products, np.zeros((n, p))])
            """,
            "lists": """
                rows = [[np.sqrt(c), *x] for x in X]
                return [[a * b for a in z for b in z] for z in rows]
            """,
            "minus signs": """
                Z = np.column_stack([-np.sqrt(c) * np.ones(len(X)), -X])
                return np.array([np.kron(z, z) for z in Z])
            """,
        },
        wrong=[
            Wrong("c for √c", """
                Z = np.column_stack([np.full(len(X), c), X])
                return np.array([np.kron(z, z) for z in Z])
            """, "no example", "(c + x_iᵀx_j)² for all i and j. Here for i = 2 and j = 2 it is 400, and not 64"),
            Wrong("1 for √c", """
                Z = np.column_stack([np.ones(len(X)), X])
                return np.array([np.kron(z, z) for z in Z])
            """, "no example", "(c + x_iᵀx_j)²"),
            Wrong("squares only", """
                n, p = X.shape
                H = np.zeros((n, (p + 1) ** 2))
                H[:, 0], H[:, 1:p + 1], H[:, p + 1:2 * p + 1] = c, np.sqrt(2 * c) * X, X**2
                return H
            """, "no example", "(c + x_iᵀx_j)²"),
            Wrong("mixed products once", """
                n, p = X.shape
                H = np.zeros((n, (p + 1) ** 2))
                Z, k = np.column_stack([np.full(n, np.sqrt(c)), X]), 0
                for i in range(p + 1):
                    for j in range(i + 1):
                        H[:, k] = Z[:, i] * Z[:, j]
                        k += 1
                return H
            """, "no example", "(c + x_iᵀx_j)²"),
            Wrong("without c", "return np.array([np.kron(x, x) for x in X])", "shape"),
            Wrong("the kernel itself", "return (c + X @ X.T) ** 2", "shape"),
            Wrong("Kronecker of matrices", """
                Z = np.column_stack([np.full(len(X), np.sqrt(c)), X])
                return np.kron(Z, Z)
            """, "shape"),
            Wrong("features as rows", """
                Z = np.column_stack([np.full(len(X), np.sqrt(c)), X])
                return np.array([np.kron(z, z) for z in Z]).T
            """, "shape"),
            Wrong("only different ones", """
                Z = np.column_stack([np.full(len(X), np.sqrt(c)), X])
                i, j = np.triu_indices(Z.shape[1])
                return Z[:, i] * Z[:, j] * np.where(i == j, 1, np.sqrt(2))
            """, "shape"),
            Wrong("c + outer product", """
                return np.array([(c + np.outer(np.append(1, x), np.append(1, x))).ravel() for x in X])
            """, "no example", "(c + x_iᵀx_j)²"),
            Wrong("√c in an integer array", """
                Z = np.zeros((X.shape[0], X.shape[1] + 1), dtype=X.dtype)
                Z[:, 0], Z[:, 1:] = np.sqrt(c), X
                return np.array([np.kron(z, z) for z in Z])
            """, "no example", "(c + x_iᵀx_j)²", keeps=3),
            Wrong("two columns at most", """
                z = np.column_stack([np.full(len(X), np.sqrt(c)), X[:, :2]])
                return np.array([np.kron(row, row) for row in z])
            """, "shape"),
            Wrong("three rows", """
                Z = np.column_stack([np.full(3, np.sqrt(c)), X[:3]])
                return np.array([np.kron(z, z) for z in Z])
            """, "exception", "ValueError"),
            Wrong("into X", """
                X *= 1.0
                X -= 1
                Z = np.column_stack([np.full(len(X), np.sqrt(c)), X + 1])
                return np.array([np.kron(z, z) for z in Z])
            """, "mutates"),
            Wrong("no return", "Z = np.column_stack([np.full(len(X), np.sqrt(c)), X])", "returns None"),
            Wrong("labkit", """
                from labkit.psd import row_kronecker
                Z = np.column_stack([np.full(len(X), np.sqrt(c)), X])
                return row_kronecker(Z, Z)
            """, "labkit"),
        ]),
    "attention": Task(
        right={
            "row by row": """
                W = np.empty((len(Q), len(K)))
                for i, q in enumerate(Q):
                    scores = K @ q / len(q) ** 0.5
                    e = np.exp(scores - max(scores))
                    W[i] = e / sum(e)
                return W
            """,
            "in logarithms": """
                scores = Q @ K.T / np.sqrt(K.shape[1])
                return np.exp(scores - np.logaddexp.reduce(scores, axis=1)[:, None])
            """,
            "pairwise differences": """
                scores = Q @ K.T / np.sqrt(Q.shape[1])
                return 1 / np.exp(scores[:, None, :] - scores[:, :, None]).sum(axis=2)
            """,
            "transposed and back": """
                scores = K @ Q.T / np.sqrt(Q.shape[1])
                E = np.exp(scores - scores.max(axis=0))
                return (E / E.sum(axis=0)).T
            """,
            "a list": """
                scores = Q @ K.T / np.sqrt(Q.shape[1])
                E = np.exp(scores - scores.max(axis=1, keepdims=True))
                return [list(row / row.sum()) for row in E]
            """,
        },
        wrong=[
            Wrong("as written", """
                E = np.exp(Q @ K.T / np.sqrt(Q.shape[1]))
                return E / E.sum(axis=1, keepdims=True)
            """, "not finite", keeps=2),
            Wrong("one maximum for all", """
                scores = Q @ K.T / np.sqrt(Q.shape[1])
                E = np.exp(scores - scores.max())
                return E / E.sum(axis=1, keepdims=True)
            """, "not finite", keeps=2),
            Wrong("the largest modulus", """
                scores = Q @ K.T / np.sqrt(Q.shape[1])
                E = np.exp(scores - np.abs(scores).max(axis=1, keepdims=True))
                return E / E.sum(axis=1, keepdims=True)
            """, "not finite", keeps=2),
            Wrong("no keepdims", """
                scores = Q @ K.T / np.sqrt(Q.shape[1])
                E = np.exp(scores)
                return E / E.sum(axis=1)
            """, "axis"),
            Wrong("columns", """
                E = np.exp(Q @ K.T / np.sqrt(Q.shape[1]))
                return E / E.sum(axis=0)
            """, "columns"),
            Wrong("all sum to 1", """
                E = np.exp(Q @ K.T / np.sqrt(Q.shape[1]))
                return E / E.sum()
            """, "all together"),
            Wrong("no scale", """
                E = np.exp(Q @ K.T)
                return E / E.sum(axis=1, keepdims=True)
            """, "scale", "is missing"),
            Wrong("1/p", """
                E = np.exp(Q @ K.T / Q.shape[1])
                return E / E.sum(axis=1, keepdims=True)
            """, "scale", "not 1/p"),
            Wrong("√n for √p", """
                scores = Q @ K.T / np.sqrt(len(K))
                E = np.exp(scores - scores.max(axis=1, keepdims=True))
                return E / E.sum(axis=1, keepdims=True)
            """, "scale", "number of columns"),
            Wrong("only the numerator", "return np.exp(Q @ K.T / np.sqrt(Q.shape[1]))", "numerator"),
            Wrong("one row a key", """
                scores = K @ Q.T / np.sqrt(Q.shape[1])
                E = np.exp(scores - scores.max(axis=1, keepdims=True))
                return E / E.sum(axis=1, keepdims=True)
            """, "transposed"),
            Wrong("shift in the numerator alone", """
                scores = Q @ K.T / np.sqrt(Q.shape[1])
                E = np.exp(scores - scores.max(axis=1, keepdims=True))
                return E / np.exp(scores).sum(axis=1, keepdims=True)
            """, "numbers"),
            Wrong("the matrix exponential", """
                B, E, power = Q @ K.T / np.sqrt(Q.shape[1]), np.eye(len(Q)), np.eye(len(Q))
                for k in range(1, 30):
                    power = power @ B / k
                    E = E + power
                return E / E.sum(axis=1, keepdims=True)
            """, "exception"),
            Wrong("clipped", """
                E = np.exp(np.clip(Q @ K.T / np.sqrt(Q.shape[1]), -700, 700))
                return E / E.sum(axis=1, keepdims=True)
            """, "numbers", keeps=2),
            Wrong("into Q", """
                Q /= np.sqrt(Q.shape[1])
                E = np.exp(Q @ K.T)
                return E / E.sum(axis=1, keepdims=True)
            """, "mutates"),
            Wrong("no return", "scores = Q @ K.T", "returns None"),
            Wrong("labkit", "return psd.attention_weights(Q, K)", "labkit"),
        ]),
    "block": Task(
        right={
            "a multiple": "return [[1], [2]], [[-1], [-2]]",
            "other size": "return np.array([[3], [1]]), np.array([[-3], [-1]])",
            "half": "return np.array([[2], [-2]]), np.array([[-1.0], [1.0]])",
            "a zero": "return [[0], [1]], [[0], [-2]]",
        },
        wrong=[
            Wrong("Q = K", "return [[1], [2]], [[1], [2]]", "no example", "indefinite"),
            Wrong("not symmetric", "return [[1], [0]], [[0], [1]]", "no example", "symmetric"),
            Wrong("zero", "return [[0], [0]], [[0], [0]]", "no example", "indefinite"),
            Wrong("equal queries", "return [[1], [1]], [[-1], [-1]]", "no example", "indefinite"),
            Wrong("vectors", "return [1, -1], [-1, 1]", "shape"),
            Wrong("two columns", "return np.eye(2), np.eye(2)[::-1]", "shape"),
            Wrong("the block", "return np.array([[0, 1], [1, 0]])", "parts"),
            Wrong("fractions", "return [[0.5], [-0.5]], [[-0.5], [0.5]]", "whole numbers"),
            Wrong("large", "return [[9], [-9]], [[-9], [9]]", "whole numbers"),
        ]),
    "shrink": Task(
        right={
            "a shift, rescaled": """
                values = np.linalg.eigvalsh(R)
                d = max(0, (values[-1] - kappa * values[0]) / (kappa - 1))
                return d / (1 + d)
            """,
            "a general routine": """
                values = np.sort(np.linalg.eig(R)[0].real)
                top, low = values[-1], values[0]
                t = (top - kappa * low) / (top - kappa * low + kappa - 1)
                return t if top > kappa * low else 0
            """,
            "every eigenvalue against the largest": """
                values = np.linalg.eigvalsh(R)
                slopes = values.max() - 1 + kappa * (1 - values)
                return np.maximum(0, 1 - (kappa - 1) / np.maximum(slopes, kappa - 1)).max()
            """,
            "minus infinity for the identity": """
                values = np.linalg.eigvalsh(R)
                slope = values[-1] - 1 + kappa * (1 - values[0])
                return max(0, 1 - (kappa - 1) / slope)
            """,
            "an array with a number": """
                values, Q = np.linalg.eigh(R - np.eye(len(R)))
                s = np.minimum(1, (kappa - 1) / np.maximum(values[-1] - kappa * values[0], 1e-300))
                return np.array(1 - s)
            """,
        },
        wrong=[
            Wrong("the shift itself", """
                values = np.linalg.eigvalsh(R)
                return max(0, (values[-1] - kappa * values[0]) / (kappa - 1))
            """, "shift"),
            Wrong("PSD is enough", """
                low = np.linalg.eigvalsh(R)[0]
                return max(0, -low / (1 - low))
            """, "PSD only"),
            Wrong("negative shrinkage", """
                values = np.linalg.eigvalsh(R)
                return 1 - (kappa - 1) / (values[-1] - 1 + kappa * (1 - values[0]))
            """, "not clipped"),
            Wrong("singular values", """
                s = np.linalg.svd(R, compute_uv=False)
                d = max(0, (s[0] - kappa * s[-1]) / (kappa - 1))
                return d / (1 + d)
            """, "not PSD"),
            Wrong("the modulus of λₙ", """
                values = np.linalg.eigvalsh(R)
                d = max(0, (values[-1] - kappa * abs(values[0])) / (kappa - 1))
                return d / (1 + d)
            """, "not PSD"),
            Wrong("κ for κ − 1", """
                values = np.linalg.eigvalsh(R)
                return max(0, 1 - kappa / (values[-1] - 1 + kappa * (1 - values[0])))
            """, "numbers"),
            Wrong("1 − t for t", """
                values = np.linalg.eigvalsh(R)
                return min(1, (kappa - 1) / (values[-1] - 1 + kappa * (1 - values[0])))
            """, "what is left"),
            Wrong("κ squared", """
                values = np.linalg.eigvalsh(R)
                d = max(0, (values[-1] - kappa**2 * values[0]) / (kappa**2 - 1))
                return d / (1 + d)
            """, "numbers"),
            Wrong("the condition number of R", """
                return max(0.0, 1 - kappa / np.linalg.cond(R))
            """, "numbers"),
            Wrong("the largest correlation", """
                r = np.abs(R - np.eye(len(R))).max()
                return max(0.0, 1 - (kappa - 1) / (r * (kappa + 1)))
            """, "not PSD"),
            Wrong("for two variables", """
                r = abs(R[0, 1])
                return max(0.0, 1 - (kappa - 1) / (r * (kappa + 1)))
            """, "not PSD"),
            Wrong("a coarse search", """
                for t in np.linspace(0, 1, 2001):
                    values = np.linalg.eigvalsh((1 - t) * R + t * np.eye(len(R)))
                    if values[-1] <= kappa * values[0]:
                        return t
            """, "numbers"),
            Wrong("a fine search", """
                values = np.linalg.eigvalsh(R)
                t = np.linspace(0, 1, 10**6)
                enough = (1 - t) * values[-1] + t <= kappa * ((1 - t) * values[0] + t)
                return t[enough.argmax()]
            """, "inexact"),
            Wrong("rounded to six decimals", """
                values = np.linalg.eigvalsh(R)
                d = max(0, (values[-1] - kappa * values[0]) / (kappa - 1))
                return round(d / (1 + d), 6)
            """, "inexact"),
            Wrong("nothing for the identity", """
                values = np.linalg.eigvalsh(R)
                slope = values[-1] - 1 + kappa * (1 - values[0])
                return np.maximum(0, 1 - (kappa - 1) * slope / slope**2)
            """, "not finite"),
            Wrong("a condition number of either sign", """
                for t in np.linspace(0, 1, 2001):
                    if np.linalg.cond((1 - t) * R + t * np.eye(len(R))) <= kappa:
                        return t
            """, "not PSD"),
            Wrong("all eigenvalues", """
                values = np.linalg.eigvalsh(R)
                return np.maximum(0, 1 - (kappa - 1) / (values[-1] - 1 + kappa * (1.001 - values)))
            """, "shape"),
            Wrong("into R", """
                R -= np.eye(len(R))
                values = np.linalg.eigvalsh(R)
                return max(0, 1 - (kappa - 1) / (values[-1] - kappa * values[0]))
            """, "mutates"),
            Wrong("visible answers", """
                known = {3: 0.375, 10: 0.0, 20: 1 - 19 / (18.9 * 2**0.5), 2: 0.0, 5: 0.0, 1.01: 1.196 / 1.206,
                         4: 0.4, 6: 8 / 13}
                return known[kappa]
            """, "exception", "KeyError", keeps=3),
            Wrong("no return", "values = np.linalg.eigvalsh(R)", "returns None"),
        ]),
    "mine": Task(
        right={
            "by hand": """
                reach = (0.3111 * 0.4816) ** 0.5
                return [4, -3, -3], 0.5976 - reach, 0.5976 + reach, 0.18077486686096278
            """,
            "the determinant's roots": """
                a, b = my_correlations[0, 1:]
                roots = np.sort(np.roots([-1, 2 * a * b, 1 - a**2 - b**2]).real)
                values, Q = np.linalg.eigh(my_correlations)
                d = (values[-1] - 50 * values[0]) / 49
                return -3 * Q[:, 0], roots[0], roots[1], d / (1 + d)
            """,
            "angles": """
                R = my_correlations
                alpha, beta = np.arccos(R[0, 1]), np.arccos(R[0, 2])
                values, Q = np.linalg.eigh(R)
                t = 1 - 49 / (values.max() - 1 + 50 * (1 - values.min()))
                return list(Q[:, 0]), np.cos(alpha + beta), np.cos(alpha - beta), t
            """,
            "searches": """
                def halve(good, bad, ok):
                    for _ in range(60):
                        middle = (good + bad) / 2
                        good, bad = (middle, bad) if ok(middle) else (good, middle)
                    return good

                def lowest(r):
                    R = my_correlations.copy()
                    R[1, 2] = R[2, 1] = r
                    return np.linalg.eigvalsh(R)[0]

                def enough(t):
                    values = np.linalg.eigvalsh((1 - t) * my_correlations + t * np.eye(3))
                    return values[-1] <= 50 * values[0]

                middle = my_correlations[0, 1] * my_correlations[0, 2]
                w = np.linalg.eigh(my_correlations)[1][:, 0]
                return (w, halve(middle, -1, lambda r: lowest(r) >= 0), halve(middle, 1, lambda r: lowest(r) >= 0),
                        halve(1, 0, enough))
            """,
        },
        wrong=[
            Wrong("a neighbour's", """
                return [4, -3, 3], -0.9354230571771168, -0.44097694282288324, 0.23830590349078717
            """, "no example", "wᵀRw < 0"),
            Wrong("a neighbour's interval", """
                return [4, -3, -3], -0.9354230571771168, -0.44097694282288324, 0.18077486686096278
            """, "no example", "r₂₃ = low + 0.01", keeps=1),
            Wrong("rounded", "return [4, -3, -3], 0.211, 0.985, 0.181", "no example",
                  "low is, in eight decimals, the smallest r₂₃ for which R is PSD. Here it is off by", keeps=2),
            Wrong("an interval about 0", """
                reach = (0.3111 * 0.4816) ** 0.5
                return [4, -3, -3], -reach, reach, 0.18077486686096278
            """, "no example", "r₂₃ = low + 0.01", keeps=1),
            Wrong("the product of the wrong two", """
                reach = (0.3111 * (1 - 0.0225)) ** 0.5
                return [4, -3, -3], -0.1245 - reach, -0.1245 + reach, 0.18077486686096278
            """, "no example", "r₂₃ = low + 0.01", keeps=1),
            Wrong("no root", """
                return [4, -3, -3], 0.5976 - 0.3111 * 0.4816, 0.5976 + 0.3111 * 0.4816, 0.18077486686096278
            """, "no example", "low − 0.01", keeps=1),
            Wrong("any pair is possible", "return [4, -3, -3], -1, 1, 0.18077486686096278", "no example",
                  "r₂₃ = low + 0.01", keeps=1),
            Wrong("ends exchanged", """
                return [4, -3, -3], 0.9846733263866163, 0.21052667361338356, 0.18077486686096278
            """, "no example", "low < high", keeps=1),
            Wrong("the eigenvector of the largest", """
                w = np.linalg.eigh(my_correlations)[1][:, -1]
                return w, 0.21052667361338356, 0.9846733263866163, 0.18077486686096278
            """, "no example", "wᵀRw < 0", keeps=1),
            Wrong("w = 0", "return [0, 0, 0], 0.21052667361338356, 0.9846733263866163, 0.18077486686096278",
                  "no example", "wᵀRw < 0", keeps=1),
            Wrong("κ forgotten", """
                low = np.linalg.eigvalsh(my_correlations)[0]
                return [4, -3, -3], 0.21052667361338356, 0.9846733263866163, -low / (1 - low)
            """, "no example", "PD", keeps=2),
            Wrong("the shift", """
                values = np.linalg.eigvalsh(my_correlations)
                t = (values[-1] - 50 * values[0]) / 49
                return [4, -3, -3], 0.21052667361338356, 0.9846733263866163, t
            """, "no example", "t − 0.01", keeps=2),
            Wrong("nothing left", "return [4, -3, -3], 0.21052667361338356, 0.9846733263866163, 1", "no example",
                  "t − 0.01", keeps=2),
            Wrong("numbers made up", """
                global my_correlations
                my_correlations = np.array([[1, 0.8, 0.8], [0.8, 1, -0.8], [0.8, -0.8, 1]])
                return [1, -1, -1], 0.28, 1.0, 1 - 49 / 80.8
            """, "no example", "low is, in eight decimals, the smallest", keeps=2),
            Wrong("without t", "return [4, -3, -3], 0.21052667361338356, 0.9846733263866163", "parts",
                  "w, low, high and t"),
            Wrong("w as a column", "return [[4], [-3], [-3]], 0.3, 0.9, 0.3", "shape", "w has shape (3, 1)"),
            Wrong("no return", "w = np.array([4, -3, -3])", "returns None"),
        ]),
    "descent": Task(
        right={
            "the pseudoinverse": """
                values, Q = np.linalg.eigh(A)
                zero = np.zeros(len(b))
                if values[0] < -1e-10 * np.abs(values).max():
                    return zero, 5 * Q[:, 0]
                x = np.linalg.pinv(A, rcond=1e-10, hermitian=True) @ b
                z = b - A @ x
                return (zero, z) if np.linalg.norm(z) > 1e-10 * np.linalg.norm(b) else (x, zero)
            """,
            "least squares": """
                values, Q = np.linalg.eigh(A)
                zero = np.zeros(len(b))
                if values[0] < -1e-10 * np.abs(values).max():
                    return zero, -Q[:, 0]
                x = np.linalg.lstsq(A, b, rcond=1e-10)[0]
                rest = b - A @ x
                if np.linalg.norm(rest) > 1e-10 * np.linalg.norm(b):
                    return zero, rest
                return x, zero
            """,
            "another minimiser": """
                values, Q = np.linalg.eigh(A)
                zero, small = np.zeros(len(b)), 1e-10 * np.abs(values).max()
                if values[0] < -small:
                    return zero, Q[:, 0]
                x, v = np.zeros(len(b)), np.zeros(len(b))
                for value, q in zip(values, Q.T):
                    if value > small:
                        x = x + q * (q @ b) / value
                    else:
                        v = v + q * (q @ b)
                        x = x + q
                return (x, zero) if np.linalg.norm(v) <= 1e-10 * np.linalg.norm(b) else (zero, v)
            """,
            "lists": """
                values, Q = np.linalg.eigh(A)
                zero, small = [0.0] * len(b), 1e-10 * max(abs(values))
                if values[0] < -small:
                    return zero, list(Q[:, 0])
                flat = values <= small
                z = Q[:, flat] @ (Q[:, flat].T @ b)
                if np.sqrt(z @ z) > 1e-10 * np.sqrt(b @ b):
                    return zero, list(z)
                return list(np.linalg.pinv(A, rcond=1e-10) @ b), zero
            """,
        },
        wrong=[
            Wrong("solve", "return np.linalg.solve(A, b), np.zeros(len(b))", "no example",
                  "x = 0, since f has no minimum"),
            Wrong("least squares for all", """
                return np.linalg.lstsq(A, b, rcond=None)[0], np.zeros(len(b))
            """, "no example", "x = 0, since f has no minimum"),
            Wrong("sign of b", """
                values, Q = np.linalg.eigh(A)
                zero = np.zeros(len(b))
                if values[0] < -1e-10 * np.abs(values).max():
                    return zero, Q[:, 0]
                x = -np.linalg.pinv(A, rcond=1e-10) @ b
                z = b + A @ x
                return (zero, z) if np.linalg.norm(z) > 1e-10 * np.linalg.norm(b) else (x, zero)
            """, "no example", "Ax = b"),
            Wrong("uphill", """
                values, Q = np.linalg.eigh(A)
                zero = np.zeros(len(b))
                if values[0] < -1e-10 * np.abs(values).max():
                    return zero, Q[:, 0]
                x = np.linalg.pinv(A, rcond=1e-10) @ b
                z = A @ x - b
                return (zero, z) if np.linalg.norm(z) > 1e-10 * np.linalg.norm(b) else (x, zero)
            """, "no example", "tends to −∞"),
            Wrong("any null vector", """
                values, Q = np.linalg.eigh(A)
                zero = np.zeros(len(b))
                if values[0] < -1e-10 * np.abs(values).max():
                    return zero, Q[:, 0]
                x = np.linalg.pinv(A, rcond=1e-10) @ b
                if np.linalg.norm(A @ x - b) > 1e-10 * np.linalg.norm(b):
                    null = Q[:, 0]
                    return zero, null * (-1 if null @ b > 0 else 1)
                return x, zero
            """, "no example", "tends to −∞"),
            Wrong("the gradient", """
                values = np.linalg.eigvalsh(A)
                x = np.linalg.pinv(A, rcond=1e-10) @ b
                psd = values[0] >= -1e-10 * np.abs(values).max()
                if psd and np.linalg.norm(A @ x - b) <= 1e-10 * np.linalg.norm(b):
                    return x, 0 * b
                return 0 * b, b
            """, "no example", "tends to −∞"),
            Wrong("PD or nothing", """
                values, Q = np.linalg.eigh(A)
                if values[0] > 1e-10 * np.abs(values).max():
                    return np.linalg.solve(A, b), np.zeros(len(b))
                return np.zeros(len(b)), Q[:, 0]
            """, "no example", "Ax = b"),
            Wrong("PSD is enough", """
                values, Q = np.linalg.eigh(A)
                if values[0] >= -1e-10 * np.abs(values).max():
                    return np.linalg.pinv(A, rcond=1e-10) @ b, np.zeros(len(b))
                return np.zeros(len(b)), Q[:, 0]
            """, "no example", "x = 0, since f has no minimum"),
            Wrong("convexity by the determinant", """
                if np.linalg.det(A) < 0:
                    return np.zeros(len(b)), np.linalg.eigh(A)[1][:, 0]
                x = np.linalg.pinv(A, rcond=1e-10) @ b
                z = b - A @ x
                zero = np.zeros(len(b))
                return (zero, z) if np.linalg.norm(z) > 1e-10 * np.linalg.norm(b) else (x, zero)
            """, "no example"),
            Wrong("the form without the half", """
                values, Q = np.linalg.eigh(A)
                zero = np.zeros(len(b))
                if values[0] < -1e-10 * np.abs(values).max():
                    return zero, Q[:, 0]
                x = np.linalg.pinv(A, rcond=1e-10) @ b / 2
                z = b - 2 * A @ x
                return (zero, z) if np.linalg.norm(z) > 1e-10 * np.linalg.norm(b) else (x, zero)
            """, "no example", "Ax = b"),
            Wrong("both at once", """
                values, Q = np.linalg.eigh(A)
                x = np.linalg.pinv(A, rcond=1e-10) @ b
                return x, Q[:, 0]
            """, "no example", "v = 0, since f has a minimum"),
            Wrong("strictly below 0", """
                values, Q = np.linalg.eigh(A)
                zero = np.zeros(len(b))
                if values[0] < 0:
                    return zero, Q[:, 0]
                x = np.linalg.pinv(A, rcond=1e-10) @ b
                z = b - A @ x
                return (zero, z) if np.linalg.norm(z) > 1e-10 * np.linalg.norm(b) else (x, zero)
            """, "no example", "since f has"),
            Wrong("absolute tolerances", """
                values, Q = np.linalg.eigh(A)
                zero, flat = np.zeros(len(b)), np.abs(values) <= 1e-10
                if values[0] < -1e-10:
                    return zero, Q[:, 0]
                z = Q[:, flat] @ (Q[:, flat].T @ b)
                if np.linalg.norm(z) > 1e-10:
                    return zero, z
                return Q[:, ~flat] @ (Q[:, ~flat].T @ b / values[~flat]), zero
            """, "no example", "v is not 0, since f has no minimum. Here λ_min = -1e-12", keeps=2),
            Wrong("a tolerance of 1e-6", """
                values, Q = np.linalg.eigh(A)
                zero, flat = np.zeros(len(b)), np.abs(values) <= 1e-6 * np.abs(values).max()
                if values[0] < -1e-6 * np.abs(values).max():
                    return zero, Q[:, 0]
                z = Q[:, flat] @ (Q[:, flat].T @ b)
                if np.linalg.norm(z) > 1e-6 * np.linalg.norm(b):
                    return zero, z
                return Q[:, ~flat] @ (Q[:, ~flat].T @ b / values[~flat]), zero
            """, "no example", "x = 0, since f has no minimum", keeps=2),
            Wrong("no part of b is small", """
                values, Q = np.linalg.eigh(A)
                zero, flat = np.zeros(len(b)), np.abs(values) <= 1e-10 * np.abs(values).max()
                if values[0] < -1e-10 * np.abs(values).max():
                    return zero, Q[:, 0]
                z = Q[:, flat] @ (Q[:, flat].T @ b)
                if (np.abs(z) > 1e-15 * np.linalg.norm(b)).any():
                    return zero, z
                return Q[:, ~flat] @ (Q[:, ~flat].T @ b / values[~flat]), zero
            """, "no example", "Ax = b, since f has a minimum. Here ‖Ax − b‖ = 1", keeps=2),
            Wrong("divided by zero", """
                values, Q = np.linalg.eigh(A)
                zero = np.zeros(len(b))
                if values[0] < -1e-10 * np.abs(values).max():
                    return zero, Q[:, 0]
                values[np.abs(values) < 1e-10 * np.abs(values).max()] = 0
                x = Q @ (Q.T @ b / values)
                return x, zero
            """, "not finite"),
            Wrong("one vector", "return np.linalg.lstsq(A, b, rcond=None)[0]", "parts"),
            Wrong("into b", """
                b -= A @ np.zeros(len(b)) - 1
                return np.linalg.lstsq(A, b - 1, rcond=None)[0], np.zeros(len(b))
            """, "mutates"),
            Wrong("no return", "x = np.linalg.lstsq(A, b, rcond=None)[0]", "returns None"),
        ]),
    "gradient": Task(
        right={
            "two lines": """
                return ["df = x.T @ A @ dx / sqrt(1 + x.T @ A @ x)", "G = A @ x / sqrt(1 + x.T @ A @ x)"]
            """,
            "as text": '''
                return """
                    df = (1 + x.T @ A @ x)**(-1/2) / 2 * (2 * x.T @ A @ dx)
                    df = tr(x.T @ A @ dx) / sqrt(1 + x.T @ A @ x)
                    G = A @ x / sqrt(1 + x.T @ A @ x)
                """
            ''',
            "with both terms": """
                return ["df = (dx.T @ A @ x + x.T @ A @ dx) / (2 * sqrt(1 + x.T @ A @ x))",
                        "df = (A @ x + A.T @ x).T @ dx / (2 * sqrt(1 + x.T @ A @ x))",
                        "G = (A @ x + A.T @ x) / (2 * sqrt(1 + x.T @ A @ x))"]
            """,
            "an inner product": """
                return ["df = 2 * (A @ x).T @ dx / (2 * sqrt(1 + x.T @ A @ x))",
                        "df = (A @ x / sqrt(1 + x.T @ A @ x)).T @ dx", "G = A @ x / sqrt(1 + x.T @ A @ x)"]
            """,
        },
        wrong=[
            Wrong("the answer alone", 'return ["G = A @ x / sqrt(1 + x.T @ A @ x)"]', "no differential",
                  "Begin with a line"),
            Wrong("root not differentiated", """
                return ["df = 2 * x.T @ A @ dx * sqrt(1 + x.T @ A @ x)", "G = A @ x / (1 + x.T @ A @ x)"]
            """, "derivation", "no line"),
            Wrong("not written", "return []", "not written", "there are no lines yet"),
            Wrong("a function", "return lambda x, A: A @ x", "type", "lines as text"),
            Wrong("numbers", "return [1, 2]", "type", "lines as text"),
            Wrong("no return", 'lines = ["df = x.T @ A @ dx"]', "returns None"),
            Wrong("derivation of another function", 'return ["df = c.T @ dx", "G = c"]', "derivation"),
            Wrong("an argument", "def lines_of_the_gradient(x):\n    return []", "arguments", "no arguments"),
            Wrong("halves lost twice", """
                return ["df = x.T @ A @ dx / (2 * sqrt(1 + x.T @ A @ x))", "G = A @ x"]
            """, "derivation"),
        ]),
    "second": Task(
        right={
            "the shortest": """
                return ["df = 4 * (x.T @ A @ dx) * (u.T @ A @ x) + 2 * (x.T @ A @ x) * (u.T @ A @ dx)",
                        "G = 2 * (x.T @ A @ x) * A @ u + 4 * (x.T @ A @ u) * A @ x"]
            """,
            "all terms": """
                return ["df = 2*(dx.T @ A @ x + x.T @ A @ dx)*(u.T @ A @ x) + 2*(x.T @ A @ x)*(u.T @ A @ dx)",
                        "df = 4 * (u.T @ A @ x) * (A @ x).T @ dx + 2 * (x.T @ A @ x) * (A @ u).T @ dx",
                        "G = 4 * (u.T @ A @ x) * A @ x + 2 * (x.T @ A @ x) * A @ u"]
            """,
            "as a matrix times u": """
                return ["df = 4 * (x.T @ A @ dx) * (u.T @ A @ x) + 2 * (x.T @ A @ x) * (u.T @ A @ dx)",
                        "G = (4 * A @ x @ x.T @ A + 2 * (x.T @ A @ x) * A) @ u"]
            """,
        },
        wrong=[
            Wrong("the answer alone", 'return ["G = 4 * (u.T @ A @ x) * A @ x + 2 * (x.T @ A @ x) * A @ u"]',
                  "no differential", "Begin with a line"),
            Wrong("the second factor held", """
                return ["df = 4 * (x.T @ A @ dx) * (u.T @ A @ x)", "G = 4 * (u.T @ A @ x) * A @ u"]
            """, "derivation"),
            Wrong("the first factor held", """
                return ["df = 2 * (x.T @ A @ x) * (u.T @ A @ dx)", "G = 2 * (x.T @ A @ x) * u"]
            """, "derivation"),
            Wrong("xᵀA dx once", """
                return ["df = 2 * (x.T @ A @ dx) * (u.T @ A @ x) + 2 * (x.T @ A @ x) * (u.T @ A @ dx)",
                        "G = A @ u"]
            """, "derivation"),
            Wrong("not written", 'return ""', "not written"),
            Wrong("None", "return None", "returns None"),
            Wrong("a number", "return 4", "type"),
            Wrong("product of differentials", """
                return ["df = 4 * (x.T @ A @ dx) * (u.T @ A @ dx)", "G = 4 * A @ x"]
            """, "derivation"),
        ]),
    "another": Task(
        right={
            "the shortest": f"""
                return ["{ANOTHER}",
                        "G = 2 * (c.T @ u) * M @ z + 2 * (u.T @ M @ z) * c + 2 * (c.T @ z) * M @ u"]
            """,
            "all terms, then under one transpose": """
                return ["df = (dz.T @ M @ z + z.T @ M @ dz)*(c.T @ u) + 2*(c.T @ dz)*(u.T @ M @ z)"
                        " + 2*(c.T @ z)*(u.T @ M @ dz)",
                        "df = 2 * ((u.T @ c) * M @ z + (z.T @ M @ u) * c + (z.T @ c) * M @ u).T @ dz",
                        "G = 2 * ((c.T @ u) * M @ z + (u.T @ M @ z) * c + (c.T @ z) * M @ u)"]
            """,
            "as a matrix times u": f"""
                return ["{ANOTHER}",
                        "G = 2 * (M @ z @ c.T + c @ z.T @ M + (c.T @ z) * M) @ u"]
            """,
            "with d(…) first, as a text": f'''
                return """
                    df = d(z.T @ M @ z) * (c.T @ u) + 2 * d((c.T @ z) * (u.T @ M @ z))
                    {ANOTHER}
                    G = 2 * M @ z @ (c.T @ u) + 2 * c @ (z.T @ M @ u) + 2 * M.T @ u @ (z.T @ c)
                """
            ''',
            "inner products and a trace": """
                return ["df = 2*inner(M @ z, dz)*inner(c, u) + 2*inner(c, dz)*inner(u, M @ z)"
                        " + 2*inner(c, z)*tr(M @ u @ dz.T)",
                        "G = 2 * inner(c, u) * M @ z + 2 * inner(u, M @ z) * c + 2 * inner(c, z) * M @ u"]
            """,
        },
        wrong=[
            Wrong("the answer alone",
                  'return ["G = 2 * (c.T @ u) * M @ z + 2 * (u.T @ M @ z) * c + 2 * (c.T @ z) * M @ u"]',
                  "no differential", "Begin with a line"),
            Wrong("the lines of (b)", """
                return ["df = 4 * (x.T @ A @ dx) * (u.T @ A @ x) + 2 * (x.T @ A @ x) * (u.T @ A @ dx)",
                        "G = 4 * (u.T @ A @ x) * A @ x + 2 * (x.T @ A @ x) * A @ u"]
            """, "derivation", "cannot be read"),
            Wrong("not carried out", """
                return ["df = (c.T @ u) * d(z.T @ M @ z) + 2 * d((c.T @ z) * (u.T @ M @ z))",
                        "G = 2 * (c.T @ u) * M @ z + 2 * (u.T @ M @ z) * c + 2 * (c.T @ z) * M @ u"]
            """, "no differential", "a line with dz alone"),
            Wrong("cᵀz held, and no G", """
                return ["df = 2 * (z.T @ M @ dz) * (c.T @ u) + 2 * (c.T @ z) * (u.T @ M @ dz)"]
            """, "derivation", "a term is missing"),
            Wrong("the first term held, and Mz forgotten", """
                return ["df = 2 * (c.T @ dz) * (u.T @ M @ z) + 2 * (c.T @ z) * (u.T @ M @ dz)",
                        "G = 2 * c + 2 * (c.T @ z) * M @ u"]
            """, "derivation", "a term is missing"),
            Wrong("the 2 of zᵀMz lost, and Mz for Mu", """
                return ["df = (z.T @ M @ dz) * (c.T @ u) + 2 * (c.T @ dz) * (u.T @ M @ z)"
                        " + 2 * (c.T @ z) * (u.T @ M @ dz)",
                        "G = (c.T @ u) * M @ z + 2 * (u.T @ M @ z) * c + 2 * (c.T @ z) * M @ z"]
            """, "derivation"),
            Wrong("sign, and no G", f"""
                return ["{ANOTHER.replace("df = ", "df = -(")})"]
            """, "derivation", "no line"),
            Wrong("product of differentials", """
                return ["df = 2 * (z.T @ M @ dz) * (c.T @ u) + 2 * (c.T @ dz) * (u.T @ M @ dz)",
                        "G = 2 * (c.T @ u) * M @ z + 2 * c"]
            """, "derivation"),
            Wrong("u moves too, and a row", """
                return ["df = 2 * (z.T @ M @ dz) * (c.T @ du) + 2 * (c.T @ dz) * (u.T @ M @ dz)",
                        "G = 2 * (c.T @ u) * z.T @ M + 2 * (u.T @ M @ z) * c.T + 2 * (c.T @ z) * u.T @ M"]
            """, "derivation"),
            Wrong("the Hessian as a matrix", """
                return ["df = 2 * dz.T @ (M @ z @ c.T + c @ z.T @ M + (c.T @ z) * M)",
                        "G = 2 * (M @ z @ c.T + c @ z.T @ M + (c.T @ z) * M)"]
            """, "derivation", "is n×n"),
            Wrong("not written", "return []", "not written", "there are no lines yet"),
            Wrong("no return", 'lines = ["df = c.T @ dz"]', "returns None"),
        ]),
}


class TestPositiveSemidefinite(AssignmentTests, DerivationTests):
    notebook = "psd"
    tasks = TASKS
    kinds = KINDS
    slips = [
        # the root lost in the last of two lines
        Slip("gradient", [ROOT, "G = A @ x"], 2),
        # a factor lost in the middle, and carried on
        Slip("gradient", ["df = (dx.T @ A @ x + x.T @ A @ dx) / (2 * sqrt(1 + x.T @ A @ x))",
                          "df = x.T @ A @ dx / (2 * sqrt(1 + x.T @ A @ x))",
                          "G = A @ x / (2 * sqrt(1 + x.T @ A @ x))"], 2),
        # a factor lost at once, and carried on; and not carried on; a misprint before a right G
        Slip("gradient", ["df = x.T @ A @ dx / (2 * sqrt(1 + x.T @ A @ x))",
                          "G = A @ x / (2 * sqrt(1 + x.T @ A @ x))"], 1),
        Slip("gradient", ["df = x.T @ A @ dx / (2 * sqrt(1 + x.T @ A @ x))", ROOT_G], 2),
        Slip("gradient", ["df = x.T A dx / sqrt(1 + x.T @ A @ x)", ROOT_G], 2),
        # A lost in the last line
        Slip("second", ["df = 4*(x.T @ A @ dx)*(u.T @ A @ x) + 2*(x.T @ A @ x)*(u.T @ A @ dx)",
                        "G = 4 * (u.T @ A @ x) * A @ x + 2 * (x.T @ A @ x) * u"], 1),
        # no G; a row, the other layout; a lost factor; a lost term
        Slip("another", [ANOTHER], 1),
        Slip("another", [ANOTHER, "G = 2*(c.T@u)*z.T@M + 2*(u.T@M@z)*c.T + 2*(c.T@z)*u.T@M"], 1),
        Slip("another", [ANOTHER, "G = 2 * (c.T @ u) * M @ z + (u.T @ M @ z) * c + 2 * (c.T @ z) * M @ u"], 1),
        Slip("another", [ANOTHER, LOST_G], 1),
        # a term lost at the beginning, and carried on; and found again; a misprint before a right G
        Slip("another", [LOST, LOST_G], 0.5),
        Slip("another", [LOST, ANOTHER_G], 1),
        Slip("another", [ANOTHER.replace("c.T @ dz", "c.T dz"), ANOTHER_G], 1),
    ]
    ladders = LADDERS
    breaks = [Break(values, "agrees", lambda *_: True, "density", "return 1.0")]
