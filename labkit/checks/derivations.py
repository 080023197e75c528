"""Checking a derivation that a student writes, line by line, with marks for each line."""

import re
from dataclasses import replace

from labkit.checks.answers import Function, WrongAnswerError, call, require_function, require_own_work
from labkit.matcalc import check, symbols
from labkit.matcalc.checking import LEFT_SIDES, CheckReport, Verdict
from labkit.matcalc.expressions import FUNCTIONS

UNREADABLE = "It cannot be read: "
_OPERAND, _NEXT = r"[A-Za-z_][\w.]*", r"[A-Za-z_][\w.]*\s*\(?|\("  # the second up to its opening bracket
_TRANSPOSED = re.compile(rf"({_OPERAND}?|\))\s*(?:\^\s*\{{?\s*\\?(?:T\b|top|[⊤ᵀ])|[⊤ᵀ])")  # D^T, D^{\\top}, Dᵀ
_POWER = re.compile(r"([\w.]+|\))\s*\^\s*\{?(-?\w+)")
_NUMBER = re.compile(rf"(?<![\w.])(\d+(?:\.\d+)?)\s*(?!e[+-]?\d)({_NEXT})")
_NAME = re.compile(r"[^\W\d]\w*")
_PAIR = re.compile(rf"((?<![\w.]){_OPERAND}|\)(?:\.T)?)(?![\w.])(?=(\s*)({_NEXT}))")


def derivation(answer: Function, *, of: str, by: str, given: str, points: float) -> float:
    """Check a derivation of a gradient line by line, print what was found, and return the marks.

    Each line is compared with the student's own previous line, so that a line which follows from a wrong one keeps
    its marks; lines about another function earn nothing. Before the line for the gradient the differential must be
    carried out: a line for df in which no ``d(…)`` is left but dX. Lines before it may have such a ``d(…)``.

    Parameters
    ----------
    answer : callable
        The student's function; it takes nothing and returns the lines, such as ``["df = tr(A @ dX)", "G = A.T"]``,
        or a text with one line for each.
    of, by, given : str
        The function, its variable and the declarations, as for `labkit.matcalc.check`.
    points : float
        What a right and complete derivation earns.

    Returns
    -------
    float
        The marks, rounded down to halves: as the last value of a test cell nbgrader takes them as partial credit.

    Raises
    ------
    WrongAnswerError
        If nothing was written, the lines are no text, no line carries the differential out, or none earns a mark.

    Examples
    --------
    >>> def lines():
    ...     return ["df = tr(A @ dX)", "G = A"]
    >>> derivation(lines, of="tr(A @ X)", by="X", given="A: n,n; X: n,n", points=4)
    ✓ df = tr(A @ dX)
        proved: The same normal form as the differential of f.
    ✗ G = A
        refuted: For A = ..., dX = ... the line before gives ..., this line gives ....
        Slip: G is transposed: that is the other layout.
    lines: 2 of 4 points.
    2.0
    """
    name = require_function(answer)
    require_own_work(answer, name)
    try:
        lines = _lines(call(answer, {}))
    except WrongAnswerError as failure:
        raise WrongAnswerError(failure.kind, f"✗ {name}: {failure}") from None
    if not any(line.replace(" ", "").lower().startswith("df=") for line in lines):
        raise WrongAnswerError("no differential", f"✗ {name}: the derivation should show how you got there. Begin "
                                                  "with a line `df = …`, and end with `G = …`.")
    report = check(of, by, lines, given)
    marks = int(2 * report.mark(points) + 1e-9) / 2 if _is_about(report, of, by) else 0.0
    told = "\n".join(_told(report, of, by, given))
    if marks == 0:
        raise WrongAnswerError("derivation", f"✗ {name}: no line of this derivation is right yet.\n\n{told}")
    if not _carried_out(report, by):
        raise WrongAnswerError("no differential", f"✗ {name}: carry the differential out: a line with d{by} alone "
                                                  f"should come before G.\n\n{told}")
    print(told)
    print(f"✓ {name}: every line is right." if report.ok else f"{name}: {marks:g} of {points:g} points.")
    return marks


def _lines(returned: object) -> list[str]:
    lines = returned.splitlines() if isinstance(returned, str) else returned
    if not isinstance(lines, (list, tuple)) or not all(isinstance(line, str) for line in lines):
        raise WrongAnswerError("type", "it should return the lines as text: [\"df = …\", \"G = …\"].")
    kept = [line for line in lines if line.strip()]
    if not kept:
        raise WrongAnswerError("not written", "there are no lines yet. Write them between the quotation marks.")
    return kept


