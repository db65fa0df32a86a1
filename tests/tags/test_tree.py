"""One tree over all providers: what is known is read, what is not says so, and nobody's fault is another's."""

from __future__ import annotations

import pytest

from tocsin.clock import VirtualClock
from tocsin.tags import Node, Tag, int4
from tocsin.tags.tree import Tags


class Plant:
    """A provider of fixed values."""

    def __init__(self, root, *, broken=False, **values):
        self.root = root
        self.broken = broken
        self.values = {f"{root}/{name.replace('__', '/')}": value for name, value in values.items()}
        self.asked = []

    def nodes(self):
        return [Node(path, data_type="Int4") for path in self.values]

    async def read(self, paths):
        self.asked.append(list(paths))
        if self.broken:
            raise OSError("the line is down")
        return [Tag(path, self.values[path], at_ms=7) for path in paths]


@pytest.fixture
def clock():
    """Give a clock that stands still."""
    return VirtualClock()


@pytest.fixture
def pumps():
    """Give the tags of two pumps."""
    return Plant("Plant/Pumps", Pump1__Level=3, Pump2__Level=90, Running=2)


@pytest.fixture
def tags(clock, pumps):
    """Give the tree with the pumps and a provider that cannot be reached."""
    tree = Tags(clock)
    tree.add(pumps)
    tree.add(Plant("Plant/Dam", broken=True, Gate=1))
    return tree


async def test_values_come_in_the_order_asked_for(tags, pumps):
    """Each provider is asked once, for all of its tags."""
    found = await tags.read(["Plant/Pumps/Running", "Plant/Pumps/Pump1/Level", "Plant/Pumps/Running"])

    assert [tag.value for tag in found] == [2, 3, 2]
    assert all(tag.good and tag.at_ms == 7 for tag in found)
    assert pumps.asked == [["Plant/Pumps/Running", "Plant/Pumps/Pump1/Level"]]


async def test_a_path_is_understood_as_ignition_writes_it(tags):
    """The provider in brackets, letter case and a slash too many make no difference."""
    found = await tags.read(["[default]Plant/Pumps/Running", "plant/pumps/RUNNING/", "[Plant]Pumps/Running"])

    assert [(tag.path, tag.value) for tag in found] == [("Plant/Pumps/Running", 2)] * 3


@pytest.mark.parametrize("path", ["Plant/Pumps/Pump3/Level", "Plant/Pumps", "", "[System]", "Else", "[x"])
async def test_an_unknown_path_is_bad_not_found(tags, clock, path):
    """A folder has no value either."""
    (tag,) = await tags.read([path])

    assert (tag.value, tag.quality, tag.at_ms) == (None, "Bad_NotFound", clock.now_ms())
    assert not tag.good


async def test_a_provider_that_fails_spoils_its_own_tags_alone(tags):
    """The others' values are there all the same."""
    gate, running = await tags.read(["Plant/Dam/Gate", "Plant/Pumps/Running"])

    assert (gate.value, gate.quality) == (None, "Bad_Failure")
    assert running.value == 2


def test_browsing_goes_step_by_step(tags):
    """Folders first, then tags, each with its path, kind and type."""
    assert tags.browse() == [Node("Plant", "Folder")]
    assert [node.path for node in tags.browse("plant")] == ["Plant/Dam", "Plant/Pumps"]
    below = [(node.name, node.kind, node.data_type) for node in tags.browse("Plant/Pumps")]
    assert below == [
        ("Pump1", "Folder", None),
        ("Pump2", "Folder", None),
        ("Running", "AtomicTag", "Int4"),
    ]
    assert tags.browse("Plant/Pumps/Running") == []
    assert tags.browse("Elsewhere") == []


@pytest.mark.parametrize(
    ("path", "there"),
    [("Plant", True), ("Plant/Pumps/Running", True), ("Plant/Pump", False), ("Plant/Pumps/Running/x", False)],
)
def test_a_path_exists_as_a_tag_or_a_folder(tags, path, there):
    """Part of a name is no name."""
    assert tags.exists(path) is there


@pytest.mark.parametrize("root", ["Plant/Pumps", "plant", "Plant/Pumps/Pump1"])
def test_a_part_of_the_tree_has_one_provider(tags, root):
    """Two that know the same tag could disagree."""
    with pytest.raises(ValueError, match="another provider"):
        tags.add(Plant(root))


@pytest.mark.parametrize(
    ("count", "held"), [(0, 0), (2**31 - 1, 2**31 - 1), (2**31, 2**31 - 1), (-(2**40), -(2**31))]
)
def test_an_int4_that_is_full_stays_full(count, held):
    """A counter never turns negative."""
    assert int4(count) == held
