"""Layout: the names of the files in a library's folder."""

DATABASE = "library.db"  # the truth
JOURNAL = "journal.db"
CALIBRATION = "calibration.json"
RUNS = "runs"  # a folder of runs
RUN = "run"  # what a run is called in its file
ORIGINALS = "originals"  # a folder of uploaded files, each named by its SHA-256
VECTORS = "vectors.faiss"  # a cache
WORDS = "words"  # a cache
LOCK = "library.lock"
