# The alarms of a call as the default script sees them: which still wait for somebody, which this caller has
# heard, which came meanwhile. Nothing is said here.

AT_ONCE = 100  # alarms told, and acknowledged, at a time: their ids must fit into the session
KNOWN = 20

closed = []  # ids of the alarms that this turn has settled
still_waiting = {}  # what `open_alarms` has found: there may be thousands


def remembered(name):
    return session.get(name) or []


def open_alarms():
    """The alarms that still wait for somebody, less those this turn has settled."""
    if len(closed) not in still_waiting:
        done = set(closed)
        still_waiting[len(closed)] = [
            one
            for one in alarms
            if ("Unacknowledged" in one.state or needs_none(one)) and one.id not in done
        ]
    return still_waiting[len(closed)]


def needs_none(alarm):
    """Whether its rule asks nobody to acknowledge it: it is to be heard while it is active, and that is all."""
    return alarm.ackMode == "Unused" and not is_cleared(alarm)


def waiting_alarms():
    """The open alarms that this caller is still to acknowledge, or to hear where that is enough."""
    return [one for one in open_alarms() if not (needs_none(one) and one.heard)]


def is_cleared(alarm):
    return alarm.state.startswith("Cleared")


def is_new(alarm):
    """Whether it came after the alarms of this call were counted; until then none is new."""
    newest = session.get("newest")
    return newest is not None and alarm.activeAt.timestamp() > newest and alarm.id not in remembered("read")


def new_alarms():
    return [one for one in open_alarms() if is_new(one)]


def new_critical():
    return [one for one in new_alarms() if one.priority == "Critical"]


def unread_alarms():
    """Those to be read next: counted, and neither read nor told by area."""
    return [
        one
        for one in open_alarms()
        if one.id not in remembered("read") and not is_new(one) and (session.get("singly") or not one.heard)
    ]


def told_alarms():
    """Those that this caller has heard, one by one or by area, as many as are acknowledged at a time."""
    read = remembered("read")
    return [one for one in open_alarms() if one.heard or one.id in read][:AT_ONCE]


def to_acknowledge():
    return [one for one in told_alarms() if not needs_none(one)]


def count_up(name):
    session[name] = session.get(name, 0) + 1
    return session[name]


def take_in(told):
    """Remember which alarms the caller was told of, to say at the next prompt what became of them."""
    known = session.get("known") or {}
    for alarm in told:
        if needs_none(alarm) or (alarm.id in known and alarm.changed):
            continue  # nobody can be quicker; what it was is told before what it is
        if alarm.id in known or len(known) < KNOWN:
            known[alarm.id] = ("cleared " if is_cleared(alarm) else "active ") + alarm.priority
    session["known"] = known


def count_alarms():
    """From now on what goes active is new."""
    waiting = open_alarms()
    session["newest"] = max([alarm.activeAt.timestamp() for alarm in waiting] or [0])
    take_in(waiting[:KNOWN])


def settle(ids):
    """These need nothing more of this caller."""
    closed.extend(ids)
    known = session.get("known") or {}
    session["known"] = {one: known[one] for one in known if one not in ids}
