# class: catastrophic lookahead; expected: killed by cpu
import re
re.match("(?=(a+)+$)b", "a" * 60 + "c")
