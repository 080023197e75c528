"""Numbers for expressions: values, and exact tangents by forward-mode differentiation.

A value is only given where rounding has not spoiled it: no inverse with a condition number above 1e6, no logarithm
of a negative number, no kink nearby. Elsewhere InfeasibleError says why.
"""

from collections.abc import Callable, Mapping
from functools import reduce

import numpy as np

from labkit.matcalc.expressions import Expr
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
def _sigmoid(u: np.ndarray) -> np.ndarray: return 0.5 * (1 + np.tanh(u / 2))
def _scalar(x: float) -> np.ndarray: return np.array([[x]])


# Of each element-wise function the value and the derivative; of some of them, what must hold of the entries.
ENTRIES: dict[str, tuple[Callable, Callable]] = {
    "exp": (np.exp, np.exp), "log": (np.log, lambda u: 1 / u), "sqrt": (np.sqrt, lambda u: 0.5 / np.sqrt(u)),
    "sin": (np.sin, np.cos), "cos": (np.cos, lambda u: -np.sin(u)), "tan": (np.tan, lambda u: np.cos(u)**-2),
    "sinh": (np.sinh, np.cosh), "cosh": (np.cosh, np.sinh), "tanh": (np.tanh, lambda u: np.cosh(u)**-2),
    "arctan": (np.arctan, lambda u: 1 / (1 + u**2)), "sigmoid": (_sigmoid, lambda u: _sigmoid(u) * _sigmoid(-u)),
    "softplus": (lambda u: np.logaddexp(0, u), _sigmoid), "abs": (np.abs, np.sign),
    "relu": (lambda u: np.maximum(u, 0), lambda u: 1.0 * (u > 0)), "sign": (np.sign, np.zeros_like),
    "step": (lambda u: 1.0 * (u > 0), np.zeros_like),
}
DOMAINS = {"log": _positive, "sqrt": _positive, "tan": lambda u: np.all(np.abs(np.cos(u)) > 0.05),
           **dict.fromkeys(("relu", "abs", "sign", "step"), _nonzero)}


def _fn(name: str, u: np.ndarray) -> np.ndarray:
    where = "outside its domain" if name in ("log", "sqrt", "tan") else "at a kink"
    _need(name not in DOMAINS or DOMAINS[name](u), f"an argument of {name} is {where}")
    return ENTRIES[name][0](u)


def _regular(A: np.ndarray) -> np.ndarray:
    _need(np.isfinite(A).all() and np.linalg.cond(A) < 1e6, "a matrix to be inverted is nearly singular")
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


def _norm(kind: str, A: np.ndarray) -> tuple[float, np.ndarray]:
    """Return a norm and its gradient."""
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    frobenius = np.linalg.norm(s)
    _need(frobenius > NEAR, "a norm is taken at zero (a kink)")
    if kind == "nuc":
        _need(s[-1] > 1e-3, "a matrix under the nuclear norm is nearly rank deficient (a kink)")
        return s.sum(), U @ Vt
    if kind == "spectral":
        _need(len(s) < 2 or s[0] - s[1] > 1e-3 * s[0], "the largest singular value is repeated (a kink)")
        return s[0], np.outer(U[:, 0], Vt[0])
    return frobenius, A / frobenius


def _lse(u: np.ndarray) -> np.ndarray:
    return _scalar(u.max() + np.log(np.exp(u - u.max()).sum()))


VALUES: dict[str, Callable[..., np.ndarray]] = {
    "add": lambda e, *a: reduce(np.add, a), "mul": lambda e, *a: reduce(np.matmul, a),
    "had": lambda e, a, b: a * b, "scale": lambda e, s, a: s * a, "div": lambda e, a, b: _quotient(a, b),
    "pow": lambda e, u: _pow(u, e.data), "fn": lambda e, u: _fn(e.data, u), "T": lambda e, a: a.T,
    "inv": lambda e, a: np.linalg.inv(_regular(a)), "tr": lambda e, a: _scalar(np.trace(a)),
    "det": lambda e, a: _scalar(np.linalg.det(a)), "logdet": lambda e, a: _logdet(a),
    "diag": lambda e, u: np.diag(u[:, 0]), "diagonal": lambda e, a: np.diag(a)[:, None],
    "norm": lambda e, a: _scalar(_norm(e.data, a)[0]), "polar": lambda e, a: _norm("nuc", a)[1],
    "dyad": lambda e, a: _norm("spectral", a)[1], "logsumexp": lambda e, u: _lse(u),
    "softmax": lambda e, u: np.exp(u - _lse(u)), "log_softmax": lambda e, u: u - _lse(u),
}
# The tangent of each operation: its value v, arguments a, and their tangents t.
TANGENTS: dict[str, Callable[..., np.ndarray]] = {
    "add": lambda e, v, a, t: reduce(np.add, t),
    "mul": lambda e, v, a, t: sum(reduce(np.matmul, (*a[:i], ti, *a[i + 1:])) for i, ti in enumerate(t)),
    "had": lambda e, v, a, t: t[0] * a[1] + a[0] * t[1],
    "scale": lambda e, v, a, t: t[0] * a[1] + a[0] * t[1],
    "div": lambda e, v, a, t: (t[0] - v * t[1]) / a[1],
    "pow": lambda e, v, a, t: float(e.data) * np.float_power(a[0], float(e.data - 1)) * t[0],
    "fn": lambda e, v, a, t: ENTRIES[e.data][1](a[0]) * t[0],
    "inv": lambda e, v, a, t: -v @ t[0] @ v,
    "det": lambda e, v, a, t: v * np.trace(np.linalg.solve(a[0], t[0])),
    "logdet": lambda e, v, a, t: _scalar(np.trace(np.linalg.solve(a[0], t[0]))),
    "norm": lambda e, v, a, t: _scalar(np.sum(_norm(e.data, a[0])[1] * t[0])),
    "logsumexp": lambda e, v, a, t: _scalar(np.sum(np.exp(a[0] - v) * t[0])),
    "softmax": lambda e, v, a, t: v * (t[0] - np.sum(v * t[0])),
    "log_softmax": lambda e, v, a, t: t[0] - np.sum(np.exp(v) * t[0]),
    **{op: (lambda e, v, a, t, op=op: VALUES[op](e, t[0])) for op in ("T", "tr", "diag", "diagonal")},
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


def tangent(e: Expr, point: Point, wrt: str, direction: np.ndarray, values: dict, memo: dict) -> np.ndarray:
    """Return the derivative of `e` along a direction of the variable; `values` and `memo` fill up on the way."""
    if e not in memo:
        if e.op == "symbol" and e.data[0] == wrt:
            memo[e] = direction
        elif wrt not in e.names:
            memo[e] = np.zeros_like(evaluate(e, point, values))
        else:
            t = [tangent(a, point, wrt, direction, values, memo) for a in e.args]
            value, args = evaluate(e, point, values), [evaluate(a, point, values) for a in e.args]
            memo[e] = TANGENTS[e.op](e, value, args, t)
    return memo[e]
