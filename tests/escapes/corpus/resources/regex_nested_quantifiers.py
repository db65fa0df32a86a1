# class: catastrophic regular expression, other shape; expected: killed by cpu
import re
re.search("^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 5000)
