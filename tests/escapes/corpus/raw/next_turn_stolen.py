# class: unguarded: code left behind for the next turn of the same project's worker; expected: harmless or exception or killed by the kernel or protocol
worker = [each for each in gc.get_objects() if type(each).__name__ == "Worker"][0]
cid = worker._current.call.cid
type(worker)._fail = None
sys.modules.clear()
response = ""
