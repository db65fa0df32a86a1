# class: unguarded: two host calls at once; expected: protocol or killed by cpu or killed by the kernel
worker = [each for each in gc.get_objects() if type(each).__name__ == "Worker"][0]
cid = worker._current.call.cid
for n in range(2):
    say(frames.encode_report(frames.Report([], ask=frames.Ask(cid, "twilio.getUser", [n]))))
while True: pass
