r"""The page that a student gets: one HTML file that needs no other, and asks no host for anything.

nbgrader's own converter writes it; `nbgrader_config.py` gives it the exporter and the two preprocessors from here.
MathJax stands in the page, packed, because pages are handed out one by one, by mail or through a learning system,
and are read without a network. A content security policy sees to it that nothing else runs or is loaded, whatever
the student's text contains.
"""

import base64
import functools
import gzip
import hashlib
import re
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import jinja2
import mathjax
from mistune.util import striptags
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from nbgrader.preprocessors import GetGrades, NbGraderPreprocessor
from pygments.formatters import HtmlFormatter
from traitlets.config import Config

from course.grading.gradebook import NO_RESPONSE, is_marked

_TEMPLATES = Path(__file__).parent / "templates"
_MATHJAX = Path(mathjax.__file__).parent / "static" / "mathjax" / "es5" / "tex-svg-full.js"


# --- points ----------------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Points:
    """Points, of which some may not have been given yet.

    Attributes
    ----------
    earned, marked, unmarked : float
        What was earned, out of how many points, and how many more a person has yet to give.

    Examples
    --------
    >>> [str(Points(3, 4)), str(Points(unmarked=9)), str(Points(3, 4) + Points(unmarked=9))]
    ['3 of 4', 'not marked yet (of 9)', '3 of 4 so far; 9 not marked yet']
    >>> Points(3, 4).in_words, (Points(86, 86) + Points(unmarked=14)).in_words
    ('3 of 4 points', '86 of 86 marked so far; 14 points are still to be marked by hand')
    """

    earned: float = 0.0
    marked: float = 0.0
    unmarked: float = 0.0

    def __add__(self, other: "Points") -> "Points":
        return Points(self.earned + other.earned, self.marked + other.marked, self.unmarked + other.unmarked)

    @property
    def state(self) -> str:
        """``"open"`` while anything is unmarked, else ``"full"``, ``"none"`` or ``"part"``."""
        if self.unmarked:
            return "open"
        if self.earned >= self.marked:
            return "full"
        return "part" if self.earned > 0 else "none"

    def __str__(self) -> str:
        so_far = f"{_number(self.earned)} of {_number(self.marked)}"
        if not self.unmarked:
            return so_far
        if not self.marked:
            return f"not marked yet (of {_number(self.unmarked)})"
        return f"{so_far} so far; {_number(self.unmarked)} not marked yet"

    @property
    def in_words(self) -> str:
        """What stands at the head of the page."""
        if not self.unmarked:
            return f"{_number(self.earned)} of {_number(self.marked)} points"
        many = "1 point is" if self.unmarked == 1 else f"{_number(self.unmarked)} points are"
        still = f"{many} still to be marked by hand"
        return f"{_number(self.earned)} of {_number(self.marked)} marked so far; {still}" if self.marked else still


def _number(value: float) -> str:
    return f"{round(value, 2):g}"


class GetMarks(GetGrades):
    """Takes points and comments from the gradebook, and also whether the points were given yet."""

    def _get_score(self, cell: NotebookNode, resources: dict) -> None:
        grade = self.gradebook.find_grade(cell.metadata.nbgrader["grade_id"], self.notebook_id, self.assignment_id,
                                          self.student_id)
        cell.metadata.nbgrader.update(score=grade.score, points=grade.max_score, marked=is_marked(grade))


# --- the list at the top ---------------------------------------------------------------------------------------

@dataclass
class Task:
    """A heading of the notebook and what is marked below it."""

    title: str
    anchor: str
    marks: list[dict[str, Any]] = field(default_factory=list)
    points: Points = field(default_factory=Points)

    @property
    def shown(self) -> str:
        """The sum of the points."""
        return str(self.points)

    @property
    def state(self) -> str:
        """How much of them was earned."""
        return self.points.state


