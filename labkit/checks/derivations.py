"""Checking a derivation that a student writes, line by line, with marks for each line."""

import re
from dataclasses import dataclass, replace

from labkit.checks.answers import Function, WrongAnswerError, call, require_function, require_own_work
from labkit.matcalc import check, symbols
from labkit.matcalc.checking import LEFT_SIDES, REPEATS, CheckReport, Verdict
from labkit.matcalc.expressions import FUNCTIONS

UNREADABLE = "It cannot be read: "
_OPERAND, _NEXT = r"[A-Za-z_][\w.]*", r"[A-Za-z_][\w.]*\s*\(?|\("  # the second up to its opening bracket
_TRANSPOSED = re.compile(rf"({_OPERAND}?|\))\s*(?:\^\s*\{{?\s*\\?(?:T\b|top|[⊤ᵀ])|[⊤ᵀ])")  # D^T, D^{\\top}, Dᵀ
_POWER = re.compile(r"([\w.]+|\))\s*\^\s*\{?(-?\w+)")
_NUMBER = re.compile(rf"(?<![\w.])(\d+(?:\.\d+)?)\s*(?!e[+-]?\d)({_NEXT})")
_ROW = re.compile(r"(?<![\w.@])\s*(\w+)\s*@")
_UNIT = re.compile(r"(?<![\w.])I(?![\w(])")
_NAME = re.compile(r"[^\W\d]\w*")
_PAIR = re.compile(rf"((?<![\w.]){_OPERAND}|\)(?:\.T)?)(?![\w.])(?=(\s*)({_NEXT}))")


def derivation(answer: Function, *, of: str, by: str, given: str, points: float) -> float:
    """Check a derivation of a gradient line by line, print what was found, and return the marks.

    The lines before G share one half of the points, G earns the other. A line is right if it follows from the
    student's own line before it, or if it is the differential of f whatever stands there. G is right if it is the
    gradient of f, whatever stands before it; if it only follows from the line before, it keeps half of its share.
    What follows from a line about another function earns nothing.

    Before G the differential must be carried out: a line for df in which no ``d(…)`` is left but dX. Lines before
    it may have such a ``d(…)``. The function may have another name: ``dh`` is read as ``df``, ``X_bar`` as ``G``.

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
    ✗ lines: not every line is right yet. Points, of 4:
    2.0
    """
    name = require_function(answer)
    written = _Written(_lines_of(answer, name, by, given), of, by, given)
    if not any(step.left == "df" for step in written.steps):
        raise WrongAnswerError("no differential", f"✗ {name}: the derivation should show how you got there. Begin "
                                                  "with a line `df = …`, and end with `G = …`.")
    marks = int(2 * points * written.share() + 1e-9) / 2
    told = "\n".join(_told(written))
    if not written.carried_out():
        raise WrongAnswerError("no differential", f"✗ {name}: carry the differential out: a line with d{by} alone "
                                                  f"should come before G.\n\n{told}")
    if marks == 0:
        raise WrongAnswerError("derivation", f"✗ {name}: no line leads to the gradient of f yet.\n\n{told}")
    every = all(step.right for step in written.steps) and written.complete
    print(told)
    print(f"✓ {name}: every line is right. Points:" if every else
          f"✗ {name}: not every line is right yet. Points, of {points:g}:")
    return marks


