# class: members of modules replaced for all; expected: exception
import json
json.dumps = lambda x: "PWNED"
response = "<Response><Say>PWNED</Say></Response>"
