"""The append-only record of what happened, written in the transaction of what it tells of.

Rooms record through `record`; the words of an entry's kind and data are theirs. The configuration
sections stand in `tocsin.journal.sections`, so that whoever only records does not import pydantic.
"""

from tocsin.journal.entries import Entry, entries, record, record_all

__all__ = ["Entry", "entries", "record", "record_all"]
