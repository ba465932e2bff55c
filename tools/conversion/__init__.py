"""The matrix of docs/conversion.md: small pipelines through Despliegue and through skl2onnx, compared row by row."""
