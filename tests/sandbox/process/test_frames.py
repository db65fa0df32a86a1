"""The wire format: what is well formed comes through, everything else is a Violation and nothing else."""

from __future__ import annotations

import contextlib
import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.sandbox import frames

FINISHED = frames.Finished(3, {"response": "x"}, [("a.py", 1, "info", "t")], 5, 0, "scripts", ["a.py"])

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(plain)
@settings(max_examples=50, deadline=None)
def test_plain_data_comes_back_as_it_was(value):
    """Results and arguments survive the journey from a worker."""
    report = frames.Report([], frames.Ask(1, "x", [value]))

    assert frames.decode_report(frames.encode_report(report)) == report


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_message_or_a_violation(noise):
    """No input makes a decoder raise anything else."""
    for decode in (frames.decode_report, frames.decode_compiler_report):
        with contextlib.suppress(frames.Violation):
            decode(noise)


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"null",
        b"[99]",
        b'[3,[[1,3,{"a":"\\ud800"},[],1,0,"scripts",[]]]]',
        b"[3,[]," + b"[" * 100_000,
        b'[3,[[1,-1,{},[],1,0,"scripts",[]]]]',
        b'[3,[[1,1,{},[],1,0,"elsewhere",[]]]]',
        b'[3,[[2,1,"surprise","m","n",1,[],1]]]',
        b'[3,[[1,1,[],[],1,0,"scripts",[]]]]',
        b'[3,[],[1,"",[]]]',
        b'[3,[],[1,"' + b"x" * 101 + b'",[]]]',
        b'[4,"key",5]',
    ],
)
def test_each_wrong_shape_is_a_violation(message):
    """Types, ranges, tags, lengths and depth are all checked before anything is looked at."""
    with pytest.raises(frames.Violation):
        frames.decode_report(message)


@pytest.mark.parametrize("size", [0, 1, frames.PIECE, frames.PIECE + 1, 3 * frames.PIECE, 200_000])
def test_a_message_of_any_length_is_put_together_again(size):
    """One packet or many: what was cut comes back whole."""
    message = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    assembler = frames.Assembler(1 << 20)
    found = [assembler.feed(memoryview(packet)) for packet in frames.packets(message)]

    assert [each for each in found[:-1] if each is not None] == []
    assert bytes(found[-1]) == message


@pytest.mark.parametrize(
    "packets",
    [[b""], [b"\2x"], [b"\0" + b"x" * frames.PACKET], [b"\1" + b"x" * frames.PIECE] * 3],
    ids=["empty", "unknown-kind", "cut", "too-long"],
)
def test_impossible_packets_are_violations(packets):
    """A packet that is empty, cut or never ends is refused."""
    assembler = frames.Assembler(2 * frames.PIECE)
    for packet in packets[:-1]:
        assert assembler.feed(memoryview(packet)) is None
    with pytest.raises(frames.Violation):
        assembler.feed(memoryview(packets[-1]))


def test_reports_are_json_and_nothing_but_json():
    """What a worker says can be read by anyone, and can hold no object."""
    said = json.loads(frames.encode_report(frames.Report([FINISHED])))

    assert said[:2] == [3, [[1, 3, {"response": "x"}, [["a.py", 1, "info", "t"]], 5, 0, "scripts", ["a.py"]]]]


def test_an_encoded_turn_can_be_put_into_a_batch():
    """What was given is encoded once, when it is known to be plain, and embedded as it is."""
    given_data = msgspec.Raw(msgspec.msgpack.encode({"a": [1, "x"]}))
    order = frames.decode_order(
        frames.encode_order(frames.Batch([frames.Call(1, "k", 250, False, given_data)]))
    )

    assert isinstance(order, frames.Batch)
    assert frames.decode_given(order.calls[0].given) == {"a": [1, "x"]}
