"""The capstone assignment: other right answers keep their marks, and the mistakes that students make lose them."""

from itertools import product

import numpy as np
import pytest

from labkit import checks
from labkit.checks import values
from labkit.regression import least_squares
from tests.course.graders.common import AssignmentTests, Break, Task, Wrong


def three(normal="np.linalg.solve(X.T @ X, X.T @ y)", qr="np.linalg.solve(R, Q.T @ y)",
          svd="V @ (U.T @ y / s)", returned="normal, qr, svd") -> str:
    """An answer to Task 4, with one of its ways exchanged for another."""
    return f"""
    Q, R = np.linalg.qr(X)
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    V = Vt.T
    normal = {normal}
    qr = {qr}
    svd = {svd}
    return {returned}
    """


def left_out(error="r / (1 - h)", h="np.sum(Q**2, axis=1)", returned="h, error") -> str:
    """An answer to Task 5."""
    return f"""
    Q, R = np.linalg.qr(X)
    h = {h}
    r = y - Q @ (Q.T @ y)
    error = {error}
    return {returned}
    """


def scores(h="U**2 @ shrink", score="np.sqrt(np.mean((r / (1 - h))**2))", shrink="s**2 / (s**2 + d)") -> str:
    """An answer to Task 6."""
    return f"""
    U, s, V = np.linalg.svd(X, full_matrices=False)
    found = []
    for d in penalties:
        shrink = {shrink}
        h = {h}
        r = y - U @ (shrink * (U.T @ y))
        found.append({score})
    return found
    """