# --- was anything derived? -------------------------------------------------------------------------------------

def _carried_out(report: CheckReport, by: str) -> bool:
    """Return whether some line for df was worked out before G; without G, whether one was begun."""
    before_G = []
    for left, right, verdict in _sides(report):
        if left == "G":
            return any(not re.search(r"\bd\(", source) for source in before_G)
        if left == "df" and verdict.latex:  # LaTeX is there for every line that could be read
            before_G.append(re.sub(rf"\bd\(\s*{by}\s*\)", f"d{by}", right))
    return not all(map(_is_one_differential, before_G))


def _is_about(report: CheckReport, of: str, by: str) -> bool:
    """Return whether a line that works the differential out is right, or wrong by a slip, or has all letters of f.

    What follows from a line about another function is no part of this derivation.
    """
    letters = set(_NAME.findall(of)) - FUNCTIONS.keys() - {"T", by}
    worked_out = [(right, verdict) for left, right, verdict in _sides(report)
                  if left == "df" and verdict.latex and not re.search(r"\bd\(", right)]
    return not worked_out or any(verdict.accepted or verdict.slip or letters <= set(_NAME.findall(right))
                                 for right, verdict in worked_out)


def _sides(report: CheckReport) -> list[tuple[str, str, Verdict]]:
    """Return the lines as f, df or G, their right-hand sides and the verdicts."""
    left, found = "", []
    for verdict in report.verdicts:
        head, _, right = verdict.line.rpartition("=")
        name = head.strip().lower().replace("∂", "d")
        left = ("G" if name.startswith("df/d") else LEFT_SIDES.get(name, name)) or left
        found.append((left, right.strip(), verdict))
    return found


def _is_one_differential(source: str) -> bool:
    """Return whether a text is d(…) from its first character to its last."""
    depths, depth = [], 0
    for character in source:
        depth += (character == "(") - (character == ")")
        depths.append(depth)
    return source.startswith("d(") and source.endswith(")") and 0 not in depths[1:-1]


# --- what is told ----------------------------------------------------------------------------------------------

def _told(report: CheckReport, of: str, by: str, given: str) -> list[str]:
    """Return the verdicts in the words of an assignment."""
    told, read = [], False
    for left, right, verdict in _sides(report):
        reason = verdict.reason.replace(", this line ", ", this line gives ")
        if not read:  # then the line is compared with f itself
            reason = reason.replace("the line before", "f" if left == "f" else "the differential of f")
        if reason.startswith(UNREADABLE):
            hint = _syntax_hint(right, given)
            reason = f"{UNREADABLE}{hint}." if hint else re.sub(r"([?!.])\.$", r"\1", reason)
        told.append(str(replace(verdict, reason=reason)))
        read = read or bool(verdict.latex)
    if not report.complete:
        return [*told, "The gradient G = … is not reached."]
    _, G, verdict = _sides(report)[-1]
    if verdict.accepted and report.first_wrong and check(of, by, [f"G = {G}"], given).first_wrong:
        told.append("    G follows from the line before, but it is not the gradient of f: first mend the line "
                    "marked ✗.")
    return told


def _syntax_hint(source: str, given: str) -> str:
    """Say how what stands in a line that cannot be read is written here; empty if it is none of the usual."""
    if found := _TRANSPOSED.search(source):
        return f"the transpose is {_bracketed(found[1])}.T"
    if found := _POWER.search(source):
        return (f"the inverse is inv({found[1] if found[1] != ')' else '…'})" if found[2] == "-1" else
                f"a power of a number is written {_bracketed(found[1])}**{found[2]}")
    if found := _NUMBER.search(source):
        return f"write * after a number: {found[1]} * {_bracketed(found[2])}"
    declared = {symbol.data[0]: symbol for symbol in symbols(given)}
    for left, gap, right in (pair.groups() for pair in _PAIR.finditer(source)):
        name = left.removesuffix(".T")
        function = not gap and right == "(" and name not in {*declared, ")"}
        if function or name.rpartition(".")[2] in {*FUNCTIONS, "d"}:
            continue
        if name in declared and declared[name].is_scalar:
            return f"write * beside a scalar: {left} * {_bracketed(right)}"
        return f"write @ between matrices: {_bracketed(left)} @ {_bracketed(right)}"
    return ""


def _bracketed(part: str) -> str:
    """Write an operand that ends in a bracket, or is one, as ``tr(…)`` or ``(…)``."""
    part = part.replace(" ", "")
    return "(…)" if part in "()" else part.replace(").T", "(…).T") + "…)" * part.endswith("(")
