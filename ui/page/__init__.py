"""The Gradio page: one module a tab."""
