"""Each rule of the linter, by a notebook that breaks it and nothing else."""

import json
import os
from copy import deepcopy

import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course.lint import command, lint
from course.notebooks import normalise, write
from course.paths import find_notebooks

PICTURE = {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure size 640x480 with 1 Axes>"}
GRADE = {"schema_version": 3, "grade": True, "solution": False, "locked": True, "task": False, "points": 2,
         "grade_id": "test-one", "cell_type": "code"}


def good():
    """Return a notebook without a fault."""
    figure = new_code_cell("draw()", id="figure", execution_count=2, outputs=[new_output("display_data", PICTURE)],
                           metadata={"mystnb": {"image": {"alt": "A rising line"},
                                                "figure": {"caption": "It rises.", "name": "fig-demo"}}})
    graded = new_code_cell("assert True", id="graded", execution_count=3, metadata={"nbgrader": dict(GRADE)})
    cells = [
        new_markdown_cell("$$\nx = 1\n$$ (eq-demo-one)\n\n:::{prf:theorem}\n:label: thm-demo\nTrue.\n:::",
                          id="text"),
        new_code_cell("1 + 1", id="sum", execution_count=1,
                      outputs=[new_output("execute_result", {"text/plain": "2"}, execution_count=1)]),
        figure, graded,
    ]
    return normalise(new_notebook(cells=cells))


def no_id(notebook):
    del notebook["cells"][1]["id"]


def old_format(notebook):
    notebook["nbformat_minor"] = 4


def same_id(notebook):
    notebook["cells"][1]["id"] = "text"


def other_kernel(notebook):
    notebook["metadata"]["kernelspec"]["name"] = "conda-env-mine"


def python_version(notebook):
    notebook["metadata"]["language_info"]["version"] = "3.11.7"


def times(notebook):
    notebook["cells"][1]["metadata"]["execution"] = {"iopub.execute_input": "2026-01-01T00:00:00Z"}


def not_run(notebook):
    notebook["cells"][1]["execution_count"] = None


def out_of_order(notebook):
    notebook["cells"][1]["execution_count"] = 9


def empty_cell(notebook):
    notebook["cells"][1]["source"] = " \n"


def error_output(notebook):
    notebook["cells"][1]["outputs"] = [{"output_type": "error", "ename": "ValueError", "evalue": "no",
                                        "traceback": ["ValueError: no"]}]


def stderr_output(notebook):
    notebook["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stderr", "text": "RuntimeWarning"}]


def home_folder(notebook):
    notebook["cells"][1]["outputs"][0]["data"]["text/plain"] = "'" + "/home/" + "ada/course'"


def memory_address(notebook):
    notebook["cells"][1]["outputs"][0]["data"]["text/plain"] = "<function f at 0x7f3b2c1d0e50>"


def no_alt(notebook):
    del notebook["cells"][2]["metadata"]["mystnb"]["image"]


def blank_alt(notebook):
    notebook["cells"][2]["metadata"]["mystnb"]["image"]["alt"] = "  "


def no_caption(notebook):
    del notebook["cells"][2]["metadata"]["mystnb"]["figure"]


def markdown_image(notebook):
    notebook["cells"][0]["source"] = "![](figure.png)"


def html_image(notebook):
    notebook["cells"][0]["source"] = '<img src="figure.png" alt="">'


def no_points(notebook):
    del notebook["cells"][3]["metadata"]["nbgrader"]["points"]


def same_grade_id(notebook):
    copy = deepcopy(notebook["cells"][3]) | {"id": "copy", "execution_count": 4}
    notebook["cells"].append(copy)


def label_without_name(notebook):
    notebook["cells"][0]["source"] = "$$\nx = 1\n$$ (eq-demo)"


def label_of_another_form(notebook):
    notebook["cells"][0]["source"] = "```{math}\n:label: softmax\nx = 1\n```"


def label_twice(notebook):
    notebook["cells"][0]["source"] += "\n\n$$\nx = 2\n$$ (eq-demo-one)"


def two_chapters(notebook):
    notebook["cells"][0]["source"] += "\n\n$$\nx = 2\n$$ (eq-other-one)"


def tag(notebook):
    notebook["cells"][0]["source"] = r"$$x = 1 \tag{2.1}$$"


def unlabelled_theorem(notebook):
    notebook["cells"][0]["source"] = ":::{prf:lemma}\nTrue.\n:::"


