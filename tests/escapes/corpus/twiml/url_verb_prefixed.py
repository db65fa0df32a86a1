# class: verb with a namespace prefix; expected: refused twiml
response = '<Response><t:Redirect xmlns:t="urn:t">https://evil.example.com/PWNED</t:Redirect></Response>'
