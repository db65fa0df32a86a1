# class: unguarded: a pickle; expected: protocol
say(b"\x80\x04\x95\x1a\x00\x00\x00cposix\nsystem\n(S'true'\ntR.")
while True: pass
