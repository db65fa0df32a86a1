"""The numbered changes of the tables, and how they are run. Alembic is imported nowhere else."""
