# class: a tag that is never closed; expected: refused twiml
response = '<Response><Say>PWNED'
