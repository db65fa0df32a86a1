"""What every REST handler reads and returns: form fields, lists in pages, dates, refusals as JSON.

A handler is a plain function of the exchange and a `Query`; HTTP itself stays in `rest.routes`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from tocsin.emulator.overrides import is_url
from tocsin.emulator.refusal import Refused

if TYPE_CHECKING:
    from tocsin.emulator.account import Account
    from tocsin.emulator.exchange import Exchange

T = TypeVar("T")
BASE = "/2010-04-01"
_PAGE, _MOST = 50, 1000


@dataclass(slots=True)
class Fields:
    """Form or query fields, several values to a name."""

    pairs: Sequence[tuple[str, str]]
    _first: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in self.pairs:
            self._first.setdefault(name, value)

    def __contains__(self, name: str) -> bool:
        return name in self._first

    def get(self, name: str, default: str = "") -> str:
        """Give the first value of `name`."""
        return self._first.get(name, default)

    def every(self, name: str) -> list[str]:
        """Give all values of `name`."""
        return [value for key, value in self.pairs if key == name]

    def integer(self, name: str, default: int, *, low: int, high: int, code: int = 20001) -> int:
        """Read a whole number within bounds; raises Refused with `code`."""
        given = self.get(name)
        if not given:
            return default
        if not (given.isascii() and given.isdigit()) or len(given) > 9 or not low <= int(given) <= high:
            raise Refused(code, given, name)
        return int(given)

    def choice(self, name: str, default: str, allowed: Mapping[str, str]) -> str:
        """Read one of a few words, whatever their case; raises Refused with 20001."""
        given = self.get(name)
        if not given:
            return default
        if given.lower() not in allowed:
            raise Refused(20001, given, name)
        return allowed[given.lower()]

    def method(self, name: str) -> str:
        """Read GET or POST."""
        return self.choice(name, "POST", {"get": "GET", "post": "POST"})

    def flag(self, name: str) -> bool:
        """Read true or false."""
        return self.choice(name, "false", {"true": "true", "false": "false"}) == "true"

    def url(self, name: str, code: int = 20001) -> str:
        """Read an absolute http or https URL, "" where none is given; raises Refused with `code`."""
        given = self.get(name)
        if given and not is_url(given):
            raise Refused(code, given, name)
        return given


@dataclass(slots=True)
class Query:
    """One authenticated request: whose, with which path parts, fields of query or form, and its path."""

    account: Account
    path: Mapping[str, str]
    fields: Fields
    url: str


Body = dict[str, Any] | bytes | None
Handler = Callable[["Exchange", Query], tuple[int, Body]]


def rfc2822(moment: float | None) -> str | None:
    """Write a moment as Twilio's REST dates: `Thu, 01 Jan 2026 00:00:00 +0000`."""
    if moment is None:
        return None
    return datetime.fromtimestamp(moment, UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")


def moment(text: str, name: str) -> tuple[float, float]:
    """Read a date or a date and time of a filter as the stretch [from, to) it means; raises Refused."""
    try:
        read = datetime.fromisoformat(text)
        begin = read.replace(tzinfo=read.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError):
        raise Refused(20001, text, name) from None
    return begin, begin + (86_400 if len(text) == 10 else 1)


def within(fields: Fields, name: str) -> Callable[[float | None], bool]:
    """Make the filter that `Name`, `Name<` and `Name>` of a query ask for; both bounds include themselves."""
    begin, end = 0.0, float("inf")
    wanted = False
    if given := fields.get(name):
        begin, end = moment(given, name)
        wanted = True
    if given := fields.get(f"{name}<"):
        end, wanted = moment(given, name)[1], True
    if given := fields.get(f"{name}>"):
        begin, wanted = moment(given, name)[0], True
    return lambda at: not wanted or (at is not None and begin <= at < end)


def shown_until(exchange: Exchange, query: Query) -> float:
    """Give the moment up to which a list shows what there is: now, or earlier where a fault lets it lag."""
    fields = query.fields
    ends = {"to": fields.get("To"), "from": fields.get("From")}
    lag = exchange.world.faults.take(("list-lags",), path=query.url, method="GET", **ends)
    return exchange.world.clock.now() - (lag.value if lag is not None else 0.0)


def page(query: Query, key: str, items: Sequence[T], shape: Callable[[T], dict[str, Any]]) -> dict[str, Any]:
    """Cut one page out of `items` (newest first) with the URIs of its neighbours, relative as Twilio's."""
    size = query.fields.integer("PageSize", _PAGE, low=1, high=10**8)
    size = min(size, _MOST)
    number = query.fields.integer("Page", 0, low=0, high=10**8)
    start = number * size
    shown = items[start : start + size]
    kept = [
        (name, value) for name, value in query.fields.pairs if name not in ("Page", "PageSize", "PageToken")
    ]

    def uri(which: int, token: str = "") -> str:
        fields = [*kept, ("PageSize", str(size)), ("Page", str(which))]
        if token:
            fields.append(("PageToken", token))
        return f"{query.url}?{urlencode(fields)}"

    return {
        key: [shape(item) for item in shown],
        "end": start + max(0, len(shown) - 1),
        "first_page_uri": uri(0),
        "next_page_uri": uri(number + 1, f"PA{start + size}") if start + size < len(items) else None,
        "page": number,
        "page_size": size,
        "previous_page_uri": uri(number - 1, f"PB{start}") if number else None,
        "start": start,
        "uri": f"{query.url}?{urlencode([*kept, ('PageSize', str(size)), ('Page', str(number))])}",
    }
