-- Run with psql as a superuser; running it again changes nothing.
-- census_owner owns the database and migrates it; census_app is what web, worker and beat are.
-- CENSUS_OWNER_PASSWORD and CENSUS_APP_PASSWORD in the environment set the passwords.
\set ON_ERROR_STOP on
\getenv owner_password CENSUS_OWNER_PASSWORD
\getenv app_password CENSUS_APP_PASSWORD

SELECT format('CREATE ROLE %I LOGIN', name) FROM (VALUES ('census_owner'), ('census_app')) AS role (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

\if :{?owner_password}
ALTER ROLE census_owner PASSWORD :'owner_password';
\endif
\if :{?app_password}
ALTER ROLE census_app PASSWORD :'app_password';
\endif

SELECT 'CREATE DATABASE census OWNER census_owner ENCODING ''UTF8'' TEMPLATE template0'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'census')
\gexec
ALTER DATABASE census OWNER TO census_owner;

\connect census
SET ROLE census_owner;
\ir grants.sql
