# class: regular expression too long; expected: exception
import re
re.compile("a" * 100000)
