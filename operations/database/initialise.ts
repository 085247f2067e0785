/** A program, not a module: makes the database directory named by its only argument and ends. Making one takes far more memory than using one. */
import { PGlite } from "@electric-sql/pglite";

const directory = process.argv[2];
if (!directory) throw new Error("usage: node initialise.ts DIRECTORY");
const database = await PGlite.create(directory);
await database.close();