def extra_key(notebook):
    notebook["metadata"]["widgets"] = {}


FAULTS = [
    (no_id, "cell number 2: has no id"), (old_format, "has format 4.4, not 4.5"),
    (same_id, "cell text: 2 cells have this id"), (other_kernel, "kernelspec: is"),
    (python_version, "language_info: records a version"), (times, "cell sum: records times"),
    (not_run, "cell sum: was not run"), (out_of_order, "cell sum: has the count 9, not 1"),
    (empty_cell, "cell sum: is empty"), (error_output, "cell sum: shows ValueError: no"),
    (stderr_output, "cell sum: writes to stderr: RuntimeWarning"), (home_folder, "of one machine: '/home/a'"),
    (memory_address, "of one machine: 'at 0x7f3b2c1d0e50'"),
    (no_alt, "cell figure: shows an image without alt text"),
    (blank_alt, "cell figure: shows an image without alt text"),
    (no_caption, "cell figure: shows an image without a caption"),
    (markdown_image, "cell text: shows an image without alt text"),
    (html_image, "cell text: shows an image without alt text"),
    (no_points, "cell graded: nbgrader refuses its metadata"),
    (same_grade_id, "grade_id test-one: 2 cells have it"),
    (label_without_name, "'eq-demo' is not of the form"), (label_of_another_form, "'softmax' is not of the form"),
    (label_twice, "equation eq-demo-one: is labelled twice"), (two_chapters, "several chapters: demo, other"),
    (tag, r"numbers an equation by \tag"), (unlabelled_theorem, "a lemma has no :label:"),
    (extra_key, "is not in the course's normal form"),
]


@pytest.fixture
def chapter(tmp_path):
    path = tmp_path / "chapters" / "07-demo.ipynb"
    path.parent.mkdir()
    write(good(), path)
    return path


def test_a_good_notebook_has_no_fault(chapter):
    assert lint(chapter) == []


@pytest.mark.parametrize(("fault", "message"), FAULTS, ids=[fault.__name__ for fault, _ in FAULTS])
def test_each_fault_is_found_and_named(chapter, fault, message):
    notebook = json.loads(chapter.read_text("utf-8"))
    fault(notebook)
    chapter.write_text(json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")
    found = [str(fault) for fault in lint(chapter)]
    assert len(found) == 1, found
    assert message in found[0]
    assert "07-demo.ipynb" in found[0]
    result = CliRunner().invoke(command, [str(chapter)])
    assert result.exit_code == 1
    assert message in result.output


@pytest.mark.parametrize("text", [
    "An image is written `![](address)`.",
    "```md\n![](address)\n```",
    "$$\nx = 1\n$$\n\nand ``$$ (eq-x)`` in code",
    "A price of $5 (eq) and $6.",
    "The error is 5e-3 /home runs are rare.",
])
def test_what_only_looks_like_a_fault_is_none(chapter, text):
    notebook = good()
    notebook.cells[0].source = text
    write(notebook, chapter)
    assert lint(chapter) == []


def test_an_error_that_is_meant_is_allowed(chapter):
    notebook = good()
    notebook.cells[1].metadata["tags"] = ["raises-exception"]
    notebook.cells[1].outputs = [
        new_output("error", ename="ValueError", evalue="no", traceback=["ValueError: no"])]
    write(notebook, chapter)
    assert lint(chapter) == []


def test_a_figure_of_an_assignment_needs_no_caption(tmp_path):
    notebook = good()
    del notebook.cells[2].metadata["mystnb"]["figure"]
    path = tmp_path / "solutions" / "demo.ipynb"
    path.parent.mkdir()
    write(notebook, path)
    assert lint(path) == []


def test_a_broken_file_is_a_fault_and_not_a_crash(chapter):
    chapter.write_text("{")
    assert [str(fault).partition(": ")[2] for fault in lint(chapter)] == [
        f"{os.fspath(chapter)} is not a notebook: it is not JSON"]


def test_a_missing_path_is_named(tmp_path):
    result = CliRunner().invoke(command, [str(tmp_path / "nowhere.ipynb")])
    assert result.exit_code == 1
    assert "nowhere.ipynb does not exist" in result.output


@pytest.mark.parametrize("path", find_notebooks(), ids=lambda path: path.name)
def test_the_notebooks_of_the_course_are_as_they_should_be(path):
    assert [str(fault) for fault in lint(path)] == []
