"""Answering alarms by text: what a text means, which alarms it is about, what follows, and what is replied.

`grammar` and `words` know only text, so that every channel on which people write can use them. Which person
may do what is decided in `deciding`; `dialogue` carries it out.
"""
