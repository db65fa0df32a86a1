# class: the guards of all turns replaced through a module's name, to listen to other calls; expected: rejected at compile
# beside: __builtins__.py
# turn: answer
# turn: answer
def hook(shared):
    old, text, seen = shared["_getattr_"], str, []
    put = seen.append

    def spy(value, name):
        put([text(value), name])
        return old(value, name)

    shared["_getattr_"] = spy
    shared["loot"] = lambda: text(seen)


try:
    stolen = loot()
except NameError:
    hook(__builtins__)
    stolen = ""
response = "<Response><Say>PWNED " + stolen + "</Say></Response>"
