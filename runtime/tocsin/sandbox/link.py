"""A worker's end of its socket: blocking, one thread, whole messages."""

from __future__ import annotations

import mmap
import socket

from tocsin.sandbox import frames


class Link:
    """Sends and receives messages over the SOCK_SEQPACKET socket `descriptor`."""

    def __init__(self, descriptor: int, *, most: int) -> None:
        # Family and type are given, because asking the kernel for them is not allowed once locked.
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, fileno=descriptor)
        self._buffer = mmap.mmap(-1, frames.PACKET)  # of which only what is used takes memory
        self._view = memoryview(self._buffer)
        self._assembler = frames.Assembler(most)

    def receive(self) -> bytes | memoryview | None:
        """Wait for a message; None once the server has closed its end. Valid until the next receive."""
        while size := self._socket.recv_into(self._buffer):
            if (message := self._assembler.feed(self._view[:size])) is not None:
                return message
        return None

    def send(self, message: bytes) -> None:
        """Send a message, waiting while the server is slow to read; raises OSError once it is gone."""
        for packet in frames.packets(message):
            self._socket.send(packet)
