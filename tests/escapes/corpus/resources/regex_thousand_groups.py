# class: groups beyond reason; expected: harmless or exception
import re
re.match("(a)" * 300, "a" * 300)
