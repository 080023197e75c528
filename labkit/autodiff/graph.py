"""Pictures of small computational graphs, with values and adjoints, that a screen reader reads too."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from labkit.autodiff.trace import Tape, Traced, raw
from labkit.autodiff.transform import evaluate, floating

_INFIX = {"add": " + ", "subtract": " − ", "multiply": " · ", "divide": " / ", "power": "^", "matmul": " @ "}


@dataclass(frozen=True)
class Graph:
    """A drawn graph: the lines of the forward pass, those of the backward pass, and the picture as SVG."""

    forward: tuple[str, ...]
    backward: tuple[str, ...]
    svg: str

    def __str__(self) -> str:
        return "\n".join(("Forward pass", *self.forward, "Backward pass", *self.backward))

    def _repr_html_(self) -> str:
        return self.svg


def named(value: Any, name: str) -> Any:
    """Return `value`, which from here on has this name in pictures."""
    if type(value) is Traced and isinstance(value.tracer, Tape):
        value.tracer.names[value.mark] = name
    return value


def draw(f: Callable[..., Any], *args: Any) -> Graph:
    """Run `f`, which returns one number, forwards and backwards at `args`, and draw what happened.

    Its parameters name the inputs; `named` names what is between. Arrays are shown by their shapes, Jacobians of
    arrays by J. Errors are those of `grad`; ValueError also if the value does not depend on the inputs.

    >>> print(draw(lambda w: 0.5 * (w - 3.0) ** 2 + w, 1.0))
    Forward pass
    w = 1
    v1 = w − 3 = −2
    v2 = v1^2 = 4
    v3 = 0.5 · v2 = 2
    v4 = v3 + w = 3
    Backward pass
    v̄4 = 1
    v̄3 = v̄4 · 1 = 1
    v̄2 = v̄3 · 0.5 = 0.5
    v̄1 = v̄2 · −4 = −2
    w̄ = v̄1 · 1 + v̄4 · 1 = −1
    """
    tape = Tape(keep=True)
    inputs = [tape.watch(floating(a, "an argument")) for a in args]
    tape.names |= dict(enumerate(list(inspect.signature(f).parameters)[:len(args)]))
    out = evaluate(lambda xs: f(*xs), list(args), inputs, tape)[0]
    if not (type(out) is Traced and out.tracer is tape and out.shape == ()):
        raise ValueError("draw needs a function whose value is one number that depends on its inputs")
    adjoints = tape.backward([(out.mark, np.float64(1.0))])
    nodes = [i for i, g in enumerate(adjoints) if g is not None]
    for n, i in enumerate((i for i in nodes if i not in tape.names), 1):
        tape.names[i] = f"v{n}"
    forward, terms = [], {i: [] for i in nodes}
    for i in nodes:
        forward.append(_forward_line(tape, i, inputs))
        for k, j in tape.records[i][4].items() if tape.records[i] else ():
            terms[j].append(f"{_bar(tape.names[i])} · {_local_derivative(tape.records[i], k)}")
    backward = [" = ".join((_bar(tape.names[i]), *filter(None, [" + ".join(terms[i])]), _number(adjoints[i])))
                for i in nodes]
    return Graph(tuple(forward), tuple(reversed(backward)), _svg(tape, nodes, forward, backward))


def _number(x: Any) -> str:
    x = raw(x)
    return f"{float(x):.4g}".replace("-", "−") if np.ndim(x) == 0 else f"[{'×'.join(map(str, x.shape))}]"


def _bar(name: str) -> str:
    return f"{name[0]}\u0304{name[1:]}"


def _forward_line(tape: Tape, i: int, inputs: list[Traced]) -> str:
    if not tape.records[i]:
        return f"{tape.names[i]} = {_number(inputs[i])}"
    primitive, value, args, _, parents = tape.records[i]
    words = [tape.names[parents[k]] if k in parents else _number(a) for k, a in enumerate(args)]
    formula = _INFIX.get(primitive.name, ", ").join(words)
    if primitive.name not in _INFIX:
        formula = f"{primitive.name}({formula})"
    return f"{tape.names[i]} = {formula} = {_number(value)}"


def _local_derivative(record: tuple, k: int) -> str:
    primitive, value, args, options, _ = record
    scalar = np.ndim(value) == 0 and np.ndim(args[k]) == 0
    return _number(primitive.vjp(k)(np.float64(1.0), value, *args, **options)) if scalar else "J"


def _svg(tape: Tape, nodes: list[int], forward: list[str], backward: list[str]) -> str:
    """Draw one row for each node, an arc from each parent, the forward line, and the backward line beside it."""
    row = {i: 52 + 28 * n for n, i in enumerate(nodes)}
    second = 140 + 7.5 * max(map(len, forward))
    wide, high = second + 7.5 * max(map(len, backward)), row[nodes[-1]] + 24
    parts = [_text(100, 22, "forward pass ↓"), _text(second, 22, "backward pass ↑")]
    for i, ahead, back in zip(nodes, forward, backward, strict=True):
        for j in sorted(set(tape.records[i][4].values()) if tape.records[i] else ()):
            bend = 70 - min(66, (row[i] - row[j] - 28) / 2)
            parts.append(f'<path d="M84 {row[j]} C{bend:.0f} {row[j]} {bend:.0f} {row[i]} 80 {row[i]}" '
                         'marker-end="url(#labkit-arrow)"/>')
        parts += [f'<circle cx="86" cy="{row[i]}" r="4" fill="currentColor"/>',
                  _text(100, row[i] + 4, ahead), _text(second, row[i] + 4, back)]
    text = ". ".join(("Forward pass", *forward, "Backward pass", *reversed(backward)))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {wide:.0f} {high}" fill="none" '
            f'stroke="currentColor" style="width: 100%; min-width: {0.9 * wide:.0f}px; max-width: {wide:.0f}px; '
            'font: 12px monospace">'
            f'<title>Computational graph of {escape(tape.names[nodes[-1]])}</title><desc>{escape(text)}.</desc>'
            '<marker id="labkit-arrow" markerWidth="8" markerHeight="8" refX="6" refY="3" orient="auto">'
            f'<path d="M0 0 L6 3 L0 6 Z" fill="currentColor"/></marker>{"".join(parts)}</svg>')


def _text(x: float, y: float, text: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="currentColor" stroke="none">{escape(text)}</text>'
