# class: a journal since the year 1; expected: exception
import datetime
found = system.alarm.queryJournal(datetime.datetime(1, 1, 1))
response = '<Response><Say>PWNED</Say></Response>' if len(found) < 0 else ''
