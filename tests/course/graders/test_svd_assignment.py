"""Assignment "The singular value decomposition": other right answers keep their marks, mistakes lose them."""


from labkit.checks import answers, values
from tests.course.graders.common import AssignmentTests, Break, DerivationTests, Slip, Task, Wrong, ladder

KINDS = {  # what the student reads for the kinds that this assignment names itself
    "A itself": "this is A itself",
    "Aᵀ for A": "this belongs to Aᵀ",
    "Frobenius norm": "this is the Frobenius norm",
    "U and Uᵀ exchanged": "U and Uᵀ are exchanged",
    "V and Vᵀ exchanged": "V and Vᵀ are exchanged",
    "a length lost": "of x",
    "a tolerance": "does not count as zero",
    "absolute": "what",
    "absolute tolerance": "small beside σ₁",
    "all inverted": "that counts as zero was inverted",
    "an eigenvalue": "as if it were an eigenvalue of A",
    "another mean": "the mean of the samples",
    "b for Ax": "Is there always an x with Ax = b?",
    "centred by rows": "was a mean taken away from each row?",
    "core counted twice": "counted twice",
    "core left out": "where is the core?",
    "core not inverted": "the core was not inverted",
    "equal is kept": "equal to τ counts as zero too",
    "first term": "Which one costs least?",
    "labkit": "it lets labkit do the work",
    "largest inverted": "the largest one of A",
    "last direction": "the variance is least",
    "leading core": "the first rows and columns were taken",
    "mean missing": "a mean is missing",
    "no tolerance": "that counts as zero was inverted",
    "not centred": "",
    "not divided": "not yet the coefficient",
    "not inverted": "was anything inverted?",
    "other directions": "D is given",
    "pairs of indices": "picks pairs",
    "rank one": "this has rank one",
    "relative tolerance": "you compare with τσ₁",
    "root missing": "the square of the norm",
    "rows and columns exchanged": "rows and columns are exchanged",
    "shares of σ": "which of their powers are variances?",
    "smallest": "This is the least.",
    "spectral norm": "the spectral norm is used",
    "squared lengths": "or their squares?",
    "squares": "what becomes of t then?",
    "standardised": "were the columns divided by something?",
    "sum": "this is the sum of the singular values",
    "sums": "added without squares",
    "the residual": "this is the residual",
    "the rest": "that is left over",
    "the samples back": "these are the samples themselves",
    "the variance": "this is a variance",
    "two norms": "two norms are mixed",
    "upside down": "can a relative distance",
    "what is taken away": "what has to be taken away from A",
    "zero inverted": "no singular value that is zero",
}

