"""Parts of ``theory.phases``."""
