"""Submissions from folders and from the zip files of learning systems."""

import contextlib
import io
import json
import os
import shutil
import stat
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from course.__main__ import main
from course.grading import gradebook, inbox
from course.grading.collect import collect, sort_by_student
from course.grading.inbox import Found, read_source
from course.grading.placing import Collected, place
from course.grading.roster import Roster, read_roster
from tests.course.grading.assignment import NAME, NOTEBOOK

FILE = f"{NOTEBOOK}.ipynb"


def archive(path, entries):
    """Write a zip file; an entry is a name and its content, or a ZipInfo and its content."""
    with zipfile.ZipFile(path, "w") as file:
        for name, content in entries:
            file.writestr(name, content)
    return path


def dated(name, year):
    return zipfile.ZipInfo(name, (year, 5, 1, 12, 0, 0))


def collected(source, pattern=None, roster=None):
    skipped = []
    found = sort_by_student(read_source(source, skipped), NAME, [NOTEBOOK], roster or Roster(), skipped, pattern)
    return {name: {file: own.content.decode() for file, own in student.files.items()}
            for name, student in found.items()}, skipped


@pytest.mark.parametrize(("entries", "students"), [
    ([(f"Ada Lovelace_123_assignsubmission_file_/{FILE}", "a"), (f"Zoë_9_assignsubmission_file_/{FILE}", "z")],
     ["Ada Lovelace_123", "Zoë_9"]),
    ([(f"Ada Lovelace_123_assignsubmission_file_{FILE}", "a"), (f"Bob_7_assignsubmission_file_{FILE}", "b")],
     ["Ada Lovelace_123", "Bob_7"]),
    ([(f"lovelaceada_123_456_{FILE}", "a"), (f"bobson_LATE_7_8_{NOTEBOOK}-1.ipynb", "b")],
     ["lovelaceada", "bobson"]),
    ([(f"ada/{NAME}/{FILE}", "a"), (f"bob/{NAME}/{FILE}", "b")], ["ada", "bob"]),
    ([(f"export/ada/{FILE}", "a"), (f"export/bob/{FILE}", "b")], ["ada", "bob"]),
    ([(f"ada/{FILE}", "a"), (f"bob/{NOTEBOOK} (2).ipynb", "b")], ["ada", "bob"]),
    ([(f"ada_{FILE}", "a"), ("bob.ipynb", "b")], ["ada", "bob"]),
], ids=["moodle folders", "moodle flat", "canvas", "nbgrader", "common folder", "folders", "flat"])
def test_layouts_are_recognised(tmp_path, entries, students):
    found, skipped = collected(archive(tmp_path / "in.zip", entries))
    assert skipped == []
    assert {name: list(files) for name, files in found.items()} == {name: [FILE] for name in students}


def test_a_pattern_serves_for_other_layouts(tmp_path):
    path = archive(tmp_path / "in.zip", [("2026-ada-task.ipynb", "a"), ("notes", "n")])
    found, skipped = collected(path, pattern=r"\d+-(?P<student>\w+)-(?P<file>.*)")
    assert list(found) == ["ada"]
    assert skipped == ["notes: it is not clear whose it is"]


def test_folders_are_read_like_archives_and_links_are_not_followed(tmp_path):
    (tmp_path / "in" / "ada").mkdir(parents=True)
    (tmp_path / "in" / "ada" / FILE).write_text("a")
    (tmp_path / "in" / "ada" / "link.ipynb").symlink_to("/etc/passwd")
    found, skipped = collected(tmp_path / "in")
    assert found == {"ada": {FILE: "a"}}
    assert skipped == ["ada/link.ipynb: a link"]


def test_what_leads_out_of_an_archive_is_left_out(tmp_path):
    link = zipfile.ZipInfo("bob/link.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = archive(tmp_path / "in.zip", [("ada/" + FILE, "a"), ("../evil/x.ipynb", "x"), ("/abs/x.ipynb", "x"),
                                         ("C:\\x\\y.ipynb", "x"), (link, "/etc/passwd"), ("__MACOSX/ada/x", "x"),
                                         ("ada/.ipynb_checkpoints/x.ipynb", "x")])
    found, skipped = collected(path)
    assert found == {"ada": {FILE: "a"}}
    assert [line.partition(": ")[2] for line in skipped] == ["its path leads out of the archive"] * 3 + ["a link"]


