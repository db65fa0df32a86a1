# class: an attribute that is an object shows no address in memory; expected: exception
import re
turn = VoiceResponse()
turn.say("x", voice=lambda: 1, language=(x for x in [1]))
shown = str(turn)
response = "<Response><Say>PWNED</Say></Response>" if re.search("0x[0-9a-f]{6}", shown) else ""
