# class: unguarded: leaving with status 0; expected: killed by the kernel
os._exit(0)
