-- Whether somebody moved the clock.
SELECT EXISTS (SELECT FROM cabinet.clock)
