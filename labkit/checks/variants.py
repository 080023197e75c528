"""Numbers of one's own: data of an assignment that are drawn for each student anew, and always alike for one."""

import os
from hashlib import sha256

import numpy as np

STUDENT = "LABKIT_STUDENT"
"""The environment variable with which whoever marks says whose numbers they are; it overrules the notebook."""


def random_numbers(assignment: str, student: str = "") -> np.random.Generator:
    """Return the random numbers of one student for one assignment.

    Each name has numbers of its own; case, and blanks at the ends, do not count. Where marking says whose work it
    is, the name in the notebook is not looked at, so nobody is served by another's numbers.

    Parameters
    ----------
    assignment : str
        The assignment's name, such as ``"5-conditioning"``.
    student : str
        The student's name in the list of the course. Empty, as handed out: the numbers that everybody shares.

    Raises
    ------
    TypeError
        If one of the two is not a text.

    Examples
    --------
    >>> random_numbers("5-conditioning", "ada").integers(1, 10, 4)
    array([5, 2, 4, 2])
    >>> random_numbers("5-conditioning", " Ada ").integers(1, 10, 4)
    array([5, 2, 4, 2])
    >>> random_numbers("5-conditioning", "grace").integers(1, 10, 4)
    array([9, 2, 4, 6])
    """
    for text in (assignment, student):
        if not isinstance(text, str):
            raise TypeError(f"a name is a text between quotation marks; this is of type {type(text).__name__}")
    whose = os.environ.get(STUDENT) or student
    return np.random.default_rng(list(sha256(f"{assignment}\n{whose.strip().casefold()}".encode()).digest()))
