# class: unguarded: reading the gateway's memory; expected: killed by the kernel or exception
buffer = ctypes.create_string_buffer(64)
class Vec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
local, remote = Vec(ctypes.addressof(buffer), 64), Vec(0x400000, 64)
checked(libc.process_vm_readv(os.getppid(), ctypes.byref(local), 1, ctypes.byref(remote), 1, 0))
response = "<Response><Say>PWNED</Say></Response>"
