"""The picture of a computational graph: its two passes, and that anyone can read it."""

import re
import unicodedata
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from labkit.autodiff import draw, grad, jvp, named, sigmoid

SVG = "{http://www.w3.org/2000/svg}"
X, T, LAM = 1.5, 1.0, 0.1


def spelled(lines):
    """Return the lines with letters and macrons apart, however they were typed."""
    return [unicodedata.normalize("NFD", line) for line in lines]


def logistic(w, b):
    """Logistic least squares with regulariser: z = wx + b, y = σ(z), E = ½(y − t)² + ½λw²."""
    z = named(w * X + b, "z")
    y = named(sigmoid(z), "y")
    loss = named(0.5 * (y - T) ** 2, "L")
    penalty = named(0.5 * LAM * w**2, "R")
    return named(loss + penalty, "E")


def test_forward_and_backward_pass_line_for_line():
    graph = draw(logistic, 0.7, -0.3)
    w, b = 0.7, -0.3
    z = w * X + b
    y = 1 / (1 + np.exp(-z))
    L, R = 0.5 * (y - T) ** 2, 0.5 * LAM * w**2

    def show(value):
        return f"{value:.4g}".replace("-", "−")

    assert graph.forward == (
        "w = 0.7", "b = −0.3", f"v1 = w · 1.5 = {show(w * X)}", f"z = v1 + b = {show(z)}",
        f"y = sigmoid(z) = {show(y)}", f"v2 = y − 1 = {show(y - T)}", f"v3 = v2^2 = {show((y - T) ** 2)}",
        f"L = 0.5 · v3 = {show(L)}",
        f"v4 = w^2 = {show(w * w)}", f"R = 0.05 · v4 = {show(R)}", f"E = L + R = {show(L + R)}")
    dz = (y - T) * y * (1 - y)
    assert spelled(graph.backward) == spelled((
        "Ē = 1", "R̄ = Ē · 1 = 1", "v̄4 = R̄ · 0.05 = 0.05", "L̄ = Ē · 1 = 1", "v̄3 = L̄ · 0.5 = 0.5",
        f"v̄2 = v̄3 · {show(2 * (y - T))} = {show(y - T)}", f"ȳ = v̄2 · 1 = {show(y - T)}",
        f"z̄ = ȳ · {show(y * (1 - y))} = {show(dz)}", f"v̄1 = z̄ · 1 = {show(dz)}", f"b̄ = z̄ · 1 = {show(dz)}",
        f"w̄ = v̄1 · 1.5 + v̄4 · 1.4 = {show(dz * X + LAM * w)}"))
    assert str(graph).splitlines() == ["Forward pass", *graph.forward, "Backward pass", *graph.backward]


def test_the_picture_is_valid_svg_with_title_description_and_text():
    graph = draw(logistic, 0.7, -0.3)
    root = ET.fromstring(graph.svg)
    assert root.tag == f"{SVG}svg" and root.get("role") == "img" and graph._repr_html_() == graph.svg
    assert root.find(f"{SVG}title").text == "Computational graph of E"
    description = root.find(f"{SVG}desc").text
    texts = [element.text for element in root.iter(f"{SVG}text")]
    for line in (*graph.forward, *graph.backward):
        assert line in description and line in texts


def test_colours_follow_the_page():
    svg = draw(logistic, 0.7, -0.3).svg
    assert set(re.findall(r'(?:fill|stroke)="([^"]*)"', svg)) == {"none", "currentColor"}
    assert "#" not in re.sub(r"url\(#labkit-arrow\)", "", svg)


def test_one_arrow_from_each_parent_to_each_child_within_the_frame():
    root = ET.fromstring(draw(logistic, 0.7, -0.3).svg)
    arrows = [path for path in root.iter(f"{SVG}path") if path.get("marker-end")]
    assert len(arrows) == 11  # v1: w; z: v1, b; y; v2; v3; L; v4: w; R; E: L, R
    assert len(list(root.iter(f"{SVG}circle"))) == 11
    *_, wide, high = map(float, root.get("viewBox").split())
    for element in root.iter(f"{SVG}text"):
        left, line = float(element.get("x")), float(element.get("y"))
        assert left > 0 and left + 7.3 * len(element.text) < wide
        assert 0 < line < high
    rows = sorted({float(element.get("y")) for element in root.iter(f"{SVG}text")})
    assert min(np.diff(rows)) >= 20


def test_arrays_are_shown_by_their_shapes():
    graph = draw(lambda W, x: np.sum(np.tanh(W @ x)), np.ones((3, 2)), np.ones(2))
    assert graph.forward == ("W = [3×2]", "x = [2]", "v1 = W @ x = [3]", "v2 = tanh(v1) = [3]",
                             "v3 = sum(v2) = 2.892")
    assert spelled(graph.backward)[-1:] == spelled(["W̄ = v̄1 · J = [3×2]"])


def test_names_with_markup_are_escaped():
    ET.fromstring(draw(lambda x: named(x * x, "a<b & c"), 1.0).svg)


def test_a_value_used_twice_has_both_terms():
    graph = draw(lambda x: x * x, 3.0)
    assert spelled(graph.backward) == spelled(["v̄1 = 1", "x̄ = v̄1 · 3 + v̄1 · 3 = 6"])


def test_naming_changes_nothing():
    assert named(3.0, "x") == 3.0
    assert grad(lambda x: named(x * x, "y"))(3.0) == 6 and jvp(lambda x: named(x * x, "y"), 3.0, 1.0)[1] == 6


@pytest.mark.parametrize("f", [lambda x: x * np.ones(2), lambda x: 3.0, lambda x: (x, x)])
def test_what_is_no_number_that_depends_on_the_inputs_is_refused(f):
    with pytest.raises(ValueError, match="one number that depends on its inputs"):
        draw(f, 1.0)


def test_integer_input_is_refused():
    with pytest.raises(TypeError, match="int64"):
        draw(lambda x: x * x, 3)
