"""What is measured, and how. Nothing here is installed or imported by the system."""
