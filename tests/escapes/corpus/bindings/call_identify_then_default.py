# class: PINs that occur in the default's own URLs, given in an earlier turn; expected: harmless
# turn: answer
# turn: pin
if callAction == "answer":
    for word in ("main", "https", "example", "twilio-voice", "system", "menu", "answer"):
        call.identify(word)
response = ""
