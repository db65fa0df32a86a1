# class: children that a builder's class would share; expected: harmless
# turn: answer
# turn: answer
turn = VoiceResponse()
turn.say("loot")
again = VoiceResponse()
response = "<Response><Say>PWNED</Say></Response>" if "loot" in str(again) else ""
