# class: unguarded: what the process was started with; expected: harmless
text = " ".join(sys.argv) + " ".join(getattr(sys, "orig_argv", []))
response = "<Response><Say>PWNED</Say></Response>" if "auth_token" in text or "0123456789abcdef" in text else ""
