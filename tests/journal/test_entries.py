"""The journal tells what happened in the transaction in which it happened, and never otherwise."""

import pytest
from pydantic import Field

from tocsin.config import ConfigRefused, Section, load
from tocsin.journal import Entry, entries, record, record_all
from tocsin.journal.sections import AuditProfileSection, RetentionSection


def note(kind="alarm.active", at_ms=5, subject="e1", **more):
    return lambda connection: record(connection, kind=kind, at_ms=at_ms, subject=subject, **more)


async def test_an_entry_comes_back_as_it_was_written(db):
    """Time, kind, subject, person and data are kept as given."""
    await db.write(note(person="maria", data={"via": "voice", "values": [1.0, True, None, "ä"]}))

    assert await db.read(entries) == [
        Entry(1, 5, "alarm.active", "e1", "maria", {"via": "voice", "values": [1.0, True, None, "ä"]})
    ]


async def test_an_undone_change_leaves_no_entry(db):
    """What was rolled back did not happen, so the journal does not tell it."""

    def fails(connection):
        note()(connection)
        raise ValueError("the change itself failed")

    with pytest.raises(ValueError, match="itself failed"):
        await db.write(fails)
    assert await db.read(entries) == []


async def test_entries_are_found_by_subject_kind_and_time(db):
    """A timeline is oldest first; a limit keeps the newest."""
    for number, (kind, subject) in enumerate(
        [
            ("alarm.active", "e1"),
            ("call.turn", "c1"),
            ("alarm.cleared", "e1"),
            ("alarm.active", "e2"),
            ("alarmist", "e1"),
        ]
    ):
        await db.write(note(kind, number, subject))

    def kinds(**wanted):
        return db.read(lambda c: [(entry.at_ms, entry.kind) for entry in entries(c, **wanted)])

    assert await kinds(subject="e1") == [(0, "alarm.active"), (2, "alarm.cleared"), (4, "alarmist")]
    assert await kinds(kind="alarm.active") == [(0, "alarm.active"), (3, "alarm.active")]
    assert await kinds(kind="alarm.*", subject="e1") == [(0, "alarm.active"), (2, "alarm.cleared")]
    assert await kinds(since_ms=3) == [(3, "alarm.active"), (4, "alarmist")]
    assert await kinds(limit=2) == [(3, "alarm.active"), (4, "alarmist")]


async def test_many_entries_at_once(db):
    """An array of alarms is one statement, each entry with what it has."""
    news = [
        {"kind": "alarm.active", "at_ms": 1, "subject": "e1", "data": {"n": 1}},
        {"kind": "alarm.acknowledged", "at_ms": 2, "subject": "e1", "person": "jon"},
    ]
    await db.write(lambda connection: record_all(connection, news))
    await db.write(lambda connection: record_all(connection, []))

    assert [(e.kind, e.person, e.data) for e in await db.read(entries)] == [
        ("alarm.active", None, {"n": 1}), ("alarm.acknowledged", "jon", {}),
    ]  # fmt: skip


class Project(Section):
    audit_profiles: dict[str, AuditProfileSection] = Field(default_factory=dict)
    retention: RetentionSection = RetentionSection()


def test_how_long_records_are_kept(tmp_path):
    """Absent sections have the documented defaults; a time that keeps nothing is refused with its line."""
    (tmp_path / "tocsin.toml").write_text("[audit_profiles.plant]\n")
    project = load(tmp_path, Project).value
    assert project.audit_profiles["plant"].retention_days == 3650
    assert (project.retention.calls_days, project.retention.recordings_days) == (90, 30)

    (tmp_path / "tocsin.toml").write_text("[retention]\ncalls_days = 0\n")
    with pytest.raises(ConfigRefused, match=r"tocsin.toml:2: retention.calls_days"):
        load(tmp_path, Project)
