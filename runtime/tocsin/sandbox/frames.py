"""The wire format between the server and its workers: pure values and bytes, no sockets.

Towards a worker goes msgpack, which the worker may believe. Back comes nothing but data, decoded by
typed decoders in one step: a frame is either exactly of the shapes below or a `Violation`. Workers answer
in JSON, which cannot express anything but plain data; compilers in msgpack, because code is bytes (which
the server passes on and never looks into).

A message longer than `PIECE` travels in several packets. The first byte of each tells whether another
one follows, so packets of a SOCK_SEQPACKET socket stay far below its buffer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from tocsin.errors import TocsinError
from tocsin.sandbox.script import FailureKind, Stage  # noqa: TC001 - msgspec reads annotations at run time

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE: Final = 60_000
"""Most bytes of a message in one packet."""

PACKET: Final = PIECE + 4_096
"""Size of a receive buffer; a packet that fills it was cut and is a violation."""

_LAST, _MORE = b"\0", b"\1"

Name = Annotated[str, Meta(max_length=255)]
Text = Annotated[str, Meta(max_length=20_000)]
Count = Annotated[int, Meta(ge=0, le=2**53)]
Log = tuple[Name, Count, Annotated[str, Meta(max_length=20)], Annotated[str, Meta(max_length=100_000)]]

Note = tuple[Count, Count, Text, Text]
"""A problem or warning: line, column, message, source line."""


class Violation(TocsinError):  # noqa: N818 - named for what the worker did
    """Bytes from a worker that are not what a worker may say."""


# ---------------------------------------------------------------- towards a worker


class Code(Struct, array_like=True, frozen=True, tag=1):
    """Keep this marshalled code object under its content hash, for programs that follow."""

    digest: str
    code: bytes


class Load(Struct, array_like=True, frozen=True, tag=2):
    """Keep this program: (script name, digest) pairs of its parts. Answered by Loaded."""

    key: str
    scripts: list[tuple[str, str]]
    modules: list[tuple[str, str]]
    fallback: list[tuple[str, str]]
    fallback_modules: list[tuple[str, str]]


class Drop(Struct, array_like=True, frozen=True, tag=3):
    """Forget the program `key`, and every code that no other program uses."""

    key: str


class Call(Struct, array_like=True, frozen=True):
    """One turn to run; `cid` counts up per worker. `given` is for `decode_given`."""

    cid: int
    key: str
    cpu_ms: int
    fallback_only: bool
    given: msgspec.Raw


class Batch(Struct, array_like=True, frozen=True, tag=4):
    """Turns to run one after the other, in this order."""

    calls: list[Call]


class Answer(Struct, array_like=True, frozen=True, tag=5):
    """What the host call that the worker waits for returned."""

    value: Any


class Refusal(Struct, array_like=True, frozen=True, tag=6):
    """The host call is refused: an error with this text is to be raised in the script."""

    text: str


class Release(Struct, array_like=True, frozen=True, tag=7):
    """Forget the turns of the batch that have not begun: others will run them."""


class Compile(Struct, array_like=True, frozen=True, tag=8):
    """Compile these (name, source) pairs; `modules` and `further` are the `_names` they may import besides.

    Sources are UTF-8 with surrogates passed: whether a source may hold them is the policy's to say.
    """

    scripts: list[tuple[str, bytes]]
    modules: list[str]
    further: list[str]


Order = Code | Load | Drop | Batch | Answer | Refusal | Release | Compile

# ---------------------------------------------------------------- back from a worker


class Finished(Struct, array_like=True, frozen=True, tag=1):
    """A turn that came to its end."""

    cid: Count
    result: dict[str, Any]
    logs: list[Log]
    cpu_us: Count
    host_calls: Count
    stage: Stage
    ran: list[Name]


class Failed(Struct, array_like=True, frozen=True, tag=2):
    """A turn that did not."""

    cid: Count
    kind: FailureKind
    message: Text
    name: Name
    line: Count
    logs: list[Log]
    cpu_us: Count


class Ask(Struct, array_like=True, frozen=True):
    """A host call of the turn `cid`; the worker waits for the answer."""

    cid: Count
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    args: list[Any]


class Report(Struct, array_like=True, frozen=True, tag=3):
    """Turns done since the last report, in the order of the batch, and what comes next.

    `ask`: the turn after them makes a host call. `released`: the turn after them goes on, the rest of
    the batch is handed back untouched. `leaving`: the process ends now, the rest has not begun.
    """

    done: list[Finished | Failed]
    ask: Ask | None = None
    released: bool = False
    leaving: bool = False
    cpu_us: Count = 0


class Loaded(Struct, array_like=True, frozen=True, tag=4):
    """The program `key` is ready to run, or is not, for the reason `error`."""

    key: Name
    error: Text


class Ready(Struct, array_like=True, frozen=True, tag=5):
    """First message of every process: its locks as (name, held, required, detail)."""

    measures: list[tuple[Name, bool, bool, Text]]


class Attempted(Struct, array_like=True, frozen=True, tag=6):
    """What the self-test tried, as (what, prevented, detail)."""

    attempts: list[tuple[Name, bool, Text]]


class Crashed(Struct, array_like=True, frozen=True, tag=9):
    """Last words of a process that ends by an error of its own, or of whoever took it over: a traceback."""

    text: Text


class Compiling(Struct, array_like=True, frozen=True, tag=7):
    """Script number `index` is being compiled now: if the process dies, it is to blame."""

    index: Count


class Compiled(Struct, array_like=True, frozen=True, tag=8):
    """Script number `index` is done: why it cannot run, or what it warns of, imports, and its code."""

    index: Count
    problems: list[Note]
    warnings: list[Note]
    imports: list[Name]
    code: bytes


Said = Report | Loaded | Ready | Attempted | Crashed
CompilerSaid = Ready | Compiling | Compiled | Crashed

_order_encoder = msgspec.msgpack.Encoder()
_order_decoder: msgspec.msgpack.Decoder[Order] = msgspec.msgpack.Decoder(Order)
_json_encoder = msgspec.json.Encoder()
_json_decoder: msgspec.json.Decoder[Said] = msgspec.json.Decoder(Said)
_compiler_decoder: msgspec.msgpack.Decoder[CompilerSaid] = msgspec.msgpack.Decoder(CompilerSaid)

encode_order = _order_encoder.encode
decode_order = _order_decoder.decode
decode_given = msgspec.msgpack.Decoder(dict[str, Any]).decode
encode_report = _json_encoder.encode
encode_compiler_report = _order_encoder.encode


def decode_report(message: bytes | memoryview) -> Said:
    """Return what a worker said; raises Violation for anything a worker may not say."""
    try:
        return _json_decoder.decode(message)
    except (ValueError, RecursionError) as error:
        raise Violation(f"unreadable: {error}") from None


def decode_compiler_report(message: bytes | memoryview) -> CompilerSaid:
    """Return what a compiler said; raises Violation for anything a compiler may not say."""
    try:
        return _compiler_decoder.decode(message)
    except (ValueError, RecursionError) as error:
        raise Violation(f"unreadable: {error}") from None


def packets(message: bytes) -> Iterator[bytes]:
    """Cut a message into the packets that carry it."""
    if len(message) <= PIECE:
        yield _LAST + message
        return
    last = (len(message) - 1) // PIECE
    for number in range(last + 1):
        piece = message[number * PIECE : (number + 1) * PIECE]
        yield (_LAST if number == last else _MORE) + piece


class Assembler:
    """Puts messages together from packets, up to `most` bytes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._pieces = bytearray()

    def feed(self, packet: memoryview) -> bytes | memoryview | None:
        """Take one packet; return a message once it is complete, valid until the next packet.

        Raises Violation for a packet that is empty or cut, and for a message that grows too long.
        """
        size = len(packet)
        if size == 0 or size >= PACKET:
            raise Violation("a packet of impossible size")
        flag = packet[0]
        if flag == 0 and not self._pieces:
            return packet[1:]
        if flag > 1:
            raise Violation("a packet of no known kind")
        self._pieces += packet[1:]
        if len(self._pieces) > self._most:
            raise Violation("a message too long")
        if flag == 1:
            return None
        whole = bytes(self._pieces)
        self._pieces.clear()
        return whole
