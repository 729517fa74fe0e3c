"""What a job is and how it may fail; standard library only."""
