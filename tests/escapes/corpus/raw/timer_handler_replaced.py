# class: unguarded: another function in the handler's place; expected: killed by cpu
worker = [each for each in gc.get_objects() if type(each).__name__ == "Worker"][0]
type(worker)._out_of_time = lambda *args: None
worker._interruptible = False
while True:
    pass
