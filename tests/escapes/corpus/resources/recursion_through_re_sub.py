# class: recursion through a replacement function; expected: exception or killed by the kernel
import re
def f(match):
    return re.sub("a", f, "a")
f(None)
