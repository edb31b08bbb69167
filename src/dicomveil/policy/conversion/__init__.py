"""Scripts of other tools made into recipes: CTP's DICOM anonymizer, and pydicom's deid."""
