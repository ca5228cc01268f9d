"""The sandbox: foreign files are parsed in separate processes, with limits on memory and time."""
