"""The figures that several chapters share, in one style that prints, projects and reads on a phone.

Matplotlib is imported inside the functions, so that `import labkit` needs numpy alone. Each function draws on the
axes it is given, or on new ones, and returns the axes. Colours are those of Okabe and Ito, which readers with any
common form of colour blindness can tell apart; line style or marker always repeats what the colour says.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import ArrayLike

from labkit._arrays import Array, as_array, check_same_shape
from labkit.svd import thin_svd

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PALETTE = {
    "blue": "#0072B2",
    "orange": "#D55E00",
    "green": "#00795A",  # a darker Okabe-Ito green: the original has too little contrast for text on white
    "purple": "#A3507E",
    "sky": "#56B4E9",
    "yellow": "#E69F00",
    "ink": "#1F2933",
    "grey": "#5F6B76",
    "mist": "#E4E9EE",
}

_STYLE = {
    # 5.2 inches shown 330 pixels wide on a phone leave an 11-point letter 10 pixels high.
    "figure.figsize": (5.2, 3.6),
    "figure.dpi": 160,
    "savefig.dpi": 160,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "axes.titlesize": 11,
    "axes.labelsize": 11,
    "legend.fontsize": 10,
    "text.color": PALETTE["ink"],
    "axes.labelcolor": PALETTE["ink"],
    "axes.edgecolor": PALETTE["grey"],
    "xtick.color": PALETTE["ink"],
    "ytick.color": PALETTE["ink"],
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": PALETTE["mist"],
    "axes.axisbelow": True,
    "lines.linewidth": 2,
    "legend.frameon": False,
    "mathtext.fontset": "cm",
}


def use_style() -> None:
    """Set matplotlib's defaults to the style of the course, for every later figure of this process.

    Examples
    --------
    >>> use_style()
    >>> import matplotlib
    >>> matplotlib.rcParams["axes.grid"]
    True
    """
    import matplotlib as mpl
    from cycler import cycler

    colours = [PALETTE[name] for name in ("blue", "orange", "green", "purple")]
    mpl.rcParams.update(_STYLE)
    mpl.rcParams["axes.prop_cycle"] = cycler(color=colours) + cycler(linestyle=["-", "--", "-.", ":"])


def _axes(ax: "Axes | None") -> "Axes":
    import matplotlib.pyplot as plt

    return plt.subplots()[1] if ax is None else ax


def contour_with_gradient(
    f: Callable[[Array], float],
    gradient: Callable[[Array], ArrayLike],
    points: ArrayLike,
    *,
    extent: tuple[float, float, float, float] = (-2, 2, -2, 2),
    levels: int | ArrayLike = 10,
    scale: float = 1.0,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the contour lines of a function of two variables, and its gradient as an arrow at some points.

    Both axes have the same scale, so that a right angle is seen as one.

    Parameters
    ----------
    f : callable
        Takes an array of shape (2,) and returns a number.
    gradient : callable
        Takes an array of shape (2,) and returns one of shape (2,).
    points : array_like, shape (k, 2)
        Where arrows start.
    extent : tuple
        The ranges shown, (x_min, x_max, y_min, y_max).
    levels : int or array_like
        How many contour lines, or at which values.
    scale : float
        The length of an arrow for a gradient of length one.
    ax : matplotlib Axes, optional
        Where to draw; new axes if omitted.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        If `points` is not (k, 2) or a gradient does not have shape (2,).

    Examples
    --------
    >>> ax = contour_with_gradient(lambda x: x @ x, lambda x: 2 * x, [[1.0, 0.5]], scale=0.3)
    >>> ax.get_aspect()
    1.0
    """
    points = as_array(points, "points", 2)
    if points.shape[1] != 2:
        raise ValueError(f"points must have shape (k, 2), one row a point; its shape is {points.shape}")
    ax = _axes(ax)
    x, y = np.linspace(*extent[:2], 121), np.linspace(*extent[2:], 121)
    values = [[f(np.array([a, b])) for a in x] for b in y]
    lines = ax.contour(x, y, values, levels=levels, colors=PALETTE["grey"], linewidths=1.2, linestyles="-")
    ax.clabel(lines, fontsize=8)
    for point in points:
        arrow = as_array(gradient(point), "the gradient", 1)
        if arrow.shape != (2,):
            raise ValueError(f"the gradient must have shape (2,); it has {arrow.shape}")
        ax.annotate("", point + scale * arrow, point,
                    arrowprops={"arrowstyle": "-|>", "color": PALETTE["orange"], "linewidth": 2})
    ax.plot(*points.T, "o", color=PALETTE["ink"], markersize=5)
    ax.set(xlabel="$x_1$", ylabel="$x_2$", xlim=extent[:2], ylim=extent[2:], aspect="equal")
    ax.grid(False)
    at = " and ".join(f"({a:.3g}, {b:.3g})" for a, b in points) if len(points) <= 3 else f"{len(points)} points"
    _ALT_TEXTS[ax] = f"Contour lines of a function of two variables, with its gradient as an arrow at {at}."
    return ax


# ----------------------------------------------------------------------------- figures that chapters 4 to 9 share

