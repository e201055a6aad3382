"""Tables as people exchange them: CSV and workbooks in, rows of texts out, and the same way back."""
