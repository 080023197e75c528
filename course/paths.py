"""Where things lie in a checkout, and which notebooks the course consists of."""

from collections.abc import Iterable
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent

NOTEBOOK_FOLDERS = ("chapters", "solutions")


def find_notebooks(paths: Iterable[Path] = (), root: Path = ROOT) -> list[Path]:
    """Return the notebooks below `paths`, sorted; by default those whose source is in this repository.

    Parameters
    ----------
    paths : iterable of Path
        Notebooks, or folders that are searched.
    root : Path
        The checkout; `chapters/` and `solutions/` below it are the default.

    Raises
    ------
    click.ClickException
        If one of `paths` does not exist, or is a file but not a notebook.

    Examples
    --------
    >>> find_notebooks([Path("no-such-folder")])
    Traceback (most recent call last):
        ...
    click.exceptions.ClickException: no-such-folder does not exist
    """
    found = set()
    for path in list(paths) or [root / folder for folder in NOTEBOOK_FOLDERS]:
        if path.is_dir():
            found.update(p for p in path.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)
        elif not path.exists():
            raise click.ClickException(f"{path} does not exist")
        elif path.suffix != ".ipynb":
            raise click.ClickException(f"{path} is not a notebook (.ipynb)")
        else:
            found.add(path)
    return sorted(found)


def shown(path: Path, root: Path = ROOT) -> str:
    """Return `path` as a reader of a message wants it: from the checkout's root where it lies inside.

    Examples
    --------
    >>> shown(ROOT / "chapters" / "index.md")
    'chapters/index.md'
    """
    absolute = path.resolve()
    return absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else str(path)
