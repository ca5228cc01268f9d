"""From candidates to quotes: confidence, refusal, disagreements, citation status."""
