"""What must hold after any number of crashes: what was promised, what is on record, what really rang.

Three witnesses are compared: the driver, who wrote down every alarm the API took; the gateway's database;
and the provider, who knows every call and text it was really given. Findings are sentences; none is good.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.stand import LAST_RESORT, rows

from tocsin.calls.outcome import OUTCOMES
from tocsin.calls.outcome import told as tells
from tocsin.clock import SystemClock
from tocsin.db import Database
from tocsin.journal import audit
from tocsin.journal.audit_key import AuditKey

TEXT_OUTCOMES = {"delivered", "undelivered", "no-receipt", "failed-number", "failed-provider"}
CANCELLED = {"cancelled-by-ack", "cancelled-by-clear"}


@dataclass
class Verdict:
    """What was found; `figures` are what was counted on the way."""

    lost: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    flagged: list[str] = field(default_factory=list)
    """Told twice perhaps, and on record as such."""
    figures: dict[str, int] = field(default_factory=dict)

    @property
    def findings(self) -> list[str]:
        return [
            *(f"LOST {one}" for one in self.lost),
            *(f"REPEATED {one}" for one in self.repeated),
            *(f"WRONG {one}" for one in self.wrong),
        ]

    def told(self) -> str:
        counts = {"lost": len(self.lost), "repeated": len(self.repeated), "flagged": len(self.flagged)}
        return " ".join(f"{name}={value}" for name, value in (self.figures | counts).items())


def check(
    plant: Path,
    accepted: Mapping[str, Mapping[str, Any]],
    received: Mapping[str, Any],
    *,
    settled: bool = True,
    counted: Iterable[Mapping[str, Any]] = (),
) -> Verdict:
    """Compare everything; `settled` where nothing is on its way any more.

    `counted` are the counters as they were before what was `received`.
    """
    verdict = Verdict()
    records = Records(plant)
    _alarms(verdict, records, accepted, settled=settled)
    _calls(verdict, records, received["calls"])
    _texts(verdict, records, received["texts"])
    _told_again(verdict, records, {one["ref"] for one in received["calls"]})
    _overlaps(verdict, records, received["calls"])
    if settled:
        _ends(verdict, records)
        _counters(verdict, records, received, {one["number"]: one for one in counted})
    _audit(verdict, plant)
    if received["errors"]:
        verdict.wrong.append(f"the provider itself failed: {received['errors'][:3]}")
    return verdict


class Records:
    """The gateway's tables, as far as they tell who was told."""

    def __init__(self, plant: Path) -> None:
        def every(query: str) -> list[dict[str, Any]]:
            return [dict(row) for row in rows(plant, query)]

        self.episodes = {one["id"]: one for one in every("select * from ts_episode")}
        self.runs = every("select * from ts_run")
        self.notices = every("select * from ts_notice order by id")
        self.calls = {one["id"]: one for one in every("select * from ts_call where direction = 'outbound'")}
        self.texts = {
            one["id"]: one for one in every("select * from ts_message where direction = 'outbound'")
        }
        self.journal = every("select id, kind, subject, person, at_ms, data from ts_journal order by id")
        self.audit = every("select * from ts_audit order by id")
        self.timers = every("select * from ts_timer")
        self.counters = {one["number"]: one for one in every("select * from ts_number_count")}

    def subjects(self, kind: str) -> Counter[str]:
        return Counter(one["subject"] for one in self.journal if one["kind"] == kind)


