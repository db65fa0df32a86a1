# class: a dataset indexed by an object of its own; expected: exception
table = system.tag.readBlocking("System/Gateway/Twilio/UserStatistics")[0].value
found = table.getValueAt(table, table)
response = "<Response><Say>PWNED</Say></Response>"
