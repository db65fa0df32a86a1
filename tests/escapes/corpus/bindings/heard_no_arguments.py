# class: heard without an alarm tells nothing of its inside; expected: exception
heard()
