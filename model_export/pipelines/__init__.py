"""scikit-learn pipelines: fitted here or by the user, converted, proven equal and measured."""
