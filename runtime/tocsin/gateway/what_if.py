"""What a configuration would do, ready to be asked: by the API of a gateway, and from the files alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.alarms.rules import Rules
from tocsin.gateway.notifying import routing_of
from tocsin.pipelines.simulating.lines import Lines
from tocsin.pipelines.simulating.what_if import WhatIf

if TYPE_CHECKING:
    from tocsin.gateway.configuration import Configuration
    from tocsin.people import Directory


def what_if_of(value: Configuration, directory: Directory) -> WhatIf:
    """Make the simulator of a configuration that passed its checks."""
    return WhatIf(
        routing_of(value, directory),
        Lines.of(
            value.twilio_profiles, value.voice_profiles, value.message_profiles, value.throttles.throttles
        ),
        Rules(value.alarms, set(value.pipelines)),
    )
