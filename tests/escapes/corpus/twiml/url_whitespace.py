# class: address between blanks and line ends; expected: refused twiml
response = '<Response><Redirect>\n\t https://evil.example.com/PWNED \n</Redirect></Response>'
