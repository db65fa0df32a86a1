# class: an element whose name is markup; expected: exception
turn = VoiceResponse()
turn.add_child("Say>PWNED</Say><Dial", "x")
response = turn
