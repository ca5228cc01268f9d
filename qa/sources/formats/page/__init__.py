"""What the loader of web pages takes from a parsed page: structured data, data of scripts, and the page put in order."""
