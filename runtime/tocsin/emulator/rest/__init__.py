"""Twilio's REST API of 2010-04-01, as far as a voice and message application uses it."""
