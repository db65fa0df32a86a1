# class: builder with a list nested exponentially as an attribute; expected: exception or killed by cpu or killed by memory
x = ["x"]
for n in range(40):
    x = [x, x]
turn = VoiceResponse()
turn.say("hello", voice=x)
response = turn
