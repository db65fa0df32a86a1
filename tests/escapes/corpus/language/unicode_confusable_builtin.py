# class: builtin written with mathematical letters; expected: rejected at compile
𝐞𝐯𝐚𝐥("1")
response = "<Response><Say>PWNED</Say></Response>"
