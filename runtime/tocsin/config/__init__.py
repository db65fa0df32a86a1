"""The loader of projects' configuration: TOML files in, checked values out, every fault with file and line.

Each room derives its own sections from `Section`; none is defined here. The heavy parts (tree-sitter for
lines, watchfiles for changes) are loaded when they are first needed.
"""

from tocsin.config.loading import ConfigRefused, Fault, Loaded, finding, in_order, load
from tocsin.config.places import Places, written
from tocsin.config.schema import json_schema
from tocsin.config.secret import Secret
from tocsin.config.section import Section
from tocsin.config.shipped import shipped
from tocsin.config.wording import did_you_mean

__all__ = [
    "ConfigRefused",
    "Fault",
    "Loaded",
    "Places",
    "Secret",
    "Section",
    "did_you_mean",
    "finding",
    "in_order",
    "json_schema",
    "load",
    "shipped",
    "written",
]
