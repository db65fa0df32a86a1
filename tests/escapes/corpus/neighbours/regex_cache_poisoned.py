# class: the library's cache of patterns, filled with other flags; expected: harmless
import re
re.compile("a+", re.IGNORECASE)
for n in range(600):
    re.compile("a+" + str(n))
response = ""
