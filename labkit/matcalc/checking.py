"""Checking a derivation that somebody wrote: a verdict for each line, compared with that person's previous line.

*Proved* means that both lines have the same normal form. *Agrees at k points* is a numerical comparison and never
called a proof. *Refuted* comes with a counterexample. *Undecided* comes with the reason.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from itertools import chain, islice

import numpy as np

from labkit._arrays import make_rng
from labkit.matcalc.derivation import Line, read_problem
from labkit.matcalc.equality import same
from labkit.matcalc.expressions import SCALAR, Expr, ShapeError, differential, is_symmetric, ones, shape_words
from labkit.matcalc.parsing import Tree, build, read, symbols
from labkit.matcalc.rules import work_out
from labkit.matcalc.sampling import find, points, sizes_in
from labkit.matcalc.showing import math, matrix, table, text
from labkit.matcalc.slips import losses, repairs
from labkit.matcalc.trace import flip, gradient
from labkit.matcalc.values import InfeasibleError, Point, evaluate

SYMBOLS = {"proved": "✓", "agrees": "✓", "refuted": "✗", "undecided": "?"}
LEFT_SIDES = {"f": "f", "df": "df", "g": "G", "grad": "G", "gradient": "G", "∇f": "G", "grad f": "G"}
REPEATS = "The same as the line before."


@dataclass(frozen=True)
class Verdict:
    """What was found about one line: its status, why, and the slip if undoing one makes the line right."""

    line: str
    status: str
    reason: str
    slip: str = ""
    latex: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the line follows from the line before it, as far as could be found."""
        return self.status in ("proved", "agrees")

    def __str__(self) -> str:
        slip = f"\n    Slip: {self.slip}." if self.slip else ""
        return f"{SYMBOLS[self.status]} {self.line}\n    {self.status}: {self.reason}{slip}"


@dataclass(frozen=True)
class CheckReport:
    """The verdicts on a derivation, and whether it ends with a line for the gradient."""

    verdicts: tuple[Verdict, ...]
    complete: bool

    @property
    def ok(self) -> bool:
        """Whether every line is accepted and the gradient is reached."""
        return self.complete and all(v.accepted for v in self.verdicts)

    def __bool__(self) -> bool: return self.ok

    @property
    def first_wrong(self) -> Verdict | None:
        """The first line that does not follow from the one before it."""
        return next((v for v in self.verdicts if v.status == "refuted"), None)

    def mark(self, points: float) -> float:
        """Return the marks out of `points`, the same for every line that says something new.

        A line that repeats the one before it counts neither way. Lines that were refuted or left undecided earn
        nothing, lines that follow from a wrong one keep theirs, and a gradient that is never reached counts as
        one more line without marks.
        """
        counted = [v for v in self.verdicts if v.reason != REPEATS]
        return points * sum(v.accepted for v in counted) / max(1, len(counted) + (not self.complete))

    def __str__(self) -> str:
        return "\n".join([*map(str, self.verdicts), *["The gradient G = … is not reached."][self.complete:]])

    def _repr_html_(self) -> str:
        rows = ([f"{SYMBOLS[v.status]} {v.status}", math(v.latex) if v.latex else f"<code>{escape(v.line)}</code>",
                 escape(v.reason) + (f"<br><strong>Slip: {escape(v.slip)}.</strong>" if v.slip else "")]
                for v in self.verdicts)
        unfinished = "" if self.complete else "<p>The gradient is not reached.</p>"
        return table(rows, ["verdict", "line", "why"]) + unfinished


def check(f: Expr | str, wrt: Expr | str, lines: str | Iterable[str], declarations: str | None = None,
          seed: int = 0) -> CheckReport:
    """Check a derivation of a gradient line by line.

    Parameters
    ----------
    f, wrt, declarations
        As for `labkit.matcalc.derive`.
    lines : str or iterable of str
        Lines such as ``df = tr(A @ dX)`` and ``G = A.T``, in the syntax of `labkit.matcalc.parse`, where
        ``d(...)`` may stand for a differential that is not worked out yet. ``f = …`` rewrites the function.
        Without a left-hand side a line continues the one before; empty lines are skipped.
    seed : int
        For the random points.

    Raises
    ------
    ShapeError, ValueError
        If `f` is not a scalar function of `wrt`. What is wrong with a line never raises: it is the verdict.

    Examples
    --------
    >>> print(check("x.T @ A @ x", "x", ["df = 2 * x.T @ A @ dx", "G = 2 * A.T @ x"], "A: n,n; x: n"))
    ✗ df = 2 * x.T @ A @ dx
        refuted: For A = [[0, 0], [2, 0]], dx = [[-1], [0]], x = [[1], [2]] the line before gives -4, this line -8.
        Slip: the symmetric part is missing.
    ✓ G = 2 * A.T @ x
        proved: The same normal form as the line before.
    """
    f, wrt = read_problem(f, wrt, declarations)
    declared = {s.data[0]: s for s in symbols(declarations or "")} | find(f) | {wrt.data[0]: wrt, "*wrt": wrt}
    declared |= {f"*{n}": ones(n) for n in sizes_in([f])}  # the sizes in f, too, may be named
    before = last_f = Line("f", f)
    verdicts, left = [], ""
    for line in _split(lines):
        left, source = _sides(line, before.left, wrt)
        comparison = Comparison(f, wrt, declared, last_f if left == "f" else before, left, seed)
        verdict, right = comparison.verdict(line.strip(), source)
        verdicts.append(verdict)
        before = before if right is None else Line(left, right)
        last_f = before if before.left == "f" else last_f
    return CheckReport(tuple(verdicts), left == "G")


