"""Sources: one file for each way in which a model gets here."""
