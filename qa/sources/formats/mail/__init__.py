"""Mail: messages with their attachments, and mailboxes; what others wrote in a message is told from what its sender did."""
