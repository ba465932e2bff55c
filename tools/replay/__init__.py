"""A replay: requests that are recorded at one commit and sent again to another one, which must answer the same.

The project is driven from outside, by its commands, its HTTP interface and the handlers of its functions, so that the
replay works across commits that move everything inside.
"""
