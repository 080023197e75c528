"""A claim is a statement of the book, its hypotheses as a strategy of inputs, and the mutants it must refute.

    @claim("eq-chapter-name", X="n,n invertible", dX="n,n")
    def inverse(X, dX):
        return Equal(rate_of_change(np.linalg.inv, X, dX), -inv(X) @ dX @ inv(X))

    @inverse.mutant
    def factors_in_the_order_of_numbers(X, dX):
        return Equal(..., -inv(X) @ inv(X) @ dX)

The two sides are computed in different ways. A mutant is the statement broken in one place; a claim whose mutant
survives proves nothing, so each claim has at least one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings

from tests.claims.inputs import inputs, kinds

CLAIMS: list["Claim"] = []
CASES = 60
# The same cases in every run, as many as asked for, and none remembered.
SETTINGS = settings(
    database=None, deadline=None, max_examples=CASES, derandomize=True, suppress_health_check=list(HealthCheck)
)


@dataclass
class Equal:
    """Two arrays agree, relative to the larger of them and to `scale`, the size of what was subtracted."""

    left: object
    right: object
    rtol: float = 1e-6
    scale: float = 0.0

    def error(self):
        left, right = np.asarray(self.left), np.asarray(self.right)
        if left.shape != right.shape or not (np.isfinite(left).all() and np.isfinite(right).all()):
            return np.inf
        size = max(np.abs(left).max(initial=0.0), np.abs(right).max(initial=0.0), self.scale)
        return np.abs(left - right).max(initial=0.0) / size / self.rtol if size else 0.0

    def relative_error(self):
        return self.error() * self.rtol


@dataclass
class AtMost:
    """A number does not exceed a bound, beyond rounding."""

    left: float
    right: float
    rtol: float = 1e-9

    def error(self):
        excess = self.left - self.right
        return (
            0.0
            if excess <= 0
            else np.inf
            if not np.isfinite(excess)
            else excess / (self.rtol * max(abs(self.left), abs(self.right)))
        )


@dataclass
class Holds:
    """Something is true, for statements that are not about numbers."""

    true: bool

    def error(self):
        return 0.0 if self.true else np.inf


@dataclass
class Claim:
    labels: tuple[str, ...]
    statement: Callable
    specification: dict[str, str]
    mutants: list[Callable] = field(default_factory=list)

    def mutant(self, function):
        self.mutants.append(function)
        return function

    @property
    def cases(self):
        return inputs(**self.specification)

    def entry(self):
        """Return what the ledger says about this claim, apart from what was measured."""
        function = self.statement
        return {
            "labels": list(self.labels),
            "statement": function.__name__.strip("_").replace("_", " "),
            "file": Path(function.__code__.co_filename).name,
            "function": function.__name__,
            "inputs": [
                {"name": name, "shape": words.partition(" ")[0], "hypothesis": words.partition(" ")[2],
                 "kinds": [kind.__name__.replace("_", " ") for kind in kinds(words)]}
                for name, words in self.specification.items()
            ],
            "mutants": [mutant.__name__.strip("_").replace("_", " ") for mutant in self.mutants],
        }  # fmt: skip

    def examine(self):
        """Draw the cases, and return how many there were and the largest relative error of the equalities.

        The error is None where the statement has no equality between numbers. Raises AssertionError in a case in
        which the statement fails.
        """
        count, errors = 0, []

        @SETTINGS
        @given(self.cases)
        def check(case):
            nonlocal count
            count += 1
            parts = parts_of(self.statement, case)
            errors.extend(part.relative_error() for part in parts if isinstance(part, Equal))
            assert max(part.error() for part in parts) <= 1, self.labels

        check()
        return count, max(errors, default=None)


def claim(*labels, **specification):
    def register(statement):
        CLAIMS.append(Claim(labels, statement, specification))
        return CLAIMS[-1]

    return register


def parts_of(statement, case):
    result = statement(**{name: value.copy() for name, value in case.items()})
    return result if isinstance(result, list) else [result]


def error_of(statement, case):
    """Return the largest error of the parts of a statement, in units of what is tolerated."""
    return max(part.error() for part in parts_of(statement, case))


def rate_of_change(function, X, dX, radius=1.0):
    """Return the derivative of t ↦ function(X + t dX) at 0, by central differences extrapolated twice.

    `radius` is how far one may go from X; the quotients stay well inside it. The formula is the classical one and
    shares no code with labkit.
    """
    length = np.linalg.norm(dX)
    if length == 0:
        return np.zeros_like(np.asarray(function(X), dtype=float))
    h = 0.02 * min(radius, 1.0) / length
    slope = [
        (np.asarray(function(X + t * dX)) - np.asarray(function(X - t * dX))) / (2 * t) for t in (h, h / 2, h / 4)
    ]
    first = [(4 * slope[1] - slope[0]) / 3, (4 * slope[2] - slope[1]) / 3]
    return (16 * first[1] - first[0]) / 15


def gradient_by_differences(function, X):
    """Return the array of partial derivatives of a scalar function, in the shape of X."""
    gradient = np.zeros(X.shape)
    for index in np.ndindex(X.shape):
        E = np.zeros(X.shape)
        E[index] = 1.0
        gradient[index] = rate_of_change(function, X, E, radius=0.2)
    return gradient


def distance_to_singularity(X):
    return np.linalg.svd(X, compute_uv=False)[-1]
