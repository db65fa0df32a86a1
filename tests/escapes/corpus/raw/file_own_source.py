# class: unguarded: reading the gateway's own source; expected: exception
open(call.acknowledge.__func__.__code__.co_filename).read()
response = "<Response><Say>PWNED</Say></Response>"
