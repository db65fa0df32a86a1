# class: a module kept from turn to turn; expected: output
import json
session["m"] = json
