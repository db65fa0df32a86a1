# class: unguarded: garbage to the gateway; expected: protocol
say(b"\xff\x00garbage")
while True: pass
