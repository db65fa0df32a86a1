"""The operation that reads a tag."""

from __future__ import annotations

from typing import Final

from tocsin.alarms import plain
from tocsin.tags import Dataset
from tocsin.tags.tag import NOT_FOUND
from tocsin.web.api import models
from tocsin.web.api.operations import Asked, Operation, Reply
from tocsin.web.api.problems import Refused


async def show(asked: Asked) -> Reply:
    """Show a tag's value as it is now."""
    path = plain(asked.parts["path"])
    tags = asked.services.tags
    (tag,) = await tags.read([path])
    if tag.quality == NOT_FOUND:
        raise Refused("not-found", f"there is no tag {path[:200]!r}")
    value = tag.value.as_data() if isinstance(tag.value, Dataset) else tag.value
    return Reply(200, models.TagShown(path=tag.path, value=value, quality=tag.quality, at_ms=tag.at_ms))


OPERATIONS: Final = (
    Operation(
        "GET", "/api/v1/tags/{path+}", "read", "readTag",
        "Read a tag; the slashes of its path may stand as they are.",
        show, {200: (models.TagShown, "The value, its quality and its time.")},
        gives={
            "path": "System/Gateway/Twilio/CallsSent", "value": 41, "quality": "Good",
            "at_ms": 1774744200000,
        },
    ),
)  # fmt: skip
