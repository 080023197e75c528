"""Reading expressions typed as text. Nothing is evaluated: only the listed kinds of syntax are understood.

Text becomes a plain tree of tuples first, (operation, parts…), with no shapes; building it into an expression
checks them. The checker looks for slips by changing the plain tree, even that of a line whose shapes are wrong.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from itertools import accumulate

from labkit.matcalc import expressions as ex
from labkit.matcalc.expressions import FUNCTIONS, Expr
from labkit.matcalc.rules import d

Tree = tuple
LONGEST, DEEPEST = 2000, 60
OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@", ast.Pow: "**"}


def symbols(declarations: str) -> tuple[Expr, ...]:
    """Return the declared matrices, vectors and scalars, in their order.

    Parameters
    ----------
    declarations : str
        Separated by semicolons: ``name: rows,cols`` for a matrix, ``name: rows`` for a column, ``name: scalar``;
        after the sizes one of ``symmetric``, ``spd`` (symmetric positive definite), ``positive`` (every entry),
        ``onehot`` or ``probability`` (entries ≥ 0 that sum to one). A size is a name or a whole number.

    Raises
    ------
    ValueError
        If a declaration cannot be read, or a name means something else already.

    Examples
    --------
    >>> A, x = symbols("A: m,n; x: n")
    >>> (A @ x).shape
    ('m', '1')
    >>> x @ A
    Traceback (most recent call last):
        ...
    labkit.matcalc.expressions.ShapeError: cannot multiply x (n×1) by A (m×n): inner sizes 1 and m differ
    """
    found: dict[str, Expr] = {}
    for part in filter(str.strip, declarations.split(";")):
        name, colon, rest = (s.strip() for s in part.partition(":"))
        words = rest.replace(",", " ").split()
        structure = words.pop() if words and words[-1] in ex.STRUCTURES else ""
        sizes = [] if words == ["scalar"] else words
        if not (colon and name.isidentifier() and words and len(sizes) <= 2 and all(
                n.isidentifier() or (n.isdigit() and int(n) > 0) for n in sizes)):
            raise ValueError(f"cannot read the declaration {part.strip()!r}; write 'A: m,n', 'x: n', 't: scalar', "
                             f"then, if need be, {', '.join(ex.STRUCTURES[1:])}")
        if name in found or name in FUNCTIONS or name == "d":
            raise ValueError(f"the name {name} is declared twice or means a function already")
        found[name] = ex.symbol(name, *sizes, *["1"] * (2 - len(sizes)), structure)
    for name in found:
        if any(name in s.shape for s in found.values()) or (name[0] == "d" and name[1:] in found):
            raise ValueError(f"the name {name} is also the name of a size or of a differential")
    return tuple(found.values())


def parse(source: str, declarations: str | Mapping[str, Expr]) -> Expr:
    """Read an expression in numpy's syntax.

    Parameters
    ----------
    source : str
        For example ``"tr(A @ inv(X)) + norm(X @ w - y)**2 / n"``. Names are the declared symbols, sizes (as
        scalars) and the functions in `labkit.matcalc.expressions.FUNCTIONS`, with or without ``np.`` in front.
        ``dX`` is the differential of X.
    declarations : str or mapping
        As for `symbols`, or names with their symbols.

    Raises
    ------
    SyntaxError
        If the text is not an expression of this kind.
    ShapeError
        If shapes do not fit; the message names both sides.

    Examples
    --------
    >>> parse("tr(A.T @ X)", "A: m,n; X: m,n")
    tr(A.T @ X)
    """
    if isinstance(declarations, str):
        declarations = {s.data[0]: s for s in symbols(declarations)}
    return build(read(source), declarations)


def read(source: str) -> Tree:
    """Return the plain tree of a text; raise SyntaxError with what was not understood."""
    source = source.strip()
    open_brackets = accumulate((c in "([") - (c in ")]") for c in source)
    if len(source) > LONGEST or max(open_brackets, default=0) > DEEPEST:
        raise SyntaxError(f"it is longer than {LONGEST} characters or nested deeper than {DEEPEST}")
    try:
        tree = _read(ast.parse(source, mode="eval").body)
        if _depth(tree) > 2 * DEEPEST:
            raise SyntaxError("too many operations stand inside each other")
        return tree
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise SyntaxError(f"{source!r}: {getattr(error, 'msg', None) or error}") from error


def _depth(tree: Tree) -> int:
    return 1 + max((_depth(part) for part in tree if isinstance(part, tuple)), default=0)


def _read(node: ast.AST) -> Tree:
    match node:
        case ast.Name(id=name):
            return ("name", name)
        case ast.Constant(value=int() | float() as c) if not isinstance(c, bool) and abs(c) <= 1e15:
            return ("number", Fraction(str(c)))
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as op):
            return ("neg", _read(node.operand)) if isinstance(op, ast.USub) else _read(node.operand)
        case ast.BinOp(op=op) if type(op) in OPERATORS:
            return _operation(OPERATORS[type(op)], _read(node.left), _read(node.right))
        case ast.Attribute(value=value, attr="T"):
            return ("T", _read(value))
        case ast.Call(func=function, args=[first, ast.Constant(value=str(word))], keywords=[]):
            return ("call", _function(function), _read(first), ("word", word))
        case ast.Call(func=function, args=args, keywords=[]):
            return ("call", _function(function), *map(_read, args))
    raise SyntaxError(f"{ast.unparse(node)!r} is not used in these expressions")


def _operation(sign: str, a: Tree, b: Tree) -> Tree:
    """Return the tree of a binary operation: differences as sums, sums and products flat from the left."""
    if sign == "-":
        sign, b = "+", ("neg", b)
    if sign == "/" and a[0] == b[0] == "number" and b[1]:
        return ("number", a[1] / b[1])
    return (*a, b) if sign == a[0] in ("+", "@", "*") else (sign, a, b)


def _function(node: ast.AST) -> str:
    name = ast.unparse(node).removeprefix("np.").removeprefix("numpy.").removeprefix("linalg.")
    if name not in FUNCTIONS and name != "d":
        raise SyntaxError(f"there is no function {name!r} here; there are {', '.join(sorted(FUNCTIONS))}")
    return name


def build(tree: Tree, declared: Mapping[str, Expr]) -> Expr:
    """Return the expression that a plain tree stands for; raise ShapeError where shapes do not fit."""
    op, *parts = tree
    if op == "number":
        return ex.number(parts[0])
    if op == "name":
        return _look_up(parts[0], declared)
    if op == "call":
        return _call(*parts, declared=declared)
    return OPERATIONS[op](*(build(p, declared) for p in parts))


def _sum(*terms: Expr) -> Expr:
    """Return the sum; a bare number beside a matrix stands for that number in every entry, as in numpy."""
    shape = next((t.shape for t in terms if t.op != "number"), ex.SCALAR)
    return ex.add(*(ex.lift(t.data, shape) if t.op == "number" else t for t in terms))


def _power(base: Expr, exponent: Expr) -> Expr:
    if exponent.op != "number":
        raise SyntaxError(f"the exponent must be a number, not {exponent!r}")
    return base ** exponent.data


OPERATIONS: dict[str, Callable[..., Expr]] = {
    "T": ex.transpose, "neg": operator.neg, "@": ex.matmul, "/": operator.truediv, "**": _power, "+": _sum,
    "*": lambda *factors: reduce(operator.mul, factors),
}


def _look_up(name: str, declared: Mapping[str, Expr]) -> Expr:
    if name in declared:
        return declared[name]
    if name[0] == "d" and name[1:] in declared:
        return ex.differential(s, s) if (s := declared[name[1:]]) == declared.get("*wrt", s) else 0 * s
    if any(name in s.shape for s in declared.values()):
        return ex.size(name)
    raise SyntaxError(f"{name} is not declared; declared are {', '.join(n for n in declared if n.isidentifier())}")


def _size(tree: Tree, declared: Mapping[str, Expr]) -> str:
    e = build(tree, declared)
    if e.op != "size" and not (e.op == "number" and e.data > 0 and e.data.denominator == 1):
        raise SyntaxError(f"{e!r} is not a size")
    return str(e.data)


def _call(name: str, *parts: Tree, declared: Mapping[str, Expr]) -> Expr:
    try:
        if name in ("ones", "zeros", "eye"):
            return FUNCTIONS[name](*(_size(p, declared) for p in parts))
        args = [p[1] if p[0] == "word" else build(p, declared) for p in parts]
        if name == "norm" and len(args) == 2 and isinstance(args[1], Expr):
            args[1] = args[1].data
        return d(*args, declared["*wrt"]) if name == "d" else FUNCTIONS[name](*args)
    except (TypeError, KeyError) as error:
        raise SyntaxError(f"{name} cannot take these {len(parts)} arguments here") from error
