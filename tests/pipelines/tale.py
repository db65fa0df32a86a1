"""One alarm's way through a plan, told step by step, without database, clock or telephone.

Whoever writes a story says how calls and texts end, and lets time pass; the tale keeps the notices.
"""

from tocsin.people import Contact, Directory, Roster, User
from tocsin.pipelines.advance import advance
from tocsin.pipelines.outcomes import Outcomes
from tocsin.pipelines.plan import BUILT_IN, fingerprint
from tocsin.pipelines.run import AdminNotice, Alarm, Event, NobodyReached, Notify, RunState, Telling
from tocsin.pipelines.turn import urgency
from tocsin.pipelines.world import Reach

START = 1_767_225_600_000
PATH = "Plant/Pump 2/High level"

MARIA, MARIA_HOME = "+46701740601", "+4687654321"
JON = "+46701740602"
EVA = "+46701740603"


def person(name, number, *types, areas=("*",)):
    number_of = types or (("phone", number), ("sms", number))
    return User(
        name, sum(map(ord, name)), name, areas=areas, contacts=tuple(Contact(*one) for one in number_of)
    )


def crew(*users):
    return Directory(users, [Roster("operations", tuple(users))])


def two():
    """Maria, then Jon."""
    return crew(person("maria", MARIA), person("jon", JON))


def alarm(priority="High", **more):
    given = {
        "id": "e1", "path": PATH, "priority": priority, "state": "active", "ack_mode": "Manual",
        "acked_ms": None, "acked_by": None, "acked_via": None, "shelved_until_ms": None, "shelved_by": None,
    }  # fmt: skip
    return Alarm(**(given | more))


class Tale:
    def __init__(
        self,
        directory=None,
        *,
        plan=BUILT_IN,
        priority="High",
        outcomes=None,
        unusable=None,
        voice=("phone",),
        messages=("text",),
    ):
        self.now = START
        self.plan = plan
        self.alarm = alarm(priority)
        self.notices = []
        self.all_effects = []
        self.records = []
        self.unusable = unusable or {}
        self.directory = directory or two()
        self.outcomes = Outcomes(outcomes)
        self.voice = voice
        self.messages = messages
        self.decision = None
        self.run = RunState(
            "e1.active", "e1", "", fingerprint(plan), START, due_ms=START, priority=urgency(priority)
        )

    # --- what happens

    def go(self, **more):
        """Let the run look at things as they are now; give whom it asks to be told, as words."""
        reach = Reach(self.directory, "UTC", self.voice, self.messages, self.outcomes)
        event = Event(self.alarm, tuple(self.notices), **more)
        self.decision = advance(self.run, self.plan, event, reach.at(self.now, self.unusable), self.now)
        self.run = self.decision.run
        self.records += self.decision.records
        self.all_effects += self.decision.effects
        fresh = [one for one in self.decision.effects if isinstance(one, Notify)]
        for one in fresh:
            self.notices.append(
                Telling(
                    len(self.notices) + 1,
                    one.person,
                    one.channel,
                    one.profile,
                    one.number,
                    "queued",
                    one.due_ms,
                    None,
                )
            )
        if self.decision.withdraw:
            self.notices = [
                one._replace(state="done", outcome=self.decision.withdraw) if one.state == "queued" else one
                for one in self.notices
            ]
        return [self._said(one) for one in fresh]

    def _said(self, one):
        words = f"{one.channel} {one.person}"
        if one.number not in {MARIA, JON, EVA}:
            words += f" at {one.number}"
        if one.profile not in {"phone", "text"}:
            words += f" through {one.profile}"
        late = one.due_ms - self.now
        return f"{words} in {late // 1000} s" if late else words

    def end(self, person, outcome, channel="voice"):
        """The newest notice of a person over a channel ends so."""
        index = max(
            i for i, one in enumerate(self.notices)
            if one.person == person and one.channel == channel and one.state != "done"
        )  # fmt: skip
        self.notices[index] = self.notices[index]._replace(state="done", outcome=outcome)

    def then(self, person, outcome, channel="voice"):
        """That happens, and the run hears of it."""
        self.end(person, outcome, channel)
        return self.go()

    def after(self, seconds):
        """Time passes, and the run is woken if it is due by then."""
        self.now += round(seconds * 1000)
        return self.go()

    def becomes(self, **news):
        self.alarm = self.alarm._replace(**news)
        return self.go()

    # --- what came of it

    @property
    def due_in(self):
        return None if self.run.due_ms is None else (self.run.due_ms - self.now) / 1000

    @property
    def nobody(self):
        return [one for one in self.all_effects if isinstance(one, NobodyReached)]

    @property
    def admin(self):
        return [(one.outcome, one.person) for one in self.all_effects if isinstance(one, AdminNotice)]

    def kinds(self):
        return [one.kind for one in self.records]


def configured(**rows):
    """Make the outcome table of a configuration: rows by outcome, for all priorities."""
    from tocsin.pipelines.section import OutcomeSection

    return {"default": {name.replace("_", "-"): OutcomeSection(**row) for name, row in rows.items()}}
