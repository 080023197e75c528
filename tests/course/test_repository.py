"""Promises about the repository as a whole: pinned packages, the cover, the licences."""

import re
import subprocess
import sys

import pytest
import yaml

from course import __main__ as program
from course.paths import ROOT

REQUIREMENT = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)")


def requirement_blocks():
    """Return the requirements with their hashes, one text each."""
    lines = [line for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines()
             if line.strip() and not line.lstrip().startswith("#")]
    blocks = []
    for line in lines:
        if line[0].isspace():
            blocks[-1] += "\n" + line
        else:
            blocks.append(line)
    return blocks


def test_every_requirement_is_pinned_with_hashes():
    blocks = requirement_blocks()
    assert len(blocks) > 100
    assert [block.splitlines()[0] for block in blocks if not REQUIREMENT.match(block)] == []
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_no_package_registry_is_named():
    text = (ROOT / "requirements.txt").read_text("utf-8") + (ROOT / "pyproject.toml").read_text("utf-8")
    assert re.findall(r"https?://\S+|--(?:extra-)?index-url|--find-links|--trusted-host", text) == []


@pytest.mark.parametrize("name", [
    "_config.yml", "_toc.yml", "index.md", "Makefile", "pyproject.toml", "requirements.txt", "nbgrader_config.py",
    "README.md", "CONTRIBUTING.md", "LICENSE", "LICENSE-CONTENT", "CITATION.cff", "CHANGELOG.md",
])
def test_the_top_level_is_complete(name):
    assert (ROOT / name).stat().st_size > 0


def test_the_cover_names_every_chapter_of_the_edition():
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))["parts"]
    cover = (ROOT / "index.md").read_text("utf-8")
    chapters = [entry["file"] for part in parts for entry in part["chapters"]
                if re.match(r"chapters/\d", entry["file"])]
    assert chapters
    assert [chapter for chapter in chapters if f"]({chapter}.ipynb)" not in cover] == []


def test_versions_agree():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    version = re.search(r'__version__ = "([^"]+)"', (ROOT / "labkit" / "__init__.py").read_text("utf-8"))[1]
    assert citation["version"] == version
    assert f"\n## {version}" in changelog


@pytest.mark.parametrize("command", ["build", "notebooks", "exercises", "lint"])
def test_the_program_has_its_commands(command):
    assert command in program.main.commands
    assert program.main.commands[command].help


def test_labkit_does_not_import_the_machinery():
    code = ("import importlib, pkgutil, sys, labkit\n"
            "for module in pkgutil.walk_packages(labkit.__path__, 'labkit.'):\n"
            "    importlib.import_module(module.name)\n"
            "print(sorted({name.partition('.')[0] for name in sys.modules}"
            " & {'course', 'nbgrader', 'sphinx', 'scipy', 'matplotlib', 'nbformat'}))")
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert finished.stdout.strip() == "[]"


def test_ruff_finds_nothing():
    finished = subprocess.run([sys.executable, "-m", "ruff", "check", "--output-format=concise", "."], cwd=ROOT,
                              capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout
