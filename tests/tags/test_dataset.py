"""Datasets are read as Ignition's are, by index or by name, and cannot be changed."""

import pytest

from tocsin.tags import Dataset

COLUMNS = [("id", "Int4"), ("username", "String"), ("callsSent", "Int4")]
ROWS = [(1, "maria", 3), (2, "jon", None)]


@pytest.fixture
def dataset():
    """Give two users' counters."""
    return Dataset(COLUMNS, ROWS)


def test_the_columns_say_name_and_type(dataset):
    """Names and types come from left to right."""
    assert dataset.getColumnCount() == 3
    assert dataset.getColumnNames() == ["id", "username", "callsSent"]
    assert dataset.getColumnTypes() == ["Int4", "String", "Int4"]
    assert (dataset.getColumnName(1), dataset.getColumnType(2)) == ("username", "Int4")


def test_a_value_is_found_by_row_and_column(dataset):
    """A column is an index from 0 or a name, letter case aside."""
    assert dataset.getRowCount() == len(dataset) == 2
    assert dataset.getValueAt(0, 1) == dataset.getValueAt(0, "USERNAME") == "maria"
    assert dataset.getValueAt(1, "callsSent") is None
    assert dataset.getPrimitiveValueAt(0, "callsSent") == 3.0
    assert dataset.getQualityAt(0, 0) == "Good"


def test_a_column_is_found_by_its_name(dataset):
    """-1 says that there is none, as in Ignition."""
    assert dataset.getColumnIndex("CallsSent") == 2
    assert dataset.getColumnIndex("cost") == -1
    assert dataset.getColumnAsList("username") == ["maria", "jon"]


def test_rows_can_be_gone_through(dataset):
    """A row gives its values by index, by name, or one after the other."""
    assert [row["username"] for row in dataset] == ["maria", "jon"]
    assert [list(row) for row in dataset] == [list(row) for row in ROWS]
    assert dataset[1][0] == 2
    assert len(dataset[0]) == 3


@pytest.mark.parametrize("column", [3, -1, "cost", 1.0, None, True])
def test_a_column_that_is_not_there_names_those_that_are(dataset, column):
    """A slip of the pen is answered with the choice."""
    with pytest.raises(IndexError, match="its columns are id, username, callsSent"):
        dataset.getValueAt(0, column)


@pytest.mark.parametrize("row", [2, -1, "0", None])
def test_a_row_that_is_not_there_says_how_many_there_are(dataset, row):
    """Rows count from 0."""
    with pytest.raises(IndexError, match="it has 2, from 0"):
        dataset.getValueAt(row, 0)


def test_what_is_handed_out_changes_nothing(dataset):
    """Whoever appends to a list of names has only that list."""
    dataset.getColumnNames().append("cost")
    dataset.getColumnAsList(0).clear()

    assert dataset == Dataset(COLUMNS, ROWS)


def test_a_dataset_travels_as_plain_data(dataset):
    """What a worker is sent is what the gateway had."""
    assert Dataset.of_data(dataset.as_data()) == dataset


def test_a_row_of_another_width_is_refused():
    """A mistake of a provider shows at once."""
    with pytest.raises(ValueError, match="3 values"):
        Dataset(COLUMNS, [(1, "maria")])


def test_what_is_no_column_or_row_is_named_without_an_address(dataset):
    """A script may ask with anything, and reads the message."""
    for asked in (dataset.place_of, dataset.__getitem__):
        with pytest.raises(IndexError, match="of type function in this dataset"):
            asked(lambda: 0)
