-- Series with hours that wait to be rolled up again. Parameters, whole numbers written into the text:
-- asked: ids; from, to: hours. Order: none.
SELECT DISTINCT series FROM rollup_dirty
WHERE instant >= $from AND instant < $to AND series IN ($asked);
