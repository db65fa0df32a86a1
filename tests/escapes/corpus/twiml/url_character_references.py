# class: address in character references; expected: refused twiml
response = '<Response><Redirect>&#104;ttps://evil&#46;example.com/PWNED</Redirect></Response>'
