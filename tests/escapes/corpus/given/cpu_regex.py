# class: catastrophic regex; expected: killed by cpu
import re
response = str(re.match("(a+)+$", "a" * 60 + "b"))
