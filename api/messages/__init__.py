"""Catalogues of messages, Chinese and English: only the API, the command line and the console show text."""
