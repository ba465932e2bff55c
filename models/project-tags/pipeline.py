"""Fields of machine-learning projects: words weighted by TF-IDF, then one linear model a field."""

from __future__ import annotations

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import Pipeline

SPANISH_STOP_WORDS = {
    "al", "aunque", "cada", "como", "con", "cual", "cuando", "de", "del", "desde", "donde", "el", "ella", "ellas",
    "ellos", "en", "entre", "era", "eran", "es", "esa", "esas", "ese", "eso", "esos", "esta", "estas", "este",
    "esto", "estos", "está", "están", "fue", "ha", "han", "hasta", "hay", "la", "las", "le", "les", "lo", "los",
    "mediante", "muy", "más", "ni", "nos", "o", "para", "pero", "por", "porque", "que", "quien", "se", "sea",
    "según", "ser", "si", "sin", "sobre", "son", "su", "sus", "también", "tan", "te", "tiene", "todo", "todos",
    "tras", "tu", "un", "una", "unas", "uno", "unos", "y", "ya",
}  # fmt: skip


def build_pipeline(
    *,
    alpha: float = 1e-4,
    learning_rate: str = "adaptive",
    eta0: float = 0.5,
    max_iter: int = 1000,
    ngram_max: int = 1,
) -> Pipeline:
    """An unfitted pipeline over texts."""
    vectorizer = TfidfVectorizer(
        ngram_range=(1, ngram_max),
        stop_words=sorted(ENGLISH_STOP_WORDS | SPANISH_STOP_WORDS),
        sublinear_tf=True,
    )
    model = SGDClassifier(
        loss="log_loss",
        alpha=alpha,
        learning_rate=learning_rate,
        eta0=eta0,
        max_iter=max_iter,
        class_weight="balanced",
        random_state=1,
    )
    return Pipeline([("vectorizer", vectorizer), ("model", model)])
