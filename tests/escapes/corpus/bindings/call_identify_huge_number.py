# class: identifying with a number that has too many digits to be written; expected: exception
call.identify(1 << 60000)
