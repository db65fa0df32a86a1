# class: form feed and tabs in the indentation; expected: exception
if True:
	x = open("/etc/passwd")
response = "<Response><Say>PWNED</Say></Response>"
