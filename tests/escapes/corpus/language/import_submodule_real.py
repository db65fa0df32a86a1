# class: import of a submodule that the real package has; expected: exception
import json.decoder
response = "<Response><Say>PWNED</Say></Response>"
