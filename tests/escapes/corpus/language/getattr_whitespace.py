# class: attribute name with blanks and NULs around it; expected: harmless
names = ["_ask ", " _ask", "_ask\0", "\u200b_ask", "＿ask", "_aſk"]
found = [name for name in names if hasattr(call, name)]
response = "<Response><Say>PWNED</Say></Response>" if found else ""
