"""The claims of chapter 3, in the order of the book."""

from itertools import count

import autograd.numpy as anp
import numpy as np
import sympy
from autograd import elementwise_grad
from autograd import hessian as ad_hessian
from autograd import jacobian as ad_jacobian

from labkit import autodiff
from tests.claims.claim import AtMost, Equal, claim, gradient_by_differences, rate_of_change

norm = np.linalg.norm


def inner(A, B):
    return sum(float(a) * float(b) for a, b in zip(np.ravel(A), np.ravel(B), strict=True))


# --- a function as a graph ---------------------------------------------------------------------------------------

w, b, x, t, lam = sympy.symbols("w b x t lambda", real=True)
SIGMA = 1 / (1 + sympy.exp(-(w * x + b)))
MODEL = (SIGMA - t) ** 2 / 2 + lam * w**2 / 2


def at(point, *expressions):
    """Evaluate symbolic expressions at (w, b, x, t, λ), with many digits."""
    values = dict(zip((w, b, x, t, lam), map(float, point), strict=True))
    return np.array([float(e.evalf(30, subs=values)) for e in expressions])


def forward_pass(w, b, x, t, lam):
    z = w * x + b
    y = autodiff.sigmoid(z)
    L, R = (y - t) ** 2 / 2, w**2 / 2
    return z, y, L, R, L + lam * R


@claim("eq-autodiff-model", p="5 moderate")
def forward_pass_of_the_model(p):
    _, y, _, _, total = forward_pass(*p)
    return [Equal(y, at(p, SIGMA)[0], rtol=1e-12), Equal(total, at(p, MODEL)[0], rtol=1e-12, scale=1e-3)]


@forward_pass_of_the_model.mutant
def penalty_without_the_half(p):
    _, _, L, R, _ = forward_pass(*p)
    return Equal(L + p[4] * 2 * R, at(p, MODEL)[0])


@claim("eq-autodiff-chain-one", u="1 moderate")
def chain_rule_in_one_variable(u):
    left = rate_of_change(lambda v: np.sin(np.exp(v / 4)), u, np.ones(1), radius=0.5)
    return Equal(left, np.cos(np.exp(u / 4)) * np.exp(u / 4) / 4, scale=1e-3)


@chain_rule_in_one_variable.mutant
def inner_derivative_forgotten(u):
    left = rate_of_change(lambda v: np.sin(np.exp(v / 4)), u, np.ones(1), radius=0.5)
    return Equal(left, np.cos(np.exp(u / 4)))


def curve(M, s):
    """A curve in Rⁿ and its velocity."""
    k = np.arange(1.0, len(M) + 1)
    return np.sin(k * s) + M @ k * s, k * np.cos(k * s) + M @ k


def field(z):
    return anp.sum(anp.sin(z)) + z[0] * anp.sum(z) / 5


@claim("eq-autodiff-chain-many", M="n,n moderate", s="1 moderate")
def chain_rule_in_many_variables(M, s):
    point, velocity = curve(M, s[0])
    left = rate_of_change(lambda v: field(curve(M, v[0])[0]), s, np.ones(1), radius=0.02)
    partials = gradient_by_differences(field, point)
    return Equal(left, sum(p * v for p, v in zip(partials, velocity, strict=True)), scale=1 + norm(velocity) ** 2)


@chain_rule_in_many_variables.mutant
def first_variable_only(M, s):
    point, velocity = curve(M, s[0])
    left = rate_of_change(lambda v: field(curve(M, v[0])[0]), s, np.ones(1), radius=0.02)
    return Equal(left, gradient_by_differences(field, point)[0] * velocity[0], scale=1 + norm(velocity) ** 2)


@claim("eq-autodiff-chain-jacobian", A="m,n moderate", M="n,n moderate", s="1 moderate", c="m moderate")
def chain_rule_with_a_jacobian(A, M, s, c):
    point, velocity = curve(M, s[0])
    J = ad_jacobian(lambda z: anp.tanh(anp.dot(A, z)))(point)
    along = rate_of_change(lambda v: np.tanh(A @ curve(M, v[0])[0]), s, np.ones(1), radius=0.01)
    value = np.tanh(A @ point)
    back = gradient_by_differences(lambda z: np.sum(c * np.tanh(A @ z) ** 2), point)
    return [
        Equal(along, J @ velocity, scale=(1 + norm(A) * norm(velocity)) ** 2),
        Equal(back, J.T @ (2 * c * value), scale=1 + norm(A) ** 2),
    ]


