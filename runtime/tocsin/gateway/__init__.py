"""The composition root: one running tocsin, built from its rooms, started, reloaded and stopped.

Here protocols are bound, configuration sections collected and cross-checked. No rule of the product
stands in this room.
"""
