"""What several shapes share, and the problem document.

Times are whole milliseconds since 1970-01-01 UTC. A request may hold keys nobody knows: an alarm is not
lost to a misspelt extra, the answer warns about it instead.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

Text: TypeAlias = Annotated[str, Meta(max_length=4000)]
Minutes: TypeAlias = Annotated[float, Meta(gt=0, le=10_080)]
Millis: TypeAlias = Annotated[int, Meta(description="milliseconds since 1970-01-01 UTC")]
Username: TypeAlias = Annotated[str, Meta(min_length=1, max_length=100, examples=["maria"])]
Number: TypeAlias = Annotated[str, Meta(max_length=32, description="E.164", examples=["+46701234567"])]
Masked: TypeAlias = Annotated[str, Meta(description="a masked telephone number", examples=["+4670…67"])]


class Problem(Struct, kw_only=True, omit_defaults=True):
    """A problem document (RFC 9457): `detail` says what is wrong and what to do."""

    type: str
    title: str
    status: int
    detail: str
