# class: objects that do something when they are freed, after the turn; expected: rejected at compile
def f():
    try:
        yield 1
    finally:
        while True:
            pass
kept = f()
next(kept)
