"""`global` and `nonlocal`: the first is allowed, as a script's globals are its own; the second refused."""

NONLOCAL = """\
def f():
    x = 1
    def g():
        nonlocal x
        x = 2
    g()
"""
COUNTER = """\
count = 0
def add():
    global count
    count += 1
add()
add()
"""
GLOBAL_GUARD = """\
def f():
    global _getattr_
"""


def test_nonlocal_is_refused(problems):
    """With what to do instead."""
    assert problems(NONLOCAL) == [
        "4: `nonlocal` is not part of the script language; return the value, or keep it in a dictionary."
    ]


def test_global_works(run):
    """A script that counts in a function needs it, and it reaches nothing but the script's own names."""
    assert run(COUNTER)["count"] == 2


def test_global_cannot_name_a_guard(problems):
    """The names of a `global` statement are checked like all others."""
    assert problems(GLOBAL_GUARD) == [
        "2: Names that start with _ are reserved; use another name than `_getattr_`."
    ]
