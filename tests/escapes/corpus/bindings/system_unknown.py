# class: a function of Ignition's that call scripts do not have; expected: exception
system.db.runQuery("select * from ts_call")
response = "<Response><Say>PWNED</Say></Response>"
