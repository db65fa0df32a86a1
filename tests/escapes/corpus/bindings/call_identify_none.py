# class: identifying with what is no text; expected: exception
call.identify(None)
