"""Reference systems, their faults, their legal variants, and null systems."""
