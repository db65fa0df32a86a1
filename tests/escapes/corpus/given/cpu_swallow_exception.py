# class: bare except swallowing a timeout; expected: killed by cpu
while True:
    try:
        while True:
            pass
    except:
        pass