_LINES = (("blue", "-"), ("orange", "--"), ("green", "-."), ("purple", ":"), ("ink", (0, (5, 1, 1, 1, 1, 1))))
_MARKERS = "osD^v"
_ALT_TEXTS: "WeakKeyDictionary[Axes, str]" = WeakKeyDictionary()


def alt_text(ax: "Axes") -> str:
    """Return a description in words of a figure drawn by this module, for readers who do not see it.

    Parameters
    ----------
    ax : matplotlib Axes
        As returned by a function of this module.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If none of them has drawn on these axes.

    Examples
    --------
    >>> alt_text(unit_balls([1, 2]))
    'Boundaries of the unit balls of the p-norms in the plane for p = 1 and 2, one inside the other.'
    """
    if ax not in _ALT_TEXTS:
        raise ValueError("no description is known for these axes: no function of labkit.plots has drawn on them")
    return _ALT_TEXTS[ax]


def _style_of(i: int, marker: bool = False) -> dict:
    """Return colour, line style and marker of the i-th curve; all differ among the first five."""
    colour, line = _LINES[i % len(_LINES)]
    points = {"marker": _MARKERS[i % len(_MARKERS)], "markersize": 4} if marker else {}
    return {"color": PALETTE[colour], "linestyle": line, **points}


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def unit_balls(exponents: ArrayLike = (0.5, 1, 2, 4, np.inf), *, ax: "Axes | None" = None) -> "Axes":
    r"""Draw the curves :math:`\|x\|_p = 1` in the plane.

    Parameters
    ----------
    exponents : array_like, shape (k,)
        Values of p > 0, at least one; infinity is allowed. For p < 1 the "norm" is none and the set not convex.
    ax : matplotlib Axes, optional
        Where to draw; new axes if omitted.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        If there is no p, or one is not positive.

    Examples
    --------
    >>> len(unit_balls([1, np.inf]).lines)
    2
    """
    exponents = as_array(exponents, "exponents", 1, finite=False)
    if len(exponents) == 0 or not (exponents > 0).all():
        raise ValueError(f"exponents must be one or more numbers p > 0; they are {exponents}")
    ax = _axes(ax)
    angles = np.linspace(0, 2 * np.pi, 721)                # a multiple of 8: the corners are among the points
    directions = np.array([np.cos(angles), np.sin(angles)])
    directions[np.abs(directions) < 1e-12] = 0.0           # sin 2π is not quite 0, and a small p would show it
    names = ["∞" if np.isinf(p) else f"{p:g}" for p in exponents]
    for i, (p, name) in enumerate(zip(exponents, names, strict=True)):
        top = np.abs(directions).max(axis=0)
        # Divided by the largest entry, the sum neither overflows nor vanishes for large p.
        length = top if np.isinf(p) else top * ((np.abs(directions) / top)**p).sum(axis=0)**(1 / p)
        ax.plot(*(directions / length), label=f"$p = {name}$".replace("∞", r"\infty"), **_style_of(i))
    ax.set(xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    star = " For p below 1 it is a star with hollow sides." if (exponents < 1).any() else ""
    nested = ", one inside the other" if len(names) > 1 else ""
    _ALT_TEXTS[ax] = (f"Boundaries of the unit balls of the p-norms in the plane for p = {_listed(names)}{nested}."
                      f"{star}")
    return ax


def image_of_unit_circle(A: ArrayLike, *, ax: "Axes | None" = None) -> "Axes":
    r"""Draw the unit circle with the right singular vectors of A, and its image with the arrows σᵢuᵢ.

    Parameters
    ----------
    A : array_like, shape (2, 2)
        A real matrix; of rank one the image is a segment, of rank zero a point.
    ax : matplotlib Axes, optional
        Where to draw; new axes if omitted.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    TypeError, ValueError
        If `A` is not a real 2×2 matrix.

    Examples
    --------
    >>> alt_text(image_of_unit_circle([[3, 0], [0, 1]]))
    'The unit circle and its image under A, an ellipse whose half-axes are 3 and 1 long.'
    """
    A = as_array(A, "A", 2)
    if A.shape != (2, 2):
        raise ValueError(f"A must be 2×2 to be drawn in the plane; its shape is {A.shape}")
    ax = _axes(ax)
    U, s, V = thin_svd(A)
    angles = np.linspace(0, 2 * np.pi, 361)
    circle = np.array([np.cos(angles), np.sin(angles)])
    ax.plot(*circle, color=PALETTE["grey"], linestyle="--", label="unit circle")
    ax.plot(*(A @ circle), color=PALETTE["blue"], label="its image under $A$")
    for i in range(2):
        _arrow(ax, V[:, i], f"$v_{i + 1}$", "grey")
        if s[i] > 0:
            _arrow(ax, s[i] * U[:, i], rf"$\sigma_{i + 1}u_{i + 1}$", "orange")
    ax.set(xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
    ax.margins(0.15)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 1.15), ncols=2)
    shape = (f"an ellipse whose half-axes are {s[0]:.3g} and {s[1]:.3g} long" if s[1] > 1e-12 * s[0] else
             f"a segment of half-length {s[0]:.3g}" if s[0] else "the origin")
    _ALT_TEXTS[ax] = f"The unit circle and its image under A, {shape}."
    return ax


