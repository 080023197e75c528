"""Every primitive: both modes to second order against differences, and gradients against HIPS autograd.

A case is a function of (xp, x) where xp is numpy or autograd's numpy. Second order is asked of all four ways to
nest the modes. Agreement with autograd is to 1e-12 of the largest entry.
"""

from types import SimpleNamespace

import autograd
import autograd.numpy as anp
import autograd.scipy.special
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import (
    array_shapes,
    basic_indices,
    integer_array_indices,
    mutually_broadcastable_shapes,
)

from labkit import autodiff
from labkit.autodiff import grad, hvp, jacobian, jvp, vjp
from labkit.autodiff.primitives import FUNCTIONS, UFUNCS
from labkit.gradcheck import check_derivatives, complex_step

RNG = np.random.default_rng(0)
V, M, T = RNG.standard_normal(4), RNG.standard_normal((3, 4)), RNG.standard_normal((2, 3, 4))
S = RNG.standard_normal((3, 3))
POSITIVE = RNG.uniform(0.5, 2, (3, 4))
C = RNG.standard_normal((3, 4))
ROW, COLUMN = RNG.standard_normal((1, 4)), RNG.standard_normal((3, 1))

ELEMENTWISE = {
    "add": (lambda xp, x: x + C, M), "add broadcast": (lambda xp, x: x + C, V), "radd": (lambda xp, x: 2.0 + x, M),
    "add column": (lambda xp, x: x + M, COLUMN), "add row": (lambda xp, x: M + x, ROW),
    "add scalar": (lambda xp, x: x + M, 0.7), "add to itself": (lambda xp, x: x + x, M),
    "subtract": (lambda xp, x: x - C, M), "rsubtract": (lambda xp, x: C - x, V), "negative": (lambda xp, x: -x, M),
    "positive": (lambda xp, x: 1.0 * x, M),
    "multiply": (lambda xp, x: x * C, V), "multiply itself": (lambda xp, x: x * x, M),
    "outer by broadcast": (lambda xp, x: x * V, COLUMN),
    "divide": (lambda xp, x: x / POSITIVE, M), "rdivide": (lambda xp, x: V / x, POSITIVE),
    "divide both": (lambda xp, x: x / (1 + x * x), M), "reciprocal": (lambda xp, x: xp.reciprocal(x), POSITIVE),
    "square": (lambda xp, x: x**2, M), "np.square": (lambda xp, x: xp.square(x), M),
    "cube": (lambda xp, x: x**3, M), "power real": (lambda xp, x: x**1.7, POSITIVE),
    "power negative": (lambda xp, x: x**-2.0, POSITIVE), "rpower": (lambda xp, x: 1.5**x, M),
    "power both": (lambda xp, x: x**x, POSITIVE), "power array": (lambda xp, x: x ** POSITIVE, POSITIVE),
    "exp": (lambda xp, x: xp.exp(x), M), "expm1": (lambda xp, x: xp.expm1(x), M),
    "log": (lambda xp, x: xp.log(x), POSITIVE), "log1p": (lambda xp, x: xp.log1p(x), POSITIVE),
    "log2": (lambda xp, x: xp.log2(x), POSITIVE), "log10": (lambda xp, x: xp.log10(x), POSITIVE),
    "sqrt": (lambda xp, x: xp.sqrt(x), POSITIVE), "abs": (lambda xp, x: xp.abs(x) * x, M),
    "builtin abs": (lambda xp, x: abs(x), M),
    "sin": (lambda xp, x: xp.sin(x), M), "cos": (lambda xp, x: xp.cos(x), M), "tan": (lambda xp, x: xp.tan(x), M),
    "arcsin": (lambda xp, x: xp.arcsin(x / 3), POSITIVE), "arccos": (lambda xp, x: xp.arccos(x / 3), POSITIVE),
    "arctan": (lambda xp, x: xp.arctan(x), M), "sinh": (lambda xp, x: xp.sinh(x), M),
    "cosh": (lambda xp, x: xp.cosh(x), M), "tanh": (lambda xp, x: xp.tanh(x), M),
    "logaddexp": (lambda xp, x: xp.logaddexp(x, C), M), "logaddexp right": (lambda xp, x: xp.logaddexp(M, x), V),
    "maximum": (lambda xp, x: xp.maximum(x, C) * x, M),
    "maximum right": (lambda xp, x: xp.maximum(0.0, x) ** 2, M),
    "minimum": (lambda xp, x: xp.minimum(x, C) * x, M), "minimum right": (lambda xp, x: xp.minimum(C, x), V),
    "where": (lambda xp, x: xp.where(C > 0, x**2, xp.sin(x)), M),
    "where broadcast": (lambda xp, x: xp.where(C > 0, x * x, M), V),
    "where scalar": (lambda xp, x: xp.where(C > 0, 1.0, x * x), M),
    "clip": (lambda xp, x: xp.clip(x, -0.5, 0.5) * x, M),
}

