# class: unguarded: counts beyond all bounds; expected: protocol
worker = [each for each in gc.get_objects() if type(each).__name__ == "Worker"][0]
cid = worker._current.call.cid
say(b'[[[1,%d,{},[],9223372036854775808,0,"scripts",[]]],null,false,0,false]' % cid)
while True: pass
