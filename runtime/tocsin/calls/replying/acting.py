"""Doing what an answer asks for, in one transaction with its record and with what is answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from tocsin.calls.replying import desk as desks
from tocsin.calls.replying.answers import Done, Said
from tocsin.calls.replying.deciding import SHELVED_MINUTES
from tocsin.calls.replying.inbound import answered_in, audit_in, audit_row, seen_in, taken_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from tocsin.calls.replying.answers import Fate, Voice
    from tocsin.calls.replying.deciding import Told, Wanted
    from tocsin.calls.replying.inbound import Inbound
    from tocsin.calls.services import Services
    from tocsin.people import User

_REST: Final[dict[str, Fate]] = {"acknowledged": "already", "returned": "returned", "told-anew": "told-anew"}


def clock_time(services: Services, at_ms: int | None) -> str:
    """Give a moment as the local time of day; "" where there is none."""
    if at_ms is None:
        return ""
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(services.timezone):%H:%M}"


def explained(services: Services, some: Iterable[Told], unknown: Iterable[str] = ()) -> list[Said]:
    """Say of alarms that cannot be had any more why not, and which codes name nothing."""
    said = []
    for one in some:
        episode = one.episode
        fate = _REST.get(one.state, "unknown")
        at_ms = episode.cleared_ms if fate == "returned" else episode.acked_ms
        by = name_of(services, episode.acked_by)
        said.append(Said(one.code, fate, by=by, at=clock_time(services, at_ms)))
    return [*said, *(Said(code, "unknown") for code in unknown)]


def name_of(services: Services, username: str | None) -> str:
    """Give a person's name, or what stands on record where it is nobody's username."""
    user = services.directory.users.get(username or "")
    return user.name if user is not None else username or ""


@dataclass(frozen=True, slots=True)
class Acting:
    """One answer that asks for something, and the person it counts for."""

    services: Services
    text: Inbound
    wanted: Wanted
    actor: User
    voice: Voice

    def work(self, conn: Connection) -> tuple[str, list[Any]]:
        """Do it, once; give the answer and what the board is to take over."""
        services, text, wanted = self.services, self.text, self.wanted
        if not taken_in(conn, text):
            return seen_in(conn, text) or "", []
        current = desks.now_in(conn, wanted.targets)
        targets = [one for one in current if one.ack_version == one.episode.ack_version]
        lost = [one for one in current if one not in targets]
        mine = [one for one in targets if services.directory.may(self.actor, one.episode.path)]
        others = [one for one in targets if one not in mine]
        stopped = desks.others_waiting_in(conn, [one.episode.id for one in mine], self.actor.username)
        said, results = self._carried_out(conn, mine)
        said += [Said(one.code, "not-allowed") for one in others]
        done = Done(
            wanted.action,
            (*said, *explained(services, [*lost, *wanted.rest], wanted.unknown)),
            others_stopped=stopped if results and _over(wanted.action, said) else 0,
            still_open=self._still_open(conn, said),
            until=clock_time(services, text.at_ms + self._minutes * 60_000),
        )
        self._audit(conn, current, done.said)
        answer = answered_in(conn, text, self.voice.done(done), acted=done.acted)
        return answer, results

    @property
    def _minutes(self) -> int:
        return self.wanted.minutes or SHELVED_MINUTES

    def _carried_out(self, conn: Connection, mine: Sequence[Told]) -> tuple[list[Said], list[Any]]:
        if not mine:
            return [], []
        if self.wanted.action == "pass":
            return [self._passed(conn, one) for one in mine], []
        ids = {one.episode.id: one for one in mine}
        by, now_ms, board = self.actor.username, self.text.at_ms, self.services.board
        if self.wanted.action == "shelve":
            shelved = board.shelve_in(conn, ids, by=by, via="sms", minutes=self._minutes, now_ms=now_ms)
            return [
                Said(ids[one.episode_id].code, "done", ids[one.episode_id].called)
                if one.outcome == "ok"
                else Said(ids[one.episode_id].code, "not-shelved")
                for one in shelved
            ], shelved
        acked = board.acknowledge_in(conn, ids, by=by, via="sms", note=self.wanted.note, now_ms=now_ms)
        said = []
        for one in acked:
            told = ids[one.episode_id]
            if one.outcome == "ok":
                partly = one.change is not None and not one.change.episode.acked
                said.append(Said(told.code, "done", told.called, partly=partly))
            elif one.outcome == "already_acknowledged" and not told.episode.acked and one.by == by:
                # By this person, earlier, and others must too.
                said.append(Said(told.code, "done", told.called, partly=True))
            elif one.outcome == "already_acknowledged":
                first, at = name_of(self.services, one.by), clock_time(self.services, one.at_ms)
                said.append(Said(told.code, "already", by=first, at=at))
            else:
                said.append(Said(told.code, "unknown"))
        return said, acked

    def _passed(self, conn: Connection, one: Told) -> Said:
        """Tell the next person now; where nobody else can be told, it stays with this one."""
        passing = self.services.pass_on_in
        if passing is None or not passing(conn, self.actor.username, [one.episode.id], self.text.at_ms):
            return Said(one.code, "not-passed")
        return Said(one.code, "done", one.called)

    def _still_open(self, conn: Connection, said: Sequence[Said]) -> int:
        over = {one.code for one in said if one.fate == "done"}
        found = desks.desk_in(conn, self.services, self.text.number)
        done = {one.episode.id for code in over for one in found.told.get(code, ())} if over else set()
        if self.wanted.action == "pass":
            done = set()
        return len([one for one in found.open() if one.episode.id not in done])

    def _audit(self, conn: Connection, targets: Sequence[Told], said: Sequence[Said]) -> None:
        results = {one.code: one.fate for one in said}
        words = {"done": "ok", "already": "already_acknowledged"}
        rows = [
            audit_row(
                self.text,
                self.wanted.action,
                words.get(results.get(one.code, ""), results.get(one.code, "unknown")),
                person=self.actor.username,
                note=self.wanted.note,
                episode_id=one.episode.id,
            )
            for one in targets
        ]
        audit_in(conn, self.services, self.text, rows)


def _over(action: str, said: Sequence[Said]) -> bool:
    """Tell whether nobody else need be told any more."""
    return action == "acknowledge" and not any(one.partly for one in said)
