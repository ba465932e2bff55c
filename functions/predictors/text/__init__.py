"""Classification of texts: a vectorizer's terms, counted and weighted as scikit-learn does, and a graph over them."""
