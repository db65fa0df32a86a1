# class: hooks that run a function inside the library; expected: exception
import json
json.loads("{}", object_hook=call.acknowledge)
response = "<Response><Say>PWNED</Say></Response>"
