"""What gradients cost: labkit.autodiff against numpy by hand, HIPS autograd and (where installed) jax.

Run ``python tests/benchmarks/bench_autodiff.py``. Each time is the least of many interleaved rounds, because what
else runs on the machine can only add to it; set OPENBLAS_NUM_THREADS=1 for figures that repeat. ``--quick`` takes
fewer rounds. jax is not among the course's requirements: adding ``tests/benchmarks/requirements-jax.txt`` to a
copy of the environment adds its times, and a comparison of all primitives with it in double precision.
"""

import argparse
import importlib.util
import itertools
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from labkit import autodiff

LARGE, SMALL = (512, 100, 256, 256, 10), (64, 20, 32, 32, 5)


def network_problem(sizes: tuple[int, ...], seed: int = 0) -> tuple[list, np.ndarray, np.ndarray]:
    """Return parameters [W₁, b₁, W₂, …], a batch of inputs and one-hot targets."""
    rng = np.random.default_rng(seed)
    batch, widths = sizes[0], sizes[1:]
    parameters = []
    for m, n in itertools.pairwise(widths):
        parameters += [rng.standard_normal((m, n)) / np.sqrt(m), 0.1 * rng.standard_normal(n)]
    targets = np.eye(widths[-1])[rng.integers(widths[-1], size=batch)]
    return parameters, rng.standard_normal((batch, widths[0])), targets


def network_loss(xp: Any, logsumexp: Callable[..., Any]) -> Callable[..., Any]:
    """Return the mean cross-entropy of a network with tanh layers, in the numpy-like module `xp`."""
    def loss(parameters: list, X: Any, Y: Any) -> Any:
        H = X
        for W, b in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
            H = xp.tanh(H @ W + b)
        A = H @ parameters[-2] + parameters[-1]
        return xp.mean(logsumexp(A, axis=1) - xp.sum(A * Y, axis=1))
    return loss


def stable_logsumexp(xp: Any) -> Callable[..., Any]:
    """Return log Σ exp with the maximum taken out, for modules that have none."""
    def logsumexp(a: Any, axis: int) -> Any:
        top = xp.max(a, axis=axis, keepdims=True)
        return xp.log(xp.sum(xp.exp(a - top), axis=axis)) + xp.squeeze(top, axis=axis)
    return logsumexp


def gradient_by_hand(parameters: list, X: np.ndarray, Y: np.ndarray) -> tuple[float, list]:
    """Return loss and gradient as one would write them without any tool."""
    activations = [X]
    for W, b in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
        activations.append(np.tanh(activations[-1] @ W + b))
    A = activations[-1] @ parameters[-2] + parameters[-1]
    top = A.max(axis=1, keepdims=True)
    E = np.exp(A - top)
    total = E.sum(axis=1, keepdims=True)
    loss = np.mean(np.log(total[:, 0]) + top[:, 0] - (A * Y).sum(axis=1))
    G = (E / total - Y) / len(X)
    gradient = []
    for layer in range(len(activations) - 1, -1, -1):
        gradient[:0] = [activations[layer].T @ G, G.sum(axis=0)]
        if layer:
            G = (G @ parameters[2 * layer].T) * (1 - activations[layer] ** 2)
    return loss, gradient


