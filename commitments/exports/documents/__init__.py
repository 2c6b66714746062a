"""Documents to hand in: paragraphs and tables in one or more languages, written as DOCX."""
