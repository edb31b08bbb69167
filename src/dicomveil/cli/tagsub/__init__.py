"""The command `pfdicom_tagSub`, for scripts that call it: its options, its manual, its Python."""
