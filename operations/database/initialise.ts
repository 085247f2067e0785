/** A program, not a module: makes the database directory named by its only argument and ends. Making one takes far more memory than using one. */
import { PGlite } from "@electric-sql/pglite";
import { messageOf } from "#core/errors.ts";
import { isDiskFull } from "#operations/database/database-error.ts";

try {
  const database = await PGlite.create(process.argv[2]!);
  await database.close();
} catch (error) {
  process.stderr.write(isDiskFull(error) ? "ENOSPC: no space left on device" : messageOf(error));
  process.exitCode = 1;
}
