import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readToolCatalogue, type ToolCatalogue } from "#toolchain/tool-catalogue.ts";
import type { ToolName } from "#toolchain/tools.ts";

/** A temporary folder with a PATH, a cache and a catalogue of its own; programs in it are shell scripts. */
export class FakeTools {
  readonly folder: string = mkdtempSync(join(tmpdir(), "strata-tools-"));
  readonly bin: string = join(this.folder, "bin");
  readonly cache: string = join(this.folder, "cache");
  readonly environment: Readonly<Record<string, string>> = { PATH: `${this.bin}:/usr/bin:/bin`, HOME: this.folder, XDG_CACHE_HOME: this.cache };

  constructor() {
    mkdirSync(this.bin);
  }

  /** A program on PATH. */
  onPath(name: string, script: string): string {
    return this.#program(join(this.bin, name), script);
  }

  /** A program anywhere below the folder. */
  at(path: string, script: string): string {
    return this.#program(join(this.folder, path), script);
  }

  cached(name: ToolName, version: string): string {
    return this.#program(join(this.cache, "strata", "tools", name, version, name), "exit 0");
  }

  /** The real catalogue with a change to its text, beside a go.mod. */
  catalogue(change: (yaml: string) => string = (yaml) => yaml): ToolCatalogue {
    const real = readToolCatalogue();
    const file = join(this.folder, "tools.yaml");
    writeFileSync(file, change(readFileSync(real.file, "utf8")));
    writeFileSync(join(this.folder, "go.mod"), "module example.org/tools\n\ngo 1.26.0\n");
    return readToolCatalogue(file);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #program(path: string, script: string): string {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  }
}

/** A Go that says its version, lists one package and "builds" files that print what they are. */
export const goScript = (version = "go1.26.8"): string => `
case "$1" in
env) echo ${version} ;;
list) echo one/package ;;
build)
  while [ "$1" != "-o" ]; do shift; done
  out=$2; shift 2
  for package in "$@"; do
    echo "$package" >&2
    printf '#!/bin/sh\\necho built\\n' > "$out$(basename "$(echo "$package" | sed 's:/v[0-9]*$::')")"
  done ;;
esac`;
