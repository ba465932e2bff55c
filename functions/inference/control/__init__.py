"""The control function's routes: catalogue, training, versions, promotion and documents. None loads a model."""