KINDS = {
    "borrowed": "which is the task here",
    "centred": "the columns are not centred here",
    "d squared": "Where is d squared?",
    "deviation": "the standard deviation 1, and not the length 1",
    "exchanged": "are exchanged",
    "Frobenius": "in the Frobenius norm",
    "largest entry": "largest entry",
    "length before": "before its mean was subtracted",
    "mean leverage": "the mean of the leverages",
    "no penalty in h": "Do they depend on d?",
    "no root": "its root is asked for",
    "not centred": "the means are still in the columns",
    "not scaled": "not yet the length 1",
    "one length": "each has a length of its own",
    "one number": "κ(X) again",
    "overflow": "r² is infinite here",
    "residuals": "of the fit to all observations",
    "roots": "a leverage is the square",
    "roots and squares": "What is the shrinkage factor?",
    "rounded mean": "from the rounding error of its mean",
    "rows": "rows",
    "smaller": "Is an observation predicted better when it is left out?",
    "squared": "condition number of XᵀX",
    "too small": "Is a root taken that should not be?",
}
TASKS = {
    "usable": Task(
        right={
            "two steps": "first = table[table[:, 2] == 1]\nreturn first[np.all(first != 0, axis=1)]",
            "indices": """
                keep = [i for i, row in enumerate(table) if row[2] == 1 and 0 not in row]
                return table[keep, :]
            """,
            "deleted": """
                drop = (table[:, 2] != 1) | (table == 0).any(axis=1)
                return np.delete(table, np.flatnonzero(drop), axis=0)
            """,
            "product": "return table[(table[:, 2] == 1) & (np.count_nonzero(table, axis=1) == table.shape[1])]",
        },
        wrong=[
            Wrong("gaps kept", "return table[table[:, 2] == 1]", "shape"),
            Wrong("all days", "return table[(table != 0).all(axis=1)]", "shape", "[2000 2 15 2]"),
            Wrong("any for all", "return table[(table[:, 2] == 1) & (table[:, 3:] != 0).any(axis=1)]", "shape"),
            Wrong("first price only", "return table[(table[:, 2] == 1) & (table[:, 3] != 0)]", "shape"),
            Wrong("last price only", "return table[(table[:, 2] == 1) & (table[:, -1] != 0)]", "shape"),
            Wrong("positive only", "return table[(table[:, 2] == 1) & (table > 0).all(axis=1)]", "shape"),
            Wrong("month for day", "return table[(table[:, 1] == 1) & (table != 0).all(axis=1)]", "shape"),
            Wrong("columns dropped", "return table[:, (table != 0).all(axis=0)]", "shape"),
            Wrong("prices alone", "return table[(table[:, 2] == 1) & (table != 0).all(axis=1), 3:]", "shape"),
            Wrong("the mask", "return (table[:, 2] == 1) & (table != 0).all(axis=1)", "shape"),
            Wrong("first day and last row", "return table[:-1][(table[:-1] != 0).all(axis=1)]", "shape"),
            Wrong("gaps marked in place", "table[table == 0] = np.nan\nreturn table", "mutates"),
            Wrong("visible answers", """
                return {1: table, 2: table[:0], 3: table[::2], 4: table[::2], 5: table[:3:2]}[len(table)]
            """, "shape", keeps=2),
            Wrong("no return", "clean = table[table[:, 2] == 1]", "returns None"),
        ]),
    "standardise": Task(
        right={
            "loop": """
                Z = np.zeros(X.shape)
                for j in range(X.shape[1]):
                    x = X[:, j]
                    if (x != x[0]).any():
                        c = x - sum(x) / len(x)
                        c = c / max(abs(c))
                        Z[:, j] = c / (c @ c)**0.5
                return Z
            """,
            "peak to peak": """
                spread = np.ptp(X, axis=0)
                safe = np.where(spread == 0, 1, spread)
                C = (X - X[0]) / safe
                C = C - C.mean(axis=0)
                lengths = np.linalg.norm(C, axis=0)
                return C / np.where(lengths == 0, 1, lengths)
            """,
            "standard deviations": """
                big = np.abs(X).max(axis=0)
                Z = X / np.where(big == 0, 1, big)
                constant = (X == X[0]).all(axis=0)
                s = np.where(constant, 1, Z.std(axis=0))
                return np.where(constant, 0, (Z - Z.mean(axis=0)) / s / len(X)**0.5)
            """,
            "lists": """
                columns = []
                for x in X.T:
                    c = x / max(np.max(np.abs(x)), 1e-300)
                    c = c - c.mean()
                    columns.append(np.zeros(len(x)) if np.all(x == x[0]) else c / np.linalg.norm(c))
                return [list(row) for row in zip(*columns)]
            """,
        },
        wrong=[
            Wrong("not centred", "return X / np.linalg.norm(X, axis=0)", "not centred"),
            Wrong("not scaled", "return X - X.mean(axis=0)", "not scaled"),
            Wrong("length before the mean", "return (X - X.mean(axis=0)) / np.linalg.norm(X, axis=0)",
                  "length before"),
            Wrong("rows", """
                C = X - X.mean(axis=1, keepdims=True)
                return C / np.linalg.norm(C, axis=1, keepdims=True)
            """, "rows"),
            Wrong("standard deviation of a sample", "return (X - X.mean(axis=0)) / X.std(axis=0, ddof=1)",
                  "deviation"),
            Wrong("standard deviation 1", "return (X - X.mean(axis=0)) / X.std(axis=0)", "deviation"),
            Wrong("largest entry 1", "C = X - X.mean(axis=0)\nreturn C / np.abs(C).max(axis=0)", "largest entry"),
            Wrong("constant columns divided", "C = X - X.mean(axis=0)\nreturn C / np.linalg.norm(C, axis=0)",
                  "rounded mean"),
            Wrong("squares out of range", """
                constant = (X == X[0]).all(axis=0)
                C = np.where(constant, 0, X - X.mean(axis=0))
                return C / np.where(constant, 1, np.linalg.norm(C, axis=0))
            """, "not finite", keeps=2),
            Wrong("one length for all", """
                C = np.where((X == X[0]).all(axis=0), 0, X - X.mean(axis=0))
                return C / np.linalg.norm(C)
            """, "one length"),
            Wrong("in place", "X -= X.mean(axis=0)\nreturn X / np.linalg.norm(X, axis=0)", "mutates"),
            Wrong("like the argument", """
                Z = np.zeros_like(X)
                for j, x in enumerate(X.T):
                    if (x != x[0]).any():
                        c = (x - x.mean()) / np.abs(x).max()
                        Z[:, j] = c / np.linalg.norm(c)
                return Z
            """, "integers", keeps=2),
            Wrong("transposed", """
                return np.array([0 * x if (x == x[0]).all() else (x - x.mean()) / np.linalg.norm(x - x.mean())
                                 for x in X.T])
            """, "transposed"),
            Wrong("visible answers", """
                if X.shape == (1, 1):
                    return 0 * X
                if X.shape == (2, 3):
                    return np.array([[0, 1, 0], [0, -1, 0]]) / np.sqrt(2)
                if X.shape == (4, 2):
                    return np.array([[1, -1], [-1, 1], [0, -1], [0, 1]]) / np.sqrt([2, 4])
                if X.shape[1] == 2:
                    return np.array([[-2, 1], [-1, 0], [3, -1]]) / np.sqrt([14, 2])
                return np.array([[-1, 0, 1], [5, 0, -1], [-4, 0, 0]]) / np.sqrt([42, 1, 2])
            """, "constant", keeps=2),
            Wrong("no return", "C = X - X.mean(axis=0)", "returns None"),
        ]),
    "conditions": Task(
        right={
            "singular values": """
                s = np.linalg.svd(X)[1]
                Z = X / np.max(np.abs(X))
                t = np.linalg.svd(Z / np.sqrt((Z**2).sum(axis=0)), compute_uv=False)
                return s[0] / s[-1], t[0] / t[-1]
            """,
            "norms": """
                Z = X / np.abs(X).max()
                kappa = []
                for A in (Z, Z / np.linalg.norm(Z, axis=0)):
                    kappa.append(np.linalg.norm(A, 2) * np.linalg.norm(np.linalg.pinv(A), 2))
                return kappa
            """,
            "from R": """
                R = np.linalg.qr(X / np.abs(X).max())[1]
                return np.linalg.cond(R), np.linalg.cond(R / np.linalg.norm(R, axis=0))
            """,
        },
        wrong=[
            Wrong("eigenvalues of XᵀX", """
                def kappa(A):
                    e = np.linalg.eigvalsh(A.T @ A)
                    return np.sqrt(abs(e[-1] / e[0]))
                Z = X / np.abs(X).max()
                return kappa(Z), kappa(Z / np.linalg.norm(Z, axis=0))
            """, "no example", "was XᵀX formed?", keeps=1),
            Wrong("roots of κ(XᵀX)", """
                Z = X / np.abs(X).max()
                Z, D = Z.T @ Z, Z / np.linalg.norm(Z, axis=0)
                return np.sqrt(np.linalg.cond(Z)), np.linalg.cond(D)
            """, "no example", "raw is right where the columns are nearly dependent. Here raw is", keeps=1),
            Wrong("the same for the scaled columns alone", """
                Z = X / np.abs(X).max()
                D = Z / np.linalg.norm(Z, axis=0)
                return np.linalg.cond(Z), np.sqrt(np.linalg.cond(D.T @ D))
            """, "no example", "scaled is right where", keeps=1),
            Wrong("κ of XᵀX", """
                Z = X / np.linalg.norm(X, axis=0)
                return np.linalg.cond(X)**2, np.linalg.cond(Z)**2
            """, "squared"),
            Wrong("centred", """
                C = X - X.mean(axis=0)
                return np.linalg.cond(X), np.linalg.cond(C / np.linalg.norm(C, axis=0))
            """, "centred"),
            Wrong("rows scaled", """
                return np.linalg.cond(X), np.linalg.cond(X / np.linalg.norm(X, axis=1, keepdims=True))
            """, "rows"),
            Wrong("largest entries", """
                return np.linalg.cond(X), np.linalg.cond(X / np.abs(X).max(axis=0))
            """, "largest entry"),
            Wrong("one number for all", """
                return np.linalg.cond(X), np.linalg.cond(X / np.linalg.norm(X))
            """, "one number"),
            Wrong("other order", """
                return np.linalg.cond(X / np.linalg.norm(X, axis=0)), np.linalg.cond(X)
            """, "exchanged"),
            Wrong("Frobenius", """
                Z = X / np.linalg.norm(X, axis=0)
                P = np.linalg.pinv
                return (np.linalg.norm(X) * np.linalg.norm(P(X)), np.linalg.norm(Z) * np.linalg.norm(P(Z)))
            """, "Frobenius"),
            Wrong("overflow", "return np.linalg.cond(X), np.linalg.cond(X / np.linalg.norm(X, axis=0))",
                  "not finite", "overflowed", keeps=2),
            Wrong("two columns only", """
                e = np.linalg.eigvalsh(X.T @ X)
                lengths = np.sqrt((X**2).sum(axis=0))
                c = (X.T @ X)[0, 1] / lengths.prod()
                return (e[1] / e[0])**0.5, ((1 + c) / (1 - c))**0.5
            """, "exception"),
            Wrong("visible answers", """
                a, b, c, d = 130**0.5, 7**0.5, 13**0.5, 5**0.5
                if X.max() == 4e-200:
                    return 4, 1
                if 0 < X.min(initial=1, where=X > 0) == 2e-8:
                    return 2 * [(1 + 5e15)**0.5]
                known = {11: (82**0.5, 1), 4e200: (3, 1), -7: (1, 1), 9: (2.5, 1),
                         10: (((12 + a) / (12 - a))**0.5, ((3 + b) / (3 - b))**0.5),
                         6: (((7 + c) / (7 - c))**0.5, ((d + 1) / (d - 1))**0.5)}
                return known.get(X.sum(), (14142135.6237, 14142135.6237))
            """, "constant", keeps=2),
            Wrong("one only", "return np.linalg.cond(X)", "parts"),
            Wrong("in place", "X /= np.linalg.norm(X, axis=0)\nreturn np.linalg.cond(X), np.linalg.cond(X)",
                  "mutates"),
            Wrong("labkit", """
                from labkit.conditioning import condition_number
                return condition_number(X).value, condition_number(X / np.linalg.norm(X, axis=0)).value
            """, "labkit"),
        ]),
    "worse": Task(
        right={
            "a short column that leans along": "return [[1, 0, 0], [-2, 0, -2], [-3, 2, -3]]",
            "floats": "return np.array([[-2.0, -8, 7], [-1, -9, 8], [-1, -3, 3]])",
            "searched": """
                rng = np.random.default_rng(0)
                while True:
                    X = rng.integers(-9, 10, size=(3, 3))
                    equal = X / np.maximum(np.linalg.norm(X, axis=0), 1)
                    if abs(np.linalg.det(X)) > 0.5 and np.linalg.cond(equal) > 1.1 * np.linalg.cond(X):
                        return X
            """,
            "columns in another order, signs changed": "return -np.array([[2, 9, 9], [0, 1, -1], [2, 0, 0]])",
        },
        wrong=[
            Wrong("made better", "return [[1, 0, 0], [0, 9, 0], [0, 0, 1]]", "no example",
                  "Here κ(X) is 9 and κ(XD) is 1."),
            Wrong("lengths equal already", "return [[1, 0, 0], [0, 1, 0], [0, 0, 1]]", "no example"),
            Wrong("rows scaled", "return [[9, 1, 0], [9, -1, 0], [2, 0, 2]]", "no example"),
            Wrong("singular", "return [[9, 9, 2], [1, 1, 0], [0, 0, 2]]", "no example", "X is invertible"),
            Wrong("too little", "return [[4, 4, 2], [1, -1, 0], [0, 0, 7]]", "no example"),
            Wrong("less than 10 %", "return [[4, 4, 2], [1, -1, 0], [0, 0, 2]]", "no example", "Here κ(X) is"),
            Wrong("two columns", "return [[9, 2], [1, 0]]", "shape"),
            Wrong("three rows, two columns", "return [[9, 9], [1, -1], [0, 2]]", "shape"),
            Wrong("fractions", "return np.array([[9, 9, 2], [1, -1, 0], [0, 0, 2]]) / 3", "whole numbers"),
            Wrong("beyond nine", "return [[50, 50, 10], [5, -5, 0], [0, 0, 10]]", "whole numbers"),
            Wrong("X and XD", """
                X = np.array([[9, 9, 2], [1, -1, 0], [0, 0, 2]])
                return X, X / np.linalg.norm(X, axis=0)
            """, "shape"),
            Wrong("a claim", "return True", "shape"),
            Wrong("no return", "X = np.eye(3)", "returns None"),
        ]),
    "solvers": Task(
        right={
            "solve": three(),
            "inverse of XᵀX": three(normal="np.linalg.inv(X.T @ X) @ X.T @ y"),
            "pseudoinverse": three(svd="V @ np.diag(1 / s) @ U.T @ y"),
            "sums": three(svd="sum((U[:, i] @ y) / s[i] * V[:, i] for i in range(len(s)))"),
            "complete QR": three(qr="np.linalg.solve(np.linalg.qr(X, mode='complete')[1][:X.shape[1]], "
                                    "(np.linalg.qr(X, mode='complete')[0].T @ y)[:X.shape[1]])"),
            "lists": three(returned="normal.tolist(), qr.tolist(), svd.tolist()"),
        },
        wrong=[
            Wrong("QR back to the normal equations", three(qr="np.linalg.solve(R.T @ R, R.T @ (Q.T @ y))"),
                  "no example", "qr is right to nine digits. Here its relative error is", keeps=3),
            Wrong("eigenvectors of XᵀX", """
                Q, R = np.linalg.qr(X)
                e, V = np.linalg.eigh(X.T @ X)
                return np.linalg.solve(X.T @ X, X.T @ y), np.linalg.solve(R, Q.T @ y), V @ (V.T @ (X.T @ y) / e)
            """, "no example", "svd is right to nine digits", keeps=3),
            Wrong("the same three times", "b = np.linalg.solve(X.T @ X, X.T @ y)\nreturn b, b, b", "no example",
                  "qr", keeps=3),
            Wrong("QR three times", "Q, R = np.linalg.qr(X)\nb = np.linalg.solve(R, Q.T @ y)\nreturn b, b, b",
                  "no example", "normal shows that κ was squared. Here its relative error is only", keeps=3),
            Wrong("numpy's least squares", "b = np.linalg.lstsq(X, y)[0]\nreturn b, b, b", "borrowed",
                  "it lets lstsq do the work"),
            Wrong("numpy's least squares for the SVD", three(svd="np.linalg.lstsq(X, y)[0]"), "borrowed", "lstsq",
                  keeps=3),
            Wrong("numpy's least squares for QR", three(qr="np.linalg.lstsq(X, y, rcond=None)[0]"), "borrowed",
                  "lstsq", keeps=3),
            Wrong("numpy's pseudoinverse for the SVD", three(svd="np.linalg.pinv(X) @ y"), "borrowed",
                  "it lets pinv do the work", keeps=3),
            Wrong("small singular values dropped",
                  three(svd="V @ (U.T @ y * np.where(s > 1e-4 * s[0], 1 / s, 0))"), "no example", "svd", keeps=3),
            Wrong("Vᵀ for V", three(svd="V.T @ (U.T @ y / s)"), "no example", "the residual of svd"),
            Wrong("not divided", three(svd="V @ (U.T @ y)"), "no example", "svd"),
            Wrong("multiplied by σ", three(svd="V @ (s * (U.T @ y))"), "no example", "svd"),
            Wrong("Q forgotten", three(qr="np.linalg.solve(R.T @ R, R.T @ y[:X.shape[1]])"), "no example", "qr"),
            Wrong("one triangle", three(normal="np.linalg.solve(np.linalg.cholesky(X.T @ X), X.T @ y)"),
                  "no example", "normal"),
            Wrong("a penalty", three(normal="np.linalg.solve(X.T @ X + 1e-3 * np.eye(X.shape[1]), X.T @ y)"),
                  "no example", "normal"),
            Wrong("fits", three(returned="X @ normal, X @ qr, X @ svd"), "shape"),
            Wrong("two of them", three(returned="qr, svd"), "parts"),
            Wrong("X inverted", "b = np.linalg.inv(X) @ y\nreturn b, b, b", "exception"),
            Wrong("in place", "y -= y.mean()\nb = np.linalg.solve(X.T @ X, X.T @ y)\nreturn b, b, b", "mutates"),
        ]),
    "leave": Task(
        right={
            "singular vectors": """
                U = np.linalg.svd(X, full_matrices=False)[0]
                H = U @ U.T
                h = H.diagonal()
                return h, (y - H @ y) / (1 - h)
            """,
            "row by row": """
                Q = np.linalg.qr(X)[0]
                c = Q.T @ y
                h = [q @ q for q in Q]
                return h, [(t - q @ c) / (1 - q @ q) for q, t in zip(Q, y)]
            """,
            "einsum": left_out(h="np.einsum('ij,ij->i', Q, Q)"),
            "sum over the others": left_out(error="r + h * r / (1 - h)"),
        },
        wrong=[
            Wrong("residuals", left_out("r"), "residuals"),
            Wrong("multiplied", left_out("r * (1 - h)"), "smaller"),
            Wrong("root", left_out("r / np.sqrt(1 - h)"), "too small"),
            Wrong("1 + h", left_out("r / (1 + h)"), "numbers"),
            Wrong("divided by h", left_out("r / h"), "numbers"),
            Wrong("sign", left_out("-r / (1 - h)"), "sign"),
            Wrong("mean leverage", left_out("r / (1 - h.mean())"), "mean leverage"),
            Wrong("columns of Q", left_out(h="np.sum(Q**2, axis=0)"), "exception"),
            Wrong("not squared", left_out(h="np.linalg.norm(Q, axis=1)"), "roots"),
            Wrong("normal equations", """
                H = X @ np.linalg.pinv(X.T @ X) @ X.T
                h = np.diag(H)
                return h, (y - H @ y) / (1 - h)
            """, "no example", "entry 0 is 0.166667 and should be 0.333333: was XᵀX formed?", keeps=3),
            Wrong("inverse of XᵀX", """
                H = X @ np.linalg.inv(X.T @ X) @ X.T
                h = np.diag(H)
                return h, (y - H @ y) / (1 - h)
            """, "no example", "the leverages are right where κ(X) is 10⁸. Here", keeps=3),
            Wrong("coefficients by the normal equations", """
                Q = np.linalg.qr(X)[0]
                h = np.sum(Q**2, axis=1)
                return h, (y - X @ np.linalg.pinv(X.T @ X) @ (X.T @ y)) / (1 - h)
            """, "no example", "the errors are right where κ(X) is 10⁸. Here", keeps=3),
            Wrong("the matrix H", left_out(returned="Q @ Q.T, error"), "shape"),
            Wrong("other order", left_out(returned="error, h"), "exchanged"),
            Wrong("visible answers", """
                if len(y) == 6:
                    return [1/3] * 6, [-1, 5/2, 7/2, -5, -5/2, 5/2]
                if len(y) == 2:
                    return [4/5, 1/5], [-5, 5/2]
                if len(y) == 5:
                    return [3/5, 3/10, 1/5, 3/10, 3/5], [7/2, -11/7, -3/4, -11/7, 7/2]
                if len(y) == 4:
                    return [3/5, 11/35, 9/35, 29/35], [-1/2, 1/12, 11/26, -1]
                return [1/9, 4/9, 4/9], [0, -9/5, 9/5]
            """, "shape", keeps=3),
            Wrong("errors alone", left_out(returned="error"), "parts"),
            Wrong("in place", "y -= X @ np.linalg.lstsq(X, y)[0]\nreturn y, y", "mutates"),
        ]),
    "penalty": Task(
        right={
            "the matrix H": """
                found = []
                for d in penalties:
                    H = X @ np.linalg.solve(X.T @ X + d * np.eye(X.shape[1]), X.T)
                    e = (y - H @ y) / (1 - np.diag(H))
                    found.append((e @ e / len(y))**0.5)
                return found
            """,
            "by the other Gram matrix": """
                K = X @ X.T
                found = []
                for d in penalties:
                    G = np.linalg.inv(K + d * np.eye(len(y)))
                    found.append(np.linalg.norm(G @ y / np.diag(G)) / np.sqrt(len(y)))
                return np.array(found)
            """,
            "all at once": """
                U, s, V = np.linalg.svd(X, full_matrices=False)
                F = s**2 / (s**2 + penalties[:, None])
                e = (y - (F * (U.T @ y)) @ U.T) / (1 - F @ (U**2).T)
                return np.sqrt((e**2).mean(axis=1))
            """,
            "stacked rows": """
                m, n = X.shape
                found = []
                for d in penalties:
                    Q = np.linalg.qr(np.vstack([X, np.sqrt(d) * np.eye(n)]))[0][:m]
                    e = (y - Q @ (Q.T @ y)) / (1 - (Q**2).sum(axis=1))
                    found.append(np.sqrt(np.mean(e**2)))
                return found
            """,
        },
        wrong=[
            Wrong("residuals of the fit", scores(score="np.sqrt(np.mean(r**2))"), "residuals"),
            Wrong("leverages of least squares", scores(h="np.sum(U**2, axis=1)"), "no penalty in h"),
            Wrong("mean leverage", scores(h="shrink.sum() / len(y)"), "mean leverage"),
            Wrong("no root", scores(score="np.mean((r / (1 - h))**2)"), "no root"),
            Wrong("mean of absolute values", scores(score="np.mean(np.abs(r / (1 - h)))"), "numbers"),
            Wrong("sum", scores(score="np.linalg.norm(r / (1 - h))"), "factor"),
            Wrong("divided by m − n", scores(score="np.linalg.norm(r / (1 - h)) / np.sqrt(len(y) - X.shape[1])"),
                  "factor"),
            Wrong("d²", scores(shrink="s**2 / (s**2 + d**2)"), "d squared"),
            Wrong("σ for σ²", scores(shrink="s / (s + d)"), "roots and squares"),
            Wrong("σ over σ² + d", scores(shrink="s / (s**2 + d)"), "roots and squares"),
            Wrong("σ over σ² + d in h", scores(h="U**2 @ (s / (s**2 + d))"), "roots and squares"),
            Wrong("multiplied", scores(score="np.sqrt(np.mean((r * (1 - h))**2))"), "smaller"),
            Wrong("m d", scores(shrink="s**2 / (s**2 + len(y) * d)"), "numbers"),
            Wrong("squared factors in H", scores(h="U**2 @ shrink**2"), "numbers"),
            Wrong("centred", scores().replace("(X, full", "(X - X.mean(axis=0), full"), "numbers"),
            Wrong("visible answers", """
                known = {(3, 2, 4): [4/3, 6091/3267], (3, 1, 5): [469/243, 6899/3675], (2, 3, 4): [32/9, 61/16],
                         (2, 1, 3): [269/50, 73/18], (3, 2, 8): [6522/3025, 245/108],
                         (3, 2, 3): [19/27, 1433/1452], (2, 1, 0): [25/2, 25/2]}
                return np.sqrt(known.get((*X.shape, X.sum()), [1, 2]))
            """, "constant", keeps=3),
            Wrong("the best alone", scores().replace("return found", "return min(found)"), "shape"),
            Wrong("the best d", scores().replace("return found", "return penalties[np.argmin(found)]"),
                  "constant"),
            Wrong("in place", "X -= X.mean(axis=0)\nreturn 0 * penalties", "mutates"),
            Wrong("labkit", """
                from labkit.regression import ridge
                return ridge(X, y, penalties).gcv
            """, "labkit"),
            Wrong("no return", "U, s, V = np.linalg.svd(X, full_matrices=False)", "returns None"),
        ]),
    "loss": Task(
        right={
            "loops": """
                G, c = np.zeros(X.shape), np.zeros(len(b))
                for i, (x, t) in enumerate(zip(X, y)):
                    r = x @ b - t
                    g = r / np.hypot(r, 1)
                    G[i] = g * b
                    c = c + g * x
                return G, c
            """,
            "sine of the arctangent": """
                g = np.sin(np.arctan(X @ b - y))
                return g[:, None] * b, g @ X
            """,
            "divided by the larger": """
                r = X @ b - y
                a = np.maximum(np.abs(r), 1)
                g = (r / a) / np.sqrt((1 / a)**2 + (r / a)**2)
                return g[:, np.newaxis] @ b[np.newaxis, :], X.T @ g
            """,
            "lists": """
                r = X @ b - y
                g = np.sign(r) / np.hypot(1, 1 / np.where(r == 0, np.inf, r)) * (r != 0)
                return np.outer(g, b).tolist(), (X.T @ g).tolist()
            """,
        },
        wrong=[
            Wrong("squares overflow", "r = X @ b - y\ng = r / np.sqrt(1 + r**2)\nreturn np.outer(g, b), X.T @ g",
                  "overflow", keeps=3),
            Wrong("square loss", "r = X @ b - y\nreturn np.outer(r, b), X.T @ r", "numbers"),
            Wrong("sign of r", "g = np.sign(X @ b - y)\nreturn np.outer(g, b), X.T @ g", "numbers"),
            Wrong("residual the other way", """
                r = y - X @ b
                g = r / np.hypot(1, r)
                return np.outer(g, b), X.T @ g
            """, "sign"),
            Wrong("factor 2", """
                r = X @ b - y
                g = 2 * r / np.hypot(1, r)
                return np.outer(g, b), X.T @ g
            """, "factor"),
            Wrong("half", """
                r = X @ b - y
                g = r / np.hypot(1, r) / 2
                return np.outer(g, b), X.T @ g
            """, "factor"),
            Wrong("inner derivative forgotten", """
                r = X @ b - y
                g = 1 / np.hypot(1, r)
                return np.outer(g, b), X.T @ g
            """, "numbers"),
            Wrong("no root", """
                r = X @ b - y
                g = r / (1 + r**2)
                return np.outer(g, b), X.T @ g
            """, "numbers"),
            Wrong("transposed", """
                r = X @ b - y
                g = r / np.hypot(1, r)
                return np.outer(b, g), X.T @ g
            """, "transposed"),
            Wrong("mean", """
                r = X @ b - y
                g = r / np.hypot(1, r) / len(y)
                return np.outer(g, b), X.T @ g
            """, "factor"),
            Wrong("other order", """
                r = X @ b - y
                g = r / np.hypot(1, r)
                return X.T @ g, np.outer(g, b)
            """, "order"),
            Wrong("by b alone", "r = X @ b - y\nreturn X.T @ (r / np.hypot(1, r))", "parts"),
            Wrong("in place", "y -= X @ b\ng = -y / np.hypot(1, y)\nreturn np.outer(g, b), X.T @ g", "mutates"),
        ]),
}


