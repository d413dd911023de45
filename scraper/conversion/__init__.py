"""Convert feeds after a crawl: into Parquet, DuckDB, SQLite, CSV and Excel files.

Imports `output` and below. Start reading at `converter`.
"""
