"""Naming the slip in a wrong line: undo each usual mistake in turn, and see whether the line becomes right.

The edits work on the plain tree that was read, so that a line with wrong shapes can be mended too. A slip is only
named if undoing it makes the line agree with the line before it.
"""

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import combinations

from labkit.matcalc.expressions import ELEMENTWISE
from labkit.matcalc.parsing import Tree

Edit = Callable[[Tree], Iterable[Tree]]
HALF, TWO = ("number", Fraction(1, 2)), ("number", Fraction(2))
CHANGEABLE = (*ELEMENTWISE, "softmax", "log_softmax")


def everywhere(tree: Tree, edit: Edit) -> Iterator[Tree]:
    """Yield the trees that differ from this one by one edit at one place."""
    yield from edit(tree)
    for i, part in enumerate(tree):
        if isinstance(part, tuple):
            yield from ((*tree[:i], new, *tree[i + 1:]) for new in everywhere(part, edit))


def _put(t: Tree, i: int, new: Tree) -> Tree: return (*t[:i], new, *t[i + 1:])


def _group(op: str, parts: tuple) -> Tree: return (op, *parts) if len(parts) > 1 else parts[0]


def _swapped(t: Tree) -> Iterator[Tree]:
    pairs = combinations(range(1, len(t)), 2) if t[0] == "@" else ()
    return (_put(_put(t, i, t[j]), j, t[i]) for i, j in pairs)


def _negated(t: Tree) -> list[Tree]:
    first = {"+": 1, "call": 2}.get(t[0], len(t))
    return [t[1]] if t[0] == "neg" else [_put(t, i, ("neg", t[i])) for i in range(first, len(t))]


def _multiplied(c: Tree) -> Edit:
    return lambda t: (_put(t, i, ("*", c, t[i])) for i in range(1, len(t) if t[0] == "+" else 1))


def _symmetrised(t: Tree) -> list[Tree]:
    both = ("+", t, ("T", t))
    return [] if t[0] in ("number", "word", "T", "**") else [both, ("*", HALF, both)]


def _reoperated(a: str, b: str) -> Edit:
    """Return the edit that writes the operator b for one a, with the other factors grouped around it."""
    def edit(t: Tree) -> Iterator[Tree]:
        for i in range(1, len(t) - 1 if t[0] == a else 1):
            yield _group(a, (*t[1:i], (b, t[i], t[i + 1]), *t[i + 2:]))
            if len(t) > 3:
                yield (b, _group(a, t[1:i + 1]), _group(a, t[i + 1:]))
    return edit


def _without(ops: str) -> Edit:
    """Return the edit that leaves out one argument of an operation; of a quotient or a power, half of it."""
    def edit(t: Tree) -> Iterator[Tree]:
        if t[0] in ops and len(t) > 2:
            yield from (_group(t[0], t[1:i] + t[i + 1:]) for i in range(1, len(t)))
        elif t[0] in ("/", "**") and "*" in ops:
            yield t[1]
            yield ("/", ("number", Fraction(1)), t[2])
    return edit


def _inverted(t: Tree) -> list[Tree]:
    return [t[2]] if t[:2] == ("call", "inv") else [("call", "inv", t)] if t[0] in ("name", "@", "+", "T") else []


def _refunctioned(t: Tree) -> list[Tree]:
    changeable = t[0] == "call" and t[1] in CHANGEABLE
    return [*(("call", g, t[2]) for g in CHANGEABLE if g != t[1]), t[2]] if changeable else []


def _renumbered(t: Tree) -> list[Tree]:
    return [("number", c) for c in (t[1] + 1, t[1] - 1, 2 * t[1], t[1] / 2, -t[1])] if t[0] == "number" else []


def _inserted(names: list[str]) -> Edit:
    factors = [f for n in names for f in (("name", n), ("T", ("name", n)))]
    def edit(t: Tree) -> Iterator[Tree]:
        chain = t[1:] if t[0] == "@" else (t,) if t[0] in ("name", "call", "T") else None
        for i in range(len(chain) + 1 if chain else 0):
            yield from (("@", *chain[:i], f, *chain[i:]) for f in factors)
    return edit


def _relettered(names: list[str]) -> Edit:
    return lambda t: (("name", n) for n in names if t[0] == "name" and n != t[1])


def _inverses(tree: Tree, name: str) -> int:
    """Return how many inverses of something with this name the tree has."""
    inside = sum(_inverses(part, name) for part in tree if isinstance(part, tuple))
    return inside + (tree[:2] == ("call", "inv") and f"'name', '{name}'" in str(tree))


def repairs(tree: Tree, left: str, names: list[str], wrt: str) -> Iterator[tuple[str, Tree]]:
    """Yield (name of the slip, the line with it undone), the likeliest first."""
    if left == "G":
        yield "G is transposed: that is the other layout", ("T", tree)
    sign = "wrong sign" + f" in d({wrt}⁻¹) = −{wrt}⁻¹ d{wrt} {wrt}⁻¹" * (_inverses(tree, wrt) > 1)
    yield sign, ("neg", tree)
    yield "a factor 2 is missing", ("*", TWO, tree)
    yield "a factor 2 too many", ("*", HALF, tree)
    edits = [
        (sign, _negated),
        ("a transpose was dropped", lambda t: [("T", t)] if t[0] not in ("number", "T", "word", "neg") else []),
        ("a transpose too many", lambda t: [t[1]] if t[0] == "T" else []),
        ("factors swapped", _swapped), ("a factor 2 is missing", _multiplied(TWO)),
        ("a factor 2 too many", _multiplied(HALF)), ("the symmetric part is missing", _symmetrised),
        ("∘ written for @", _reoperated("*", "@")), ("@ written for ∘", _reoperated("@", "*")),
        ("wrong number", _renumbered), ("a term too many", _without("+")),
        ("an inverse dropped or too many", _inverted), ("a factor too many", _without("@*")),
        ("wrong element-wise function", _refunctioned), ("a factor is missing", _inserted(names)),
        ("one letter for another", _relettered(names)),
    ]
    yield from ((name, new) for name, edit in edits for new in everywhere(tree, edit))


def losses(reference: Tree) -> Iterator[tuple[str, Tree]]:
    """Yield (name of the slip, a right line with something left out): what the student may have forgotten."""
    for name, ops in (("a term is missing", "+"), ("the chain rule is forgotten: a factor is missing", "@*")):
        yield from ((name, new) for new in everywhere(reference, _without(ops)))