TASKS = {
    "rank_one": Task(
        right={
            "by the SVD": """
                U, s, Vt = np.linalg.svd(np.outer(x, y), full_matrices=False)
                sign = 1 if U[:, 0] @ x > 0 else -1
                return sign * U[:, 0], s[0], sign * Vt[0]
            """,
            "lists": """
                import math
                a, b = math.hypot(*x), math.hypot(*y)
                return [t / a for t in x], a * b, [t / b for t in y]
            """,
            "norm of the matrix": """
                u, v = x / np.sqrt(x @ x), y / np.sqrt(y @ y)
                return u, u @ np.outer(x, y) @ v, v
            """,
        },
        wrong=[
            Wrong("not normalised", "return x, 1, y", "factor", "u: "),
            Wrong("σ forgotten", "return x / np.linalg.norm(x), 1.0, y / np.linalg.norm(y)", "a length lost",
                  "σ: "),
            Wrong("one length", """
                a, b = np.linalg.norm(x), np.linalg.norm(y)
                return x / a, a, y / b
            """, "a length lost", "σ: "),
            Wrong("the other length", """
                a, b = np.linalg.norm(x), np.linalg.norm(y)
                return x / a, b, y / b
            """, "a length lost", "and that of x?"),
            Wrong("squared lengths", """
                a, b = np.linalg.norm(x), np.linalg.norm(y)
                return x / a, a**2 * b**2, y / b
            """, "squared lengths", "σ: "),
            Wrong("squares", "return x / (x @ x), (x @ x) * (y @ y), y / (y @ y)", "factor", "u: "),
            Wrong("the signs as they come out", """
                U, s, Vt = np.linalg.svd(np.outer(x, y), full_matrices=False)
                return U[:, 0], s[0], Vt[0]
            """, "sign", "u: "),
            Wrong("the signs of the SVD", """
                U, s, Vt = np.linalg.svd(np.outer(x, y), full_matrices=False)
                return -U[:, 0] * np.sign(U[0, 0]), s[0], -Vt[0] * np.sign(U[0, 0])
            """, "sign", "u: "),
            Wrong("v negative", """
                a, b = np.linalg.norm(x), np.linalg.norm(y)
                return x / a, a * b, -y / b
            """, "sign", "v: "),
            Wrong("order", """
                a, b = np.linalg.norm(x), np.linalg.norm(y)
                return y / b, a * b, x / a
            """, "shape", "u: "),
            Wrong("two things", "return x / np.linalg.norm(x), y / np.linalg.norm(y)",
                  "parts", "3 results, for u, σ and v"),
            Wrong("1-norms", """
                a, b = np.abs(x).sum(), np.abs(y).sum()
                return x / a, a * b, y / b
            """, "factor"),
            Wrong("in place", "a = np.linalg.norm(x)\nx /= a\nb = np.linalg.norm(y)\nreturn x, a * b, y / b",
                  "mutates", "its argument x"),
            Wrong("by eigenvalues of AᵀA", """
                A = np.outer(x, y)
                values, vectors = np.linalg.eigh(A.T @ A)
                v = vectors[:, -1] * np.sign(vectors[:, -1] @ y)
                return x / np.linalg.norm(x), np.sqrt(values[-1]), v
            """, "not finite", "σ: ", keeps=2),
            Wrong("visible answers", """
                known = {(3, 5): ([0.6, 0.8], 65, [5 / 13, 12 / 13]), (-3, 2): ([-1], 6, [1]),
                         (1, 3): ([5**-0.5, 2 * 5**-0.5], 125**0.5, [0.6, 0.8]),
                         (-2, -3): ([-(5**-0.5), -2 * 5**-0.5], 500**0.5, [-0.6, -0.8]),
                         (-1, 4): ([-1 / 3, 2 / 3, 2 / 3], 15, [0.8, -0.6]),
                         (2, -4): ([2 / 3, 1 / 3, -2 / 3], 12, [-1]),
                         (3e120, 0): ([0.6, 0.8], 5e220, [0, 1]),
                         (3e-120, 2e-100): ([0.6, -0.8], 125**0.5 * 1e-220, [2 * 5**-0.5, 5**-0.5])}
                return known[x[0], y[0]]
            """, "exception", "KeyError", keeps=2),
            Wrong("no return", "u = x / np.linalg.norm(x)", "returns None"),
            Wrong("labkit's", "from labkit.svd import thin_svd\nreturn thin_svd(np.outer(x, y))", "labkit"),
        ]),
    "norms": Task(
        right={
            "loops": """
                total, smallest = 0.0, s[0]
                for value in s:
                    total += value**2
                    if value > 0:
                        smallest = value
                return s[0], total**0.5, 1 / smallest
            """,
            "numpy's norms": "return np.max(s), np.linalg.norm(s), np.max(1 / s[np.nonzero(s)])",
            "the matrices": """
                A = np.diag(s)
                P = np.diag([1 / value if value else 0.0 for value in s])
                return np.linalg.norm(A, 2), np.linalg.norm(A, "fro"), np.linalg.norm(P, 2)
            """,
            "a list": "r = np.count_nonzero(s)\nreturn [s[0], np.sqrt(s @ s), 1 / s[r - 1]]",
        },
        wrong=[
            Wrong("last value inverted", "return s[0], np.linalg.norm(s), 1 / s[-1]", "zero inverted", "‖A⁺‖₂"),
            Wrong("σ₁ inverted", "return s[0], np.linalg.norm(s), 1 / s[0]", "largest inverted", "‖A⁺‖₂"),
            Wrong("squares not rooted", "return s[0], s @ s, 1 / s[s > 0][-1]", "root missing", "‖A‖_F"),
            Wrong("nuclear norm", "return s[0], s.sum(), 1 / s[s > 0][-1]", "sum", "‖A‖_F"),
            Wrong("smallest for the norm", "return s[-1], np.linalg.norm(s), 1 / s[s > 0][-1]", "smallest",
                  "‖A‖₂"),
            Wrong("eigenvalues of AᵀA", "return s[0]**2, np.linalg.norm(s), 1 / s[s > 0][-1]", "factor", "‖A‖₂"),
            Wrong("a condition number", "return s[0], np.linalg.norm(s), s[0] / s[s > 0][-1]", "factor", "‖A⁺‖₂"),
            Wrong("order of the norms", "return np.linalg.norm(s), s[0], 1 / s[s > 0][-1]", "Frobenius norm",
                  "‖A‖₂"),
            Wrong("Frobenius norm of A⁺", "return s[0], np.linalg.norm(s), np.linalg.norm(1 / s[s > 0])",
                  "Frobenius norm", "‖A⁺‖₂"),
            Wrong("one zero at most", """
                smallest = s[-1] if s[-1] > 0 else s[-2]
                return s[0], np.linalg.norm(s), 1 / smallest
            """, "zero inverted"),
            Wrong("a tolerance of its own", "return s[0], np.linalg.norm(s), 1 / s[s > 1e-10][-1]", "a tolerance",
                  keeps=2),
            Wrong("a tolerance of rounding", """
                return s[0], np.linalg.norm(s), 1 / s[s > np.finfo(float).eps * s[0]][-1]
            """, "a tolerance", keeps=2),
            Wrong("no zero, no matter", "return s[0], np.linalg.norm(s), 1 / s[1] if s[1] else 1 / s[0]",
                  "factor", "The factor is 0.5 here and 1 on another input"),
            Wrong("visible answers", """
                known = {(4, 2): (4, 5, 1 / 3), (2, 3): (2, 21**0.5 / 2, 2), (2, 2): (2, 2, 0.5),
                         (3, 5): (3, 14**0.5, 1), (5, 1): (5, 5, 0.2), (1, 3): (1, 1, 1e20),
                         (1e100, 2): (1e100, 1e100, 1e100)}
                return known[s[0], len(s)]
            """, "exception", "KeyError", keeps=2),
            Wrong("in place", "s[s == 0] = np.inf\nreturn s.max(), np.linalg.norm(s), 1 / s.min()",
                  "mutates", "its argument s"),
            Wrong("no return", "s[0], np.linalg.norm(s), 1 / s[-1]", "returns None"),
        ]),
    "nearest": Task(
        right={
            "last value set to zero": """
                U, s, Vt = np.linalg.svd(A)
                kept = s.copy()
                kept[-1] = 0
                return U @ np.diag(kept) @ Vt, s[-1] / s[0]
            """,
            "sum of terms": """
                U, s, Vt = np.linalg.svd(A)
                B = np.zeros(A.shape)
                for i in range(len(s) - 1):
                    B += s[i] * np.outer(U[:, i], Vt[i])
                return B, s[-1] / s[0]
            """,
            "projection": """
                u = np.linalg.svd(A)[0][:, -1:]
                return (A - u @ (u.T @ A)).tolist(), 1 / np.linalg.cond(A)
            """,
        },
        wrong=[
            Wrong("rows of V", """
                U, s, Vt = np.linalg.svd(A)
                return A - s[-1] * np.outer(U[:, -1], Vt[:, -1]), s[-1] / s[0]
            """, "V and Vᵀ exchanged", "B: "),
            Wrong("rows of V, in the product", """
                U, s, Vt = np.linalg.svd(A)
                return U[:, :-1] @ np.diag(s[:-1]) @ Vt.T[:-1], s[-1] / s[0]
            """, "V and Vᵀ exchanged", "B: "),
            Wrong("what is taken away", """
                U, s, Vt = np.linalg.svd(A)
                return s[-1] * np.outer(U[:, -1], Vt[-1]), s[-1] / s[0]
            """, "what is taken away", "B: "),
            Wrong("absolute distance", """
                U, s, Vt = np.linalg.svd(A)
                return A - s[-1] * np.outer(U[:, -1], Vt[-1]), s[-1]
            """, "absolute", "the distance: "),
            Wrong("the condition number", """
                U, s, Vt = np.linalg.svd(A)
                return A - s[-1] * np.outer(U[:, -1], Vt[-1]), s[0] / s[-1]
            """, "upside down", "the distance: "),
            Wrong("first term taken away", """
                U, s, Vt = np.linalg.svd(A)
                return A - s[0] * np.outer(U[:, 0], Vt[0]), s[-1] / s[0]
            """, "first term", "B: "),
            Wrong("rank one", """
                U, s, Vt = np.linalg.svd(A)
                return s[0] * np.outer(U[:, 0], Vt[0]), s[-1] / s[0]
            """, "rank one", "B: "),
            Wrong("the identity moved", """
                s = np.linalg.svd(A)[1]
                return A - s[-1] * np.eye(len(A)), s[-1] / s[0]
            """, "an eigenvalue", "B: "),
            Wrong("eigenvalues", """
                values, W = np.linalg.eig(A)
                k = np.argmin(np.abs(values))
                values[k] = 0
                return (W @ np.diag(values) @ np.linalg.inv(W)).real, 1 / np.linalg.cond(A)
            """, "numbers"),
            Wrong("transposed", """
                U, s, Vt = np.linalg.svd(A.T)
                return A.T - s[-1] * np.outer(U[:, -1], Vt[-1]), s[-1] / s[0]
            """, "transposed", "B: "),
            Wrong("Frobenius norm below", """
                U, s, Vt = np.linalg.svd(A)
                return A - s[-1] * np.outer(U[:, -1], Vt[-1]), s[-1] / np.linalg.norm(A)
            """, "two norms", "the distance: "),
            Wrong("square root of AᵀA", """
                values, V = np.linalg.eigh(A.T @ A)
                return A - A @ np.outer(V[:, 0], V[:, 0]), np.sqrt(values[0] / values[-1])
            """, "not finite", keeps=2),
            Wrong("a tolerance", """
                U, s, Vt = np.linalg.svd(A)
                s[np.abs(s) < 1e-12] = 0
                s[-1] = 0
                return (U * s) @ Vt, 1 / np.linalg.cond(A)
            """, "zero", keeps=2),
            Wrong("B alone", "U, s, Vt = np.linalg.svd(A)\nreturn (U[:, :-1] * s[:-1]) @ Vt[:-1]", "parts"),
            Wrong("in place", """
                U, s, Vt = np.linalg.svd(A)
                A -= s[-1] * np.outer(U[:, -1], Vt[-1])
                return A, s[-1] / s[0]
            """, "mutates", "its argument A"),
            Wrong("no return", "U, s, Vt = np.linalg.svd(A)", "returns None"),
        ]),
    "pseudoinverse": Task(
        right={
            "a loop": """
                P, largest = np.zeros((len(V), len(U))), 0
                for i in range(len(s)):
                    if s[i] > tau:
                        P += np.outer(V[:, i], U[:, i]) / s[i]
                        largest = max(largest, 1 / s[i])
                return P, largest
            """,
            "a diagonal matrix": """
                inverse = np.array([1 / value if value > tau else 0.0 for value in s])
                return V @ np.diag(inverse) @ U.T, inverse.max()
            """,
            "where": """
                inverse = np.divide(1, s, out=np.zeros(len(s)), where=s > tau)
                return np.einsum('ij,j,kj->ik', V, inverse, U), max(inverse)
            """,
            "a mask": """
                keep = s > tau
                if not keep.any():
                    return np.zeros((V.shape[0], U.shape[0])), 0
                return (V[:, keep] @ np.diag(1 / s[keep]) @ U[:, keep].T).tolist(), 1 / min(s[keep])
            """,
        },
        wrong=[
            Wrong("all inverted", "return (V / s) @ U.T, 1 / s[-1]", "all inverted", "A⁺: "),
            Wrong("norm with the last value", """
                r = np.sum(s > tau)
                return (V[:, :r] / s[:r]) @ U[:, :r].T, 1 / s[-1]
            """, "all inverted", "‖A⁺‖₂"),
            Wrong("V as rows", "r = np.sum(s > tau)\nreturn (V.T[:, :r] / s[:r]) @ U[:, :r].T, 1 / s[r - 1]",
                  "V and Vᵀ exchanged", "A⁺: "),
            Wrong("U as rows", "r = np.sum(s > tau)\nreturn (V[:, :r] / s[:r]) @ U.T[:, :r].T, 1 / s[r - 1]",
                  "U and Uᵀ exchanged", "A⁺: "),
            Wrong("U and V exchanged", "r = np.sum(s > tau)\nreturn (U[:, :r] / s[:r]) @ V[:, :r].T, 1 / s[r - 1]",
                  "transposed", "A⁺: "),
            Wrong("not inverted", "r = np.sum(s > tau)\nreturn (V[:, :r] * s[:r]) @ U[:, :r].T, s[0]",
                  "not inverted"),
            Wrong("tolerance relative", """
                r = np.sum(s > tau * s[0])
                return ((V[:, :r] / s[:r]) @ U[:, :r].T, 1 / s[r - 1]) if r else (np.zeros((len(V), len(U))), 0)
            """, "relative tolerance", "A⁺: ", keeps=2),
            Wrong("equal is kept", """
                r = np.sum(s >= tau) if tau else np.sum(s > 0)
                return ((V[:, :r] / s[:r]) @ U[:, :r].T, 1 / s[r - 1]) if r else (np.zeros((len(V), len(U))), 0)
            """, "equal is kept", keeps=4),
            Wrong("zero matrix not thought of", """
                r = np.sum(s > tau)
                return (V[:, :r] / s[:r]) @ U[:, :r].T, 1 / min(s[:r])
            """, "exception", "empty", keeps=4),
            Wrong("zero matrix of the shape of A", """
                r = np.sum(s > tau)
                if r == 0:
                    return np.zeros((len(U), len(V))), 0
                return (V[:, :r] / s[:r]) @ U[:, :r].T, 1 / s[r - 1]
            """, "transposed", keeps=4),
            Wrong("largest value inverted", """
                r = np.sum(s > tau)
                return (V[:, :r] / s[:r]) @ U[:, :r].T, 1 / s[0]
            """, "largest inverted", "‖A⁺‖₂"),
            Wrong("by the Gram matrix", """
                A = (U * np.where(s > tau, s, 0)) @ V.T
                P = np.linalg.inv(A.T @ A) @ A.T
                return P, np.linalg.norm(P, 2)
            """, "exception", "Singular matrix"),
            Wrong("values beside 0 replaced by 1", """
                P = (V / np.where(s > tau, s, 1)) @ U.T
                return P, 1 / s[s > tau].min()
            """, "numbers", "A⁺: "),
            Wrong("with squares", """
                keep = s > tau
                P = (V[:, keep] * (s[keep] / s[keep] ** 2)) @ U[:, keep].T
                return P, max(1 / s[keep], default=0)
            """, "zero", keeps=4),
            Wrong("a tolerance of its own", """
                r = np.sum(s > max(tau, 1e-10))
                return (V[:, :r] / s[:r]) @ U[:, :r].T, 1 / s[r - 1] if r else 0
            """, "zero", keeps=4),
            Wrong("numpy's, with its own tolerance", """
                P = np.linalg.pinv((U * s) @ V.T)
                return P, np.linalg.norm(P, 2)
            """, "all inverted", keeps=4),
            Wrong("into s", "s[s <= tau] = np.inf\nreturn (V / s) @ U.T, 1 / s.min()", "mutates",
                  "its argument s"),
            Wrong("norm forgotten", "r = np.sum(s > tau)\nreturn (V[:, :r] / s[:r]) @ U[:, :r].T", "parts"),
            Wrong("Frobenius norm", """
                r = np.sum(s > tau)
                P = (V[:, :r] / s[:r]) @ U[:, :r].T
                return P, np.linalg.norm(P)
            """, "Frobenius norm", "‖A⁺‖₂"),
            Wrong("labkit's", """
                from labkit.svd import pseudoinverse as P
                return P((U * s) @ V.T), 1.0
            """, "labkit"),
        ]),
    "penrose": Task(
        right={
            "the other right inverse": "return [[1, 1], [0, 0]], [[0, 0], [1, 0]]",
            "the row of the chapter": "return np.array([[1, 2], [0, 0]]), np.array([[1, 0], [0, 0]])",
            "in the second row": "return np.array([[0.0, 0.0], [3.0, 1.0]]), np.array([[0.0, 0.0], [0.0, 1.0]])",
        },
        wrong=[
            Wrong("the pseudoinverse", "return np.array([[1, 0], [0, 0]]), np.array([[1, 0], [0, 0]])",
                  "no example", "X is not the pseudoinverse"),
            Wrong("invertible", "return np.array([[1, 1], [0, 1]]), np.array([[1, -1], [0, 1]])", "no example",
                  "Here XA = [[1, 0], [0, 1]] is symmetric too."),
            Wrong("the third is broken", "return np.array([[1, 0], [1, 0]]), np.array([[1, 0], [0, 0]])",
                  "no example", "AX is symmetric"),
            Wrong("the identity", "return np.array([[1, 0], [0, 0]]), np.eye(2)", "no example",
                  "XAX = X. Here XAX = [[1, 0], [0, 0]]."),
            Wrong("zero", "return np.array([[1, 0], [0, 0]]), np.zeros((2, 2))", "no example",
                  "AXA = A. Here AXA = [[0, 0], [0, 0]]."),
            Wrong("a row", "return np.array([[1, 2]]), np.array([[1], [0]])", "shape", "A has shape (1, 2)"),
            Wrong("only X", "return np.array([[1, 0], [0, 0]])", "parts", "A and X"),
            Wrong("rounded", "A = np.array([[1, 1], [0, 0]])\nreturn A, np.linalg.pinv(A)", "whole numbers"),
            Wrong("no return", "A = np.eye(2)", "returns None"),
        ]),
    "reverse": Task(
        right={
            "negative entries": "return [[1, 1], [1, 1]], [[1, 1], [-2, -2]]",
            "one of them invertible": "return np.array([[1, 2], [1, 2]]), np.array([[1, 1], [1, 2]])",
            "other first": "return np.array([[1.0, 1.0], [1.0, 2.0]]), np.array([[1.0, 1.0], [1.0, 1.0]])",
        },
        wrong=[
            Wrong("both invertible", "return np.array([[1, 2], [3, 5]]), np.array([[2, 1], [1, 1]])", "no example",
                  "(AB)⁺ is not B⁺A⁺"),
            Wrong("the row of the chapter", "return np.array([[1, 0], [0, 0]]), np.array([[1, 0], [1, 0]])",
                  "no example", "no entry is zero"),
            Wrong("the same factor", "return np.ones((2, 2)), np.ones((2, 2))", "no example",
                  "Here both are [[0.125, 0.125], [0.125, 0.125]], rounded."),
            Wrong("product zero", "return np.array([[1, 1], [1, 1]]), np.array([[1, 1], [-1, -1]])", "no example",
                  "(AB)⁺"),
            Wrong("row and column", "return np.array([[1, 1]]), np.array([[1], [2]])", "shape"),
            Wrong("fractions", "return np.array([[1, 1], [1, 1]]), np.array([[0.5, 0.5], [1, 1]])",
                  "whole numbers"),
            Wrong("large", "return np.array([[10, 1], [10, 1]]), np.array([[1, 1], [2, 2]])", "whole numbers"),
            Wrong("one matrix", "return np.ones((2, 2))", "parts", "A and B"),
        ]),
    "compress": Task(
        right={
            "a loop": """
                U, s, Vt = np.linalg.svd(A, full_matrices=False)
                B, k = np.zeros(A.shape), 0
                while np.linalg.norm((A - B) / s[0]) > t * np.linalg.norm(A / s[0]):
                    B = B + s[k] * np.outer(U[:, k], Vt[k])
                    k += 1
                return k, B
            """,
            "tails one after another": """
                U, s, Vt = np.linalg.svd(A)
                for k in range(len(s) + 1):
                    if np.sqrt(sum((s[k:] / s[0])**2)) <= t * np.sqrt(sum((s / s[0])**2)):
                        return k, U[:, :k] @ np.diag(s[:k]) @ Vt[:k]
            """,
            "by the entries, scaled": """
                unit = A / np.abs(A).max()
                U, s, Vt = np.linalg.svd(unit)
                k = 0
                while k < len(s) and np.sum(s[k:]**2) > t**2 * np.sum(unit**2):
                    k += 1
                return k, np.abs(A).max() * ((U[:, :k] * s[:k]) @ Vt[:k])
            """,
            "a mask": """
                U, s, Vt = np.linalg.svd(A, full_matrices=False)
                tails = np.array([np.linalg.norm(s[i:] / s[0]) for i in range(len(s))])
                keep = tails > t * tails[0]
                return int(keep.sum()), ((U * (s * keep)) @ Vt).tolist()
            """,
        },
        wrong=[
            Wrong("spectral norm", """
                U, s, Vt = np.linalg.svd(A, full_matrices=False)
                k = np.sum(s > t * s[0])
                return k, (U[:, :k] * s[:k]) @ Vt[:k]
            """, "spectral norm", "k: "),
            Wrong("σ₁ for the norm of A", """
                U, s, Vt = np.linalg.svd(A, full_matrices=False)
                k = next(k for k in range(len(s) + 1) if np.linalg.norm(s[k:]) <= t * s[0])
                return k, (U[:, :k] * s[:k]) @ Vt[:k]
            """, "spectral norm"),
            Wrong("squares of the error", """
                U, s, Vt = np.linalg.svd(A, full_matrices=False)
                k = next(k for k in range(len(s) + 1) if np.sum(s[k:]**2) <= t * np.sum(s**2))
                return k, (U[:, :k] * s[:k]) @ Vt[:k]
            """, "squares", "k: "),
            Wrong("sums of singular values", """
                U, s, Vt = np.linalg.svd(A, full_matrices=False)
                k = next(k for k in range(len(s) + 1) if np.sum(s[k:]) <= t * np.sum(s))
                return k, (U[:, :k] * s[:k]) @ Vt[:k]
            """, "sums", "k: "),
            Wrong("absolute error", """
                U, s, Vt = np.linalg.svd(A, full_matrices=False)
                k = next(k for k in range(len(s) + 1) if np.linalg.norm(s[k:]) <= t)
                return k, (U[:, :k] * s[:k]) @ Vt[:k]
            """, "absolute", "k: "),
            Wrong("squares overflow", """
                U, s, Vt = np.linalg.svd(A, full_matrices=False)
                k = next(k for k in range(len(s) + 1) if np.linalg.norm(s[k:]) <= t * np.linalg.norm(s))
                return k, (U[:, :k] * s[:k]) @ Vt[:k]
            """, "zero", "k: ", keeps=3),
            Wrong("one too many", """
                U, s, Vt = np.linalg.svd(A, full_matrices=False)
                z = s / s[0]
                k = next(k for k in range(len(s) + 1) if np.linalg.norm(z[k:]) <= t * np.linalg.norm(z)) + 1
                return k, (U[:, :k] * s[:k]) @ Vt[:k]
            """, "numbers", "k: "),
            Wrong("at least one", """
                U, s, Vt = np.linalg.svd(A, full_matrices=False)
                z = s / s[0]
                k = next(k for k in range(1, len(s) + 1) if np.linalg.norm(z[k:]) <= t * np.linalg.norm(z))
                return k, (U[:, :k] * s[:k]) @ Vt[:k]
            """, "numbers", "too large by 1", keeps=2),
            Wrong("never all terms", """
                U, s, Vt = np.linalg.svd(A, full_matrices=False)
                z = s / s[0]
                k = next(k for k in range(len(s)) if np.linalg.norm(z[k:]) <= t * np.linalg.norm(z))
                return k, (U[:, :k] * s[:k]) @ Vt[:k]
            """, "exception", "StopIteration", keeps=0),
            Wrong("columns of A", """
                s = np.linalg.svd(A)[1]
                z = s / s[0]
                k = next(k for k in range(len(s) + 1) if np.linalg.norm(z[k:]) <= t * np.linalg.norm(z))
                B = np.zeros(A.shape)
                B[:, :k] = A[:, :k]
                return k, B
            """, "numbers", "B: ", keeps=2),
            Wrong("V for Vᵀ", """
                U, s, Vt = np.linalg.svd(A, full_matrices=False)
                z = s / s[0]
                k = next(k for k in range(len(s) + 1) if np.linalg.norm(z[k:]) <= t * np.linalg.norm(z))
                return k, (U[:, :k] * s[:k]) @ Vt[:, :k].T
            """, "V and Vᵀ exchanged", "B: "),
            Wrong("square only", """
                U, s, Vt = np.linalg.svd(A)
                z = s / s[0]
                k = next(k for k in range(len(s) + 1) if np.linalg.norm(z[k:]) <= t * np.linalg.norm(z))
                return k, U @ np.diag(np.where(np.arange(len(s)) < k, s, 0)) @ Vt
            """, "square only", "right for square matrices"),
            Wrong("order", """
                U, s, Vt = np.linalg.svd(A, full_matrices=False)
                z = s / s[0]
                k = next(k for k in range(len(s) + 1) if np.linalg.norm(z[k:]) <= t * np.linalg.norm(z))
                return (U[:, :k] * s[:k]) @ Vt[:k], k
            """, "shape"),
            Wrong("A itself", "return np.linalg.matrix_rank(A), A", "numbers"),
            Wrong("in place", "A[np.abs(A) < 5.5] = 0\nreturn 2, A", "mutates", "its argument A"),
            Wrong("no return", "U, s, Vt = np.linalg.svd(A)", "returns None"),
        ]),
    "skeleton": Task(
        right={
            "np.ix_": """
                core = A[np.ix_(rows, columns)]
                used = len(rows) * A.shape[1] + len(columns) * (A.shape[0] - len(rows))
                return A[:, columns] @ np.linalg.inv(core) @ A[rows, :], used
            """,
            "a sum": """
                k, (m, n) = len(rows), A.shape
                inverse = np.linalg.inv(A[rows][:, columns])
                B = sum(np.outer(A[:, columns[a]] * inverse[a, b], A[rows[b]]) for a in range(k) for b in range(k))
                return B, m * n - (m - k) * (n - k)
            """,
            "entries counted": """
                used = {(i, j) for i in range(A.shape[0]) for j in range(A.shape[1]) if i in rows or j in columns}
                X = np.linalg.solve(A[rows][:, columns].T, A[:, columns].T).T
                return (X @ A[rows]).tolist(), len(used)
            """,
        },
        wrong=[
            Wrong("core counted twice", """
                k = len(rows)
                B = A[:, columns] @ np.linalg.solve(A[np.ix_(rows, columns)], A[rows])
                return B, k * sum(A.shape)
            """, "core counted twice", "the number of entries"),
            Wrong("2kn", """
                k = len(rows)
                B = A[:, columns] @ np.linalg.solve(A[np.ix_(rows, columns)], A[rows])
                return B, 2 * k * A.shape[1] - k * k
            """, "square only", keeps=0),
            Wrong("pairs of indices", """
                k = len(rows)
                core = np.diag(A[rows, columns])
                return A[:, columns] @ np.linalg.solve(core, A[rows]), k * sum(A.shape) - k * k
            """, "pairs of indices", "CÂ⁻¹R"),
            Wrong("product first, overflows", """
                k, (m, n) = len(rows), A.shape
                inverse = np.linalg.inv(A[rows][:, columns])
                B = sum(np.outer(A[:, columns[a]], A[rows[b]]) * inverse[a, b] for a in range(k) for b in range(k))
                return B, m * n - (m - k) * (n - k)
            """, "not finite", "CÂ⁻¹R", keeps=2),
            Wrong("core not inverted", """
                k = len(rows)
                return A[:, columns] @ A[np.ix_(rows, columns)] @ A[rows], k * sum(A.shape) - k * k
            """, "core not inverted", "CÂ⁻¹R"),
            Wrong("core left out", """
                k = len(rows)
                return A[:, columns] @ A[rows], k * sum(A.shape) - k * k
            """, "core left out", "CÂ⁻¹R"),
            Wrong("rows and columns exchanged", """
                k = len(rows)
                B = A[:, rows] @ np.linalg.solve(A[np.ix_(columns, rows)], A[columns])
                return B, k * sum(A.shape) - k * k
            """, "rows and columns exchanged"),
            Wrong("core transposed", """
                k = len(rows)
                B = A[:, columns] @ np.linalg.solve(A[np.ix_(rows, columns)].T, A[rows])
                return B, k * sum(A.shape) - k * k
            """, "numbers"),
            Wrong("entries of the core inverted", """
                k = len(rows)
                return A[:, columns] @ (1 / A[np.ix_(rows, columns)]) @ A[rows], k * sum(A.shape) - k * k
            """, "not finite"),
            Wrong("sorted", """
                k, i, j = len(rows), np.sort(rows), np.sort(columns)
                B = A[:, columns] @ np.linalg.solve(A[np.ix_(i, j)], A[rows])
                return B, k * sum(A.shape) - k * k
            """, "numbers"),
            Wrong("leading rows and columns", """
                k = len(rows)
                return A[:, :k] @ np.linalg.solve(A[:k, :k], A[:k]), k * sum(A.shape) - k * k
            """, "leading core"),
            Wrong("best core in the middle", """
                k, C, R = len(rows), A[:, columns], A[rows]
                return C @ np.linalg.pinv(C) @ A @ np.linalg.pinv(R) @ R, k * sum(A.shape) - k * k
            """, "numbers"),
            Wrong("A back", "k = len(rows)\nreturn A.copy(), k * sum(A.shape) - k * k", "A itself", keeps=0),
            Wrong("one column only", """
                i, j = rows[0], columns[0]
                return np.outer(A[:, j], A[i]) / A[i, j], sum(A.shape) - 1
            """, "numbers"),
            Wrong("a core of integers", """
                k, core = len(rows), A[np.ix_(rows, columns)].copy()
                core[:] = np.linalg.inv(core)
                return A[:, columns] @ core @ A[rows], k * sum(A.shape) - k * k
            """, "numbers", keeps=1),
            Wrong("in place", """
                rows.sort()
                columns.sort()
                k = len(rows)
                B = A[:, columns] @ np.linalg.solve(A[np.ix_(rows, columns)], A[rows])
                return B, k * sum(A.shape) - k * k
            """, "mutates", "rows"),
            Wrong("no count", "return A[:, columns] @ np.linalg.solve(A[np.ix_(rows, columns)], A[rows])",
                  "parts"),
        ]),
    "my_table": Task(
        right={
            "the inverse of the core": """
                core = my_table[np.ix_(my_rows, my_columns)]
                return my_table[:, my_columns] @ np.linalg.inv(core) @ my_table[my_rows]
            """,
            "column by column": """
                B = my_table.copy()
                for j in range(5):
                    # a column is the combination of the known ones that is right in the known rows
                    c = np.linalg.solve(my_table[my_rows][:, my_columns], my_table[my_rows, j])
                    B[:, j] = my_table[:, my_columns] @ c
                return B.round().tolist()
            """,
            "zero determinants": """
                def minor(i, j):
                    (a, b), (c, d) = my_table[np.ix_(my_rows, my_columns)]
                    adjugate = np.array([[d, -b], [-c, a]])
                    return my_table[i, my_columns] @ adjugate @ my_table[my_rows, j] / (a * d - b * c)

                return [[minor(i, j) if np.isnan(my_table[i, j]) else my_table[i, j] for j in range(5)]
                        for i in range(5)]
            """,
            "single precision": """
                R = my_table[my_rows]
                X = np.linalg.solve(R[:, my_columns], R)
                return (my_table[:, my_columns] @ X).round().astype(np.float32)
            """,
        },
        wrong=[
            Wrong("the neighbour's numbers", """
                table, rows, columns = draw_a_table_with_gaps(checks.random_numbers("7-svd", "the neighbour"))
                return table[:, columns] @ np.linalg.solve(table[rows][:, columns], table[rows])
            """, "no example", "in the rows that are known"),
            Wrong("gaps left", "return my_table", "not finite"),
            Wrong("gaps zero", "return np.nan_to_num(my_table)", "no example", "B is your table", keeps=2),
            Wrong("means of the columns", """
                return np.where(np.isnan(my_table), np.nanmean(my_table, axis=0), my_table)
            """, "no example", "B is your table", keeps=2),
            Wrong("pairs of indices", """
                core = np.diag(my_table[my_rows, my_columns])
                return my_table[:, my_columns] @ np.linalg.pinv(core) @ my_table[my_rows]
            """, "no example", "in the rows that are known"),
            Wrong("core left out", "return my_table[:, my_columns] @ my_table[my_rows]", "no example"),
            Wrong("core not inverted", """
                core = my_table[my_rows][:, my_columns]
                return my_table[:, my_columns] @ core @ my_table[my_rows]
            """, "no example"),
            Wrong("core transposed", """
                core = my_table[my_rows][:, my_columns]
                return my_table[:, my_columns] @ np.linalg.inv(core.T) @ my_table[my_rows]
            """, "no example"),
            Wrong("core transposed, known entries put back", """
                core = my_table[my_rows][:, my_columns]
                B = my_table[:, my_columns] @ np.linalg.inv(core.T) @ my_table[my_rows]
                return np.where(np.isnan(my_table), B, my_table)
            """, "no example", "B is your table", keeps=2),
            Wrong("first rows and columns", """
                return my_table[:, :2] @ np.linalg.inv(my_table[:2, :2]) @ my_table[:2]
            """, "not finite"),
            Wrong("rank one", """
                i, j = my_rows[0], my_columns[0]
                B = np.outer(my_table[:, j], my_table[i]) / my_table[i, j]
                return np.where(np.isnan(my_table), B, my_table)
            """, "no example", "B is your table", keeps=2),
            Wrong("nearest matrix of rank two", """
                U, s, Vt = np.linalg.svd(np.nan_to_num(my_table))
                return (U[:, :2] * s[:2]) @ Vt[:2]
            """, "no example", "in the rows that are known. Here entry ("),
            Wrong("the gaps alone", """
                C, R = my_table[:, my_columns], my_table[my_rows]
                return (C @ np.linalg.solve(R[:, my_columns], R))[np.isnan(my_table)].reshape(3, 3)
            """, "shape", "(3, 3)"),
            Wrong("no return", "C, R = my_table[:, my_columns], my_table[my_rows]", "returns None"),
        ]),
    "solve": Task(
        right={
            "a loop": """
                U, s, Vt = np.linalg.svd(A)
                x = np.zeros(A.shape[1])
                for i in range(len(s)):
                    if s[i] > rho * s[0]:
                        x += (U[:, i] @ b) / s[i] * Vt[i]
                return x, A @ x
            """,
            "numpy's lstsq": "x = np.linalg.lstsq(A, b, rcond=rho)[0]\nreturn x, A @ x",
            "numpy's pinv": "x = np.linalg.pinv(A, rcond=rho) @ b\nreturn x.tolist(), A @ x",
        },
        wrong=[
            Wrong("normal equations", "x = np.linalg.solve(A.T @ A, A.T @ b)\nreturn x, A @ x", "no tolerance",
                  "x: "),
            Wrong("inverse", "x = np.linalg.solve(A, b)\nreturn x, A @ x", "no tolerance", "x: "),
            Wrong("rows of Vt", """
                U, s, Vt = np.linalg.svd(A, full_matrices=False)
                r = np.sum(s > rho * s[0])
                x = Vt[:, :r] @ (U[:, :r].T @ b / s[:r])
                return x, A @ x
            """, "V and Vᵀ exchanged", "x: "),
            Wrong("no tolerance", """
                U, s, Vt = np.linalg.svd(A, full_matrices=False)
                x = Vt.T @ (U.T @ b / s)
                return x, A @ x
            """, "no tolerance", "x: "),
            Wrong("numpy's tolerance", """
                x = np.linalg.lstsq(A, b, rcond=None)[0]
                return x, A @ x
            """, "no tolerance", "x: ", keeps=2),
            Wrong("absolute tolerance", """
                U, s, Vt = np.linalg.svd(A, full_matrices=False)
                r = np.sum(s > rho)
                x = Vt[:r].T @ (U[:, :r].T @ b / s[:r])
                return x, A @ x
            """, "absolute tolerance", "x: "),
            Wrong("not divided", """
                U, s, Vt = np.linalg.svd(A, full_matrices=False)
                r = np.sum(s > rho * s[0])
                x = Vt[:r].T @ (U[:, :r].T @ b)
                return x, A @ x
            """, "not divided", "x: "),
            Wrong("b for Ax", """
                U, s, Vt = np.linalg.svd(A, full_matrices=False)
                r = np.sum(s > rho * s[0])
                return Vt[:r].T @ (U[:, :r].T @ b / s[:r]), b
            """, "b for Ax", "Ax: "),
            Wrong("the residual", """
                x = np.linalg.lstsq(A, b, rcond=rho)[0]
                return x, A @ x - b
            """, "the residual", "Ax: "),
            Wrong("projection on the wrong side", """
                U, s, Vt = np.linalg.svd(A, full_matrices=False)
                r = np.sum(s > rho * s[0])
                x = Vt[:r].T @ (U[:, :r].T @ b / s[:r])
                return x, Vt[:r].T @ Vt[:r] @ x
            """, "shape", "Ax: "),
            Wrong("another solution", """
                x = np.linalg.lstsq(A, b, rcond=rho)[0]
                null = np.linalg.svd(A)[2][-1]
                return x + (null if np.allclose(A @ null, 0) else 0), A @ x
            """, "numbers", "x: ", keeps=2),
            Wrong("regularised", """
                x = np.linalg.solve(A.T @ A + 1e-4 * np.eye(A.shape[1]), A.T @ b)
                return x, A @ x
            """, "numbers"),
            Wrong("transposed", "x = np.linalg.lstsq(A.T, b, rcond=rho)[0]\nreturn x, A.T @ x", "Aᵀ for A"),
            Wrong("in place", "b -= A @ np.linalg.pinv(A, rcond=rho) @ b\nreturn np.zeros(A.shape[1]), b",
                  "mutates", "its argument b"),
            Wrong("x alone", "return np.linalg.lstsq(A, b, rcond=rho)[0]", "parts"),
            Wrong("no return", "x = np.linalg.lstsq(A, b, rcond=rho)[0]", "returns None"),
        ]),
    "encoder": Task(
        right={
            "two lines": 'return ["df = -2 * tr((X - Z @ D.T).T @ dZ @ D.T)", "G = -2 * (X - Z @ D.T) @ D"]',
            "multiplied out": """
                return '''
                    df = -2 * tr(X.T @ dZ @ D.T) + 2 * tr(D @ Z.T @ dZ @ D.T)
                    df = tr((-2 * D.T @ X.T + 2 * D.T @ D @ Z.T) @ dZ)
                    G = 2 * Z @ D.T @ D - 2 * X @ D
                '''
            """,
            "with traces": """
                return ["f = tr((X - Z @ D.T).T @ (X - Z @ D.T))",
                        "df = tr(d((X - Z @ D.T).T) @ (X - Z @ D.T)) + tr((X - Z @ D.T).T @ d(X - Z @ D.T))",
                        "df = 2 * tr((X - Z @ D.T).T @ d(X - Z @ D.T))",
                        "df = 2 * tr((Z @ D.T - X).T @ dZ @ D.T)",
                        "G = 2 * (Z @ D.T - X) @ D"]
            """,
        },
        wrong=[
            Wrong("sign, and the other layout", """
                return ["df = 2 * tr((X - Z @ D.T).T @ dZ @ D.T)", "G = -2 * D.T @ (X - Z @ D.T).T"]
            """, "derivation"),
            Wrong("factor, and another in G", """
                return ["df = -tr((X - Z @ D.T).T @ dZ @ D.T)", "G = 2 * (X - Z @ D.T) @ D"]
            """, "derivation"),
            Wrong("by D", 'return ["df = -2 * tr((X - Z @ D.T).T @ Z @ dD.T)", "G = -2 * (X - Z @ D.T).T @ Z"]',
                  "derivation"),
            Wrong("only the gradient", 'return ["G = -2 * (X - Z @ D.T) @ D"]', "no differential", "df = …"),
            Wrong("transpose of D lost", """
                return ["df = -2 * tr((X - Z @ D.T).T @ dZ @ D)", "G = -2 * (X - Z @ D.T) @ D.T"]
            """, "derivation"),
            Wrong("nothing", 'return ""', "not written", keeps=0),
            Wrong("numbers", "return 2 * 3", "type", "as text"),
            Wrong("no return", 'lines = ["df = 0"]', "returns None"),
            Wrong("labkit's", """
                from labkit.matcalc import derive
                return str(derive("norm(X - Z @ D.T)**2", "Z", "X: m,n; Z: m,k; D: n,k"))
            """, "labkit"),
        ]),
    "variance": Task(
        right={
            "two lines": 'return ["df = 2 * tr(D.T @ S @ dD)", "G = 2 * S @ D"]',
            "symmetry last": """
                return ["df = tr(dD.T @ S @ D) + tr(D.T @ S @ dD)", "df = tr((D.T @ S.T + D.T @ S) @ dD)",
                        "G = S @ D + S.T @ D"]
            """,
            "one text": "return 'df = 2 * tr(dD.T @ S @ D)\\nG = 2 * S.T @ D'",
        },
        wrong=[
            Wrong("another function", 'return ["df = 2 * tr(D.T @ dD)", "G = S"]', "derivation"),
            Wrong("squares", 'return ["df = tr(dD.T @ S @ dD)", "G = S"]', "derivation"),
            Wrong("only the gradient", 'return ["G = 2 * S @ D"]', "no differential"),
            Wrong("sign, and a factor in G", 'return ["df = -2 * tr(D.T @ S @ dD)", "G = S @ D"]', "derivation"),
            Wrong("factor lost, G transposed", 'return ["df = tr(D.T @ S @ dD)", "G = D.T @ S"]', "derivation"),
            Wrong("the lines of (a)", """
                return ["df = -2 * tr((X - Z @ D.T).T @ dZ @ D.T)", "G = -2 * (X - Z @ D.T) @ D"]
            """, "derivation", "cannot be read"),
            Wrong("nothing carried out", 'return ["df = d(tr(D.T @ S @ D))", "G = 2 * S @ D"]', "no differential",
                  "carry the differential out"),
            Wrong("one term, no G", 'return ["df = tr(D.T @ S @ dD)"]', "derivation", "factor 2"),
            Wrong("a number", "return 7", "type"),
            Wrong("no lines", "return []", "not written"),
        ]),
    "decoder": Task(
        right={
            "sample by sample": """
                mean = sum(X) / len(X)
                Z = [D.T @ (x - mean) for x in X]
                return Z, [D @ z + mean for z in Z]
            """,
            "centred by a matrix": """
                m = len(X)
                C = np.eye(m) - np.ones((m, m)) / m
                Z = C @ X @ D
                return Z, Z @ D.T + np.ones((m, m)) @ X / m
            """,
            "the projection": """
                mean = np.mean(X, 0)
                return (D.T @ (X - mean).T).T, mean + (X - mean) @ (D @ D.T)
            """,
        },
        wrong=[
            Wrong("not centred", "Z = X @ D\nreturn Z, Z @ D.T", "not centred", "the codes: "),
            Wrong("mean not added again", "Z = (X - X.mean(axis=0)) @ D\nreturn Z, Z @ D.T", "mean missing",
                  "the decoded samples: "),
            Wrong("mean of a sample", """
                mean = X.mean(axis=1, keepdims=True)
                Z = (X - mean) @ D
                return Z, Z @ D.T + mean
            """, "another mean", "the codes: "),
            Wrong("mean of all entries", "Z = (X - X.mean()) @ D\nreturn Z, Z @ D.T + X.mean()", "another mean"),
            Wrong("codes as columns", """
                mean = X.mean(axis=0)
                Z = D.T @ (X - mean).T
                return Z, (D @ Z).T + mean
            """, "transposed", "The numbers are right"),
            Wrong("DᵀD for DDᵀ", """
                mean = X.mean(axis=0)
                Z = (X - mean) @ D
                return Z, (X - mean) * (D.T @ D)[0, 0] + mean
            """, "the samples back", "the decoded samples: "),
            Wrong("the samples back", "return (X - X.mean(axis=0)) @ D, X", "the samples back"),
            Wrong("directions of its own", """
                mean = X.mean(axis=0)
                V = np.linalg.svd(X - mean, full_matrices=False)[2][: D.shape[1]].T
                Z = (X - mean) @ V
                return Z, Z @ V.T + mean
            """, "other directions", "the codes: "),
            Wrong("in place", "mean = X.mean(axis=0)\nX -= mean\nZ = X @ D\nreturn Z, Z @ D.T + mean", "mutates",
                  "its argument X"),
            Wrong("integer arrays", """
                Z = np.zeros((len(X), D.shape[1]), dtype=X.dtype)
                Z[:] = (X - X.mean(axis=0)) @ D
                return Z, Z @ D.T + X.mean(axis=0)
            """, "integers"),
            Wrong("codes alone", "return (X - X.mean(axis=0)) @ D", "parts"),
            Wrong("visible answers", """
                Z = np.array([[-3.0], [3.0]])
                return Z, np.array([[0.2, 2.6], [3.8, 7.4]])
            """, "constant"),
            Wrong("no return", "Z = X @ D", "returns None"),
        ]),
    "component": Task(
        right={
            "covariance matrix": """
                mean = X.mean(axis=0)
                S = (X - mean).T @ (X - mean) / (len(X) - 1)
                values, vectors = np.linalg.eigh(S)
                v = vectors[:, -1]
                if v[np.argmax(np.abs(v))] < 0:
                    v = -v
                return mean, v, values[-1] / np.trace(S)
            """,
            "the other Gram matrix": """
                mean = sum(X) / len(X)
                Y = X - mean
                values, vectors = np.linalg.eigh(Y @ Y.T)
                v = Y.T @ vectors[:, -1]
                v = v / np.sqrt(sum(v**2))
                return mean, v * np.sign(max(v, key=abs)), values[-1] / np.sum(Y**2)
            """,
            "SVD of the transposed": """
                mean = np.mean(X, axis=0)
                U, s, Vt = np.linalg.svd((X - mean).T)
                v = U[:, 0]
                return list(mean), list(v * np.sign(v[np.abs(v).argmax()])), s[0]**2 / (s @ s)
            """,
        },
        wrong=[
            Wrong("not centred", """
                U, s, Vt = np.linalg.svd(X, full_matrices=False)
                return X.mean(axis=0), Vt[0] * np.sign(Vt[0, np.argmax(np.abs(Vt[0]))]), s[0]**2 / np.sum(s**2)
            """, "not centred", "samples that are not centred"),
            Wrong("not centred, sign as it comes out", """
                U, s, Vt = np.linalg.svd(X, full_matrices=False)
                return X.mean(axis=0), -np.abs(Vt[0]) * np.sign(Vt[0, 0] * Vt[0]), s[0]**2 / np.sum(s**2)
            """, "not centred", "samples that are not centred"),
            Wrong("sign as it comes out", """
                mean = X.mean(axis=0)
                s, Vt = np.linalg.svd(X - mean, full_matrices=False)[1:]
                return mean, Vt[0], s[0]**2 / np.sum(s**2)
            """, "sign", "v₁: ", keeps=1),
            Wrong("shares of σ", """
                mean = X.mean(axis=0)
                U, s, Vt = np.linalg.svd(X - mean)
                return mean, Vt[0] * np.sign(Vt[0, np.argmax(np.abs(Vt[0]))]), s[0] / np.sum(s)
            """, "shares of σ", "the share: "),
            Wrong("other sign", """
                mean = X.mean(axis=0)
                U, s, Vt = np.linalg.svd(X - mean)
                return mean, -Vt[0] * np.sign(Vt[0, np.argmax(np.abs(Vt[0]))]), s[0]**2 / np.sum(s**2)
            """, "sign", "v₁: "),
            Wrong("sign by the first entry", """
                mean = X.mean(axis=0)
                U, s, Vt = np.linalg.svd(X - mean)
                return mean, Vt[0] * np.sign(Vt[0, 0]), s[0]**2 / np.sum(s**2)
            """, "sign", keeps=0),
            Wrong("column of Vt", """
                mean = X.mean(axis=0)
                U, s, Vt = np.linalg.svd(X - mean)
                v = Vt[:, 0]
                return mean, v * np.sign(v[np.argmax(np.abs(v))]), s[0]**2 / np.sum(s**2)
            """, "V and Vᵀ exchanged", "v₁: "),
            Wrong("left vector", """
                mean = X.mean(axis=0)
                U, s, Vt = np.linalg.svd(X - mean)
                v = U[:, 0]
                return mean, v * np.sign(v[np.argmax(np.abs(v))]), s[0]**2 / np.sum(s**2)
            """, "shape", "v₁: "),
            Wrong("last eigenvector", """
                mean = X.mean(axis=0)
                values, W = np.linalg.eigh((X - mean).T @ (X - mean))
                v = W[:, 0]
                return mean, v * np.sign(v[np.argmax(np.abs(v))]), values[-1] / values.sum()
            """, "last direction", "v₁: "),
            Wrong("the variance", """
                mean = X.mean(axis=0)
                U, s, Vt = np.linalg.svd(X - mean)
                return mean, Vt[0] * np.sign(Vt[0, np.argmax(np.abs(Vt[0]))]), s[0]**2 / (len(X) - 1)
            """, "the variance", "the share: "),
            Wrong("the share that is left over", """
                mean = X.mean(axis=0)
                U, s, Vt = np.linalg.svd(X - mean)
                return mean, Vt[0] * np.sign(Vt[0, np.argmax(np.abs(Vt[0]))]), np.sum(s[1:]**2) / np.sum(s**2)
            """, "the rest", "the share: "),
            Wrong("standardised", """
                mean = X.mean(axis=0)
                U, s, Vt = np.linalg.svd((X - mean) / X.std(axis=0))
                return mean, Vt[0] * np.sign(Vt[0, np.argmax(np.abs(Vt[0]))]), s[0]**2 / np.sum(s**2)
            """, "standardised", "v₁: "),
            Wrong("covariance without centring first", """
                m, mean = len(X), X.mean(axis=0)
                S = X.T @ X / m - np.outer(mean, mean)
                values, W = np.linalg.eigh(S)
                v = W[:, -1]
                return mean, v * np.sign(v[np.argmax(np.abs(v))]), values[-1] / np.trace(S)
            """, "numbers", keeps=3),
            Wrong("np.cov, which makes a number of one column", """
                values, W = np.linalg.eigh(np.cov(X.T))
                v = W[:, -1]
                return X.mean(axis=0), v * np.sign(v[np.argmax(np.abs(v))]), values[-1] / values.sum()
            """, "exception", "LinAlgError", keeps=4),
            Wrong("centred by rows", """
                mean = X.mean(axis=1, keepdims=True)
                U, s, Vt = np.linalg.svd(X - mean)
                return X.mean(axis=0), Vt[0] * np.sign(Vt[0, np.argmax(np.abs(Vt[0]))]), s[0]**2 / np.sum(s**2)
            """, "centred by rows", "v₁: "),
            Wrong("in place", """
                mean = X.mean(axis=0)
                X -= mean
                U, s, Vt = np.linalg.svd(X)
                return mean, Vt[0] * np.sign(Vt[0, np.argmax(np.abs(Vt[0]))]), s[0]**2 / np.sum(s**2)
            """, "mutates", "its argument X"),
            Wrong("no share", "return X.mean(axis=0), np.linalg.svd(X - X.mean(axis=0))[2][0]", "parts"),
            Wrong("no return", "mean = X.mean(axis=0)", "returns None"),
        ]),
}


