-- Another description of a series. Parameters: id: integer; signal, unit, series_type: text; factor:
-- double; description: bigint. Order: one row, the newest instant of the series.
UPDATE series SET signal = $signal, factor = $factor, unit = $unit, series_type = $series_type,
    description = $description
WHERE id = $id
RETURNING (SELECT max(instant) FROM sample WHERE sample.series = $id);