def legible(answer: Function, *, of: str, by: str, given: str) -> None:
    """Say whether the lines of a derivation can be read, and nothing of whether they are right.

    For a derivation that is marked without feedback before, so that no misprint costs marks.

    Parameters
    ----------
    answer : callable
        The student's function, as for `derivation`.
    of, by, given : str
        As for `derivation`.

    Raises
    ------
    WrongAnswerError
        If nothing was written, or the lines are no text.

    Examples
    --------
    >>> legible(lambda: ["df = tr(dX)", "G = eye(n)"], of="tr(A @ X)", by="X", given="A: n,n; X: n,n")
    ✓ <lambda>: your 2 lines can be read, from df to G. Whether they are right is marked later.
    >>> legible(lambda: ["df = tr(A dX)"], of="tr(A @ X)", by="X", given="A: n,n; X: n,n")
    ? <lambda>: before you hand in, mend
    ? df = tr(A dX)
        It cannot be read: write @ between matrices: A @ dX.
    The gradient G = … is not reached.
    """
    name = require_function(answer)
    written = _Written(_lines_of(answer, name, by, given), of, by, given)
    unread = [f"? {step.verdict.line}\n    {_reason(step, given)}"
              for step in written.steps if not step.read]
    if not any(step.left == "df" for step in written.steps):
        unread.insert(0, "There is no line df = … before G.")
    if not written.complete:
        unread.append("The gradient G = … is not reached.")
    print("\n".join([f"? {name}: before you hand in, mend", *unread]) if unread else
          f"✓ {name}: your {len(written.steps)} lines can be read, from df to G. Whether they are right is marked "
          "later.")


# --- the lines -------------------------------------------------------------------------------------------------

def _lines_of(answer: Function, name: str, by: str, given: str) -> list[str]:
    """Return the lines that the student's function returns, as `check` wants them."""
    require_own_work(answer, name, "Please write the lines yourself, and try them in a cell of your own.")
    try:
        returned = call(answer, {})
        lines = returned.splitlines() if isinstance(returned, str) else returned
        if not isinstance(lines, (list, tuple)) or not all(isinstance(line, str) for line in lines):
            raise WrongAnswerError("type", "it should return the lines as text: [\"df = …\", \"G = …\"].")
        kept = [line for line in lines if line.strip()]
        if not kept:
            raise WrongAnswerError("not written", "there are no lines yet. Write them between the quotation "
                                                  "marks.")
    except WrongAnswerError as failure:
        raise WrongAnswerError(failure.kind, f"✗ {name}: {failure}") from None
    return [_with_usual_names(line, by, {symbol.data[0] for symbol in symbols(given)}) for line in kept]


def _with_usual_names(line: str, by: str, declared: set[str]) -> str:
    """Return a line with f and G for other names of the function and of its gradient."""
    head, equals, right = line.partition("=")
    name = head.strip()
    if not equals or name in ("df", "G"):
        return line
    if re.fullmatch(rf"(grad|gradient|∇)\s*_?\w*|{by}_?bar|[d∂]\w+\s*/\s*[d∂]{by}", name):
        return f"G ={right}"
    if re.fullmatch(r"[d∂][^\W\d]\w*", name) and name[1:] not in declared:
        return f"df ={right}"
    return line


@dataclass(frozen=True)
class _Step:
    """One line: what stands on its left (f, df or G) and on its right, and what was found about it."""

    left: str
    source: str
    verdict: Verdict
    by_itself: bool  # whether it is right whatever stands before it

    @property
    def read(self) -> bool: return bool(self.verdict.latex)  # LaTeX is there for every line that could be read

    @property
    def right(self) -> bool: return self.verdict.accepted or self.by_itself


