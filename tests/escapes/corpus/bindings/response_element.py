# class: a response that is another element than VoiceResponse; expected: refused twiml
response = Gather()
