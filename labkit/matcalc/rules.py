"""The rules of matrix differentials, written as the mathematics is written.

Each rule says what d(expression) is in terms of the d of its parts. That is all the calculus there is in this
package: everything else is bookkeeping. In a rule, ``d`` is the differential, ``*`` the Hadamard product (or
scalar times matrix), ``@`` the matrix product. The rules of source L, section 2.1.1, Jacobi's formula, and norms.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from labkit.matcalc import expressions as ex
from labkit.matcalc.expressions import Expr, add, det, diag, inner, inv, matmul, norm, ones, tr, zeros

Differential = Callable[[Expr], Expr]


class Rule(NamedTuple):
    """A rule: its name, its formula in LaTeX, and the function that applies it to the arguments of a node."""

    name: str
    formula: str
    apply: Callable[..., Expr]


exp, log, sin, cos, tan, sinh, cosh, tanh, arctan, sigmoid, softplus, relu, sqrt, absolute, sign, step = (
    partial(ex.elementwise, name) for name in ex.ELEMENTWISE)
softmax, polar, dyad = ex.softmax, ex.polar, ex.dyad


def product(d: Differential, *factors: Expr) -> Expr:
    """d(A B C) = dA B C + A dB C + A B dC."""
    return add(*(matmul(*factors[:i], d(f), *factors[i + 1:])
                 for i, f in enumerate(factors)))


# Element by element, d σ(U) = σ'(U) ∘ dU.
FUNCTION_RULES: dict[str, Callable[[Expr, Expr], Expr]] = {
    "exp": lambda U, dU: exp(U) * dU,
    "log": lambda U, dU: dU / U,
    "sin": lambda U, dU: cos(U) * dU,
    "cos": lambda U, dU: -sin(U) * dU,
    "tan": lambda U, dU: (1 + tan(U)**2) * dU,
    "sinh": lambda U, dU: cosh(U) * dU,
    "cosh": lambda U, dU: sinh(U) * dU,
    "tanh": lambda U, dU: (1 - tanh(U)**2) * dU,
    "arctan": lambda U, dU: dU / (1 + U**2),
    "sigmoid": lambda U, dU: (sigmoid(U) * (1 - sigmoid(U))) * dU,
    "softplus": lambda U, dU: sigmoid(U) * dU,
    "relu": lambda U, dU: step(U) * dU,
    "sqrt": lambda U, dU: dU / (2 * sqrt(U)),
    "abs": lambda U, dU: sign(U) * dU,
    **dict.fromkeys(("sign", "step"), lambda U, dU: zeros(*U.shape)),
}

NORM_RULES: dict[str, Callable[[Expr, Expr], Expr]] = {
    **dict.fromkeys(("two", "fro"), lambda X, dX: inner(X, dX) / norm(X)),
    "nuc": lambda X, dX: inner(polar(X), dX),
    "spectral": lambda X, dX: inner(dyad(X), dX),
}

RULES: dict[str, Rule] = {
    # Linear: d passes through.
    "add": Rule("sum", r"d(A + B) = dA + dB", lambda d, *terms: add(*map(d, terms))),
    "T": Rule("transpose", r"d(A^\top) = (dA)^\top", lambda d, A: d(A).T),
    "tr": Rule("trace", r"d\,\mathrm{tr}\,A = \mathrm{tr}\,dA", lambda d, A: tr(d(A))),
    "diag": Rule("diagonal", r"d\,\mathrm{diag}(A) = \mathrm{diag}(dA)", lambda d, a: diag(d(a))),
    "diagonal": Rule("diagonal", r"d\,\mathrm{diag}(A) = \mathrm{diag}(dA)", lambda d, A: diag(d(A))),
    # Products and quotients.
    "mul": Rule("product", r"d(AB) = dA\,B + A\,dB", product),
    "had": Rule("Hadamard product", r"d(A \circ B) = dA \circ B + A \circ dB",
                lambda d, A, B: d(A) * B + A * d(B)),
    "scale": Rule("scalar times matrix", r"d(\varphi A) = d\varphi\,A + \varphi\,dA",
                  lambda d, phi, A: d(phi) * A + phi * d(A)),
    "div": Rule("quotient", r"d(A/\varphi) = dA/\varphi - A\,d\varphi/\varphi^2",
                lambda d, A, phi: d(A) / phi - (A * d(phi)) / phi**2),
    "inv": Rule("inverse", r"d(A^{-1}) = -A^{-1}\,dA\,A^{-1}, \text{ from } d(AA^{-1}) = dI = 0",
                lambda d, A: -(inv(A) @ d(A) @ inv(A))),
    # Scalars of a matrix.
    "det": Rule("Jacobi's formula", r"d\det A = \det A\;\mathrm{tr}(A^{-1} dA)",
                lambda d, A: det(A) * tr(inv(A) @ d(A))),
    "logdet": Rule("log-determinant", r"d\log\det A = \mathrm{tr}(A^{-1} dA)", lambda d, A: tr(inv(A) @ d(A))),
    "norm²": Rule("squared norm", r"d\|A\|^2 = 2\,\mathrm{tr}(A^\top dA)", lambda d, A: 2 * inner(A, d(A))),
    # Soft maxima of a vector.
    "logsumexp": Rule("log-sum-exp", r"d\,\mathrm{logsumexp}(a) = \langle\mathrm{softmax}(a), da\rangle",
                      lambda d, a: inner(softmax(a), d(a))),
    "softmax": Rule("softmax", r"ds = s \circ da - \langle s, da\rangle\,s,\ s = \mathrm{softmax}(a)",
                    lambda d, a: softmax(a) * d(a) - inner(softmax(a), d(a)) * softmax(a)),
    "log_softmax": Rule("log-softmax", r"d\log s = da - \langle s, da\rangle\,1,\ s = \mathrm{softmax}(a)",
                        lambda d, a: d(a) - inner(softmax(a), d(a)) * ones(*a.shape)),
}

# What must hold where a derivation passes: the domain of each operation, and where it has no derivative.
CONDITIONS: dict[str, str] = {
    "inv": "{} invertible", "det": "{} invertible (Jacobi's formula with the inverse)", "logdet": "det {} > 0",
    "log": "{} > 0", "sqrt": "{} > 0", "abs": "no entry of {} zero (kink)",
    "relu": "no entry of {} zero (kink)", "sign": "no entry of {} zero (jump)",
    "step": "no entry of {} zero (jump)", "tan": "cos {} ≠ 0", "two": "{} ≠ 0 (kink)", "fro": "{} ≠ 0 (kink)",
    "nuc": "{} of full rank (kink elsewhere)", "spectral": "largest singular value of {} simple (kink elsewhere)",
}


def rule_for(e: Expr) -> Rule:
    """Return the rule that differentiates the topmost operation of `e`; raise ValueError if there is none."""
    if e.op == "fn":
        f = FUNCTION_RULES[e.data]
        return Rule("element-wise function", r"d\sigma(U) = \sigma'(U) \circ dU", lambda d, U: f(U, d(U)))
    if e.op == "norm":
        g = NORM_RULES[e.data]
        return Rule("norm", r"d\|A\| = \mathrm{tr}(N^\top dA),\ N = \nabla\|A\|", lambda d, A: g(A, d(A)))
    if e.op == "pow" and e.data == 2 and e.args[0].op == "norm" and e.args[0].data in ("two", "fro"):
        return RULES["norm²"]._replace(apply=lambda d, n: RULES["norm²"].apply(d, n.args[0]))
    if e.op == "pow":
        k = e.data
        return Rule("power", r"d(u^k) = k\,u^{k-1}\,du", lambda d, u: (k * u**(k - 1)) * d(u))
    if e.op not in RULES:
        raise ValueError(f"no rule here differentiates {e.op} ({e!r}): it has no formula in these operations")
    return RULES[e.op]


def is_linear(e: Expr, name: str) -> bool:
    """Whether d passes straight through: a linear operation, or a product with one factor that varies."""
    if e.op in ("mul", "had", "scale"):
        return sum(name in a.names for a in e.args) == 1
    return e.op in ("add", "T", "tr", "diag", "diagonal") or (e.op == "div" and name not in e.args[1].names)


def d(e: Expr, wrt: Expr) -> Expr:
    """Return d(e): zero for a constant, worked out through all that is linear, left standing at the next idea."""
    if wrt.data[0] not in e.names:
        return zeros(*e.shape)
    if e == wrt or not is_linear(e, wrt.data[0]):
        return ex.differential(e, wrt)
    return rule_for(e).apply(lambda part: d(part, wrt), *e.args)


def pending(e: Expr, wrt: Expr) -> Iterator[Expr]:
    """Yield the differentials in `e` that a rule still has to work out, from left to right."""
    if e.op == "d":
        if e.args[0] != wrt:
            yield e
    elif "d" + wrt.data[0] in e.names:
        for a in e.args:
            yield from pending(a, wrt)


def rebuild(e: Expr, change: Callable[[Expr], Expr | None]) -> Expr:
    """Return `e` with every node for which `change` gives an expression replaced by it, from the top down."""
    new = change(e)
    if new is not None or not e.args or e.op == "d":
        return e if new is None else new
    args = tuple(rebuild(a, change) for a in e.args)
    return e if args == e.args else ex.make(e, args)


def work_out(e: Expr, wrt: Expr, only: str | None = None) -> Expr:
    """Apply the rules to all pending differentials in `e`, or to those alone whose rule has the name `only`."""
    def change(node: Expr) -> Expr | None:
        if node.op != "d" or node.args[0] == wrt:
            return None
        rule = rule_for(node.args[0])
        if only is not None and rule.name != only:
            return None
        done = rule.apply(lambda part: d(part, wrt), *node.args[0].args)
        return done if only else work_out(done, wrt)
    return rebuild(e, change) if not ex.is_zero(e) else e
