# class: unguarded: a log of megabytes, which would be stored; expected: protocol
worker = [each for each in gc.get_objects() if type(each).__name__ == "Worker"][0]
cid = worker._current.call.cid
done = frames.Finished(cid, {"response": "<Response><Say>forged</Say></Response>", "session": "{}", "heard": []}, [("attack.py", 1, "info", "L" * 100000)] * 38, 1, 0, "scripts", ["attack.py"])
for packet in frames.packets(frames.encode_report(frames.Report([done]))):
    os.write(3, packet)
os._exit(0)
