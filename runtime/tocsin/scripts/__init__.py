"""The library of Twilio Scripts: files read, releases made of them, the one in force swapped on save.

What a script may say and do is the sandbox's business, and what it is given belongs to calls. Nothing here
is loaded inside a worker.
"""

from tocsin.scripts.library import Library
from tocsin.scripts.release import Release, Source
from tocsin.scripts.section import ScriptsSection

__all__ = ["Library", "Release", "ScriptsSection", "Source"]