def interleaved(candidates: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Return the least seconds of each candidate; all run once in each round."""
    times = {name: float("inf") for name in candidates}
    for run in candidates.values():
        run()
    for _ in range(rounds):
        for name, run in candidates.items():
            start = time.perf_counter()
            run()
            times[name] = min(times[name], time.perf_counter() - start)
    return times


def network_candidates(sizes: tuple[int, ...]) -> dict[str, Callable[[], Any]]:
    """Return runs of the loss and its gradient on a network, each by another tool; gradients as flat lists."""
    import autograd
    import autograd.numpy as anp
    parameters, X, Y = network_problem(sizes)
    loss = network_loss(np, autodiff.logsumexp)
    ours = autodiff.value_and_grad(loss)
    theirs = autograd.value_and_grad(network_loss(anp, stable_logsumexp(anp)))
    candidates = {
        "loss alone": lambda: loss(parameters, X, Y),
        "by hand": lambda: gradient_by_hand(parameters, X, Y),
        "labkit": lambda: ours(parameters, X, Y),
        "autograd": lambda: theirs(parameters, X, Y),
    }
    if importlib.util.find_spec("jax"):
        import jax
        import jax.numpy as jnp
        jax.config.update("jax_enable_x64", True)
        compiled = jax.jit(jax.value_and_grad(network_loss(jnp, stable_logsumexp(jnp))))
        on_device = [jnp.asarray(part) for part in parameters], jnp.asarray(X), jnp.asarray(Y)
        candidates["jax, compiled"] = lambda: jax.block_until_ready(compiled(*on_device))
    return candidates


def report_networks(rounds: int) -> None:
    """Print times and agreement on the two networks."""
    for sizes, repeat in ((LARGE, rounds), (SMALL, 10 * rounds)):
        candidates = network_candidates(sizes)
        times = interleaved(candidates, repeat)
        print(f"\nnetwork {sizes[0]}×" + "-".join(map(str, sizes[1:])))
        reference = candidates["by hand"]()[1]
        for name, seconds in times.items():
            line = f"  {name:14s} {1e6 * seconds:10.1f} µs   {seconds / times['by hand']:5.2f} × by hand"
            if name not in ("loss alone", "by hand"):
                gap = max(np.abs(np.asarray(a) - b).max() / np.abs(b).max()
                          for a, b in zip(candidates[name]()[1], reference, strict=True))
                line += f"   {seconds / times['autograd']:5.2f} × autograd   largest relative difference {gap:.1e}"
            print(line)
        print(f"  cost(gradient) / cost(function): by hand {times['by hand'] / times['loss alone']:.2f}, "
              f"labkit {times['labkit'] / times['loss alone']:.2f}, "
              f"autograd {times['autograd'] / times['loss alone']:.2f}")


def report_cheap_gradient(rounds: int) -> None:
    """Print cost(gradient)/cost(function) for functions of many inputs."""
    rng = np.random.default_rng(1)
    A, b = rng.standard_normal((2000, 300)), rng.standard_normal(2000)
    S = rng.standard_normal((300, 300)) + 30 * np.eye(300)
    cases = {
        "least squares, 2000×300": (lambda x: 0.5 * np.sum((A @ x - b) ** 2), rng.standard_normal(300)),
        "logistic regression, 2000×300": (
            lambda x: np.sum(np.logaddexp(0.0, -b * (A @ x))), rng.standard_normal(300)),
        "sum of sin(exp(−x²)), n = 10⁶": (lambda x: np.sum(np.sin(np.exp(-x * x))), rng.standard_normal(10**6)),
        "log det of a 300×300 matrix": (lambda X: np.linalg.slogdet(X)[1], S),
        "tr(X³), 300×300": (lambda X: np.sum((X @ X) * X.T), S),
    }
    print("\ncheap gradients: cost(gradient) / cost(function)")
    for name, (f, x) in cases.items():
        gradient = autodiff.value_and_grad(f)
        times = interleaved({"f": lambda f=f, x=x: f(x), "g": lambda g=gradient, x=x: g(x)}, rounds)
        print(f"  {name:32s} n = {np.size(x):7d}   {times['g'] / times['f']:5.2f}")


def report_crossover(rounds: int) -> None:
    """Print the time of a Jacobian by rows (reverse) and by columns (forward) of a map from n to m numbers."""
    rng = np.random.default_rng(2)
    print("\nJacobian of x ↦ tanh(B tanh(A x)), A 200×n, B m×200")
    for n, m in ((8, 128), (16, 64), (24, 48), (32, 32), (48, 24), (64, 16), (128, 8)):
        A, B, x = rng.standard_normal((200, n)) / n, rng.standard_normal((m, 200)) / 200, rng.standard_normal(n)

        def f(x: Any, A: np.ndarray = A, B: np.ndarray = B) -> Any:
            return np.tanh(B @ np.tanh(A @ x))

        by = {way: autodiff.jacobian(f, way) for way in ("rows", "columns")}
        times = interleaved({way: lambda J=J, x=x: J(x) for way, J in by.items()}, rounds)
        faster = min(times, key=times.get)
        print(f"  n = {n:3d} inputs, m = {m:3d} outputs: rows (reverse) {1e3 * times['rows']:6.2f} ms, "
              f"columns (forward) {1e3 * times['columns']:6.2f} ms, faster: {faster}")


def peak_memory(run: Callable[[], Any]) -> float:
    """Return the largest memory, in MiB, that a run holds at a time."""
    tracemalloc.start()
    run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


def report_hessian_products(rounds: int) -> None:
    """Print time and memory of a Hessian-vector product, two ways, beside gradient and full Hessian."""
    parameters, X, Y = network_problem(SMALL)
    shapes, stops = [p.shape for p in parameters], np.cumsum([p.size for p in parameters])
    loss = network_loss(np, autodiff.logsumexp)

    def f(theta: Any) -> Any:
        parts = [theta[stop - int(np.prod(shape)):stop].reshape(shape)
                 for shape, stop in zip(shapes, stops, strict=True)]
        return loss(parts, X, Y)

    theta = np.concatenate([p.ravel() for p in parameters])
    v = np.random.default_rng(3).standard_normal(theta.size)
    runs = {"function": lambda: f(theta), "gradient": lambda: autodiff.grad(f)(theta),
            "hvp, forward over reverse": lambda: autodiff.hvp(f, theta, v),
            "hvp, reverse over reverse": lambda: autodiff.hvp(f, theta, v, mode="reverse-over-reverse")}
    times = interleaved(runs, 5 * rounds)
    start = time.perf_counter()
    H = autodiff.hessian(f)(theta)
    times["full Hessian"] = time.perf_counter() - start
    runs["full Hessian"] = lambda: autodiff.hessian(f)(theta)
    error = max(np.abs(run() - H @ v).max() / np.abs(H @ v).max() for name, run in runs.items() if "hvp" in name)
    print(f"\nHessian of the small network, n = {theta.size} parameters (hvp = Hv to {error:.0e})")
    for name, run in runs.items():
        print(f"  {name:26s} {1e3 * times[name]:9.2f} ms   {times[name] / times['gradient']:8.2f} × gradient   "
              f"{peak_memory(run):7.2f} MiB")


def report_agreement_with_jax() -> None:
    """Print the largest relative difference of gradients from jax's over the cases of the test of primitives."""
    if not importlib.util.find_spec("jax"):
        print("\njax is not installed: no comparison with it")
        return
    import jax
    import jax.numpy as jnp
    jax.config.update("jax_enable_x64", True)
    path = Path(__file__).parents[1] / "labkit" / "autodiff" / "test_primitives.py"
    spec = importlib.util.spec_from_file_location("primitive_cases", path)
    cases = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(cases)
    cases.EXTRA[jnp] = SimpleNamespace(sigmoid=jax.nn.sigmoid, logsumexp=lambda a, axis=-1, keepdims=False:
                                       jax.nn.logsumexp(a, axis=axis, keepdims=keepdims))
    gaps, refused = {}, {}
    for name, (f, x) in cases.ALL.items():
        value, pullback = autodiff.vjp(lambda x, f=f: f(np, x), x)
        weights = np.random.default_rng(5).standard_normal(np.shape(value))
        try:
            theirs = jax.grad(lambda x, f=f, w=weights: jnp.sum(w * f(jnp, x)))(jnp.asarray(x))
        except (TypeError, NotImplementedError, AttributeError, ValueError) as error:
            refused[name] = f"{type(error).__name__}: {str(error).splitlines()[0][:70]}"
            continue
        gaps[name] = np.abs(pullback(weights) - theirs).max() / max(np.abs(theirs).max(), 1e-300)
    worst = max(gaps, key=gaps.get)
    print(f"\nagreement with jax {jax.__version__} in float64: {sum(gap <= 1e-12 for gap in gaps.values())} of "
          f"{len(gaps)} cases to 1e-12; the largest relative difference is {gaps[worst]:.1e} ({worst})")
    for name, reason in refused.items():
        print(f"  jax does not take the case {name!r}: {reason}")


def main() -> None:
    """Run all benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    rounds = 5 if parser.parse_args().quick else 40
    report_networks(rounds)
    report_cheap_gradient(rounds)
    report_crossover(rounds)
    report_hessian_products(rounds)
    report_agreement_with_jax()


if __name__ == "__main__":
    main()
