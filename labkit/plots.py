"""The figures that several chapters share, in one style that prints, projects and reads on a phone.

Matplotlib is imported inside the functions, so that `import labkit` needs numpy alone. Each function draws on the
axes it is given, or on new ones, and returns the axes. Colours are those of Okabe and Ito, which readers with any
common form of colour blindness can tell apart; line style or marker always repeats what the colour says.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from labkit._arrays import Array, as_array

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
    return ax
