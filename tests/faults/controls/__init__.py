"""Designs broken on purpose, each as an application of its own that no product code can reach.

The harness has to catch every one, by the invariant that is named beside it.
"""
