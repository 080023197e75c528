"""The outputs of a cell: taken in one by one, checked, joined and limited."""

import re
from typing import Any

from course.grading.shell import Output

# What a page can show without running anything of the student's. HTML, SVG, Markdown and JavaScript can hold
# programs, and would run in the browser of whoever looks at the work; the plain text beside them is shown
# instead.
_SHOWN = ("text/plain", "text/latex", "image/png", "image/jpeg")
_FIGURES = 40  # times the characters of text: room for images
_MOST_LINES = 1000
CUT = "… the rest of the output is left out."


class Outputs:
    """What a cell has shown.

    Parameters
    ----------
    limit : int
        Characters of text that are kept; images may take forty times as many.

    Attributes
    ----------
    kept : list of dict
        In the form in which a notebook stores them.
    cut : bool
        Whether something was left out.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.kept: list[Output] = []
        self.cut = False
        self._text = self._lines = self._rest = 0

    def add(self, output: Output) -> None:
        """Take an output; one that is none is left out."""
        kind = output.get("output_type") if isinstance(output, dict) else None
        if kind == "clear":
            self.kept = []
        elif kind == "stream":
            self._add_stream(str(output.get("name")), str(output.get("text")))
        elif kind in ("display_data", "execute_result"):
            self._add_data(kind, output)
        elif kind == "error":
            self._add_error(output)

    def _room(self, text: str) -> str:
        """Return the part of a text for which there is room."""
        lines = text.count("\n")
        if self._text + len(text) > self.limit or self._lines + lines > _MOST_LINES:
            self.cut = True
            text = text[:max(0, self.limit - self._text)]
            text = "".join(text.splitlines(keepends=True)[:max(0, _MOST_LINES - self._lines)])
        self._text += len(text)
        self._lines += text.count("\n")
        return text

    def _add_stream(self, name: str, text: str) -> None:
        text, was_cut = "" if self.cut else text, self.cut
        text = self._room(text)
        if self.cut and not was_cut:
            text += f"\n{CUT}\n"
        if not text:
            return
        name = "stderr" if name == "stderr" else "stdout"
        if self.kept and self.kept[-1].get("name") == name:
            self.kept[-1]["text"] += text
        else:
            self.kept.append({"output_type": "stream", "name": name, "text": text})

    def _add_data(self, kind: str, output: Output) -> None:
        data = output.get("data")
        data = data if isinstance(data, dict) else {}
        data = {kind: value for kind, value in data.items() if kind in _SHOWN and isinstance(value, str)}
        self._rest += sum(map(len, data.values()))
        if self._rest > _FIGURES * self.limit:
            self._add_stream("stdout", "\n" * _MOST_LINES)
            return
        if not data:
            return
        shown = {"output_type": kind, "data": data, "metadata": {}}
        if kind == "execute_result":
            count = output.get("execution_count")
            shown["execution_count"] = count if isinstance(count, int) else None
        self.kept.append(shown)

    def _add_error(self, output: Output) -> None:
        lines = output.get("traceback")
        lines = [str(line)[:self.limit] for line in lines[:200]] if isinstance(lines, list) else []
        self.kept.append({"output_type": "error", "ename": str(output.get("ename"))[:200],
                          "evalue": str(output.get("evalue"))[:self.limit], "traceback": lines})


def error_output(name: str, message: str) -> Output:
    """Return the output of a cell that was ended from outside."""
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": [f"{name}: {message}"]}


_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def message_of(outputs: list[Output]) -> str:
    """Return the message of the error with which a cell ended, without colours; empty if it did not fail."""
    for output in outputs:
        if output["output_type"] == "error":
            text = output["evalue"] or output["ename"]
            return _ESCAPE.sub("", text if output["ename"] == "WrongAnswerError" else
                               f"{output['ename']}: {text}".removesuffix(f": {output['ename']}"))
    return ""


def score(outputs: list[Output], points: float) -> tuple[float | None, str]:
    """Return the points that a test cell earned, by nbgrader's rule, and what was wrong with it, if anything.

    An error earns nothing. The value of the last expression, if it is a number, is the number of points. Anything
    else earns them all. What was printed to stderr costs nothing, other than in nbgrader. A number below 0, above
    `points`, or NaN is a mistake in the test: there are no points then, and a person has to decide.

    Examples
    --------
    >>> score([], 4)
    (4.0, '')
    >>> score([{"output_type": "execute_result", "data": {"text/plain": "2.5"}}], 4)
    (2.5, '')
    >>> score([{"output_type": "execute_result", "data": {"text/plain": "nan"}}], 4)
    (None, 'the test gave nan points of 4')
    """
    for output in outputs:
        if output["output_type"] == "error":
            return 0.0, ""
        if output["output_type"] == "execute_result":
            return _partial(output["data"].get("text/plain", ""), points)
    return float(points), ""


def _partial(text: str, points: float) -> tuple[float | None, str]:
    try:
        number = float(text)
    except ValueError:
        return float(points), ""
    if 0 <= number <= points:
        return number, ""
    return None, f"the test gave {text} points of {points:g}"


def without_paths(outputs: list[Output], folders: dict[str, str]) -> list[Output]:
    """Return outputs in which the folders of this machine have the names given for them, in text of any kind."""
    patterns = [(re.compile(re.escape(folder) + r"(?![\w.-])"), name) for folder, name in folders.items()]

    def clean(value: Any) -> Any:
        if isinstance(value, str):
            for pattern, name in patterns:
                value = pattern.sub(name, value)
            return value
        if isinstance(value, list):
            return [clean(item) for item in value]
        if isinstance(value, dict):
            return {key: item if key.startswith("image/") else clean(item) for key, item in value.items()}
        return value

    return [clean(output) for output in outputs]
