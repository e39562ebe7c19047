"""Drop folders: files that a hospital delivers are taken whole, hashed, archived and read."""
