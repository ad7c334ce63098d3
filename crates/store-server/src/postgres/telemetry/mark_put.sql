-- Sets a mark. Parameters: name: text; number: bigint.
INSERT INTO telemetry_mark VALUES ($name, $number)
ON CONFLICT (name) DO UPDATE SET number = excluded.number;
