# class: attribute twice; expected: refused twiml
response = '<Response><Gather action="/x" action="https://evil.example/PWNED"/></Response>'
