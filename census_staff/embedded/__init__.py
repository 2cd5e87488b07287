"""The embedded default: PostgreSQL and Valkey from wheels, unless the environment names servers.

Standard library only, no Django: `dev.py` and the tests use it before settings can be read.
"""
