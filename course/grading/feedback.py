"""`course feedback`: a page for each student, with what failed and why, and without the hidden tests.

`HideTests` stands in `nbgrader_config.py` between nbgrader's own steps, so that the pages which nbgrader or its
formgrader write are safe to hand out, too.
"""

import re
from pathlib import Path
from typing import Any

import click
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from course import coursedir
from course.grading import gradebook
from course.grading.gradebook import is_marked
from course.grading.outputs import message_of

# From the line with the first mark to the one with the last, or to the end if that was deleted.
_REGION = r"^[^\n]*BEGIN {0}.*?(?:^[^\n]*END {0}[^\n]*\n?|\Z)"
_HIDDEN, _SCHEME = (re.compile(_REGION.format(what), re.DOTALL | re.MULTILINE)
                    for what in ("HIDDEN TESTS", "MARK SCHEME"))
_WRITTEN = "The tests of this cell are not shown."


class HideTests(NbGraderPreprocessor):
    """Takes out hidden tests and marking schemes, and leaves of a failed test its message."""

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        """Return the cell as a student may see it."""
        shown = _SCHEME.sub("", cell.source)
        hidden = _HIDDEN.sub("", shown)
        if cell.cell_type == "code" and hidden != shown:
            cell.outputs = _of_hidden(cell.outputs)
            hidden = f"{hidden.rstrip()}\n# {_WRITTEN}".lstrip()
            cell.metadata.setdefault("nbgrader", {})["further"] = True
        elif cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade"):
            cell.outputs = [_message_only(output) if output.output_type == "error" else output
                            for output in cell.outputs]
        cell.source = hidden
        return cell, resources


def _of_hidden(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Return what may be shown of a hidden test: messages of errors, and what was printed where a part was earned.

    A test that gives partial marks, as its value, prints which part was right: the lines of a derivation.
    """
    partly = any(output.output_type == "execute_result" for output in outputs)
    return [_message_only(output) if output.output_type == "error" else output for output in outputs
            if output.output_type == "error" or (partly and output.output_type == "stream")]


def _message_only(output: NotebookNode) -> NotebookNode:
    output.traceback = message_of([output]).splitlines()
    return output


def write_feedback(root: Path, assignment: str, students: list[str], told: Any = lambda student: None) -> dict:
    """Write the feedback pages of an assignment; return a report of what was written.

    Raises
    ------
    click.ClickException
        If nothing was marked yet, or nbgrader cannot write a page.
    """
    marked = sorted(folder.parent.name for folder in (root / "autograded").glob(f"*/{assignment}"))
    missing = sorted(set(students) - set(marked))
    if missing or not marked:
        whose = f" by {', '.join(missing)}" if missing else ""
        raise click.ClickException(f"no marked work of {assignment}{whose}")
    api = coursedir.open_course(root)
    chosen, pages = sorted(students) or marked, []
    with gradebook.only_writer(root):
        for student in chosen:
            coursedir.require_success(api.generate_feedback(assignment, student, force=True),
                                      f"the feedback for {student}")
            pages += sorted(path.relative_to(root).as_posix()
                            for path in (root / "feedback" / student / assignment).glob("*.html"))
            told(student)
    report = {"assignment": assignment, "pages": pages, "to_mark": _to_mark(root, assignment, chosen)}
    gradebook.write_json(gradebook.reports(root) / f"{assignment}-feedback.json", report)
    return report


def _to_mark(root: Path, assignment: str, students: list[str]) -> list[str]:
    """Return the students in whose work a person has yet to mark something."""
    with gradebook.GradebookWriter(root) as writer:
        return [student for student in students
                if not all(is_marked(grade)
                           for notebook in writer.book.find_submission(assignment, student).notebooks
                           for grade in notebook.grades)]
