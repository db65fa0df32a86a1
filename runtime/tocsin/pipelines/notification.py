"""The notification block: whose turn it is, what an outcome leads to, and who is next. Pure.

People are told one after the other. What was missed is followed up (called again, texted, tried elsewhere)
while it is still their turn or already somebody else's; only the outcome of the person whose turn it is
moves the turn on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tocsin.pipelines.blocks.gating import released
from tocsin.pipelines.outcomes import again_after
from tocsin.pipelines.plan import STEP_MS, Notification
from tocsin.pipelines.run import ACTIVE, AdminNotice, Notify, Step, Tally, listed, span
from tocsin.pipelines.world import Way, Ways

if TYPE_CHECKING:
    from tocsin.pipelines.outcomes import Rule
    from tocsin.pipelines.run import Telling
    from tocsin.pipelines.turn import Turn

_SPOKEN: Final = {"voice": "voice", "sms": "text"}


# --- outcomes -------------------------------------------------------------------------------------------


def settle(turn: Turn) -> None:
    """Take account of every notice that has its outcome and was not taken account of before."""
    position = turn.position
    known = set(position.beyond)
    for one in turn.event.family:
        _of_the_family(turn, one)
    for one in turn.event.notices:
        if one.state == "done" and one.id > position.through and one.id not in known:
            known.add(one.id)
            turn.changed = True
            _one(turn, one)
    if not turn.changed:
        return
    through = position.through
    for one in turn.event.notices:
        if one.id > through:
            if one.id not in known:
                break
            through = one.id
    position.through = through
    # What is not read any more is settled for good, so that nothing here grows for as long as a run lasts.
    position.beyond = [one.id for one in turn.event.notices if one.id > through and one.id in known]


def _of_the_family(turn: Turn, one: Telling) -> None:
    """Know who was told by another run of the same alarm."""
    position = turn.position
    if one.state == "done" and one.id > position.floor and one.person not in position.told:
        outcome = one.outcome or ""
        if not outcome.startswith("cancelled-") and turn.rule(outcome).told:
            position.told.append(one.person)
            turn.changed = True


def _one(turn: Turn, one: Telling) -> None:
    outcome = one.outcome or ""
    if outcome.startswith("cancelled-"):
        return  # by what ends or pauses the run; if it goes on all the same, the step timer moves it
    rule = turn.rule(outcome)
    if rule.admin:
        turn.effects.append(AdminNotice(outcome, one.person, one.number, _said(outcome)))
    tally = turn.position.people.get(one.person)
    if rule.told:
        _told(turn, one, rule, tally)
    elif tally is not None and not tally.told:
        # Of an earlier round nothing is followed up any more, and whoever knows of the alarm is not chased.
        if one.person in turn.alarm.ackers:
            _turn_is_over(turn, one, rule)
        elif one.channel == "voice":
            _missed_call(turn, one, rule, tally)
        else:
            _missed_text(turn, one, rule, tally)


def _told(turn: Turn, one: Telling, rule: Rule, tally: Tally | None) -> None:
    position, step = turn.position, turn.position.step
    if one.person not in position.told:
        position.told.append(one.person)
    if tally is not None:
        tally.told = True
        _again(turn, one, rule, tally)
    if step is None or step.person != one.person:
        return
    if rule.next == "now":
        turn.step_over(one.person, _said(one.outcome))
    elif not step.told:
        step.told = True
        lasting_ms = _step_ms(turn)
        turn.wait(
            "",
            turn.now_ms + lasting_ms,
            f"{one.person} was told and has {span(lasting_ms)} to acknowledge; then the next person is told",
        )


def _missed_call(turn: Turn, one: Telling, rule: Rule, tally: Tally) -> None:
    step = turn.position.step
    ways = _ways(turn, one.person)
    if rule.text and not tally.texted:
        _text(turn, one, ways, tally)
    followed = _follow(turn, one, rule, tally, ways)
    mine = step is not None and step.person == one.person
    if followed:
        turn.record("followed-up", one.person, outcome=one.outcome, then=followed)
        if mine:
            turn.reason = f"{one.person}: {_said(one.outcome)}; {followed}"
        return
    _again(turn, one, rule, tally)
    _turn_is_over(turn, one, rule)


def _turn_is_over(turn: Turn, one: Telling, rule: Rule) -> None:
    step = turn.position.step
    mine = step is not None and step.person == one.person
    if mine and rule.next == "now" and not turn.in_progress(one.person, "voice"):
        turn.step_over(one.person, _said(one.outcome))


def _missed_text(turn: Turn, one: Telling, rule: Rule, tally: Tally) -> None:
    step = turn.position.step
    if step is None or step.person != one.person or not step.by_text or rule.next != "now":
        return  # a call decides about this person, or the text still may
    for way in _ways(turn, one.person).texts:
        if (way.profile, way.number) not in tally.calls:
            tally.calls.append((way.profile, way.number))
            turn.notify(one.person, way)
            turn.reason = f"{one.person}: {_said(one.outcome)}; texted at another number"
            return
    if turn.in_progress(one.person, "sms"):
        return  # they were to be texted at two numbers, and the other text is on its way
    turn.step_over(one.person, _said(one.outcome))


def _text(turn: Turn, one: Telling, ways: Ways, tally: Tally) -> None:
    for way in ways.texts:
        if one.outcome != "failed-number" or way.number != one.number:
            tally.texted = True
            turn.notify(one.person, way)
            turn.record("texted", one.person, outcome=one.outcome)
            return


def _follow(turn: Turn, one: Telling, rule: Rule, tally: Tally, ways: Ways) -> str:
    """Try the same person once more if the rule allows it; say how, or "" where they have had their turn."""
    outcome, same = one.outcome or "", Way(one.channel, one.profile, one.number)
    redials = tally.redials.get(outcome, 0)
    if redials < rule.redial_times:
        tally.redials[outcome] = redials + 1
        turn.notify(one.person, same, after_ms=rule.redial_ms)
        return f"called again in {span(rule.redial_ms)}"
    if rule.other_numbers:
        # A number that has just been found bad is none of the ways any more, and another is the first.
        for way in (*ways.first, *ways.others):
            if way.channel == one.channel and (way.profile, way.number) not in tally.calls:
                tally.calls.append((way.profile, way.number))
                turn.notify(one.person, way)
                return "called at another number"
    return ""


def _again(turn: Turn, one: Telling, rule: Rule, tally: Tally) -> None:
    if one.person in turn.alarm.ackers:
        return  # others have to acknowledge as well, but not the same person twice
    after_ms = again_after(rule, _step_ms(turn))
    if after_ms is not None and not tally.again and one.channel == "voice":
        tally.again = True
        turn.notify(one.person, Way(one.channel, one.profile, one.number), after_ms=after_ms)
        turn.record(
            "followed-up", one.person, outcome=one.outcome, then=f"called once more in {span(after_ms)}"
        )


def round_of(turn: Turn) -> Notification | None:
    """Give the notification block whose round is under way, or was last."""
    blocks, at = turn.plan.blocks, turn.position.round_of
    block = blocks[at] if at < len(blocks) else None
    return block if isinstance(block, Notification) else None


def _step_ms(turn: Turn) -> int:
    block = round_of(turn)
    return block.step_ms if block is not None else STEP_MS


def _ways(turn: Turn, person: str) -> Ways:
    block = round_of(turn)
    if block is None:
        return Ways()
    return turn.world.ways(person, _profiles(turn, block), priority=turn.alarm.priority)


def _profiles(turn: Turn, block: Notification) -> tuple[str, ...]:
    """Give the profiles that a block tells by; none, for each person's own order, where all of them are gone.

    A run keeps its blocks, and a profile that was renamed meanwhile must not be the reason that nobody rings.
    What only informs rings nobody for that.
    """
    return block.profiles if turn.run.hook != ACTIVE or turn.world.knows(block.profiles) else ()


def _gone(turn: Turn, block: Notification) -> dict[str, Any]:
    """Give, for the record, the profiles in whose place each person's own order is used."""
    return {"gone": list(block.profiles)} if block.profiles and not _profiles(turn, block) else {}


