# class: the library's cache of replacement texts, filled with large ones; expected: exception
import re
for n in range(55):
    re.sub("a", r"\\" + "x" * 1000000 + str(n), "b a")
response = ""
