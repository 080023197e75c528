"""The page for instructors on which all tasks of all assignments stand side by side."""

from collections.abc import Iterator

from sphinx.application import Sphinx

from course import overview
from course.paths import ROOT

PAGE = "chapters/assignments"
TASKS_GO_HERE = "% tasks of all assignments"
TOPICS_GO_HERE = "% topics and the tasks that practise them"


def tasks() -> Iterator[str]:
    """Yield the tables of tasks, one for each assignment, as MyST."""
    for assignment in overview.assignments():
        machine, hand, minutes = (sum(getattr(task, part) for task in assignment.tasks)
                                  for part in ("by_machine", "by_hand", "minutes"))
        yield from (f"## {assignment.title}", "",
                    f"{machine:g} points by machine and {hand:g} by hand, {_hours(minutes)}. "
                    f"Download: {{assignment}}`{assignment.name}.zip <{assignment.name}>`.", "",
                    "| Task | Subject | Kind | By machine | By hand | Minutes | Topics |",
                    "|---:|---|---|---:|---:|---:|---|")
        for task in assignment.tasks:
            yield (f"| {task.number} | {task.subject} | {', '.join(task.kinds)} | {task.by_machine:g} | "
                   f"{task.by_hand:g} | {task.minutes} | {', '.join(task.rows)} |")
        yield ""


def _hours(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"{hours}\N{NO-BREAK SPACE}h {rest:02}\N{NO-BREAK SPACE}min"


def topics() -> Iterator[str]:
    """Yield the table from topics to tasks, as MyST."""
    practised: dict[str, list[str]] = {}
    for assignment in overview.assignments():
        for task in assignment.tasks:
            for row in task.rows:
                practised.setdefault(row, []).append(f"{assignment.name.partition('-')[0]}.{task.number}")
    yield from ("| Topic | Tasks |", "|---|---|")
    for row in sorted(practised, key=_in_order):
        yield f"| {row} | {', '.join(practised[row])} |"


def _in_order(row: str) -> tuple[int, int]:
    return "FCANKOSDR".index(row[0]), int(row[1:])


def _write_page(app: Sphinx, docname: str, source: list[str]) -> None:
    if docname == PAGE:
        for path in (ROOT / "solutions").rglob("*"):
            app.env.note_dependency(str(path))
        for place, lines in ((TASKS_GO_HERE, tasks()), (TOPICS_GO_HERE, topics())):
            source[0] = source[0].replace(place, "\n".join(lines))


def register(app: Sphinx) -> None:
    """Write the tables when the page is read."""
    app.connect("source-read", _write_page)
