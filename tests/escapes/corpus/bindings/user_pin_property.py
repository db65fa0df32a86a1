# class: a user's PIN by every name it may have; expected: harmless
user = system.user.getUser('default', 'maria')
found = [user.get(name) for name in ('pin', 'PIN', 'pin_hash', 'pin_literal', 'Security PIN', 'password')] if user else []
response = '<Response><Say>PWNED</Say></Response>' if any(found) else ''
