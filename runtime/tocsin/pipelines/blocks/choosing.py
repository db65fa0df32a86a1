"""Blocks that decide where a run goes on, and what is remembered on the way: they never wait. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tocsin.pipelines.plan import Expression, Jump, SetProperty, Switch
    from tocsin.pipelines.turn import Turn

_TEXT: Final = 1000  # characters that a property may hold
_MOST: Final = 50  # properties of one run


def enter_jump(turn: Turn, block: Jump) -> None:
    """Jump as often as the block says; then go on behind it."""
    position = turn.position
    place = str(position.block)
    count = position.jumps.get(place, 0)
    if count >= block.times:
        position.block += 1
        return
    position.jumps[place] = count + 1
    position.block = block.to
    position.over = True
    if block.away:
        position.back = []


def enter_switch(turn: Turn, block: Switch) -> None:
    """Choose by the value of an expression, compared as text."""
    value = as_text(turn.worked_out(block.on))
    turn.go(block.cases.get(value, block.default))
    turn.record("chosen", value=value)


def enter_expression(turn: Turn, block: Expression) -> None:
    """Choose by whether an expression holds; one that cannot be worked out does not."""
    holds = bool(turn.worked_out(block.expression))
    turn.go(block.then if holds else block.otherwise)
    turn.record("chosen", value=holds)


def enter_set_property(turn: Turn, block: SetProperty) -> None:
    """Remember a value; one that cannot be worked out leaves the property as it was."""
    value = turn.worked_out(block.value)
    if value is not None:
        remember(turn, block.property, value)
    turn.go(None)


def remember(turn: Turn, name: str, value: Any) -> bool:
    """Set a property of the run to a number, text or truth value; False where it is none of these."""
    properties = turn.position.properties
    if isinstance(value, str):
        value = value[:_TEXT]
    elif not isinstance(value, int | float | bool):
        return False
    if name not in properties and len(properties) >= _MOST:
        return False
    properties[name] = value
    turn.changed = True
    return True


def as_text(value: Any) -> str:
    """Write a value as the cases of a switch do: "true", "3", "night"."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
