"""The plant in a story: its alarms, its people, its scripts and its time.

A plant begins at the first thing that happens in it. What is to be otherwise than in the project's files
(`at`, `configure`) is said before.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from tocsin.alarms import AlarmEvent
from tocsin.emulator.numbers import is_callable, is_e164
from tocsin.testing import harmless
from tocsin.testing.alarm import Alarm
from tocsin.testing.phone import Phone
from tocsin.testing.running import RunningPlant
from tocsin.testing.stand import WrongUse
from tocsin.testing.story import StoryFailed

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping
    from pathlib import Path

    from tocsin.alarms import Episode
    from tocsin.errors import Finding
    from tocsin.people import User
    from tocsin.testing.stand import TestStand

T = TypeVar("T")
_BEGINS = datetime(2026, 1, 5, 14, 0)  # noqa: DTZ001  a Monday afternoon wherever the plant is
_LAST_TEXTS_S = 5.0
"""So long after the story's last line, texts that were sent still arrive."""


class Plant:
    """The plant of one test: a gateway with the project's people, alarms and scripts, and an emulator."""

    def __init__(self, stand: TestStand, folder: Path) -> None:
        self._stand = stand
        self._folder = folder.resolve()
        self._settings: dict[tuple[str, ...], Any] = {}
        self._tells = False
        self._begins = _BEGINS
        self._running: RunningPlant | None = None
        self._phones: dict[str, Phone] = {}
        self._failures_seen: list[str] = []
        self.ended = False
        """Whether the story has been told to its end."""

    # Before the story.

    def configure(self, key: str | tuple[str, ...], value: Any) -> Plant:
        """Set one key of the configuration for this story: `configure("voice_profiles.phone.pin", "none")`.

        A key with dots in a name is a tuple of names. Raises WrongUse once the story has begun.
        """
        if self._running is not None:
            raise WrongUse(f"the story has begun; configure {key!r} before anything happens in it")
        self._settings[tuple(key.split(".")) if isinstance(key, str) else key] = value
        return self

    def tells_people(self) -> Plant:
        """Let pipelines run in this story: people are called and texted as they would be.

        Without it an alarm is only recorded, and the story places the calls it is about by `calls`.
        """
        if self._running is not None:
            raise WrongUse("the story has begun; say tells_people() before anything happens in it")
        self._tells = True
        return self

    def at(self, when: str) -> Plant:
        """Move on to a time of the plant's clock: "03:10", or "2026-01-05 03:10".

        One with an offset from UTC ("2026-01-05T02:10+00:00") is that moment wherever the plant is. A time of
        day is the next one; at the beginning of a story it is that of its first day.
        Raises WrongUse for a moment that is over.
        """
        moment = self._moment(when)
        if self._running is None:
            self._begins = moment
            return self
        left = moment.replace(tzinfo=self.timezone).timestamp() - self._running.clock.now()
        if left < 0:
            raise WrongUse(f"it is {self.now:%Y-%m-%d %H:%M} at the plant; time does not go back to {when}")
        return self.waits(seconds=left)

    def _moment(self, when: str) -> datetime:
        try:
            if len(when) > 8:
                moment = datetime.fromisoformat(when)
                return (moment.astimezone(self._zone) if moment.tzinfo else moment).replace(tzinfo=None)
            day = self._begins if self._running is None else self.now.replace(tzinfo=None)
            moment = datetime.combine(day.date(), time.fromisoformat(when))
        except ValueError:
            raise WrongUse(f'"{when}" is no time; write "03:10" or "2026-01-05 03:10"') from None
        return moment + timedelta(days=1) if self._running is not None and moment < day else moment

    # What happens at the plant.

    def raises(
        self,
        path: str,
        *,
        value: float | str | bool | None = None,
        priority: str | None = None,
        label: str | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> Alarm:
        """Let an alarm go active; what is not given comes from its rule. Returns its episode."""
        event = AlarmEvent(path=path, state="active", value=value, priority=priority, label=label, data=data)
        episode_id = self._report(event)
        assert episode_id is not None, "an alarm reported as active has an episode"
        return Alarm(self, path, episode_id)

    def clears(self, path: str, *, value: float | str | bool | None = None) -> Plant:
        """Let the condition of an alarm end."""
        self._report(AlarmEvent(path=path, state="clear", value=value))
        return self

    def calls(
        self, person: str, *, number: str | None = None, profile: str | None = None, attempt: int = 1
    ) -> Phone:
        """Call a person by username or number, else at their first phone; returns the phone that will ring.

        `profile` is a voice profile, else the first one; `attempt` counts the tries to reach this person.
        """
        __tracebackhide__ = True
        user = self._person(person)
        phone = self.phone(number or person)
        profiles = list(self.running.gateway.services.lines)
        if (profile or "") not in profiles and (profile or not profiles):
            raise WrongUse(f"there is no voice profile {profile or ''!r}; defined: {', '.join(profiles)}")
        self.running.story.add("plant", "calls", f"{person}, {phone.number}")
        why = self.do(self.running.place(user, phone.number, profile or profiles[0], attempt))
        if why:
            self.fail(f"Twilio did not take the call to {person} ({phone.number}): {why}")
        return phone

    def waits(self, seconds: float = 0.0, *, minutes: float = 0.0, hours: float = 0.0) -> Plant:
        """Let time pass."""
        self.do(self.running.wait(seconds + 60 * minutes + 3600 * hours))
        return self

    def phone(self, whose: str) -> Phone:
        """Return a phone by its number, or the first phone of a person by username."""
        if whose.startswith("+") and not is_e164(whose):
            raise WrongUse(f'"{whose}" is no telephone number; write one as +46701234567')
        return self._phone(whose if is_callable(whose) else self._person(whose).numbers[0])

    def _phone(self, number: str) -> Phone:
        if number not in self._phones:
            self._phones[number] = Phone(self, number)
        return self._phones[number]

    def pin(self, person: str) -> str:
        """Return a person's PIN in this story: that of the files, or the made-up one behind a hash."""
        return self._person(person).pin_literal or ""

    # Scripts.

    def script(self, name: str, *, project: str = ".") -> str:
        """Return the text of a script as it is in this story."""
        return self._script(name, project).read_text(encoding="utf-8")

    def saves(self, name: str, source: str, *, project: str = ".") -> list[Finding]:
        """Save a script, as its author would in an editor, and return what is wrong with it.

        Only this story sees it: the project's own file stays as it is.
        """
        self._script(name, project).write_text(source, encoding="utf-8")
        self.running.story.add("author", "saves", name)
        return self.do(self.running.gateway.services.library.reload(project))

    def _script(self, name: str, project: str) -> Path:
        running = self.running
        if project not in running.gateway.projects:
            there = ", ".join(sorted(running.gateway.projects)) or "none"
            raise WrongUse(f"no voice profile uses the project {project!r}; used are: {there}")
        return (running.gateway.folder / project).resolve() / "twilio_scripts" / name

    def script_fails(self, expected: str) -> bool:
        """Expect that a script has failed with a message that holds `expected`, such as "20_menu.py:7".

        A failure that no story expects fails its test, although the caller heard the default script.
        """
        __tracebackhide__ = True
        found = [turn.fault for turn in self.do(self.running.turns()) if expected in turn.fault]
        if not found:
            self.fail(f'no script failed with "{expected}"')
        self._failures_seen += found
        return True

    # What the other parts of the kit need.

    @property
    def running(self) -> RunningPlant:
        """The gateway and the emulator, begun if need be."""
        if self._running is None:
            loaded, _ = self._loaded()
            start = self._begins.replace(tzinfo=ZoneInfo(loaded.value.gateway.timezone)).timestamp()
            running = RunningPlant(self._stand, self._folder, loaded, start, notify=self._tells)
            self._stand.run(running.start())
            self._running = running
        return self._running

    def _loaded(self) -> Any:
        try:
            return harmless.read(self._folder, self._settings)
        except KeyError as error:
            raise WrongUse(f"the configuration has no key {error} where this story sets one") from None
        except ValidationError as error:
            keys = ", ".join(".".join(key) for key in self._settings)
            why = "; ".join(dict.fromkeys(fault["msg"] for fault in error.errors()))
            raise WrongUse(
                f"the configuration does not take what this story sets for {keys}: {why}"
            ) from None

    @property
    def timezone(self) -> ZoneInfo:
        """The time zone of the gateway."""
        return ZoneInfo(self.running.gateway.configuration.gateway.timezone)

    @property
    def _zone(self) -> ZoneInfo:
        """The time zone, without beginning the story."""
        return self.timezone if self.begun else ZoneInfo(self._loaded()[0].value.gateway.timezone)

    @property
    def now(self) -> datetime:
        """The time at the plant."""
        return datetime.fromtimestamp(self.running.clock.now(), UTC).astimezone(self.timezone)

    @property
    def now_ms(self) -> int:
        """The time in milliseconds since 1970-01-01 UTC."""
        return self.running.clock.now_ms()

    def find_episode(self, episode_id: str) -> Episode:
        """Return an episode as it is on record."""
        found = self.do(self.running.gateway.services.board.find(episode_id))
        assert found is not None, "an episode that was reported is on record"
        return found

    def _report(self, event: AlarmEvent) -> str | None:
        (accepted,) = self.do(self.running.gateway.services.board.report([event]))
        return accepted.episode

    def _person(self, username: str) -> User:
        directory = self.running.gateway.services.directory
        users = directory.users
        if username.startswith("+"):
            owner = directory.owner(username)
            if owner is None:
                raise WrongUse(f"{username} is no contact of any user; the gateway calls nobody else")
            return owner
        if username not in users:
            raise WrongUse(f'there is no user "{username}"; defined are: {", ".join(users)}')
        if not users[username].numbers:
            raise WrongUse(f"{username} has no phone; give one in people.toml")
        return users[username]

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run one step of the story; the event loop turns only meanwhile."""
        return self._stand.run(work)

    # The end.

    @property
    def begun(self) -> bool:
        """Whether anything has happened yet."""
        return self._running is not None

    def told(self, *, marked: list[str] | None = None, since: int = 0) -> str:
        """Return the whole story so far, script log and failures included."""
        running = self.running
        return running.story.told(self.do(running.turns()), marked=marked or (), since=since)

    def fail(self, sentence: str, *, marked: list[str] | None = None, since: int = 0) -> NoReturn:
        """Fail the test with a sentence and the whole story."""
        __tracebackhide__ = True
        raise StoryFailed(f"{sentence}\n\n{self.told(marked=marked or [sentence], since=since)}\n")

    def ends(self) -> str:
        """Hang up, let the last texts arrive; return the story if anything in it was not expected."""
        if self._running is None:
            return ""
        self.ended = True
        for phone in self._every_phone():
            phone.put_down()
        self.waits(seconds=_LAST_TEXTS_S)
        unexpected = [one for phone in self._every_phone() for one in phone.unexpected()]
        unexpected += [
            f"a script failed: {turn.fault}"
            for turn in self.do(self._running.turns())
            if turn.fault and turn.fault not in self._failures_seen
        ]
        unexpected += self._running.broken()
        if not unexpected:
            return ""
        marked = [f"unexpected: {one}" for one in unexpected]
        return f"{marked[0]}\n\n{self.told(marked=marked)}\n"

    def _every_phone(self) -> list[Phone]:
        return [self._phone(one.number) for one in self.running.emulator.phones]

    def close(self) -> None:
        """Stop gateway and emulator."""
        if self._running is not None:
            self._stand.run(self._running.stop())