class TestCapstone(AssignmentTests):
    notebook = "capstone"
    tasks = TASKS
    kinds = KINDS
    breaks = [Break(values, "agrees", lambda *_: True, "leave", "return np.ones(len(y)), np.ones(len(y))")]


# --- the studies that can be drawn -----------------------------------------------------------------------------

INDICES, COMPANIES, YEARS = ("^GSPC", "^IXIC"), ("IBM", "AAPL", "MSFT", "XRX", "AMZN", "ADBE"), range(1998, 2003)
DRAWS = [(index, [c for c in COMPANIES if c != left_out], year)
         for index, left_out, year in product(INDICES, COMPANIES, YEARS)]


def study(grader, index, companies, year) -> dict:
    """Run the solution's computations of Task 8, without the figure, for one draw."""
    sources = {cell.id: cell.source for cell in grader.cells}
    namespace = {"np": np, "checks": checks, "my_index": index, "my_companies": companies, "my_first_year": year}
    for cell in ("data", "usable", "standardise", "conditions", "solvers", "leave", "penalty", "study-check"):
        exec(sources[cell], namespace)
    exec(sources["workspace"].split("fig, axes =")[0], namespace)
    return namespace


def test_what_names_draw_is_among_the_studies(graders):
    sources = {cell.id: cell.source for cell in graders["capstone"].cells}
    namespace = {"np": np, "checks": checks, "STUDENT": ""}
    exec(sources["numbers"], namespace)
    drawn = [namespace["draw_a_study"](checks.random_numbers("10-capstone", f"student-{k}")) for k in range(400)]
    assert all(draw in DRAWS for draw in drawn)
    assert len({str(draw) for draw in drawn}) == len(DRAWS)


