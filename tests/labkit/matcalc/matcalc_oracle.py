"""Oracles that share no code with labkit.matcalc: Python evaluates the text, HIPS autograd differentiates it."""

import autograd
import autograd.numpy as anp
import numpy as np


def _norm(a, kind="fro"):
    if kind == "nuc":
        return anp.sum(anp.linalg.svd(a, full_matrices=False)[1])
    if kind == 2 and min(a.shape) > 1:
        return anp.max(anp.linalg.svd(a, full_matrices=False)[1])
    return anp.sum(anp.abs(a)) if kind == 1 else anp.sqrt(anp.sum(a * a))


def _lse(a):
    top = anp.max(a)
    return top + anp.log(anp.sum(anp.exp(a - top)))


def _diag(a):
    return a * anp.eye(a.shape[0]) if a.shape[1] == 1 else anp.sum(a * anp.eye(a.shape[0]), axis=1, keepdims=True)


def _ones(rows, cols=1):
    return np.ones((int(np.squeeze(rows)), int(np.squeeze(cols))))


NAMESPACE = {
    "tr": anp.trace,
    "inv": anp.linalg.inv,
    "det": anp.linalg.det,
    "logdet": lambda a: anp.linalg.slogdet(a)[1],
    "inner": lambda a, b: anp.sum(a * b),
    "sum": anp.sum,
    "norm": _norm,
    "logsumexp": _lse,
    "softmax": lambda a: anp.exp(a - _lse(a)),
    "log_softmax": lambda a: a - _lse(a),
    "diag": _diag,
    "ones": _ones,
    "eye": lambda n: np.eye(int(np.squeeze(n))),
    "exp": anp.exp,
    "log": anp.log,
    "sin": anp.sin,
    "cos": anp.cos,
    "tan": anp.tan,
    "sinh": anp.sinh,
    "cosh": anp.cosh,
    "tanh": anp.tanh,
    "arctan": anp.arctan,
    "sqrt": anp.sqrt,
    "abs": anp.abs,
    "sigmoid": lambda a: 1 / (1 + anp.exp(-a)),
    "softplus": lambda a: anp.logaddexp(0, a),
    "relu": lambda a: anp.where(a > 0, a, 0.0),
    "step": lambda a: 1.0 * (a > 0),
    "sign": anp.sign,
}


def value(text, point):
    """Return the number that Python makes of the text at a point, as a 2-D array or a scalar."""
    names = {n: v if v.size > 1 else v[0, 0] for n, v in point.items()}
    return eval(text, {"__builtins__": {}}, {**NAMESPACE, **names})


def gradient(text, variable, point):
    """Return the gradient by reverse-mode differentiation with autograd."""
    f = autograd.grad(lambda X: anp.sum(eval(text, {"__builtins__": {}}, {**NAMESPACE, **point, variable: X})))
    return f(point[variable])
