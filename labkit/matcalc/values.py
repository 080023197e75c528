"""Numbers for expressions: their values at a point, written so that `labkit.autodiff` can differentiate them.

A value is only given where rounding has not spoiled it: no inverse with a condition number above 1e6, no logarithm
of a negative number, no kink nearby. Elsewhere InfeasibleError says why.
"""

from collections.abc import Callable, Mapping
from functools import reduce

import numpy as np

from labkit.autodiff import grad, logsumexp, sigmoid
from labkit.autodiff.trace import raw
from labkit.matcalc.expressions import ELEMENTWISE, Expr
from labkit.matcalc.rules import work_out

Point = Mapping[str, np.ndarray]
NEAR = 1e-6


class InfeasibleError(ArithmeticError):
    """The expression has no trustworthy value at this point; the message says why."""


def _need(holds: object, why: str) -> None:
    if not holds:
        raise InfeasibleError(why)


def _positive(u: np.ndarray) -> bool: return bool(np.all(u > NEAR))
def _nonzero(u: np.ndarray) -> bool: return bool(np.all(np.abs(u) > NEAR))
def _lse(u: np.ndarray) -> np.ndarray: return logsumexp(u, axis=None, keepdims=True)
def _scalar(x: float) -> np.ndarray: return np.reshape(x, (1, 1))


ENTRIES: dict[str, Callable] = {
    **{name: getattr(np, name) for name in ELEMENTWISE if hasattr(np, name)}, "sigmoid": sigmoid,
    "softplus": lambda u: np.logaddexp(0, u), "relu": lambda u: np.maximum(u, 0), "step": lambda u: 1.0 * (u > 0),
}
DOMAINS = {"log": _positive, "sqrt": _positive, "tan": lambda u: np.all(np.abs(np.cos(u)) > 0.05),
           **dict.fromkeys(("relu", "abs", "sign", "step"), _nonzero)}


def _fn(name: str, u: np.ndarray) -> np.ndarray:
    where = "outside its domain" if name in ("log", "sqrt", "tan") else "at a kink"
    _need(name not in DOMAINS or DOMAINS[name](u), f"an argument of {name} is {where}")
    return ENTRIES[name](u)


def _regular(A: np.ndarray) -> np.ndarray:
    _need(np.isfinite(A).all() and np.linalg.cond(raw(A)) < 1e6, "a matrix to be inverted is nearly singular")
    return A


def _logdet(A: np.ndarray) -> np.ndarray:
    sign, value = np.linalg.slogdet(_regular(A))
    _need(sign > 0, "a determinant under the logarithm is not positive")
    return _scalar(value)


def _pow(u: np.ndarray, k: object) -> np.ndarray:
    _need(k.denominator == 1 or _positive(u), "the base of a broken power is not positive")
    _need(k > 0 or _nonzero(u), "zero is raised to a negative power")
    return u ** (int(k) if k.denominator == 1 else float(k))


def _quotient(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    _need(_nonzero(b), "a denominator is zero")
    return a / b


def _norm(kind: str, A: np.ndarray) -> float:
    s = np.linalg.svd(raw(A), compute_uv=False)
    _need(np.linalg.norm(s) > NEAR, "a norm is taken at zero (a kink)")
    _need(kind != "nuc" or s[-1] > 1e-3, "a matrix under the nuclear norm is nearly rank deficient (a kink)")
    _need(kind != "spectral" or len(s) < 2 or s[0] - s[1] > 1e-3 * s[0],
          "the largest singular value is repeated (a kink)")
    return np.linalg.norm(A, {"nuc": "nuc", "spectral": 2}.get(kind, "fro"))


VALUES: dict[str, Callable[..., np.ndarray]] = {
    "add": lambda e, *a: reduce(np.add, a), "mul": lambda e, *a: reduce(np.matmul, a),
    "had": lambda e, a, b: a * b, "scale": lambda e, s, a: s * a, "div": lambda e, a, b: _quotient(a, b),
    "pow": lambda e, u: _pow(u, e.data), "fn": lambda e, u: _fn(e.data, u), "T": lambda e, a: a.T,
    "inv": lambda e, a: np.linalg.inv(_regular(a)), "tr": lambda e, a: _scalar(np.trace(a)),
    "det": lambda e, a: _scalar(np.linalg.det(a)), "logdet": lambda e, a: _logdet(a),
    "diag": lambda e, u: np.diag(u[:, 0]), "diagonal": lambda e, a: np.diag(a)[:, None],
    "norm": lambda e, a: _scalar(_norm(e.data, a)), "polar": lambda e, a: grad(lambda A: _norm("nuc", A))(a),
    "dyad": lambda e, a: grad(lambda A: _norm("spectral", A))(a), "logsumexp": lambda e, u: _lse(u),
    "softmax": lambda e, u: np.exp(u - _lse(u)), "log_softmax": lambda e, u: u - _lse(u),
}

def _leaf(e: Expr, point: Point) -> np.ndarray:
    if e.op == "number":
        return _scalar(float(e.data))
    if e.op in ("symbol", "d", "size"):
        return point[e.data if e.op == "size" else e.data[0] if e.op == "symbol" else "d" + e.data.data[0]]
    rows, cols = (int(n) if n.isdigit() else round(point[n].item()) for n in e.shape)
    return np.eye(rows) if e.op == "eye" else np.full((rows, cols), float(e.op == "ones"))


def evaluate(e: Expr, point: Point, memo: dict[Expr, np.ndarray] | None = None) -> np.ndarray:
    """Return the value of `e` at a point, which maps names (and sizes) to 2-D arrays; raise InfeasibleError."""
    with np.errstate(all="ignore"):
        return _value(e, point, {} if memo is None else memo)


def _value(e: Expr, point: Point, memo: dict[Expr, np.ndarray]) -> np.ndarray:
    if e not in memo:
        if e.op == "d" and e.args[0] != e.data:
            memo[e] = _value(work_out(e, e.data), point, memo)
        elif not e.args or e.op == "d":
            memo[e] = _leaf(e, point)
        else:
            value = VALUES[e.op](e, *[_value(a, point, memo) for a in e.args])
            _need(np.abs(value).max() < 1e12, f"{e.op} overflows")  # NaN fails too
            memo[e] = value
    return memo[e]
