"""Full-window pages: first run, linking, account creation, lock, and the phone's linking page."""
