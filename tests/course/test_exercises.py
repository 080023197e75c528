"""What students receive is what the sources give."""

import shutil

import pytest
from click.testing import CliRunner

from course import exercises
from course.coursedir import assignments
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


def test_changed_releases_are_found_named_and_mended(checkout):
    right = {path: path.read_bytes() for path in (checkout / "exercises").rglob("*.ipynb")}
    assert {path.parent.name for path in right} == set(ASSIGNMENTS)
    for path, content in right.items():
        path.write_bytes(content.replace(b"NotImplementedError", b"NotImplemented", 1))
    result = run("--check")
    assert result.exit_code == 1
    for path in right:
        assert path.relative_to(checkout).as_posix() in result.output
        assert path.read_bytes() != right[path], "a check changes nothing"
    assert run().exit_code == 0
    assert {path: path.read_bytes() for path in right} == right


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
