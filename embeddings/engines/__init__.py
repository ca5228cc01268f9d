"""Engines that run the model: OpenVINO, and PyTorch where OpenVINO cannot."""
