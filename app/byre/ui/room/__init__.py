"""The room pane: header, banners, transcript, composer, drawer."""
