# class: our own host without encryption; expected: refused twiml
response = '<Response><Redirect>http://alarms.example.com/PWNED</Redirect></Response>'
