# class: text doubled by an f-string; expected: killed by memory or killed by cpu
x = "y"
while True:
    x = f"{x}{x}"
