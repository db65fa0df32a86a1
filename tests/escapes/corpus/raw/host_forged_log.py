# class: unguarded: log lines from files that are none; expected: harmless
worker = [each for each in gc.get_objects() if type(each).__name__ == "Worker"][0]
cid = worker._current.call.cid
done = frames.Finished(cid, {"response": "<Response><Say>forged</Say></Response>", "session": "{}", "heard": []}, [("../../etc/passwd", 1, "critical", "PWNED" * 10)] * 50, 1, 0, "scripts", ["x" * 200])
say(frames.encode_report(frames.Report([done])))
os._exit(0)
