"""Every way out and in, by name."""
