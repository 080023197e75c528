"""`python -m course exercises`: what students receive, made from `solutions/`, where alone it is written."""

import tempfile
from pathlib import Path

import click

from course.paths import ROOT


def generate(target: Path, root: Path = ROOT) -> None:
    """Write the release version of every assignment in `solutions/` into `target`, one folder each.

    Raises
    ------
    click.ClickException
        If nbgrader refuses a source, with its log.
    """
    from course import coursedir  # nbgrader takes seconds to import

    api = coursedir.open_course(root, release_directory=target)
    api.config.SaveCells.enabled = False  # releasing needs no gradebook
    api.config.GenerateAssignment.no_database = True
    for assignment in coursedir.assignments(root):
        coursedir.require_success(api.generate_assignment(assignment), f"releasing {assignment}")


def files_below(folder: Path) -> dict[str, bytes]:
    """Return path below `folder` → content for all files that a release consists of."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".ipynb_checkpoints" not in path.parts
    }


def differences(root: Path = ROOT) -> dict[str, bytes | None]:
    """Return what has to change in `exercises/`: path → right content, or None for a file that does not belong."""
    with tempfile.TemporaryDirectory() as temporary:
        generate(Path(temporary), root)
        right = files_below(Path(temporary))
    present = files_below(root / "exercises")
    changed = {path: content for path, content in right.items() if present.get(path) != content}
    return changed | {path: None for path in present if path not in right}


def update(changes: dict[str, bytes | None], root: Path = ROOT) -> None:
    """Make the changes that `differences` asks for; files that are right already keep their time stamps."""
    for name, content in changes.items():
        path = root / "exercises" / name
        if content is None:
            path.unlink()
            if not any(path.parent.iterdir()):
                path.parent.rmdir()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


@click.command("exercises")
@click.option("--check", is_flag=True, help="Change nothing; fail if exercises/ is not what the sources give.")
def command(check: bool) -> None:
    """Generate exercises/ from solutions/."""
    changes = differences()
    names = [f"exercises/{name}" + (" (does not belong there)" if content is None else "")
             for name, content in changes.items()]
    if check and changes:
        raise click.ClickException("not what solutions/ gives; run: python -m course exercises\n  "
                                   + "\n  ".join(names))
    update(changes)
    click.echo("\n".join(f"written  {name}" for name in names) or "exercises/ is what solutions/ gives.")
