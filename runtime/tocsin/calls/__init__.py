"""A conversation: one webhook turn in, the project's scripts run on it, TwiML and an acknowledgement out.

This room owns calls, their turns and the effects scripts had; it knows people, alarms, scripts and
telephony, and nothing of HTTP. Sending messages and passing a call on are protocols the gateway binds.
"""
