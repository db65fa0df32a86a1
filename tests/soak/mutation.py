"""Frames as a taken-over worker might write them: true ones, bent in every way a byte or a value can be."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import msgspec

from tocsin.sandbox import frames

_json = msgspec.json.Encoder()
_msgpack = msgspec.msgpack.Encoder()

ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 7, 255, 2**31, 2**53, 2**53 + 1, 2**63 - 1, -(2**63), 2**64 - 1,
    0.0, -0.5, 1e308, 5e-324, "", "a", "ask", "cpu", "scripts", "fallback", "killed", "protocol",
    "\0", "\u202e", "x" * 101, "x" * 256, "y" * 20_001, "\U0001f4de" * 50, [], {}, [[]], [1, 2, 3],
    {"response": "FORGED"}, {"": None}, {"response": None}, {"session": "{}"}, [None] * 40,
)  # fmt: skip
"""Values at the edges of what the decoders allow, and beyond."""

TOKENS: tuple[bytes, ...] = (
    b"[", b"]", b"{", b"}", b",", b":", b'"', b"null", b"true", b"-1", b"1e999", b"-0", b"1.5", b"99999999999999999999",
    b'"\\ud800"', b'"\\u0000"', b"\xff\xfe", b"\xc0\x80", b"\xed\xa0\x80", b"NaN", b"Infinity", b"[" * 2_000, b'{"a":' * 500,
    b"\xdf\xff\xff\xff\xff", b"\xdd\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", b"\xc7\x01\x05\x00", b"\x81", b"\x91", b"\xc1",
)  # fmt: skip
"""Pieces of JSON and msgpack that mean much in the wrong place: lengths of gigabytes, depth, half characters."""


def forged(dice: random.Random, first: int, turns: int, key: str) -> list[Any]:
    """Return something a worker may say while it is at turn `first` of `turns`, as plain data."""
    done: list[Any] = []
    for cid in range(first, first + dice.randrange(turns + 1)):
        if dice.random() < 0.7:
            result = {"response": f"FORGED {cid}", "session": "{}", "heard": [cid]}
            log = [["10_.py", 1, "info", "text"]] * dice.randrange(3)
            done.append([1, cid, result, log, dice.randrange(9_000), 0, "scripts", ["10_.py"]])
        else:
            done.append([2, cid, "exception", "it broke", "10_.py", 3, [], 10])
    at = first + len(done)
    ask = [at, dice.choice(("call.acknowledge", "echo", "refuse", "break", "odd")), [None, ["e1"], "note"]]
    return dice.choice(
        (
            [3, done],
            [3, done],
            [3, done, None, False, False, 50],
            [3, done, ask],
            [3, [], [first, "echo", [{"a": [1, 2.5, "x"]}]]],
            [3, done, None, True, False, dice.choice((0, 5_000))],
            [3, done, None, False, True],
            [4, key, ""],
            [4, "another program", "it cannot be read"],
            [5, [["seccomp", True, True, ""]]],
            [6, [["fork", True, ""]]],
            [9, "Traceback (most recent call last): ..."],
        )
    )


def compiled(dice: random.Random, scripts: int) -> list[Any]:
    """Return something a compiler may say, as plain data."""
    index = dice.randrange(scripts + 1)
    problem = [3, 1, "class is not allowed", "class A:"]
    return dice.choice(
        (
            [5, [["seccomp", True, True, ""], ["rlimits", True, True, ""]]],
            [5, [["seccomp", False, True, "not permitted"]]],
            [7, index],
            [8, index, [], [], ["json", "_words"], b"code" * dice.randrange(1, 50)],
            [8, index, [problem], [problem] * 3, [], b""],
            [9, "Traceback"],
        )
    )


def bent(dice: random.Random, value: list[Any]) -> list[Any]:
    """Return the value with something in it replaced, left out, doubled or exchanged."""
    copy = _copied(value)
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        where = _somewhere(dice, copy)
        if not where:
            continue
        place = dice.randrange(len(where))
        match dice.randrange(6):
            case 0 | 1 | 2:
                where[place] = _copied(dice.choice(ODD))
            case 3:
                del where[place]
            case 4:
                where.insert(place, _copied(where[place]))
            case 5:
                other = dice.randrange(len(where))
                where[place], where[other] = where[other], where[place]
    return copy


def broken(dice: random.Random, message: bytes) -> bytes:
    """Return the message with bytes of it changed, cut out, repeated or put in between."""
    data = bytearray(message)
    for _ in range(dice.choice((1, 1, 2, 5))):
        at = dice.randrange(len(data) + 1)
        match dice.randrange(6):
            case 0 if at < len(data):
                data[at] ^= 1 << dice.randrange(8)
            case 1:
                data[at:at] = dice.choice(TOKENS)
            case 2:
                del data[at : at + dice.choice((1, 2, 8, 64))]
            case 3:
                data[at:at] = data[at : at + dice.choice((1, 4, 32))] * dice.choice((1, 2, 50))
            case 4:
                del data[at:]
            case _:
                data[at : at + 1] = dice.randbytes(dice.choice((1, 2, 4)))
    return bytes(data)


def lie(dice: random.Random, seed: list[Any], *, compiler: bool = False) -> bytes:
    """Return one mutated message; now and then a true one, so that what follows it meets another state."""
    encode: Callable[[Any], bytes] = _msgpack.encode if compiler else _json.encode
    kind = dice.random()
    if kind < 0.12:
        return encode(seed)
    if kind < 0.16:
        return dice.randbytes(dice.choice((1, 2, 9, 300)))
    message = encode(bent(dice, seed) if kind < 0.66 else seed)
    return message if kind < 0.56 else broken(dice, message)


def packets(dice: random.Random, message: bytes) -> list[bytes]:
    """Return the packets that carry a message, the framing itself bent now and then."""
    kind = dice.random()
    if kind < 0.94:
        return list(frames.packets(message))
    if kind < 0.96:
        return [dice.choice((b"\2", b"\xff", b"\1")) + message[: frames.PIECE]]
    if kind < 0.98:
        cut = dice.randrange(len(message) + 1)
        return [b"\1" + message[:cut], b"\0" + message[cut:]]
    if kind < 0.99:
        return [b"\0" + message[: frames.PIECE], b"\1" + message[: frames.PIECE], b"\0"]
    return [b"\0" + bytes(frames.PACKET)]


def _somewhere(dice: random.Random, value: list[Any]) -> list[Any]:
    while True:
        inner = [each for each in value if isinstance(each, list)]
        if not inner or dice.random() < 0.4:
            return value
        value = dice.choice(inner)


def _copied(value: Any) -> Any:
    return [_copied(each) for each in value] if isinstance(value, list) else value
