# class: the undocumented scanner of a pattern; expected: exception
import re
loot = re.compile("a").scanner("aaa")
response = "<Response><Say>PWNED</Say></Response>"
