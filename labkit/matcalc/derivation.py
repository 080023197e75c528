"""The method, line by line: differential, trace, tr(Gᵀ dX), read off G (source L, section 2.1).

Convention. The gradient has the shape of the variable (denominator layout): df = tr(Gᵀ dX). Where X is declared
symmetric, dX is symmetric too; df then determines only the symmetric part of G, and G is given symmetric.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from labkit import autodiff
from labkit._arrays import make_rng
from labkit.gradcheck import central_difference
from labkit.matcalc import expressions as ex
from labkit.matcalc.equality import merge_key
from labkit.matcalc.expressions import Expr
from labkit.matcalc.parsing import parse
from labkit.matcalc.rules import CONDITIONS, d, pending, rule_for, work_out
from labkit.matcalc.sampling import find, points
from labkit.matcalc.showing import latex, math, table, text
from labkit.matcalc.trace import FORMULAS, Term, assemble, flip, jacobian, steps, symmetric_part, tidy, written
from labkit.matcalc.values import Point, evaluate


class Line(NamedTuple):
    """One line of a derivation: its left- and right-hand side, and the rule that leads to it."""

    left: str
    right: Expr
    rule: str = ""
    formula: str = ""

    def __str__(self) -> str:
        return f"{self.left} = {text(self.right)}"

    @property
    def latex(self) -> str:
        """The line in LaTeX."""
        left = {"df": r"\mathrm{d}f", "d2f": r"\mathrm{d}^2 f", "dG": r"\mathrm{d}G"}.get(self.left, self.left)
        return f"{left} = {latex(self.right)}"

    def df(self, wrt: Expr) -> Expr:
        """Return df as a line for f, df or G gives it."""
        if self.left == "f":
            return work_out(d(self.right, wrt), wrt)
        return self.right if self.left == "df" else ex.inner(self.right, ex.differential(wrt, wrt))


class Verification(NamedTuple):
    """How far a result is from finite differences and from automatic differentiation, relative to its size."""

    points: int
    finite_differences: float
    automatic: float

    @property
    def ok(self) -> bool:
        """Whether there were feasible points, and both agree as closely as their own accuracy allows."""
        return self.points > 0 and self.finite_differences < 1e-5 and self.automatic < 1e-8

    def __bool__(self) -> bool: return self.ok

    def __str__(self) -> str:
        return (f"{'agrees' if self.ok else 'DISAGREES'} at {self.points} random points: finite differences to "
                f"{self.finite_differences:.0e}, automatic differentiation to {self.automatic:.0e} (relative)")


@dataclass(frozen=True, repr=False)
class Derivation:
    """The derivation of a gradient or of a Hessian, to be read, shown and verified.

    Attributes
    ----------
    f, wrt : Expr
        The function and its variable.
    lines : tuple of Line
        From f to the result, each with the rule that leads to it.
    gradient : Expr
        G with df = tr(Gᵀ dX), of the shape of the variable.
    hessian : Expr or None
        H with d²f = dx₁ᵀ H dx, where that was asked for.
    """

    f: Expr
    wrt: Expr
    lines: tuple[Line, ...]
    gradient: Expr
    hessian: Expr | None = None

    @property
    def conditions(self) -> tuple[str, ...]:
        """What must hold for f to be differentiable and for the lines to have a value, kinks included."""
        return tuple(dict.fromkeys(_conditions(self.f, self.wrt)))

    @property
    def convention(self) -> str:
        """The shape of the result and the convention it follows, in words."""
        result, name = self.hessian or self.gradient, self.wrt.data[0]
        form = f"d²f = d{name}₁ᵀ H d{name}" if self.hessian else f"df = tr(Gᵀ d{name})"
        symmetric = f", d{name} and G symmetric" * ex.is_symmetric(self.wrt)
        return f"{form}, {'H' if self.hessian else 'G'} is {ex.shape_words(result.shape)}{symmetric}"

    def verify(self, count: int = 3, seed: int | np.random.Generator | None = 0) -> Verification:
        """Compare the result with finite differences and automatic differentiation at random feasible points."""
        of, result = (self.gradient, self.hessian) if self.hessian else (self.f, self.gradient)
        found = list(points([self.f, of, result, self.wrt], count, make_rng(seed)))
        errors = np.array([_errors(of, result, self.wrt, p) for p in found] or [(np.nan, np.nan)])
        return Verification(len(found), *map(float, errors.max(axis=0)))

    def __str__(self) -> str:
        width = max(len(str(line)) for line in self.lines)
        body = [f"{line!s:<{width}}   {line.rule}".rstrip() for line in self.lines]
        where = [f"where {'; '.join(self.conditions)}"] if self.conditions else []
        return "\n".join([*body, *where, self.convention])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = ([math(line.latex), line.rule + (f": {math(line.formula)}" if line.formula else "")]
                for line in self.lines)
        return table(rows, ["line", "rule"]) + f"<p>{'; '.join([*self.conditions, self.convention])}</p>"


def _errors(of: Expr, result: Expr, wrt: Expr, point: Point) -> tuple[float, float]:
    """Return the distances of a result from the derivative of `of` by differences and by `labkit.autodiff`."""
    def value(x: np.ndarray) -> np.ndarray:
        return evaluate(of, {**point, wrt.data[0]: x})
    memo: dict[Expr, np.ndarray] = {}
    here, X = evaluate(result, point, memo), point[wrt.data[0]]
    both = [D.reshape(here.shape) for D in (central_difference(value, X), autodiff.jacobian(value)(X))]
    if ex.is_symmetric(wrt):
        both = [(D + D.T) / 2 for D in both]
    scale = max(1e-3 * max(np.abs(v).max() for v in memo.values()), np.abs(both[1]).max(), 1e-300)
    return tuple(np.abs(D - here).max() / scale for D in both)


def _conditions(e: Expr, wrt: Expr) -> Iterator[str]:
    if e.op == "pow" and e.data == 2 and e.args[0].op == "norm" and e.args[0].data in ("two", "fro"):
        e = e.args[0].args[0]
    kind = e.data if e.op in ("fn", "norm") else e.op
    if kind in CONDITIONS and (wrt.data[0] in e.names or kind in ("inv", "logdet", "log", "sqrt")):
        yield CONDITIONS[kind].format(text(e.args[0]))
    if e.op == "div" and e.args[1].op != "size":
        yield f"{text(e.args[1])} ≠ 0"
    if e.op == "pow" and (e.data.denominator > 1 or e.data < 0):
        yield f"{text(e.args[0])} {'> 0' if e.data.denominator > 1 else '≠ 0'}"
    for a in e.args:
        yield from _conditions(a, wrt)


def read_problem(f: Expr | str, wrt: Expr | str, declarations: str | None) -> tuple[Expr, Expr]:
    """Return the function and its variable as expressions; raise if f is no scalar or wrt no symbol."""
    f = parse(f, declarations or "") if isinstance(f, str) else f
    if isinstance(wrt, str):
        known = {**find(f), **({wrt: parse(wrt, declarations)} if declarations else {})}
        if wrt not in known:
            raise ValueError(f"{wrt} does not occur in {f!r}, so nothing says what it is; pass declarations")
        wrt = known[wrt]
    if wrt.op != "symbol":
        raise TypeError(f"the variable must be a declared symbol, not {wrt!r}")
    if not f.is_scalar:
        raise ex.ShapeError(f"a gradient needs a scalar function; {f!r} is {ex.shape_words(f.shape)}")
    return f, wrt


def derive(f: Expr | str, wrt: Expr | str, declarations: str | None = None) -> Derivation:
    """Derive the gradient of a scalar function, a line at a time.

    Parameters
    ----------
    f : Expr or str
        The function; as text it needs `declarations`.
    wrt : Expr or str
        The variable: a declared symbol or its name.
    declarations : str, optional
        As for `labkit.matcalc.symbols`.

    Raises
    ------
    ShapeError
        If shapes do not fit, or `f` is not a scalar.
    ZeroDivisionError
        If `f` divides by what is identically zero, or has a norm of it.

    Examples
    --------
    >>> print(derive("tr(A @ inv(X) @ B)", "X", "A: m,n; X: n,n; B: n,m"))
    f = tr(A @ inv(X) @ B)
    df = tr(A @ d(inv(X)) @ B)               linearity
    df = -tr(A @ inv(X) @ dX @ inv(X) @ B)   inverse
    df = -tr(inv(X) @ B @ A @ inv(X) @ dX)   cyclic property
    G = -inv(X).T @ A.T @ B.T @ inv(X).T     read off G
    where X invertible
    df = tr(Gᵀ dX), G is n×n
    """
    f, wrt = read_problem(f, wrt, declarations)
    dX, lines = ex.differential(wrt, wrt), [Line("f", f)]
    df, terms = _differentiated("df", f, wrt, lines), []
    for name, terms in steps(df, dX) if not ex.is_zero(df) else ():
        _put(lines, Line("df", written(terms), name, FORMULAS[name]))
    G = assemble(terms, dX)
    if not ex.is_zero(G):
        _put(lines, Line("df", written([Term(flip(G), dX)]), "collect", FORMULAS["collect"]))
    result = symmetric_part(G) if ex.is_symmetric(wrt) else G
    lines.append(Line("G", result, "read off G" + ", its symmetric part" * (result != G), FORMULAS["read off"]))
    return Derivation(f, wrt, tuple(lines), result)


def hessian(f: Expr | str, wrt: Expr | str, declarations: str | None = None) -> Derivation:
    """Derive the Hessian of a scalar function of a column x: d²f = ⟨H dx₁, dx⟩, with dx₁ held constant.

    Parameters and errors are those of `derive`. In addition `wrt` must be a column (ShapeError), and H must have a
    formula in these operations (ValueError).

    Examples
    --------
    >>> print(hessian("x.T @ A @ x", "x", "A: n,n; x: n").hessian)
    A + A.T
    """
    first = derive(f, wrt, declarations)
    x, G = first.wrt, first.gradient
    if x.shape[1] != "1":
        raise ex.ShapeError(f"a Hessian needs a column; {x!r} is {ex.shape_words(x.shape)}")
    lines = [first.lines[0], first.lines[-1]]
    dx, dx1 = ex.differential(x, x), ex.symbol(f"d{x.data[0]}1", *x.shape)
    dG = _differentiated("dG", G, x, lines)
    H = ex.collect([ex.zeros(x.shape[0], x.shape[0]), tidy(jacobian(tidy(dG), dx))], merge_key)
    lines.append(Line("d2f", ex.matmul(dx1.T, H, dx), "d²f = ⟨dG, dx₁⟩, with dx₁ constant"))
    lines.append(Line("H", H, "read off H"))
    return Derivation(first.f, x, tuple(lines), G, H)


def _differentiated(left: str, e: Expr, wrt: Expr, lines: list[Line]) -> Expr:
    """Return d(e) worked out, one rule a line."""
    de = d(e, wrt)
    if de.op != "d" or de.args[0] == wrt:
        _put(lines, Line(left, de, "linearity", FORMULAS["linearity"]))
    while (waiting := next(pending(de, wrt), None)) is not None:
        rule = rule_for(waiting.args[0])
        de = work_out(de, wrt, only=rule.name)
        _put(lines, Line(left, de, rule.name, rule.formula))
    return de


def _put(lines: list[Line], line: Line) -> None:
    """Append a line unless it would change nothing."""
    if (line.left, str(line)) != (lines[-1].left, str(lines[-1])):
        lines.append(line)
