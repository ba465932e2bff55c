"""The whole application on one machine: no AWS, no Docker."""
