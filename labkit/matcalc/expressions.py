"""Expressions over named matrices, vectors and scalars whose sizes are symbols: the sentences of matrix calculus.

Everything is a matrix. A vector is a column (n×1), a scalar is 1×1, and a size is a name such as ``"n"`` or a
numeral such as ``"3"``. The tree keeps what was written, so that a derivation can show it; only what carries no
idea is tidied at once: zeros and identities vanish, numbers and scalars come to the front, sums and products are
flat. Whether two trees mean the same is decided in `labkit.matcalc.equality`, never here.
"""

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import lru_cache, partial
from itertools import pairwise
from numbers import Rational, Real

Shape = tuple[str, str]
SCALAR: Shape = ("1", "1")
STRUCTURES = ("", "symmetric", "spd", "positive", "onehot", "probability")
ELEMENTWISE = ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arctan", "sigmoid", "softplus", "relu",
               "sqrt", "abs", "sign", "step")


class ShapeError(ValueError):
    """Two sizes that must agree do not; the message names the expressions and their shapes."""


class Expr:
    """One node of an expression: an operation, its arguments, and the shape of the result.

    Expressions are immutable, compare by structure, and are combined with numpy's own operators: ``A @ B`` is the
    matrix product, ``A * B`` the Hadamard product (or scalar times matrix), ``A / B`` the quotient by a scalar or
    entry by entry, ``A ** k`` the power of a scalar or of each entry, and ``A.T`` the transpose.
    numpy's functions work too: ``np.exp(X)``, ``np.trace(X)``, ``np.linalg.inv(X)``.
    """

    __slots__ = ("_hash", "args", "data", "memo", "names", "op", "shape")

    def __init__(self, op: str, args: tuple["Expr", ...] = (), data: object = None, shape: Shape = SCALAR,
                 names: frozenset[str] | None = None) -> None:
        self.op, self.args, self.data, self.shape = op, args, data, shape
        self.memo: dict[object, object] = {}  # what other modules have worked out about this expression
        self.names = frozenset().union(*(a.names for a in args)) if names is None else names
        self._hash = hash((op, args, data, shape))

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Expr) and self._hash == other._hash and self.op == other.op and
                                 self.data == other.data and self.shape == other.shape and self.args == other.args)

    def __hash__(self) -> int: return self._hash
    def __add__(self, other: object) -> "Expr": return add(self, lift(other, self.shape))
    def __radd__(self, other: object) -> "Expr": return add(lift(other, self.shape), self)
    def __sub__(self, other: object) -> "Expr": return add(self, -lift(other, self.shape))
    def __rsub__(self, other: object) -> "Expr": return add(lift(other, self.shape), -self)
    def __neg__(self) -> "Expr": return times(number(-1), self)
    def __mul__(self, other: object) -> "Expr": return times(self, lift(other))
    def __rmul__(self, other: object) -> "Expr": return times(lift(other), self)
    def __truediv__(self, other: object) -> "Expr": return divide(self, lift(other))
    def __rtruediv__(self, other: object) -> "Expr": return divide(lift(other, self.shape), self)
    def __matmul__(self, other: object) -> "Expr": return matmul(self, lift(other))
    def __pow__(self, exponent: Real) -> "Expr": return power(self, exponent)
    def __abs__(self) -> "Expr": return elementwise("abs", self)

    @property
    def T(self) -> "Expr":
        """The transpose."""
        return transpose(self)

    @property
    def is_scalar(self) -> bool:
        """Whether the shape is 1×1."""
        return self.shape == SCALAR

    def __repr__(self) -> str:
        from labkit.matcalc.showing import text
        return text(self)

    def _repr_latex_(self) -> str:
        from labkit.matcalc.showing import latex
        return f"${latex(self)}$"

    def __array_function__(self, function: Callable, types: object, args: tuple, options: dict) -> "Expr":
        if function.__name__ not in FUNCTIONS or options:
            raise TypeError(f"numpy's {function.__name__} has no meaning for these expressions")
        return FUNCTIONS[function.__name__](*args)

    def __array_ufunc__(self, ufunc: Callable, method: str, *inputs: object, **options: object) -> "Expr":
        return self.__array_function__(ufunc, (), inputs, options)


def shape_words(shape: Shape) -> str:
    """Return a shape as it is said in messages: ``m×n``, or ``a scalar``."""
    return "a scalar" if shape == SCALAR else f"{shape[0]}×{shape[1]}"


def _named(e: Expr) -> str: return f"{e!r} ({shape_words(e.shape)})"


