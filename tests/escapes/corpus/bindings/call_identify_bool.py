# class: identifying with True; expected: exception
call.identify(True)
