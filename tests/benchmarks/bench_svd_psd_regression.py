"""What labkit.svd, labkit.psd and labkit.regression cost beside their counterparts in numpy and scipy.

Run ``OPENBLAS_NUM_THREADS=1 python tests/benchmarks/bench_svd_psd_regression.py``. Both candidates of a row
take turns, round by round, so that a busy machine slows them alike; the table shows the least processor time of
each and their quotient. "LAPACK" marks the rows where a LAPACK factorization does the work and the quotient should
be at most 1.3 at n = 300; the command ends with exit status 1 if one is above.
"""

import argparse
import sys
import time
from collections.abc import Callable

import numpy as np
import scipy.linalg
import scipy.optimize
import scipy.special

from labkit import psd, regression, svd

LIMIT = 1.3
Row = tuple[str, str, bool, Callable[[], object], Callable[[], object]]


def svd_rows(n: int, rng: np.random.Generator) -> list[Row]:
    """Return the comparisons for labkit.svd on square matrices of order n."""
    A, b = rng.normal(size=(n, n)), rng.normal(size=n)
    low = rng.normal(size=(n, 20)) @ rng.normal(size=(20, n))
    tall = rng.normal(size=(n, 20))

    def truncated() -> object:
        U, s, Vt = np.linalg.svd(A, full_matrices=False)
        return (U[:, :20] * s[:20]) @ Vt[:20]

    return [
        ("full_svd", "numpy svd", True, lambda: svd.full_svd(A), lambda: np.linalg.svd(A)),
        ("thin_svd", "numpy svd, thin", True, lambda: svd.thin_svd(A),
         lambda: np.linalg.svd(A, full_matrices=False)),
        ("compact_svd", "numpy svd, thin", True, lambda: svd.compact_svd(A),
         lambda: np.linalg.svd(A, full_matrices=False)),
        ("numerical_rank", "numpy matrix_rank", True, lambda: svd.numerical_rank(A),
         lambda: np.linalg.matrix_rank(A)),
        ("truncated_svd, k = 20", "numpy svd and product", True, lambda: svd.truncated_svd(A, 20).matrix(),
         truncated),
        ("pseudoinverse", "numpy pinv", True, lambda: svd.pseudoinverse(A), lambda: np.linalg.pinv(A)),
        ("min_norm_solution", "scipy lstsq, gelss", True, lambda: svd.min_norm_solution(A, b),
         lambda: scipy.linalg.lstsq(A, b, lapack_driver="gelss")),
        ("pca", "numpy svd of centred data", True, lambda: svd.pca(A),
         lambda: np.linalg.svd(A - A.mean(axis=0), full_matrices=False)),
        ("pivoted_qr", "scipy qr, pivoting", False, lambda: svd.pivoted_qr(A),
         lambda: scipy.linalg.qr(A, mode="economic", pivoting=True)),
        ("maxvol, r = 20", "scipy qr, pivoting", False, lambda: svd.maxvol(tall),
         lambda: scipy.linalg.qr(tall.T, mode="economic", pivoting=True)),
        ("cur, k = 20, maxvol", "scipy svd", False, lambda: svd.cur(low, 20), lambda: scipy.linalg.svd(low)),
        ("cur, k = 20, qr", "scipy svd", False, lambda: svd.cur(low, 20, "qr"), lambda: scipy.linalg.svd(low)),
    ]


def psd_rows(n: int, rng: np.random.Generator) -> list[Row]:
    """Return the comparisons for labkit.psd on matrices of order n."""
    X = rng.normal(size=(n, n))
    A = X @ X.T / n + np.eye(n)
    Q, K = rng.normal(size=(n, 64)), rng.normal(size=(n, 64))

    def clipped() -> object:
        eigenvalues, U = np.linalg.eigh(X + X.T)
        return (U * eigenvalues.clip(min=0)) @ U.T

    def sqrt_by_eigh() -> object:
        eigenvalues, U = np.linalg.eigh(A)
        return (U * np.sqrt(eigenvalues)) @ U.T

    return [
        ("definiteness", "numpy eigh", True, lambda: psd.definiteness(A), lambda: np.linalg.eigh(A)),
        ("cholesky", "numpy cholesky", False, lambda: psd.cholesky(A), lambda: np.linalg.cholesky(A)),
        ("cholesky_logdet", "numpy slogdet", False, lambda: psd.cholesky_logdet(A), lambda: np.linalg.slogdet(A)),
        ("psd_sqrt", "eigh and product", True, lambda: psd.psd_sqrt(A), sqrt_by_eigh),
        ("psd_sqrt", "scipy sqrtm", True, lambda: psd.psd_sqrt(A), lambda: scipy.linalg.sqrtm(A)),
        ("nearest_psd", "eigh and product", True, lambda: psd.nearest_psd(X + X.T), clipped),
        ("gram_matrix", "X.T @ X", False, lambda: psd.gram_matrix(X), lambda: X.T @ X),
        ("covariance_matrix", "numpy cov", False, lambda: psd.covariance_matrix(X), lambda: np.cov(X.T)),
        ("exponential_kernel", "numpy exp(X @ X.T)", False, lambda: psd.exponential_kernel(Q, K),
         lambda: np.exp(Q @ K.T)),
        ("attention_weights", "scipy softmax", False, lambda: psd.attention_weights(Q, K),
         lambda: scipy.special.softmax(Q @ K.T / 8.0, axis=1)),
        ("shifted_gram_condition", "numpy cond", True, lambda: psd.shifted_gram_condition(X, 1.0),
         lambda: np.linalg.cond(X.T @ X + np.eye(n))),
    ]


