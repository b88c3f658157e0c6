"""The band itself, over Bluetooth: the conversation, the link, what a person can tell it."""
