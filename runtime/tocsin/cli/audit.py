"""`tocsin audit export|verify`: who was told what, out of the database, and whether anybody changed it."""

from __future__ import annotations

import csv
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

import click

from tocsin.cli import output
from tocsin.cli.database import opened
from tocsin.errors import TocsinError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tocsin.db import Database
    from tocsin.journal.audit import Verdict

profile_option = click.option(
    "--profile", metavar="NAME", help="Name of the audit profile; all of them by default."
)

COLUMNS = (
    "profile", "number", "at", "person", "phone", "episode_id", "action", "result", "via", "call_id",
    "message_id", "note", "data", "previous", "hash",
)  # fmt: skip


@click.group()
def audit() -> None:
    """Export the audit, or verify that nobody changed it."""


def _profiles(db: Database, wanted: str | None) -> list[str]:
    from tocsin.journal import audit as audits

    there = db.read_now(audits.profiles)
    if wanted is not None and wanted not in there:
        known = ", ".join(there) or "none"
        raise TocsinError(f'there are no audit rows of a profile "{wanted}"; there are of: {known}')
    return there if wanted is None else [wanted]


def _moment(_: click.Context, __: click.Parameter, text: str | None) -> datetime | None:
    """Read a date or a moment; without a zone it is on the plant's clock."""
    try:
        return None if text is None else datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f'"{text}" is no moment; write 2026-03-01 or 2026-03-01T14:30') from None


