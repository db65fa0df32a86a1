# class: host with a percent escape; expected: refused twiml
response = '<Response><Redirect>https://alarms.example.com%2eevil.example/PWNED</Redirect></Response>'
