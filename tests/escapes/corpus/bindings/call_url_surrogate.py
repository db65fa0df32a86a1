# class: URL with half a character; expected: exception
call.url("\ud800")
