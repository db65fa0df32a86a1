"""The room in which user scripts run: a small language, and locked processes to run it in.

It has two halves that know each other through data only. The *language* half (`policy`, `guards`,
`library`) turns a script's source into code that can reach nothing but what it was given. The
*process* half (`pool`, `zygote`, `worker`, `lockdown`) runs that code where even a mistake in the
first half reaches nothing. `script` holds the values both speak of.

Nothing here knows of calls, alarms or Twilio, and nothing here may import a room of tocsin other
than `errors`: these modules are loaded into processes that run strangers' code.
"""
