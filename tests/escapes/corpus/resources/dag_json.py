# class: JSON of a structure that holds itself twice; expected: exception
import json
x = ["x"]
for n in range(40):
    x = [x, x]
response = json.dumps(x)
