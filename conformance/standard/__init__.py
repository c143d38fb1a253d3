"""What the standard says: editions, verbs, nouns, codes, schemas, requirements."""
