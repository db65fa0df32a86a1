"""The words of the answers, per language, in lower case. English ones are understood from everybody.

A language is added by adding its words here. A word may stand in several languages, but only for one thing.
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Role: TypeAlias = Literal[
    "acknowledge", "all", "pass", "shelve", "note", "minutes", "hours", "status", "help", "stop", "start",
    "and",
]  # fmt: skip

# STOP and HELP have the words that Twilio itself takes for them:
# https://help.twilio.com/articles/223134027 (English) - those are answered by Twilio, whatever we do.
_WORDS: Final[dict[str, dict[Role, str]]] = {
    "en": {
        "acknowledge": "ack acknowledge acknowledged ok okay",
        "all": "all",
        "pass": "e pass escalate",
        "shelve": "s shelve snooze",
        "note": "n note",
        "minutes": "m min mins minute minutes",
        "hours": "h hour hours",
        "status": "status list",
        "help": "help info",
        "stop": "stop stopall unsubscribe cancel end quit revoke optout",
        "start": "start unstop",
        "and": "and",
    },
    "sv": {
        "acknowledge": "kvittera kvitterar kvitterat kvitterad",
        "all": "alla allt",
        "pass": "vidare eskalera",
        "shelve": "parkera vila",
        "note": "notera anteckning",
        "minutes": "minut minuter",
        "hours": "t tim timme timmar",
        "status": "lista",
        "help": "hjälp",
        "stop": "stopp sluta",
        "start": "starta",
        "and": "och",
    },
    "de": {
        "acknowledge": "quittieren quittiere quittiert bestätigen bestätigt",
        "all": "alle",
        "pass": "weiter eskalieren",
        "shelve": "zurückstellen parken",
        "note": "notiz",
        "minutes": "minuten",
        "hours": "std stunde stunden",
        "status": "liste",
        "help": "hilfe",
        "stop": "stopp abmelden",
        "start": "anmelden",
        "and": "und",
    },
}

LANGUAGES: Final = tuple(_WORDS)
"""Languages whose words are understood, as in BCP 47."""


@cache
def roles(language: str) -> Mapping[str, Role]:
    """Give what each word means to a person of a language, such as "sv-SE"; English is always understood."""
    spoken = language.partition("-")[0].lower()
    found: dict[str, Role] = {}
    for known in dict.fromkeys((spoken, "en")):
        for role, words in _WORDS.get(known, {}).items():
            for word in words.split():
                found.setdefault(word.casefold(), role)
    return MappingProxyType(found)
