-- Question: how do the samples of each source and metric arrive, and where do they stop for a while.
-- Parameters: $from and $to bigint, half-open.
-- Order: by source, metric and then the longest gap first; a metric without a gap has one row.
WITH instants AS (
    SELECT DISTINCT series.source, series.metric, sample.instant
    FROM sample
    JOIN series ON series.id = sample.series
    WHERE sample.instant >= $from AND sample.instant < $to
), spaced AS (
    SELECT source, metric, instant,
        lag(instant) OVER ordered AS before,
        instant - lag(instant) OVER ordered AS spacing
    FROM instants
    WINDOW ordered AS (PARTITION BY source, metric ORDER BY instant)
), compared AS (
    SELECT *,
        quantile_disc(spacing, 0.9) OVER (PARTITION BY source, metric ORDER BY instant
            ROWS BETWEEN 12 PRECEDING AND 1 PRECEDING) AS longest_before,
        count(spacing) OVER (PARTITION BY source, metric ORDER BY instant
            ROWS BETWEEN 12 PRECEDING AND 1 PRECEDING) AS count_before,
        quantile_disc(spacing, 0.9) OVER (PARTITION BY source, metric ORDER BY instant
            ROWS BETWEEN 1 FOLLOWING AND 12 FOLLOWING) AS longest_after,
        count(spacing) OVER (PARTITION BY source, metric ORDER BY instant
            ROWS BETWEEN 1 FOLLOWING AND 12 FOLLOWING) AS count_after
    FROM spaced
), gaps AS (
    SELECT source, metric, before AS gap_from, instant AS gap_to,
        greatest(longest_before, longest_after) AS around,
        row_number() OVER (PARTITION BY source, metric ORDER BY spacing DESC, instant) AS place
    FROM compared
    WHERE count_before >= 6 AND count_after >= 6 AND spacing > longest_before
        AND spacing > longest_after
), condensed AS (
    SELECT source, metric, count(*) AS instants, min(instant) AS first, max(instant) AS last,
        coalesce(quantile_disc(spacing, 0.5), 0) AS spacing,
        coalesce(quantile_disc(spacing, 0.9), 0) AS spacing_high
    FROM spaced
    GROUP BY source, metric
)
SELECT condensed.source, condensed.metric, condensed.instants::UBIGINT, condensed.first,
    condensed.last, condensed.spacing, condensed.spacing_high, gaps.gap_from, gaps.gap_to, gaps.around
FROM condensed
LEFT JOIN gaps ON gaps.source = condensed.source AND gaps.metric = condensed.metric
    AND gaps.place <= 20
ORDER BY condensed.source, condensed.metric, gaps.place;
