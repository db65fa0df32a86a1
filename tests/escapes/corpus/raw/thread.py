# class: unguarded: starting a thread; expected: killed by the kernel or exception
threading.Thread(target=print).start()
response = "<Response><Say>PWNED</Say></Response>"
