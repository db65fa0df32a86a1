"""The words of this room: a tag as it was read, a node of the tree, Ignition's names for quality and type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from tocsin.tags.dataset import Dataset

Value: TypeAlias = "str | int | float | bool | Dataset | None"
DataType: TypeAlias = Literal["Boolean", "Int4", "Int8", "Float8", "String", "DateTime", "DataSet"]

GOOD: Final = "Good"
NOT_FOUND: Final = "Bad_NotFound"
FAILURE: Final = "Bad_Failure"

_MOST: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Tag:
    """What a path held when it was read; `at_ms` is the moment of the value, ms UTC.

    `quality` is Ignition's name for it: "Good", or one that begins with "Bad" or "Uncertain".
    """

    path: str
    value: Value
    quality: str = GOOD
    at_ms: int = 0

    @property
    def good(self) -> bool:
        """Whether the value can be relied upon."""
        return self.quality == GOOD


@dataclass(frozen=True, slots=True)
class Node:
    """One step of the tree: a folder, or a tag with its type."""

    path: str
    kind: Literal["Folder", "AtomicTag"] = "AtomicTag"
    data_type: DataType | None = None

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


def int4(number: int) -> int:
    """Return a count as an Int4 tag holds it: one that is too large stays at 2^31 - 1."""
    return max(-_MOST - 1, min(number, _MOST))
