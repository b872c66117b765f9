"""Pages: one self-contained HTML file each, for people who work with what was published."""
