"""The program `course`, or `python -m course`; each command lives in the module of its concern."""

import importlib
from collections.abc import Iterator, Mapping

import click

WHERE = {
    "build": "course.book:command",
    "collect": "course.grading.commands:collect_command",
    "exercises": "course.exercises:command",
    "export": "course.grading.commands:export_command",
    "feedback": "course.grading.commands:feedback_command",
    "grade": "course.grading.commands:grade_command",
    "ledger": "course.ledger:command",
    "lint": "course.lint:command",
    "notebooks": "course.notebooks:command",
    "pdf": "course.pdf:command",
    "release": "course.grading.commands:release_command",
    "status": "course.grading.commands:status_command",
}


class Commands(Mapping):
    """The commands by name; each is loaded when it is asked for, because what some need takes seconds to load."""

    def __getitem__(self, name: str) -> click.Command:
        module, attribute = WHERE[name].split(":")
        return getattr(importlib.import_module(module), attribute)

    def __iter__(self) -> Iterator[str]:
        return iter(WHERE)

    def __len__(self) -> int:
        return len(WHERE)


@click.group(commands=Commands(), context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="labkit", message="%(version)s")
def main() -> None:
    """Build and check the course, and mark a class."""


if __name__ == "__main__":
    main(prog_name="python -m course")
