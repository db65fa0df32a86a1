# class: PIN spelled in an attribute; expected: harmless
# turn: pin Digits=8264
response = f'<Response><Say language="{Digits}">x</Say></Response>'
