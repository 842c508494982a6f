"""The web face and the command line. Decides nothing; asks ``directory`` and ``scheduling``."""
