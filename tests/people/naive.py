"""Who is on call, worked out the slow and obvious way: minute by minute, from what a project's files say.

Whoever stands at the plant's clock and remembers how far it has been needs nothing else: a shift begins when
the clock first reads its beginning, and ends when it first reads its end. Shares no code with the product.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LENGTHS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


class Clock:
    """The wall clock of a zone, watched from an instant on: the furthest it has read so far."""

    def __init__(self, zone, since):
        self.zone = ZoneInfo(zone)
        self.furthest = self.reading(since)

    def reading(self, at):
        return at.astimezone(self.zone).replace(tzinfo=None)

    def watch(self, at):
        self.furthest = max(self.furthest, self.reading(at))


class Naive:
    """Answers for each minute after `since`, in order."""

    def __init__(self, plan, since):
        self.plan = plan
        zones = {plan["timezone"]} | {
            one["timezone"]
            for one in [*plan["rosters"].values(), *plan["schedules"].values()]
            if "timezone" in one
        }
        self.clocks = {zone: Clock(zone, since) for zone in zones}

    def pass_to(self, at):
        for clock in self.clocks.values():
            clock.watch(at)

    def on_call(self, name, at):
        roster = self.plan["rosters"][name]
        zone = roster.get("timezone", self.plan["timezone"])
        now = self.clocks[zone].furthest
        people = []
        if roster.get("schedule") is None or self.is_on(roster["schedule"], zone, at):
            people = self.planned(roster, zone, at)
        for swap in roster.get("swaps", []):
            if self.during(swap, now, at):
                one, other = swap["users"]
                people = [{one: other, other: one}.get(each, each) for each in people]
        gone = {}
        for user, section in self.plan["users"].items():
            for away in section.get("away", []):
                if self.during(away, self.clocks[self.plan["timezone"]].furthest, at):
                    gone[user] = away.get("instead")
        people = [gone.get(each, each) if each in gone else each for each in people]
        people = [each for each in people if each is not None and each not in gone]
        for override in roster.get("overrides", []):
            if self.during(override, now, at):
                if "users" in override:
                    people = list(override["users"])
                else:
                    people = [each for each in people if each not in override.get("remove", [])]
                    people = [override.get("replace", {}).get(each, each) for each in people]
                    people += override.get("add", [])
        return tuple(dict.fromkeys(people))

    def planned(self, roster, zone, at):
        found = [(0, roster.get("users", []))]
        turns = []
        for rotation in roster.get("rotations", []):
            now = self.clocks[zone].furthest
            start = datetime.fromisoformat(rotation["start"])
            over = "until" in rotation and now >= datetime.fromisoformat(rotation["until"])
            on = "schedule" not in rotation or self.is_on(rotation["schedule"], zone, at)
            if now >= start and not over and on:
                turn = rotation["users"][turns_begun(rotation["every"], start, now) % len(rotation["users"])]
                turns.append((rotation.get("level", 0), [turn] if isinstance(turn, str) else list(turn)))
        found = [one for one in [*turns, *found] if one[1]]
        top = max((level for level, _ in found), default=0)
        return [each for level, some in found if level == top for each in some]

    def is_on(self, name, zone, at):
        section = self.plan["schedules"][name]
        parts = {key: section.get(key, []) for key in ("any_of", "all_of", "none_of")}
        if any(parts.values()):
            return (
                (not parts["any_of"] or any(self.is_on(one, zone, at) for one in parts["any_of"]))
                and all(self.is_on(one, zone, at) for one in parts["all_of"])
                and not any(self.is_on(one, zone, at) for one in parts["none_of"])
            )
        now = self.clocks[section.get("timezone", zone)].furthest
        return any(self.covers(section, now, now.date() - timedelta(days=back)) for back in range(3))

    def covers(self, section, now, day):
        if not self.begins_on(section, day):
            return False
        midnight = datetime.combine(day, datetime.min.time())
        begin, end = clock_time(section.get("from", "00:00")), clock_time(section.get("to", "24:00"))
        if end <= begin:
            end += timedelta(days=1)
        return midnight + begin <= now < midnight + end

    def begins_on(self, section, day):
        holidays = {
            one for name in section.get("holidays", []) for one in self.plan["holidays"][name]["dates"]
        }
        if holidays & {day.isoformat(), f"{day:%m-%d}"}:
            return section.get("on_holidays", "off") != "off"
        if section.get("on_holidays") == "only":
            return False
        return any(DAYS[day.weekday()] in week(part) for part in section.get("days", ["mon-sun"]))

    def during(self, section, now, at):
        begin, end = (self.reached(section[key], now, at) for key in ("from", "to"))
        return begin and not end

    def reached(self, written, now, at):
        moment = datetime.fromisoformat(written)
        return at >= moment if moment.tzinfo else now >= moment


def turns_begun(every, start, now):
    """Count handovers, one after the other."""
    count, unit = int(every.rstrip("hdwmo")), every.lstrip("0123456789")
    turns = 0
    while (handover := after(start, (turns + 1) * count, unit)) <= now:
        turns += 1
        assert handover <= now
    return turns


def after(start, count, unit):
    if unit != "mo":
        return start + count * LENGTHS[unit]
    year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return start.replace(year=year, month=month + 1, day=min(start.day, last))


def clock_time(written):
    hours, minutes = written.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


def week(part):
    first, _, last = part.partition("-")
    begin = DAYS.index(first)
    return [DAYS[(begin + step) % 7] for step in range((DAYS.index(last or first) - begin) % 7 + 1)]


def minutes(zone, around, *, days=2):
    """Yield the instants of some days around a moment on the wall, minute by minute."""
    at = datetime.fromisoformat(around).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    at = at.replace(second=0, microsecond=0) - timedelta(days=days / 2)
    for _ in range(days * 24 * 60):
        yield at
        at += MINUTE
