"""From the bytes of a training file to the columns and cells that a model asks for, one step a module."""
