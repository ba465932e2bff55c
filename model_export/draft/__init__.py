"""A model folder written from a table, and from a pipeline if there is one."""
