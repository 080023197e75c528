"""How long a numerical gradient takes and how many digits it has, for a function of n variables.

Run ``python tests/benchmarks/bench_gradcheck.py``. The function is sin(x)ᵀAx + exp(−xᵀx/n), the error that of the
worst entry, relative to the largest. ``approx_fprime`` is scipy's forward difference.
"""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import scipy.optimize

from labkit import autodiff, gradcheck


def problem(n: int) -> tuple[Callable[..., Any], Callable[..., Any], np.ndarray, np.ndarray]:
    """Return the function, its version for stacks of points, a point, and the exact gradient there."""
    rng = np.random.default_rng(n)
    A, x = rng.standard_normal((n, n)), rng.standard_normal(n)

    def f(x: Any) -> Any:
        return np.sin(x) @ (A @ x) + np.exp(-(x @ x) / n)

    def stacked(X: Any) -> Any:
        return np.sum((np.sin(X) @ A) * X, axis=1) + np.exp(-np.sum(X * X, axis=1) / n)

    return f, stacked, x, np.cos(x) * (A @ x) + A.T @ np.sin(x) - 2 / n * x * np.exp(-(x @ x) / n)


def timed(run: Callable[[], Any], rounds: int = 7) -> tuple[float, Any]:
    """Return the median seconds and the result."""
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        result = run()
        seconds.append(time.perf_counter() - start)
    return median(seconds), result


def main() -> None:
    """Print one table for each n."""
    for n in (10, 100, 400):
        f, stacked, x, exact = problem(n)
        runs = {"scipy approx_fprime": lambda f=f, x=x: scipy.optimize.approx_fprime(x, f)}
        for method in (gradcheck.forward_difference, gradcheck.central_difference, gradcheck.richardson,
                       gradcheck.complex_step):
            runs[method.__name__] = lambda method=method, f=f, x=x: method(f, x)
            runs[f"{method.__name__}, batched"] = lambda method=method, f=stacked, x=x: method(f, x, batched=True)
        runs["autodiff.grad"] = lambda f=f, x=x: autodiff.grad(f)(x)
        runs["check_gradient"] = lambda f=f, x=x, exact=exact: gradcheck.check_gradient(f, exact, x).expected
        print(f"n = {n}: one evaluation takes {1e6 * timed(lambda f=f, x=x: f(x))[0]:.1f} µs")
        for name, run in runs.items():
            seconds, gradient = timed(run)
            error = np.abs(gradient - exact).max() / np.abs(exact).max()
            print(f"  {name:30s} {1e3 * seconds:9.2f} ms   error {error:.0e}")


if __name__ == "__main__":
    main()
