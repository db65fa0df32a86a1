"""The fake accounts: any account SID is one, each with its own calls, messages and numbers.

An account comes to be the first time it is named. It owns Twilio's test number from the start and
every number it has called or texted from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hmac import compare_digest
from typing import TYPE_CHECKING

from tocsin.emulator.records import Call, Message, Notification, Number, Recording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tocsin.clock import Clock
    from tocsin.emulator.sids import Sids

DEFAULT_AUTH_TOKEN = "0123456789abcdef0123456789abcdef"  # noqa: S105  # a fake account's documented token
TEST_NUMBER = "+15005550006"


@dataclass(slots=True)
class Account:
    """Everything one account SID holds, newest last."""

    sid: str
    created: float
    calls: dict[str, Call] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    recordings: dict[str, Recording] = field(default_factory=dict)
    numbers: dict[str, Number] = field(default_factory=dict)
    notifications: list[Notification] = field(default_factory=list)
    opted_out: set[tuple[str, str]] = field(default_factory=set)
    """Pairs (Twilio number, person's number) between which STOP is in force."""


class Accounts:
    """All accounts of one emulator, and who may use them."""

    def __init__(self, *, clock: Clock, sids: Sids, auth_token: str, api_keys: Mapping[str, str]) -> None:
        self._clock = clock
        self._sids = sids
        self._all: dict[str, Account] = {}
        self._owners: dict[str, Number] = {}
        self.auth_token = auth_token
        self.api_keys = dict(api_keys)

    def get(self, sid: str) -> Account:
        """Give the account `sid`, making it if need be."""
        account = self._all.get(sid)
        if account is None:
            account = self._all[sid] = Account(sid, self._clock.now())
            self.own(account, TEST_NUMBER)
        return account

    def all(self) -> list[Account]:
        """Give every account named so far."""
        return list(self._all.values())

    def allows(self, account_sid: str, user: str, password: str) -> bool:
        """Tell whether Basic credentials open `account_sid`: its own SID and token, or an API key.

        Where no API keys were registered, any SID of the form `SK...` with a secret is taken for one.
        """
        if user == account_sid:
            return compare_digest(password.encode(), self.auth_token.encode())
        if not (user.startswith("SK") and len(user) == 34):
            return False
        if not self.api_keys:
            return bool(password)
        return (
            compare_digest(password.encode(), self.api_keys.get(user, "").encode()) and user in self.api_keys
        )

    def own(self, account: Account, phone_number: str) -> Number:
        """Give the account's Twilio number `phone_number`, buying it if need be."""
        for number in account.numbers.values():
            if number.phone_number == phone_number:
                return number
        now = self._clock.now()
        number = Number(self._sids.new("PN"), account.sid, phone_number, now, now)
        account.numbers[number.sid] = number
        self._owners.setdefault(phone_number, number)
        return number

    def release(self, account: Account, number: Number) -> None:
        """Give a number back."""
        account.numbers.pop(number.sid, None)
        if self._owners.get(number.phone_number) is number:
            del self._owners[number.phone_number]

    def configured(self, number: Number) -> None:
        """Note that a number was set up: calls and messages to it now go where this account says."""
        self._owners[number.phone_number] = number

    def owner(self, phone_number: str) -> Number | None:
        """Give the number, with its account, that a call or message to `phone_number` arrives at."""
        return self._owners.get(phone_number)

    def complain(
        self,
        account_sid: str,
        sid: str,
        *,
        log: int,
        code: int,
        text: str,
        url: str = "",
        method: str = "POST",
    ) -> None:
        """Enter an error (log 0) or a warning (log 1) in the debugger, and with the call it concerns."""
        account = self.get(account_sid)
        entry = Notification(
            self._sids.new("NO"), account_sid, sid, self._clock.now(), log, code, text, url, method
        )
        account.notifications.append(entry)
        call = account.calls.get(sid)
        if call is not None:
            call.notifications.append(entry)
            call.timeline.append((entry.at, "error" if log == 0 else "warning", f"{code} {text}"))
