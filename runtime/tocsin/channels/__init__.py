"""Ways out to people: calls and texts, each placed once, seen to its end, and turned into an outcome.

Whom an alarm is for, and what follows an outcome, is decided by pipelines; what is said in a call, by the
scripts. Here it is decided who is called or texted next within an account's rate, and what is to be done
about an attempt of which nobody knows how it ended.
"""
