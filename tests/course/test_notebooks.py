"""Executing and normalising notebooks."""

import os
import subprocess
import sys
from copy import deepcopy

import nbformat
import pytest
from click import ClickException
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course import notebooks
from course.lint import lint
from course.notebooks import KERNELSPEC, execute, normalise, read, write


def messy():
    """Return a notebook as an editor leaves it."""
    code = new_code_cell("2 + 2", id="sum", execution_count=41, metadata={
        "execution": {"iopub.execute_input": "2026-01-01T00:00:00Z"}, "collapsed": False, "tags": ["kept"]})
    code.outputs = [new_output("execute_result", {"text/plain": "4"}, execution_count=41,
                               metadata={"scrapbook": {"name": "sum"}})]
    failing = new_code_cell("1 / 0", id="fails", execution_count=42, metadata={"tags": ["raises-exception"]})
    failing.outputs = [new_output("error", ename="ZeroDivisionError", evalue="division by zero",
                                  traceback=["File /somebody/at/home.py", "ZeroDivisionError"])]
    notebook = new_notebook(cells=[new_markdown_cell("text", id="text"), code, failing], metadata={
        "kernelspec": {"name": "mine", "display_name": "Mine", "language": "python"},
        "language_info": {"name": "python", "version": "3.11.0"}, "jupytext": {"version": 1}, "kept": True})
    notebook.nbformat_minor = 4
    return notebook


def test_the_normal_form_is_normal():
    once = normalise(messy())
    assert normalise(once) == once
    assert (once.nbformat, once.nbformat_minor) == (4, 5)


def test_normalising_leaves_its_argument_alone():
    notebook = messy()
    before = deepcopy(notebook)
    normalise(notebook)
    assert notebook == before


def test_content_is_kept_and_traces_of_the_editor_go():
    normal = normalise(messy())
    text, code, failing = normal.cells
    assert [cell.id for cell in normal.cells] == ["text", "sum", "fails"]
    assert normal.metadata.kernelspec == KERNELSPEC
    assert "version" not in normal.metadata.language_info
    assert set(normal.metadata) == {"kernelspec", "language_info", "kept"}
    assert text.source == "text"
    assert code.metadata == {"tags": ["kept"]}
    assert code.outputs[0].data == {"text/plain": "4"}
    assert code.outputs[0].metadata == {"scrapbook": {"name": "sum"}}, "glued values need it"
    assert [code.execution_count, code.outputs[0].execution_count, failing.execution_count] == [1, 1, 2]
    assert failing.outputs[0].traceback == ["ZeroDivisionError: division by zero"]


def test_missing_ids_are_made_of_place_and_content():
    notebook = messy()
    for cell in notebook.cells:
        del cell["id"]
    ids = [cell.id for cell in normalise(notebook).cells]
    assert ids == [cell.id for cell in normalise(deepcopy(notebook)).cells]
    assert len(set(ids)) == 3


def test_a_cell_that_was_not_run_is_not_given_a_count():
    notebook = messy()
    notebook.cells[1].execution_count = None
    assert normalise(notebook).cells[1].execution_count is None


def test_only_what_changed_is_written(tmp_path):
    path = tmp_path / "notebook.ipynb"
    normal = normalise(messy())
    assert write(normal, path)
    os.utime(path, (1, 1))
    assert not write(normalise(read(path)), path)
    assert path.stat().st_mtime == 1
    assert path.read_bytes().endswith(b"}\n")


@pytest.mark.parametrize("content", ["not JSON", "[1, 2]", '{"nbformat": 3, "worksheets": []}'])
def test_other_files_are_refused_by_name(tmp_path, content):
    path = tmp_path / "wrong.ipynb"
    path.write_text(content)
    with pytest.raises(ClickException, match=r"wrong\.ipynb is not a notebook"):
        read(path)


@pytest.mark.parametrize(("source", "message"), [
    ("1 / 0", "ZeroDivisionError: division by zero"),
    ("import sys; print('careful', file=sys.stderr)", "cell code writes to stderr:\ncareful"),
    ("import os; os._exit(1)", "the kernel died"),
])
def test_a_cell_that_fails_stops_everything_and_says_why(tmp_path, source, message):
    with pytest.raises(ClickException) as caught:
        execute(new_notebook(cells=[new_code_cell(source, id="code")]), tmp_path)
    assert message in caught.value.message


def test_a_slow_cell_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks, "CELL_TIMEOUT", 1)
    with pytest.raises(ClickException, match="a cell took longer than 1 s"):
        execute(new_notebook(cells=[new_code_cell("import time; time.sleep(60)")]), tmp_path)


def test_the_command_runs_notebooks_in_their_folder_and_twice_gives_the_same_bytes(tmp_path):
    (tmp_path / "data.txt").write_text("7")
    path = tmp_path / "notebook.ipynb"
    cells = [
        new_markdown_cell("# Title", id="title"),
        new_code_cell("from pathlib import Path\nint(Path('data.txt').read_text())", id="reads"),
        new_code_cell("import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])\nplt.show()", id="draws",
                      metadata={"mystnb": {"image": {"alt": "A rising line"}}}),
        new_code_cell("raise ValueError('meant')", id="raises", metadata={"tags": ["raises-exception"]}),
    ]
    nbformat.write(new_notebook(cells=cells), path)
    first = CliRunner().invoke(notebooks.command, [str(path)])
    assert first.exit_code == 0, first.output
    assert "written" in first.output
    content = path.read_bytes()
    assert lint(path) == []
    stored = read(path)
    assert stored.cells[1].outputs[0].data["text/plain"] == "7"
    assert stored.cells[3].outputs[0].traceback == ["ValueError: meant"]
    second = CliRunner().invoke(notebooks.command, [str(path)])
    assert second.exit_code == 0
    assert "unchanged" in second.output
    assert path.read_bytes() == content


def test_the_command_stores_nothing_of_a_notebook_that_fails(tmp_path):
    good, bad = tmp_path / "good.ipynb", tmp_path / "bad.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("1", id="one")]), good)
    nbformat.write(new_notebook(cells=[new_code_cell("undefined", id="one")]), bad)
    before = bad.read_bytes()
    result = CliRunner().invoke(notebooks.command, [str(tmp_path)])
    assert result.exit_code == 1
    assert "NameError" in result.output
    assert "not stored, because a cell failed" in result.output
    assert bad.read_bytes() == before
    assert read(good).cells[0].execution_count == 1


def test_the_program_starts_without_the_heavy_libraries():
    """Sphinx and nbgrader take seconds to import; a command that does not need them must not wait for them."""
    code = "import sys, course.__main__; print([m for m in ('sphinx', 'nbgrader', 'numpy') if m in sys.modules])"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == "[]"
