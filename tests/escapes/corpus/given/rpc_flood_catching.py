# class: host call flood that swallows the refusal; expected: host-calls
while True:
    try:
        call.acknowledge("0000")
    except Exception:
        pass
