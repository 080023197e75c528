"""The image that a messenger shows beside a link to the course: logo and title, drawn while the site is built."""

import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from course.paths import ROOT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FILE = "_static/social.png"
WIDTH, HEIGHT = 1200, 630
ALT = "Ellipses around a minimum and a gradient that leaves them at a right angle, beside the title of the course"
TAGLINE = "a course that checks itself"

LOGO = ROOT / "course" / "site" / "static" / "logo.svg"
_SVG = "{http://www.w3.org/2000/svg}"
_DPI = 100


def _number(element: ElementTree.Element, name: str) -> float:
    return float(element.attrib[name])


def _outline(path: str) -> list[tuple[float, float]]:
    """Return the corners of a path that consists of straight lines.

    Examples
    --------
    >>> _outline("M51 41 L64 15")
    [(51.0, 41.0), (64.0, 15.0)]
    """
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _draw_logo(axes: "Axes") -> None:
    """Draw the logo from its file, whose units are 96 to a side and whose second axis points down."""
    from matplotlib.patches import Ellipse, Polygon

    group, shaft, head = ElementTree.parse(LOGO).getroot()
    to_points = axes.bbox.width / 96 * 72 / axes.figure.dpi
    for ellipse in group.iter(f"{_SVG}ellipse"):
        angle = float(re.match(r"rotate\((-?[\d.]+)", ellipse.attrib["transform"])[1])
        centre = _number(ellipse, "cx"), _number(ellipse, "cy")
        axes.add_patch(Ellipse(centre, 2 * _number(ellipse, "rx"), 2 * _number(ellipse, "ry"), angle=angle,
                               fill=False, edgecolor=group.attrib["stroke"],
                               linewidth=_number(group, "stroke-width") * to_points))
    axes.plot(*zip(*_outline(shaft.attrib["d"]), strict=True), color=shaft.attrib["stroke"],
              linewidth=_number(shaft, "stroke-width") * to_points, solid_capstyle="round")
    axes.add_patch(Polygon(_outline(head.attrib["d"]), color=head.attrib["fill"], linewidth=0))


def draw(target: Path, title: str) -> None:
    """Draw the image into the file `target`.

    Parameters
    ----------
    target : Path
        The PNG to write.
    title : str
        The title of the course.
    """
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    figure = Figure(figsize=(WIDTH / _DPI, HEIGHT / _DPI), dpi=_DPI, facecolor="white")
    logo = figure.add_axes((0.05, 0.2, 0.6 * HEIGHT / WIDTH, 0.6), xlim=(0, 96), ylim=(96, 0))
    logo.axis("off")
    _draw_logo(logo)
    figure.text(0.41, 0.57, textwrap.fill(title, 18), fontsize=47, fontweight="bold", color="#222832", va="center",
                linespacing=1.25)
    figure.text(0.412, 0.25, TAGLINE, fontsize=27, fontstyle="italic", color="#a84a00", va="center")
    figure.add_artist(Rectangle((0, 0), 1, 0.02, color="#0072b2", linewidth=0))
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, dpi=_DPI, metadata={"Software": None})  # or the bytes would change with versions
