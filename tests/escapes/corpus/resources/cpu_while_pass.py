# class: empty endless loop; expected: killed by cpu
while True:
    pass
