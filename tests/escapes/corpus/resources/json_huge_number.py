# class: JSON with a number of a hundred thousand digits; expected: exception
import json
json.loads("1" * 100000)
