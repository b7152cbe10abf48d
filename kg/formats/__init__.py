"""Import and export every file format, by name."""

__all__ = ["import_project", "json_schema", "jsonld", "registry", "sarif", "shacl", "xml", "yaml_form"]
