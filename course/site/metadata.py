"""What search engines and messengers show of a page: its description, its preview image, and the map of the site.

Descriptions are written by hand, in a page's front matter or (notebooks have none) in `chapters/descriptions.yml`.
A page without one shows the beginning of its first paragraph. Addresses that must be complete are made from
`html: baseurl` in `_config.yml`. Where that is empty they are relative, and no page names a host.
"""

import html
import re
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin
from xml.sax.saxutils import escape

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from course.contents import INDEX
from course.paths import ROOT
from course.site import social

DESCRIPTIONS = Path("chapters") / "descriptions.yml"
SITEMAP = "sitemap.xml"
LONGEST = 160
_NOT_FOR_SEARCH = {"search", "404"}
_OWN = re.compile(r'<meta content="([^"]*)" name="description" ?/?>')
_GENERATED = {
    INDEX: "The index of the course: every term of the glossary and every name of the package labkit.",
    "search": "Search the course on numerical linear algebra for machine learning: chapters and appendices.",
    "404": "There is no page at this address. A search, the cover and every chapter are one step away.",
    "_modules/index": "The source code of the package labkit, which the chapters and assignments import.",
}
_MODULE = "a module of the course on numerical linear algebra for machine learning."
_CLAIMS = "which try numbered equations and theorems of the course on many matrices."
_RELATIVE = ("The addresses are relative to this file. Search engines want them complete: set html: baseurl in "
             "_config.yml, and build again.")


def absolute(base_url: str, name: str) -> str:
    """Return the complete address of a file of the site, or its path if the site's address is not known.

    Examples
    --------
    >>> absolute("https://example.org/course", "chapters/04-norms.html"), absolute("", "index.html")
    ('https://example.org/course/chapters/04-norms.html', 'index.html')
    """
    return urljoin(base_url.rstrip("/") + "/", quote(name)) if base_url else quote(name)


def sitemap(pages: Iterable[str], base_url: str) -> str:
    """Return the map of the site, as the sitemaps protocol has it.

    Examples
    --------
    >>> print(sitemap(["index", "search"], "https://example.org/course/"))
    <?xml version="1.0" encoding="UTF-8"?>
    <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
    <url><loc>https://example.org/course/index.html</loc></url>
    </urlset>
    <BLANKLINE>
    """
    found = [absolute(base_url, f"{page}.html") for page in sorted(set(pages) - _NOT_FOR_SEARCH)]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', *([] if base_url else [f"<!-- {_RELATIVE} -->"]),
             '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
             *(f"<url><loc>{escape(address)}</loc></url>" for address in found), "</urlset>", ""]
    return "\n".join(lines)


def beginning(doctree: nodes.document) -> str:
    """Return the beginning of a page's first paragraph without formulas, cut between words."""
    for paragraph in doctree.findall(nodes.paragraph):
        text = "".join(node.astext() for node in paragraph.findall(nodes.Text)
                       if not isinstance(node.parent, nodes.math))
        if text.strip():
            return textwrap.shorten(text, LONGEST, placeholder=" …")
    return ""


def _of_generated_page(page: str) -> str:
    if page in _GENERATED:
        return _GENERATED[page]
    if page.startswith("_modules/"):
        return f"The source code of {page.removeprefix('_modules/').replace('/', '.')}, {_MODULE}"
    if page.startswith("claims/"):
        return f"The tests in tests/{page}.py, {_CLAIMS}"
    return ""


def description(page: str, written: dict[str, str], doctree: nodes.document | None) -> str:
    """Return the description of a page: the one written for it, or what its kind or its beginning says."""
    return written.get(page) or _of_generated_page(page) or (beginning(doctree) if doctree is not None else "")


def tags(page: str, title: str, text: str, config: Config) -> Iterator[str]:
    """Yield the elements for the head of a page."""
    base_url = config.html_baseurl
    image = absolute(base_url, social.FILE) if base_url else "../" * page.count("/") + social.FILE
    named = {"description": text, "twitter:card": "summary_large_image"}
    properties = {
        "og:type": "book" if page == config.root_doc else "article", "og:title": title,
        "og:site_name": config.html_title, "og:description": text, "og:image": image,
        "og:image:width": str(social.WIDTH), "og:image:height": str(social.HEIGHT), "og:image:alt": social.ALT,
    } | ({"og:url": absolute(base_url, f"{page}.html")} if base_url else {})
    for attribute, values in (("name", named), ("property", properties)):
        for name, value in values.items():
            yield f'<meta {attribute}="{name}" content="{html.escape(value)}" />'


def _add_tags(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    others = context.get("metatags", "")
    own = _OWN.search(others)
    text = html.unescape(own[1]) if own else description(page, app.config.course_descriptions, doctree)
    title = html.unescape(re.sub(r"<[^>]+>", "", context.get("title", "")))
    context["metatags"] = "\n".join([_OWN.sub("", others), *tags(page, title, text, app.config)])


def _read_descriptions(app: Sphinx, config: Config) -> None:
    # A configuration value: when it changes, Sphinx writes the pages again.
    config.course_descriptions = yaml.safe_load((ROOT / DESCRIPTIONS).read_text("utf-8"))


def _write_files(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir)
    pages = [path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.html")
             if "_static" not in path.relative_to(folder).parts]
    (folder / SITEMAP).write_text(sitemap(pages, app.config.html_baseurl), "utf-8")
    social.draw(folder / social.FILE, app.config.html_title)


def register(app: Sphinx) -> None:
    """Describe each page when it is written, and the site when all are."""
    app.add_config_value("course_descriptions", {}, "html", [dict])
    app.connect("config-inited", _read_descriptions)
    app.connect("html-page-context", _add_tags)
    app.connect("build-finished", _write_files)