def _arrow(ax: "Axes", end: Array, label: str, colour: str) -> None:
    """Draw an arrow from the origin, with its label beyond the tip."""
    ax.annotate("", end, (0, 0), arrowprops={"arrowstyle": "-|>", "color": PALETTE[colour], "linewidth": 2,
                                             "shrinkA": 0, "shrinkB": 0})
    ax.annotate(label, end, 15 * end / np.linalg.norm(end), textcoords="offset points", ha="center", va="center")


def spectra(values: Mapping[str, ArrayLike], *, log: bool = True, ax: "Axes | None" = None) -> "Axes":
    """Draw singular values or eigenvalues against their number, in descending order.

    Parameters
    ----------
    values : mapping from str to array_like, shape (k,)
        One spectrum a name, at least one, none empty.
    log : bool
        Draw on a logarithmic axis. Zeros, which it cannot show, are counted in the legend instead.
    ax : matplotlib Axes, optional
        Where to draw; new axes if omitted.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    TypeError, ValueError
        If there is nothing to draw, or a value is negative and the axis logarithmic.

    Examples
    --------
    >>> alt_text(spectra({"Hilbert": [1.5, 0.1, 1e-3]}))
    'Spectra on a logarithmic axis: Hilbert, 3 values from 1.5 down to 0.001.'
    """
    if not values:
        raise ValueError("values must hold at least one spectrum; it is empty")
    ax, parts = _axes(ax), []
    for i, (name, spectrum) in enumerate(values.items()):
        s = np.sort(as_array(spectrum, name, 1))[::-1]
        if len(s) == 0 or (log and s[-1] < 0):
            raise ValueError(f"{name} must have values, and none below 0 on a logarithmic axis (log=False shows "
                             f"them); they are {s}")
        zeros = int((s == 0).sum()) if log else 0
        label = f"{name} ({zeros} zero)" if zeros else name
        shown = s[:len(s) - zeros]
        ax.plot(np.arange(1, len(shown) + 1), shown, label=label, **_style_of(i, marker=True))
        parts.append(f"{name}, {len(s)} values from {s[0]:.3g} down to {s[-1]:.3g}")
    ax.set(xlabel="number $i$", ylabel="value", yscale="log" if log else "linear")
    ax.legend()
    _ALT_TEXTS[ax] = f"Spectra on a {'logarithmic' if log else 'linear'} axis: {'; '.join(parts)}."
    return ax


def error_against_condition(kappas: ArrayLike, errors: Mapping[str, ArrayLike], *,
                            ax: "Axes | None" = None) -> "Axes":
    """Draw relative errors of several methods against the condition number, with the lines εκ and εκ².

    Parameters
    ----------
    kappas : array_like, shape (k,)
        Condition numbers, at least 1 each, k ≥ 1.
    errors : mapping from str to array_like, shape (k,)
        Relative errors ≥ 0, one sequence a method. Those below 1e-17, exact results among them, are drawn there.
    ax : matplotlib Axes, optional
        Where to draw; new axes if omitted.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    TypeError, ValueError
        If the lengths differ, there is nothing to draw, a condition number is below 1 or an error negative.

    Examples
    --------
    >>> ax = error_against_condition([1e2, 1e4], {"QR": [1e-14, 1e-12]})
    >>> alt_text(ax)
    'Relative error against condition number on logarithmic axes: QR, from 1e-14 at κ = 100 to 1e-12 at κ = 1e4.'
    """
    kappas = as_array(kappas, "kappas", 1)
    if len(kappas) == 0 or not errors or kappas.min() < 1:
        raise ValueError(f"there must be a method, and one or more condition numbers of at least 1; they are "
                         f"{kappas}")
    ax, order, parts = _axes(ax), np.argsort(kappas, kind="stable"), []
    kappas = kappas[order]
    for power, label in ((1, r"$\varepsilon\kappa$"), (2, r"$\varepsilon\kappa^2$")):
        ax.plot(kappas, np.minimum(1.0, 2.0**-53 * kappas**power), label=label, color=PALETTE["grey"],
                linestyle=(0, (1, power)), linewidth=1)
    for i, (name, values) in enumerate(errors.items()):
        values = as_array(values, name, 1)
        check_same_shape(kappas, "kappas", values, name)
        if values.min() < 0:
            raise ValueError(f"{name} must hold errors of at least 0; the smallest is {values.min()}")
        values = values[order]
        ax.plot(kappas, np.maximum(values, 1e-17), label=name, **_style_of(i, marker=True))
        first, last = (f"{values[j]:.3g} at κ = {kappas[j]:.3g}" for j in (0, -1))
        parts.append(f"{name}, from {first} to {last}".replace("e+0", "e").replace("e+", "e"))
    ax.set(xlabel=r"condition number $\kappa$", ylabel="relative error", xscale="log", yscale="log")
    ax.legend()
    _ALT_TEXTS[ax] = f"Relative error against condition number on logarithmic axes: {'; '.join(parts)}."
    return ax