class _Written:
    """A derivation, with what was found about each line."""

    def __init__(self, lines: list[str], of: str, by: str, given: str) -> None:
        self.of, self.by, self.given = of, by, given
        report = check(of, by, lines, given)
        self.complete = report.complete
        self.steps = [_Step(left, source, verdict, verdict.accepted if n == 0 else self._is_right(left, source))
                      for n, (left, source, verdict) in enumerate(_sides(report))]

    def _is_right(self, left: str, source: str) -> bool:
        """Return whether a line holds without the lines before it."""
        if left not in ("df", "G"):
            return False
        return check(self.of, self.by, [f"{left} = {source}"], self.given).verdicts[0].accepted

    def share(self) -> float:
        """Return what the derivation earns, as a share of the points."""
        about = self.is_about()
        before = [step for step in self.steps if step.left != "G" and step.verdict.reason != REPEATS]
        right = sum(step.by_itself or (step.verdict.accepted and about) for step in before)
        G = self.steps[-1] if self.complete else None
        earned = 0.0 if G is None else 1.0 if G.by_itself else 0.5 * (G.verdict.accepted and about)
        return (right / max(1, len(before)) + earned) / 2

    def carried_out(self) -> bool:
        """Return whether some line for df was worked out before G; without G, whether one was begun."""
        before_G = []
        for step in self.steps:
            if step.left == "G":
                break
            if step.left == "df":
                if not step.read:
                    return True  # nobody knows; that it cannot be read is said
                before_G.append(re.sub(rf"\bd\(\s*{self.by}\s*\)", f"d{self.by}", step.source))
        else:
            return not all(map(_is_one_differential, before_G))
        return any(not re.search(r"\bd\(", source) for source in before_G)

    def is_about(self) -> bool:
        """Return whether some line that works a differential out is one of f.

        It is if it is right, or wrong by a slip, or has all letters of f: what follows from a line about another
        function is no part of this derivation.
        """
        letters = set(_NAME.findall(self.of)) - FUNCTIONS.keys() - {"T", self.by}
        worked_out = [step for step in self.steps
                      if step.left == "df" and step.read and not re.search(r"\bd\(", step.source)]
        return not worked_out or any(step.by_itself or step.verdict.slip
                                     or letters <= set(_NAME.findall(step.source)) for step in worked_out)


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

def _told(written: _Written) -> list[str]:
    """Return the verdicts in the words of an assignment."""
    told, read = [], False
    for step in written.steps:
        reason = _reason(step, written.given).replace(", this line ", ", this line gives ")
        if not read:  # then the line is compared with f itself
            reason = reason.replace("the line before", "f" if step.left == "f" else "the differential of f")
        verdict = replace(step.verdict, reason=reason)
        if step.by_itself and not step.verdict.accepted:
            what = "gradient" if step.left == "G" else "differential"
            told.append(f"✓ {verdict.line}\n    right: This is the {what} of f. It does not follow from the line "
                        "before: mend that one.")
        else:
            told.append(str(verdict))
        read = read or step.read
    G = written.steps[-1]
    if not written.complete:
        told.append("The gradient G = … is not reached.")
    elif G.verdict.accepted and not G.by_itself:
        told.append("    G follows from the line before, but it is not the gradient of f: first mend the line "
                    "marked ✗.")
    return told


def _reason(step: _Step, given: str) -> str:
    """Return why a line was refused, with a word on how it is written here where that is the cause."""
    reason = step.verdict.reason
    if reason.startswith("A line starts with"):
        return f"{reason} Other names cannot be read: write out what they stand for."
    if reason.startswith(UNREADABLE):
        hint = _syntax_hint(step.source, given)
        return f"{UNREADABLE}{hint}." if hint else re.sub(r"([?!.])\.$", r"\1", reason)
    if reason.startswith("df is a scalar"):
        return f"{reason} Is a trace missing?"
    row = _ROW.search(step.source) if step.verdict.status == "refuted" and not step.read else None
    vectors = {symbol.data[0] for symbol in symbols(given) if symbol.shape[1] == "1" and not symbol.is_scalar}
    if row and row[1].removeprefix("d") in vectors:
        return f"{reason} In these lines vectors are columns: {row[1]}.T @ …"
    return reason


def _syntax_hint(source: str, given: str) -> str:
    """Say how what stands in a line that cannot be read is written here; empty if it is none of the usual."""
    if found := _TRANSPOSED.search(source):
        return f"the transpose is {_bracketed(found[1])}.T"
    if "⟨" in source or "<" in source:
        return "⟨A, B⟩ is written inner(A, B)"
    if _UNIT.search(source) and "I" not in {symbol.data[0] for symbol in symbols(given)}:
        return "the unit matrix is eye(n), with its size between the brackets"
    if found := _POWER.search(source):
        return (f"the inverse is inv({found[1] if found[1] != ')' else '…'})" if found[2] == "-1" else
                f"a power of a number is written {_bracketed(found[1])}**{found[2]}")
    if "^" in source:
        return "a power is written with **, not with ^"
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
