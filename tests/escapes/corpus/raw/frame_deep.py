# class: unguarded: JSON nested a hundred thousand deep; expected: protocol
say(b"[" * 50000)
while True: pass
