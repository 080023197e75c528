"""The commands with which a class is marked: release, collect, grade, feedback, export, status.

All of them print for a person, in colour where there is a terminal and plain where there is none, or with
`--json` one JSON document for a program. The exit status is 0 if all went well, 1 if a command could not do its
work, 2 if it was called in a wrong way, and 3 if `grade` has marked everything but some submissions did not run
to their end.
"""

import io
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from course.grading.sandbox import MB, Limits
from course.grading.verdict import BY_HAND, CRASHED, INVALID, OK, STATUSES, TIMED_OUT
from course.paths import ROOT

_COLOURS = {OK: "green", BY_HAND: "cyan", CRASHED: "red", TIMED_OUT: "yellow", INVALID: "red"}
_HEADINGS = {BY_HAND: "by hand", "student_id": "student", "score": "points", "max_score": "of",
             "to_mark": "to mark"}
_NOT_TO_THE_END = 3


class _Deadline(click.DateTime):
    """A time, or a day: then its end."""

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d %H:%M", "%Y-%m-%d"])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the time."""
        found = super().convert(value, param, ctx)
        whole_day = isinstance(value, str) and ":" not in value
        return found.replace(hour=23, minute=59, second=59) if whole_day else found


def _common(function: Callable) -> Callable:
    """Add the options that all commands have."""
    function = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(function)
    return click.option("--course", "root", default=ROOT, show_default="this checkout",
                        help="Folder of the course.", type=click.Path(
                            exists=True, file_okay=False, resolve_path=True, path_type=Path))(function)


def _console() -> Console:
    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


def _print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table; where there is no terminal, a line is as long as its content: what reads it can cut it."""
    if sys.stdout.isatty():
        Console(highlight=False).print(_table(columns, rows))
        return
    wide = Console(width=100_000, highlight=False, file=io.StringIO())
    wide.print(_table(columns, rows))
    click.echo("\n".join(line.rstrip() for line in wide.file.getvalue().splitlines()))


def _print_json(content: Any) -> None:
    click.echo(json.dumps(content, ensure_ascii=False, indent=2, default=str))


def _table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for number, name in enumerate(columns):
        numbers = all(isinstance(row[number], (int, float)) and not isinstance(row[number], bool) for row in rows)
        table.add_column(_HEADINGS.get(name, name), justify="right" if numbers else "left",
                         overflow="fold", no_wrap=number == 0)
    for row in rows:
        table.add_row(*(_coloured(value) for value in row))
    return table


def _coloured(value: Any) -> str:
    text = (f"{value:g}" if isinstance(value, float) else ("yes" if value else "no") if isinstance(value, bool)
            else str(value))
    return f"[{_COLOURS[text]}]{text}[/]" if text in _COLOURS else escape(text)


# --- before ----------------------------------------------------------------------------------------------------

@click.command("release")
@click.argument("assignments", nargs=-1)
@click.option("--due", type=_Deadline(), help="Deadline, in local time; of a day the end.")
@click.option("--no-due", is_flag=True, help="Take the deadline away.")
@_common
def release_command(assignments: tuple[str, ...], due: datetime | None, no_due: bool, root: Path,
                    as_json: bool) -> None:
    """Write exercises/ and enter ASSIGNMENTS (default: all) into the gradebook."""
    from course.coursedir import assignments as known
    from course.release import release

    if due and no_due:
        raise click.UsageError("--due and --no-due exclude each other")
    reports = [release(root, name, due, no_due) for name in assignments or known(root)]
    if as_json:
        _print_json(reports)
        return
    for report in reports:
        news = [*report["changed"], *(["entered into the gradebook"] if report["entered"] else []),
                *(["other cells or points in the gradebook"] if report["points_changed"] else [])]
        deadline = f"; due {datetime.fromisoformat(report['due']):%Y-%m-%d %H:%M}" if report["due"] else ""
        click.echo(f"{report['assignment']}: released ({', '.join(news) or 'nothing new'}{deadline})")


@click.command("collect")
@click.argument("assignment")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@click.option("--roster", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="CSV file with the column student_id, and others by which students are recognised.")
@click.option("--pattern", help="Regular expression with the groups student and file, for other layouts.")
@_common
def collect_command(assignment: str, source: Path, roster: Path | None, pattern: str | None, root: Path,
                    as_json: bool) -> None:
    """Put submissions from SOURCE, a folder or a learning system's zip file, into submitted/."""
    from course.grading.collect import collect
    from course.grading.sheet import load_sheets

    notebooks = [sheet.name for sheet in load_sheets(root, assignment)]
    report = collect(root, assignment, source, notebooks, roster=roster, pattern=pattern)
    if as_json:
        _print_json(report)
        return
    console = _console()
    _print_table(["student", "what", "files", "notes"], [
        [row["student"], row["what"], ", ".join(row["files"]), "; ".join(row["notes"])]
        for row in report["submissions"]])
    for line in report["skipped"]:
        console.print(f"left out: {line}", markup=False)
    for student in report["not_on_the_roster"]:
        console.print(f"not on the roster: {student}", markup=False)
    count = len(report["submissions"])
    console.print(f"{count} {'submission' if count == 1 else 'submissions'} of {assignment} "
                  f"{'is' if count == 1 else 'are'} in submitted/.", markup=False)


