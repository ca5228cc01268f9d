"""From a query to ranked passages with scored sentences."""
