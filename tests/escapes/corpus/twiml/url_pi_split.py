# class: address split by a processing instruction; expected: refused twiml
response = '<Response><Redirect>https://alarms.example.com<?x?>.evil.example/PWNED</Redirect></Response>'
