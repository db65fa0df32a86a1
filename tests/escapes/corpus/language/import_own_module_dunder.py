# class: import of a module that the project does not have; expected: rejected at compile
import _thread
response = "<Response><Say>PWNED</Say></Response>"