@chain_rule_with_a_jacobian.mutant
def jacobian_of_the_wrong_side(A, M, s, c):
    point, _ = curve(M, s[0])
    J = ad_jacobian(lambda z: anp.tanh(anp.dot(A, z)))(point)
    back = gradient_by_differences(lambda z: np.sum(c * np.tanh(A @ z) ** 2), point)
    square = J.shape[0] == J.shape[1]
    return Equal(back, J @ (2 * c * np.tanh(A @ point)) if square else back, scale=1e-3)


# --- the backward pass -------------------------------------------------------------------------------------------


def random_program(weights):
    """Return a straight-line program of sums, products and sines as a list of (operation, parents)."""
    rng = np.random.default_rng(abs(int(1e6 * weights[0])) % 2**31)
    return [(rng.choice(["+", "*", "sin"]), *rng.integers(0, k, 2)) for k in range(len(weights), len(weights) + 9)]


def run(program, inputs, addends=None, sin=np.sin):
    """Return all values of the program; `addends` are added to the nodes."""
    values = []
    for k in range(len(inputs) + len(program)):
        if k < len(inputs):
            value = inputs[k]
        else:
            operation, i, j = program[k - len(inputs)]
            value = (
                values[i] + values[j]
                if operation == "+"
                else values[i] * values[j] / 2
                if operation == "*"
                else sin(values[i] + values[j])
            )
        values.append(value if addends is None else value + addends[k])
    return values


def children_and_slopes(program, values, inputs):
    """Yield (child, parent, partial derivative) for every arrow, a parent used twice twice."""
    for k, (operation, i, j) in enumerate(program, start=len(inputs)):
        if operation == "+":
            slopes = 1.0, 1.0
        elif operation == "*":
            slopes = values[j] / 2, values[i] / 2
        else:
            slopes = (np.cos(values[i] + values[j]),) * 2
        yield k, i, slopes[0]
        yield k, j, slopes[1]


def backward(program, inputs):
    values = run(program, inputs)
    adjoints = np.zeros(len(values))
    adjoints[-1] = 1.0
    for child, parent, slope in reversed(list(children_and_slopes(program, values, inputs))):
        adjoints[parent] += slope * adjoints[child]
    return adjoints


def vector_nodes(M, x, addends):
    """Return the nodes x, p = tanh(M x), q = p ∘ x and r = Σ sin q, each with its addend."""
    x = x + addends[0]
    p = np.tanh(M @ x) + addends[1]
    q = p * x + addends[2]
    return x, p, q, np.sum(np.sin(q)) + addends[3]


def vector_adjoints(M, x):
    """Send adjoints back by the transposes of Jacobians, which autograd finds; x has the children p and q."""
    nothing = [np.zeros(len(x))] * 3 + [0.0]
    x, p, q, _ = vector_nodes(M, x, nothing)
    q_bar = ad_jacobian(lambda q: anp.sum(anp.sin(q)))(q)
    p_bar = ad_jacobian(lambda p: p * x)(p).T @ q_bar
    x_bar = ad_jacobian(lambda x: anp.tanh(anp.dot(M, x)))(x).T @ p_bar + ad_jacobian(lambda x: p * x)(x).T @ q_bar
    return x_bar, p_bar, q_bar


def vector_adjoints_by_addends(M, x):
    def result(k, delta):
        addends = [np.zeros(len(x))] * 3 + [0.0]
        addends[k] = delta
        return vector_nodes(M, x, addends)[-1]

    return [gradient_by_differences(lambda delta, k=k: result(k, delta), np.zeros(len(x))) for k in range(3)]


@claim("eq-autodiff-backward", "thm-autodiff-backward", inputs="3 moderate", M="3,3", x="3 moderate")
def adjoints_are_sums_over_children(inputs, M, x):
    M = M / (1 + norm(M))
    program = random_program(inputs)
    size = len(inputs) + len(program)
    by_addends = gradient_by_differences(lambda d: run(program, inputs, d)[-1], np.zeros(size))
    own = autodiff.grad(lambda d: run(program, list(inputs), d)[-1])(np.zeros(size))
    scale = 1 + np.abs(by_addends).max()
    return [
        Equal(vector_adjoints(M, x), vector_adjoints_by_addends(M, x), scale=1.0),
        Equal(backward(program, inputs), by_addends, scale=scale, rtol=1e-5),
        Equal(own, by_addends, scale=scale, rtol=1e-5),
    ]


