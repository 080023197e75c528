"""Submissions from folders and from the zip files of learning systems."""

import io
import json
import stat
import zipfile

import pytest
from click.testing import CliRunner

from course.__main__ import main
from course.grading.collect import Collected, Found, place, read_roster, read_source, sort_by_student
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
    found = sort_by_student(read_source(source, skipped), NAME, [NOTEBOOK], roster or {}, skipped, pattern)
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


def test_of_two_submissions_the_later_counts_and_the_earlier_is_kept(tmp_path, released):
    path = archive(tmp_path / "in.zip", [(dated(f"ada/{NOTEBOOK}-1.ipynb", 2026), "late"),
                                         (dated(f"ada/{FILE}", 2025), "early")])
    skipped = []
    found = sort_by_student(read_source(path, skipped), NAME, [NOTEBOOK], {}, skipped)["ada"]
    place(found, NAME, tmp_path)
    assert (tmp_path / "submitted" / "ada" / NAME / FILE).read_text() == "late"
    [kept] = (tmp_path / "grading" / "replaced").rglob("*.ipynb")
    assert kept.read_text() == "early"
    assert "handed in twice" in found.notes[0]
    assert (tmp_path / "submitted" / "ada" / NAME / "timestamp.txt").read_text().startswith("2026-05-01")


def test_collecting_again_changes_nothing_and_a_new_version_replaces_the_old(tmp_path):
    def own(content):
        from datetime import UTC, datetime

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
    table, rows = read_roster(roster)
    path = archive(tmp_path / "in.zip", [("ADA Lovelace_55_assignsubmission_file_/a", "1"),
                                         ("Somebody_9_assignsubmission_file_/b", "2")])
    found, _ = collected(path, roster=table)
    assert set(found) == {"al1", "zg2"}
    assert [row["student_id"] for row in rows] == ["al1", "zg2"]


@pytest.mark.parametrize(("content", "message"), [
    ("name\nada\n", "student_id"), ("student_id,name\na,x\nb,x\n", "two students are called 'x'")])
def test_a_roster_that_cannot_serve_is_refused(tmp_path, content, message):
    (tmp_path / "roster.csv").write_text(content)
    with pytest.raises(Exception, match=message):
        read_roster(tmp_path / "roster.csv")


def test_the_command_reports(tmp_path, released):
    import shutil

    root = tmp_path / "course"
    shutil.copytree(released, root)
    path = archive(tmp_path / "in.zip", [(f"ada/{FILE}", "a"), ("stray", "s")])
    result = CliRunner().invoke(main, ["collect", NAME, str(path), "--course", str(root), "--json"])
    assert result.exit_code == 0, result.output
    report = json.loads(result.output)
    assert report == json.loads((root / "grading" / f"{NAME}-collected.json").read_text("utf-8"))
    assert [row["student"] for row in report["submissions"]] == ["ada"]
    assert report["skipped"] == ["stray: it is not clear whose it is"]
    empty = CliRunner().invoke(main, ["collect", NAME, str(path), "--course", str(root),
                                      "--pattern", "(?P<student>no)(?P<file>ne)"])
    assert empty.exit_code == 1
    assert "nothing in" in empty.output
