"""Figures on the site: in the smallest file that keeps every pixel, and in the size for which they were drawn.

Notebooks store figures as PNG. The pages show the same pixels as lossless WebP, in two fifths of the bytes. A
browser that knows width and height beforehand leaves the right space, and text stays where it is when a figure
arrives; figures further down the page are fetched when the reader comes near.
"""

import re
from pathlib import Path
from typing import Any

from PIL import Image
from sphinx.application import Sphinx

_IMAGE = re.compile(r"<img\b[^>]*>")
_SOURCE = re.compile(r'src="(?P<folder>[^"]*_images/)(?P<name>[^"/]+)\.png"')
CSS_DOTS_PER_INCH = 96


def size_on_page(pixels: tuple[int, int], dots_per_inch: float) -> tuple[int, int]:
    """Return the width and height, in CSS pixels, of a figure at the size in inches for which it was drawn.

    Its letters then are as large as those of the text beside it, and a dense screen has more dots to draw them.

    Examples
    --------
    >>> size_on_page((832, 576), 160)
    (499, 346)
    """
    width, height = pixels
    return round(width * CSS_DOTS_PER_INCH / dots_per_inch), round(height * CSS_DOTS_PER_INCH / dots_per_inch)


def compress(source: Path, target: Path) -> None:
    """Write `source` as lossless WebP; what was transparent is white, the ground on which figures are drawn."""
    with Image.open(source) as image:
        drawn = image.convert("RGBA")
        ground = Image.new("RGBA", drawn.size, "white")
        ground.alpha_composite(drawn)
    target.parent.mkdir(parents=True, exist_ok=True)
    ground.convert("RGB").save(target, "WEBP", lossless=True, quality=80, method=4)


def _attributes(source: Path, *, first: bool) -> str:
    with Image.open(source) as image:
        width, height = size_on_page(image.size, image.info.get("dpi", (CSS_DOTS_PER_INCH,))[0])
    return f'width="{width}" height="{height}" decoding="async"' + ("" if first else ' loading="lazy"')


def with_figures(body: str, sources: dict[str, Path], folder: Path) -> str:
    """Return the HTML of a page with its figures sized, compressed into `folder`, and all but the first lazy.

    Parameters
    ----------
    body : str
        The HTML of a page.
    sources : dict
        File names of figures, as the page has them, and the files themselves.
    folder : Path
        Where the page finds its figures. The names are checksums of the content, so what is there is kept.
    """
    seen = 0

    def mend(tag: re.Match[str]) -> str:
        nonlocal seen
        found = _SOURCE.search(tag[0])
        if found is None:
            return tag[0]
        source, target = sources[f"{found['name']}.png"], folder / f"{found['name']}.webp"
        if not target.exists():
            compress(source, target)
        seen += 1
        replaced = f'src="{found["folder"]}{target.name}" {_attributes(source, first=seen == 1)}'
        return tag[0].replace(found[0], replaced)

    return _IMAGE.sub(mend, body)


def _mend_page(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    if "_images/" in context.get("body", ""):
        sources = {name: Path(app.srcdir) / path for path, name in app.builder.images.items()}
        context["body"] = with_figures(context["body"], sources, Path(app.outdir) / "_images")


def _delete_originals(app: Sphinx, exception: Exception | None) -> None:
    folder = Path(app.outdir) / "_images"
    for compressed in folder.glob("*.webp") if exception is None else ():
        compressed.with_suffix(".png").unlink(missing_ok=True)


def register(app: Sphinx) -> None:
    """Mend each page's figures after it was written, and keep one file of each."""
    app.connect("html-page-context", _mend_page)
    app.connect("build-finished", _delete_originals)
