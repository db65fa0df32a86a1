# class: address by an entity of ours; expected: refused twiml
response = '<Response><Redirect>&evil;</Redirect></Response>'
