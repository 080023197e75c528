"""The shared figures: what is drawn is read back from the axes and compared with what it should show."""

import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.colors import to_hex

from labkit import plots
from labkit.plots import (
    PALETTE,
    alt_text,
    contour_with_gradient,
    error_against_condition,
    image_of_unit_circle,
    spectra,
    unit_balls,
    use_style,
)


@pytest.fixture(autouse=True)
def close_figures():
    with mpl.rc_context():
        yield
    plt.close("all")


def points_of(line):
    return np.array(line.get_data(), dtype=float)


def arrows_of(ax):
    """Return the tips of the arrows, each with its colour."""
    return [(np.array(text.xy), to_hex(text.arrow_patch.get_edgecolor()).upper())
            for text in ax.texts if getattr(text, "arrow_patch", None) is not None]


def contrast(colour):
    """Return the contrast ratio of a colour to white, as WCAG 2 defines it."""
    channels = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055)**2.4 for c in channels]
    return 1.05 / (0.05 + 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])


# ------------------------------------------------------------------------------------------- style

def test_colours_of_text_and_lines_can_be_read_on_white():
    for name in ("ink", "grey", "blue", "green"):
        assert contrast(PALETTE[name]) >= 4.5
    for colour, _ in plots._LINES:
        assert contrast(PALETTE[colour]) >= 3


def test_curves_differ_without_colour():
    styles = [plots._style_of(i, marker=True) for i in range(5)]
    for key in ("color", "linestyle", "marker"):
        assert len({str(style[key]) for style in styles}) == 5
    assert plots._style_of(5) == plots._style_of(0)
    assert plots._style_of(6, marker=True) == plots._style_of(1, marker=True)


def test_use_style_sets_the_defaults_of_later_figures():
    use_style()
    assert mpl.rcParams["axes.grid"] and not mpl.rcParams["axes.spines.top"]
    cycle = list(mpl.rcParams["axes.prop_cycle"])
    assert cycle[0]["color"] == PALETTE["blue"] and len({str(entry["linestyle"]) for entry in cycle}) == len(cycle)


def test_importing_the_module_does_not_import_matplotlib():
    command = "import sys, labkit.plots; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", command], check=False).returncode == 0


@pytest.mark.parametrize("draw", [
    lambda ax: unit_balls(ax=ax),
    lambda ax: image_of_unit_circle(np.eye(2), ax=ax),
    lambda ax: spectra({"a": [1.0]}, ax=ax),
    lambda ax: error_against_condition([1.0], {"a": [0.1]}, ax=ax),
    lambda ax: contour_with_gradient(lambda x: x @ x, lambda x: 2 * x, [[1.0, 0.0]], ax=ax),
])
def test_every_figure_is_drawn_on_the_axes_given_or_on_new_ones_and_returned(draw):
    ax = plt.subplots()[1]
    assert draw(ax) is ax and len(plt.get_fignums()) == 1
    other = draw(None)
    assert other is not ax and len(plt.get_fignums()) == 2
    assert other.get_xlabel() and other.get_ylabel()
    other.figure.canvas.draw()


# ------------------------------------------------------------------------------------- contours and gradient

def test_contours_are_level_sets_and_arrows_are_scaled_gradients_at_right_angles():
    def f(x):
        return x[0]**2 + 3 * x[1]**2

    points = np.array([[1.0, 0.5], [-1.0, 1.0]])
    ax = contour_with_gradient(f, lambda x: np.array([2, 6]) * x, points, levels=[1.75, 4], scale=0.1)
    for level, path in zip((1.75, 4.0), ax.collections[0].get_paths(), strict=True):
        values = [f(v) for v in path.vertices]
        np.testing.assert_allclose(values, level, rtol=2e-3)
    tips = arrows_of(ax)
    np.testing.assert_allclose([tip for tip, _ in tips], points + 0.1 * points * [2, 6], rtol=1e-15)
    starts = [text.xyann for text in ax.texts if getattr(text, "arrow_patch", None) is not None]
    np.testing.assert_allclose(starts, points, rtol=1e-15)
    assert points_of(ax.lines[0]).T.tolist() == points.tolist()
    assert ax.get_xlim() == (-2, 2) and ax.get_ylim() == (-2, 2)
    assert alt_text(ax).endswith("with its gradient as an arrow at (1, 0.5) and (-1, 1).")
    many = contour_with_gradient(f, lambda x: np.array([2, 6]) * x, np.ones((4, 2)))
    assert alt_text(many).endswith("as an arrow at 4 points.")


