# class: stylesheet instruction in front; expected: harmless
response = '<?xml-stylesheet href="https://evil.example/x.xsl"?><Response/>'
