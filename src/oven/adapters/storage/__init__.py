"""Where finished objects are kept."""
