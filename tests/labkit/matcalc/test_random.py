"""Random functions: every derived gradient agrees with the oracles, and the checker proves or confirms every line.

The usual run takes 150 functions; with LABKIT_MATCALC_RANDOM=2000 in the environment it takes 2,000.
"""

import os

import matcalc_oracle
import numpy as np
from matcalc_random import random_function

from labkit.gradcheck import central_difference
from labkit.matcalc import check, derive
from labkit.matcalc.expressions import is_symmetric
from labkit.matcalc.sampling import points
from labkit.matcalc.values import evaluate

COUNT = int(os.environ.get("LABKIT_MATCALC_RANDOM", "150"))


def compare(function, variable, D, point):
    """Return the relative distances of the derived gradient from autograd and from finite differences."""
    memo = {}
    G = evaluate(D.gradient, point, memo)
    scale = max(1e-3 * max(np.abs(v).max() for v in memo.values()), np.abs(G).max(), 1e-300)
    f = lambda X: float(np.sum(matcalc_oracle.value(function, {**point, variable: X})))  # noqa: E731
    both = [matcalc_oracle.gradient(function, variable, point), central_difference(f, point[variable])]
    if is_symmetric(D.wrt):
        both = [(A + A.T) / 2 for A in both]
    return [np.abs(G - A).max() / scale for A in both]


def test_random_gradients_agree_with_both_oracles_and_none_is_silently_wrong():
    agreed, refused, unreachable, seed = 0, [], [], 0
    while agreed < COUNT:
        function, variable, declarations = random_function(seed)
        try:
            D = derive(function, variable, declarations)
        except (ValueError, ZeroDivisionError) as error:
            refused.append((seed, function, str(error)))
        else:
            found = list(points([D.f, D.gradient, D.wrt], 2, np.random.default_rng(seed)))
            for point in found:
                automatic, numerical = compare(function, variable, D, point)
                assert automatic < 1e-7 and numerical < 1e-4, (seed, function, variable, automatic, numerical)
            agreed += bool(found)
            unreachable += [] if found else [(seed, function)]
        seed += 1
    assert len(refused) <= 0.02 * COUNT and len(unreachable) <= 0.03 * COUNT, (refused, unreachable)
    print(f"{agreed} agree, {len(refused)} refused with a reason, {len(unreachable)} without a feasible point")


def test_the_checker_accepts_every_line_of_random_derivations():
    for seed in range(10_000, 10_000 + COUNT // 2):
        function, variable, declarations = random_function(seed)
        try:
            D = derive(function, variable, declarations)
        except ZeroDivisionError:
            continue
        report = check(function, variable, [str(line) for line in D.lines[1:]], declarations)
        assert not [v for v in report.verdicts if v.status == "refuted"], (seed, function, str(report))
        undecided = [v for v in report.verdicts if v.status == "undecided"]
        assert not undecided or not list(points([D.f, D.gradient], 3, np.random.default_rng(0))), (
            seed,
            str(report),
        )
