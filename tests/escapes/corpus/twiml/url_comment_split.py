# class: address split by a comment; expected: refused twiml
response = '<Response><Redirect>https://alarms.example.com<!-- -->.evil.example/PWNED</Redirect></Response>'