ROWS, COLS = np.array([0, 2, 2, 1]), np.array([3, 0, 0, 1])
SHAPES = {
    "transpose": (lambda xp, x: x.T * POSITIVE.T, M),
    "transpose axes": (lambda xp, x: xp.transpose(x, (2, 0, 1)), T),
    "method transpose": (lambda xp, x: x.transpose(1, 0, 2) ** 2, T), "T of a tensor": (lambda xp, x: x.T ** 2, T),
    "swapaxes": (lambda xp, x: xp.swapaxes(x, 0, 2) ** 2, T),
    "moveaxis": (lambda xp, x: xp.moveaxis(x, 0, -1) ** 2, T),
    "reshape": (lambda xp, x: xp.reshape(x, (4, 3)) ** 2, M),
    "method reshape": (lambda xp, x: x.reshape(2, -1) ** 2, M),
    "ravel": (lambda xp, x: xp.ravel(x) ** 2, M), "expand": (lambda xp, x: xp.expand_dims(x, 1) ** 2, M),
    "squeeze": (lambda xp, x: xp.squeeze(x[:, :1]) ** 2, M),
    "newaxis": (lambda xp, x: x[:, None] * x[None, :], V),
    "broadcast_to": (lambda xp, x: xp.broadcast_to(x, (3, 4)) * C * xp.sum(x), V),
    "entry": (lambda xp, x: x[1, 2] * x[0, 0], M), "row": (lambda xp, x: x[1] * x[-1], M),
    "slice": (lambda xp, x: x[::-1, 1:3] ** 2, M), "ellipsis": (lambda xp, x: x[..., 0] ** 2, T),
    "repeated index": (lambda xp, x: x[ROWS] ** 2, M), "pairs": (lambda xp, x: x[ROWS, COLS] ** 2, M),
    "mask": (lambda xp, x: x[C > 0] ** 2, M), "mixed index": (lambda xp, x: x[:, ROWS, 1:] ** 2, T),
    "list index": (lambda xp, x: x[[0, 0, 1]] ** 2, M),
    "concatenate": (lambda xp, x: xp.concatenate([x, C, x**2], axis=0), M),
    "concatenate axis": (lambda xp, x: xp.concatenate([x, x[:, :2] ** 2], axis=-1), M),
    "stack": (lambda xp, x: xp.stack([x, C, x**2]), M),
    "stack axis": (lambda xp, x: xp.stack([x[0], x[1] ** 2], 1), M),
    "diag of vector": (lambda xp, x: xp.diag(x) @ xp.diag(x), V),
    "diag of matrix": (lambda xp, x: xp.diag(x) ** 2, S),
    "diagonal": (lambda xp, x: xp.diagonal(x) ** 2, S),
    "tril": (lambda xp, x: xp.tril(x) ** 2, S), "triu": (lambda xp, x: xp.triu(x, 1) ** 2, S),
}

