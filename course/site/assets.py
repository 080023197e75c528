"""One style sheet, one script and the icons that are used, in place of what the theme and its extensions load.

A page of Jupyter Book asks for a dozen style sheets, a dozen scripts, the index of the search, and all icons of
Font Awesome twice, as a font and as a script. Readers look at one page on a phone; here it asks for what it needs.
"""

import re
import shutil
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from pydata_sphinx_theme.pygments import overwrite_pygments_css
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

STYLE, SCRIPT, ICON_FONT = "site.css", "site.js", "icons.woff"
# The script of the figures that move, and the figures: only their pages load it.
MOVING, FIGURES = "moving.js", ("fig-norms-balls", "fig-svd-circle", "fig-psd-bowl")

# In the order in which a page would load them; `*` stands for a checksum in the name. Three extensions bring
# theirs only after the pages are written: these are read where they are installed.
STYLES = ("basic.css", "styles/pydata-sphinx-theme.css", "pygments.css", "styles/sphinx-book-theme.css",
          "togglebutton.css", "copybutton.css", "mystnb.*.css", "proof.css", "exercise.css",
          "sphinx-design.min.css", "course.css", "print.css")
SCRIPTS = ("documentation_options.js", "doctools.js", "sphinx_highlight.js", "clipboard.min.js", "copybutton.js",
           "scripts/sphinx-book-theme.js", "togglebutton.js", "scripts/bootstrap.js",
           "scripts/pydata-sphinx-theme.js", "course.js", "print.js")
_INSTALLED = {"mystnb.*.css": ("myst_nb", "static/mystnb.css"), "proof.css": ("sphinx_proof", "_static/proof.css"),
              "exercise.css": ("sphinx_exercise", "assets/html/exercise.css")}
# Tabs and live code, which the book does not have, and the old place of the theme's own style.
UNUSED = ("design-tabs.js", "sphinx-thebe.css", "sphinx-thebe.js", "styles/theme.css")

# The icons in the theme's templates and scripts; those that style sheets set themselves are found there.
ICONS = ("angle-left", "angle-right", "arrow-up", "bars", "chevron-down", "circle-half-stroke", "download",
         "file", "file-pdf", "list", "magnifying-glass", "moon", "sun", "xmark")

_ICON_RULE = re.compile(r'((?:\.fa-[\w-]+:before,?)+)\{content:"\\[0-9a-f]+"\}')
_ICON_FACE = re.compile(r"@font-face\{[^}]*Font Awesome[^}]*\}")
_SOURCE_MAP = re.compile(r"/\*# sourceMappingURL=.*?\*/|^//# sourceMappingURL=.*$", re.MULTILINE)
_CODE_POINT = re.compile(r"\\([ef][0-9a-f]{3})\b|([\ue000-\uf8ff])")
_FACE = ("@font-face{font-display:block;font-family:Font Awesome\\ 6 Free;font-style:normal;font-weight:900;"
         f"src:url({ICON_FONT}) format(\"woff\")}}")


def without_unused_icons(style: str, icons: Iterable[str] = ICONS) -> str:
    r"""Return a style sheet whose rules for icons are those of `icons`, and whose fonts for icons are none.

    Examples
    --------
    >>> without_unused_icons(r'.fa-bars:before{content:"\f0c9"}.fa-bat:before,.fa-bug:before{content:"\f188"}')
    '.fa-bars:before{content:"\\f0c9"}'
    """
    wanted = {f".fa-{name}:before" for name in icons}

    def kept(rule: re.Match[str]) -> str:
        return rule[0] if wanted & set(rule[1].split(",")) else ""

    return _ICON_FACE.sub("", _ICON_RULE.sub(kept, style))


def code_points(style: str) -> set[int]:
    r"""Return the characters for private use in a style sheet: each is an icon.

    Examples
    --------
    >>> sorted(map(hex, code_points('a{content:"\\f0c9"} b{content:"\uf002"} c{content:"*"}')))
    ['0xf002', '0xf0c9']
    """
    return {int(escaped, 16) if escaped else ord(raw) for escaped, raw in _CODE_POINT.findall(style)}


