"""How much faster `course grade` is than `nbgrader autograde`, on the same submissions, with the same marks.

    python tests/benchmarks/bench_grading.py [--submissions 40] [--workers 2] [--assignment NAME]

Both programs mark copies of one class: answers taken from the solutions, some left out, some spoilt. Times are
those of the whole command, from its start to its end. It fails if a mark differs.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from course import coursedir
from course.grading.gradebook import GradebookWriter
from course.paths import ROOT

SEED = 8
FATES = ("solved",) * 6 + ("spoilt",) * 3 + ("blank",) * 1


def submit(source: dict, release: dict, chance: random.Random) -> dict:
    """Return the released notebook with each answer solved, spoilt or left blank."""
    solutions = {cell["id"]: "".join(cell["source"]) for cell in source["cells"]}
    notebook = json.loads(json.dumps(release))
    for cell in notebook["cells"]:
        fate = chance.choice(FATES)
        answer = cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("solution")
        if answer and fate != "blank":
            solution = solutions[cell["id"]]
            cell["source"] = solution if fate == "solved" else solution.replace("    return ", "    return 2 * ")
    return notebook


def make_class(folder: Path, assignment: str, count: int) -> None:
    """Make a course in which the assignment was released and `count` students have handed it in."""
    shutil.copytree(ROOT / "solutions" / assignment, folder / "solutions" / assignment)
    shutil.copy(ROOT / coursedir.CONFIG, folder)
    coursedir.require_success(coursedir.open_course(folder).generate_assignment(assignment), "releasing")
    chance = random.Random(SEED)
    for number in range(count):
        for path in sorted((folder / "solutions" / assignment).glob("*.ipynb")):
            release = json.loads((folder / "exercises" / assignment / path.name).read_text("utf-8"))
            target = folder / "submitted" / f"student-{number:02}" / assignment / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            notebook = submit(json.loads(path.read_text("utf-8")), release, chance)
            target.write_text(json.dumps(notebook), "utf-8")


def timed(command: list[str], folder: Path) -> float:
    """Run a command in a folder; return the seconds that it took."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   env=os.environ | {"PATH": path})
    return time.perf_counter() - began


def marks(folder: Path, assignment: str) -> dict:
    """Return what the gradebook says, by student and cell."""
    with GradebookWriter(folder) as writer:
        return {student.id: writer.scores(assignment, student.id) for student in writer.book.students}


def main() -> None:
    """Time both programs and compare their marks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=40)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--assignment", default=coursedir.assignments()[0])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        ours, theirs = Path(temporary) / "course", Path(temporary) / "nbgrader"
        make_class(ours, options.assignment, options.submissions)
        shutil.copytree(ours, theirs)
        fast = timed([sys.executable, "-m", "course", "grade", options.assignment, "--course", str(ours),
                      "--workers", str(options.workers)], ROOT)
        slow = timed([sys.executable, "-m", "nbgrader", "autograde", options.assignment], theirs)
        found, expected = marks(ours, options.assignment), marks(theirs, options.assignment)
    print(f"{options.submissions} submissions of {options.assignment}, {options.workers} workers")
    print(f"  nbgrader autograde  {slow:7.1f} s  {slow / options.submissions:6.2f} s each")
    print(f"  course grade        {fast:7.1f} s  {fast / options.submissions:6.2f} s each")
    print(f"  ratio               {slow / fast:7.1f}")
    differ = {(student, cell): (mark, found[student][cell]) for student, cells in expected.items()
              for cell, mark in cells.items() if mark != found[student][cell]}
    print(f"  marks that differ   {len(differ):5} of {sum(map(len, expected.values()))}")
    if differ or not expected:
        sys.exit(f"nbgrader and course disagree: {differ}")


if __name__ == "__main__":
    main()
