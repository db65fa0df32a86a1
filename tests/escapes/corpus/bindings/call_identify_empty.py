# class: an empty PIN must not turn every URL into a leak; expected: harmless
call.identify("")
call.identify("   ")
session["url"] = call.url("answer", name="x")
response = ""
