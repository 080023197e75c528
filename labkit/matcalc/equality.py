"""Deciding that two expressions are the same: the normal form behind the word *proved*.

An expression becomes a sum of monomials: a rational number, commuting powers of scalars, and a word of matrix
factors that do not commute. Sums are multiplied out, transposes stand on single factors, inverses cancel against
their neighbours, every 1×1 stretch of a word leaves it as a scalar, and a trace is the least of its rotations and
its transposes. Equal normal forms prove equality; different ones prove nothing, since exp(a) exp(b) = exp(a + b)
and many more identities are not applied here. That is when the checker turns to numbers.

A polynomial is a dictionary {(powers of scalars, word): number}. A factor is a tuple (kind, rows, columns, …) of
strings and tuples, so that factors sort and hash.
"""

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import reduce
from itertools import pairwise

from labkit.matcalc.expressions import Expr, det, eye, inner, is_symmetric, matmul, ones, total
from labkit.matcalc.rules import exp, log, sqrt, work_out

Poly = dict[tuple, Fraction]
Join = Callable[[tuple, tuple], Poly]
ONE, SCALAR, LONGEST = Fraction(1), ("1", "1"), 400


class TooLongError(ArithmeticError):
    """Multiplied out, the expression has too many terms for a normal form."""


def same(a: Expr, b: Expr) -> bool:
    """Whether equality is proved: the normal forms are equal."""
    try:
        return a.shape == b.shape and normal_form(a) == normal_form(b)
    except (TooLongError, ZeroDivisionError):
        return False


def merge_key(e: Expr) -> object:
    """Return what terms to be merged have in common: the normal form, or the expression where that is too long."""
    try:
        return normal_form(e)
    except TooLongError:
        return e


def normal_form(e: Expr) -> tuple:
    """Return the normal form of an expression: a key for dictionaries."""
    return _freeze(_poly(e))


def _freeze(p: Poly) -> tuple: return tuple(sorted(p.items()))


def _poly(e: Expr) -> Poly:
    if "poly" not in e.memo:
        e.memo["poly"] = FORMS[e.op](e)
    return e.memo["poly"]


# Sums and products ---------------------------------------------------------------------------------------------

def _number(c: Fraction) -> Poly: return {((), ()): c}


def _scalar(factor: tuple, power: Fraction = ONE) -> Poly: return {(((factor, power),), ()): ONE}


def _matrix(*word: tuple) -> Poly: return {((), word): ONE}


def _gathered(pairs: Iterable[tuple]) -> dict:
    """Return each key with the sum of its numbers."""
    out: dict = {}
    for key, c in pairs:
        out[key] = out.get(key, 0) + c
    return out


def _sum(parts: Iterable[Poly]) -> Poly:
    out = _gathered(term for p in parts for term in p.items())
    if len(out) > LONGEST:
        raise TooLongError(f"multiplied out there are more than {LONGEST} terms")
    return {mono: c for mono, c in out.items() if c}


def _monomial(c: Fraction, powers: dict, word: tuple) -> Poly:
    """Return c · powers · word; a sum raised to a positive whole power is multiplied out."""
    whole = {a: int(k) for a, k in powers.items() if a[0] == "sum" and k > 0 and k.denominator == 1}
    front = {(tuple(sorted((a, k) for a, k in powers.items() if k and a not in whole)), word): c}
    return reduce(_times, (dict(a[3]) for a, k in whole.items() for _ in range(k)), front)


def _product(p: Poly, q: Poly, join: Join) -> Poly:
    """Multiply out; `join` says what the product of two words is."""
    if len(p) * len(q) > 4 * LONGEST:
        raise TooLongError(f"multiplied out there are more than {LONGEST} terms")
    return _sum(_monomial(a * b * c, _gathered(s + t + r), w)
                for (s, u), a in p.items() for (t, v), b in q.items() for (r, w), c in join(u, v).items())


def _beside(u: tuple, v: tuple) -> Poly: return _matrix(*u, *v)


def _times(p: Poly, q: Poly) -> Poly:
    """Return the product of polynomials of which at most one has words."""
    return _product(p, q, _beside)


