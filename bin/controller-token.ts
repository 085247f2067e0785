import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StrataError } from "#core/errors.ts";

/** The token of a data folder's controller; made on first use, readable by its user alone. */
export async function controllerToken(dataFolder: string): Promise<string> {
  const file = join(dataFolder, "token");
  await writeFile(file, `${randomBytes(32).toString("base64url")}\n`, { flag: "wx", mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  const token = (await readFile(file, "utf8")).trim();
  if (token.length < 16)
    throw new StrataError(
      "data_folder_unusable",
      `${file} doesn't hold a token of at least 16 characters. Remove the file; a new one is made at the next start.`,
    );
  return token;
}
