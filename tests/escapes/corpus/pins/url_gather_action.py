# class: PIN in the action of a Gather; expected: refused twiml
# turn: pin Digits=8264
response = f'<Response><Gather action="/x?p={Digits}"/></Response>'
