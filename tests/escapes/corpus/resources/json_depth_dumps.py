# class: JSON nested too deep to be written; expected: exception
import json
x = []
for n in range(5000):
    x = [x]
response = json.dumps(x)
