# class: JSON of a list that holds itself; expected: exception
import json
x = []
x.append(x)
json.dumps(x)
