"""`404.html`, which a web server shows for an address that does not exist.

It is shown at that address, in whatever folder it names, so no address relative to the page leads anywhere. With
`html: baseurl` in `_config.yml` the page's links are complete. Without it a script looks for the site: the nearest
folder above the address that holds the inventory of the site's names. Styles are part of the page for the same
reason.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from course.contents import parts
from course.paths import ROOT

TEMPLATES = Path(__file__).parent / "templates"
LOGO = Path(__file__).parent / "static" / "logo.svg"


def _title(app: Sphinx, page: str) -> str:
    title: nodes.title = app.env.titles[page]
    number = ".".join(map(str, title.get("secnumber") or ()))
    return f"{number}. {title.astext()}" if number else title.astext()


def _page(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    found = [{"caption": part.caption,
              "pages": [(f"{page}.html", _title(app, page)) for page in part.pages if page in app.env.titles]}
             for part in parts(ROOT) if part.caption]
    base_url = app.config.html_baseurl
    yield "404", {"title": "There is no such page", "parts": found, "logo_svg": LOGO.read_text("utf-8"),
                  "site": base_url.rstrip("/") + "/" if base_url else ""}, "404.html"


def _add_templates(app: Sphinx, config: Config) -> None:
    config.templates_path.append(str(TEMPLATES))


def register(app: Sphinx) -> None:
    """Write the page with the others."""
    app.connect("config-inited", _add_templates)
    app.connect("html-collect-pages", _page)
