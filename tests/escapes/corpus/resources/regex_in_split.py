# class: catastrophic regular expression by a compiled pattern's method; expected: killed by cpu
import re
re.compile("(a|aa)+$").findall("a" * 60 + "b")
