"""What the server and its zygote say to each other; both trust each other, neither runs user code.

One message per packet over a SOCK_SEQPACKET pair, msgpack. A Fork carries the child's end of its own
socket as a file descriptor; a Forked carries a pidfd where the system has them.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec
from msgspec import Struct

from tocsin.sandbox.script import Limits  # noqa: TC001 - msgspec reads annotations at run time

Role = Literal["worker", "compiler", "attempts"]

PACKET: Final = 16_384


class Settings(Struct, frozen=True):
    """What a zygote is started with, as JSON on its command line."""

    control: int
    """Its end of the control socket."""
    server: int
    """Process id of the server, so that the zygote notices if that has died meanwhile."""
    dies_with_server: bool
    """Whether the thread that starts it lives as long as the server (parent-death signals need that)."""
    path: list[str]
    vocabulary: str
    limits: Limits
    timezone: str
    """The file of the time zone that is local to scripts, "" for UTC; no child can read it any more."""
    required: bool
    """Whether a child on which a required lock does not hold must end before it sees any user code."""


class Fork(Struct, array_like=True, frozen=True):
    """Make child `number`; `attempt` is what an "attempts" child tries alone ("" = all silent ones)."""

    number: int
    role: Role
    attempt: str = ""
    niceness: int = 0
    spare: bool = False
    """Whether nobody waits for it yet, so that it may take its time to warm up."""


class Started(Struct, array_like=True, frozen=True, tag=1):
    """The zygote is warm."""


class Broken(Struct, array_like=True, frozen=True, tag=2):
    """The zygote cannot work, and ends."""

    why: str


class Forked(Struct, array_like=True, frozen=True, tag=3):
    """Child `number` is alive; `pid` 0 means that there was no room for it, for the reason `why`."""

    number: int
    pid: int
    why: str = ""


class Ended(Struct, array_like=True, frozen=True, tag=4):
    """Child `number` is gone; `status` as `os.waitstatus_to_exitcode` gives it (negative = signal)."""

    number: int
    status: int


News = Started | Broken | Forked | Ended

_encoder = msgspec.msgpack.Encoder()
encode = _encoder.encode
decode_fork = msgspec.msgpack.Decoder(Fork).decode
_news_decoder: msgspec.msgpack.Decoder[News] = msgspec.msgpack.Decoder(News)
decode_news = _news_decoder.decode
decode_settings = msgspec.json.Decoder(Settings).decode
encode_settings = msgspec.json.encode
