"""Derivatives as functions of functions.

In all of them `f` is built from numpy functions that have a derivative rule, and the argument by which it is
differentiated is an array of real floating-point numbers, or a tuple, list or dict of such arrays. A gradient has
the same containers and, by denominator layout, the same shapes. Errors come when the derivative is evaluated:

* TypeError if the argument is of integer type or complex, or `f` writes into a traced array or makes it plain;
* NotImplementedError if `f` uses a function without a rule;
* ValueError if an argument is not finite or has a wrong shape;
* LinAlgError where a matrix function has no derivative.

A derivative that is NaN or infinite comes with a RuntimeWarning. Arrays that `f` closes over must not be changed
between its run and the call of a pullback.
"""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from labkit._arrays import as_array
from labkit.autodiff.trace import Tangents, Tape, Traced, raw

Function = Callable[..., Any]


def leaves(tree: Any) -> list[Any]:
    """Return the arrays in nested tuples, lists and dicts, in order."""
    parts = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, (tuple, list)) else None
    return [tree] if parts is None else [leaf for part in parts for leaf in leaves(part)]


def rebuild(tree: Any, new: Iterator[Any]) -> Any:
    """Return nested containers like `tree`, filled with `new` leaves."""
    if isinstance(tree, dict):
        return {key: rebuild(part, new) for key, part in tree.items()}
    if isinstance(tree, (tuple, list)):
        parts = [rebuild(part, new) for part in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    return next(new)


def floating(leaf: Any, name: str) -> Any:
    """Return a leaf as a float64 array or number; a traced one as it is."""
    if type(leaf) is Traced:
        return leaf
    if np.asarray(leaf).dtype.kind in "iub":
        raise TypeError(f"{name} holds {np.asarray(leaf).dtype} numbers, but derivatives are taken by real ones: "
                        "write 3.0 for 3, or x.astype(float)")
    return as_array(leaf, name)[()]


def _like(tree: Any, others: list[Any], name: str, others_name: str) -> list[Any]:
    """Return copies of the leaves of `tree`, which must have the shapes of `others`."""
    own = [leaf if type(leaf) is Traced else np.array(floating(leaf, name)) for leaf in leaves(tree)]
    shapes, wanted = ([np.shape(leaf) for leaf in part] for part in (own, others))
    if shapes != wanted:
        shapes, wanted = (", ".join(map(str, part)) for part in (shapes, wanted))
        raise ValueError(f"{name} must have the same shape as {others_name}; they have {shapes} and {wanted}")
    return own


def evaluate(f: Function, tree: Any, inputs: list[Traced], trace: Tape | Tangents) -> tuple[Any, list, list[bool]]:
    """Return f of the traced inputs, the leaves of its value, and which of them depend on the inputs."""
    try:
        value = f(rebuild(tree, iter(inputs)))
    finally:
        trace.open = False
    for leaf in leaves(value):
        as_array(raw(leaf), "the value of the function", finite=False)
    return value, leaves(value), [type(leaf) is Traced and leaf.tracer is trace for leaf in leaves(value)]


def _own(derivatives: list[Any], finite: bool = False) -> Iterator[Any]:
    """Yield derivatives in memory of their own, and warn where they are not finite (unless known to be)."""
    seen: set[int] = set()
    for d in derivatives:
        if type(d) is not Traced:
            d = np.asarray(d)
            if not finite and not np.isfinite(d).all():
                warnings.warn("the derivative is NaN or infinite: the function is not differentiable at this "
                              "point, or its value overflows", RuntimeWarning, stacklevel=4)
            d = (d if d.flags.owndata and d.flags.writeable and id(d) not in seen else d.copy())[()]
            seen.add(id(d))
        yield d


def _finite(d: Any) -> bool:
    if type(d) is Traced:
        return _finite(d.value) and not (isinstance(d.tracer, Tangents) and not _finite(d.mark))
    return bool(np.isfinite(d).all())


def vjp(f: Function, x: Any) -> tuple[Any, Function]:
    """Return f(x) and the function u ↦ Jᵀu, by one run in reverse mode; u has the shape of f(x).

    The adjoints are accumulated by equation ``eq-autodiff-backward``.

    >>> value, pullback = vjp(lambda x: np.exp(x) * x[0], np.array([0.0, 1.0]))
    >>> pullback(np.array([1.0, 0.0]))
    array([1., 0.])
    """
    tape = Tape()
    inputs = [tape.watch(floating(leaf, "x")) for leaf in leaves(x)]
    value, out, depends = evaluate(f, x, inputs, tape)
    values = [leaf.value if yes else leaf for leaf, yes in zip(out, depends, strict=True)]

    def pullback(u: Any) -> Any:
        us = _like(u, values, "u", "f(x)")
        seeds = [(leaf.mark, seed) for leaf, seed, yes in zip(out, us, depends, strict=True) if yes]
        with np.errstate(all="ignore"):
            adjoints = tape.backward(seeds)[:len(inputs)]
            finite = all(_finite(a) for a in adjoints if a is not None)
            if not finite:
                adjoints = tape.backward(seeds, careful=True)[:len(inputs)]
        return rebuild(x, _own([np.zeros(leaf.shape) if a is None else a
                                for a, leaf in zip(adjoints, inputs, strict=True)], finite))

    return rebuild(value, iter(values)), pullback


def jvp(f: Function, x: Any, v: Any) -> tuple[Any, Any]:
    """Return f(x) and Jv, by one run in forward mode, which keeps no intermediate values; v has the shape of x.

    >>> value, tangent = jvp(lambda x: x @ x, np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    >>> float(value), float(tangent)
    (5.0, 2.0)
    """
    trace, values = Tangents(), [floating(leaf, "x") for leaf in leaves(x)]
    inputs = [Traced(p, trace, t) for p, t in zip(values, _like(v, values, "v", "x"), strict=True)]
    value, out, depends = evaluate(f, x, inputs, trace)
    pairs = [(leaf.value, leaf.mark) if yes else (leaf, np.zeros(np.shape(leaf)))
             for leaf, yes in zip(out, depends, strict=True)]
    return rebuild(value, (p for p, _ in pairs)), rebuild(value, _own([t for _, t in pairs]))


def value_and_grad(f: Function, argnum: int = 0) -> Function:
    """Return the function that gives both the value of `f` and its gradient; see `grad`.

    >>> value, gradient = value_and_grad(lambda x: (x**2).sum())(np.array([1.0, 2.0]))
    >>> float(value), gradient
    (5.0, array([2., 4.]))
    """
    def derivative(*args: Any, **options: Any) -> tuple[Any, Any]:
        def of_one(x: Any) -> Any:
            full = list(args)
            full[argnum] = x
            return f(*full, **options)

        value, pullback = vjp(of_one, args[argnum])
        if isinstance(value, (tuple, list, dict)) or np.shape(value):
            kind = f"shape {np.shape(value)}" if np.ndim(raw(value)) else type(value).__name__
            raise ValueError(f"a gradient needs a function whose value is one number, not {kind}; use jacobian "
                             "or vjp")
        return value, pullback(1.0)
    return derivative


def grad(f: Function, argnum: int = 0) -> Function:
    """Return the gradient of `f`, whose value is one number, by the argument at position `argnum`.

    >>> grad(lambda x: np.exp(x[0]) * x[1])(np.array([0.0, 2.0]))
    array([2., 1.])
    >>> float(grad(grad(np.sin))(0.5) + np.sin(0.5))
    0.0
    """
    both = value_and_grad(f, argnum)
    return lambda *args, **options: both(*args, **options)[1]


def jacobian(f: Function, by: str = "cheaper") -> Function:
    """Return the Jacobian of a function from array to array, of shape ``f(x).shape + x.shape``.

    It is found by "rows", one backward pass for each entry of f(x), or by "columns", one forward run for each
    entry of x (equation ``eq-autodiff-columns``); if not said, by what needs fewer of them.

    >>> jacobian(lambda x: np.stack([x[0] * x[1], x[0]]))(np.array([2.0, 3.0]))
    array([[3., 2.],
           [1., 0.]])
    """
    if by not in ("cheaper", "rows", "columns"):
        raise ValueError(f'by must be "cheaper", "rows" or "columns"; it is {by!r}')

    def derivative(x: Any) -> Any:
        x = floating(x, "x")
        value, pullback = vjp(f, x)
        m, n, shape = np.size(value), np.size(x), np.shape(value) + np.shape(x)
        if m == 0 or n == 0:
            return np.zeros(shape)
        if by == "rows" or (by == "cheaper" and m <= n):
            return np.reshape(np.stack([pullback(e.reshape(np.shape(value))) for e in np.eye(m)]), shape)
        return np.reshape(np.stack([jvp(f, x, e.reshape(np.shape(x)))[1] for e in np.eye(n)], axis=-1), shape)
    return derivative


def hvp(f: Function, x: Any, v: Any, mode: str = "forward-over-reverse") -> Any:
    """Return the Hessian-vector product ∇²f(x)v without the Hessian.

    It is the derivative of ∇f along v; or, with "reverse-over-reverse", the gradient of x ↦ ⟨∇f(x), v⟩. The two
    agree where the second derivatives are continuous: equation ``eq-autodiff-hvp``.

    >>> hvp(lambda x: (x**3).sum(), np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    array([ 6., 12.])
    """
    if mode == "forward-over-reverse":
        return jvp(grad(f), x, v)[1]
    if mode != "reverse-over-reverse":
        raise ValueError(f'mode must be "forward-over-reverse" or "reverse-over-reverse"; it is {mode!r}')
    directions = _like(v, leaves(x), "v", "x")
    return grad(lambda x: sum(np.sum(g * d) for g, d in zip(leaves(grad(f)(x)), directions, strict=True)))(x)


def hessian(f: Function) -> Function:
    """Return the Hessian of a scalar-valued function of one array, of shape ``x.shape + x.shape``.

    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    return jacobian(grad(f))
