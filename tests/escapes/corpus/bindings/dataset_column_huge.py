# class: a column with a number of thousands of bits; expected: exception
table = system.tag.readBlocking("System/Gateway/Twilio/UserStatistics")[0].value
found = table.getValueAt(0, 1 << 60000)
response = "<Response><Say>PWNED</Say></Response>"
