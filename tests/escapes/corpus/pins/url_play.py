# class: PIN in the address of a file to play; expected: refused twiml
# turn: pin Digits=8264
response = f"<Response><Play>/audio/{Digits}</Play></Response>"
