"""The function that imports the versions of an image into the registry, as a step of a deployment."""
