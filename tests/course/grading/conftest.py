"""A course in a folder of its own, with the small assignment and whoever hands it in."""

import json
import os
import shutil

import pytest

from course import coursedir
from course.grading import sandbox
from course.paths import ROOT
from tests.course.grading.assignment import DATA, NAME, NOTEBOOK, source_notebook


@pytest.fixture(scope="session")
def sandboxed() -> None:
    """Skip where there is no bubblewrap; in continuous integration that is an error."""
    try:
        with sandbox.Sandbox(sandbox.Limits()):
            pass
    except sandbox.SandboxError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"submissions are marked in a sandbox, and there is none here: {error}")


@pytest.fixture(scope="session")
def released(tmp_path_factory):
    """A course folder in which the small assignment was released."""
    root = tmp_path_factory.mktemp("a course")
    shutil.copy(ROOT / coursedir.CONFIG, root)
    folder = root / "solutions" / NAME
    folder.mkdir(parents=True)
    (folder / f"{NOTEBOOK}.ipynb").write_text(json.dumps(source_notebook()), encoding="utf-8")
    (folder / "data.csv").write_bytes(DATA)
    coursedir.require_success(coursedir.open_course(root).generate_assignment(NAME), "releasing")
    return root


@pytest.fixture(scope="session")
def release(released):
    """The notebook that students receive."""
    notebook = json.loads((released / "exercises" / NAME / f"{NOTEBOOK}.ipynb").read_text("utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook
