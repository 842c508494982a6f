"""Questions about the directory, one file for each noun. They read; they never change."""
