"""Recipes: profiles that people write as YAML files, read with their line numbers."""
