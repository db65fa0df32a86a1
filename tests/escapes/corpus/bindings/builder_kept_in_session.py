# class: a builder kept from turn to turn; expected: output
session["turn"] = VoiceResponse()
