"""Workers without a process: the test holds their end of the socket and says what it likes.

The server's half is the product's, unchanged: pool, crew, members, channels, the sockets themselves. Only
the zygote is replaced, so that a million workers can be taken over without a million forks.
"""

from __future__ import annotations

import contextlib
import random
import socket
from typing import Any

from tests.soak import mutation

from tocsin.sandbox import frames
from tocsin.sandbox.birth import Role
from tocsin.sandbox.nursery import LARGEST, Child


class Body(Child):
    """A child that has no process to be killed, and ends as one that was."""

    def kill(self) -> None:
        super().kill()
        self._nursery.loop.call_soon(self.gone, -9)

    def gone(self, status: int | None) -> None:
        self._nursery.bury(self)
        super().gone(status)


class Impostor:
    """One worker, honest or taken over."""

    def __init__(self, end: socket.socket, resident: Any) -> None:
        self.end = end
        self.resident = resident
        self.lies = False
        self.turns: list[frames.Call] = []
        self.held: set[int] = set()
        """Tags of all turns it had in hand as a liar."""
        self._assembler = frames.Assembler(1 << 24)
        self._is_born = False

    def listen(self) -> None:
        """Take all orders there are, as a worker does."""
        with contextlib.suppress(BlockingIOError, OSError):
            while packet := self.end.recv(frames.PACKET):
                message = self._assembler.feed(memoryview(packet))
                if message is not None:
                    self._take(frames.decode_order(message))

    def _take(self, order: frames.Order) -> None:
        if isinstance(order, frames.Batch):
            self.turns += order.calls
            if self.lies:
                self.held.update(frames.decode_given(call.given)["tag"] for call in order.calls)
        elif isinstance(order, frames.Load):
            self.say(frames.encode_report(frames.Loaded(order.key, "")))
        elif isinstance(order, frames.Release):
            del self.turns[1:]

    def say(self, *messages: bytes) -> None:
        for message in messages:
            for packet in frames.packets(message):
                self.send(packet)

    def send(self, packet: bytes) -> None:
        with contextlib.suppress(OSError):
            self.end.send(packet)

    def take_over(self) -> None:
        """Have it lie from now on."""
        self.lies = True
        self.held.update(frames.decode_given(call.given)["tag"] for call in self.turns)

    def live(self) -> None:
        """Do what an honest worker does."""
        if not self._is_born:
            self._is_born = True
            self.say(frames.encode_report(frames.Ready([("seccomp", True, True, "")])))
        done = [
            frames.Finished(
                call.cid, {"honest": frames.decode_given(call.given)["tag"]}, [], 40, 0, "scripts", ["10_.py"]
            )
            for call in self.turns
        ]
        self.turns.clear()
        if done:
            self.say(frames.encode_report(frames.Report(done)))

    def mutter(self, dice: random.Random) -> None:
        """Say one mutated thing that fits, or nearly fits, what the server believes it to be at."""
        if not self._is_born and dice.random() < 0.9:
            self._is_born = True
            self.say(frames.encode_report(frames.Ready([("seccomp", True, True, "")])))
            return
        if dice.random() < 0.003:
            # Its ears stay open: what it is given until the server notices counts as given to a liar.
            self.end.shutdown(socket.SHUT_WR)
            return
        member = self.resident
        key = next(iter(member.held), "none")
        seed = mutation.forged(dice, member._first, len(member.jobs), key)
        for packet in mutation.packets(dice, mutation.lie(dice, seed)):
            self.send(packet)


class Nursery:
    """What the pool takes for its zygote."""

    def __init__(self, loop: Any, dice: random.Random) -> None:
        self.loop = loop
        self.pid = 0
        self.born = 0
        self.alive: dict[Body, Impostor] = {}
        self.held_by_liars: set[int] = set()
        self._dice = dice

    def fork(self, role: Role, resident: Any, *, attempt: str = "", niceness: int = 0) -> Child:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        theirs.setblocking(False)
        self.born += 1
        body = Body(self, self.born, ours, resident, LARGEST[role])
        # All begin honest, and stay so where a turn runs alone to find out who was to blame.
        self.alive[body] = Impostor(theirs, resident)
        return body

    def bury(self, body: Body) -> None:
        impostor = self.alive.pop(body, None)
        if impostor is not None:
            impostor.listen()
            if impostor.lies:
                self.held_by_liars |= impostor.held
            impostor.end.close()

    def close(self) -> None:
        for body in list(self.alive):
            body.kill()
