# class: builder that holds the same element twice, thirty levels deep; expected: exception or killed by cpu
one = Gather()
for n in range(30):
    two = Gather()
    two.append(one)
    two.append(one)
    one = two
response = VoiceResponse()
response.append(one)
