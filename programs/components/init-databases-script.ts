/**
 * Makes a role and a database for each file in /roles (name: the role, content: its password). Running it again changes nothing but passwords that differ.
 * Passwords are read inside psql, so that they never are arguments of a process.
 */
export const initDatabasesScript = String.raw`set -eu
until pg_isready --quiet; do sleep 1; done
for file in /roles/*; do
  role=$(basename "$file")
  psql --quiet --set=ON_ERROR_STOP=1 --set=role="$role" --set=file="$file" --dbname=postgres <<'SQL'
\set password ${"`"}cat :file${"`"}
SELECT format('CREATE ROLE %I LOGIN', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
ALTER ROLE :"role" WITH LOGIN PASSWORD :'password';
SELECT format('CREATE DATABASE %I OWNER %I', :'role', :'role') WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'role') \gexec
REVOKE ALL ON DATABASE :"role" FROM PUBLIC;
SQL
done
`;
