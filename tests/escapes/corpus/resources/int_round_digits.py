# class: round to minus a billion digits; expected: exception
round(1 << 60000, -1000000000)
