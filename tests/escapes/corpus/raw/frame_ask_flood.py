# class: unguarded: host calls beyond the budget; expected: protocol or exception or killed by the kernel
worker = [each for each in gc.get_objects() if type(each).__name__ == "Worker"][0]
cid = worker._current.call.cid
for n in range(100):
    say(frames.encode_report(frames.Report([], ask=frames.Ask(cid, "twilio.getUser", [1]))))
    os.read(3, 1 << 16)
while True: pass
