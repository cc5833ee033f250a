-- Makes the partitions of this month and the next three; the count of those made.
SELECT cabinet.audit_partitions_ensure(3)
