"""The pages of the site: which there are, and what a page's HTML holds."""

from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import yaml

from course.paths import ROOT

GENERATED = ["genindex.html", "search.html"]


def _documents(entry):
    yield from (entry[key] for key in ("root", "file") if key in entry)
    for key in ("parts", "chapters", "sections"):
        for child in entry.get(key, []):
            yield from _documents(child)


PAGES = [f"{name}.html" for name in _documents(yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8")))] + GENERATED

_LOADS = {"script": ["src"], "img": ["src", "srcset"], "iframe": ["src"], "source": ["src", "srcset"],
          "object": ["data"], "embed": ["src"], "video": ["src", "poster"], "audio": ["src"], "track": ["src"],
          "image": ["href"], "use": ["href"]}
_LOADING_LINKS = {"stylesheet", "preload", "modulepreload", "icon", "prefetch", "preconnect",
                  "dns-prefetch", "manifest"}


@dataclass
class Page(HTMLParser):
    """What the tests need to know about one page."""

    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    images: list[dict] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    title: str = ""
    language: str = ""

    def __post_init__(self):
        super().__init__()
        self._in_title = False

    def handle_starttag(self, tag, attributes):
        values = {name: value or "" for name, value in attributes}
        self.ids |= {values[name] for name in ("id", "name") if name in values and (name == "id" or tag == "a")}
        self._in_title = tag == "title" and not self.title
        if tag == "html":
            self.language = values.get("lang", "")
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if tag == "img":
            self.images.append(values)
        if tag == "link" and _LOADING_LINKS & set(values.get("rel", "").split()):
            self.loads.append(values["href"])
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.headings.append(int(tag[1]))
        self.loads += [values[name] for name in _LOADS.get(tag, []) if name in values]

    def handle_endtag(self, tag):
        if tag == "title":
            self._in_title = False

    def handle_data(self, data):
        if self._in_title:
            self.title += data


@cache
def read_page(path: Path) -> Page:
    """Return what the file `path` holds."""
    page = Page()
    page.feed(path.read_text("utf-8"))
    return page


def all_pages(site: Path) -> list[Path]:
    """Return every HTML page of a built site, those of the source code included."""
    return sorted(path for path in site.rglob("*.html") if "_static" not in path.relative_to(site).parts)
