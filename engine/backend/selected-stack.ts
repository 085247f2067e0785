import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * Which stack commands mean that don't name one, per project and backend: `$PULUMI_HOME/workspaces/PROJECT-SHA1(project file)-workspace.json`. Mirrors
 * pulumi/pulumi:pkg/workspace/{workspace,settings}.go (v3.259.0).
 */
export class SelectedStack {
  readonly #file: string;
  readonly #backend: string;

  constructor(home: string, project: { readonly name: string; readonly file: string }, backend: string) {
    const hash = createHash("sha1").update(project.file).digest("hex");
    this.#file = join(home, "workspaces", `${project.name}-${hash}-workspace.json`);
    this.#backend = backend;
  }

  /** `organization/PROJECT/STACK`, or what an older version wrote; `undefined` when none is selected. */
  async get(): Promise<string | undefined> {
    const { stacks, stack } = await this.#read();
    return stacks?.[this.#backend] || stack || undefined;
  }

  async set(qualifiedName: string | undefined): Promise<void> {
    const { stacks = {}, stack: _former, ...rest } = await this.#read();
    const { [this.#backend]: _old, ...others } = stacks;
    const changed = qualifiedName === undefined ? others : { ...others, [this.#backend]: qualifiedName };
    const settings = { ...(Object.keys(changed).length ? { stacks: changed } : {}), ...rest };
    if (Object.keys(settings).length === 0) {
      await rm(this.#file, { force: true });
      return;
    }
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
    const temporary = `${this.#file}.${randomBytes(6).toString("hex")}.tmp`;
    await writeFile(temporary, JSON.stringify(settings, undefined, 4), { mode: 0o600 });
    await rename(temporary, this.#file);
  }

  async #read(): Promise<{ stacks?: Record<string, string>; stack?: string; [other: string]: unknown }> {
    const text = await readFile(this.#file, "utf8").catch(() => "{}");
    try {
      const settings = JSON.parse(text) as unknown;
      return typeof settings === "object" && settings !== null ? (settings as { stacks?: Record<string, string>; stack?: string }) : {};
    } catch {
      return {};
    }
  }
}
