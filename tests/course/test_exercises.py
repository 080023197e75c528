"""What students receive is what the sources give, and nbgrader marks both as it should."""

import shutil

import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook

from course import exercises
from course.coursedir import assignments, open_course, require_success
from course.paths import ROOT

ASSIGNMENTS = assignments()


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """Return a copy of what releasing needs, on which the command acts, in a folder with a space in its name."""
    root = tmp_path / "a course"
    for folder in ("solutions", "exercises"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    shutil.copy(ROOT / "nbgrader_config.py", root)
    for function in ("differences", "update"):
        original = getattr(exercises, function)
        monkeypatch.setattr(exercises, function, lambda *arguments, f=original: f(*arguments, root))
    return root


def run(*arguments):
    return CliRunner().invoke(exercises.command, list(arguments))


def test_there_are_assignments():
    assert ASSIGNMENTS


def test_exercises_are_what_the_sources_give():
    assert exercises.differences() == {}


def test_releasing_twice_gives_the_same_bytes_and_touches_nothing(checkout):
    shutil.rmtree(checkout / "exercises")
    assert run().exit_code == 0
    first = {path: path.stat().st_mtime_ns for path in (checkout / "exercises").rglob("*")}
    assert exercises.files_below(checkout / "exercises") == exercises.files_below(ROOT / "exercises")
    result = run()
    assert result.exit_code == 0
    assert "is what solutions/ gives" in result.output
    assert {path: path.stat().st_mtime_ns for path in (checkout / "exercises").rglob("*")} == first


def test_no_gradebook_is_made(checkout):
    assert run("--check").exit_code == 0
    assert not (checkout / "gradebook.db").exists()


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_a_changed_release_is_found_named_and_mended(checkout, name):
    notebook = next((checkout / "exercises" / name).glob("*.ipynb"))
    right = notebook.read_bytes()
    notebook.write_bytes(right.replace(b"NotImplementedError", b"NotImplemented", 1))
    result = run("--check")
    assert result.exit_code == 1
    assert f"exercises/{name}/{notebook.name}" in result.output
    assert notebook.read_bytes() != right, "a check changes nothing"
    assert run().exit_code == 0
    assert notebook.read_bytes() == right


def test_missing_and_foreign_files_are_found_and_mended(checkout):
    foreign = checkout / "exercises" / "9-left-over" / "old.ipynb"
    foreign.parent.mkdir()
    foreign.write_text("{}")
    missing = next((checkout / "exercises" / ASSIGNMENTS[0]).glob("*.ipynb"))
    missing.unlink()
    output = run("--check").output
    assert "9-left-over/old.ipynb (does not belong there)" in output
    assert f"exercises/{ASSIGNMENTS[0]}/{missing.name}" in output
    assert run().exit_code == 0
    assert missing.exists()
    assert not foreign.parent.exists()


def test_a_source_that_nbgrader_refuses_is_an_error_with_its_reason(checkout):
    source = next((checkout / "solutions" / ASSIGNMENTS[0]).glob("*.ipynb"))
    source.write_text(source.read_text("utf-8").replace("### END SOLUTION", "### END", 1), "utf-8")
    result = run()
    assert result.exit_code == 1
    assert f"releasing {ASSIGNMENTS[0]} failed" in result.output
    assert "No end solution statement found" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_a_release_holds_no_answer_and_no_hidden_test(name):
    for path in (ROOT / "exercises" / name).glob("*.ipynb"):
        text = path.read_text("utf-8")
        assert "NotImplementedError" in text
        for mark in ("BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS", "MARK SCHEME"):
            assert mark not in text


@pytest.fixture(scope="module", params=ASSIGNMENTS)
def marked(request, tmp_path_factory):
    """Return the marks by nbgrader of two students: one hands in the source itself, one the untouched release."""
    name, root = request.param, tmp_path_factory.mktemp("a course")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    shutil.copytree(ROOT / "solutions" / name, root / "solutions" / name)
    api = open_course(root)
    require_success(api.generate_assignment(name), "releasing")
    for student, folder in (("solved", "solutions"), ("untouched", "exercises")):
        shutil.copytree(root / folder / name, root / "submitted" / student / name)
        require_success(api.autograde(name, student), "marking")
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        return {
            student: {
                grade.name: (grade.auto_score, grade.max_score, grade.cell.cell_type)
                for notebook in gradebook.find_submission(name, student).notebooks
                for grade in notebook.grades
            }
            for student in ("solved", "untouched")
        }


def test_the_solutions_earn_full_marks(marked):
    automatic = {name: marks for name, marks in marked["solved"].items() if marks[2] == "code"}
    assert automatic
    assert {name: marks for name, marks in automatic.items() if marks[0] != marks[1]} == {}


def test_the_untouched_release_earns_nothing(marked):
    assert marked["untouched"].keys() == marked["solved"].keys()
    assert {name: marks for name, marks in marked["untouched"].items() if marks[0] != 0} == {}
    assert sum(maximum for _, maximum, _ in marked["untouched"].values()) > 0
