-- Measures the bills that a file is part of: rows, days, newest export, hash of its last file.
-- Parameters: file: integer. Expects the indexes of charge.
UPDATE bill SET rows = measured.rows, days = measured.days,
    exported_at = measured.exported_at, content_hash = measured.content_hash
FROM (
    SELECT charge.bill, count(*) AS rows, count(DISTINCT charge.start_at / 86400000000) AS days,
        max(file.exported_at) AS exported_at, max(file.content_hash) AS content_hash
    FROM charge
    JOIN charge_file AS file ON file.id = charge.file
    WHERE charge.bill IN (SELECT bill FROM charge WHERE file = $file)
    GROUP BY charge.bill
) AS measured
WHERE bill.id = measured.bill;
