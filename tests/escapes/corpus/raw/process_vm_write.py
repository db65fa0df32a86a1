# class: unguarded: writing the gateway's memory; expected: killed by the kernel or exception
checked(libc.process_vm_writev(os.getppid(), None, 0, None, 0, 0))
response = "<Response><Say>PWNED</Say></Response>"
