"""One file per change of the tables, numbered; made by `python -m tocsin.db.revision "what changes"`."""
