"""Kernels are forked, for whatever program asks for one, and otherwise start as they always did."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from jupyter_client.provisioning import KernelProvisionerFactory
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from course.kernels import provisioner, testing
from course.kernels.forkserver import can_fork
from course.paths import ROOT

pytestmark = pytest.mark.skipif(not can_fork(), reason="kernels are forked on Linux only")


@pytest.fixture(autouse=True)
def offered(monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", os.environ.get("JUPYTER_PATH", ""))
    testing.offer_kernel()


def run(*sources, kernel=testing.KERNEL, **options):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    client = NotebookClient(notebook, kernel_name=kernel, timeout=20, **options)
    client.execute()
    return [output for cell in notebook.cells for output in cell.outputs]


def test_the_provisioner_is_registered():
    entries = KernelProvisionerFactory.instance().get_provisioner_entries()
    assert entries["course-forked"] == "course.kernels.provisioner:ForkedProvisioner"


def test_a_forked_kernel_does_what_a_kernel_does(tmp_path):
    outputs = run("import os; os.getppid(), os.getcwd()",
                  "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()", "%cd ..", "1 / 0",
                  allow_errors=True, resources={"metadata": {"path": str(tmp_path)}})
    parent, folder = eval(outputs[0].data["text/plain"])
    assert folder == str(tmp_path)
    servers = {server._process.pid for server in provisioner._servers.values()}
    assert parent in servers
    assert "image/png" in outputs[1].data
    assert outputs[-1].ename == "ZeroDivisionError"


def test_kernels_share_nothing_and_draw_their_own_numbers():
    code = ("import numpy as np, labkit\nseen = hasattr(labkit, 'mark')\nlabkit.mark = 1\n"
            "(seen, float(np.random.rand()))")
    first, second = (eval(run(code)[0].data["text/plain"]) for _ in range(2))
    assert not first[0]
    assert not second[0]
    assert first[1] != second[1]


def test_the_environment_is_the_one_asked_for(monkeypatch):
    for value in ("one", "two"):
        monkeypatch.setenv("COURSE_COLOUR", value)
        assert run("import os; os.environ['COURSE_COLOUR']")[0].data["text/plain"] == repr(value)


def test_a_kernel_can_be_interrupted():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in (
        "import time\ntime.sleep(60)", "6 * 7")])
    notebook.cells[0].metadata.tags = ["raises-exception"]
    client = NotebookClient(notebook, kernel_name=testing.KERNEL, timeout=1, interrupt_on_timeout=True)
    client.execute()
    assert notebook.cells[0].outputs[0].ename == "KeyboardInterrupt"
    assert notebook.cells[1].outputs[0].data["text/plain"] == "42"


def test_a_kernel_that_dies_is_noticed():
    with pytest.raises(DeadKernelError):
        run("import os; os._exit(1)")


def test_other_commands_and_files_start_as_they_always_did():
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "x"]
    assert provisioner._can_fork_this(command, {})
    assert not provisioner._can_fork_this(["/usr/bin/other", *command[1:]], {})
    assert not provisioner._can_fork_this([sys.executable, "-m", "xeus", "-f", "x"], {})
    assert not provisioner._can_fork_this(command, {"stdout": subprocess.PIPE})


def test_where_nothing_can_be_forked_the_ordinary_kernel_starts(monkeypatch):
    monkeypatch.setattr(provisioner, "can_fork", lambda: False)
    monkeypatch.setattr(provisioner, "_fork_kernel", lambda *_: pytest.fail("nothing is forked here"))
    assert run("6 * 7")[0].data["text/plain"] == "42"


def test_pytest_runs_notebooks_in_forked_kernels(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(
        "import os\nparent = open(f'/proc/{os.getppid()}/cmdline', 'rb').read()\n"
        "print('forked' if b'forkserver' in parent else 'fresh')",
        execution_count=1, outputs=[nbformat.v4.new_output("stream", text="forked\n")])])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, tmp_path / "one.ipynb")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p course.kernels.testing --nbval\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "one.ipynb"]
    for options, status in (([], 0), (["--nbval-kernel-name=python3"], 1)):
        found = subprocess.run([*command, *options], cwd=tmp_path, capture_output=True, text=True, check=False,
                               timeout=60, env=os.environ | {"PYTHONPATH": str(ROOT)})
        assert found.returncode == status, found.stdout


def test_the_kernelspec_lies_where_the_plug_in_says():
    assert (Path(testing.FOLDER) / "kernels" / testing.KERNEL / "kernel.json").exists()
