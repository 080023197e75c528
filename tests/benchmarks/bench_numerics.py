"""Time each numerical function of labkit against its numpy or scipy counterpart, in one run.

    python tests/benchmarks/bench_numerics.py [--order 300] [--repeats 15]

Both sides of a row run in turn, and the fastest of the repeats counts. Rows marked L leave the work to LAPACK on
both sides; there the quotient should not exceed 1.3. In the others labkit does in Python what a library does in
compiled code (Householder reflections), does more than its counterpart (scaling against overflow), or answers
another question (estimates). The last column compares the results: a fast wrong answer would show.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg

from labkit import conditioning, foundations, norms, orthogonality

LIMIT = 1.3


@dataclass(frozen=True)
class Row:
    """One comparison: the same number, vector or matrix by labkit and by its counterpart."""

    name: str
    counterpart: str
    ours: Callable[[], Any]
    theirs: Callable[[], Any]
    lapack: bool = True


def rows(n: int) -> list[Row]:
    """Return all comparisons for matrices of order n."""
    rng = np.random.default_rng(0)
    A, x = rng.standard_normal((n, n)), rng.standard_normal(n * n)
    S, b, tall = A + A.T, rng.standard_normal(n), rng.standard_normal((2 * n, n))
    R, small = np.triu(A) + n * np.eye(n), A / np.sqrt(n)
    Q = np.linalg.qr(A)[0]
    return [
        Row("foundations.inner", "np.vdot", lambda: foundations.inner(A, S), lambda: np.vdot(A, S), lapack=False),
        Row("foundations.rank", "np.linalg.matrix_rank", lambda: foundations.rank(A),
            lambda: np.linalg.matrix_rank(A)),
        Row("foundations.range_basis", "scipy.linalg.orth", lambda: _projector(foundations.range_basis(S)),
            lambda: _projector(scipy.linalg.orth(S))),
        Row("foundations.nullspace_basis", "scipy.linalg.null_space",
            lambda: foundations.nullspace_basis(A).shape[1], lambda: scipy.linalg.null_space(A).shape[1]),
        Row("foundations.project", "np.linalg.lstsq", lambda: foundations.project(tall[:, 0], tall[:, 1:]),
            lambda: tall[:, 1:] @ np.linalg.lstsq(tall[:, 1:], tall[:, 0])[0]),
        Row("foundations.determinant", "np.linalg.slogdet + cond", lambda: foundations.determinant(A).log_abs,
            lambda: (np.linalg.cond(A), np.linalg.slogdet(A)[1])[1]),
        Row("foundations.matrix_exponential", "scipy.linalg.expm", lambda: foundations.matrix_exponential(small),
            lambda: scipy.linalg.expm(small)),
        Row("norms.vector_norm, p = 2", "np.linalg.norm", lambda: norms.vector_norm(x), lambda: np.linalg.norm(x),
            lapack=False),
        Row("norms.vector_norm, p = 3", "np.linalg.norm", lambda: norms.vector_norm(x, 3),
            lambda: np.linalg.norm(x, 3), lapack=False),
        Row("norms.frobenius_norm", "np.linalg.norm", lambda: norms.frobenius_norm(A), lambda: np.linalg.norm(A),
            lapack=False),
        Row("norms.spectral_norm", "np.linalg.norm, 2", lambda: norms.spectral_norm(A),
            lambda: np.linalg.norm(A, 2)),
        Row("norms.nuclear_norm", "np.linalg.norm, 'nuc'", lambda: norms.nuclear_norm(A),
            lambda: np.linalg.norm(A, "nuc")),
        Row("norms.induced_norm, 1", "np.linalg.norm, 1", lambda: norms.induced_norm(A, 1).value,
            lambda: np.linalg.norm(A, 1), lapack=False),
        Row("norms.induced_norm, 2", "np.linalg.norm, 2", lambda: norms.induced_norm(A).value,
            lambda: np.linalg.norm(A, 2)),
        Row("norms.estimate_spectral_norm", "np.linalg.norm, 2",
            lambda: norms.estimate_spectral_norm(A, 1e-4).value, lambda: np.linalg.norm(A, 2), lapack=False),
        Row("norms.hutchinson_trace", "np.trace", lambda: norms.hutchinson_trace(np.eye(n), seed=0).value,
            lambda: np.trace(np.eye(n)), lapack=False),
        Row("conditioning.condition_number, 2", "np.linalg.cond", lambda: conditioning.condition_number(A).value,
            lambda: np.linalg.cond(A)),
        Row("conditioning.condition_number, 1", "np.linalg.cond, 1",
            lambda: conditioning.condition_number(A, 1).value, lambda: np.linalg.cond(A, 1)),
        Row("conditioning.pseudo_condition, F", "norm · norm(pinv)",
            lambda: conditioning.pseudo_condition(A, "fro").value,
            lambda: np.linalg.norm(A) * np.linalg.norm(np.linalg.pinv(A)), lapack=False),
        Row("conditioning.map_condition", "np.linalg.svd", lambda: conditioning.map_condition(A).value,
            lambda: (lambda s: s[0] / s[-1])(np.linalg.svd(A)[1])),
        Row("conditioning.solve, LU", "np.linalg.solve", lambda: conditioning.solve(A, b),
            lambda: np.linalg.solve(A, b)),
        Row("conditioning.back_substitution", "scipy.linalg.solve_triangular",
            lambda: conditioning.back_substitution(R, b), lambda: scipy.linalg.solve_triangular(R, b),
            lapack=False),
        Row("conditioning.residual", "b - A @ x in longdouble", lambda: conditioning.residual(A, b, b),
            lambda: (b - A.astype(np.longdouble) @ b).astype(float), lapack=False),
        Row("orthogonality.orthogonality_error", "np.linalg.norm(QᵀQ - I, 2)",
            lambda: 1 + orthogonality.orthogonality_error(Q),
            lambda: 1 + np.linalg.norm(Q.T @ Q - np.eye(n), 2)),
        Row("orthogonality.gram_schmidt", "np.linalg.qr", lambda: np.abs(orthogonality.gram_schmidt(A).R),
            lambda: np.abs(np.linalg.qr(A)[1]), lapack=False),
        Row("orthogonality.householder_qr", "np.linalg.qr", lambda: np.abs(orthogonality.householder_qr(A).R),
            lambda: np.abs(np.linalg.qr(A)[1]), lapack=False),
        Row("orthogonality.symmetric_eigen", "np.linalg.eigh", lambda: orthogonality.symmetric_eigen(S).values,
            lambda: np.linalg.eigh(S)[0][::-1]),
        Row("orthogonality.diagonalise", "np.linalg.eig + cond",
            lambda: orthogonality.diagonalise(A).values.sum().real,
            lambda: (lambda e: (np.linalg.cond(e[1]), e[0].sum().real)[1])(np.linalg.eig(A))),
    ]


def _projector(Q: np.ndarray) -> np.ndarray:
    """Return QQᵀ, which does not depend on the choice of the basis."""
    return Q @ Q.T


def _fastest(row: Row, repeats: int) -> tuple[float, float]:
    """Return the least seconds of both sides, which run in turn so that they meet the same machine."""
    times = ([], [])
    for _ in range(repeats):
        for side, function in zip(times, (row.ours, row.theirs), strict=True):
            start = time.perf_counter()
            function()
            side.append(time.perf_counter() - start)
    return min(times[0]), min(times[1])


def _difference(row: Row) -> float:
    """Return the largest difference between both results, relative to the largest entry."""
    ours, theirs = np.asarray(row.ours(), dtype=float), np.asarray(row.theirs(), dtype=float)
    return float(np.abs(ours - theirs).max(initial=0.0) / (np.abs(theirs).max(initial=0.0) or 1.0))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--order", type=int, default=300)
    parser.add_argument("--repeats", type=int, default=15)
    options = parser.parse_args()
    print(f"n = {options.order}, fastest of {options.repeats}; numpy {np.__version__}, scipy {scipy.__version__}")
    print()
    print(f"{'labkit':<34} {'counterpart':<30} {'ms':>9} {'ms':>9} {'quotient':>9}  L  difference")
    for row in rows(options.order):
        difference = _difference(row)  # also a first call, which warms the caches up
        ours, theirs = _fastest(row, options.repeats)
        mark = " " if not row.lapack else "!" if ours > LIMIT * theirs else "L"
        numbers = f"{ours * 1e3:9.3f} {theirs * 1e3:9.3f} {ours / theirs:9.2f}"
        print(f"{row.name:<34} {row.counterpart:<30} {numbers}  {mark}  {difference:.1e}")
    print(f"\nL: LAPACK does the work on both sides; ! marks a quotient above {LIMIT} there.")


if __name__ == "__main__":
    main()