def lift(value: object, shape: Shape = SCALAR) -> Expr:
    """Return a number as an expression; beside a matrix it stands for that number in every entry, as in numpy."""
    return value if isinstance(value, Expr) else times(number(value), ones(*shape))


def number(value: object) -> Expr:
    """Return a constant; a float becomes the simplest decimal fraction that rounds to it (0.1 is 1/10)."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"an expression or a real number is expected here, not {type(value).__name__}")
    return _constant(value)


@lru_cache(maxsize=1024, typed=True)
def _constant(value: Real) -> Expr:
    exact = Fraction(value) if isinstance(value, Rational) else Fraction(repr(float(value)))
    if max(abs(exact), exact.denominator) > 10**15:
        raise ValueError(f"the number {value} is beyond 1e15 or finer than 1e-15; declare a scalar for it instead")
    return Expr("number", data=exact)


ONE = number(1)


def symbol(name: str, rows: str = "1", cols: str = "1", structure: str = "") -> Expr:
    """Return a named matrix; `structure` is one of ``symmetric, spd, positive, onehot, probability``, or empty."""
    if structure not in STRUCTURES:
        raise ValueError(f"{name} is declared {structure!r}; the structures are {', '.join(STRUCTURES[1:])}")
    fits = {"symmetric": rows == cols, "spd": rows == cols, "onehot": cols == "1", "probability": cols == "1"}
    if not fits.get(structure, True):
        raise ShapeError(f"{name} is declared {structure}, which a matrix of shape {rows}×{cols} cannot be")
    return Expr("symbol", (), (name, structure), (rows, cols), frozenset((name,)))


def zeros(rows: str = "1", cols: str = "1") -> Expr:
    """Return the matrix of zeros."""
    return number(0) if rows == cols == "1" else Expr("zeros", shape=(rows, cols))


def ones(rows: str, cols: str = "1") -> Expr:
    """Return the matrix of ones."""
    return ONE if rows == cols == "1" else Expr("ones", shape=(rows, cols))


def eye(n: str) -> Expr:
    """Return the identity of size n."""
    return ONE if n == "1" else Expr("eye", shape=(n, n))


def size(n: str) -> Expr:
    """Return the size n as a scalar."""
    return number(int(n)) if n.isdigit() else Expr("size", data=n)


def is_zero(e: Expr) -> bool:
    """Whether the expression is written as zero."""
    return e.op == "zeros" or (e.op == "number" and e.data == 0)


def is_symmetric(e: Expr) -> bool:
    """Whether the expression is a symbol that was declared symmetric, or the inverse or differential of one."""
    return is_symmetric(e.args[0]) if e.op in ("d", "inv") else e.op == "symbol" and e.data[1] in STRUCTURES[1:3]


def coefficient(e: Expr) -> tuple[Fraction, Expr]:
    """Split the number in front from the rest: 2 A B is (2, A B)."""
    if e.op == "number":
        return e.data, ONE
    return (e.args[0].data, e.args[1]) if e.op == "scale" and e.args[0].op == "number" else (ONE.data, e)


def in_front(c: Fraction, e: Expr) -> Expr:
    """Put a number in front of an expression."""
    before, rest = coefficient(e)
    c *= before
    return rest if c == 1 else number(c) if rest == ONE else Expr("scale", (number(c), rest), shape=e.shape)


def add(*terms: Expr) -> Expr:
    """Return the sum of terms of one shape."""
    flat = [t for term in terms for t in (term.args if term.op == "add" else (term,))]
    if odd := next((t for t in flat if t.shape != flat[0].shape), None):
        raise ShapeError(f"cannot add {_named(flat[0])} and {_named(odd)}: the shapes differ")
    constant = sum((t.data for t in flat if t.op == "number"), Fraction(0))
    kept = [t for t in flat if t.op != "number" and not is_zero(t)]
    if constant:
        kept.insert(0 if flat[0].op == "number" else len(kept), number(constant))
    return Expr("add", tuple(kept), shape=flat[0].shape) if len(kept) > 1 else (*kept, zeros(*flat[0].shape))[0]


def times(a: Expr, b: Expr) -> Expr:
    """Return the Hadamard product of equal shapes, or scalar times matrix."""
    if not a.is_scalar and b.is_scalar:
        a, b = b, a
    if not a.is_scalar and a.shape != b.shape:
        raise ShapeError(f"cannot multiply {_named(a)} and {_named(b)} entry by entry: the shapes differ "
                         "(write @ for the matrix product, diag(x) @ A to scale rows)")
    if is_zero(a) or is_zero(b):
        return zeros(*b.shape)
    (ca, a), (cb, b) = coefficient(a), coefficient(b)
    if a.is_scalar and "div" in (a.op, b.op if b.is_scalar else ""):
        (over, under), other = (a.args, b) if a.op == "div" else (b.args, a)
        rest = divide(times(over, other), under)
    elif a == ONE or (a.op == "ones" and not b.is_scalar):
        rest = b
    elif b == ONE or (b.op == "ones" and not a.is_scalar):
        rest = a
    elif a.is_scalar and b.op == "scale":
        rest = Expr("scale", (times(a, b.args[0]), b.args[1]), shape=b.shape)
    else:
        rest = Expr("scale" if a.is_scalar else "had", (a, b), shape=b.shape)
    return in_front(ca * cb, rest)


def divide(a: Expr, b: Expr) -> Expr:
    """Return the quotient by a scalar, or entry by entry."""
    if a.op == "number" and not b.is_scalar:
        a = times(a, ones(*b.shape))
    if not b.is_scalar and a.shape != b.shape:
        raise ShapeError(f"cannot divide {_named(a)} by {_named(b)} entry by entry: the shapes differ")
    if is_zero(b):
        raise ZeroDivisionError(f"{a!r} is divided by zero")
    c, rest = coefficient(a)
    if is_zero(a) or b.op == "number":
        return in_front(c / b.data, rest) if b.op == "number" and c else a
    if rest == b:
        return in_front(c, ones(*b.shape))
    cancels = rest.op == "scale" and rest.args[0] == b
    return in_front(c, rest.args[1] if cancels else Expr("div", (rest, b), shape=a.shape))


def matmul(*factors: Expr) -> Expr:
    """Return the matrix product; the inner sizes must agree. Scalars come to the front."""
    for a, b in pairwise(factors):
        if a.shape[1] != b.shape[0]:
            hint = " (write * for a scalar)" if SCALAR in (a.shape, b.shape) else ""
            raise ShapeError(f"cannot multiply {_named(a)} by {_named(b)}: "
                             f"inner sizes {a.shape[1]} and {b.shape[0]} differ{hint}")
    shape = (factors[0].shape[0], factors[-1].shape[1])
    if any(map(is_zero, factors)):
        return zeros(*shape)
    scalar, kept = ONE, []
    for f in factors:
        if f.is_scalar:
            scalar, f = times(scalar, f), ONE
        while f.op == "scale" or (f.op == "div" and f.args[1].is_scalar):
            s, f = f.args if f.op == "scale" else (ONE / f.args[1], f.args[0])
            scalar = times(scalar, s)
        for g in f.args if f.op == "mul" else (f,):
            if kept and kept[-1].op == g.op == "ones" and kept[-1].shape[1] == "1":
                kept[-1] = ones(kept[-1].shape[0], g.shape[1])
            elif g.op not in ("eye", "number"):
                kept.append(g)
    product = Expr("mul", tuple(kept), shape=shape) if len(kept) > 1 else (*kept, eye(shape[0]))[0]
    return times(scalar, product)


def power(base: Expr, exponent: object) -> Expr:
    """Return a scalar, or each entry of a matrix, raised to a constant rational power."""
    k = number(exponent).data
    if abs(k) > 64:
        raise ValueError(f"the exponent {k} is beyond 64")
    return base if k == 1 else Expr("pow", (base,), k, base.shape) if k else ones(*base.shape)


def transpose(e: Expr) -> Expr:
    """Return the transpose; of a scalar, an identity, a symmetric symbol or a transpose it is written at once."""
    if e.op == "T":
        return e.args[0]
    if e.is_scalar or e.op == "eye" or is_symmetric(e):
        return e
    return Expr(e.op, shape=e.shape[::-1]) if e.op in ("ones", "zeros") else Expr("T", (e,), None, e.shape[::-1])


def _square(op: str, e: Expr, shape: Shape = SCALAR) -> Expr:
    if e.shape[0] != e.shape[1]:
        raise ShapeError(f"{op} needs a square matrix; {e!r} is {shape_words(e.shape)}")
    return Expr(op, (e,), None, shape)


def inv(e: Expr) -> Expr:
    """Return the inverse of a square matrix."""
    return e if e.op == "eye" else ONE / e if e.is_scalar else _square("inv", e, e.shape)


def tr(e: Expr) -> Expr:
    """Return the trace of a square matrix; a number in front stays in front."""
    c, rest = coefficient(e)
    return e if e.is_scalar else in_front(c, size(e.shape[0]) if rest.op == "eye" else _square("tr", rest))


def elementwise(name: str, e: Expr) -> Expr:
    """Return one of the functions `ELEMENTWISE` of every entry."""
    return Expr("fn", (lift(e),), name, lift(e).shape)


def norm(e: Expr, kind: object = "fro") -> Expr:
    """Return a norm: of a vector 2 (the default) or 1; of a matrix "fro" (the default), 2 (spectral) or "nuc"."""
    vector = "1" in e.shape
    if kind not in ("fro", "nuc", 1, 2) or (kind == "nuc" and vector) or (kind == 1 and not vector):
        raise ValueError(f"no norm {kind!r} of {e!r}; there are 1 and 2 of a vector, 'fro', 'nuc', 2 of a matrix")
    return total(abs(e)) if kind == 1 else Expr("norm", (e,), "two" if vector else {2: "spectral"}.get(kind, kind))


def inner(a: Expr, b: Expr) -> Expr:
    """Return the inner product tr(AᵀB) of equal shapes."""
    if a.shape != b.shape:
        raise ShapeError(f"the inner product needs equal shapes, not {_named(a)} and {_named(b)}")
    return matmul(a, b.T) if a.shape[0] == "1" else tr(matmul(a.T, b))


def total(e: Expr) -> Expr:
    """Return the sum of all entries, 1ᵀ A 1."""
    return matmul(ones("1", e.shape[0]), e, ones(e.shape[1]))


def of_vector(op: str, e: Expr) -> Expr:
    """Return softmax, log_softmax or logsumexp of a column or a row."""
    if "1" not in e.shape:
        raise ShapeError(f"{op} is defined for a vector here; {e!r} is {shape_words(e.shape)}")
    return Expr(op, (e,), None, SCALAR if op == "logsumexp" else e.shape)


def diag(e: Expr) -> Expr:
    """Return the diagonal matrix of a column, or the diagonal of a matrix as a column; diag(u vᵀ) = u ∘ v."""
    cut = next((i for i, f in enumerate(e.args) if f.shape[0] == "1"), 0) if e.op == "mul" else 0
    if cut and e.shape[0] == e.shape[1] != "1":
        return times(matmul(*e.args[:cut]), transpose(matmul(*e.args[cut:])))
    if e.shape[1] != "1":
        return _square("diagonal", e, (e.shape[0], "1"))
    return eye(e.shape[0]) if e.op == "ones" else e if e.is_scalar else Expr("diag", (e,), None, (e.shape[0],) * 2)


def differential(e: Expr, wrt: Expr) -> Expr:
    """Return d(e), not yet worked out; of the variable itself it is the symbol dX."""
    own = frozenset(("d" + wrt.data[0],))
    return Expr("d", (e,), wrt, e.shape, own if e == wrt else own | e.names)


def collect(terms: Iterable[Expr], key: Callable[[Expr], object]) -> Expr:
    """Add up terms, merging those whose parts beyond the number in front have the same key."""
    merged: dict[object, tuple[Fraction, Expr]] = {}
    flat = [t for term in terms for t in (term.args if term.op == "add" else (term,))]
    for c, rest in map(coefficient, flat):
        before, first = merged.get(k := key(rest), (0, rest))
        merged[k] = (before + c, first)
    return add(zeros(*flat[0].shape), *(times(number(c), rest) for c, rest in merged.values()))


_PLAIN = {
    "T": transpose, "inv": inv, "tr": tr, "diag": diag, **{op: partial(_square, op) for op in ("det", "logdet")},
    **{op: partial(of_vector, op) for op in ("softmax", "log_softmax", "logsumexp")},
}
_BUILDERS = {**_PLAIN, "add": add, "mul": matmul, "had": times, "scale": times, "div": divide, "diagonal": diag}
FUNCTIONS: dict[str, Callable[..., Expr]] = {
    **_PLAIN, "trace": tr, "norm": norm, "inner": inner, "sum": total, "ones": ones, "eye": eye, "zeros": zeros,
    "transpose": transpose, "absolute": abs, "square": lambda e: e**2,
    "polar": lambda e: Expr("polar", (e,), None, e.shape), "dyad": lambda e: Expr("dyad", (e,), None, e.shape),
    **{name: partial(elementwise, name) for name in ELEMENTWISE},
}
det, logdet, softmax, polar, dyad = map(FUNCTIONS.get, ("det", "logdet", "softmax", "polar", "dyad"))


def make(e: Expr, args: tuple[Expr, ...]) -> Expr:
    """Return the operation of `e` on other arguments."""
    if e.op == "pow":
        return power(args[0], e.data)
    if e.op in _BUILDERS:
        return _BUILDERS[e.op](*args)
    return Expr(e.op, args, e.data, SCALAR if e.op == "norm" else args[0].shape)