# --- marking ---------------------------------------------------------------------------------------------------

@click.command("grade")
@click.argument("assignment")
@click.option("--student", "students", multiple=True, help="Only this student; may be given several times.")
@click.option("--workers", type=click.IntRange(1), help="Submissions at the same time (default: one a processor).")
@click.option("--again", is_flag=True, help="Mark also what has not changed since it was marked.")
@click.option("--timeout", type=click.FloatRange(1), default=Limits.cell, show_default=True,
              help="Seconds that a cell may take.")
@click.option("--total", type=click.FloatRange(1), default=Limits.total, show_default=True,
              help="Seconds that a submission may take.")
@click.option("--memory", type=click.IntRange(64), default=Limits.memory // MB, show_default=True,
              help="Megabytes that a submission may use.")
@click.option("--scheduler", metavar="ADDRESS", help="Mark on the Dask cluster at ADDRESS, or on a 'local' one.")
@click.option("--unsafe", is_flag=True, help="DANGEROUS: run students' programs without a sandbox, with your "
              "rights. They can read the solutions, change every mark and delete your files.")
@_common
def grade_command(assignment: str, students: tuple[str, ...], workers: int | None, again: bool, timeout: float,
                  total: float, memory: int, scheduler: str | None, unsafe: bool, root: Path,
                  as_json: bool) -> None:
    """Mark the submissions of ASSIGNMENT, each in a sandbox of its own."""
    from course.grading.run import grade

    limits = replace(Limits(), cell=timeout, total=total, memory=memory * MB)
    console = _console()
    if unsafe:
        click.echo("Warning: --unsafe runs the submissions with your rights. They can read the solutions, change "
                   "every mark and delete your files.", err=True)
    with _progress(console, as_json) as told:
        try:
            summary = grade(root, assignment, students=students, workers=workers, limits=limits, again=again,
                            unsafe=unsafe, scheduler=scheduler, told=told)
        except KeyboardInterrupt:
            raise click.ClickException("interrupted. What was marked is entered; give the same command again, and "
                                       "it goes on with the rest") from None
    if as_json:
        _print_json(summary.as_json())
    else:
        _print_summary(console, summary)
    if any(summary.count(status) for status in (CRASHED, TIMED_OUT, INVALID)):
        sys.exit(_NOT_TO_THE_END)


