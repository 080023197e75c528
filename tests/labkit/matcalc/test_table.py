"""The public table of derivatives is right: against finite differences and an automatic-differentiation oracle."""

import matcalc_oracle
import numpy as np
import pytest

from labkit.gradcheck import richardson
from labkit.matcalc import check, rows
from labkit.matcalc.sampling import points
from labkit.matcalc.values import evaluate

TABLE = rows()
IDS = [f"{row.name} by {row.wrt}" for row in TABLE]


def test_the_table_has_at_least_80_different_rows():
    assert len({(row.expression, row.declarations, row.wrt) for row in TABLE}) == len(TABLE) >= 80


@pytest.mark.parametrize("row", TABLE, ids=IDS)
def test_gradient_agrees_with_finite_differences_and_autograd(row):
    D = row.derive()
    symmetric = (
        "symmetric" in row.declarations.split(f"{row.wrt}:")[1].split(";")[0]
        or "spd" in row.declarations.split(f"{row.wrt}:")[1].split(";")[0]
    )
    part = (lambda G: (G + G.T) / 2) if symmetric else (lambda G: G)
    found = list(points([D.f, D.gradient, D.wrt], 4, np.random.default_rng(20)))
    assert len(found) == 4
    for point in found:
        G = evaluate(D.gradient, point)
        assert G.shape == point[row.wrt].shape
        f = lambda X, point=point: float(np.sum(matcalc_oracle.value(row.expression, {**point, row.wrt: X})))  # noqa: E731
        scale = 1e-3 + np.abs(G).max()
        assert np.abs(G - part(richardson(f, point[row.wrt]))).max() < 1e-7 * scale
        assert np.abs(G - part(matcalc_oracle.gradient(row.expression, row.wrt, point))).max() < 1e-9 * scale
    assert D.verify()


@pytest.mark.parametrize("row", TABLE, ids=IDS)
def test_checker_proves_every_line_of_the_derivation(row):
    D = row.derive()
    report = check(row.expression, row.wrt, [str(line) for line in D.lines[1:]], row.declarations)
    assert [v.status for v in report.verdicts] == ["proved"] * (len(D.lines) - 1), str(report)
    assert report.ok


@pytest.mark.parametrize("row", TABLE, ids=IDS)
def test_no_line_repeats_the_one_before_and_every_line_names_its_rule(row):
    D = row.derive()
    assert all(str(a) != str(b) for a, b in zip(D.lines, D.lines[1:], strict=False))
    assert all(line.rule for line in D.lines[1:])
    assert [line.left for line in D.lines] == ["f", *["df"] * (len(D.lines) - 2), "G"]
    assert len(D.lines) <= 11