SUMS = {
    "sum": (lambda xp, x: xp.sum(x) ** 2, M), "sum axis": (lambda xp, x: xp.sum(x, axis=0) ** 2, M),
    "sum negative axis": (lambda xp, x: xp.sum(x, axis=-2) ** 2, T),
    "sum axes": (lambda xp, x: x.sum((0, 2)) ** 2, T),
    "sum keepdims": (lambda xp, x: x / xp.sum(x**2, axis=1, keepdims=True), M),
    "sum all keepdims": (lambda xp, x: x * xp.sum(x, keepdims=True), M),
    "mean": (lambda xp, x: xp.mean(x**2), M), "mean axis": (lambda xp, x: x - x.mean(axis=1, keepdims=True), M),
    "var": (lambda xp, x: xp.var(x, axis=0), M), "std": (lambda xp, x: xp.std(x), M),
    "max": (lambda xp, x: xp.max(x) ** 2, M), "max axis": (lambda xp, x: xp.max(x, axis=1) ** 2, T),
    "max keepdims": (lambda xp, x: x * xp.max(x, axis=0, keepdims=True), M),
    "min": (lambda xp, x: xp.min(x) ** 2, M), "min axis": (lambda xp, x: x.min(axis=-1) ** 2, M),
    "trace": (lambda xp, x: xp.trace(x) ** 2, S), "trace of a product": (lambda xp, x: xp.trace(x @ x), S),
    "norm": (lambda xp, x: xp.linalg.norm(x), V), "Frobenius norm": (lambda xp, x: xp.linalg.norm(x), M),
    "fro": (lambda xp, x: xp.linalg.norm(x, "fro"), M), "norm axis": (lambda xp, x: xp.linalg.norm(x, axis=1), M),
    "norms of rows": (lambda xp, x: x / xp.linalg.norm(x, axis=1, keepdims=True), M),
}

SHARED = {
    "matrix matrix": (lambda xp, x: x @ C.T, M), "right": (lambda xp, x: C.T @ x, M),
    "Gram": (lambda xp, x: x @ x.T, M), "matrix vector": (lambda xp, x: C @ x, V),
    "matrix of vector": (lambda xp, x: x @ V, M), "vector matrix": (lambda xp, x: x @ C.T, V),
    "vector of matrix": (lambda xp, x: V[:3] @ x, M),
    "vector vector": (lambda xp, x: x @ V, V), "square of a vector": (lambda xp, x: x @ x, V),
    "quadratic form": (lambda xp, x: x @ (C.T @ C) @ x, V),
    "stack matrix": (lambda xp, x: x @ C.T, T), "matrix stack": (lambda xp, x: S @ x, T),
    "broadcast stack": (lambda xp, x: T @ x, M.T), "broadcast left": (lambda xp, x: x @ T, S),
    "stack stack": (lambda xp, x: xp.matmul(x, xp.swapaxes(x, 1, 2)), T),
    "stack vector": (lambda xp, x: x @ V, T), "vector for a stack": (lambda xp, x: T @ x, V),
    "vector left of a stack": (lambda xp, x: x @ T, V[:3]), "stack right of vector": (lambda xp, x: V[:3] @ x, T),
    "dot": (lambda xp, x: xp.dot(x, C.T), M), "dot of vectors": (lambda xp, x: xp.dot(x, V), V),
    "outer": (lambda xp, x: xp.outer(x, x), V),
}

