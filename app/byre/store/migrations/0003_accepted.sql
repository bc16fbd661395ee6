-- Who invited stands in a room's row until the user has accepted it, and no longer.
UPDATE room SET requester_account = NULL, requester_device = NULL WHERE state NOT IN ('request', 'rejoining', 'jammed');
