# class: a builder's private parts; expected: exception
turn = VoiceResponse()
getattr(turn, "_nested").append("PWNED")
response = turn
