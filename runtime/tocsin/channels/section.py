"""The configuration section `[throttles]`: how much quiet people get, and when an area is in a flood.

What a throttle does is decided in `throttle`, how a flood begins and ends in `alarms.flood`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field

from tocsin.alarms.flood import FloodLimits
from tocsin.channels.throttle import Limit, Throttles
from tocsin.config import Fault, Section
from tocsin.config.spans import milliseconds_or_none

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST_MS: Final = 3_600_000


def _zero(value: object) -> object:
    return "0s" if type(value) is int and value == 0 else value


def _span(text: str) -> str:
    if milliseconds_or_none(text) > LONGEST_MS:
        raise ValueError(
            f'"{text}" is longer than an hour, in which nobody would be told; write at most "1h"'
        )
    return text


SpanOrOff = Annotated[str, BeforeValidator(_zero), AfterValidator(_span)]


class QuietSection(Section):
    """How much quiet one person gets over one channel."""

    pause: SpanOrOff = Field(
        "60s",
        description="quiet after a call or a text, unless for something more urgent; it doubles with each "
        "further one within half an hour. 0 = off",
    )
    longest: SpanOrOff = Field(
        "4m",
        description="the longest such quiet, and so the longest anything waits; shorter than the steps of "
        "pipelines, so that nobody else is told because of it",
    )

    @property
    def limit(self) -> Limit:
        """The same as values."""
        return Limit(milliseconds_or_none(self.pause), milliseconds_or_none(self.longest))


class FloodSection(Section):
    """When an area (the first part of its alarms' paths) counts as flooded."""

    begins: int = Field(10, ge=0, description="more alarms than this going active begin a flood. 0 = off")
    ends: int = Field(5, ge=1, description="fewer than this end it")
    within: SpanOrOff = Field("10m", description="in so much time, both times")

    @property
    def limits(self) -> FloodLimits:
        """The same as values."""
        return FloodLimits(self.begins, self.ends, milliseconds_or_none(self.within))


class ThrottlesSection(Section):
    """What keeps people from being called and texted without end. Nothing is dropped by it."""

    calls: QuietSection = Field(default_factory=QuietSection, description="calls to one person")
    texts: QuietSection = Field(default_factory=QuietSection, description="texts to one person")
    flood: FloodSection = Field(default_factory=FloodSection, description="floods of alarms")

    @property
    def throttles(self) -> Throttles:
        """The quiet of calls and texts as values."""
        return Throttles(self.calls.limit, self.texts.limit)


def crosscheck(section: ThrottlesSection, steps: Iterable[tuple[tuple[str | int, ...], int]]) -> list[Fault]:
    """List what is wrong with the section; `steps` are the steps of pipelines: where, and how long (ms)."""
    return [*_quiet(section), *_flood(section.flood), *_steps(section.calls, steps)]


def _quiet(section: ThrottlesSection) -> Iterator[Fault]:
    for name in ("calls", "texts"):
        quiet: QuietSection = getattr(section, name)
        limit = quiet.limit
        if 0 < limit.longest_ms < limit.pause_ms or (limit.pause_ms and not limit.longest_ms):
            yield Fault(
                ("throttles", name, "longest"),
                f'is shorter than the pause; write "{quiet.pause}" or longer, or pause = 0 for no throttle',
            )


def _flood(flood: FloodSection) -> Iterator[Fault]:
    if flood.begins and flood.ends > flood.begins:
        yield Fault(
            ("throttles", "flood", "ends"),
            f"a flood that begins above {flood.begins} would end at once; write at most {flood.begins}",
        )
    if flood.begins and not milliseconds_or_none(flood.within):
        yield Fault(("throttles", "flood", "within"), 'no alarm goes active in no time; write "10m"')


def _steps(calls: QuietSection, steps: Iterable[tuple[tuple[str | int, ...], int]]) -> Iterator[Fault]:
    limit = calls.limit
    longest_ms = limit.after(1_000)
    for where, step_ms in steps:
        if 0 < step_ms <= longest_ms:
            yield Fault(
                where,
                f"ends before a call that throttles.calls holds back for up to {calls.longest}: the next "
                "person may be told because of the throttle alone; write a longer step or a shorter "
                "throttles.calls.longest",
                "warning",
            )
