# class: URL whose action or query names another call or turn; expected: exception
url = call.url("answer/0?x=", turn=99, id="0")
response = "<Response><Say>PWNED</Say></Response>" if "turn=99" in url or "answer/0" in url else ""
