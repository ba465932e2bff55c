"""Question-answering models, fine-tuned from files of questions with their answers."""
