"""A dataset: rows under named, typed columns, read as Ignition's datasets are. Nothing here can be changed.

Plain Python without imports of the product: the locked workers of scripts hold these objects too. Columns
are found by index or by name, letter case aside.
"""

# ruff: noqa: N802  scripts know these names from Ignition

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


class Row:
    """One row: `row[0]` or `row["username"]`, or all its values one after the other."""

    __slots__ = ("_dataset", "_values")

    def __init__(self, dataset: Dataset, values: tuple[Any, ...]) -> None:
        self._dataset = dataset
        self._values = values

    def __getitem__(self, column: int | str) -> Any:
        return self._values[self._dataset.place_of(column)]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(self._values)


class Dataset:
    """A table of values. `columns` are (name, type) such as ("callsSent", "Int4")."""

    __slots__ = ("_names", "_places", "_rows", "_types")

    def __init__(self, columns: Iterable[tuple[str, str]], rows: Iterable[Sequence[Any]] = ()) -> None:
        pairs = tuple(columns)
        self._names = tuple(name for name, _ in pairs)
        self._types = tuple(kind for _, kind in pairs)
        self._places = {name.lower(): place for place, name in reversed(list(enumerate(self._names)))}
        self._rows = tuple(tuple(row) for row in rows)
        if any(len(row) != len(self._names) for row in self._rows):
            raise ValueError(f"every row of this dataset has {len(self._names)} values")

    def getRowCount(self) -> int:
        """Return how many rows there are."""
        return len(self._rows)

    def getColumnCount(self) -> int:
        """Return how many columns there are."""
        return len(self._names)

    def getColumnNames(self) -> list[str]:
        """Return all names, from left to right."""
        return list(self._names)

    def getColumnTypes(self) -> list[str]:
        """Return all types by Ignition's names, from left to right."""
        return list(self._types)

    def getColumnName(self, col: int) -> str:
        """Return the name at an index from 0."""
        return self._names[self.place_of(col)]

    def getColumnType(self, col: int) -> str:
        """Return the type at an index from 0."""
        return self._types[self.place_of(col)]

    def getColumnIndex(self, name: str) -> int:
        """Return the index of a column, -1 where there is none of that name."""
        return self._places.get(str(name).lower(), -1)

    def getColumnAsList(self, col: int | str) -> list[Any]:
        """Return one column's values, from the first row to the last."""
        place = self.place_of(col)
        return [row[place] for row in self._rows]

    def getValueAt(self, row: int, col: int | str) -> Any:
        """Return one value; IndexError where there is no such row or column."""
        return self._row(row)[self.place_of(col)]

    def getPrimitiveValueAt(self, row: int, col: int | str) -> float:
        """Return one value as a number; ValueError where it is none."""
        return float(self.getValueAt(row, col))

    def getQualityAt(self, row: int, col: int | str) -> str:
        """Return "Good" for any value that is there; IndexError for the others."""
        self.getValueAt(row, col)
        return "Good"

    def place_of(self, column: int | str) -> int:
        """Return the index of a column given by index or name; IndexError says which there are."""
        place = self.getColumnIndex(column) if isinstance(column, str) else column
        if type(place) is not int or not 0 <= place < len(self._names):
            known = ", ".join(self._names)
            raise IndexError(f"there is no column {_shown(column)} in this dataset; its columns are {known}")
        return place

    def _row(self, row: int) -> tuple[Any, ...]:
        if type(row) is not int or not 0 <= row < len(self._rows):
            count = len(self._rows)
            raise IndexError(f"there is no row {_shown(row)} in this dataset; it has {count}, from 0")
        return self._rows[row]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return (Row(self, row) for row in self._rows)

    def __getitem__(self, row: int) -> Row:
        return Row(self, self._row(row))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dataset) and self.as_data() == other.as_data()

    __hash__ = None  # type: ignore[assignment]  # it may hold lists

    def __repr__(self) -> str:
        return f"Dataset [{len(self._rows)}R x {len(self._names)}C]"

    def as_data(self) -> dict[str, Any]:
        """Return {"columns": [{"name", "type"}], "rows": [[...]]}, for JSON and for the way to a worker."""
        columns = [{"name": name, "type": kind} for name, kind in zip(self._names, self._types, strict=True)]
        return {"columns": columns, "rows": [list(row) for row in self._rows]}

    @classmethod
    def of_data(cls, data: Mapping[str, Any]) -> Dataset:
        """Make a dataset of what `as_data` returned."""
        return cls([(one["name"], one["type"]) for one in data["columns"]], data["rows"])


def _shown(place: object) -> str:
    """Name what was asked for; what an object shows of itself may be an address in memory."""
    if type(place) in (str, int, float, bool) or place is None:
        return repr(place)
    return f"of type {type(place).__name__}"


READABLE = frozenset(name for name in vars(Dataset) if name.startswith("get"))
"""What scripts may call on a dataset."""
