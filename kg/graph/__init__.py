"""The graph of a project: the verbs that Python users call."""