A3 = S @ S.T + 3 * np.eye(3)
STACK = np.stack([S + 3 * np.eye(3), S.T - 3 * np.eye(3)])
B3, b3 = RNG.standard_normal((3, 2)), RNG.standard_normal(3)
LINALG = {
    "det": (lambda xp, x: xp.linalg.det(x), S), "dets": (lambda xp, x: xp.linalg.det(x), STACK),
    "slogdet": (lambda xp, x: xp.linalg.slogdet(x)[1], S),
    "slogdets": (lambda xp, x: xp.linalg.slogdet(x)[1], STACK),
    "inv": (lambda xp, x: xp.linalg.inv(x), S), "invs": (lambda xp, x: xp.linalg.inv(x), STACK),
    "solve vector": (lambda xp, x: xp.linalg.solve(x, b3), S),
    "solve matrix": (lambda xp, x: xp.linalg.solve(x, B3), S),
    "solve for vector": (lambda xp, x: xp.linalg.solve(S, x), b3),
    "solve for matrix": (lambda xp, x: xp.linalg.solve(S, x) ** 2, B3),
    "solve both": (lambda xp, x: xp.linalg.solve(x, x.T @ x), S),
    "cholesky": (lambda xp, x: xp.linalg.cholesky(x @ x.T + xp.eye(3)), S),
    "choleskys": (lambda xp, x: xp.linalg.cholesky(x @ xp.swapaxes(x, 1, 2) + np.eye(3)), STACK),
    "eigenvalues": (lambda xp, x: xp.linalg.eigh(x + x.T)[0], S),
    "eigenvectors": (lambda xp, x: xp.linalg.eigh(x + x.T)[1] ** 2, S),
    "eigenvalues of a stack": (lambda xp, x: xp.linalg.eigh(x + xp.swapaxes(x, 1, 2))[0], STACK),
    "singular values": (lambda xp, x: xp.linalg.svd(x, full_matrices=False)[1], M),
    "singular values only": (lambda xp, x: xp.linalg.svd(x, compute_uv=False), M.T),
    "left vectors": (lambda xp, x: xp.linalg.svd(x, full_matrices=False)[0] ** 2, M),
    "right vectors": (lambda xp, x: xp.linalg.svd(x, full_matrices=False)[2] ** 2, M),
    "tall left vectors": (lambda xp, x: xp.linalg.svd(x, full_matrices=False)[0] ** 2, M.T),
    "tall right vectors": (lambda xp, x: xp.linalg.svd(x, full_matrices=False)[2] ** 2, M.T),
    "square svd": (lambda xp, x: xp.linalg.svd(x)[0] ** 2 + xp.linalg.svd(x)[2] ** 2, S),
    "svds": (lambda xp, x: xp.linalg.svd(x, full_matrices=False)[0] ** 2, T),
    "polar factor": (lambda xp, x: _polar(xp, x), M.T),
    "log det by cholesky": (lambda xp, x: xp.sum(xp.log(xp.diag(xp.linalg.cholesky(x @ x.T + xp.eye(3))))), S),
}

ONLY_HERE = {
    "stack solve": (lambda xp, x: xp.linalg.solve(x, B3), STACK),
    "stack solve b": (lambda xp, x: xp.linalg.solve(STACK, x), b3),
    "stack solve B": (lambda xp, x: xp.linalg.solve(STACK, x), B3),
    "stack solve A": (lambda xp, x: xp.linalg.solve(x, b3), STACK),
    "one A for a stack": (lambda xp, x: xp.linalg.solve(x, STACK), S), "mT": (lambda xp, x: x.mT @ x, T),
    "eigvalsh": (lambda xp, x: xp.linalg.eigvalsh(x + x.T), S), "svdvals": (lambda xp, x: xp.linalg.svdvals(x), M),
    "spectral norm": (lambda xp, x: xp.linalg.norm(x, 2), M),
    "nuclear norm": (lambda xp, x: xp.linalg.norm(x, "nuc"), M),
    "1-norm": (lambda xp, x: xp.linalg.norm(x, 1), V), "∞-norm": (lambda xp, x: xp.linalg.norm(x, np.inf), V),
    "norm two axes": (lambda xp, x: xp.linalg.norm(x, axis=(1, 2)), T),
    "slogdet by name": (lambda xp, x: xp.linalg.slogdet(x).logabsdet, S),
    "vdot": (lambda xp, x: xp.vdot(x, C) ** 2, M),
    "svd by name": (lambda xp, x: xp.linalg.svd(x).Vh ** 2, S),
    "linalg.trace": (lambda xp, x: xp.linalg.trace(x) ** 2, S),
    "eigh by name": (lambda xp, x: xp.linalg.eigh(x + x.T).eigenvectors ** 2, S),
    "copy": (lambda xp, x: xp.copy(x) ** 2, M),
    "linalg.matrix_transpose": (lambda xp, x: xp.linalg.matrix_transpose(x) ** 2, T),
    "np.matrix_transpose": (lambda xp, x: xp.matrix_transpose(x) ** 2, T),
    "unary plus": (lambda xp, x: (+x) ** 2, M),
    "iteration": (lambda xp, x: sum(xi**2 for xi in x), V), "unpacking": (lambda xp, x: _unpacked(x), V),
    "flatten": (lambda xp, x: x.flatten() ** 2, M),
    "builtin sum": (lambda xp, x: sum(x), V), "amax": (lambda xp, x: np.amax(x) ** 2, M),
}


