"""The table of derivative rules, one line for each function.

For a function of entries the line has its partial derivatives in terms of the value z and the arguments x, y; for
a sum or the like ∂z/∂x; for the others, what the argument receives when z has the adjoint g. A leading underscore
marks what is at most read for its shape. Rules use numpy as users do, so they can be differentiated in turn.

At a kink a subgradient is taken: 0 for ``abs`` and a norm at 0, equal shares for all that attain a max or min.
"""

import operator
from math import prod
from typing import Any

import numpy as np

from labkit.autodiff.trace import (
    CONSTANT,
    FUNCTIONS,
    UFUNCS,
    Outline,
    Primitive,
    Rule,
    Traced,
    raw,
    times,
    unbroadcast,
)


def elementwise(function: Rule, *partials: Rule | None, name: str | None = None) -> Primitive:
    """Make a primitive of a function that acts entry by entry, from its partial derivatives ∂z/∂xₖ (None: 1)."""
    return Primitive(
        function, lambda k: lambda g, z, *args: unbroadcast(times(g, partials[k], z, args), args[k]),
        lambda k: lambda t, z, *args: np.broadcast_to(times(t, partials[k], z, args), z.shape), name, partials)

def _log_of_base(x: Any, y: Any) -> Any:
    """Return log x for the derivative of xʸ by y, which is 0 at x = 0 for y > 0."""
    return np.log(np.where((raw(x) == 0) & (raw(y) > 0), 1.0, x))


def _share(x: Any, y: Any, x_wins: Any) -> Any:
    return np.where(raw(x) == raw(y), 0.5, x_wins)


for _rule in (
    elementwise(np.add, None, None),
    elementwise(np.subtract, None, lambda _z, _x, _y: -1.0),
    elementwise(np.multiply, lambda _z, _x, y: y, lambda _z, x, _y: x),
    elementwise(np.divide, lambda _z, _x, y: 1.0 / y, lambda z, _x, y: -z / y),
    elementwise(operator.pow, lambda _z, x, y: y * x ** np.where(raw(y) == 0, 1.0, y - 1.0)[()],
                lambda z, x, y: z * _log_of_base(x, y), name="power"),
    elementwise(np.negative, lambda _z, _x: -1.0),
    elementwise(np.positive, None),
    elementwise(np.exp, lambda z, _x: z),
    elementwise(np.expm1, lambda z, _x: z + 1.0),
    elementwise(np.log, lambda _z, x: 1.0 / x),
    elementwise(np.log1p, lambda _z, x: 1.0 / (1.0 + x)),
    elementwise(np.log2, lambda _z, x: 1.0 / (np.log(2.0) * x)),
    elementwise(np.log10, lambda _z, x: 1.0 / (np.log(10.0) * x)),
    elementwise(np.sqrt, lambda z, _x: 0.5 / z),
    elementwise(np.square, lambda _z, x: 2.0 * x),
    elementwise(np.reciprocal, lambda z, _x: -z * z),
    elementwise(np.absolute, lambda _z, x: np.sign(x)),
    elementwise(np.sin, lambda _z, x: np.cos(x)),
    elementwise(np.cos, lambda _z, x: -np.sin(x)),
    elementwise(np.tan, lambda z, _x: 1.0 + z * z),
    elementwise(np.arcsin, lambda _z, x: 1.0 / np.sqrt(1.0 - x * x)),
    elementwise(np.arccos, lambda _z, x: -1.0 / np.sqrt(1.0 - x * x)),
    elementwise(np.arctan, lambda _z, x: 1.0 / (1.0 + x * x)),
    elementwise(np.sinh, lambda _z, x: np.cosh(x)),
    elementwise(np.cosh, lambda _z, x: np.sinh(x)),
    elementwise(np.tanh, lambda z, _x: 1.0 - z * z),
    elementwise(np.logaddexp, lambda z, x, _y: np.exp(x - z), lambda z, _x, y: np.exp(y - z)),
    elementwise(np.maximum, lambda _z, x, y: _share(x, y, x > y), lambda _z, x, y: _share(x, y, y > x)),
    elementwise(np.minimum, lambda _z, x, y: _share(x, y, x < y), lambda _z, x, y: _share(x, y, y < x)),
):
    UFUNCS[getattr(np, _rule.name)] = _rule
sigmoid = elementwise(lambda x: np.exp(-np.logaddexp(0.0, np.negative(x))), lambda z, x: z * sigmoid(-x),
                      name="sigmoid")


# --- moving, repeating and leaving out entries -----------------------------------------------------------------

def _scatter(g: Any, key: Any, shape: tuple[int, ...]) -> Any:
    """Return zeros of the shape with g added where `key` points; a place that it names twice gets both."""
    out = np.zeros(shape)
    if any(isinstance(part, (list, np.ndarray)) for part in (key if isinstance(key, tuple) else (key,))):
        np.add.at(out, key, g)
    else:
        out[key] = g
    return out


def _part(g: Any, k: int, arrays: tuple, axis: int) -> Any:
    """Return the part of g along `axis` that belongs to the k-th of the concatenated arrays."""
    start, axis = sum(a.shape[axis] for a in arrays[:k]), axis % g.ndim
    return g[(slice(None),) * axis + (slice(start, start + arrays[k].shape[axis]),)]


