"""Bytes: PS3.5, PS3.6 and PS3.10. This room has never heard of a patient or a rule."""
