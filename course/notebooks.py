"""`python -m course notebooks`: execute the notebooks and store them in one normal form.

The stored outputs are what readers see and what the tests compare, so the form must not depend on who ran the
notebook, when, or with which version: a notebook whose content did not change keeps its bytes.
"""

import json
import os
from copy import deepcopy
from hashlib import sha256
from pathlib import Path

import click
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from rich.console import Console

from course.paths import ROOT, find_notebooks, shown

KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE_INFO = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}
CELL_TIMEOUT = 60
MAY_RAISE = "raises-exception"

# What editors leave behind: it differs from person to person and says nothing about the content.
_NOTEBOOK_NOISE = ("jupytext", "widgets", "signature", "orig_nbformat", "toc", "vscode", "varInspector")
_CELL_NOISE = ("execution", "ExecuteTime", "collapsed", "scrolled", "vscode", "jp-MarkdownHeadingCollapsed")


def execute(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """Run `notebook` from its first cell, in `folder`, with the kernel of this environment; return it.

    Raises
    ------
    click.ClickException
        If a cell raises without the tag `raises-exception`, writes to stderr, takes longer than 60 s, or ends
        the kernel.
    """
    client = NotebookClient(notebook, timeout=CELL_TIMEOUT, kernel_name=KERNELSPEC["name"], record_timing=False,
                            coalesce_streams=True, resources={"metadata": {"path": str(folder)}},
                            extra_arguments=["--log-level=ERROR"])  # else each kernel warns that it is unencrypted
    environment = os.environ | {
        "MATPLOTLIBRC": str(ROOT / "course" / "matplotlibrc"),
        "SOURCE_DATE_EPOCH": "0",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
    }
    try:
        client.execute(env=environment)
    except CellExecutionError as error:
        raise click.ClickException(f"a cell raised {error.ename}: {error.evalue}\n{error.traceback}") from error
    except CellTimeoutError as error:
        raise click.ClickException(f"a cell took longer than {CELL_TIMEOUT} s\n{error}") from error
    except DeadKernelError as error:
        raise click.ClickException(f"the kernel died\n{error}") from error
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise click.ClickException(f"cell {cell.id} writes to stderr:\n{output.text}")
    return notebook


def normalise(notebook: NotebookNode) -> NotebookNode:
    """Return a copy of `notebook` in the one form in which the course stores notebooks.

    Format 4.5; the ids of cells are kept, missing ones are derived from place and content; the kernel is called
    `python3`; no version numbers, times or editors' marks; cells are counted from 1 in their order.

    Examples
    --------
    >>> raw = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1", id="sum", execution_count=7)])
    >>> normal = normalise(raw)
    >>> normal.cells[0].execution_count, normal.metadata.kernelspec.name, normalise(normal) == normal
    (1, 'python3', True)
    """
    normal = deepcopy(notebook)
    normal.nbformat, normal.nbformat_minor = 4, 5
    for key in _NOTEBOOK_NOISE:
        normal.metadata.pop(key, None)
    normal.metadata.kernelspec = nbformat.from_dict(KERNELSPEC)
    normal.metadata.language_info = nbformat.from_dict(LANGUAGE_INFO)
    count = 0
    for place, cell in enumerate(normal.cells):
        if not cell.get("id"):
            cell.id = sha256(f"{place} {cell.source}".encode()).hexdigest()[:8]
        for key in _CELL_NOISE:
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            count += 1
            _normalise_outputs(cell, count)
    nbformat.validate(normal)
    return normal


def _normalise_outputs(cell: NotebookNode, count: int) -> None:
    # A cell that was never run stays so: its missing count is what lint reports.
    if cell.execution_count is not None:
        cell.execution_count = count
    for output in cell.outputs:
        if output.output_type == "execute_result":
            output.execution_count = count
        if output.output_type == "error":
            # The frames name folders of this machine; what the reader is meant to see is the message.
            output.traceback = [f"{output.ename}: {output.evalue}"]


def read(path: Path) -> NotebookNode:
    """Read a notebook of format 4 as it is stored, without validating or repairing anything.

    Raises
    ------
    click.ClickException
        If the file is not a notebook of format 4.
    """
    text = path.read_text(encoding="utf-8")
    try:
        content = json.loads(text)
    except ValueError as error:
        raise click.ClickException(f"{shown(path)} is not a notebook: it is not JSON") from error
    if not isinstance(content, dict) or content.get("nbformat") != 4:
        raise click.ClickException(f"{shown(path)} is not a notebook of format 4")
    return nbformat.reader.reads(text)


def write(notebook: NotebookNode, path: Path) -> bool:
    """Write a normal notebook unless the file holds these bytes already; return whether it was written."""
    text = nbformat.writes(notebook).rstrip("\n") + "\n"
    if path.exists() and path.read_bytes() == text.encode():
        return False
    path.write_text(text, encoding="utf-8", newline="\n")
    return True


@click.command("notebooks")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--no-execute", is_flag=True, help="Keep the stored outputs; only normalise.")
def command(paths: tuple[Path, ...], no_execute: bool) -> None:
    """Execute notebooks and store their outputs (default: all in chapters/ and solutions/)."""
    console = Console()
    failed = []
    for path in find_notebooks(paths):
        try:
            with console.status(f"{shown(path)} …"):
                notebook = read(path)
                if not no_execute:
                    notebook = execute(normalise(notebook), path.resolve().parent)
                changed = write(normalise(notebook), path)
        except click.ClickException as error:
            failed.append(shown(path))
            console.print(f"[red]failed[/]     {shown(path)}")
            console.print(error.message, markup=False, highlight=False)
        else:
            console.print(f"{'written   ' if changed else 'unchanged '} {shown(path)}", highlight=False)
    if failed:
        raise click.ClickException(f"not stored, because a cell failed: {', '.join(failed)}")
