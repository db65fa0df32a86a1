# class: getattr called without a name tells nothing of its inside; expected: exception
getattr(call)
