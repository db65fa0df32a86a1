# class: a logger with arguments to format; expected: exception
system.util.getLogger("x").info("%s", call)
