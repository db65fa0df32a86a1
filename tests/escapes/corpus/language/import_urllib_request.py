# class: import of urllib.request by its parent; expected: exception
from urllib import request
response = "<Response><Say>PWNED</Say></Response>"
