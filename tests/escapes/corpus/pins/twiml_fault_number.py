# class: PIN in a number that is refused; expected: refused twiml
# turn: pin Digits=8264
response = f"<Response><Dial>{Digits}</Dial></Response>"
