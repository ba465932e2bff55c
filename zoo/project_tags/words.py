"""The subjects of invented machine-learning projects and their wording, in English and Spanish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ByTag = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Language:
    """`templates` take a task, a tool and a place, with a capital letter or without; `vague` tasks tell nothing."""

    tasks: ByTag
    tools: ByTag
    templates: Sequence[str]
    places: Sequence[str]
    vague: Sequence[str]


ENGLISH_TASKS: ByTag = {
    "computer-vision": (
        "detecting ripe tomatoes", "segmenting roads in satellite images", "counting birds in drone photos",
        "reading number plates", "tracking players in football videos", "recognising hand gestures",
        "restoring old photographs", "estimating depth from one camera", "finding cracks in bridges",
        "classifying skin lesions", "generating synthetic faces", "spotting defects on a production line",
        "estimating the pose of dancers", "colouring black and white films", "removing rain from images",
        "image generation", "image classification",
    ),
    "natural-language-processing": (
        "summarising court rulings", "answering questions about scholarships", "translating Quechua",
        "detecting sarcasm in reviews", "extracting names from contracts", "grading short essays",
        "finding similar recipes by their wording", "correcting grammar", "labelling support tickets",
        "transcribing and indexing interviews", "measuring the sentiment of headlines", "generating poems",
        "linking mentions to an encyclopedia", "simplifying medical reports", "detecting hate speech",
        "text classification", "text generation",
    ),
    "mlops": (
        "deploying models without downtime", "versioning training data", "watching predictions for drift",
        "tracking experiments", "scheduling retraining", "serving features with low latency",
        "testing models before a release", "reproducing notebooks in containers", "rolling back a bad model",
        "sharing a registry of models", "logging requests and latencies", "packing models into functions",
    ),
    "other": (
        "recommending films", "playing a card game by self-play", "forecasting the demand for electricity",
        "embedding the nodes of a social network", "predicting the price of houses", "planning routes for couriers",
        "finding fraud in card payments", "teaching a robot to walk", "separating voices in a recording",
        "discovering groups of customers", "predicting the folding of proteins", "estimating the effect of a discount",
    ),
}  # fmt: skip
SPANISH_TASKS: ByTag = {
    "computer-vision": (
        "detección de tomates maduros", "segmentación de carreteras en imágenes de satélite",
        "recuento de aves en fotos de dron", "lectura de matrículas", "seguimiento de jugadores en vídeos de fútbol",
        "reconocimiento de gestos de la mano", "restauración de fotografías antiguas",
        "búsqueda de grietas en puentes", "clasificación de imágenes", "generación de caras sintéticas",
        "detección de defectos en una línea de producción", "estimación de la pose de bailarines",
    ),
    "natural-language-processing": (
        "resumen de sentencias judiciales", "respuestas a preguntas sobre becas", "traducción del quechua",
        "detección del sarcasmo en reseñas", "extracción de nombres en contratos", "corrección de redacciones",
        "búsqueda de recetas parecidas por su texto", "clasificación de textos",
        "análisis de sentimiento de titulares", "generación de poemas", "simplificación de informes médicos",
        "detección de mensajes de odio",
    ),
    "mlops": (
        "despliegue de modelos sin interrupciones", "control de versiones de los datos de entrenamiento",
        "vigilancia de la deriva de las predicciones", "registro de experimentos", "reentrenamiento programado",
        "pruebas de modelos antes de publicarlos", "cuadernos reproducibles en contenedores",
        "vuelta atrás tras un mal modelo", "un registro de modelos para varios equipos",
    ),
    "other": (
        "recomendación de películas", "un agente que aprende un juego de cartas", "previsión de la demanda eléctrica",
        "representación de los nodos de una red social", "predicción del precio de la vivienda",
        "planificación de rutas de reparto", "detección de fraude en pagos con tarjeta",
        "control de un robot que camina", "separación de voces en una grabación", "grupos de clientes",
    ),
}  # fmt: skip
ENGLISH_TOOLS: ByTag = {
    "computer-vision": (
        "a convolutional network",
        "generative adversarial networks",
        "YOLO",
        "OpenCV",
        "transfer learning",
    ),
    "natural-language-processing": ("transformers", "BERT", "word embeddings", "a language model", "transfer learning"),
    "mlops": ("Docker", "a feature store", "MLflow", "a CI pipeline", "Kubernetes", "serverless functions"),
    "other": ("gradient boosting", "reinforcement learning", "graph neural networks", "Bayesian models"),
}
SPANISH_TOOLS: ByTag = {
    "computer-vision": ("una red convolucional", "visión por computador", "YOLO", "OpenCV", "un modelo de difusión"),
    "natural-language-processing": ("transformers", "BERT", "vectores de palabras", "un modelo de lenguaje"),
    "mlops": ("Docker", "un almacén de características", "MLflow", "integración continua", "funciones sin servidor"),
    "other": ("árboles potenciados", "aprendizaje por refuerzo", "redes de grafos", "modelos bayesianos"),
}

ENGLISH = Language(
    tasks=ENGLISH_TASKS,
    tools=ENGLISH_TOOLS,
    templates=(
        "{Task} for {place}\n{Tool} does the work; the code runs on a laptop.",
        "{Task} with {tool}. A tutorial for beginners, with data and notebooks of {place}.",
        "How we went about {task}: lessons from a year with {tool} in {place}.",
        "{Task}: an open library built around {tool}, used by {place}.",
        "We compare {tool} with simpler baselines for {task}, and publish everything. Made at {place}.",
        "{Task}, explained step by step (weekend project for {place}, {tool} inside).",
    ),
    places=("a hospital", "a museum", "a farm", "a small town", "a school", "an online shop", "a newspaper", "a bank"),
    vague=("a first project of ours", "code of the workshop", "notes of a course", "an experiment that went well"),
)
SPANISH = Language(
    tasks=SPANISH_TASKS,
    tools=SPANISH_TOOLS,
    templates=(
        "{Task} para {place}\nUsamos {tool}; el código funciona en un portátil.",
        "{Task} con {tool}. Tutorial para principiantes, con datos y cuadernos de {place}.",
        "Qué aprendimos en un año de {task} con {tool} en {place}.",
        "{Task}: una biblioteca abierta basada en {tool}, que ya usa {place}.",
        "Comparamos {tool} con métodos más sencillos para {task}, ¡y lo publicamos todo! Hecho en {place}.",
        "{Task}, explicado paso a paso (proyecto de fin de semana para {place}, con {tool}).",
    ),
    places=("un hospital", "un museo", "una granja", "un pueblo", "una escuela", "una tienda", "un periódico"),
    vague=("nuestro primer proyecto", "código del taller", "apuntes de un curso", "un experimento que salió bien"),
)
