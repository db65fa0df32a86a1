# class: reading the largest tag two hundred times at once; expected: harmless or exception
values = system.tag.readBlocking(['System/Gateway/Twilio/UserStatistics'] * 200)
response = '<Response><Say>PWNED</Say></Response>' if len(values) > 200 else ''
