"""scikit-learn pipelines: fitted or brought, converted, proven equal and measured."""
