"""Long tests of media files."""