def _matmul(p: Poly, q: Poly) -> Poly: return _product(p, q, lambda u, v: _chain(u + v))


# Words ---------------------------------------------------------------------------------------------------------

def _flip(word: tuple) -> tuple: return tuple(map(_turn, reversed(word)))


def _transpose(p: Poly) -> Poly: return {(s, _flip(w)): c for (s, w), c in p.items()}


def _turn(a: tuple) -> tuple:
    """Return the transpose of a factor."""
    kind, rows, cols, *rest = a
    if kind in ("symmetric", "eye"):
        return a
    if kind == "T":
        return rest[0]
    if kind == "had":
        return (kind, cols, rows, tuple(sorted((_flip(w), k) for w, k in rest[0])))
    if kind in ("inv", "fn", "entries", "polar", "dyad"):
        return (kind, cols, rows, *rest[:-1], _freeze(_transpose(dict(rest[-1]))))
    return ("T", cols, rows, a)


def _cancel(word: tuple) -> tuple:
    """Leave out every inverse that stands beside what it inverts."""
    for i, a in enumerate(word):
        if a[0] == "inv" and len(a[3]) == 1:
            inside = a[3][0][0][1]
            n = len(inside)
            if word[i + 1:i + 1 + n] == inside:
                return _cancel(word[:i] + word[i + 1 + n:])
            if i >= n and word[i - n:i] == inside:
                return _cancel(word[:i - n] + word[i + 1:])
    return word


def _chain(word: tuple) -> Poly:
    """Return a product of factors with its 1×1 stretches taken out as scalars."""
    word = _cancel(word)
    cuts = [i for i, n in enumerate([a[1] for a in word] + [a[2] for a in word[-1:]]) if n == "1"]
    if len(cuts) < 2:
        return _matrix(*word)
    rest = _matrix(*word[:cuts[0]], *word[cuts[-1]:])
    return reduce(_times, (_closed(word[i:j]) for i, j in pairwise(cuts)), rest)


def _trace(word: tuple, n: str) -> Poly:
    for _ in word:
        word = _cancel(word[1:] + word[:1])
    if not word:
        return _scalar(("size", "1", "1", n))
    start = next((i for i, a in enumerate(word) if a[1] == "1"), None)
    return _closed(word) if start is None else _chain(word[start:] + word[:start])


def _closed(word: tuple) -> Poly:
    """Return the canonical scalar of a cyclic word: least under rotation and transpose, (2.4) applied."""
    kinds = {a[3][0] if a[0] == "T" else a[0] for a in word}
    if len(word) == 2 and kinds == {"one", "stochastic"}:
        return _number(ONE)
    if kinds == {"one"}:
        return _scalar(("size", "1", "1", word[0][2]))
    opened = [_open(word, i) for i, a in enumerate(word) if a[0] == "had"]
    if opened:
        return min(opened, key=_freeze)
    turns = [w[i:] + w[:i] for w in (word, _flip(word)) for i in range(len(word))]
    return _scalar(("tr", "1", "1", min(t for t in turns if t[0][1] == "1" or word[0][1] != "1")))


def _open(word: tuple, i: int) -> Poly:
    """tr(H R) with H = A ∘ B is the sum of all entries of A ∘ B ∘ Rᵀ."""
    H, R = word[i], word[i + 1:] + word[:i]
    members = {w: k for w, k in _joined((H,), _flip(R), H[1:3]).items() if k and w != _ones(*H[1:3])}
    if not members or list(members.values()) == [ONE]:
        return _chain(_ones("1", H[1]) + next(iter(members), _ones(*H[1:3])) + _ones(H[2], "1"))
    if sum(members.values()) == 2 and set(members.values()) <= {1, 2}:
        u, v = (tuple(a for a in w if a[0] != "eye") for w, k in members.items() for _ in range(int(k)))
        return _trace(_flip(u) + v, H[2])
    turned = {_flip(w): k for w, k in members.items()}
    return _scalar(("tr", "1", "1", (("had", "", "", min(_freeze(members), _freeze(turned))),)))


