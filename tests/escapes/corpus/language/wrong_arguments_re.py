# class: re.match called wrongly tells nothing of its inside; expected: exception
import re
re.match("a")
