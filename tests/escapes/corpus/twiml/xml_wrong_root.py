# class: another root; expected: refused twiml
response = '<html><script>PWNED</script></html>'
