-- Adds changes of counted tables to their summaries; the most deltas that one of them had, of 20,000 at once.
SELECT cabinet.counts_merge(20000)
