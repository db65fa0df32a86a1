# class: PIN read back to the caller is not kept in the record; expected: harmless
# turn: pin Digits=8264
response = f"<Response><Say>You typed {Digits}, that is {' '.join(Digits)}.</Say></Response>"