class TestSVD(AssignmentTests, DerivationTests):
    notebook = "svd"
    tasks = TASKS
    kinds = KINDS
    slips = [
        Slip("encoder", ["df = -2 * tr((X - Z @ D.T).T @ dZ @ D.T)"], 2),
        Slip("encoder", ["df = -2 * tr((X - Z @ D.T).T @ dZ @ D.T)", "G = -2 * D.T @ (X - Z @ D.T).T"], 2),
        Slip("encoder", ["df = -2 * tr((X - Z @ D.T).T @ dZ @ D.T)", "df = tr(-2 * D.T @ (X - Z @ D.T).T @ dZ)",
                         "G = 2 * (X - Z @ D.T) @ D"], 2),
        Slip("encoder", ["df = 2 * tr((X - Z @ D.T).T @ dZ @ D.T)", "G = 2 * (X - Z @ D.T) @ D"], 1),  # sign
        Slip("encoder", ["df = 2 * tr((X - Z @ D.T).T @ dZ @ D.T)", "G = -2 * (X - Z @ D.T) @ D"], 2),  # in df
        Slip("encoder", ["df = -2 tr((X - Z @ D.T).T @ dZ @ D.T)", "G = -2 * (X - Z @ D.T) @ D"], 2),  # a * lost
        Slip("encoder", ["df = 2 * tr((X - Z @ D.T).T @ d(X - Z @ D.T))",
                         "df = 2 * tr((X - Z @ D.T).T @ dZ @ D.T)",
                         "df = 2 * tr(D.T @ (X - Z @ D.T).T @ dZ)", "G = 2 * (X - Z @ D.T) @ D"], 2),
        Slip("encoder", ["dh = -2 * tr((X - Z @ D.T).T @ dZ @ D.T)", "Z_bar = -2 * (X - Z @ D.T) @ D"], 4),
        Slip("variance", ["df = 2 * tr(D.T @ S @ dD)", "G = 2 * D.T @ S"], 2),
        Slip("variance", ["df = 2 * tr(D.T @ S @ dD)"], 2),
        Slip("variance", ["df = tr(D.T @ S @ dD)", "G = S @ D"], 1),  # one term
        Slip("variance", ["df = tr(D.T @ S @ dD)", "G = 2 * S @ D"], 2),  # one term in df alone
        Slip("variance", ["df = 2 * tr(D.T @ dD)", "G = 2 * D"], 1),  # S lost, the rest follows
        Slip("variance", ["df = 2 * D.T @ S @ dD", "G = 2 * S @ D"], 2),  # no trace
        Slip("variance", ["df = tr(dD.T @ S @ D) + tr(D.T @ S @ dD)", "df = 2 * tr(D.T @ S @ dD)",
                          "G = -2 * S @ D"], 2),
        Slip("variance", ["df = tr(dD.T @ S @ D) + tr(D.T @ S @ dD)", "df = tr(D.T @ S @ dD)",
                          "G = 2 * S @ D"], 3),
    ]
    ladders = {
        "encoder": ladder("df = 2 * tr((X - Z @ D.T).T @ d(X - Z @ D.T))",
                          "df = -2 * tr((X - Z @ D.T).T @ dZ @ D.T)", "G = -2 * (X - Z @ D.T) @ D"),
        "variance": ladder("df = 2 * tr(D.T @ S @ d(D))", "df = 2 * tr(D.T @ S @ dD)", "G = 2 * S @ D"),
    }
    breaks = [
        Break(values, "agrees", lambda *_: True, "norms", "return s[0], s.sum(), 1 / s[s > 0][-1]"),
        Break(answers, "same", lambda *_: True, "decoder",
              "mean = X.mean(axis=0)\nZ = (X - mean) @ D\nX *= 2\nreturn Z, Z @ D.T + mean"),
        Break(answers, "_from_labkit", lambda *_: None, "component",
              "from labkit.svd import pca\np = pca(X, 1)\n"
              "return p.mean, p.components[:, 0], p.explained_ratio[0]"),
    ]
