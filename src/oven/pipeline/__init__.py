"""How any job is carried out, whatever its kind and wherever it runs."""
