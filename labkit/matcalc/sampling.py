"""Random points at which expressions have trustworthy values, generic ones and small whole ones."""

from collections.abc import Iterable, Iterator

import numpy as np

from labkit.matcalc.expressions import Expr, differential
from labkit.matcalc.values import InfeasibleError, Point, evaluate

# Ways to draw a matrix, which lead into the domains of log, square root, inverse and log det.
MOODS = ("generic", "positive", "small", "definite", "negative")


def find(*expressions: Expr) -> dict[str, Expr]:
    """Return the symbols (and the differentials dX) in some expressions, by name."""
    found: dict[str, Expr] = {}
    for e in expressions:
        found.update({e.data[0]: e} if e.op == "symbol" else find(*e.args))
        if e.op == "d":
            found["d" + e.data.data[0]] = differential(e.data, e.data)
    return found


def sizes_in(expressions: Iterable[Expr]) -> set[str]:
    """Return the names of all sizes."""
    return {n for e in expressions for n in (*e.shape, *sizes_in(e.args), *([e.data] if e.op == "size" else []))
            if not n.isdigit()}


def draw(e: Expr, rows: int, cols: int, mood: str, rng: np.random.Generator, whole: bool) -> np.ndarray:
    """Return an array with the declared structure, of whole numbers if so wanted."""
    structure = e.data[1] if e.op == "symbol" else "symmetric" * (e.data.data[1] in ("symmetric", "spd"))
    if structure == "onehot":
        return np.eye(rows)[:, [rng.integers(rows)]]
    if structure == "probability":
        return rng.dirichlet(np.full(rows, 2.0))[:, None]
    A = rng.choice([-1.0, 0.0, 0.0, 1.0, 1.0, 2.0], (rows, cols)) if whole else rng.normal(size=(rows, cols))
    if e.op == "symbol" and (structure == "positive" or mood in ("positive", "negative")):
        A = (np.abs(A) + (1 if whole else 0.3)) * (-1 if mood == "negative" and structure != "positive" else 1)
    if mood == "small" and not whole:
        A = 0.3 * A
    if structure == "symmetric":
        A = (A + A.T) / (1 if whole else 2)
    if structure == "spd" or (mood == "definite" and rows == cols and e.op == "symbol"):
        A = A @ A.T + np.eye(rows)
    return A


def points(expressions: Iterable[Expr], count: int, rng: np.random.Generator, tries: int = 60, whole: bool = False,
           reasons: list[str] | None = None) -> Iterator[Point]:
    """Yield up to `count` points where all the expressions have values; add to `reasons` why others were refused.

    Sizes are 2 to 4. In every other try they are all equal, because YYᵀ is singular whenever Y is tall; whole
    points have size 2 throughout.
    """
    expressions = list(expressions)
    found, names = find(*expressions), sorted(sizes_in(expressions))
    for attempt in range(tries):
        common = 2 if whole else int(rng.integers(2, 4))
        sizes = {n: common if whole or attempt % 2 else int(rng.integers(2, 5)) for n in names}
        point = {n: np.array([[float(k)]]) for n, k in sizes.items()}
        shared = rng.choice(MOODS) if attempt >= 4 else "generic"
        for name, e in found.items():
            rows, cols = (int(n) if n.isdigit() else sizes[n] for n in e.shape)
            point[name] = draw(e, rows, cols, rng.choice(MOODS) if attempt % 4 == 3 else shared, rng, whole)
        try:
            memo: dict = {}
            for e in expressions:
                evaluate(e, point, memo)
        except InfeasibleError as error:
            if reasons is not None:
                reasons.append(str(error))
            continue
        yield point
        count -= 1
        if not count:
            return
