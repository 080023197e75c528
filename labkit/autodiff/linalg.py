"""Derivative rules of numpy.linalg, and where the functions are differentiable at all.

* slogdet, inv, solve: at nonsingular matrices. det: everywhere; twice at nonsingular matrices only.
* cholesky, eigh, eigvalsh: functions of *symmetric* matrices. numpy reads one triangle of whatever it is given;
  here a matrix that is not symmetric is refused, and the gradient is the symmetric one.
* eigh, svd: where the eigenvalues or singular values are distinct, and the latter positive.
* eigvalsh, svdvals: the same for one value alone; but what weighs repeated values equally, such as their sum, and
  does not depend on a singular value 0, has a gradient there too.

At other points LinAlgError is raised. All functions take stacks of matrices. Most rules are written for forward
mode, as a differential is by hand, and reverse mode transposes them. See M. B. Giles, "An extended collection of
matrix derivative results for forward and reverse mode algorithmic differentiation" (2008), and J. Townsend,
"Differentiating the singular value decomposition" (2016).
"""

from typing import Any

import numpy as np
from numpy.linalg import LinAlgError, inv, solve

from labkit.autodiff.primitives import mT, two_norm
from labkit.autodiff.trace import FUNCTIONS, Primitive, Rule, Traced, raw, unbroadcast


def _pair(a: Any, b: Any) -> Any:
    return np.sum(a * b, axis=(-2, -1))


def _cofactors(x: Any, z: Any) -> Any:
    """Return the gradient of det: det(X) X⁻ᵀ, by the SVD so that X may be singular."""
    if type(x) is Traced:
        if x.size and np.max(np.linalg.cond(raw(x))) > 1e14:
            raise LinAlgError("the second derivative of det is given at nonsingular matrices only")
        return z[..., None, None] * mT(inv(x))
    U, s, Vh = np.linalg.svd(x)
    others = np.prod(np.where(np.eye(s.shape[-1], dtype=bool), 1.0, s[..., None, :]), axis=-1)
    return (np.linalg.det(U) * np.linalg.det(Vh))[..., None, None] * (U * others[..., None, :]) @ Vh


det = Primitive(np.linalg.det, (lambda g, z, x: g[..., None, None] * _cofactors(x, z),),
                (lambda t, z, x: _pair(_cofactors(x, z), t),))
logabsdet = Primitive(lambda x: np.linalg.slogdet(x)[1], (lambda g, _z, x: g[..., None, None] * mT(inv(x)),),
                      (lambda t, z, x: _pair(mT(inv(x)), t),), "logabsdet")
inverse = Primitive(inv, (lambda g, z, _x: -mT(z) @ g @ mT(z),), (lambda t, z, x: -z @ t @ z,))
linear_solve = Primitive(
    solve,
    (lambda g, z, A, _b: unbroadcast(-solve(mT(A), g) @ mT(z), A),
     lambda g, _z, A, _b: unbroadcast(solve(mT(A), g), _b)),
    (lambda t, z, A, b: -solve(A, t @ z), lambda t, z, A, b: solve(A, t)))


# --- symmetric matrices ----------------------------------------------------------------------------------------

def _symmetric(x: Any) -> Any:
    return (x + mT(x)) / 2


def _of_symmetric(name: str, function: Rule) -> Rule:
    def checked(x: Any) -> Any:
        if not np.allclose(raw(x), mT(raw(x)), rtol=1e-10, atol=1e-10 * np.max(np.abs(raw(x)), initial=0.0)):
            raise ValueError(f"{name} is differentiated as a function of symmetric matrices; pass (A + A.T) / 2")
        return function(x)
    return checked


def _cholesky_jvp(t: Any, L: Any, _x: Any) -> Any:
    """Return dL = L Φ(L⁻¹ dA L⁻ᵀ), where Φ takes the lower triangle with half of the diagonal."""
    inner, n = solve(L, mT(solve(L, _symmetric(t)))), L.shape[-1]
    return L @ (inner * (np.tri(n) - np.eye(n) / 2))


def _close(s: Any) -> Any:
    """Return which pairs of values rounding cannot tell apart."""
    s, n = raw(s), s.shape[-1]
    room = 10 * n * np.finfo(float).eps * np.max(np.abs(s), axis=-1, initial=0.0)[..., None, None]
    return (np.abs(s[..., None, :] - s[..., :, None]) <= room) & ~np.eye(n, dtype=bool)


def _inverse_gaps(s: Any, weights: Any = 1.0) -> Any:
    """Return 1/((sⱼ − sᵢ)·weight) off the diagonal and 0 on it."""
    if _close(s).any():
        raise LinAlgError("eigenvalues or singular values are repeated (to rounding): vectors, or one of the "
                          "values alone, have no derivative there; eigvalsh and "
                          "svdvals allow more than eigh and svd")
    eye = np.eye(s.shape[-1])
    return (1.0 - eye) / ((s[..., None, :] - s[..., :, None]) * weights + eye)


def _weighed(g: Any, s: Any) -> Any:
    """Return the adjoints of the values as a row; repeated values must have equal ones."""
    row, column = raw(g)[..., None, :], raw(g)[..., :, None]
    unequal = np.abs(row - column) > 1e-12 * (np.abs(row) + np.abs(column))
    if (_close(s) & (unequal | (type(g) is Traced))).any():
        _inverse_gaps(s)
    return g[..., None, :]


def _diagonal_row(x: Any) -> Any:
    return np.sum(x * np.eye(x.shape[-1]), axis=-2, keepdims=True)


def _packed_eigh(x: Any) -> Any:
    """Return eigenvalues and eigenvectors in one array, whose first row are the values."""
    w, V = np.linalg.eigh(x)
    return np.concatenate([w[..., None, :], V], axis=-2)


