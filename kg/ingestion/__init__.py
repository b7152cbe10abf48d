"""Any file to checked claims, or to every problem at once with its place and a hint."""
