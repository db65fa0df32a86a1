"""What happens next to an alarm: pipelines and their blocks.

Today this room owns only the shape of pipelines in the configuration; running them is not built yet.
"""
