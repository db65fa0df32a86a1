"""Tags: a value of the plant or the gateway under a path, with its quality and its moment.

Who knows a tag's value is a provider, registered under the part of the tree it owns; what providers read
and from where is theirs. The tree over all providers stands in `tocsin.tags.tree`; what is here is plain
Python, for the workers of scripts hold datasets as well.
"""

from tocsin.tags.dataset import Dataset
from tocsin.tags.tag import Node, Tag, int4

__all__ = ["Dataset", "Node", "Tag", "int4"]
