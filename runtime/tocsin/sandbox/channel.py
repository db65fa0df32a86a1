"""The server's end of a child's socket: non-blocking, on the event loop, whole messages both ways."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol

from tocsin.sandbox import frames

if TYPE_CHECKING:
    import asyncio
    import socket

# One buffer serves all channels: a message is decoded before the next packet is read. Receiving into a
# fresh large buffer costs several times the system call itself.
_buffer = bytearray(frames.PACKET)
_view = memoryview(_buffer)


class Listener(Protocol):
    """Who gets what a child says."""

    def heard(self, message: bytes | memoryview) -> None:
        """Take one message, valid during this call only; raises Violation where it is none."""

    def violated(self, violation: frames.Violation) -> None:
        """Hear that the child broke the protocol; nothing more is read from it."""

    def closed(self) -> None:
        """Hear that the child's end is closed: it has ended, or is about to."""


class Channel:
    """A message channel to one child."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, end: socket.socket, listener: Listener, most: int
    ) -> None:
        end.setblocking(False)
        self._loop = loop
        self._socket = end
        self._receive_into = end.recv_into
        self.listener = listener
        self._assembler = frames.Assembler(most)
        self._unsent: deque[bytes] = deque()
        self.open = True
        loop.add_reader(end, self._readable)

    def send(self, message: bytes) -> None:
        """Send a message, or keep what the child has no room for until it has."""
        if not self.open:
            return
        if self._unsent or len(message) > frames.PIECE:
            self._unsent.extend(frames.packets(message))
            self._flush()
            return
        packet = b"\0" + message
        try:
            self._socket.send(packet)
        except BlockingIOError:
            self._unsent.append(packet)
            self._loop.add_writer(self._socket, self._flush)
        except OSError:
            pass  # the child has ended; reading will say so

    def _flush(self) -> None:
        try:
            while self._unsent:
                self._socket.send(self._unsent[0])
                self._unsent.popleft()
        except BlockingIOError:
            self._loop.add_writer(self._socket, self._flush)
            return
        except OSError:
            self._unsent.clear()
        self._loop.remove_writer(self._socket)

    def _readable(self) -> bool:
        """Read one packet; return whether there may be another."""
        try:
            size = self._receive_into(_buffer)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            size = 0
        if size == 0:
            self.close()
            self.listener.closed()
            return False
        try:
            message = self._assembler.feed(_view[:size])
            if message is not None:
                self.listener.heard(message)
        except frames.Violation as violation:
            self.close()
            self.listener.violated(violation)
            return False
        return self.open

    def drain(self) -> None:
        """Hear what a child that has ended had still said."""
        while self.open and self._readable():
            pass

    def close(self) -> None:
        """Close this end; the listener is not told."""
        if self.open:
            self.open = False
            self._unsent.clear()
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket.close()
