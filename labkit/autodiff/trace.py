"""Values that remember how they came about, and the two ways to remember: a tape and tangents.

A `Traced` value stands for an array while a function is differentiated. Every operation on it runs in numpy and
leaves a note: in reverse mode a record on a `Tape`, in forward mode a tangent. Transformations nest, because the
array inside may be traced itself, by an outer run. Each run has a level, and the innermost run that is involved in
an operation takes the note; so no run ever mistakes another's derivative for its own.
"""

import itertools
from collections import namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

Rule = Callable[..., Any]
UFUNCS: dict[Rule, Rule] = {}
FUNCTIONS: dict[Rule, Rule] = {}  # numpy's other functions
CONSTANT: set[Rule] = set()  # locally constant, or about shapes: computed on plain arrays
Outline = namedtuple("Outline", "shape ndim")  # what a tape keeps of an array whose entries no rule reads
_levels = itertools.count()


class Tape:
    """Reverse mode: a list of records (primitive, value, arguments, options, parents) in order of execution.

    Parents map the position of an argument to that of its record. They stand before their children, so the list is
    a topological order of the computational graph, and going through it backwards needs no recursion.
    """

    def __init__(self, keep: bool = False) -> None:
        self.level, self.open, self.keep = next(_levels), True, keep  # keep all values and adjoints, for pictures
        self.records: list[Any] = []
        self.names: dict[int, str] = {}

    def watch(self, value: Any) -> "Traced":
        """Put an input on the tape."""
        self.records.append(None)
        return Traced(value, self, len(self.records) - 1)

    def note(self, primitive: "Primitive", value: Any, args: list, options: dict, parents: dict) -> int:
        """Append a record, with outlines of the arrays that its rules do not read, and return its position."""
        record = [value, *args]
        for i in () if self.keep else primitive.spare(tuple(parents), len(record)):
            if type(record[i]) is np.ndarray or type(record[i]) is Traced:
                record[i] = Outline(record[i].shape, record[i].ndim)
        self.records.append((primitive, record[0], record[1:], options, parents))
        return len(self.records) - 1

    def backward(self, seeds: list[tuple[int, Any]], careful: bool = False) -> list[Any]:
        """Return the adjoints of the inputs (if kept, of all records), given (position, adjoint) of the outputs.

        If `careful`, nothing flows from entries that a selection (where, indexing, max) left out.
        ``where(x > 0, log(x), 0)`` at 0 sends the adjoint 0 into log, whose derivative is ∞, and 0·∞ would be NaN.
        """
        adjoints, live = [None] * len(self.records), [False] * len(self.records)
        for j, seed in seeds:
            adjoints[j], live[j] = _sum(adjoints[j], seed), np.ones(seed.shape, bool)
        for i in reversed(range(len(adjoints))):
            if adjoints[i] is None or self.records[i] is None:
                continue
            primitive, value, args, options, parents = self.records[i]
            for k, j in parents.items():
                if careful:
                    sent, alive = primitive.live_vjp(k, adjoints[i], live[i], value, args, options)
                    live[j] = live[j] | alive
                else:
                    sent = primitive.vjp(k)(adjoints[i], value, *args, **options)
                adjoints[j] = _sum(adjoints[j], sent)
            if not self.keep:
                adjoints[i] = None
        return adjoints


class Tangents:
    """Forward mode: each value carries its derivative along one direction."""

    def __init__(self) -> None:
        self.level, self.open = next(_levels), True

    def note(self, primitive: "Primitive", value: Any, args: list, options: dict, parents: dict) -> Any:
        """Return the tangent of `value`: the sum of what the traced arguments contribute."""
        first, *others = (primitive.jvp(k)(t, value, *args, **options) for k, t in parents.items())
        return sum(others, first)