# Functions that numpy lacks, by module; a comparison with another module adds its own.
EXTRA = {np: autodiff, anp: SimpleNamespace(
    sigmoid=autograd.scipy.special.expit,
    logsumexp=lambda a, axis=-1, keepdims=False: autograd.scipy.special.logsumexp(a, axis, keepdims=keepdims))}
BEYOND_NUMPY = {
    "sigmoid": (lambda xp, x: EXTRA[xp].sigmoid(x), M), "logsumexp": (lambda xp, x: EXTRA[xp].logsumexp(x), M),
    "logsumexp axis": (lambda xp, x: EXTRA[xp].logsumexp(x, axis=0), M),
    "logsumexp keepdims": (lambda xp, x: x - EXTRA[xp].logsumexp(x, axis=1, keepdims=True), M),
    "softmax loss": (lambda xp, x: EXTRA[xp].logsumexp(x @ V) - (x @ V)[1], M),
}


def _unpacked(x):
    a, b, c, d = x
    return a * b + c / d


def _polar(xp, x):
    U, _, Vh = xp.linalg.svd(x, full_matrices=False)
    return U @ Vh


BOTH = ELEMENTWISE | SHAPES | SUMS | SHARED | LINALG | BEYOND_NUMPY
ALL = BOTH | ONLY_HERE


@pytest.mark.parametrize("name", ALL)
def test_both_modes_to_second_order(name):
    f, x = ALL[name]
    report = check_derivatives(lambda x: f(np, x), x, vjp=vjp, jvp=jvp, order=2, trials=1)
    assert report, str(report)


# What autograd lacks: transpose with axes as a method, broadcast_to, diagonal of matrices, a right gradient of a
# norm with keepdims, the full (though square) SVD.
AUTOGRAD_LACKS = {"method transpose", "broadcast_to", "diagonal", "norms of rows", "square svd"}


@pytest.mark.parametrize("name", [name for name in BOTH if name not in AUTOGRAD_LACKS])
def test_values_are_those_of_numpy_and_gradients_those_of_autograd(name):
    f, x = BOTH[name]
    value, pullback = vjp(lambda x: f(np, x), x)
    np.testing.assert_allclose(value, f(np, x), rtol=1e-14, atol=1e-15)
    weights = np.random.default_rng(5).standard_normal(np.shape(value))
    theirs = autograd.grad(lambda x: anp.sum(weights * f(anp, x)))(np.asarray(x))
    if name == "min":
        theirs = -autograd.grad(lambda x: -anp.sum(weights * f(anp, x)))(np.asarray(x))
    mine = pullback(weights)
    assert np.abs(mine - theirs).max() <= 1e-12 * np.abs(theirs).max(initial=1e-300), name


@pytest.mark.parametrize("name", [name for name in ELEMENTWISE if not {"max", "min", "abs", "cli"} & {name[:3]}
                                  and name not in ("builtin abs", "logaddexp", "logaddexp right")])
def test_elementwise_jacobians_are_exact(name):
    f, x = ELEMENTWISE[name]
    exact = complex_step(lambda x: f(np, x), x)
    for by in ("rows", "columns"):
        np.testing.assert_allclose(jacobian(lambda x: f(np, x), by)(x), exact, rtol=1e-13, atol=1e-14)


def test_every_entry_of_the_table_is_tried_here():
    """Each function that claims a rule is used, traced, by one of the cases."""
    used, originals = set(), [(table, dict(table)) for table in (UFUNCS, FUNCTIONS)]

    def spy(key, rule):
        def spied(*args, **options):
            used.add(key)
            return rule(*args, **options)
        return spied

    try:
        for table, original in originals:
            table.update({key: spy(key, rule) for key, rule in original.items()})
        for f, x in ALL.values():
            vjp(lambda x, f=f: f(np, x), x)
    finally:
        for table, original in originals:
            table.update(original)
    assert {*UFUNCS, *FUNCTIONS} - used == set()


