"""The stages of a batch that need the training image, on Lambda."""
