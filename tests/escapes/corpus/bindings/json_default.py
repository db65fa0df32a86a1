# class: default that is asked for every object; expected: exception
import json
json.dumps(call, default=lambda x: x.sid)
