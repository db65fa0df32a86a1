# class: isinstance with a builder class is fine, a subclass check is not; expected: exception
ok = isinstance(VoiceResponse(), VoiceResponse)
loot = issubclass(VoiceResponse, VoiceResponse)
response = "<Response><Say>PWNED</Say></Response>"