def _alarms(
    verdict: Verdict, records: Records, accepted: Mapping[str, Mapping[str, Any]], *, settled: bool
) -> None:
    """Every alarm that was taken has ended, or somebody is still being told; each change is recorded once."""
    runs = {one["episode_id"]: one for one in records.runs}
    keys = {(one["queue"], one["key"]) for one in records.timers}
    opened, acked = records.subjects("alarm.active"), records.subjects("alarm.acknowledged")
    nobody = {one["subject"] for one in records.journal if one["kind"] == "run.nobody-reached"}
    audited = Counter(
        one["episode_id"] for one in records.audit if one["action"] == "acknowledge" and one["result"] == "ok"
    )
    paths = Counter(one["path"] for one in records.episodes.values())
    ended: Counter[str] = Counter()
    for path, promise in accepted.items():
        episode = records.episodes.get(promise["episode"])
        if episode is None:
            verdict.lost.append(f"{path}: taken as {promise['episode']}, and there is no such episode")
            continue
        if paths[path] != 1:
            verdict.wrong.append(f"{path} has {paths[path]} episodes, but was raised once")
        if opened[episode["id"]] != 1:
            verdict.wrong.append(f"{path} went active {opened[episode['id']]} times in the journal")
        run = runs.get(episode["id"])
        if episode["acked_ms"] is not None:
            ended["acknowledged"] += 1
            if acked[episode["id"]] != 1:
                verdict.wrong.append(f"{path} was acknowledged {acked[episode['id']]} times in the journal")
            if episode["acked_via"] == "voice" and audited[episode["id"]] != 1:
                verdict.wrong.append(f"{path}: {audited[episode['id']]} acknowledgements in the audit")
        elif episode["state"] == "cleared":
            ended["cleared"] += 1
        elif run is None or run["state"] != "running":
            verdict.lost.append(f"{path} is open, and nothing goes on about it: {run and run['ended_why']}")
        elif run["due_ms"] is None or ("run", run["id"]) not in keys:
            waits = [one for one in records.notices if one["run_id"] == run["id"] and one["state"] != "done"]
            if not waits:
                verdict.lost.append(f"{path} is open, and its run has no timer: {run['waiting']}")
        else:
            ended["nobody reached" if episode["id"] in nobody else "under way"] += 1
            if settled:
                verdict.wrong.append(f"{path} is still open: {run['waiting']}")
        if run is not None and run["state"] == "running" and episode["acked_ms"] is not None:
            verdict.wrong.append(f"{path} is acknowledged, and its run goes on")
    verdict.figures |= {"alarms": len(accepted), **{name: ended[name] for name in sorted(ended)}}


def _calls(verdict: Verdict, records: Records, received: Iterable[Mapping[str, Any]]) -> None:
    """What rang is what is on record, one for one."""
    by_ref: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    inline = 0
    for one in received:
        if one["inline"]:
            inline += 1
            if one["to"] != LAST_RESORT:
                verdict.wrong.append(f"an inline call to {one['to']}")
            continue
        by_ref[one["ref"]].append(one)
    for ref, rang in by_ref.items():
        row = records.calls.get(ref)
        if row is None:
            verdict.wrong.append(f"call {ref} rang, and there is no record of it")
            continue
        if len(rang) > 1:
            verdict.repeated.append(f"call {ref} was asked for {len(rang)} times")
        if row["sid"] != rang[0]["sid"]:
            verdict.wrong.append(
                f"call {ref} rang as {rang[0]['sid']}, and is on record as {row['sid'] or 'nothing'} "
                f"({row['state']}, {row['outcome']}: {row['outcome_why']})"
            )
    for row in records.calls.values():
        if row["sid"] and row["id"] not in by_ref and row["number"] != LAST_RESORT:
            verdict.wrong.append(f"call {row['id']} is on record as {row['sid']}, and never rang")
        if row["outcome"] is not None and row["outcome"] not in OUTCOMES:
            verdict.wrong.append(f"call {row['id']} has the outcome {row['outcome']}")
    verdict.figures |= {
        "calls": sum(map(len, by_ref.values())),
        "last-resort calls": inline,
        "found in the list": records.subjects("call.found").total(),
        "missing": records.subjects("call.missing").total(),
        "marked possible duplicates": sum(one["possible_duplicate"] for one in records.calls.values()),
    }


