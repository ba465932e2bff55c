"""Fixtures that stand in a file of their own; those of the trained models are in tests/conftest.py."""

pytest_plugins = ["tests.object_storage", "tests.disks", "tests.selection"]
