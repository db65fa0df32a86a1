# class: regular expression that unfolds to a huge program; expected: killed by cpu or exception or harmless
import re
re.match("(((((((a{1,99}){1,99}){1,99}){1,99}){1,99}){1,99}){1,99})b", "a" * 1000)