class Overview(NbGraderPreprocessor):
    """Names the cells that are marked, by the task that they belong to, and adds up the points.

    It comes after `HideTests`, so that no heading is taken from a marking scheme.
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Write into each cell, under ``"page"``, what the page says of it, and the list into the resources."""
        name = resources["nbgrader"]["notebook"]
        tasks, title = [Task(name, "top")], None
        for number, cell in enumerate(nb.cells):
            grading = cell.metadata.get("nbgrader", {})
            anchor = f"cell-{grading.get('grade_id') or number}"
            cell.metadata["page"] = {"anchor": anchor}
            if cell.cell_type == "markdown" and grading and not grading.get("solution"):
                for level, heading in headings(cell.source):
                    title = title or (heading if level == 1 else None)
                    tasks.append(Task(_POINTS.sub("", heading), anchor))
            if grading.get("grade") or grading.get("task") or grading.get("solution"):
                _describe(cell, tasks[-1])
        tasks = [task for task in tasks if task.marks]
        for task in tasks:
            _tell_apart(task.marks)
        total = sum((task.points for task in tasks), Points())
        resources["page"] = {"title": title or name, "student": resources["nbgrader"]["student"],
                             "tasks": tasks, "total": total.in_words,
                             "penalty": _penalty(resources["nbgrader"].get("late_penalty") or 0, total)}
        return nb, resources


# "(6 points, marked by hand)" at the end of a heading: the list says it in its own way.
_POINTS = re.compile(r"\s*\([^()]*\bpoints?\b[^()]*\)$")
_FENCED = re.compile(r"^ {0,3}(```+|~~~+).*?^ {0,3}\1", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)


def headings(markdown: str) -> list[tuple[int, str]]:
    r"""Return level and text of the headings of a Markdown cell.

    Examples
    --------
    >>> headings("# One\n\n```python\n# no heading\n```\n## Two $x$ ##")
    [(1, 'One'), (2, 'Two $x$')]
    """
    return [(len(marks), text) for marks, text in _HEADING.findall(_FENCED.sub("", markdown))]


def _describe(cell: NotebookNode, task: Task) -> None:
    """Write into a cell what it is and what it earned, and enter it under its task."""
    grading, mark = cell.metadata.nbgrader, cell.metadata["page"]
    mark |= {"label": _label(cell), "comment": grading.get("comment"),
             "comment_anchor": f"comment-{grading.grade_id}"}
    if grading.get("grade") or grading.get("task"):
        points = Points(grading.score, grading.points) if grading.marked else Points(unmarked=grading.points)
        mark |= {"shown": str(points), "state": points.state, "further": bool(grading.get("further"))}
        task.marks.append(mark)
        task.points += points
    if mark["comment"] and mark["comment"] != NO_RESPONSE:  # that nothing was written is seen from the points
        task.marks.append({"of": mark, "label": "", "anchor": mark["comment_anchor"], "shown": "", "state": ""})


def _label(cell: NotebookNode) -> str:
    grading = cell.metadata.nbgrader
    if grading.get("task"):
        return "task"
    if grading.get("solution"):
        marked = "written answer" if cell.cell_type == "markdown" else "program, marked by hand"
        return marked if grading.get("grade") else "your answer"
    return "further tests" if grading.get("further") else "check"


def _tell_apart(marks: list[dict[str, Any]]) -> None:
    """Add numbers to labels that a task has more than once, and name comments after what they belong to."""
    for label in {mark["label"] for mark in marks if "of" not in mark}:
        same = [mark for mark in marks if mark["label"] == label]
        for number, mark in enumerate(same, 1):
            if len(same) > 1:
                mark["label"] = f"{label} {number}"
    for mark in marks:
        if "of" in mark:
            mark["label"] = f"comment on {mark['of']['label']}"


def _penalty(penalty: float, total: Points) -> str:
    if not penalty:
        return ""
    left = max(0.0, total.earned - penalty)
    return f"Handed in late: {_number(penalty)} taken off, which leaves {_number(left)}."


# --- the page --------------------------------------------------------------------------------------------------

