r"""How expressions are written: as text that can be typed back in, and as LaTeX.

In HTML, mathematics stands between ``\(`` and ``\)`` inside an element of class ``tex2jax_process``, which
JupyterLab and the pages of this book both typeset. No colour is fixed, so that any theme stays legible.
"""

from collections.abc import Iterable
from fractions import Fraction
from html import escape

import numpy as np

from labkit.matcalc.expressions import Expr, coefficient

SUM, NEGATIVE, PRODUCT, POWER, ATOM = range(5)  # how tightly the topmost operation binds
GREEK = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu", "nu", "xi",
         "rho", "sigma", "tau", "phi", "chi", "psi", "omega"]
SIGNS = {"mul": (" @ ", r"\,"), "had": (" * ", r" \circ "), "div": (" / ", r" \oslash ")}  # in text, in LaTeX
# In text an operation is its name with brackets; in LaTeX it is an \operatorname unless it stands here.
TEXT = {"diagonal": "diag(%s)", "two": "norm(%s)", "fro": "norm(%s)", "nuc": "norm(%s, 'nuc')", "T": "%s.T",
        "spectral": "norm(%s, 2)"}
LATEX = {"T": r"%s^{\top}", "inv": "%s^{-1}", "d": r"\mathrm{d}(%s)", "diagonal": r"\operatorname{diag}(%s)",
         "two": r"\lVert %s\rVert", "fro": r"\lVert %s\rVert_F", "nuc": r"\lVert %s\rVert_*",
         "spectral": r"\lVert %s\rVert_2", "abs": r"\lvert %s\rvert", "sqrt": r"\sqrt{%s}",
         "sigmoid": r"\sigma(%s)", "logdet": r"\log\det(%s)", "log_softmax": r"\log\operatorname{softmax}(%s)",
         **{f: rf"\{f}(%s)" for f in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arctan", "det")}}


def text(e: Expr) -> str:
    """Return the expression as it is typed: `labkit.matcalc.parse` reads it back."""
    return _write(e, False)[0]


def latex(e: Expr) -> str:
    """Return the expression in LaTeX, without delimiters."""
    return _write(e, True)[0]


def _within(e: Expr, least: int, tex: bool) -> str:
    s, level = _write(e, tex)
    return s if level >= least else rf"\left({s}\right)" if tex else f"({s})"


def _name(name: str, tex: bool) -> str:
    if not tex:
        return name
    head, _, tail = name.rstrip("0123456789").partition("_")
    sub = tail + name[len(name.rstrip("0123456789")):]
    head = "lambda" if head == "lam" else head
    stem = head if len(head) == 1 else "\\" + head if head.lower() in GREEK else rf"\mathrm{{{head}}}"
    return stem + (f"_{{{sub}}}" if sub else "")


def _number(c: Fraction, tex: bool) -> str:
    if not tex or c.denominator == 1:
        return str(c)
    return rf"{'-' * (c < 0)}\tfrac{{{abs(c.numerator)}}}{{{c.denominator}}}"


def _leaf(e: Expr, tex: bool) -> tuple[str, int]:
    if e.op == "number":
        return _number(e.data, tex), NEGATIVE if e.data < 0 else ATOM if e.data.denominator == 1 else PRODUCT
    if e.op in ("symbol", "d", "size"):
        name = e.data.data[0] if e.op == "d" else e.data[0] if e.op == "symbol" else e.data
        return (r"\mathrm{d}" if tex else "d") * (e.op == "d") + _name(name, tex), ATOM
    sizes = e.shape[:1] if e.op == "eye" or e.shape[1] == "1" else e.shape
    if not tex:
        return f"{e.op}({', '.join(sizes)})", ATOM
    base = {"eye": "I", "ones": r"\mathbf{1}", "zeros": "0"}[e.op]
    if sizes[0] == "1":  # a row is a transposed column
        return rf"{base}_{{{sizes[1]}}}^{{\top}}", POWER
    return base + "_{" + r" \times ".join(sizes) + "}", ATOM


def _sum(e: Expr, tex: bool) -> str:
    terms = [_within(t, NEGATIVE, tex) for t in e.args]
    return terms[0] + "".join(f" - {t[1:]}" if t[0] == "-" else f" + {t}" for t in terms[1:])


def _scaled(e: Expr, tex: bool) -> tuple[str, int]:
    c, rest = coefficient(e)
    gap = r"\," if tex else " * "
    if c == 1:
        s, M = e.args
        front = _within(s, PRODUCT if tex or s.op != "mul" else POWER, tex)
        return front + gap + _within(M, PRODUCT if tex or M.op == "mul" else POWER, tex), PRODUCT
    body = _within(rest, PRODUCT, tex)
    return (f"-{body}" if c == -1 else _number(c, tex) + gap + body), NEGATIVE if c < 0 else PRODUCT


def _write(e: Expr, tex: bool) -> tuple[str, int]:
    if tex not in e.memo:
        e.memo[tex] = _compose(e, tex)
    return e.memo[tex]


def _compose(e: Expr, tex: bool) -> tuple[str, int]:
    if not e.args or (e.op == "d" and e.args[0] == e.data):
        return _leaf(e, tex)
    if e.op == "add":
        return _sum(e, tex), SUM
    if e.op == "scale":
        return _scaled(e, tex)
    if e.op == "div" and tex and e.args[1].is_scalar:
        return rf"\frac{{{latex(e.args[0])}}}{{{latex(e.args[1])}}}", ATOM if e.is_scalar else PRODUCT
    if e.op in SIGNS:
        return SIGNS[e.op][tex].join(_within(a, POWER, tex) for a in e.args), PRODUCT
    if e.op == "pow":
        k = str(e.data) if tex or (e.data > 0 and e.data.denominator == 1) else f"({e.data})"
        base = _within(e.args[0], ATOM, tex)
        circle = "" if e.is_scalar else r"\circ "
        return f"{base}^{{{circle}{k}}}" if tex else f"{base}**{k}", POWER
    if e.op == "T" and tex and e.args[0].op == "inv":
        return f"{_within(e.args[0].args[0], ATOM, tex)}^{{-\\top}}", POWER
    kind = e.data if e.op in ("fn", "norm") else e.op
    template = LATEX.get(kind, rf"\operatorname{{{kind}}}(%s)") if tex else TEXT.get(kind, f"{kind}(%s)")
    bare = template.startswith("%s")
    return template % _within(e.args[0], ATOM if bare else SUM, tex), POWER if bare and tex else ATOM


def matrix(value: np.ndarray) -> str:
    """Return an array in a few characters: whole numbers without points, four digits otherwise."""
    def entry(x: float) -> str:
        return str(round(x)) if abs(x - round(x)) < 1e-9 * max(1, abs(x)) else f"{x:.4g}"
    rows = ["[" + ", ".join(map(entry, row)) + "]" for row in value]
    return entry(value[0, 0]) if value.size == 1 else "[" + ", ".join(rows) + "]"


def table(rows: Iterable[Iterable[str]], head: Iterable[str]) -> str:
    """Return an HTML table of cells that are HTML already."""
    left = 'style="text-align:left"'
    top = "".join(f'<th scope="col" {left}>{escape(h)}</th>' for h in head)
    body = "".join("<tr>" + "".join(f"<td {left}>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<table class="tex2jax_process"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'


def math(source: str) -> str:
    """Return LaTeX as an HTML fragment that MathJax typesets."""
    return rf"\({escape(source)}\)"
