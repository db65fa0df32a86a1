"""One turn from given data to TwiML: the project's scripts, and every level of the default below them.

Level 1 the chain of the release with the default behind it; 2 the default alone in its own workers;
3 the shipped default in this process; 4 a static sentence. Each level is tried only when the one above
failed, and all of them share the turn's one deadline.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from tocsin.calls import given as given_data
from tocsin.calls import sentences, vocabulary
from tocsin.calls.call import BESIDE
from tocsin.calls.record import TurnEnd, marks
from tocsin.calls.store import from_json
from tocsin.sandbox.report import lines_of
from tocsin.sandbox.script import ScriptFailed
from tocsin.telephony.check import TwimlRefused, check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.calls.call import Call
    from tocsin.calls.host import TurnHost
    from tocsin.calls.inprocess import InProcessDefault
    from tocsin.calls.services import Line, Services
    from tocsin.calls.webhook import VoiceWebhook
    from tocsin.sandbox.script import LogLine, Outcome
    from tocsin.scripts import Release

log = structlog.get_logger("tocsin.calls")

DEFAULT_SHARE_S = 0.3
"""The end of a turn's time that belongs to the default."""

LAST_LEVEL_S = 1.0
"""What the default in this process may take where no worker was free: late is better than silent."""


_ASSIGNS = re.compile(r"\s*response\s*\+?=")


class StillSettling(Exception):  # noqa: N818  it says what goes on
    """The turn's time is up while a host call is being carried out; the caller hears "one moment"."""


@dataclass(frozen=True, slots=True)
class TurnUnderWay:
    """One turn with everything needed to answer it."""

    services: Services
    line: Line
    call: Call
    hook: VoiceWebhook
    number: int
    host: TurnHost
    release: Release

    def given(self) -> dict[str, Any]:
        """Return what scripts are given, as things stand now."""
        return given_data.build(self.services, self.line, self.call, self.hook, self.number)

    def checked(self, result: dict[str, Any], logs: Sequence[LogLine], answered: str) -> TurnEnd:
        """Return the turn's end if its TwiML may leave; raises TwimlRefused."""
        text, session, heard = left_behind(result)
        checked = check(text, self.line.egress, self.hook.params, pins=self.call.pins.values())
        return TurnEnd(
            checked.text,
            answered,
            self.release.id,
            session=session,
            heard=heard,
            logs=logs,
            warnings=[f"{one.code}: {one.message}" for one in checked.warnings],
        )


class Answering:
    """Runs turns; holds nothing of a call.

    `failures` counts, by kind and since the start, the turns in which the scripts failed, so that the default
    answered or, beside the call, nobody. Those of a sandbox that does not run at all are not among them: that
    is told otherwise.
    """

    def __init__(self, in_process: InProcessDefault) -> None:
        self._in_process = in_process
        self.failures: Counter[str] = Counter()

    async def answer(self, turn: TurnUnderWay) -> TurnEnd:
        """Answer one turn; raises only StillSettling."""
        turn_s = turn.services.limits.turn_ms / 1000
        until = time.monotonic() + turn_s
        logs: Sequence[LogLine] = ()
        author = ""
        given = turn.given()
        try:
            outcome = await _scripts(turn, given, wall_s=turn_s - DEFAULT_SHARE_S)
            logs, author = outcome.logs, str(outcome.result.get("author", ""))
            end = turn.checked(outcome.result, logs, "scripts" if outcome.stage == "scripts" else "default")
            end.given, end.author = given, author
            return end
        except ScriptFailed as failed:
            failure, logs = _script_failure(failed), failed.logs
        except TwimlRefused as refused:
            failure = _twiml_failure(refused, turn.release, author)
        except Exception as error:
            # Whatever else breaks on the way there, the default is still asked.
            log.exception("turn-not-run", call=turn.call.id, action=turn.hook.action)
            failure = {"kind": "protocol", "file": "", "line": 0, "source": "", "message": repr(error)}
        if turn.host.still_settling:
            raise StillSettling
        self._note(turn, failure)
        end = await self._default(turn, until)
        end.failure, end.logs, end.given = failure, [*logs, *end.logs], given
        return end

    async def beside(self, turn: TurnUnderWay) -> TurnEnd:
        """Run the project's scripts for what Twilio tells beside the call.

        Nobody hears an answer, so there is no default, and what they leave in `response` is dropped.
        """
        given = {**turn.given(), "beside": True}
        end = TurnEnd(sentences.NOTHING, BESIDE, turn.release.id, given=given)
        try:
            outcome = await _scripts(turn, given, wall_s=turn.services.limits.turn_ms / 1000)
            _, end.session, _ = left_behind(outcome.result)
            end.logs = outcome.logs
        except ScriptFailed as failed:
            end.failure, end.logs = _script_failure(failed), failed.logs
            self._note(turn, end.failure)
        except Exception:
            log.exception("turn-not-run", call=turn.call.id, action=turn.hook.action)
        return end

    def _note(self, turn: TurnUnderWay, failure: dict[str, Any]) -> None:
        """Tell and count that the project's scripts failed."""
        call = turn.call
        log.warning(
            "script-failed",
            call=call.id,
            action=turn.hook.action,
            project=call.project,
            kind=failure["kind"],
            file=failure["file"],
            line=failure["line"],
            message=marks(call, turn.hook, failed=True).hide(str(failure["message"])),
        )
        sandbox = turn.services.sandbox
        if sandbox.runs and not sandbox.outage:
            self.failures[str(failure["kind"])] += 1

    async def _default(self, turn: TurnUnderWay, until: float) -> TurnEnd:
        """Answer with the default alone, in a worker if one takes it in time, else in this process."""
        default = turn.services.library.default
        turn.host.begin_again()
        try:
            outcome = await turn.services.sandbox.run(
                default.domain,
                default.key,
                turn.given(),
                turn.host,
                wall_s=max(until - time.monotonic(), DEFAULT_SHARE_S / 2),
                fallback_only=True,
            )
            return turn.checked(outcome.result, outcome.logs, "default-after-failure")
        except (ScriptFailed, TwimlRefused) as error:
            log.warning("default-not-in-worker", call=turn.call.id, why=str(error))
        if turn.host.still_settling:
            raise StillSettling
        turn.host.begin_again()
        return await self._last(turn)

    async def _last(self, turn: TurnUnderWay) -> TurnEnd:
        try:
            result, logs = await self._in_process.run(turn.given(), turn.host, wall_s=LAST_LEVEL_S)
            return turn.checked(result, logs, "default-in-process")
        except Exception as error:  # noqa: BLE001  the boundary below which only the static sentence is left
            if turn.host.still_settling and isinstance(error, TimeoutError):
                raise StillSettling from None
            log.error("default-failed", call=turn.call.id, action=turn.hook.action, why=repr(error))
            manner = turn.services.phrases.manner(turn.call.language, turn.line.voices)
            return TurnEnd(sentences.not_now(manner), "static", turn.release.id)


