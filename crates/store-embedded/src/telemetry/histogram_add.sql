-- Staged histograms of which none is held. Parameters: none.
INSERT INTO histogram
SELECT staged.* FROM stage_histogram AS staged
ANTI JOIN histogram AS held ON held.series = staged.series AND held.instant = staged.instant;
