# class: external entity; expected: refused twiml
response = '<!DOCTYPE x SYSTEM "file:///etc/passwd"><Response/>'
