"""The kinds of job, each as two pure functions over plain data."""
