# class: a JSON error made from objects; expected: exception
import json
raise json.JSONDecodeError("x", call, 0)
