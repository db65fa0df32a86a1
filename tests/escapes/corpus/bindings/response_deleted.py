# class: no response any more; expected: harmless
del response