def _said(outcome: str | None) -> str:
    return (outcome or "no outcome").replace("-", " ")


# --- turns ----------------------------------------------------------------------------------------------


def time_is_up(turn: Turn, step: Step) -> None:
    """End the turn of a person whose step timer has run out."""
    lasting = span(_step_ms(turn))
    if step.person in turn.alarm.ackers:
        turn.step_over(step.person, f"has acknowledged, nobody else did within {lasting}")
        return
    what = "did not acknowledge" if step.told else "was not reached"
    turn.step_over(step.person, f"{what} within {lasting}")


def enter(turn: Turn, block: Notification) -> None:
    """Begin a round of a notification block, or go on with it; when it is over, go on behind it."""
    position = turn.position
    begin(turn, position.block)
    if not position.released and not released(turn, block):
        return
    position.released = True
    told = _tell_all(turn, block) if block.at_once or turn.run.hook != ACTIVE else take_next(turn, block)
    if not told:
        position.block += 1
        position.over = True


def _tell_all(turn: Turn, block: Notification) -> bool:
    """Tell the whole roster at the same time; False where that is done, or there is nobody."""
    position = turn.position
    if position.people:
        return False
    on_call = turn.world.on_call(block.roster)
    left_out: dict[str, str] = {}
    for even_bad in (False, True):
        for person in on_call.people:
            ways = may_be_told(turn, block, person, even_bad=even_bad)
            if ways.first:
                _tell(turn, person, ways.first)
            else:
                left_out[person] = ways.why
        if position.people:
            break
    else:
        _empty(turn, block, on_call.why, left_out)
        return False
    everybody = listed(list(position.people))
    turn.record("crew", people=list(position.people), left_out=left_out, **_gone(turn, block))
    if turn.run.hook != ACTIVE:
        return False  # they are to know, and nothing is expected of them
    turn.wait(
        "crew",
        turn.now_ms + block.step_ms,
        f"telling {everybody} at once; they have {span(block.step_ms)} together",
    )
    return True


