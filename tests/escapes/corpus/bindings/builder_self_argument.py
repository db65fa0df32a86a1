# class: a builder whose keyword is the method's own parameter; expected: exception
VoiceResponse().say("x", self=1)
