"""Settings under which a tiny encoder learns in seconds."""

LIVELY = {"epochs": 6, "batch_size": 4, "learning_rate": 0.01, "seed": 1}
