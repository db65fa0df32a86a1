# class: assigning a module's attribute; expected: exception
import json
json.dumps = len
response = "<Response><Say>PWNED</Say></Response>"
