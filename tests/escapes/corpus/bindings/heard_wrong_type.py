# class: heard with what is no alarm; expected: exception
heard("x")
