"""Routes of the control function: catalogue, training, versions, promotion and documents. None loads a model."""
