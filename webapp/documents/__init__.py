"""What is handed to people: QR codes, ticket sheets, and mails."""
