# class: the library's cache of replacement texts, filled with what is 50 times as large once it is parsed; expected: harmless
import re
for n in range(10):
    re.compile("(a)").sub("\\1" * 4990 + "x" + str(n), "b")
response = ""
