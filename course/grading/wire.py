"""Messages between the examiner and the student's process, and values as plain data.

What comes *from* the student's process is untrusted. It is JSON with raw buffers for the numbers in arrays, and
`unpack` makes nothing of it but numbers, strings, arrays and containers of the exact built-in types, and stand-
ins for everything else. What goes *to* the student's process comes from the examiner and is pickled.
"""

import json
import math
import socket
import struct
import sys
from collections import namedtuple
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np

Tree = Any  # what JSON can carry
LIMIT = 64 * 2**20  # bytes of one message from the student
ENDED = "the other process ended"
_HEAD = struct.Struct("!Q")
_DEPTH = 40
_LONGEST_NUMBER = 4000
_PLAIN_KINDS = "biufcSUmM"


class ChannelClosedError(ConnectionError):
    """The other process has ended, or has sent what is not a message."""


class Channel:
    """Messages over a socket: JSON, and buffers of bytes after it."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection

    def send(self, message: dict[str, Tree], buffers: Sequence[bytes] = ()) -> None:
        """Send a message; blocks while the other process does not read."""
        head = json.dumps({**message, "buffers": [len(b) for b in buffers]}).encode()
        self.connection.sendall(b"".join([_HEAD.pack(len(head)), head, *buffers]))

    def receive(self, wait: Callable[[], None] | None = None,
                limit: int | None = None) -> tuple[dict[str, Tree], list[bytes]]:
        """Return the next message.

        Parameters
        ----------
        wait : callable, optional
            Called before each read; returns when there is something to read, or raises.
        limit : int, optional
            The size in bytes above which a message is refused.

        Raises
        ------
        ChannelClosedError
            If the connection ends, or what arrives is not a message or too large.
        """
        size, = _HEAD.unpack(self._read(_HEAD.size, wait))
        if limit is not None and size > limit:
            raise ChannelClosedError(f"a message of {size} bytes")
        try:
            message = json.loads(self._read(size, wait))
            sizes = message.pop("buffers")
            if (limit is not None and size + sum(sizes) > limit) or min(sizes, default=0) < 0:
                raise ChannelClosedError(f"a message of {size + sum(sizes)} bytes")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ChannelClosedError("something that is not a message") from error
        return message, [self._read(n, wait) for n in sizes]

    def _read(self, size: int, wait: Callable[[], None] | None) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            if wait is not None:
                wait()
            try:
                part = self.connection.recv(min(size - len(parts), 2**20))
            except ConnectionError as error:
                raise ChannelClosedError(ENDED) from error
            if not part:
                raise ChannelClosedError(ENDED)
            parts += part
        return bytes(parts)


# --- from the student ------------------------------------------------------------------------------------------

class Packer:
    """Turns values into plain data; objects that are none are kept here, and a description is sent.

    Parameters
    ----------
    keep : callable
        Takes an object that stays here and returns its description.
    known : mapping from int to Tree
        Objects, by their `id`, that the other side has already, and what to send for each.
    """

    def __init__(self, keep: Callable[[Any], Tree], known: dict[int, Tree]) -> None:
        self.keep, self.known = keep, known
        self.buffers: list[bytes] = []

    def pack(self, value: Any, depth: int = 0) -> Tree:
        """Return a tree for a value; numbers of arrays are put into `buffers`."""
        if id(value) in self.known:
            return self.known[id(value)]
        kind = type(value)
        if value is None or kind in (bool, str):
            return value
        if kind is int:
            return value if abs(value) < 2**62 else {"int": hex(value)}
        if kind is float:
            return value
        if depth > _DEPTH:
            return {"object": self.keep(value)}
        return self._pack_container(value, kind, depth + 1) or self._pack_number(value) or {
            "object": self.keep(value)}

    def _pack_container(self, value: Any, kind: type, depth: int) -> Tree:
        if kind in (list, tuple, set, frozenset):
            return {kind.__name__: [self.pack(item, depth) for item in value]}
        if kind is dict:
            return {"dict": [[self.pack(key, depth), self.pack(item, depth)] for key, item in value.items()]}
        if kind in (range, slice):
            return {kind.__name__: [self.pack(end, depth) for end in (value.start, value.stop, value.step)]}
        if kind is complex:
            return {"complex": [value.real, value.imag]}
        if kind in (bytes, bytearray):
            return {kind.__name__: self._buffer(bytes(value))}
        if value is Ellipsis:
            return {"ellipsis": None}
        if kind is ModuleType:
            return {"module": [value.__name__, self.keep(value)]}
        if issubclass(kind, tuple) and isinstance(getattr(kind, "_fields", None), tuple):
            return {"namedtuple": [kind.__name__, list(kind._fields), [self.pack(x, depth) for x in tuple(value)]]}
        return None

    def _pack_number(self, value: Any) -> Tree:
        if isinstance(value, np.ma.MaskedArray):
            return {"masked": [self.pack(np.ma.getdata(value)), self.pack(np.ma.getmaskarray(value))]}
        if isinstance(value, np.ndarray) and value.dtype.kind in _PLAIN_KINDS:
            order = "F" if value.flags.f_contiguous and not value.flags.c_contiguous else "C"
            what = "matrix" if isinstance(value, np.matrix) else "array"
            return {what: [value.dtype.str, list(value.shape), order, self._buffer(value.tobytes(order))]}
        if isinstance(value, np.ndarray) and value.dtype == object:
            return {"objects": [list(value.shape), [self.pack(item, 1) for item in value.ravel().tolist()]]}
        if isinstance(value, np.generic) and value.dtype.kind in _PLAIN_KINDS:
            return {"scalar": [value.dtype.str, self._buffer(value.tobytes())]}
        if isinstance(value, (Fraction, Decimal)):
            return {type(value).__name__.lower(): str(value)} if type(value) in (Fraction, Decimal) else None
        for plain in (int, float, complex, str, bytes, list, tuple, dict, set):
            if isinstance(value, plain) and not isinstance(value, np.generic):
                return self.pack(_exactly(plain, value))
        return None

    def _buffer(self, data: bytes) -> int:
        self.buffers.append(data)
        return len(self.buffers) - 1


def _exactly(plain: type, value: Any) -> Any:
    """Return what an object of a derived class is underneath."""
    if plain is bytes:
        return bytes.__getitem__(value, slice(None))
    if plain in (list, tuple, dict, set):
        return plain(plain.items(value)) if plain is dict else plain(plain.__iter__(value))
    method = {int: int.__int__, float: float.__float__, complex: complex.__complex__, str: str.__str__}[plain]
    return method(value)


class Unpacker:
    """Turns plain data that a student's process sent into values; nothing in the data is executed or imported.

    Parameters
    ----------
    buffers : sequence of bytes
        As received with the message.
    stand_in : callable
        Takes the description of an object that stays on the other side, and returns what stands for it here.
    mine : callable
        Takes the number of an object of this side that the student's process was lent, and returns it.
    arguments : sequence
        What ``{"argument": n}`` refers to.
    """

    def __init__(self, buffers: Sequence[bytes], stand_in: Callable[[dict[str, Tree]], Any],
                 mine: Callable[[int], Any], arguments: Sequence[Any] = ()) -> None:
        self.buffers, self.stand_in, self.mine, self.arguments = buffers, stand_in, mine, arguments

    def unpack(self, tree: Tree) -> Any:
        """Return the value.

        Raises
        ------
        ChannelClosedError
            If the tree is not what a `Packer` makes.
        """
        try:
            return self._unpack(tree)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError,
                ArithmeticError, RecursionError) as error:
            raise ChannelClosedError("a value that cannot be one") from error

    def _unpack(self, tree: Tree) -> Any:
        if tree is None or isinstance(tree, (bool, int, float, str)):
            return tree
        (kind, data), = tree.items()
        return getattr(self, f"_make_{kind}")(data)

    def _items(self, trees: list[Tree]) -> list[Any]:
        return [self._unpack(tree) for tree in trees]

    def _make_int(self, data: str) -> int:
        return int(data, 16)

    def _make_list(self, data: list[Tree]) -> list:
        return self._items(data)

    def _make_tuple(self, data: list[Tree]) -> tuple:
        return tuple(self._items(data))

    def _make_set(self, data: list[Tree]) -> set:
        return set(self._items(data))

    def _make_frozenset(self, data: list[Tree]) -> frozenset:
        return frozenset(self._items(data))

    def _make_dict(self, data: list[list[Tree]]) -> dict:
        return {self._unpack(key): self._unpack(value) for key, value in data}

    def _make_range(self, data: list[Tree]) -> range:
        return range(*self._items(data))

    def _make_slice(self, data: list[Tree]) -> slice:
        return slice(*self._items(data))

    def _make_complex(self, data: list[float]) -> complex:
        return complex(*data)

    def _make_bytes(self, data: int) -> bytes:
        return self.buffers[data]

    def _make_bytearray(self, data: int) -> bytearray:
        return bytearray(self.buffers[data])

    def _make_fraction(self, data: str) -> Fraction:
        return Fraction(data[:_LONGEST_NUMBER])

    def _make_decimal(self, data: str) -> Decimal:
        return Decimal(data[:_LONGEST_NUMBER])

    def _make_ellipsis(self, data: None) -> Any:
        return Ellipsis

    def _make_module(self, data: list[Tree]) -> Any:
        name, description = data
        return sys.modules[name] if name in sys.modules else self.stand_in(description)

    def _make_namedtuple(self, data: list[Tree]) -> tuple:
        name, fields, items = data
        return namedtuple(name, fields)(*self._items(items))

    def _make_array(self, data: list[Tree]) -> np.ndarray:
        dtype, shape, order, buffer = data
        dtype = _plain_dtype(dtype)
        if min(shape, default=0) < 0:
            raise ValueError(f"the shape {shape}")
        flat = np.frombuffer(self.buffers[buffer], dtype, count=math.prod(shape)) if dtype.itemsize else \
            np.zeros(math.prod(shape), dtype)
        return flat.reshape(shape, order=order).copy(order=order)

    def _make_matrix(self, data: list[Tree]) -> np.matrix:
        return np.asmatrix(self._make_array(data))

    def _make_masked(self, data: list[Tree]) -> np.ma.MaskedArray:
        values, mask = self._items(data)
        return np.ma.MaskedArray(values, mask)

    def _make_objects(self, data: list[Tree]) -> np.ndarray:
        shape, items = data
        array = np.empty(math.prod(shape), dtype=object)
        array[:] = self._items(items)
        return array.reshape(shape)

    def _make_scalar(self, data: list[Tree]) -> np.generic:
        dtype, buffer = data
        return np.frombuffer(self.buffers[buffer], _plain_dtype(dtype), count=1)[0]

    def _make_object(self, data: dict[str, Tree]) -> Any:
        return self.stand_in(data)

    def _make_mine(self, data: int) -> Any:
        return self.mine(data)

    def _make_argument(self, data: int) -> Any:
        return self.arguments[data]


def _plain_dtype(text: str) -> np.dtype:
    dtype = np.dtype(str(text))
    if dtype.kind not in _PLAIN_KINDS:
        raise ValueError(f"the type {text!r}")
    return dtype

