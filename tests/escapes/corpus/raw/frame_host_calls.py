# class: unguarded: a result that denies host calls; expected: protocol
worker = [each for each in gc.get_objects() if type(each).__name__ == "Worker"][0]
cid = worker._current.call.cid
ask("twilio.getUser", [1])
done = frames.Finished(cid, {"response": "<Response><Say>forged</Say></Response>", "session": "{}", "heard": []}, [], 1, 0, "scripts", [])
say(frames.encode_report(frames.Report([done])))
while True: pass
