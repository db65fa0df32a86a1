# class: the library's cache of patterns, filled with large ones; expected: harmless or killed by cpu or killed by memory
import re
for n in range(500):
    re.compile("[" + "".join(chr(0x4e00 + 7 * k + n) for k in range(0, 900, 3)) + "]")
response = ""
