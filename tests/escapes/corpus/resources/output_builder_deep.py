# class: builder nested in itself; expected: exception
turn = VoiceResponse()
turn.append(turn)
response = turn
