# class: verb that nobody knows around a redirect; expected: refused twiml
response = '<Response><Anything><Redirect>https://evil.example.com/PWNED</Redirect></Anything></Response>'
