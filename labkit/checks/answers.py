"""What all checks share: calling a student's function, reading what it returns, and showing numbers.

Warnings and output on stderr that come out of the student's function are kept quiet: they are no mistakes.
"""

import inspect
import io
import re
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from labkit._arrays import Array, as_array

Function = Callable[..., Any]

HERE = Path(__file__).parent
RELATIVE = 1e-6  # of the largest entry: far above the error of the reference, far below any mistake in a formula
RELATIVE_SINGLE = 1e-3  # for answers in single precision, which carry seven digits and lose some on the way
NEARLY = 1e-3  # of the largest entry: an answer within this is an approximation, not another formula
WITHOUT_EVIDENCE = ("not written", "arguments", "parts")  # wrong whatever the input
PRINTED_ENTRIES = 16
NEARLY_ONE = 0.02  # a result that is off by so little has lost digits; nobody forgot a factor
MODERATE = 1e100  # numbers between this and its inverse neither overflow nor vanish on the way by themselves
OUTER_HINT = "Vectors have one axis: u @ v is the number uᵀv, and the matrix uvᵀ is np.outer(u, v)."
AXIS_HINT = " In the code of this course vectors have one axis, shape (n,): neither a row nor a column."
_RECIPROCAL = re.compile(r"\*\*\s*\(?-\s*1|\b1(\.0*)?\s*/")
_MISFIT = re.compile(r"core dimension|enough dimensions|not aligned|broadcast|must be square")


class WrongAnswerError(AssertionError):
    """An answer is not right yet; the message says in what way.

    Notebooks show the message alone, without the calls that led to it.

    Attributes
    ----------
    kind : str
        One word or two for what is wrong, such as ``"sign"`` or ``"transposed"``.
    misfit : bool
        Whether a shape is wrong, or shapes on the way to the result do not fit.
    """

    def __init__(self, kind: str, message: str, misfit: bool = False) -> None:
        super().__init__(message)
        self.kind, self.misfit = kind, misfit

    __module__ = "labkit.checks"  # where everybody finds it

    def _render_traceback_(self) -> list[str]:
        # IPython prints these lines instead of a traceback.
        return str(self).splitlines()


def call(answer: Function, inputs: Mapping[str, Any], met: list[str] | None = None) -> Any:
    """Call the student's function quietly; say what it raised or that it returned nothing.

    To `met` is appended what numpy met on the way: "overflow", "underflow", "divide by zero", "invalid value".
    """
    try:
        inspect.signature(answer).bind(*inputs.values())
    except TypeError:
        wanted = f"takes the arguments ({', '.join(inputs)}), in this order" if inputs else "takes no arguments"
        raise WrongAnswerError("arguments", f"the function asked for {wanted}; yours cannot be called so. Look at "
                                            "its first line, `def …`.") from None
    except ValueError:  # some built-in functions do not tell their arguments; calling them will
        pass
    try:
        with quiet(met):
            returned = answer(*inputs.values())
    except NotImplementedError:
        raise WrongAnswerError("not written", "not written yet. Replace the line `raise NotImplementedError` by "
                                              "your answer.") from None
    except Exception as error:
        misfit = isinstance(error, ValueError) and bool(_MISFIT.search(str(error)))
        raise WrongAnswerError("exception", f"it stopped with {_told(error)}", misfit) from None
    if returned is None:
        raise WrongAnswerError("returns None", "it returned None. Is there a `return`?")
    return returned


def call_on_copies(answer: Function, inputs: Mapping[str, Any]) -> Any:
    """Call the student's function on copies of the inputs; say so if it changes one of them."""
    given = copies(inputs)
    returned = call(answer, given)
    if changed := [name for name in given if not same(given[name], inputs[name])]:
        name = changed[0]
        raise WrongAnswerError("mutates", f"it changes its argument {name}, which belongs to the caller. Work on "
                                          f"a copy ({name}.copy()), and mind +=, *= and the like.")
    return returned


@contextmanager
def quiet(met: list[str] | None = None):
    """Keep numpy's warnings, other warnings and stderr of the student's function from the reader.

    To `met`, if there is such a list, numpy's complaints are appended in their order.
    """
    state = {"all": "ignore"} if met is None else {"all": "call", "call": lambda what, _flag: met.append(what)}
    with warnings.catch_warnings(), np.errstate(**state), redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


