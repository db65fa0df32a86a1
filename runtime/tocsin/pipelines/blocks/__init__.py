"""What the blocks of a pipeline do: one module per family, each block a function `enter_…(turn, block)`.

A block either moves the run on, or lets it wait for something; then `heard` says whether that has come to
pass before its time, and `late` what happens at its time. `notification` stands beside this package.
"""