@adjoints_are_sums_over_children.mutant
def jacobian_not_transposed(inputs, M, x):
    M = M / (1 + norm(M))
    _, p_bar, q_bar = vector_adjoints(M, x)
    p = np.tanh(M @ x)
    return Equal(((1 - p**2)[:, None] * M) @ p_bar + p * q_bar, vector_adjoints_by_addends(M, x)[0], scale=1.0)


@adjoints_are_sums_over_children.mutant
def last_child_only(inputs, M, x):
    program = random_program(inputs)
    values = run(program, inputs)
    adjoints = np.zeros(len(values))
    adjoints[-1] = 1.0
    for child, parent, slope in reversed(list(children_and_slopes(program, values, inputs))):
        adjoints[parent] = slope * adjoints[child]
    by_addends = gradient_by_differences(lambda d: run(program, inputs, d)[-1], np.zeros(len(values)))
    return Equal(adjoints, by_addends, scale=1.0)


def logistic_adjoints(w, b, x, t, lam):
    _, y, *_ = forward_pass(w, b, x, t, lam)
    R_bar, L_bar = lam, 1.0
    y_bar = L_bar * (y - t)
    z_bar = y_bar * y * (1 - y)
    return z_bar * x + R_bar * w, z_bar, z_bar * w


@claim("eq-autodiff-logistic", p="5 moderate")
def backward_pass_of_the_model(p):
    exact = at(p, MODEL.diff(w), MODEL.diff(b), MODEL.diff(x))
    own = autodiff.grad(lambda q: forward_pass(*q, *p[3:])[-1])(tuple(p[:3]))
    return [Equal(logistic_adjoints(*p), exact, rtol=1e-11, scale=1.0), Equal(own, exact, rtol=1e-11, scale=1.0)]


@backward_pass_of_the_model.mutant
def path_through_the_regulariser_forgotten(p):
    by_w, by_b, by_x = logistic_adjoints(*p)
    return Equal([by_w - p[4] * p[0], by_b, by_x], at(p, MODEL.diff(w), MODEL.diff(b), MODEL.diff(x)), scale=1.0)


# --- products with the Jacobian ----------------------------------------------------------------------------------


@claim("eq-autodiff-exp", a="m,n moderate", u="m,n")
def vjp_of_the_exponential(a, u):
    J = np.diag(elementwise_grad(anp.exp)(a.ravel()))
    formed = (J.T @ u.ravel()).reshape(a.shape)
    return [Equal(formed, np.exp(a) * u, rtol=1e-12), Equal(autodiff.vjp(np.exp, a)[1](u), formed, rtol=1e-12)]


@vjp_of_the_exponential.mutant
def jacobian_of_ones(a, u):
    return Equal((np.diag(np.exp(a.ravel())).T @ u.ravel()).reshape(a.shape), u)


def layer(A):
    return lambda z: np.tanh(A @ z) * np.sum(z**2)


@claim("eq-autodiff-duality", A="m,n moderate", z="n moderate", u="m", v="n")
def jvp_and_vjp_are_adjoint(A, z, u, v):
    J = ad_jacobian(lambda z: anp.tanh(anp.dot(A, z)) * anp.sum(z**2))(z)
    forward, back = autodiff.jvp(layer(A), z, v)[1], autodiff.vjp(layer(A), z)[1](u)
    scale = (norm(J) + norm(z)) * norm(u) * norm(v)
    return [
        Equal(inner(u, forward), inner(back, v), scale=scale, rtol=1e-10),
        Equal(inner(u, J @ v), inner(J.T @ u, v), scale=scale, rtol=1e-10),
        Equal(forward, J @ v, scale=(norm(J) + norm(z)) * norm(v), rtol=1e-10),
    ]


@jvp_and_vjp_are_adjoint.mutant
def without_the_transpose(A, z, u, v):
    J = ad_jacobian(lambda z: anp.tanh(anp.dot(A, z)) * anp.sum(z**2))(z)
    square = J.shape[0] == J.shape[1]
    return Equal(inner(u, J @ v), inner(J @ u, v) if square else inner(u, J @ v))


