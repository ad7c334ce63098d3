-- Version of decisions and rules: it rises with each row, since none is ever deleted. Parameters: none.
-- Order: one row.
SELECT (SELECT coalesce(max(id), 0) FROM decision)
        + (SELECT coalesce(max(version), 0) FROM rule_set),
    greatest((SELECT max(decided_at) FROM decision), (SELECT max(put_at) FROM rule_set));
