# class: unguarded: KeyboardInterrupt in the worker; expected: exception
raise KeyboardInterrupt
