# class: the noun Siprec inside Start; expected: refused twiml
response = '<Response><Start><Siprec name="x" connectorName="PWNED"/></Start></Response>'
