-- cabinet migration
-- Revision: 0d7671ec66ca
-- Revises: 5c00154202ed
-- Create Date: 2026-11-28T13:23:00Z
-- Message: one index for search
-- Line: cabinet
-- Hazard: INDEX_DROPPED public.users_email_search (queries may have used it)
-- Hazard: INDEX_DROPPED public.users_username_search (queries may have used it)
-- Hazard: INDEX_BUILD public.users_search (the index is built)
-- Hazard: INDEX_DROPPED public.users_search (queries may have used it) on downgrade
-- Hazard: INDEX_BUILD public.users_email_search (the index is built) on downgrade
-- Hazard: INDEX_BUILD public.users_username_search (the index is built) on downgrade

-- upgrade no-transaction
CREATE INDEX CONCURRENTLY users_search ON public.users USING gin (email public.gin_trgm_ops, username public.gin_trgm_ops);
DROP INDEX CONCURRENTLY public.users_email_search;
DROP INDEX CONCURRENTLY public.users_username_search;

-- downgrade no-transaction
CREATE INDEX CONCURRENTLY users_email_search ON public.users USING gin (email public.gin_trgm_ops);
CREATE INDEX CONCURRENTLY users_username_search ON public.users USING gin (username public.gin_trgm_ops);
DROP INDEX CONCURRENTLY public.users_search;