def crew_heard(turn: Turn) -> bool:
    """Whether nothing more is to come of a roster that was told at once, and nobody of it knows."""
    people = turn.position.people
    under_way = any(
        one.person in people and one.state != "done" for one in turn.event.family or turn.event.notices
    )
    asked = any(isinstance(one, Notify) for one in turn.effects)
    return not under_way and not asked and not any(tally.told for tally in people.values())


def begin(turn: Turn, index: int) -> None:
    """Begin a round of the notification block at `index`, unless it is under way."""
    position = turn.position
    if position.over or position.round_of != index:
        position.round_of = index
        position.over = False
        position.released = False
        position.people = {}


def take_next(turn: Turn, block: Notification) -> bool:
    """Give the turn to the next person of the roster; False where everybody has had theirs."""
    people = turn.position.people
    on_call = turn.world.on_call(block.roster)
    left_out: dict[str, str] = {}
    for person in on_call.people:
        if person not in people:
            ways = may_be_told(turn, block, person)
            if ways.first:
                _begin_step(turn, block, person, ways.first, left_out)
                return True
            left_out[person] = ways.why
    if people:
        return False
    for person in on_call.people:
        # A number that reached nobody lately is still better than telling nobody at all.
        ways = may_be_told(turn, block, person, even_bad=True)
        if ways.first:
            _begin_step(turn, block, person, ways.first, left_out)
            return True
    _empty(turn, block, on_call.why, left_out)
    return False


def may_be_told(turn: Turn, block: Notification, person: str, *, even_bad: bool = False) -> Ways:
    """Give how a person can be told by a block; no ways, and why, where they are not to be."""
    if person in turn.alarm.ackers:
        return Ways(why="has acknowledged it")
    why = turn.world.kept_out(person, turn.alarm.path)
    if why:
        return Ways(why=why)
    profiles = _profiles(turn, block)
    return turn.world.ways(person, profiles, priority=turn.alarm.priority, even_bad=even_bad)


def _begin_step(
    turn: Turn, block: Notification, person: str, ways: tuple[Way, ...], left_out: dict[str, str]
) -> None:
    channels = _tell(turn, person, ways)
    turn.position.step = Step(person, by_text="voice" not in channels)
    by = listed([_SPOKEN.get(channel, channel) for channel in dict.fromkeys(channels)])
    more: dict[str, Any] = {"left_out": left_out} if left_out else {}
    more |= _gone(turn, block)
    turn.record("step", person, by=by, because=turn.because, of=turn.about, **more)
    turn.wait(
        "",
        turn.now_ms + block.step_ms,
        f"telling {person} by {by}; the next person is told in {span(block.step_ms)} at the latest",
    )


def _tell(turn: Turn, person: str, ways: tuple[Way, ...]) -> list[str]:
    channels = [way.channel for way in ways]
    turn.position.people[person] = Tally(
        texted="sms" in channels, calls=[(way.profile, way.number) for way in ways]
    )
    for way in ways:
        if not turn.in_progress(person, way.channel):
            turn.notify(person, way, after_ms=way.after_ms)
    return channels


def _empty(turn: Turn, block: Notification, why: str, left_out: dict[str, str]) -> None:
    """Put on record that a block has nobody to tell, and say so loudly where no other block has either."""
    roster = block.roster or "every roster"
    why = why or "nobody on call can be told"
    turn.record("roster-empty", roster=roster, why=why, left_out=left_out)
    turn.about, turn.because = roster, why
    position = turn.position
    if position.nobody or position.told or _anybody(turn):
        return
    position.nobody = True
    turn.nobody_reached((), why)


def _anybody(turn: Turn) -> bool:
    """Whether any block of the plan has somebody to tell now."""
    return any(
        may_be_told(turn, block, person, even_bad=True).first
        for block in turn.plan.blocks
        if isinstance(block, Notification)
        for person in turn.world.on_call(block.roster).people
    )
