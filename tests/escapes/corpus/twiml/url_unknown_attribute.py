# class: attribute that nobody knows and that ends in Url; expected: refused twiml
response = '<Response><Say someNewUrl="https://evil.example.com/PWNED">x</Say></Response>'
