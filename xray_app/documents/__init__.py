"""One result in a form that other people and systems read: HTML, PDF, DICOM."""
