r"""How wide MathJax sets a formula in a line: the widths of its letters, and the spaces of TeX between them.

The widths are those of MathJax's fonts, in em of the formula; the spaces depend on the kinds of neighbours, by the
table in chapter 18 of Knuth's *TeXbook*. What this book does not use, such as arrays with lines, is left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, zip_longest
from string import ascii_lowercase, ascii_uppercase

_TOKEN = re.compile(r"\\(?:operatorname\*|[A-Za-z]+|.)|[^\s]", re.DOTALL)
_SCRIPT, _SCRIPT_OF_SCRIPT = 0.707, 0.5
# By how much MathJax sets a fraction, a root and a script wider than their contents, in thousandths of an em.
_FRACTION, _ROOT, _AFTER_SCRIPT = 410, 900, 70


def _commands(names: str) -> set[str]:
    return {f"\\{name}" for name in names.split()}


def _sizes(pairs: str) -> dict[str, int]:
    return {symbol: int(size) for symbol, size in (pair.rsplit(":", 1) for pair in pairs.split())}


def _alphabet(sizes: str) -> dict[str, int]:
    return dict(zip(ascii_uppercase + ascii_lowercase, map(int, sizes.split()), strict=True))


# Widths in thousandths of an em: letters of formulas, upright letters, and the rest by its kind.
_SLANTED = _alphabet(
    "750 759 715 828 738 643 786 831 440 555 849 681 970 803 763 642 791 759 613 584 683 583 944 828 581 683 "
    "529 429 433 520 466 490 477 576 345 412 521 298 878 600 485 503 446 451 469 361 572 485 716 572 490 465")
_UPRIGHT = _alphabet(
    "750 708 722 764 681 653 785 750 361 514 778 625 917 750 778 681 778 736 556 722 750 750 1028 750 750 611 "
    "500 556 444 556 444 306 500 556 278 306 528 278 833 556 500 556 528 392 394 389 556 528 722 528 528 444")
# How far a letter leans over to the right: counted in, except before an index, which moves under it.
_LEAN = _sizes(r"C:45 E:26 F:106 H:57 I:64 J:78 K:40 M:81 N:85 P:109 S:32 T:120 U:84 V:186 W:104 X:24 Y:182 Z:40 "
               r"f:60 q:14 \gamma:25 \zeta:33 \nu:36 \tau:80 \partial:35")
_ORDINARY = _sizes(
    r"\alpha:640 \beta:566 \gamma:518 \delta:444 \epsilon:406 \varepsilon:466 \zeta:438 \eta:497 \theta:469 "
    r"\kappa:576 \lambda:583 \mu:603 \nu:494 \xi:438 \pi:570 \rho:517 \varrho:517 \sigma:571 \tau:437 \phi:596 "
    r"\varphi:654 \chi:626 \psi:651 \omega:622 \Gamma:625 \Delta:833 \Theta:778 \Lambda:694 \Xi:667 \Pi:750 "
    r"\Sigma:722 \Phi:722 \Psi:778 \Omega:722 \ell:417 \nabla:833 \partial:531 \infty:1000 \top:778 \bot:778 "
    r"\emptyset:500 \forall:556 \exists:556 \cdots:1172 \dots:1172 \ldots:1172 …:1172 \vdots:278 \ddots:1282 "
    r"\|:500 \Vert:500 \vert:278 |:278 .:278 /:500 \%:833 \#:833 \&:778 \_:500 \uparrow:500")
_OPENING = _sizes(r"(:389 [:278 \{:500 \langle:389 \lVert:500 \lvert:278 \lfloor:444 \lceil:444")
_CLOSING = _sizes(r"):389 ]:278 \}:500 \rangle:389 \rVert:500 \rvert:278 \rfloor:444 \rceil:444 !:278 ?:472")
_RELATIONS = dict.fromkeys(_commands("le leq ge geq ne neq approx sim simeq cong equiv prec succ preceq succeq "
                                     "subset subseteq supset supseteq propto perp"), 778) | _sizes(
    r"=:778 <:778 >:778 ::278 \in:667 \notin:667 \ll:1000 \gg:1000 \to:1000 \mapsto:1000 \leftarrow:1000 "
    r"\rightarrow:1000 \Rightarrow:1000 \Leftrightarrow:1000 \iff:2970 \implies:2750 \mid:278 \parallel:500 "
    r"\downarrow:500")
_BINARIES = dict.fromkeys(_commands("times pm mp oslash otimes oplus odot div"), 778) | _sizes(
    r"+:778 -:778 −:778 *:500 \cdot:278 \circ:500 \setminus:500 \cap:667 \cup:667 \wedge:667 \vee:667")
_LARGE = _sizes(r"\sum:1056 \prod:944 \int:472")
_FUNCTIONS = _commands("arg cos cosh cot det dim exp gcd inf ker lim liminf limsup ln log max min Pr sin sinh sup "
                       "tan tanh")
_SPACES = {"\\,": 167, "\\;": 278, "\\:": 222, "\\!": -167, "\\ ": 250, "\\quad": 1000, "\\qquad": 2000}
_PRIME = 275
_ACCENTS = _commands("hat bar tilde vec dot ddot overline widehat widetilde underline check")
_BOLD = _commands("mathbf boldsymbol textbf")
_FONTS = _BOLD | _commands("mathrm text textrm operatorname operatorname* mathbb mathcal mathsf mathtt mathrel")
_DELIMITER = re.compile(r"\\[bB]igg?[lrm]?$")
_SILENT = {"~", *_commands("displaystyle textstyle limits nolimits")}

# Which space stands between a left and a right neighbour: o(rdinary), L(arge or named operator), b(inary),
# r(elation), ( opening, ) closing, punctuation (,) and i(nner: fractions and what \left and \right enclose).
_THIN, _MEDIUM, _THICK = 167, 222, 278
_BETWEEN = {(a, b): space for pairs, space in (
    ("oL Lo LL )L iL oi )i io i( ii i, Li ,o ,L ,r ,( ,) ,, ,i", _THIN),
    ("ob Lb )b ib bo bL b( bi", _MEDIUM),
    ("or Lr )r ir ro rL r( ri", _THICK)) for a, b in pairs.split()}
_ALWAYS = {"oL", "Lo", "LL", ")L", "iL"}  # also in scripts


@dataclass
class _Atom:
    kind: str
    size: float


class _Reader:
    """Reads one formula; `size` is the size of letters here: 1, or less in a script.

    Widths are in thousandths of an em.
    """

    def __init__(self, tex: str) -> None:
        self.tokens: list[str] = _TOKEN.findall(tex)
        self.at = 0
        self.last = ""

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def next(self) -> str:
        self.last = self.peek()
        self.at += 1
        return self.last

    def row(self, size: float, font: str, ends: tuple[str, ...] = ()) -> float:
        """Return the width of all up to one of `ends`, which is taken, or to the end of the formula."""
        atoms: list[_Atom] = []
        space = 0.0
        while (token := self.peek()) and token not in ends:
            if token in ("^", "_", "'"):
                space += self.scripts(size, font)
            elif token in _SPACES:
                space += size * _SPACES[self.next()]
            else:
                atoms += self.atoms(size, font)
        self.next()
        return space + _set(atoms, size)

    def argument(self, size: float, font: str) -> float:
        """Return the width of a group in braces, or of one symbol."""
        if self.peek() == "{":
            self.next()
            return self.row(size, font, ("}",))
        return _set(list(self.atoms(size, font)), size)

    def scripts(self, size: float, font: str) -> float:
        """Return how much a formula grows by the scripts that follow; one stands above the other."""
        inner = _SCRIPT if size == 1 else _SCRIPT_OF_SCRIPT
        widths = {"^": 0.0, "_": 0.0}
        while (token := self.peek()) in ("^", "_", "'"):
            self.next()
            if token == "'":
                widths["^"] += inner * _PRIME
            else:
                widths[token] += self.argument(inner, font)
        return max(widths.values()) + _AFTER_SCRIPT * size

    def atoms(self, size: float, font: str) -> Iterator[_Atom]:
        """Yield what the next token stands for, with its arguments."""
        token = self.next()
        if token == "{":
            yield _Atom("o", self.row(size, font, ("}",)))
        elif token in (r"\frac", r"\tfrac", r"\dfrac", r"\binom"):
            inner = size if token == r"\dfrac" else _SCRIPT if size == 1 else _SCRIPT_OF_SCRIPT
            yield _Atom("i", max(self.argument(inner, font), self.argument(inner, font)) + _FRACTION * size)
        elif token == r"\sqrt":
            if self.peek() == "[":
                self.row(_SCRIPT_OF_SCRIPT, font, ("]",))
            yield _Atom("o", self.argument(size, font) + _ROOT * size)
        elif token in _ACCENTS:
            yield _Atom("o", self.argument(size, font))
        elif token in _FONTS:
            kind = "r" if token == r"\mathrel" else "L" if "operatorname" in token else "o"
            yield _Atom(kind, self.argument(size, token))
        elif token == r"\left":
            opening = self.delimiter(size)
            inside = self.row(size, font, (r"\right",))
            yield _Atom("i", opening + inside + self.delimiter(size))
        elif _DELIMITER.match(token):
            yield _Atom({"l": "(", "r": ")", "m": "r"}.get(token[-1], "o"), self.delimiter(size))
        elif token == r"\begin":
            yield _Atom("i", self.array(size, font))
        elif token in _LARGE or token in _FUNCTIONS:
            yield _Atom("L", size * (_LARGE.get(token) or sum(_UPRIGHT[letter] for letter in token[1:])))
        elif token in _RELATIONS:
            yield _Atom("r", size * _RELATIONS[token])
        elif token in _BINARIES:
            yield _Atom("b", size * _BINARIES[token])
        elif token in (",", ";"):
            yield _Atom(",", size * 278)
        elif token not in _SILENT:
            kind = "(" if token in _OPENING else ")" if token in _CLOSING else "o"
            lean = _LEAN.get(token, 0) if font == "" and self.peek() != "_" else 0
            yield _Atom(kind, size * (_letter(token, font) + lean))

    def delimiter(self, size: float) -> float:
        token = self.next()
        return size * (120 if token == "." else _letter(token, ""))

    def array(self, size: float, font: str) -> float:
        """Return the width of an environment: that of its columns, a space between them, and its brackets."""
        name = self.name()
        if name == "array":
            self.argument(size, font)
        inner = _SCRIPT if name == "smallmatrix" else size
        rows: list[list[float]] = [[]]
        while True:
            rows[-1].append(self.row(inner, font, ("&", r"\\", r"\end")))
            if self.last == r"\\":
                rows.append([])
            elif self.last != "&":
                break
        self.name()
        columns = [max(cells) for cells in zip_longest(*rows, fillvalue=0.0)]
        between = 1000 * (len(columns) - 1) * inner * (0.4 if name == "smallmatrix" else 1)
        return sum(columns) + between + size * {"pmatrix": 1300, "bmatrix": 950, "cases": 900}.get(name, 0)

    def name(self) -> str:
        """Read the name of an environment."""
        letters = ""
        if self.next() == "{":
            while (token := self.next()) not in ("}", ""):
                letters += token
        return letters


def _letter(token: str, font: str) -> float:
    bold = 1.15 if font in _BOLD else 1
    if token.isdigit():
        return bold * 500
    if size := (_SLANTED if font == "" else _UPRIGHT).get(token):
        return bold * size
    return (_ORDINARY | _OPENING | _CLOSING).get(token, 500)


def _set(atoms: list[_Atom], size: float) -> float:
    """Return the width of atoms in a row: a binary sign is one only between two things that it can join."""
    for n, atom in enumerate(atoms):
        left = atoms[n - 1].kind if n else ""
        right = atoms[n + 1].kind if n + 1 < len(atoms) else ""
        if atom.kind == "b" and (left in ("", "b", "L", "r", "(", ",") or right in ("", "r", ")", ",")):
            atom.kind = "o"
    pairs = [a.kind + b.kind for a, b in pairwise(atoms)]
    spaces = sum(_BETWEEN.get((pair[0], pair[1]), 0) for pair in pairs if size == 1 or pair in _ALWAYS)
    return sum(atom.size for atom in atoms) + spaces * size


@cache
def width(tex: str) -> float:
    r"""Return how wide a formula in a line is set, in em of its own letters.

    Examples
    --------
    >>> round(width("x"), 2), round(width("A x = b"), 2), width("ab") < width("a + b")
    (0.57, 3.08, True)
    """
    return _Reader(tex).row(1, "") / 1000
