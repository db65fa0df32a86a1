# class: builder with a hundred thousand verbs; expected: exception or killed by cpu or output
turn = VoiceResponse()
for n in range(100000):
    turn.pause(length=1)
response = turn
