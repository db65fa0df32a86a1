"""What would happen: pipelines played through at simulated times, with nobody being told for real.

The decisions are the running gateway's own: `advance` for the pipeline, the channels' pure decisions for
whose turn it is on the line. Simulated are time, and how each call and text ends. No database, no clock.
"""