# Entry by entry ------------------------------------------------------------------------------------------------

def _ones(rows: str, cols: str) -> tuple:
    column, row = ("one", rows, "1"), ("T", "1", cols, ("one", cols, "1"))
    return (column,) * (rows != "1") + (row,) * (cols != "1")


def _members(word: tuple, shape: tuple[str, str]) -> dict:
    return dict(word[0][3]) if len(word) == 1 and word[0][0] == "had" else {word or (("eye", *shape),): ONE}


def _joined(u: tuple, v: tuple, shape: tuple[str, str]) -> dict:
    """Return the members of a Hadamard product of two words with their powers; beside I, transposes are equal."""
    members, eye = _gathered((*_members(u, shape).items(), *_members(v, shape).items())), (("eye", *shape),)
    if eye in members:
        members = {min(w, _flip(w)): k for w, k in members.items()} | {eye: ONE}
    return members


def _hadamard(shape: tuple[str, str]) -> Join:
    """Return the rule that joins two words entry by entry."""
    return _beside if shape == SCALAR else (lambda u, v: _entries(_joined(u, v, shape), shape))


def _entries(members: dict, shape: tuple[str, str]) -> Poly:
    """Return the Hadamard product of powers of words; a sum to a positive whole power is multiplied out."""
    whole = {w: int(k) for w, k in members.items()
             if len(w) == 1 and w[0][0] == "entries" and k > 0 and k.denominator == 1}
    kept = {w: k for w, k in members.items() if k and w not in whole and w != _ones(*shape)}
    word = (("had", *shape, _freeze(kept)),) if kept else _ones(*shape)
    if len(kept) == 1 and ONE in kept.values():
        word = tuple(a for a in next(iter(kept)) if a[0] != "eye")
    sums = (dict(w[0][3]) for w, k in whole.items() for _ in range(k))
    return reduce(lambda p, q: _product(p, q, _hadamard(shape)), sums, _matrix(*word))


def _power(p: Poly, k: Fraction, shape: tuple[str, str]) -> Poly:
    """Return p ** k, of a scalar or entry by entry. (u²)^½ stays as it is: it is |u|."""
    whole, scalar = k.denominator == 1, shape == SCALAR
    if not p and k < 0:
        raise ZeroDivisionError("the expression divides by what is identically zero")
    if not p or (len(p) > 1 and whole and 0 < k <= 4):
        return reduce(lambda p, q: _product(p, q, _hadamard(shape)), [p] * int(k)) if p else p
    c = p[min(p)] if whole else abs(p[min(p)])
    front = _number(c ** int(k)) if whole or c == 1 else _scalar(("number", "1", "1", c), k)
    rest = {mono: a / c for mono, a in p.items()}
    if len(rest) == 1:
        ((powers, word), sign), = rest.items()
        members = {} if scalar else _members(word, shape)
        single = len(powers) + len(members) <= 1 and all(e.numerator % 2 for _, e in [*powers, *members.items()])
        if sign == 1 and (whole or single):
            inside = _matrix() if scalar else _entries({w: e * k for w, e in members.items()}, shape)
            return _times(front, _times(_monomial(ONE, {a: e * k for a, e in powers}, ()), inside))
    entries = (("entries", *shape, _freeze(rest)),)
    return _times(front, _scalar(("sum", *shape, _freeze(rest)), k) if scalar else _entries({entries: k}, shape))


# One line for each operation -----------------------------------------------------------------------------------

def _single(factor: tuple) -> Poly: return _scalar(factor) if factor[1:3] == SCALAR else _matrix(factor)


def _symbol(e: Expr) -> Poly:
    stochastic = e.op == "symbol" and e.data[1] in ("onehot", "probability")
    name = e.data[0] if e.op == "symbol" else "d" + e.data.data[0]
    return _single(("symmetric" if is_symmetric(e) else "stochastic" if stochastic else "any", *e.shape, name))


