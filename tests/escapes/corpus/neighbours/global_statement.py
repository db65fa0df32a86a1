# class: names left by a function's global statement; expected: harmless
def f():
    global leak, loot, stolen
    leak = loot = stolen = params
f()
response = ""
