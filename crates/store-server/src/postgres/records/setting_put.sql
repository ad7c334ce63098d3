-- Keeps a named value. Parameters: name, value: text.
INSERT INTO setting (name, value) VALUES ($name, $value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;
