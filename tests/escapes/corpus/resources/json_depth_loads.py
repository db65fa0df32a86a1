# class: JSON nested too deep to be read; expected: exception
import json
json.loads("[" * 100000 + "]" * 100000)
