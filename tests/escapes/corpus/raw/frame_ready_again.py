# class: unguarded: saying Ready again; expected: protocol
say(frames.encode_report(frames.Ready([("seccomp", True, True, "")])))
while True: pass
