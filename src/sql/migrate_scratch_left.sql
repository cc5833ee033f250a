-- Whether nobody is connected to database $1.
SELECT NOT EXISTS (SELECT FROM pg_stat_activity AS a WHERE a.datname = $1)