def _told(error: Exception) -> str:
    """Quote the student's own error, with the line of their code on which it came up."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).parent != HERE]
    own = [frame for frame in frames if "site-packages" not in frame.filename]
    at = f"\n    in the line  {own[-1].line}" if own and own[-1].line else ""
    if isinstance(error, MemoryError):  # numpy's says a shape; Python's says nothing
        shape = next((part for part in error.args if isinstance(part, tuple)), None)
        said = "MemoryError: there is not so much memory" + (f", for an array of shape {shape}" if shape else "")
    else:
        said = f"{type(error).__name__}: {error}"
    return f"{said}{at}{_cure(error)}"


def _cure(error: Exception) -> str:
    """Say what is usually behind an error, where that is known."""
    said = str(error)
    cures = [("matmul" in said, f"The shapes in a product do not fit. {OUTER_HINT}"),
             ("broadcast" in said, "The shapes do not fit entry by entry. Was a sum or a mean taken along the "
                                   "other axis, or * written for the matrix product @?"),
             ("SVDResult" in said, "np.linalg.svd returns three arrays: U, the singular values, and Vᵀ."),
             ("QRResult" in said, "np.linalg.qr returns two arrays: Q and R."),
             ("EighResult" in said or "EigResult" in said, "It returns two arrays: eigenvalues and eigenvectors."),
             ("bitwise_xor" in said or "operand type(s) for ^" in said, "A power is written **, not ^."),
             ("Integers to negative integer powers" in said, "For whole numbers write 1 / x**2, not x**-2."),
             ("same_kind" in said, "An array of whole numbers cannot take fractions: write x = x - … in place of "
                                   "x -= …."),
             (isinstance(error, MemoryError), "Is a matrix formed where vectors would do?"),
             (isinstance(error, NameError), "Each answer stands by itself: was the name defined in another task?")]
    return next((f"\n{cure}" for holds, cure in cures if holds), "")


def split(returned: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Give each part of what was returned its name."""
    if len(names) == 1:
        return {names[0]: returned}
    several = isinstance(returned, (tuple, list))
    if not several or len(returned) != len(names):
        kind = "number" if np.isscalar(returned) else type(returned).__name__.replace("ndarray", "array")
        got = f"{len(returned)} things" if several else f"one {kind}"
        raise WrongAnswerError("parts", f"it should return {len(names)} results, for {listed(names)} in this "
                                        f"order, but it returned {got}.")
    return dict(zip(names, returned, strict=True))


def numbers(value: Any, called: str) -> Array:
    """Return what the student gave as an array of real numbers (single precision stays so)."""
    if value is None:
        raise WrongAnswerError("returns None", f"{called} is None. Did a function that you used return nothing?")
    try:
        array = as_array(value, called, finite=False, allow_complex=True)
    except TypeError as error:
        raise WrongAnswerError("type", f"{error}.") from None
    if array.dtype.kind == "c":
        raise WrongAnswerError("type", f"{called} is complex; everything is real here.")
    original = getattr(value, "dtype", array.dtype)
    return array.astype(original) if original in (np.float16, np.float32) else array


def why_not_finite(answer: Function, inputs: Mapping[str, Any]) -> str:
    """Call the answer once more to see where NaN or infinity comes from, and say what to do about it."""
    met: list[str] = []
    call(answer, copies(inputs), met)
    first = next((what for what in met if what != "underflow"), "")
    from_zero = _moderate(inputs) and met[:1] == [first]  # and not from a number that became too small on the way
    if first == "divide by zero" and from_zero:
        what = "something was divided by zero, or log(0) was taken"
    elif first == "invalid value" and from_zero:
        what = "zero was divided by zero, or a root or a logarithm was taken of a negative number"
    else:
        zero = " or was divided by zero" * (first != "overflow")
        what = f"a number overflowed (exp(710) does, so does (1e200)²){zero}"
        return f"Somewhere on the way {what}. Can the formula be arranged so that every step stays in range?"
    inverted = any(np.ndim(value) == 2 for value in inputs.values()) and _inverts_entries(answer)
    entrywise = (" (X**-1 and 1/X invert entry by entry; the matrix inverse is np.linalg.inv or np.linalg.solve.)"
                 if inverted else "")
    return f"Somewhere on the way {what}. Which step is it, and should that term be there at all?{entrywise}"


def _inverts_entries(answer: Function) -> bool:
    """Return whether a reciprocal or the power −1 is written in the function, as far as it can be read."""
    try:
        return bool(_RECIPROCAL.search(inspect.getsource(answer)))
    except (OSError, TypeError):
        return True


def _moderate(inputs: Mapping[str, Any]) -> bool:
    """Return whether every number is 0 or of a size at which nothing overflows or vanishes on the way."""
    sizes = [np.abs(np.asarray(value, dtype=np.float64)) for value in inputs.values()]
    return all(((size == 0) | ((size >= 1 / MODERATE) & (size <= MODERATE))).all() for size in sizes)


