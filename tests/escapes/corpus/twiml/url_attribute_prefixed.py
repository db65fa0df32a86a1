# class: attribute with a namespace prefix; expected: refused twiml
response = '<Response><Gather xmlns:x="urn:x" x:action="https://evil.example.com/PWNED"/></Response>'
