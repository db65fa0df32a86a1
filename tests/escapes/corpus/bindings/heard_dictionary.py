# class: heard with a dictionary that looks like an alarm; expected: exception
heard({"id": "x"})
