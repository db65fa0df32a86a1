# class: DOCTYPE / external entity in the response; expected: refused twiml
response = "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><Response><Say>&e;</Say></Response>"
