# class: PIN in percent escapes in a URL; expected: refused twiml
# turn: pin Digits=8264
escaped = "".join("%" + hex(ord(digit))[2:] for digit in Digits)
response = f"<Response><Redirect>/main/system/twilio-voice/ack/0?p={escaped}</Redirect></Response>"