def _inverse(e: Expr) -> Poly:
    p, n = _poly(e.args[0]), e.shape[0]
    if not p:
        raise ZeroDivisionError("the expression inverts what is identically zero")
    c = p[min(p)]
    rest = {mono: a / c for mono, a in p.items()}
    if len(rest) > 1:
        return {((), (("inv", n, n, _freeze(rest)),)): 1 / c}
    (powers, word), = rest
    square = all(a[1] == a[2] for a in word)
    out = _monomial(1 / c, {a: -k for a, k in powers}, ())
    for part in [(a,) for a in reversed(word)] if square else [word]:
        twice = len(part) == 1 and part[0][0] == "inv"
        out = _matmul(out, dict(part[0][3]) if twice else _matrix(("inv", n, n, _freeze(_matrix(*part)))))
    return out


def _determinant(p: Poly) -> Poly:
    """Return det, the same for the transpose; of a product of square factors the product of their determinants."""
    ((powers, word), c), *more = p.items() or [(((), ()), ONE)]
    if not more and c == 1 and not powers and len(word) > 1 and all(a[1] == a[2] for a in word):
        return reduce(_times, (_determinant(_matrix(a)) for a in word))
    if not more and len(word) == 1 and word[0][0] == "inv" and c == 1 and not powers:
        return _power(_determinant(dict(word[0][3])), -ONE, SCALAR)
    return _scalar(("det", "1", "1", min(_freeze(p), _freeze(_transpose(p)))))


def _function(e: Expr) -> Poly:
    if e.data == "sqrt":
        return _power(_poly(e.args[0]), Fraction(1, 2), e.shape)
    return _single(("fn", *e.shape, e.data, normal_form(e.args[0])))


def _traced(p: Poly, n: str) -> Poly:
    return p if n == "1" else _sum(_times({(s, ()): c}, _trace(w, n)) for (s, w), c in p.items())


def _norm(e: Expr) -> Poly:
    a, p = e.args[0], _poly(e.args[0])
    if e.data in ("nuc", "spectral"):
        return _scalar(("norm", "1", "1", e.data, min(_freeze(p), _freeze(_transpose(p)))))
    return _poly(sqrt(inner(a, a)))


# What is written with other operations before it is compared.
DEFINITIONS: dict[str, Callable[[Expr], Expr]] = {
    "div": lambda A, B: A * B**-1,
    "logdet": lambda A: log(det(A)),
    "logsumexp": lambda a: log(total(exp(a))),
    "softmax": lambda a: exp(a) / total(exp(a)),
    "log_softmax": lambda a: a - log(total(exp(a))) * ones(*a.shape),
    "diag": lambda a: eye(a.shape[0]) * matmul(a, ones("1", a.shape[0])),
    "diagonal": lambda A: (eye(A.shape[0]) * A) @ ones(A.shape[0]),
}
FORMS: dict[str, Callable[[Expr], Poly]] = {
    "number": lambda e: _number(e.data) if e.data else {}, "zeros": lambda e: {}, "eye": lambda e: _matrix(),
    "ones": lambda e: _matrix(*_ones(*e.shape)), "size": lambda e: _scalar(("size", "1", "1", e.data)),
    "symbol": _symbol,
    "d": lambda e: _symbol(e) if e.args[0] == e.data else _poly(work_out(e, e.data)),
    "add": lambda e: _sum(map(_poly, e.args)),
    "mul": lambda e: reduce(_matmul, map(_poly, e.args)),
    "scale": lambda e: _times(*map(_poly, e.args)),
    "had": lambda e: _product(*map(_poly, e.args), _hadamard(e.shape)),
    "pow": lambda e: _power(_poly(e.args[0]), e.data, e.shape),
    "T": lambda e: _transpose(_poly(e.args[0])),
    "inv": _inverse,
    "tr": lambda e: _traced(_poly(e.args[0]), e.args[0].shape[0]),
    "det": lambda e: _determinant(_poly(e.args[0])),
    "fn": _function,
    "norm": _norm,
    **{op: (lambda e, op=op: _matrix((op, *e.shape, _freeze(_poly(e.args[0]))))) for op in ("polar", "dyad")},
    **{op: (lambda e, means=means: _poly(means(*e.args))) for op, means in DEFINITIONS.items()},
}
