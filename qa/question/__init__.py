"""From text and history to a query: intent, follow-up, spelling, filters."""
