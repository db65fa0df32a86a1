# class: acknowledging alarms by ids that were made up; expected: harmless
found = [call.acknowledge(alarms=ids).ok for ids in ("x", ["x"], [""], [alarms[0].id + "x"], ["' or 1=1 --"], ["%"], ["\0"])]
response = "<Response><Say>PWNED</Say></Response>" if any(found) else ""
