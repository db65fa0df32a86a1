# class: assert with a hostile message; expected: exception
assert False, call.acknowledge
