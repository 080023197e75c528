"""`python -m course build`: the site, from stored outputs, with every warning an error."""

import shutil
import subprocess
import sys
from pathlib import Path

import click

from course.paths import ROOT

# The command jupyter-book itself; it has no `python -m` form of its own.
_JUPYTER_BOOK = "from jupyter_book.cli.main import main; main(prog_name='jupyter-book')"


def build_site(output: Path, *, fresh: bool = False, quiet: bool = False, root: Path = ROOT) -> Path:
    """Build the book below `output` and return the folder with its pages.

    Parameters
    ----------
    output : Path
        The folder in which `_build` is made, with the pages, the parsed documents and, after success, the empty
        file `complete`.
    fresh : bool
        Read every page again; by default only what changed.
    quiet : bool
        Show warnings only.
    root : Path
        The checkout.

    Raises
    ------
    click.ClickException
        If there was a warning or an error. The pages are written all the same, so that one can look at them.
    """
    build = output / "_build"
    complete = build / "complete"
    complete.unlink(missing_ok=True)
    arguments = ["build", "-W", "-n", "--keep-going", "--path-output", str(output), str(root)]
    arguments += ["--all"] * fresh + ["-q"] * quiet
    finished = subprocess.run([sys.executable, "-c", _JUPYTER_BOOK, *arguments], cwd=root, check=False)
    if finished.returncode != 0:
        # Sphinx reports a page's warnings only when it reads the page: the next build has to read them all.
        shutil.rmtree(build / ".doctrees", ignore_errors=True)
        raise click.ClickException("the book has the warnings or errors above; mend them and build again")
    complete.touch()
    return build / "html"


@click.command("build")
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), default=ROOT,
              show_default="the checkout", help="Folder in which _build/html is made.")
@click.option("--fresh", is_flag=True, help="Read every page again, not only those that changed.")
@click.option("--quiet", is_flag=True, help="Show warnings only.")
def command(output: Path, fresh: bool, quiet: bool) -> None:
    """Build the site from the stored outputs; a warning is a failure."""
    pages = build_site(output.resolve(), fresh=fresh, quiet=quiet)
    click.echo(f"The book is ready. Open {(pages / 'index.html').as_uri()}")
