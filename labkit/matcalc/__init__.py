"""Matrix calculus by the method of differentials: derive a gradient line by line, or check somebody's derivation.

>>> from labkit.matcalc import check, derive
>>> D = derive("norm(X @ w - y)**2", "w", "X: n,p; w: p; y: n")
>>> D.gradient
2 * X.T @ (X @ w - y)
>>> D.verify().ok
True
>>> print(check(D.f, "w", ["df = 2 * (X @ w - y).T @ X @ dw", "G = X.T @ (X @ w - y)"]).first_wrong.slip)
a factor 2 is missing

Read the modules in this order: `expressions` (what is written), `rules` (the calculus), `trace` (the way to
tr(Gᵀ dX)), `derivation` (the lines), `equality` (when two lines are the same), `values` and `sampling` (numbers),
`slips` and `checking` (what went wrong), `parsing`, `showing` and `table`.
"""

from labkit.matcalc.checking import CheckReport, Verdict, check
from labkit.matcalc.derivation import Derivation, Line, Verification, derive, hessian
from labkit.matcalc.expressions import Expr, ShapeError
from labkit.matcalc.parsing import parse, symbols
from labkit.matcalc.table import Row, rows

__all__ = ["CheckReport", "Derivation", "Expr", "Line", "Row", "ShapeError", "Verdict", "Verification", "check",
           "derive", "hessian", "parse", "rows", "symbols"]
