"""Usage records, balance, the account itself and its debugger over REST.

https://www.twilio.com/docs/usage/api/usage-record
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tocsin.emulator.call import billed_minutes
from tocsin.emulator.parameters import API_VERSION
from tocsin.emulator.refusal import Refused
from tocsin.emulator.rest import calls
from tocsin.emulator.rest.wire import BASE, Body, Query, moment, page, rfc2822

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tocsin.emulator.account import Account
    from tocsin.emulator.exchange import Exchange
    from tocsin.emulator.records import Notification

_PERIODS = ("AllTime", "Daily", "LastMonth", "Monthly", "ThisMonth", "Today", "Yearly", "Yesterday")
_CATEGORIES = {
    "calls": ("Voice Minutes", ""),
    "calls-inbound": ("Inbound Voice Minutes", "inbound"),
    "calls-outbound": ("Outbound Voice Minutes", "outbound"),
    "sms": ("SMS", ""),
    "sms-inbound": ("Inbound SMS", "inbound"),
    "sms-outbound": ("Outbound SMS", "outbound"),
}
Span = tuple[date, date]


def _day(at: float) -> date:
    return datetime.fromtimestamp(at, UTC).date()


def _each(begin: date, end: date, size: str) -> Iterator[Span]:
    """Cut [begin, end] into days, months or years, newest first."""
    while end >= begin:
        first = {"Daily": end, "Monthly": end.replace(day=1), "Yearly": end.replace(month=1, day=1)}[size]
        yield max(begin, first), end
        end = first - timedelta(days=1)


def spans(period: str, begin: date, today: date) -> list[Span]:
    """Give the stretches of days that records of a period are about, newest first; none before `begin`."""
    yesterday, month = today - timedelta(days=1), today.replace(day=1)
    last_month = month - timedelta(days=1)
    if period in ("Daily", "Monthly", "Yearly"):
        return list(_each(begin, today, period))
    one: dict[str, Span] = {
        "Today": (today, today),
        "Yesterday": (yesterday, yesterday),
        "ThisMonth": (month, today),
        "LastMonth": (last_month.replace(day=1), last_month),
    }
    return [one.get(period, (begin, today))]


def _count(account: Account, category: str, span: Span) -> tuple[int, int]:
    """Count calls with their billed minutes, or messages with their segments."""
    direction = _CATEGORIES[category][1]
    if category.startswith("calls"):
        lengths = [
            billed_minutes(call.duration or 0)
            for call in account.calls.values()
            if call.answered is not None
            and call.direction.startswith(direction)
            and span[0] <= _day(call.created) <= span[1]
        ]
    else:
        lengths = [
            message.segments
            for message in account.messages.values()
            if message.direction.startswith(direction) and span[0] <= _day(message.created) <= span[1]
        ]
    return len(lengths), sum(lengths)


def _record(account: Account, category: str, span: Span, now: float) -> dict[str, Any]:
    count, usage = _count(account, category, span)
    voice = category.startswith("calls")
    uri = f"{BASE}/Accounts/{account.sid}/Usage/Records"
    return {
        "account_sid": account.sid,
        "api_version": API_VERSION,
        "as_of": datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds"),
        "category": category,
        "count": str(count),
        "count_unit": "calls" if voice else "messages",
        "description": _CATEGORIES[category][0],
        "end_date": span[1].isoformat(),
        "price": 0.0,
        "price_unit": "usd",
        "start_date": span[0].isoformat(),
        "subresource_uris": {name: f"{uri}/{name}.json?Category={category}" for name in _PERIODS},
        "uri": f"{uri}.json?Category={category}&StartDate={span[0]}&EndDate={span[1]}",
        "usage": str(usage),
        "usage_unit": "minutes" if voice else "segments",
    }


def records(exchange: Exchange, query: Query) -> tuple[int, Body]:
    """List usage by category and period."""
    period = query.path.get("period", "AllTime")
    if period not in _PERIODS:
        raise Refused(20404, query.url)
    wanted = query.fields.get("Category")
    now = exchange.world.clock.now()
    begin, today = _day(query.account.created), _day(now)
    if given := query.fields.get("StartDate"):
        # An account has no usage before it was made, and nobody pages through the days until then.
        begin = max(begin, _day(moment(given, "StartDate")[0]))
    if given := query.fields.get("EndDate"):
        today = min(today, _day(moment(given, "EndDate")[0]))
    found = [
        (category, span)
        for span in (spans(period, begin, today) if begin <= today else ())
        for category in _CATEGORIES
        if wanted in ("", category)
    ]
    return 200, page(query, "usage_records", found, lambda one: _record(query.account, *one, now))


def balance(exchange: Exchange, query: Query) -> tuple[int, Body]:  # noqa: ARG001  # the shape of every handler
    """Show the balance, which nothing here ever reduces."""
    return 200, {"account_sid": query.account.sid, "balance": "100.00", "currency": "USD"}


def account(exchange: Exchange, query: Query) -> tuple[int, Body]:  # noqa: ARG001  # the shape of every handler
    """Show the account."""
    uri = f"{BASE}/Accounts/{query.account.sid}"
    return 200, {
        "auth_token": None,
        "date_created": rfc2822(query.account.created),
        "date_updated": rfc2822(query.account.created),
        "friendly_name": "tocsin emulator",
        "owner_account_sid": query.account.sid,
        "sid": query.account.sid,
        "status": "active",
        "subresource_uris": {
            name.lower(): f"{uri}/{name}.json" for name in ("Calls", "Messages", "Recordings")
        },
        "type": "Full",
        "uri": f"{uri}.json",
    }


def _notification(entry: Notification) -> dict[str, Any]:
    base = f"{BASE}/Accounts/{entry.account_sid}"
    return {
        "account_sid": entry.account_sid,
        "api_version": API_VERSION,
        "call_sid": entry.call_sid if entry.call_sid.startswith("CA") else None,
        "date_created": rfc2822(entry.at),
        "date_updated": rfc2822(entry.at),
        "error_code": str(entry.code),
        "log": str(entry.log),
        "message_date": rfc2822(entry.at),
        "message_text": entry.text,
        "more_info": f"https://www.twilio.com/docs/errors/{entry.code}",
        "request_method": entry.method,
        "request_url": entry.url or None,
        "sid": entry.sid,
        "uri": f"{base}/Notifications/{entry.sid}.json",
    }


def _log(query: Query) -> Callable[[Notification], bool]:
    wanted = query.fields.get("Log")
    return lambda entry: wanted in ("", str(entry.log))


def notifications(exchange: Exchange, query: Query) -> tuple[int, Body]:  # noqa: ARG001  # the shape of every handler
    """List the debugger's entries, of one call or of the account, newest first."""
    entries = query.account.notifications
    if "call_sid" in query.path:
        entries = calls.find(query, "call_sid").notifications
    found = list(filter(_log(query), reversed(entries)))
    return 200, page(query, "notifications", found, _notification)


def notification(exchange: Exchange, query: Query) -> tuple[int, Body]:  # noqa: ARG001  # the shape of every handler
    """Show one entry of the debugger."""
    for entry in query.account.notifications:
        if entry.sid == query.path["sid"] and query.path.get("call_sid", entry.call_sid) == entry.call_sid:
            return 200, _notification(entry)
    raise Refused(20404, query.url)
