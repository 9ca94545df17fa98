"""Parts of the sweep: canonical text, durable files, the store, claims, workers, what comes out."""
