# class: host calls from inside a substitution; expected: exception
import re
re.sub("1", call.identify, "1")
