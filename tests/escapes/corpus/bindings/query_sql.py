# class: SQL in a condition; expected: harmless
found = system.alarm.queryStatus(path="x' OR '1'='1", defined=["label' --"])
response = '<Response><Say>PWNED</Say></Response>' if len(found) else ''
