# class: locale and time zone changed for all; expected: exception
import time
time.tzset()
response = "<Response><Say>PWNED</Say></Response>"
