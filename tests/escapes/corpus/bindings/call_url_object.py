# class: URL with an object as a value shows no address in memory; expected: exception
import re
url = call.url("x", a=lambda: 1, b=[lambda: 1], c=(x for x in [1]))
response = "<Response><Say>PWNED</Say></Response>" if re.search("0x[0-9a-f]{6}", url) else ""
