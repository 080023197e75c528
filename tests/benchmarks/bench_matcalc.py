"""labkit.matcalc beside SymPy on the public table of derivatives. Run: python tests/benchmarks/bench_matcalc.py

Each row is handed to SymPy with the same symbolic sizes. Its answer is put into numbers and compared with the
gradient that HIPS autograd computes from the text of the row. *Wrong* means that an answer came without a word
and its numbers (or its shape) are wrong; *raises* covers exceptions, derivatives that SymPy leaves unevaluated,
and answers that it cannot itself turn into numbers. What SymPy has no word for (softmax, nuclear norm, …) is
counted as *cannot be written*. Times are the best of three for labkit (with all lines of the derivation) and one
run of SymPy with its cache cleared.
"""

import signal
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import sympy as sp
from sympy.core.cache import clear_cache

sys.path.insert(0, str(Path(__file__).parents[1] / "labkit" / "matcalc"))
import matcalc_oracle

from labkit.matcalc import derive, rows
from labkit.matcalc.expressions import is_symmetric
from labkit.matcalc.sampling import points
from labkit.matcalc.values import evaluate

PATIENCE = 30


class UnwritableError(Exception):
    """SymPy has no expression for this."""


def dimension(n):
    return sp.Integer(n) if n.isdigit() else sp.Symbol(n, positive=True, integer=True)


def square_root_of_sum(a):
    return sp.sqrt(sp.Trace(a.T * a))


def translate(e):
    """Return the expression as SymPy writes it; 1×1 products become scalars by their trace, as SymPy needs."""
    args = [translate(a) for a in e.args]
    scalar = e.is_scalar
    if e.op == "number":
        return sp.Rational(e.data.numerator, e.data.denominator)
    if e.op == "symbol":
        return sp.Symbol(e.data[0]) if scalar else sp.MatrixSymbol(e.data[0], *map(dimension, e.shape))
    if e.op == "size":
        return dimension(e.data)
    if e.op in ("ones", "eye"):
        return sp.OneMatrix(*map(dimension, e.shape)) if e.op == "ones" else sp.Identity(dimension(e.shape[0]))
    if e.op == "mul":
        product = sp.MatMul(*args)
        return sp.Trace(product) if scalar else product
    if e.op == "add":
        return sp.Add(*args) if scalar else sp.MatAdd(*args)
    if e.op == "scale":
        return args[0] * args[1]
    if e.op == "had":
        return sp.HadamardProduct(*args)
    if e.op == "div":
        return (
            args[0] / args[1]
            if e.args[1].is_scalar
            else sp.HadamardProduct(args[0], sp.HadamardPower(args[1], -1))
        )
    if e.op == "pow":
        k = sp.Rational(e.data.numerator, e.data.denominator)
        return args[0] ** k if scalar else sp.HadamardPower(args[0], k)
    if e.op in ("fn", "norm"):
        return translate_function(e, args[0])
    simple = {
        "T": sp.Transpose,
        "inv": sp.Inverse,
        "tr": sp.Trace,
        "det": sp.Determinant,
        "logdet": lambda a: sp.log(sp.Determinant(a)),
        "diag": sp.DiagMatrix,
        "logsumexp": translate_logsumexp,
    }
    if e.op == "diagonal":
        return sp.MatMul(sp.HadamardProduct(args[0], sp.Identity(args[0].rows)), sp.OneMatrix(args[0].rows, 1))
    if e.op == "log_softmax":
        return args[0] - translate_logsumexp(args[0]) * sp.OneMatrix(args[0].rows, 1)
    if e.op not in simple:
        raise UnwritableError(e.op)
    return simple[e.op](args[0])


def translate_logsumexp(a):
    t = sp.Dummy("t")
    return sp.log(sp.Trace(sp.OneMatrix(1, a.rows) * a.applyfunc(sp.Lambda(t, sp.exp(t)))))


