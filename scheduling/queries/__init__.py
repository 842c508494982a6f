"""Questions about schedules, one file for each noun. They read; they never add or change."""