@settings(max_examples=60, deadline=None)
@given(mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3), st.data())
def test_broadcasting_is_undone_for_all_shapes(shapes, data):
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    x, y = (rng.standard_normal(shape) for shape in shapes.input_shapes)
    u = rng.standard_normal(shapes.result_shape)
    gx, gy = vjp(lambda p: p[0] * p[1], (x, y))[1](u)
    assert np.shape(gx) == x.shape and np.shape(gy) == y.shape
    # ⟨u, x∘y⟩ is linear in each of x and y, so it equals ⟨gx, x⟩ = ⟨gy, y⟩.
    total = np.sum(u * (x * y))
    np.testing.assert_allclose([np.sum(gx * x), np.sum(gy * y)], total, rtol=1e-12, atol=1e-12)
    tangent = jvp(lambda p: p[0] + p[1], (x, y), (x, y))[1]
    np.testing.assert_array_equal(tangent, x + y)


@settings(max_examples=60, deadline=None)
@given(array_shapes(min_dims=1, max_dims=3, max_side=4), st.data())
def test_indexing_of_all_kinds(shape, data):
    x = np.random.default_rng(0).standard_normal(shape)
    basic = basic_indices(shape, allow_newaxis=True, allow_ellipsis=True)
    arrays = integer_array_indices(shape, result_shape=array_shapes(max_dims=2, max_side=3))
    key = data.draw(st.one_of(basic, arrays, st.just(x > 0)))
    picked = x[key]
    u = np.random.default_rng(1).standard_normal(np.shape(picked))
    expected = np.zeros(shape)
    np.add.at(expected, key, u)
    np.testing.assert_array_equal(vjp(lambda x: x[key], x)[1](u), expected)
    np.testing.assert_array_equal(jvp(lambda x: x[key], x, x)[1], picked)


# --- edge cases ------------------------------------------------------------------------------------------------

def test_kinks_take_the_documented_subgradient():
    assert grad(lambda x: np.abs(x).sum())(np.array([0.0, -2.0])).tolist() == [0.0, -1.0]
    assert grad(np.linalg.norm)(np.zeros(3)).tolist() == [0.0, 0.0, 0.0]
    assert jvp(np.linalg.norm, np.zeros(3), np.ones(3))[1] == 0.0
    assert grad(lambda x: np.maximum(x, 0.0).sum())(np.array([0.0, 1.0, -1.0])).tolist() == [0.5, 1.0, 0.0]
    assert grad(np.max)(np.array([3.0, 1.0, 3.0])).tolist() == [0.5, 0.0, 0.5]
    assert grad(np.min)(np.array([3.0, 1.0, 1.0])).tolist() == [0.0, 0.5, 0.5]
    rows = grad(lambda X: np.linalg.norm(X, axis=1).sum())(np.array([[0.0, 0.0], [3.0, 4.0]]))
    np.testing.assert_allclose(rows, [[0, 0], [0.6, 0.8]])


def test_second_derivative_of_a_norm_at_zero_is_not_silently_wrong():
    with pytest.warns(RuntimeWarning, match="not differentiable"):
        value = grad(lambda x: np.sqrt(np.sum(x**2)))(np.zeros(2))
    assert np.isnan(value).all()


def test_norm_neither_overflows_nor_underflows():
    for scale in (1e-200, 1e200):
        x = scale * np.array([3.0, 4.0])
        value, gradient = autodiff.value_and_grad(np.linalg.norm)(x)
        assert value == pytest.approx(5 * scale, rel=1e-15)
        np.testing.assert_allclose(gradient, [0.6, 0.8], rtol=1e-15)