def _ms(at: datetime | None, project: Path) -> int | None:
    if at is None:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=output.plants_zone(project))
    try:
        return int(at.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise TocsinError(f"{at.isoformat()} is too far away; give a date of this century") from None


@audit.command()
@profile_option
@click.option(
    "--format",
    "kind",
    type=click.Choice(["jsonl", "csv"]),
    default="jsonl",
    help="One JSON object per line, which can be verified, or CSV for a spreadsheet.",
)
@click.option(
    "--since", callback=_moment, metavar="TIME", help="First moment on the plant's clock, such as 2026-03-01."
)
@click.option("--until", callback=_moment, metavar="TIME", help="Last moment, such as 2026-03-31T23:59.")
@click.option(
    "-o",
    "--output",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write, for its owner only; the screen by default.",
)
@output.project_option
def export(
    profile: str | None,
    kind: str,
    since: datetime | None,
    until: datetime | None,
    file: Path | None,
    project: Path,
) -> None:
    """Write audit rows with their hashes, oldest first."""
    span = (_ms(since, project), _ms(until, project))
    db = opened(project)
    try:
        names = _profiles(db, profile)
        if file is None:
            _write(sys.stdout, db, names, kind, *span)
            sys.stdout.flush()
            return
        with file.open("w", encoding="utf-8", newline="") as target:
            file.chmod(0o600)
            rows = _write(target, db, names, kind, *span)
    except BrokenPipeError:
        raise  # whoever read the output has seen enough: click ends quietly then
    except OSError as error:
        raise TocsinError(f"{error.filename or file}: cannot be written ({error.strerror})") from None
    finally:
        db.close()
    output.good(f"{rows} rows are in {file}")


def _write(
    target: TextIO, db: Database, names: Iterable[str], kind: str, since: int | None, until: int | None
) -> int:
    from tocsin.journal import audit as audits

    put = _json_lines(target) if kind == "jsonl" else _table(target)
    count = 0
    for name in names:

        def each(conn: Any, name: str = name) -> int:
            number = 0
            for number, row in enumerate(audits.export(conn, name, since_ms=since, until_ms=until), 1):  # noqa: B007  how many there were
                put(row)
            return number

        count += db.read_now(each)
    return count


def _json_lines(target: TextIO) -> Callable[[dict[str, Any]], None]:
    def put(row: dict[str, Any]) -> None:
        target.write(json.dumps(row, ensure_ascii=False) + "\n")

    return put


def _table(target: TextIO) -> Callable[[dict[str, Any]], None]:
    writer = csv.DictWriter(target, COLUMNS, extrasaction="ignore")
    writer.writeheader()

    def put(row: dict[str, Any]) -> None:
        personal = row["personal"] or {}
        at = datetime.fromtimestamp(row["at_ms"] / 1000, UTC).isoformat(timespec="milliseconds")
        told = {"at": at, "phone": personal.get("number", ""), "note": _harmless(personal.get("note", ""))}
        writer.writerow({**row, **told, "data": json.dumps(row["data"], ensure_ascii=False)})

    return put


def _harmless(text: str) -> str:
    """Keep a spreadsheet from taking what somebody wrote for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _known(_: click.Context, __: click.Parameter, text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    number, _colon, head = text.partition(":")
    if not number.isdigit() or len(head) != 64:
        raise click.BadParameter("write NUMBER:HASH as an earlier verification printed it")
    return int(number), head


@audit.command()
@profile_option
@click.option(
    "--known",
    callback=_known,
    metavar="NUMBER:HASH",
    help="The end that an earlier verification printed: it must still be there. Needs --profile.",
)
@click.option(
    "--file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Verify an exported file of JSON lines, without a database.",
)
@output.project_option
@output.json_option
def verify(
    profile: str | None, known: tuple[int, str] | None, file: Path | None, project: Path, *, as_json: bool
) -> None:
    """Verify that nobody changed the audit.

    Every chain is followed from its beginning, and the first row named that was changed, removed or put in.
    """
    if known is not None and profile is None:
        raise click.UsageError("--known is the end of one profile; name it with --profile")
    verdicts = _of_file(file, profile) if file is not None else _of_database(project, profile, known)
    found = [finding for one in verdicts for finding in one.findings]
    if as_json:
        output.emit([_as_data(one) for one in verdicts])
    else:
        _tell(verdicts)
    if found:
        sys.exit(1)


def _of_database(project: Path, profile: str | None, known: tuple[int, str] | None) -> list[Verdict]:
    from tocsin.journal import audit as audits
    from tocsin.journal.audit_key import AuditKey

    db, key = opened(project), AuditKey.load(project / ".tocsin")
    try:
        names = _profiles(db, profile)
        return db.read_now(lambda conn: [audits.verify(conn, one, key=key, known=known) for one in names])
    finally:
        db.close()


def _of_file(file: Path, profile: str | None) -> list[Verdict]:
    from tocsin.journal.audit import verify_rows

    rows: dict[str, list[dict[str, Any]]] = {}
    for row in _lines(file):
        if profile is None or row["profile"] == profile:
            rows.setdefault(row["profile"], []).append(row)
    return [
        verify_rows(name, some, begin=(some[0]["number"] - 1, some[0]["previous"]))
        for name, some in sorted(rows.items())
    ]


_KINDS: Final[Mapping[str, type | tuple[type, ...]]] = {
    "profile": str,
    "number": int,
    "previous": str,
    "hash": str,
    "digest": str,
    "action": str,
    "data": dict,
    "person": (str, type(None)),
    "personal": (dict, type(None)),
}


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    from tocsin.journal.chain import COVERED, canonical

    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
                canonical(row)  # refuses what can have no hash, such as NaN
            except (ValueError, RecursionError):  # text that is no UTF-8 is a ValueError too
                row = None
            there = isinstance(row, dict) and {*COVERED, "hash", "person", "personal"} <= row.keys()
            if not there or not all(isinstance(row[name], kind) for name, kind in _KINDS.items()):
                raise TocsinError(f"{file}:{number}: is no row of an audit; export it with --format jsonl")
            yield row


def _as_data(one: Verdict) -> dict[str, Any]:
    return {
        "profile": one.profile,
        "whole": one.whole,
        "rows": one.rows,
        "first": one.first,
        "last": one.last,
        "head": one.head,
        "findings": list(one.findings),
    }


def _tell(verdicts: list[Verdict]) -> None:
    for one in verdicts:
        for finding in one.findings:
            click.secho(finding, fg="red")
        if one.whole and one.rows:
            output.good(f"{one.profile}: rows {one.first} to {one.last} are as they were written")
            click.echo(f"    its end is {one.last}:{one.head}")
        elif one.whole:
            output.good(f"{one.profile}: no rows")
    if not verdicts:
        output.good("there are no audit rows")
    elif all(one.whole for one in verdicts):
        click.secho(
            "Note the ends elsewhere: with --known the next verification finds rows that were cut off.",
            dim=True,
            err=True,
        )
