# class: unguarded: reading address 0; expected: killed by the kernel
ctypes.string_at(0)