def factor_between(result: Array, reference: Array, tolerance: float) -> float | None:
    """Return the constant c with result = c · reference, if there is one that deserves to be called a factor."""
    size = np.abs(reference).max(initial=0.0)
    if size <= tolerance or not np.isfinite(result).all():
        return None
    unit, scaled = reference / size, result / size
    factor = float((unit * scaled).sum() / (unit * unit).sum())
    if factor == 0 or not np.isfinite(factor) or not equal(scaled, factor * unit, abs(factor) * tolerance / size):
        return None
    if abs(factor - 1) < NEARLY_ONE and abs(factor - 1) > tolerance / size:  # digits are lost, which is no factor
        return None
    nice = [c for c in (1, 2, 3, 4, 0.5, 1 / 3, 0.25) for c in (c, -c) if abs(factor / c - 1) <= tolerance / size]
    # One number alone is a multiple of any other.
    several = np.count_nonzero(np.abs(unit) > 1e-3) > 1
    return float(nice[0]) if nice else factor if several else None


def times(factor: float) -> str:
    """Return a factor in words: twice, half of, 1.7 times."""
    words = {2.0: "twice", 0.5: "half of", 3.0: "three times", 1 / 3: "a third of"}
    return words.get(factor, f"{number(factor)} times")


def off_by(factor: float, size: int) -> tuple[str, str]:
    """Return the kind and the sentence for a result of `size` entries that is a multiple of the right one."""
    if factor == -1:
        return "sign", "the sign is wrong."
    subject = "Every entry" if size > 1 else "It"
    return "factor", f"off by a factor. {subject} is {times(factor)} what it should be."


def some_wrong(wrong: Array) -> str:
    """Say how many entries are wrong."""
    if wrong.all():
        return "the numbers are wrong." if wrong.size > 1 else "the number is wrong."
    count = wrong.sum()
    others = "the other is right" if wrong.size - count == 1 else "the others are right"
    return f"{count} of the {wrong.size} entries {'is' if count == 1 else 'are'} wrong; {others}."


def shape_hint(wanted: Array, result: Array) -> str:
    """Recall how vectors are written in code, where that may be why a shape is wrong; empty elsewhere."""
    if wanted.ndim == 2 and result.ndim == 1 and 1 in wanted.shape and result.size == wanted.size:
        return " An axis was lost: a sum with keepdims=True keeps it, of length 1."
    if wanted.ndim == 2 and result.ndim < 2:
        return f" {OUTER_HINT}"
    return AXIS_HINT if wanted.ndim == 1 and result.ndim == 2 and result.size == wanted.size else ""


def listed(words: Sequence[str]) -> str:
    """Return ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def equal(result: Array, reference: Array, tolerance: float) -> bool:
    """Return whether no entry differs by more than the tolerance; NaN does."""
    with np.errstate(all="ignore"):
        return bool((np.abs(result - reference) <= tolerance).all())


def require_function(answer: Any) -> str:
    """Return the name of the student's function."""
    if not callable(answer):
        raise WrongAnswerError("not callable", f"✗ your answer should be a function; here it is a "
                                               f"{type(answer).__name__}. Is its name used for something else?")
    return getattr(answer, "__name__", type(answer).__name__)


def require_own_work(answer: Function, name: str,
                     advice: str = "Please write the formula yourself, with numpy alone.",
                     without: Sequence[str] = ()) -> None:
    """Refuse an answer that lets labkit do the work, or a function of numpy's that is named in `without`."""
    borrowed = _from_labkit(answer)
    if borrowed:
        raise WrongAnswerError("labkit", f"✗ {name}: it lets labkit do the work ({borrowed}). {advice}")
    used = (word for word, value in _used(answer, set()) if not _is_their_own(value))
    taken = next((word for word in used if word in without), None)
    if taken:
        raise WrongAnswerError("borrowed", f"✗ {name}: it lets {taken} do the work, which is the task here.")


def _is_their_own(value: Any) -> bool:
    """Whether a value is a function of the student's, which may have any name."""
    inside = isinstance(value, FunctionType) and "site-packages" not in value.__code__.co_filename
    return inside or (isinstance(value, ModuleType) and value.__name__ == "__main__")


