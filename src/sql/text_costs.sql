-- For some rows that hold a text, in an order: what comparing text costs, which the server takes for the price of any
-- other comparison.  Helpers of a query, and code made for it, are not worth their beginning.
SELECT set_config('cpu_operator_cost', '0.05', true),
       set_config('max_parallel_workers_per_gather', '0', true),
       set_config('jit', 'off', true)
