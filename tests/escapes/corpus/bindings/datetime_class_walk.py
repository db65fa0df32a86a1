# class: from a moment to its class; expected: exception
import datetime
loot = getattr(datetime.datetime.now(), "__reduce_ex__")(2)
response = "<Response><Say>PWNED</Say></Response>"
