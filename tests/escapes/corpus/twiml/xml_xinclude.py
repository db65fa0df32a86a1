# class: XInclude; expected: harmless
response = '<Response xmlns:xi="http://www.w3.org/2001/XInclude"><Say><xi:include href="file:///etc/passwd" parse="text"/></Say></Response>'
