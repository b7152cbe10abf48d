"""Check rows of text: return a world, or report every problem at once."""