def _texts(verdict: Verdict, records: Records, received: Iterable[Mapping[str, Any]]) -> None:
    """What was texted is what is on record; nobody got the same alarm in more texts than were meant."""
    by_ref: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for one in received:
        by_ref[one["ref"]].append(one)
    for ref, sent in by_ref.items():
        row = records.texts.get(ref)
        if row is None:
            verdict.wrong.append(f"text {ref} was sent, and there is no record of it")
            continue
        if len(sent) > 1:
            verdict.repeated.append(f"text {ref} was asked for {len(sent)} times")
        if row["sid"] != sent[0]["sid"]:
            verdict.wrong.append(
                f"text {ref} was sent as {sent[0]['sid']}, on record as {row['sid']} {row['state']}"
            )
    meant = Counter((one["episode_id"], one["person"]) for one in records.notices if one["channel"] == "sms")
    numbers = {one["person"]: one["number"] for one in records.notices if one["channel"] == "sms"}
    bodies: defaultdict[str, list[tuple[str, bool]]] = defaultdict(list)
    for ref, sent in by_ref.items():
        doubtful = bool(records.texts.get(ref, {}).get("possible_duplicate"))
        bodies[sent[0]["to"]] += [(one["body"], doubtful) for one in sent]
    for (episode_id, person), times in meant.items():
        episode = records.episodes.get(episode_id)
        if episode is None:
            continue  # told above
        label = episode["label"] or episode["name"]
        named = [doubtful for body, doubtful in bodies[numbers[person]] if f" {label} " in body]
        if len(named) > times:
            told = f"{person} was texted {len(named)} times of {label}, meant were {times}"
            (verdict.flagged if any(named) else verdict.repeated).append(told)
    verdict.figures |= {
        "texts": sum(map(len, by_ref.values())),
        "texts found": records.subjects("message.found").total(),
        "texts missing": records.subjects("message.missing").total(),
        "texts marked": sum(one["possible_duplicate"] for one in records.texts.values()),
    }


def _told_again(verdict: Verdict, records: Records, rang: set[str]) -> None:
    """A call given up for lost that rang all the same was told again: it is flagged, or it is a fault.

    And no notice was told in two calls, unless the first told of others only.
    """
    missing = [one["subject"] for one in records.journal if one["kind"] == "call.missing"]
    later: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in records.calls.values():
        later[row["number"]].append(row)
    for ref in missing:
        row = records.calls.get(ref)
        if row is None or ref not in rang:
            continue
        again = [one for one in later[row["number"]] if one["started_ms"] > row["started_ms"]]
        again = sorted(again, key=lambda one: one["started_ms"])
        told = f"{row['person']} was called as {ref}, which was not in the list"
        if again and not again[0]["possible_duplicate"] and _carries_same(records, ref, again[0]["id"]):
            verdict.repeated.append(f"{told}, and again as {again[0]['id']} without a flag")
        elif again:
            verdict.flagged.append(told)
    carried: defaultdict[tuple[str, str, int], list[str]] = defaultdict(list)
    for one in records.audit:
        if one["action"] == "call" and one["episode_id"]:
            attempt = json.loads(one["data"]).get("attempt")
            carried[one["episode_id"], one["person"], attempt].append(one["call_id"])
    for (_, person, attempt), call_ids in carried.items():
        known = [
            records.calls[one] for one in dict.fromkeys(call_ids) if one in records.calls and one in rang
        ]
        for first in known[:-1]:
            if not tells(first["outcome"]) and first["outcome"] not in CANCELLED:
                told = (
                    f"{person}'s attempt {attempt} was in call {first['id']} ({first['outcome']}) and again"
                )
                (verdict.flagged if known[-1]["possible_duplicate"] else verdict.repeated).append(told)


def _carries_same(records: Records, first: str, second: str) -> bool:
    mine = {(one["episode_id"], one["person"]) for one in records.audit if one["call_id"] == first}
    return not mine or any(
        (one["episode_id"], one["person"]) in mine for one in records.audit if one["call_id"] == second
    )


