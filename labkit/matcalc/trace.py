"""The trace phase: from any df that is linear in dX to tr(Gᵀ dX).

A term is kept as tr(K F), where F holds the one dX and K is constant. Each rule takes one operation off F and puts
its adjoint on K, until F is dX itself; then Gᵀ is K. With L, R and H constant:

    tr(K L F R) = tr((R K L) F)            the cyclic property
    tr(K Fᵀ)    = tr(Kᵀ F)                 the transpose
    tr(K (H∘F)) = tr((K ∘ Hᵀ) F)           the Hadamard trick, for equal shapes of any kind

Read from the last operation to the first, this sweep is reverse-mode differentiation by hand.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from labkit.matcalc import expressions as ex
from labkit.matcalc.equality import merge_key, same
from labkit.matcalc.expressions import Expr, collect, diag, eye, make, matmul, times, tr


class Term(NamedTuple):
    """tr(K F): F is linear in dX, and K is constant with the shape of Fᵀ."""

    K: Expr
    F: Expr


ADJOINTS = {  # operation: the name of the step, and (K, F, place i of the argument that varies) -> the new term
    "mul": ("cyclic property", lambda K, F, i: Term(matmul(*F.args[i + 1:], K, *F.args[:i]), F.args[i])),
    "T": ("transpose", lambda K, F, i: Term(flip(K), F.args[0])),
    "had": ("Hadamard trick", lambda K, F, i: Term(flip(flip(K) * F.args[1 - i]), F.args[i])),
    "diag": ("diagonal", lambda K, F, i: Term(flip(diag(K)), F.args[0])),
    "diagonal": ("diagonal", lambda K, F, i: Term(diag(flip(K)), F.args[0])),
    # These are free: writing every term under one trace does them already.
    "tr": ("trace", lambda K, F, i: Term(K * eye(F.args[0].shape[0]), F.args[0])),
    "div": ("trace", lambda K, F, i: Term(K / flip(F.args[1]), F.args[0])),
    "scale": ("trace", lambda K, F, i: Term(F.args[0] * K, F.args[1]) if i else
              Term(tr(tidy(matmul(K, F.args[1]))), F.args[0]))}
FORMULAS = {
    "cyclic property": r"\mathrm{tr}(AB) = \mathrm{tr}(BA)",
    "transpose": r"\mathrm{tr}(A) = \mathrm{tr}(A^\top)",
    "Hadamard trick": r"\mathrm{tr}(A^\top(B \circ C)) = \mathrm{tr}((A \circ B)^\top C)",
    "diagonal": r"\mathrm{tr}(A\,\mathrm{diag}(b)) = \mathrm{diag}(A)^\top b",
    "trace": r"s = \mathrm{tr}(s)",
    "linearity": r"d(A X B + C) = A\,dX\,B",
    "collect": r"\mathrm{tr}(A) + \mathrm{tr}(B) = \mathrm{tr}(A + B)",
    "read off": r"df = \mathrm{tr}(G^\top dX)",
}


def tidy(e: Expr) -> Expr:
    """Return `e` with transposes pushed into products, (A B)ᵀ = BᵀAᵀ, and 1ᵀy left out where it is declared 1."""
    if not e.args or e.op == "d":
        return e
    if e.op == "T":
        return flip(e.args[0])
    args = tuple(map(tidy, e.args))
    e = e if args == e.args else make(e, args)
    for i, (a, b) in enumerate(pairwise(e.args) if e.op == "mul" else ()):
        y, one = sorted((a.T, b), key=lambda u: u.op == "ones")
        if (one.op, y.op) == ("ones", "symbol") and y.shape == one.shape and y.data[1] in ex.STRUCTURES[4:]:
            return tidy(matmul(ex.number(1), *e.args[:i], *e.args[i + 2:]))
    return e


def flip(e: Expr) -> Expr:
    """Return the transpose of `e`, tidied."""
    if e.op == "T":
        return tidy(e.args[0])
    if e.op == "mul":
        return tidy(matmul(*map(flip, reversed(e.args))))
    if e.op in ("scale", "div") and not e.is_scalar:
        return make(e, tuple(map(flip, e.args)))
    return tidy(e) if e.op == "diag" else tidy(e).T


def place(F: Expr, dX: Expr) -> int:
    """Return which argument of F holds dX; raise ValueError if F is not linear in dX as it is written."""
    found = [i for i, a in enumerate(F.args) if dX.names & a.names]
    if len(found) != 1 or F.op not in ADJOINTS or (F.op == "div" and found != [0]):
        raise ValueError(f"{F!r} is not linear in {dX!r}")
    return found[0]


def distributed(F: Expr, dX: Expr) -> Iterable[Expr]:
    """Yield the terms of F, products multiplied out: L (A + s B) R = L A R + s L B R."""
    inside = F.args[i := place(F, dX)] if F.op == "mul" else F
    if inside.op == "add":
        for part in inside.args:
            yield from distributed(matmul(*F.args[:i], part, *F.args[i + 1:]) if F.op == "mul" else part, dX)
    elif F.op == "mul" and inside.op == "scale":
        yield times(inside.args[0], matmul(*F.args[:i], inside.args[1], *F.args[i + 1:]))
    else:
        yield F


def spread(terms: Iterable[Term], dX: Expr) -> list[Term]:
    """Split sums and take off whatever is free, so that each term is one trace with one dX."""
    split = [Term(K, F) for K, whole in terms for F in distributed(whole, dX)]
    return [t for term in split
            for t in (spread([take(term, dX)], dX) if waiting(term, dX) == "trace" else [term])]


def waiting(term: Term, dX: Expr) -> str | None:
    """Return the name of the next step for a term, or None when F is dX."""
    if dX == term.F:
        return None
    varying = term.F.args[place(term.F, dX)]
    return "transpose" if term.F.op == "mul" and varying.op == "T" else ADJOINTS[term.F.op][0]


def take(term: Term, dX: Expr) -> Term:
    """Take the topmost operation off F; a product with the transpose of dX is transposed as a whole."""
    K, F = term
    if F.op == "mul" and waiting(term, dX) == "transpose":
        turned = (f.args[0] if dX.names & f.names else flip(f) for f in reversed(F.args))
        return Term(flip(K), matmul(*turned))
    return ADJOINTS[F.op][1](K, F, place(F, dX))


def steps(df: Expr, dX: Expr) -> Iterable[tuple[str, list[Term]]]:
    """Yield the name of each step and the terms after it; every term that waits for the same rule takes it."""
    terms = merge(spread([Term(ex.number(1), df)], dX))
    yield "trace", terms
    while name := next(filter(None, (waiting(t, dX) for t in terms)), None):
        terms = merge(spread((take(t, dX) if waiting(t, dX) == name else t for t in terms), dX))
        yield name, terms


def merge(terms: list[Term]) -> list[Term]:
    """Add up terms with the same F whose K differ by a number, and drop what cancels."""
    groups: dict[Expr, list[Expr]] = {}
    for K, F in terms:
        groups.setdefault(F, []).append(K)
    sums = ((collect(Ks, merge_key), F) for F, Ks in groups.items())
    return [Term(K, F) for s, F in sums for K in (s.args if s.op == "add" else (s,)) if not ex.is_zero(K)]


def written(terms: Iterable[Term]) -> Expr:
    """Return the sum of the traces as it stands on a line; a scalar needs no trace."""
    return ex.add(ex.zeros(), *(tr(tidy(matmul(K, F))) for K, F in terms))


def gradient(df: Expr, dX: Expr) -> Expr:
    """Return the G with df = tr(Gᵀ dX), all steps at once."""
    return ex.zeros(*dX.shape) if ex.is_zero(df) else assemble(list(steps(df, dX))[-1][1], dX)


def assemble(terms: Iterable[Term], dX: Expr) -> Expr:
    """Return G from terms in which every F is dX."""
    return factored(collect([ex.zeros(*dX.shape), *(flip(K) for K, _ in terms)], merge_key))


def factored(G: Expr) -> Expr:
    """Write A x + B x as (A + B) x and x A + x B as x (A + B), where every term has that factor."""
    parts = sorted(map(ex.coefficient, G.args if G.op == "add" else ()), key=lambda part: part[0] < 0)
    if not parts or any(t.op != "mul" for _, t in parts):
        return G
    for end, rest in ((-1, slice(None, -1)), (0, slice(1, None))):
        if len({t.args[end] for _, t in parts}) == 1:
            inside = factored(ex.add(*(ex.number(c) * matmul(*t.args[rest]) for c, t in parts)))
            return matmul(inside, parts[0][1].args[-1]) if end else matmul(parts[0][1].args[0], inside)
    return G


def symmetric_part(G: Expr) -> Expr:
    """Return (G + Gᵀ)/2, which is G itself where that can be seen."""
    return G if same(flip(G), G) else collect([G / 2, flip(G) / 2], merge_key)


def jacobian(F: Expr, dx: Expr) -> Expr:
    """Return the M with F = M dx, for a column F that is linear in the column dx."""
    if F.is_scalar:
        return gradient(F, dx).T
    if dx == F or not dx.names & F.names:
        return eye(dx.shape[0]) if dx == F else ex.zeros(F.shape[0], dx.shape[0])
    if F.op in ("add", "mul") and (parts := list(distributed(F, dx))) != [F]:
        return ex.add(*(jacobian(part, dx) for part in parts))
    i = place(F, dx)
    inside, left, right = F.args[i], F.args[:i], F.args[i + 1:]
    if F.op == "scale":
        return left[0] * jacobian(inside, dx) if i else matmul(right[0], jacobian(inside, dx))
    if F.op == "had" or (F.op == "div" and not right[0].is_scalar):
        return matmul(diag(F.args[1 - i] if F.op == "had" else right[0]**-1), jacobian(inside, dx))
    if F.op == "div":
        return jacobian(inside, dx) / right[0]
    if F.op == "mul" and inside.shape[1] == "1":
        return times(matmul(ex.number(1), *right), matmul(*left, jacobian(inside, dx)))
    if F.op == "mul" and inside.op in ("T", "diag") and inside.args[0].shape[1] == "1":
        turn = flip if inside.op == "T" else diag  # dxᵀ r = rᵀ dx and diag(dx) r = diag(r) dx
        return matmul(*left, turn(matmul(*right)), jacobian(inside.args[0], dx))
    raise ValueError(f"{F!r} cannot be written as a matrix times {dx!r} in these operations")
