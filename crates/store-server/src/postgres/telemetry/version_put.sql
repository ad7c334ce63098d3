-- Raises the version of one kind. Parameters: kind: text; newest: bigint.
INSERT INTO telemetry_version VALUES ($kind, 1, $newest)
ON CONFLICT (kind) DO UPDATE SET number = telemetry_version.number + 1,
    newest = greatest(telemetry_version.newest, excluded.newest);
