# class: an object nested in a builder; expected: exception
VoiceResponse().append(call)
