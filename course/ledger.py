"""`python -m course ledger`: what was checked, in which cases, and how far off the worst of them was.

The claims live in `tests/claims/`; this module runs them and writes `tests/claims/ledger.json`, from which the
site makes its ledger and its marks. Like the outputs of notebooks, the numbers are stored, and the tests compare.
"""

import importlib
import json
import math
import sys
from pathlib import Path
from typing import Any

import click

from course.paths import ROOT

LEDGER = Path("tests") / "claims" / "ledger.json"


def read(root: Path = ROOT) -> list[dict[str, Any]]:
    """Return the entries of the ledger, in the order of the book."""
    path = root / LEDGER
    return json.loads(path.read_text("utf-8")) if path.exists() else []


def power_of_ten_above(error: float) -> float:
    """Return the smallest power of ten that exceeds an error; digits beyond it differ from machine to machine.

    Examples
    --------
    >>> power_of_ten_above(3.2e-13), power_of_ten_above(0.0)
    (1e-12, 0.0)
    """
    return float(f"1e{math.floor(math.log10(error)) + 1}") if error else 0.0


def measured(claims: list[Any]) -> list[dict[str, Any]]:
    """Run the claims and return their entries, with the number of cases and the largest relative error."""
    entries = []
    with click.progressbar(claims, label="checking", show_pos=True) as bar:
        for claim in bar:
            cases, error = claim.examine()
            entries.append(claim.entry() | {"cases": cases,
                                            "error": None if error is None else power_of_ten_above(error)})
    return entries


@click.command("ledger")
def command() -> None:
    """Check every claim, and write the ledger."""
    sys.path.insert(0, str(ROOT))  # the tests are not installed
    for path in sorted((ROOT / LEDGER).parent.glob("chapter_*.py")):
        importlib.import_module(f"tests.claims.{path.stem}")
    from tests.claims.claim import CLAIMS

    entries = measured(CLAIMS)
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
    (ROOT / LEDGER).write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    click.echo(f"{len(entries)} claims hold; written to {LEDGER.as_posix()}")
