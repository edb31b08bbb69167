"""Paperwork: how people ask for jobs, in files that anonapi reads and writes too."""
