# class: a note with half a character; expected: exception
call.acknowledge(note="\ud800")
