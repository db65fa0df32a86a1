# What no script should do, one class for each call action.
import re


def dig(depth):
    return dig(depth + 1) + 1


if callAction == "endless":
    while True:
        pass
elif callAction == "memory":
    kept = []
    while True:
        kept.append("x" * 1000000 + str(len(kept)))
elif callAction == "regex":
    re.match("(a+)+$", "a" * 60 + "b")
elif callAction == "recursion":
    dig(0)
elif callAction == "logs":
    while True:
        print("x" * 1000)
elif callAction == "output":
    response = "<Response><Say>" + "x" * 900000 + "</Say></Response>"
