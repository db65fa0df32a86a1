# class: PIN in what a warning of TwiML shows; expected: harmless
# turn: pin Digits=8264
response = f'<Response><Pause length="{Digits}x"/>{Digits}</Response>'