def taken_name(answer: Function, function: Function, cell: str) -> str:
    """Say so if a wrong answer calls the function that the cell of the check defines; empty elsewhere.

    A ``def`` there takes its name from a helper of the student's.
    """
    if cell != _file_of(function) or cell == _file_of(answer):
        return ""
    taken = next((name for name, value in _used(answer, set()) if value is function), None)
    return "" if taken is None else (f"\nIt calls {taken}, and that name now belongs to a function of this check: "
                                     "if it was a helper of yours, give it another name.")


def _file_of(function: Any) -> str | None:
    return getattr(getattr(function, "__code__", None), "co_filename", None)


def _from_labkit(answer: Any) -> str | None:
    """Return the name under which labkit appears: the answer itself, or what its code uses, however deep."""
    if _is_labkit(_module_of(answer)):
        return getattr(answer, "__name__", type(answer).__name__)
    found = (name for name, value in _used(answer, set()) if _is_labkit(name) or _is_labkit(_module_of(value)))
    return next(found, None)


def _used(answer: Any, seen: set[CodeType]) -> Iterator[tuple[str, Any]]:
    """Yield the names that a function uses, and the functions that it uses, however deep, with their values."""
    if not isinstance(answer, FunctionType) or answer.__code__ in seen:
        return
    seen.add(answer.__code__)
    for name in _names_in(answer.__code__):
        value = answer.__globals__.get(name)
        yield name, value
        yield from _used(value, seen)


def _module_of(value: Any) -> str:
    """Return the module that a module, function, class or other object comes from."""
    if isinstance(value, ModuleType):
        return value.__name__
    if isinstance(value, FunctionType):  # its __module__ is whatever the namespace said in which it was made
        inside = HERE.parent in Path(value.__code__.co_filename).parents
        return "labkit" if inside else ""
    return (value if isinstance(value, type) else type(value)).__module__


def _names_in(code: CodeType) -> list[str]:
    inner = [name for part in code.co_consts if isinstance(part, CodeType) for name in _names_in(part)]
    return [*code.co_names, *inner]


def _is_labkit(module: str) -> bool:
    return module == "labkit" or module.startswith("labkit.")


def as_float(value: Any) -> Any:
    """Return a float64 array of its own; a plain number stays one."""
    return float(value) if np.isscalar(value) else np.array(value, dtype=np.float64)


def as_given(value: Any) -> Any:
    """Return arrays and plain numbers with the type they have, and anything else as a float64 array."""
    return value if isinstance(value, np.ndarray) or np.isscalar(value) else as_float(value)


def floats(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs as float64."""
    return {name: as_float(value) for name, value in inputs.items()}


def copies(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs, arrays copied, for the student's function to keep."""
    return {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in inputs.items()}


def same(a: Any, b: Any) -> bool:
    """Return whether two values have the same type and the same numbers."""
    a, b = np.asarray(a), np.asarray(b)
    return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")


def number(value: float) -> str:
    """Return a number in four digits."""
    return f"{float(value) + 0.0:.4g}"  # adding 0.0 turns -0.0 into 0.0


def exact(value: float) -> str:
    """Return a number in the digits that it needs, if they are few or it is whole; else in four."""
    value = float(value) + 0.0
    short = next((text for text in (f"{value:.{digits}g}" for digits in range(4, 9)) if float(text) == value), "")
    return short or (f"{value:.0f}" if value.is_integer() and abs(value) < 1e17 else number(value))


def shown(value: Any, write: Callable[[float], str] = number) -> str:
    """Write out a small array; give the shape of a large one."""
    array = np.asarray(value)
    if array.size > PRINTED_ENTRIES:
        return f"(shape {array.shape}, too large to print)"
    return np.array2string(array, formatter={"all": write}, max_line_width=100)


def named(name: str, value: Any, write: Callable[[float], str] = number) -> str:
    """Return a line such as ``    A = [[1 2]``, further rows aligned."""
    head = f"    {name} = "
    return head + shown(value, write).replace("\n", "\n" + " " * len(head))


def tried_with(inputs: Mapping[str, Any]) -> list[str]:
    """Return the lines that show the inputs, in all their digits where these are few; no line for no input."""
    shown_inputs = [named(name, value, exact) for name, value in inputs.items()]
    return ["Tried with", *shown_inputs] if inputs else []


def passed(name: str, inputs: Sequence[Mapping[str, Any]], what: str = "right") -> str:
    """Return the line for an answer that is right on all inputs."""
    where = f" on all {len(inputs)} inputs" if len(inputs) > 1 else " on this input" if inputs[0] else ""
    return f"✓ {name}: {what}{where}."


def indented(text: str) -> str:
    """Move a text in by four columns."""
    return "    " + text.replace("\n", "\n    ")
