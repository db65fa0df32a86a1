# class: a guard rebound by an import of a module inside it; expected: rejected at compile
# beside: _getattr_.py _getattr_.part.py
import _getattr_.part
response = "<Response><Say>PWNED</Say></Response>"
