-- Changes a mark. Parameters: 1 name text, 2 number bigint.
UPDATE telemetry_mark SET number = $2 WHERE name = $1;
