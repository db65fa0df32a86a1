# class: with statement that binds an attribute; expected: rejected at compile
with VoiceResponse() as call.sid:
    response = "<Response><Say>PWNED</Say></Response>"
