# class: builders bound anew for all; expected: harmless
VoiceResponse = Gather = lambda *args, **kw: "<Response><Say>PWNED</Say></Response>"
response = ""
