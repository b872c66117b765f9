"""What is known of an account at an instant: tables, time, cohorts, outcomes, labels and features."""
