# class: from a match to the library; expected: exception
import re
loot = re.match("a", "a").re
response = "<Response><Say>PWNED</Say></Response>"
