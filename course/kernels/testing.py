"""A plug-in for pytest: notebooks are run in forked kernels where this system can fork.

`-p course.kernels.testing` is all that is needed. `--nbval-kernel-name` and `--nbval-current-env` overrule it.
"""

import os
from pathlib import Path

import pytest

from course.kernels.forkserver import can_fork

KERNEL = "course-forked"
FOLDER = Path(__file__).resolve().parent / "share"


def offer_kernel() -> None:
    """Let this process, and those that it starts, find the kernelspec of the forked kernel."""
    folders = os.environ.get("JUPYTER_PATH", "").split(os.pathsep)
    if str(FOLDER) not in folders:
        os.environ["JUPYTER_PATH"] = os.pathsep.join([str(FOLDER), *filter(None, folders)])


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Name the forked kernel to nbval, unless another was asked for."""
    asked = config.getoption("nbval_kernel_name", None) or config.getoption("current_env", False)
    if can_fork() and not asked and config.pluginmanager.hasplugin("nbval"):
        offer_kernel()
        config.option.nbval_kernel_name = KERNEL
