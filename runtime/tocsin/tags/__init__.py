"""Tags: a value of the plant or the gateway under a path, with its quality and its moment.

Who knows a tag's value is a provider, registered under the part of the tree it owns; what providers read
and from where is theirs. `tocsin.tags.dataset` is plain Python, for scripts hold datasets as well.
"""

from tocsin.tags.dataset import Dataset
from tocsin.tags.tag import Node, Tag, int4
from tocsin.tags.tree import Provider, Tags, plain_path

__all__ = ["Dataset", "Node", "Provider", "Tag", "Tags", "int4", "plain_path"]
