# class: PIN in character references in a URL; expected: refused twiml
# turn: pin Digits=8264
escaped = "".join("&#" + str(ord(digit)) + ";" for digit in Digits)
response = f"<Response><Redirect>/main/system/twilio-voice/ack/0?p={escaped}</Redirect></Response>"
