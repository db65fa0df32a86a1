# class: JSON with an indentation of a billion; expected: exception
import json
response = json.dumps([1], indent=10 ** 9)
