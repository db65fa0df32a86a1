# class: a closure kept from turn to turn; expected: output
session["f"] = lambda: call.acknowledge()
