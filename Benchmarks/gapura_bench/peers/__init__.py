"""What Gapura is measured against."""
