"""Checking a derivation that a student writes, line by line, with marks for each line."""

from labkit.checks.answers import Function, WrongAnswerError, call, require_function, require_own_work
from labkit.matcalc import check


def derivation(answer: Function, *, of: str, by: str, given: str, points: float) -> float:
    """Check a derivation of a gradient line by line, print what was found, and return the marks.

    Each line is compared with the student's own previous line, so that a line which follows from a wrong one keeps
    its marks. The derivation must have a line for the differential before the one for the gradient.

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
        If nothing was written, the lines are no text, there is no line for df, or no line earns a mark.

    Examples
    --------
    >>> def lines():
    ...     return ["df = tr(A @ dX)", "G = A"]
    >>> derivation(lines, of="tr(A @ X)", by="X", given="A: n,n; X: n,n", points=4)
    ✓ df = tr(A @ dX)
        proved: The same normal form as the line before.
    ✗ G = A
        refuted: For A = ..., dX = ... the line before gives ..., this line ....
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
    marks = int(2 * report.mark(points) + 1e-9) / 2
    if marks == 0:
        raise WrongAnswerError("derivation", f"✗ {name}: no line of this derivation is right yet.\n\n{report}")
    print(report)
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
