# class: unguarded: another root; expected: killed by the kernel or exception
os.chroot("/tmp")
response = "<Response><Say>PWNED</Say></Response>"
