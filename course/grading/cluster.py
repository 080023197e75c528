"""Mark on several machines: tasks for a Dask cluster, verdicts back to the one that writes them down.

Each worker needs this repository, its environment, and bubblewrap. What travels is a task, which holds the
submission and the assignment with its hidden tests, and a verdict; no worker sees the gradebook. Workers must be
trusted.
"""

from concurrent.futures import Future
from typing import Any

import click

from course.grading.mark import Task, mark
from course.grading.verdict import Verdict


class Cluster:
    """Starts tasks on a Dask cluster.

    Parameters
    ----------
    address : str
        The address of a scheduler, or ``"local"`` for one on this machine that ends with the run.
    workers : int
        How many processes a local cluster has.

    Raises
    ------
    click.ClickException
        If distributed is not installed, or no scheduler answers at the address.
    """

    def __init__(self, address: str, workers: int) -> None:
        try:
            from distributed import Client, LocalCluster
        except ImportError:
            raise click.ClickException("--scheduler needs the package distributed") from None
        local = address == "local"
        try:
            self.cluster = LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None,
                                        host="127.0.0.1") if local else None
            self.client = Client(self.cluster or address, timeout=5)
        except (OSError, ValueError) as error:
            raise click.ClickException(f"no Dask scheduler at {address}: {error}") from error
        self.ahead = 4 * max(1, sum(self.client.nthreads().values()))

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        if self.cluster is not None:
            self.cluster.close()

    def __call__(self, task: Task) -> "Future[Verdict]":
        """Start a task; the result is a future of the standard library, so that both ways to run look alike."""
        result: Future[Verdict] = Future()
        remote = self.client.submit(mark, task, pure=False, retries=1)
        remote.add_done_callback(lambda done: _settle(result, done))
        return result


def _settle(result: "Future[Verdict]", done: Any) -> None:
    if done.status == "error":
        result.set_exception(done.exception())
    elif done.cancelled():
        result.set_exception(RuntimeError("the cluster has cancelled the task"))
    else:
        result.set_result(done.result())