class Primitive:
    """A function z = f(*args) with a rule for each argument in either mode.

    ``vjp(k)(g, z, *args)`` is what argument k receives when z has the adjoint g; ``jvp(k)(t, z, *args)`` is the
    tangent of z when argument k has the tangent t. Without jvps, f is linear in each argument; without vjps, they
    are the transposes of the jvps. A leading underscore in a rule's parameter says that at most its shape is read.
    Functions of entries have `partials`, where None stands for 1. `reads` is a function whose parameters tell what
    the vjps read, `options` names keyword arguments, and `selects` marks what only moves, repeats, sums or leaves
    out entries.
    """

    def __init__(self, function: Rule, vjps: Any = None, jvps: Any = None, name: str | None = None,
                 partials: tuple[Rule | None, ...] = (), reads: Rule | None = None, options: str = "",
                 selects: bool = False) -> None:
        self.function, self.name, self.partials = function, name or function.__name__, partials
        self.reads, self.options, self.selects = reads, set(options.split()), selects
        self.vjp, self.jvp = (rules if callable(rules) else rules.__getitem__
                              for rules in (vjps or self._transposed, jvps or self._linear))
        self.given = self.vjp if vjps else self.jvp
        self._spare: dict[tuple, list[int]] = {}

    def spare(self, ks: tuple[int, ...], count: int) -> list[int]:
        """Return which of z (0) and the arguments (1, 2, …) no vjp of the arguments ks reads."""
        if (ks, count) not in self._spare:
            rules = [self.partials[k] if self.partials else self.reads or self.given(k) for k in ks]
            names = [rule.__code__.co_varnames[:rule.__code__.co_argcount] for rule in rules if rule]
            first = 0 if self.partials or self.reads else 1  # after the adjoint
            read = {i for row in names for i, name in enumerate(row[first:]) if name[0] != "_"}
            self._spare[ks, count] = [i for i in range(count) if i not in read]
        return self._spare[ks, count]

    def _linear(self, k: int) -> Rule:
        return lambda t, z, *args, **options: self(*args[:k], t, *args[k + 1:], **options)

    def _transposed(self, k: int) -> Rule:
        def transposed(g: Any, z: Any, *args: Any, **options: Any) -> Any:
            tape = Tape()
            out = self.jvp(k)(tape.watch(np.zeros(args[k].shape)), z, *args, **options)
            return tape.backward([(out.mark, g)])[0]
        return transposed

    def live_vjp(self, k: int, g: Any, live: Any, z: Any, args: list, options: dict) -> tuple[Any, Any]:
        """Return what argument k receives from the live entries of z, and which of its own are live."""
        if self.partials:
            sent = np.where(live, times(g, self.partials[k], z, args), 0.0)
            return unbroadcast(sent, args[k]), unbroadcast(live * 1.0, args[k]) != 0
        sent = self.vjp(k)(g, z, *args, **options)
        return sent, (self.vjp(k)(live * 1.0, raw(z), *map(raw, args), **options) != 0 if self.selects
                      else np.ones(sent.shape, bool))

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Compute; if an argument is traced, let the innermost trace take note."""
        trace = None
        for a in args:
            if type(a) is Traced and (trace is None or a.tracer.level > trace.level):
                trace = a.tracer
        if trace is None:
            return self.function(*args, **options)
        if not trace.open:
            raise RuntimeError("a traced value is used after its derivative was taken; return it from the "
                               "function instead of storing it elsewhere")
        if not options.keys() <= self.options:
            raise TypeError(f"{self.name} has no derivative rule with {', '.join(options.keys() - self.options)}=")
        values, parents = list(args), {}
        for k, a in enumerate(args):
            if type(a) is Traced and a.tracer is trace:
                values[k], parents[k] = a.value, a.mark
        value = self(*values, **options)
        return Traced(value, trace, trace.note(self, value, values, options, parents))


class Traced(NDArrayOperatorsMixin):
    """An array under differentiation; `mark` is its place on a tape, or its tangent."""

    __slots__ = ("mark", "tracer", "value")

    def __init__(self, value: Any, tracer: Any, mark: Any) -> None:
        self.value, self.tracer, self.mark = value, tracer, mark

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if "out" in options:
            raise TypeError(f"np.{ufunc.__name__} would write into an array in place and overwrite what the "
                            "derivative needs: write x = x + 1 for x += 1, and no out=")
        return _look_up(ufunc, UFUNCS if method == "__call__" else {}, inputs, options)

    def __array_function__(self, function: Rule, types: Any, args: tuple, options: dict) -> Any:
        return _look_up(function, FUNCTIONS, args, options)

    def __getattr__(self, name: str) -> Any:
        """Give the attributes of the array, and as methods what numpy has as functions: x.sum() is np.sum(x)."""
        if name in ("shape", "ndim", "size", "dtype"):
            return getattr(raw(self), name)
        function = getattr(np, "ravel" if name == "flatten" else name, None)
        if function in FUNCTIONS or function in CONSTANT:
            return lambda *args, **options: _look_up(function, FUNCTIONS, (self, *args), options)
        raise AttributeError(f"a traced array has no attribute {name!r}")

    def __array__(self, *args: Any, **options: Any) -> Any:
        raise TypeError("a traced value cannot become a plain array or number: its derivative would be lost. Use "
                        "numpy's functions, not those of math; do not call np.asarray on it or write it into an "
                        "array, but use np.stack, np.concatenate or np.where")

    __float__ = __int__ = __complex__ = __index__ = __array__

    def __setitem__(self, key: Any, value: Any) -> None:
        raise TypeError("a traced array cannot be written in place, which would overwrite what the derivative "
                        "needs; build a new one with np.where, np.stack or np.concatenate")

    T = property(lambda self: np.transpose(self), doc="The transpose.")
    mT = property(lambda self: np.matrix_transpose(self), doc="The transpose of the last two axes.")  # noqa: N815
    def __getitem__(self, key: Any) -> Any: return FUNCTIONS[Traced.__getitem__](self, key)
    def __iter__(self) -> Any: return (self[i] for i in range(len(self)))
    def __len__(self) -> int: return len(raw(self))
    def __bool__(self) -> bool: return bool(raw(self))
    def __repr__(self) -> str: return f"Traced({self.value!r})"


def _look_up(function: Rule, table: dict[Rule, Rule], args: tuple, options: dict) -> Any:
    if function in table:
        return table[function](*args, **options)
    if function in CONSTANT:
        return function(*map(raw, args), **{key: raw(value) for key, value in options.items()})
    name = f"{getattr(function, '__module__', 'np')}.{function.__name__}".replace("numpy", "np")
    raise NotImplementedError(f"{name} has no derivative rule here; express it by functions that have one "
                              "(labkit.autodiff.supported() lists them)")


def raw(x: Any) -> Any:
    """Return the plain value inside all traces."""
    while type(x) is Traced:
        x = x.value
    return x


def unbroadcast(g: Any, x: Any) -> Any:
    """Undo broadcasting: sum g over the axes along which x was repeated."""
    shape = x.shape if hasattr(x, "shape") else ()
    if g.shape == shape:
        return g
    lead = g.ndim - len(shape)
    axes = (*range(lead), *(lead + i for i, n in enumerate(shape)
                            if n == 1 and g.shape[lead + i] != 1))
    return np.reshape(np.sum(g, axis=axes), shape)


def times(g: Any, partial: Rule | None, z: Any, args: Any) -> Any:
    """Return g·∂z/∂xₖ, where a partial derivative None stands for 1."""
    return g if partial is None else g * partial(z, *args)


def _sum(a: Any, b: Any) -> Any:
    return b if a is None else a + b