def _split(lines: str | Iterable[str]) -> Iterator[str]:
    """Yield the lines; ``df = a = b`` is two."""
    for line in filter(str.strip, lines.splitlines() if isinstance(lines, str) else lines):
        left, *rest = line.split("=")
        yield from (f"{left.strip()} = {part.strip()}" for part in rest) if len(rest) > 1 else [line]


def _sides(line: str, before: str, wrt: Expr) -> tuple[str, str]:
    head, _, right = line.rpartition("=")
    name, sides = head.strip().lower().replace("∂", "d"), {**LEFT_SIDES, f"df/d{wrt.data[0]}".lower(): "G"}
    return (sides.get(name, "?" + head.strip()) if name else before), right


@dataclass
class Comparison:
    """Compares one line with the statement before it, where f has a value."""

    f: Expr
    wrt: Expr
    declared: Mapping[str, Expr]
    before: Line
    left: str
    seed: int

    def __post_init__(self) -> None:
        self.expected = self.before.right if self.left == self.before.left else self.before.df(self.wrt)

    def own(self, right: Expr) -> Expr:
        """Return the line in the form in which it is compared."""
        return right if self.left == self.before.left else Line(self.left, right).df(self.wrt)

    def points(self, *here: Expr, count: int = 3, **options: object) -> Iterator[Point]:
        """Yield points where f, the line before and the given expressions have values."""
        return points([self.f, self.expected, *here], count, make_rng(self.seed), **options)

    def verdict(self, line: str, source: str) -> tuple[Verdict, Expr | None]:
        """Return the verdict, and the right-hand side where the next line can be compared with it."""
        if self.left.startswith("?"):
            return Verdict(line, "undecided", f"A line starts with f, df or G, not {self.left[1:]!r}."), None
        tree = right = None
        try:
            tree = read(source)
            right = self.built(tree)
            status, reason = self.compare(right)
        except (ShapeError, ZeroDivisionError) as error:
            status, reason = "refuted", f"{error}."
        except (SyntaxError, ValueError) as error:
            return Verdict(line, "undecided", f"It cannot be read: {error}."), None
        shown = Line(self.left, right).latex if right else ""
        return Verdict(line, status, reason, self.slip(tree, right) if status == "refuted" else "", shown), right

    def built(self, tree: Tree) -> Expr:
        """Return the right-hand side; raise ShapeError if it does not have the shape of the left."""
        right = build(tree, self.declared)
        shape = self.wrt.shape if self.left == "G" else SCALAR
        if right.shape != shape:
            what = f"the gradient by {self.wrt!r}" if self.left == "G" else self.left
            raise ShapeError(f"{what} is {shape_words(shape)}, this is {shape_words(right.shape)}")
        return right

    def compare(self, right: Expr) -> tuple[str, str]:
        """Return the status and the reason."""
        here = self.own(right)
        if self.left == self.before.left and text(right) == text(self.before.right):
            return "proved", REPEATS
        if not self.as_symmetric(right):
            return "refuted", f"{self.wrt!r} is declared symmetric, so its gradient is symmetric; this is not."
        if same(self.expected, here):
            return "proved", "The same normal form as the line before."
        reasons: list[str] = []
        agreed = 0
        for point in self.points(here, count=6, reasons=reasons):
            if real := differs(self.expected, here, point):
                return "refuted", self.counterexample(here, point)
            agreed += real is False
        if agreed >= 3:
            return "agrees", f"Agrees with the line before at {agreed} random points (not a proof)."
        cause = Counter(reasons).most_common(1)[0][0] if reasons else "rounding hides the values"
        hidden = any("kink" in r or "singular" in r for r in reasons)  # there, the line may well have a value
        if agreed == 0 and not hidden and len(list(self.points())) == 3:
            return "refuted", f"It has no value where the line before has one: {cause}."
        return "undecided", f"Too few points were found where both lines have a value: {cause}."

    def as_symmetric(self, right: Expr) -> bool:
        """Whether a gradient is symmetric where it has to be."""
        if self.left != "G" or not is_symmetric(self.wrt) or same(right, flip(right)):
            return True
        return not any(differs(right, flip(right), p) for p in self.points(right))

    def counterexample(self, here: Expr, point: Point) -> str:
        """Return the smallest readable point at which the lines differ, with both values."""
        found = [p for p in self.points(here, count=20, tries=40, whole=True) if differs(self.expected, here, p)]
        names = sorted(find(self.expected, here))
        point = min(found, key=lambda p: sum(np.abs(p[n] - 0.1).sum() for n in names), default=point)
        return (f"For {', '.join(f'{n} = {matrix(point[n])}' for n in names)} the line before gives "
                f"{matrix(evaluate(self.expected, point))}, this line {matrix(evaluate(here, point))}.")

    def slip(self, tree: Tree, right: Expr | None) -> str:
        """Return the name of the slip that, undone, makes the line right; empty if none does."""
        probes = list(self.points(*self.declared.values(), differential(self.wrt, self.wrt)))
        target = [evaluate(self.expected, p) for p in probes]
        if len(probes) < 3:
            return ""
        names = sorted(n for n in self.declared if n[0] != "*") + ["d" + self.wrt.data[0]] * (self.left == "df")
        # A long line has many places to mend and is slow to read again: the search stops after a fixed effort.
        effort = 50_000 // str(tree).count("(")
        for name, new in islice(repairs(tree, self.left, names, self.wrt.data[0]), effort):
            if self.gives(new, target, probes):
                return name
        if right is None:
            return ""
        try:
            mine = [evaluate(self.own(right), p) for p in probes]
            scaled = rescaled(tree, self.expected, target[0], mine[0])
            mended = (name for name, new in scaled if self.gives(new, target, probes))
            lost = (name for name, new in losses(self.reference()) if self.gives(new, mine, probes))
            return next(chain(mended, lost), "")
        except (InfeasibleError, ValueError, SyntaxError):  # no value here, or a df that is not linear in dX
            return ""

    def gives(self, tree: Tree, target: list[np.ndarray], probes: list[Point]) -> bool:
        """Whether a tree has the target values."""
        try:
            right = self.built(tree)
            own = self.own(right)
            return all(np.abs(evaluate(own, p) - t).max() <= 1e-8 * max(np.abs(t).max(), 1e-3)
                       for p, t in zip(probes, target, strict=True)) and self.as_symmetric(right)
        except (SyntaxError, ValueError, ArithmeticError):
            return False

    def reference(self) -> Tree:
        """Return a right line to compare with: the line before, brought to this line's left-hand side."""
        right = self.expected
        if self.left == "G" != self.before.left:
            right = gradient(work_out(right, self.wrt), differential(self.wrt, self.wrt))
        return read(text(right))


