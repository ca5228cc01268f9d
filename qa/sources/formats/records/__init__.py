"""Records: articles in JSON, JSON Lines and CSV, and tables of figures."""
