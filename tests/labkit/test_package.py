"""What `import labkit` loads, and what `pip install .` would install."""

import ast
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from flit_core import buildapi

import labkit

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(p.stem for p in (ROOT / "labkit").iterdir()
                 if not p.stem.startswith("_") and (p.suffix == ".py" or (p / "__init__.py").exists()))


def loaded_after(statement):
    """Return the names of the modules that a fresh interpreter has loaded after a statement."""
    code = f"{statement}; import sys; print(*sys.modules)"
    return set(subprocess.check_output([sys.executable, "-c", code], text=True).split())


def test_import_loads_no_module_before_it_is_used():
    loaded = loaded_after("import labkit")
    assert not [name for name in loaded if name.startswith("labkit.")]
    assert "labkit.svd" in loaded_after("import labkit; labkit.svd")


def test_the_package_needs_numpy_alone():
    loaded = loaded_after("; ".join(f"import labkit.{name}" for name in MODULES))
    assert {"numpy", *(f"labkit.{name}" for name in MODULES)} <= loaded
    others = {"matplotlib", "scipy", "sympy", "autograd", "IPython", "nbgrader", "sphinx", "course"}
    assert loaded.isdisjoint(others)


def test_all_modules_are_offered():
    assert set(MODULES) <= set(dir(labkit))
    assert all(getattr(labkit, name).__doc__ for name in MODULES)
    with pytest.raises(AttributeError, match="labkit has no module 'scipy'; it has autodiff, checks"):
        labkit.scipy  # noqa: B018


def test_the_wheel_holds_labkit_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    wheel = zipfile.ZipFile(tmp_path / buildapi.build_wheel(str(tmp_path)))
    folders = {name.split("/")[0] for name in wheel.namelist()}
    assert folders == {"labkit", f"labkit-{labkit.__version__}.dist-info"}
    metadata = wheel.read(f"labkit-{labkit.__version__}.dist-info/METADATA").decode()
    required = [line.split(":")[1].split(">")[0].strip() for line in metadata.splitlines()
                if line.startswith("Requires-Dist")]
    assert sorted(required) == ["matplotlib", "numpy"]


def lines_of_code(package):
    """Count the lines that hold more than blanks, comments and docstrings."""
    code = 0
    for path in (ROOT / "labkit" / package).glob("*.py"):
        text = path.read_text(encoding="utf-8")
        lines = {n for n, line in enumerate(text.splitlines(), 1) if line.strip() and line.strip()[0] != "#"}
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node):
                lines -= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
        code += len(lines)
    return code


@pytest.mark.parametrize(("package", "limit"), [("autodiff", 700), ("matcalc", 1500)])
def test_packages_that_students_read_stay_small_enough_to_hold_in_the_head(package, limit):
    assert limit / 3 < lines_of_code(package) < limit
