"""A person's way out, and back: nothing is held here that its owner cannot take away or delete.

- `export` a person's data as one zip · `contents`, `samples` its members · `tables` CSV, Parquet
- `backup`, `restore` the hub as a whole · `pack` the file of a backup · `sealed` its encryption
- `deleting`, `accounts`, `expiring` what shall go · `moving` to another database
"""
