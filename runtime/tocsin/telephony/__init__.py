"""Twilio as facts: numbers, signatures, forms, parameters, TwiML, and the profiles that name an account.

What lives here is known from Twilio's documents and its official libraries, and decided without I/O.
What must not live here: which alarm, person or script a call is about, and any web framework.

`builders` (with `table`) runs inside locked workers and imports nothing but the standard library; so this
module imports nothing at all.
"""