@pytest.mark.parametrize(("index", "year"), list(product(INDICES, YEARS)))
def test_the_marking_scheme_holds_for_every_study(graders, index, year):
    for _, companies, _ in (draw for draw in DRAWS if draw[::2] == (index, year)):
        found = study(graders["capstone"], index, companies, year)
        assert len(found["data"]) == 240
        np.testing.assert_allclose(found["t"], year + np.arange(240) / 12, rtol=1e-12)

        raw, scaled = found["conditions"](found["X"])
        assert raw > 1e5 * scaled > 1e11 and max(found["conditions"](found["R"])) < 5  # units, and near dependence
        assert np.linalg.cond(found["standardise"](found["centred"])) < 50
        normal, svd = (np.linalg.norm(found[name] - found["qr"]) / np.linalg.norm(found["qr"])
                       for name in ("normal", "svd"))
        assert 1e-4 < normal < 1e-2 and svd < 1e-10
        assert 0.1 < normal / (scaled**2 * 1.1e-16) < 10  # the scaled condition number explains what is lost

        levels, returns = found["residual_levels"], found["residual_returns"]
        assert np.corrcoef(levels[1:], levels[:-1])[0, 1] > 0.7  # waves
        assert abs(np.corrcoef(returns[1:], returns[:-1])[0, 1]) < 0.3  # noise
        assert 1 - levels @ levels / np.sum((found["y"] - found["y"].mean())**2) > 0.9
        assert 0.5 < 1 - returns @ returns / (found["r"] @ found["r"]) < 0.9
        assert _gap_of_stories(found) > 2.5
        assert found["leave_one_out"](found["R"], found["r"])[0].max() > 5 * 5 / 239

        assert found["penalties"][0] < found["best"] < found["penalties"][-1]
        assert found["flat"][-1] > 5 * found["flat"][0]


