# class: deleting a module's attribute; expected: exception
import json
del json.dumps
response = "<Response><Say>PWNED</Say></Response>"