@claim("eq-autodiff-arithmetic", a="m,n moderate", b="m,n nonzero", g="m,n")
def rules_of_arithmetic(a, b, g):
    rules = [(np.add, g, g), (np.subtract, g, -g), (np.multiply, g * b, g * a), (np.divide, g / b, -g * a / b**2)]
    parts = []
    for f, by_a, by_b in rules:
        measured = [
            gradient_by_differences(lambda z, f=f: inner(g, f(z, b)), a),
            rate_of_entries(lambda z, f=f: inner(g, f(a, z)), b),
        ]
        own = autodiff.vjp(lambda p, f=f: f(p[0], p[1]), (a, b))[1](g)
        scale = (norm(g) + 1e-12) * (1 + norm(a)) * (1 + norm(1 / b) ** 2) * (1 + norm(b))
        parts += [
            Equal(measured[0], by_a, scale=scale),
            Equal(measured[1], by_b, scale=scale),
            Equal(own[0], by_a, rtol=1e-11, scale=scale),
            Equal(own[1], by_b, rtol=1e-11, scale=scale),
        ]
    return parts


def rate_of_entries(f, X):
    """Return the gradient by differences that stay away from zeros of X."""
    result = np.zeros(X.shape)
    for index in np.ndindex(X.shape):
        E = np.zeros(X.shape)
        E[index] = 1.0
        result[index] = rate_of_change(f, X, E, radius=abs(X[index]) / 2)
    return result


@rules_of_arithmetic.mutant
def sign_of_the_denominator(a, b, g):
    return Equal(rate_of_entries(lambda z: inner(g, a / z), b), g * a / b**2, scale=1e-6)


@claim("eq-autodiff-matmul", A="m,k moderate", B="k,n moderate", G="m,n")
def rule_of_the_matrix_product(A, B, G):
    scale = (norm(A) + norm(B) + 1) * norm(G)
    own = autodiff.vjp(lambda p: p[0] @ p[1], (A, B))[1](G)
    return [
        Equal(gradient_by_differences(lambda Z: inner(G, Z @ B), A), G @ B.T, scale=scale),
        Equal(gradient_by_differences(lambda Z: inner(G, A @ Z), B), A.T @ G, scale=scale),
        Equal(own[0], G @ B.T, rtol=1e-11, scale=scale),
        Equal(own[1], A.T @ G, rtol=1e-11, scale=scale),
    ]


@rule_of_the_matrix_product.mutant
def factor_not_transposed(A, B, G):
    square = A.shape[0] == A.shape[1] == B.shape[1]
    return Equal(gradient_by_differences(lambda Z: inner(G, Z @ B), A), G @ B if square else G @ B.T, scale=1.0)


@claim("eq-autodiff-unbroadcast", A="m,n", row="n", column="m,1", G="m,n")
def broadcasting_is_undone_by_a_sum(A, row, column, G):
    repeat = np.kron(np.ones((A.shape[0], 1)), np.eye(A.shape[1]))  # the matrix of repeating a row m times
    by_row = autodiff.vjp(lambda r: A + r, row)[1](G)
    by_column = autodiff.vjp(lambda c: A + c, column)[1](G)
    scale = norm(G) * np.sqrt(G.size)
    return [
        Equal((repeat @ row).reshape(A.shape), np.broadcast_to(row, A.shape), rtol=1e-12),
        Equal(repeat.T @ G.ravel(), G.sum(axis=0), scale=scale, rtol=1e-12),
        Equal(by_row, repeat.T @ G.ravel(), scale=scale, rtol=1e-12),
        Equal(by_column, G.sum(axis=1, keepdims=True), scale=scale, rtol=1e-12),
    ]


@broadcasting_is_undone_by_a_sum.mutant
def mean_in_place_of_the_sum(A, row, column, G):
    return Equal(autodiff.vjp(lambda r: A + r, row)[1](G), G.mean(axis=0))


# --- what it costs -----------------------------------------------------------------------------------------------


class Counted:
    """A number whose additions and multiplications are counted, and which records them."""

    def __init__(self, value, program, parents=()):
        self.value, self.program, self.parents, self.adjoint = value, program, parents, 0.0
        program.nodes.append(self)

    def __add__(self, other):
        self.program.operations += 1
        return Counted(self.value + other.value, self.program, ((self, None), (other, None)))

    def __mul__(self, other):
        self.program.operations += 1
        return Counted(self.value * other.value, self.program, ((self, other.value), (other, self.value)))


class Program:
    def __init__(self):
        self.nodes, self.operations = [], 0

    def backward(self):
        """Send adjoints back; a partial derivative None is 1 and needs no multiplication."""
        self.nodes[-1].adjoint = 1.0
        for node in reversed(self.nodes):
            for parent, slope in node.parents:
                self.operations += 1 if slope is None else 2
                parent.adjoint += node.adjoint if slope is None else slope * node.adjoint


