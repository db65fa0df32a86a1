# class: unguarded: an empty packet to the gateway; expected: protocol or harmless or killed by the kernel
os.write(3, b"")
response = ""
