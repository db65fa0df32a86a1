"""A machine that answers is nobody, from the first word on: detection may say so only after half a minute."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select
from tests.plant import MARIA, NUMBER, Caller, open_line, write_project

from tocsin.alarms.tables import notices
from tocsin.calls import placing
from tocsin.calls.tables import calls

VOICE = "/main/system/twilio-voice"
MAILBOX = {"AnsweredBy": "machine_end_beep", "MachineDetectionDuration": "17000"}


class Called(Caller):
    """A telephone that tocsin has called."""

    def fields(self, **more):
        ours = {"From": NUMBER, "To": self.number, "Direction": "outbound-api"}
        return super().fields(**{**ours, **more})

    async def event(self, action, **more):
        """Have Twilio tell of this call."""
        return await self.line.post(f"{VOICE}/{action}/{self.ref}", self.fields(**more))


@pytest.fixture
async def line(tmp_path):
    """A plant with one person on call."""
    async with open_line(write_project(tmp_path / "plant")) as line:
        yield line


async def called(line):
    """Call Maria, who was to be told of nothing yet, and let the first alarm be read out to whoever answers."""
    services = line.gateway.services
    person = services.directory.owner(MARIA)
    call = placing.outbound(services, services.lines["phone"], person, MARIA)
    await services.db.write(lambda conn: placing.intend_in(conn, call))
    call.stored = True
    line.gateway.ledger.keep(services, call)
    phone = Called(line, MARIA, "CA" + "1" * 32)
    phone.ref = call.id
    await phone.turn(f"{VOICE}/answer/{call.id}")
    await phone.stays_silent()
    await phone.stays_silent()
    assert "1 to acknowledge" in phone.hears
    return phone


async def who_heard(line):
    """Give what is on record about anybody having heard anything."""
    await line.gateway.services.db.flush()
    query = select(notices.c.person, notices.c.outcome).where(notices.c.heard_ms.is_not(None))
    told = await line.gateway.services.db.read(lambda conn: conn.execute(query).all())
    kept = await line.gateway.services.db.read(
        lambda conn: conn.execute(select(calls.c.heard)).scalars().all()
    )
    return [tuple(row) for row in told], kept


async def test_what_a_mailbox_was_told_was_heard_by_nobody(line):
    """The alarm was read into its greeting, and counted as heard until detection was sure."""
    await line.raise_alarm()
    mailbox = await called(line)
    assert (await who_heard(line))[0] == [("maria", None)]

    await mailbox.event("amd", **MAILBOX)
    assert await who_heard(line) == ([], ["{}"])

    await mailbox.turn(f"{VOICE}/voicemail/{mailbox.ref}", AnsweredBy="machine_end_beep")
    await mailbox.event("status", CallStatus="completed", SequenceNumber="3", **MAILBOX)
    assert await who_heard(line) == ([], ["{}"])


async def test_detection_that_only_the_last_event_tells_of_counts_as_well(line):
    """The event of its own may be lost."""
    await line.raise_alarm()
    mailbox = await called(line)
    await mailbox.event("status", CallStatus="completed", SequenceNumber="3", **MAILBOX)
    assert await who_heard(line) == ([], ["{}"])


async def test_a_key_proves_a_person_whatever_detection_says(line):
    """Nothing is taken back from whoever has pressed one."""
    await line.raise_alarm()
    maria = await called(line)
    await maria.presses("3")
    await maria.event("amd", **MAILBOX)
    await maria.event("status", CallStatus="completed", SequenceNumber="3", **MAILBOX)
    assert [person for person, _ in (await who_heard(line))[0]] == ["maria"]


async def test_two_detections_at_once_send_it_to_voicemail_once(line):
    """Begun anew, the voicemail text would be cut off in the middle."""
    await line.raise_alarm()
    mailbox = await called(line)
    sent = []

    class Dialler:
        async def redirect(self, sid, url, *, profile):
            sent.append(url)
            return ""

    line.gateway.services.dialler = Dialler()
    await asyncio.gather(*(mailbox.event("amd", **MAILBOX) for _ in range(3)))
    for _ in range(10):  # each goes on beside its answer
        await asyncio.sleep(0)
    assert len(sent) == 1


async def test_whoever_hangs_up_without_a_key_was_not_told_of_what_came_beside(line):
    """An alarm that the call was not placed for ends as the call did: it may have been a machine all the same."""
    await line.raise_alarm()
    nobody = await called(line)
    await nobody.event("status", CallStatus="completed", SequenceNumber="3")
    assert (await who_heard(line))[0] == [("maria", "hung-up")]
