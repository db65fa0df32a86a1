# class: from a builder's class to its module; expected: exception
loot = getattr(VoiceResponse, "__module__")
response = "<Response><Say>PWNED</Say></Response>"
