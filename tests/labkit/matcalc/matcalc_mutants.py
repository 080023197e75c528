"""One-edit mutants of right lines: the mistakes that a student could make, made on purpose.

The edits work on Python's own syntax tree and share no code with labkit.matcalc.slips.
"""

import ast
import copy
import itertools

import matcalc_oracle
import numpy as np
from matcalc_variants import derivations

from labkit.matcalc import parse, symbols
from labkit.matcalc.sampling import points

NEIGHBOURS = {
    "sin": "cos",
    "cos": "sin",
    "exp": "log",
    "tanh": "sigmoid",
    "sigmoid": "tanh",
    "relu": "step",
    "step": "relu",
    "sqrt": "abs",
    "cosh": "sinh",
    "log": "exp",
    "softmax": "log_softmax",
}


def _chain(node, op):
    """Return the factors of a product (or the terms of a sum), with the signs of the terms."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, op):
        return [*_chain(node.left, op), node.right]
    return [node]


def _join(nodes, op):
    out = nodes[0]
    for node in nodes[1:]:
        out = ast.BinOp(out, op(), node)
    return out


def edits(node, letters):
    """Yield (kind, replacement) for one node."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        chain = _chain(node, ast.MatMult)
        for i in range(len(chain) - 1):
            yield "swap", _join([*chain[:i], chain[i + 1], chain[i], *chain[i + 2 :]], ast.MatMult)
        for i in range(len(chain)):
            yield "lose factor", _join(chain[:i] + chain[i + 1 :], ast.MatMult)
        yield "@ to *", ast.BinOp(node.left, ast.Mult(), node.right)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        yield "* to @", ast.BinOp(node.left, ast.MatMult(), node.right)
        yield "lose factor", node.left
        yield "lose factor", node.right
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        yield "lose denominator", node.left
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        yield "sign", ast.BinOp(node.left, ast.Sub() if isinstance(node.op, ast.Add) else ast.Add(), node.right)
        yield "lose term", node.left
        yield "lose term", node.right
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        yield "lose power", node.left
    if isinstance(node, ast.UnaryOp):
        yield "sign", node.operand
    if isinstance(node, ast.Attribute):
        yield "drop transpose", node.value
    if isinstance(node, ast.Name) and node.id not in matcalc_oracle.NAMESPACE:
        yield "add transpose", ast.Attribute(node, "T")
        for other in letters.get(node.id, ()):
            yield "letter", ast.Name(other)
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield "number", ast.Constant(node.value + 1)
        yield "number", ast.Constant(2 * node.value)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id == "inv":
            yield "lose inverse", node.args[0]
        if node.func.id in NEIGHBOURS:
            yield "function", ast.Call(ast.Name(NEIGHBOURS[node.func.id]), node.args, [])


def mutants_of(source, letters):
    """Yield (kind, text) for every one-edit mutant of a right-hand side."""
    tree = ast.parse(source, mode="eval")
    yield "sign", f"-({source})"
    yield "factor 2", f"2 * ({source})"
    yield "transpose all", f"({source}).T"
    for index, node in enumerate(ast.walk(tree)):
        for which in itertools.count():
            fresh = copy.deepcopy(tree)
            target = list(ast.walk(fresh))[index]
            found = next(itertools.islice(edits(target, letters), which, None), None)
            if found is None:
                break
            kind, new = found
            yield kind, ast.unparse(_Replace(target, new).visit(fresh))
        del node


class _Replace(ast.NodeTransformer):
    def __init__(self, old, new):
        self.old, self.new = old, new

    def visit(self, node):
        return self.new if node is self.old else self.generic_visit(node)


def really_different(right, mutant, probes):
    """Whether the oracle finds another value (or another shape, or none) for the mutant."""
    for point in probes:
        a = np.asarray(matcalc_oracle.value(right, point))
        try:
            with np.errstate(all="ignore"):
                b = np.asarray(matcalc_oracle.value(mutant, point))
        except (ValueError, TypeError, IndexError, np.linalg.LinAlgError) as error:
            # A number is a 1×1 matrix on paper, where 2 @ A means 2 A; only numpy refuses it.
            return "enough dimensions" not in str(error) and "unsupported operand" not in str(error)
        if a.squeeze().shape != b.squeeze().shape or not np.isfinite(b).all():
            return True
        if np.abs(a.squeeze() - b.squeeze()).max() > 1e-6 * max(np.abs(a).max(), np.abs(b).max()):
            return True
    return False


def pool(seed):
    """Yield (function, variable, declarations, right lines before, left, mutant, kind) in a random order."""
    rng = np.random.default_rng(seed)
    everything = []
    for function, variable, declarations, lines in derivations():
        declared = {s.data[0]: s for s in symbols(declarations)}
        letters = {
            n: [m for m in declared if m != n and declared[m].shape == s.shape] for n, s in declared.items()
        }
        probes = list(
            points([parse(function, declared), parse(f"tr(d{variable} @ d{variable}.T)", declared)], 4, rng)
        )
        for i, line in enumerate(lines):
            left, right = (s.strip() for s in line.split("=", 1))
            if left == "f" or "d(" in right.replace("and(", "") or "polar" in right:
                continue
            for kind, mutant in mutants_of(right, letters):
                if mutant.replace(" ", "") != right.replace(" ", ""):
                    everything.append(
                        (function, variable, declarations, lines[:i], left, right, mutant, kind, probes)
                    )
    for k in rng.permutation(len(everything)):
        *case, probes = everything[k]
        if really_different(case[5], case[6], probes):
            yield case
