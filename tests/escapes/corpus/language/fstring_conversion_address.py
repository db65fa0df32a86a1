# class: f-string conversion that shows an address in memory; expected: harmless
import re
shown = f"{(lambda: 1)!r} {call.acknowledge!s} {len!a}"
response = "<Response><Say>PWNED</Say></Response>" if re.search("0x[0-9a-f]{6}", shown) else ""