class PageExporter(HTMLExporter):
    """Writes a marked notebook as a page that stands alone."""

    def __init__(self, config: Config | None = None, **kwargs: Any) -> None:
        # As arguments, because nbgrader writes its own template into the settings of every HTML exporter.
        super().__init__(config=config, template_name="page", extra_template_basedirs=[str(_TEMPLATES)], **kwargs)

    @property
    def default_config(self) -> Config:
        """Show of an output what is no program: nbgrader's own marking keeps HTML, too."""
        config = super().default_config
        config.NbConvertBase.display_data_priority = ["text/latex", "image/png", "image/jpeg", "text/plain"]
        return config

    def default_filters(self) -> Any:
        """Return nbconvert's filters, and those for Markdown from here."""
        yield from super().default_filters()
        yield "inline_markdown", inline_markdown

    @jinja2.pass_context
    def markdown2html(self, context: jinja2.runtime.Context, source: str) -> str:
        """Return the HTML of a Markdown cell, or of a comment."""
        cell = context.get("cell", {})
        return to_html(source, cell.get("attachments", {}))

    def _init_resources(self, resources: dict | None) -> dict:
        resources = super()._init_resources(resources)
        resources["frame"] = _frame()
        return resources


@functools.cache
def _frame() -> dict[str, str]:
    """Return what is the same in all pages: style, scripts, and the policy that allows no others."""
    program = _MATHJAX.read_bytes()
    folder = _TEMPLATES / "page"
    script = (folder / "math.js").read_text("utf-8")
    allowed = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(text).digest()).decode()}'"
                       for text in (script.encode(), program))
    dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    light = HtmlFormatter(style="github-light").get_style_defs(".highlight")
    style = (folder / "page.css").read_text("utf-8")
    return {
        "policy": f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src {allowed}; "
                  "base-uri 'none'; form-action 'none'",
        "css": f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n{style}",
        "script": script,
        "mathjax": base64.b64encode(gzip.compress(program, mtime=0)).decode(),
    }


class _Renderer(IPythonRenderer):
    """Writes HTML in which only Markdown has an effect: tags are shown as text, and formulas are MathJax's."""

    def __init__(self, attachments: dict[str, dict[str, str]]) -> None:
        super().__init__(escape=False, allow_harmful_protocols=False, exclude_anchor_links=True,
                         attachments=attachments)

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        return super().heading(text, min(level + 1, 6), **attrs)  # the page has a title of its own

    def inline_html(self, html: str) -> str:
        return "" if html.startswith("<!--") else escape(html)

    def block_html(self, html: str) -> str:
        return "" if html.lstrip().startswith("<!--") else f"<p>{escape(html.strip())}</p>\n"

    def inline_math(self, body: str) -> str:
        return rf"\({escape(body)}\)"

    def block_math(self, body: str) -> str:
        return rf"\[{escape(body)}\]"

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """Return a link to another site; what leads elsewhere in the notebook's folder leads nowhere from here."""
        return super().link(text, url, title) if url.startswith(("https:", "http:", "mailto:")) else text

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Return a picture that stands in the notebook; of others the name, because no page loads anything."""
        name = escape(striptags(text))
        try:
            source = self._embed_image_or_attachment(url)
        except InvalidNotebook:
            source = ""
        if source.startswith("data:image/"):
            return f'<img src="{escape(source)}" alt="{name}">'
        return f"<em>[a picture that is not in the notebook: {name or escape(url)}]</em>"


def to_html(markdown: str, attachments: dict[str, dict[str, str]] | None = None) -> str:
    r"""Return Markdown as HTML without programs and without anything that would be loaded.

    Examples
    --------
    >>> print(to_html("**Why** $a<b$? <script>alert(1)</script>"), end="")
    <p><strong>Why</strong> \(a&lt;b\)? &lt;script&gt;alert(1)&lt;/script&gt;</p>
    >>> print(to_html("![A plot](https://example.org/plot.png)"), end="")
    <p><em>[a picture that is not in the notebook: A plot]</em></p>
    """
    # A marked notebook has &lt; in place of what could begin a tag, for pages that show tags as they are. This one
    # does not, and in a formula or in code the letters would be seen.
    return MarkdownWithMath(renderer=_Renderer(attachments or {})).render(markdown.replace("&lt;", "<"))


def inline_markdown(text: str) -> str:
    r"""Return the text of a heading as HTML, without the heading.

    Examples
    --------
    >>> inline_markdown("1. The $LU$ *factors*")
    '1. The \\(LU\\) <em>factors</em>'
    """
    return to_html(f"# {text}").strip().removeprefix("<h2>").removesuffix("</h2>")
