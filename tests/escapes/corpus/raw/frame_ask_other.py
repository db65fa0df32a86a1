# class: unguarded: a host call in another call's name; expected: protocol
worker = [each for each in gc.get_objects() if type(each).__name__ == "Worker"][0]
cid = worker._current.call.cid
say(frames.encode_report(frames.Report([], ask=frames.Ask(cid + 1, "call.passOn", []))))
while True: pass