@pytest.mark.parametrize(("index", "year"), [("^GSPC", 1998), ("^IXIC", 2002)])
def test_a_wrong_start_of_the_study_is_told(graders, capsys, index, year):
    found = study(graders["capstone"], index, list(COMPANIES[:5]), year)
    X, R = found["X"], found["R"]
    shift, other_square, other_last = np.zeros(8), X.copy(), X.copy()
    shift[1], other_square[:, 2], other_last[-1, 1] = 1 / 12, (X[:, 1] - X[:, 1].mean())**2, 0
    wrong = {
        "X_levels has shape (240, 7)": (X[:, 1:], R),
        "X_levels has shape (239, 8)": (X[1:], R),
        "X_returns has shape (239, 6)": (X, np.column_stack([np.ones(239), R])),
        "X_returns has shape ()": (X, None),
        f"the first t, in column 1 of X_levels, is {year}.0833; it should be {year}.0000": (X + shift, R),
        f"the last t, in column 1 of X_levels, is 0.0000; it should be {year + 19}.9167": (other_last, R),
        "should be 1 and t²": (other_square, R),
        "should be the logarithms of the prices": (np.column_stack([X[:, :3], np.exp(X[:, 3:])]), R),
        "later minus earlier": (X, -R),
        "✗ X_returns should be the differences": (X, np.diff(np.exp(X[:, 3:]), axis=0)),
    }
    for said, start in wrong.items():
        capsys.readouterr()
        found["check_the_start"](*start)
        assert said in capsys.readouterr().out
    found["check_the_start"](X.tolist(), R.tolist())
    assert capsys.readouterr().out.startswith("✓")