def _eigh_jvp(t: Any, z: Any, _x: Any) -> Any:
    """Return dw = diag(Vᵀ dA V) and dV = V (F ∘ Vᵀ dA V), where Fᵢⱼ = 1/(wⱼ − wᵢ)."""
    w, V = z[..., 0, :], z[..., 1:, :]
    turned = mT(V) @ _symmetric(t) @ V
    return np.concatenate([_diagonal_row(turned), V @ (_inverse_gaps(w) * turned)], axis=-2)


def _eigvalsh_vjp(g: Any, z: Any, x: Any) -> Any:
    V = np.linalg.eigh(x)[1]
    return (V * _weighed(g, z)) @ mT(V)


cholesky = Primitive(np.linalg.cholesky, None, (_cholesky_jvp,))
eigh = Primitive(_packed_eigh, None, (_eigh_jvp,), "eigh")
eigvalsh = Primitive(np.linalg.eigvalsh, (_eigvalsh_vjp,), (lambda t, z, x: _eigh_jvp(t, eigh(x), x)[..., 0, :],))


# --- the singular value decomposition --------------------------------------------------------------------------

def _packed_svd(x: Any) -> Any:
    """Return U, the singular values as one row, and V in one array."""
    U, s, Vh = np.linalg.svd(x, full_matrices=False)
    return np.concatenate([U, s[..., None, :], mT(Vh)], axis=-2)


def _require_positive(s: Any, g: Any = 1.0) -> None:
    """Refuse singular values 0 on which something depends: their adjoint g is not 0."""
    zero = raw(s) <= np.max(raw(s), axis=-1, keepdims=True, initial=0.0) * s.shape[-1] * np.finfo(float).eps
    if np.any(zero & ((np.abs(raw(g)) > 1e-12 * np.max(np.abs(raw(g)), initial=0.0)) | (type(g) is Traced))):
        raise LinAlgError("a singular value is 0 (to rounding): it has a kink there, and its vectors are "
                          "not unique")


def _svd_jvp(t: Any, z: Any, _x: Any) -> Any:
    """Return dU, ds, dV; where A is not square, dA V has a part off the range of U, or dAᵀU one off that of V."""
    m, n = _x.shape[-2:]
    U, s, V = z[..., :m, :], z[..., m, :], z[..., m + 1:, :]
    _require_positive(s)
    row, column, P = s[..., None, :], s[..., :, None], mT(U) @ t @ V
    F = _inverse_gaps(s, row + column)
    dU, dV = U @ (F * (P * row + column * mT(P))), V @ (F * (column * P + mT(P) * row))
    dU = dU + (t @ V - U @ P) / row if m > n else dU
    dV = dV + (mT(t) @ U - V @ mT(P)) / row if n > m else dV
    return np.concatenate([dU, _diagonal_row(P), dV], axis=-2)


def _svdvals_vjp(g: Any, z: Any, x: Any) -> Any:
    _require_positive(z, g)
    U, _, Vh = np.linalg.svd(x, full_matrices=False)
    return (U * _weighed(g, z)) @ Vh


svd = Primitive(_packed_svd, None, (_svd_jvp,), "svd")
svdvals = Primitive(lambda x: np.linalg.svd(x, compute_uv=False), (_svdvals_vjp,),
                    (lambda t, z, x: _svd_jvp(t, svd(x), x)[..., x.shape[-2], :],), "svdvals")


# --- numpy's names, and its types of results -------------------------------------------------------------------

_Slogdet, _Eigh, _SVD = (type(f(np.eye(1))) for f in (np.linalg.slogdet, np.linalg.eigh, np.linalg.svd))


def _numpy_solve(A: Any, b: Any) -> Any:
    return linear_solve(A, b[:, None])[..., 0] if b.ndim == 1 else linear_solve(A, b)


def _numpy_eigh(x: Any) -> Any:
    z = eigh(x)
    return _Eigh(z[..., 0, :], z[..., 1:, :])


def _numpy_svd(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    m, n = x.shape[-2:]
    if compute_uv and full_matrices and m != n:
        raise ValueError(f"the full SVD of a {m}×{n} matrix has no derivative; pass full_matrices=False")
    z = svd(x) if compute_uv else svdvals(x)
    return _SVD(z[..., :m, :], z[..., m, :], mT(z[..., m + 1:, :])) if compute_uv else z


def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    vector = isinstance(axis, int) or (axis is None and x.ndim == 1)
    if ord is None or (ord == 2 if vector else ord == "fro"):
        return two_norm(x, axis=axis, keepdims=keepdims)
    if vector and ord in (1, np.inf):
        return (np.sum if ord == 1 else np.max)(np.abs(x), axis=axis, keepdims=keepdims)
    if x.ndim == 2 and axis is None and not keepdims and ord in (2, "nuc"):
        return np.max(svdvals(x)) if ord == 2 else np.sum(svdvals(x))
    raise NotImplementedError(f"np.linalg.norm has no derivative rule with {ord=}, {axis=} and shape {x.shape}")


FUNCTIONS |= {
    np.linalg.det: det, np.linalg.inv: inverse, np.linalg.solve: _numpy_solve, np.linalg.norm: _norm,
    np.linalg.slogdet: lambda x: _Slogdet(np.linalg.slogdet(raw(x))[0], logabsdet(x)),
    np.linalg.cholesky: _of_symmetric("cholesky", cholesky), np.linalg.eigh: _of_symmetric("eigh", _numpy_eigh),
    np.linalg.eigvalsh: _of_symmetric("eigvalsh", eigvalsh), np.linalg.svd: _numpy_svd, np.linalg.svdvals: svdvals,
    np.linalg.trace: FUNCTIONS[np.trace], np.linalg.matrix_transpose: mT,
}
