"""The web application around the page: guard, login, limits."""
