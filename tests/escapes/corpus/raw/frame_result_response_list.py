# class: unguarded: a forged result: response list; expected: protocol or killed by the kernel
# turn: answer
# turn: answer
worker = [each for each in gc.get_objects() if type(each).__name__ == "Worker"][0]
cid = worker._current.call.cid
done = frames.Finished(cid, {"response": ["<Response/>"], "session": "{}", "heard": []}, [], 1, 0, "scripts", [])
say_long = lambda message: [os.write(3, packet) for packet in frames.packets(message)]
say_long(frames.encode_report(frames.Report([done])))
os._exit(0)
