"""BERT for TensorFlow and Keras 3: raw text in, a SavedModel out."""
