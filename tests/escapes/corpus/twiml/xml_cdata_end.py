# class: CDATA that is closed twice; expected: refused twiml
response = '<Response><Say><![CDATA[x]]>]]></Say></Response>'
