"""Random scalar functions of a matrix or a vector, as text: the raw material of several tests."""

import re

import numpy as np

DECLARATIONS = (
    "A: m,n; B: n,p; C: n,n; D: m,m; S: n,n symmetric; P: n,n spd; X: {X}; Y: m,n; "
    "a: m; b: n; c: n; u: p; x: n; t: scalar; r: scalar positive"
)
NAMES = {
    ("m", "n"): "AY",
    ("n", "p"): "B",
    ("n", "n"): "CSP",
    ("m", "m"): "D",
    ("m", "1"): "a",
    ("n", "1"): "bcx",
    ("p", "1"): "u",
    ("1", "1"): "tr",
}
SIZES = ("m", "n", "p")
FUNCTIONS = ("exp", "sin", "cos", "tanh", "sigmoid", "softplus", "arctan", "relu", "abs", "sqrt", "log")


class Writer:
    """Writes random expressions of a wanted shape in which the variable is likely to occur."""

    def __init__(self, rng: np.random.Generator, variable: str, shape: tuple[str, str]) -> None:
        self.rng, self.variable, self.shape = rng, variable, shape

    def leaf(self, rows: str, cols: str) -> str:
        names = [n for n in NAMES.get((rows, cols), "") if n != self.variable]
        if (rows, cols) == self.shape and (not names or self.rng.random() < 0.6):
            return self.variable
        if (cols, rows) == self.shape and rows != cols and self.rng.random() < 0.5:
            return f"{self.variable}.T"
        if names:
            return str(self.rng.choice(names))
        flipped = [n for n in NAMES.get((cols, rows), "") if n != self.variable]
        if flipped:
            return f"{self.rng.choice(flipped)}.T"
        return f"ones({rows}, {cols})"

    def write(self, rows: str, cols: str, depth: int) -> str:
        if depth <= 0:
            return self.leaf(rows, cols)
        if (rows, cols) == ("1", "1"):
            return self.scalar(depth)
        kind = self.rng.choice(["@", "@", "@", "+", "*", "T", "fn", "scale", "/", "**", "special"])
        again = lambda r=rows, c=cols: self.write(r, c, depth - 1)  # noqa: E731
        if kind == "@":
            k = str(self.rng.choice(SIZES))
            return f"({again(rows, k)} @ {again(k, cols)})"
        if kind == "+":
            return f"({again()} {self.rng.choice(['+', '-'])} {again()})"
        if kind == "*":
            return f"({again()} * {again()})"
        if kind == "T":
            return f"({again(cols, rows)}).T"
        if kind == "fn":
            name = str(self.rng.choice(FUNCTIONS))
            inside = f"1 + ({again()})**2" if name in ("sqrt", "log") else again()
            return f"{name}({inside})"
        if kind == "scale":
            return f"({self.rng.choice(['2', '-3', '1/2', 't', 'r'])} * {again()})"
        if kind == "/":
            return f"({again()} / (2 + ({again()})**2))" if self.rng.random() < 0.5 else f"({again()} / r)"
        if kind == "**":
            return f"({again()})**{self.rng.integers(2, 4)}"
        if rows == cols:
            return str(
                self.rng.choice(
                    [f"inv({again()} + 3 * eye({rows}))", f"inv({again()})", f"diag({again(rows, '1')})"]
                )
            )
        if cols == "1":
            return str(
                self.rng.choice([f"softmax({again()})", f"log_softmax({again()})", f"diag({again(rows, rows)})"])
            )
        return again()

    def scalar(self, depth: int) -> str:
        n, k = (str(s) for s in self.rng.choice(SIZES, 2))
        matrix = lambda r=n, c=k: self.write(r, c, depth - 1)  # noqa: E731
        kind = self.rng.integers(13)
        if kind == 0:
            return f"({self.scalar(depth - 1)} + {self.scalar(depth - 1)})" if depth > 1 else f"tr({matrix(n, n)})"
        if kind == 1:
            return f"({self.scalar(depth - 1)} * {self.scalar(depth - 1)})" if depth > 1 else f"sum({matrix()})"
        forms = {
            2: lambda: f"tr({matrix(n, n)})",
            3: lambda: f"tr({matrix(n, n)})",
            4: lambda: f"sum({matrix()})",
            5: lambda: f"inner({matrix()}, {matrix()})",
            6: lambda: f"norm({matrix()})**2",
            7: lambda: f"logsumexp({matrix(n, '1')})",
            8: lambda: f"({matrix(n, '1')}).T @ {matrix(n, '1')}",
            9: lambda: self.log_determinant(n, k, depth),
            10: lambda: f"norm({matrix()})",
            11: lambda: f"det({matrix(n, n)} + 3 * eye({n}))",
            12: lambda: f"exp(-norm({matrix(n, '1')})**2)",
        }
        return forms[int(kind)]()

    def log_determinant(self, n: str, k: str, depth: int) -> str:
        M = self.write(n, k, depth - 1)
        return f"logdet({M} @ ({M}).T + r * eye({n}))"


def random_function(seed: int) -> tuple[str, str, str]:
    """Return (function, variable, declarations) for a seed."""
    rng = np.random.default_rng(seed)
    shapes = [("m", "n"), ("n", "n"), ("n", "p")]
    variable, shape = ("x", ("n", "1")) if rng.random() < 0.35 else ("X", shapes[rng.integers(3)])
    structure = " symmetric" if shape == ("n", "n") and rng.random() < 0.25 else ""
    declarations = DECLARATIONS.format(X=f"{shape[0]},{shape[1]}{structure}" if variable == "X" else "m,n")
    writer, depth = Writer(rng, variable, shape), int(rng.integers(2, 4))
    while True:
        function = writer.write("1", "1", depth)
        if re.search(rf"\b{variable}\b", function) and len(function) < 160:
            return function, variable, declarations