def _text(static: Path, name: str) -> str:
    if name in _INSTALLED:
        package, place = _INSTALLED[name]
        path = files(package) / place
    else:
        path = static / name
    if not path.is_file():
        raise ExtensionError(f"{name} is missing, of which course.site.assets makes the site's scripts and styles")
    return _SOURCE_MAP.sub("", path.read_text("utf-8"))


def _joined(static: Path, names: Iterable[str], separator: str) -> str:
    return separator.join(_text(static, name) for name in names)


def _write_icons(font: Path, characters: set[int], target: Path) -> None:
    """Write the glyphs of `characters`; the font keeps the names of its makers and its licence."""
    options = Options(name_IDs="*", notdef_outline=True, flavor="woff", desubroutinize=True)
    options.recalc_timestamp = False  # equal content gives equal bytes
    with TTFont(font, recalcTimestamp=False) as whole:
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=characters & set(whole.getBestCmap()))
        subsetter.subset(whole)
        whole.flavor = "woff"
        whole.save(target)


def bundle(static: Path) -> None:
    """Write `site.css`, `site.js` and `icons.woff` from the files in `static`.

    Raises
    ------
    ExtensionError
        If one of the files is missing that these are made of.
    """
    style = without_unused_icons(_joined(static, STYLES, "\n"))
    (static / STYLE).write_text(f"{_FACE}\n{style}", "utf-8")
    (static / SCRIPT).write_text(_joined(static, SCRIPTS, "\n;\n"), "utf-8")
    _write_icons(static / "vendor/fontawesome/webfonts/fa-solid-900.ttf", code_points(style), static / ICON_FONT)


def _is_bundled(asset: Any) -> bool:
    name = str(getattr(asset, "filename", asset) or "")
    body = getattr(asset, "attributes", {}).get("body") or ""
    path = Path(name.removeprefix("_static/"))
    # The last kind sets options of the search as you type, which is off, before they are defined.
    return any(path.match(pattern) for pattern in (*STYLES, *SCRIPTS, *UNUSED)) or "DOCUMENTATION_OPTIONS." in body


def _replace(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    if not getattr(app.builder, "has_bundle", False):  # the files it is made of are in place before any page
        overwrite_pygments_css(app)  # the theme does so after the pages: colours for light and for dark
        bundle(Path(app.outdir) / "_static")
        app.builder.has_bundle = True
    for kind in ("script_files", "css_files"):
        context[kind] = [asset for asset in context.get(kind, []) if not _is_bundled(asset)]
    if not any(f'id="{figure}"' in context.get("body", "") for figure in FIGURES):
        context["script_files"] = [asset for asset in context["script_files"] if MOVING not in str(asset.filename)]


def _delete_parts(app: Sphinx, exception: Exception | None) -> None:
    """Delete what no page loads: the site is also carried about on sticks and read without a server."""
    if exception is not None or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    for folder in ("scripts", "styles", "vendor", "locales"):
        shutil.rmtree(static / folder, ignore_errors=True)
    for pattern in (*STYLES, *SCRIPTS, *UNUSED):
        for path in static.glob(pattern):
            path.unlink()


def _forget_source_pages(app: Sphinx) -> None:
    """Have the pages with source code written again: Sphinx keeps them as long as the code is the same."""
    shutil.rmtree(Path(app.outdir) / "_modules", ignore_errors=True)


def _use_templates(app: Sphinx, config: Any) -> None:
    config.templates_path.append(str(Path(__file__).parent / "templates"))


def register(app: Sphinx) -> None:
    """Add the bundle to every page, and take away what is in it, after all extensions have added theirs."""
    app.connect("config-inited", _use_templates)
    app.connect("builder-inited", _forget_source_pages)
    app.add_css_file(STYLE)
    app.add_js_file(SCRIPT, loading_method="defer")
    app.add_js_file(MOVING, loading_method="defer")
    app.connect("html-page-context", _replace, priority=950)
    app.connect("build-finished", _delete_parts, priority=950)
