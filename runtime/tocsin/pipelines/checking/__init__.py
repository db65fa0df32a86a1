"""Checks of pipelines before anything runs: where blocks lead (`ways`), and what they hold (`contents`)."""
