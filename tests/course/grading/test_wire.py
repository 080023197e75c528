"""Values arrive as they were sent, and what is no message does no harm."""

import socket
from collections import namedtuple
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course.grading.wire import Channel, ChannelClosedError, Packer, Unpacker

Pair = namedtuple("Pair", "left right")
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.text() | st.binary()
KINDS = (hnp.boolean_dtypes() | hnp.integer_dtypes() | hnp.floating_dtypes() | hnp.complex_number_dtypes()
         | hnp.unicode_string_dtypes())
ARRAYS = hnp.arrays(KINDS, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
VALUES = st.recursive(
    SCALARS | ARRAYS,
    lambda inner: (st.lists(inner, max_size=3) | st.tuples(inner, inner)
                   | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)),
    max_leaves=8)


def through(value):
    packer = Packer(lambda thing: {"thing": type(thing).__name__}, {})
    tree = packer.pack(value)
    left, right = map(Channel, socket.socketpair())
    left.send({"tree": tree}, packer.buffers)
    message, buffers = right.receive()
    left.connection.close()
    right.connection.close()
    return Unpacker(buffers, lambda what: what, lambda number: number).unpack(message["tree"])


def same(a, b):
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    return a == b or (a != a and b != b)


@given(VALUES)
def test_values_arrive_as_they_were(value):
    assert same(through(value), value)


@pytest.mark.parametrize("value", [
    2**200, -0.0, {1, 2}, frozenset("ab"), range(1, 9, 2), slice(1, None), ..., Fraction(1, 3), Decimal("0.10"),
    np.float32(0.1), np.int8(-3), np.bool_(True), np.datetime64("2026-01-01"), bytearray(b"x"),
])
def test_other_values_arrive_as_they_were(value):
    found = through(value)
    assert type(found) is type(value)
    assert found == value


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_order_masks_and_names_of_fields_are_kept():
    assert through(np.asfortranarray(np.ones((2, 3)))).flags.f_contiguous
    masked = through(np.ma.MaskedArray([1, 2], [True, False]))
    assert masked.mask.tolist() == [True, False]
    assert isinstance(through(np.matrix([[1, 2]])), np.matrix)
    assert through(Pair(1, [2])) == Pair(1, [2])
    assert through(Pair(1, 2)).right == 2
    assert through(np.array([1, "a", None], dtype=object)).tolist() == [1, "a", None]


def test_subclasses_count_as_what_they_are_underneath():
    class Much(float):
        def __repr__(self):
            return "100"

        def __eq__(self, other):
            return True

        __hash__ = float.__hash__

    class Sly(list):
        def __eq__(self, other):
            return True

        __hash__ = None

    assert type(through(Much(2))) is float
    assert through(Much(2)) == 2.0
    assert type(through(Sly([1]))) is list


def test_other_objects_stay_where_they_are():
    assert through([object(), 1]) == [{"thing": "object"}, 1]
    nested = []
    nested.append(nested)
    assert "thing" in repr(through(nested)), "a list that holds itself is not followed for ever"


@pytest.mark.parametrize("tree", [
    {"array": ["|O", [1], "C", 0]}, {"array": ["<f8", [2**40], "C", 0]}, {"array": ["<f8", [-1], "C", 0]},
    {"array": ["no", [1], "C", 0]}, {"array": ["<f8", [1], "C", 7]}, {"scalar": ["|V8", 0]}, {"int": "zz"},
    {"dict": [[{"list": []}, 1]]}, {"set": [{"dict": []}]}, {"__class__": 1}, {"list": 5}, {"a": 1, "b": 2}, [1],
    {"namedtuple": ["x; import os", ["a"], [1]]}, {"namedtuple": ["X", ["a b"], [1]]}, {"fraction": "1/0"},
    {"object": 1, "list": []}, {},
])
def test_what_is_no_value_is_refused(tree):
    with pytest.raises(ChannelClosedError):
        Unpacker([bytes(8)], lambda what: what, lambda number: number).unpack(tree)


@pytest.mark.parametrize("data", [b"", b"\0" * 3, b"\0" * 7 + b"\2{}", b"\0" * 7 + b"\x02[]", b"\xff" * 8 + b"x",
                                  b"\0" * 7 + b"\x0f" + b'{"buffers":[9]}'])
def test_what_is_no_message_is_refused(data):
    left, right = socket.socketpair()
    with left, right:
        left.sendall(data)
        left.shutdown(socket.SHUT_WR)
        with pytest.raises(ChannelClosedError):
            Channel(right).receive(limit=1000)
