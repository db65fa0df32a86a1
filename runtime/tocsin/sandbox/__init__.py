"""Runs scripts of the users' own in locked worker processes: the language, the wall and the pool.

The *language half* is `policy` (what a script may say), `guards` and `library` (what it may touch);
the *process half* is `sandbox` (the facade), `pool`, `zygote`, `worker` and `lockdown`. What a script
is given by name comes from a vocabulary module (`vocabulary`), so this room knows no domain.

Nothing is re-exported here: `zygote` and `worker` import this package too, and must stay light.
"""
