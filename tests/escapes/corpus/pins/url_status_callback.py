# class: PIN in a callback; expected: refused twiml
# turn: pin Digits=8264
response = f'<Response><Dial><Number statusCallback="/x/{Digits}">+46709999999</Number></Dial></Response>'
