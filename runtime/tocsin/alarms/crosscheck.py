"""Which keys of an alarm belong together, as a table; each fault names its key and the remedy. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tocsin.alarms.naming import fault_of_path
from tocsin.config import Fault, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from tocsin.alarms.sections import AlarmSection

_COMPARING: Final = frozenset({"AboveValue", "BelowValue", "BetweenValues", "OutsideValues"})
_WITH_A: Final = _COMPARING | {"Equality", "Inequality"}
_WITH_B: Final = frozenset({"BetweenValues", "OutsideValues"})

# Key in the file, field of the section, modes that use it.
_USED_BY: Final = (
    ("setpointA", "setpoint_a", _WITH_A),
    ("setpointB", "setpoint_b", _WITH_B),
    ("inclusiveA", "inclusive_a", _COMPARING),
    ("inclusiveB", "inclusive_b", _WITH_B),
    ("bitPosition", "bit_position", frozenset({"Bit"})),
    ("bitOnZero", "bit_on_zero", frozenset({"Bit"})),
    ("activeCondition", "active_condition", frozenset({"OnCondition"})),
    ("deadband", "deadband", _WITH_A | {"OutOfEngRange"}),
    ("deadbandMode", "deadband_mode", _WITH_A | {"OutOfEngRange"}),
)
_WAITING: Final = (
    ("CustomEmailSubject", "custom_email_subject"),
    ("CustomEmailMessage", "custom_email_message"),
)
_NEEDED: Final = ("setpointA", "setpointB", "bitPosition", "activeCondition")


def crosscheck(
    alarms: Mapping[str, AlarmSection], *, pipelines: Collection[str] | None = None
) -> list[Fault]:
    """List what is wrong with the alarms together; with `pipelines` given, names must be among them."""
    return [fault for path, rule in alarms.items() for fault in _of_one(path, rule, pipelines)]


def _of_one(path: str, rule: AlarmSection, pipelines: Collection[str] | None) -> Iterator[Fault]:
    wrong = fault_of_path(path)
    if wrong is not None:
        yield Fault(("alarms", path), wrong)
    yield from _of_tag(path, rule)
    yield from _of_mode(path, rule)
    yield from _of_timeouts(path, rule)
    yield from _of_pipelines(path, rule, pipelines)
    for key, name in _WAITING:
        if name in rule.model_fields_set:
            told = "is not used yet: tocsin sends no e-mail; what to do can be said in notes"
            yield Fault(("alarms", path, key), told, "warning")


def _of_tag(path: str, rule: AlarmSection) -> Iterator[Fault]:
    if rule.tag is None and rule.mode is not None:
        yield Fault(
            ("alarms", path, "mode"),
            f'"{rule.mode}" has no tag to look at; add tag = "…", or remove mode for an alarm raised by API',
        )
    if rule.tag is not None and rule.mode is None:
        yield Fault(
            ("alarms", path, "tag"),
            'a tag needs a mode to say when the alarm is active; add mode = "AboveValue"',
        )


def _of_mode(path: str, rule: AlarmSection) -> Iterator[Fault]:
    for key, name, modes in _USED_BY:
        given = name in rule.model_fields_set and getattr(rule, name) is not None
        if given and rule.mode not in modes:
            told = f'mode "{rule.mode}"' if rule.mode else "an alarm without a mode"
            yield Fault(
                ("alarms", path, key),
                f"{told} does not use {key}; remove it (it belongs to {_listed(modes)})",
            )
        if not given and rule.mode in modes and key in _NEEDED:
            yield Fault(("alarms", path, "mode"), f'"{rule.mode}" needs {key}; add {key} = …')
    low, high = rule.setpoint_a, rule.setpoint_b
    is_number = isinstance(low, (int, float)) and not isinstance(low, bool)
    if low is not None and rule.mode in _COMPARING and not is_number:
        yield Fault(("alarms", path, "setpointA"), f'mode "{rule.mode}" compares numbers; {low!r} is not one')
    if rule.mode in _WITH_B and is_number and high is not None and float(low or 0) > high:
        yield Fault(
            ("alarms", path, "setpointB"), f"setpointB {high} lies below setpointA {low}; exchange them"
        )


def _of_timeouts(path: str, rule: AlarmSection) -> Iterator[Fault]:
    if rule.ack_timeout_seconds is not None and rule.ack_mode == "Unused":
        yield Fault(
            ("alarms", path, "ackTimeoutSeconds"),
            'ackMode "Unused" needs no acknowledgement, so none can time out; remove ackTimeoutSeconds',
        )


def _of_pipelines(path: str, rule: AlarmSection, pipelines: Collection[str] | None) -> Iterator[Fault]:
    if rule.pipeline is not None and rule.active_pipeline is not None:
        yield Fault(
            ("alarms", path, "activePipeline"), "pipeline and activePipeline mean the same; keep one of them"
        )
    if pipelines is None:
        return
    named = {
        "pipeline": rule.pipeline,
        "activePipeline": rule.active_pipeline,
        "clearPipeline": rule.clear_pipeline,
        "ackPipeline": rule.ack_pipeline,
    }
    for key, pipeline in named.items():
        if pipeline is not None and pipeline not in pipelines:
            hint = did_you_mean(pipeline, pipelines)
            yield Fault(("alarms", path, key), f'there is no pipeline "{pipeline}"{hint}')


def _listed(modes: Collection[str]) -> str:
    return ", ".join(sorted(modes))
