"""Redirect, Hangup, Reject and Leave: the verbs after which nothing of a document runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.emulator.leg import Finish, Goto
from tocsin.emulator.verbs import attributes

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from tocsin.emulator.session import Session


async def redirect(session: Session, element: Element) -> Goto:
    """Execute Redirect: go on with another document."""
    method = attributes.method(session, element, code=13710)
    return Goto(attributes.absolute(session, "".join(element.itertext())), method)


async def hangup(session: Session, element: Element) -> Finish:  # noqa: ARG001  # the shape of every verb
    """Execute Hangup."""
    return Finish("hangup")


async def reject(session: Session, element: Element) -> Finish:
    """Execute Reject: an incoming call not yet answered is refused; an answered one is hung up."""
    reason = attributes.choice(
        session, element, "reason", "rejected", allowed=("rejected", "busy"), code=13810
    )
    if session.call.status == "in-progress":
        return Finish("hangup")
    return Finish("reject", "busy" if reason == "busy" else "no-answer")


async def leave(session: Session, element: Element) -> Finish:  # noqa: ARG001  # the shape of every verb
    """Execute Leave: out of the queue, or the end of a call that is in none."""
    return Finish("leave")
