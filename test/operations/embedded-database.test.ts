import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { StrataError } from "#core/errors.ts";
import { translateDatabaseError } from "#operations/database/database-error.ts";
import { openEmbeddedDatabase } from "#operations/database/embedded-database.ts";
import { refusal } from "#test/operations/test-controller.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "strata-database-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe("the embedded database", () => {
  test("is made in a private folder, and leaves nothing else there when it is closed", async () => {
    const dataFolder = join(root, "new", "data");
    const database = await openEmbeddedDatabase(dataFolder);
    expect((await stat(join(dataFolder, "database"))).mode & 0o777).toBe(0o700);
    await database.close();
    expect(await readdir(dataFolder)).toEqual(["database"]);
  });

  test("isn't opened where a folder can't be, and says so", async () => {
    await writeFile(join(root, "file"), "");
    const { code, detail } = await refusal(openEmbeddedDatabase(join(root, "file")));
    expect(code).toBe("data_folder_unusable");
    expect(detail).toContain(join(root, "file"));
    expect(detail).toContain("STRATA_HOME");
  });

  test("that is broken is refused, and its lock is given back", async () => {
    await writeFile(join(root, "database"), "not a folder");
    expect((await refusal(openEmbeddedDatabase(root))).code).toBe("data_folder_unusable");
    expect(await readdir(root)).toEqual(["database"]);
  });
});

describe("what a database says", () => {
  test.each([
    [{ code: "53100" }, "disk_full"],
    [{ code: "ENOSPC" }, "disk_full"],
    [{ name: "ErrnoError", errno: 51 }, "disk_full"],
    [{ code: "ECONNREFUSED" }, "database_unavailable"],
    [{ code: "08006" }, "database_unavailable"],
    [{ code: "28P01" }, "database_unavailable"],
  ])("%j is told as %s", (said, code) => {
    expect(translateDatabaseError(Object.assign(new Error("said"), said))).toMatchObject({ code, detail: expect.stringContaining("said") });
  });

  test("anything else stays what it is", () => {
    for (const error of [new Error("a fault"), new StrataError("unknown_system", "known"), "text"]) expect(translateDatabaseError(error)).toBe(error);
  });
});
