# class: catastrophic regular expression inside sub; expected: killed by cpu
import re
re.sub("(x+x+)+y", "", "x" * 60)