def test_a_zip_file_that_a_student_hands_in_is_opened(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as file:
        file.writestr(f"my work/{FILE}", "inside")
    found, _ = collected(archive(tmp_path / "in.zip", [("ada/work.zip", inner.getvalue()), (f"bob/{FILE}", "b")]))
    assert found["ada"] == {FILE: "inside"}


def test_composed_and_decomposed_names_are_one_student(tmp_path):
    found, _ = collected(archive(tmp_path / "in.zip", [("Zoe\u0308/a.txt", "1"), ("Zo\u00eb/b.txt", "2")]))
    assert found == {"Zo\u00eb": {"a.txt": "1", "b.txt": "2"}}


def test_of_two_submissions_the_later_counts_and_the_earlier_is_kept(tmp_path):
    path = archive(tmp_path / "in.zip", [(dated(f"ada/{NOTEBOOK}-1.ipynb", 2026), "late"),
                                         (dated(f"ada/{FILE}", 2025), "early")])
    skipped = []
    found = sort_by_student(read_source(path, skipped), NAME, [NOTEBOOK], Roster(), skipped)["ada"]
    place(found, NAME, tmp_path)
    assert (tmp_path / "submitted" / "ada" / NAME / FILE).read_text() == "late"
    [kept] = (tmp_path / "grading" / "replaced").rglob("*.ipynb")
    assert kept.read_text() == "early"
    assert "handed in twice" in found.notes[0]
    assert (tmp_path / "submitted" / "ada" / NAME / "timestamp.txt").read_text().startswith("2026-05-01")


def test_collecting_again_changes_nothing_and_a_new_version_replaces_the_old(tmp_path):
    def own(content):
        return Collected("ada", {FILE: Found("x", content, datetime(2026, 1, 1, tzinfo=UTC))})

    outcomes = []
    for content in (b"1", b"1", b"2"):
        student = own(content)
        place(student, NAME, tmp_path)
        outcomes.append(student.what)
    assert outcomes == ["new", "unchanged", "replaced"]
    assert (tmp_path / "submitted" / "ada" / NAME / FILE).read_bytes() == b"2"
    assert [path.read_bytes() for path in (tmp_path / "grading" / "replaced").rglob("*.ipynb")] == [b"1"]


def test_a_roster_gives_students_their_ids(tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_text("\ufeffstudent_id,first_name,last_name,lms_id\nal1,Ada,Lovelace,123\nzg2,Zoë,Größe,9\n",
                      "utf-8")
    students = read_roster(roster)
    path = archive(tmp_path / "in.zip", [("ADA Lovelace_55_assignsubmission_file_/a", "1"),
                                         ("somebody_9_77_b.txt", "2")])
    found, _ = collected(path, roster=students)
    assert set(found) == {"al1", "zg2"}
    assert students.details == {"al1": {"first_name": "Ada", "last_name": "Lovelace"},
                                "zg2": {"first_name": "Zoë", "last_name": "Größe"}}


def test_the_command_reports(tmp_path, released):
    root = tmp_path / "course"
    shutil.copytree(released, root)
    path = archive(tmp_path / "in.zip", [(f"ada/{FILE}", "a"), ("stray", "s"), (f"bob/{FILE}", "b")])
    (tmp_path / "roster.csv").write_text("student_id;first_name;lms\nal;Ada;ADA\n")
    result = CliRunner().invoke(main, ["collect", NAME, str(path), "--course", str(root), "--json",
                                       "--roster", str(tmp_path / "roster.csv")])
    assert result.exit_code == 0, result.output
    report = json.loads(result.output)
    assert report == json.loads((root / "grading" / f"{NAME}-collected.json").read_text("utf-8"))
    assert [row["student"] for row in report["submissions"]] == ["al", "bob"]
    assert report["skipped"] == ["stray: it is not clear whose it is"]
    assert report["not_on_the_roster"] == ["bob"]
    with gradebook.GradebookWriter(root) as writer:
        assert [(student.id, student.first_name) for student in writer.book.students] == [("al", "Ada")]
    empty = CliRunner().invoke(main, ["collect", NAME, str(path), "--course", str(root),
                                      "--pattern", "(?P<student>no)(?P<file>ne)"])
    assert empty.exit_code == 1
    assert "nothing in" in empty.output


# --- whose it is -----------------------------------------------------------------------------------------------

class NoGradebook:
    """Stands in for the gradebook, which takes long to create; `test_the_command_reports` writes to a real one."""

    def __init__(self, root):
        self.root = root

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def add_student(self, student, **details):
        assert student


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A course in which nothing was collected yet."""
    monkeypatch.setattr(gradebook, "GradebookWriter", NoGradebook)
    (tmp_path / "course").mkdir()
    return tmp_path / "course"


def collect_all(root, entries, roster=None, pattern=None):
    """Collect a zip file of these entries, with a roster of this text."""
    source = archive(root.parent / "in.zip", entries)
    if roster is not None:
        (root.parent / "roster.csv").write_bytes(roster if isinstance(roster, bytes) else roster.encode())
    return collect(root, NAME, source, [NOTEBOOK], pattern=pattern,
                   roster=None if roster is None else root.parent / "roster.csv")


def moodle(name, number, file=FILE):
    return f"{name}_{number}_assignsubmission_file_/{file}"


def contents(folder):
    """Return all that is in a folder, without the times."""
    return {path.relative_to(folder).as_posix(): path.read_text() for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name not in ("timestamp.txt", ".gitignore", ".lock")}


def submitted(root):
    return {name.replace(f"/{NAME}/", "/"): content for name, content in contents(root / "submitted").items()}


def replaced(root):
    return sorted(contents(root / "grading" / "replaced").values())


def notes(report):
    return {row["student"]: row["notes"] for row in report["submissions"]}


def whats(report):
    return {row["student"]: row["what"] for row in report["submissions"]}


LOVELACE = "student_id,first_name,last_name\n101,Ada,Lovelace\n102,Hal,Fway\n"


def test_moodles_number_is_nobodys_id(root):
    report = collect_all(root, [(moodle("Ada Lovelace", 102), "Ada's"), (moodle("Hal Fway", 101), "Hal's")],
                         LOVELACE)
    assert submitted(root) == {f"101/{FILE}": "Ada's", f"102/{FILE}": "Hal's"}
    assert report["skipped"] == report["not_on_the_roster"] == []


def test_a_whole_label_of_moodles_is_recognised(root):
    roster = "student_id,moodle\n101,Anna Li_7\n102,Anna Li_8\n"
    collect_all(root, [(moodle("Anna Li", 8), "8"), (moodle("Anna Li", 7), "7")], roster)
    assert submitted(root) == {f"101/{FILE}": "7", f"102/{FILE}": "8"}


def test_the_number_in_a_folders_name_is_not_taken_for_a_student(root):
    report = collect_all(root, [(f"Ada Lovelace_102/{FILE}", "a"), (f"Hal Fway_101/{FILE}", "h")], LOVELACE)
    assert report["not_on_the_roster"] == ["Ada Lovelace_102", "Hal Fway_101"]


@pytest.mark.parametrize("file", [f"lovelaceada_102_55_{FILE}", f"lovelaceada_LATE_102_55_{FILE}"])
def test_keys_that_lead_to_different_students_lead_to_none(root, file):
    report = collect_all(root, [(file, "a"), (f"fwayhal_77_56_{FILE}", "h")], LOVELACE)
    assert submitted(root) == {f"102/{FILE}": "h"}
    [line] = report["skipped"]
    assert line.startswith(f"{file}: ")
    assert "'lovelaceada' is 101" in line
    assert "'102' is 102" in line


def test_canvas_number_is_recognised_by_a_column_of_the_roster(root):
    collect_all(root, [(f"adal_4711_55_{FILE}", "a")], "student_id,canvas\nal,4711\n")
    assert submitted(root) == {f"al/{FILE}": "a"}


NAMESAKES = "student_id,first_name,last_name,canvas\n1,Anna,Li,71\n2,Anna,Li,72\n3,Bo,Ek,73\n"


def test_namesakes_are_told_apart_or_left_out(root):
    report = collect_all(root, [(moodle("Anna Li", 9), "?"), (moodle("Bo Ek", 8), "b")], NAMESAKES)
    assert submitted(root) == {f"3/{FILE}": "b"}
    [line] = report["skipped"]
    assert "not clear whose: two students on the roster are called 'Anna Li'" in line


def test_what_else_is_known_tells_namesakes_apart(root):
    collect_all(root, [(f"lianna_72_9_{FILE}", "two"), (f"lianna_71_8_{FILE}", "one")], NAMESAKES)
    assert submitted(root) == {f"1/{FILE}": "one", f"2/{FILE}": "two"}


# --- rosters ---------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("line", "reason"), [
    (",Cy,Do", "is empty"), ("a,Cy,Do", "occurs twice"), ("A,Cy,Do", "occurs twice"), (".,Cy,Do", "begins with a"),
    ("..,Cy,Do", "begins with a dot"), (".git,Cy,Do", "begins with a dot"), ("m/102,Cy,Do", "slash"),
    ("m\\102,Cy,Do", "backslash"), ("m\x07,Cy,Do", "control character")])
def test_an_id_that_cannot_be_a_folder_of_its_own_is_refused(root, line, reason):
    roster = f"student_id,first_name,last_name\na,\"Ada\nAugusta\",Lovelace\n{line}\n"
    with pytest.raises(click.ClickException, match="line 4: .*" + reason):
        collect_all(root, [(f"ada/{FILE}", "a")], roster)
    assert not (root / "submitted").exists()


def test_empty_lines_of_a_spreadsheet_do_no_harm(root):
    collect_all(root, [(f"ada/{FILE}", "a")], "student_id,email\nada,a@b\n\n , \n,\n")
    assert submitted(root) == {f"ada/{FILE}": "a"}


@pytest.mark.parametrize(("roster", "message"), [
    ("student_id,name\n1,Zoë\n".encode("latin-1"), "is not UTF-8; save it as 'CSV UTF-8'"),
    ("student_id,name\n1,Zoë\n".encode("utf-16"), "is not UTF-8; save it as 'CSV UTF-8'"),
    ("student_id,name\n1,Zoe\n".encode("utf-16-le"), "is not UTF-8; save it as 'CSV UTF-8'"),
    ("id,name\n1,Zoë\n", "needs a column student_id; its first line has: id, name"),
    ("id;name\n1;Zoë\n", "needs a column student_id; its first line has: id, name"),
    ("", "needs a column student_id; its first line has: nothing"),
    ("student_id,name\n", "names no student"),
    ("student_id,name\n1,\"" + "x" * 200_000 + "\n", "is not CSV"),
])
def test_a_roster_that_cannot_serve_is_refused(root, roster, message):
    with pytest.raises(click.ClickException) as error:
        collect_all(root, [(f"ada/{FILE}", "a")], roster)
    assert message in error.value.message


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_rosters_as_spreadsheets_save_them(root, separator, encoding):
    roster = "student_id,first_name,last_name\r\nzg,Zoë,Größe\r\n".replace(",", separator).encode(encoding)
    collect_all(root, [(moodle("Zoë Größe", 5), "z")], roster)
    assert submitted(root) == {f"zg/{FILE}": "z"}


# --- labels and patterns ---------------------------------------------------------------------------------------

@pytest.mark.parametrize(("pattern", "bad", "good", "reason"), [
    (r"(?P<student>.*)-(?P<file>\w+\.ipynb)", "../ada-x.ipynb", "bob-x.ipynb", "leads out"),
    (r"(?P<student>.*)-(?P<file>\w+\.ipynb)", "a/b-x.ipynb", "bob-x.ipynb", "holds a slash"),
    (r"x(?P<student>.*)-(?P<file>\w+\.ipynb)", "x..-x.ipynb", "xbob-x.ipynb", "begins with a dot"),
    (r"x(?P<student>.*)-(?P<file>\w+\.ipynb)", "x-x.ipynb", "xbob-x.ipynb", "is empty"),
    (r"(?:x-|(?P<student>\w+)-)(?P<file>\w+\.ipynb)", "x-x.ipynb", "bob-x.ipynb", "is empty"),
    (r"(?P<student>\w+?)\.(?P<file>.*)", "a.../x.ipynb", "bob./x.ipynb", "leads out"),
    (None, f"a\x07b/{FILE}", f"bob/{FILE}", "control character"),
    (None, f"\x85/{FILE}", f"bob/{FILE}", "is empty"),
])
def test_labels_that_cannot_be_a_folder_are_left_out(root, pattern, bad, good, reason):
    report = collect_all(root, [(bad, "bad"), (good, "good")], pattern=pattern)
    assert list(submitted(root).values()) == ["good"]
    [line] = report["skipped"]
    assert reason in line
    assert {path.name for path in root.parent.iterdir()} == {"course", "in.zip"}


@pytest.mark.parametrize("pattern", ["(", r"(?P<student>.*)", r"(?P<file>.*)", ".*"])
def test_a_pattern_that_cannot_serve_is_a_wrong_call(root, pattern):
    source = archive(root.parent / "in.zip", [(f"ada/{FILE}", "a")])
    with pytest.raises(click.BadParameter, match=r"\(\?P<student>…\) and \(\?P<file>…\)") as error:
        collect(root, NAME, source, [NOTEBOOK], pattern=pattern)
    assert error.value.exit_code == 2


def test_a_file_never_leaves_the_students_folder(root):
    path = f"ada{root.parent.as_posix()}/stray.ipynb"
    collect_all(root, [(path, "a")], pattern=r"(?P<student>\w+?)(?P<file>/.*)")
    assert not (root.parent / "stray.ipynb").exists()
    assert list(submitted(root).values()) == ["a"]


@pytest.mark.parametrize("path", [FILE, f"{NOTEBOOK} (1).ipynb", f"{NAME}/{FILE}", f"{NOTEBOOK}/{FILE}"])
def test_a_notebook_with_the_assignments_own_name_is_nobodys(root, path):
    with pytest.raises(click.ClickException, match=r"nothing in .*(?s:.*)own name is nobody's"):
        collect_all(root, [(path, "a")])
    assert not (root / "submitted").exists()


def test_the_folder_of_the_assignment_may_hold_one_student(root):
    collect_all(root, [(f"{NAME}/ada/{FILE}", "a")])
    assert submitted(root) == {f"ada/{FILE}": "a"}


def test_of_one_student_with_several_assignments_only_this_one_is_taken(root):
    report = collect_all(root, [(f"ada/{NAME}/{FILE}", "a"), ("ada/8-psd/psd.ipynb", "p")])
    assert list(whats(report)) == ["ada"]
    assert submitted(root)[f"ada/{FILE}"] == "a"


@pytest.mark.parametrize("path", [f"./ada/{FILE}", f"ada//{FILE}"])
def test_paths_are_read_as_a_shell_reads_them(root, path):
    report = collect_all(root, [(path, "a"), (".", "a file called dot")])
    assert submitted(root) == {f"ada/{FILE}": "a"}
    assert report["skipped"] == [".: it has no name"]


# --- which one counts ------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("names", "last"), [
    ([FILE, f"{NOTEBOOK} (1).ipynb"], f"{NOTEBOOK} (1).ipynb"),
    ([f"{NOTEBOOK} (2).ipynb", f"{NOTEBOOK} (10).ipynb", FILE], f"{NOTEBOOK} (10).ipynb"),
    ([f"{NOTEBOOK}-1.ipynb", FILE], f"{NOTEBOOK}-1.ipynb"),
])
def test_of_attempts_with_the_same_time_the_last_number_counts(root, names, last):
    report = collect_all(root, [(dated(f"ada/{name}", 2026), name) for name in names])
    assert submitted(root) == {f"ada/{FILE}": last}
    assert replaced(root) == sorted(set(names) - {last})
    [note] = notes(report)["ada"]
    assert f"handed in {'twice' if len(names) == 2 else '3 times'}" in note
    assert f"they have the same time; 'ada/{last}' was taken" in note


def test_a_file_called_like_nbgraders_is_work_where_it_is_the_students(root):
    entries = [(f"ada/{FILE}", "a"), ("ada/data/timestamp.txt", "1 2 3")]
    assert whats(collect_all(root, entries)) == {"ada": "new"}
    assert whats(collect_all(root, entries)) == {"ada": "unchanged"}


@pytest.mark.parametrize("folder", ["ada", "Ada Lovelace_12_assignsubmission_file_"])
def test_a_student_does_not_say_when_it_was(root, folder):
    said = [(dated(f"{folder}/{FILE}", 2026), "a"), (f"{folder}/timestamp.txt", "2020-01-01 00:00:00 UTC")]
    report = collect_all(root, said)
    assert [line for line in report["skipped"] if "told by the archive, not by the student" in line]
    [stamp] = (root / "submitted").glob("*/*/timestamp.txt")
    assert stamp.read_text().startswith("2026")


def test_nbgraders_own_time_is_believed(root):
    said = [(dated(f"ada/{NAME}/{FILE}", 2026), "a"), (f"ada/{NAME}/timestamp.txt", "2020-01-01 00:00:00 UTC")]
    collect_all(root, said)
    assert (root / "submitted" / "ada" / NAME / "timestamp.txt").read_text().startswith("2020")


def test_the_time_counts_more_than_the_number(root):
    collect_all(root, [(dated(f"ada/{NOTEBOOK} (1).ipynb", 2025), "early"), (dated(f"ada/{FILE}", 2026), "late")])
    assert submitted(root) == {f"ada/{FILE}": "late"}


def test_the_same_work_twice_is_no_second_attempt(root):
    report = collect_all(root, [(dated(f"ada/{FILE}", 2026), "a"), (dated(f"ada/{NOTEBOOK}-1.ipynb", 2025), "a")])
    assert notes(report) == {"ada": []}
    assert (root / "submitted" / "ada" / NAME / "timestamp.txt").read_text().startswith("2026")


def test_an_older_export_does_not_overwrite_newer_work(root):
    collect_all(root, [(dated(f"ada/{FILE}", 2026), "newer"), (dated(f"bob/{FILE}", 2026), "same")])
    for _ in range(2):  # nothing piles up
        report = collect_all(root, [(dated(f"ada/{FILE}", 2025), "older"), (dated(f"bob/{FILE}", 2025), "same")])
        assert submitted(root) == {f"ada/{FILE}": "newer", f"bob/{FILE}": "same"}
        assert whats(report) == {"ada": "older", "bob": "unchanged"}
        assert "older than what is there; not taken" in notes(report)["ada"][0]
        assert replaced(root) == ["older"]


def test_different_work_of_one_time_is_all_kept(root):
    for content in "abc":
        collect_all(root, [(dated(f"ada/{FILE}", 2026), content)])
    for content in "dd":
        collect_all(root, [(dated(f"ada/{FILE}", 2025), content), (dated(f"ada/{NOTEBOOK}-1.ipynb", 2025), "e")])
    assert submitted(root) == {f"ada/{FILE}": "c"}
    assert replaced(root) == ["a", "b", "d", "e"]


def test_work_without_a_time_is_not_taken_for_old(root):
    collect_all(root, [(dated(f"ada/{FILE}", 2026), "1")])
    report = collect_all(root, [(zipfile.ZipInfo(f"ada/{FILE}"), "2")])  # dated 1980, as where nothing is known
    assert whats(report) == {"ada": "replaced"}
    assert (submitted(root), replaced(root)) == ({f"ada/{FILE}": "2"}, ["1"])


def test_what_canvas_says_and_a_second_notebook_are_noted(root):
    report = collect_all(root, [(f"ada_LATE_7_8_{FILE}", "a"), (f"bo_8_9_{FILE}", "b"),
                                ("bo_8_10_final.ipynb", "f"), ("bo_8_11_data.csv", "d"),
                                ("cy_9_12_mine.ipynb", "c")])
    assert notes(report) == {"ada": ["marked late by Canvas"],
                             "bo": [f"two notebooks: final.ipynb and {FILE}"], "cy": []}


def test_an_earlier_attempt_that_was_late_is_not_noted(root):
    report = collect_all(root, [(dated(f"ada_LATE_7_8_{FILE}", 2025), "a"),
                                (dated(f"ada_7_9_{NOTEBOOK}-1.ipynb", 2026), "b")])
    assert "marked late by Canvas" not in notes(report)["ada"]


def test_flat_notebooks_with_a_number_from_the_browser_are_the_students(root):
    collect_all(root, [(f"ada_{NOTEBOOK} (1).ipynb", "a"), ("bob.ipynb", "b")])
    assert submitted(root) == {f"ada/{FILE}": "a", f"bob/{FILE}": "b"}


def test_who_was_not_on_the_roster_is_recognised_by_the_work(root):
    entries = [(moodle("Ada Lovelace", 7), "Ada's"), (moodle("Hal Fway", 8), "Hal's")]
    report = collect_all(root, entries, "student_id,first_name,last_name\n102,Hal,Fway\n")
    assert report["not_on_the_roster"] == ["Ada Lovelace_7"]
    report = collect_all(root, entries, LOVELACE)
    assert notes(report) == {"102": [], "101": [
        "submitted/Ada Lovelace_7 holds the same work; delete that folder if it is the same person"]}
    assert whats(report) == {"101": "new", "102": "unchanged"}


def test_equal_work_of_students_on_the_roster_is_not_noted(root):
    collect_all(root, [(f"101/{FILE}", "as handed out")], LOVELACE)
    assert notes(collect_all(root, [(f"102/{FILE}", "as handed out")], LOVELACE)) == {"102": []}


# --- what goes wrong -------------------------------------------------------------------------------------------

def leftovers(root):
    return [path.name for path in (root / "submitted").rglob(".*")]


@pytest.mark.parametrize("bad", [
    [(f"ada/{'x' * 300}.ipynb", "x")], [("ada/a", "x"), ("ada/a/b.txt", "x")],
    [("ada/a/b.txt", "x"), ("ada/a", "x")]], ids=["long", "file, folder", "folder, file"])
@pytest.mark.parametrize("before", [[], [(f"ada/{FILE}", "before")]])
def test_a_submission_that_cannot_be_written_leaves_what_was_there(root, bad, before):
    if before:
        collect_all(root, before)
    report = collect_all(root, [*bad, (f"zoe/{FILE}", "z"), (f"al/{FILE}", "a")])
    kept = {f"ada/{FILE}": "before"} if before else {}
    assert submitted(root) == kept | {f"al/{FILE}": "a", f"zoe/{FILE}": "z"}
    assert list(whats(report)) == ["al", "zoe"]
    [line] = report["skipped"]
    assert line.startswith("ada: cannot be written (")
    assert leftovers(root) == replaced(root) == []
    assert before or not (root / "submitted" / "ada").exists()


def test_if_nothing_can_be_written_it_says_so(root):
    with pytest.raises(click.ClickException, match="ada: cannot be written"):
        collect_all(root, [(f"ada/{'x' * 300}.ipynb", "x")])


def test_a_student_whose_name_is_too_long_does_not_stop_the_others(root):
    report = collect_all(root, [(f"{'x' * 300}/{FILE}", "x"), (f"zoe/{FILE}", "z")])
    assert submitted(root) == {f"zoe/{FILE}": "z"}
    assert "cannot be written" in report["skipped"][0]


@pytest.mark.parametrize("which", [1, 2])
def test_a_failure_between_two_renames_is_undone(root, monkeypatch, which):
    collect_all(root, [(f"ada/{FILE}", "before")])
    rename, count = Path.rename, [0]

    def fails_once(path, target):
        count[0] += 1
        if count[0] == which:
            raise PermissionError(1, "Operation not permitted")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fails_once)
    report = collect_all(root, [(f"ada/{FILE}", "after"), (f"zoe/{FILE}", "z")])
    assert submitted(root) == {f"ada/{FILE}": "before", f"zoe/{FILE}": "z"}
    assert report["skipped"] == ["ada: cannot be written (Operation not permitted)"]
    assert leftovers(root) == []


def test_what_an_interruption_left_is_put_right(root):
    collect_all(root, [(f"{name}/{FILE}", name) for name in ("ada", "bob", "cy")])
    folders = {name: root / "submitted" / name for name in ("ada", "bob", "cy", "dan")}
    folders["ada"].joinpath(NAME).rename(folders["ada"] / f".{NAME}.old")  # between two renames
    for name, suffix in (("ada", "new"), ("bob", "old"), ("bob", "new"), ("dan", "new")):
        (folders[name] / f".{NAME}.{suffix}").mkdir(parents=True)
        (folders[name] / f".{NAME}.{suffix}" / FILE).write_text("half")
    collect_all(root, [(f"cy/{FILE}", "cy")])
    assert submitted(root) == {f"{name}/{FILE}": name for name in ("ada", "bob", "cy")}
    assert leftovers(root) == []
    assert not folders["dan"].exists()


def test_what_cannot_be_put_right_is_named(root, monkeypatch):
    old = root / "submitted" / "ada" / f".{NAME}.old"
    old.mkdir(parents=True)

    def rename(path, target):
        raise PermissionError(1, "Operation not permitted", str(path))

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(click.ClickException, match=r"old, which an interrupted .* \(Operation not permitted\)"):
        collect_all(root, [(f"zoe/{FILE}", "z")])
    assert old.exists()


def zipped(entries, method=zipfile.ZIP_DEFLATED):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as file:
        for name, text in entries:
            file.writestr(name, text)
    return content.getvalue()


def broken(content, at=b"inside"):
    """Return a zip file of which something is damaged."""
    return content[:content.index(at)] + b"\xff" * len(at) + content[content.index(at) + len(at):]


@pytest.mark.parametrize("inner", [
    broken(zipped([("x.txt", "inside")]), at=b"PK\x01\x02"), zipped([("x.txt", "inside")])[:-30], b"no zip file",
    zipped([("\u00e9.txt", "")]).replace(b"\xc3\xa9", b"\xff\xff")],
    ids=["directory", "truncated", "something else", "names"])
def test_a_damaged_zip_file_of_a_student_stops_nobody(root, inner):
    report = collect_all(root, [("ada/work.zip", inner), (f"ada/{FILE}", "a"), (f"zoe/{FILE}", "z")])
    assert submitted(root) == {f"ada/{FILE}": "a", f"zoe/{FILE}": "z"}
    [line] = report["skipped"]
    assert line.startswith("ada/work.zip: is damaged (")


def test_a_file_whose_name_was_lost_stops_nobody(root):
    (root.parent / "in.zip").write_bytes(zipped([("x", "x"), (f"zoe/{FILE}", "z")]).replace(b"x", b"\0"))
    report = collect(root, NAME, root.parent / "in.zip", [NOTEBOOK])
    assert submitted(root) == {f"zoe/{FILE}": "z"}
    assert report["skipped"] == [".: it has no name"]


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_STORED])
def test_a_damaged_file_in_an_archive_stops_nobody(root, method):
    text = "".join(chr(32 + (7 * n * n) % 90) for n in range(400))
    content = bytearray(zipped([("ada/x.txt", text), (f"ada/{FILE}", "a"), (f"zoe/{FILE}", "z")], method))
    content[60:90] = b"\xff" * 30
    (root.parent / "in.zip").write_bytes(content)
    report = collect(root, NAME, root.parent / "in.zip", [NOTEBOOK])
    assert submitted(root) == {f"ada/{FILE}": "a", f"zoe/{FILE}": "z"}
    [line] = report["skipped"]
    assert line.startswith("ada/x.txt: cannot be unpacked (")


@pytest.mark.parametrize("damage", [lambda content: broken(content, at=b"PK\x01\x02"),
                                    lambda content: content[:-30]], ids=["directory", "truncated"])
def test_a_damaged_archive_is_called_so(root, damage):
    (root.parent / "in.zip").write_bytes(damage(zipped([(f"ada/{FILE}", "a")])))
    with pytest.raises(click.ClickException, match=r"in\.zip is damaged \(.+\)"):
        collect(root, NAME, root.parent / "in.zip", [NOTEBOOK])


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_STORED]),
       st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8))
def test_whatever_is_damaged_there_is_a_sentence(method, changes):
    inner = bytearray(zipped([("x.txt", "inside " * 20), ("y.txt", "y")], method))
    for where, value in changes:
        inner[int(where * len(inner))] = value
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "in.zip")
        source.write_bytes(zipped([("ada/work.zip", bytes(inner)), ("zoe/z.txt", "z")], zipfile.ZIP_STORED))
        assert "zoe/z.txt" in [found.path for found in read_source(source, [])]
        source.write_bytes(inner)
        with contextlib.suppress(click.ClickException):
            list(read_source(source, []))


def test_a_bomb_of_one_student_stops_nobody(root, monkeypatch):
    monkeypatch.setattr(inbox, "_MOST_OF_ONE", 1000)
    report = collect_all(root, [("ada/work.zip", zipped([("x.txt", "0" * 2000)])), (f"zoe/{FILE}", "z")])
    assert submitted(root) == {f"zoe/{FILE}": "z"}
    assert report["skipped"] == ["ada/work.zip: is too large, unpacked, to be one of submissions"]


def test_one_file_that_is_too_large_stops_nobody(root, monkeypatch):
    monkeypatch.setattr(inbox, "LARGEST", 2**20)
    monkeypatch.setattr(inbox, "_MOST", 2**20)
    report = collect_all(root, [(f"ada/{FILE}", b"0" * (2**20 + 1)), (f"zoe/{FILE}", "z")])
    assert submitted(root) == {f"zoe/{FILE}": "z"}
    assert report["skipped"] == [f"ada/{FILE}: larger than 1 MB"]
    with pytest.raises(click.ClickException, match=r"in\.zip is too large, unpacked"):
        collect_all(root, [(f"{name}/{FILE}", b"0" * 2**20) for name in ("ada", "zoe")])


def test_files_that_cannot_be_read_stop_nobody(root, monkeypatch):
    source = root.parent / "in"
    for name in ("ada", "zoe"):
        (source / name).mkdir(parents=True)
        (source / name / FILE).write_text(name)
    (source / os.fsdecode(b"Gr\xf6\xdfe.ipynb")).write_text("g")
    read = Path.read_bytes

    def read_bytes(path):
        if path == source / "ada" / FILE:
            raise PermissionError(13, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    report = collect(root, NAME, source, [NOTEBOOK])
    assert submitted(root) == {f"zoe/{FILE}": "zoe"}
    assert report["skipped"] == ["Gr\\xf6\\xdfe.ipynb: its name is not UTF-8",
                                 f"ada/{FILE}: cannot be read (Permission denied)"]


def test_a_folder_that_cannot_be_opened_is_named(root, monkeypatch):
    source = root.parent / "in"
    (source / "ada").mkdir(parents=True)
    (source / f"zoe_{FILE}").write_text("z")
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "ada" and access(path, mode))
    assert collect(root, NAME, source, [NOTEBOOK])["skipped"] == ["ada: cannot be read (no permission)"]


@pytest.mark.parametrize("name", ["submitted", "grading"])
def test_a_folder_that_cannot_be_written_is_named(root, name):
    (root / name).write_text("a file")
    with pytest.raises(click.ClickException, match=f"{name} cannot be written"):
        collect_all(root, [(f"ada/{FILE}", "a")])


@pytest.mark.parametrize("name", ["submitted", "grading"])
def test_a_folder_without_rights_is_named(root, name, monkeypatch):
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != name and access(path, mode))
    with pytest.raises(click.ClickException, match=f"{name} cannot be written"):
        collect_all(root, [(f"ada/{FILE}", "a")])
    assert contents(root / "submitted") == {}


def test_while_another_writes_nothing_is_moved(root):
    with gradebook.only_writer(root), pytest.raises(click.ClickException, match="another `course` is writing"):
        collect_all(root, [(f"ada/{FILE}", "a")], LOVELACE)
    assert contents(root / "submitted") == {}


def test_wrong_calls_have_exit_status_2(root):
    for name in ("solutions", "exercises"):
        (root / name / NAME).mkdir(parents=True)
        (root / name / NAME / FILE).write_text(json.dumps({"cells": [], "metadata": {}, "nbformat": 4,
                                                           "nbformat_minor": 5}))
    source = archive(root.parent / "in.zip", [(f"ada/{FILE}", "a")])
    result = CliRunner().invoke(main, ["collect", NAME, str(source), "--course", str(root), "--pattern", "("])
    assert result.exit_code == 2
    assert "--pattern" in result.output
    assert "(?P<student>…)" in result.output
