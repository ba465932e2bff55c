"""Transformers of Despliegue for pipelines of scikit-learn: what a script imports, so each module is light."""