@pytest.mark.parametrize(("points", "gradient", "message"), [
    ([[1.0, 2, 3]], lambda x: x, r"points must have shape \(k, 2\).*\(1, 3\)"),
    ([[1.0, 2]], lambda x: np.ones(3), r"the gradient must have shape \(2,\); it has \(3,\)"),
])
def test_contours_refuse_other_dimensions(points, gradient, message):
    with pytest.raises(ValueError, match=message):
        contour_with_gradient(lambda x: x @ x, gradient, points)


# ------------------------------------------------------------------------------------------- unit balls

@pytest.mark.parametrize("p", [0.25, 0.5, 1.0, 1.5, 2.0, 4.0, 500.0, np.inf])
def test_every_point_of_a_unit_ball_has_norm_one(p):
    x = points_of(unit_balls([p]).lines[0])
    top = np.abs(x).max(axis=0)
    norms = top if np.isinf(p) else top * ((np.abs(x) / top)**p).sum(axis=0)**(1 / p)
    np.testing.assert_allclose(norms, 1, rtol=1e-13)
    np.testing.assert_allclose(x[:, 0], x[:, -1], atol=1e-13)                       # the curve is closed
    for corner in ([1, 0], [0, 1], [-1, 0], [0, -1]):
        assert np.abs(x.T - corner).sum(axis=1).min() < 1e-12
    diagonal = 2.0**(-1 / p)
    assert np.abs(x.T - diagonal).max(axis=1).min() < 1e-12


def test_unit_balls_are_nested_named_and_described():
    ax = unit_balls()
    areas = [abs(np.sum(x[0, :-1] * x[1, 1:] - x[0, 1:] * x[1, :-1])) / 2 for x in map(points_of, ax.lines)]
    assert (np.diff(areas) > 0).all()
    assert areas[1] == pytest.approx(2, rel=1e-12) and areas[2] == pytest.approx(np.pi, rel=1e-4)
    assert areas[4] == pytest.approx(4, rel=1e-12)
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["$p = 0.5$", "$p = 1$", "$p = 2$", "$p = 4$", r"$p = \infty$"]
    assert ax.get_aspect() == 1
    assert "p = 0.5, 1, 2, 4 and ∞, one inside the other. For p below 1 it is a star" in alt_text(ax)
    assert alt_text(unit_balls([2])).endswith("for p = 2.")


@pytest.mark.parametrize("exponents", [[], [0.0], [1, -1], [float("nan")]])
def test_unit_balls_refuse_what_is_no_exponent(exponents):
    with pytest.raises(ValueError, match="exponents must be one or more numbers p > 0"):
        unit_balls(exponents)


# ------------------------------------------------------------------------------- image of the unit circle

def test_the_image_is_the_ellipse_with_the_singular_vectors_as_axes():
    A = np.array([[2.0, 1.0], [0.5, -1.0]])
    ax = image_of_unit_circle(A)
    circle, image = map(points_of, ax.lines)
    np.testing.assert_allclose(np.linalg.norm(circle, axis=0), 1, rtol=1e-14)
    np.testing.assert_allclose(np.linalg.norm(np.linalg.solve(A, image), axis=0), 1, rtol=1e-13)
    s = np.linalg.svd(A)[1]
    lengths = np.linalg.norm(image, axis=0)
    assert lengths.max() == pytest.approx(s[0], rel=1e-4) and lengths.min() == pytest.approx(s[1], rel=1e-3)
    labels = [text.get_text() for text in ax.texts if text.get_text()]
    assert labels == ["$v_1$", r"$\sigma_1u_1$", "$v_2$", r"$\sigma_2u_2$"]
    assert alt_text(ax) == (f"The unit circle and its image under A, an ellipse whose half-axes are {s[0]:.3g} "
                            f"and {s[1]:.3g} long.")
    starts = {text.get_text(): np.array(text.xy) for text in ax.texts if text.get_text()}
    np.testing.assert_allclose(A @ starts["$v_1$"], starts[r"$\sigma_1u_1$"], atol=1e-14)
    np.testing.assert_allclose(A @ starts["$v_2$"], starts[r"$\sigma_2u_2$"], atol=1e-14)


@pytest.mark.parametrize(("A", "text", "arrows"), [
    ([[3.0, 0], [0, 0]], "a segment of half-length 3.", 3), (np.zeros((2, 2)), "the origin.", 2)])
