# class: to_xml with an object as its argument; expected: harmless
response = VoiceResponse().to_xml(xml_declaration=call)
