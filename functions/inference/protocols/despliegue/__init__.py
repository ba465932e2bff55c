"""The project's own protocol: instances in, predictions in the envelope out."""
