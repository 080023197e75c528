"""Automatic differentiation of numpy code, small enough to hold in the head.

>>> import numpy as np
>>> grad(lambda w: np.sum(np.tanh(w) ** 2))(np.array([0.0, 1.0])).round(4)
array([0.    , 0.6397])

The pieces, in the order in which to read them: `trace` (traced values, the tape, tangents), `primitives` and
`linalg` (the table of derivative rules), `transform` (grad, vjp, jvp, jacobian, hvp, hessian), `graph` (pictures).
Functions to be differentiated use numpy as always; `sigmoid` and `logsumexp`, which numpy lacks, are here.
"""

from labkit.autodiff import linalg as _linalg  # fills the table
from labkit.autodiff.graph import draw, named
from labkit.autodiff.primitives import logsumexp, sigmoid, supported
from labkit.autodiff.transform import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

__all__ = [
    "draw", "grad", "hessian", "hvp", "jacobian", "jvp", "logsumexp", "named", "sigmoid", "supported",
    "value_and_grad", "vjp",
]
del _linalg
