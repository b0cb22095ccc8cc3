"""Serving exported SavedModels, without any model code."""
