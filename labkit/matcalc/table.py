"""The table of derivatives: functions of the Matrix-Cookbook kind, each derived, and checked, by this package."""

from pathlib import Path
from typing import NamedTuple

from labkit.matcalc.derivation import Derivation, derive


class Row(NamedTuple):
    """One function of the table; `derive` gives gradient, conditions and the lines between."""

    group: str
    name: str
    expression: str
    wrt: str
    declarations: str

    def derive(self) -> Derivation:
        """Derive the gradient."""
        return derive(self.expression, self.wrt, self.declarations)


def rows() -> tuple[Row, ...]:
    """Return the rows of the table, in order.

    Examples
    --------
    >>> row = rows()[0]
    >>> row.name, row.expression, row.derive().gradient
    ('linear form', 'a.T @ x', a)
    """
    group, out = "", []
    for line in Path(__file__).with_name("table.txt").read_text(encoding="utf-8").splitlines()[1:]:
        cells = [c.strip() for c in line.split("|")]
        group = line if len(cells) == 1 else group
        out += [Row(group, *cells)] if len(cells) == 4 else []
    return tuple(out)
