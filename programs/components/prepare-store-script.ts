/**
 * Makes the buckets and, for each file in /policies, a policy and a user of that name whose secret key is in /users. Running it again changes nothing but
 * keys and policies that differ. The root user's and the users' keys are read from files and the environment, never given as arguments of a longer-lived process.
 */
export const prepareStoreScript = String.raw`set -eu
until mc alias set store "$STORE_URL" "$ROOT_USER" "$ROOT_PASSWORD" >/dev/null 2>&1; do sleep 1; done
for bucket in $BUCKETS; do mc mb --ignore-existing "store/$bucket"; done
for file in /policies/*.json; do
  user=$(basename "$file" .json)
  mc admin policy create store "$user" "$file"
  mc admin user add store "$user" "$(cat "/users/$user")"
  mc admin policy attach store "$user" --user "$user" || mc admin user info store "$user" --json | grep -q "\"policyName\":\"$user\""
done
`;
