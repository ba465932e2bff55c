"""scikit-learn services as tutorials and courses write them, each in one small file."""