def polynomial(values, seed):
    """Combine all values by random sums and products; every one is used."""
    rng = np.random.default_rng(seed)
    values = list(values)
    while len(values) > 1:
        a, b = values.pop(rng.integers(len(values))), values.pop(rng.integers(len(values)))
        values.append(a * b if rng.random() < 0.6 else a + b)
    return values[0] * values[0] + values[0]


def counted_gradient(x):
    seed = abs(int(1e6 * x[0])) % 2**31
    program = Program()
    inputs = [Counted(float(value), program) for value in np.tile(x, 5)[: 5 * len(x)]]
    polynomial(inputs, seed)
    forward = program.operations
    program.backward()
    return [node.adjoint for node in inputs], forward, program.operations, seed


def cost_of_a_power(x, exponent=8):
    """Return the numbers of operations for a power by repeated multiplication, without and with its derivative."""
    program = Program()
    power = factor = Counted(float(x), program)
    for _ in range(exponent - 1):
        power = power * factor
    multiplications = program.operations
    program.backward()
    return multiplications, program.operations


@claim("eq-autodiff-cheap", "thm-autodiff-cheap", x="n moderate")
def gradient_costs_at_most_five_times_the_function(x):
    adjoints, forward, total, seed = counted_gradient(x)
    point = np.tile(x, 5)
    own = autodiff.grad(lambda z: polynomial([z[i] for i in range(len(point))], seed))(point)
    multiplications, with_gradient = cost_of_a_power(x[0])
    return [
        AtMost(total, 5 * forward),
        Equal(with_gradient, 5 * multiplications),  # multiplications attain the bound
        Equal(adjoints, own, rtol=1e-10),
    ]


@gradient_costs_at_most_five_times_the_function.mutant
def at_most_three_times(x):
    _, forward, total, _ = counted_gradient(x)
    return AtMost(total, 3 * forward)


@gradient_costs_at_most_five_times_the_function.mutant
def at_most_four_times_for_multiplications(x):
    multiplications, with_gradient = cost_of_a_power(x[0])
    return AtMost(with_gradient, 4 * multiplications)


@claim("eq-autodiff-columns", A="m,n moderate", z="n moderate")
def jacobian_by_columns_and_by_rows(A, z):
    exact = ad_jacobian(lambda z: anp.tanh(anp.dot(A, z)) * anp.sum(z**2))(z)
    passes = count()

    def counted(f):
        return lambda *arguments: (next(passes), f(*arguments))[1]

    forward = counted(lambda e: autodiff.jvp(layer(A), z, e)[1])
    columns = np.column_stack([forward(e) for e in np.eye(len(z))])
    n_passes = next(passes)
    back = counted(autodiff.vjp(layer(A), z)[1])
    rows = np.stack([back(e) for e in np.eye(len(A))])
    m_passes = next(passes) - n_passes - 1
    return [
        Equal(columns, exact, rtol=1e-10, scale=1.0),
        Equal(rows, exact, rtol=1e-10, scale=1.0),
        Equal([n_passes, m_passes], [A.shape[1], A.shape[0]]),
    ]


@jacobian_by_columns_and_by_rows.mutant
def passes_exchanged(A, z):
    return Equal([len(z), len(A)], [A.shape[0], A.shape[1]])


# --- second derivatives ------------------------------------------------------------------------------------------


def bumpy(z):
    return np.sum(np.sin(z)) * np.sum(z**2) + np.exp(np.sum(z) / 4)


def bumpy_for_autograd(z):
    return anp.sum(anp.sin(z)) * anp.sum(z**2) + anp.exp(anp.sum(z) / 4)


@claim("eq-autodiff-hvp", "thm-autodiff-hvp", z="n moderate", v="n")
def hessian_vector_products(z, v):
    H = ad_hessian(bumpy_for_autograd)(z)
    exact, scale = H @ v, norm(H) * norm(v)
    along = rate_of_change(autodiff.grad(bumpy), z, v, radius=0.2)
    return [
        Equal(along, exact, scale=scale),
        Equal(autodiff.hvp(bumpy, z, v), exact, scale=scale, rtol=1e-10),
        Equal(autodiff.hvp(bumpy, z, v, mode="reverse-over-reverse"), exact, scale=scale, rtol=1e-10),
    ]


@hessian_vector_products.mutant
def diagonal_of_the_hessian_only(z, v):
    H = ad_hessian(bumpy_for_autograd)(z)
    return Equal(np.diag(H) * v, H @ v, scale=norm(H) * norm(v))
