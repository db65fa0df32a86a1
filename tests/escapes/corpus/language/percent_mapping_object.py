# class: %-format that asks an object for items; expected: exception
response = "<Response><Say>PWNED %(sid)s</Say></Response>" % call
