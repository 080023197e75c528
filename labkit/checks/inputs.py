"""What only a look at all inputs shows: which failure to report, and whether shape or a factor explains it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from labkit.checks.answers import Function, WrongAnswerError, listed, number, same

VAGUE = ("numbers", "factor", "sign", "zero", "inexact")  # a wrong shape on another input says more than these
NO_FACTOR = ("numbers", "transposed", "symmetric only", "symmetric convention")


@dataclass
class Trial(ABC):
    """One input, and what came of calling the student's function on it.

    Attributes
    ----------
    answer : callable
        The student's function.
    inputs : dict
        What it is called with.
    failure : WrongAnswerError or None
        What is wrong.
    part : str
        The name of the part that is wrong, or that was judged last.
    ratios : dict
        For each part that is a multiple of the right one, by which factor.
    """

    answer: Function
    inputs: dict[str, Any]
    failure: WrongAnswerError | None = field(default=None, kw_only=True)
    part: str = field(default="", kw_only=True)
    ratios: dict[str, float] = field(default_factory=dict, kw_only=True)

    def run(self) -> None:
        """Judge the answer on this input, and keep what is wrong."""
        try:
            self.judge()
        except WrongAnswerError as failure:
            self.failure = failure

    @abstractmethod
    def judge(self) -> None:
        """Raise WrongAnswerError if the answer is not right on this input."""


def most_telling(trials: Sequence[Trial]) -> Trial | None:
    """Return the trial to report: the first that failed, unless a later one says more; None if none failed."""
    failed = [trial for trial in trials if trial.failure]
    if not failed or failed[0].failure.kind not in VAGUE:
        return failed[0] if failed else None
    first = failed[0]
    misfit = next((trial for trial in failed if trial.failure.misfit), None)
    if misfit is not None:
        return misfit
    same_part = [trial for trial in failed if trial.part == first.part]
    alike = [trial for trial in same_part if trial.failure.kind == first.failure.kind]
    if first.failure.kind in ("factor", "sign") and len(alike) == 1:
        # What is a factor on this input alone is an accident of its numbers.
        return next((trial for trial in same_part if trial.failure.kind in NO_FACTOR), first)
    return first


def with_all_seen(failed: Trial, trials: Sequence[Trial]) -> tuple[str, str]:
    """Return the kind and the sentence for a failure, after a look at the other inputs."""
    kind, sentence = failed.failure.kind, str(failed.failure)
    elsewhere = _another_factor(failed, trials) if kind == "factor" else None
    if elsewhere is not None:
        sentence = (f"off by a factor. The factor is {number(failed.ratios[failed.part])} here and "
                    f"{number(elsewhere)} on another input: what in the input gives it?")
    if right_for_square_only(trials):
        return "square only", f"right for square matrices, but not for others. Here {sentence}"
    return kind, sentence


def _another_factor(failed: Trial, trials: Sequence[Trial]) -> float | None:
    """Return the factor on another input, where it is another."""
    mine = failed.ratios[failed.part]
    others = [trial.ratios[failed.part] for trial in trials if failed.part in trial.ratios]
    return next((factor for factor in others if abs(factor - mine) > 1e-3 * abs(mine)), None)


def same_for_both(failed: Trial, other: Trial, what: str) -> tuple[str, str]:
    """Return the kind and the sentence for one answer on two inputs that should have different ones."""
    differ = listed([name for name in failed.inputs if not same(failed.inputs[name], other.inputs[name])])
    enter = f"Do {differ} enter as they should?" if " and " in differ else f"Does {differ} enter as it should?"
    return "constant", (f"it returns the same for two inputs that differ in {differ}, though the right {what} "
                        f"differ. {enter}")


def right_for_square_only(trials: Sequence[Trial]) -> bool:
    """Return whether the square matrices passed and the others failed, and deficient rank does not explain it."""
    passed = [trial.inputs for trial in trials if not trial.failure]
    failed = [trial.inputs for trial in trials if trial.failure]
    if not all(map(_all_square, passed)) or any(map(_all_square, failed)):
        return False
    if not any(np.ndim(value) == 2 and np.size(value) > 1 for inputs in passed for value in inputs.values()):
        return False
    return any(map(_full_rank, failed)) or not all(map(_full_rank, passed))


def _matrices(inputs: Mapping[str, Any]) -> list[np.ndarray]:
    return [np.asarray(value) for value in inputs.values() if np.ndim(value) == 2]


def _all_square(inputs: Mapping[str, Any]) -> bool:
    return all(matrix.shape[0] == matrix.shape[1] for matrix in _matrices(inputs))


def _full_rank(inputs: Mapping[str, Any]) -> bool:
    return all(np.isfinite(matrix).all() and np.linalg.matrix_rank(matrix) == min(matrix.shape)
               for matrix in _matrices(inputs) if matrix.size)
