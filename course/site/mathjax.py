"""MathJax, copied at build time from the wheel `django-static-mathjax`, so that no page asks another host for it.

The page loads one file, `tex-chtml.js`, and the fonts it needs. The other files are here because a reader can ask
for them: MathJax's menu offers another renderer and reading aloud, and loads what these need from its own folder.
"""

import shutil
from pathlib import Path

import mathjax
from sphinx.application import Sphinx
from sphinx.config import Config

ENTRY = "mathjax/tex-chtml.js"
SCALE = 1.2  # of formulas to the text; MathJax would find it out from the reader's font, formula by formula

_PARTS = (
    "tex-chtml.js",
    "output/chtml/fonts",  # the glyphs
    "output/svg.js", "output/svg/fonts",  # menu: Math Renderer
    "input/tex/extensions",  # \require, and macros that load their extension when first used
    "a11y", "sre/mathmaps", "input/mml.js", "input/mml/extensions",  # menu: Accessibility
)


def source() -> Path:
    """Return the folder of MathJax's files in the wheel."""
    return Path(mathjax.__file__).parent / "static" / "mathjax" / "es5"


def _copy(app: Sphinx) -> None:
    if app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static" / "mathjax"
    for part in _PARTS:
        origin = source() / part
        if origin.is_dir():
            shutil.copytree(origin, target / part, dirs_exist_ok=True,
                            ignore=shutil.ignore_patterns("mathmaps_ie.js", "*.pyc", "__pycache__"))
        else:
            (target / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(origin, target / part)


def _configure(app: Sphinx, config: Config) -> None:
    config.mathjax_path = ENTRY
    config.mathjax3_config = {"chtml": {"matchFontHeight": False, "scale": SCALE}}


def register(app: Sphinx) -> None:
    """Copy MathJax before the pages are written, because Sphinx appends the file's checksum to its address."""
    app.connect("builder-inited", _copy)
    app.connect("config-inited", _configure)
