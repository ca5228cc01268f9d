"""Calibration: confidence and refusals fitted to test questions."""