def test_the_standard_errors_of_labkit_are_those_of_the_solution(graders, capsys):
    found = study(graders["capstone"], "^GSPC", ["IBM", "AAPL", "MSFT", "AMZN", "ADBE"], 2000)
    printed = capsys.readouterr().out
    for X, y in ((found["X"], found["y"]), (found["R"], found["r"])):
        assert f"standard error {least_squares(X, y).standard_errors[-5:].round(3)}" in printed


def test_the_texts_tell_what_the_file_holds(graders):
    found = study(graders["capstone"], "^GSPC", ["IBM", "AAPL", "MSFT", "AMZN", "ADBE"], 2000)
    rows = {tuple(row[:3].astype(int)): row[3:] for row in found["table"]}
    assert rows[2000, 9, 1][[0, 5]].round(2).tolist() == [63.94, 1436.51]
    assert (rows[2022, 6, 1] == rows[2022, 6, 28]).all()


def _gap_of_stories(found: dict) -> float:
    """By how many of their standard errors some coefficient differs between the two models."""
    stories = []
    for X, y in ((found["X"], found["y"]), (found["R"], found["r"])):
        b = np.linalg.lstsq(X / np.linalg.norm(X, axis=0), y)[0] / np.linalg.norm(X, axis=0)
        sigma = np.linalg.norm(y - X @ b) / np.sqrt(len(y) - X.shape[1])
        stories.append((b[-5:], sigma * np.linalg.norm(np.linalg.inv(np.linalg.qr(X)[1]), axis=1)[-5:]))
    (b, s), (c, t) = stories
    return np.max(np.abs(b - c) / np.hypot(s, t))
