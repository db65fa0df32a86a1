# class: unguarded: a result for another call; expected: protocol
worker = [each for each in gc.get_objects() if type(each).__name__ == "Worker"][0]
cid = worker._current.call.cid
done = frames.Finished(cid + 1, {"response": "<Response><Say>forged</Say></Response>", "session": "{}", "heard": []}, [], 1, 0, "scripts", [])
say(frames.encode_report(frames.Report([done])))
while True: pass
