"""What people get: scores, reasons, decisions, lists."""
