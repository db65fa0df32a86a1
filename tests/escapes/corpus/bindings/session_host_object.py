# class: a host object kept from turn to turn; expected: output
session["call"] = call