getitem = Primitive(lambda x, key: x[key], (lambda g, _z, _x, key: scatter(g, key=key, shape=_x.shape),),
                    name="getitem", options="key", selects=True)
scatter = Primitive(_scatter, (lambda g, _z, _x, key, shape: g[key],), name="scatter", options="key shape",
                    selects=True)
transpose = Primitive(np.transpose, (lambda g, _z, _x, axes=None: np.transpose(
    g, None if axes is None else np.argsort(axes)),), options="axes", selects=True)
reshape = Primitive(lambda x, shape: np.reshape(x, shape), (lambda g, _z, _x, shape: np.reshape(g, _x.shape),),
                    name="reshape", options="shape", selects=True)
repeat = Primitive(np.broadcast_to, (lambda g, _z, _x, shape: unbroadcast(g, _x),), options="shape", selects=True)
where = Primitive(
    np.where,
    (None, lambda g, _z, c, _x, _y: unbroadcast(np.where(c, g, 0.0), _x),
     lambda g, _z, c, _x, _y: unbroadcast(np.where(c, 0.0, g), _y)),
    (None, lambda t, z, c, x, y: np.broadcast_to(np.where(c, t, 0.0), z.shape),
     lambda t, z, c, x, y: np.broadcast_to(np.where(c, 0.0, t), z.shape)), selects=True)
concatenate = Primitive(
    lambda *arrays, axis: np.concatenate(arrays, axis),
    lambda k: lambda g, _z, *arrays, axis: _part(g, k, arrays, axis),
    lambda k: lambda t, z, *arrays, axis: np.concatenate(
        [t if i == k else np.zeros(a.shape) for i, a in enumerate(arrays)], axis),
    name="concatenate", options="axis", selects=True)


# --- sums and the like -----------------------------------------------------------------------------------------

def reduction(function: Rule, weights: Rule, name: str, selects: bool = False, every: Any = None) -> Primitive:
    """Make a primitive of a function along axes (`every` if none are given) from ∂z/∂x = weights(z, x, axis)."""
    def restore(g: Any, axis: Any, keepdims: bool) -> Any:
        return g if keepdims or axis is None or type(g) is Outline else np.expand_dims(g, axis)

    def vjp(g: Any, z: Any, x: Any, axis: Any = every, keepdims: bool = False) -> Any:
        return np.broadcast_to(restore(g, axis, keepdims) * weights(restore(z, axis, keepdims), x, axis), x.shape)

    def jvp(t: Any, z: Any, x: Any, axis: Any = every, keepdims: bool = False) -> Any:
        return np.sum(t * weights(restore(z, axis, keepdims), x, axis), axis=axis, keepdims=keepdims)

    return Primitive(function, (vjp,), (jvp,), name, reads=weights, options="axis keepdims", selects=selects)


def _ties(z: Any, x: Any, axis: Any) -> Any:
    attained = raw(x) == raw(z)
    return attained / attained.sum(axis=axis, keepdims=True)


