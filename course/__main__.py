"""The program `python -m course`; each command lives in the module of its concern."""

import click

from course import book, exercises, ledger, lint, notebooks


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Build, check and release the course."""


for module in (book, notebooks, exercises, ledger, lint):
    main.add_command(module.command)

if __name__ == "__main__":
    main(prog_name="python -m course")
