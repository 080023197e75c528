"""Inputs for the claims: every hypothesis of the book in words, drawn in every structure that satisfies it.

`inputs(A="m,n", X="n,n invertible", w="n")` is a strategy of dictionaries. Letters are sizes, drawn from 1 to
4 and shared by all the arrays of one case; digits are themselves; `n+k` is a sum, and the letter `o` may also be
nought, so that `n+o,n` is tall or square. A word after the shape is a hypothesis. Equal letters make a matrix
square (`n,n`). An empty shape (`t=" positive"`) gives a number.
"""

import numpy as np
from hypothesis import strategies as st

SIZES = st.integers(1, 4)
SIZES_OR_NOUGHT = st.integers(0, 3)
SEEDS = st.integers(0, 2**32 - 1)


def gaussian(rng, shape):
    return rng.standard_normal(shape)


def integers(rng, shape):
    return rng.integers(-3, 4, shape).astype(float)


def zero(rng, shape):
    return np.zeros(shape)


def one_entry(rng, shape):
    array = np.zeros(shape)
    array[tuple(rng.integers(0, s) for s in shape)] = 1.0
    return array


def large(rng, shape):
    return 1e3 * rng.standard_normal(shape)


def small(rng, shape):
    return 1e-3 * rng.standard_normal(shape)


def rank_one(rng, shape):
    return np.multiply.outer(rng.standard_normal(shape[0]), rng.standard_normal(shape[1:]))


def with_singular_values(rng, shape, values):
    U, V = orthogonal(rng, (shape[0],) * 2), orthogonal(rng, (shape[1],) * 2)
    k = min(shape)
    return U[:, :k] * values(k) @ V[:k]


def repeated_singular_values(rng, shape):
    return with_singular_values(rng, shape, lambda k: np.full(k, 2.0))


def ill_conditioned(rng, shape):
    return with_singular_values(rng, shape, lambda k: np.logspace(0, -4, k) if k > 1 else np.ones(1))


def orthogonal(rng, shape):
    return np.linalg.qr(rng.standard_normal(shape))[0]


def triangular(rng, shape):
    return np.triu(rng.standard_normal(shape), 1) + np.diag(rng.uniform(0.5, 2, shape[0]))


def jordan_block(rng, shape):
    return rng.uniform(0.5, 2) * np.eye(shape[0]) + np.eye(shape[0], k=1)


def symmetric(rng, shape):
    A = rng.standard_normal(shape)
    return A + A.T


def diagonal_repeated(rng, shape):
    return np.diag(rng.choice([-1.0, 2.0], shape[0]))


def well_separated_symmetric(rng, shape):
    Q = orthogonal(rng, shape)
    return Q * (np.arange(shape[0]) - 1.0) @ Q.T


def positive_definite(rng, shape):
    A = rng.standard_normal(shape)
    return A @ A.T + 0.5 * np.eye(shape[0])


def nonzero(rng, shape):
    array = rng.standard_normal(shape)
    return array + 0.1 * np.sign(array)


def unit(rng, shape):
    array = nonzero(rng, shape)
    return array / np.linalg.norm(array)


def one_hot(rng, shape):
    return np.eye(shape[0])[rng.integers(0, shape[0])]


def distribution(rng, shape):
    weights = rng.uniform(0, 1, shape) + 1e-3
    return weights / weights.sum()


def huge_scores(rng, shape):
    return rng.choice([-1e3, 0.0, 1e3], shape) + rng.standard_normal(shape)


def rank_deficient(rng, shape):
    return with_singular_values(rng, shape, lambda k: np.arange(k - 1, -1.0, -1.0))


def full_rank_uneven(rng, shape):
    return with_singular_values(rng, shape, lambda k: rng.uniform(0.5, 5, k))


def orthonormal_columns(rng, shape):
    return orthogonal(rng, (max(shape),) * 2)[: shape[0], : shape[1]]


def distinct_singular_values(rng, shape):
    return with_singular_values(rng, shape, lambda k: np.arange(k, 0.0, -1.0))


