# class: comprehension over the product of ranges; expected: killed by cpu or killed by memory
x = len([1 for a in range(1000) for b in range(1000) for c in range(1000)])
