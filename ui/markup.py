"""Markup for the page, made and escaped by `qa.markup` alone."""

from qa.markup import Html, element, escape, join

__all__ = ["Html", "element", "escape", "join"]
