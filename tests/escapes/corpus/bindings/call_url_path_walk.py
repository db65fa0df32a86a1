# class: URL whose action walks to another path; expected: harmless
url = call.url("../../../api/v1/alarms")
bad = "/../" in url or "/api/" in url
response = "<Response><Say>PWNED</Say></Response>" if bad else ""
