# class: a text that is an object; expected: exception
turn = VoiceResponse()
turn.say(call.acknowledge)
response = turn
