"""What lies outside the window: tray, notifications, idle lock, rooms in windows of their own."""
