"""The interpreter in which cells are marked: quick, and still IPython."""

import json
import subprocess
import sys

import pytest

from course.paths import ROOT

DRAW = """
def draw():
    import io
    from matplotlib.figure import Figure
    figure = Figure()
    axes = figure.add_subplot(title="$\\\\kappa_2(A)$ and $x^{10}$")
    axes.loglog([1e-9, 1e3], [1e-16, 1e12], label="$e^{-t}$")
    axes.legend()
    file = io.BytesIO()
    figure.savefig(file, format="png", bbox_inches="tight")
    return file.getvalue()
"""


def told_by(script):
    """Run a script in a process of its own: a shell changes the interpreter that it is made in."""
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


def outputs_of(*cells):
    """Return, for each cell, the exception that ended it and what it has shown as text."""
    return told_by(f"""
import json
from course.grading.shell import prepare
shell = prepare()
told = []
for cell in {cells!r}:
    outputs = []
    error = shell.execute(cell, outputs.append, store_history=True)
    told.append([error, "".join(o.get("text") or o.get("data", dict()).get("text/plain", "") for o in outputs)])
print(json.dumps(told))
""")


def test_cells_are_run_as_ipython_runs_them():
    cells = {
        "%precision 3\n1 / 3": [None, "0.333"],
        "!echo from outside": [None, "from outside\r\n"],
        "import asyncio\nawait asyncio.sleep(0, 7)": [None, "7"],
        "word = 5\n(word\n% 3)": [None, "2"],
        "\n\n6": [None, "6"],
        "  indented = 8\n  indented": [None, "8"],
        "9;": [None, ""],
        "": [None, ""],
        "'''\n%pwd\n'''": [None, "'\\n%pwd\\n'"],
        "1 +": ["SyntaxError", ""],
        "x = '\\0'; 1 / 0": ["ZeroDivisionError", ""],
        "\0": ["SyntaxError", ""],
    }
    assert dict(zip(cells, outputs_of(*cells), strict=True)) == cells


def test_a_transformer_of_their_own_applies_to_the_cells_after_it():
    [_, (error, text)] = outputs_of(
        "get_ipython().input_transformers_cleanup.append(lambda lines: ['6 * 7'])", "1")
    assert (error, text) == (None, "42")


def test_a_warning_of_the_compiler_comes_once():
    [[_, text]] = outputs_of("import warnings\nwarnings.simplefilter('always')\n'\\d'\nprint('end')")[-1:]
    assert text.count("invalid escape sequence") <= 1
    assert text.endswith("end\n")


@pytest.mark.parametrize("before", ["", "draw(); draw()"])
def test_figures_are_those_that_matplotlib_draws(before):
    same = told_by(f"{DRAW}\nimport json\nimport matplotlib\nmatplotlib.use('agg')\nplain = draw()\n"
                   f"from course.grading.shell import prepare\nprepare()\n{before}\n"
                   "print(json.dumps([draw() == plain, len(plain)]))")
    assert same[0]
    assert same[1] > 5000


def test_programs_start_without_the_grammar_of_addresses():
    loaded = told_by("import json, sys\nimport course\nimport nbformat.v4, nbgrader.api\n"
                     "nbformat.validate(nbformat.v4.new_notebook())\n"
                     "print(json.dumps([name for name in ('jsonschema', 'lark') if name in sys.modules]))")
    assert loaded == ["jsonschema"]
