"""Protocols, in which clients write requests to predict and read the answers: one package for each."""