class _progress:  # noqa: N801 - used like a function
    """Tells how far the marking is: a bar in a terminal, a line for each submission elsewhere."""

    def __init__(self, console: Console, quiet: bool) -> None:
        self.console, self.quiet, self.count = console, quiet, 0
        self.bar = Progress(TextColumn("marking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
                            TextColumn("{task.description}", markup=False), console=console, transient=True)

    def __enter__(self) -> Callable[[dict[str, Any], int], None]:
        if self.console.is_terminal and not self.quiet:
            self.task = self.bar.add_task("", total=None)
            self.bar.start()
            return self._move
        return (lambda row, total: None) if self.quiet else self._line

    def __exit__(self, *_: object) -> None:
        if self.bar.live.is_started:
            self.bar.stop()

    def _move(self, row: dict[str, Any], total: int) -> None:
        self.bar.update(self.task, total=total, advance=1, description=row["student"])

    def _line(self, row: dict[str, Any], total: int) -> None:
        self.count += 1
        what = row["status"] if row["done"] else f"{row['status']} (unchanged)"
        click.echo(f"[{self.count}/{total}] {row['student']}: {what}")


def _print_summary(console: Console, summary: Any) -> None:
    _print_table(["student", "points", "of", "to_mark", "status", "reason"], [
        [row["student"], row["points"], row["out_of"], row["to_mark"], row["status"], row["reason"]]
        for row in summary.rows])
    fresh = sum(row["done"] for row in summary.rows)
    counts = ", ".join(f"{summary.count(status)} {status}" for status in STATUSES if summary.count(status))
    others = "; the others had not changed" if fresh < len(summary.rows) else ""
    still = f" In {summary.to_mark} of them there is something to mark by hand." if summary.to_mark else ""
    console.print(f"{len(summary.rows)} submissions of {summary.assignment}: {counts}. {fresh} marked now, "
                  f"in {summary.seconds:.0f} s{others}.{still}", markup=False)


# --- after -----------------------------------------------------------------------------------------------------

@click.command("feedback")
@click.argument("assignment")
@click.option("--student", "students", multiple=True, help="Only this student; may be given several times.")
@_common
def feedback_command(assignment: str, students: tuple[str, ...], root: Path, as_json: bool) -> None:
    """Write a page for each student into feedback/: what failed and why, without the hidden tests."""
    from course.grading.export import rows
    from course.grading.feedback import write_feedback

    report = write_feedback(root, assignment, list(students))
    if as_json:
        _print_json(report)
        return
    count = len(report["pages"])
    click.echo(f"{count} {'page is' if count == 1 else 'pages are'} in feedback/.")
    if unfinished := len(report["to_mark"]):
        students = f"{unfinished} student{'s' if unfinished > 1 else ''}"
        click.echo(f"The work of {students} still has cells to be marked by hand, and the pages say so; give this "
                   "command again when they are marked.")
    _print_waiting(rows(root, [assignment]))


@click.command("export")
@click.option("--assignment", "assignments", multiple=True, help="Only this one; may be given several times.")
@click.option("--student", "students", multiple=True, help="Only this student; may be given several times.")
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="CSV file (default: standard output).")
@_common
def export_command(assignments: tuple[str, ...], students: tuple[str, ...], to: Path | None, root: Path,
                   as_json: bool) -> None:
    """Write the marks as CSV, with a status for each student."""
    from course.grading.export import rows, write_csv

    table = rows(root, assignments, students)
    if as_json:
        _print_json(table)
    elif to is None:
        write_csv(table, sys.stdout)
    else:
        try:
            with to.open("w", encoding="utf-8-sig", newline="") as file:  # spreadsheets know UTF-8 by its mark
                write_csv(table, file)
        except OSError as error:
            raise click.ClickException(f"{to} cannot be written: {error.strerror}") from error
        click.echo(f"{len(table)} rows are in {to}.")
        _print_waiting(table)


def _print_waiting(table: Sequence[dict[str, Any]]) -> None:
    from course.grading.export import waiting

    for sentence in waiting(table):
        click.echo(sentence, err=True)


@click.command("status")
@click.argument("assignment", required=False)
@_common
def status_command(assignment: str | None, root: Path, as_json: bool) -> None:
    """Show how far the assignments are, or the status of each student in ASSIGNMENT."""
    from course.grading.overview import overview, students

    found = students(root, assignment) if assignment else overview(root)
    if as_json:
        _print_json(found)
    elif found:
        _print_table(*_without_empty_columns(list(found[0]), [list(row.values()) for row in found]))
    else:
        click.echo("There is nothing yet.")


def _without_empty_columns(columns: list[str], rows: list[list[Any]]) -> tuple[list[str], list[list[Any]]]:
    """Leave out what is 0 or empty in all rows, so that the rest has room."""
    kept = [n for n in range(len(columns)) if n == 0 or any(row[n] not in (0, "") for row in rows)]
    return [columns[n] for n in kept], [[row[n] for n in kept] for row in rows]


COMMANDS = (release_command, collect_command, grade_command, feedback_command, export_command, status_command)