def rescaled(tree: Tree, expected: Expr, target: np.ndarray, mine: np.ndarray) -> Iterator[tuple[str, Tree]]:
    """Yield (name of the slip, the line times what may be missing): a number, or a scalar of the line before."""
    c = Fraction(float(np.vdot(mine, target) / max(np.vdot(mine, mine), 1e-300))).limit_denominator(12)
    yield f"the factor {c} is missing", ("*", ("number", c), tree)
    for s in sorted(map(text, scalars_in(expected)), key=len):
        yield f"the factor {s} is missing (the chain rule?)", ("*", read(s), tree)
        yield f"the division by {s} is missing", ("/", tree, read(s))


def scalars_in(e: Expr) -> list[Expr]:
    """Return the scalars that occur in an expression, itself included."""
    return [e] * e.is_scalar + [s for a in e.args for s in scalars_in(a)]


def differs(a: Expr, b: Expr, point: Point) -> bool | None:
    """Whether two values differ by more than rounding explains; None where rounding hides it.

    A difference is real if it is large beside the values, and a thousand times what a relative change of 1e-12 of
    the data does to them.
    """
    try:
        memo: dict = {}
        u, v = evaluate(a, point, memo), evaluate(b, point, memo)
        gap, size = np.abs(u - v).max(), max(np.abs(u).max(), np.abs(v).max())
        if gap <= max(1e-9 * size, 1e-13 * max(np.abs(w).max() for w in memo.values())):
            return False
        moved = {n: w * (1 + 1e-12 * np.cos(np.arange(w.size)).reshape(w.shape)) for n, w in point.items()}
        noise = np.abs(evaluate(a, moved) - u).max() + np.abs(evaluate(b, moved) - v).max()
    except InfeasibleError:
        return None
    return True if gap > max(1e-6 * size, 1e3 * noise) else None
