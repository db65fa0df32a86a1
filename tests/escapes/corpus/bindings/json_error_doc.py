# class: the document in a JSON error; expected: exception
import json
try:
    json.loads("{")
except json.JSONDecodeError as error:
    loot = error.doc
    response = "<Response><Say>PWNED</Say></Response>"