@pytest.mark.parametrize("guarded", [
    lambda x: np.where(x > 0, np.log(x), 0.0).sum(),
    lambda x: np.where(x > 0, x * np.log(x), 0.0).sum() - np.where(x > 0, x * np.log(x) - np.log(x), 0.0).sum(),
    lambda x: np.where(x > 0, np.log(x).reshape(3, 1)[:, 0], 0.0).sum(),
    lambda x: np.where(x > 0, np.log(np.stack([x, x])).sum(axis=0) / 2, 0.0).sum(),
    lambda x: np.log(x)[1:].sum() + np.log(x)[x > 5].sum() - 0 * x[0],
    lambda x: np.where(x > 0, np.log(np.where(x > 0, x, 1.0)), 0.0).sum(),
], ids=["log", "x log x", "reshaped", "stacked", "indexed", "double where"])
def test_what_is_not_selected_does_not_spoil_the_gradient(guarded):
    x = np.array([0.0, 2.0, 0.5])
    with np.errstate(divide="ignore", invalid="ignore"):
        np.testing.assert_allclose(grad(guarded)(x), [0.0, 0.5, 2.0])
        np.testing.assert_allclose(hvp(guarded, x, np.ones(3)), [0.0, -0.25, -4.0], atol=1e-15)
        np.testing.assert_allclose(hvp(guarded, x, np.ones(3), mode="reverse-over-reverse"), [0.0, -0.25, -4.0],
                                   atol=1e-15)


def test_zero_times_infinity_that_was_selected_is_reported():
    """√x squared has derivative 1; the chain rule gives 0·∞ at 0, which must not become 0 without a word."""
    with pytest.warns(RuntimeWarning, match="NaN or infinite"), np.errstate(all="ignore"):
        assert np.isnan(grad(lambda x: np.sqrt(x) ** 2)(0.0))
    with pytest.warns(RuntimeWarning, match="NaN or infinite"), np.errstate(all="ignore"):
        assert np.isinf(grad(np.sqrt)(0.0))
    with pytest.warns(RuntimeWarning, match="NaN or infinite"), np.errstate(all="ignore"):
        assert np.isinf(jvp(np.sqrt, 0.0, 1.0)[1])


def test_power_at_zero():
    assert grad(lambda x: x**2)(0.0) == 0 and grad(lambda x: x**1)(0.0) == 1 and grad(lambda x: x**0)(0.0) == 0
    assert grad(lambda y: 0.0**y)(2.0) == 0
    assert grad(grad(lambda x: x**2))(0.0) == 2 and grad(grad(lambda x: x**3))(0.0) == 0
    assert grad(lambda x: x**3)(-2.0) == 12
    with pytest.warns(RuntimeWarning, match="NaN or infinite"), np.errstate(all="ignore"):
        grad(lambda y: (-2.0) ** y)(2.0)


def test_sigmoid_is_accurate_in_both_tails():
    import mpmath
    for x in (-700.0, -40.0, 0.0, 40.0, 300.0):
        with mpmath.workdps(400):
            exact = 1 / (1 + mpmath.exp(-mpmath.mpf(x)))
            slope = float(exact * (1 - exact))
        assert autodiff.sigmoid(x) == pytest.approx(float(exact), rel=1e-13)
        assert grad(autodiff.sigmoid)(x) == pytest.approx(slope, rel=1e-12)


def test_logsumexp_of_huge_and_infinite_entries():
    value, gradient = autodiff.value_and_grad(autodiff.logsumexp)(np.array([1000.0, 1000.0]))
    assert value == pytest.approx(1000 + np.log(2)) and gradient.tolist() == pytest.approx([0.5, 0.5])
    assert autodiff.logsumexp(np.array([-np.inf, 0.0])) == 0.0


def test_empty_arrays():
    assert grad(np.sum)(np.zeros(0)).shape == (0,)
    assert grad(lambda X: (X @ X.T).sum())(np.zeros((3, 0))).shape == (3, 0)
    assert grad(lambda X: np.exp(X).sum())(np.zeros((0, 3))).shape == (0, 3)
    assert jacobian(lambda x: x[:0])(np.ones(3)).shape == (0, 3)
    assert jacobian(lambda x: np.zeros(2) + np.sum(x))(np.zeros(0)).shape == (2, 0)


def test_unbroadcasting_of_one_long_axes():
    x = np.ones((1, 3, 1))
    np.testing.assert_array_equal(grad(lambda x: (x * np.ones((2, 4, 3, 5))).sum())(x), np.full((1, 3, 1), 40.0))
