"""Layout: the names of the files in a library's folder."""

DATABASE = "library.db"  # the truth
JOURNAL = "journal.db"
CALIBRATION = "calibration.json"
RUNS = "runs"  # a folder of runs
RUN = "run"  # what a run is called in its file
VECTORS = "vectors.faiss"  # a cache
WORDS = "words"  # a cache
LOCK = "library.lock"