def regression_rows(n: int, rng: np.random.Generator) -> list[Row]:
    """Return the comparisons for labkit.regression on square and tall data with n columns."""
    X, y = rng.normal(size=(n, n)), rng.normal(size=n)
    T, t = rng.normal(size=(4 * n, n)), rng.normal(size=4 * n)
    penalties = np.logspace(-3, 3, 30)
    z = rng.normal(size=(1000, n))
    labels = np.eye(3)[:, rng.integers(0, 3, 300)]
    examples = rng.normal(size=(10, 300))

    def ridge_one_by_one() -> object:
        return [np.linalg.solve(T.T @ T + d * np.eye(n), T.T @ t) for d in penalties]

    def softmax_by_scipy() -> object:
        def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
            W = w.reshape(3, 10)
            return (regression.softmax_loss(W, examples, labels),
                    regression.softmax_loss_gradient(W, examples, labels).ravel())
        return scipy.optimize.minimize(loss, np.zeros(30), jac=True, method="L-BFGS-B", options={"gtol": 1e-9})

    return [
        ("least_squares, qr, square", "numpy lstsq", True, lambda: regression.least_squares(X, y),
         lambda: np.linalg.lstsq(X, y)),
        ("least_squares, qr, tall", "numpy lstsq", True, lambda: regression.least_squares(T, t),
         lambda: np.linalg.lstsq(T, t)),
        ("least_squares, normal, tall", "numpy lstsq", True, lambda: regression.least_squares(T, t, "normal"),
         lambda: np.linalg.lstsq(T, t)),
        ("least_squares, svd, square", "numpy pinv @ y", True, lambda: regression.least_squares(X, y, "svd"),
         lambda: np.linalg.pinv(X) @ y),
        ("least_squares, svd, tall", "numpy pinv @ y", True, lambda: regression.least_squares(T, t, "svd"),
         lambda: np.linalg.pinv(T) @ t),
        ("variance_inflation, tall", "inverse of corrcoef", False, lambda: regression.variance_inflation(T),
         lambda: np.diag(np.linalg.inv(np.corrcoef(T.T)))),
        ("ridge, 30 penalties", "30 times numpy solve", True, lambda: regression.ridge(T, t, penalties),
         ridge_one_by_one),
        ("logsumexp", "scipy logsumexp", False, lambda: regression.logsumexp(z),
         lambda: scipy.special.logsumexp(z, axis=1)),
        ("softmax", "scipy softmax", False, lambda: regression.softmax(z),
         lambda: scipy.special.softmax(z, axis=1)),
        ("log_softmax", "scipy log_softmax", False, lambda: regression.log_softmax(z),
         lambda: scipy.special.log_softmax(z, axis=1)),
        ("softplus", "numpy logaddexp", False, lambda: regression.softplus(z), lambda: np.logaddexp(0, z)),
        ("sigmoid", "scipy expit", False, lambda: regression.sigmoid(z), lambda: scipy.special.expit(z)),
        ("softmax_regression, Newton", "scipy L-BFGS-B", False,
         lambda: regression.softmax_regression(examples, labels), softmax_by_scipy),
    ]


def fastest(ours: Callable[[], object], theirs: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Return the least processor time in milliseconds of each candidate, taking turns."""
    best = [float("inf"), float("inf")]
    for _ in range(rounds + 1):                     # the first round only warms the caches up
        for which, candidate in enumerate((ours, theirs)):
            start = time.process_time()
            candidate()
            best[which] = min(best[which], 1e3 * (time.process_time() - start))
    return best[0], best[1]


def main() -> int:
    """Print the table and return 1 if a row where LAPACK does the work is above the limit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=300, help="the order n of the matrices")
    parser.add_argument("--rounds", type=int, default=15, help="how often each candidate runs")
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    rows = [row for make in (svd_rows, psd_rows, regression_rows) for row in make(options.size, rng)]
    versions = f"numpy {np.__version__}, scipy {scipy.__version__}"
    print(f"n = {options.size}, {versions}, least processor time of {options.rounds} rounds")
    print(f"{'labkit':<30}{'ms':>9}   {'counterpart':<28}{'ms':>9}{'quotient':>10}")
    too_slow = []
    for name, other, lapack, ours, theirs in rows:
        mine, reference = fastest(ours, theirs, options.rounds)
        mark = "  LAPACK" if lapack else ""
        print(f"{name:<30}{mine:>9.3f}   {other:<28}{reference:>9.3f}{mine / reference:>10.2f}{mark}")
        if lapack and mine / reference > LIMIT:
            too_slow.append(f"{name} against {other}")
    print("above the limit of 1.3: " + ("; ".join(too_slow) or "none"))
    return bool(too_slow)


if __name__ == "__main__":
    sys.exit(main())
