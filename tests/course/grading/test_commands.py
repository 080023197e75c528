"""A term as an instructor types it: release, collect, grade, feedback, export, status; and what goes wrong."""

import codecs
import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from course.__main__ import main
from course.grading import gradebook, sandbox
from course.grading.export import COLUMNS
from course.grading.verdict import Mark, NotebookVerdict, Verdict
from course.paths import ROOT
from tests.course.grading.assignment import NAME, NOTEBOOK, POINTS, Student, inserted, removed

FILE = f"{NOTEBOOK}.ipynb"
NBGRADER_COLUMNS = ["assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
                    "raw_score", "late_submission_penalty", "score", "max_score"]
STUDENTS = [
    Student("ada"),
    Student("bob", leave=("essay",)),
    Student("cy", change=inserted("import os\nos._exit(1)")),
    Student("dan", files=lambda nb: {FILE: "{"}),
    Student("eve", {"double": "def double(x):\n    return 3 * x"}, change=removed("double-check")),
]


def course_command(root, *arguments):
    result = CliRunner().invoke(main, [*arguments, "--course", str(root)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture(scope="module")
def root(sandboxed, released, release, tmp_path_factory):
    root = tmp_path_factory.mktemp("term") / "course"
    shutil.copytree(released, root)
    for student in STUDENTS:
        folder = root / "inbox" / student.name
        folder.mkdir(parents=True)
        for name, content in student.hand_in(release).items():
            (folder / name).write_bytes(content)
    return root


def test_a_term(root):
    """One test, because each step needs the one before."""
    result = course_command(root, "release", NAME, "--due", "2031-01-31 23:59")
    assert result.exit_code == 0
    assert "nothing new" in result.output
    assert course_command(root, "collect", NAME, str(root / "inbox")).exit_code == 0

    result = course_command(root, "grade", NAME, "--timeout", "5", "--workers", "2")
    assert result.exit_code == 3, "some submissions did not run to their end"
    assert "[5/5]" in result.output
    assert "2 needs marking by hand, 1 crashed, 1 invalid" in result.output.replace("1 ok, ", "")
    for reason in ("is not JSON", "ended the interpreter (exit status 1)"):
        assert reason in result.output

    result = course_command(root, "grade", NAME, "--timeout", "5", "--json")
    assert result.exit_code == 3
    report = json.loads(result.output)
    assert report["counts"] == {"ok": 1, "needs marking by hand": 2, "crashed": 1, "timed out": 0, "invalid": 1}
    assert not any(row["done"] for row in report["submissions"]), "nothing has changed"

    assert "5 pages" in course_command(root, "feedback", NAME).output
    assert "1 page is" in course_command(root, "feedback", NAME, "--student", "ada").output

    table = list(csv.DictReader(io.StringIO(course_command(root, "export").output)))
    assert list(table[0]) == [*NBGRADER_COLUMNS, "hours_late", "to_mark", "status", "reason"] == list(COLUMNS)
    to_mark = {row["student_id"]: int(row["to_mark"]) for row in table}
    assert to_mark == {"ada": 1, "bob": 0, "cy": 1, "dan": 0, "eve": 1}
    assert {row["duedate"][-6:] for row in table} == {"+00:00"}
    found = {row["student_id"]: (float(row["score"]), row["status"]) for row in table}
    assert found == {"ada": (13, "needs marking by hand"), "bob": (13, "ok"), "cy": (13, "crashed"),
                     "dan": (0, "invalid"), "eve": (5, "needs marking by hand")}
    assert {row["max_score"] for row in table} == {str(float(sum(POINTS.values())))}
    assert "is not JSON" in next(row["reason"] for row in table if row["student_id"] == "dan")

    course_command(root, "export", "--to", str(root / "marks.csv"), "--student", "bob")
    marks = (root / "marks.csv").read_bytes()
    assert marks.startswith(codecs.BOM_UTF8), "spreadsheets know UTF-8 by its mark"
    assert marks.count(b"\n") == 2

    [row] = json.loads(course_command(root, "status", "--json").output)
    assert (row["submissions"], row["to grade"], row["feedback"], row["invalid"]) == (5, 0, 5, 1)
    assert "needs marking by hand" in course_command(root, "status", NAME).output


def test_nbgrader_export_has_the_same_marks(root):
    test = {row["student_id"]: row for row in json.loads(course_command(root, "export", "--json").output)}
    with gradebook.GradebookWriter(root) as writer:
        from nbgrader.plugins.export import CsvExportPlugin

        plugin = CsvExportPlugin()
        plugin.to = str(root / "nbgrader.csv")
        plugin.export(writer.book)
    theirs = list(csv.DictReader((root / "nbgrader.csv").open(encoding="utf-8")))
    assert [float(row["score"]) for row in theirs] == [test[row["student_id"]]["score"] for row in theirs]


def test_formgrader_shows_the_marked_work(root):
    """nbgrader's own handlers, from the gradebook that `course grade` wrote."""
    from course import coursedir

    api = coursedir.open_course(root)
    [assignment] = api.get_assignments()
    assert assignment["num_submissions"] == 5
    submissions = {row["student"]: row for row in api.get_submissions(NAME)}
    assert submissions["ada"]["autograded"]
    assert submissions["ada"]["needs_manual_grade"]
    assert not submissions["bob"]["needs_manual_grade"]
    notebooks = api.get_notebook_submissions(NAME, NOTEBOOK)
    assert {row["student"] for row in notebooks} == {student.name for student in STUDENTS}
    page = _formgrader_page(api, root, "ada")
    assert "Because it is twice as much" in page
    assert "forty-two-in-disguise" in page, "whoever marks sees the hidden tests"


def _formgrader_page(api, root, student):
    """Render a submission as formgrader's handler does."""
    from nbconvert.exporters import HTMLExporter
    from nbgrader.server_extensions.formgrader import handlers
    from traitlets.config import Config

    config = Config()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    exporter = HTMLExporter(config=config)
    resources = {"assignment_id": NAME, "notebook_id": NOTEBOOK, "submission_id": "x", "index": 0, "total": 1,
                 "base_url": "/", "my_index": 0, "last_name": "", "first_name": "", "student": student,
                 "mathjax_url": "", "jupyterlab_url": "", "nbgrader_config": "", "is_lab": True, "windows": False}
    path = root / "autograded" / student / NAME / FILE
    return exporter.from_filename(str(path), resources=resources)[0]


# --- what a person does between the commands -------------------------------------------------------------------

def by_hand(root, student, points):
    """Give points for the essay, as the formgrader does."""
    with gradebook.GradebookWriter(root) as writer:
        found = writer.book.find_grade("essay", NOTEBOOK, NAME, student)
        found.manual_score, found.needs_manual_grade = points, False
        writer.book.db.commit()


def standing(root):
    return {row["student_id"]: (row["score"], row["status"])
            for row in json.loads(course_command(root, "export", "--json").output)}


def hand_in_again(root, release, student):
    for name, content in student.hand_in(release).items():
        (root / "submitted" / student.name / NAME / name).write_bytes(content)


def test_marks_by_hand_are_everywhere_and_stay_until_the_text_changes(root, release, tmp_path):
    copy = tmp_path / "course"
    shutil.copytree(root, copy)
    by_hand(copy, "ada", 4.0)
    assert standing(copy)["ada"] == (17, "ok")
    report = json.loads(course_command(copy, "grade", NAME, "--timeout", "5", "--json").output)
    [row] = [row for row in report["submissions"] if row["student"] == "ada"]
    assert (row["points"], row["to_mark"], row["status"], row["done"]) == (17, 0, "ok", False)
    [line] = json.loads(course_command(copy, "status", "--json").output)
    assert (line["ok"], line["needs marking by hand"]) == (2, 1)

    course_command(copy, "grade", NAME, "--student", "ada", "--again")
    assert standing(copy)["ada"] == (17, "ok"), "the same text was marked already"

    hand_in_again(copy, release, Student("ada", {"double": "def double(x):\n    return x + x"}))
    course_command(copy, "grade", NAME, "--student", "ada")
    assert standing(copy)["ada"] == (17, "ok"), "another answer changed, not the essay"

    hand_in_again(copy, release, Student("ada", {"essay": "Another text."}))
    course_command(copy, "grade", NAME, "--student", "ada")
    assert standing(copy)["ada"] == (17, "needs marking by hand")
    course_command(copy, "feedback", NAME, "--student", "ada")
    page = (copy / "feedback" / "ada" / NAME / f"{NOTEBOOK}.html").read_text("utf-8")
    assert "13 of 13 marked so far; 5 points are still to be marked by hand" in page, "the mark is another text's"


def test_what_was_collected_since_is_not_called_marked(root, release, tmp_path):
    copy = tmp_path / "course"
    shutil.copytree(root, copy)
    hand_in_again(copy, release, Student("bob", {"double": "def double(x):\n    return 3 * x"}, leave=("essay",)))
    shutil.copytree(copy / "submitted" / "ada", copy / "submitted" / "zoe")
    found = standing(copy)
    assert found["bob"] == (13, "handed in again")
    assert found["zoe"] == (0, "not marked yet")
    for command in (["feedback", NAME, "--student", "ada"], ["export", "--to", str(tmp_path / "marks.csv")]):
        assert f"2 submissions were collected since the last marking: course grade {NAME}" in \
            course_command(copy, *command).output
    [line] = json.loads(course_command(copy, "status", "--json").output)
    assert (line["submissions"], line["to grade"]) == (6, 2)
    course_command(copy, "grade", NAME, "--timeout", "5")
    assert standing(copy)["bob"] == (5, "ok")
    assert standing(copy)["zoe"] == (13, "needs marking by hand")


def test_of_several_copies_the_one_with_answers_is_marked_and_a_person_is_told(root, release, tmp_path):
    copy = tmp_path / "course"
    shutil.copytree(root, copy)
    folder = copy / "submitted" / "bob" / NAME
    right = (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(json.dumps(release).encode())
    (folder / "warm-up_final.ipynb").write_bytes(right)
    result = course_command(copy, "grade", NAME, "--student", "bob")
    said = f"Several files look like {FILE}: 'warm-up_final.ipynb' was marked, and not '{FILE}'."
    assert said in result.output
    [row] = json.loads(course_command(copy, "export", "--student", "bob", "--json").output)
    assert (row["score"], row["reason"]) == (13, said)
    course_command(copy, "feedback", NAME, "--student", "bob")
    page = (copy / "feedback" / "bob" / NAME / f"{NOTEBOOK}.html").read_text("utf-8")
    assert "Several files look like" in page
    (folder / FILE).unlink()
    (folder / "old.ipynb").write_bytes(json.dumps(release).encode())
    (folder / "warm-up_final.ipynb").rename(folder / "Copy of warm-up.ipynb")
    assert "'Copy of warm-up.ipynb' was marked, and not 'old.ipynb'" in \
        course_command(copy, "grade", NAME, "--student", "bob").output
    assert standing(copy)["bob"][0] == 13


def test_a_cell_of_an_earlier_edition_is_not_held_against_the_student(root, tmp_path):
    copy = tmp_path / "course"
    shutil.copytree(root, copy)
    for folder in ("solutions", "exercises"):
        path = copy / folder / NAME / FILE
        text = path.read_text("utf-8")
        assert "import numpy as np" in text
        path.write_text(text.replace("import numpy as np", "import numpy as np  # as usual", 1), "utf-8")
    course_command(copy, "grade", NAME, "--student", "bob")
    report = json.loads((copy / "grading" / NAME / "bob.json").read_text("utf-8"))
    notes = " ".join(report["notebooks"][0]["notes"])
    assert "is that of an earlier edition; the present one is used." in notes
    assert "was changed" not in notes


# --- what goes wrong -------------------------------------------------------------------------------------------

def test_messages_say_what_to_do(root, tmp_path, monkeypatch):
    for command in (["grade", "nothing"], ["status", "nothing"], ["release", "nothing"],
                    ["export", "--assignment", "nothing"]):
        result = course_command(root, *command)
        assert result.exit_code == 1
        assert "there is no assignment 'nothing'; there are: " in result.output
    assert "there is no student 'nobody'" in course_command(root, "export", "--student", "nobody").output
    assert "cannot be written" in course_command(root, "export", "--to", str(tmp_path / "no" / "marks.csv")).output
    result = course_command(root, "release", NAME, "--due", "2031-01-31", "--no-due")
    assert result.exit_code == 2
    assert "--due and --no-due exclude each other" in result.output
    assert "no submission of" in course_command(root, "grade", NAME, "--student", "nobody").output
    bare = tmp_path / "bare"
    shutil.copytree(root, bare, ignore=shutil.ignore_patterns("gradebook.db", "grading", "autograded"))
    result = course_command(bare, "grade", NAME)
    assert result.exit_code == 1
    assert f"course release {NAME}" in result.output


def test_it_refuses_to_run_without_a_sandbox(root, monkeypatch):
    monkeypatch.setattr(sandbox.shutil, "which", lambda *_, **__: None)
    result = course_command(root, "grade", NAME, "--again")
    assert result.exit_code == 1
    assert "bubblewrap (the program bwrap) is not installed" in result.output
    assert "--unsafe" in result.output


def test_unsafe_warns_and_works(root, tmp_path, monkeypatch):
    copy = tmp_path / "course"
    shutil.copytree(root, copy)
    monkeypatch.setattr(sandbox.shutil, "which", lambda *_, **__: None)
    result = course_command(copy, "grade", NAME, "--student", "bob", "--again", "--unsafe")
    assert result.exit_code == 0, result.output
    assert "change every mark and delete your files" in result.output
    assert "13" in result.output


@pytest.mark.parametrize("options", [[], ["--unsafe"]])
def test_no_file_is_left_behind(root, tmp_path, monkeypatch, options):
    copy, temporary = tmp_path / "course", tmp_path / "temporary"
    shutil.copytree(root, copy)
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    before = set(Path("/tmp").glob("*-*"))
    result = course_command(copy, "grade", NAME, "--student", "ada", "--student", "cy", "--again", *options)
    assert "2 marked now" in result.output
    assert list(temporary.iterdir()) == []
    left = {path.name.split("-")[0] for path in set(Path("/tmp").glob("*-*")) - before}
    assert not left & {"examiner", "student"}


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason="needs rights to give up")
def test_who_is_not_the_superuser_can_mark_too(root, tmp_path):
    copy = tmp_path / "course"
    shutil.copytree(root, copy)
    command = [sys.executable, "-m", "course", "grade", NAME, "--course", str(copy), "--again", "--json",
               "--student", "ada", "--student", "cy"]
    without = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
    found = subprocess.run(without + command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert found.returncode == 3, found.stderr
    assert [(row["student"], row["points"], row["status"]) for row in json.loads(found.stdout)["submissions"]] == [
        ("ada", 13, "needs marking by hand"), ("cy", 13, "crashed")]


def test_two_writers_do_not_meet(root):
    with gradebook.only_writer(root):
        result = course_command(root, "grade", NAME, "--again")
    assert result.exit_code == 1
    assert "another `course` is writing" in result.output


@pytest.mark.parametrize(("by", "says"), [
    (signal.SIGKILL, ""), (signal.SIGINT, "interrupted. What was marked is entered; give the same command again"),
])
def test_interrupted_it_goes_on_where_it_stopped(root, tmp_path, by, says):
    copy = tmp_path / "course"
    shutil.copytree(root, copy, ignore=shutil.ignore_patterns("autograded", f"{NAME}.json", NAME + "-*"))
    shutil.rmtree(copy / "grading", ignore_errors=True)
    command = [sys.executable, "-m", "course", "grade", NAME, "--course", str(copy), "--workers", "1"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               start_new_session=True)
    for line in process.stdout:
        if line.startswith("[2/5]"):
            break
    os.killpg(process.pid, by)
    rest, _ = process.communicate()
    assert says in rest
    assert "Traceback" not in rest
    done = sorted(path.stem for path in (copy / "grading" / NAME).glob("*.json"))
    assert 2 <= len(done) < 5
    result = course_command(copy, "grade", NAME, "--json")
    rows = {row["student"]: row for row in json.loads(result.output)["submissions"]}
    assert sorted(name for name, row in rows.items() if not row["done"]) == done
    assert len(rows) == 5


def test_a_lost_gradebook_is_filled_again(root, tmp_path):
    copy = tmp_path / "course"
    shutil.copytree(root, copy)
    with gradebook.GradebookWriter(copy) as writer:
        writer.book.remove_submission(NAME, "ada")
    rows = json.loads(course_command(copy, "grade", NAME, "--json", "--timeout", "5").output)["submissions"]
    assert [row["student"] for row in rows if row["done"]] == ["ada"]


def test_late_work_costs_what_the_settings_say(root, tmp_path):
    copy = tmp_path / "course"
    shutil.copytree(root, copy)
    with (copy / "nbgrader_config.py").open("a") as file:
        file.write('\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    course_command(copy, "release", NAME, "--due", "2020-01-01")
    course_command(copy, "grade", NAME, "--student", "bob", "--again")
    [row] = json.loads(course_command(copy, "export", "--student", "bob", "--json").output)
    assert (row["raw_score"], row["late_submission_penalty"], row["score"]) == (13, 13, 0)


def test_a_verdict_is_entered_whole_or_not_at_all(root, tmp_path, monkeypatch):
    copy = tmp_path / "course"
    shutil.copytree(root, copy)

    def fail(*_):
        raise OSError("the disk is full")

    with gradebook.GradebookWriter(copy) as writer:
        verdict = verdict_of(writer, "ada")
        writer.book.remove_student("ada")
        with monkeypatch.context() as broken:
            broken.setattr(gradebook, "standing_of", fail)
            with pytest.raises(OSError, match="disk is full"):
                writer.write(verdict, None)
        assert "ada" not in [student.id for student in writer.book.students]
        assert writer.scores(NAME, "ada") is None
        assert writer.write(verdict, None) == (verdict.points, 1)
    with gradebook.GradebookWriter(copy) as writer:
        assert writer.scores(NAME, "ada") == {(NOTEBOOK, m.grade_id): m.points for m in verdict.notebooks[0].marks}


def verdict_of(writer, student):
    """Return the verdict that the gradebook has on a student's work."""
    marks = [Mark(cell, points, POINTS[cell]) for (_, cell), points in writer.scores(NAME, student).items()]
    return Verdict(NAME, student, [NotebookVerdict(NOTEBOOK, marks=marks)])


def test_a_cluster_marks_like_one_machine(root, tmp_path):
    """A scheduler and two workers on the loopback; the gradebook is written here."""
    distributed = pytest.importorskip("distributed")
    copy = tmp_path / "course"
    shutil.copytree(root, copy, ignore=shutil.ignore_patterns("grading", "autograded"))
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None,
                                  host="127.0.0.1") as cluster:
        result = course_command(copy, "grade", NAME, "--timeout", "5", "--json",
                                "--scheduler", cluster.scheduler_address)
    report = json.loads(result.output[result.output.index("{"):])
    assert all(row["done"] for row in report["submissions"])
    here = json.loads(course_command(root, "grade", NAME, "--timeout", "5", "--json").output)
    assert [(row["student"], row["points"], row["status"]) for row in report["submissions"]] == \
        [(row["student"], row["points"], row["status"]) for row in here["submissions"]]


def test_a_cluster_that_is_not_there_is_an_error(root):
    result = course_command(root, "grade", NAME, "--scheduler", "tcp://127.0.0.1:9", "--again")
    assert result.exit_code == 1
    assert "no Dask scheduler at tcp://127.0.0.1:9" in result.output



def test_a_setting_in_quotation_marks_is_an_error(root, tmp_path):
    copy = tmp_path / "course"
    shutil.copytree(root, copy, ignore=shutil.ignore_patterns("grading", "autograded"))
    with (copy / "nbgrader_config.py").open("a") as file:
        file.write('\nc.Variants.own_numbers = "True"\n')
    result = course_command(copy, "grade", NAME)
    assert result.exit_code == 1
    assert "should be True or False, without quotation marks; it is 'True'" in result.output


def test_lines_for_programs_are_whole_and_end_where_their_text_ends(root):
    lines = course_command(root, "grade", NAME, "--timeout", "5").output.splitlines()
    assert all(line == line.rstrip() for line in lines)
    assert lines[0], "there is no empty line before the rest"
    assert sum("ended the interpreter (exit status 1)" in line for line in lines) == 1
