# class: changing the class of moments; expected: exception
import datetime
datetime.datetime.now = lambda: "PWNED"
response = "<Response><Say>PWNED</Say></Response>"