def translate_function(e, a):
    if e.op == "norm":
        if e.data not in ("two", "fro"):
            raise UnwritableError(e.data)
        return square_root_of_sum(a)
    t = sp.Dummy("t", real=True)
    known = {
        "exp": sp.exp(t),
        "log": sp.log(t),
        "sin": sp.sin(t),
        "cos": sp.cos(t),
        "tanh": sp.tanh(t),
        "sqrt": sp.sqrt(t),
        "sigmoid": 1 / (1 + sp.exp(-t)),
        "softplus": sp.log(1 + sp.exp(t)),
        "relu": sp.Max(t, 0),
        "abs": sp.Abs(t),
    }
    if e.data not in known:
        raise UnwritableError(e.data)
    return known[e.data].subs(t, a) if e.is_scalar else a.applyfunc(sp.Lambda(t, known[e.data]))


def numbers(answer, point):
    """Return SymPy's answer at a point: sizes first, then every matrix as an explicit one."""
    sizes = {dimension(n): int(v.item()) for n, v in point.items() if n in "mnpqk"}
    answer = answer.subs(sizes)
    explicit = {sp.MatrixSymbol(n, *v.shape): sp.ImmutableMatrix(v) for n, v in point.items() if v.size > 1}
    scalars = {sp.Symbol(n): v.item() for n, v in point.items() if v.size == 1}
    value = answer.subs(scalars).subs(explicit).doit()
    value = value.as_explicit() if hasattr(value, "as_explicit") else value
    return np.array(sp.Matrix(value).evalf().tolist() if hasattr(value, "shape") else [[sp.N(value)]], dtype=float)


def alarm(*_):
    raise TimeoutError


def sympy_verdict(row, D, point):
    """Return (verdict, seconds) of SymPy on a row."""
    try:
        f = translate(D.f)
        x = translate(D.wrt)
    except (UnwritableError, TypeError, ValueError, AttributeError):
        return "cannot be written", 0.0
    clear_cache()
    start = time.perf_counter()
    signal.alarm(PATIENCE)
    try:
        answer = sp.diff(f, x)
        seconds = time.perf_counter() - start
        value = numbers(answer, point)
    except TimeoutError:
        return "raises", float(PATIENCE)
    except Exception:  # whatever SymPy raises is one of the outcomes that are counted
        return "raises", time.perf_counter() - start
    finally:
        signal.alarm(0)
    right = matcalc_oracle.gradient(row.expression, row.wrt, point)
    # Without declared symmetry SymPy answers for a general matrix, and either layout is taken as right.
    for candidate in (value, value.T):
        if candidate.shape == right.shape and np.allclose(candidate, right, rtol=1e-6, atol=1e-9):
            return "right", seconds
    return "wrong", seconds


def main():
    signal.signal(signal.SIGALRM, alarm)
    tally, times, right_rows = Counter(), [], []
    derive("tr(X)", "X", "X: n,n")
    print(f"{'row':40} {'labkit':>18} {'SymPy ' + sp.__version__:>26}")
    for row in rows():
        best = min(timed(row) for _ in range(3))
        D = row.derive()
        point = next(points([D.f, D.gradient, D.wrt], 1, np.random.default_rng(3)))
        G, right = evaluate(D.gradient, point), matcalc_oracle.gradient(row.expression, row.wrt, point)
        right = (right + right.T) / 2 if is_symmetric(D.wrt) else right
        own = "right" if np.allclose(G, right, rtol=1e-7, atol=1e-9) else "wrong"
        verdict, seconds = sympy_verdict(row, D, point)
        tally["labkit " + own] += 1
        tally["SymPy " + verdict] += 1
        if seconds:
            times.append((best, seconds))
            right_rows.append(verdict == "right")
        print(f"{row.name[:40]:40} {own:>8} {best * 1e3:6.2f} ms {verdict:>17} {seconds * 1e3:8.1f} ms")
    ours, theirs = map(np.array, zip(*times, strict=True))
    print(dict(tally))
    report(f"the {len(times)} rows that SymPy can write", ours, theirs)
    good = np.array(right_rows)
    report(f"the {good.sum()} rows that SymPy gets right", ours[good], theirs[good])


def report(title, ours, theirs):
    print(
        f"time on {title}: labkit {ours.sum():.3f} s, SymPy {theirs.sum():.3f} s, "
        f"ratio {theirs.sum() / ours.sum():.0f}; median of the ratios {np.median(theirs / ours):.0f}"
    )


def timed(row):
    start = time.perf_counter()
    row.derive()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
