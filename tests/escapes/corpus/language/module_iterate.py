# class: module gone through; expected: exception
import json
loot = [x for x in json]
response = "<Response><Say>PWNED</Say></Response>"
