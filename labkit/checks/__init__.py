"""Instant feedback on answers to assignments: what kind of thing is wrong, shown on a small example.

A check calls the student's function on a few inputs. `gradient` compares with a *numerical* derivative, `value`
with a reference, `witness` and `construction` ask whether what was constructed does what it should, and
`derivation` reads lines (`legible` only says whether they can be read). So a notebook that uses them carries no
answer. When something is wrong, a check says of
which kind it is (nothing returned, transposed, sign, factor, a missing term, right for square matrices only,
overflow, …), shows the first input on which it happens, and stops with `WrongAnswerError`. When all is right it
prints one line.

`random_numbers` draws data for an assignment, for each student others if the course wants it so.
"""

from labkit.checks.answers import WrongAnswerError
from labkit.checks.derivations import derivation, legible
from labkit.checks.examples import construction, witness
from labkit.checks.gradients import gradient, is_gradient
from labkit.checks.values import value
from labkit.checks.variants import random_numbers

__all__ = ["WrongAnswerError", "construction", "derivation", "gradient", "is_gradient", "legible",
           "random_numbers", "value", "witness"]
