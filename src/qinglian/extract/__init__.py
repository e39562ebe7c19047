"""A source's connection, its mapping SQL, windows and pseudonyms: from a hospital to Arrow."""
