"""Random plants: people with phones of all kinds, rosters, schedules and pipelines; a strategy of hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st
from tests.whatif.lived import PATH, PINS

KINDS = ("no-answer", "busy", "failed", "machine", "acks", "silent", "hangs-up", "listens")
PLAIN = ("2026-01-05 03:00", "2028-02-28 23:50", "2026-12-31 23:45", "2026-01-09 17:50")
"""A plain night, the night before a leap day, the year's end, the end of a working week."""

NIGHTS = {
    "Europe/Stockholm": ("2026-03-29 01:50", "2026-10-25 01:50", "2026-10-25T02:50+02:00"),
    "America/New_York": ("2026-03-08 01:50", "2026-11-01 00:50", "2026-11-01T01:50-04:00"),
    "Australia/Lord_Howe": ("2026-04-05 01:20", "2026-04-05T01:50+11:00", "2026-10-04 01:50"),
    "Africa/Casablanca": ("2026-02-15 02:50", "2026-03-22 01:50"),
    "Asia/Kathmandu": (),
}
"""By time zone: nights on which the clocks are changed, before and between, where an hour or half of one is
left out or comes twice, and where the zone's rule is one of its own."""

EVENTS = {
    "no-answer": 5,
    "busy": 2,
    "failed": 2,
    "machine": 2,
    "acks": 1,
    "silent": 2,
    "hangs-up": 1,
    "listens": 2,
}


def number(place, which=0):
    return f"+4670174{which}7{place}1"


@st.composite
def worlds(draw):
    """Give settings of a plant, its phones, when the alarm goes active, how urgent it is, and the time zone."""
    names = draw(st.lists(st.sampled_from(sorted(PINS)), min_size=1, max_size=3, unique=True))
    phones, users = {}, {}
    for place, name in enumerate(names):
        users[name] = _user(draw, place, name, phones)
    rosters = {"operations": _roster(draw, names), "others": _roster(draw, names)}
    settings = {
        "users": users,
        "schedules": {"shift": _schedule(draw)},
        "rosters": rosters,
        "pipelines": {"default": _pipeline(draw), "other": _other(draw)},
        "alarms": {
            PATH: {"priority": "High", "pipeline": draw(st.sampled_from(("default", "default", None)))}
        },
    }
    if settings["alarms"][PATH]["pipeline"] is None:
        del settings["alarms"][PATH]["pipeline"]
    if draw(st.booleans()):
        block = {"type": "notification", "roster": "others", "profiles": ["text"]}
        settings["pipelines"]["told"] = {"blocks": [block]}
        settings["alarms"][PATH]["ackPipeline"] = "told"
    zone = draw(st.sampled_from(sorted(NIGHTS)))
    night = draw(st.sampled_from((*PLAIN, *NIGHTS[zone])))
    return settings, phones, night, draw(st.sampled_from(("High", "Critical"))), zone


def _kind(draw):
    return draw(st.sampled_from([kind for kind, weight in EVENTS.items() for _ in range(weight)]))


def _user(draw, place, name, phones):
    first, second = number(place), number(place, 1)
    kinds = draw(
        st.sampled_from(
            (
                (("phone", first), ("sms", first)), (("phone", first), ("phone", second), ("sms", first)),
                (("phone", first),), (("sms", first),), (("text", first),), (("email", f"{name}@example.com"),),
            )
        )
    )  # fmt: skip
    for one, value in kinds:
        if one == "phone":
            phones[name, value] = _kind(draw)
    tell = draw(st.sampled_from(([], [], _PHONE_THEN_TEXT)))
    return {
        "tell": tell, "id": place + 1, "name": name.title(), "pin": PINS[name],
        "areas": draw(st.sampled_from((["*"], ["*"], ["Plant/Pump 2"], ["Plant/Dam"]))),
        "contacts": [{"type": one, "value": value} for one, value in kinds],
    }  # fmt: skip


_PHONE_THEN_TEXT = [
    {"priority": ["High"], "profiles": ["phone"]}, {"profiles": ["text"], "after": "2m"},
]  # fmt: skip


def _roster(draw, names):
    users = draw(st.permutations(names))
    if draw(st.integers(min_value=0, max_value=3)) == 0:
        turns = {"users": list(users), "every": "12h", "start": "2026-01-01T02:00"}
        return {"users": [], "rotations": [turns]}
    some = users[: draw(st.integers(min_value=1, max_value=len(users)))]
    return {"users": list(some)} | ({"schedule": "shift"} if draw(st.booleans()) else {})


def _schedule(draw):
    start, end = draw(
        st.sampled_from((("00:00", "24:00"), ("02:00", "03:00"), ("18:00", "02:30"), ("06:00", "18:00")))
    )
    return {"days": ["mon-sun"], "from": start, "to": end}