def test_degenerate_images_are_described_and_drawn_without_arrows_of_length_zero(A, text, arrows):
    ax = image_of_unit_circle(A)
    assert alt_text(ax).endswith(text)
    assert len(arrows_of(ax)) == arrows


@pytest.mark.parametrize(("A", "error", "message"), [
    (np.eye(3), ValueError, "must be 2×2"), ([[1, 1j], [0, 1]], TypeError, "complex"),
    ([[1.0, np.nan], [0, 1]], ValueError, "NaN")])
def test_only_real_2_by_2_matrices_have_such_an_image(A, error, message):
    with pytest.raises(error, match=message):
        image_of_unit_circle(A)


# ---------------------------------------------------------------------------------------------- spectra

def test_spectra_are_sorted_and_zeros_are_counted():
    ax = spectra({"A": [1.0, 3.0, 2.0], "B": [0.0, 5.0, 0.0]})
    assert points_of(ax.lines[0]).tolist() == [[1, 2, 3], [3, 2, 1]]
    assert points_of(ax.lines[1]).tolist() == [[1], [5]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["A", "B (2 zero)"]
    assert ax.get_yscale() == "log"
    assert alt_text(ax) == ("Spectra on a logarithmic axis: A, 3 values from 3 down to 1; B, 3 values from 5 down "
                            "to 0.")


def test_eigenvalues_of_either_sign_go_on_a_linear_axis():
    ax = spectra({"A": [-1.0, 3.0, 0.0]}, log=False)
    assert points_of(ax.lines[0]).tolist() == [[1, 2, 3], [3, 0, -1]]
    assert ax.get_yscale() == "linear" and "on a linear axis" in alt_text(ax)
    assert ax.get_legend().get_texts()[0].get_text() == "A"
    with pytest.raises(ValueError, match="A must have values, and none below 0 on a logarithmic axis"):
        spectra({"A": [-1.0, 3.0]})


@pytest.mark.parametrize(("values", "message"), [({}, "at least one spectrum"), ({"A": []}, "A must have values"),
                                                 ({"A": [[1.0]]}, "A must be a vector")])
def test_spectra_refuse_nothing(values, message):
    with pytest.raises(ValueError, match=message):
        spectra(values)


# --------------------------------------------------------------------------------- error against condition

def test_errors_are_drawn_in_the_order_of_the_condition_numbers_with_two_guides():
    ax = error_against_condition([1e6, 1e2, 1e10], {"QR": [1e-10, 0.0, 1e-6], "normal": [1e-4, 1e-13, 1.0]})
    linear, square, qr, normal = map(points_of, ax.lines)
    assert qr.tolist() == [[1e2, 1e6, 1e10], [1e-17, 1e-10, 1e-6]]
    assert normal.tolist() == [[1e2, 1e6, 1e10], [1e-13, 1e-4, 1.0]]
    np.testing.assert_allclose(linear[1], 2.0**-53 * linear[0], rtol=1e-15)
    np.testing.assert_allclose(square[1], [2.0**-53 * 1e4, 2.0**-53 * 1e12, 1.0], rtol=1e-15)
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == [r"$\varepsilon\kappa$", r"$\varepsilon\kappa^2$", "QR", "normal"]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert alt_text(ax).endswith("QR, from 0 at κ = 100 to 1e-06 at κ = 1e10; normal, from 1e-13 at κ = 100 to 1 "
                                 "at κ = 1e10.")


@pytest.mark.parametrize(("kappas", "errors", "message"), [
    ([], {"A": []}, "one or more condition numbers"), ([10.0], {}, "there must be a method"),
    ([0.5], {"A": [1.0]}, "of at least 1"), ([1.0, 2], {"A": [1.0]}, "kappas and A must have the same shape"),
    ([1.0], {"A": [-1.0]}, "A must hold errors of at least 0; the smallest is -1.0")])
def test_errors_that_do_not_fit_are_refused(kappas, errors, message):
    with pytest.raises(ValueError, match=message):
        error_against_condition(kappas, errors)


def test_axes_that_nobody_described_have_no_description():
    with pytest.raises(ValueError, match="no description is known for these axes"):
        alt_text(plt.subplots()[1])


def test_without_a_scale_an_arrow_is_as_long_as_the_gradient():
    ax = contour_with_gradient(lambda x: x @ x, lambda x: 2 * x, [[0.5, 0.0]])
    [arrow] = [text for text in ax.texts if getattr(text, "arrow_patch", None) is not None]
    assert np.allclose(sorted([arrow.xy[0], arrow.xyann[0]]), [0.5, 1.5])