def rotation_or_reflection(rng, shape):
    Q, R = np.linalg.qr(rng.standard_normal(shape))
    return Q * np.sign(np.diag(R))


def permutation(rng, shape):
    return np.eye(shape[0])[rng.permutation(shape[0])]


def householder(rng, shape):
    v = unit(rng, shape[:1])
    return np.eye(shape[0]) - 2 * np.outer(v, v)


def nilpotent(rng, shape):
    return np.eye(shape[0], k=1)


def semidefinite_of_low_rank(rng, shape):
    A = rng.standard_normal((shape[0], max(shape[0] - 1, 1)))
    return A @ A.T


def positive_entries(rng, shape):
    return rng.uniform(0.5, 2.0, shape)


def complex_gaussian(rng, shape):
    return rng.standard_normal(shape) + 1j * rng.standard_normal(shape)


def unitary(rng, shape):
    return np.linalg.qr(complex_gaussian(rng, shape))[0]


def integers_of_low_rank(rng, shape):
    return (rng.integers(-2, 3, (shape[0], 1)) * rng.integers(-2, 3, (1, *shape[1:]))).astype(float)


VECTORS = [gaussian, integers, zero, one_entry, large, small]
MATRICES = [*VECTORS, rank_one, repeated_singular_values, ill_conditioned]
SQUARE = [*MATRICES, orthogonal, triangular, jordan_block, symmetric]
SYMMETRIC = [symmetric, diagonal_repeated, positive_definite, zero]
KINDS = {
    "invertible": [
        orthogonal,
        triangular,
        jordan_block,
        repeated_singular_values,
        ill_conditioned,
        positive_definite,
    ],
    "singular": [zero, rank_deficient, nilpotent],
    "rank-deficient": [zero, rank_deficient],
    "full-rank": [full_rank_uneven, distinct_singular_values, repeated_singular_values, ill_conditioned],
    "distinct-singular-values": [distinct_singular_values],
    "orthogonal": [rotation_or_reflection, permutation, householder],
    "orthonormal-columns": [orthonormal_columns],
    "triangular": [triangular, jordan_block],
    "defective": [jordan_block, nilpotent],
    "complex": [complex_gaussian],
    "unitary": [unitary],
    "symmetric": SYMMETRIC,
    "semidefinite": [semidefinite_of_low_rank, positive_definite, zero],
    "positive-definite": [positive_definite],
    "simple-spectrum": [well_separated_symmetric],
    "nonzero": [nonzero],
    "positive": [positive_entries],
    "integer": [integers, integers_of_low_rank, zero, one_entry],
    "integer-vector": [integers, zero, one_entry],
    "unit": [unit],
    "labels": [one_hot, distribution],
    "one-hot": [one_hot],
    "scores": [gaussian, integers, zero, huge_scores],
    "moderate": [gaussian, integers, one_entry],
}


def kinds(words):
    """Return the generators for one array, given its shape and its hypothesis in words."""
    shape, _, hypothesis = words.partition(" ")
    sizes = [letter for letter in shape.split(",") if letter]
    if hypothesis:
        return KINDS[hypothesis]
    return VECTORS if len(sizes) != 2 else SQUARE if len(set(sizes)) == 1 else MATRICES


@st.composite
def inputs(draw, **specification):
    sizes = {}

    def size(letter):
        if "+" in letter:
            return sum(size(part) for part in letter.split("+"))
        if letter.isdigit():
            return int(letter)
        if letter not in sizes:
            sizes[letter] = draw(SIZES_OR_NOUGHT if letter == "o" else SIZES, label=letter)
        return sizes[letter]

    case = {}
    for name, words in specification.items():
        shape = tuple(size(letter) for letter in words.partition(" ")[0].split(",") if letter)
        kind = draw(st.sampled_from(kinds(words)), label=f"kind of {name}")
        case[name] = kind(np.random.default_rng(draw(SEEDS, label=f"seed of {name}")), shape)
    return case
