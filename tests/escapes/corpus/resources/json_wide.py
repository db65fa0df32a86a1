# class: JSON that is too large; expected: exception
import json
response = json.dumps(["x" * 1000] * 5000)