def _overlaps(verdict: Verdict, records: Records, received: Iterable[Mapping[str, Any]]) -> None:
    """Nobody's phone rang while they were in a call already."""
    lines: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for one in received:
        if not one["inline"]:
            lines[one["to"]].append(one)
    for number, calls in lines.items():
        last: Mapping[str, Any] | None = None
        for one in sorted(calls, key=lambda call: call["created_ms"]):
            if last is not None and (last["ended_ms"] is None or last["ended_ms"] > one["created_ms"]):
                doubtful = records.calls.get(one["ref"], {}).get("possible_duplicate")
                told = f"{number} rang as {one['ref']} while in call {last['ref']}"
                (verdict.flagged if doubtful else verdict.repeated).append(told)
            if last is None or (one["ended_ms"] or 1 << 60) > (last["ended_ms"] or 1 << 60):
                last = one


def _ends(verdict: Verdict, records: Records) -> None:
    """Nothing is left hanging, and nothing was told that everybody concerned had seen to."""
    for one in records.notices:
        if one["state"] != "done" or (one["run_id"] and not one["outcome"]):
            verdict.wrong.append(f"notice {one['id']} is {one['state']} with the outcome {one['outcome']}")
        outcomes = set(OUTCOMES) | TEXT_OUTCOMES
        if one["outcome"] is not None and one["outcome"] not in outcomes:
            verdict.wrong.append(f"notice {one['id']} has the outcome {one['outcome']}")
    carried: defaultdict[str, list[str]] = defaultdict(list)
    for one in records.notices:
        if one["call_id"]:
            carried[one["call_id"]].append(one["episode_id"])
    # The order of commits, not of clocks: both lines stand in the transaction of what they tell of.
    acked = {one["subject"]: one["id"] for one in records.journal if one["kind"] == "alarm.acknowledged"}
    intended = {one["subject"]: one["id"] for one in records.journal if one["kind"] == "call.intended"}
    for row in records.calls.values():
        # What was given up for lost is looked out for as long as it could still ring.
        given_up = row["state"] == "unknown" and not row["sid"]
        if row["outcome"] is None or (row["ended_ms"] is None and not given_up):
            verdict.wrong.append(f"call {row['id']} has no end ({row['state']}, {row['outcome']})")
        about = [acked.get(one, 1 << 60) for one in carried[row["id"]]]
        if about and row["sid"] and max(about) < intended.get(row["id"], 0):
            verdict.wrong.append(f"call {row['id']} was placed though all it carried was acknowledged")
    ends = Counter(
        one["call_id"] for one in records.audit if one["action"] == "call" and not one["episode_id"]
    )
    for call_id, times in ends.items():
        if times > 1:
            verdict.wrong.append(f"call {call_id} ended {times} times in the audit")


def _counters(
    verdict: Verdict, records: Records, received: Mapping[str, Any], before: Mapping[str, Mapping[str, Any]]
) -> None:
    """The statistics count every call and every text once, whatever became of the process."""
    calls = Counter(one["to"] for one in received["calls"] if one["to"] != LAST_RESORT)
    texts = Counter(one["to"] for one in received["texts"])
    for number in {*calls, *texts}:
        counted = tuple(
            records.counters.get(number, {}).get(name, 0) - (before[number][name] if number in before else 0)
            for name in ("calls_sent", "messages_sent")
        )
        if counted != (calls[number], texts[number]):
            verdict.wrong.append(
                f"{number} has {counted} calls and texts counted, was {(calls[number], texts[number])}"
            )


def _audit(verdict: Verdict, plant: Path) -> None:
    """The audit's chain is whole."""
    db = Database.open(f"sqlite:///{plant / '.tocsin' / 'tocsin.db'}", clock=SystemClock())
    try:
        key = AuditKey.load(plant / ".tocsin")
        for profile in db.read_now(audit.profiles):
            found = db.read_now(lambda conn, profile=profile: audit.verify(conn, profile, key=key))
            verdict.wrong += [f"audit {profile}: {one}" for one in found.findings]
            verdict.figures["audit rows"] = found.rows
    finally:
        db.close()
