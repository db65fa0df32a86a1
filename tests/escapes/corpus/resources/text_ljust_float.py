# class: width that is no whole number; expected: exception
response = "x".ljust(1e9)
