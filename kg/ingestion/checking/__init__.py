"""From rows of text to a checked world, or to every problem in them at once."""
