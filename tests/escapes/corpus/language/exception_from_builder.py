# class: except clause with something that is no exception; expected: exception
try:
    1 / 0
except VoiceResponse:
    response = "<Response><Say>PWNED</Say></Response>"
