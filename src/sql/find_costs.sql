-- For finding all rows that hold a text, or many of them in any order: by a bitmap of the index wherever there is one.
-- The server takes a pattern match for the price of any other comparison and expects enough rows among the first it
-- reads, which takes three times as long.  Helpers of a query, and code made for it, are not worth their beginning.
SELECT set_config('enable_seqscan', 'off', true),
       set_config('enable_indexscan', 'off', true),
       set_config('max_parallel_workers_per_gather', '0', true),
       set_config('jit', 'off', true)
