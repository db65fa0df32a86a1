# What the default script says: sentences put together from phrases.

from _default_alarms import is_cleared, needs_none, open_alarms, take_in, waiting_alarms

NEWS = 3  # changes told one by one
FLOOD, FLOOD_SECONDS = 10, 600

said = []  # ids of the alarms of which this turn says how they have changed


def say(where, text):
    where.say(text, voice=call.spoken.voice or None, language=call.spoken.language)


def joined(*texts):
    return " ".join([text for text in texts if text])


def describe(alarm):
    """What is said of one alarm."""
    parts = []
    waiting = open_alarms()
    if len(waiting) > 1:
        position = [other.id for other in waiting].index(alarm.id) + 1
        number = phrase("alarm-number", number=position, count=len(waiting), priority=alarm.spoken.priority)
        parts.append(number)
    parts.append(alarm.spoken.name + ".")
    if alarm.spoken.value:
        parts.append(phrase("value", value=alarm.spoken.value))
    if is_cleared(alarm):
        parts.append(cleared(alarm))
    elif alarm.spoken.since:
        parts.append(phrase("active", since=alarm.spoken.since))
    if needs_none(alarm):
        parts.append(phrase("needs-none"))
    return " ".join(parts)


def cleared(alarm):
    return phrase("cleared-at", at=alarm.clearedAt) if alarm.clearedAt else phrase("cleared")


def summary():
    """How many alarms there are, and how bad the worst is; `alarms` has the worst first."""
    waiting = open_alarms()
    told = phrase("summary", count=len(waiting), priority=waiting[0].spoken.priority)
    return joined(flood(waiting), told)


def flood(waiting):
    """One sentence where more came within ten minutes than anybody can follow."""
    if call.floods:
        return phrase("flood-in", areas=", ".join(call.floods))
    if len(waiting) <= FLOOD:
        return ""
    moments = [alarm.activeAt.timestamp() for alarm in waiting]
    newest = max(moments)
    lately = len([moment for moment in moments if newest - moment <= FLOOD_SECONDS])
    return phrase("flood", count=lately) if lately > FLOOD else ""


def still_open():
    count = len(waiting_alarms())
    return phrase("still-open", count=count) if count else ""


def end_line(settled=0):
    """How the call ends: what this caller has acknowledged, unless just said, and what is left."""
    count, done = len(waiting_alarms()), session.get("done", 0)
    if done and count:
        return phrase("end-line", acknowledged=done, count=count)
    if done > settled:
        return phrase("all-acknowledged", count=done)
    return still_open()


# ---- what became of alarms that the caller knows


def news():
    """What became of alarms the caller was told of: somebody was quicker, or they are not as they were told."""
    known = session.get("known") or {}
    waiting = [alarm for alarm in open_alarms() if is_known(alarm, known)]
    different = [alarm for alarm in waiting if alarm.id not in said and is_different(alarm, known)]
    gone = [one for one in known if one not in [alarm.id for alarm in waiting]]
    if not gone and not different:
        return ""
    session["known"] = {}
    take_in(waiting)
    told = [became(one) for one in call.standing(gone)] if gone else []
    told = [text for text in told if text]
    count = len(told) + len(different)
    for alarm in different[: max(0, NEWS - len(told))]:
        told.append(difference(alarm, known))
        said.append(alarm.id)
        if alarm.changed:
            heard(alarm)  # as it is now, so that it can be acknowledged
    return joined(*told[:NEWS], phrase("more-news", count=count - NEWS) if count > NEWS else "")


def is_known(alarm, known):
    return (alarm.id in known or alarm.changed) and not needs_none(alarm)


def is_different(alarm, known):
    """Whether it is not as this caller heard it; of one that was only counted, whether it has returned."""
    return alarm.changed or (is_cleared(alarm) and known[alarm.id].startswith("active"))


def difference(alarm, known):
    before = known.get(alarm.id) or "active " + alarm.priority
    if is_cleared(alarm) and before.startswith("active") and alarm.clearedAt:
        return phrase("now-cleared", name=alarm.spoken.name, at=alarm.clearedAt)
    if alarm.priority != before.split(" ")[1]:
        return phrase("now-raised", name=alarm.spoken.name, priority=alarm.spoken.priority)
    return phrase("now-again", name=alarm.spoken.name)


def became(alarm):
    """One sentence on an alarm that is no longer among those of this call; "" where there is nothing to say."""
    if alarm.state == "acknowledged":
        return phrase("now-acknowledged", name=alarm.label, by=alarm.by, at=alarm.at)
    if alarm.state == "normal":
        return phrase("now-normal", name=alarm.label)
    if alarm.state in ("shelved", "suppressed", "out of service"):
        return phrase("now-" + alarm.state.replace(" ", "-"), name=alarm.label, by=alarm.by)
    return ""
