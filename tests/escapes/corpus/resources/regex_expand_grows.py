# class: expand as a bomb; expected: exception or killed by memory
import re
m = re.match("(.*)", "x" * 1000000)
response = m.expand("\\1" * 1000)
