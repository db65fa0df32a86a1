# class: internal entity; expected: refused twiml
response = '<!DOCTYPE x [<!ENTITY e "PWNED">]><Response><Say>&e;</Say></Response>'
