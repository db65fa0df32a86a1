# class: a generator kept from turn to turn; expected: output
session["g"] = (x for x in alarms)