def _pipeline(draw):
    """Give a list of blocks and two branches that some of them go to."""
    blocks, branched = [], False
    for index in range(draw(st.integers(min_value=1, max_value=3))):
        block = draw(st.sampled_from((_notification, _notification, *_OTHERS)))(draw, index)
        branched = branched or block["type"] not in {"notification", "delay"}
        blocks.append(block)
        if block["type"] in {"script", "set-property"}:
            blocks.append(_asks_for("crew" if block["type"] == "script" else "count", index))
        if draw(st.booleans()):
            blocks.append({"type": "delay", "for": draw(st.sampled_from(("10s", "2m", "5m")))})
        if block["type"] == "splitter":
            break
    if blocks[-1]["type"] != "splitter" and draw(st.booleans()):
        times = draw(st.integers(min_value=1, max_value=2))
        to = draw(st.sampled_from(({"to": "block-0"}, {"to": "block-0"}, {"pipeline": "other"})))
        blocks.append({"type": "jump", "times": times} | to)
    found = {"blocks": blocks, "start_over": "5m"}
    return found | ({"branches": {"left": _branch(draw, 7), "right": _branch(draw, 8)}} if branched else {})


def _other(draw):
    """Give the pipeline that others jump into."""
    delay = [{"type": "delay", "for": "30s"}] if draw(st.booleans()) else []
    return {"blocks": [*delay, _notification(draw, 9)], "start_over": "5m"}


def _asks_for(name, index):
    """Give a block that goes by what the one before it has set, or has not."""
    holds = "crew == 'left'" if name == "crew" else "count < 2"
    block = {"type": "expression", "id": f"asks-{index}", "expression": holds}
    return block | {"then": "left", "else": "right"}


def _branch(draw, index):
    delay = {"type": "delay", "for": draw(st.sampled_from(("30s", "3m")))}
    return [delay, _notification(draw, index)] if draw(st.booleans()) else [_notification(draw, index)]


def _notification(draw, index):
    block = {
        "type": "notification", "id": f"block-{index}",
        "roster": draw(st.sampled_from(("operations", "others"))), "step": draw(st.sampled_from(("1m", "3m"))),
    }  # fmt: skip
    profiles = draw(st.sampled_from((None, ["phone", "text"], ["text"], ["phone"])))
    more = draw(
        st.sampled_from(
            (
                {},
                {},
                {},
                {"at_once": True},
                {"collect": "30s"},
                {"frequency": "2m"},
                {"at_once": True, "must_acknowledge": 2},
            )
        )
    )
    return block | ({} if profiles is None else {"profiles": profiles}) | more


def _parallel(draw, index):
    until = draw(st.sampled_from(("all", "any")))
    return {"type": "parallel", "id": f"block-{index}", "branches": ["left", "right"], "until": until}


def _splitter(draw, index):
    return {"type": "splitter", "id": f"block-{index}", "branches": ["left", "right"]}


def _expression(draw, index):
    holds = draw(st.sampled_from(("priority >= High", "hour < 2", "people_told > 0")))
    return {
        "type": "expression",
        "id": f"block-{index}",
        "expression": holds,
        "then": "left",
        "else": "right",
    }


def _retry(draw, index):
    times = draw(st.integers(min_value=1, max_value=3))
    return {
        "type": "retry", "id": f"block-{index}", "branch": "left", "times": times, "every": "2m",
        "until": "people_told > 0",
    }  # fmt: skip


def _wait(draw, index):
    return {"type": "wait-for-outcome", "id": f"block-{index}", "for": "2m", "then": "left", "else": "right"}


def _gate(draw, index):
    return {"type": "rate-gate", "id": f"block-{index}", "at_most": 1, "within": "10m", "bypass": []}


def _switch(draw, index):
    on, values = draw(
        st.sampled_from(
            (("priority", ("High", "Critical")), ("hour", ("1", "2")), ("people_told", ("0", "1")))
        )
    )
    cases = {values[0]: "left", values[1]: draw(st.sampled_from(("right", "end")))}
    return {"type": "switch", "id": f"block-{index}", "on": on, "cases": cases, "default": "left"}


def _set_property(draw, index):
    value = draw(st.sampled_from(("people_told", "minute", "count + 1")))
    return {"type": "set-property", "id": f"block-{index}", "property": "count", "value": value}


def _script(draw, index):
    script = draw(st.sampled_from(("choose.py", "choose.py", "fails.py")))
    return {
        "type": "script", "id": f"block-{index}", "script": script, "sets": ["crew"],
        "failed": draw(st.sampled_from(("left", "right"))),
    }  # fmt: skip


_OTHERS = (_parallel, _splitter, _expression, _retry, _wait, _gate, _switch, _set_property, _script)
