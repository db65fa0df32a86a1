# Reading the alarms: one by one or by area, again, onwards, in full; and what is said where a key means nothing.

from _default_alarms import (
    AT_ONCE,
    count_alarms,
    count_up,
    new_alarms,
    new_critical,
    open_alarms,
    remembered,
    take_in,
    told_alarms,
    unread_alarms,
    waiting_alarms,
)
from _default_keys import all_keys, area_keys, key_phrase, keys_again, keys_between, menu_keys, raising_key
from _default_turns import PROMPTS, ask_key, go_on, goodbye, interlude, nothing_left, question
from _default_words import describe, end_line, joined, summary

ONE_BY_ONE = 5  # so many alarms are read one by one; more are told by area
AREAS = 5  # areas told at a time


def start_reading():
    """The next alarm one by one, or by area where there are many; what came meanwhile is left for the end."""
    unread = unread_alarms()
    if len(unread) > ONE_BY_ONE and not session.get("singly"):
        return tell_areas(unread)
    if unread:
        return read(unread[0])
    if new_alarms():
        return go_on("") if len(new_alarms()) == len(waiting_alarms()) else menu_again()
    return read((waiting_alarms() or open_alarms())[0])


def read(alarm, before=""):
    """Read one alarm; after the last one, or a handful in a row, say what the keys do."""
    heard(alarm)
    first = not remembered("read")
    session["read"] = [one for one in remembered("read") if one != alarm.id][-AT_ONCE:] + [alarm.id]
    session["alarm"] = alarm.id
    take_in([alarm])
    text = joined(before, describe(alarm))
    unread = [one for one in unread_alarms() if one.id != alarm.id]
    if not unread or count_up("row") >= ONE_BY_ONE:
        return ask_key(joined(text, menu_keys(), offer_new()))
    session["expects"] = "alarm"
    return question("menu", joined(text, keys_between() if first else ""), timeout=2, num_digits=1)


def offer_new():
    fresh = new_alarms()
    return phrase("new-meanwhile", count=len(fresh)) if fresh else ""


def tell_areas(waiting):
    """Tell many alarms by area: how many, and the worst of each. What is told can be acknowledged at once."""
    areas = by_area(waiting[:AT_ONCE])
    told = list(areas)[:AREAS]
    parts = []
    for name in told:
        for alarm in areas[name]:
            heard(alarm)
        worst = areas[name][0].spoken
        parts.append(phrase("area", area=name, count=len(areas[name]), name=worst.name, priority=worst.priority))
    left = len(waiting) - sum([len(areas[name]) for name in told])
    more = phrase("more-areas", count=left) if left else ""
    session["alarm"] = None
    return ask_key(joined(*parts, more, area_keys()), "areas")


def by_area(waiting):
    """Alarms by the first part of their paths in which they differ, in the order of the worst of each."""
    paths = [(alarm.displayPath or alarm.path).split("/")[:-1] for alarm in waiting]
    depth = 0
    while all([len(path) > depth + 1 and path[depth] == paths[0][depth] for path in paths]):
        depth += 1
    areas = {}
    for alarm, path in zip(waiting, paths):
        name = path[min(depth, len(path) - 1)] if path else alarm.name
        areas[name] = areas.get(name, []) + [alarm]
    return areas


# ---- the menu


def menu_again():
    return ask_key(joined(keys_again(), offer_new()))


def areas_again():
    return ask_key(area_keys(), "areas")


def back_to_menu(text=""):
    if not open_alarms():
        return ask_key(joined(text, raising_key())) if call.raises else nothing_left(text)
    if session.get("expects") == "areas":
        return ask_key(joined(text, area_keys()), "areas")
    if session.get("alarm") is None or new_critical():
        return interlude(text or summary())
    return ask_key(joined(text, menu_keys()))


def stray_key():
    """A key without meaning: the third counts as nobody there, and keeps what was acknowledged."""
    if not Digits:
        return back_to_menu()
    if count_up("strays") < PROMPTS:
        return back_to_menu(phrase("no-such-key", key=Digits[0].replace("*", phrase("star"))))
    call.giveUp()
    return goodbye(phrase("no-entry"), end_line())


# ---- keys that only read


def read_neighbour(step):
    """Read the alarm `step` places from the one heard last, going round at the end."""
    waiting = open_alarms()
    if not waiting:
        return nothing_left()
    if step == 0 and new_alarms() and not unread_alarms():
        count_alarms()
        return start_reading()
    ids = [alarm.id for alarm in waiting]
    if session.get("alarm") not in ids:
        return read(waiting[0])
    return read(waiting[(ids.index(session["alarm"]) + step) % len(waiting)])


def repeat():
    if session.get("expects") != "areas":
        return read_neighbour(0)
    return tell_areas(told_alarms() or open_alarms()) if open_alarms() else nothing_left()


def read_next():
    if session.get("expects") != "areas":
        return read_neighbour(1)
    session["singly"] = True
    return start_reading() if open_alarms() else nothing_left()


def details():
    """All there is to say of the alarm read last, and all the keys."""
    for alarm in open_alarms():
        if alarm.id == session.get("alarm"):
            since = phrase("active-at", at=alarm.activeAt)
            notes = phrase("notes", notes=alarm.notes) if alarm.notes else ""
            return ask_key(joined(describe(alarm), since, notes, all_keys()))
    return back_to_menu(key_phrase("keys-all"))
