# class: PIN in the fragment of a URL; expected: refused twiml
# turn: pin Digits=8264
response = f"<Response><Redirect>https://alarms.example.com/x#{Digits}</Redirect></Response>"