def _logsumexp(x: Any, axis: Any = -1, keepdims: bool = False) -> Any:
    """Return log Σ exp(x) along an axis, the last one if none is given, without overflow."""
    top = np.max(x, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    z = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return z if keepdims else np.squeeze(z, axis=axis)[()]


def _two_norm(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the root of the sum of squares, of scaled entries, so that no square leaves the range."""
    top = np.max(np.abs(x), axis=axis, keepdims=True, initial=0.0)
    top = np.where(top > 0, top, 1.0)
    z = top * np.sqrt(np.sum((x / top) ** 2, axis=axis, keepdims=True))
    return z if keepdims else np.squeeze(z, axis=axis)[()]


total = reduction(np.sum, lambda _z, _x, axis: 1.0, "sum", selects=True)
mean = reduction(np.mean, lambda _z, _x, axis: prod(_z.shape) / prod(_x.shape), "mean", selects=True)
largest = reduction(np.max, lambda z, x, axis: _ties(z, x, axis), "max", selects=True)
logsumexp = reduction(_logsumexp, lambda z, x, axis: np.exp(x - z), "logsumexp", every=-1)
two_norm = reduction(_two_norm, lambda z, x, axis: x / np.where(raw(z) == 0, 1.0, z), "norm")


# --- matrix products -------------------------------------------------------------------------------------------

def mT(x: Any) -> Any:
    """Transpose the last two axes."""
    return np.transpose(x) if x.ndim == 2 else np.swapaxes(x, -1, -2)


def _product_left(g: Any, _z: Any, _x: Any, y: Any) -> Any:
    """Return the adjoint of X in XY, which is G Yᵀ; a vector is a row on the left, a column on the right."""
    if y.ndim == 1:
        return unbroadcast(g[..., None] * y if _x.ndim > 1 else g * y, _x)
    return unbroadcast((g[..., None, :] @ mT(y))[..., 0, :] if _x.ndim == 1 else g @ mT(y), _x)


def _product_right(g: Any, _z: Any, x: Any, _y: Any) -> Any:
    """Return the adjoint of Y in XY, which is XᵀG."""
    if x.ndim == 1:
        return unbroadcast(x[:, None] * g[..., None, :] if _y.ndim > 1 else x * g, _y)
    return unbroadcast((mT(x) @ g[..., None])[..., 0] if _y.ndim == 1 else mT(x) @ g, _y)


matmul = UFUNCS[np.matmul] = Primitive(np.matmul, (_product_left, _product_right))


# --- numpy's other names ---------------------------------------------------------------------------------------

def _permuted(function: Rule) -> Rule:
    """Express a function that permutes axes by `transpose`: axis k of the model has length k + 1."""
    return lambda x, *args: transpose(x, axes=tuple(
        n - 1 for n in function(np.empty(range(1, x.ndim + 1)), *args).shape))


def _reshaped(function: Rule) -> Rule:
    """Express a function that only changes the shape by `reshape`."""
    return lambda x, *args, **options: reshape(
        x, shape=function(np.broadcast_to(0.0, x.shape), *args, **options).shape)


def _diagonal(x: Any) -> Any:
    if x.ndim != 2:
        raise NotImplementedError(f"the diagonal has a derivative rule for matrices; here the shape is {x.shape}")
    return x[np.arange(min(x.shape)), np.arange(min(x.shape))]


def _transpose(x: Any, *order: Any, axes: Any = None) -> Any:
    order = order[0] if len(order) == 1 else order or axes
    return transpose(x, axes=None if order is None else tuple(order))


def _dot(x: Any, y: Any) -> Any:
    if np.ndim(x) > 2 or np.ndim(y) > 2:
        raise NotImplementedError("np.dot has a derivative rule for at most two axes; use x @ y")
    return x * y if 0 in (np.ndim(x), np.ndim(y)) else matmul(x, y)


def _along_axes(function: Rule) -> Rule:
    """Accept the options that numpy's reductions share, and no others, such as a dtype in the third place."""
    return lambda x, axis=None, *, keepdims=False: function(x, axis=axis, keepdims=keepdims)


def _var(x: Any, axis: Any, keepdims: bool) -> Any:
    return mean((x - mean(x, axis=axis, keepdims=True)) ** 2, axis=axis, keepdims=keepdims)


FUNCTIONS |= {
    Traced.__getitem__: lambda x, i: getitem(x, key=tuple(map(raw, i)) if isinstance(i, tuple) else raw(i)),
    **{function: _along_axes(largest) for function in (np.max, np.amax)},
    np.sum: _along_axes(total), np.mean: _along_axes(mean),
    np.min: _along_axes(lambda x, **options: -largest(-x, **options)),
    np.var: _along_axes(_var), np.std: _along_axes(lambda x, **options: np.sqrt(_var(x, **options))),
    np.clip: lambda x, low, high: np.minimum(np.maximum(x, low), high), np.copy: lambda x: +x,
    np.where: lambda c, x, y: where(raw(c), x, y), np.broadcast_to: lambda x, shape: repeat(x, shape=shape),
    np.reshape: lambda x, *shape: reshape(x, shape=shape[0] if len(shape) == 1 else shape),
    np.transpose: _transpose,
    np.concatenate: lambda arrays, axis=0: concatenate(*arrays, axis=axis),
    np.stack: lambda arrays, axis=0: concatenate(*(np.expand_dims(a, axis) for a in arrays), axis=axis),
    np.dot: _dot, np.vdot: lambda x, y: np.ravel(x) @ np.ravel(y), np.diagonal: _diagonal,
    np.outer: lambda x, y: np.ravel(x)[:, None] * np.ravel(y), np.trace: lambda x: _diagonal(x).sum(),
    np.diag: lambda x: x[:, None] * np.eye(len(x)) if x.ndim == 1 else _diagonal(x),
    np.tril: lambda x, k=0: x * np.tri(*x.shape[-2:], k),
    np.triu: lambda x, k=0: x * (1 - np.tri(*x.shape[-2:], k - 1)),
    **{function: _permuted(function) for function in (np.swapaxes, np.moveaxis, np.matrix_transpose)},
    **{function: _reshaped(function) for function in (np.ravel, np.squeeze, np.expand_dims)},
}
CONSTANT |= {
    np.sign, np.floor, np.ceil, np.trunc, np.rint, np.round, np.greater, np.greater_equal, np.less, np.less_equal,
    np.equal, np.not_equal, np.isfinite, np.isnan, np.isinf, np.logical_and, np.logical_or, np.logical_not,
    np.argmax, np.argmin, np.argsort, np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.allclose,
    np.isclose, np.array_equal, np.iscomplexobj, np.any, np.all, np.count_nonzero,
}


def supported() -> list[str]:
    """Return the names of the numpy functions that can be differentiated.

    >>> {"np.exp", "np.linalg.solve"} <= set(supported())
    True
    """
    return sorted(f"{getattr(f, '__module__', None) or 'np'}.{f.__name__}".replace("numpy", "np")
                  for f in (*UFUNCS, *FUNCTIONS) if f is not Traced.__getitem__)