async def _scripts(turn: TurnUnderWay, given: dict[str, Any], *, wall_s: float) -> Outcome:
    """Run the project's scripts, the default behind them; raises ScriptFailed."""
    return await turn.services.sandbox.run(
        turn.release.domain,
        turn.release.key,
        given,
        turn.host,
        wall_s=wall_s,
        cpu_ms=turn.services.limits.cpu_ms,
        kind=turn.hook.action,
    )


def _twiml_failure(refused: TwimlRefused, release: Release, author: str) -> dict[str, Any]:
    """Name the script that left the response, and the line that assigns one, where there is but one."""
    text = next((one.text for one in release.files if one.name == author), "")
    lines = lines_of(text)
    assigning = [at for at, one in enumerate(lines, 1) if _ASSIGNS.match(one)]
    line = assigning[0] if len(assigning) == 1 else 0  # which of several has run nobody knows
    return {
        "kind": "twiml",
        "file": author,
        "line": line,
        "source": lines[line - 1] if line else "",
        "message": f"the TwiML is refused: {refused}",
    }


def left_behind(result: dict[str, Any]) -> tuple[str, str, list[str]]:
    """Return the response, the session as JSON and the alarms heard, as a turn has left them.

    They come from a process that runs scripts, and are believed only as far as they go: raises ScriptFailed
    for what the vocabulary does not write.
    """
    text, session, heard = (result.get(name) for name in ("response", "session", "heard"))
    if type(text) is not str or type(session) is not str or not _are_ids(heard):
        raise ScriptFailed("protocol", "the worker left a result that the gateway does not understand")
    if session != "{}" and (fault := _session_fault(session)):
        raise ScriptFailed("output", fault, name=str(result.get("author", "")))
    return text, session, heard  # type: ignore[return-value]  # _are_ids has looked


def _are_ids(heard: Any) -> bool:
    return type(heard) is list and len(heard) <= 1000 and all(type(one) is str for one in heard)


def _session_fault(session: str) -> str:
    """Say why this text cannot be kept and given to the next turn, "" where it can."""
    if len(session) > vocabulary.SESSION_BYTES:
        return f"session is {len(session)} bytes as JSON; at most {vocabulary.SESSION_BYTES} are kept"
    try:
        kept = from_json(session)
        msgspec.msgpack.encode(kept)
    except OverflowError:
        return "session may hold whole numbers of up to 64 bits; keep larger ones as text"
    except RecursionError:
        return "session is nested too deep"
    except ValueError:
        kept = None
    return "" if type(kept) is dict else "session is no JSON that can be kept"


def _script_failure(failed: ScriptFailed) -> dict[str, Any]:
    return {
        "kind": failed.kind,
        "file": failed.name,
        "line": failed.line,
        "source": failed.source,
        "message": failed.message,
    }
