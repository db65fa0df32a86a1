# class: import of a private submodule; expected: rejected at compile
import json._default_decoder
response = "<Response><Say>PWNED</Say></Response>"
