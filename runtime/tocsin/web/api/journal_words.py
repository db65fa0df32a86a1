"""The journal of an episode in plain words: what became of the alarm, and what its pipeline did. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tocsin.web.api.models import TimelineEntry

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.journal import Entry

    Name = Callable[[str | None], str]
    Moment = Callable[[int], str]


def of_journal(entry: Entry, name: Name, moment: Moment) -> TimelineEntry:
    """Tell one entry; `name` gives a person's name, `moment` the plant's wall clock."""
    words = _JOURNAL.get(entry.kind)
    text = words(entry, name(entry.person), moment) if words else _in_general(entry, name)
    if entry.kind.startswith("run.") and words:
        text += _because(entry, name)
    return TimelineEntry(
        at_ms=entry.at_ms, kind=entry.kind, text=text, person=entry.person, data=dict(entry.data)
    )


def _value(entry: Entry) -> str:
    value = entry.data.get("value")
    return "" if value is None else f", value {value}"


_VIA: Final = {
    "voice": " by telephone", "sms": " by text", "api": " by API", "cli": " by command",
    "script": " by script",
}  # fmt: skip


def _acknowledged(entry: Entry, who: str, _: Moment) -> str:
    note = entry.data.get("note")
    via = str(entry.data.get("via", ""))
    if via == "auto":
        return "Acknowledged by itself, as it returned to normal"
    if via == "unused":
        return "Needs no acknowledgement"
    how = _VIA.get(via, "")
    return f"{who} acknowledged it{how}{_so_far(entry)}" + (f": “{note}”" if note else "")


def _so_far(entry: Entry) -> str:
    """Say who is still waited for, where several people have to acknowledge."""
    done, needed = entry.data.get("acknowledged"), entry.data.get("needed")
    if not isinstance(done, int) or not isinstance(needed, int):
        return ""
    return f", {done} of {needed}" + (f"; it waits for {needed - done} more" if done < needed else "")


def _shelved(entry: Entry, who: str, moment: Moment) -> str:
    until = entry.data.get("until_ms")
    if entry.data.get("via") == "clock" and isinstance(until, int):
        return f"The clock was set; it is shelved until {moment(until)}"
    return f"{who} shelved it" + (f" until {moment(until)}" if isinstance(until, int) else "")


def _unshelved(entry: Entry, who: str, _: Moment) -> str:
    return "The shelving is over" if _by_time(entry) else f"{who} ended the shelving"


def _suppressed(entry: Entry, who: str, _: Moment) -> str:
    return f"{who} suppressed it by design: “{_fact(entry, 'reason')}”"


def _out_of_service(entry: Entry, who: str, moment: Moment) -> str:
    until = entry.data.get("until_ms")
    end = f", until {moment(until)}" if isinstance(until, int) else ""
    return f"{who} took it out of service: “{_fact(entry, 'reason')}”{end}"


def _returned(entry: Entry, who: str, _: Moment) -> str:
    return "It is in service again: its time was over" if _by_time(entry) else f"{who} returned it to service"


def _by_time(entry: Entry) -> bool:
    return entry.data.get("via") == "timer"


_JOURNAL: Final[dict[str, Callable[[Entry, str, Moment], str]]] = {
    "alarm.active": lambda entry, _who, _moment: f"The alarm went active{_value(entry)}",
    "alarm.raised": lambda entry, who, _moment: (
        f"{who} raised it by phone{' as well' if entry.data.get('again') else ''}"
    ),
    "alarm.cleared": lambda entry, _who, _moment: f"The alarm returned to normal{_value(entry)}",
    "alarm.acknowledged": _acknowledged,
    "alarm.partly-acknowledged": _acknowledged,
    "alarm.shelved": _shelved,
    "alarm.unshelved": _unshelved,
    "alarm.suppressed": _suppressed,
    "alarm.unsuppressed": lambda _entry, who, _moment: f"{who} ended the suppression by design",
    "alarm.out-of-service": _out_of_service,
    "alarm.returned-to-service": _returned,
    "alarm.unacknowledged": lambda _entry, _who, _moment: "Still active: its acknowledgement has lapsed",
    "alarm.re-alarmed": lambda _entry, _who, _moment: "Still active: people are told anew",
    "run.started": lambda entry, _who, _moment: f"The {_fact(entry, 'pipeline')} pipeline begins",
    "run.step": lambda entry, who, _moment: f"{who} is told now, by {_fact(entry, 'by')}",
    "run.followed-up": lambda entry, who, _moment: f"{who} is {_fact(entry, 'then')}",
    "run.texted": lambda _entry, who, _moment: f"{who} is texted as well",
    "run.waiting": lambda entry, _who, _moment: f"The pipeline waits {_lasting(entry)}",
    "run.paused": lambda entry, _who, moment: f"The pipeline pauses until {_until(entry, moment)}",
    "run.resumed": lambda _entry, _who, _moment: "The pipeline goes on",
    "run.roster-empty": lambda entry, _who, _moment: f"Nobody of {_fact(entry, 'roster')} can be told",
    "run.nobody-reached": lambda entry, _who, _moment: (
        "TOO FEW HAVE ACKNOWLEDGED" if entry.data.get("acknowledged") else "NOBODY REACHED"
    ),
    "run.everybody": lambda _entry, _who, _moment: "Everybody is told",
    "run.failed": lambda entry, _who, _moment: f"The pipeline failed: {_fact(entry, 'fault')}",
    "run.crew": lambda entry, _who, _moment: f"Told at once: {_several(entry, 'people')}",
    "run.chosen": lambda entry, _who, _moment: (
        f"The pipeline chooses at {_fact(entry, 'block')}: {_value_of(entry)}"
    ),
    "run.split": lambda entry, _who, _moment: (
        f"The pipeline goes on side by side: {_several(entry, 'branches')}"
    ),
    "run.branch-stopped": lambda _entry, _who, _moment: "A branch of the pipeline stops",
    "run.held-back": lambda entry, _who, _moment: f"The rate gate {_fact(entry, 'block')} holds it back",
    "run.collecting": lambda entry, _who, moment: f"People are told at {_until(entry, moment)}",
    "run.expression-failed": lambda entry, _who, _moment: (
        f"An expression of {_fact(entry, 'block')} has no value"
    ),
    "run.script-asked": lambda entry, _who, _moment: f"The script {_fact(entry, 'script')} is asked",
    "run.script-answered": lambda entry, _who, _moment: f"The script {_fact(entry, 'script')} has answered",
    "run.script-failed": lambda entry, _who, _moment: f"The script {_fact(entry, 'script')} came to nothing",
    "run.cancelled": lambda _entry, who, _moment: f"{who} cancelled the pipeline: nobody more is told",
    "run.ended": lambda _entry, _who, _moment: "The pipeline ends",
}
"""Sentences by kind; a kind that is not here is told in general words."""


def _fact(entry: Entry, key: str) -> str:
    return str(entry.data.get(key, ""))


def _several(entry: Entry, key: str) -> str:
    """Give a list in the words of the entry; usernames are what a forgotten person is found by."""
    names = entry.data.get(key)
    return ", ".join(str(one) for one in names) if isinstance(names, list) else ""


def _value_of(entry: Entry) -> str:
    value = entry.data.get("value")
    return {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else str(value)


def _because(entry: Entry, name: Name) -> str:
    """Give the reason of a pipeline's step; one about a person ("maria: busy") begins with the name."""
    why = _fact(entry, "because") or _fact(entry, "why") or _fact(entry, "outcome").replace("-", " ")
    about, colon, rest = why.partition(": ")
    return f" ({name(about)}: {rest})" if colon else f" ({why})" if why else ""


def _until(entry: Entry, moment: Moment) -> str:
    until = entry.data.get("until_ms")
    return moment(until) if isinstance(until, int) else "it is told to go on"


def _lasting(entry: Entry) -> str:
    seconds = round((entry.data.get("for_ms") or 0) / 1000)
    return f"{seconds} s" if seconds < 120 else f"{round(seconds / 60)} min"


def _in_general(entry: Entry, name: Name) -> str:
    """Say an entry of which nothing more is known than its kind, its person and its reason."""
    what = entry.kind.rpartition(".")[2].replace("_", " ").replace("-", " ")
    if "." in entry.kind and not entry.kind.startswith("alarm."):
        what = f"{entry.kind.partition('.')[0]} {what}"
    by = f" by {name(entry.person)}" if entry.person else ""
    why = next((entry.data[key] for key in ("text", "why", "reason", "note") if entry.data.get(key)), "")
    return f"{what[:1].upper()}{what[1:]}{by}" + (f": {why}" if why else "")
