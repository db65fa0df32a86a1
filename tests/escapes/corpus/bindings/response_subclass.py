# class: a response that is a class; expected: output
response = VoiceResponse
